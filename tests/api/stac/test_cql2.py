"""CQL2 as text: the same JSON as a parser of others gives, and nothing but clear errors for what is no CQL2."""

from __future__ import annotations

import json
import time

import cql2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.stac.cql2.check import check
from api.stac.cql2.push import push
from api.stac.cql2.rows import holds
from api.stac.cql2.text import parse_text
from ontology.errors import EarthdexError, QueryError

_TEXTS = (
    "eo:cloud_cover < 10 AND platform IN ('sentinel-2a', 'x')",
    "\"eo:cloud_cover\" BETWEEN 1 AND 2 OR NOT id LIKE 'S2%'",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))",
    "S_CROSSES(geometry, LINESTRING(0 0, -1 2)) AND S_WITHIN(geometry, BBOX(0, 0, 1, 1))",
    "S_INTERSECTS(geometry, MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5))))",
    "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 1 1)))",
    "T_INTERSECTS(datetime, INTERVAL('2020-01-01T00:00:00Z', '..'))",
    "T_DURING(INTERVAL(start_datetime, end_datetime), INTERVAL('2020-01-01', '2021-01-01'))",
    "T_AFTER(datetime, DATE('2020-01-01'))",
    "datetime >= TIMESTAMP('2020-01-01T00:00:00Z') AND datetime < DATE('2021-01-01')",
    "A_CONTAINEDBY(instruments, ('msi', 'oli')) OR A_OVERLAPS(sar:polarizations, ('VV'))",
    "CASEI(id) = casei('x') AND ACCENTI(platform) LIKE 'e%'",
    "platform IS NOT NULL AND id NOT IN ('a', 'b') AND gsd NOT BETWEEN 1 AND 2",
    "gsd * 2 + 1 > eo:cloud_cover - 3 / 4 AND gsd ^ 2 = 100 AND gsd % 3 = 1",
    "(platform = 'it''s' OR (((id))) = 'b') AND NOT true",
    "gsd = -1.5e3 AND gsd <> 0.5",
)


@pytest.mark.parametrize("text", _TEXTS)
def test_the_same_tree_as_the_parser_of_others(text: str) -> None:
    assert parse_text(text) == cql2.parse_text(text).to_json()
    check(parse_text(text))


_words = st.sampled_from(
    ["id", "gsd", "'a'", "1", "-2.5", "(", ")", ",", "AND", "OR", "NOT", "=", "<", "<>", "LIKE", "IN", "BETWEEN", "IS",
     "NULL", "datetime", "TIMESTAMP('2020-01-01T00:00:00Z')", "S_INTERSECTS", "geometry", "POINT(0 0)", "CASEI", "+",
     "*", "/", "true", "A_CONTAINS", "instruments", "T_AFTER", "INTERVAL", "'..'", "'", '"', "POLYGON", "\\", "é"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_words, max_size=14).map(" ".join) | st.text(max_size=60))
@example("(" * 5000)
@example("(" * 30 + "gsd=1" + ")" * 30)
@example("NOT " * 5000 + "gsd=1")
@example("-" * 5000 + "1=gsd")
@example("(" * 24 + "gsd=1")
@example("casei(" * 4000 + "id")
@example("gsd=1" + " AND gsd=1" * 1900)
@example("id IN (" + "1," * 9000 + "1)")
@example("id = '" + "'" * 9999)
@example("S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 900)
def test_any_text_is_read_or_refused(text: str) -> None:
    started = time.process_time()
    try:
        node = check(parse_text(text))
    except QueryError as error:
        assert error.remedy
    else:
        push([node])
        assert holds(node, {"id": "a", "gsd": 1.0, "geometry": None}) in (True, False, None)
    assert time.process_time() - started < 10  # linear; only a runaway takes that long


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["id", "datetime"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.fixed_dictionaries(
            {
                "op": st.sampled_from(["and", "or", "not", "=", "<", "in", "like", "isNull", "between", "s_intersects",
                                       "t_after", "a_equals", "+", "casei", "x"]),
                "args": st.lists(below, max_size=3),
            }
        )
        | st.fixed_dictionaries({"property": st.sampled_from(["id", "gsd", "geometry", "instruments", "nope"])})
        | st.fixed_dictionaries({"interval": st.lists(below, max_size=2)})
        | st.fixed_dictionaries({"timestamp": below})
        | st.fixed_dictionaries({"type": st.sampled_from(["Point", "Polygon", "X"]), "coordinates": below})
        | st.fixed_dictionaries({"bbox": st.lists(below, max_size=6)})
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300)
@given(_json)
def test_any_json_is_read_or_refused(tree: object) -> None:
    try:
        node = check(tree)
    except EarthdexError as error:
        assert isinstance(error, QueryError)
        return
    push([node])
    assert holds(node, {"id": "a", "gsd": 1.0, "geometry": None}) in (True, False, None)


def test_depth_and_size_are_bounded() -> None:
    tree: object = True
    for _ in range(200):
        tree = {"op": "not", "args": [tree]}
    with pytest.raises(QueryError, match="deeper"):
        check(tree)
    with pytest.raises(QueryError, match="more than"):
        check({"op": "and", "args": [True] * 4_000})
    with pytest.raises(QueryError, match="longer"):
        parse_text("a" * 20_001)


@pytest.mark.parametrize(
    "text",
    ["foo = 1", "gsd = 'x'", "id < 3", "instruments = 'msi'", "gsd LIKE 'a%'", "S_INTERSECTS(geometry, 'x')",
     "S_INTERSECTS(id, POINT(0 0))", "A_CONTAINS(id, ('x'))", "T_AFTER(id, DATE('2020-01-01'))", "gsd", "'x'",
     "datetime > 'yesterday'", "S_INTERSECTS(geometry, POINT(0 100))", "myfunc(gsd) = 1", "gsd = 1 gsd = 2"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(QueryError) as raised:
        check(parse_text(text))
    assert raised.value.remedy


def test_like_patterns_take_linear_time() -> None:
    node = check(parse_text("id LIKE '" + "%a" * 50 + "%b'"))
    started = time.process_time()
    assert holds(node, {"id": "a" * 2_000}) is False
    assert time.process_time() - started < 5
    for pattern, text, wanted in (
        ("a\\%b", "a%b", True),
        ("a\\%b", "axb", False),
        ("_b%d_", "abccde", True),
        ("%%", "", True),
        ("a%a", "a", False),
        ("%ab%ab", "ab", False),
        ("%ab%ab", "abab", True),
        ("a.c", "abc", False),
    ):
        assert holds(check({"op": "like", "args": [{"property": "id"}, pattern]}), {"id": text}) is wanted, pattern


def test_json_of_moments_as_plain_text() -> None:
    tree = json.loads('{"op": "<", "args": [{"property": "datetime"}, "2020-01-01T00:00:00Z"]}')
    assert holds(check(tree), {"start_time": 0}) is True
