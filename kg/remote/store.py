"""A graph on a SPARQL 1.1 server behind the `Store` contract: the only module that knows SPARQLWrapper.

Queries are sent as they are, so the server must know the `geof:` functions that they use. Nothing here runs unless
someone opens a `RemoteStore`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from SPARQLWrapper import POST, URLENCODED, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, QueryBadFormed, SPARQLWrapperException, Unauthorized

from kg.guard import inspect
from kg.nquads import term as text_of
from kg.oxigraph import OxigraphStore, parse_triples
from kg.solutions import Result, Solutions, Triples
from ontology.errors import (
    EarthdexError,
    QueryError,
    QuerySyntaxError,
    QueryTooLarge,
    StoreError,
    StoreReadOnly,
)
from ontology.namespaces import with_prefixes
from ontology.terms import IRI, XSD, BNode, Literal, Term, Triple

_MOST_BYTES = 512 * 2**20
_SELECT = "application/sparql-results+json"
_GRAPH = "application/n-triples"


class RemoteStore:
    """A `kg.store.Store` on a server.

    Args:
        endpoint: URL of the query service.
        update_endpoint: URL of the update service; None: the server is only read.
        user, password: for HTTP basic authentication.
        timeout: seconds to wait for an answer.
    """

    def __init__(
        self,
        endpoint: str,
        update_endpoint: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        if not endpoint.startswith(("http://", "https://")):
            raise StoreError(f"{endpoint[:200]!r} is not the address of a SPARQL service.", "Give an http(s) URL.")
        self.endpoint, self.update_endpoint = endpoint, update_endpoint
        self._user, self._password, self._timeout = user, password, timeout

    def query(self, sparql: str, *, max_rows: int | None = None) -> Result:
        """Runs a query; see `kg.store.Store.query`.

        Raises:
            QueryTooLarge: the server took too long, or its answer is larger than 512 MB or `max_rows` rows.
        """
        form = inspect(sparql).form
        is_graph = form in ("CONSTRUCT", "DESCRIBE")
        data = self._send(self.endpoint, with_prefixes(sparql), _GRAPH if is_graph else _SELECT)
        if is_graph:
            triples = parse_triples(data, _GRAPH)
            _bounded(len(triples), max_rows)
            return Triples(triples)
        try:
            found = _solutions(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{self.endpoint} answered with something that is no SPARQL result.", "") from error
        if isinstance(found, Solutions):
            _bounded(len(found.rows), max_rows)
        return found

    def update(self, sparql: str) -> None:
        """Runs an update; see `kg.store.Store.update`."""
        if self.update_endpoint is None:
            raise StoreReadOnly(f"{self.endpoint} is open for reading only.", "Give the address for updates as well.")
        self._send(self.update_endpoint, with_prefixes(sparql), "*/*")

    def load(self, data: bytes | Path, media_type: str, graph: IRI | None = None) -> None:
        """Adds RDF text in one update; see `kg.store.Store.load`."""
        local = OxigraphStore.memory()
        local.load(data, media_type, graph)
        groups: dict[Any, list[Triple]] = {}
        for s, p, o, g in local.matching(all_graphs=True):
            groups.setdefault(g, []).append((s, p, o))
        self.update(_insert(groups))

    def extend(self, triples: Iterable[Triple], graph: IRI | None = None) -> None:
        """Adds triples to a graph (None: the default graph) in one update."""
        self.update(_insert({graph: list(triples)}))

    def remove_graph(self, graph: IRI | None) -> None:
        """Removes all triples of a graph (None: the default graph)."""
        self.update("CLEAR SILENT DEFAULT" if graph is None else f"CLEAR SILENT GRAPH {text_of(graph)}")

    def _send(self, url: str, sparql: str, accept: str) -> bytes:
        wrapper = SPARQLWrapper(url, updateEndpoint=url)
        wrapper.setMethod(POST)
        wrapper.setRequestMethod(URLENCODED)
        wrapper.setTimeout(max(1, round(self._timeout)))
        wrapper.setQuery(sparql)
        wrapper.addCustomHttpHeader("Accept", accept)
        if self._user is not None:
            wrapper.setCredentials(self._user, self._password)
        try:
            response = wrapper.query().response
            with response:
                data: bytes = response.read(_MOST_BYTES + 1)
        except (SPARQLWrapperException, OSError) as error:
            raise self._why(error) from error
        if len(data) > _MOST_BYTES:
            raise QueryTooLarge("The answer is larger than 512 MB.", "Add a LIMIT.")
        return data

    def _why(self, error: Exception) -> EarthdexError:
        text = " ".join(str(error).split())[:300]
        status = getattr(error, "code", None)
        if isinstance(error, QueryBadFormed):
            return QuerySyntaxError(f"{self.endpoint} does not understand the query: {text}.", "Correct it.")
        if isinstance(error, Unauthorized) or status in (401, 403, 405):
            return StoreReadOnly(f"{self.endpoint} does not allow this.", "Check user and password.")
        if isinstance(error, TimeoutError) or "timed out" in text or status in (503, 504):
            return QueryTooLarge(
                f"{self.endpoint} did not answer within {self._timeout:g} s.", "Add conditions or a LIMIT."
            )
        if isinstance(error, EndPointInternalError) or status is not None:
            return QueryError(f"{self.endpoint} failed: {text}.", "")
        return StoreError(f"{self.endpoint} cannot be reached: {text}.", "Check the address and that the server runs.")


def _bounded(count: int, most: int | None) -> None:
    if most is not None and count > most:
        raise QueryTooLarge(f"The query has more than {most:,} results.", "Add a LIMIT.")


def _solutions(found: Any) -> Solutions | bool:  # noqa: ANN401 - JSON
    if "boolean" in found:
        return bool(found["boolean"])
    names = tuple(str(one) for one in found["head"]["vars"])
    rows = tuple(
        tuple(_term(row[name]) if name in row else None for name in names) for row in found["results"]["bindings"]
    )
    return Solutions(names, rows)


def _term(found: dict[str, str]) -> Term:
    match found["type"]:
        case "uri":
            return IRI(found["value"])
        case "bnode":
            return BNode(found["value"])
        case "literal" | "typed-literal":
            if language := found.get("xml:lang"):
                return Literal.of(found["value"], language)
            return Literal(found["value"], found.get("datatype", XSD + "string"))
    raise ValueError(found["type"])


def _insert(groups: dict[Any, list[Triple]]) -> str:
    """One INSERT DATA for triples by graph: blank nodes keep together within it."""
    parts = []
    for graph, triples in groups.items():
        body = " ".join(f"{text_of(s)} {text_of(p)} {text_of(o)} ." for s, p, o in triples)
        parts.append(body if graph is None else f"GRAPH {text_of(graph)} {{ {body} }}")
    return f"INSERT DATA {{ {' '.join(parts)} }}"
