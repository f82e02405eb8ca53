"""ORDER BY distance: scenes are looked for in ever wider circles until there are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kg.planner import cells
from kg.scenes import Plan, SceneTable, Spatial
from kg.scenes.told import told_plan
from kg.trace import step
from ontology.errors import QueryTooLarge

_FIRST = 25_000.0  # metres
_LAST = 5_000_000.0
_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Nearest:
    """The distance of footprints from a known geometry.

    Attributes:
        geometry: shapely geometry in CRS84.
        scale: metres in the unit of the distance.
        descending: whether the farthest come first.
        source: position of the footprint in the plan.
    """

    geometry: Any
    scale: float
    descending: bool = False
    source: int = -1

    def metres(self, data: Sequence[bytes]) -> Any:  # noqa: ANN401 - array of float
        """Geodesic distances of footprints (WKB)."""
        import numpy as np
        import shapely

        from kg.geosparql.nearest import distances

        shapes = shapely.from_wkb(np.asarray(data, dtype=object))
        return distances(self.geometry, shapes)

    def terms(self, data: Sequence[bytes]) -> cells.Column:
        """Distances in the unit asked for, as literals."""
        return cells.doubles([float(one) / self.scale for one in self.metres(data)])

    def run(self, scenes: SceneTable, plan: Plan, wanted: int | None) -> list[tuple[Any, ...]]:
        """The rows of a plan by distance, the first `wanted` of them.

        Raises:
            QueryTooLarge: too many scenes would have to be measured.
        """
        import numpy as np

        rows: list[tuple[Any, ...]] = []
        if wanted is not None and not self.descending:  # many footprints hold a place: all of them are nearest
            at = Spatial("intersects", self.geometry)
            rows = self._fetch(scenes, replace(plan, spatial=(*plan.spatial, at)), wanted)
            if len(rows) >= wanted:
                return rows
        bound = any(one.relation != "disjoint" for one in plan.spatial)
        reach = _FIRST
        while wanted is not None and not bound and not self.descending and reach <= _LAST:
            near = Spatial("distance", self.geometry, reach)
            rows = self._fetch(scenes, replace(plan, spatial=(*plan.spatial, near)))
            if len(rows) >= wanted:
                break
            reach *= 5
        else:
            rows = self._fetch(scenes, plan)
        metres = self.metres([row[self.source] for row in rows])
        order = np.argsort(-metres if self.descending else metres, kind="stable")
        return [rows[number] for number in order[:wanted].tolist()]

    def _fetch(self, scenes: SceneTable, plan: Plan, wanted: int | None = None) -> list[tuple[Any, ...]]:
        limited = replace(plan, limit=_MOST + 1 if wanted is None else min(wanted, _MOST + 1), offset=0)
        with step("columns", lambda: told_plan(limited)) as done:
            rows = scenes.run(limited)
            done.rows_out = len(rows)
        if len(rows) > _MOST:
            raise QueryTooLarge(
                f"The query orders more than {_MOST:,} scenes by distance.",
                "Add a condition on the distance, or on time, place or sensor.",
            )
        return rows
