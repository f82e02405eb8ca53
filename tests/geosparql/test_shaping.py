"""Geometries from geometries: set operations, hulls, buffers on the Earth, aggregates."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from kg.geosparql.buffers import buffer
from kg.geosparql.measures import square_metres
from kg.geosparql.nearest import distances
from kg.geosparql.registry import AGGREGATES
from kg.geosparql.shape import shape_of
from kg.oxigraph import OxigraphStore
from kg.solutions import Solutions
from ontology.errors import GeometryError
from ontology.terms import Literal
from tests.geosparql.terms import EPSG, call, geojson, literal, uom, wkt

_GEOD = Geod(ellps="WGS84")
_RADIUS = 6_371_008.8


def _result(name: str, *args: Literal | float | str) -> shapely.Geometry:
    return shape_of(literal(name, *args)).geometry


_coord = st.integers(0, 6)
_boxes = st.tuples(_coord, _coord, st.integers(1, 5), st.integers(1, 5)).map(
    lambda b: shapely.box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@settings(max_examples=60, deadline=None)
@given(_boxes, _boxes)
def test_laws_of_sets(a: shapely.Geometry, b: shapely.Geometry) -> None:
    one, other = wkt(a.wkt), wkt(b.wkt)
    area = {name: _result(name, one, other).area for name in ("union", "intersection", "difference", "symDifference")}
    assert area["union"] + area["intersection"] == pytest.approx(a.area + b.area)
    assert area["difference"] == pytest.approx(a.area - area["intersection"])
    assert area["symDifference"] == pytest.approx(area["union"] - area["intersection"])


def test_set_operations_are_in_the_system_of_the_first() -> None:
    a, b = wkt("POLYGON((0 0,0 2,2 2,2 0,0 0))", 4326), wkt("POLYGON((1 0,3 0,3 1,1 1,1 0))")
    found = literal("intersection", a, b)
    assert found.value.startswith(f"<{EPSG}4326>")
    assert call("sfEquals", found, wkt("POLYGON((1 0,2 0,2 1,1 1,1 0))")) is True
    utm = wkt("POLYGON((500000 0,600000 0,600000 100000,500000 100000,500000 0))", 32633)
    assert literal("union", utm, wkt("POINT(15.1 0.5)")).value.startswith(f"<{EPSG}32633> POLYGON")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("boundary", "POLYGON((0 0,1 0,1 1,0 0))", "LINESTRING (0 0, 1 0, 1 1, 0 0)"),
        ("boundary", "LINESTRING(0 0,1 1)", "MULTIPOINT ((0 0), (1 1))"),
        ("boundary", "POINT(0 0)", "GEOMETRYCOLLECTION EMPTY"),
        ("centroid", "MULTIPOINT(0 0,2 2)", "POINT (1 1)"),
        ("centroid", "POLYGON((0 0,4 0,4 2,0 2,0 0))", "POINT (2 1)"),
        ("envelope", "LINESTRING(0 1,2 3)", "POLYGON ((0 1, 0 3, 2 3, 2 1, 0 1))"),
        ("envelope", "POINT(1 2)", "POINT (1 2)"),
        ("convexHull", "MULTIPOINT(0 0,4 0,4 4,0 4,2 2)", "POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))"),
        ("concaveHull", "MULTIPOINT(0 0,4 0,2 0)", "LINESTRING (0 0, 4 0)"),
        ("convexHull", "POINT EMPTY", "GEOMETRYCOLLECTION EMPTY"),
        ("centroid", "POLYGON EMPTY", "POINT EMPTY"),
    ],
)
def test_known_shapes(name: str, text: str, expected: str) -> None:
    found, wanted = _result(name, wkt(text)), shapely.from_wkt(expected)
    assert found.equals(wanted) or (found.is_empty and wanted.is_empty)
    assert found.geom_type == wanted.geom_type or found.is_empty


def test_concave_hulls_lie_between_points_and_convex_hull() -> None:
    points = wkt("MULTIPOINT(0 0,6 0,6 6,0 6,1 3,3 1,3 5,1 1,1 5)")
    convex = _result("convexHull", points)
    tight, loose = _result("concaveHull", points, 0.1), _result("concaveHull", points, 1.0)
    assert loose.equals(convex)
    assert tight.area < convex.area
    assert convex.covers(tight)
    assert _result("concaveHull", points, 100.0).equals(convex)
    with pytest.raises(GeometryError):
        call("concaveHull", points, -0.5)


def test_bounding_circles_hold_the_shape() -> None:
    circle = _result("boundingCircle", wkt("POLYGON((0 0,4 0,4 3,0 0))"))
    assert circle.buffer(0.02).covers(shapely.from_wkt("POLYGON((0 0,4 0,4 3,0 0))"))
    assert circle.area == pytest.approx(np.pi * 2.5**2, rel=0.01)


def test_accessors() -> None:
    multi = wkt("MULTIPOINT Z (1 2 3,4 5 6)")
    assert call("geometryType", multi) == "http://www.opengis.net/ont/sf#MultiPoint"
    assert literal("geometryType", multi).datatype.endswith("#anyURI")
    assert call("geometryType", wkt("TRIANGLE((0 0,1 0,1 1,0 0))")) == "http://www.opengis.net/ont/sf#Triangle"
    assert call("numGeometries", multi) == 2
    assert call("geometryN", multi, 2) == "POINT Z (4 5 6)"
    assert (call("dimension", multi), call("coordinateDimension", multi), call("spatialDimension", multi)) == (0, 3, 3)
    assert call("coordinateDimension", wkt("POINT ZM (1 2 3 4)")) == 4
    assert (call("is3D", multi), call("isMeasured", multi), call("isEmpty", multi)) == (True, False, False)
    assert [call(name, multi) for name in ("minX", "maxX", "minY", "maxY", "minZ", "maxZ")] == [1, 4, 2, 5, 3, 6]
    assert literal("minX", multi).datatype.endswith("#double")
    assert call("minX", wkt("POINT(48 16)", 4326)) == 16.0
    assert (call("isSimple", wkt("LINESTRING(0 0,2 2,2 0,0 2)")), call("isSimple", wkt("LINESTRING(0 0,1 1)"))) == (
        False,
        True,
    )
    for bad in (
        ("geometryN", multi, 3),
        ("geometryN", multi, 0),
        ("minZ", wkt("POINT(1 2)")),
        ("minX", wkt("POINT EMPTY")),
    ):
        with pytest.raises(GeometryError):
            call(*bad)
    with pytest.raises(GeometryError):
        call("asDGGS", multi, "http://example.org/grid")
    with pytest.raises(GeometryError):
        call("transform", geojson('{"type":"Point","coordinates":[1,2]}'), f"{EPSG}3857")


# --- buffers ------------------------------------------------------------------------------------------------------


def _cap(radius: float) -> float:
    return 2 * np.pi * _RADIUS**2 * (1 - np.cos(radius / _RADIUS))


@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (16, 48), (179.9, 60), (-180, -30), (30, 89.5), (0, 90), (77, -90)])
@pytest.mark.parametrize("radius", [10.0, 50_000.0, 2_000_000.0, 4_900_000.0])
def test_buffers_of_points_are_circles_on_the_earth(lon: float, lat: float, radius: float) -> None:
    found = shape_of(literal("metricBuffer", wkt(f"POINT({lon} {lat})"), radius)).crs84
    assert square_metres(found) == pytest.approx(_cap(radius), rel=0.01)
    rng = np.random.default_rng(1)
    azimuth = rng.uniform(-180, 180, 60)
    for share, inside in ((0.985, True), (1.015, False)):
        x, y, _ = _GEOD.fwd(np.full(60, float(lon)), np.full(60, float(lat)), azimuth, np.full(60, radius * share))
        assert (shapely.intersects_xy(found, x, y) == inside).all()


@pytest.mark.parametrize(
    "text",
    [
        "LINESTRING(-60 10, 60 40)",
        "POLYGON((-30 -20,60 -30,50 50,10 20,-20 60,-30 -20))",
        "MULTIPOLYGON(((170 -20,180 -20,180 40,170 40,170 -20)),((-180 -20,-150 -20,-150 40,-180 40,-180 -20)))",
        "POLYGON((-180 70,180 70,180 90,-180 90,-180 70))",
        "MULTIPOINT(0 0, 120 50, -120 -60)",
        "GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(100 10, 140 60))",
        "POLYGON((0 0,40 0,40 40,0 40,0 0),(10 10,30 10,30 30,10 30,10 10))",
    ],
)
@pytest.mark.parametrize("radius", [5_000.0, 1_500_000.0])
def test_buffers_of_wide_shapes_hold_what_is_near(text: str, radius: float) -> None:
    shape = shapely.from_wkt(text)
    found = buffer(shape, radius)
    assert found.is_valid
    rng = np.random.default_rng(3)
    line = shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape
    coords = shapely.get_coordinates(shapely.segmentize(line, 5.0))
    near = coords[rng.integers(0, len(coords), 150)]
    x, y, _ = _GEOD.fwd(near[:, 0], near[:, 1], rng.uniform(-180, 180, 150), rng.uniform(0, 2.2, 150) * radius)
    metres = distances(shape, shapely.points(x, y))
    inside = shapely.intersects_xy(found, x, y)
    sure = np.abs(metres / radius - 1.0) > 0.015
    assert (inside[sure] == (metres[sure] <= radius)).all()


def test_negative_buffers_shrink_but_not_at_the_antimeridian() -> None:
    halves = wkt("MULTIPOLYGON(((170 0,180 0,180 10,170 10,170 0)),((-180 0,-170 0,-170 10,-180 10,-180 0)))")
    found = shape_of(literal("metricBuffer", halves, -50_000.0)).geometry
    assert shapely.intersects_xy(found, [179.99, -179.99, 170.2, 175], [5, 5, 5, 0.2]).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert shape_of(literal("metricBuffer", wkt("POINT(0 0)"), -5.0)).geometry.is_empty


def test_buffers_by_unit_and_system() -> None:
    assert _result("buffer", wkt("POINT(0 0)"), 1.0, uom("degree")).area == pytest.approx(np.pi, rel=0.01)
    utm = literal("buffer", wkt("POINT(500000 100000)", 32633), 1.0, uom("kilometre"))
    assert shape_of(utm).geometry.area == pytest.approx(np.pi * 1e6, rel=0.01)
    assert call("getSRID", utm) == f"{EPSG}32633"
    nad = literal("buffer", wkt("POINT(40 -100)", 4269), 10.0, uom("kilometre"))
    assert call("getSRID", nad) == f"{EPSG}4269"
    assert call("metricArea", nad) == pytest.approx(np.pi * 1e8, rel=0.01)
    for bad in (
        ("metricBuffer", wkt("POINT EMPTY"), 1.0),
        ("metricBuffer", wkt("POINT(0 0)"), 6e6),
        ("buffer", wkt("POINT(0 0)"), "x", uom("metre")),
    ):
        with pytest.raises(GeometryError):
            call(*bad)


# --- aggregates ---------------------------------------------------------------------------------------------------


def _store() -> OxigraphStore:
    store = OxigraphStore.memory()
    store.load(
        b"""@prefix e: <http://e/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
        e:a e:in e:x ; geo:asWKT "POLYGON((0 0,2 0,2 2,0 2,0 0))"^^geo:wktLiteral .
        e:b e:in e:x ; geo:asWKT "<EPSG:4326> POLYGON((1 1,1 3,3 3,3 1,1 1))"^^geo:wktLiteral .
        e:c e:in e:y ; geo:asWKT "POINT(9 9)"^^geo:wktLiteral .
        e:d e:in e:y ; geo:asWKT "POINT(9"^^geo:wktLiteral .""",
        "text/turtle",
    )
    return store


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("aggBoundingBox", 9.0),
        ("aggUnion", 7.0),
        ("aggConvexHull", 8.0),
        ("aggCentroid", 0.0),
        ("aggBoundingCircle", 14.1),
    ],
)
def test_aggregates_by_group(name: str, area: float) -> None:
    found = _store().query(
        f"PREFIX e: <http://e/> SELECT ?g (geof:{name}(?w) AS ?all) "
        "{ ?s e:in ?g ; geo:asWKT ?w } GROUP BY ?g ORDER BY ?g"
    )
    assert isinstance(found, Solutions)
    first, second = found.column("all")
    assert first is not None
    assert second is not None
    assert shape_of(first).geometry.area == pytest.approx(area, rel=0.01)
    assert shape_of(second).geometry.intersects(shapely.Point(9, 9))
    assert len(found.notes) == 1
    assert "POINT(9" in found.notes[0]


def test_an_aggregate_of_nothing_has_no_value() -> None:
    for name in AGGREGATES:
        found = _store().query(f"SELECT (geof:{name}(?w) AS ?all) {{ ?s <http://e/none> ?w }}")
        assert isinstance(found, Solutions)
        assert found.rows == ((None,),)
