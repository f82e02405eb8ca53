"""Satellite scenes as columns: select, count and group by time, place and properties.

A table is a list of immutable GeoParquet parts; `kg.scenewriter` makes new lists. The bounding box of each footprint
prunes rows inside the engine, then the footprint itself decides, with prepared geometries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from ontology.errors import NotFound, QueryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kg.columns import Engine

Relation = OneOf["intersects", "within", "contains", "disjoint", "distance"]
Operator = OneOf["=", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "starts", "is null", "not null", "has"]
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Spatial:
    """A condition on the footprint.

    Attributes:
        relation: of the footprint to the geometry (`within`: the footprint lies within it).
        geometry: shapely geometry in CRS84, cut at the antimeridian.
        metres: greatest geodesic distance, for `distance`.
        strict: whether `distance` must be smaller than `metres`, not just at most.
    """

    relation: Relation
    geometry: BaseGeometry
    metres: float = 0.0
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a column; `has`: a list column holds the value."""

    column: str
    op: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement over the table in parts: SQL expressions of our own making, values only as parameters.

    Attributes:
        select: expressions to return.
        where: conditions, joined with AND.
        parameters: values by name.
        spatial: conditions on footprints.
        group: expressions to group by; `aggregate` says that the statement aggregates (also with no group).
        having: condition on groups.
        order: expressions with direction.
        limit, offset: of the result; None and 0 for all.
        distinct: whether equal rows are returned once.
    """

    select: tuple[str, ...]
    where: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    spatial: tuple[Spatial, ...] = ()
    group: tuple[str, ...] = ()
    aggregate: bool = False
    having: str = ""
    order: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    distinct: bool = False


class SceneTable:
    """The scenes of one version, for reading. Safe for threads."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self.parts: tuple[Path, ...] = tuple(parts)
        self._open_engine: Engine | None = None
        self._few: dict[str, tuple[Any, ...] | None] = {}

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
        if not self.parts:
            return 0
        plan = self._plan(("count(*)",), where, spatial, time)
        return int(self.run(_with(plan, aggregate=True))[0][0])

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

        if not self.parts:
            return []
        times = [_kind(one) == "TIMESTAMPTZ" for one in columns]
        expressions = tuple(f"epoch_us({c})" if t else c for c, t in zip(columns, times, strict=True))
        for name, _ in order:
            _kind(name)
        by = tuple(f"{name} {'DESC' if way == 'desc' else 'ASC'} NULLS LAST" for name, way in order)
        plan = self._plan(expressions, where, spatial, time)
        rows = self.run(_with(plan, order=by, limit=limit, offset=offset))
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
        if not self.parts:
            return []
        value = f"unnest({column})" if _kind(column) == "VARCHAR[]" else column
        plan = self._plan((f"{value} AS value", "count(*)"), where, spatial, time)
        return [(a, n) for a, n in self.run(_with(plan, group=("value",), aggregate=True, order=("2 DESC", "1")))]

    def few(self, column: str, most: int) -> tuple[Any, ...] | None:
        """The known values of a column (single values of a list); None where there are more than `most`."""
        if not self.parts:
            return ()
        if column not in self._few:
            value = f"unnest({column})" if _kind(column) == "VARCHAR[]" else column
            found = [row[0] for row in self.run(Plan((f"{value} AS value",), distinct=True, limit=most + 1))]
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

    def run(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan; times as microseconds since 1970 where its expressions say so."""
        from kg.columns import table_of

        if not self.parts:
            return self.engine.rows(_sql(plan, "(SELECT 1 WHERE false)")) if plan.aggregate else []
        table = table_of(self.parts)
        if not plan.spatial:
            return self.engine.rows(_sql(plan, table), plan.parameters)
        if plan.aggregate or plan.distinct:
            return self._run_hits(plan, table)
        rows: list[tuple[Any, ...]] = []
        wanted = math.inf if plan.limit is None else plan.limit + plan.offset
        probe = _with(plan, select=(*plan.select, "geometry"), limit=None, offset=0)
        for chunk in self.engine.chunks(_sql(probe, table), plan.parameters, _CHUNK):
            rows += [
                row[:-1] for row, hit in zip(chunk, _hits(plan.spatial, [r[-1] for r in chunk]), strict=True) if hit
            ]
            if len(rows) >= wanted:
                break
        return rows[plan.offset : None if plan.limit is None else plan.offset + plan.limit]

    def _run_hits(self, plan: Plan, table: str) -> list[tuple[Any, ...]]:
        """Aggregates over footprints that were tested one by one: their row numbers join the table again."""
        probe = Plan(("filename", "file_row_number", "geometry"), plan.where, plan.parameters, plan.spatial)
        files: list[str] = []
        numbers: list[int] = []
        for chunk in self.engine.chunks(_sql(probe, table), plan.parameters, _CHUNK):
            for row, hit in zip(chunk, _hits(plan.spatial, [r[-1] for r in chunk]), strict=True):
                if hit:
                    files.append(row[0])
                    numbers.append(row[1])
        join = (
            f"(SELECT t.* FROM {table} t JOIN (SELECT unnest($_files::VARCHAR[]) AS filename, "
            "unnest($_numbers::BIGINT[]) AS file_row_number) USING (filename, file_row_number))"
        )
        parameters = {**plan.parameters, "_files": files, "_numbers": numbers}
        return self.engine.rows(_sql(_with(plan, spatial=()), join), parameters)

    def _plan(
        self,
        select: tuple[str, ...],
        where: Sequence[Condition],
        spatial: Spatial | None,
        time: tuple[datetime | None, datetime | None] | None,
    ) -> Plan:
        parameters: dict[str, Any] = {}
        clauses = [_clause(one, parameters) for one in where]
        if time is not None:
            clauses += _time_clauses(time, parameters)
        return Plan(select, tuple(clauses), parameters, (spatial,) if spatial else ())


def _with(plan: Plan, **changes: Any) -> Plan:  # noqa: ANN401
    from dataclasses import replace

    return replace(plan, **changes)


def _kind(column: str) -> str:
    from kg.columns import COLUMN_TYPES

    if column not in COLUMN_TYPES:
        raise NotFound(f"Scenes have no column {column!r}.", f"Use one of {', '.join(COLUMN_TYPES)}.")
    return COLUMN_TYPES[column]


def _clause(one: Condition, parameters: dict[str, Any]) -> str:
    from kg.columns import micros

    kind = _kind(one.column)
    if one.op in ("is null", "not null"):
        return f"{one.column} IS {'NOT ' * (one.op == 'not null')}NULL"
    name = f"v{len(parameters)}"
    value = one.value
    if isinstance(value, datetime):
        value = micros(value)
    typed = f"make_timestamp(${name}::BIGINT)::TIMESTAMPTZ" if kind == "TIMESTAMPTZ" else f"${name}"
    parameters[name] = list(value) if one.op in ("in", "not in") else value
    if one.op in ("in", "not in"):
        return f"{'NOT ' * (one.op == 'not in')}list_contains(${name}, {one.column})"
    if one.op == "has":
        return f"list_contains({one.column}, {typed})"
    if one.op == "contains":
        return f"contains({one.column}, {typed})"
    if one.op == "starts":
        return f"starts_with({one.column}, {typed})"
    if one.op not in ("=", "!=", "<", "<=", ">", ">="):
        raise QueryError(f"There is no operator {one.op!r}.", "")
    return f"{one.column} {one.op} {typed}"


def _time_clauses(time: tuple[datetime | None, datetime | None], parameters: dict[str, Any]) -> Iterator[str]:
    from kg.columns import micros

    for name, bound, test in (("t_end", time[1], "start_time <= "), ("t_start", time[0], "end_time >= ")):
        if bound is not None:
            parameters[name] = micros(bound)
            yield f"{test}make_timestamp(${name}::BIGINT)::TIMESTAMPTZ"


def _sql(plan: Plan, table: str) -> str:
    where = [*plan.where, *(box_clause(one) for one in plan.spatial)]
    parts = [f"SELECT {'DISTINCT ' * plan.distinct}{', '.join(plan.select)} FROM {table}"]
    if where:
        parts.append("WHERE " + " AND ".join(f"({one})" for one in where))
    if plan.group:
        parts.append("GROUP BY " + ", ".join(plan.group))
    if plan.having:
        parts.append("HAVING " + plan.having)
    if plan.order:
        parts.append("ORDER BY " + ", ".join(plan.order))
    if plan.limit is not None:
        parts.append(f"LIMIT {int(plan.limit)}")
    if plan.offset:
        parts.append(f"OFFSET {int(plan.offset)}")
    return " ".join(parts)


def box_clause(one: Spatial) -> str:
    """Rows whose bounding box allows the relation."""
    if one.relation == "disjoint":
        return "geometry IS NOT NULL"
    around = boxes(one.geometry, one.metres if one.relation == "distance" else 0.0)
    return (
        " OR ".join(
            f"bbox.xmin <= {e!r} AND bbox.xmax >= {w!r} AND bbox.ymin <= {n!r} AND bbox.ymax >= {s!r}"
            for w, s, e, n in around
        )
        or "false"
    )


def boxes(shape: BaseGeometry, metres: float) -> list[tuple[float, float, float, float]]:
    """Boxes (west, south, east, north) that hold all places within a distance of a shape.

    A shape on both sides of the antimeridian gives two boxes rather than one round the world.
    """
    import shapely

    parts = shapely.get_parts(shape)
    halves = [shapely.total_bounds(parts[mask]) for mask in _halves(shape, parts)] if len(parts) > 1 else [shape.bounds]
    found = []
    for west, south, east, north in (tuple(map(float, one)) for one in halves):
        if math.isnan(west):
            continue
        up = metres / 110_000.0
        south, north = max(-90.0, south - up), min(90.0, north + up)
        if metres == 0.0:
            found.append((west, south, east, north))
            continue
        steepest = max(abs(south), abs(north))
        # The widest longitude difference of a spherical cap (not just metres / cos): sin(dlon) = sin(r) / cos(lat).
        r = metres / 6_350_000.0
        ratio = math.sin(min(r, math.pi / 2)) / max(math.cos(math.radians(steepest)), 1e-12)
        aside = 360.0 if ratio >= 1.0 else math.degrees(math.asin(ratio)) * 1.01
        west, east = west - aside, east + aside
        if east - west >= 360.0:
            found.append((-180.0, south, 180.0, north))
            continue
        found.append((max(west, -180.0), south, min(east, 180.0), north))
        if west < -180.0:
            found.append((west + 360.0, south, 180.0, north))
        if east > 180.0:
            found.append((-180.0, south, east - 360.0, north))
    return found


def _halves(shape: BaseGeometry, parts: Any) -> list[Any]:  # noqa: ANN401
    import numpy as np
    import shapely

    west, _, east, _ = shape.bounds
    if not east - west > 180.0:
        return [np.ones(len(parts), dtype=bool)]
    left = shapely.bounds(parts)[:, 0] < 0
    return [mask for mask in (left, ~left) if mask.any()]


def _hits(conditions: Sequence[Spatial], data: Sequence[bytes | None]) -> Any:  # noqa: ANN401 - array of bool
    import numpy as np
    import shapely

    return hits(conditions, shapely.from_wkb(np.asarray(data, dtype=object)))


def hits(conditions: Sequence[Spatial], shapes: Any) -> Any:  # noqa: ANN401 - arrays of geometries and bool
    """Which footprints (array of shapely geometries) meet all conditions; unknown ones do not."""
    import shapely

    found = ~shapely.is_missing(shapes)
    for one in conditions:
        shapely.prepare(one.geometry)
        if one.relation == "intersects":
            found &= shapely.intersects(one.geometry, shapes)
        elif one.relation == "within":
            found &= shapely.contains(one.geometry, shapes)
        elif one.relation == "contains":
            found &= shapely.within(one.geometry, shapes)
        elif one.relation == "disjoint":
            found &= shapely.disjoint(one.geometry, shapes)
        else:
            found[found] = _near(one, shapes[found])
    return found


def _near(one: Spatial, shapes: Any) -> Any:  # noqa: ANN401
    import numpy as np

    from kg.geodesy import distance, distances_to_point

    if not len(shapes):
        return np.zeros(0, dtype=bool)
    if one.geometry.geom_type == "Point":
        metres = distances_to_point(one.geometry.x, one.geometry.y, shapes)
    else:
        metres = np.asarray([distance(shape, one.geometry) for shape in shapes])
    return metres < one.metres if one.strict else metres <= one.metres
