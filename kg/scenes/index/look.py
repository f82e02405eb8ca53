"""Footprints of some rows, read only as far as a condition on them needs to know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.quads import bounds_of
from kg.scenes.terms import Boxes

if TYPE_CHECKING:
    from kg.scenes.index.footprints import Footprints


class Look:
    """Footprints of some rows.

    Args:
        footprints: of the part.
        rows: their numbers.
    """

    def __init__(self, footprints: Footprints, rows: Array) -> None:
        self._footprints, self.count = footprints, len(rows)
        self._places = footprints.place[rows]
        self._short = footprints.short_of(self._places)  # whole numbers: most are told by them alone

    def meeting(self, test: Boxes) -> Array:
        """Which bounding boxes meet one of some boxes; a hair beside one may do so, too."""
        if self._short is None:
            return meets(self._footprints.bounds_at(self._places), test)
        west, south, east, north = bounds_of(self._short).T
        found = np.zeros(self.count, bool)
        for box in self._footprints.in_short(test.boxes):
            w, s, e, n = box
            found |= (west <= e) & (east >= w) & (south <= n) & (north >= s)
        return found

    def quads(self, among: Array) -> Array:
        """Which of some places in the rows hold a quadrilateral."""
        if self._short is not None:
            return np.ones(len(among), bool)
        return self._footprints.is_quad(self._places[among])

    def corners(self, among: Array) -> Array:
        """Corners (n, 4, 2) of quadrilaterals at some places in the rows."""
        if self._short is not None:
            return self._footprints.from_short(self._short[among])
        return self._footprints.corners(self._places[among])

    def shapes(self, among: Array) -> Array:
        """Shapely geometries of some places in the rows."""
        return self._footprints.shapes_at(self._places[among])


def meets(bounds: Array, test: Boxes) -> Array:
    """Which bounding boxes (n, 4) meet one of the boxes."""
    west, south, east, north = bounds.T
    true = np.zeros(len(bounds), bool)
    for w, s, e, n in test.boxes:
        true |= (west <= e) & (east >= w) & (south <= n) & (north >= s)
    return true
