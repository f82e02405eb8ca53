"""Results as text: what a foreign reader makes of it is what went in."""

from __future__ import annotations

import csv
import io
import itertools
import json
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.results import FORMATS, render
from kg.solutions import Solutions, Triples
from ontology.errors import QueryError
from ontology.terms import IRI, WKT_LITERAL, XSD, BNode, Literal, Term
from tests.kg.strategies import bnodes, iris, literals, terms

PREDICATE = IRI("urn:p")


def solutions(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[Solutions]:
    row = st.tuples(cells, cells)
    return st.lists(row, max_size=4).map(lambda rows: Solutions(("a", "b"), tuple(rows)))


def foreign(result: Solutions | bool, form: str) -> list[tuple[Any, ...]]:
    """The rows as rdflib reads them; only text, kind and language, since it keeps other lexical forms."""
    from rdflib import BNode as RBNode
    from rdflib import Literal as RLiteral
    from rdflib.query import Result

    def cell(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, RLiteral):
            return "literal", str(value), value.language.lower() if value.language else None
        return ("bnode", None, None) if isinstance(value, RBNode) else ("iri", str(value), None)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = Result.parse(io.BytesIO(render(result, form).encode()), format=form)
        return [tuple(cell(row.get(name)) for name in read.vars or ()) for row in read.bindings]


def own(result: Solutions) -> list[tuple[Any, ...]]:
    def cell(value: Term | None) -> Any:
        if value is None:
            return None
        if isinstance(value, Literal):
            return "literal", value.value, value.language.lower() if value.language else None
        return ("bnode", None, None) if isinstance(value, BNode) else ("iri", str(value), None)

    return [tuple(cell(value) for value in row) for row in result.rows]


@given(solutions(st.one_of(st.none(), terms)))
def test_json_is_read_back_by_a_foreign_reader(result: Solutions) -> None:
    data = json.loads(render(result, "json"))
    assert data["head"]["vars"] == ["a", "b"]
    assert len(data["results"]["bindings"]) == len(result)
    for found, row in zip(data["results"]["bindings"], result.rows, strict=True):
        assert {name for name, value in zip("ab", row, strict=True) if value is not None} == set(found)
        for name, value in zip("ab", row, strict=True):
            if isinstance(value, Literal):
                assert found[name]["value"] == value.value
                assert found[name].get("datatype", XSD + "string") in (value.datatype, XSD + "string")


_XML_SAFE = literals.filter(lambda one: all(char in "\t\n\r" or " " <= char < "\ufffe" for char in one.value))


@given(solutions(st.one_of(st.none(), iris, bnodes, _XML_SAFE)))
def test_xml_is_read_back_by_a_foreign_reader(result: Solutions) -> None:
    assert foreign(result, "xml") == own(result)


@given(solutions(terms))
def test_xml_is_always_well_formed(result: Solutions) -> None:
    from xml.etree import ElementTree

    assert len(ElementTree.fromstring(render(result, "xml"))[1]) == len(result)


@given(solutions(st.one_of(st.none(), iris, literals)))
def test_csv_keeps_every_cell(result: Solutions) -> None:
    rows = list(csv.reader(io.StringIO(render(result, "csv"), newline=""), strict=True))
    assert rows[0] == ["a", "b"]
    assert rows[1:] == [["" if cell is None else str(cell) for cell in row] for row in result.rows]


@given(solutions(st.one_of(st.none(), terms)))
def test_tsv_has_a_line_a_row_and_terms_that_parse(result: Solutions) -> None:
    from kg.oxigraph import parse_triples  # rdflib takes \\U within a text for an escape, whatever is before it

    lines = render(result, "tsv").split("\n")
    assert lines[0] == "?a\t?b"
    assert lines[-1] == ""
    assert len(lines) == len(result) + 2
    for line, row in zip(lines[1:-1], result.rows, strict=True):
        cells = line.split("\t")
        assert len(cells) == 2
        for text, value in zip(cells, row, strict=True):
            if text and not isinstance(value, BNode):
                [(_, _, found)] = parse_triples(f"<urn:s> <urn:p> {text} .".encode(), "text/turtle")
                assert found == value


@given(solutions(st.one_of(st.none(), terms)))
def test_a_table_has_a_line_a_row(result: Solutions) -> None:
    lines = render(result, "table").split("\n")
    assert len(lines) == len(result) + 5
    assert f"{len(result)} row" in lines[-2]


@given(st.lists(st.tuples(iris, st.just(PREDICATE), st.one_of(iris, literals)), max_size=5))
def test_turtle_and_ntriples_are_read_back(triples: list[Any]) -> None:
    from kg.oxigraph import parse_triples

    for form, media in (("turtle", "text/turtle"), ("ntriples", "application/n-triples")):
        found = parse_triples(render(Triples(tuple(triples)), form).encode(), media)
        assert set(found) == set(triples)


def test_yes_and_no() -> None:
    assert json.loads(render(True, "json")) == {"head": {}, "boolean": True}
    assert "<boolean>false</boolean>" in render(False, "xml")
    assert [render(True, one).strip() for one in ("csv", "tsv", "table")] == ["true", "true", "yes"]


def test_geojson_has_features_with_rings_in_order() -> None:
    place = Literal("POLYGON((0 0,0 1,1 1,1 0,0 0))", WKT_LITERAL)
    swapped = Literal("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(48 16)", WKT_LITERAL)
    rows = (
        (IRI("urn:a"), place, Literal.of(3)),
        (IRI("urn:b"), swapped, Literal("NaN", XSD + "double")),
        (IRI("urn:c"), None, Literal.of(2**60)),
        (IRI("urn:d"), Literal("broken", WKT_LITERAL), None),
    )
    found = json.loads(render(Solutions(("s", "g", "n"), rows), "geojson"))
    assert found["type"] == "FeatureCollection"
    first, second, third, fourth = found["features"]
    ring = first["geometry"]["coordinates"][0]
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in itertools.pairwise(ring))
    assert area > 0  # counter-clockwise, as RFC 7946 has it
    assert first["properties"] == {"s": "urn:a", "n": 3}
    assert second["geometry"]["coordinates"] == [16, 48]
    assert second["properties"]["n"] == "NaN"
    assert third["geometry"] is None
    assert third["properties"]["n"] == str(2**60)
    assert fourth["properties"]["g"] == "broken"


def test_what_a_format_cannot_hold_is_said() -> None:
    table = Solutions(("s",), ((IRI("urn:a"),),))
    for result, form in (
        (table, "turtle"),
        (table, "geojson"),
        (True, "geojson"),
        (Triples(()), "csv"),
        (table, "yaml"),
    ):
        with pytest.raises(QueryError) as caught:
            render(result, form)
        assert caught.value.remedy
    assert render(Triples(()), "table") == ""
    assert set(FORMATS) == {"table", "json", "csv", "tsv", "xml", "geojson", "turtle", "ntriples"} | {
        "nquads",
        "jsonld",
        "rdfxml",
    }
