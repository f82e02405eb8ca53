"""Which chips make which batch: the whole epoch from the lock alone, before anything is read."""

from __future__ import annotations

import numpy as np

from training.select.lock import Lock
from training.windows import Ints, cells, noise


def batch_numbers(
    lock: Lock,
    *,
    epoch: int,
    seed: int | None = None,
    split: str = "",
    batch_size: int | None = None,
    window: int | None = None,
    shuffle: bool | None = None,
    drop_last: bool | None = None,
) -> list[Ints]:
    """The batches of an epoch as chip numbers, each chip exactly once.

    Args:
        lock: what was frozen; its recipe gives what is not given here.
        epoch: of the order, and of random crops.
        seed: of the order.
        split: fold; all chips when empty.
        batch_size: chips a batch.
        window: chips over which a cell's chips are spread; 0 keeps cells together.
        shuffle: False gives the chips in the order of their numbers.
        drop_last: leave out a last batch that is not full.

    Raises:
        NotFound: no such fold.
    """
    recipe = lock.recipe
    numbers = lock.numbers(split)
    if recipe.shuffle if shuffle is None else shuffle:
        groups = chip_cells(lock, numbers, epoch)
        spread = recipe.window if window is None else window
        numbers = numbers[mixed(groups, recipe.seed if seed is None else seed, epoch, spread)]
    size = batch_size or recipe.batch_size
    full = recipe.drop_last if drop_last is None else drop_last
    last = len(numbers) - len(numbers) % size if full else len(numbers)
    return [numbers[start : start + size] for start in range(0, last, size)]


def chip_cells(lock: Lock, numbers: Ints, epoch: int) -> Ints:
    """The cell of blocks that each chip is cut from."""
    item, row, column, _, _ = lock.chips(numbers, epoch).T
    recipe, table = lock.recipe, lock.table
    whole = recipe.sampling == "whole" or recipe.size <= 0
    blocks = None
    other = bool(recipe.crs or recipe.resolution)
    if recipe.sampling == "grid" and not whole and recipe.stride in (0, recipe.size) and not other:
        each, at = np.unique(item, return_inverse=True)
        blocks = np.asarray([lock.items.block[one] for one in each.tolist()], dtype=np.int64)[at]
    return cells(
        item,
        row,
        column,
        table.heights[item],
        table.widths[item],
        size=0 if whole else recipe.size,
        seed=recipe.seed,
        epoch=epoch,
        moving=recipe.sampling == "random",
        # windows of another grid touch more blocks at the edge of a cell
        times=2 if other else 1,
        blocks=blocks,
    )


def mixed(groups: Ints, seed: int, epoch: int, window: int) -> Ints:
    """A random order that keeps groups near.

    Groups come in a random order; chip `k` of this order then gets the key k + U(0, window), and chips are sorted by
    it. So all chips of a group come within about `window` chips of one another, which bounds what must be held, while
    a batch mixes about window / (chips of a group) groups.

    Args:
        groups: (n,) the group of each chip.
        seed: of the order.
        epoch: of the order.
        window: chips.
    """
    if not len(groups):
        return np.zeros(0, dtype=np.int64)
    _, group = np.unique(groups, return_inverse=True)
    counters = np.arange(len(groups))
    rank = noise(counters[: int(group.max()) + 1], seed, epoch, 1)
    order = np.lexsort((noise(counters, seed, epoch, 2), rank[group]))
    if window <= 0:
        return order
    return order[np.argsort(counters + noise(counters, seed, epoch, 3) * window, kind="stable")]
