"""Cells of blocks, and random crops that stay inside them: pure index work, before any pixel is read.

Random numbers come from a counter hashed with SplitMix64 (Steele, Lea and Flood 2014), so that a lock gives the same
chips with every version of numpy, and any chip is had without those before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

# windows are grouped into cells of whole blocks: 1,024 is a multiple of all usual block sizes
_CELL = 1024
_BLOCK = 512


def noise(counters: npt.ArrayLike, *key: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each counter, the same for the same key on every machine."""
    with np.errstate(over="ignore"):
        state = np.zeros(1, dtype=np.uint64)
        for part in key:
            state = _mix(state ^ np.uint64(part & 0xFFFFFFFFFFFFFFFF))
        steps = np.asarray(counters).astype(np.uint64) + np.uint64(1)
        hashed = _mix(state + steps * np.uint64(0x9E3779B97F4A7C15))
    return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def cell_side(size: int) -> int:
    """Side of a cell in pixels: whole blocks, with room for crops to move."""
    return max(_CELL, 2 * _BLOCK * -(-size // _BLOCK))


def _shifts(length: Ints, item: Ints, size: int, seed: int, epoch: int, axis: int) -> Ints:
    """How far the cells of each crop's item are moved in this epoch, in pixels."""
    side = cell_side(size)
    moved = (noise(item, seed, epoch, 10 + axis) * (side // _BLOCK)).astype(np.int64) * _BLOCK
    return np.where(length > side, moved, 0)


def crop_starts(length: Ints, item: Ints, number: Ints, *, size: int, seed: int, epoch: int, axis: int) -> Ints:
    """Where random crops start along an axis.

    Crops lie evenly over the item but inside cells, whose corners move with the epoch by whole blocks: so each block
    is decoded once an epoch, and over the epochs every place is reached.

    Args:
        length: (n,) of each crop's item along the axis, in pixels; at least `size`.
        item: (n,) the item of each crop.
        number: (n,) of each crop.
        size: of a crop, in pixels.
        seed: of the lock.
        epoch: crops are new in each.
        axis: 0 down, 1 across.
    """
    side = cell_side(size)
    shift = _shifts(length, item, size, seed, epoch, axis)
    cell = ((noise(number, seed, epoch, 20 + axis) * length).astype(np.int64) - shift + side) // side
    start = np.maximum(shift + (cell - 1) * side, 0)
    end = np.minimum(shift + cell * side, length)
    # a cell at the edge that is narrower than a crop borrows from its neighbour
    end = np.minimum(np.maximum(end, start + size), length)
    start = np.maximum(np.minimum(start, end - size), 0)
    free = np.maximum(end - start - size + 1, 1).astype(np.float64)
    found: Ints = start + (noise(number, seed, epoch, 30 + axis) * free).astype(np.int64)
    return found


def cells(
    item: Ints,
    row: Ints,
    column: Ints,
    height: Ints,
    width: Ints,
    *,
    size: int,
    seed: int,
    epoch: int,
    moving: bool,
    times: int = 1,
    blocks: Ints | None = None,
) -> Ints:
    """The cell of each window: windows of one cell share blocks and are decoded together.

    Args:
        item: (n,) the item of each window.
        row: (n,) of its upper edge.
        column: (n,) of its left edge.
        height: (n,) of its item, in pixels.
        width: (n,) of its item, in pixels.
        size: of a window, in pixels; 0 where items are taken whole.
        seed: of the lock.
        epoch: of the windows.
        moving: whether windows are random crops, whose cells move with the epoch.
        times: how much larger cells are, where windows do not follow the files' blocks; not for random crops.
        blocks: (n,) `Item.block` of each window's item, where windows lie side by side: where whole windows lie in
            blocks, or blocks in windows, these are the cells.
    """
    if size <= 0:
        return item
    side: Ints = np.asarray(cell_side(size) * (1 if moving else times))
    if blocks is not None:
        known = np.maximum(blocks, 1)
        inside, around = (blocks > 0) & (known % size == 0), (blocks > 0) & (size % known == 0)
        side = np.where(inside, known, np.where(around, size, side))
    if moving:
        row = row - _shifts(height, item, size, seed, epoch, 0) + side
        column = column - _shifts(width, item, size, seed, epoch, 1) + side
    found: Ints = (item << 32) | (row // side << 16) | (column // side)
    return found
