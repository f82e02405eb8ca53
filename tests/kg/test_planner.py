"""The planner gives what one plain store with all triples gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from kg.home import Home, open_home
from kg.oxigraph import OxigraphStore
from kg.solutions import Result, Solutions, Triples
from ontology.terms import Literal
from tests.kg import queries, world


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("world")
    world.make_home(path, world.scenes())
    with open_home(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain() -> OxigraphStore:
    return world.plain_store(world.scenes())


def _cell(value: Any) -> Any:
    """Numbers up to rounding: sums and means depend on the order of addition."""
    if isinstance(value, Literal):
        number = value.to_python()
        return round(number, 6) if isinstance(number, float) else value
    return value


def comparable(result: Result, *, ordered: bool) -> Any:
    if isinstance(result, Solutions):
        rows = [tuple(map(_cell, row)) for row in result.rows]
        return result.variables, rows if ordered else Counter(rows)
    return frozenset(result.triples) if isinstance(result, Triples) else result


@pytest.mark.parametrize("line", [*queries.LINES, *queries.composed()])
def test_a_query_finds_the_same_as_in_one_store(line: str, home: Home, plain: OxigraphStore) -> None:
    query = queries.PROLOGUE + line
    wanted, found = plain.query(query), home.query(query)
    if "LIMIT 3 " in line + " " and "ORDER BY DESC(?t) LIMIT" in line:
        line = line.replace("LIMIT", "limit")  # ties: any of them is right
    ordered = "ORDER BY" in line and " LIMIT " in line
    assert comparable(found, ordered=ordered) == comparable(wanted, ordered=ordered), home.explain(query)
