"""A grid over the footprints: which rows lie where, so that an area touches only what is near it.

A footprint belongs to the cell of its centre: small cells for small ones, larger ones for larger ones, bands
of latitude for those on both sides of the antimeridian, and one cell for the rest. A cell knows the box that holds all
its footprints; so an area leaves out whole cells, and takes whole cells that lie inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.scenes.index.file import Array, Arrays
from kg.scenes.index.nearby import circles
from kg.scenes.terms import Box

if TYPE_CHECKING:
    from kg.scenes.spatial import Spatial

_LEVELS = ((1.5, 1.0), (4.0, 1.0), (15.0, 2.5), (40.0, 5.0))
"""(largest footprint, size of a cell), degrees."""
_KEYS = sum(int(360.0 / step) * int(180.0 / step) for _, step in _LEVELS) + 180 + 1
"""All cells of all levels, the bands of those across the antimeridian, and one for the rest."""
OUT, MAYBE, IN = 0, 1, 2


class Cells:
    """The grid of a part.

    Args:
        arrays: of the index.

    Attributes:
        code: cell of each row; the last one of `bounds` holds those without a footprint.
        bounds: boxes (cells, 4) that hold the footprints of each cell; beyond 180 in the east across the antimeridian.
        counts: rows of each cell.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.code: Array = arrays["cell:code"]
        self.bounds: Array = arrays["cell:bounds"]
        self._ends: Array = arrays["cell:ends"]
        self._rows: Array = arrays["cell:rows"]
        self.counts: Array = np.diff(self._ends)

    def near(self, boxes: Sequence[Box], whole: bool = True) -> Array:
        """Which cells may hold footprints whose bounding box meets one of the boxes.

        Args:
            boxes: that are sought.
            whole: whether the bounding box of a footprint on both sides of the antimeridian goes round the world.
        """
        west, south, east, north = self.bounds.T
        found = np.zeros(len(self.bounds), bool)
        for w, s, e, n in boxes:
            beside = (west <= e) & (east >= w)
            beside |= (east > 180.0) & ((east - 360.0 >= w) | whole)
            found |= beside & (south <= n) & (north >= s)
        return found

    def judge(self, one: Spatial) -> Array:
        """OUT, MAYBE or IN for each cell: whether its footprints meet a condition."""
        import shapely

        from kg.scenes.spatial import boxes_of

        found = np.zeros(len(self.bounds), np.uint8)
        if one.relation == "disjoint":
            found[:] = MAYBE
            found[-1] = OUT
            return found
        around = boxes_of(one)
        near = np.flatnonzero(self.near(around, whole=False))
        found[near] = MAYBE
        inner = outer = one.geometry
        if one.relation == "distance":
            rings = circles(one)
            if rings is None:
                return found
            inner, outer = rings
        shapely.prepare(inner)
        shapely.prepare(outer)
        bounds = self.bounds[near]
        across = bounds[:, 2] > 180.0
        frames = shapely.box(bounds[:, 0], bounds[:, 1], np.minimum(bounds[:, 2], 180.0), bounds[:, 3])
        touched = shapely.intersects(outer, frames) | across
        found[near[~touched]] = OUT
        if one.relation != "contains":
            inside = shapely.contains_properly(inner, frames) & ~across
            found[near[inside]] = IN
        return found

    def rows(self, cells: Array) -> Array:
        """Rows of some cells, ascending."""
        lists = [self._rows[self._ends[one] : self._ends[one + 1]] for one in cells.tolist()]
        if not lists:
            return np.zeros(0, np.int64)
        found = np.concatenate(lists).astype(np.int64)
        found.sort()
        return found


def encode(bounds: Array, there: Array, arrays: dict[str, Array]) -> None:
    """Adds the arrays of the grid.

    Args:
        bounds: boxes (rows, 4) of the footprints, unrolled across the antimeridian.
        there: which rows have a footprint.
        arrays: by name, added to.
    """
    west, south, east, north = bounds.T
    with np.errstate(invalid="ignore"):
        size = np.maximum(east - west, north - south)
        across = east > 180.0
        keys = _keys((west + east) / 2, (south + north) / 2, size, across)
    keys[~there] = _KEYS
    present = np.zeros(_KEYS + 1, bool)
    present[keys] = True
    present[_KEYS] = True  # a last cell, perhaps empty, for those without a footprint
    kind: Any = np.uint16 if np.count_nonzero(present) <= 0xFFFF else np.uint32
    code = (np.cumsum(present) - 1).astype(kind)[keys]
    order = np.argsort(code, kind="stable")
    counts = np.bincount(code, minlength=np.count_nonzero(present))
    frames = np.full((len(counts), 4), np.nan)
    starts = (np.cumsum(counts) - counts)[:-1]  # only the last cell may be empty
    if len(starts):
        last = int(counts[:-1].sum())
        for side, gather in enumerate((np.minimum, np.minimum, np.maximum, np.maximum)):
            frames[:-1, side] = gather.reduceat(bounds[order[:last], side], starts)
    arrays["cell:code"], arrays["cell:bounds"] = code, frames
    arrays["cell:ends"] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    arrays["cell:rows"] = order.astype(np.uint32)


def _keys(x: Array, y: Array, size: Array, across: Array) -> Array:
    """A number for each cell, by level; of what is not a number anything."""
    x, y = np.nan_to_num(x), np.nan_to_num(y)
    keys = np.full(len(x), _KEYS - 1, np.int32)
    least, first = -1.0, 0
    for largest, step in _LEVELS:
        at = (size > least) & (size <= largest)
        row = np.floor((y[at] + 90.0) / step).astype(np.int32)
        column = np.floor((x[at] + 180.0) % 360.0 / step).astype(np.int32)
        across_step = int(360.0 / step)
        keys[at] = first + np.minimum(row, int(180.0 / step) - 1) * across_step + np.minimum(column, across_step - 1)
        first += int(180.0 / step) * across_step
        least = largest
    keys[across] = first + np.clip(np.floor(y[across] + 90.0).astype(np.int32), 0, 179)
    return np.asarray(keys)
