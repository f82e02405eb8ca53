"""The arrays of batches: filled by many hands at once, and used again when nobody holds them any longer."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.engine.report import Kind
from training.types import Array, Skipped
from training.windows import Ints

Bools = npt.NDArray[np.bool_]


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

    def take(self) -> Array:
        """An array of any content."""
        for at in range(len(self._held)):
            # the list, and the argument of getrefcount
            if sys.getrefcount(self._held[at]) == 2:
                return self._held[at]
        made: Array = np.empty(self._shape, dtype=self._dtype)
        self._held.append(made)
        return made

    def trim(self, most: int) -> None:
        """Forgets arrays that are free, beyond `most` in all."""
        at = 0
        while len(self._held) > most and at < len(self._held):
            if sys.getrefcount(self._held[at]) == 2:
                del self._held[at]
            else:
                at += 1

    def __len__(self) -> int:
        return len(self._held)


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

    def trim(self, most: int) -> None:
        """Gives free memory beyond `most` batches back."""
        for pool in (self._image, self._valid, self._mask):
            pool.trim(most)
