"""Searches against an independent filter over the same scenes: Python and shapely, nothing of the service."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from api.stac.answers import items_of
from api.stac.links import Links
from api.stac.shelf import Shelf
from api.stac.wanted import asked, posted
from kg.home import Home
from ontology.records import Scene

Holds = Callable[[Scene], bool | None]
Filter = tuple[dict[str, Any], str, Holds]
"""A filter as CQL2 JSON, as CQL2 text, and as a function."""

_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NUMBERS = {"eo:cloud_cover": "cloud_cover", "sat:relative_orbit": "relative_orbit", "gsd": "resolution_m"}
_TEXTS = {"platform": "platform", "product:type": "product_type", "sat:orbit_state": "orbit_direction", "id": "id"}
_WORDS = ("sentinel-2a", "landsat-8", "GRD", "ascending", "S2_0007", "x/y_0011", "it's")
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)
_coordinates = st.integers(-170, 170)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@st.composite
def _comparison(draw: st.DrawFn) -> Filter:
    name = draw(st.sampled_from([*_NUMBERS, *_TEXTS]))
    op = draw(st.sampled_from(list(_OPS)))
    value: Any = draw(st.integers(0, 100) if name in _NUMBERS else st.sampled_from(_WORDS))
    column = (_NUMBERS | _TEXTS)[name]

    def holds(scene: Scene) -> bool | None:
        held = getattr(scene, column)
        return None if held is None else _OPS[op](held, value)

    text = f"'{value.replace(chr(39), chr(39) * 2)}'" if isinstance(value, str) else str(value)
    return {"op": op, "args": [{"property": name}, value]}, f'"{name}" {op} {text}', holds


@st.composite
def _time(draw: st.DrawFn) -> Filter:
    first = _FIRST + timedelta(hours=draw(st.integers(-10, 600)))
    last = first + timedelta(hours=draw(st.integers(0, 200)))
    tree = {
        "op": "t_intersects",
        "args": [
            {"interval": [{"property": "start_datetime"}, {"property": "end_datetime"}]},
            {"interval": [_stamp(first), _stamp(last)]},
        ],
    }
    text = f"T_INTERSECTS(INTERVAL(start_datetime, end_datetime), INTERVAL('{_stamp(first)}', '{_stamp(last)}'))"
    return tree, text, lambda one: one.start_time <= last and one.end_time >= first  # type: ignore[operator]


@st.composite
def _place(draw: st.DrawFn) -> Filter:
    x, y, width = draw(_coordinates), draw(st.integers(-80, 60)), draw(st.integers(1, 60))
    shape = shapely.box(x, y, min(x + width, 180), min(y + width, 90))
    op = draw(st.sampled_from(["intersects", "within", "disjoint", "overlaps", "touches", "equals"]))

    def holds(scene: Scene) -> bool | None:
        if scene.geometry is None:
            return None
        return bool(getattr(shapely, op)(shapely.from_wkb(scene.geometry), shape))

    tree = {"op": f"s_{op}", "args": [{"property": "geometry"}, json.loads(shapely.to_geojson(shape))]}
    return tree, f"S_{op.upper()}(geometry, {shapely.to_wkt(shape)})", holds


@st.composite
def _other(draw: st.DrawFn) -> Filter:
    kind = draw(st.sampled_from(["null", "like", "in", "between", "array", "sum"]))
    if kind == "null":
        return (
            {"op": "isNull", "args": [{"property": "eo:cloud_cover"}]},
            '"eo:cloud_cover" IS NULL',
            lambda one: one.cloud_cover is None,
        )
    if kind == "like":
        pattern, test = draw(
            st.sampled_from(
                [
                    ("S2%", lambda text: text.startswith("S2")),
                    ("%7", lambda text: text.endswith("7")),
                    ("%00%", lambda text: "00" in text),
                    ("S__00%", lambda text: text.startswith("S") and text[3:5] == "00"),
                ]
            )
        )
        return {"op": "like", "args": [{"property": "id"}, pattern]}, f"id LIKE '{pattern}'", lambda one: test(one.id)
    if kind == "in":
        words = draw(st.lists(st.sampled_from(_WORDS[:3]), min_size=1, max_size=3))
        listed = ", ".join(f"'{one}'" for one in words)
        return (
            {"op": "in", "args": [{"property": "platform"}, words]},
            f"platform IN ({listed})",
            lambda one: one.platform in words,
        )
    if kind == "between":
        low, high = draw(st.integers(0, 100)), draw(st.integers(0, 100))
        return (
            {"op": "between", "args": [{"property": "eo:cloud_cover"}, low, high]},
            f'"eo:cloud_cover" BETWEEN {low} AND {high}',
            lambda one: None if one.cloud_cover is None else low <= one.cloud_cover <= high,
        )
    if kind == "array":
        return (
            {"op": "a_contains", "args": [{"property": "instruments"}, ["oli"]]},
            "A_CONTAINS(instruments, ('oli'))",
            lambda one: "oli" in one.instrument,
        )
    return (
        {"op": ">", "args": [{"op": "*", "args": [{"property": "gsd"}, 2]}, {"property": "eo:cloud_cover"}]},
        'gsd * 2 > "eo:cloud_cover"',
        lambda one: (
            None if one.cloud_cover is None or one.resolution_m is None else one.resolution_m * 2 > one.cloud_cover
        ),
    )


def _joined(parts: Sequence[Filter], op: str) -> Filter:
    def holds(scene: Scene) -> bool | None:
        found = [part[2](scene) for part in parts]
        if op == "not":
            return None if found[0] is None else not found[0]
        sure = op == "or"
        return sure if sure in found else None if None in found else not sure

    text = f"NOT ({parts[0][1]})" if op == "not" else f" {op.upper()} ".join(f"({one[1]})" for one in parts)
    return {"op": op, "args": [one[0] for one in parts]}, text, holds


_leaves = _comparison() | _time() | _place() | _other()
_filters = st.recursive(
    _leaves,
    lambda below: st.builds(
        lambda parts, op: _joined(parts[:1] if op == "not" else parts, op),
        st.lists(below, min_size=2, max_size=3),
        st.sampled_from(["and", "or", "not"]),
    ),
    max_leaves=5,
)


def _all(home: Home, shelf: Shelf, body: dict[str, Any]) -> tuple[list[dict[str, Any]], int | None]:
    """All Items of a search, page by page, and how many the first page says there are."""
    found: list[dict[str, Any]] = []
    page, token = items_of(home, shelf, posted(body), Links(""))
    matched = page.get("numberMatched")
    while True:
        found += page["features"]
        assert page.get("numberMatched") == matched
        if not token:
            return found, matched
        page, token = items_of(home, shelf, posted({**body, "token": token}), Links(""))


@settings(max_examples=40)
@given(each=_filters, limit=st.integers(20, 300), sort=st.sampled_from(["", "-datetime", "+eo:cloud_cover", "-id"]))
def test_filters(
    each: Filter, limit: int, sort: str, stac_home: Home, stac_shelf: Shelf, stac_scenes: list[Scene]
) -> None:
    tree, text, holds = each
    # models have none of these properties but may lack them, too
    tree = {"op": "and", "args": [{"op": "<>", "args": [{"property": "collection"}, "models"]}, tree]}
    body: dict[str, Any] = {"filter": tree, "limit": limit, "fields": {"include": ["id", "properties"]}}
    if sort:
        body["sortby"] = [{"field": sort[1:], "direction": "desc" if sort[0] == "-" else "asc"}]
    found, matched = _all(stac_home, stac_shelf, body)
    wanted = sorted(one.id for one in stac_scenes if one.start_time is not None and holds(one) is True)
    assert sorted(one["id"] for one in found) == wanted
    assert matched == len(wanted)
    if sort == "+eo:cloud_cover":
        clouds = [one["properties"].get("eo:cloud_cover", 1000.0) for one in found]
        assert clouds == sorted(clouds)
    page, _ = items_of(stac_home, stac_shelf, asked([("filter", f"collection <> 'models' AND ({text})")]), Links(""))
    assert page["numberMatched"] == len(wanted)


@settings(max_examples=30)
@given(
    west=st.integers(-180, 180),
    east=st.integers(-180, 180),
    south=st.integers(-90, 89),
    height=st.integers(0, 60),
    hours=st.none() | st.tuples(st.integers(-5, 600), st.integers(0, 300)),
    open_end=st.sampled_from(["", "first", "last"]),
)
def test_boxes_and_times(
    west: int,
    east: int,
    south: int,
    height: int,
    hours: tuple[int, int] | None,
    open_end: str,
    stac_home: Home,
    stac_shelf: Shelf,
    stac_scenes: list[Scene],
) -> None:
    north = min(90, south + height)
    body: dict[str, Any] = {"bbox": [west, south, east, north], "limit": 1000}
    pieces = [(west, east)] if west <= east else [(west, 180), (-180, east)]
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if hours is not None:
        start = _FIRST + timedelta(hours=hours[0])
        end = start + timedelta(hours=hours[1])
        body["datetime"] = (
            f"{'..' if open_end == 'first' else _stamp(start)}/{'' if open_end == 'last' else _stamp(end)}"
        )
        first, last = (first if open_end == "first" else start), (last if open_end == "last" else end)
    found, matched = _all(stac_home, stac_shelf, body)
    wanted = [
        one.id
        for one in stac_scenes
        if one.geometry is not None
        and one.start_time is not None
        and one.end_time is not None
        and one.start_time <= last
        and one.end_time >= first
        and any(_meets(shapely.from_wkb(one.geometry), left, south, right, north) for left, right in pieces)
    ]
    assert sorted(one["id"] for one in found) == sorted(wanted)
    assert matched == len(wanted)


def _meets(shape: Any, west: float, south: float, east: float, north: float) -> bool:
    corners = [(west, south), (east, south), (east, north), (west, north)]
    if west == east and south == north:
        return bool(shape.intersects(shapely.Point(west, south)))
    if west == east or south == north:
        return bool(shape.intersects(shapely.LineString([corners[0], corners[2]])))
    return bool(shape.intersects(shapely.Polygon(corners)))


@pytest.mark.parametrize(
    "area",
    [
        shapely.Point(12, 5),
        shapely.MultiPoint([(12, 5), (179.5, 10), (-60, -20)]),
        shapely.LineString([(-80, -60), (90, 70)]),
        shapely.MultiLineString([[(0, 0), (50, 50)], [(-90, 0), (-50, -50)]]),
        shapely.Polygon([(0, 0), (60, 0), (30, 60)], [[(20, 10), (40, 10), (30, 30)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 10, 80), shapely.box(-100, -60, -80, 0)]),
        shapely.GeometryCollection(
            [shapely.Point(12, 5), shapely.LineString([(0, -50), (100, 50)]), shapely.box(100, 0, 140, 30)]
        ),
    ],
    ids=lambda one: one.geom_type,
)  # fmt: skip
def test_any_geometry(area: Any, stac_home: Home, stac_shelf: Shelf, stac_scenes: list[Scene]) -> None:
    found, _ = _all(stac_home, stac_shelf, {"intersects": json.loads(shapely.to_geojson(area)), "limit": 1000})
    parts = shapely.get_parts(area) if area.geom_type == "GeometryCollection" else [area]
    timed = [one for one in stac_scenes if one.geometry is not None and one.start_time is not None]
    wanted = [one.id for one in timed if any(shapely.from_wkb(one.geometry).intersects(part) for part in parts)]
    assert sorted(one["id"] for one in found) == sorted(wanted)
    assert wanted
