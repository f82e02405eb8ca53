"""Clients that people use, as they come: SPARQLWrapper, rdflib's stores, a SPARQL editor in a browser."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rdflib import Graph, Literal, URIRef

from tests.api.sparql.conftest import EX, a_key

VALUE = URIRef(EX + "value")
SELECT = f"SELECT ?v WHERE {{ <{EX}a> <{EX}value> ?v }}"


@pytest.fixture
def path(written_path: Path) -> Path:
    return written_path


@pytest.fixture
def client(written: httpx.Client) -> httpx.Client:
    return written


@pytest.fixture(autouse=True)
def _their_warnings() -> Iterator[None]:
    """What these libraries warn of in their own code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_sparqlwrapper_selects(client: httpx.Client, method: str, form: str) -> None:
    from SPARQLWrapper import SPARQLWrapper

    wrapper = SPARQLWrapper(f"{client.base_url}/sparql")
    wrapper.setMethod(method)
    wrapper.setReturnFormat(form)
    wrapper.setQuery(SELECT)
    found: Any = wrapper.queryAndConvert()
    if form == "json":
        assert found["results"]["bindings"][0]["v"]["value"] == "plain"
    elif form == "xml":
        assert [one.firstChild.data for one in found.getElementsByTagName("literal")] == ["plain"]
    else:
        assert b"plain" in found


@pytest.mark.parametrize("form", ["turtle", "xml", "json-ld", "rdf+xml"])
@pytest.mark.parametrize("direct", [False, True])
def test_sparqlwrapper_constructs(client: httpx.Client, form: str, direct: bool) -> None:
    from SPARQLWrapper import POSTDIRECTLY, SPARQLWrapper

    wrapper = SPARQLWrapper(f"{client.base_url}/sparql")
    if direct:
        wrapper.setMethod("POST")
        wrapper.setRequestMethod(POSTDIRECTLY)
    wrapper.setQuery("CONSTRUCT WHERE { ?s ?p ?o }")
    wrapper.addDefaultGraph(EX + "g1")
    wrapper.setReturnFormat(form)
    found: Any = wrapper.queryAndConvert()
    graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
    assert set(graph) == {(URIRef(EX + "a"), VALUE, Literal("one"))}


def test_sparqlwrapper_updates_with_a_key(client: httpx.Client, path: Path) -> None:
    from SPARQLWrapper import POST, SPARQLWrapper

    wrapper = SPARQLWrapper(f"{client.base_url}/sparql", f"{client.base_url}/update")
    wrapper.setMethod(POST)
    wrapper.addCustomHttpHeader("Authorization", a_key(path)["authorization"])
    wrapper.setQuery(f"INSERT DATA {{ <{EX}w> <{EX}value> 'wrapped' }}")
    wrapper.query()
    assert client.get("/sparql", params={"query": f"ASK {{ <{EX}w> ?p 'wrapped' }}"}).json()["boolean"] is True


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_reads(client: httpx.Client, method: str) -> None:
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    store = SPARQLStore(f"{client.base_url}/sparql", method=method)  # type: ignore[arg-type]
    graph = Graph(store)
    assert graph.value(URIRef(EX + "a"), VALUE) == Literal("plain")
    assert [str(row[0]) for row in graph.query(SELECT)] == ["plain"]  # type: ignore[index]
    assert bool(graph.query("ASK {}"))
    assert len(graph.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 2").graph or ()) == 2
    named = Graph(SPARQLStore(f"{client.base_url}/sparql"), identifier=URIRef(EX + "g1"))
    assert set(named) == {(URIRef(EX + "a"), VALUE, Literal("one"))}


def test_rdflib_writes_with_a_key(client: httpx.Client, path: Path) -> None:
    from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore

    header = {"Authorization": a_key(path)["authorization"]}
    store = SPARQLUpdateStore(f"{client.base_url}/sparql", f"{client.base_url}/update", headers=header)
    graph = Graph(store, identifier=URIRef(EX + "mine"))
    triple = (URIRef(EX + "r"), VALUE, Literal('rdflib\'s "own"\n', lang="en"))
    graph.add(triple)
    assert set(graph) == {triple}
    graph.update(f"INSERT {{ <{EX}r> <{EX}also> ?v }} WHERE {{ <{EX}r> <{EX}value> ?v }}")
    assert len(graph) == 2
    graph.remove(triple)
    graph.addN([(URIRef(EX + f"n{number}"), VALUE, Literal(number), graph) for number in range(50)])
    assert len(graph) == 51
    plain = SPARQLUpdateStore(f"{client.base_url}/sparql", f"{client.base_url}/update")
    with pytest.raises(Exception, match="401"):
        Graph(plain, identifier=URIRef(EX + "mine")).add(triple)


def test_an_editor_in_a_browser_asks_first_and_reads_the_answer(client: httpx.Client) -> None:
    origin = {"origin": "https://yasgui.example"}
    asked = origin | {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-requested-with",
    }
    before = client.options("/sparql", headers=asked)
    assert before.status_code in (200, 204)
    assert before.headers["access-control-allow-origin"] == "*"
    accept = "application/sparql-results+json,*/*;q=0.9"
    reply = client.post("/sparql", data={"query": SELECT}, headers=origin | {"accept": accept})
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["content-type"].startswith("application/sparql-results+json")
    closed = client.options("/update", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
