"""Footprints as small records: quadrilaterals as eight numbers, each once, anything else as the WKB that it is.

Coordinates with at most seven decimals take four bytes each. Every footprint comes back byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from kg.scenes.index.file import Array, Arrays
from kg.scenes.index.quads import bounds_of
from kg.scenes.terms import Box

_HEAD = np.frombuffer(b"\x01\x03\0\0\0\x01\0\0\0\x05\0\0\0", np.uint8)  # polygon, one ring, five vertices
_LENGTH = 93
_SCALE = 1e7
_NONE = 0xFFFFFFFF
_BLOCK = 65_536
_FAR = 2_000_000_000.0  # beyond all corners


class Footprints:
    """The footprints of a part.

    Args:
        arrays: of the index.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.place: Array = arrays["footprint:place"]
        self._short: Array = arrays["footprint:short"]
        self._long: Array = arrays["footprint:long"]
        self._other: Array = arrays["footprint:other"]
        self._ends: Array = arrays["footprint:ends"]
        self._bounds: Array = arrays["footprint:bounds"]
        self._after_short = len(self._short)
        self._after_long = self._after_short + len(self._long)

    def corners(self, places: Array) -> Array:
        """Corners (n, 4, 2) of quadrilaterals."""
        if self._after_short == self._after_long:
            return np.asarray(self._short[places] / _SCALE)
        made = np.empty((len(places), 4, 2))
        short = places < self._after_short
        made[short] = self._short[places[short]] / _SCALE
        made[~short] = self._long[places[~short] - self._after_short]
        return made

    def short_of(self, places: Array) -> Array | None:
        """Corners (n, 4, 2) as whole numbers; None where some footprint has none."""
        if len(places) and int(places.max()) >= self._after_short:
            return None
        return np.asarray(self._short.take(places, axis=0))

    @staticmethod
    def from_short(corners: Array) -> Array:
        """Degrees of such whole numbers."""
        return np.asarray(corners / _SCALE)

    @staticmethod
    def in_short(boxes: Sequence[Box]) -> list[tuple[int, int, int, int]]:
        """Boxes in such whole numbers, a hair larger."""
        w, s, e, n = np.clip(np.array(boxes, float).reshape(-1, 4).T * _SCALE, -_FAR, _FAR)
        sides = (np.floor(w) - 1, np.floor(s) - 1, np.ceil(e) + 1, np.ceil(n) + 1)
        return [(int(a), int(b), int(c), int(d)) for a, b, c, d in zip(*sides, strict=True)]

    def is_quad(self, places: Array) -> Array:
        """Which footprints at some places are quadrilaterals."""
        return np.asarray(places < self._after_long)

    def _split(self, places: Array) -> tuple[Array, Array]:
        """(which are quadrilaterals, which are something else)."""
        quads = places < self._after_long
        return quads, ~quads & (places != _NONE)

    def known(self, rows: Any) -> Array:  # noqa: ANN401
        """Which rows have a footprint."""
        return np.asarray(self.place[rows] != _NONE)

    def bounds(self, rows: Any) -> Array:  # noqa: ANN401
        """Bounding boxes (n, 4); NaN without a footprint."""
        return self.bounds_at(self.place[rows])

    def bounds_at(self, places: Array) -> Array:
        """Bounding boxes (n, 4) of footprints at some places."""
        quads, others = self._split(places)
        found = np.full((len(places), 4), np.nan)
        if quads.all():
            return bounds_of(self.corners(places))
        found[quads] = bounds_of(self.corners(places[quads]))
        found[others] = self.other_bounds(places[others])
        return found

    def shapes(self, rows: Any) -> Array:  # noqa: ANN401
        """Shapely geometries; None without a footprint."""
        return self.shapes_at(self.place[rows])

    def shapes_at(self, places: Array) -> Array:
        """Shapely geometries of footprints at some places."""
        quads, others = self._split(places)
        found = np.full(len(places), None, object)
        if quads.any():
            corners = self.corners(places[quads])
            found[quads] = shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1))
        if others.any():
            found[others] = shapely.from_wkb(np.array(self._wkb(places[others]), object))
        return found

    def other_bounds(self, places: Array) -> Array:
        """Bounding boxes of footprints that are no quadrilaterals."""
        return np.asarray(self._bounds[places - self._after_long])

    def wkb(self, rows: Any) -> list[bytes | None]:  # noqa: ANN401
        """The footprints as they were; None where there is none."""
        places = self.place[rows]
        quads, others = self._split(places)
        found: list[bytes | None] = [None] * len(places)
        at = np.flatnonzero(quads)
        made = np.empty((len(at), _LENGTH), np.uint8)
        corners = self.corners(places[at])
        made[:, :13] = _HEAD
        ring = np.concatenate([corners, corners[:, :1]], axis=1).reshape(len(at), 10)
        made[:, 13:] = np.ascontiguousarray(ring, "<f8").view(np.uint8)
        whole = made.tobytes()
        for number, row in enumerate(at.tolist()):
            found[row] = whole[number * _LENGTH : (number + 1) * _LENGTH]
        at = np.flatnonzero(others)
        for row, data in zip(at.tolist(), self._wkb(places[at]), strict=True):
            found[row] = data
        return found

    def _wkb(self, places: Array) -> list[bytes]:
        numbers = (places.astype(np.int64) - self._after_long).tolist()
        return [self._other[self._ends[one] : self._ends[one + 1]].tobytes() for one in numbers]


class FootprintEncoder:
    """Takes footprints batch by batch, in the order of the file.

    Attributes:
        unreadable: once finished, how many are no WKB.
    """

    def __init__(self) -> None:
        self._kinds: list[Array] = []  # of each row: 0 short, 1 long, 2 other, 3 none
        self._short: list[Array] = []
        self._long: list[Array] = []
        self._other: list[bytes] = []
        self.unreadable = 0

    def add(self, data: Array, offsets: Array, known: Array | None) -> None:
        """Adds a batch of WKB."""
        starts, lengths = offsets[:-1], np.diff(offsets)
        kinds = np.full(len(lengths), 2, np.uint8)
        if known is not None:
            kinds[~known] = 3
        at = np.flatnonzero((lengths == _LENGTH) & (kinds == 2))
        for rows in np.split(at, range(_BLOCK, len(at), _BLOCK)):
            self._add_quads(rows, _gathered(data, starts[rows]), kinds)
        for row in np.flatnonzero(kinds == 2).tolist():
            self._other.append(data[offsets[row] : offsets[row + 1]].tobytes())
        self._kinds.append(kinds)

    def _add_quads(self, rows: Array, wkb: Array, kinds: Array) -> None:
        corners = np.ascontiguousarray(wkb[:, 13:]).view("<f8").reshape(len(rows), 10)
        bits = corners.view(np.uint64)
        heads, closed = wkb[:, :13] == _HEAD, bits[:, :2] == bits[:, 8:]
        within = np.abs(corners) <= 180.0  # not a number falls out, too
        if not (heads.all() and closed.all() and within.all()):  # row by row is slow, and hardly ever needed
            plain = heads.all(axis=1) & closed.all(axis=1) & within.all(axis=1)
            rows, corners = rows[plain], corners[plain]
        corners = np.ascontiguousarray(corners[:, :8])
        scaled = np.rint(corners * _SCALE).astype(np.int32)
        each = (scaled / _SCALE).view(np.uint64) == corners.view(np.uint64)
        same = each.view(np.uint64)[:, 0] == np.uint64(0x0101010101010101)  # all eight
        kinds[rows] = np.where(same, 0, 1)
        self._short.append(scaled[same])
        self._long.append(corners[~same])

    def finish(self, order: Array | slice, arrays: dict[str, Array]) -> tuple[Array, Array]:
        """Adds the arrays, rows in an order; returns the bounds of each row, and which footprints are no quads.

        Bounds are (n, 4), NaN without a footprint; of one on both sides of the antimeridian the eastern one is beyond
        180.
        """
        kinds = np.concatenate(self._kinds) if self._kinds else np.zeros(0, np.uint8)
        short, long = (np.concatenate(one) if one else np.zeros((0, 8)) for one in (self._short, self._long))
        short = short.astype(np.int32, copy=False)
        short, short_at = _once(short)
        long, long_at = _once(long)
        place = np.full(len(kinds), _NONE, np.uint32)
        place[kinds == 0] = short_at
        place[kinds == 1] = long_at + len(short)
        place[kinds == 2] = np.arange(len(self._other)) + len(short) + len(long)
        exact, unrolled, self.unreadable = _other_bounds(self._other)
        quads = np.concatenate([bounds_of(short / _SCALE), bounds_of(long), unrolled])
        place = place[order]
        arrays["footprint:place"] = place
        arrays["footprint:short"], arrays["footprint:long"] = short.reshape(-1, 4, 2), long.reshape(-1, 4, 2)
        arrays["footprint:other"] = np.frombuffer(b"".join(self._other), np.uint8)
        arrays["footprint:ends"] = np.cumsum([0, *map(len, self._other)], dtype=np.int64)
        arrays["footprint:bounds"] = exact
        bounds = np.full((len(place), 4), np.nan)
        there = place != _NONE
        bounds[there] = quads[place[there]]
        return bounds, there


def _gathered(data: Array, starts: Array) -> Array:
    """Blobs of one length, a row each."""
    if not len(starts):
        return np.zeros((0, _LENGTH), np.uint8)
    return np.lib.stride_tricks.sliding_window_view(data, _LENGTH)[starts]


def _other_bounds(blobs: list[bytes]) -> tuple[Array, Array, int]:
    """Bounds of other footprints: as they are, and unrolled across the antimeridian; how many cannot be read."""
    shapes = shapely.from_wkb(np.array(blobs, object), on_invalid="ignore") if blobs else np.zeros(0, object)
    exact = shapely.bounds(shapes).reshape(-1, 4)
    unreadable = int(shapely.is_missing(shapes).sum())
    unrolled = exact.copy()
    across = np.flatnonzero((exact[:, 0] <= -180.0) & (exact[:, 2] >= 180.0))
    parts, owner = shapely.get_parts(shapes[across], return_index=True)
    if not len(parts):
        return exact, unrolled, unreadable
    bounds = shapely.bounds(parts)
    first = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    split = np.minimum.reduceat((bounds[:, 0] >= 0.0) | (bounds[:, 2] <= 0.0), first)
    west = np.minimum.reduceat(np.where(bounds[:, 0] >= 0.0, bounds[:, 0], np.inf), first)
    east = np.maximum.reduceat(np.where(bounds[:, 0] >= 0.0, -np.inf, bounds[:, 2]), first)
    at = split & np.isfinite(west) & np.isfinite(east)
    unrolled[across[owner[first]][at], 0] = west[at]
    unrolled[across[owner[first]][at], 2] = east[at] + 360.0
    return exact, unrolled, unreadable


def _once(quads: Array) -> tuple[Array, Array]:
    """Different rows, and for each row which it is; all rows as they are where few are alike."""
    count = len(quads)
    everything = np.arange(count, dtype=np.uint32)
    if count < 2:
        return quads, everything
    words = np.ascontiguousarray(quads).view(np.uint64)
    mixed = words[:, 0].copy()
    for at in range(1, words.shape[1]):
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= words[:, at] ^ (mixed >> np.uint64(29))
    sample = mixed[:: max(1, count // 20_000)]
    if len(np.unique(sample)) > 0.95 * len(sample):
        return quads, everything
    order = np.argsort(mixed)
    ordered = mixed[order]
    new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    first = order[new]
    which = np.empty(count, np.uint32)
    which[order] = np.cumsum(new, dtype=np.uint32) - np.uint32(1)
    if any((words[first, at][which] != words[:, at]).any() for at in range(words.shape[1])):  # two of one hash
        return quads, everything
    return quads[first], which
