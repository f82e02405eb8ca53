"""Which chips make which batch: the whole epoch from the lock alone, before anything is read."""

from __future__ import annotations

import numpy as np

from training.windows import Ints, Windows, noise


def batch_numbers(
    positions: Windows,
    *,
    seed: int,
    epoch: int,
    numbers: Ints | None = None,
    batch_size: int = 32,
    window: int = 1024,
    shuffle: bool = True,
    drop_last: bool = False,
) -> list[Ints]:
    """The batches of an epoch as chip numbers.

    Cells are put into a random order; the chips of a cell are then spread over the next `window` chips: chip `k` of
    this order gets the key k + U(0, window), and chips are sorted by it. So all chips of a cell are wanted within
    about `window` chips of one another, which bounds what must be held, while a batch mixes about
    `window` / (chips of a cell) cells. Each chip comes exactly once.

    Args:
        positions: all chips of the lock.
        seed: of the order.
        epoch: of the order.
        numbers: chips to take (a split); all by default.
        batch_size: chips a batch.
        window: how far chips are spread; 0 keeps cells together.
        shuffle: False gives the chips in the order of their numbers.
        drop_last: leave out a last batch that is not full.
    """
    chosen = np.arange(len(positions), dtype=np.int64) if numbers is None else np.asarray(numbers, dtype=np.int64)
    if shuffle and len(chosen):
        chosen = chosen[_mixed(positions.cell[chosen], seed, epoch, window)]
    last = len(chosen) - len(chosen) % batch_size if drop_last else len(chosen)
    return [chosen[start : start + batch_size] for start in range(0, last, batch_size)]


def _mixed(cell: Ints, seed: int, epoch: int, window: int) -> Ints:
    _, group = np.unique(cell, return_inverse=True)
    rank = noise(int(group.max()) + 1, seed, epoch, 1)
    # a random order of cells, and a random order of chips within a cell
    order = np.lexsort((noise(len(cell), seed, epoch, 2), rank[group]))
    if window <= 0:
        return order
    key = np.arange(len(order), dtype=np.float64) + noise(len(order), seed, epoch, 3) * window
    return order[np.argsort(key, kind="stable")]
