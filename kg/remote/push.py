"""Uploads the published catalogue to a server: in updates of a size that it takes, resumed where one broke off.

The same content gives the same updates in the same order, and doing one twice changes nothing; the marker on the
server tells which content it holds and how many updates of it were done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg.oxigraph import OxigraphStore, Quad
from kg.remote.dialect import Dialect
from kg.remote.fetch import Fetcher
from kg.remote.marker import Marker, clear_marker, insert_many, read_marker
from kg.remote.terms import text_of
from kg.solutions import Solutions
from ontology.errors import QueryError, QueryTooLarge, StoreError, StoreReadOnly, TooBusy
from ontology.terms import IRI

if TYPE_CHECKING:
    from kg.remote.store import RemoteStore

Progress = Callable[[str, int, int], None]

_MOST_CHARACTERS = 4 * 2**20
_NOTED = 50_000  # triples after which the marker is brought forward
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
    counts, sent = sender.all(source.matching(all_graphs=True), done, total, progress)
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
        self, quads: Iterable[Quad], done: int, total: int, progress: Progress | None
    ) -> tuple[dict[IRI | None, int], int]:
        """Sends all but the first `done`. Returns triples of each graph, and how many were sent."""
        counts: dict[IRI | None, int] = {}
        past = sent = noted = 0
        for name, lines in _lots(quads, self.store.dialect.load):
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

    def lot(self, name: IRI | None, quads: list[Quad]) -> None:
        dialect, url = self.store.dialect, self.store.data_url
        lines = [f"{text_of(s)} {text_of(p)} {text_of(o, dialect.encode)} ." for s, p, o, _ in quads]
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


def insert(quads: Iterable[Quad], store: RemoteStore) -> None:
    """Adds quads to a server, whatever it holds.

    Raises:
        RecordError: a term that is none.
        StoreReadOnly: it takes no updates of this user.
    """
    _Sender(store).all(quads, 0, 0, None)


def _lots(quads: Iterable[Quad], most: int) -> Iterator[tuple[IRI | None, list[Quad]]]:
    name: IRI | None = None
    lot: list[Quad] = []
    size = 0
    for quad in quads:
        where = IRI(quad[3]) if quad[3] is not None else None
        if lot and (where != name or len(lot) >= most or size > _MOST_CHARACTERS):
            yield name, lot
            lot, size = [], 0
        name = where
        lot.append(quad)
        size += len(str(quad[2]))
    if lot:
        yield name, lot
