"""Satellite scenes as columns: select, count and group by time, place and properties.

A table is a list of immutable GeoParquet parts; `kg.scenewriter` makes new lists. The bounding box of each footprint
prunes rows inside the engine, then the footprint itself decides, with prepared geometries.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from kg.scenes.plan import Outcome, Plan
from kg.scenes.spatial import Spatial, hits
from kg.scenes.terms import (
    AnyOf,
    Column,
    Compare,
    Const,
    Figure,
    Member,
    Not,
    NotNull,
    Order,
    Output,
    Test,
    TextTest,
    Value,
)
from ontology.errors import NotFound, QueryError

if TYPE_CHECKING:
    from kg.columns import Engine
    from kg.scenes.index import IndexedTable

Operator = OneOf["=", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "starts", "is null", "not null", "has"]
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a column; `has`: a list column holds the value."""

    column: str
    op: Operator
    value: Any = None


class SceneTable:
    """The scenes of one version, for reading. Safe for threads."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self.parts: tuple[Path, ...] = tuple(parts)
        self._open_engine: Engine | None = None
        self._index: IndexedTable | None = None
        self._opened = False
        self._opening = Lock()
        self._few: dict[str, tuple[Any, ...] | None] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there are no scenes at all."""
        return not self.parts

    @property
    def engine(self) -> Engine:
        """The engine, started when first needed."""
        if self._open_engine is None:
            from kg.columns import Engine

            self._open_engine = Engine()
        return self._open_engine

    def close(self) -> None:
        """Ends the engine."""
        if self._open_engine is not None:
            self._open_engine.close()
            self._open_engine = None

    def count(
        self,
        where: Sequence[Condition] = (),
        *,
        spatial: Spatial | None = None,
        time: tuple[datetime | None, datetime | None] | None = None,
    ) -> int:
        """How many scenes meet all conditions; see `select`."""
        if self.is_empty:
            return 0
        plan = _plan((Figure("count"),), where, spatial, time)
        return int(self.run(replace(plan, aggregate=True))[0][0])

    def select(
        self,
        columns: Sequence[str] = ("collection", "id"),
        where: Sequence[Condition] = (),
        *,
        spatial: Spatial | None = None,
        time: tuple[datetime | None, datetime | None] | None = None,
        order: Sequence[tuple[str, OneOf["asc", "desc"]]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Scenes that meet all conditions.

        Args:
            columns: columns to return, names of the fields of `Scene`. `original` and `assets` are read only if named.
            where: conditions on columns.
            spatial: condition on the footprint.
            time: first and last moment (UTC, both included, None: open); scenes whose time overlaps it.
            order: (column, direction); unknown values last.
            limit: most rows to return; None for all.
            offset: rows to skip.

        Returns:
            One dict a scene; times as aware datetimes in UTC.

        Raises:
            NotFound: there is no such column.
        """
        from kg.columns import COLUMN_TYPES, moment

        if self.is_empty:
            return []
        times = [_kind(one) == "TIMESTAMPTZ" for one in columns]
        for name, _ in order:
            _kind(name)
        by = tuple(Order(Column(name), way == "desc", unknown_last=True) for name, way in order)
        plan = _plan(tuple(map(Column, columns)), where, spatial, time)
        rows = self.run(replace(plan, order=by, limit=limit, offset=offset))
        lists = [COLUMN_TYPES[one] == "VARCHAR[]" for one in columns]

        def python(value: Any, is_time: bool, is_list: bool) -> Any:  # noqa: ANN401
            if value is None:
                return None
            return moment(value) if is_time else tuple(value) if is_list else value

        return [{c: python(v, t, li) for c, v, t, li in zip(columns, row, times, lists, strict=True)} for row in rows]

    def group(
        self,
        column: str,
        where: Sequence[Condition] = (),
        *,
        spatial: Spatial | None = None,
        time: tuple[datetime | None, datetime | None] | None = None,
    ) -> list[tuple[Any, int]]:
        """(value, number of scenes) for each value of a column, most frequent first."""
        if self.is_empty:
            return []
        key, count = _key(column), Figure("count")
        plan = replace(_plan((key, count), where, spatial, time), group=(0,), aggregate=True)
        order = (Order(count, descending=True), Order(key, unknown_last=True))
        return [(value, number) for value, number in self.run(replace(plan, order=order))]

    def few(self, column: str, most: int) -> tuple[Any, ...] | None:
        """The known values of a column (single values of a list); None where there are more than `most`."""
        if not self.parts:
            return ()
        if column not in self._few:
            found = [row[0] for row in self.run(Plan((_key(column),), distinct=True, limit=most + 1))]
            self._few[column] = None if len(found) > most else tuple(one for one in found if one is not None)
        return self._few[column]

    def distinct(self, column: str) -> list[Any]:
        """Known values of a column, in order; a list column's single values."""
        return sorted(value for value, _ in self.group(column) if value is not None)

    def get(self, collection: str, identifier: str, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """One scene with all its columns, or those named.

        Raises:
            NotFound: there is no such scene.
        """
        from kg.columns import COLUMN_TYPES

        found = self.select(
            tuple(columns or COLUMN_TYPES),
            (Condition("collection", "=", collection), Condition("id", "=", identifier)),
        )
        if not found:
            raise NotFound(f"There is no scene {identifier!r} in collection {collection!r}.", "")
        return found[0]

    def of_areas(self, where: Sequence[Test], areas: Iterable[Spatial]) -> SceneTable:
        """A table that answers statements with these tests about any one of these areas; asked once for all of them.

        What lies here is at hand anyway; a table that has to fetch its scenes does so now.
        """
        return self

    def run(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan; moments as microseconds since 1970.

        The index answers; what it does not know, or a table without one, is left to the engine.
        """
        found = self._by_index(plan)
        return self._without_index(plan) if found is None else found.rows()

    def columnwise(self, plan: Plan) -> Outcome:
        """What `run` returns, column by column: cheaper, since the index makes no rows."""
        if type(self).run is not SceneTable.run:  # whoever runs plans in another way has rows
            return Outcome.of(self.run(plan), len(plan.select))
        found = self._by_index(plan)
        return Outcome.of(self._without_index(plan), len(plan.select)) if found is None else found

    def _by_index(self, plan: Plan) -> Outcome | None:
        index = self.index if self.parts else None
        if index is None:
            return None
        from kg.scenes.index import Damaged

        try:
            return index.columnwise(plan)
        except Damaged:
            self._index = None  # the parts themselves are still there
            return None

    def _without_index(self, plan: Plan) -> list[tuple[Any, ...]]:
        if not self.parts:
            return [tuple(map(_of_none, plan.select))] if plan.aggregate and not plan.group else []
        return self.run_by_engine(plan)

    @property
    def index(self) -> IndexedTable | None:
        """The index of all parts, opened when first needed; None where a large part has none."""
        with self._opening:
            if not self._opened:
                from kg.scenes.index import open_index

                self._index = open_index(self.parts, lambda: self.engine)
                self._opened = True
        return self._index

    def run_by_engine(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan as the engine finds them in the Parquet parts."""
        from kg.columns import table_of
        from kg.scenes.sql import Statement

        table = table_of(self.parts)
        if not plan.spatial:
            made = Statement(plan, table)
            return self.engine.rows(made.sql, made.parameters)
        if plan.aggregate or plan.distinct:
            return self._run_hits(plan, table)
        rows: list[tuple[Any, ...]] = []
        wanted = math.inf if plan.limit is None else plan.limit + plan.offset
        made = Statement(replace(plan, limit=None, offset=0), table, extra=("geometry",))
        for chunk in self.engine.chunks(made.sql, made.parameters, _CHUNK):
            rows += [
                row[:-1] for row, hit in zip(chunk, _hits(plan.spatial, [r[-1] for r in chunk]), strict=True) if hit
            ]
            if len(rows) >= wanted:
                break
        return rows[plan.offset : None if plan.limit is None else plan.offset + plan.limit]

    def _run_hits(self, plan: Plan, table: str) -> list[tuple[Any, ...]]:
        """Aggregates over footprints that were tested one by one: their row numbers join the table again."""
        from kg.scenes.sql import Statement

        probe = Plan((), plan.where, plan.spatial)
        made = Statement(probe, table, extra=("filename", "file_row_number", "geometry"))
        files: list[str] = []
        numbers: list[int] = []
        for chunk in self.engine.chunks(made.sql, made.parameters, _CHUNK):
            for row, hit in zip(chunk, _hits(plan.spatial, [r[-1] for r in chunk]), strict=True):
                if hit:
                    files.append(row[0])
                    numbers.append(row[1])
        join = (
            f"(SELECT t.* FROM {table} t JOIN (SELECT unnest($_files::VARCHAR[]) AS filename, "
            "unnest($_numbers::BIGINT[]) AS file_row_number) USING (filename, file_row_number))"
        )
        made = Statement(replace(plan, where=(), spatial=()), join)
        return self.engine.rows(made.sql, {**made.parameters, "_files": files, "_numbers": numbers})


def _plan(
    select: tuple[Output, ...],
    where: Sequence[Condition],
    spatial: Spatial | None,
    time: tuple[datetime | None, datetime | None] | None,
) -> Plan:
    tests = [*map(_test, where), *_time_tests(time or (None, None))]
    return Plan(select, tuple(tests), (spatial,) if spatial else ())


def _of_none(one: Output) -> Any:  # noqa: ANN401
    """An aggregate over no scene."""
    if not isinstance(one, Figure):
        return None
    return {"count": 0, "sum": 0, "sum, count": (0, 0)}.get(one.name)


def _kind(column: str) -> str:
    from kg.columns import COLUMN_TYPES

    if column not in COLUMN_TYPES:
        raise NotFound(f"Scenes have no column {column!r}.", f"Use one of {', '.join(COLUMN_TYPES)}.")
    return COLUMN_TYPES[column]


def _key(column: str) -> Column | Member:
    return Member(column) if _kind(column) == "VARCHAR[]" else Column(column)


def _test(one: Condition) -> Test:
    kind, column = _kind(one.column), Column(one.column)
    if one.op in ("is null", "not null"):
        return NotNull(column) if one.op == "not null" else Not(NotNull(column))
    if one.op in ("in", "not in"):
        found = AnyOf(one.column, tuple(map(_value, one.value)))
        return Not(found) if one.op == "not in" else found
    value = _value(one.value)
    if one.op == "has" and kind == "VARCHAR[]":
        return AnyOf(one.column, (value,))
    if one.op in ("contains", "starts") and kind == "VARCHAR":
        return TextTest("contains" if one.op == "contains" else "starts", column, Const(value))
    if one.op not in ("=", "!=", "<", "<=", ">", ">=") or kind == "VARCHAR[]":
        raise QueryError(f"Column {one.column!r} has no operator {one.op!r}.", "Lists have `has`.")
    return Compare(one.op, column, Const(value))


def _value(value: Any) -> Value:  # noqa: ANN401
    from kg.columns import micros

    return micros(value) if isinstance(value, datetime) else value


def _time_tests(time: tuple[datetime | None, datetime | None]) -> Iterator[Test]:
    """Scenes whose time overlaps a period."""
    first, last = time
    if last is not None:
        yield Compare("<=", Column("start_time"), Const(_value(last)))
    if first is not None:
        yield Compare(">=", Column("end_time"), Const(_value(first)))


def _hits(conditions: Sequence[Spatial], data: Sequence[bytes | None]) -> Any:  # noqa: ANN401 - array of bool
    import numpy as np
    import shapely

    return hits(conditions, shapely.from_wkb(np.asarray(data, dtype=object)))
