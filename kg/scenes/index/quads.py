"""Quadrilaterals against an area by arithmetic on many corners at once: what is clear needs no shapes.

All proofs are on the safe side: what is said to be in the area or out of it surely is, anything else stays open.
Corners are turned, (8, n): x and y of the first corner of all, x and y of the second, so that numpy runs along rows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from kg.scenes.index.cells import IN, MAYBE, OUT
from kg.scenes.index.file import Array

if TYPE_CHECKING:
    from shapely.geometry import Point
    from shapely.geometry.base import BaseGeometry

_CLEAR = 1e-9  # square degrees: far above the error of a difference of products
_PUSH = 1e-9  # share of the way by which a place is moved outwards, far above the error of its coordinates
_MOST_HULL, _SIDES = 256, 16  # corners
_FEW = 48  # quadrilaterals: shapes of them are sooner made than all is told by arithmetic
_NEXT = [1, 2, 3, 0]


def bounds_of(quads: Array) -> Array:
    """Bounds (n, 4) of corners (n, 4, 2), or of those in a row; slices, since numpy is slow along short axes."""
    corners = quads.reshape(-1, 4, 2)
    a, b, c, d = (corners[:, at] for at in range(4))
    found = np.empty((len(corners), 4), quads.dtype)
    np.minimum(np.minimum(a, b), np.minimum(c, d), out=found[:, :2])
    np.maximum(np.maximum(a, b), np.maximum(c, d), out=found[:, 2:])
    return found


class Meeting:
    """Which quadrilaterals meet an area.

    Args:
        sure: what meets it is in.
        outer: what does not meet it is out.
    """

    def __init__(self, sure: BaseGeometry, outer: BaseGeometry) -> None:
        self._sure = sure
        self._place = sure.representative_point()
        hull = outer.convex_hull
        self._hull = shapely.get_coordinates(hull)
        if hull.geom_type != "Polygon" or len(self._hull) > _MOST_HULL:
            self._hull = shapely.get_coordinates(shapely.box(*outer.bounds))
        self._frame = _frame(self._hull)
        self._convex = sure.geom_type == "Polygon" and sure.area >= sure.convex_hull.area * (1 - 1e-12)
        self._box = sure.bounds if sure.geom_type == "Polygon" and sure.equals(shapely.box(*sure.bounds)) else None
        shapely.prepare(sure)

    def said(self, corners: Array) -> Array:
        """IN, MAYBE or OUT for each quadrilateral (8, n)."""
        x, y = corners[0::2], corners[1::2]
        found = np.full(x.shape[1], MAYBE, np.uint8)
        found[_holding(x, y, self._place) | self._first(x, y)] = IN
        left = np.flatnonzero(found == MAYBE)
        if len(left) < _FEW:
            return found
        x, y = x[:, left], y[:, left]
        if not self._convex:
            apart = _apart(x, y, self._frame)
            found[left[apart]] = OUT
            left = left[~apart]
            for at in range(2, 8, 2):
                met = shapely.intersects_xy(self._sure, corners[at, left], corners[at + 1, left])
                found[left[met]] = IN
                left = left[~met]
            return found
        places, towards = _nearest(x, y, self._place)
        found[left[self._within(*places)]] = IN
        found[left[_beyond(x, y, *towards, self._frame)]] = OUT
        open_ = np.flatnonzero(found[left] == MAYBE)
        if len(open_) and len(self._hull) > len(self._frame):
            beyond = _beyond(x[:, open_], y[:, open_], towards[0][open_], towards[1][open_], self._hull)
            found[left[open_[beyond]]] = OUT
            open_ = open_[~beyond]
        if len(open_):
            found[left[open_[_apart(x[:, open_], y[:, open_], self._frame)]]] = OUT
        return found

    def _first(self, x: Array, y: Array) -> Array:
        """Which ones have a corner in the area: any where that is cheap, the first one else."""
        if self._box is None:
            return np.asarray(shapely.intersects_xy(self._sure, x[0], y[0]))
        return np.asarray(self._within(x, y).any(axis=0))

    def _within(self, x: Array, y: Array) -> Array:
        """Which places lie in the area."""
        if self._box is None:
            return np.asarray(shapely.intersects_xy(self._sure, x, y))
        west, south, east, north = self._box
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


class Holding:
    """Which quadrilaterals lie in an area.

    Args:
        area: in which.
    """

    def __init__(self, area: BaseGeometry) -> None:
        self._area = area
        self._box = area.bounds if area.geom_type == "Polygon" and area.equals(shapely.box(*area.bounds)) else None
        shapely.prepare(area)

    def said(self, corners: Array) -> Array:
        """IN, MAYBE or OUT for each quadrilateral (8, n)."""
        x, y = corners[0::2], corners[1::2]
        found = np.full(x.shape[1], MAYBE, np.uint8)
        if self._box is not None:
            west, south, east, north = self._box
            found[((x < west) | (x > east) | (y < south) | (y > north)).any(axis=0)] = OUT
            found[((x > west) & (x < east) & (y > south) & (y < north)).all(axis=0)] = IN
            return found
        left = np.arange(x.shape[1])
        for at in range(4):
            met = shapely.intersects_xy(self._area, x[at, left], y[at, left])
            found[left[~met]] = OUT
            left = left[met]
        return found


def _holding(x: Array, y: Array, place: Point) -> Array:
    """Which quadrilaterals clearly hold a point: it lies on the same side of all edges."""
    x, y = x - place.x, y - place.y
    side = x * y[_NEXT] - y * x[_NEXT]
    return np.asarray((side.min(axis=0) > _CLEAR) | (side.max(axis=0) < -_CLEAR))


def _frame(hull: Array) -> Array:
    """A polygon of few corners (m, 2) around a hull."""
    if len(hull) <= _SIDES:
        return hull
    angles = np.arange(_SIDES) * (2 * np.pi / _SIDES)
    c, s = np.cos(angles), np.sin(angles)
    far = (hull @ np.stack([c, s])).max(axis=0)
    after = np.roll(far, -1), np.roll(c, -1), np.roll(s, -1)
    found = np.stack([far * after[2] - after[0] * s, after[0] * c - far * after[1]], axis=1)
    return np.asarray(found / math.sin(2 * math.pi / _SIDES))


def _apart(x: Array, y: Array, hull: Array) -> Array:
    """Which quadrilaterals have an edge that keeps all of them from a hull (m, 2)."""
    found = np.zeros(x.shape[1], bool)
    for at in range(4):
        to = _NEXT[at]
        ex, ey = x[to] - x[at], y[to] - y[at]
        base = ex * y[at] - ey * x[at]  # of places: less left of the edge, more right of it
        own = [ex * y[more] - ey * x[more] - base for more in (_NEXT[to], _NEXT[_NEXT[to]])]
        other = np.multiply.outer(hull[:, 1], ex) - np.multiply.outer(hull[:, 0], ey) - base
        found |= other.min(axis=0) > np.maximum(np.maximum(*own), 0.0) + _CLEAR
        found |= other.max(axis=0) < np.minimum(np.minimum(*own), 0.0) - _CLEAR
    return found


def _beyond(x: Array, y: Array, to_x: Array, to_y: Array, hull: Array) -> Array:
    """Which quadrilaterals lie beyond all of a hull (m, 2) in a direction of their own."""
    own = (x * to_x + y * to_y).min(axis=0)
    return np.asarray(own > (hull @ np.stack([to_x, to_y])).max(axis=0) + _CLEAR)


def _nearest(x: Array, y: Array, place: Point) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Of each quadrilateral the place on an edge that is nearest to a point, and the way there.

    The place is a hair further out; the way is told as what grows fastest along it.
    """
    scale = max(0.01, math.cos(math.radians(place.y)))
    x, y = (x - place.x) * scale, y - place.y
    ex, ey = x[_NEXT] - x, y[_NEXT] - y
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(-(x * ex + y * ey) / (ex * ex + ey * ey))
    np.clip(share, 0.0, 1.0, out=share)
    x, y = x + share * ex, y + share * ey
    best = (x * x + y * y).argmin(axis=0)[None]
    x, y = np.take_along_axis(x, best, 0)[0], np.take_along_axis(y, best, 0)[0]
    return (x * ((1 + _PUSH) / scale) + place.x, y * (1 + _PUSH) + place.y), (x * scale, y)
