"""Uploads: the same content once, resumed where they broke off, and nothing of others removed unasked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.oxigraph import OxigraphStore
from kg.remote import RemoteStore
from kg.remote.dialect import Dialect
from kg.remote.fetch import Fetcher
from kg.remote.marker import read_marker
from kg.remote.push import push, remove, write_dump
from kg.remote.servers import Oxigraph
from kg.remote.virtuoso import Virtuoso
from ontology.errors import StoreError, StoreReadOnly
from ontology.terms import IRI, WKT_LITERAL, XSD, BNode, Literal
from tests.remote.loopback import Loopback, loopback

NAMED = IRI("https://example.org/graph/named")
ODD = (
    Literal('a "quoted" \\ line\nand\ttab, \x07 and é'),
    Literal("true", XSD + "boolean"),
    Literal("0.30000000000000004", XSD + "double"),
    Literal("1.5", XSD + "decimal"),
    Literal("P5D", XSD + "duration"),
    Literal("-7", XSD + "int"),
    Literal("12345678901234567890123", XSD + "integer"),
    Literal("2018-03-01T10:00:00.123456789Z", XSD + "dateTime"),
    Literal("2018-03-01", XSD + "date"),
    Literal("-0500-03-01", XSD + "date"),
    Literal("POINT(1.123456789012345 2.5)", WKT_LITERAL),
    Literal("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(2.5 1.5)", WKT_LITERAL),
    Literal("POINT EMPTY", WKT_LITERAL),
    Literal("rubbish", WKT_LITERAL),
    Literal.of("Straße", "de-at"),
    Literal("x <urn:g> .", "urn:my type".replace(" ", "-")),
    Literal(""),
    NAMED,
)


@pytest.fixture
def source() -> OxigraphStore:
    """All that is odd, in two graphs."""
    store = OxigraphStore.memory()
    subject, predicate = IRI("https://example.org/ü?a=1&b='2'"), IRI("https://example.org/p")
    store.extend((subject, predicate, one) for one in ODD)
    store.extend([(BNode("one"), predicate, BNode("two")), (BNode("two"), predicate, Literal.of(2))])
    store.extend([(subject, predicate, NAMED), (subject, predicate, BNode("one"))], NAMED)
    store.extend((IRI(f"https://example.org/{number}"), predicate, Literal.of(number)) for number in range(40))
    return store


def _small(kind: type[Dialect]) -> Dialect:
    found = kind()
    found.load, found.insert = 10, 10
    return found


def _content(store: OxigraphStore | RemoteStore) -> set[object]:
    return set(store.matching(all_graphs=True))


@pytest.mark.parametrize("kind", [Oxigraph, Virtuoso])
def test_what_is_uploaded_is_read_again(kind: type[Dialect], source: OxigraphStore) -> None:
    store = loopback(_small(kind))
    told: list[tuple[str, int, int]] = []
    done = push(source, store, lambda *one: told.append(one))
    assert (done.triples, done.sent) == (len(source), len(source))
    assert told[-1][1:] == (len(source), len(source))
    assert _content(store) == _content(source)
    assert push(source, store).sent == 0
    assert store.revision == done.revision
    assert store.has_graph(NAMED)
    assert not store.is_stale()


def test_an_upload_that_broke_off_goes_on(source: OxigraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.remote.push._NOTED", 10)
    store = loopback(_small(Oxigraph))
    whole, calls = Loopback.load, [0]

    def load(self: Loopback, lines: bytes, url: str, timeout: float | None = None) -> None:
        calls[0] += 1
        if calls[0] == 4:
            raise KeyboardInterrupt
        whole(self, lines, url, timeout)

    monkeypatch.setattr(Loopback, "load", load)
    with pytest.raises(KeyboardInterrupt):
        push(source, store)
    marker = read_marker(Fetcher(store.client, store.dialect))
    assert marker is not None
    assert not marker.complete
    assert store.revision == ""
    done = push(source, store)
    assert 0 < done.sent < done.triples
    assert _content(store) == _content(source)


def test_new_content_takes_the_place_of_the_old(source: OxigraphStore) -> None:
    store = loopback(_small(Oxigraph))
    first = push(source, store)
    assert store.revision == first.revision
    source.extend([(IRI("urn:new"), IRI("urn:p"), Literal.of(1))])
    source.remove_graph(NAMED)
    assert push(source, store).revision != first.revision
    assert _content(store) == _content(source)


def test_triples_of_others_stay_unless_they_are_to_go(source: OxigraphStore) -> None:
    store = loopback(Oxigraph())
    store.extend([(IRI("urn:other"), IRI("urn:p"), Literal.of(1))])
    with pytest.raises(StoreError, match="did not put there"):
        push(source, store)
    with pytest.raises(StoreReadOnly, match="nothing that earthdex put there"):
        remove(store)
    assert len(_content(store)) == 1
    push(source, store, replace=True)
    assert _content(store) == _content(source)
    assert remove(store) == len(source)
    assert _content(store) == set()


def test_a_server_that_loses_triples_is_found_out(source: OxigraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loopback, "load", lambda *_: None)
    with pytest.raises(StoreError, match="holds 0 triples where"):
        push(source, loopback(Oxigraph()))


def test_updates_are_sent_where_there_is_no_graph_store(source: OxigraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object) -> None:
        raise StoreError("not there")

    monkeypatch.setattr(Loopback, "load", load)
    store = loopback(_small(Virtuoso))
    push(source, store)
    assert _content(store) == _content(source)


@pytest.mark.parametrize("kind", [Oxigraph, Virtuoso])
def test_a_dump_is_what_an_upload_leaves(kind: type[Dialect], source: OxigraphStore, tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "dump.nq"
    made = write_dump(source, kind(), path)
    store = loopback(kind())
    assert isinstance(store.client, Loopback)
    store.client.held.load(path.read_bytes(), "application/n-quads")
    assert push(source, store).sent == 0
    assert store.revision == made.revision
    assert _content(store) == _content(source)


@pytest.fixture
def virtuoso(virtuoso_url: str) -> Iterator[RemoteStore]:
    """A graph of its own on a real Virtuoso."""
    from kg.remote import RemoteSettings

    settings = RemoteSettings(
        f"{virtuoso_url}/sparql", user="dba", password="dba", dialect="virtuoso", graph="urn:test:odd"
    )
    store = RemoteStore(settings)
    yield store
    store.remove_graph(None)
    store.close()


@pytest.mark.parametrize("by_updates", [False, True])
def test_virtuoso_gives_odd_terms_back(
    by_updates: bool, source: OxigraphStore, virtuoso: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_updates:
        monkeypatch.setattr(Virtuoso, "data_url", lambda *_: "")
    virtuoso.insert(source.matching())
    assert set(virtuoso.matching()) == set(source.matching())


def test_virtuosos_own_terms_are_understood(virtuoso: RemoteStore) -> None:
    triples = f"""<urn:x> <urn:t> "true"^^<{XSD}boolean> .
<urn:x> <urn:g> "POINT(1 2)"^^<{WKT_LITERAL}> .
<urn:x> <urn:s> "typed"^^<{XSD}string> .
<urn:x> <urn:s> "plain" .
<urn:x> <urn:b> _:b .
_:b <urn:n> "1"^^<{XSD}integer> .
"""
    virtuoso.client.load(triples.encode(), f"{virtuoso.data_url}?graph=urn:test:odd")
    for one in ("<urn:t> true", "<urn:s> 'typed' , 'plain'", "<urn:b>/<urn:n> 1"):
        assert virtuoso.query(f"ASK {{ ?x {one} }}") is True, one
    near = 'geof:distance(?g, "POINT(1 2)"^^geo:wktLiteral, uom:metre) < 1'
    assert virtuoso.query(f"ASK {{ ?x <urn:g> ?g FILTER({near}) }}") is True
    found = virtuoso.query("SELECT ?b { ?x <urn:b> ?b FILTER(isBlank(?b)) }")
    assert len(found) == 1  # type: ignore[arg-type]
