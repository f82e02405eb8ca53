"""Runs a search: pages of rows in a total order, and how many there are.

Rows come from the scenes table, as statements over its columns, and from lists of rows in memory (models). Pages go on
from the values of the last row, not from a number of rows: the table seeks to them.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.stac.cql2.nodes import Node
from api.stac.cql2.push import Pushed, push
from api.stac.cql2.rows import holds
from api.stac.tokens import Key
from api.stac.wanted import Search
from kg.columns import COLUMN_TYPES
from kg.scenes import Plan, SceneTable, Spatial
from kg.scenes import terms as t
from ontology.errors import QueryTooLarge

Row = dict[str, Any]
"""A row by column: moments in microseconds, the footprint as WKB; `item` holds an Item that is made already."""

Keys = tuple[tuple[str, bool], ...]
"""Columns that rows are ordered by, and whether descending; unknown values come last."""

EXAMINED = 50_000
"""Rows that are looked at one by one for a filter that columns do not decide."""
_SECONDS = 5.0
_CHUNK = 2_000
_MOST_PAIRS = 20_000
_USUAL: Keys = (("start_time", True),)
_COLUMNS = tuple(name for name in COLUMN_TYPES if name not in ("assets", "original"))
_SELECT = tuple(map(t.Column, _COLUMNS))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a page.

    Attributes:
        rows: in order.
        after: where the next page begins; None: this is the last one.
    """

    rows: tuple[Row, ...]
    after: Key | None


def keys_of(search: Search) -> Keys:
    """What rows are ordered by: what is asked for, then what tells any two rows apart."""
    asked = tuple((field.column, descending) for field, descending in search.order) or _USUAL
    return (*asked, *((name, False) for name in ("collection", "id") if name not in dict(asked)))


def page(table: SceneTable, others: Sequence[Row], search: Search, after: Key | None) -> Page:
    """The rows after a place.

    Args:
        table: the scenes.
        others: rows beside them.
        search: what is asked for.
        after: values of the row before, as `keys_of` orders them; None: from the beginning.

    Raises:
        QueryTooLarge: the filter must be decided row by row, and too many rows are in question.
    """
    keys = keys_of(search)
    wanted = search.limit + 1
    rows = _scenes(table, search, keys, after, wanted)
    mine = [one for one in others if _meets(one, search) and (after is None or _compare(one, after, keys) > 0)]
    if mine:

        def order(one: Row, two: Row) -> int:
            return _compare(one, _key(two, keys), keys)

        rows = sorted([*rows, *mine], key=functools.cmp_to_key(order))[:wanted]
    more = len(rows) > search.limit
    rows = rows[: search.limit]
    return Page(tuple(rows), _key(rows[-1], keys) if more else None)


def count(table: SceneTable, others: Sequence[Row], search: Search) -> int | None:
    """How many rows a search has; None where telling it would take too long."""
    pushed, tests = push(search.filters), _tests(search)
    found = sum(_meets(one, search) for one in others)
    if table.is_empty:
        return found
    if pushed.rest is None:
        plan = Plan((t.Figure("count"),), (*tests, *pushed.tests), _areas(search, pushed), aggregate=True)
        return found + int(table.run(plan)[0][0])
    try:
        return found + sum(1 for _ in _examined(table, search, pushed, _USUAL, None))
    except QueryTooLarge:
        return None


def _key(row: Row, keys: Keys) -> Key:
    return tuple(row.get(name) for name, _ in keys)


def _compare(row: Row, key: Key, keys: Keys) -> int:
    for (name, descending), two in zip(keys, key, strict=True):
        one = row.get(name)
        if one == two:
            continue
        if one is None or two is None:
            return 1 if one is None else -1
        return (1 if one > two else -1) * (-1 if descending else 1)
    return 0


# --- rows in memory ----------------------------------------------------------------------------------------------


def _meets(row: Row, search: Search) -> bool:
    """Whether a row without a footprint meets a search."""
    if search.areas or (search.collections is not None and row["collection"] not in search.collections):
        return False
    if search.ids is not None and row["id"] not in search.ids:
        return False
    first, last = search.span
    if (last is not None and row["start_time"] > last) or (first is not None and row["end_time"] < first):
        return False
    return all(holds(one, row) is True for one in search.filters)


# --- scenes ------------------------------------------------------------------------------------------------------


def _tests(search: Search) -> tuple[t.Test, ...]:
    """Conditions on columns; scenes without a time are no Items."""
    found: list[t.Test] = [t.Known("start_time")]
    if search.ids is not None and search.collections and len(search.ids) * len(search.collections) <= _MOST_PAIRS:
        found.append(t.SceneIn(tuple((one, each) for one in search.collections for each in search.ids)))
    else:
        if search.collections is not None:
            found.append(t.AnyOf("collection", search.collections))
        if search.ids is not None:
            found.append(t.AnyOf("id", search.ids))
    first, last = search.span
    if last is not None:
        found.append(t.Compare("<=", t.Column("start_time"), t.Const(last)))
    if first is not None:
        found.append(t.Compare(">=", t.Column("end_time"), t.Const(first)))
    return tuple(found)


def _areas(search: Search, pushed: Pushed) -> tuple[Spatial, ...]:
    return (*(Spatial("intersects", one) for one in search.areas), *pushed.spatial)


def _scenes(table: SceneTable, search: Search, keys: Keys, after: Key | None, wanted: int) -> list[Row]:
    if table.is_empty:
        return []
    pushed = push(search.filters)
    if pushed.rest is None:
        return _read(table, search, pushed, keys, after, wanted)
    found = []
    for row in _examined(table, search, pushed, keys, after):
        found.append(row)
        if len(found) == wanted:
            break
    return found


def _examined(table: SceneTable, search: Search, pushed: Pushed, keys: Keys, after: Key | None) -> Iterator[Row]:
    """Rows that meet the whole filter, looked at one by one.

    Raises:
        QueryTooLarge: after too many.
    """
    import numpy as np
    import shapely

    rest: Node | None = pushed.rest
    seen, until = 0, time.monotonic() + _SECONDS
    while rest is not None:
        rows = _read(table, search, pushed, keys, after, _CHUNK)
        shapes = shapely.from_wkb(np.asarray([one["geometry"] for one in rows], dtype=object))
        for row, shape in zip(rows, shapes, strict=True):
            if holds(rest, {**row, "geometry": shape}) is True:
                yield row
        seen += len(rows)
        if len(rows) < _CHUNK:
            return
        if seen >= EXAMINED or time.monotonic() > until:
            raise QueryTooLarge(
                f"The filter leaves too many Items (more than {seen - 1:,}) to be looked at one by one.",
                "Add a collection, `datetime`, `bbox`, or a condition that is not inside of OR and NOT.",
            )
        after = _key(rows[-1], keys)


def _read(table: SceneTable, search: Search, pushed: Pushed, keys: Keys, after: Key | None, wanted: int) -> list[Row]:
    where, areas = (*_tests(search), *pushed.tests), _areas(search, pushed)
    order = tuple(t.Order(t.Column(name), descending, unknown_last=True) for name, descending in keys)
    rows: list[Row] = []
    for beyond in _beyond(keys, after):
        plan = Plan(_SELECT, (*where, *beyond), areas, order=order, limit=wanted - len(rows))
        found = table.columnwise(plan)
        columns: dict[str, Sequence[Any]] = dict(zip(_COLUMNS, found.columns, strict=False))
        rows += ({name: values[at] for name, values in columns.items()} for at in range(found.count))
        if len(rows) >= wanted:
            break
    return rows


def _beyond(keys: Keys, after: Key | None) -> Iterator[tuple[t.Test, ...]]:
    """Tests of the rows after a place, in runs that follow one another.

    First those that are equal to it but for the last key, then but for the last two, and so on: each run is a range
    that the table seeks to.
    """
    if after is None:
        yield ()
        return
    for at in range(len(keys) - 1, -1, -1):
        (name, descending), value = keys[at], after[at]
        if value is None:
            continue  # unknown values come last: none is beyond
        equal = [_equal(one, held) for (one, _), held in zip(keys[:at], after[:at], strict=True)]
        column = t.Column(name)
        yield (*equal, t.Compare("<" if descending else ">", column, t.Const(value)))
        if name not in ("collection", "id", "start_time"):
            yield (*equal, t.Not(t.NotNull(column)))


def _equal(name: str, value: str | float | int | None) -> t.Test:
    column = t.Column(name)
    return t.Not(t.NotNull(column)) if value is None else t.Compare("=", column, t.Const(value))
