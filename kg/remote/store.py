"""A graph on a SPARQL 1.1 server behind the `Store` contract.

A query goes to the server as it is where the server is known to answer it as the embedded store does. Else the server
is asked only for the triples that the query's patterns may match, and the query runs here over those: with all
functions of GeoSPARQL, whatever the server makes of them.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kg.guard import inspect
from kg.oxigraph import OxigraphStore, Quad, parse_triples
from kg.remote.answers import GRAPH_TYPES, SELECT_TYPES, bounded, read_answer, with_columns
from kg.remote.client import Client
from kg.remote.cover import Cover
from kg.remote.detect import detect
from kg.remote.dialect import Dialect
from kg.remote.fetch import Fetcher
from kg.remote.marker import read_marker
from kg.remote.mirror import Mirror, copy_names
from kg.remote.servers import BY_NAME
from kg.remote.settings import RemoteSettings, shown
from kg.remote.terms import GENID, text_of
from kg.solutions import Result, Solutions, Triples
from kg.sparql.ordering import with_types
from kg.sparql.reader import read_query
from kg.sparql.syntax import Query, Var
from ontology.errors import EarthdexError, QueryError, QueryTooLarge, StoreError
from ontology.namespaces import with_prefixes
from ontology.terms import IRI, BNode, Literal, Term, Triple

_HERE = frozenset({"ISBLANK", "ISIRI", "ISURI", "DESCRIBE", "FROM", "LATERAL", "BNODE"})
# functions that only we have, and graphs of the server that are not ours
_OURS = re.compile(r"geosparql/|geof:|blankNode|\bGRAPH\s*[?$]", re.IGNORECASE)


class RemoteStore:
    """A `kg.store.Store` on a server. Safe for threads.

    Args:
        endpoint: URL of the query service, or all settings.
        update_endpoint: URL of the update service; None: by dialect.
        user, password: for HTTP authentication.
        timeout: seconds that one request may take.
        dialect: name of a dialect, or one; None: found by asking the server.
        client: sends the requests.
        revision: content of the server, where it is known.
    """

    def __init__(
        self,
        endpoint: str | RemoteSettings,
        update_endpoint: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        timeout: float = 60.0,
        dialect: str | Dialect | None = None,
        client: Client | None = None,
        revision: str | None = None,
    ) -> None:
        if isinstance(endpoint, str):
            given = RemoteSettings(
                endpoint,
                update_endpoint or "",
                user=user or "",
                password=password or "",
                timeout=timeout,
                dialect=dialect if isinstance(dialect, str) else "",
            )
            endpoint = given.checked()
        self.settings = endpoint
        self.endpoint = shown(endpoint.endpoint)
        self.path: Path | None = None
        self.client = client or Client(endpoint)
        self._dialect = dialect if isinstance(dialect, Dialect) else None
        self._revision, self._looked = revision, time.monotonic()
        self._also: IRI | None = None
        self._mirror: Mirror | None = None
        self._lock = threading.RLock()

    @property
    def dialect(self) -> Dialect:
        """How the server differs from others; it is asked once.

        Raises:
            StoreError: it cannot be reached.
        """
        with self._lock:
            if self._dialect is None:
                name = self.settings.dialect
                found = BY_NAME[name]() if name else detect(self.client)
                if self.settings.graph:
                    found.graph = None if self.settings.graph == "default" else IRI(self.settings.graph)
                self._dialect = found
            return self._dialect

    @property
    def fetcher(self) -> Fetcher:
        """What reads triples of single patterns."""
        return self.mirror.fetcher

    @property
    def mirror(self) -> Mirror:
        """The triples that were read."""
        with self._lock:
            if self._mirror is None:
                self._mirror = Mirror(Fetcher(self.client, self.dialect), self.settings.cache)
            return self._mirror

    # --- what the server holds -----------------------------------------------------------------------------------

    @property
    def revision(self) -> str:
        """Names the content of the server, as it was first asked; empty where nobody pushed a catalogue to it."""
        if self._revision is None:
            self._revision, self._looked = self._current(), time.monotonic()
        return self._revision

    @property
    def identity(self) -> str:
        """Names server and content."""
        return hashlib.sha256(f"{self.settings.endpoint} {self.revision}".encode()).hexdigest()[:16]

    def _current(self) -> str:
        marker = read_marker(self.fetcher)
        return marker.revision if marker is not None and marker.complete else ""

    def status(self) -> dict[str, str | int]:
        """Server, dialect and content, for people and for `earthdex status --json`."""
        marker = read_marker(self.fetcher)
        state = "none pushed" if marker is None else "complete" if marker.complete else "being uploaded"
        return {
            "server": self.endpoint,
            "dialect": self.dialect.name,
            "queries": "answered by the server" if self.dialect.trusted else "answered here, over triples read there",
            "graph": str(self.dialect.graph or "default"),
            "catalogue": state,
            "revision": marker.revision if marker is not None else "",
            "triples": marker.triples if marker is not None else 0,
        }

    def is_stale(self) -> bool:
        """Whether the server holds other content than at first; it is asked now and then only."""
        first = self.revision
        if time.monotonic() - self._looked < max(1.0, self.settings.cache):
            return False
        self._looked = time.monotonic()
        try:
            return self._current() != first
        except EarthdexError:
            return False  # whoever asks next is told

    def for_worker(self) -> tuple[RemoteSettings, Dialect, str]:
        """What a worker must know of it: nothing secret, and nothing that it would have to find out."""
        return replace(self.settings, user="", password=""), self.dialect, self.revision

    def has_graph(self, graph: IRI) -> bool:
        """Whether there is a named graph."""
        with self._lock:
            return graph in self.mirror.graphs()

    def with_graph(self, graph: IRI) -> RemoteStore:
        """The same store, read as if the triples of a named graph stood in the default graph."""
        _ = self.mirror
        found = copy(self)
        found._also = graph
        return found

    def copy_names(self, target: OxigraphStore) -> None:
        """Adds the names of all named graphs to another store: `GRAPH ?g {}` finds them."""
        with self._lock:
            copy_names((one for one in self.mirror.graphs() if one != self._also), target)

    # --- reading -------------------------------------------------------------------------------------------------

    def query(self, sparql: str, *, max_rows: int | None = None, union_graphs: bool = False) -> Result:
        """Runs a query; see `kg.store.Store.query`.

        Args:
            sparql: the query text.
            max_rows: QueryTooLarge is raised above so many rows or triples.
            union_graphs: the default graph of the query is the union of all graphs.

        Raises:
            QueryTooLarge: the server took too long, or more was to be read or answered than a query may.
            StoreError: the server cannot be reached, or does not answer as it should.
        """
        outline = inspect(sparql)
        if not union_graphs and not outline.words & _HERE and self._answers_right(sparql):
            return self._sent(sparql, outline.form, max_rows)
        return self._covered(sparql, union_graphs).query(sparql, max_rows=max_rows, union_graphs=union_graphs)

    def _answers_right(self, sparql: str) -> bool:
        """Whether the server answers a query as the embedded store does."""
        if not self.dialect.trusted or self.dialect.graph is not None or self._also is not None:
            return False
        return not _OURS.search(sparql)

    def _sent(self, sparql: str, form: str, max_rows: int | None) -> Result:
        """The server's own answer to a whole query."""
        dialect = self.dialect
        is_graph = form == "CONSTRUCT"
        limits = dialect.parameters(self.settings.timeout)
        reply = self.client.query(with_prefixes(with_types(sparql)), GRAPH_TYPES if is_graph else SELECT_TYPES, limits)
        if state := dialect.flaw(reply.headers):
            raise QueryTooLarge(f"{self.endpoint} stopped early ({state[:40]}).", "Add conditions or a LIMIT.")
        if is_graph:
            parsed = parse_triples(reply.body, "application/n-triples")
            triples = tuple((_node(s, dialect), p, _renamed(o, dialect)) for s, p, o in parsed)
            bounded(len(triples), max_rows)
            return Triples(triples)
        found = read_answer(reply.body, self.endpoint, dialect.own_label, dialect.normal)
        if isinstance(found, bool) != (form == "ASK"):
            raise StoreError(f"{self.endpoint} answered {form} with something else.", "Check the address.")
        if isinstance(found, Solutions):
            bounded(len(found.rows), max_rows)
            columns = _columns(sparql)
            return found if columns is None else with_columns(found, columns, self.endpoint)
        return found

    def _covered(self, sparql: str, union_graphs: bool = False) -> OxigraphStore:
        """A store here that holds what a query may match."""
        query = read_query(sparql)
        with self._lock:
            mirror = self.mirror
            mirror.begin()
            Cover(mirror, self._also, union_graphs).read(query)
            store = mirror.store if self._also is None else mirror.store.with_graph(self._also)
            if query.form == "DESCRIBE":
                self._read_described(query, mirror, store)
            return store

    def _read_described(self, query: Query, mirror: Mirror, store: OxigraphStore) -> None:
        """The triples of all resources that DESCRIBE asks for, and of the blank nodes among them."""
        found: list[Term] = [one for one in query.described if isinstance(one, IRI)]
        names = " ".join(f"?{one.name}" for one in query.described if isinstance(one, Var)) or "*"
        if query.select.where.elements and (names != "*" or not query.described):
            body = query.text[query.select.where.start :]
            solved = store.query(f"{query.prologue} SELECT {names} WHERE {body}")
            found += [one for row in solved.rows for one in row if one] if isinstance(solved, Solutions) else []
        todo = list(dict.fromkeys(one for one in found if isinstance(one, (IRI, BNode))))
        seen = set(todo)
        while todo:
            met: dict[BNode, None] = {}
            for graph in self._defaults():
                mirror.read_subjects(graph, todo, None)
                met |= dict.fromkeys(o for _, _, o in mirror.matches(graph, todo, None, None) if isinstance(o, BNode))
            todo = [one for one in met if one not in seen]
            seen |= met.keys()

    def _defaults(self) -> tuple[IRI | None, ...]:
        return (None,) if self._also is None else (None, self._also)

    def matching(
        self,
        subject: Term | None = None,
        predicate: IRI | None = None,
        value: Term | None = None,
        graph: IRI | None = None,
        *,
        all_graphs: bool = False,
    ) -> Iterator[Quad]:
        """Quads that match a pattern; None stands for anything (graph None: the default graph)."""
        with self._lock:
            mirror = self.mirror
            mirror.begin()
            graphs = (None, *mirror.graphs()) if all_graphs else self._defaults() if graph is None else (graph,)
            steps = None if predicate is None else (predicate,)
            for one in graphs:
                if subject is not None:
                    mirror.read_subjects(one, [subject], steps)
                elif value is not None:
                    mirror.read_values(one, [value], steps)
                else:
                    mirror.read_whole(one, steps)
            store = mirror.store
        for one in graphs:
            for s, p, o, name in store.matching(subject, predicate, value, one):
                yield s, p, o, None if name == self._also else name

    def copy_matching(self, target: OxigraphStore, patterns: Iterable[tuple[Any, Any, Any]], limit: int) -> int:
        """As `kg.oxigraph.OxigraphStore.copy_matching`."""
        copied = 0
        for subject, predicate, value in patterns:
            quads = list(self.matching(subject, predicate, value, all_graphs=True))
            copied += len(quads)
            if copied > limit:
                raise _too_many(limit)
            target.extend_quads(quads)
        return copied

    def copy_construct(self, target: OxigraphStore, sparql: str, limit: int) -> int:
        """As `kg.oxigraph.OxigraphStore.copy_construct`."""
        return self._covered(sparql).copy_construct(target, sparql, limit)

    # --- writing -------------------------------------------------------------------------------------------------

    @property
    def update_url(self) -> str:
        """The address for updates, with what the settings leave open filled in."""
        return self.settings.update or self.dialect.update_url(self.settings.endpoint, bool(self.settings.user))

    @property
    def data_url(self) -> str:
        """The address of the graph store; empty where none is known."""
        return self.settings.data or self.dialect.data_url(self.settings.endpoint, bool(self.settings.user))

    def update(self, sparql: str) -> None:
        """Runs an update; see `kg.store.Store.update`. Graphs are those of the server."""
        self.client.update(with_prefixes(sparql), self.update_url)
        self.forget()

    def forget(self) -> None:
        """Drops what was read, so that the next query asks the server again."""
        with self._lock:
            self._mirror = None

    def load(self, data: bytes | Path, media_type: str, graph: IRI | None = None) -> None:
        """Adds RDF text; see `kg.store.Store.load`. Many triples go in several updates."""
        local = OxigraphStore.memory()
        local.load(data, media_type, graph)
        self.insert(local.matching(all_graphs=True))

    def extend(self, triples: Iterable[Triple], graph: IRI | None = None) -> None:
        """Adds triples to a graph (None: the default graph)."""
        self.insert((s, p, o, graph) for s, p, o in triples)

    def insert(self, quads: Iterable[Quad]) -> None:
        """Adds quads, in updates of a size that the server takes."""
        from kg.remote.push import insert

        insert(quads, self)
        self.forget()

    def remove_graph(self, graph: IRI | None) -> None:
        """Removes all triples of a graph (None: the default graph)."""
        name = self.dialect.graph if graph is None else graph
        self.update("CLEAR SILENT DEFAULT" if name is None else f"CLEAR SILENT GRAPH {text_of(name)}")

    def close(self) -> None:
        """Ends connections; a second call does nothing."""
        with self._lock:
            if self._mirror is not None:
                self._mirror.fetcher.close()
            self.client.close()


@lru_cache(maxsize=256)
def _columns(sparql: str) -> tuple[str, ...] | None:
    """The columns of a query; None where it asks for all, or only the server can read it."""
    try:
        columns = read_query(sparql).select.columns
    except QueryError:
        return None
    return None if columns is None else tuple(one.var.name for one in columns)


def _renamed(term: Term, dialect: Dialect) -> Term:
    """A term of an N-Triples answer: names of blank nodes are blank nodes again."""
    return term if isinstance(term, Literal) else _node(term, dialect)


def _node(node: IRI | BNode, dialect: Dialect) -> IRI | BNode:
    if isinstance(node, BNode):
        return dialect.own_label(node)
    return BNode(unquote(node.removeprefix(GENID))) if node.startswith(GENID) else node


def _too_many(limit: int) -> QueryTooLarge:
    return QueryTooLarge(
        f"The query joins scenes with more than {limit:,} triples of the graph.",
        "Name a predicate, subject or object in each pattern.",
    )
