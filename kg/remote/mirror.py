"""The triples of a server that were read, in a small store here, and what is known to be complete.

Each query needs the triples that its patterns may match; what an earlier query read is not asked again until it has
aged, so a run of questions asks little. Everything in it is in the server's graph, so more than a query needs changes
no answer.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from kg.oxigraph import OxigraphStore
from kg.remote.fetch import Fetcher, Predicates
from kg.remote.marker import STORE, read_marker
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, BNode, Literal, Term, Triple

MOST_TRIPLES = 1_000_000
"""Most triples that are read for one query."""

_LARGEST = 2_000_000
_CHUNK = 20_000
_MANY = 5


@dataclass
class _Known:
    """Of one predicate (None: any) in one graph: whether all triples are here, or all of some subjects and values."""

    whole: bool = False
    subjects: set[Term] = field(default_factory=set)
    values: set[Term] = field(default_factory=set)


class Mirror:
    """Triples read from one server, for one query after another. Not safe for threads."""

    def __init__(self, fetcher: Fetcher, seconds: float) -> None:
        self.fetcher, self._seconds = fetcher, seconds
        self.store = OxigraphStore.memory()
        self._clear()

    def _clear(self) -> None:
        self.store = OxigraphStore.memory()  # whoever still reads the old one keeps it
        self._known: dict[tuple[IRI | None, IRI | None], _Known] = {}
        self._counts: dict[tuple[IRI | None, IRI | None, Term | None], int] = {}
        self._counted: set[IRI | None] = set()
        self._graphs: tuple[IRI, ...] | None = None
        self._named = False
        self._born = time.monotonic()
        self.held = 0
        self.left = MOST_TRIPLES

    def begin(self) -> None:
        """A new query: what is too old or too much is forgotten."""
        if time.monotonic() - self._born >= self._seconds or self.held > _LARGEST:
            self._clear()
        self.left = MOST_TRIPLES

    # --- numbers, to choose where to begin -----------------------------------------------------------------------

    def count(self, graph: IRI | None, predicates: Predicates, value: Term | None = None) -> int:
        """How many triples match, or so; asked once."""
        return sum(self._count(graph, one, value) for one in (predicates or (None,)))

    def _count(self, graph: IRI | None, predicate: IRI | None, value: Term | None) -> int:
        key = (graph, predicate, value)
        if key not in self._counts:
            if value is None and graph not in self._counted:
                self._counted.add(graph)
                try:
                    found = self.fetcher.counts(graph)
                except QueryTooLarge:  # too many to be counted at once
                    found = {}
                if found:
                    self._counts |= {(graph, name, None): number for name, number in found.items()}
                    self._counts[graph, None, None] = sum(found.values())
            if key not in self._counts:
                known = value is None and (graph, None, None) in self._counts
                self._counts[key] = 0 if known else self.fetcher.count(graph, predicate, value)
        return self._counts[key]

    def graphs(self) -> tuple[IRI, ...]:
        """Named graphs of the server, those that were pushed if any were; without that of the catalogue itself."""
        if self._graphs is None:
            marker = read_marker(self.fetcher)
            dialect = self.fetcher.dialect
            found = marker.graphs if marker is not None else self.fetcher.graphs()
            hidden = {dialect.graph, STORE}
            self._graphs = tuple(one for one in found if one not in hidden and not dialect.is_own(one))
        return self._graphs

    def name_graphs(self) -> None:
        """Makes the named graphs known here: `GRAPH ?g {}` finds them."""
        if not self._named:
            self._named = True
            copy_names(self.graphs(), self.store)

    # --- reading what is missing ---------------------------------------------------------------------------------

    def read_whole(self, graph: IRI | None, predicates: Predicates) -> None:
        """Makes sure that all triples of some predicates are here (None: of all)."""
        for one in predicates or (None,):
            if not self._is_whole(graph, one):
                if self._count(graph, one, None) > self.left:
                    raise _too_many(one)
                self._add(graph, self.fetcher.whole(graph, one))
                self._of(graph, one).whole = True

    def read_subjects(self, graph: IRI | None, subjects: Collection[Term], predicates: Predicates) -> None:
        """Makes sure that all triples of some subjects with some predicates are here (None: with any)."""
        open_ = [one for one in predicates or (None,) if not self._is_whole(graph, one)]
        missing: dict[Term, None] = {}
        needed: list[IRI | None] = []
        for one in open_:
            known, every = self._of(graph, one).subjects, self._of(graph, None).subjects
            lacking = [s for s in subjects if not isinstance(s, Literal) and s not in known and s not in every]
            if lacking:
                needed.append(one)
                missing |= dict.fromkeys(lacking)
        if not needed:
            return
        if len(needed) > _MANY:
            needed = [None]  # all that is said of them is found faster than many predicates
        asked = None if None in needed else tuple(one for one in needed if one is not None)
        self._add(graph, self.fetcher.of_subjects(graph, list(missing), asked))
        for one in needed:
            self._of(graph, one).subjects |= missing.keys()

    def read_values(self, graph: IRI | None, values: Collection[Term], predicates: Predicates) -> None:
        """Makes sure that all triples with some values and predicates are here (None: with any)."""
        open_ = [one for one in predicates or (None,) if not self._is_whole(graph, one)]
        missing: dict[Term, None] = {}
        needed: list[IRI | None] = []
        for one in open_:
            known, every = self._of(graph, one).values, self._of(graph, None).values
            lacking = [o for o in values if o not in known and o not in every]
            if lacking:
                needed.append(one)
                missing |= dict.fromkeys(lacking)
        if not needed:
            return
        asked = None if None in needed else tuple(one for one in needed if one is not None)
        self._add(graph, self.fetcher.of_values(graph, list(missing), asked))
        for one in needed:
            self._of(graph, one).values |= missing.keys()

    def _of(self, graph: IRI | None, predicate: IRI | None) -> _Known:
        return self._known.setdefault((graph, predicate), _Known())

    def _is_whole(self, graph: IRI | None, predicate: IRI | None) -> bool:
        return self._of(graph, predicate).whole or self._of(graph, None).whole

    def _add(self, graph: IRI | None, triples: Iterable[Triple]) -> None:
        lot: list[Triple] = []
        for triple in triples:
            lot.append(triple)
            if len(lot) >= _CHUNK:
                self._put(graph, lot)
                lot = []
        self._put(graph, lot)

    def _put(self, graph: IRI | None, lot: list[Triple]) -> None:
        self.held += len(lot)
        self.left -= len(lot)
        if self.left < 0:
            raise _too_many(None)
        self.store.extend(lot, graph)

    def is_node(self, graph: IRI | None, term: Term) -> bool:
        """Whether a term is subject or value of a triple here."""
        subject = term if isinstance(term, (IRI, BNode)) else None
        found = subject is not None and next(self.store.matching(subject, None, None, graph), None) is not None
        return found or next(self.store.matching(None, None, term, graph), None) is not None

    # --- what is here --------------------------------------------------------------------------------------------

    def matches(
        self,
        graph: IRI | None,
        subjects: Collection[Term] | None,
        predicates: Predicates,
        values: Collection[Term] | None,
    ) -> Iterator[Triple]:
        """Triples here; None stands for anything."""
        steps: tuple[IRI | None, ...] = predicates or (None,)
        store = self.store
        if subjects is not None and (values is None or len(subjects) <= len(values)):
            for s in subjects:
                if isinstance(s, (IRI, BNode)):
                    for p in steps:
                        for quad in store.matching(s, p, None, graph):
                            if values is None or quad[2] in values:
                                yield quad[:3]
        elif values is not None:
            for o in values:
                for p in steps:
                    for quad in store.matching(None, p, o, graph):
                        if subjects is None or quad[0] in subjects:
                            yield quad[:3]
        else:
            for p in steps:
                for quad in store.matching(None, p, None, graph):
                    yield quad[:3]


def copy_names(names: Iterable[IRI], target: OxigraphStore) -> None:
    """Adds names of graphs to a store."""
    middle = OxigraphStore.memory()
    node = IRI("urn:earthdex:none")
    for name in names:
        middle.extend([(node, node, node)], name)
    middle.copy_names(target)


def _too_many(predicate: IRI | None) -> QueryTooLarge:
    what = f"triples with <{predicate}>" if predicate else "triples of the server"
    return QueryTooLarge(
        f"The query reads more than {MOST_TRIPLES:,} {what}.",
        "Name a subject, a value or a class in each pattern, so that fewer can match.",
    )
