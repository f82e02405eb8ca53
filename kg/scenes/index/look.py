"""Footprints of rows of several parts, read only as far as a condition on them needs to know them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from kg.scenes.index.file import Array
from kg.scenes.index.footprints import Footprints
from kg.scenes.terms import Boxes


class Look:
    """Footprints of some rows.

    Args:
        chosen: footprints of a part, and numbers of its rows.

    Attributes:
        count: rows of all parts.
    """

    def __init__(self, chosen: Sequence[tuple[Footprints, Array]]) -> None:
        self._parts = [(footprints, footprints.place[rows]) for footprints, rows in chosen]
        self.count = sum(len(rows) for _, rows in chosen)
        short = [one.short_of(places) for one, places in self._parts]
        found = [one for one in short if one is not None]
        # corners as whole numbers: most is told by them alone
        self._short = _joined(found) if found and len(found) == len(short) else None

    def meeting(self, test: Boxes) -> Array:
        """Which bounding boxes meet one of some boxes; a hair beside one may do so, too."""
        if self._short is None:
            return meets(np.concatenate([one.bounds_at(places) for one, places in self._parts]), test)
        (west, east), (south, north) = _span(*self._short[0::2]), _span(*self._short[1::2])
        found = np.zeros(self.count, bool)
        for w, s, e, n in Footprints.in_short(test.boxes):
            found |= (west <= e) & (east >= w) & (south <= n) & (north >= s)
        return found

    def quads(self, among: Array) -> Array:
        """Which of some places in the rows hold a quadrilateral."""
        if self._short is not None:
            return np.ones(len(among), bool)
        return np.concatenate([one.is_quad(places) for one, places in self._parts])[among]

    def corners(self, among: Array) -> Array:
        """Corners of quadrilaterals at some places in the rows, turned: (8, n)."""
        if self._short is not None:
            return Footprints.from_short(self._short.take(among, axis=1))
        return _joined([one.corners(places).reshape(-1, 8) for one, places in self._of(among)])

    def shapes(self, among: Array) -> Array:
        """Shapely geometries of some places in the rows."""
        if self._short is None:
            return np.concatenate([one.shapes_at(places) for one, places in self._of(among)])
        corners = self.corners(among)
        rings = np.concatenate([corners, corners[:2]]).T.reshape(-1, 5, 2)
        return np.asarray(shapely.polygons(rings))

    def _of(self, among: Array) -> list[tuple[Footprints, Array]]:
        """Some places in the rows, ascending, as places in each part."""
        ends = np.cumsum([len(places) for _, places in self._parts])
        cuts = among.searchsorted(ends)
        found = []
        for (one, places), end, first, last in zip(self._parts, ends, [0, *cuts[:-1]], cuts, strict=True):
            found.append((one, places[among[first:last] - (end - len(places))]))
        return found


def _span(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """The least and the largest of four numbers each; numpy takes much longer over whole numbers in rows."""
    return np.minimum(np.minimum(a, b), np.minimum(c, d)), np.maximum(np.maximum(a, b), np.maximum(c, d))


def _joined(corners: Sequence[Array]) -> Array:
    """Corners (n, 8) of several parts, turned: (8, n)."""
    return np.concatenate([one.reshape(-1, 8).T for one in corners], axis=1)


def meets(bounds: Array, test: Boxes) -> Array:
    """Which bounding boxes (n, 4) meet one of the boxes."""
    west, south, east, north = bounds.T
    true = np.zeros(len(bounds), bool)
    for w, s, e, n in test.boxes:
        true |= (west <= e) & (east >= w) & (south <= n) & (north >= s)
    return true
