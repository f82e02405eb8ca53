"""The contract of a graph store: small, so that an embedded and a remote one can stand behind it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

from kg.solutions import Result
from ontology.terms import IRI, Triple

MEDIA_TYPES: dict[str, str] = {
    ".nt": "application/n-triples",
    ".ttl": "text/turtle",
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".jsonld": "application/ld+json",
    ".rdf": "application/rdf+xml",
    ".owl": "application/rdf+xml",
}


@runtime_checkable
class Store(Protocol):
    """A graph that is queried and changed in SPARQL 1.1."""

    def query(self, sparql: str) -> Result:
        """The result of a SELECT, ASK, CONSTRUCT or DESCRIBE query.

        Raises:
            QuerySyntaxError: with line and column.
            QueryError: the query cannot be run.
            StoreError: the store cannot be read.
        """
        ...

    def update(self, sparql: str) -> None:
        """Runs a SPARQL update; all of it or nothing.

        Raises:
            QuerySyntaxError: with line and column.
            StoreReadOnly: the store is open for reading only.
        """
        ...

    def load(self, data: bytes | Path, media_type: str, graph: IRI | None = None) -> None:
        """Adds RDF text; all of it or nothing.

        Args:
            data: the text, or the file that holds it.
            media_type: a value of `MEDIA_TYPES`.
            graph: graph for triples; None for the default graph.

        Raises:
            RecordError: too large, too deep, or not of that media type; with line and column.
        """
        ...

    def extend(self, triples: Iterable[Triple], graph: IRI | None = None) -> None:
        """Adds triples to a graph (None: the default graph)."""
        ...

    def remove_graph(self, graph: IRI | None) -> None:
        """Removes all triples of a graph (None: the default graph)."""
        ...
