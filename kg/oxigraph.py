"""The embedded graph store on pyoxigraph: the only module that knows it.

Solutions of pyoxigraph are bound to the thread that made them, so results are read to their end here and handed on
as plain values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.geosparql.hooks import custom_aggregates, custom_functions
from kg.geosparql.notes import FunctionErrors
from kg.limits import DEFAULT_LIMITS
from kg.rdftext import checked_bytes
from kg.solutions import Result, Solutions, Triples
from kg.sparql.ordering import with_types
from kg.storeerrors import store_errors as _store_errors
from kg.storeerrors import syntax
from ontology.errors import (
    EarthdexError,
    QueryError,
    QuerySyntaxError,
    QueryTooLarge,
    RecordError,
    StoreCorrupt,
    StoreError,
)
from ontology.namespaces import BASE, PREFIXES
from ontology.terms import IRI, RDF_LANG_STRING, BNode, Literal, Term, Triple

if TYPE_CHECKING:
    from typing import Self

_FORMATS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/trig": ox.RdfFormat.TRIG,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
NODE_FUNCTION = BASE + "ns#blankNode"
"""A function that gives the blank node of a label: inline data cannot hold blank nodes."""

_READ: dict[str, Any] = {"base_iri": BASE, "prefixes": PREFIXES}
_BULK = 20_000  # from here on, sorted files are faster than a transaction

Quad = tuple[IRI | BNode, IRI, Term, IRI | BNode | None]


def to_ox(term: Term) -> Any:  # noqa: ANN401
    """An earthdex term as pyoxigraph's. Raises RecordError for an IRI that is none."""
    try:
        if isinstance(term, Literal):
            if term.language:
                return ox.Literal(term.value, language=term.language)
            return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))
        return ox.BlankNode(term) if isinstance(term, BNode) else ox.NamedNode(term)
    except ValueError as error:
        raise RecordError(f"{str(term)[:200]!r} is not a valid RDF term: {error}.", "Percent-encode it.") from error


def from_ox(term: Any) -> Term:  # noqa: ANN401
    """A term of pyoxigraph as earthdex's. Raises QueryError for a quoted triple."""
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, RDF_LANG_STRING, term.language)
        return Literal(term.value, term.datatype.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    raise QueryError("The result holds quoted triples, which earthdex does not show.", "Select their parts instead.")


def serialise(triples: Iterable[Triple], media_type: str) -> str:
    """Triples as RDF text, with the prefixes of `ontology.namespaces`."""
    form = _FORMATS[media_type]
    rows = [ox.Triple(to_ox(s), ox.NamedNode(p), to_ox(o)) for s, p, o in triples]
    used = {key: stem for key, stem in PREFIXES.items() if any(stem in str(row) for row in rows)}
    text = ox.serialize(
        rows, format=form, prefixes=used if form in (ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML) else None
    )
    return bytes(text or b"").decode()


def parse_triples(data: bytes, media_type: str) -> tuple[Triple, ...]:
    """The triples of RDF text from a server.

    Raises:
        StoreError: it does not parse.
    """
    try:
        found = ox.parse(data, format=_FORMATS[media_type])
        return tuple((from_ox(t.subject), IRI(t.predicate.value), from_ox(t.object)) for t in found)  # type: ignore[misc]
    except SyntaxError as error:
        raise StoreError(f"The server's answer does not parse: {str(error)[:200]}.", "") from error


def parse_quads(data: bytes | Path, media_type: str, base: str) -> Iterator[Quad]:
    """The quads of RDF text from outside, within the bounds of `kg.rdftext`.

    Args:
        data: the text, or the file that holds it.
        media_type: a value of `kg.store.MEDIA_TYPES`.
        base: the IRI against which relative ones are read.

    Raises:
        RecordError: too large, too deep, or not of that media type; with line and column.
    """
    if media_type not in _FORMATS:
        raise RecordError(f"RDF of type {media_type!r} cannot be read.", f"Use one of {', '.join(_FORMATS)}.")
    text = checked_bytes(data, media_type)
    labels: dict[str, str] = {}
    try:
        for quad in ox.parse(text, format=_FORMATS[media_type], base_iri=base):
            if isinstance(quad.object, ox.Triple):
                raise RecordError("The RDF holds quoted triples, which earthdex does not keep.", "Leave them out.")
            graph = None if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name
            # labels of blank nodes are new with each parse: numbered in their order, the same text is the same again
            s, o, g = (
                BNode(labels.setdefault(one.value, f"n{len(labels)}"))
                if isinstance(one, ox.BlankNode)
                else None
                if one is None
                else from_ox(one)
                for one in (quad.subject, quad.object, graph)
            )
            yield s, IRI(quad.predicate.value), o, g  # type: ignore[misc]
    except SyntaxError as error:
        raise syntax(error, data.name if isinstance(data, Path) else "The RDF text", RecordError) from error
    except ValueError as error:
        raise RecordError(f"The RDF text cannot be read: {str(error)[:200]}.", "Correct it.") from error


class OxigraphStore:
    """A `kg.store.Store` in a RocksDB folder or in memory. Safe for reading threads; one thread writes."""

    def __init__(self, store: Any, path: Path | None = None, also: IRI | None = None) -> None:  # noqa: ANN401
        self._store = store
        self.path = path
        self._also = also

    @classmethod
    def memory(cls) -> Self:
        """An empty store in memory."""
        return cls(ox.Store())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens or creates a store for writing; removes files that a killed bulk load left.

        Raises:
            StoreError: locked, read-only, corrupt or out of space.
        """
        for orphan in path.glob("bulk-*.sst"):
            orphan.unlink(missing_ok=True)
        with _store_errors(path):
            return cls(ox.Store(str(path)), path)

    @classmethod
    def read_only(cls, path: Path) -> Self:
        """Opens a published copy. Never the folder of a live writer: its reads would be wrong.

        Raises:
            StoreCorrupt: files are missing or damaged.
        """
        with _store_errors(path):
            return cls(ox.Store.read_only(str(path)), path)

    def with_graph(self, graph: IRI) -> OxigraphStore:
        """The same store, read as if the triples of a named graph stood in the default graph.

        The graph must hold no triple of the default graph: it would be there twice. `GRAPH ?g` does not see it.
        """
        return OxigraphStore(self._store, self.path, graph)

    def has_graph(self, graph: IRI) -> bool:
        """Whether there is a named graph."""
        with _store_errors(self.path):
            return bool(self._store.contains_named_graph(ox.NamedNode(graph)))

    def _dataset(self, sparql: str) -> dict[str, Any]:
        """What a query reads besides the default graph."""
        if self._also is None or re.search(r"\bFROM\b", sparql, re.IGNORECASE):
            return {}
        also = ox.NamedNode(self._also)
        found: dict[str, Any] = {"default_graph": [ox.DefaultGraph(), also]}
        if re.search(r"\bGRAPH\b", sparql, re.IGNORECASE):
            found["named_graphs"] = [one for one in self._store.named_graphs() if one != also]
        return found

    def __len__(self) -> int:
        with _store_errors(self.path):
            return len(self._store)

    def query(self, sparql: str, *, max_rows: int | None = None, union_graphs: bool = False) -> Result:
        """Runs a query; see `kg.store.Store.query`.

        Args:
            sparql: the query text.
            max_rows: QueryTooLarge is raised above so many rows or triples.
            union_graphs: the default graph of the query is the union of all graphs.
        """
        errors = FunctionErrors()
        ordered = with_types(sparql)
        with _store_errors(self.path):
            try:
                found = self._store.query(
                    ordered,
                    **_READ,
                    use_default_graph_as_union=union_graphs,
                    custom_functions=_custom(errors, sparql),
                    custom_aggregate_functions=_aggregates(errors, sparql),
                    **self._dataset(sparql),
                )
                return _result(found, max_rows, errors)
            except SyntaxError as error:
                if ordered != sparql:
                    raise self._place(sparql, error) from error
                raise syntax(error, "The query", QuerySyntaxError) from error
            except ValueError as error:
                raise QueryError(f"The query cannot be run: {str(error)[:300]}.", "") from error

    def _place(self, sparql: str, error: SyntaxError) -> EarthdexError:
        """The error of a query that was changed, with the place in its own text."""
        try:
            ox.Store().query(sparql, **_READ, custom_functions=_custom(FunctionErrors(), sparql))
        except SyntaxError as own:
            error = own
        return syntax(error, "The query", QuerySyntaxError)

    def update(self, sparql: str) -> None:
        """Runs an update; see `kg.store.Store.update`."""
        errors = FunctionErrors()
        with _store_errors(self.path):
            try:
                self._store.update(sparql, **_READ, custom_functions=_custom(errors, sparql))
            except SyntaxError as error:
                raise syntax(error, "The update", QuerySyntaxError) from error

    def load(self, data: bytes | Path, media_type: str, graph: IRI | None = None) -> None:
        """Adds RDF text; see `kg.store.Store.load`."""
        if media_type not in _FORMATS:
            raise RecordError(f"RDF of type {media_type!r} cannot be read.", f"Use one of {', '.join(_FORMATS)}.")
        text = checked_bytes(data, media_type)
        with _store_errors(self.path):
            try:
                self._store.load(
                    text,
                    _FORMATS[media_type],
                    base_iri="https://w3id.org/earthdex/",
                    to_graph=ox.NamedNode(graph) if graph else None,
                )
            except SyntaxError as error:
                name = data.name if isinstance(data, Path) else "The RDF text"
                raise syntax(error, name, RecordError) from error
            except ValueError as error:
                raise RecordError(f"The RDF text cannot be loaded: {error}.", "") from error

    def extend(self, triples: Iterable[Triple], graph: IRI | None = None) -> None:
        """Adds triples to a graph; many at once go through sorted files."""
        self.extend_quads((s, p, o, graph) for s, p, o in triples)

    def extend_quads(self, quads: Iterable[Quad]) -> None:
        """Adds quads (subject, predicate, object, graph or None)."""
        rows = iter(quads)
        converted = (
            ox.Quad(to_ox(s), ox.NamedNode(p), to_ox(o), ox.DefaultGraph() if g is None else to_ox(g))
            for s, p, o, g in rows
        )
        with _store_errors(self.path):
            first = list(islice(converted, _BULK))
            if len(first) < _BULK:
                self._store.extend(first)
            else:
                self._store.bulk_extend(chain(first, converted))

    def load_quads(self, path: Path) -> None:
        """Adds an N-Quads file that earthdex wrote itself, of any size; labels of blank nodes stay as they are.

        Raises:
            StoreCorrupt: the file is not what was written.
        """
        with _store_errors(self.path):
            try:
                self._store.bulk_extend(ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS))
            except SyntaxError as error:
                raise StoreCorrupt(f"{path} is damaged.", "Remove it and add its source again.") from error

    def change_lines(self, added: bytes, removed: bytes) -> None:
        """Adds and removes quads written as N-Quads by earthdex itself."""
        with _store_errors(self.path):
            for quad in ox.parse(removed, format=ox.RdfFormat.N_QUADS):
                self._store.remove(quad)
            self._store.extend(ox.parse(added, format=ox.RdfFormat.N_QUADS))

    def check_update(self, sparql: str) -> None:
        """Parses an update, and runs it on nothing. Raises QuerySyntaxError with line and column."""
        with suppress(StoreError, RuntimeError):  # such as a graph that is not there
            OxigraphStore.memory().update(sparql)

    def effective(self, added: bytes, removed: bytes) -> tuple[list[bytes], list[bytes]]:
        """Of lines of N-Quads those that change anything: to add, and to remove."""
        with _store_errors(self.path):
            found = []
            for lines, there in ((added, False), (removed, True)):
                quads = ox.parse(lines, format=ox.RdfFormat.N_QUADS)
                new = [one for one in quads if (one in self._store) is there]
                found.append(bytes(ox.serialize(new, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True))
            return found[0], found[1]

    def graph_names(self) -> list[IRI]:
        """Names of the named graphs, empty ones among them."""
        with _store_errors(self.path):
            return [IRI(one.value) for one in self._store.named_graphs() if isinstance(one, ox.NamedNode)]

    def add_graph(self, graph: IRI) -> None:
        """Makes a named graph that may stay empty; nothing where there is one."""
        with _store_errors(self.path):
            self._store.add_graph(ox.NamedNode(graph))

    def remove_graph(self, graph: IRI | None) -> None:
        """Removes all triples of a graph (None: the default graph)."""
        with _store_errors(self.path):
            if graph is None:
                self._store.clear_graph(ox.DefaultGraph())
            else:
                self._store.remove_graph(ox.NamedNode(graph))

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
        places: list[Any] = [None if all_graphs else ox.DefaultGraph() if graph is None else ox.NamedNode(graph)]
        if self._also is not None and graph is None and not all_graphs:
            places.append(ox.NamedNode(self._also))
        pattern = (
            None if subject is None else to_ox(subject),
            None if predicate is None else ox.NamedNode(predicate),
            None if value is None else to_ox(value),
        )
        with _store_errors(self.path):
            for quad in chain.from_iterable(self._store.quads_for_pattern(*pattern, where) for where in places):
                seen = self._seen(quad)
                name = None if isinstance(seen.graph_name, ox.DefaultGraph) else from_ox(seen.graph_name)
                yield from_ox(seen.subject), IRI(seen.predicate.value), from_ox(seen.object), name  # type: ignore[misc]

    def copy_matching(self, target: OxigraphStore, patterns: Iterable[tuple[Any, Any, Any]], limit: int) -> int:
        """Copies the quads of all graphs that match any pattern into another store, without converting them.

        Raises:
            QueryTooLarge: more than `limit` quads.
        """
        copied = 0
        with _store_errors(self.path):
            for s, p, o in patterns:
                quads = self._store.quads_for_pattern(*(None if one is None else to_ox(one) for one in (s, p, o)), None)
                while rows := [self._seen(one) for one in islice(quads, 10_000)]:
                    copied += len(rows)
                    if copied > limit:
                        raise QueryTooLarge(
                            f"The query joins scenes with more than {limit:,} triples of the graph.",
                            "Name a predicate, subject or object in each pattern.",
                        )
                    target._store.extend(rows)
        return copied

    def copy_names(self, target: OxigraphStore) -> None:
        """Adds the names of all named graphs to another store: `GRAPH ?g {}` finds them."""
        with _store_errors(self.path):
            for name in self._store.named_graphs():
                if self._also is None or name != ox.NamedNode(self._also):
                    target._store.add_graph(name)

    def _seen(self, quad: Any) -> Any:  # noqa: ANN401 - pyoxigraph's quad
        """A quad where readers see it."""
        if self._also is None or quad.graph_name != ox.NamedNode(self._also):
            return quad
        return ox.Quad(quad.subject, quad.predicate, quad.object)

    def copy_construct(self, target: OxigraphStore, sparql: str, limit: int) -> int:
        """Copies the triples of a CONSTRUCT query into the default graph of another store.

        Raises:
            QueryTooLarge: more than `limit` triples.
        """
        copied = 0
        with _store_errors(self.path):
            errors = FunctionErrors()
            found = self._store.query(
                sparql,
                **_READ,
                custom_functions=_custom(errors, sparql),
                custom_aggregate_functions=_aggregates(errors, sparql),
                **self._dataset(sparql),
            )
            while rows := list(islice(found, 10_000)):
                copied += len(rows)
                if copied > limit:
                    raise QueryTooLarge(
                        f"The query joins scenes with more than {limit:,} triples of the graph.",
                        "Name a predicate, subject or object in each pattern.",
                    )
                target._store.extend(ox.Quad(one.subject, one.predicate, one.object) for one in rows)
        return copied

    def add_text(self, lines: bytes) -> None:
        """Adds N-Triples that earthdex wrote itself, fast."""
        with _store_errors(self.path):
            self._store.bulk_load(lines, format=ox.RdfFormat.N_TRIPLES, lenient=True)

    def dump(self, media_type: str = "application/n-quads") -> bytes:
        """The whole store as RDF text (N-Quads or TriG)."""
        with _store_errors(self.path):
            return bytes(self._store.dump(format=_FORMATS[media_type]))

    def dump_graph(self, graph: IRI | None, media_type: str = "application/n-triples", to: Path | None = None) -> bytes:
        """The triples of one graph as RDF text; b"" where they go `to` a file."""
        where, used = ox.NamedNode(graph) if graph is not None else ox.DefaultGraph(), PREFIXES
        with _store_errors(self.path):
            form = _FORMATS[media_type]
            return bytes(self._store.dump(to, form, from_graph=where, prefixes=used) or b"")

    def backup(self, target: Path) -> None:
        """Copies the store into a folder that does not exist yet, by hard links where it can; `flush` it first."""
        with _store_errors(self.path):
            self._store.backup(str(target))

    def flush(self) -> None:
        """Brings everything to disk, so that it outlives a loss of power."""
        with _store_errors(self.path):
            self._store.flush()

    def optimize(self) -> None:
        """Merges the store's files, which makes reading faster."""
        with _store_errors(self.path):
            self._store.optimize()

    def close(self) -> None:
        """Lets the store's files and lock go."""
        self._store = None


def _custom(errors: FunctionErrors, sparql: str) -> dict[Any, Callable[..., Any]] | None:
    """The `geof:` functions in pyoxigraph's form; what they raise is noted, since pyoxigraph swallows it.

    None for a query that names none of them.
    """
    own = {ox.NamedNode(NODE_FUNCTION): _blank_node} if NODE_FUNCTION in sparql else {}
    if "geosparql/" not in sparql and "geof:" not in sparql:
        return own or None

    found = custom_functions(errors, from_ox, to_ox)
    return own | {ox.NamedNode(iri): call for iri, call in found.items()}


def _aggregates(errors: FunctionErrors, sparql: str) -> dict[Any, Callable[[], Any]] | None:
    """The aggregates of `geof:` in pyoxigraph's form; None for a query that names none."""
    found = custom_aggregates(errors, sparql, from_ox, to_ox)
    return {ox.NamedNode(iri): make for iri, make in found.items()} or None


def _blank_node(label: Any) -> Any:  # noqa: ANN401 - pyoxigraph's terms
    return ox.BlankNode(label.value)


def _result(found: Any, max_rows: int | None, errors: FunctionErrors) -> Result:  # noqa: ANN401
    limit = DEFAULT_LIMITS.rows * 100 if max_rows is None else max_rows
    if isinstance(found, ox.QueryBoolean):
        answer = bool(found)
        if errors.notes() and not answer:
            raise QueryError(f"The answer is unknown: {'; '.join(errors.notes())}.", "Correct the geometries.")
        return answer
    if isinstance(found, ox.QueryTriples):
        triples = [(from_ox(t.subject), IRI(t.predicate.value), from_ox(t.object)) for t in islice(found, limit + 1)]
        _bounded(len(triples), limit)
        return Triples(tuple(triples), errors.notes())  # type: ignore[arg-type]
    names = tuple(one.value for one in found.variables)
    rows = [tuple(None if t is None else from_ox(t) for t in row) for row in islice(found, limit + 1)]
    _bounded(len(rows), limit)
    return Solutions(names, tuple(rows), errors.notes())


def _bounded(count: int, limit: int) -> None:
    if count > limit:
        raise QueryTooLarge(f"The query has more than {limit:,} results.", "Add a LIMIT.")
