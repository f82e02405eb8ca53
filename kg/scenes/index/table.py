"""Plans over the indexes of all parts of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.frames import Rows, columns_of
from kg.scenes.index.groups import run_groups
from kg.scenes.index.kept import Kept
from kg.scenes.index.order import Found, first_by_time, limited, narrowed, sorted_rows
from kg.scenes.index.part import Part, numbers_of, size_of
from kg.scenes.index.scalars import scalar
from kg.scenes.index.select import Search, passing
from kg.scenes.index.vectors import Coded, NotHere
from kg.scenes.plan import Outcome, Plan
from kg.scenes.terms import Column, Figure, Member

Row = tuple[Any, ...]
_MOST_SORTED = 2_000_000
_MANY = 10_000  # rows: sooner found all at once than step by step
_MOST_DISTINCT = 100_000
_MOST_KEPT = 4_000_000  # rows of all searches
_LEFT_OUT = frozenset(("assets", "original"))


class IndexedTable:
    """A table whose parts all have an index. Safe for threads.

    Args:
        parts: indexes of the parts.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self._kept = Kept(_MOST_KEPT)

    def run(self, plan: Plan) -> list[Row] | None:
        """Rows of a plan, as the engine returns them; None where the engine shall do it."""
        found = self.columnwise(plan)
        return None if found is None else found.rows()

    def columnwise(self, plan: Plan) -> Outcome | None:
        """What a plan returns, column by column; None where the engine shall do it."""
        try:
            with np.errstate(over="ignore"):  # beyond double precision is infinite, as in the engine
                return self._run(plan)
        except NotHere:
            return None

    def _run(self, plan: Plan) -> Outcome:
        searches = self._searches(plan)
        width = len(plan.select)
        if plan.aggregate:
            return Outcome.of(run_groups(plan, searches), width)
        if any(isinstance(one, (Member, Figure)) for one in plan.select):
            return Outcome.of(_members(plan, searches), width)
        searches = [one for one in searches if one.first < one.end]
        if plan.distinct:
            return Outcome.of(_distinct(plan, searches), width)
        wanted = None if plan.limit is None else plan.limit + plan.offset
        if wanted == 0 or not searches:
            return Outcome.of((), width)
        found = _found(plan, searches, wanted)
        found = [(part, rows) for part, rows in found if len(rows)]
        if sum(len(rows) for _, rows in found) > _MOST_SORTED:
            raise NotHere("too many rows to write out")
        if not plan.order:
            return written(plan, limited(found, plan.offset, wanted))
        return written(plan, *sorted_rows(found, plan.order, plan.offset, wanted))

    def _searches(self, plan: Plan) -> list[Search]:
        """The searches of a plan over all parts, kept for the next time unless they hold many rows.

        Raises:
            NotHere: the index does not know.
        """
        key = (plan.select, plan.where, plan.spatial, plan.order)
        found: list[Search] | None = self._kept.held(key)
        if found is None:
            for one in (*plan.select, *plan.where, *(each.value for each in plan.order)):
                if columns_of(one) & _LEFT_OUT:
                    raise NotHere("a column that is not indexed")
            found = [Search.prepare(part, plan.where, plan.spatial) for part in self._parts]
            self._kept.keep(key, found, sum(one.size for one in found))
        return found


def _found(plan: Plan, searches: list[Search], wanted: int | None) -> list[Found]:
    """Rows of each part among which are those wanted."""
    if not plan.order and wanted is not None and wanted < _MANY:
        return _some(searches, wanted)
    if wanted is None or not plan.order:
        return _all(searches)
    by = plan.order[0]
    if by.value == Column("start_time"):
        return first_by_time(searches, by, wanted, ties=len(plan.order) > 1)
    return [(part, narrowed(part, rows, by, wanted)) for part, rows in _all(searches)]


def _all(searches: list[Search]) -> list[Found]:
    """All rows that pass."""
    if not all(one.areas for one in searches):
        return [(one.part, numbers_of(one.all())) for one in searches]
    found = passing(searches, [slice(one.first, one.end) if one.rows is None else one.rows for one in searches])
    return [(one.part, rows) for one, rows in zip(searches, found, strict=True)]


def _some(searches: list[Search], wanted: int) -> list[Found]:
    found: list[Found] = []
    for search in searches:
        for rows in search.steps():
            found.append((search.part, rows[:wanted]))
            wanted -= len(found[-1][1])
            if not wanted:
                return found
    return found


def written(plan: Plan, found: Sequence[Found], places: Array | None = None) -> Outcome:
    """What the plan returns of rows of some parts.

    Args:
        plan: without aggregates.
        found: the rows of each part.
        places: where each of them comes, part by part; None: one after the other.
    """
    frames = [Rows(part, rows) for part, rows in found]
    count = sum(one.count for one in frames)
    columns: list[list[Any]] = []
    order = None if places is None else np.argsort(places).tolist()
    for one in plan.select:
        cells: list[Any] = []
        for frame in frames:
            cells += scalar(one, frame).python()  # type: ignore[arg-type]
        columns.append(cells if order is None else [cells[at] for at in order])
    return Outcome(count, tuple(columns))


def _distinct(plan: Plan, searches: list[Search]) -> list[Row]:
    """Different rows."""
    seen: dict[Row, None] = {}
    for search in searches:
        rows = numbers_of(_examples(plan, search))
        if len(rows) > _MOST_DISTINCT:
            raise NotHere("many different rows")
        seen |= dict.fromkeys(_frozen(row) for row in written(plan, [(search.part, rows)]).rows())
        if not plan.order and plan.limit is not None and len(seen) >= plan.limit + plan.offset:
            break
    return ordered(plan, [tuple(list(c) if isinstance(c, tuple) else c for c in row) for row in seen])


def _examples(plan: Plan, search: Search) -> Any:  # noqa: ANN401 - a slice or numbers
    """For each combination of codes one row, where all that is returned is coded; all rows otherwise."""
    names = sorted(frozenset[str]().union(*map(columns_of, plan.select)))
    if any(name in ("bbox", "scene", "geometry") for name in names):
        return search.all()
    columns = [search.part.column(name) for name in names]
    if not all(isinstance(one, Coded) for one in columns):
        return search.all()
    rows = numbers_of(search.all())
    combined = np.zeros(len(rows), np.int64)
    for one in columns:
        if isinstance(one, Coded):
            if combined.size and int(combined.max()) > 2**62 // len(one.counts):
                return rows
            combined = combined * len(one.counts) + one.take(rows, len(rows))
    return rows[np.unique(combined, return_index=True)[1]]


def _members(plan: Plan, searches: list[Search]) -> list[Row]:
    """The different members of a list column."""
    if not plan.distinct or len(plan.select) != 1 or not isinstance(plan.select[0], Member):
        raise NotHere("members in rows")
    seen: dict[Row, None] = {}
    for search in searches:
        column = search.part.column(plan.select[0].column)
        if not isinstance(column, Coded) or column.kind != "list":
            raise NotHere("members of no list")
        if plan.where or plan.spatial:
            rows = search.all()
            codes = np.unique(column.take(rows, size_of(rows)))
        else:
            codes = np.flatnonzero(column.counts)
        for code in codes.tolist():
            seen |= dict.fromkeys((member,) for member in column.vector.data[code] if member is not None)
    return ordered(plan, list(seen))


def _frozen(row: Row) -> Row:
    return tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row)


def ordered(plan: Plan, rows: list[Row]) -> list[Row]:
    """Finished rows, ordered by what they hold, and those that the limit leaves.

    Raises:
        NotHere: they are ordered by something that they do not hold.
    """
    for one in reversed(plan.order):
        if one.value not in plan.select or (isinstance(one.value, Figure) and one.value.name == "sum, count"):
            raise NotHere("order")
        at = plan.select.index(one.value)
        known = [row for row in rows if row[at] is not None]
        unknown = [row for row in rows if row[at] is None]
        known.sort(key=lambda row, at=at: row[at], reverse=one.descending)  # type: ignore[misc]
        rows = [*known, *unknown] if one.descending or one.unknown_last else [*unknown, *known]
    return rows[plan.offset : None if plan.limit is None else plan.offset + plan.limit]
