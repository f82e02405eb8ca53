"""The arrays of batches: filled by many hands at once, and used again when nobody holds them any longer."""

from __future__ import annotations

import contextlib
import math
import mmap
import sys
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.engine.report import Kind
from training.types import Array, Skipped
from training.windows import Ints

Bools = npt.NDArray[np.bool_]

# smaller arrays are left to the allocator
_OWN = 1 << 20
# calls of `trim` over which the most arrays at a time are remembered
_REMEMBERED = 4


class Pool:
    """Arrays of one shape and type that are lent out.

    An array comes back by itself: it is lent again only when no batch, view or tensor made from it lives any longer
    (its reference count tells). So a batch stays what it is for as long as it is held, and one that was dropped costs
    no new memory, whose pages would have to be cleared first.

    Args:
        shape: of an array.
        dtype: of its values.
    """

    def __init__(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        self._shape, self._dtype = shape, np.dtype(dtype)
        self._held: list[Array] = []
        self._most: deque[int] = deque([0], maxlen=_REMEMBERED)

    def take(self) -> Array:
        """An array of any content."""
        found, lent = -1, 1
        for at in range(len(self._held)):
            # the list, and the argument of getrefcount
            if sys.getrefcount(self._held[at]) > 2:
                lent += 1
            elif found < 0:
                found = at
        if found < 0:
            self._held.append(_memory(math.prod(self._shape) * self._dtype.itemsize))
        self._most[-1] = max(self._most[-1], lent)
        return self._held[found].view(self._dtype).reshape(self._shape)

    def trim(self) -> None:
        """Gives back what is free, beyond the most arrays that were lent at a time since the last calls."""
        at, most = len(self._held), max(self._most)
        while len(self._held) > most and at:
            at -= 1
            if sys.getrefcount(self._held[at]) == 2:
                del self._held[at]
        self._most.append(0)

    def __len__(self) -> int:
        return len(self._held)


def _memory(length: int) -> Array:
    """Bytes of their own mapping: in large pages where the machine has them, and given back at once when dropped."""
    if length < _OWN or not hasattr(mmap, "MAP_PRIVATE"):
        return np.empty(length, dtype=np.uint8)
    held = mmap.mmap(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        # where the kernel has none, small pages do
        with contextlib.suppress(OSError):
            held.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(held, dtype=np.uint8)


@dataclass(slots=True)
class Open:
    """A batch that is being filled.

    Attributes:
        number: of the batch.
        chips: (n,) their numbers.
        image: (n, channels, height, width).
        valid: (n, height, width).
        mask: (n, height, width), or None.
        pending: chips that are not done yet.
        failed: slots whose chip could not be had.
        errors: the error of each failed slot.
    """

    number: int
    chips: Ints
    image: Array
    valid: Bools
    mask: Array | None
    pending: int
    failed: dict[int, Skipped] = field(default_factory=dict)
    errors: dict[int, Exception] = field(default_factory=dict)


class Ring:
    """Opens batches of one kind.

    Args:
        kind: of the chips.
        size: chips a batch.
        ignore: value of a mask where nothing is labelled.
        mask_dtype: of masks.
    """

    def __init__(self, kind: Kind, size: int, ignore: int, mask_dtype: npt.DTypeLike) -> None:
        self._ignore, self._masked = ignore, kind.masked
        self._image = Pool((size, kind.channels, kind.height, kind.width), kind.dtype)
        self._valid = Pool((size, kind.height, kind.width), np.bool_)
        self._mask = Pool((size, kind.height, kind.width), mask_dtype)

    def open(self, number: int, chips: Ints) -> Open:
        """Arrays for a batch: all valid, nothing labelled."""
        n = len(chips)
        valid = self._valid.take()[:n].view(np.bool_)
        valid.fill(True)
        mask = None
        if self._masked:
            mask = self._mask.take()[:n]
            mask.fill(self._ignore)
        return Open(number, chips, self._image.take()[:n], valid, mask, n)

    def trim(self) -> None:
        """Gives back memory that was not needed since the last calls; between epochs."""
        for pool in (self._image, self._valid, self._mask):
            pool.trim()
