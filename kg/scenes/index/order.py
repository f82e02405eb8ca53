"""Rows in an order, and the first of them, without writing out what is not returned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.frames import Rows
from kg.scenes.index.part import Part
from kg.scenes.index.scalars import scalar
from kg.scenes.index.select import Search
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
    times = np.zeros(0, np.int64)
    bound: int | None = None
    for search in sorted(searches, key=lambda one: one.part.first or 0, reverse=by.descending):
        rows = _stretch(search, by.descending, wanted, ties, bound)
        if not len(rows):
            continue
        found.append((search.part, rows))
        times = np.concatenate([times, search.part.starts[rows]])
        if len(times) >= wanted:
            place = len(times) - wanted if by.descending else wanted - 1
            bound = int(np.partition(times, place)[place])
    if (by.descending or by.unknown_last) and len(times) < wanted:
        found += _unknown(searches, None if ties else wanted - len(times))
    return found


def _stretch(search: Search, descending: bool, wanted: int, ties: bool, bound: int | None) -> Array:
    """The first rows of a part in order of time, none beyond `bound`."""
    starts = search.part.starts[: search.part.timed]
    first, end = 0, search.part.timed
    if bound is not None and descending:
        first = int(np.searchsorted(starts, bound, "left"))
    elif bound is not None:
        end = int(np.searchsorted(starts, bound, "right"))
    kept: list[Array] = []
    count = 0
    for rows in search.steps(descending, first, end):
        kept.append(rows)
        count += len(rows)
        if count >= wanted:
            break
    found = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    if len(found) <= wanted:
        return found if not ties or len(found) < wanted else _with_ties(search, found, wanted, descending)
    return _with_ties(search, found, wanted, descending) if ties else found[:wanted]


def _with_ties(search: Search, found: Array, wanted: int, descending: bool) -> Array:
    """The first rows, and all of the same time as the last of them."""
    starts = search.part.starts[: search.part.timed]
    time = int(starts[found[wanted - 1]])
    at = [int(np.searchsorted(starts, time, side)) for side in ("left", "right")]
    before = found[starts[found] > time] if descending else found[starts[found] < time]
    return np.concatenate([before, *search.steps(first=at[0], end=at[1])])


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


def sorted_rows(found: Sequence[Found], order: Sequence[Order]) -> list[tuple[int, int]]:
    """(number of the part in `found`, row) pairs in order."""
    owners = np.concatenate([np.full(len(rows), at) for at, (_, rows) in enumerate(found)])
    rows = np.concatenate([rows for _, rows in found])
    keys: list[Array] = []
    for one in order:
        if isinstance(one.value, (Member, Figure)):
            raise NotHere("order")
        vectors = [scalar(one.value, Rows(part, each)) for part, each in found]
        keys += sort_keys(joined(vectors), one)
    if keys:
        at = np.lexsort(keys[::-1])
        owners, rows = owners[at], rows[at]
    return list(zip(owners.tolist(), rows.tolist(), strict=True))


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
