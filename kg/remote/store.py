"""A graph on a SPARQL 1.1 server behind the `Store` contract.

A query goes to the server as it is where the server is known to answer it as the embedded store does. Else the server
is asked only for the triples that the query's patterns may match, and the query runs here over those: with all
functions of GeoSPARQL, whatever the server makes of them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kg.guard import inspect
from kg.oxigraph import OxigraphStore, Quad, parse_triples
from kg.remote.answers import GRAPH_TYPES, SELECT_TYPES, bounded, read_answer
from kg.remote.client import Client
from kg.remote.cover import Cover
from kg.remote.detect import detect
from kg.remote.dialect import Dialect
from kg.remote.fetch import Fetcher
from kg.remote.mirror import Mirror
from kg.remote.servers import BY_NAME
from kg.remote.settings import RemoteSettings, shown
from kg.remote.terms import GENID, text_of
from kg.solutions import Result, Solutions, Triples
from kg.sparql.reader import read_query
from kg.sparql.syntax import Query, Var
from ontology.errors import QueryTooLarge, StoreError
from ontology.namespaces import with_prefixes
from ontology.terms import IRI, BNode, Literal, Term, Triple

_HERE = frozenset({"ISBLANK", "ISIRI", "ISURI", "DESCRIBE", "FROM", "LATERAL", "BNODE"})
_GRAPHS = re.compile(r"\bGRAPH\s*[?$]", re.IGNORECASE)  # the server may hold graphs that are not ours


class RemoteStore:
    """A `kg.store.Store` on a server. Safe for threads.

    Args:
        endpoint: URL of the query service, or all settings.
        update_endpoint: URL of the update service; None: by dialect.
        user, password: for HTTP authentication.
        timeout: seconds that one request may take.
        dialect: name of a dialect; None: found by asking the server.
    """

    def __init__(
        self,
        endpoint: str | RemoteSettings,
        update_endpoint: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        timeout: float = 60.0,
        dialect: str | None = None,
    ) -> None:
        if isinstance(endpoint, str):
            given = RemoteSettings(
                endpoint, update_endpoint or "", user or "", password or "", dialect or "", timeout=timeout
            )
            endpoint = given.checked()
        self.settings = endpoint
        self.endpoint = shown(endpoint.endpoint)
        self.client = Client(endpoint)
        self._dialect: Dialect | None = None
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
        if not self.dialect.trusted or self.dialect.graph is not None:
            return False
        return not ("geosparql/" in sparql or "geof:" in sparql or _GRAPHS.search(sparql))

    def _sent(self, sparql: str, form: str, max_rows: int | None) -> Result:
        """The server's own answer to a whole query."""
        dialect = self.dialect
        is_graph = form == "CONSTRUCT"
        limits = dialect.parameters(self.settings.timeout)
        reply = self.client.query(with_prefixes(sparql), GRAPH_TYPES if is_graph else SELECT_TYPES, limits)
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
        return found

    def _covered(self, sparql: str, union_graphs: bool = False) -> OxigraphStore:
        """A store here that holds what a query may match."""
        query = read_query(sparql)
        with self._lock:
            mirror = self.mirror
            mirror.begin()
            Cover(mirror, union_graphs).read(query)
            if query.form == "DESCRIBE":
                self._read_described(query, mirror)
            return mirror.store

    def _read_described(self, query: Query, mirror: Mirror) -> None:
        """The triples of all resources that DESCRIBE asks for, and of the blank nodes among them."""
        found: list[Term] = [one for one in query.described if isinstance(one, IRI)]
        names = " ".join(f"?{one.name}" for one in query.described if isinstance(one, Var)) or "*"
        if query.select.where.elements and (names != "*" or not query.described):
            body = query.text[query.select.where.start :]
            solved = mirror.store.query(f"{query.prologue} SELECT {names} WHERE {body}")
            found += [one for row in solved.rows for one in row if one] if isinstance(solved, Solutions) else []
        todo = list(dict.fromkeys(one for one in found if isinstance(one, (IRI, BNode))))
        seen = set(todo)
        while todo:
            mirror.read_subjects(None, todo, None)
            todo = [o for _, _, o in mirror.matches(None, todo, None, None) if isinstance(o, BNode) and o not in seen]
            todo = list(dict.fromkeys(todo))
            seen |= set(todo)

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
            graphs = (None, *mirror.graphs()) if all_graphs else (graph,)
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
            yield from store.matching(subject, predicate, value, one)

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
        return self.settings.update or self.dialect.update_url(self.settings.endpoint)

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
        from kg.remote.push import batches_of

        for batch in batches_of(quads, self.dialect):
            self.client.update(batch, self.update_url, again=True)
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
