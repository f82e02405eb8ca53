"""Scenes that meet any one of many areas, each of them once: `SELECT DISTINCT ?scene` or `COUNT(DISTINCT ?scene)`.

No index helps with hundreds of areas as one shape. So each is asked for by itself, and the statement that follows is
about the scenes that were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kg.scenes import Plan, SceneTable, Spatial
from kg.scenes.terms import Column, SceneIn
from kg.scenes.told import told_plan
from kg.sparql.syntax import Aggregate, Select, variables
from kg.trace import step
from ontology.errors import QueryTooLarge

MOST = 1_000_000
"""Most scenes that meet an area."""


class AnyArea(SceneTable):
    """A table whose plans hold one condition on an area that stands for all of them.

    Args:
        scenes: the table.
        one: the condition, with one of the areas.
        areas: all of them, shapely geometries in CRS84.
        name: variable of the areas, for errors.
    """

    def __init__(self, scenes: SceneTable, one: Spatial, areas: Sequence[Any], name: str) -> None:
        super().__init__(scenes.parts)
        self._scenes, self._one, self._areas, self._name = scenes, one, areas, name

    def few(self, column: str, most: int) -> tuple[Any, ...] | None:
        """As of the table itself."""
        return self._scenes.few(column, most)

    def run(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan, for scenes that meet any of the areas."""
        if self._one not in plan.spatial:
            return self._scenes.run(plan)
        others = tuple(one for one in plan.spatial if one is not self._one)
        probe = Plan((Column("collection"), Column("id")), plan.where, others)
        found: dict[tuple[str, str], None] = {}
        scenes = self._scenes.of_areas(plan.where, [replace(self._one, geometry=area) for area in self._areas])
        with step("columns", lambda: f"scenes of any area: {told_plan(probe)}", len(self._areas)) as done:
            for area in self._areas:
                near = replace(self._one, geometry=area)
                found.update(dict.fromkeys(scenes.run(replace(probe, spatial=(*others, near)))))
                if len(found) > MOST:
                    raise QueryTooLarge(
                        f"More than {MOST:,} scenes meet one of the {len(self._areas):,} areas ?{self._name}.",
                        "Add conditions on time, place or sensor.",
                    )
            done.rows_out = len(found)
        return scenes.run(replace(plan, where=(SceneIn(tuple(found)),), spatial=()))


def counts_each_once(select: Select, hidden: set[str]) -> bool:
    """Whether a result stays the same when a scene meets several areas, whose variables it does not return."""
    returned = set().union(*(variables(one.expr or one.var) for one in select.columns or ()))
    returned |= set().union(*(variables(expr) for expr, _ in select.group_by))
    if returned & hidden:
        return False
    if not select.aggregates:
        return select.distinct
    figures = [one.expr for one in select.columns or () if one.expr is not None]
    return not select.having and all(
        isinstance(one, Aggregate) and (one.name in ("MIN", "MAX") or (one.distinct and one.name == "COUNT"))
        for one in figures
    )
