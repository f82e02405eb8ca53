"""Which chips items give: numbered 0..n-1 by grids and recipe alone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ontology.errors import RecordError
from training.types import Chip, Recipe
from training.windows import crop_starts, noise

Numbers = npt.NDArray[np.int64]
MAX_CHIPS = 1 << 33


@dataclass(frozen=True, slots=True)
class ChipTable:
    """Chips of all items.

    Attributes:
        recipe: how they are cut.
        heights, widths: (items,) of the chip grids in pixels; 0 where unknown (whole items only).
        windows: for each item None (all windows) or the numbers of its windows that are kept, row by row.
        offsets: (items + 1,) number of the first chip of each item; the last is the number of chips.
    """

    recipe: Recipe
    heights: Numbers
    widths: Numbers
    windows: tuple[Numbers | None, ...] | None
    offsets: Numbers

    @property
    def count(self) -> int:
        """How many chips there are."""
        return int(self.offsets[-1])

    def chips(self, numbers: npt.ArrayLike, epoch: int = 0) -> Numbers:
        """Where chips lie.

        Args:
            numbers: (n,) numbers of chips.
            epoch: random crops lie elsewhere in each epoch; the others do not.

        Returns:
            (n, 5) item, row, column, height, width.

        Raises:
            IndexError: there is no such chip.
        """
        wanted = np.atleast_1d(np.asarray(numbers, np.int64))
        if wanted.size and (wanted.min() < 0 or wanted.max() >= self.count):
            raise IndexError(f"There are {self.count:,} chips; {int(wanted.min())} to {int(wanted.max())} were asked.")
        items = np.searchsorted(self.offsets, wanted, side="right") - 1
        found = np.zeros((wanted.size, 5), np.int64)
        found[:, 0] = items
        size, recipe = self.recipe.size, self.recipe
        if recipe.sampling == "whole" or not size:
            found[:, 3], found[:, 4] = self.heights[items], self.widths[items]
            return found
        found[:, 3:] = size
        stride = recipe.stride or size
        columns = _steps(self.widths[items], size, stride)
        if recipe.sampling == "grid":
            window = self._window(items, wanted - self.offsets[items])
            found[:, 1], found[:, 2] = window // columns * stride, window % columns * stride
            return found
        if self.windows is None:
            # inside cells of blocks that move with the epoch, so that each block is decoded once
            for axis, lengths in enumerate((self.heights[items], self.widths[items])):
                found[:, 1 + axis] = crop_starts(
                    lengths, items, wanted, size=size, seed=recipe.seed, epoch=epoch, axis=axis
                )
            return found
        first = noise(wanted, recipe.seed, epoch, 40)
        # crops of a part of an item: one of its windows, drawn anew
        kept = np.array([self._kept(int(item)) for item in items], np.int64)
        window = self._window(items, (first * kept).astype(np.int64))
        found[:, 1], found[:, 2] = window // columns * stride, window % columns * stride
        return found

    def chip(self, number: int, epoch: int = 0) -> Chip:
        """Where one chip lies; see `chips`."""
        item, row, column, height, width = (int(one) for one in self.chips([number], epoch)[0])
        return Chip(int(number), item, row, column, height, width)

    def items_of(self, numbers: Numbers) -> Numbers:
        """(n,) the items that chips are cut from."""
        return np.searchsorted(self.offsets, numbers, side="right") - 1

    def _kept(self, item: int) -> int:
        windows = self.windows[item] if self.windows is not None else None
        if windows is not None:
            return len(windows)
        size, stride = self.recipe.size, self.recipe.stride or self.recipe.size
        return int(_steps(self.heights[item], size, stride) * _steps(self.widths[item], size, stride))

    def _window(self, items: Numbers, within: Numbers) -> Numbers:
        if self.windows is None:
            return within
        found = within.copy()
        for item in np.unique(items):
            windows = self.windows[int(item)]
            if windows is not None:
                where = items == item
                found[where] = windows[within[where]]
        return found


def chip_table(
    heights: npt.ArrayLike,
    widths: npt.ArrayLike,
    recipe: Recipe,
    windows: Sequence[Numbers | None] | None = None,
) -> ChipTable:
    """Numbers the chips of items.

    A window stands at every multiple of the stride where the whole of it fits: `(height - size) // stride + 1` rows,
    none for items smaller than a window. `random` gives `per_epoch` crops, shared out among items by their windows.

    Args:
        heights: (items,) of the chip grids in pixels.
        widths: likewise.
        recipe: how chips are cut.
        windows: numbers of the kept windows of each item, None for all.

    Raises:
        RecordError: sizes that make no sense, or too many chips.
    """
    tall, wide = np.asarray(heights, np.int64), np.asarray(widths, np.int64)
    kept = tuple(windows) if windows is not None and any(one is not None for one in windows) else None
    size, stride = recipe.size, recipe.stride or recipe.size
    if min(size, recipe.stride, recipe.per_epoch) < 0 or size > 1 << 20 or recipe.batch_size < 1:
        raise RecordError("Chip size, stride and batch size cannot be negative or absurd.", "Correct the recipe.")
    if recipe.sampling == "whole" or not size:
        counts = np.ones(tall.size, np.int64)
    else:
        counts = _steps(tall, size, stride) * _steps(wide, size, stride)
        if kept is not None:
            counts = np.array([len(k) if k is not None else c for k, c in zip(kept, counts, strict=True)], np.int64)
        if recipe.sampling == "random":
            counts = _share(counts, recipe.per_epoch or int(counts.sum()))
    if float(counts.astype(np.float64).sum()) > MAX_CHIPS:
        raise RecordError(f"That makes more than {MAX_CHIPS:,} chips.", "Take larger chips or fewer items.")
    return ChipTable(recipe, tall, wide, kept, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def _steps(length: Numbers, size: int, stride: int) -> Numbers:
    return np.maximum((np.asarray(length) - size) // max(stride, 1) + 1, 0)


def _share(weights: Numbers, total: int) -> Numbers:
    """Whole numbers that sum up to `total`, in proportion to the weights (largest remainders)."""
    sum_of = int(weights.sum())
    if not sum_of:
        return np.zeros_like(weights)
    exact = weights.astype(np.float64) * total / sum_of
    shares = np.floor(exact).astype(np.int64)
    order = np.argsort(shares - exact, kind="stable")
    shares[order[: total - int(shares.sum())]] += 1
    return shares


def pack_windows(windows: Numbers, total: int) -> str:
    """Numbers of windows below `total` as text: one bit a window, base64."""
    bits = np.zeros(total, np.uint8)
    bits[windows] = 1
    return base64.b64encode(np.packbits(bits).tobytes()).decode()


def unpack_windows(text: str, total: int) -> Numbers:
    """What `pack_windows` packed.

    Raises:
        RecordError: it is nothing of the kind.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise RecordError("The lock's windows cannot be read.", "Make the lock anew.") from error
    if len(raw) != (total + 7) // 8:
        raise RecordError("The lock's windows do not fit its grids.", "Make the lock anew.")
    return np.flatnonzero(np.unpackbits(np.frombuffer(raw, np.uint8), count=total)).astype(np.int64)
