"""Topological relations by the laws of the nine-intersection model, and by the standard's own words."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.geosparql.relations import EGENHOFER, RCC8, SIMPLE
from kg.geosparql.shape import geometry
from kg.scenes import Spatial, hits
from tests.geosparql.terms import EPSG, call, wkt

# A coarse grid, so that shapes often touch, share edges and lie within one another.
_coord = st.integers(0, 6)
_point = st.tuples(_coord, _coord)
_boxes = st.tuples(_coord, _coord, st.integers(1, 5), st.integers(1, 5)).map(
    lambda b: shapely.box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)
_lines = st.lists(_point, min_size=2, max_size=4, unique=True).map(shapely.LineString)
_areas = st.one_of(
    _boxes,
    st.lists(_boxes, min_size=2, max_size=3).map(shapely.union_all),
    st.tuples(_boxes, _boxes).map(lambda p: shapely.difference(*p)).filter(lambda s: s.area > 0),
)
_any = st.one_of(
    _point.map(shapely.Point), _lines, _areas, st.lists(_point, min_size=1, max_size=4).map(shapely.MultiPoint)
)


def _holds(name: str, a: shapely.Geometry, b: shapely.Geometry) -> bool:
    return bool(call(name, wkt(a.wkt), wkt(b.wkt)))


@settings(max_examples=150, deadline=None)
@given(_any, _any)
def test_laws_of_simple_features(a: shapely.Geometry, b: shapely.Geometry) -> None:
    said = {name: _holds(name, a, b) for name in SIMPLE}
    back = {name: _holds(name, b, a) for name in SIMPLE}
    assert said["sfDisjoint"] is not said["sfIntersects"]
    assert said["sfWithin"] is back["sfContains"]
    for name in ("sfEquals", "sfDisjoint", "sfIntersects", "sfTouches", "sfOverlaps", "sfCrosses"):
        assert said[name] is back[name], name
    assert said["sfEquals"] is (said["sfWithin"] and said["sfContains"])
    assert sum(said[name] for name in ("sfDisjoint", "sfTouches", "sfOverlaps", "sfCrosses")) <= 1
    assert _holds("sfEquals", a, a)
    assert _holds("ehEquals", a, a)


# The standard's patterns are for regions in one piece without holes: what fills a hole of another and more has no part
# of its boundary outside of it, so `rcc8po` (TTTTTTTTT) does not hold, nor does any other.
_regions = _areas.filter(lambda shape: shape.geom_type == "Polygon" and not shape.interiors)


@settings(max_examples=150, deadline=None)
@given(_regions, _regions)
def test_between_areas_just_one_relation_of_a_family_holds(a: shapely.Geometry, b: shapely.Geometry) -> None:
    rcc = {name for name in RCC8 if _holds(name, a, b)}
    assert len(rcc) == 1
    eh = {name for name in EGENHOFER if _holds(name, a, b)}
    assert len(eh) == 1
    pairs = {
        "rcc8eq": "ehEquals", "rcc8dc": "ehDisjoint", "rcc8ec": "ehMeet", "rcc8po": "ehOverlap", "rcc8tppi": "ehCovers",
        "rcc8tpp": "ehCoveredBy", "rcc8ntpp": "ehInside", "rcc8ntppi": "ehContains",
    }  # fmt: skip
    assert {pairs[name] for name in rcc} == eh
    inverse = {"rcc8tpp": "rcc8tppi", "rcc8tppi": "rcc8tpp", "rcc8ntpp": "rcc8ntppi", "rcc8ntppi": "rcc8ntpp"}
    name = rcc.pop()
    assert _holds(inverse.get(name, name), b, a)


@settings(max_examples=80, deadline=None)
@given(_any, _any)
def test_relate_says_what_the_matrix_says(a: shapely.Geometry, b: shapely.Geometry) -> None:
    matrix = shapely.relate(a, b)
    assert call("relate", wkt(a.wkt), wkt(b.wkt), matrix) is True
    flipped = "".join("F" if one != "F" else "T" for one in matrix)
    assert call("relate", wkt(a.wkt), wkt(b.wkt), flipped) is False


@settings(max_examples=80, deadline=None)
@given(_any, _any)
def test_order_of_axes_and_kind_do_not_matter(a: shapely.Geometry, b: shapely.Geometry) -> None:
    swapped = shapely.transform(b, lambda c: c[:, ::-1])
    for name in (*SIMPLE, "ehOverlap", "rcc8po"):
        assert call(name, wkt(a.wkt), wkt(swapped.wkt, 4326)) is _holds(name, a, b)


@settings(max_examples=80, deadline=None)
@given(_any, st.lists(_any, min_size=1, max_size=5))
def test_footprints_in_columns_are_judged_alike(a: shapely.Geometry, footprints: list[shapely.Geometry]) -> None:
    import numpy as np

    constant = geometry(wkt(a.wkt))
    for relation, name in (
        ("intersects", "sfIntersects"),
        ("within", "sfWithin"),
        ("contains", "sfContains"),
        ("disjoint", "sfDisjoint"),
    ):
        found = hits([Spatial(relation, constant)], np.asarray(footprints, dtype=object))  # type: ignore[arg-type]
        assert found.tolist() == [_holds(name, one, a) for one in footprints]


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("sfTouches", "POINT(0 0)", "LINESTRING(0 0,1 1)", True),
        ("sfCrosses", "LINESTRING(-1 0,1 0)", "LINESTRING(0 -1,0 1)", True),
        ("sfOverlaps", "LINESTRING(0 0,2 0)", "LINESTRING(1 0,3 0)", True),
        ("ehMeet", "LINESTRING(0 0,1 0)", "LINESTRING(1 0,2 0)", True),
        ("ehInside", "POINT(1 1)", "POLYGON((0 0,2 0,2 2,0 2,0 0))", True),
        ("sfIntersects", "POINT EMPTY", "POINT(0 0)", False),
        ("sfDisjoint", "", "POINT(0 0)", True),
        # a bow tie covers its two wings
        ("sfContains", "POLYGON((0 0,2 2,2 0,0 2,0 0))", "POINT(1.8 1)", True),
        ("sfContains", "POLYGON((0 0,2 2,2 0,0 2,0 0))", "POINT(1 1.8)", False),
        # longitudes beyond 180 are positions some turns back
        ("sfContains", "POLYGON((170 0,190 0,190 10,170 10,170 0))", "POINT(-175 5)", True),
        ("sfContains", "POLYGON((170 0,190 0,190 10,170 10,170 0))", "POINT(175 5)", True),
        ("sfContains", "POLYGON((170 0,190 0,190 10,170 10,170 0))", "POINT(0 5)", False),
        ("sfContains", "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", "POINT(0 90)", False),
        ("sfIntersects", "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", "POINT(0 90)", True),
    ],
)  # fmt: skip
def test_single_cases(name: str, a: str, b: str, expected: bool) -> None:
    assert call(name, wkt(a), wkt(b)) is expected


def test_the_second_is_brought_into_the_system_of_the_first() -> None:
    vienna = wkt("POINT(601771 5340702)", 32633)
    box = wkt("POLYGON((48 16,49 16,49 17,48 17,48 16))", 4326)
    assert call("sfWithin", vienna, box) is True
    assert call("sfContains", box, vienna) is True
    assert call("sfWithin", vienna, wkt("POLYGON((16 48,17 48,17 49,16 49,16 48))")) is True
    assert call("sfWithin", wkt("POINT(16 48)", 4326), wkt("POINT(16 48)")) is False
    assert f"{EPSG}32633" == call("getSRID", vienna)
