"""A condition on footprints, prepared for one part: what its cells say, and what decides without making shapes."""

from __future__ import annotations

import numpy as np

from kg.scenes.index.cells import IN, MAYBE, OUT, Cells
from kg.scenes.index.file import Array
from kg.scenes.index.footprints import Footprints
from kg.scenes.index.look import Look
from kg.scenes.index.nearby import circles, near
from kg.scenes.index.quads import Holding, Meeting
from kg.scenes.spatial import Spatial, boxes_of, hits
from kg.scenes.terms import Boxes


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
        self._around = Boxes(tuple(boxes_of(one)))
        self._quads = _proofs(one)

    def met(self, rows: Array, cells: Cells, footprints: Footprints) -> Array:
        """Rows whose footprint meets the condition; the footprint itself decides where the cell does not."""
        said = self.judged[cells.code[rows]]
        kept = said == IN
        at = np.flatnonzero(said == MAYBE)
        if len(at):
            kept[at] = self._hits(Look(footprints, rows[at]))
        return np.asarray(rows[kept])

    def _hits(self, look: Look) -> Array:
        """Which footprints meet the condition: their boxes and corners tell where they can, shapely where not."""
        one = self._one
        if one.relation == "disjoint":
            return np.asarray(hits([one], look.shapes(np.arange(look.count))))
        found = look.meeting(self._around)
        open_ = np.flatnonzero(found)
        if self._quads is not None and len(open_):
            quads = look.quads(open_)
            said = np.full(len(open_), MAYBE, np.uint8)
            said[quads] = self._quads.said(look.corners(open_[quads]))
            found[open_[said == OUT]] = False
            open_ = open_[said == MAYBE]
        if len(open_):
            shapes = look.shapes(open_)
            found[open_] = near(one, shapes) if one.relation == "distance" else hits([one], shapes)
        return found


def _proofs(one: Spatial) -> Meeting | Holding | None:
    """What tells of a quadrilateral by its corners whether it meets a condition; None: nothing does."""
    shape, rings = one.geometry, circles(one)
    if shape.is_empty:
        return None
    if rings is not None:
        return Meeting(*rings)
    if one.relation == "intersects":
        return Meeting(shape, shape)
    return Holding(shape) if one.relation == "within" else None
