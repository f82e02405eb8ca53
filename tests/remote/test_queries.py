"""The same queries give the same answers from the folder, from an Oxigraph server and from Virtuoso."""

from __future__ import annotations

from collections import Counter

import pytest

from kg.home import Home
from kg.solutions import Result, Solutions, Triples
from tests.remote.queries import MAY_BE_EMPTY, ORDERED, QUERIES


def _told(found: Result) -> object:
    if isinstance(found, Solutions):
        return found.variables, Counter(found.rows)
    return Counter(found.triples) if isinstance(found, Triples) else found


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_has_the_same_answer_everywhere(name: str, builtin_home: Home, remote_home: Home) -> None:
    expected = builtin_home.graph.query(QUERIES[name])
    assert name in MAY_BE_EMPTY or expected is True or len(expected), "the query asks for nothing"  # type: ignore[arg-type]
    assert _told(remote_home.graph.query(QUERIES[name])) == _told(expected)


@pytest.mark.parametrize("name", ORDERED)
def test_rows_come_in_the_same_order(name: str, builtin_home: Home, remote_home: Home) -> None:
    expected = builtin_home.graph.query(ORDERED[name])
    assert len(expected)  # type: ignore[arg-type]
    assert remote_home.graph.query(ORDERED[name]) == expected


@pytest.mark.parametrize("rules", [False, True])
@pytest.mark.parametrize("name", ["optional", "any named graph", "describe", "within a polygon", "path of paths"])
def test_what_follows_is_seen_as_well(name: str, rules: bool, builtin_home: Home, remote_home: Home) -> None:
    found = remote_home.query(QUERIES[name], rules=rules)
    assert _told(found) == _told(builtin_home.query(QUERIES[name], rules=rules))


@pytest.mark.parametrize("name", ["count by group", "ask, yes", "construct", "within a polygon"])
def test_queries_from_outside_run_in_a_worker(name: str, builtin_home: Home, remote_home: Home) -> None:
    found = remote_home.query(QUERIES[name], timeout=60.0)
    assert _told(found) == _told(builtin_home.query(QUERIES[name], timeout=60.0))
