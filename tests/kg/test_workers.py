"""Queries from outside: bounded in time, memory, rows and depth, and they change nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.home import Home, open_home
from kg.limits import Limits
from kg.solutions import Solutions
from kg.workers import Workers
from ontology.errors import EarthdexError, QueryNotAllowed, QuerySyntaxError, QueryTooLarge, StoreError
from tests.kg import queries, world

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUNGRY = "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g))) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("world")
    world.make_home(path, world.scenes(60))
    with open_home(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def graph_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("graph")
    world.make_home(path, [])
    with open_home(path) as opened:
        yield opened


def test_a_worker_gives_the_same_as_this_process(home: Home) -> None:
    for line in queries.LINES[:8]:
        query = queries.PROLOGUE + line
        assert sorted(map(str, home.query(query, timeout=60))) == sorted(map(str, home.query(query)))  # type: ignore[arg-type]


def test_a_slow_query_is_stopped_and_the_next_one_runs(graph_only: Home) -> None:
    started = time.perf_counter()
    with pytest.raises(QueryTooLarge, match="longer than 1 s") as caught:
        graph_only.query(SLOW, timeout=1)
    assert time.perf_counter() - started < 5
    assert "LIMIT" in caught.value.remedy
    assert graph_only.query("ASK {}", timeout=60) is True


def test_how_a_query_runs_is_told_within_its_time_too(home: Home) -> None:
    query = "SELECT ?s { ?s a ed:Scene } LIMIT 3"
    told = home.explain(query, 60)
    assert told.rows == 3 and [one.where for one in told.steps] == [one.where for one in home.explain(query).steps]
    with pytest.raises(QueryTooLarge, match="took longer"):
        home.explain("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", 0.5)


def test_a_hungry_query_is_stopped(graph_only: Home) -> None:
    workers = Workers(graph_only.path, graph_only.version, Limits(memory_mb=200))
    with pytest.raises(QueryTooLarge, match=r"memory|MB"):
        workers.query(HUNGRY, 120)
    workers.close()


def test_too_many_rows_are_refused(graph_only: Home) -> None:
    workers = Workers(graph_only.path, graph_only.version, Limits(rows=5))
    with pytest.raises(QueryTooLarge, match="more than 5 results"):
        workers.query("SELECT * { ?s ?p ?o }", 60)
    assert len(workers.query("SELECT * { ?s ?p ?o } LIMIT 5", 60)) == 5  # type: ignore[arg-type]
    workers.close()
    workers.close()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", QueryNotAllowed),
        ("DELETE WHERE { ?s ?p ?o }", QueryNotAllowed),
        ("LOAD <http://127.0.0.1:9/x>", QueryNotAllowed),
        ("CLEAR ALL", QueryNotAllowed),
        ("SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }", QueryNotAllowed),
        ("SELECT * { SERV\\u0049CE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }", QueryNotAllowed),
        ("SELECT * { ?s ?p", QuerySyntaxError),
        ("SELECT * { ?s nope:p ?o }", QuerySyntaxError),
        ("", QuerySyntaxError),
        ("what datasets are there?", QuerySyntaxError),
        ("\x00\x01", QuerySyntaxError),
        ("SELECT * { " + "{" * 5000 + "}" * 5000 + " }", QueryTooLarge),
        ("SELECT * { FILTER(" + "(" * 9000 + "1" + ")" * 9000 + ") }", QueryTooLarge),
        ("SELECT * { {} " + "UNION {} " * 9000 + "}", QueryTooLarge),
        ("SELECT * { VALUES ?x { " + "1 " * 2_000_000 + "} }", QueryTooLarge),
    ],
)
def test_what_is_not_allowed_is_refused_in_and_out_of_process(
    home: Home, text: str, error: type[EarthdexError]
) -> None:
    for timeout in (None, 60.0):
        with pytest.raises(error) as caught:
            home.query(text, timeout=timeout)
        assert caught.value.message


def test_a_word_in_a_string_is_only_text(home: Home) -> None:
    found = home.query('SELECT ("SERVICE <x> INSERT" AS ?x) { # LOAD <y>\n }', timeout=60)
    assert isinstance(found, Solutions)
    assert str(found.rows[0][0]) == "SERVICE <x> INSERT"


def test_many_threads_share_few_workers(graph_only: Home) -> None:
    workers = Workers(graph_only.path, graph_only.version, most=2)
    found: list[object] = []

    def ask() -> None:
        found.append(workers.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", 60))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 12
    assert len(set(map(str, found))) == 1
    assert len(workers._free) <= 2
    workers.close()


def test_a_version_that_is_gone_is_said(tmp_path: Path, graph_only: Home) -> None:
    workers = Workers(graph_only.path, "999999")
    with pytest.raises((StoreError, EarthdexError), match="no version"):
        workers.query("ASK {}", 60)
    workers.close()
