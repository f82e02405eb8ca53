"""Decides a filter for one row at a time: what columns cannot, and Items that are no scenes.

Logic is three-valued, as in `kg.scenes.terms`: None is unknown, and a row is kept only where the whole is true.
"""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from api.stac.cql2.nodes import (
    All,
    Array,
    Comparison,
    Fixed,
    Folded,
    Like,
    Negated,
    Node,
    OneOfList,
    Property,
    Scalar,
    Some,
    Space,
    Sum,
    Unknown,
    Value,
)

Row = Mapping[str, Any]
"""Values by column: texts, numbers, microseconds, lists of texts, shapely geometries; None: unknown."""

_COMPARES: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

# with the geometry first and the footprint second
_TURNED = {"within": "contains", "contains": "within"}


def holds(node: Node, row: Row) -> bool | None:
    """Whether a filter holds for a row; None: unknown."""
    match node:
        case Fixed(given):
            return given
        case All(parts):
            found = [holds(one, row) for one in parts]
            return False if False in found else None if None in found else True
        case Some(parts):
            found = [holds(one, row) for one in parts]
            return True if True in found else None if None in found else False
        case Negated(part):
            inner = holds(part, row)
            return None if inner is None else not inner
        case Comparison(op, left, right):
            one, two = value_of(left, row), value_of(right, row)
            return None if one is None or two is None else bool(_COMPARES[op](one, two))
        case OneOfList(value, listed):
            one = value_of(value, row)
            return None if one is None else one in [value_of(each, row) for each in listed]
        case Unknown(field):
            return row.get(field.column) in (None, "", (), [])
        case Like(text, pattern):
            one, two = value_of(text, row), value_of(pattern, row)
            return None if one is None or two is None else _pattern(str(two)).fullmatch(str(one)) is not None
        case Array():
            return _array(node, row)
        case Space():
            return _space(node, row)
    return None


def value_of(scalar: Scalar, row: Row) -> Any:  # noqa: ANN401
    """The value of a scalar for a row; None: unknown."""
    match scalar:
        case Value(value):
            return value
        case Property(field):
            return row.get(field.column)
        case Folded(how, text):
            inner = value_of(text, row)
            return None if inner is None else _folded(str(inner), how)
        case Sum(op, left, right):
            one, two = value_of(left, row), value_of(right, row)
            return None if one is None or two is None else _sum(op, float(one), float(two))
    return None


def _sum(op: str, one: float, two: float) -> float | None:
    try:
        match op:
            case "+":
                found = one + two
            case "-":
                found = one - two
            case "*":
                found = one * two
            case "/":
                found = one / two
            case "div":
                found = float(math.trunc(one / two))
            case "%":
                found = math.fmod(one, two)
            case _:
                found = math.pow(one, two)
    except (ArithmeticError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _folded(text: str, how: str) -> str:
    if how == "casei":
        return text.lower()
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    """A LIKE pattern as an expression that takes linear time: after each `%`, the first place that fits is kept."""
    pieces: list[list[str]] = [[]]
    escaped = False
    for letter in text:
        if escaped or letter not in "\\%_":
            pieces[-1].append(re.escape(letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == "_":
            pieces[-1].append(".")
        elif pieces[-1] or len(pieces) == 1:
            pieces.append([])
    first, *others = ("".join(one) for one in pieces)
    if not others:
        return re.compile(first, re.DOTALL)
    *between, last = others
    # an atomic group for each piece in between: no way back into what was matched
    inner = "".join(f"(?>.*?{one})" for one in between if one)
    return re.compile(f"{first}{inner}.*{last}", re.DOTALL)


def _array(node: Array, row: Row) -> bool:
    mine, given = set(row.get(node.field.column) or ()), set(node.values)
    if not mine:
        return False
    match node.op:
        case "contains":
            return mine >= given
        case "containedby":
            return mine <= given
        case "overlaps":
            return bool(mine & given)
        case _:
            return mine == given


def _space(node: Space, row: Row) -> bool | None:
    import shapely

    shape = row.get("geometry")
    if shape is None:
        return None
    shapely.prepare(node.geometry)  # once; only its own side gains by it, so it goes first
    return bool(getattr(shapely, _TURNED.get(node.op, node.op))(node.geometry, shape))
