"""Geometry literals: WKT, GML, GeoJSON and KML, in any system, from anyone."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.geosparql.cache import SizedCache
from kg.geosparql.shape import GML_LITERAL, shape_of
from ontology.errors import GeometryError
from ontology.terms import Literal
from tests.geosparql.terms import CRS84, EPSG, call, geojson, gml, kml, literal, wkt

_GML = 'xmlns:gml="http://www.opengis.net/gml/3.2"'
_RING = "<gml:LinearRing><gml:posList>0 0 4 0 4 3 0 0</gml:posList></gml:LinearRing>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("point(1 2)", "POINT (1 2)"),
        ("  POINT  ( 1   2 )\n", "POINT (1 2)"),
        (f"<{CRS84}> POINT(1 2)", "POINT (1 2)"),
        (f"<{CRS84}>POINT(1 2)", "POINT (1 2)"),
        (f"<{EPSG}4326> POINT(2 1)", "POINT (1 2)"),
        (f"<{EPSG}3857> POINT(0 0)", "POINT (0 0)"),
        ("POINT Z (1 2 3)", "POINT Z (1 2 3)"),
        ("PointZM(1 2 3 4)", "POINT ZM (1 2 3 4)"),
        ("POINT M (1 2 4)", "POINT M (1 2 4)"),
        ("", "GEOMETRYCOLLECTION EMPTY"),
        (f"<{EPSG}4326>", "GEOMETRYCOLLECTION EMPTY"),
        ("MULTIPOLYGON EMPTY", "MULTIPOLYGON EMPTY"),
        ("MULTIPOINT(1 2, 3 4)", "MULTIPOINT ((1 2), (3 4))"),
        ("TRIANGLE((0 0,1 0,1 1,0 0))", "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        ("TIN(((0 0,1 0,1 1,0 0)))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
    ],
)
def test_wkt_is_read(text: str, expected: str) -> None:
    assert shapely.to_wkt(shape_of(wkt(text)).geometry, rounding_precision=-1, output_dimension=4) == expected


@pytest.mark.parametrize(
    "system",
    ["urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG:6.9:4326", "EPSG:4326", f"{EPSG}4326",
     "https://www.opengis.net/def/crs/EPSG/9.9.1/4326"],
)  # fmt: skip
def test_names_of_one_system(system: str) -> None:
    assert call("asGeoJSON", wkt(f"<{system}> POINT(48 16)")) == '{"type":"Point","coordinates":[16.0,48.0]}'


def test_the_oldest_form_has_longitude_first() -> None:
    old = wkt("<http://www.opengis.net/gml/srs/epsg.xml#4326> POINT(16 48)")
    assert call("sfEquals", old, wkt("POINT(16 48)")) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'<gml:Point {_GML} srsName="{CRS84}"><gml:pos>1 2</gml:pos></gml:Point>', "POINT (1 2)"),
        (f'<gml:Point {_GML} srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>2 1</gml:pos></gml:Point>', "POINT (1 2)"),
        ('<Point xmlns="http://www.opengis.net/gml"><coordinates>1,2</coordinates></Point>', "POINT (1 2)"),
        ("<Point><coord><X>1</X><Y>2</Y></coord></Point>", "POINT (1 2)"),
        ('<Point><coordinates cs=" " ts=";" decimal=",">1,5 2;</coordinates></Point>', "POINT (1.5 2)"),
        (f'<gml:Point {_GML}><gml:pos srsDimension="3">1 2 3</gml:pos></gml:Point>', "POINT Z (1 2 3)"),
        (f"<gml:LineString {_GML}><gml:pos>0 0</gml:pos><gml:pos>1 1</gml:pos></gml:LineString>",
         "LINESTRING (0 0, 1 1)"),
        (f'<gml:LineString {_GML}><gml:posList srsDimension="3">0 0 5 1 1 6</gml:posList></gml:LineString>',
         "LINESTRING Z (0 0 5, 1 1 6)"),
        (f"<gml:Curve {_GML}><gml:segments><gml:LineStringSegment><gml:posList>0 0 1 1</gml:posList>"
         "</gml:LineStringSegment><gml:LineStringSegment><gml:posList>1 1 2 0</gml:posList></gml:LineStringSegment>"
         "</gml:segments></gml:Curve>", "LINESTRING (0 0, 1 1, 2 0)"),
        (f"<gml:Polygon {_GML}><gml:exterior>{_RING}</gml:exterior></gml:Polygon>", "POLYGON ((0 0, 4 0, 4 3, 0 0))"),
        ("<Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 4,0 4,3 0,0</coordinates></LinearRing>"
         "</outerBoundaryIs></Polygon>", "POLYGON ((0 0, 4 0, 4 3, 0 0))"),
        (f"<gml:Surface {_GML}><gml:patches><gml:PolygonPatch><gml:exterior>{_RING}</gml:exterior></gml:PolygonPatch>"
         "</gml:patches></gml:Surface>", "POLYGON ((0 0, 4 0, 4 3, 0 0))"),
        (f"<gml:MultiSurface {_GML}><gml:surfaceMember><gml:Polygon><gml:exterior>{_RING}</gml:exterior></gml:Polygon>"
         "</gml:surfaceMember></gml:MultiSurface>", "MULTIPOLYGON (((0 0, 4 0, 4 3, 0 0)))"),
        (f"<gml:MultiPoint {_GML}><gml:pointMembers><gml:Point><gml:pos>1 2</gml:pos></gml:Point><gml:Point><gml:pos>3"
         " 4</gml:pos></gml:Point></gml:pointMembers></gml:MultiPoint>", "MULTIPOINT ((1 2), (3 4))"),
        (f"<gml:MultiCurve {_GML}><gml:curveMember><gml:LineString><gml:posList>0 0 1 1</gml:posList></gml:LineString>"
         "</gml:curveMember></gml:MultiCurve>", "MULTILINESTRING ((0 0, 1 1))"),
        (f"<gml:MultiGeometry {_GML}><gml:geometryMember><gml:Point><gml:pos>1 2</gml:pos></gml:Point>"
         "</gml:geometryMember></gml:MultiGeometry>", "GEOMETRYCOLLECTION (POINT (1 2))"),
        (f"<gml:Envelope {_GML}><gml:lowerCorner>0 1</gml:lowerCorner><gml:upperCorner>2 3</gml:upperCorner>"
         "</gml:Envelope>", "POLYGON ((0 1, 2 1, 2 3, 0 3, 0 1))"),
        ("<Box><coordinates>0,1 2,3</coordinates></Box>", "POLYGON ((0 1, 2 1, 2 3, 0 3, 0 1))"),
        ("<MultiPoint/>", "MULTIPOINT EMPTY"),
        ("<MultiPolygon/>", "MULTIPOLYGON EMPTY"),
        ("<MultiLineString/>", "MULTILINESTRING EMPTY"),
        ("<MultiGeometry/>", "GEOMETRYCOLLECTION EMPTY"),
        ("<Polygon/>", "POLYGON EMPTY"),
        ("<Point/>", "POINT EMPTY"),
        ("", "GEOMETRYCOLLECTION EMPTY"),
    ],
)  # fmt: skip
def test_gml_is_read(text: str, expected: str) -> None:
    found = shape_of(gml(text)).geometry
    assert shapely.to_wkt(found, rounding_precision=-1, output_dimension=4) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<Point xmlns="http://www.opengis.net/kml/2.2"><coordinates>-83.38,33.95</coordinates></Point>',
         "POINT (-83.38 33.95)"),
        ("<Point><coordinates>1,2,3</coordinates></Point>", "POINT Z (1 2 3)"),
        ("<LineString><coordinates>\n 1,2\n 3,4 </coordinates></LineString>", "LINESTRING (1 2, 3 4)"),
        ("<MultiGeometry><Point><coordinates>1,2</coordinates></Point></MultiGeometry>", "MULTIPOINT ((1 2))"),
        ("", "GEOMETRYCOLLECTION EMPTY"),
    ],
)  # fmt: skip
def test_kml_is_read(text: str, expected: str) -> None:
    found = shape_of(kml(text)).geometry
    assert shapely.to_wkt(found, rounding_precision=-1, output_dimension=4) == expected


def test_geojson_is_read() -> None:
    assert shape_of(geojson('{"type":"Point","coordinates":[1,2]}')).geometry.wkt == "POINT (1 2)"
    assert shape_of(geojson('{"type":"Point","coordinates":[1,2,3]}')).geometry.wkt == "POINT Z (1 2 3)"
    assert shape_of(geojson('{"geometry": null}')).geometry.is_empty
    assert shape_of(geojson("")).geometry.is_empty


@pytest.mark.parametrize(
    "term",
    [
        wkt("POINT(1"), wkt("POINT(1 2) x"), wkt("POINT(1 nan)"), wkt("POINT(1 1e999)"), wkt("CIRCLE(0 0, 1)"),
        wkt("CIRCULARSTRING(0 0,1 1,2 0)"), wkt("POLYGON((0 0,1 0,1 1))"), wkt("LINESTRING(0 0)"), wkt("POINT(1,2)"),
        wkt("<http://example.org/crs> POINT(1 2)"), wkt(f"<{EPSG}99999> POINT(1 2)"), wkt("<http:// POINT(1 2)"),
        wkt(f"<{EPSG}5773> POINT(1 2)"), Literal("POINT(1 2)"), Literal("R3234", GML_LITERAL),
        Literal("CELLLIST ((R0 R10))", "http://www.opengis.net/ont/geosparql#dggsLiteral"),
        gml("<Point>"), gml("<Circle/>"), gml("<gml:Point/>"), gml("<Point><pos>1</pos></Point>"),
        gml("<Point><pos>a b</pos></Point>"), gml("<LineString><posList>0 0 1</posList></LineString>"),
        gml('<Curve><segments><Arc><posList>0 0 1 1 2 0</posList></Arc></segments></Curve>'),
        gml('<MultiPoint><pointMember xmlns:x="l" x:href="#p"/></MultiPoint>'),
        gml('<!DOCTYPE x [<!ENTITY a "b">]><Point><pos>1 2</pos></Point>'),
        gml('<!DOCTYPE x SYSTEM "file:///etc/passwd"><Point><pos>1 2</pos></Point>'),
        gml("<Point><pos>&a;</pos></Point>"),
        kml("<Model/>"), kml("<Point><coordinates>1</coordinates></Point>"), kml("{}"),
        geojson("{"), geojson("[]"), geojson("1"), geojson('{"type":"Circle"}'), geojson('{"type":"Point"}'),
        geojson('{"type":"FeatureCollection","features":[]}'),
        geojson('{"type":"Point","coordinates":[1,2],"crs":{"properties":{"name":"EPSG:3857"}}}'),
    ],
)  # fmt: skip
def test_bad_literals_are_clear_errors(term: Literal) -> None:
    with pytest.raises(GeometryError):
        shape_of(term)


@pytest.mark.parametrize(
    "term",
    [
        wkt("GEOMETRYCOLLECTION(" * 200_000 + "POINT(1 2)" + ")" * 200_000),
        wkt("(" * 200_000),
        gml("<MultiGeometry><geometryMember>" * 200_000),
        gml("<a>" * 200_000 + "</a>" * 200_000),
        kml("<MultiGeometry>" * 200_000),
        geojson('{"type":"GeometryCollection","geometries":[' * 200_000),
        geojson("[" * 200_000),
        wkt("POINT(1 2)" + " " * 10_000_000),
        wkt("MULTIPOINT(" + "1 2," * 2_500_000 + "1 2)"),
        gml("<MultiGeometry>" + "<a/>" * 1_500_000 + "</MultiGeometry>"),
        gml("<Point><pos>" + "1 " * 5_000_000 + "</pos></Point>"),
        geojson('{"type":"MultiPoint","coordinates":[' + "[1,2]," * 2_000_000 + "[1,2]]}"),
    ],
)
def test_hostile_literals_end_soon(term: Literal) -> None:
    began = time.process_time()
    with pytest.raises(GeometryError):
        shape_of(term)
    assert time.process_time() - began < 10.0


_numbers = st.floats(-80, 80).map(lambda x: round(x, 7))
_points = st.tuples(_numbers, _numbers)
_shapes = st.one_of(
    _points.map(shapely.Point),
    st.lists(_points, min_size=2, max_size=6, unique=True).map(shapely.LineString),
    st.lists(_points, min_size=1, max_size=4).map(shapely.MultiPoint),
    st.tuples(_numbers, _numbers, st.floats(0.1, 9), st.floats(0.1, 9)).map(
        lambda b: shapely.box(b[0], b[1], b[0] + b[2], b[1] + b[3]).difference(
            shapely.box(b[0] + b[2] / 4, b[1] + b[3] / 4, b[0] + b[2] / 2, b[1] + b[3] / 2)
        )
    ),
)


@settings(max_examples=60, deadline=None)
@given(_shapes, st.sampled_from(["asGML", "asKML", "asGeoJSON", "asWKT"]), st.sampled_from([None, 4326]))
def test_kinds_of_literals_keep_coordinates(shape: shapely.Geometry, way: str, epsg: int | None) -> None:
    given_ = literal("asWKT", wkt(shapely.to_wkt(shape, rounding_precision=-1), epsg))
    there = literal(way, given_)
    back = call("asWKT", literal("transform", literal("asWKT", there), call("getSRID", given_)))
    assert back == given_.value if epsg else back == f"<{call('getSRID', given_)}> {given_.value}"
    assert call("sfEquals", there, given_) is True


@settings(max_examples=60, deadline=None)
@given(_shapes, st.sampled_from([3857, 32633, 3035, 4258, 2154, 4807, 5514]))
def test_there_and_back_through_a_system(shape: shapely.Geometry, epsg: int) -> None:
    # Each within the area it is made for: beside it, PROJ may take another way back.
    scale, middle = {2154: (0.02, [3, 46]), 4807: (0.02, [3, 46]), 5514: (0.01, [15.5, 49.8])}.get(
        epsg, (0.05, [15, 48])
    )
    moved = shapely.transform(shape, lambda c: c * scale + middle)
    given_ = wkt(shapely.to_wkt(moved, rounding_precision=-1))
    there = literal("transform", given_, f"{EPSG}{epsg}")
    assert call("getSRID", there) == f"{EPSG}{epsg}"
    back = shape_of(literal("transform", there, CRS84)).geometry
    assert abs(shapely.get_coordinates(back) - shapely.get_coordinates(moved)).max() < 1e-6


def test_heights_and_measures_stay() -> None:
    assert call("transform", wkt("POINT ZM (16 48 200 7)"), f"{EPSG}4326") == f"<{EPSG}4326> POINT ZM (48 16 200 7)"
    assert call("asGML", wkt("POINT Z (16 48 200)")).count('srsDimension="3"') == 1  # type: ignore[union-attr]


def test_kinds_and_namespaces_of_results_are_those_of_the_first_argument() -> None:
    old = gml(
        f'<gml:Point xmlns:gml="http://www.opengis.net/ont/gml" srsName="{CRS84}"><gml:pos>1 2</gml:pos></gml:Point>'
    )
    found = literal("envelope", old)
    assert found.datatype == GML_LITERAL
    assert 'xmlns:gml="http://www.opengis.net/ont/gml"' in found.value
    assert literal("union", geojson('{"type":"Point","coordinates":[1,2]}'), old).datatype.endswith("geoJSONLiteral")
    assert str(literal("centroid", wkt("LINESTRING(0 0, 2 0)", 4326)).value).startswith(f"<{EPSG}4326>")


def test_the_cache_is_bounded_by_size() -> None:
    made = []
    cache: SizedCache[str, int] = SizedCache(lambda key: made.append(key) or len(key), len, 100)
    for number in range(50):
        cache(f"{number:010}")
    assert cache.held <= 100
    assert len(cache) == 10
    cache("x" * 101)
    assert cache.held <= 100
    count = len(made)
    cache(f"{49:010}")
    assert len(made) == count


def test_tangled_outlines_end_soon() -> None:
    rng = np.random.default_rng(1)
    ring = rng.uniform(-80, 80, (50_000, 2))
    tangled = wkt(shapely.Polygon(ring).wkt)
    began = time.process_time()
    with pytest.raises(GeometryError, match="crosses itself"):
        call("metricArea", tangled)
    assert time.process_time() - began < 10.0
