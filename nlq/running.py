"""Running queries for one answer: what a home must offer, and a budget of time for what is not the answer itself."""

from __future__ import annotations

import time
from typing import Protocol

from kg.solutions import Result, Solutions
from nlq.compile import compile_count
from nlq.compile_names import Graph, Names, names_of
from nlq.compile_text import prologue
from nlq.question import Question
from ontology.errors import EarthdexError
from ontology.terms import Literal, Term


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

    def __init__(self, home: Askable, budget: float = 1.0) -> None:
        self.home = home
        self.names: Names = names_of(home.graph)
        self.notes: list[str] = []
        self._budget = budget

    @property
    def may_advise(self) -> bool:
        """Whether time for advice is left."""
        return self._budget > 0

    def rows(self, body: str) -> tuple[tuple[Term | None, ...], ...]:
        """Rows of a SELECT whose prefixes are added here; over the graph alone."""
        return self.names.rows(body)

    def solutions(self, sparql: str) -> Solutions:
        """Solutions of a SELECT over graph and scenes; what its reader must know goes to `notes`."""
        found = self.home.query(sparql)
        if not isinstance(found, Solutions):
            return Solutions((), ())
        self.notes += [note for note in found.notes if note not in self.notes]
        return found

    def ask(self, sparql: str) -> bool:
        """The answer of an ASK."""
        return self.home.query(sparql) is True

    def count(self, question: Question) -> int:
        """How many things the conditions of a question leave.

        Raises:
            EarthdexError: the question cannot be compiled or the query not be run.
        """
        found = self.solutions(compile_count(question, self.names).sparql)
        return number(found.rows[0][0]) if found.rows else 0

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


def number(term: Term | None) -> int:
    """The whole number of a cell; 0 where there is none."""
    value = term.to_python() if isinstance(term, Literal) else 0
    return int(value) if isinstance(value, (int, float)) else 0


def cell(term: Term | None) -> str | int | float | bool | None:
    """A cell as a Python value: numbers and booleans as such, all others as text."""
    if term is None:
        return None
    return term.to_python() if isinstance(term, Literal) else str(term)


__all__ = ["Askable", "Runner", "cell", "number", "prologue"]
