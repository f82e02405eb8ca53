"""Results of queries: solutions of SELECT, triples of CONSTRUCT and DESCRIBE; ASK gives a plain bool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from ontology.errors import NotFound
from ontology.terms import Term, Triple

Row: TypeAlias = tuple[Term | None, ...]


@dataclass(frozen=True, slots=True)
class Solutions:
    """Solutions of a SELECT query.

    Attributes:
        variables: names without the question mark, in the order of the query.
        rows: one term or None (unbound) for each variable.
        notes: what a reader must know to trust the rows, such as functions that failed on some of them.
        sources: live sources that took part, or should have: a sentence each.
    """

    variables: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def column(self, variable: str) -> tuple[Term | None, ...]:
        """All values of one variable.

        Raises:
            NotFound: the query has no such variable.
        """
        try:
            index = self.variables.index(variable)
        except ValueError:
            raise NotFound(f"The result has no variable ?{variable}.", f"It has {', '.join(self.variables)}.") from None
        return tuple(row[index] for row in self.rows)

    def dicts(self) -> list[dict[str, Term]]:
        """Rows as dicts of the bound variables."""
        return [
            {name: term for name, term in zip(self.variables, row, strict=True) if term is not None}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Triples:
    """Triples of a CONSTRUCT or DESCRIBE query; `notes` and `sources` as in `Solutions`."""

    triples: tuple[Triple, ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.triples)

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)


Result: TypeAlias = Solutions | bool | Triples


def with_sources(result: Result, sources: Iterable[str]) -> Result:
    """A result that says which live sources took part; a plain yes or no has no place for it."""
    told = tuple(sources)
    return result if isinstance(result, bool) or not told else replace(result, sources=told)


def with_notes(result: Result, notes: Iterable[str]) -> Result:
    """A result with further notes; a plain yes or no has no place for them."""
    told = tuple(notes)
    return result if isinstance(result, bool) or not told else replace(result, notes=(*result.notes, *told))
