"""The planner gives what one plain store with all triples gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.home import Home, open_home, open_writer
from kg.oxigraph import OxigraphStore
from kg.planner import conditions, groups, pairs, shape, work
from kg.solutions import Result, Solutions, Triples
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, Literal
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


def _check(line: str, home: Home, plain: OxigraphStore) -> None:
    query = queries.PROLOGUE + line
    wanted, found = plain.query(query), home.query(query)
    tail = line.rsplit("}", 1)[-1]  # of rows that rank alike any is right, so only a whole order is compared
    ordered = "ORDER BY" in tail and "LIMIT" in tail and tail != " ORDER BY DESC(?t) LIMIT 3"
    assert comparable(found, ordered=ordered) == comparable(wanted, ordered=ordered), home.explain(query)


@pytest.mark.parametrize("line", [*queries.LINES, *queries.composed()])
def test_a_query_finds_the_same_as_in_one_store(line: str, home: Home, plain: OxigraphStore) -> None:
    _check(line, home, plain)


@pytest.mark.parametrize("line", queries.LINES)
def test_it_does_so_without_and_with_each_shortcut(
    line: str, home: Home, plain: OxigraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "_FEW", 0)
    monkeypatch.setattr(conditions, "_FEW_AREAS", 1)
    _planned_anew(home)
    _check(line, home, plain)
    monkeypatch.setattr(groups.Grouper, "prepare", lambda *_: None)
    monkeypatch.setattr(shape.Shaper, "shape", lambda *_: None)
    _planned_anew(home)
    _check(line, home, plain)
    _planned_anew(home)


def _planned_anew(home: Home) -> None:
    home._planners.clear()


def test_counts_need_the_columns_only(home: Home) -> None:
    counted = (
        queries.PROLOGUE + "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c < 50) }"
    )
    assert "memory" not in str(home.explain(counted))
    listed = queries.PROLOGUE + "SELECT ?s { ?s a ed:Scene ; sosa:resultTime ?t } ORDER BY DESC(?t) LIMIT 3"
    assert "first 3" in str(home.explain(listed))
    datasets = queries.PROLOGUE + "SELECT ?d { ?d a ed:TrainingDataset ; dcat:spatialResolutionInMeters ?r }"
    assert "no scene can take part" in str(home.explain(datasets))


def test_too_many_scenes_are_refused_with_the_remedy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_TRIPLES", 500)
    with pytest.raises(QueryTooLarge) as caught:
        home.query(queries.PROLOGUE + "SELECT ?s ?p ?o { ?s a ed:Scene ; ?p ?o }")
    assert "LIMIT" in caught.value.remedy
    limited = home.query("SELECT * { ?s ?p ?o } LIMIT 10")
    assert isinstance(limited, Solutions)
    assert len(limited) == 10


def test_scenes_that_the_graph_speaks_of_are_found(tmp_path: Path) -> None:
    """Statements about scenes, and links to them, in the graph itself."""
    found = world.scenes(40)
    world.make_home(tmp_path, found)
    store = world.plain_store(found)
    said = [
        (found[3].iri, IRI("urn:note"), Literal("look at this"), None),
        (IRI("https://w3id.org/earthdex/dataset/alpha"), IRI("urn:holds"), found[5].iri, None),
        (found[4].iri, IRI("https://w3id.org/earthdex/ns#cloudCover"), Literal.of(1000), None),
    ]
    store.extend_quads(said)
    with open_writer(tmp_path) as writer:
        writer.add_graph(said, "notes")
        writer.publish()
    with open_home(tmp_path) as home:
        for line in (
            "SELECT ?s ?n { ?s <urn:note> ?n }",
            "SELECT ?s ?n ?i { ?s <urn:note> ?n ; dct:identifier ?i }",
            "SELECT ?d ?s ?i { ?d <urn:holds> ?s . ?s dct:identifier ?i ; a ed:Scene }",
            "SELECT ?d ?i { ?d <urn:holds>/dct:identifier ?i }",
            "SELECT ?s ?c { ?s ed:cloudCover ?c FILTER(?c > 100) }",
        ):
            _check(line, home, store)
