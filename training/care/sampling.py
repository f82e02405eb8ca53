"""Drawing some of many chips by class: as many of each as its share, or as many of each as of every other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.care.assign import stable_number
from training.care.units import Ints

How = Literal["proportional", "equal"]


def draw_by_class(
    labels: npt.ArrayLike, keys: Sequence[str], size: int, *, how: How = "proportional", least: int = 1, seed: int = 0
) -> Ints:
    """Positions of chips drawn class by class, sorted.

    Which chips of a class are drawn depends on their keys and the seed alone, so a larger draw holds a smaller one of
    the same class.

    Args:
        labels: (n,) class value of each chip, such as the class that most of a patch shows.
        keys: identity of each chip.
        size: how many to draw; all where there are fewer.
        how: `proportional`: each class has its share of the draw (proportional allocation, Cochran, Sampling
            Techniques, 1977, section 5.5; rounded by largest remainders), as the class-proportional sampling of
            sea-ice patches wants it; `equal`: each class has as many as any other, as far as it has them.
        least: chips of each class that are drawn in any case, as far as it has them.
        seed: of the draw.

    Raises:
        EarthdexError: sizes or lengths that make no sense, or a size too small for `least`.
    """
    values = np.asarray(labels)
    if values.ndim != 1 or len(values) != len(keys) or size < 0 or least < 0:
        raise EarthdexError(
            "Labels, keys and size do not fit.", "Give one label and key a chip, and a size of 0 or more."
        )
    classes, number, counts = np.unique(values, return_inverse=True, return_counts=True)
    size = min(size, len(values))
    floor = np.minimum(counts, least)
    if floor.sum() > size:
        raise EarthdexError(
            f"{size} chips are too few for {least} of each of {len(classes)} classes.", "Draw more, or lower `least`."
        )
    wanted = size * counts / max(1, len(values)) if how == "proportional" else _levelled(counts, size)
    take = _rounded(np.clip(wanted, floor, counts), floor, counts, size)
    picked = []
    for at in range(len(classes)):
        own = np.flatnonzero(number == at).tolist()
        own.sort(key=lambda one: (stable_number(seed, keys[one]), keys[one]))
        picked += own[: int(take[at])]
    return np.array(sorted(picked), dtype=np.int64)


def _levelled(counts: Ints, size: int) -> npt.NDArray[np.float64]:
    """Equal shares, what small classes lack given to the others."""
    shares = np.zeros(len(counts))
    left, open_ = float(size), np.ones(len(counts), dtype=bool)
    while open_.any():
        level = left / open_.sum()
        full = open_ & (counts <= level)
        if not full.any():
            shares[open_] = level
            break
        shares[full] = counts[full]
        left -= float(counts[full].sum())
        open_ &= ~full
    return shares


def _rounded(wanted: npt.NDArray[np.float64], floor: Ints, counts: Ints, size: int) -> Ints:
    """Whole numbers near the wanted ones, between floor and counts, that sum to size."""
    take = np.maximum(np.floor(wanted).astype(np.int64), floor)
    while take.sum() != size:
        step = 1 if take.sum() < size else -1
        may = (take < counts) if step > 0 else (take > floor)
        lack = np.where(may, (wanted - take) * step, -np.inf)
        take[int(np.argmax(lack))] += step
    return take
