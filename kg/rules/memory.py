"""A graph in memory, without a catalogue's folder: RDF of any kind, GeoSPARQL over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.geosparql.check import check_functions
from kg.guard import inspect
from kg.oxigraph import OxigraphStore
from kg.rules.entailment import entail
from kg.rules.rules import Rules
from kg.solutions import Result, with_notes
from kg.store import MEDIA_TYPES
from ontology.errors import RecordError
from ontology.terms import IRI


def media_type_of(path: Path) -> str:
    """The media type of a file that is said to be RDF, by its ending; `.xml` is RDF/XML, `.json` JSON-LD.

    Raises:
        RecordError: no ending of RDF.
    """
    ending = path.suffix.lower()
    kind = MEDIA_TYPES.get({".xml": ".rdf", ".json": ".jsonld"}.get(ending, ending))
    if kind is None:
        raise RecordError(f"{path.name} is no RDF file by its ending.", f"Use one of {', '.join(MEDIA_TYPES)}.")
    return kind


class Graph:
    """RDF in memory, queried in GeoSPARQL with all functions, RDFS entailment and spatial relations of features.

    Not safe for threads that add while others query.
    """

    def __init__(self) -> None:
        self._store = OxigraphStore.memory()
        self._rules: Rules | None = None

    def __len__(self) -> int:
        """Number of statements, what follows from them not counted."""
        return sum(1 for _ in self._store.matching())

    def add(self, source: str | Path | bytes, media_type: str | None = None, graph: str | None = None) -> Graph:
        """Adds RDF; all of it or nothing.

        Args:
            source: a file, or the RDF text itself as bytes.
            media_type: such as `text/turtle`; by the file's ending where None.
            graph: IRI of a named graph for triples; the default graph where None.

        Returns:
            The graph itself.

        Raises:
            NotFound: there is no such file.
            RecordError: not RDF of that media type, too large or nested too deep; with line and column.
        """
        data = source if isinstance(source, bytes) else Path(source)
        if media_type is None:
            if isinstance(data, bytes):
                raise RecordError("RDF text needs a media type.", "Give media_type='text/turtle' or another.")
            media_type = media_type_of(data)
        self._store.load(data, media_type, IRI(graph) if graph else None)
        self._rules = None
        return self

    def close(self) -> None:
        """Lets the memory go."""
        self._store.close()

    def query(self, sparql: str, *, rules: bool = True, max_rows: int | None = None) -> Result:
        """Runs a SELECT, ASK, CONSTRUCT or DESCRIBE query.

        Args:
            sparql: the query.
            rules: whether it sees what follows from statements and from geometries.
            max_rows: QueryTooLarge is raised above so many rows or triples.

        Raises:
            QueryError: it is wrong, not allowed or too large.
        """
        inspect(sparql)
        check_functions(sparql)
        if not rules:
            return self._store.query(sparql, max_rows=max_rows)
        if self._rules is None:
            entail(self._store)
            self._rules = Rules(self._store)
        text, store = self._rules.prepare(sparql)
        return with_notes(store.query(text, max_rows=max_rows), self._rules.notes(sparql, text))


class Files:
    """RDF files queried from outside: each query in a worker process with bounded memory, killed when its time is over.

    Args:
        paths: files, told by their endings.

    Raises:
        RecordError: an ending that is none of RDF.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        from kg.workers import Workers

        for path in paths:
            media_type_of(path)
        self._workers = Workers(tuple(path.absolute() for path in paths), "")

    def query(self, sparql: str, timeout: float = 60.0, rules: bool = True) -> Result:
        """Runs a query; `rules` as in `Graph.query`.

        Raises:
            NotFound: a file does not exist.
            RecordError: a file is no such RDF.
            QueryError: the query is wrong, not allowed or too large.
        """
        return self._workers.query(sparql, timeout, rules)

    def close(self) -> None:
        """Ends the workers."""
        self._workers.close()
