"""Whether a result is a right one, where the plain store's is known: SPARQL leaves some choices open."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

from kg.home import Home
from kg.oxigraph import OxigraphStore
from kg.solutions import Result, Solutions, Triples
from ontology.errors import EarthdexError, QuerySyntaxError, QueryTooLarge
from ontology.terms import BNode, Literal, Term
from tests.kg.sparql_expressions import Asked

_LEAST_OR_MOST = re.compile(r"\b(?:MIN|MAX)\s*\([^()]*\)\s*AS\s*[?$](\w+)", re.IGNORECASE)
ROWS = 20_000
"""Queries with more results than this prove nothing more and take long."""


class Refused:
    """A query that both must refuse, and how."""

    def __init__(self, kind: type[EarthdexError]) -> None:
        self.kind = kind


def cell(value: Term | None) -> Any:
    """A term as compared: numbers up to rounding, blank nodes without their labels, parts of lists in any order."""
    if isinstance(value, BNode):
        return "_:"
    if isinstance(value, Literal):
        if "‖" in value.value:
            return tuple(sorted(value.value.split("‖")))
        number = value.to_python()
        if isinstance(number, float):
            return f"{number:.9g}", value.datatype
    return value


def rows(result: Solutions) -> list[tuple[Any, ...]]:
    """The rows of a result as compared."""
    return [tuple(map(cell, row)) for row in result.rows]


def plain_result(plain: OxigraphStore, asked: Asked) -> Result | Refused | None:
    """What the plain store finds; None where that is too much to compare."""
    try:
        return plain.query(asked.text, max_rows=ROWS)
    except QueryTooLarge:
        return None
    except EarthdexError as error:
        return Refused(type(error))


def difference(home: Home, plain: OxigraphStore, asked: Asked, wanted: Result | Refused) -> str:
    """What is wrong with what the catalogue finds; an empty text where nothing is."""
    try:
        found = home.query(asked.text, max_rows=ROWS)
    except QueryTooLarge:
        raise
    except EarthdexError as error:
        if isinstance(wanted, Refused) and isinstance(error, QuerySyntaxError) == issubclass(
            wanted.kind, QuerySyntaxError
        ):
            return ""
        return f"refused: {error}"
    if isinstance(wanted, Refused):
        return "" if found is False else f"not refused as {wanted.kind.__name__}"
    if isinstance(wanted, Solutions) and isinstance(found, Solutions):
        return _solutions(plain, asked, wanted, found)
    if isinstance(wanted, Triples) and isinstance(found, Triples):
        a, b = ({tuple(map(cell, one)) for one in each.triples} for each in (wanted, found))
        return "" if a == b else f"triples missing: {_some(a - b)}; too much: {_some(b - a)}"
    return "" if wanted == found else f"{found} instead of {wanted}"


def _solutions(plain: OxigraphStore, asked: Asked, wanted: Solutions, found: Solutions) -> str:
    if sorted(wanted.variables) != sorted(found.variables):
        return f"variables {found.variables} instead of {wanted.variables}"
    if wanted.variables != found.variables and "SELECT *" not in asked.text.upper():
        return f"variables in the order {found.variables} instead of {wanted.variables}"
    at = [found.variables.index(name) for name in wanted.variables]
    # 10 as decimal and 10 as double are equal: each may be the least
    either = [name in _LEAST_OR_MOST.findall(asked.text) for name in wanted.variables]

    def compared(result: Result) -> list[tuple[Any, ...]]:
        listed = rows(result) if isinstance(result, Solutions) else []
        return [tuple(_rank(c) if free else c for c, free in zip(row, either, strict=True)) for row in listed]

    in_order = replace(found, rows=tuple(tuple(row[number] for number in at) for row in found.rows))
    one, other = compared(wanted), compared(in_order)
    a, b = Counter(one), Counter(other)
    if asked.reduced:
        free = Counter(compared(plain.query(asked.text.replace("REDUCED ", "").replace("reduced ", ""))))
        return "" if a.keys() == b.keys() and b <= free else f"reduced: {_some(a.keys() ^ b.keys())}"
    if asked.unlimited and not asked.total:
        if len(one) != len(other):
            return f"{len(other)} rows instead of {len(one)}"
        whole = plain.query(asked.unlimited)
        if isinstance(whole, Solutions) and not b <= Counter(compared(whole)):
            return f"rows that are not in the whole: {_some(b - Counter(compared(whole)))}"
    elif a != b:
        return f"missing: {_some(a - b)}; too much: {_some(b - a)}"
    keys = [wanted.variables.index(name[1:]) for name in asked.keys if name[1:] in wanted.variables]
    ranked = [[_rank(row[number]) for number in keys] for row in one]
    if asked.keys and ranked != [[_rank(row[number]) for number in keys] for row in other]:
        return f"another order by {asked.keys}"
    return "" if not asked.total or one == other else "another order"


def _rank(value: Any) -> Any:
    """Terms that rank alike as one: numbers of any type."""
    if isinstance(value, tuple) and len(value) == 2:
        return float(value[0])
    if isinstance(value, Literal):
        number = value.to_python()
        return number if isinstance(number, (int, float)) and not isinstance(number, bool) else value
    return value


def _some(items: Any) -> str:
    counted = items.items() if isinstance(items, Counter) else ((one, 1) for one in items)
    text = "; ".join(f"{count}x {one}" for one, count in list(counted)[:3])
    return f"{len(items)} ({text})" if text else "nothing"
