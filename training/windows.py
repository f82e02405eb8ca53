"""Which windows of which items are chips: pure index work on sizes, before any pixel is read.

Random numbers come from a counter hashed with SplitMix64 (Steele, Lea and Flood 2014), so that a lock gives the same
chips with every version of numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.types import Recipe

Ints = npt.NDArray[np.int64]

# windows are grouped into cells of whole blocks: 1,024 is a multiple of all usual block sizes
_CELL = 1024
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Windows:
    """Chips as columns; chip `n` is row `n` of each.

    Attributes:
        item: which item.
        row, column, height, width: on the item's chip grid, in pixels; height and width are 0 where the item is taken
            whole and its size is not known yet.
        cell: group of chips that share blocks of one item: they are decoded together.
    """

    item: Ints
    row: Ints
    column: Ints
    height: Ints
    width: Ints
    cell: Ints

    def __len__(self) -> int:
        return len(self.item)


def noise(n: int, *key: int) -> npt.NDArray[np.float64]:
    """`n` numbers in [0, 1), the same for the same key on every machine."""
    with np.errstate(over="ignore"):
        state = np.uint64(0)
        for part in key:
            state = _mix(np.asarray([state ^ np.uint64(part & 0xFFFFFFFFFFFFFFFF)], dtype=np.uint64))[0]
        hashed = _mix(state + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        x = x + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def cell_side(size: int) -> int:
    """Side of a cell in pixels: whole blocks, with room for crops to move."""
    return max(_CELL, 2 * _BLOCK * -(-size // _BLOCK))


def windows(sizes: npt.ArrayLike, recipe: Recipe, epoch: int = 0) -> Windows:
    """All chips of items.

    Grid windows lie every `stride` pixels and wholly inside the item. Random crops are new in each epoch but stay
    with their item: crop `n` is always cut from the same item. They stay inside cells whose corners move with the
    epoch, so that each block is decoded once an epoch; over the epochs every place is reached.

    Args:
        sizes: (items, 2) heights and widths of the items' chip grids in pixels; 0 where unknown (whole items only).
        recipe: how chips are cut.
        epoch: of random crops.
    """
    hw = np.asarray(sizes, dtype=np.int64).reshape(-1, 2)
    if recipe.sampling == "whole" or recipe.size <= 0:
        number = np.arange(len(hw), dtype=np.int64)
        zero = np.zeros(len(hw), dtype=np.int64)
        return Windows(number, zero, zero, hw[:, 0].copy(), hw[:, 1].copy(), number)
    if recipe.sampling == "grid":
        return _grid(hw, recipe)
    return _random(hw, recipe, epoch)


def grid_counts(hw: Ints, recipe: Recipe) -> Ints:
    """(items, 2): grid windows down and across each item."""
    stride = recipe.stride or recipe.size
    fits = (hw >= recipe.size).all(axis=1, keepdims=True)
    return np.where(fits, (hw - recipe.size) // stride + 1, 0)


def _grid(hw: Ints, recipe: Recipe) -> Windows:
    stride = recipe.stride or recipe.size
    down, across = grid_counts(hw, recipe).T
    counts = down * across
    item = np.repeat(np.arange(len(hw), dtype=np.int64), counts)
    within = np.arange(len(item), dtype=np.int64) - np.repeat(np.cumsum(counts) - counts, counts)
    row = within // np.maximum(across[item], 1) * stride
    column = within % np.maximum(across[item], 1) * stride
    size = np.full(len(item), recipe.size, dtype=np.int64)
    side = cell_side(recipe.size)
    return Windows(item, row, column, size, size, _cells(item, row // side, column // side))


def _cells(item: Ints, down: Ints, across: Ints) -> Ints:
    return (item << 32) | (down << 16) | across


def _random(hw: Ints, recipe: Recipe, epoch: int) -> Windows:
    usable = (hw >= recipe.size).all(axis=1)
    area = np.where(usable, hw[:, 0] * hw[:, 1], 0)
    count = recipe.per_epoch or int(grid_counts(hw, recipe).prod(axis=1).sum())
    if not count or not area.any():
        return _grid(hw[:0], recipe)
    ends = np.cumsum(area)
    # in proportion to area; whole numbers, so that no machine rounds otherwise
    place = (2 * np.arange(count, dtype=np.float64) + 1) * (float(ends[-1]) / (2 * count))
    item = np.searchsorted(ends, place.astype(np.int64), side="right").astype(np.int64)
    side = cell_side(recipe.size)
    row, down = _positions(hw[item, 0], recipe, side, epoch, 0, item)
    column, across = _positions(hw[item, 1], recipe, side, epoch, 1, item)
    size = np.full(count, recipe.size, dtype=np.int64)
    return Windows(item, row, column, size, size, _cells(item, down, across))


def _positions(length: Ints, recipe: Recipe, side: int, epoch: int, axis: int, item: Ints) -> tuple[Ints, Ints]:
    """Where crops start along an axis, and the number of their cell."""
    n, size = len(length), recipe.size
    steps = side // _BLOCK
    moved = noise(int(item[-1]) + 1, recipe.seed, epoch, 10 + axis)[item]
    shift = np.where(length > side, (moved * steps).astype(np.int64) * _BLOCK, 0)
    at = (noise(n, recipe.seed, epoch, 20 + axis) * length).astype(np.int64)
    cell = (at - shift + side) // side
    start = np.maximum(shift + (cell - 1) * side, 0)
    end = np.minimum(shift + cell * side, length)
    # a cell at the edge that is narrower than a crop borrows from its neighbour
    end = np.minimum(np.maximum(end, start + size), length)
    start = np.minimum(start, end - size)
    free = (end - start - size + 1).astype(np.float64)
    return start + (noise(n, recipe.seed, epoch, 30 + axis) * free).astype(np.int64), cell
