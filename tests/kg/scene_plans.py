"""Random tables of scenes and random plans over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from kg.scenes.plan import Plan
from kg.scenes.spatial import Relation, Spatial
from kg.scenes.terms import (
    All,
    AnyOf,
    Apply,
    Boxes,
    Column,
    Compare,
    Const,
    Either,
    Figure,
    If,
    Known,
    Member,
    Not,
    NotNull,
    NotTrue,
    Order,
    Output,
    Scalar,
    SceneIn,
    Test,
    TextTest,
)
from ontology.records import Scene

Draw = Any
_BASE = datetime(2020, 1, 1, tzinfo=UTC)
TEXTS = ("collection", "platform", "product_type", "tile_id", "source")
LISTS = ("instrument", "polarisation", "band")
NUMBERS = ("relative_orbit", "cloud_cover", "sun_elevation", "resolution_m")
MOMENTS = ("start_time", "end_time", "ingestion_time")
_WORDS = ["", "a", "A", "sentinel-2a", "sentinel-2b", "é", "x/y z", "10", "zz"]
_COMPARES = ["=", "!=", "<", "<=", ">", ">="]

_coordinates = st.integers(-18, 18).map(lambda n: n * 10.0) | st.floats(-180, 180, width=32)
_moments = st.one_of(
    st.none(),
    st.integers(0, 40).map(lambda days: _BASE + timedelta(days=days)),
    st.integers(-(10**12), 10**12).map(lambda micros: _BASE + timedelta(microseconds=micros)),
)
_words = st.sampled_from(_WORDS)
_numbers = st.one_of(st.none(), st.integers(0, 10).map(float), st.floats(-1e6, 1e6), st.just(-0.0))


def footprint(rng: Random) -> bytes | None:
    """A box, a slanted quadrilateral, one on both sides of the antimeridian, another shape, the world, or nothing."""
    kind = rng.choice(["none", "box", "box", "quad", "quad", "across", "triangle", "hole", "world", "point"])
    x, y, w, h = rng.uniform(-170, 165), rng.uniform(-85, 80), rng.uniform(0.1, 12), rng.uniform(0.1, 5)
    x, y, w, h = (round(one, rng.choice([0, 3, 7, 12])) or 0.5 for one in (x, y, w, h))
    box: BaseGeometry = shapely.box(x, y, x + w, y + h)
    match kind:
        case "none":
            return None
        case "quad":
            box = shapely.Polygon([(x, y), (x + w, y + h / 3), (x + w * 1.1, y + h), (x + w / 5, y + h * 0.9)])
        case "across":
            box = shapely.union_all([shapely.box(180 - w, y, 180, y + h), shapely.box(-180, y, -180 + h, y + h)])
        case "triangle":
            box = shapely.Polygon([(x, y), (x + w, y), (x, y + h)])
        case "hole":
            box = box - shapely.box(x + w / 3, y + h / 3, x + w / 2, y + h / 2)
        case "world":
            box = shapely.box(-180, -90, 180, 90)
        case "point":
            box = shapely.Point(x, y)
    return bytes(box.wkb)


def table(seed: int) -> list[list[Scene]]:
    """Scenes in one to three parts: the higher the seed, the more, and the fewer of their values are odd."""
    rng = Random(seed)
    number = iter(range(10_000))
    return [[_scene(rng, next(number)) for _ in range(rng.randint(1, 5 + 20 * seed))] for _ in range(seed % 3 + 1)]


def _scene(rng: Random, number: int) -> Scene:
    def moment() -> datetime | None:
        kind = rng.randrange(5)
        if kind == 0:
            return None
        return _BASE + (
            timedelta(days=rng.randrange(40)) if kind < 3 else timedelta(microseconds=rng.randrange(10**12))
        )

    def some(*values: Any) -> Any:
        return rng.choice(values)

    def figure() -> Any:
        return some(None, float(rng.randrange(10)), rng.uniform(-1e6, 1e6), -0.0, round(rng.random() * 100, 2))

    start = moment()
    end = moment() if start is None or rng.random() < 0.3 else start + timedelta(seconds=rng.randrange(9))
    lists = [(), ("VV",), ("VV", "VH"), ("VH", "VH", ""), ("a,b", "é")]
    return Scene(
        id=some("S2A_MSIL2A_{:04d}", "LC08_{:03d}", "S1{:05d}é", "p{} q", "{:x}" + "y" * 20).format(number),
        collection=some("one", "two", "drei ü"),
        platform=some(None, *_WORDS),
        instrument=some(*lists),
        product_type=some(None, *_WORDS),
        polarisation=some(*lists),
        relative_orbit=some(None, rng.randrange(-3, 12), rng.randrange(-(2**31), 2**31)),
        tile_id=some(None, *_WORDS),
        cloud_cover=figure(),
        sun_elevation=figure(),
        resolution_m=some(10.0, 20.0, None),
        band=some(*lists),
        start_time=start,
        end_time=end,
        ingestion_time=moment(),
        geometry=footprint(rng),
        is_global=some(True, False),
        source=some(*_WORDS),
    )


# --- plans -----------------------------------------------------------------------------------------------------


def _const(draw: Draw, kind: str) -> Const:
    if kind == "text":
        return Const(draw(_words))
    if kind == "moment":
        one = draw(_moments) or _BASE
        return Const(int((one - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)))
    value = draw(_numbers)
    return Const(3.0 if value is None else value)


@st.composite
def scalars(draw: Draw, kind: str, depth: int = 1) -> Scalar:
    """A scalar of a kind: text, number or moment."""
    deeper = depth > 0 and draw(st.integers(0, 3)) == 0
    if kind == "text":
        if deeper:
            found: Scalar = draw(
                st.sampled_from([
                    Apply("lower", (Column("collection"),)), Apply("sensor iri", (Column("platform"),)),
                    Apply("scene iri"), Apply("coalesce", (Column("tile_id"), Column("platform"), Const("none"))),
                    If(NotNull(Column("platform")), Column("collection"), Column("tile_id")),
                ])
            )  # fmt: skip
            return found
        return Column(draw(st.sampled_from([*TEXTS, "id"])))
    if kind == "moment":
        return Column(draw(st.sampled_from(MOMENTS)))
    if deeper:
        part = draw(st.sampled_from(["year", "month", "day", "hour", "minute", "+", "-", "*", "if"]))
        if part == "if":
            return If(draw(tests(0)), Column("cloud_cover"), draw(st.sampled_from([None, Column("resolution_m")])))
        if part in ("+", "-", "*"):
            return Apply(part, (draw(scalars("number", 0)), draw(st.sampled_from([Const(2.0), Column("cloud_cover")]))))
        return Apply(part, (draw(scalars("moment", 0)),))
    return Column(draw(st.sampled_from(NUMBERS)))


@st.composite
def tests(draw: Draw, depth: int = 2) -> Test:
    """A test."""
    kinds = ["compare"] * 3 + ["time", "any", "known", "not null", "text", "boxes", "scene", "flag"]
    kind = draw(st.sampled_from(kinds + ["all", "either", "not", "not true"] * (depth > 0)))
    match kind:
        case "compare":
            of = draw(st.sampled_from(["text", "number", "moment"]))
            left, op = draw(scalars(of)), draw(st.sampled_from(_COMPARES))
            right = draw(scalars(of)) if draw(st.integers(0, 4)) == 0 else _const(draw, of)
            return Compare(op, right, left) if draw(st.booleans()) else Compare(op, left, right)
        case "time":
            one = Column(draw(st.sampled_from(["start_time", "start_time", "end_time"])))
            return Compare(draw(st.sampled_from(_COMPARES)), one, _const(draw, "moment"))
        case "any":
            name = draw(st.sampled_from([*TEXTS, *LISTS, *NUMBERS]))
            of = _numbers.filter(lambda one: one is not None) if name in NUMBERS else _words
            of = st.sampled_from(["VV", "VH", ""]) if name in LISTS else of
            return AnyOf(name, tuple(draw(st.lists(of, max_size=3))))
        case "known":
            return Known(draw(st.sampled_from([*TEXTS, *LISTS, *NUMBERS, *MOMENTS, "geometry", "is_global", "id"])))
        case "not null":
            return NotNull(draw(scalars(draw(st.sampled_from(["text", "number", "moment"])))))
        case "text":
            op = draw(st.sampled_from(["contains", "starts", "ends"]))
            return TextTest(op, draw(scalars("text")), Const(draw(_words)))
        case "boxes":
            return Boxes(tuple(draw(st.lists(_box(), max_size=2))))
        case "scene":
            pairs = st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(["S2A_MSIL2A_0003", "LC08_001", "no"]))
            return SceneIn(tuple(draw(st.lists(pairs, max_size=3))))
        case "flag":
            return Compare("=", Column("is_global"), Const(draw(st.booleans())))
        case "all" | "either":
            parts = tuple(draw(st.lists(tests(depth - 1), max_size=3)))
            return All(parts) if kind == "all" else Either(parts)
    part = draw(tests(depth - 1))
    return Not(part) if kind == "not" else NotTrue(part)


@st.composite
def _box(draw: Draw) -> tuple[float, float, float, float]:
    xs = sorted((draw(_coordinates), draw(_coordinates)))
    ys = sorted((draw(_coordinates) / 2, draw(_coordinates) / 2))
    return (xs[0], ys[0], xs[1], ys[1])


@st.composite
def spatials(draw: Draw) -> Spatial:
    """A condition on the footprint."""
    relation: Relation = draw(st.sampled_from(["intersects", "within", "contains", "disjoint", "distance"]))
    west, south, east, north = draw(_box())
    shape: Any = shapely.box(west, south, max(east, west + 0.5), max(north, south + 0.5))
    kind = draw(st.sampled_from(["box", "triangle", "across", "point"]))
    if kind == "triangle":
        shape = shapely.Polygon([(west, south), (east + 1, south), (west, north + 1)])
    elif kind == "across":
        shape = shapely.union_all([shapely.box(170, south, 180, 90), shapely.box(-180, south, -165, 90)])
    elif kind == "point" or relation == "distance":
        shape = shapely.Point(west, south)
    if relation == "distance":
        return Spatial("distance", shape, draw(st.floats(1.0, 2e6)), draw(st.booleans()))
    return Spatial(relation, shape)


@st.composite
def plans(draw: Draw) -> Plan:
    """A plan: rows, different rows, or aggregates."""
    where = tuple(draw(st.lists(tests(), max_size=3)))
    spatial = tuple(draw(st.lists(spatials(), max_size=1)))
    limit = draw(st.none() | st.integers(0, 12))
    offset = draw(st.sampled_from([0, 0, 0, 2]))
    outputs = scalars("text") | scalars("number") | scalars("moment") | st.sampled_from(LISTS).map(Column)
    kind = draw(st.sampled_from(["rows", "rows", "rows", "different", "groups", "groups", "members"]))
    if kind == "members":
        return Plan((Member(draw(st.sampled_from(LISTS))),), where, spatial, distinct=True)
    if kind in ("rows", "different"):
        select: tuple[Output, ...] = tuple(draw(st.lists(outputs, min_size=1, max_size=3)))
        if kind == "rows":
            select = (Column("collection"), Column("id"), Column("geometry"), *select)
        keys = [one for one in select if one not in (Column("geometry"), *map(Column, LISTS))]
        keys += [] if kind == "different" else [Column("start_time"), Column("start_time"), Column("cloud_cover")]
        order = tuple(Order(one, draw(st.booleans()), draw(st.booleans())) for one in _some(draw, keys))
        return Plan(select, where, spatial, (), False, order, limit, offset, kind == "different")
    keys = draw(st.lists(scalars("text") | scalars("number") | st.sampled_from(LISTS).map(Member), max_size=2))
    figures = draw(st.lists(_figures(), min_size=1, max_size=3))
    group = tuple(range(len(keys)))
    order = tuple(Order(one, draw(st.booleans()), draw(st.booleans())) for one in _some(draw, [*keys, figures[0]]))
    return Plan((*keys, *figures), where, spatial, group, True, order, limit, offset)


def _some(draw: Draw, keys: list[Any]) -> list[Any]:
    return draw(st.lists(st.sampled_from(keys), max_size=2)) if keys else []


@st.composite
def _figures(draw: Draw) -> Figure:
    name = draw(st.sampled_from(["count", "count", "sum", "avg", "min", "max", "sum, count"]))
    if name == "count" and draw(st.booleans()):
        return Figure("count")
    if name in ("count", "min", "max"):
        return Figure(name, draw(scalars(draw(st.sampled_from(["text", "number", "moment"])))), draw(st.booleans()))
    whole = name == "sum, count"
    return Figure(name, Column("relative_orbit") if whole else draw(scalars("number")), draw(st.booleans()))
