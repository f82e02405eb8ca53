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
_SIZES = np.array([size for size, _ in _LEVELS])
_STEPS = np.array([*(step for _, step in _LEVELS), 1.0])
_COLUMNS = (360.0 / _STEPS).astype(np.int32)
_ROWS = (180.0 / _STEPS).astype(np.int32)
_FIRST = np.concatenate([[0], np.cumsum(_ROWS * _COLUMNS)[:-1]]).astype(np.int32)
_BLOCK = 8_192
_NOWHERE = (np.inf, np.inf, -np.inf, -np.inf)
_GATHERS = (np.fmin, np.fmin, np.fmax, np.fmax)
OUT, MAYBE, IN = 0, 1, 2


class Cells:
    """The grid of a part.

    Args:
        arrays: of the index.

    Attributes:
        code: cell of each row; the last cell holds those without a footprint.
        keys: which cell of the grid each is.
        sides: west, south, east and north (4, cells) of the footprints of each cell; beyond 180 in the east across the
            antimeridian.
        counts: rows of each cell.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.code: Array = arrays["cell:code"]
        self.keys: Array = arrays["cell:key"]
        self.sides: Array = arrays["cell:sides"]
        self._ends: Array = arrays["cell:ends"]
        self._rows: Array = arrays["cell:rows"]
        self.counts: Array = np.diff(self._ends)

    def near(self, boxes: Sequence[Box], whole: bool = True) -> Array:
        """Which cells may hold footprints whose bounding box meets one of the boxes.

        Args:
            boxes: that are sought.
            whole: whether the bounding box of a footprint on both sides of the antimeridian goes round the world.
        """
        west, south, east, north = self.sides
        found = np.zeros(len(self.keys), bool)
        for w, s, e, n in boxes:
            beside = (west <= e) & (east >= w)
            beside |= (east > 180.0) & ((east - 360.0 >= w) | whole)
            found |= beside & (south <= n) & (north >= s)
        return found

    def judge(self, one: Spatial) -> Array:
        """OUT, MAYBE or IN for each cell: whether its footprints meet a condition."""
        import shapely

        from kg.scenes.spatial import boxes_of

        found = np.zeros(len(self.keys), np.uint8)
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
        west, south, east, north = self.sides[:, near]
        across = east > 180.0
        frames = shapely.box(west, south, np.minimum(east, 180.0), north)
        touched = shapely.intersects(outer, frames) | across
        found[near[~touched]] = OUT
        if one.relation != "contains":
            inside = shapely.contains_properly(inner, frames) & ~across
            found[near[inside]] = IN
        return found

    def rows(self, cells: Array, ordered: bool = True) -> Array:
        """Rows of some cells, ascending; or ascending in each cell only."""
        lists = [self._rows[self._ends[one] : self._ends[one + 1]] for one in cells.tolist()]
        if not lists:
            return np.zeros(0, np.int64)
        found = np.concatenate(lists).astype(np.int64)
        if ordered:
            found.sort()
        return found


class CellsEncoder:
    """Takes bounding boxes batch by batch, in the order of the file.

    Args:
        rows: of the file.
    """

    def __init__(self, rows: int) -> None:
        self._keys = np.empty(rows, np.int32)
        # of each cell: west, south, east, north of all footprints in it
        self._frames = [np.full(_KEYS + 1, start) for start in _NOWHERE]

    def add(self, at: int, sides: Array, known: Array) -> None:
        """Adds a batch.

        Args:
            at: the number of its first row.
            sides: west, south, east and north (4, rows) of the footprints, unrolled across the antimeridian.
            known: which rows have a footprint.
        """
        count = sides.shape[1]
        for first in range(0, count, _BLOCK):
            frame = slice(first, min(first + _BLOCK, count))
            block, there = sides[:, frame], known[frame]
            keys = _keys(block)
            if not there.all():
                keys[~there] = _KEYS
            self._keys[at + first : at + frame.stop] = keys
            if np.isnan(block[0]).any():  # without a footprint, or with an empty one
                real = ~np.isnan(block).any(axis=0)
                block, keys = block[:, real], keys[real]
            for side, gather in enumerate(_GATHERS):
                gather.at(self._frames[side], keys, block[side])

    def finish(self, order: Array | slice, arrays: dict[str, Array]) -> None:
        """Adds the arrays of the grid, rows in an order."""
        present = np.bincount(self._keys, minlength=_KEYS + 1) > 0
        present[_KEYS] = True  # a last cell, perhaps empty, for those without a footprint
        code = (np.cumsum(present) - 1).astype(_kind(int(np.count_nonzero(present))))[self._keys[order]]
        sides = np.stack([one[present] for one in self._frames])
        arrays.update(grid(code, np.flatnonzero(present), sides))


def grid(code: Array, keys: Array, sides: Array) -> dict[str, Array]:
    """The arrays of a grid.

    Args:
        code: cell of each row.
        keys: which cell of the grid each is.
        sides: of their footprints (4, cells); infinite where there are none.
    """
    sides[:, ~np.isfinite(sides).all(axis=0)] = np.nan
    counts = np.bincount(code, minlength=len(keys))
    return {
        "cell:code": code,
        "cell:key": keys.astype(np.int32),
        "cell:sides": sides,
        "cell:ends": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "cell:rows": _ranked(code),
    }


def joined(parts: Sequence[Cells], order: Array) -> dict[str, Array]:
    """The arrays of the grids of several parts as one, rows of all of them in an order."""
    keys = np.unique(np.concatenate([one.keys for one in parts]))
    sides = np.stack([np.full(len(keys), start) for start in _NOWHERE])
    kind, codes = _kind(len(keys)), []
    for one in parts:
        at = keys.searchsorted(one.keys)
        codes.append(at.astype(kind)[one.code])
        for side, (gather, own) in enumerate(zip(_GATHERS, one.sides, strict=True)):
            sides[side, at] = gather(sides[side, at], own)  # of a side that is not there the other one
    return grid(np.concatenate(codes)[order], keys, sides)


def _kind(cells: int) -> Any:  # noqa: ANN401
    return np.uint16 if cells <= 0xFFFF else np.uint32


def _ranked(code: Array) -> Array:
    """Rows by their cell, ascending in each; sixteen bits at a time, which numpy sorts fastest."""
    rows = np.argsort(code.astype(np.uint16), kind="stable").astype(np.uint32)
    if code.dtype == np.uint16:
        return rows
    return np.asarray(rows[np.argsort((code >> 16).astype(np.uint16)[rows], kind="stable")])


def _keys(sides: Array) -> Array:
    """A number for each box, by level."""
    west, south, east, north = sides
    with np.errstate(invalid="ignore"):
        size = np.maximum(east - west, north - south)
        x, y = (west + east) / 2 + 180.0, (south + north) / 2 + 90.0
        level = np.zeros(len(size), np.intp)
        for one in _SIZES:
            level += size > one
        rest, across = ~((size <= _SIZES[-1]) & (y >= 0.0) & (y <= 180.0)), east > 180.0
        if rest.any():
            x[rest] = y[rest] = 0.0
        x %= 360.0
        step = _STEPS[level]
        row = np.minimum(np.floor(y / step).astype(np.int32), _ROWS[level] - 1)
        column = np.minimum(np.floor(x / step).astype(np.int32), _COLUMNS[level] - 1)
    keys = _FIRST[level] + row * _COLUMNS[level] + column
    if rest.any():
        keys[rest] = _KEYS - 1
    if across.any():
        bands = np.clip(np.floor((south[across] + north[across]) / 2 + 90.0), 0, 179)
        keys[across] = _FIRST[-1] + bands.astype(np.int32)
    return np.asarray(keys)
