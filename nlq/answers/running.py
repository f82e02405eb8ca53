"""Running queries for one answer: what a home must offer, and a budget of time for what is not the answer itself."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Protocol

from kg.solutions import Result, Solutions
from nlq.compile.frame import Query
from nlq.compile.names import Graph, Names, names_of
from nlq.compile.query import compile_count, compile_question
from nlq.question import PlaceClass, Question
from nlq.sheet.patterns import regex
from ontology.errors import EarthdexError, QueryTooLarge
from ontology.terms import IRI, Literal, Term

_MOST_PLACES = 300
_SOURCE = regex(r" \(| is missing")


class Askable(Protocol):
    """The part of `kg.home.Home` that answering needs."""

    @property
    def graph(self) -> Graph:
        """The graph tier."""
        ...

    @property
    def version(self) -> str:
        """The published version that is asked."""
        ...

    def query(self, sparql: str) -> Result:
        """The result of a query over graph and scenes as one."""
        ...


class Runner:
    """Runs the queries of one answer.

    Args:
        home: the catalogue.
        budget: seconds that advice (other counts, near names) may take together.
    """

    def __init__(self, home: Askable, budget: float = 0.5) -> None:
        self.home = home
        self.names: Names = names_of(home.graph, getattr(home, "path", None))
        self.notes: list[str] = []
        self.sources: dict[str, str] = {}
        self._budget = budget
        self._known_places: dict[PlaceClass, tuple[IRI, ...]] = {}

    @property
    def may_advise(self) -> bool:
        """Whether time for advice is left."""
        return self._budget > 0

    def hurry(self, seconds: float) -> None:
        """Leave at most so much time for advice from now on."""
        self._budget = min(self._budget, seconds)

    def rows(self, body: str) -> tuple[tuple[Term | None, ...], ...]:
        """Rows of a SELECT whose prefixes are added here; over the graph alone."""
        return self.names.rows(body)

    def solutions(self, query: Query) -> Solutions:
        """Solutions of a SELECT; what its reader must know goes to `notes`, which live sources took part to `sources`.

        Only queries for scenes have to see the scenes; all others are answered by the graph alone.
        """
        found = self.home.query(query.sparql) if query.scenes else self.home.graph.query(query.sparql)
        if not isinstance(found, Solutions):
            return Solutions((), ())
        self.notes += [note for note in found.notes if note not in self.notes]
        for said in found.sources:  # the first word counts, unless a later one is that a source is missing
            name, state = re.split(r"(?= \(| is missing)", said, maxsplit=1) if _SOURCE.search(said) else (said, "")
            if name not in self.sources or state.startswith(" is missing"):
                self.sources[name] = said
        return found

    def ask(self, sparql: str) -> bool:
        """The answer of an ASK."""
        return self.home.query(sparql) is True

    def compile(self, question: Question, *, title: str = "", most: int | None = None) -> Query:
        """The query of a question; where it ranges over places of a kind that are few, it names them.

        Raises:
            NotAnswerable: as `compile_question`.
        """
        query = compile_question(question, self.names, title=title, most=most)
        resolved = self.resolved(question) if query.target != "place" else {}
        if resolved:
            fast = compile_question(question, self.names, title=title, most=most, resolved=resolved)
            return replace(query, sparql=fast.sparql)
        return query

    def resolved(self, question: Question) -> dict[PlaceClass, tuple[IRI, ...]]:
        """The places of each kind that a question ranges over, where they are few enough to be named."""
        found = {}
        for place in question.places:
            if isinstance(place, PlaceClass):
                found[place] = self._places(place)
        return {place: iris for place, iris in found.items() if len(iris) <= _MOST_PLACES}

    def _places(self, place: PlaceClass) -> tuple[IRI, ...]:
        if place not in self._known_places:
            query = compile_question(Question("", places=(place,)), self.names, most=_MOST_PLACES + 1)
            found = self.names.graph.query(query.sparql)
            rows = found.rows if isinstance(found, Solutions) else ()
            self._known_places[place] = tuple(IRI(str(row[0])) for row in rows)
        return self._known_places[place]

    def count(self, question: Question) -> int:
        """How many things the conditions of a question leave.

        Raises:
            EarthdexError: the question cannot be compiled or the query not be run.
        """
        found = self.solutions(compile_count(question, self.names, self.resolved(question)))
        return number(found.rows[0][0]) if found.rows else 0

    def count_at_least(self, question: Question, least: int) -> int:
        """The same, never less than what was found; where that is too much to count, that, with a note."""
        try:
            return max(least, self.count(question))
        except QueryTooLarge as error:
            self.notes.append(f"How many there are in all is not known: {error.message}")
            return least

    def has_scenes(self) -> bool:
        """Whether there is any satellite scene."""
        try:
            return bool(self.solutions(compile_question(Question("", target="product"), self.names, most=1)).rows)
        except QueryTooLarge:
            return True

    def advised_count(self, question: Question) -> int | None:
        """The same for advice: None where the time is over or the question makes no sense."""
        if not self.may_advise:
            return None
        started = time.perf_counter()
        try:
            return self.count(question)
        except EarthdexError:
            return None
        finally:
            self._budget -= time.perf_counter() - started

    def advised_value(self, question: Question) -> float | None:
        """The figure of a calculation for advice: None where there is none or the time is over."""
        if not self.may_advise:
            return None
        started = time.perf_counter()
        try:
            found = self.solutions(compile_question(question, self.names, resolved=self.resolved(question)))
            value = cell(found.rows[0][0]) if found.rows else None
            return float(value) if isinstance(value, (int, float)) else None
        except EarthdexError:
            return None
        finally:
            self._budget -= time.perf_counter() - started


def number(term: Term | None) -> int:
    """The whole number of a cell; 0 where there is none."""
    value = term.to_python() if isinstance(term, Literal) else 0
    return int(value) if isinstance(value, (int, float)) else 0


def cell(term: Term | None) -> str | int | float | bool | None:
    """A cell as a Python value: numbers and booleans as such, all others as text."""
    if term is None:
        return None
    return term.to_python() if isinstance(term, Literal) else str(term)


__all__ = ["Askable", "Runner", "cell", "number"]
