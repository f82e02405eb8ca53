"""What is wrong in a geof: call is said, before the query runs or beside its rows; never are rows just missing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.commands.cli import app
from api.serve.app import create_app
from kg.geosparql.check import check_functions
from kg.geosparql.registry import AGGREGATES, TAKES, functions, names
from kg.oxigraph import OxigraphStore
from kg.rules.memory import Graph
from kg.solutions import Solutions
from ontology.errors import QueryError

_PREFIXES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX g: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""
_POINT = "'POINT(1 2)'^^geo:wktLiteral"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("g:distence(?a, ?b, uom:metre) < 5", ["geof:distence", "line 4, column 28", "Did you mean geof:distance?"]),
        ("g:sfwithin(?a, ?b)", ["Did you mean geof:sfWithin?"]),
        ("<http://www.opengis.net/def/function/geosparql/nothingLikeIt>(?a)", ["no function of GeoSPARQL"]),
        ("g:distance(?a, ?b) < 5", ["takes 3 arguments, not 2"]),
        ("g:isEmpty()", ["takes 1 argument, not 0"]),
        ("g:asGML(?a, 'x', 'y') = ?b", ["takes 1 or 2 arguments, not 3"]),
        ("g:sfWithin(?a, 'POINT(1'^^geo:wktLiteral)", ["line 4, column 43", "does not parse"]),
        ("g:sfWithin(?a, 'POINT(1 2)')", ["no geometry literal"]),
        ("g:sfWithin(?a, '<http://e/crs> POINT(1 2)'^^geo:wktLiteral)", ["<http://e/crs> is unknown"]),
        (f"g:distance(?a, {_POINT}, uom:meters) < 5", ["uom/OGC/1.0/meters> is unknown", "Use uom:met"]),
        (f"g:distance(?a, {_POINT}, <http://e/furlong>) < 5", ["<http://e/furlong> is unknown"]),
        ("g:transform(?a, <http://www.opengis.net/def/crs/EPSG/0/1>) = ?b", ["EPSG:1 is unknown"]),
        ("g:relate(?a, ?b, 'TF')", ["no DE-9IM pattern"]),
        ("BOUND(?a) && (1 = 1 || g:sfWithin(g:buffer(?a, 1, uom:metr), ?b))", ["geof:buffer", "uom:metre"]),
        ("g:sfWithin(?a, '''POLYGON((0 0,\n1 1))'''^^geo:wktLiteral)", ["does not parse"]),
        ("g:sfWithin(?a, 'POINT(\\u0031'^^geo:wktLiteral)", ["does not parse"]),
    ],
)
def test_bad_constants_are_errors_with_their_place(condition: str, said: list[str]) -> None:
    query = f"{_PREFIXES}SELECT * {{ ?a ?p ?b FILTER({condition}) }}"
    with pytest.raises(QueryError) as caught:
        Graph().query(query)
    for part in said:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "condition",
    [
        f"g:distance(?a, {_POINT}, uom:metre) < 5",
        "g:sfWithin(g:buffer(?a, (1 + 2) * 3, uom:metre), IF(?a = ?b, ?a, ?b))",
        "g:asGML(?a) = g:asGML(?a, 'gml/3.2')",
        "?a IN (1, 2) || g:isEmpty(STRDT(CONCAT('POINT(', '1 2)'), geo:wktLiteral))",
        "STR(?a) = 'g:nothing(' # g:nothing(",
        r"g:sfWithin(?a, 'POINT\t(1 2)'^^geo:wktLiteral)",
        "g:area(?a) > 1 && g:length(?a, uom:kilometre) > 1",
    ],
)
def test_what_is_right_or_only_known_later_passes(condition: str) -> None:
    check_functions(f"{_PREFIXES}SELECT * {{ ?a ?p ?b FILTER({condition}\n) }}")


def _graph() -> Graph:
    return Graph().add(
        b"""@prefix e: <http://e/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
        e:good e:wkt "POINT(1 1)"^^geo:wktLiteral . e:far e:wkt "POINT(50 1)"^^geo:wktLiteral .
        e:bad1 e:wkt "POINT(1"^^geo:wktLiteral . e:bad2 e:wkt "POINT(1"^^geo:wktLiteral .
        e:strange e:wkt "<http://e/crs> POINT(1 1)"^^geo:wktLiteral . e:text e:wkt "here" .""",
        "text/turtle",
    )


def test_bad_data_in_rows_is_counted_and_said() -> None:
    box = "'POLYGON((0 0,2 0,2 2,0 2,0 0))'^^geo:wktLiteral"
    found = _graph().query(f"{_PREFIXES}SELECT ?x {{ ?x <http://e/wkt> ?w FILTER(g:sfWithin(?w, {box})) }}")
    assert isinstance(found, Solutions)
    assert [str(row[0]) for row in found.rows] == ["http://e/good"]
    notes = "\n".join(found.notes)
    assert "failed 2 times" in notes
    assert "http://e/crs" in notes
    assert len(found.notes) == 3
    bound = _graph().query(f"{_PREFIXES}SELECT ?x ?in {{ ?x <http://e/wkt> ?w BIND(g:sfWithin(?w, {box}) AS ?in) }}")
    assert isinstance(bound, Solutions)
    assert sum(row[1] is None for row in bound.rows) == 4
    assert len(bound.rows) == 6


def test_an_unknown_answer_is_no_answer() -> None:
    with pytest.raises(QueryError, match="unknown"):
        _graph().query(f"{_PREFIXES}ASK {{ <http://e/bad1> <http://e/wkt> ?w FILTER(g:isEmpty(?w)) }}")


def test_units_and_systems_of_rows_are_errors_of_these_rows() -> None:
    found = _graph().query(
        f"{_PREFIXES}SELECT ?u ?d {{ VALUES ?u {{ uom:metre uom:nothing }} "
        f"BIND(g:distance({_POINT}, {_POINT}, ?u) AS ?d) }}"
    )
    assert isinstance(found, Solutions)
    assert [row[1] is None for row in found.rows] == [False, True]
    assert "uom/OGC/1.0/nothing" in found.notes[0]


def test_every_function_is_there() -> None:
    assert set(functions()) == set(TAKES)
    assert len(names()) == len(set(names()))
    assert set(names()) >= set(AGGREGATES)
    families = [name for name in names() if name.startswith(("sf", "eh", "rcc8"))]
    assert len(families) == 24


def test_a_store_alone_names_failures_too() -> None:
    found = OxigraphStore.memory().query(f"{_PREFIXES}SELECT (g:area('POINT('^^geo:wktLiteral) AS ?a) {{}}")
    assert isinstance(found, Solutions)
    assert found.notes


def test_the_service_and_the_command_line_say_what_failed(tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text('<http://e/bad> <http://e/wkt> "POINT(1"^^<http://www.opengis.net/ont/geosparql#wktLiteral> .')
    query = f"{_PREFIXES}SELECT ?x {{ ?x <http://e/wkt> ?w FILTER(g:isEmpty(?w)) }}"
    service = create_app(tmp_path, [data])

    async def asked(*texts: str) -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=service)
        async with (
            service.router.lifespan_context(service),
            httpx.AsyncClient(transport=transport, base_url="http://service", timeout=60) as client,
        ):
            return [await client.get("/sparql", params={"query": one}) for one in texts]

    said, wrong = asyncio.run(asked(query, query.replace("g:isEmpty", "g:isEmty")))
    assert said.status_code == 200
    assert "geof:isEmpty failed 1 time" in said.headers["earthdex-notes"]
    assert wrong.status_code == 400
    assert "geof:isEmpty" in wrong.text
    found = CliRunner().invoke(app, ["sparql", query, "--data", str(data), "-f", "csv"])
    assert "geof:isEmpty failed 1 time" in found.stderr
    assert "geof:isEmpty failed" not in found.stdout
