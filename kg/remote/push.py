"""Uploads the published catalogue to a server: in updates of a size that it takes, resumed where one broke off.

The same content gives the same updates in the same order, and doing one twice changes nothing; the marker on the
server tells which content it holds and how many updates of it were done.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg.oxigraph import OxigraphStore, Quad
from kg.remote.dialect import Dialect
from kg.remote.fetch import Fetcher
from kg.remote.marker import STORE, Fact, Marker, clear_marker, insert_many, marker_lines, read_marker
from kg.remote.terms import text_of
from kg.solutions import Solutions
from ontology.errors import QueryError, QueryTooLarge, StoreError, StoreReadOnly, TooBusy
from ontology.terms import IRI, BNode, Literal

if TYPE_CHECKING:
    from kg.remote.store import RemoteStore

Progress = Callable[[str, int, int], None]
Line = tuple[IRI | None, str]
"""The graph of a triple, and the triple as the server takes it."""

_MOST_CHARACTERS = 8 * 2**20
_NOTED = 50_000  # triples after which the marker is brought forward
_FOUR = re.compile(r"\S+ \S+ \S.* <[^>]*> \.")
_NODE = re.compile(r"^_:(\S+)")
_NODE_AT_END = re.compile(r" _:(\S+) \.$")
_TYPED = re.compile(r' "((?:[^"\\]|\\.)*)"\^\^<([^>]*)> \.$')
_SAVED_BY = 1  # changes with what is sent for the same content


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did: the content's name, its triples, and those that were sent now."""

    revision: str
    triples: int
    sent: int


def push(
    source: OxigraphStore,
    store: RemoteStore,
    progress: Progress | None = None,
    *,
    content: str = "",
    replace: bool = False,
) -> Pushed:
    """Makes a server hold what a local graph holds.

    Args:
        source: the published graph.
        store: the server.
        progress: called with (stage, done, total).
        content: names the content; empty: found by reading all of it.
        replace: triples that others put into the catalogue's graph are removed; else they are an error.

    Returns:
        What was done; nothing is sent where the server holds this content.

    Raises:
        StoreError: the server cannot be reached, holds triples of others, or lost some of ours.
        StoreReadOnly: it takes no updates of this user.
    """
    fetcher = Fetcher(store.client, store.dialect)
    revision = revision_of(source, store.dialect, content)
    marker = read_marker(fetcher)
    if marker is not None and marker.complete and marker.revision == revision and not replace:
        return Pushed(revision, marker.triples, 0)
    sender = _Sender(store)
    send = sender.update
    done = 0
    if marker is not None and marker.revision == revision and not replace:
        done = marker.done
    else:
        _prepare(source, fetcher, send, marker, replace)
        insert_many([("revision", revision), ("state", "loading")], send)
    total = len(source)
    counts, sent = sender.all(_dumped(source, store.dialect), done, total, progress)
    _check(fetcher, counts)
    clear_marker(send)
    names = [("graph", name) for name in counts if name is not None]
    insert_many([("revision", revision), ("state", "complete"), ("triples", total), *names], send)
    store.forget()
    return Pushed(revision, total, sent)


def revision_of(source: OxigraphStore, dialect: Dialect, content: str = "") -> str:
    """A name for the content of a graph, as a dialect stores it."""
    digest = hashlib.sha256(f"{dialect.name} {dialect.graph} {_SAVED_BY} {len(source)} {content}".encode())
    if not content:
        digest.update(source.dump())
    return digest.hexdigest()[:16]


def _prepare(
    source: OxigraphStore, fetcher: Fetcher, send: Callable[[str], None], marker: Marker | None, replace: bool
) -> None:
    """Empties the catalogue's graphs, if they are ours to empty."""
    names = {None, *_graphs(source), *(marker.graphs if marker is not None else ())}
    if marker is None and not replace:
        for name in names:
            held = fetcher.count(name, None)
            if held:
                where = f"the graph {name or fetcher.dialect.graph or 'that is its default graph'}"
                raise StoreError(
                    f"{fetcher.where} holds {held:,} triples in {where} that earthdex did not put there.",
                    "Set EARTHDEX_STORE_GRAPH to a graph of its own, or remove them with --replace.",
                )
    clear_marker(send)
    for name in sorted(names, key=str):
        target = fetcher.dialect.graph if name is None else name
        send("CLEAR SILENT DEFAULT" if target is None else f"CLEAR SILENT GRAPH <{target}>")


def _graphs(source: OxigraphStore) -> list[IRI]:
    found = source.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    return [row[0] for row in found.rows if isinstance(row[0], IRI)] if isinstance(found, Solutions) else []


@dataclass
class _Sender:
    """Sends quads in lots: to the graph store, which is faster, else in updates."""

    store: RemoteStore
    through_data: bool = True

    def update(self, text: str) -> None:
        self.store.client.update(text, self.store.update_url, again=True)

    def all(
        self, lines_of: Iterable[Line], done: int, total: int, progress: Progress | None
    ) -> tuple[dict[IRI | None, int], int]:
        """Sends all but the first `done` triples. Returns triples of each graph, and how many were sent."""
        counts: dict[IRI | None, int] = {}
        past = sent = noted = 0
        for name, lines in _lots(lines_of, self.store.dialect.load):
            counts[name] = counts.get(name, 0) + len(lines)
            past += len(lines)
            if past <= done:
                continue
            self.lot(name, lines)
            sent += len(lines)
            if past - noted >= _NOTED:
                noted = past
                insert_many([("done", past)], self.update)
            if progress is not None:
                progress("Uploading the graph", past, total)
        return counts, sent

    def lot(self, name: IRI | None, lines: list[str]) -> None:
        dialect, url = self.store.dialect, self.store.data_url
        target = dialect.graph if name is None else name
        if self.through_data and url:
            where = "default" if target is None else f"graph={quote(target, safe='')}"
            try:
                self.store.client.load(("\n".join(lines) + "\n").encode(), f"{url}{'&' if '?' in url else '?'}{where}")
                return
            except (StoreError, QueryError) as error:
                if isinstance(error, (QueryTooLarge, TooBusy)):
                    raise
                self.through_data = False  # it has none, or not there, or not for this user
        for start in range(0, len(lines), dialect.insert):
            body = "\n".join(lines[start : start + dialect.insert])
            self.update(
                f"INSERT DATA {{ {body} }}" if target is None else f"INSERT DATA {{ GRAPH <{target}> {{ {body} }} }}"
            )


def _check(fetcher: Fetcher, counts: dict[IRI | None, int]) -> None:
    for name, wanted in counts.items():
        held = fetcher.count(name, None)
        if held != wanted:
            raise StoreError(
                f"{fetcher.where} holds {held:,} triples where {wanted:,} were sent.",
                "Look into its log, then push again with --replace.",
            )


def remove(store: RemoteStore) -> int:
    """Removes the catalogue that was pushed to a server. Returns how many triples it had.

    Raises:
        StoreReadOnly: no catalogue was pushed there.
    """
    fetcher = Fetcher(store.client, store.dialect)
    marker = read_marker(fetcher)
    if marker is None:
        raise StoreReadOnly(f"{fetcher.where} holds nothing that earthdex put there.", "Remove other data yourself.")
    send = _Sender(store).update
    for name in (None, *marker.graphs):
        target = fetcher.dialect.graph if name is None else name
        send("CLEAR SILENT DEFAULT" if target is None else f"CLEAR SILENT GRAPH <{target}>")
    clear_marker(send)
    store.forget()
    return marker.triples


def write_dump(source: OxigraphStore, dialect: Dialect, path: Path, content: str = "") -> Pushed:
    """Writes what `push` would send as one N-Quads file, for the bulk loader of a server.

    Args:
        source: the published graph.
        dialect: of the server.
        path: the file.
        content: as for `push`.

    Raises:
        StoreError: the file cannot be written.
    """
    revision, total = revision_of(source, dialect, content), len(source)
    facts: list[Fact] = [("revision", revision), ("state", "complete"), ("triples", total)]
    facts += [("graph", name) for name in _graphs(source)]
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for name, line in _dumped(source, dialect):
                target = dialect.graph if name is None else name
                file.write(f"{line}\n" if target is None else f"{line[:-1]}<{target}> .\n")
            file.writelines(f"{line[:-1]}<{STORE}> .\n" for line in marker_lines(facts))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error
    return Pushed(revision, total, 0)


def insert(quads: Iterable[Quad], store: RemoteStore) -> None:
    """Adds quads to a server, whatever it holds.

    Raises:
        RecordError: a term that is none.
        StoreReadOnly: it takes no updates of this user.
    """
    dialect = store.dialect
    lines = (
        (None if g is None else IRI(g), f"{text_of(s)} {text_of(p)} {text_of(o, dialect.encode)} .")
        for s, p, o, g in quads
    )
    _Sender(store).all(lines, 0, 0, None)


def _dumped(source: OxigraphStore, dialect: Dialect) -> Iterator[Line]:
    """The triples of a store as the server takes them, made from its own text, which is faster than from terms."""
    ends = {f" <{name}> .": name for name in _graphs(source)}
    for line in source.dump().decode().splitlines():
        name, text = None, line
        for end, one in ends.items():
            # a triple of the default graph may have the graph's name as its value
            if line.endswith(end) and _FOUR.fullmatch(line):
                name, text = one, f"{line.removesuffix(end)} ."
        if "_:" in text:
            text = _NODE.sub(lambda match: text_of(BNode(match[1])), text, count=1)
            text = _NODE_AT_END.sub(lambda match: f" {text_of(BNode(match[1]))} .", text)
        if (typed := _TYPED.search(text)) is not None:
            stored = dialect.encode(Literal(typed[1], typed[2]))
            if stored.datatype != typed[2]:
                text = f"{text[: typed.start(2)]}{stored.datatype}> ."
        yield name, text


def _lots(lines_of: Iterable[Line], most: int) -> Iterator[tuple[IRI | None, list[str]]]:
    name: IRI | None = None
    lot: list[str] = []
    size = 0
    for where, line in lines_of:
        if lot and (where != name or len(lot) >= most or size > _MOST_CHARACTERS):
            yield name, lot
            lot, size = [], 0
        name = where
        lot.append(line)
        size += len(line)
    if lot:
        yield name, lot
