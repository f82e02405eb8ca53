"""Distances, lengths and areas against independent computations on the ellipsoid."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from kg.geosparql.measures import square_metres
from kg.geosparql.nearest import distance, distances
from ontology.errors import GeometryError
from ontology.terms import IRI
from tests.geosparql.terms import call, uom, wkt

_GEOD = Geod(ellps="WGS84")
_EARTH = 510_065_621_724_089.0  # m2 of the WGS 84 ellipsoid


def _sampled(shape: shapely.Geometry, step: float) -> np.ndarray:
    lines = shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape
    return shapely.get_coordinates(shapely.segmentize(lines, step))


def _brute(a: shapely.Geometry, b: shapely.Geometry) -> tuple[float, float]:
    """Least distance of samples along both outlines, and how far apart samples are."""
    extent = max(np.ptp(_sampled(one, 1000.0), axis=0).max() for one in (a, b))
    step = max(extent / 120, 1e-6)
    here, there = _sampled(a, step), _sampled(b, step)
    i, j = np.repeat(np.arange(len(here)), len(there)), np.tile(np.arange(len(there)), len(here))
    return float(_GEOD.inv(*here[i].T, *there[j].T)[2].min()), step * 111_700


def _shape(seed: int, width: float, x: float, y: float) -> shapely.Geometry:
    """A star, a line or a box of about a width, south-west corner given."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 9))
    angle = np.sort(rng.uniform(0, 2 * np.pi, count))
    reach = rng.uniform(0.2, 0.5, count)
    xy = np.column_stack([x + width * (0.5 + reach * np.cos(angle)), y + width * (0.5 + reach * np.sin(angle))])
    if seed % 3 == 0:
        return shapely.LineString(xy)
    if seed % 3 == 1:
        return shapely.box(x, y, x + width, y + width / 2)
    return shapely.make_valid(shapely.Polygon(xy))


_places = st.tuples(
    st.integers(0, 10_000), st.floats(-3, 1.3).map(lambda e: 10**e), st.floats(-180, 155), st.floats(-89, 65)
)


@settings(max_examples=40, deadline=None)
@given(_places, _places)
def test_distances_are_the_least_of_samples(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    a, b = _shape(*one), _shape(*other)
    found = distance(a, b)
    assert distance(b, a) == pytest.approx(found, rel=1e-6, abs=1e-3)
    assert distances(a, np.asarray([b, b], dtype=object)) == pytest.approx([found, found], rel=2e-6, abs=0.01)
    if shapely.intersects(a, b):
        assert found == 0.0
        return
    sampled, gap = _brute(a, b)
    assert found <= sampled * (1 + 1e-9) + 1e-3
    assert found >= sampled - gap * 1.5


@settings(max_examples=50, deadline=None)
@given(_places, st.floats(-180, 180), st.floats(-90, 90))
def test_distances_of_a_point(place: tuple, lon: float, lat: float) -> None:  # type: ignore[type-arg]
    shape, point = _shape(*place), shapely.Point(lon, lat)
    found = distance(point, shape)
    assert distances(point, np.asarray([shape], dtype=object))[0] == pytest.approx(found, rel=2e-6, abs=0.01)
    if not shapely.intersects(point, shape):
        sampled, gap = _brute(point, shape)
        assert sampled - gap <= found <= sampled * (1 + 1e-9) + 1e-3


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ("POINT(0 0)", "POINT(1 0)", 111319.49079327357),
        ("POINT(0 89)", "POINT(180 89)", 2 * 111693.9),
        ("POLYGON((170 0,179 0,179 5,170 5,170 0))", "POLYGON((-179 0,-170 0,-170 5,-179 5,-179 0))", 221797.3269),
        ("POLYGON((170 0,180 0,180 5,170 5,170 0))", "POLYGON((-180 0,-170 0,-170 5,-180 5,-180 0))", 0.0),
        ("POLYGON((-180 80,180 80,180 90,-180 90,-180 80))", "POINT(20 79)", 111_660),
        ("POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", "POINT(20 79)", 0.0),
        ("POLYGON((-180 50,180 50,180 60,-180 60,-180 50))", "POLYGON((-180 61,180 61,180 70,-180 70,-180 61))",
         111420.73),
    ],
)  # fmt: skip
def test_known_distances(a: str, b: str, metres: float) -> None:
    assert call("metricDistance", wkt(a), wkt(b)) == pytest.approx(metres, rel=1e-4, abs=0.01)


def test_large_outlines_are_measured_in_bounded_steps() -> None:
    angle = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    coast = shapely.Polygon(
        np.column_stack([20 + 30 * np.cos(angle) * (1 + 0.3 * np.sin(7 * angle)), 10 + 30 * np.sin(angle)])
    )
    other = shapely.Polygon(np.column_stack([-100 + 20 * np.cos(angle), 40 + 20 * np.sin(angle)]))
    near = min(_GEOD.inv(*np.asarray(coast.exterior.coords)[::50][k], -80.0, 40.0)[2] for k in range(0, 1000, 7))
    found = distance(coast, other)
    assert 0 < found <= near
    assert distances(coast, np.asarray([other, coast, shapely.Point(), None], dtype=object))[:2].tolist() == [
        pytest.approx(found, rel=2e-6), 0.0
    ]  # fmt: skip


def test_many_distances_miss_none() -> None:
    shapes = np.asarray([shapely.Point(1, 1), None, shapely.Point(), shapely.box(0, 0, 1, 1), shapely.box(3, 0, 4, 1)])
    found = distances(shapely.box(0, 0, 2, 2), shapes)
    assert np.isnan(found).tolist() == [False, True, True, False, False]
    assert found[[0, 3]].tolist() == [0.0, 0.0]
    assert found[4] == pytest.approx(_GEOD.inv(2, 1, 3, 1)[2], rel=1e-4)
    assert np.isnan(distances(shapely.Point(), shapes)).all()


@settings(max_examples=100, deadline=None)
@given(_places)
def test_areas_are_those_of_dense_geodesic_polygons(place: tuple) -> None:  # type: ignore[type-arg]
    shape = _shape(*place)
    areas = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    expected = sum(
        abs(_GEOD.geometry_area_perimeter(shapely.segmentize(part, min(0.01, place[1] / 100)))[0]) for part in areas
    )
    assert square_metres(shape) == pytest.approx(expected, rel=1e-5, abs=0.1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", _EARTH),
        ("POLYGON((-180 0,180 0,180 90,-180 90,-180 0))", _EARTH / 2),
        ("POLYGON((0 -90,90 -90,90 90,0 90,0 -90))", _EARTH / 4),
        ("POLYGON((170 -90,190 -90,190 90,170 90,170 -90))", _EARTH / 18),
        ("POLYGON((0 -90,90 -90,90 90,0 90,0 -90),(10 0,20 0,20 90,10 90,10 0))", _EARTH / 4 - _EARTH / 72),
        ("POINT(1 2)", 0.0),
        ("LINESTRING(0 0, 1 2)", 0.0),
        ("POLYGON EMPTY", 0.0),
    ],
)
def test_known_areas(text: str, expected: float) -> None:
    assert call("metricArea", wkt(text)) == pytest.approx(expected, rel=1e-9)


def test_areas_of_parts_add_up() -> None:
    a, b = shapely.box(0, 40, 30, 70), shapely.Polygon([(10, 30), (50, 60), (20, 80)])
    parts = sum(square_metres(one) for one in (shapely.intersection(a, b), shapely.difference(a, b)))
    assert parts == pytest.approx(square_metres(a), rel=1e-9)


def test_lengths_are_geodesics_from_vertex_to_vertex() -> None:
    line = "LINESTRING(-74 40.7, 0 51.5, 2.3 48.9)"
    expected = _GEOD.line_length([-74, 0, 2.3], [40.7, 51.5, 48.9])
    assert call("metricLength", wkt(line)) == pytest.approx(expected)
    assert call("length", wkt(line), uom("kilometre")) == pytest.approx(expected / 1000)
    box = "POLYGON((0 0,1 0,1 1,0 1,0 0),(0.2 0.2,0.4 0.2,0.4 0.4,0.2 0.4,0.2 0.2))"
    whole = abs(_GEOD.geometry_length(shapely.from_wkt(box)))
    rings = sum(abs(_GEOD.geometry_length(ring)) for ring in shapely.get_rings(shapely.from_wkt(box)))
    assert call("metricPerimeter", wkt(box)) == pytest.approx(rings)
    assert rings >= whole
    assert call("metricPerimeter", wkt(line)) == 0.0
    assert call("metricLength", wkt("POINT(1 2)")) == 0.0
    assert call("metricLength", wkt("LINESTRING(-180 60, 180 60)")) == pytest.approx(
        40_075_017 * 0.5 * 1.0025, rel=1e-2
    )


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        (uom("metre"), 1.0), (uom("kilometre"), 1000.0), (uom("statuteMile"), 1609.344), (uom("nauticalMile"), 1852.0),
        (IRI("http://www.opengis.net/def/uom/EPSG/0/9001"), 1.0), (IRI("urn:ogc:def:uom:EPSG::9036"), 1000.0),
        (IRI("http://www.opengis.net/def/uom/EPSG/0/9003"), 1200 / 3937),
        (IRI("http://qudt.org/vocab/unit/KiloM"), 1000.0),
        (IRI("http://qudt.org/vocab/unit/FT"), 0.3048),
    ],
)  # fmt: skip
def test_units_of_length(unit: IRI, size: float) -> None:
    a, b = wkt("POINT(0 0)"), wkt("POINT(1 0)")
    assert call("distance", a, b, unit) == pytest.approx(111319.49079327357 / size)
    utm = wkt("LINESTRING(500000 0, 500300 400)", 32633)
    assert call("length", utm, unit) == pytest.approx(500 / size)


def test_units_of_angle_and_area() -> None:
    a, b = wkt("POINT(0 0)"), wkt("POINT(3 4)")
    assert call("distance", a, b, uom("degree")) == 5.0
    assert call("distance", a, b, uom("radian")) == pytest.approx(math.radians(5))
    box = wkt("POLYGON((0 0,0.01 0,0.01 0.01,0 0.01,0 0))")
    metric = call("metricArea", box)
    assert call("area", box, uom("squareKilometre")) == pytest.approx(metric / 1e6)
    assert call("area", box, IRI("http://qudt.org/vocab/unit/HA")) == pytest.approx(metric / 1e4)
    assert call("area", box, uom("metre")) == call("area", box) == metric
    assert call("area", wkt("POLYGON((0 0,10 0,10 10,0 10,0 0))", 32633), uom("squareMetre")) == pytest.approx(100)
    for bad in (
        ("distance", a, b, uom("squareMetre")),
        ("area", box, uom("degrees")),
        ("distance", a, b, uom("furlong")),
    ):
        with pytest.raises(GeometryError):
            call(*bad)


def test_feet_of_a_projected_system_are_feet() -> None:
    plane = wkt("LINESTRING(6000000 2000000, 6001000 2000000)", 2227)  # California zone 3, US survey feet
    assert call("metricLength", plane) == pytest.approx(1000 * 1200 / 3937)
    assert call("metricDistance", wkt("POINT(6000000 2000000)", 2227), plane) == 0.0


def test_a_projected_first_geometry_is_measured_in_its_plane() -> None:
    web = wkt("POINT(0 8399737.889818)", 3857)  # 60 degrees north, where the plane is twice too wide
    assert call("metricDistance", web, wkt("POINT(1 60)")) == pytest.approx(111319.49, rel=1e-6)
    assert call("metricDistance", wkt("POINT(1 60)"), web) == pytest.approx(55800, rel=1e-3)


def test_empty_geometries_have_no_distance() -> None:
    with pytest.raises(GeometryError):
        call("metricDistance", wkt("POINT EMPTY"), wkt("POINT(0 0)"))
