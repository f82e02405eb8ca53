"""Footprints as small records: quadrilaterals as eight numbers, each once, anything else as the WKB that it is.

Coordinates with at most seven decimals take four bytes each. Every footprint comes back byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from kg.scenes.index.file import Array, Arrays
from kg.scenes.index.quads import bounds_of
from kg.scenes.terms import Box

_HEAD = np.frombuffer(b"\x01\x03\0\0\0\x01\0\0\0\x05\0\0\0", np.uint8)  # polygon, one ring, five vertices
LENGTH = 93
"""Bytes of the WKB of a quadrilateral."""
SCALE = 1e7
"""What coordinates of four bytes are multiplied by."""
NONE = 0xFFFFFFFF
"""The place of a footprint that is not there."""
_FAR = 2_000_000_000.0  # beyond all corners


class Footprints:
    """The footprints of a part.

    Args:
        arrays: of the index.

    Attributes:
        place: of the footprint of each row, among quadrilaterals of short numbers, those of long ones, and all others.
        short, long: corners of quadrilaterals.
        other, ends: WKB of all others, end to end, and where each begins.
        other_boxes: their bounding boxes.
        sizes: how many there are of each kind.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.place: Array = arrays["footprint:place"]
        self.short: Array = arrays["footprint:short"]
        self.long: Array = arrays["footprint:long"]
        self.other: Array = arrays["footprint:other"]
        self.ends: Array = arrays["footprint:ends"]
        self.other_boxes: Array = arrays["footprint:bounds"]
        self._after_short = len(self.short)
        self._after_long = self._after_short + len(self.long)
        self.sizes = (len(self.short), len(self.long), len(self.other_boxes))

    def corners(self, places: Array) -> Array:
        """Corners (n, 4, 2) of quadrilaterals."""
        if self._after_short == self._after_long:
            return np.asarray(self.short.take(places, axis=0) / SCALE)
        made = np.empty((len(places), 4, 2))
        short = places < self._after_short
        made[short] = self.short[places[short]] / SCALE
        made[~short] = self.long[places[~short] - self._after_short]
        return made

    def short_of(self, places: Array) -> Array | None:
        """Corners (n, 4, 2) as whole numbers; None where some footprint has none."""
        if len(places) and int(places.max()) >= self._after_short:
            return None
        return np.asarray(self.short.take(places, axis=0))

    @staticmethod
    def from_short(corners: Array) -> Array:
        """Degrees of such whole numbers."""
        return np.asarray(corners / SCALE)

    @staticmethod
    def in_short(boxes: Sequence[Box]) -> list[tuple[int, int, int, int]]:
        """Boxes in such whole numbers, a hair larger."""
        w, s, e, n = np.clip(np.array(boxes, float).reshape(-1, 4).T * SCALE, -_FAR, _FAR)
        sides = (np.floor(w) - 1, np.floor(s) - 1, np.ceil(e) + 1, np.ceil(n) + 1)
        return [(int(a), int(b), int(c), int(d)) for a, b, c, d in zip(*sides, strict=True)]

    def is_quad(self, places: Array) -> Array:
        """Which footprints at some places are quadrilaterals."""
        return np.asarray(places < self._after_long)

    def _split(self, places: Array) -> tuple[Array, Array]:
        """(which are quadrilaterals, which are something else)."""
        quads = places < self._after_long
        return quads, ~quads & (places != NONE)

    def known(self, rows: Any) -> Array:  # noqa: ANN401
        """Which rows have a footprint."""
        return np.asarray(self.place[rows] != NONE)

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
        return np.asarray(self.other_boxes[places - self._after_long])

    def wkb(self, rows: Any) -> list[bytes | None]:  # noqa: ANN401
        """The footprints as they were; None where there is none."""
        places = self.place[rows]
        quads, others = self._split(places)
        found: list[bytes | None] = [None] * len(places)
        at = np.flatnonzero(quads)
        made = np.empty((len(at), LENGTH), np.uint8)
        corners = self.corners(places[at])
        made[:, :13] = _HEAD
        ring = np.concatenate([corners, corners[:, :1]], axis=1).reshape(len(at), 10)
        made[:, 13:] = np.ascontiguousarray(ring, "<f8").view(np.uint8)
        whole = made.tobytes()
        for number, row in enumerate(at.tolist()):
            found[row] = whole[number * LENGTH : (number + 1) * LENGTH]
        at = np.flatnonzero(others)
        for row, data in zip(at.tolist(), self._wkb(places[at]), strict=True):
            found[row] = data
        return found

    def _wkb(self, places: Array) -> list[bytes]:
        numbers = (places.astype(np.int64) - self._after_long).tolist()
        return [self.other[self.ends[one] : self.ends[one + 1]].tobytes() for one in numbers]


def joined(parts: Sequence[Footprints], order: Array) -> Iterator[tuple[str, Array]]:
    """The arrays of the footprints of several parts as one, rows of all of them in an order."""
    short, long, other = (np.cumsum([0, *(one.sizes[at] for one in parts)]) for at in range(3))
    places = np.concatenate([one.place for one in parts])
    at = 0
    for number, one in enumerate(parts):
        own = places[at : at + len(one.place)]
        first, second, _ = one.sizes
        shifts = (
            short[number],
            short[-1] + long[number] - first,
            short[-1] + long[-1] + other[number] - first - second,
        )
        kind = (own >= first).astype(np.uint8) + (own >= first + second)
        own += np.where(own == NONE, 0, np.array(shifts, np.int64)[kind]).astype(np.uint32)
        at += len(own)
    yield "footprint:place", places[order]
    del places
    yield "footprint:short", np.concatenate([one.short for one in parts])
    yield "footprint:long", np.concatenate([one.long for one in parts])
    blobs = [one.other for one in parts]
    before = np.cumsum([0, *map(len, blobs)])
    yield "footprint:other", np.concatenate(blobs)
    ends = [one.ends[1:] + first for one, first in zip(parts, before, strict=False)]
    yield "footprint:ends", np.concatenate([np.zeros(1, np.int64), *ends])
    yield "footprint:bounds", np.concatenate([one.other_boxes for one in parts])
