"""What is done with finished groups: HAVING, ORDER BY, OFFSET, LIMIT and the projection."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kg.oxigraph import OxigraphStore
from kg.planner.components import MOST
from kg.solutions import Row, Solutions
from kg.sparql.syntax import Select, Var
from kg.sparql.writer import node_text
from kg.virtual import micros_of
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, XSD, Literal, Term

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBERS = frozenset(XSD + name for name in ("integer", "double", "decimal", "float"))


@dataclass(frozen=True, slots=True)
class Having:
    """A condition on a finished group: a column of it compared with a literal."""

    name: str
    op: str
    value: Literal

    def text(self) -> str:
        """It as a condition of SPARQL."""
        return f"?{self.name} {self.op} {node_text(self.value)}"


def finished(select: Select, having: Sequence[Having], names: Sequence[str], rows: list[Row]) -> Solutions | None:
    """The solutions of a query, of its groups.

    Args:
        select: the query.
        having: conditions on groups.
        names: columns of the groups; the terms of ORDER BY are variables among them.
        rows: the groups.

    Raises:
        QueryTooLarge: too many groups, ordered by values of several types.
    """
    kept = _met(having, names, rows)
    ranked = None if kept is None else _ranked(select, names, kept)
    if ranked is None:
        return _by_store(select, having, names, rows)
    wanted = tuple(one.var.name for one in select.columns or ())
    end = None if select.limit is None else select.offset + select.limit
    at = [names.index(name) for name in wanted]
    return Solutions(wanted, tuple(tuple(row[number] for number in at) for row in ranked[select.offset : end]))


def _met(having: Sequence[Having], names: Sequence[str], rows: list[Row]) -> list[Row] | None:
    """Groups that meet the conditions; None where more than numbers are compared."""
    for one in having:
        limit = _number(one.value)
        if limit is None or one.op not in _OPERATORS or one.name not in names:
            return None
        at = names.index(one.name)
        numbers = [_number(row[at]) for row in rows]
        if None in numbers:
            return None
        compare = _OPERATORS[one.op]
        rows = [row for row, number in zip(rows, numbers, strict=True) if compare(number, limit)]
    return rows


def _ranked(select: Select, names: Sequence[str], rows: list[Row]) -> list[Row] | None:
    """Groups in order; None where a column has values of several types."""
    for one in reversed(select.order):  # sorting keeps the order of equals
        if not isinstance(one.expr, Var) or one.expr.name not in names:
            return None
        at = names.index(one.expr.name)
        keys = _keys([row[at] for row in rows])
        if keys is None:
            return None
        order = sorted(range(len(rows)), key=keys.__getitem__, reverse=one.descending)
        rows = [rows[number] for number in order]
    return rows


def _keys(cells: Sequence[Term | None]) -> list[tuple[bool, Any]] | None:
    """What terms are compared by, unbound ones first; None where they are of several types."""
    for key in (_number, _text, _iri, _moment):
        found = [None if one is None else key(one) for one in cells]
        if all(one is None or value is not None for one, value in zip(cells, found, strict=True)):
            return [(value is not None, value) if value is not None else (False, 0) for value in found]
    return None


def _number(term: Term | None) -> Any:  # noqa: ANN401 - int or float
    if not isinstance(term, Literal) or term.datatype not in _NUMBERS:
        return None
    value = term.to_python()
    return value if isinstance(value, (int, float)) and value == value else None


def _text(term: Term) -> str | None:
    return term.value if isinstance(term, Literal) and term.datatype == XSD + "string" else None


def _iri(term: Term) -> str | None:
    return str(term) if isinstance(term, IRI) else None


def _moment(term: Term) -> int | None:
    return micros_of(term) if isinstance(term, Literal) else None


def _by_store(select: Select, having: Sequence[Having], names: Sequence[str], rows: Sequence[Row]) -> Solutions | None:
    if len(rows) > MOST:
        by = ", ".join(f"?{one.expr.name}" for one in select.order if isinstance(one.expr, Var))
        raise QueryTooLarge(
            f"The query has {len(rows):,} groups, whose values of {by or 'HAVING'} are of several types.",
            "Order by one that has values of one type, or add conditions.",
        )
    wanted = " ".join(f"?{one.var.name}" for one in select.columns or ())
    cells = " ".join(
        f"({' '.join('UNDEF' if cell is None else node_text(cell) for cell in row)})"  # type: ignore[arg-type]
        for row in rows
    )
    text = f"SELECT {wanted} WHERE {{ VALUES ({' '.join(f'?{n}' for n in names)}) "
    text += f"{{ {cells} }} {' '.join(f'FILTER({one.text()})' for one in having)} }}"
    if select.order:
        text += " ORDER BY " + " ".join(
            f"{'DESC' if one.descending else 'ASC'}({node_text(one.expr)})"  # type: ignore[arg-type]
            for one in select.order
        )
    text += f" LIMIT {select.limit}" if select.limit is not None else ""
    text += f" OFFSET {select.offset}" if select.offset else ""
    made = OxigraphStore.memory().query(text)
    return made if isinstance(made, Solutions) else None
