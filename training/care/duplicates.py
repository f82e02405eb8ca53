"""Chips that show the same pixels, or nearly: exact and robust fingerprints, found without comparing all with all.

The exact fingerprint is a hash of type, shape and bytes. The robust one compares neighbours in a 9 x 9 reduction of
the standardised mean of all bands (the difference hash of images, along rows and columns, 128 bits), so that scaling,
offsets, other resampling and slight noise change few bits. Two fingerprints that differ in at most seven bits share
one of eight pieces of 16 bits (the pigeonhole of multi-index hashing, Norouzi, Punjani and Fleet 2012); candidates
are confirmed by the correlation of their reductions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.care.units import Floats, Ints
from training.types import Array, Batch

_SIDE = 9
_MOST_BITS = 7
_ALIKE = 0.95  # least correlation of two reductions
_CROWD = 4_000  # chips with one piece in common beyond which the piece tells nothing
_MOST_PAIRS = 500_000


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Fingerprints of n chips.

    Attributes:
        exact: (n, 2) uint64.
        bits: (n, 8) uint16 pieces of the robust fingerprint.
        small: (n, 81) int8, the reduction; all 0 where the chip is flat and has no robust fingerprint.
        index: (n,) numbers of the chips.
    """

    exact: npt.NDArray[np.uint64]
    bits: npt.NDArray[np.uint16]
    small: npt.NDArray[np.int8]
    index: Ints

    def __len__(self) -> int:
        return len(self.index)

    @classmethod
    def of(cls, images: Array, valid: npt.NDArray[np.bool_] | None = None, index: Ints | None = None) -> Fingerprints:
        """Fingerprints of images (n, channels, height, width); pixels that are not valid count as the mean."""
        count = len(images)
        exact = np.zeros((count, 2), dtype=np.uint64)
        for number, image in enumerate(images):
            plain = np.ascontiguousarray(image.astype(image.dtype.newbyteorder("<"), copy=False))
            told = hashlib.blake2b(f"{plain.dtype.str}{plain.shape}".encode(), digest_size=16)
            told.update(plain.data)
            exact[number] = np.frombuffer(told.digest(), dtype="<u8")
        small = _reduced(images, valid)
        index = np.arange(count, dtype=np.int64) if index is None else np.asarray(index, dtype=np.int64)
        return cls(exact, _bits(small), _as_bytes(small), index)

    @classmethod
    def joined(cls, parts: Sequence[Fingerprints]) -> Fingerprints:
        """All fingerprints of several batches, in the order of the chips' numbers."""
        if not parts:
            return cls(
                np.zeros((0, 2), np.uint64), np.zeros((0, 8), np.uint16), np.zeros((0, 81), np.int8), np.zeros(0, int)
            )
        index = np.concatenate([one.index for one in parts])
        order = np.argsort(index, kind="stable")
        return cls(
            np.concatenate([one.exact for one in parts])[order],
            np.concatenate([one.bits for one in parts])[order],
            np.concatenate([one.small for one in parts])[order],
            index[order],
        )

    def turned(self) -> Iterator[Fingerprints]:
        """The same chips as seen turned and mirrored: seven others, without exact fingerprints."""
        small = self.small.reshape(-1, _SIDE, _SIDE).astype(np.float64)
        for mirrored in (False, True):
            base = small[:, :, ::-1] if mirrored else small
            for turns in range(4):
                if turns or mirrored:
                    seen = np.rot90(base, turns, axes=(1, 2))
                    yield Fingerprints(self.exact[:0], _bits(seen), _as_bytes(seen), self.index)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Pairs of chips (positions in the two sets of fingerprints).

    Attributes:
        exact: (k, 2) the same pixels.
        near: (k, 2) nearly the same, and not exactly.
        complete: False where crowds of like fingerprints were left out, so that near pairs may be missing.
    """

    exact: Ints
    near: Ints
    complete: bool


def fingerprints(batches: Iterable[Batch], progress: Callable[[str, int, int], None] | None = None) -> Fingerprints:
    """Fingerprints of all chips that batches hold (images of four dimensions)."""
    parts = []
    for done, batch in enumerate(batches, 1):
        parts.append(Fingerprints.of(batch.image, batch.valid, batch.index))
        if progress is not None:
            progress("fingerprints", done, 0)
    return Fingerprints.joined(parts)


def find_duplicates(a: Fingerprints, b: Fingerprints | None = None, *, turned: bool = False) -> Duplicates:
    """Pairs that show the same or nearly the same.

    Args:
        a: fingerprints.
        b: others; pairs inside `a`, the smaller position first, where None.
        turned: look also for chips that were turned or mirrored, at eight times the cost.
    """
    other = a if b is None else b
    exact = _same(a.exact, other.exact)
    pieces, complete = _near(a, other)
    if turned:
        for seen in other.turned():
            more, whole = _near(a, seen)
            pieces = np.concatenate([pieces, more])
            complete &= whole
    if b is None:
        exact = exact[exact[:, 0] < exact[:, 1]]
        pieces = np.sort(pieces, axis=1)
        pieces = pieces[pieces[:, 0] < pieces[:, 1]]
    width = max(1, len(other))
    known = np.unique(exact[:, 0] * width + exact[:, 1])
    near = np.unique(pieces[:, 0] * width + pieces[:, 1])
    near = near[~np.isin(near, known)]
    return Duplicates(
        np.stack([known // width, known % width], 1), np.stack([near // width, near % width], 1), complete
    )


def _reduced(images: Array, valid: npt.NDArray[np.bool_] | None) -> Floats:
    """(n, 9, 9) area means of the standardised mean of the bands."""
    found = np.zeros((len(images), _SIDE, _SIDE))
    for number, image in enumerate(images):
        pixels = np.asarray(image, dtype=np.float64)
        good = np.isfinite(pixels)
        if valid is not None:
            good &= valid[number][None]
        counts = np.maximum(good.sum(axis=(1, 2)), 1)[:, None, None]
        pixels = np.where(good, pixels, 0.0)
        mean = pixels.sum(axis=(1, 2), keepdims=True) / counts
        centred = np.where(good, pixels - mean, 0.0)
        spread = np.sqrt(np.square(centred).sum(axis=(1, 2), keepdims=True) / counts)
        # what is left by rounding of a flat band is no picture
        seen = spread > 1e-9 * np.maximum(np.abs(mean), 1e-30)
        grey = np.where(seen, centred / np.where(seen, spread, 1.0), 0.0).mean(axis=0)
        found[number] = _shrunk(_shrunk(grey, 0), 1)
    return found


def _shrunk(grey: Floats, axis: int) -> Floats:
    """Area means over nine equal stretches of an axis, parts of pixels counted as parts."""
    length = grey.shape[axis]
    zero = np.zeros_like(grey.take([0], axis=axis))
    sums = np.concatenate([zero, np.cumsum(grey, axis=axis)], axis=axis)
    edges = np.linspace(0.0, length, _SIDE + 1)
    left = np.minimum(edges.astype(np.int64), length - 1)
    shape = [1, 1]
    shape[axis] = _SIDE + 1
    at_edges = sums.take(left, axis=axis) + grey.take(left, axis=axis) * (edges - left).reshape(shape)
    means: Floats = np.diff(at_edges, axis=axis) * _SIDE / length
    return means


def _bits(small: Floats) -> npt.NDArray[np.uint16]:
    across = small[:, :8, 1:] > small[:, :8, :-1]
    down = small[:, 1:, :8] > small[:, :-1, :8]
    packed = np.packbits(np.concatenate([across.reshape(-1, 64), down.reshape(-1, 64)], axis=1), axis=1)
    return packed.reshape(-1, 16).view(">u2").astype(np.uint16)


def _as_bytes(small: Floats) -> npt.NDArray[np.int8]:
    flat = small.reshape(len(small), _SIDE * _SIDE)
    flat = flat - flat.mean(axis=1, keepdims=True)
    top = np.abs(flat).max(axis=1, keepdims=True) if len(flat) else np.ones((0, 1))
    return np.where(top > 1e-6, np.rint(flat / np.maximum(top, 1e-300) * 127.0), 0.0).astype(np.int8)


def _same(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]) -> Ints:
    """(k, 2) positions of equal rows."""
    kind = [("", np.uint64), ("", np.uint64)]
    left, right = (np.ascontiguousarray(one).view(kind).ravel() for one in (a, b))
    values, number = np.unique(np.concatenate([left, right]), return_inverse=True)
    pairs, _ = _joined(number[: len(left)], number[len(left) :], len(values), crowd=1 << 40)
    found = [np.stack(one, axis=1) for one in pairs]
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def _joined(a: Ints, b: Ints, bins: int, crowd: int) -> tuple[Iterator[tuple[Ints, Ints]], bool]:
    """Pairs of positions whose numbers are equal, in chunks, and whether no number was too common to be followed."""
    order = np.argsort(a, kind="stable")
    counts = np.bincount(a, minlength=bins)
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    popular = counts > crowd
    common = popular & (np.bincount(b, minlength=bins) > 0)
    asked = np.flatnonzero((counts[b] > 0) & ~popular[b]) if len(b) else np.zeros(0, dtype=np.int64)

    def pairs() -> Iterator[tuple[Ints, Ints]]:
        times = counts[b[asked]]
        ends = np.cumsum(times)
        start = 0
        while start < len(asked):
            before = ends[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + _MOST_PAIRS, side="right")))
            mine, many = asked[start:stop], times[start:stop]
            right = np.repeat(mine, many)
            offset = np.arange(len(right)) - np.repeat(np.cumsum(many) - many, many)
            yield order[np.repeat(firsts[b[mine]], many) + offset], right
            start = stop

    return pairs(), not bool(common.any())


def _near(a: Fingerprints, b: Fingerprints) -> tuple[Ints, bool]:
    """Pairs that differ in at most seven bits and look alike."""
    shown_a, shown_b = (np.flatnonzero(one.small.any(axis=1)) for one in (a, b))
    words_a, words_b = (np.ascontiguousarray(one.bits).view(np.uint64) for one in (a, b))
    found, complete = [], True
    for piece in range(8):
        # in the order of the piece, candidates lie side by side in memory
        mine = shown_a[np.argsort(a.bits[shown_a, piece], kind="stable")]
        theirs = shown_b[np.argsort(b.bits[shown_b, piece], kind="stable")]
        near_a, near_b = (words[at].T.copy() for words, at in ((words_a, mine), (words_b, theirs)))
        pairs, whole = _joined(
            a.bits[mine, piece].astype(np.int64), b.bits[theirs, piece].astype(np.int64), 1 << 16, _CROWD
        )
        complete &= whole
        for left, right in pairs:
            differ = np.bitwise_count(near_a[0, left] ^ near_b[0, right])
            differ += np.bitwise_count(near_a[1, left] ^ near_b[1, right])
            close = np.flatnonzero(differ <= _MOST_BITS)
            one, other = mine[left[close]], theirs[right[close]]
            alike = _correlation(a.small[one], b.small[other]) >= _ALIKE
            found.append(np.stack([one[alike], other[alike]], axis=1))
    if not found:
        return np.zeros((0, 2), dtype=np.int64), complete
    return np.unique(np.concatenate(found), axis=0), complete


def _correlation(a: npt.NDArray[np.int8], b: npt.NDArray[np.int8]) -> Floats:
    x, y = a.astype(np.float64), b.astype(np.float64)
    x -= x.mean(axis=1, keepdims=True)
    y -= y.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(x).sum(axis=1) * np.square(y).sum(axis=1))
    alike: Floats = (x * y).sum(axis=1) / np.maximum(size, 1e-30)
    return alike
