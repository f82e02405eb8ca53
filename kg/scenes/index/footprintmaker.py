"""Encodes footprints, batch by batch: see `kg.scenes.index.footprints` for what is made of them.

Quadrilaterals are read straight from the WKB of a batch, coordinate by coordinate, in blocks that stay in the
processor's cache; their bounding boxes come with it. Only what is no quadrilateral is parsed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from kg.scenes.index.arrow import Values
from kg.scenes.index.file import Array
from kg.scenes.index.footprints import LENGTH, NONE, SCALE

_HEADS = (
    (0, int.from_bytes(b"\x01\x03\0\0\0\x01\0\0", "little")),  # polygon, one ring
    (5, int.from_bytes(b"\x01\0\0\0\x05\0\0\0", "little")),  # five vertices
)
_FIRST = 13  # where the coordinates begin
_BLOCK = 4096
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93,
     0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53], np.uint64
)  # fmt: skip
_SHORT, _LONG, _OTHER, _UNKNOWN = range(4)


@dataclass(frozen=True, slots=True)
class Boxes:
    """Bounding boxes of a batch: west, south, east and north, each an array; NaN without a footprint.

    Attributes:
        exact: as they are.
        unrolled: of a footprint on both sides of the antimeridian the eastern side is beyond 180.
        known: which rows have a footprint.
    """

    exact: Array
    unrolled: Array
    known: Array


class FootprintEncoder:
    """Takes footprints batch by batch, in the order of the file.

    Args:
        rows: of the file.

    Attributes:
        unreadable: how many were no WKB so far.
    """

    def __init__(self, rows: int) -> None:
        self._kinds = np.full(rows, _UNKNOWN, np.uint8)
        self._short = np.empty((rows, 8), np.int32)
        self._hashes = np.empty(rows, np.uint64)
        self._shorts = 0
        self._long: list[Array] = []
        self._other: list[bytes] = []
        self._bounds: list[Array] = []
        self._room = np.empty((4, 0))
        self.unreadable = 0

    def add(self, at: int, values: Values) -> Boxes:
        """Adds a batch of WKB whose first row has number `at`."""
        data, known = values.data, values.known
        offsets = np.zeros(1, np.int32) if values.offsets is None else values.offsets
        count = len(offsets) - 1
        exact = self._scratch(count)
        exact[:] = np.nan
        kinds = self._kinds[at : at + count]
        kinds[:] = _OTHER
        if known is not None:
            kinds[~known] = _UNKNOWN
        for first in range(0, count, _BLOCK):
            frame = slice(first, min(first + _BLOCK, count))
            ends = offsets[first : frame.stop + 1]
            plain = (np.diff(ends) == LENGTH) & (kinds[frame] == _OTHER)
            if plain.all():
                self._add_quads(data[int(ends[0]) : int(ends[-1])], kinds[frame], exact[:, frame])
                continue
            rows = np.flatnonzero(plain)
            if len(rows):
                found, boxes = np.full(len(rows), _OTHER, np.uint8), np.full((4, len(rows)), np.nan)
                windows = np.lib.stride_tricks.sliding_window_view(data, LENGTH)
                self._add_quads(windows[ends[rows]].reshape(-1), found, boxes)
                kinds[first + rows] = found
                exact[:, first + rows] = boxes
        others = np.flatnonzero(kinds == _OTHER)
        unrolled = exact
        if len(others):
            blobs = [data[offsets[row] : offsets[row + 1]].tobytes() for row in others.tolist()]
            own, across, unreadable = _other_bounds(blobs)
            self._other += blobs
            self._bounds.append(own)
            self.unreadable += unreadable
            exact[:, others] = own.T
            unrolled = exact.copy()
            unrolled[:, others] = across.T
        return Boxes(exact, unrolled, kinds != _UNKNOWN)

    def _scratch(self, count: int) -> Array:
        """Room for the boxes of a batch; each batch overwrites it."""
        if count > self._room.shape[1]:
            self._room = np.empty((4, count))
        return self._room[:, :count]

    def _add_quads(self, wkb: Array, kinds: Array, boxes: Array) -> None:
        """Adds blobs of the length of a quadrilateral, side by side; sets the kinds and boxes of those that are one."""
        count = len(wkb) // LENGTH
        corners = np.empty((10, count))
        corners[:] = np.ndarray((10, count), "<f8", wkb, _FIRST, (8, LENGTH))
        bits = corners.view(np.uint64)
        good = (bits[0] == bits[8]) & (bits[1] == bits[9])
        for place, head in _HEADS:
            good &= np.ndarray((count,), "<u8", wkb, place, (LENGTH,)) == np.uint64(head)
        x, y = corners[0:8:2], corners[1:8:2]
        with np.errstate(invalid="ignore"):
            sides = np.stack([_least(x), _least(y), _most(x), _most(y)])
            good &= (sides[:2] >= -180.0).all(axis=0) & (sides[2:] <= 180.0).all(axis=0)  # not a number falls out, too
        quads = corners[:8]
        every = bool(good.all())
        if not every:
            quads = np.ascontiguousarray(quads[:, good])
        scaled = np.rint(quads * SCALE).astype(np.int32)
        same = ((scaled / SCALE).view(np.uint64) == quads.view(np.uint64)).all(axis=0)
        if same.all():
            kinds[slice(None) if every else good] = _SHORT
        else:
            kinds[slice(None) if every else good] = np.where(same, _SHORT, _LONG)
            self._long.append(quads[:, ~same].T)
            scaled = scaled[:, same]
        boxes[:, slice(None) if every else good] = sides if every else sides[:, good]
        frame = slice(self._shorts, self._shorts + scaled.shape[1])
        self._short[frame] = scaled.T
        self._hashes[frame] = _hashes(scaled)
        self._shorts = frame.stop

    def finish(self, order: Array | slice, arrays: dict[str, Array]) -> None:
        """Adds the arrays, rows in an order."""
        kinds = self._kinds
        short, short_at = _once(self._short[: self._shorts], self._hashes[: self._shorts])
        del self._short, self._hashes
        long = np.concatenate(self._long) if self._long else np.zeros((0, 8))
        long, long_at = _once(long, _hashes(long.T.view(np.int64)))
        place = np.full(len(kinds), NONE, np.uint32)
        place[kinds == _SHORT] = short_at
        if len(long):
            place[kinds == _LONG] = long_at + np.uint32(len(short))
        if self._other:
            place[kinds == _OTHER] = np.arange(len(self._other)) + len(short) + len(long)
        arrays["footprint:place"] = place[order]
        arrays["footprint:short"], arrays["footprint:long"] = short.reshape(-1, 4, 2), long.reshape(-1, 4, 2)
        arrays["footprint:other"] = np.frombuffer(b"".join(self._other), np.uint8)
        arrays["footprint:ends"] = np.cumsum([0, *map(len, self._other)], dtype=np.int64)
        arrays["footprint:bounds"] = np.concatenate(self._bounds) if self._bounds else np.zeros((0, 4))


def _least(sides: Array) -> Array:
    return np.asarray(np.minimum(np.minimum(sides[0], sides[1]), np.minimum(sides[2], sides[3])))


def _most(sides: Array) -> Array:
    return np.asarray(np.maximum(np.maximum(sides[0], sides[1]), np.maximum(sides[2], sides[3])))


def _other_bounds(blobs: list[bytes]) -> tuple[Array, Array, int]:
    """Bounds of other footprints: as they are, and unrolled across the antimeridian; how many cannot be read."""
    shapes = shapely.from_wkb(np.array(blobs, object), on_invalid="ignore")
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


def _hashes(numbers: Array) -> Array:
    """Hashes of columns of eight whole numbers: sums of products with odd numbers, mixed."""
    found = np.zeros(numbers.shape[1], np.uint64)
    for one, factor in zip(numbers, _FACTORS, strict=True):
        found += one.astype(np.uint64) * factor
    found ^= found >> np.uint64(31)
    found *= _FACTORS[0]
    return found


def _once(quads: Array, hashes: Array) -> tuple[Array, Array]:
    """Different rows, and for each row which it is; all rows as they are where few are alike."""
    count = len(quads)
    everything = np.arange(count, dtype=np.uint32)
    sample = hashes[:: max(1, count // 20_000)]
    if count < 2 or len(np.unique(sample)) > 0.95 * len(sample):
        return quads, everything
    which = _first_of(hashes, everything)
    words = np.ascontiguousarray(quads).view(np.uint64)
    new = which == everything
    again = np.flatnonzero(~new)
    for first in range(0, len(again), _BLOCK):
        some = again[first : first + _BLOCK]
        if (words[which[some]] != words[some]).any():  # two of one hash
            return quads, everything
    return quads[new], (np.cumsum(new, dtype=np.uint32) - np.uint32(1))[which]


def _first_of(hashes: Array, rows: Array) -> Array:
    """For each row one row of the same hash, the same for all of them: a hash table, filled for all at once."""
    which = rows.copy()
    slots_of = np.uint64(63 - len(rows).bit_length())  # so many that most hashes have one of their own
    table = np.zeros(1 << (64 - int(slots_of)), np.uint32)
    left, factor = rows, np.uint64(1)
    while len(left):
        own = hashes[left] if len(left) < len(rows) else hashes
        slots = (own * factor >> slots_of).astype(np.uint32)
        table[slots] = left
        found = table[slots]
        same = hashes[found] == own
        which[left[same]] = found[same]
        left = left[~same]
        factor = np.uint64((int(factor) * 0x9E3779B97F4A7C15 + 2) & (2**64 - 1) | 1)
    return which
