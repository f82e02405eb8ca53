"""Queries over HTTP as SPARQL 1.1 Protocol (W3C, 2013) has them: what its conformance tests ask, and more."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import httpx
import pytest
from rdflib import Graph, URIRef

from tests.api.sparql.conftest import EX

ASK = "ASK {}"
VALUES = f"SELECT ?v WHERE {{ ?s <{EX}value> ?v FILTER(?s IN (<{EX}a>, <{EX}b>)) }} ORDER BY ?v"
NAMED = f"SELECT ?v WHERE {{ GRAPH ?g {{ ?s <{EX}value> ?v }} }} ORDER BY ?v"
DIRECT = {"content-type": "application/sparql-query"}


@pytest.fixture
def small(written: httpx.Client) -> httpx.Client:
    return written


def values(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [row["v"]["value"] for row in reply.json()["results"]["bindings"]]


def test_a_query_comes_by_get_by_form_and_as_the_body(small: httpx.Client) -> None:
    for reply in (
        small.get("/sparql", params={"query": ASK}),
        small.post("/sparql", data={"query": ASK}),
        small.post("/sparql", content=ASK, headers=DIRECT),
        small.post("/sparql", content=ASK, headers={"content-type": "application/sparql-query; charset=UTF-8"}),
    ):
        assert reply.status_code == 200, reply.text
        assert reply.json()["boolean"] is True


@pytest.mark.parametrize(
    ("form", "accept", "media"),
    [
        ("SELECT (1 AS ?x) {}", "application/sparql-results+xml", "application/sparql-results+xml"),
        ("SELECT (1 AS ?x) {}", "text/csv", "text/csv"),
        ("ASK {}", "application/sparql-results+json", "application/sparql-results+json"),
        ("CONSTRUCT { <a:b> <a:c> 1 } {}", "application/rdf+xml", "application/rdf+xml"),
        ("CONSTRUCT { <a:b> <a:c> 1 } {}", "text/turtle", "text/turtle"),
        ("CONSTRUCT { <a:b> <a:c> 1 } {}", "application/ld+json", "application/ld+json"),
        ("CONSTRUCT { <a:b> <a:c> 1 } {}", "application/n-quads", "application/n-quads"),
        (f"DESCRIBE <{EX}a>", "application/n-triples", "application/n-triples"),
        (f"DESCRIBE <{EX}a>", "*/*", "text/turtle"),
    ],
)
def test_each_form_of_query_goes_out_in_what_is_asked_for(
    small: httpx.Client, form: str, accept: str, media: str
) -> None:
    reply = small.post("/sparql", data={"query": form}, headers={"accept": accept})
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].split(";")[0] == media
    assert "accept" in reply.headers["vary"].lower()
    if media.endswith("json"):
        json.loads(reply.text)
    elif media.endswith("xml"):
        ElementTree.fromstring(reply.text)


def test_the_graphs_of_the_request_take_the_place_of_those_of_the_query(small: httpx.Client) -> None:
    def ask(query: str, **graphs: object) -> list[str]:
        return values(small.get("/sparql", params={"query": query, **graphs}))

    one, two = EX + "g1", EX + "g2"
    assert ask(VALUES) == ["plain"]
    assert ask(VALUES, **{"default-graph-uri": one}) == ["one"]
    assert ask(VALUES, **{"default-graph-uri": [one, two]}) == ["one", "two"]
    assert ask(VALUES, **{"named-graph-uri": one}) == []
    assert ask(NAMED, **{"named-graph-uri": one}) == ["one"]
    assert ask(NAMED, **{"named-graph-uri": [one, two]}) == ["one", "two"]
    assert ask(NAMED, **{"default-graph-uri": one}) == []
    assert ask(VALUES, **{"default-graph-uri": EX + "nowhere"}) == []
    text = f"SELECT ?v FROM <{one}> FROM NAMED <{one}> WHERE {{ ?s <{EX}value> ?v }}"
    assert ask(text) == ["one"]
    assert ask(text, **{"default-graph-uri": two}) == ["two"]


@pytest.mark.parametrize("way", ["form", "direct"])
def test_graphs_of_a_post(small: httpx.Client, way: str) -> None:
    graphs = [("default-graph-uri", EX + "g1"), ("named-graph-uri", EX + "g2")]
    query = f"SELECT ?v {{ {{ ?s <{EX}value> ?v }} UNION {{ GRAPH ?g {{ ?s <{EX}value> ?v }} }} }} ORDER BY ?v"
    if way == "form":
        fields = httpx.QueryParams([*graphs, ("query", query)])
        reply = small.post(
            "/sparql", content=str(fields), headers={"content-type": "application/x-www-form-urlencoded"}
        )
    else:
        reply = small.post("/sparql", params=httpx.QueryParams(graphs), content=query, headers=DIRECT)
    assert values(reply) == ["one", "two"]


@pytest.mark.parametrize(
    ("method", "arguments", "status"),
    [
        ("GET", {"params": [("query", ASK), ("query", "SELECT * {}")]}, 400),
        ("POST", {"content": "query=ASK+%7B%7D&query=ASK+%7B%7D"}, 400),
        ("POST", {"content": "nothing=1"}, 400),
        ("POST", {"content": ""}, 400),
        ("POST", {"content": "update=CLEAR+ALL"}, 400),
        ("GET", {"params": {"update": "CLEAR ALL"}}, 400),
        ("POST", {"content": ASK, "headers": {"content-type": "text/plain"}}, 415),
        ("POST", {"content": ASK, "headers": {"content-type": "application/sparql-update"}}, 415),
        ("POST", {"content": ASK.encode("utf-16"), "headers": DIRECT}, 400),
        ("POST", {"content": ASK, "headers": {"content-type": "application/sparql-query; charset=UTF-16"}}, 415),
        ("POST", {"content": ASK, "headers": DIRECT, "params": {"query": ASK}}, 400),
        ("GET", {"params": {"query": "SELECT * WHERE {"}}, 400),
        ("GET", {"params": {"query": ""}}, 400),
        ("GET", {"params": {"query": ASK, "default-graph-uri": "relative"}}, 400),
        ("GET", {"params": {"query": ASK, "default-graph-uri": "a:b> FROM <a:c"}}, 400),
        ("GET", {"params": {"query": "CLEAR ALL"}}, 403),
        ("PUT", {"content": ASK, "headers": DIRECT}, 405),
        ("DELETE", {}, 405),
        ("GET", {"params": {"query": ASK}, "headers": {"accept": "image/png"}}, 406),
        ("GET", {"params": {"query": "SELECT * {}"}, "headers": {"accept": "text/turtle"}}, 406),
    ],
)
def test_what_is_wrong_is_refused(small: httpx.Client, method: str, arguments: dict[str, object], status: int) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"} | dict(arguments.pop("headers", {}))  # type: ignore[call-overload]
    reply = small.request(method, "/sparql", headers=headers, **arguments)  # type: ignore[arg-type]
    assert reply.status_code == status, reply.text


def test_an_error_tells_its_place_also_where_graphs_were_written_in(small: httpx.Client) -> None:
    query = "SELECT ?v\nWHERE { ?s ?p ?v . FILTER(?v > ) }"
    bodies = [
        small.get("/sparql", params={"query": query, **graphs}).json() for graphs in ({}, {"default-graph-uri": EX})
    ]
    assert bodies[0] == bodies[1]
    assert bodies[0]["line"] == 2
    assert bodies[0]["column"] > 30


@pytest.mark.parametrize(
    ("parameter", "accept", "media"),
    [
        ({"format": "csv"}, "*/*", "text/csv"),
        ({"output": "xml"}, "text/html,application/xml;q=0.9,*/*;q=0.8", "application/sparql-results+xml"),
        ({"format": "text/tab-separated-values"}, "", "text/tab-separated-values"),
        ({"format": "csv"}, "application/sparql-results+xml", "application/sparql-results+xml"),
    ],
)
def test_a_parameter_chooses_the_format_for_who_cannot_set_headers(
    small: httpx.Client, parameter: dict[str, str], accept: str, media: str
) -> None:
    reply = small.get("/sparql", params={"query": VALUES, **parameter}, headers={"accept": accept})
    assert reply.headers["content-type"].split(";")[0] == media


def test_head_options_and_other_origins(small: httpx.Client) -> None:
    head = small.head("/sparql", params={"query": ASK})
    assert (head.status_code, head.content) == (200, b"")
    asked = {"origin": "https://editor.example", "access-control-request-method": "POST"}
    before = small.options("/sparql", headers=asked | {"access-control-request-headers": "content-type"})
    assert before.status_code in (200, 204)
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "content-type" in before.headers["access-control-allow-headers"].lower()
    for reply in (before, small.get("/sparql", params={"query": ASK}, headers=asked)):
        assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("accept", "name"),
    [("text/turtle", "turtle"), ("application/rdf+xml", "xml"), ("*/*", "turtle")],
)
def test_without_a_query_the_service_describes_itself(small: httpx.Client, accept: str, name: str) -> None:
    reply = small.get("/sparql", headers={"accept": accept})
    assert reply.status_code == 200, reply.text
    assert small.get("/sparql", headers={"accept": "application/ld+json"}).json()
    found = Graph().parse(data=reply.text, format=name)
    sd = "http://www.w3.org/ns/sparql-service-description#"
    service = next(found.subjects(URIRef(sd + "supportedLanguage"), URIRef(sd + "SPARQL11Query")))
    assert str(service).endswith("/sparql")
    assert list(found.objects(service, URIRef(sd + "endpoint"))) == [service]
    assert {str(one) for one in found.objects(None, URIRef(sd + "name"))} >= {EX + "g1", EX + "g2"}
    assert len(list(found.objects(service, URIRef(sd + "extensionFunction")))) > 40
