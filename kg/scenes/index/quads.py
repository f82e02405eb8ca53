"""Quadrilaterals against an area by arithmetic on many corners at once: what is clear needs no shapes.

All proofs are on the safe side: what is said to be in the area or out of it surely is, anything else stays open.
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
_MOST_HULL = 256  # corners


def bounds_of(quads: Array) -> Array:
    """Bounds (n, 4) of corners (n, 4, 2), or of those in a row; slices, since numpy is slow along short axes."""
    corners = quads.reshape(-1, 4, 2)
    a, b, c, d = (corners[:, at] for at in range(4))
    found = np.empty((len(corners), 4), quads.dtype)
    np.minimum(np.minimum(a, b), np.minimum(c, d), out=found[:, :2])
    np.maximum(np.maximum(a, b), np.maximum(c, d), out=found[:, 2:])
    return found


def holding(corners: Array, place: Point) -> Array:
    """Which quadrilaterals (n, 4, 2) clearly hold a point: it lies on the same side of all edges."""
    x, y = corners[:, :, 0] - place.x, corners[:, :, 1] - place.y
    side = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    return np.asarray((side > _CLEAR).all(axis=1) | (side < -_CLEAR).all(axis=1))


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
        self._convex = sure.geom_type == "Polygon" and sure.area >= sure.convex_hull.area * (1 - 1e-12)
        self._box = sure.bounds if sure.geom_type == "Polygon" and sure.equals(shapely.box(*sure.bounds)) else None
        shapely.prepare(sure)

    def said(self, corners: Array) -> Array:
        """IN, MAYBE or OUT for each quadrilateral (n, 4, 2)."""
        found = np.full(len(corners), MAYBE, np.uint8)
        found[holding(corners, self._place) | self._first(corners)] = IN
        left = np.flatnonzero(found == MAYBE)
        found[left[_apart(corners[left], self._hull)]] = OUT
        left = left[found[left] == MAYBE]
        if self._convex and len(left):
            places, towards = _nearest(corners[left], self._place)
            met = shapely.intersects_xy(self._sure, places[:, 0], places[:, 1])
            found[left[met]] = IN
            left = left[~met]
            found[left[_beyond(corners[left], towards[~met], self._hull)]] = OUT
        elif len(left):
            for at in range(1, 4):
                x, y = corners[left, at].T
                met = shapely.intersects_xy(self._sure, x, y)
                found[left[met]] = IN
                left = left[~met]
        return found

    def _first(self, corners: Array) -> Array:
        """Which ones have a corner in the area: any where that is cheap, the first one else."""
        if self._box is None:
            return np.asarray(shapely.intersects_xy(self._sure, corners[:, 0, 0], corners[:, 0, 1]))
        west, south, east, north = self._box
        x, y = corners[:, :, 0], corners[:, :, 1]
        return np.asarray(((x >= west) & (x <= east) & (y >= south) & (y <= north)).any(axis=1))


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
        """IN, MAYBE or OUT for each quadrilateral (n, 4, 2)."""
        found = np.full(len(corners), MAYBE, np.uint8)
        if self._box is not None:
            bounds, (w, s, e, n) = bounds_of(corners), self._box
            west, south, east, north = bounds.T
            found[(west < w) | (south < s) | (east > e) | (north > n)] = OUT
            found[(west > w) & (south > s) & (east < e) & (north < n)] = IN
            return found
        left = np.arange(len(corners))
        for at in range(4):
            met = shapely.intersects_xy(self._area, corners[left, at, 0], corners[left, at, 1])
            found[left[~met]] = OUT
            left = left[met]
        return found


def _apart(corners: Array, hull: Array) -> Array:
    """Which quadrilaterals (n, 4, 2) have an edge that keeps all of them from a hull (m, 2)."""
    found = np.zeros(len(corners), bool)
    for at in range(4):
        left = np.flatnonzero(~found)
        quads = corners[left]
        start = quads[:, at]
        edge = quads[:, (at + 1) % 4] - start
        along = np.stack([-edge[:, 1], edge[:, 0]])  # its normal: products with it tell the side
        base = (along * start.T).sum(axis=0)
        own = np.stack([(along * quads[:, (at + 2 + more) % 4].T).sum(axis=0) - base for more in (0, 1)])
        other = hull @ along - base
        found[left] = (other.min(axis=0) > np.maximum(own.max(axis=0), 0.0) + _CLEAR) | (
            other.max(axis=0) < np.minimum(own.min(axis=0), 0.0) - _CLEAR
        )
    return found


def _beyond(corners: Array, towards: Array, hull: Array) -> Array:
    """Which quadrilaterals (n, 4, 2) lie beyond all of a hull (m, 2) in a direction of their own (n, 2)."""
    own = (corners * towards[:, None]).sum(axis=2).min(axis=1)
    return np.asarray(own > (hull @ towards.T).max(axis=0) + _CLEAR)


def _nearest(corners: Array, place: Point) -> tuple[Array, Array]:
    """Of each quadrilateral (n, 4, 2) the place (n, 2) on an edge that is nearest to a point, and the way there.

    The place is a hair further out; the way is told as what grows fastest along it.
    """
    scale = np.array([max(0.01, math.cos(math.radians(place.y))), 1.0])
    starts = (corners - (place.x, place.y)) * scale
    edges = np.roll(starts, -1, axis=1) - starts
    length = (edges * edges).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(-(starts * edges).sum(axis=2) / length)
    places = starts + np.clip(share, 0.0, 1.0)[:, :, None] * edges
    best = places[np.arange(len(places)), (places * places).sum(axis=2).argmin(axis=1)]
    return best * (1 + _PUSH) / scale + (place.x, place.y), best * scale
