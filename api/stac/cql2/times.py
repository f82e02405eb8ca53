"""Temporal functions of CQL2 as comparisons of the ends of two intervals (OGC 21-065r2, 7.8; Allen's relations)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.stac.cql2.nodes import All, CompareOp, Comparison, Node, Scalar, Some, Value
from api.stac.moments import DAY, day_of, micros_of
from ontology.errors import QueryError

EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first moment of the year 1, and the last one of the year 9999: what an open end stands for."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two moments, both included; None: open. An instant has both ends alike."""

    start: Scalar | None
    end: Scalar | None

    @classmethod
    def of_day(cls, first: int) -> Interval:
        """The day that begins at a moment."""
        return cls(Value(first, "moment"), Value(first + DAY - 1, "moment"))


def instant_of(tree: Mapping[str, Any]) -> int:
    """The moment of `{"timestamp": ...}`, or the first one of `{"date": ...}`.

    Raises:
        QueryError: it is none.
    """
    value = tree.get("timestamp", tree.get("date"))
    if not isinstance(value, str):
        raise QueryError("A moment of the filter is no text.", "Write 2020-07-23T00:00:00Z.")
    return micros_of(value) if "timestamp" in tree else day_of(value)


_Ends = tuple[Scalar, Scalar, Scalar, Scalar]


def _all(*rules: tuple[int, CompareOp, int]) -> Callable[[_Ends], Node]:
    return lambda ends: All(tuple(Comparison(op, ends[one], ends[two]) for one, op, two in rules))


# 0, 1: start and end of the first interval; 2, 3: of the second
_RELATIONS: dict[str, Callable[[_Ends], Node]] = {
    "after": _all((0, ">", 3)),
    "before": _all((1, "<", 2)),
    "contains": _all((0, "<", 2), (1, ">", 3)),
    "disjoint": lambda ends: Some((Comparison(">", ends[0], ends[3]), Comparison("<", ends[1], ends[2]))),
    "during": _all((0, ">", 2), (1, "<", 3)),
    "equals": _all((0, "=", 2), (1, "=", 3)),
    "finishedby": _all((0, "<", 2), (1, "=", 3)),
    "finishes": _all((0, ">", 2), (1, "=", 3)),
    "intersects": _all((0, "<=", 3), (1, ">=", 2)),
    "meets": _all((1, "=", 2)),
    "metby": _all((0, "=", 3)),
    "overlappedby": _all((0, ">", 2), (0, "<", 3), (1, ">", 3)),
    "overlaps": _all((0, "<", 2), (1, ">", 2), (1, "<", 3)),
    "startedby": _all((0, "=", 2), (1, ">", 3)),
    "starts": _all((0, "=", 2), (1, "<", 3)),
}


def relation(name: str, first: Interval, second: Interval) -> Node:
    """The test that a temporal function stands for.

    Raises:
        QueryError: there is no such function.
    """
    made = _RELATIONS.get(name.casefold())
    if made is None:
        raise QueryError(f"The filter has no operator {f't_{name}'[:40]!r}.", "Use t_intersects, t_during, t_after ...")
    ends = (
        first.start or Value(EARLIEST, "moment"),
        first.end or Value(LATEST, "moment"),
        second.start or Value(EARLIEST, "moment"),
        second.end or Value(LATEST, "moment"),
    )
    return made(ends)
