"""Joins of scenes with areas of the graph, counted area by area: no pair is ever laid out.

With one area given, a query such as "scenes by country" is a plain condition on footprints. So it is planned once with
the first area in place of all, and the plan is run for each: the graph says which areas there are, and how often.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from kg.geosparql.shape import wgs84_geometry as geometry
from kg.planner import cells
from kg.planner.anchors import Anchor
from kg.planner.anyarea import AnyArea, counts_each_once
from kg.planner.candidates import Candidates
from kg.planner.cells import Maker
from kg.planner.components import MOST, Component
from kg.planner.direct import Direct
from kg.planner.finish import Having, finished
from kg.planner.order import reads_only
from kg.planner.patterns import Scope
from kg.planner.shape import Star
from kg.scenes import Plan, SceneTable, Spatial
from kg.scenes.terms import Column, Figure, Member, Output
from kg.scenes.told import told_plan
from kg.solutions import Result, Row, Solutions
from kg.sparql.syntax import Aggregate, Call, Expr, Query, Select, Var, variables
from kg.sparql.writer import variable_name
from kg.trace import step
from kg.virtual import Attribute
from ontology.errors import GeometryError, QueryTooLarge
from ontology.terms import Literal, Term

MOST_LISTED = 300
"""Most areas whose scenes are listed one area after the other."""


def area_of(found: Candidates, scope: Scope) -> str | None:
    """The one variable of the graph with several values that a condition on the footprint names; None: no such."""
    names = set()
    for one in scope.required():
        for each in one.filters:
            inside = variables(each.expr)
            if inside & found.columns.footprints:
                names |= {name for name in inside if len(found.columns.known.get(name, ())) > 1}
    return names.pop() if len(names) == 1 else None


def spatial_of(found: Candidates, area: Term) -> int | None:
    """Position of the condition that an area was put into; None where there is not just one, or it is no area."""
    try:
        shape = geometry(area)
    except GeometryError:
        return None
    at = [number for number, one in enumerate(found.spatial) if one.geometry is shape or one.geometry.equals(shape)]
    return at[0] if len(at) == 1 else None


@dataclass(frozen=True, slots=True)
class Keys:
    """What rows are grouped by: variables of the graph, and columns."""

    graph: tuple[str, ...]
    columns: tuple[tuple[str, Output, Maker], ...]


def keys_of(select: Select, found: Candidates, lists: dict[str, Attribute], graph: set[str]) -> Keys | None:
    """The keys of GROUP BY; None where one is neither in the graph nor a column."""
    from_graph: list[str] = []
    columns: list[tuple[str, Output, Maker]] = []
    for expr, name in select.group_by:
        if name is not None or not isinstance(expr, Var):
            return None
        attribute = found.columns.attributes.get(expr.name) or lists.get(expr.name)
        if expr.name in graph:
            from_graph.append(expr.name)
        elif attribute is None:
            return None
        elif attribute.many:
            columns.append((expr.name, Member(attribute.column), cells.of_attribute(attribute)))
        else:
            columns.append((expr.name, Column(attribute.column), cells.of_attribute(attribute)))
    return Keys(tuple(from_graph), tuple(columns))


@dataclass(slots=True)
class AreaCounts:
    """Scenes counted for each area.

    Attributes:
        found: the conditions, with the first area in place of all.
        at: position of the condition with the area.
        rows: what the graph says: the area, then the values of the keys in the graph; repeated where it is.
        keys: what rows are grouped by.
        counts: names of the counts, each with whether different scenes are counted.
        order: columns of the result.
    """

    scenes: SceneTable
    found: Candidates
    at: int
    rows: Sequence[Row]
    keys: Keys
    counts: dict[str, bool]

    def run(self) -> tuple[list[str], list[Row]]:
        """Names and rows: keys, then counts."""
        sums: dict[Row, int] = {}
        by_area: dict[Term | None, list[Row]] = {}
        for row in self.rows:
            by_area.setdefault(row[0], []).append(row[1:])
        with step("columns", lambda: f"scenes of each area: {told_plan(self._plan(self.found.spatial))}") as done:
            done.rows_in, done.rows_out = len(by_area), 0
            scenes = self.scenes.of_areas(self.found.where, map(self._near, by_area))
            for area, said in by_area.items():
                for key, count in self._counted(scenes, area):
                    done.rows_out += count
                    for one in said:
                        whole = (*one, *key)
                        sums[whole] = sums.get(whole, 0) + count
        if not self.keys.graph and not self.keys.columns:
            sums = sums or {(): 0}
        names = [*self.keys.graph, *(name for name, _, _ in self.keys.columns), *self.counts]
        made = [(*key, *(Literal.of(count) for _ in self.counts)) for key, count in sums.items()]
        return names, made

    def _plan(self, spatial: Sequence[Spatial]) -> Plan:
        select = (*(output for _, output, _ in self.keys.columns), Figure("count"))
        group = tuple(range(len(select) - 1))
        return Plan(select, tuple(self.found.where), tuple(spatial), group, aggregate=True)

    def _near(self, area: Term | None) -> Spatial:
        """The condition with one of the areas."""
        return replace(self.found.spatial[self.at], geometry=geometry(area))  # type: ignore[arg-type]

    def _counted(self, scenes: SceneTable, area: Term | None) -> list[tuple[Row, int]]:
        spatial = list(self.found.spatial)
        spatial[self.at] = self._near(area)
        rows = scenes.run(self._plan(spatial))
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else []
        if not columns:
            return []
        keys = [make(columns[number]) for number, (_, _, make) in enumerate(self.keys.columns)]
        joined: list[Row] = list(zip(*keys, strict=True)) if keys else [()] * len(rows)
        return [(key, int(count)) for key, count in zip(joined, columns[-1], strict=True) if count]


def counts_of(select: Select, subject: str) -> tuple[dict[str, bool], tuple[str, ...]] | None:
    """(counts of the query by name, with whether they are of different scenes; grouped names that it returns)."""
    found: dict[str, bool] = {}
    plain: list[str] = []
    grouped = {expr.name for expr, _ in select.group_by if isinstance(expr, Var)}
    for one in select.columns or ():
        if one.expr is None:
            if one.var.name not in grouped:
                return None
            plain.append(one.var.name)
            continue
        distinct = _count(one.expr, subject)
        if distinct is None:
            return None
        found[one.var.name] = distinct
    return found, tuple(plain)


def _count(expr: Expr, subject: str) -> bool | None:
    """Whether a count is one of different scenes; None: it is no count of scenes."""
    if not isinstance(expr, Aggregate) or expr.name != "COUNT":
        return None
    if expr.arg is None:
        return None if expr.distinct else False
    return expr.distinct if expr.arg == Var(subject) else None


def having_of(select: Select, counts: dict[str, bool], subject: str) -> list[Having] | None:
    """HAVING as conditions on the names of finished rows; None where it needs more than the counts."""
    found = []
    for one in select.having:
        if not isinstance(one, Call) or len(one.args) != 2 or not isinstance(one.args[1], Literal):
            return None
        left, name = one.args[0], None
        for other, distinct in counts.items():
            if name is None and isinstance(left, Aggregate) and _count(left, subject) is distinct:
                name = other
        if name is None:
            return None
        found.append(Having(name, one.name, one.args[1]))
    return found


@dataclass(slots=True)
class AreaRows:
    """Scenes listed for one area after the other."""

    names: tuple[str, ...]
    ways: Sequence[Direct]
    limit: int | None
    offset: int
    distinct: bool

    def run(self, max_rows: int | None = None) -> Solutions:
        """The solutions."""
        wanted = None if self.limit is None else self.limit + self.offset
        rows: list[Row] = []
        for way in self.ways:
            rows += way.run(max_rows).rows
            if max_rows is not None and len(rows) > max_rows:
                raise QueryTooLarge(f"The query has more than {max_rows:,} results.", "Add a LIMIT.")
            if self.distinct:
                rows = list(dict.fromkeys(rows))
            if wanted is not None and len(rows) >= wanted:
                break
        return Solutions(self.names, tuple(rows[self.offset : wanted]))


Parts: TypeAlias = Callable[[Scope], list[Component]]
Shape: TypeAlias = Callable[[Anchor, Candidates], Direct | None]


class AreaJoins:
    """Finds joins of one star of scenes with areas of the graph.

    Args:
        query: the query.
        scenes: the table.
        ask: runs a query over the graph.
        parts: components of a scope.
        pinned: the candidates, and the components, where a variable has only one value.
        shape: the direct way, given the components.
    """

    def __init__(
        self,
        query: Query,
        scenes: SceneTable,
        ask: Callable[[str], Result],
        parts: Parts,
        pinned: Callable[[Anchor, str, Term], tuple[Candidates, Parts]],
        shape: Callable[[Parts], Shape],
    ) -> None:
        self._query, self._scenes, self._ask = query, scenes, ask
        self._parts, self._pinned, self._shape = parts, pinned, shape

    def counts(self, anchor: Anchor, found: Candidates) -> Callable[[], Solutions | None] | None:
        """What counts the scenes of each area; None where the query is another one."""
        select = self._query.select
        name = self._area(anchor, found)
        if name is None or select.distinct or select.columns is None or select.values:
            return None
        areas = found.columns.known[name]
        first, _ = self._pinned(anchor, name, areas[0])
        star = Star.of(anchor.scope, Var(found.columns.subject))
        at = spatial_of(first, areas[0])
        counted = counts_of(select, found.columns.subject)
        if star is None or at is None or counted is None or not first.exact or not all(map(_is_area, areas)):
            return None
        counts, _ = counted
        part = next(one for one in self._parts(anchor.scope) if name in one.names)
        keys = keys_of(select, first, star.lists, part.names)
        having = having_of(select, counts, found.columns.subject)
        if keys is None or having is None or not all(isinstance(one.expr, Var) for one in select.order):
            return None
        rows = solutions(part, (name, *keys.graph), self._query, self._ask)
        if not reads_only(anchor.scope, {star.subject, *star.single}):
            return None
        others = [one for one in self._parts(anchor.scope) if name not in one.names]
        if rows is None or others or not self._counts_right(counts, keys, star, anchor.scope, rows, first):
            return None
        made = AreaCounts(self._scenes, first, at, rows, keys, counts)
        return lambda: finished(select, having, *made.run())

    def _counts_right(
        self,
        counts: dict[str, bool],
        keys: Keys,
        star: Star,
        scope: Scope,
        rows: Sequence[Row],
        first: Candidates,
    ) -> bool:
        """Whether numbers of scenes by area add up to what is counted."""
        if any(counts.values()):  # different scenes: each group must have one area, once
            groups = [row[1:] for row in rows]
            if len(set(groups)) < len(groups):
                return False
        listed = star.lists.keys() - {name for name, _, _ in keys.columns}
        single = not star.lists and all(branch.role in ("exists", "required") for _, branch in scope.branches)
        return all(counts.values()) or (single and not listed and not first.optional)

    def rows(self, anchor: Anchor, found: Candidates) -> AreaRows | None:
        """What lists the scenes of one area after the other; None where the query is another one."""
        select = self._query.select
        name = self._area(anchor, found)
        if name is None or select.order or select.columns is None:
            return None
        areas = found.columns.known[name]
        if len(areas) > MOST_LISTED or not all(map(_is_area, areas)):
            return None
        ways: list[Direct] = []
        for area in areas:
            pinned, parts = self._pinned(anchor, name, area)
            way = self._shape(parts)(anchor, pinned)
            if way is None:
                return None
            way.limit, way.offset = (None if select.limit is None else select.limit + select.offset), 0
            ways.append(way)
        names = tuple(one.var.name for one in select.columns)
        return AreaRows(names, ways, select.limit, select.offset, select.distinct)

    def any(self, anchor: Anchor, found: Candidates) -> tuple[AnyArea, Candidates, Parts] | None:
        """A table of the scenes of any area, with the conditions on them; None where the query is another one."""
        select = self._query.select
        name = self._area(anchor, found)
        if name is None or select.columns is None:
            return None
        areas = found.columns.known[name]
        hidden = next(one for one in self._parts(anchor.scope) if name in one.names).names
        first, parts = self._pinned(anchor, name, areas[0])
        at = spatial_of(first, areas[0])
        if at is None or not first.exact or hidden & first.columns.bound.keys() or not all(map(_is_area, areas)):
            return None
        if any(variables(expr) & hidden for expr in first.columns.bound.values()):
            return None
        if not counts_each_once(select, hidden):
            return None
        table = AnyArea(self._scenes, first.spatial[at], tuple(map(geometry, areas)), name)
        return table, first, parts

    def _area(self, anchor: Anchor, found: Candidates) -> str | None:
        if found.empty or anchor.geometry or not isinstance(anchor.subject, Var):
            return None
        return area_of(found, anchor.scope)


def solutions(part: Component, names: tuple[str, ...], query: Query, ask: Callable[[str], Result]) -> list[Row] | None:
    """All solutions of a component, repeated ones as well; None where there are too many."""
    listed = " ".join(f"?{variable_name(name)}" for name in names)
    found = ask(f"{query.prologue}\nSELECT {listed} WHERE {{ {part.pattern(query.text)} }} LIMIT {MOST + 1}")
    if not isinstance(found, Solutions) or len(found.rows) > MOST:
        return None
    return list(found.rows)


def _is_area(term: Term) -> bool:
    try:
        geometry(term)
    except GeometryError:
        return False
    return True
