"""A condition on footprints, prepared for one part: what its cells say, and what decides without making shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from kg.scenes.index.cells import IN, MAYBE, Cells
from kg.scenes.index.file import Array
from kg.scenes.index.footprints import Footprints, Look
from kg.scenes.index.nearby import circles, near
from kg.scenes.spatial import Spatial, boxes_of, hits
from kg.scenes.terms import Boxes

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


class Area:
    """A condition on footprints.

    Args:
        cells: of the part.
        one: the condition.

    Attributes:
        judged: OUT, MAYBE or IN for each cell.
    """

    def __init__(self, cells: Cells, one: Spatial) -> None:
        self._one = one
        self.judged = cells.judge(one)
        shape = one.geometry
        self._around = Boxes(tuple(boxes_of(one)))
        # what meets it surely meets the condition
        rings = circles(one)
        sure = rings[0] if rings is not None else shape if one.relation == "intersects" else None
        self._sure: BaseGeometry | None = None if sure is None or sure.is_empty else sure
        self._place = None if self._sure is None else self._sure.representative_point()
        self._box: tuple[float, float, float, float] | None = None
        if one.relation == "within" and shape.geom_type == "Polygon" and shape.equals(shapely.box(*shape.bounds)):
            self._box = shape.bounds
        if self._sure is not None:
            shapely.prepare(self._sure)

    def met(self, rows: Array, cells: Cells, footprints: Footprints) -> Array:
        """Rows whose footprint meets the condition; the footprint itself decides where the cell does not."""
        said = self.judged[cells.code[rows]]
        kept = said == IN
        at = np.flatnonzero(said == MAYBE)
        if len(at):
            kept[at] = self._hits(footprints.look(rows[at]))
        return np.asarray(rows[kept])

    def _hits(self, look: Look) -> Array:
        """Which footprints meet the condition: their boxes and corners tell where they can, shapely where not."""
        one = self._one
        if one.relation == "disjoint":
            return np.asarray(hits([one], look.shapes(np.arange(len(look.bounds)))))
        found = meets(look.bounds, self._around)
        open_ = np.flatnonzero(found)
        if self._sure is not None and self._place is not None and len(open_):
            open_ = open_[~look.touching(self._sure, self._place, open_)]
        elif self._box is not None and len(open_):
            west, south, east, north = look.bounds[open_].T
            w, s, e, n = self._box
            open_ = open_[~((west > w) & (south > s) & (east < e) & (north < n))]
        if len(open_):
            shapes = look.shapes(open_)
            found[open_] = near(one, shapes) if one.relation == "distance" else hits([one], shapes)
        return found


def meets(bounds: Array, test: Boxes) -> Array:
    """Which bounding boxes (n, 4) meet one of the boxes."""
    west, south, east, north = bounds.T
    true = np.zeros(len(bounds), bool)
    for w, s, e, n in test.boxes:
        true |= (west <= e) & (east >= w) & (south <= n) & (north >= s)
    return true
