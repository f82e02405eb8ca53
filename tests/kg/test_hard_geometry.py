"""Footprints that break others, against definitions on the sphere that share no code with the project.

Each shape is given as a record would write it, and as a rule that says for a point on the sphere whether it lies in
it. The normaliser, the index of scenes, the engine over the Parquet parts and the functions of queries must agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import shapely

from kg.geometry import normalise
from kg.home import Home, open_home, open_writer
from kg.scenes import Plan, Spatial
from kg.scenes.terms import Column
from kg.solutions import Solutions
from kg.virtual import ATTRIBUTES
from ontology.errors import GeometryError
from ontology.namespaces import expand
from ontology.records import Scene

Rule = Callable[[float, float], bool | None]
_POINTS = 60


def _vector(lon: float, lat: float) -> np.ndarray:
    a, b = math.radians(lon), math.radians(lat)
    return np.array([math.cos(b) * math.cos(a), math.cos(b) * math.sin(a), math.sin(b)])


def _cap(lon: float, lat: float, degrees: float) -> tuple[list[list[float]], Rule]:
    """A circle on the sphere: its outline, with longitudes from -180 to 180, and the angle to its centre."""
    centre = _vector(lon, lat)
    east = np.cross([0.0, 0.0, 1.0], centre)
    east /= np.linalg.norm(east)
    north = np.cross(centre, east)
    ring = []
    for turn in np.linspace(0, 2 * math.pi, 720, endpoint=False):
        at = math.cos(math.radians(degrees)) * centre + math.sin(math.radians(degrees)) * (
            math.cos(turn) * east + math.sin(turn) * north
        )
        ring.append([math.degrees(math.atan2(at[1], at[0])), math.degrees(math.asin(at[2]))])

    def rule(x: float, y: float) -> bool | None:
        angle = math.degrees(math.acos(float(np.clip(_vector(x, y) @ centre, -1, 1))))
        return None if abs(angle - degrees) < 0.3 else angle < degrees

    return [*ring, ring[0]], rule


def _box(west: float, south: float, east: float, north: float) -> Rule:
    """Between two meridians, eastwards from the first, and two parallels."""
    width = (east - west) % 360 or 360.0

    def rule(x: float, y: float) -> bool | None:
        along = (x - west) % 360
        if (min(along, abs(along - width), 360 - along) < 0.3 and width < 360) or min(
            abs(y - south), abs(y - north)
        ) < 0.3:
            return None
        return along < width and south < y < north

    return rule


def _either(*rules: Rule) -> Rule:
    def rule(x: float, y: float) -> bool | None:
        found = [one(x, y) for one in rules]
        return None if None in found else any(found)

    return rule


def _polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _dense(west: float, south: float, east: float, north: float, count: int) -> list[list[float]]:
    ring = shapely.segmentize(shapely.box(west, south, east, north).exterior, 2 * (east - west + north - south) / count)
    return [[float(x), float(y)] for x, y in ring.coords]


def _shapes() -> dict[str, tuple[Any, Rule]]:
    fiji, fiji_rule = _cap(179.0, -17.0, 8.0)
    arctic, arctic_rule = _cap(40.0, 88.0, 12.0)
    antarctic, antarctic_rule = _cap(-120.0, -85.0, 15.0)
    split = {"type": "MultiPolygon", "coordinates": [[_ring(170, -10, 180, 10)], [_ring(-180, -10, -165, 10)]]}
    far = {"type": "MultiPolygon", "coordinates": [[_ring(10, 40, 20, 50)], [_ring(-80, -40, -60, -30)]]}
    tall = [[[x, y, 500.0 + x] for x, y in _ring(100, 10, 120, 30)]]
    return {
        "jumping over the antimeridian": (_polygon(fiji), fiji_rule),
        "split at the antimeridian": (split, _box(170, -10, -165, 10)),
        "west beyond east": ([160.0, -30.0, -150.0, -10.0], _box(160, -30, -150, -10)),
        "longitudes beyond 180": (_polygon(_ring(175, 20, 195, 40)), _box(175, 20, 195, 40)),
        "round the north pole": (_polygon(arctic), arctic_rule),
        "round the south pole": (_polygon(antarctic), antarctic_rule),
        "whole world": (_polygon(_ring(-180, -90, 180, 90)), lambda x, y: True),
        "polar band": (_polygon(_ring(-180, 70, 180, 90)), _box(-180, 70, 180, 90)),
        "wrong way round": (_polygon(_ring(-20, -20, 0, 0)[::-1]), _box(-20, -20, 0, 0)),
        "two far parts": (far, _either(_box(10, 40, 20, 50), _box(-80, -40, -60, -30))),
        "with heights": ({"type": "Polygon", "coordinates": tall}, _box(100, 10, 120, 30)),
        "fifty thousand vertices": (_polygon(_dense(-60, 0, -30, 25, 50_000)), _box(-60, 0, -30, 25)),
        "text with measures": ("POLYGON ZM ((30 -30 1 1, 50 -30 1 1, 50 -10 1 1, 30 -10 1 1, 30 -30 1 1))",
                               _box(30, -30, 50, -10)),
    }  # fmt: skip


SHAPES = _shapes()


def _points() -> list[tuple[float, float]]:
    """Points all over the sphere, and around each shape."""
    rng = np.random.default_rng(4)
    found = [(float(rng.uniform(-180, 180)), math.degrees(math.asin(rng.uniform(-1, 1)))) for _ in range(_POINTS // 2)]
    near = [(179.9, -17.0), (-179.9, -17.0), (0.0, 89.5), (-150.0, 85.0), (60.0, -89.5), (-175.0, -20.0), (178.0, 30.0)]
    return [*found, *near, (-170.0, 30.0), (15.0, 45.0), (110.0, 20.0), (-45.0, 12.0), (40.0, -20.0), (-10.0, -10.0)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("hard")
    with open_writer(path) as writer:
        writer.add_scenes(
            Scene(id=name, collection="hard", geometry=normalise(written).wkb) for name, (written, _) in SHAPES.items()
        )
        writer.publish()
    with open_home(path) as opened:
        yield opened


@pytest.mark.parametrize("name", SHAPES)
def test_the_normaliser_keeps_what_lies_inside(name: str) -> None:
    written, rule = SHAPES[name]
    shape = normalise(written).geometry
    assert shape.is_valid and not shape.has_z
    assert shape.bounds[0] >= -180 and shape.bounds[2] <= 180
    for x, y in _points():
        wanted = rule(x, y)
        assert wanted is None or shape.intersects(shapely.Point(x, y)) == wanted, (x, y)


def test_index_engine_and_functions_agree_with_the_sphere(home: Home) -> None:
    identifier = ATTRIBUTES[expand("dct:identifier")].column
    checked = 0
    for x, y in _points():
        wanted = {name: rule(x, y) for name, (_, rule) in SHAPES.items()}
        plan = Plan((Column(identifier),), spatial=(Spatial("intersects", shapely.Point(x, y)),))
        point = f'"POINT({x!r} {y!r})"^^geo:wktLiteral'
        asked = "SELECT ?i {{ ?s a ed:Scene ; dct:identifier ?i ; geo:hasGeometry/geo:asWKT ?f FILTER({}) }}"
        queries = [f"geof:sfIntersects(?f, {point})", f"geof:sfContains(?f, {point}) || geof:sfTouches(?f, {point})"]
        queries.append(f"geof:distance({point}, ?f, uom:metre) <= 0")
        answers: list[set[Any]] = [{row[0] for row in home.scenes.run(plan)}]
        answers.append({row[0] for row in home.scenes.run_by_engine(plan)})
        for one in queries:
            found = home.query(asked.format(one))
            assert isinstance(found, Solutions) and not found.notes
            answers.append({str(getattr(row[0], "value", "")) for row in found.rows})
        for number, got in enumerate(answers):
            for name, is_in in wanted.items():
                assert is_in is None or (name in got) == is_in, (number, name, x, y)
                checked += is_in is not None
    assert checked > 2_000


@pytest.mark.parametrize(
    "written",
    [{"type": "Polygon", "coordinates": []}, "POLYGON EMPTY", {"type": "GeometryCollection", "geometries": []}, None],
)
def test_nothing_is_no_footprint(written: Any) -> None:
    with pytest.raises(GeometryError):
        normalise(written)


def test_invalid_rings_are_mended_to_what_they_enclose() -> None:
    bow = normalise(_polygon([[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]])).geometry
    assert bow.is_valid and bow.intersects(shapely.Point(9, 5)) and bow.intersects(shapely.Point(1, 5))
    assert not bow.intersects(shapely.Point(5, 9)) and not bow.intersects(shapely.Point(5, 1))
    spike = normalise(_polygon([[0, 0], [10, 0], [10, 10], [10, 20], [10, 10], [0, 10], [0, 0]])).geometry
    assert spike.is_valid and spike.area == pytest.approx(100)
