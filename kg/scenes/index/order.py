"""Rows in an order, and the first of them, without writing out what is not returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.frames import Rows
from kg.scenes.index.part import Part
from kg.scenes.index.scalars import scalar
from kg.scenes.index.select import FIRST_STEP, LARGEST_STEP, Search, passing
from kg.scenes.index.vectors import Coded, NotHere, Vector
from kg.scenes.terms import Column, Figure, Member, Order

Found = tuple[Part, Array]


def first_by_time(searches: Sequence[Search], by: Order, wanted: int, ties: bool) -> list[Found]:
    """Rows of each part among which are the first `wanted` by start time.

    Args:
        searches: one a part.
        by: ascending or descending, unknown times first or last.
        wanted: how many.
        ties: whether all rows with the same time as the last one are needed, since another term orders them.
    """
    found: list[Found] = []
    if not by.descending and not by.unknown_last:
        found = _unknown(searches, None if ties else wanted)
        wanted -= sum(len(rows) for _, rows in found)
        if wanted <= 0:
            return found
    timed = [Stride(search, by.descending) for search in searches]
    count = _side_by_side(timed, wanted)
    found += [(one.part, one.first(wanted, ties)) for one in timed]
    if (by.descending or by.unknown_last) and count < wanted:
        found += _unknown(searches, None if ties else wanted - count)
    return found


def _side_by_side(parts: Sequence[Stride], wanted: int) -> int:
    """Searches all parts from one moment to the next until there are enough rows; returns how many were found.

    So none is searched far beyond the moment of the last row wanted, whether their times overlap or not.
    """
    step, count = FIRST_STEP, 0
    while count < wanted and (parts := [one for one in parts if one.left]):
        moment = min((one.moment(step) for one in parts), key=parts[0].key)
        if len(parts) > 1:
            ahead = sum(one.rows_to(moment) for one in parts)
            if ahead > 2 * step:
                moment = min((one.moment(max(1, step * step // ahead)) for one in parts), key=parts[0].key)
        taken = [(one, rows) for one in parts if (rows := one.next_to(moment)) is not None]
        for (one, _), rows in zip(taken, passing([one.search for one, _ in taken], [r for _, r in taken]), strict=True):
            one.keep(rows)
            count += len(rows)
        step = min(step * 4, LARGEST_STEP)
    return count


class Stride:
    """The way through one part in order of time.

    Args:
        search: of the part.
        descending: whether the last rows come first.

    Attributes:
        part: the index.
        search: of it.
    """

    def __init__(self, search: Search, descending: bool) -> None:
        self.part, self.search, self._descending = search.part, search, descending
        self._starts = search.part.starts[: search.part.timed]
        self._first, self._end = search.first, min(search.end, search.part.timed)
        self._pace = 1
        rows = search.rows
        if rows is not None:  # positions among these rows then
            self._first, self._end, self._pace = 0, int(rows.searchsorted(self._end)), 8
        self._rows = rows
        self._found: list[Array] = []

    @property
    def left(self) -> bool:
        """Whether rows are left to be searched."""
        return self._first < self._end

    def key(self, moment: int) -> int:
        """What moments are compared by."""
        return -moment if self._descending else moment

    def moment(self, rows: int) -> int:
        """The moment that so many of the next rows reach; of those that were chosen beforehand fewer."""
        ahead = max(1, rows // self._pace)
        at = max(self._first, self._end - ahead) if self._descending else min(self._end, self._first + ahead) - 1
        return int(self._starts[at if self._rows is None else self._rows[at]])

    def _to(self, moment: int) -> tuple[int, int]:
        at = int(self._starts.searchsorted(moment, "left" if self._descending else "right"))
        if self._rows is not None:
            at = int(self._rows.searchsorted(at))
        return (max(at, self._first), self._end) if self._descending else (self._first, min(at, self._end))

    def rows_to(self, moment: int) -> int:
        """How many rows are left up to a moment, as `moment` counts them."""
        first, end = self._to(moment)
        return max(0, end - first) * self._pace

    def next_to(self, moment: int) -> Any:  # noqa: ANN401 - a slice or numbers
        """The rows up to a moment, which are then behind; None where there are none."""
        first, end = self._to(moment)
        if first >= end:
            return None
        if self._descending:
            self._end = first
        else:
            self._first = end
        return slice(first, end) if self._rows is None else self._rows[first:end]

    def keep(self, rows: Array) -> None:
        """Adds rows that pass."""
        self._found.append(rows)

    def first(self, wanted: int, ties: bool) -> Array:
        """The first rows of those found, ascending; with all of the same time as the last of them where `ties`."""
        each = self._found[::-1] if self._descending else self._found
        rows = each[0] if len(each) == 1 else np.concatenate(each) if each else np.zeros(0, np.int64)
        if len(rows) <= wanted:
            return rows
        if not ties:
            return rows[-wanted:] if self._descending else rows[:wanted]
        times = self._starts[rows]
        if self._descending:
            return rows[times.searchsorted(times[-wanted], "left") :]
        return rows[: times.searchsorted(times[wanted - 1], "right")]


def _unknown(searches: Sequence[Search], wanted: int | None) -> list[Found]:
    found: list[Found] = []
    for search in searches:
        if search.end <= search.part.timed:
            continue
        kept: list[Array] = []
        for rows in search.steps(first=search.part.timed):
            kept.append(rows)
            if wanted is not None and sum(map(len, kept)) >= wanted:
                break
        if kept:
            found.append((search.part, np.concatenate(kept)))
    return found


def narrowed(part: Part, rows: Array, by: Order, wanted: int) -> Array:
    """Rows among which are the first `wanted` by one term and all that are equal to the last of them."""
    if len(rows) <= 4 * wanted + 1000 or isinstance(by.value, (Member, Figure)):
        return rows
    values, known = _rank(part, rows, by)
    if by.descending:
        values = -values
    there = np.flatnonzero(known)
    if not by.descending and not by.unknown_last and len(rows) - len(there) >= wanted:
        return rows[~known]
    if len(there) <= wanted:
        return rows
    ranks = values[there]
    bound = np.partition(ranks, wanted - 1)[wanted - 1]
    kept = ~known
    kept[there] = ranks <= bound
    return rows[kept]


def _rank(part: Part, rows: Array, by: Order) -> tuple[Array, Array]:
    """Numbers that order the rows of one part, and which are known."""
    if isinstance(by.value, Column):
        column = part.column(by.value.name) if by.value.name != "geometry" else None
        if isinstance(column, Coded) and column.kind != "list":
            codes = column.take(rows, len(rows)).astype(np.int64)
            return codes, codes > 0
    if isinstance(by.value, (Member, Figure)):
        raise NotHere("order")
    vector = scalar(by.value, Rows(part, rows))
    if vector.kind != "number":
        raise NotHere("order")
    return vector.data, np.ones(len(rows), bool) if vector.known is None else vector.known


def sorted_rows(
    found: Sequence[Found], order: Sequence[Order], offset: int, end: int | None
) -> tuple[list[Found], Array | None]:
    """The rows of each part that are from `offset` to `end` in order, and where each comes (None: as they are)."""
    if not found:
        return [], None
    keys: list[Array] = []
    for one in order:
        if isinstance(one.value, (Member, Figure)):
            raise NotHere("order")
        keys += sort_keys(joined([scalar(one.value, Rows(part, each)) for part, each in found]), one)
    at = np.lexsort(keys[::-1])[offset:end]
    if len(found) == 1:
        return [(found[0][0], found[0][1][at])], None
    ends = np.cumsum([len(rows) for _, rows in found])
    owners = ends.searchsorted(at, "right")
    taken: list[Found] = []
    places: list[Array] = []
    for number, (part, rows) in enumerate(found):
        mine = np.flatnonzero(owners == number)
        if len(mine):
            taken.append((part, rows[at[mine] - (ends[number] - len(rows))]))
            places.append(mine)
    return taken, np.concatenate(places) if places else None


def limited(found: Sequence[Found], offset: int, end: int | None) -> list[Found]:
    """The rows from `offset` to `end`, one part after the other."""
    taken: list[Found] = []
    for part, rows in found:
        kept = rows[offset:end]
        offset = max(0, offset - len(rows))
        end = None if end is None else max(0, end - len(rows))
        if len(kept):
            taken.append((part, kept))
    return taken


def sort_keys(vector: Vector, by: Order) -> list[Array]:
    """Arrays to sort by, the first one first."""
    data = vector.data
    if vector.kind == "text":
        data = np.unique(data.astype(object), return_inverse=True)[1].astype(np.int64)
    elif vector.kind == "flag":
        data = data.astype(np.int64)
    elif vector.kind != "number":
        raise NotHere("order")
    keys = [-data if by.descending else data]
    if vector.known is None:
        return keys
    last = by.descending or by.unknown_last
    keys[0] = np.where(vector.known, keys[0], 0)
    return [~vector.known if last else vector.known, *keys]


def joined(vectors: Sequence[Vector]) -> Vector:
    """Vectors of several parts as one."""
    kinds = {one.kind for one in vectors}
    if len(kinds) > 1:
        raise NotHere("kinds")
    data = np.concatenate([one.data for one in vectors])
    if all(one.known is None for one in vectors):
        return Vector(vectors[0].kind, data)
    known = [np.ones(len(one.data), bool) if one.known is None else one.known for one in vectors]
    return Vector(vectors[0].kind, data, np.concatenate(known))
