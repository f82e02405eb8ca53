"""Updates and whole graphs over HTTP: what the W3C's conformance tests of protocol and graph store ask, and more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from rdflib import Graph, URIRef

from kg.home import open_home
from tests.api.sparql.conftest import EX, a_key

DIRECT = {"content-type": "application/sparql-update"}
TURTLE = {"content-type": "text/turtle; charset=utf-8"}
PROVENANCE = "https://w3id.org/earthdex/graph/provenance"


@pytest.fixture(scope="module")
def path(written_path: Path) -> Path:
    return written_path


@pytest.fixture(scope="module")
def writer(written: httpx.Client, path: Path) -> Iterator[httpx.Client]:
    """A client with a key that may write everything."""
    with httpx.Client(base_url=written.base_url, timeout=60, headers=a_key(path)) as client:
        yield client


def ask(client: httpx.Client, pattern: str) -> bool:
    reply = client.get("/sparql", params={"query": f"PREFIX : <{EX}> ASK {{ {pattern} }}"})
    assert reply.status_code == 200, reply.text
    return bool(reply.json()["boolean"])


def update(client: httpx.Client, text: str, **parameters: object) -> httpx.Response:
    return client.post("/update", content=f"PREFIX : <{EX}> {text}", headers=DIRECT, params=parameters)  # type: ignore[arg-type]


def test_an_update_comes_as_a_form_and_as_the_body(writer: httpx.Client) -> None:
    replies = [
        writer.post("/update", data={"update": f"INSERT DATA {{ <{EX}form> <{EX}p> 1 }}"}),
        update(writer, "INSERT DATA { :direct :p 1 }"),
    ]
    assert [reply.status_code for reply in replies] == [200, 200], replies[1].text
    assert [reply.json()["added"] for reply in replies] == [1, 1]
    assert ask(writer, ":form :p 1 . :direct :p 1")
    again = update(writer, "INSERT DATA { :direct :p 1 }").json()
    assert (again["added"], again["version"]) == (0, replies[1].json()["version"])


def test_graphs_of_the_request_are_those_that_an_update_reads(writer: httpx.Client) -> None:
    update(writer, "INSERT DATA { :d :in 0 . GRAPH :u1 { :x :in 1 } GRAPH :u2 { :y :in 2 } }")
    move = "INSERT { GRAPH :out { ?s :found ?v } } WHERE { ?s :in ?v }"
    assert update(writer, move, **{"using-graph-uri": EX + "u1"}).json()["added"] == 1
    both = {"using-graph-uri": [EX + "u1", EX + "u2"]}
    assert update(writer, move, **both).json()["added"] == 1
    assert ask(writer, "GRAPH :out { :x :found 1 . :y :found 2 FILTER NOT EXISTS { :d :found 0 } }")
    named = "INSERT { GRAPH :out { ?s :named ?v } } WHERE { GRAPH ?g { ?s :in ?v } }"
    assert update(writer, named, **{"using-named-graph-uri": EX + "u2"}).json()["added"] == 1
    assert ask(writer, "GRAPH :out { :y :named 2 FILTER NOT EXISTS { ?s :named 1 } }")
    reply = writer.post(
        "/update",
        data={"update": f"DELETE {{ GRAPH <{EX}out> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <{EX}out> {{ ?s ?p ?o }} }}"},
    )
    assert reply.json()["removed"] == 3
    for clause in ("USING :u1", ""):
        with_ = "WITH :u1 " if not clause else ""
        text = f"{with_}DELETE {{ ?s :in ?v }} {clause} WHERE {{ ?s :in ?v }}"
        assert update(writer, text, **{"using-graph-uri": EX + "u2"}).status_code == 400


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("update=CLEAR+ALL&update=CLEAR+ALL", "application/x-www-form-urlencoded", 400),
        ("query=ASK+%7B%7D", "application/x-www-form-urlencoded", 400),
        ("", "application/x-www-form-urlencoded", 400),
        ("CLEAR ALL", "text/plain", 415),
        ("CLEAR ALL", "", 415),
        ("update=CLEAR+ALL", "", 415),
        ("ASK {}", "application/sparql-query", 415),
        ("INSERT DATA { <a:é> <a:b> 1 }".encode("utf-16"), "application/sparql-update", 400),
        ("CLEAR ALL", "application/sparql-update; charset=UTF-16", 415),
        ("INSERT DATA { <a:b> <a:c> }", "application/sparql-update", 400),
        ("LOAD <http://127.0.0.1:9/x>", "application/sparql-update", 403),
        (
            "INSERT { <a:b> <a:c> ?x } WHERE { SERVICE <http://127.0.0.1:9/> { ?x ?y ?z } }",
            "application/sparql-update",
            403,
        ),
        ("INSERT DATA { <a:b> a <https://w3id.org/earthdex/ns#Scene> }", "application/sparql-update", 403),
        ("INSERT DATA { <https://w3id.org/earthdex/scene/a/b> <a:b> 1 }", "application/sparql-update", 403),
        (
            "INSERT DATA { GRAPH <https://w3id.org/earthdex/graph/entailed> { <a:b> <a:c> 1 } }",
            "application/sparql-update",
            403,
        ),
        ("DELETE WHERE { GRAPH <" + PROVENANCE + "> { ?s ?p ?o } }", "application/sparql-update", 403),
        ("INSERT DATA { GRAPH <urn:x-earthdex:added:> { <a:b> <a:c> 1 } }", "application/sparql-update", 403),
        ("CREATE GRAPH <http://example.org/g1>", "application/sparql-update", 400),
        ("DROP GRAPH <http://example.org/nowhere>", "application/sparql-update", 400),
        ("COPY <http://example.org/nowhere> TO DEFAULT", "application/sparql-update", 400),
        ("INSERT DATA { <a:b> <a:c> 1 } ; CREATE GRAPH <http://example.org/g1>", "application/sparql-update", 400),
    ],
)
def test_what_is_wrong_changes_nothing(writer: httpx.Client, content: str | bytes, kind: str, status: int) -> None:
    before = writer.get("/health").json()["version"]
    reply = writer.post("/update", content=content, headers={"content-type": kind})
    assert reply.status_code == status, reply.text
    assert reply.json()["remedy"]
    assert writer.get("/health").json()["version"] == before


def test_an_update_by_get_is_refused(writer: httpx.Client) -> None:
    assert writer.get("/update", params={"update": "CLEAR ALL"}).status_code == 405
    assert writer.get("/sparql", params={"update": "CLEAR ALL"}).status_code == 400


def test_relative_names_have_a_base(writer: httpx.Client) -> None:
    update(writer, "INSERT DATA { GRAPH :based { :s :p <test> } GRAPH <rel> { <a> <b> <c> } }")
    assert not ask(writer, "GRAPH :based { :s :p <http://test> }")
    query = f"SELECT ?v {{ GRAPH <{EX}based> {{ ?s ?p ?v FILTER(isIRI(?v) && STR(?v) != 'test') }} }}"
    rows = writer.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert [row["v"]["value"] for row in rows] == ["https://w3id.org/earthdex/test"]
    assert ask(writer, "GRAPH <https://w3id.org/earthdex/rel> { <a> <b> <https://w3id.org/earthdex/c> }")
    own = "BASE <http://b.example/x/> INSERT DATA { GRAPH <../g#> { <#s> <p> <> } }"
    assert writer.post("/update", content=own, headers=DIRECT).json()["added"] == 1
    assert ask(
        writer, "GRAPH <http://b.example/g#> { <http://b.example/x/#s> <http://b.example/x/p> <http://b.example/x/> }"
    )


def test_operations_on_graphs(writer: httpx.Client) -> None:
    update(writer, "INSERT DATA { GRAPH :m1 { :a :p 1 } GRAPH :m2 { :b :p 2 } }")
    assert update(writer, "ADD :m1 TO :m2").json()["added"] == 1
    assert update(writer, "COPY :m2 TO :m3 ; MOVE :m2 TO :m4 ; DROP GRAPH :m1").status_code == 200
    assert ask(writer, "GRAPH :m3 { :a :p 1 . :b :p 2 } GRAPH :m4 { :a :p 1 . :b :p 2 }")
    assert not ask(writer, "GRAPH :m1 {}") and not ask(writer, "GRAPH :m2 {}")
    assert update(writer, "CLEAR GRAPH :m3 ; CREATE SILENT GRAPH :m3 ; DROP SILENT GRAPH :m1").status_code == 200
    assert ask(writer, "GRAPH :m3 {}") and not ask(writer, "GRAPH :m3 { ?s ?p ?o }")
    graph = "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH ?g { ?o ?p ?s } GRAPH ?s { ?s ?p ?g } }"
    graph += " WHERE { GRAPH ?g { ?s ?p ?o } VALUES ?g { :m5 } }"
    update(writer, "INSERT DATA { GRAPH :m5 { :a :p :b . :a :p _:x } }")
    assert update(writer, graph).status_code == 200
    assert ask(writer, "GRAPH :m5 { :b :p :a . ?x :p :a FILTER(isBlank(?x)) } GRAPH :a { :a :p :m5 }")


def test_puts_posts_and_deletes_of_graphs(writer: httpx.Client) -> None:
    def triples(**graph: str) -> set[tuple[str, ...]]:
        reply = writer.get("/store", params=graph, headers={"accept": "application/n-triples"})
        assert reply.status_code == 200, reply.text
        return {tuple(str(term) for term in triple) for triple in Graph().parse(data=reply.text, format="nt")}

    one, person = EX + "person/1", URIRef(EX + "p")
    first, second = f"<{EX}s> <{EX}p> 'first' .", f"<{EX}s> <{EX}p> 'second' ."
    where = {"graph": one}
    assert writer.put("/store", params=where, content=first, headers=TURTLE).status_code == 201
    assert triples(**where) == {(EX + "s", str(person), "first")}
    assert writer.put("/store", params=where, content=second, headers=TURTLE).status_code == 200
    assert triples(**where) == {(EX + "s", str(person), "second")}
    assert writer.post("/store", params=where, content=first, headers=TURTLE).status_code == 200
    assert len(triples(**where)) == 2
    files = {
        "a": ("a.ttl", f"<{EX}s> <{EX}p> 'third' .", "text/turtle"),
        "b": ("b.nt", f'<{EX}s> <{EX}p> "4" .', "application/n-triples"),
    }
    assert writer.post("/store", params=where, files=files).json()["added"] == 2
    assert len(triples(**where)) == 4
    assert (
        writer.put("/store", params=where, content=second, headers={"content-type": "application/rdf+xml"}).status_code
        == 400
    )
    assert len(triples(**where)) == 4
    assert writer.put("/store", params=where, content="", headers=TURTLE).status_code == 200
    assert triples(**where) == set()
    assert writer.head("/store", params=where).status_code == 200
    assert writer.delete("/store", params=where).status_code == 200
    for method in ("GET", "HEAD", "DELETE"):
        assert writer.request(method, "/store", params=where).status_code == 404
    empty = {"graph": EX + "empty"}
    assert writer.put("/store", params=empty, content="", headers=TURTLE).status_code == 201
    assert triples(**empty) == set()
    made = writer.post("/store", content=first, headers=TURTLE)
    assert made.status_code == 201
    assert (
        Graph().parse(data=writer.get(made.headers["location"]).text, format="turtle").value(URIRef(EX + "s"), person)
    )
    patch = writer.patch("/store", params=empty, content=f"INSERT DATA {{ <{EX}s> <{EX}p> 1 }}", headers=DIRECT)
    assert patch.json()["added"] == 1
    assert len(triples(**empty)) == 1
    assert (EX + "a", EX + "value", "plain") in triples(default="")


def test_reading_a_graph_negotiates_and_revalidates(writer: httpx.Client) -> None:
    where = {"graph": EX + "g1"}
    for accept in ("text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"):
        reply = writer.get("/store", params=where, headers={"accept": accept})
        assert reply.headers["content-type"].split(";")[0] == accept
        assert EX + "value" in reply.text or "value" in reply.text
    tag = writer.get("/store", params=where).headers["etag"]
    assert writer.get("/store", params=where, headers={"if-none-match": tag}).status_code == 304
    for parameters in ({}, {"graph": "relative"}, {"graph": [EX + "g1", EX + "g2"]}, {"graph": EX, "default": ""}):
        assert writer.get("/store", params=parameters).status_code == 400
    assert writer.get("/store", params=where, headers={"accept": "image/png"}).status_code == 406
    assert writer.put("/store", params=where, content="x", headers={"content-type": "image/png"}).status_code == 415
    assert writer.put("/store", params=where, content="<a> <b>", headers=TURTLE).status_code == 400


def test_without_a_key_nothing_is_written(writer: httpx.Client, path: Path) -> None:
    text = f"INSERT DATA {{ <{EX}no> <{EX}p> 1 }}"
    with httpx.Client(base_url=writer.base_url) as stranger:
        for header in ("", "Bearer", "Bearer edx_000000000000_" + "A" * 43, "Basic dTpw"):
            reply = stranger.post(
                "/update", content=text, headers=DIRECT | ({"authorization": header} if header else {})
            )
            assert reply.status_code == 401
            assert reply.headers["www-authenticate"] == "Bearer"
        for method in ("PUT", "POST", "DELETE", "PATCH"):
            assert stranger.request(method, "/store", params={"default": ""}).status_code == 401
        narrow = a_key(path, f"graph:{EX}own")
        assert stranger.post("/update", content=text, headers=DIRECT | narrow).status_code == 403
        own = f"INSERT DATA {{ GRAPH <{EX}own> {{ <{EX}no> <{EX}p> 1 }} }}"
        assert stranger.post("/update", content=own, headers=DIRECT | narrow).status_code == 200
        assert (
            stranger.put("/store", params={"graph": EX + "other"}, content="", headers=TURTLE | narrow).status_code
            == 403
        )
        assert stranger.post("/update", content=text, headers=DIRECT | a_key(path, "metrics")).status_code == 403
    assert not ask(writer, ":no :p 1")


def test_each_change_is_told_in_the_audit_log_and_in_the_graph(writer: httpx.Client, path: Path) -> None:
    text = f"INSERT DATA {{ <{EX}told> <{EX}p> 1 }}"
    done = writer.post("/update", content=text, headers=DIRECT).json()
    refused = update(writer, "DROP GRAPH :nowhere")
    assert refused.status_code == 400
    log = (path / "service" / "audit.jsonl").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    last, failed = lines[-2:]
    assert (last["after"], last["added"]) == (done["version"], 1)
    assert last["before"] < last["after"]
    assert failed["refused"] == "QueryError"
    secret = writer.headers["authorization"].rpartition("_")[2]
    assert secret not in log and secret not in (path / "service" / "keys.json").read_text()
    query = f"""PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?who ?sum {{ GRAPH <{PROVENANCE}> {{
        ?change a prov:Activity ; prov:generated <https://w3id.org/earthdex/version/{done["version"]}> ;
          prov:wasAssociatedWith/<http://xmlns.com/foaf/0.1/name> ?who ; prov:endedAtTime ?when ;
          <http://purl.org/dc/terms/identifier> ?sum }} }}"""
    with open_home(path) as home:
        rows = home.query(query)
    assert [str(cell) for cell in rows.rows[0]] == [last["who"], f"sha256:{last['sha256']}"]  # type: ignore[union-attr]
