"""Longitudes as a continuous line, and back: where does an outline cross the antimeridian, does it hold a pole?

RFC 7946 (section 3.1.9) wants geometries cut at the antimeridian, but outlines of real scenes jump from 179 to -179.
An outline is first unwrapped (each edge takes the shorter way round), so that it may run from 179 to 181; an outline
that does not close then goes round a pole. The unwrapped shape is cut into copies of the world and moved home.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from kg.geometry_read import Coords

FULL = 360.0
_EPS = 1e-9


def has_jump(ring: Coords) -> bool:
    """Whether consecutive longitudes lie more than half the world apart."""
    return bool((np.abs(np.diff(ring[:, 0])) > 180.0 + _EPS).any())


def is_literal(ring: Coords) -> bool:
    """Whether jumps of a closed ring are meant as written: edges along the whole world, not across the antimeridian.

    Jumps of exactly 360 degrees are edges of a world box or the seam of a polar outline. An axis-parallel box whose
    shorter reading would be a high thin sliver (three times as high as wide, at least 30 degrees) is a wide box.
    """
    jumps = np.abs(np.diff(ring[:, 0]))
    jumps = jumps[jumps > 180.0 + _EPS]
    if (np.abs(jumps - FULL) < 1e-6).all():
        return True
    corners = np.unique(np.round(ring, 9), axis=0)
    west, south = ring.min(axis=0)
    east, north = ring.max(axis=0)
    on_edge = (np.isclose(ring[:, 0], west) | np.isclose(ring[:, 0], east)) & (
        np.isclose(ring[:, 1], south) | np.isclose(ring[:, 1], north)
    )
    if len(corners) != 4 or not on_edge.all():
        return False
    height, narrow = north - south, FULL - (east - west)
    return bool(height >= 30.0 and height >= 3.0 * narrow)


def unwrap(ring: Coords) -> Coords:
    """The same positions with longitudes made continuous: each step takes the shorter way round.

    A vertex on a pole has no longitude of its own: it becomes two, below its neighbours.
    """
    ring = _spread_poles(ring)
    steps = np.diff(ring[:, 0])
    turns = np.where(np.abs(steps) > 180.0 + _EPS, -np.round(steps / FULL), 0.0)
    moved = ring.copy()
    moved[1:, 0] += FULL * np.cumsum(turns)
    return moved


def _spread_poles(ring: Coords) -> Coords:
    polar = np.abs(np.abs(ring[:, 1]) - 90.0) < _EPS
    if not polar.any() or polar.all():
        return ring
    rows: list[tuple[float, float]] = []
    away = np.flatnonzero(~polar)
    for index, (lon, lat) in enumerate(ring):
        if not polar[index]:
            rows.append((lon, lat))
            continue
        place = np.searchsorted(away, index)
        before, after = away[place - 1], away[place % len(away)]
        rows.extend([(ring[before, 0], lat), (ring[after, 0], lat)])
    if not np.array_equal(ring[0], ring[-1]):  # a line has no neighbour beyond its ends
        return np.array(rows[int(polar[0]) : len(rows) - int(polar[-1])])
    if polar[0]:  # the ring must still close on itself
        rows = [*rows[1:-1], rows[1]] if rows[0] != rows[-1] else rows
    return np.array(rows)


def pole_ring(ring: Coords) -> Coords:
    """Closes an unwrapped ring that goes once round the world over the pole that it holds.

    The pole is the one of the ring's hemisphere; a ring on both sides of the equator holds the pole on its left
    (RFC 7946 winding). Returns a closed ring, 360 degrees wide.
    """
    eastward = ring[-1, 0] > ring[0, 0]
    if (ring[:, 1] >= 0).all():
        pole = 90.0
    elif (ring[:, 1] <= 0).all():
        pole = -90.0
    else:
        pole = 90.0 if eastward else -90.0
    chain = ring if eastward else ring[::-1]
    return np.vstack([chain, [[chain[-1, 0], pole], [chain[0, 0], pole], chain[0]]])


def nearest_turn(ring: Coords, middle: float) -> Coords:
    """A hole's ring moved by whole turns so that it lies nearest to its shell."""
    moved = ring.copy()
    moved[:, 0] += FULL * np.round((middle - (ring[:, 0].min() + ring[:, 0].max()) / 2) / FULL)
    return moved


def cut_home(shape: BaseGeometry) -> list[BaseGeometry]:
    """Cuts an unwrapped valid polygon or line at every antimeridian and moves the pieces into -180..180."""
    west, _, east, _ = shape.bounds
    first, last = int(np.floor((west + 180.0) / FULL)), int(np.ceil((east - 180.0) / FULL))
    if first == last == 0 or (west >= -180.0 and east <= 180.0):
        return [shape]
    pieces = []
    for turn in range(first, max(last, first) + 1):
        world = box(-180.0 + FULL * turn, -90.0, 180.0 + FULL * turn, 90.0)
        piece = shapely.intersection(shape, world)
        if not piece.is_empty:
            pieces.append(shapely.transform(piece, _shift(-FULL * turn)))
    wanted = 2 if isinstance(shape, Polygon) or shape.geom_type == "MultiPolygon" else 1
    simple = [part for piece in pieces for part in shapely.get_parts(piece)]
    flat = [part for part in simple if shapely.get_dimensions(part) == wanted]
    return flat or [LineString(part.coords) if wanted == 1 and len(part.coords) > 1 else part for part in simple]


def as_written(area: Polygon) -> Polygon:
    """The same area with a vertex in the middle of each edge that a reader would take for a jump.

    An edge wider than half the world is unambiguous in a plane only; halved, no reader can take the other way round.
    """
    rings = [area.exterior, *area.interiors]
    if not any(has_jump(line := shapely.get_coordinates(ring)) and not is_literal(line) for ring in rings):
        return area
    shell, *holes = [_halved(shapely.get_coordinates(ring)) for ring in rings]
    return Polygon(shell, holes)


def _halved(ring: Coords) -> Coords:
    wide = np.flatnonzero(np.abs(np.diff(ring[:, 0])) > 180.0 - _EPS)
    return np.insert(ring, wide + 1, (ring[wide] + ring[wide + 1]) / 2, axis=0)


def _shift(degrees: float):  # type: ignore[no-untyped-def] # noqa: ANN202
    def move(array: Coords) -> Coords:
        return np.column_stack([np.clip(array[:, 0] + degrees, -180.0, 180.0), array[:, 1]])

    return move
