"""Locks as care sees them: their units and folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.types import Chip, Item

if TYPE_CHECKING:
    from training.care.units import Ints, Unit
    from training.select.lock import Lock


def lock_units(lock: Lock) -> list[Unit]:
    """The chips of a lock where its folds are of chips, else its items."""
    items: list[Item] = lock.items[:]
    if lock.split is None or lock.split.of != "chips":
        return list(items)
    rows = lock.chips(range(lock.count)).tolist()
    return [(items[at], Chip(number, at, *window)) for number, (at, *window) in enumerate(rows)]


def lock_folds(lock: Lock) -> dict[str, Ints] | None:
    """Fold -> positions of its units; None where the lock has no split."""
    if lock.split is None:
        return None
    codes = np.asarray(lock.split.codes)
    return {name: np.flatnonzero(codes == number) for number, name in enumerate(lock.split.folds)}


def tested_items(lock: Lock) -> list[Item]:
    """The items of a lock's test fold; all where it has none."""
    fold = "test" if lock.split is not None and "test" in lock.split.folds else ""
    at = sorted({int(number) for number in lock.table.items_of(lock.numbers(fold))})
    return [lock.items[number] for number in at]
