"""Aggregates over the rows of a search: figures by key, added up over the parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kg.scenes.index.cells import IN, MAYBE
from kg.scenes.index.file import Array
from kg.scenes.index.frames import Rows
from kg.scenes.index.part import Part, numbers_of, rows_of, size_of
from kg.scenes.index.scalars import scalar
from kg.scenes.index.select import LARGEST_STEP, Search
from kg.scenes.index.vectors import Coded, NotHere, Vector
from kg.scenes.plan import Plan
from kg.scenes.terms import Column, Figure, Member, Output

Row = tuple[Any, ...]
_MOST_GROUPS = 500_000


@dataclass(frozen=True, slots=True)
class _Key:
    """A key: for each row a number into its values; -1 where the row has no group."""

    codes: Array
    values: list[Any]


def run_groups(plan: Plan, searches: Sequence[Search]) -> list[Row]:
    """Rows of a plan that aggregates.

    Raises:
        NotHere: the index does not know.
    """
    from kg.scenes.index.table import ordered

    if plan.distinct or any(isinstance(one, Figure) for at, one in enumerate(plan.select) if at in plan.group):
        raise NotHere("distinct groups")
    keys = [plan.select[at] for at in plan.group]
    figures = {at: one for at, one in enumerate(plan.select) if isinstance(one, Figure)}
    if len(figures) + len(keys) != len(plan.select) or sum(isinstance(one, Member) for one in keys) > 1:
        raise NotHere("a value that is neither key nor figure")
    groups: dict[Row, list[Any]] = {}
    for search in searches:
        for key, held in _of_part(search, keys, list(figures.values())):
            there = groups.get(key)
            if there is None:
                groups[key] = held
            else:
                for at, one in enumerate(figures.values()):
                    there[at] = _added(one, there[at], held[at])
        if len(groups) > _MOST_GROUPS:
            raise NotHere("many groups")
    if not groups and not keys:
        groups[()] = [_nothing(one) for one in figures.values()]
    rows = []
    for key, held in groups.items():
        cells: list[Any] = [None] * len(plan.select)
        for at, value in zip(plan.group, key, strict=True):
            cells[at] = list(value) if isinstance(value, tuple) else value
        for at, one, value in zip(figures, figures.values(), held, strict=True):
            cells[at] = _finished(one, value)
        rows.append(tuple(cells))
    return ordered(plan, rows)


def _of_part(search: Search, keys: list[Output], figures: list[Figure]) -> Iterator[tuple[Row, list[Any]]]:
    """Groups of a part; one may come several times, each time with other rows."""
    quick = _counted(search, keys, figures)
    if quick is not None:
        yield from quick
        return
    rows = search.all()
    for first in range(0, size_of(rows), LARGEST_STEP):  # of ten million rows no more are held at once
        yield from _of_rows(search.part, rows_of(rows, first, first + LARGEST_STEP), keys, figures)


def _of_rows(part: Part, rows: Any, keys: list[Output], figures: list[Figure]) -> list[tuple[Row, list[Any]]]:  # noqa: ANN401
    count = size_of(rows)
    if not count:
        return []
    made = [_key(one, part, rows) for one in keys]
    again = next((one for one in made if isinstance(one, tuple)), None)
    if again is not None:  # a row for each member of a list
        repeated = again[1]
        rows = numbers_of(rows)[repeated]
        count = len(rows)
        made = [one[0] if isinstance(one, tuple) else _Key(one.codes[repeated], one.values) for one in made]
    combined = np.zeros(count, np.int64)
    size = 1
    for one in made:
        if isinstance(one, tuple):
            raise NotHere("two lists")
        size *= max(1, len(one.values))
        if size > 2**62:
            raise NotHere("keys of too many values")
        combined = combined * max(1, len(one.values)) + one.codes
    if not count:
        return []
    present, groups = _dense(combined, size)
    labels = _labels(present, [one for one in made if isinstance(one, _Key)])
    columns = [_figure(one, part, rows, groups, len(present)) for one in figures]
    if not columns:
        return [(label, []) for label in labels]
    return [(label, list(held)) for label, held in zip(labels, zip(*columns, strict=True), strict=True)]


def _counted(search: Search, keys: list[Output], figures: list[Figure]) -> list[tuple[Row, list[Any]]] | None:
    """Counts that are known without a look at the rows; None where there is no such."""
    if any(one.name != "count" or one.value is not None for one in figures):
        return None
    part = search.part
    plain = not search.tests and not search.boxes and not search.areas and search.listed is None
    plain = plain and search.cells is None
    if not keys and plain and not search.tables:
        return [((), [search.end - search.first] * len(figures))]
    whole = search.first == 0 and search.end == part.rows
    if not whole or not plain:
        return _counted_cells(search, keys, figures) if whole else None
    names = {one.name for one in keys if isinstance(one, Column)}
    if len(keys) > 1 or (keys and not names):
        return None
    column = part.column(names.pop()) if names else search.tables[0][0]
    if not isinstance(column, Coded) or any(each is not column for each, _, _ in search.tables):
        return None
    counts = column.counts.copy()
    for _, true, _ in search.tables:
        counts[~true] = 0
    if not keys:
        return [((), [int(counts.sum())] * len(figures))]
    values = Vector(column.kind, column.vector.data, column.vector.known).python()
    return [((values[at],), [int(counts[at])] * len(figures)) for at in np.flatnonzero(counts).tolist()]


def _counted_cells(search: Search, keys: list[Output], figures: list[Figure]) -> list[tuple[Row, list[Any]]] | None:
    """Counts of footprints within one area and no other condition: whole cells are not looked at."""
    if keys or search.tests or search.boxes or search.tables or search.named:
        return None
    if len(search.areas) != 1 or not search.chosen:
        return None
    area, cells = search.areas[0], search.part.cells
    inside = int(cells.counts[area.judged == IN].sum())
    rows = cells.rows(np.flatnonzero(area.judged == MAYBE), ordered=False)
    return [((), [inside + len(area.met(rows))] * len(figures))]


# --- keys ------------------------------------------------------------------------------------------------------


def _key(one: Output, part: Part, rows: Any) -> _Key | tuple[_Key, Array]:  # noqa: ANN401
    """The key of each row; of a list's members the key and the row for each of them."""
    if isinstance(one, Member):
        return _members(one, part, rows)
    if isinstance(one, Figure):
        raise NotHere("a figure as key")
    column = part.column(one.name) if isinstance(one, Column) and one.name != "geometry" else None
    if isinstance(column, Coded):
        return _Key(column.take(rows, size_of(rows)).astype(np.int64), column.vector.python())
    vector = scalar(one, Rows(part, rows))
    if vector.kind in ("list", "footprint"):
        raise NotHere("a key of this kind")
    values, codes = _numbered(vector)
    listed: list[Any] = values.tolist()
    codes = codes.astype(np.int64)
    if vector.known is not None:
        codes = np.where(vector.known, codes, len(listed))
        listed.append(None)
    return _Key(codes, listed)


def _numbered(vector: Vector) -> tuple[Array, Array]:
    """Different values, and for each row which it is; whole numbers near each other are not sorted."""
    data = vector.data
    if data.dtype.kind == "i" and len(data):
        low, high = int(data.min()), int(data.max())
        if high - low < 65_536:
            return np.arange(low, high + 1), data - low
    values, codes = np.unique(data, return_inverse=True)
    return values, codes


def _members(one: Member, part: Part, rows: Any) -> tuple[_Key, Array]:  # noqa: ANN401
    column = part.column(one.column)
    if not isinstance(column, Coded) or column.kind != "list":
        raise NotHere("members of no list")
    lists = [[member for member in dict.fromkeys(each) if member is not None] for each in column.vector.data.tolist()]
    values = sorted({member for each in lists for member in each})
    number = {member: at for at, member in enumerate(values)}
    ends = np.cumsum([0, *map(len, lists)])
    flat = np.array([number[member] for each in lists for member in each], np.int64)
    codes = column.take(rows, size_of(rows)).astype(np.int64)
    lengths = np.diff(ends)[codes]
    repeated = np.repeat(np.arange(len(codes)), lengths)
    within = np.arange(len(repeated)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return _Key(flat[np.repeat(ends[codes], lengths) + within], values), repeated


def _dense(combined: Array, size: int) -> tuple[Array, Array]:
    """Different numbers, and for each row which it is."""
    if size <= max(65_536, len(combined)):
        there = np.zeros(size, bool)
        there[combined] = True
        return np.flatnonzero(there), (np.cumsum(there) - 1)[combined]
    present, groups = np.unique(combined, return_inverse=True)
    return present, groups


def _labels(present: Array, keys: list[_Key]) -> list[Row]:
    columns: list[list[Any]] = []
    for one in reversed(keys):
        size = max(1, len(one.values))
        columns.insert(0, [one.values[at] for at in (present % size).tolist()])
        present = present // size
    return list(zip(*columns, strict=True)) if columns else [()]


# --- figures ---------------------------------------------------------------------------------------------------


def _figure(one: Figure, part: Part, rows: Any, groups: Array, count: int) -> list[Any]:  # noqa: ANN401
    """The figure of each group, such that parts add up: sets where values differ, pairs for means."""
    if one.value is None:
        found: list[Any] = np.bincount(groups, minlength=count).tolist()
        return found
    vector = scalar(one.value, Rows(part, rows))
    data = vector.data
    if vector.known is not None:
        data, groups = data[vector.known], groups[vector.known]
    if one.name == "count" and not one.distinct:
        counted: list[Any] = np.bincount(groups, minlength=count).tolist()
        return counted
    if vector.kind not in ("number", "text") or (vector.kind == "text" and one.name not in ("count", "min", "max")):
        raise NotHere("a figure of this kind")
    if one.distinct or vector.kind == "text":
        values, codes = np.unique(data, return_inverse=True)
        pairs = np.unique(groups * max(1, len(values)) + codes)
        sets: list[Any] = [set() for _ in range(count)]
        plain = values.tolist()
        for pair in pairs.tolist():
            sets[pair // len(values)].add(plain[pair % len(values)])
        return sets
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=count)
    starts = (np.cumsum(sizes) - sizes)[sizes > 0]
    held: list[Any] = [None] * count
    there = np.flatnonzero(sizes).tolist()
    if one.name in ("min", "max"):
        gather = np.minimum if one.name == "min" else np.maximum
        for at, value in zip(there, gather.reduceat(data[order], starts).tolist() if len(starts) else (), strict=True):
            held[at] = value
        return held
    if data.dtype.kind == "i" and len(data) and int(np.abs(data).max()) > 2**62 // len(data):
        raise NotHere("a sum beyond 64 bits")
    sums = np.add.reduceat(data[order], starts).tolist() if len(starts) else []
    pairs_held: list[Any] = [(0, 0)] * count
    for at, value in zip(there, sums, strict=True):
        pairs_held[at] = (value, int(sizes[at]))
    return pairs_held


def _added(one: Figure, a: Any, b: Any) -> Any:  # noqa: ANN401
    if isinstance(a, set):
        return a | b
    if one.name == "count":
        return a + b
    if one.name in ("min", "max"):
        known = [value for value in (a, b) if value is not None]
        return (min(known) if one.name == "min" else max(known)) if known else None
    return (a[0] + b[0], a[1] + b[1])


def _nothing(one: Figure) -> Any:  # noqa: ANN401
    if one.distinct:
        return set()
    return 0 if one.name == "count" else None if one.name in ("min", "max") else (0, 0)


def _finished(one: Figure, held: Any) -> Any:  # noqa: ANN401
    if isinstance(held, set):
        if one.name == "count":
            return len(held)
        if one.name in ("min", "max"):
            return (min(held) if one.name == "min" else max(held)) if held else None
        held = (sum(held), len(held))
    if one.name == "avg":
        return held[0] / held[1] if held[1] else None
    if one.name == "sum":
        return held[0]
    if one.name == "sum, count":
        return [held[0] if held[1] else None, held[1]]
    return held
