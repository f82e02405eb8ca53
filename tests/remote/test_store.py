"""The remote store against a real server: `oxigraph` where its wheel is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.oxigraph import OxigraphStore
from kg.remote import RemoteStore
from kg.solutions import Solutions, Triples
from kg.store import Store
from ontology.errors import QueryError, QueryNotAllowed, QuerySyntaxError, QueryTooLarge, StoreError
from ontology.terms import IRI, XSD, BNode, Literal

_BINARY = shutil.which("oxigraph") or shutil.which("oxigraph", path=str(Path(sys.executable).parent))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if _BINARY is None:
        pytest.skip("the oxigraph server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([_BINARY, "serve", "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL) as process:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        process.kill()


@pytest.fixture
def remote(server: str) -> RemoteStore:
    store = RemoteStore(f"{server}/query", f"{server}/update")
    store.update("CLEAR ALL")
    return store


def test_it_keeps_the_contract(remote: RemoteStore) -> None:
    assert isinstance(remote, Store)
    assert isinstance(OxigraphStore.memory(), Store)


def test_triples_come_back_as_they_went(remote: RemoteStore) -> None:
    values = [
        Literal('a "quoted" \\ line\nand\ttab'),
        Literal.of("Straße", "de"),
        Literal("1.50", XSD + "decimal"),
        Literal.of(True),
        IRI("https://example.org/ü"),
    ]
    subject, predicate = IRI("urn:s"), IRI("urn:p")
    remote.extend((subject, predicate, one) for one in values)
    found = remote.query("SELECT ?o { <urn:s> <urn:p> ?o }")
    assert isinstance(found, Solutions)
    assert set(found.column("o")) == {*values[:2], Literal("1.5", XSD + "decimal"), *values[3:]}


def test_blank_nodes_of_one_load_stay_one_node(remote: RemoteStore) -> None:
    remote.load(b"<urn:a> <urn:p> [ <urn:q> 1 ; <urn:r> 2 ] .", "text/turtle", IRI("urn:g"))
    found = remote.query("SELECT ?b { GRAPH <urn:g> { <urn:a> <urn:p> ?b . ?b <urn:q> 1 ; <urn:r> 2 } }")
    assert isinstance(found, Solutions)
    assert len(found) == 1
    assert isinstance(found.rows[0][0], BNode)
    remote.remove_graph(IRI("urn:g"))
    assert remote.query("ASK { GRAPH <urn:g> { ?s ?p ?o } }") is False


def test_constructed_triples_and_unbound_variables(remote: RemoteStore) -> None:
    remote.extend([(IRI("urn:s"), IRI("urn:p"), Literal.of(1))])
    made = remote.query("CONSTRUCT { ?s <urn:q> ?o } WHERE { ?s ?p ?o }")
    assert made == Triples(((IRI("urn:s"), IRI("urn:q"), Literal.of(1)),))
    found = remote.query("SELECT ?s ?x { ?s ?p ?o OPTIONAL { ?s <urn:none> ?x } }")
    assert isinstance(found, Solutions)
    assert found.rows == ((IRI("urn:s"), None),)


def test_what_goes_wrong_is_said(remote: RemoteStore, server: str) -> None:
    remote.extend([(IRI("urn:s"), IRI("urn:p"), Literal.of(number)) for number in range(5)])
    with pytest.raises(QuerySyntaxError):
        remote.query("SELECT ?s { ?s ?p }")
    with pytest.raises(QueryNotAllowed):
        remote.query("DELETE WHERE { ?s ?p ?o }")
    with pytest.raises(QueryTooLarge):
        remote.query("SELECT * { ?s ?p ?o }", max_rows=4)
    with pytest.raises((StoreError, QueryError)):
        RemoteStore(f"{server}/nothing").query("ASK {}")
    with pytest.raises(StoreError, match="cannot be reached"):
        RemoteStore("http://127.0.0.1:1/query", timeout=2).query("ASK {}")
    with pytest.raises(StoreError, match="not the address"):
        RemoteStore("file:///etc/passwd")
    with pytest.raises(QueryError, match="failed"):
        RemoteStore(f"{server}/query", f"{server}/query").update("CLEAR ALL")
