"""The geometry normaliser, against spherical computations that share no code with it."""

from __future__ import annotations

import json
import math
import struct
import time
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from kg.geometry import area_share, normalise
from ontology.errors import GeometryError
from tests.corpora import corpus

SPHERE = Geod(a=6_371_000.0, b=6_371_000.0)
EARTH_KM2 = 4 * math.pi * 6_371.0**2


def geodesic_area(geometry: Any) -> float:
    """Area on the sphere in km2, by pyproj: an independent computation."""
    return abs(SPHERE.geometry_area_perimeter(geometry)[0]) / 1e6


def cap_ring(lon: float, lat: float, radius: float, n: int = 72) -> list[list[float]]:
    """Positions of a circle on the sphere, counter-clockwise, written with longitudes in -180..180."""
    lons, lats, _ = SPHERE.fwd(
        np.full(n, lon), np.full(n, lat), -np.linspace(0, 360, n, endpoint=False), np.full(n, radius * 1e3)
    )
    ring = [[float(x), float(y)] for x, y in zip(lons, lats, strict=True)]
    return [*ring, ring[0]]


def polygon(*rings: Any) -> dict:
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def inside_cap(lon: Any, lat: Any, centre: Any, radius: Any) -> bool:
    return SPHERE.inv(lon, lat, *centre)[2] / 1e3 < radius


def covers(geometry: Any, lon: Any, lat: Any) -> bool:
    return any(geometry.covers(shapely.Point(lon + turn, lat)) for turn in (-360, 0, 360))


def check_form(geometry: Any) -> None:
    """The promises of the module: valid, inside the world, two-dimensional, shells counter-clockwise."""
    assert geometry.is_valid and not geometry.is_empty and not geometry.has_z
    west, south, east, north = geometry.bounds
    assert -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            assert part.exterior.is_ccw
            assert not any(hole.is_ccw for hole in part.interiors)


@settings(max_examples=150, deadline=None)
@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    radius=st.floats(50, 2500),
    clockwise=st.booleans(),
    start=st.integers(0, 71),
    shift=st.sampled_from([0.0, 360.0, -360.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_circles_anywhere_keep_their_area_and_their_points(
    lon: Any, lat: Any, radius: Any, clockwise: Any, start: Any, shift: Any, seed: Any
) -> None:
    """Circles over the antimeridian and over the poles: area and membership as on the sphere."""
    ring = cap_ring(lon, lat, radius)[:-1]
    ring = ring[start:] + ring[:start]
    if clockwise:
        ring.reverse()
    ring = [[x + shift, y] for x, y in ring]
    footprint = normalise(polygon([*ring, ring[0]]))
    check_form(footprint.geometry)
    exact = EARTH_KM2 * (1 - math.cos(radius / 6371.0)) / 2
    # area in the equal-area plane; edges are straight in degrees, so near a pole it differs by some per cent
    if abs(lat) + math.degrees(radius / 6371.0) < 80:
        dense = shapely.segmentize(footprint.geometry, 0.5)
        assert geodesic_area(dense) == pytest.approx(exact, rel=0.02)
    rng = np.random.default_rng(seed)
    for _ in range(40):
        x = float(rng.uniform(-180, 180))
        y = math.degrees(math.asin(rng.uniform(-1, 1)))
        distance = SPHERE.inv(x, y, lon, lat)[2] / 1e3
        if abs(distance - radius) < 0.12 * radius + 20 or abs(y) > 89:
            continue
        assert covers(footprint.geometry, x, y) == (distance < radius), (x, y, distance)


@settings(max_examples=100, deadline=None)
@given(st.floats(-89, 88), st.floats(0.1, 20), st.floats(-180, 180), st.floats(0.1, 170))
def test_boxes_have_the_area_of_their_zone(south: Any, height: Any, west: Any, width: Any) -> None:
    north = min(south + height, 90.0)
    east = west + width
    written = east - 360 if east > 180 else east
    footprint = normalise([west, south, written, north])
    check_form(footprint.geometry)
    zone = (math.sin(math.radians(north)) - math.sin(math.radians(south))) / 2 * width / 360
    flat = shapely.transform(footprint.geometry, lambda xy: np.column_stack([xy[:, 0], np.sin(np.radians(xy[:, 1]))]))
    assert flat.area / 720 == pytest.approx(zone, rel=1e-6, abs=1e-12)
    assert ("split at the antimeridian" in footprint.repairs) == (west < 180 - 1e-9 < 180 < east - 1e-9)


coordinates = st.tuples(
    st.floats(allow_nan=True, allow_infinity=True) | st.floats(-400, 400) | st.integers(-180, 180),
    st.floats(-95, 95) | st.integers(-90, 90),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(coordinates, max_size=12), max_size=3))
@example([[(0.0, -40), (-70.0, 9), (-155, 69)], [(0.0, 0.0), (0.0, 1), (181.0, 0.0)]])
@example([[(-133, 90.0), (48, 0.0)]])
@example([[(-6.873779166378796, 0.0), (1.0, 0.0), (0.0, 1.0), (174, 0.0)]])
def test_any_rings_give_a_sound_geometry_or_a_geometry_error(rings: Any) -> None:
    value = {"type": "Polygon", "coordinates": [[list(p) for p in ring] for ring in rings]}
    try:
        footprint = normalise(value)
    except GeometryError as error:
        assert error.remedy
        return
    check_form(footprint.geometry)
    again = normalise(footprint.geometry)
    # positions are rounded to 1e-9 degrees, so that outlines may move by that much along their whole length
    bound = max(1, footprint.geometry.area, footprint.geometry.length)
    assert again.geometry.symmetric_difference(footprint.geometry).area < 1e-9 * bound


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(-170, 170), st.floats(-85, 85)), min_size=3, max_size=30, unique=True))
def test_geojson_wkt_and_wkb_agree(points: Any) -> None:
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e-6 or hull.bounds[2] - hull.bounds[0] > 170:
        return
    forms = [
        json.loads(shapely.to_geojson(hull)),
        hull.wkb,
        hull.wkb.hex(),
        shapely.to_wkb(shapely.set_srid(hull, 4326), include_srid=True),
        shapely.to_wkt(hull, rounding_precision=-1),
    ]
    shapes = [normalise(form).geometry for form in forms]
    assert all(shape.symmetric_difference(hull).area < 1e-6 * hull.area + 1e-8 * hull.length for shape in shapes)


def test_the_antimeridian() -> None:
    ring = [[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]]
    for value in (polygon(ring), polygon(ring[::-1]), [170, -10, -170, 10], [170, -10, 190, 10], [-190, -10, -170, 10]):
        footprint = normalise(value)
        assert footprint.geometry.geom_type == "MultiPolygon"
        assert footprint.geometry.area == pytest.approx(400)
        assert "split at the antimeridian" in footprint.repairs
    line = normalise({"type": "LineString", "coordinates": [[170, 0], [-170, 10]]})
    assert line.geometry.wkt == "MULTILINESTRING ((170 0, 180 5), (-180 5, -170 10))"
    seam = normalise(polygon([[178, 0], [180, 0], [-180, 5], [178, 5], [178, 0]]))
    assert seam.geometry.area == pytest.approx(10)


def test_a_hole_crosses_with_its_shell() -> None:
    footprint = normalise(
        polygon(
            [[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]],
            [[178, -2], [178, 2], [-178, 2], [-178, -2], [178, -2]],
        )
    )
    assert footprint.geometry.area == pytest.approx(400 - 16)
    check_form(footprint.geometry)


@pytest.mark.parametrize("south", [False, True])
def test_polar_outlines_hold_their_pole(south: Any) -> None:
    sign = -1 if south else 1
    ring = [[lon, sign * 80] for lon in (0, 90, 180, -90, 0)]
    footprint = normalise(polygon(ring))
    assert footprint.geometry.bounds == (-180, -90, 180, -80) if south else (-180, 80, 180, 90)
    assert "closed an outline over the pole" in footprint.repairs
    corner = normalise(polygon([[170, 80], [-170, 80], [0, 90], [170, 80]]))
    assert corner.geometry.area == pytest.approx(200)


def test_wide_boxes_stay_wide_and_whole_worlds_are_flagged() -> None:
    assert normalise([-180, -90, 180, 90]).is_global
    assert normalise([0, -90, 360, 90]).is_global
    assert normalise([-180.125, -90.125, 179.875, 90.125]).is_global
    assert normalise([-179.99, -56, 179.99, 60]).is_global
    assert normalise(polygon([[-170, -80], [170, -80], [170, 80], [-170, 80], [-170, -80]])).is_global
    assert not normalise([-125, 24, -66, 49]).is_global
    assert not normalise([-180, 60, 180, 90]).is_global
    assert not normalise({"type": "Point", "coordinates": [0, 0]}).is_global
    assert area_share(normalise([-180, 0, 180, 90]).geometry) == pytest.approx(0.5)


def test_axis_order_is_turned_only_where_it_is_proven() -> None:
    proven = normalise(polygon([[45, 100], [46, 100], [46, 101], [45, 101], [45, 100]]))
    assert proven.geometry.bounds == (100, 45, 101, 46)
    assert "turned latitude-longitude into longitude-latitude" in proven.repairs
    plain = normalise(polygon([[45, 12], [46, 12], [46, 13], [45, 13], [45, 12]]))
    assert plain.geometry.bounds == (45, 12, 46, 13)
    assert normalise([40, 100, 41, 101]).geometry.bounds == (100, 40, 101, 41)
    epsg = normalise("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (48 16)")
    assert epsg.geometry.wkt == "POINT (16 48)"


@pytest.mark.parametrize(
    ("value", "kind", "repair"),
    [
        (polygon([[0, 0], [1, 0], [1, 1]]), "Polygon", "closed an open ring"),
        (polygon([[0, 0], [0, 1], [1, 1], [0, 0]]), "Polygon", "rewound to counter-clockwise"),
        (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "MultiPolygon", "made valid (self-intersections)"),
        (polygon([[0, 0], [0, 0], [0, 0], [0, 0]]), "Point", "made a degenerate polygon a line or point"),
        (polygon([[0, 0], [5, 5], [0, 0]]), "LineString", "made a degenerate polygon a line or point"),
        (polygon([[0, 0], [1, 0], [1, 0], [1, 1], [0, 0]]), "Polygon", "dropped repeated positions"),
        (polygon([[0, 0, 9], [1, 0, 9], [1, 1, 9], [0, 0, 9]]), "Polygon", "dropped heights"),
        ("POINT ZM (190 5 3 4)", "Point", "wrapped longitudes into -180..180"),
        ([1, 2, 1, 2], "Point", "made a degenerate bbox a line or point"),
        ([0, 5, 1, 2], "Polygon", "swapped south and north of the bbox"),
        ([180, -90, -180, 90], "Polygon", "swapped west and east of the bbox"),
        ([0, 1, 2, 3, 4, 5], "Polygon", "dropped heights"),
        (
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]] * 2},
            "Polygon",
            "dropped duplicate parts",
        ),
        (
            {"type": "GeometryCollection", "geometries": [None, {"type": "Point", "coordinates": [1, 2]}]},
            "Point",
            "dropped empty parts",
        ),
        ({"type": "MultiPoint", "coordinates": [[1, 2], [float("nan"), 3]]}, "Point", "dropped positions that are"),
    ],
)
def test_mends_are_named(value: Any, kind: Any, repair: Any) -> None:
    footprint = normalise(value)
    assert footprint.geometry.geom_type == kind
    assert any(text.startswith(repair) for text in footprint.repairs), footprint.repairs
    check_form(footprint.geometry)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": "1 2"},
        {"type": "Polygon", "coordinates": [1, 2]},
        {"type": "Point", "coordinates": [[1, 2]]},
        {"type": "Blob", "coordinates": [1, 2]},
        {"type": "GeometryCollection", "geometries": "none"},
        [1, 2, 3],
        [1, 2, "x", 4],
        [0, 0, math.inf, 1],
        [500000, 4000000, 600000, 5000000],
        "hello",
        "",
        "POINT EMPTY",
        "POLYGON EMPTY",
        "SRID=32633;POINT (1 2)",
        "<http://www.opengis.net/def/crs/EPSG/0/32633> POINT (1 2)",
        b"",
        b"\x01\x01",
        b"\x01\xff\xff\xff\xff" * 9,
        struct.pack("<BII", 1, 3, 2**31),
        42,
    ],
)
def test_what_is_no_footprint_is_refused_with_a_remedy(value: Any) -> None:
    with pytest.raises(GeometryError) as caught:
        normalise(value)
    assert caught.value.remedy


def test_deep_nesting_is_refused_and_does_not_kill_the_process() -> None:
    deep: dict = {"type": "Point", "coordinates": [0, 0]}
    for _ in range(5000):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    for value in (
        deep,
        "GEOMETRYCOLLECTION (" * 200_000 + "POINT (1 2)" + ")" * 200_000,
        struct.pack("<BII", 1, 7, 1) * 200_000 + struct.pack("<BIdd", 1, 1, 1.0, 2.0),
    ):
        with pytest.raises(GeometryError, match="nested deeper"):
            normalise(value)


def test_huge_and_tangled_outlines_end_in_time() -> None:
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    radius = 30 + rng.uniform(-0.5, 0.5, angle.size)
    coast = polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]).tolist())
    tangle = polygon(rng.uniform(-80, 80, (50_000, 2)).tolist())
    heap = {"type": "MultiPolygon", "coordinates": [[ring.tolist()] for ring in rng.uniform(-80, 80, (5_000, 4, 2))]}
    begin = time.process_time()
    simplified = normalise(coast)
    assert any("50000 vertices" in text for text in simplified.repairs)
    assert shapely.get_num_coordinates(simplified.geometry) <= 50_000
    assert simplified.geometry.area == pytest.approx(math.pi * 900, rel=0.01)
    assert any("convex hull" in text for text in normalise(tangle).repairs)
    check_form(normalise(heap).geometry)
    assert time.process_time() - begin < 30


def test_every_mgrs_tile_keeps_the_area_of_its_100_km_square() -> None:
    """19,002 real tile polygons, several hundred of them cut at the antimeridian."""
    duckdb = pytest.importorskip("duckdb")
    path = corpus("scenes-sentinel2-cloudsen12", "mgrs_tiles_opera_apache2.parquet")
    rows = duckdb.sql(f"select mgrs_tile_id, geometry from '{path}' where hash(mgrs_tile_id) % 20 = 0").fetchall()
    assert len(rows) > 500
    wgs84 = Geod(ellps="WGS84")
    for tile, wkb in rows:
        footprint = normalise(bytes(wkb))
        check_form(footprint.geometry)
        area = abs(wgs84.geometry_area_perimeter(footprint.geometry)[0]) / 1e6
        assert area == pytest.approx(109.8**2, rel=0.02), tile


_LON = st.one_of(st.floats(-185, 185), st.sampled_from([-180.0, 180.0, 0.0, 1.0]), st.floats(-3, 3))
_LAT = st.one_of(st.floats(-90.5, 90.5), st.sampled_from([-90.0, 90.0, 0.0, 1.0]), st.floats(-3, 3))


@given(st.lists(st.tuples(_LON, _LAT), min_size=3, max_size=7), st.booleans())
def test_the_short_way_of_plain_rings_gives_what_all_steps_give(ring: list[tuple[float, float]], closed: bool) -> None:
    value = polygon([list(one) for one in (*ring, ring[0])] if closed else [list(one) for one in ring])

    def outcome() -> object:
        try:
            found = normalise(value)
        except GeometryError as error:
            return error.message
        return found.wkb, found.repairs, found.is_global

    short = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.geometry._plain", lambda parts: None)
        assert outcome() == short
