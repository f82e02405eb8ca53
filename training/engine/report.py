"""What a reader tells of its chips: what they have in common, and what could not be had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from training.types import Skipped

_MOST_TOLD = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What all chips of a lock have in common: batches are made of nothing else.

    Attributes:
        channels: of the image.
        height: pixels.
        width: pixels.
        dtype: of the image.
        masked: whether there are class values of pixels.
        labelled: whether items have a class value.
        boxed: whether there are vector labels, which are given as boxes too.
    """

    channels: int
    height: int
    width: int
    dtype: np.dtype[np.generic]
    masked: bool
    labelled: bool
    boxed: bool = False


@dataclass(slots=True)
class Report:
    """What became of the chips that were asked for.

    Attributes:
        read: chips that were given.
        skipped: those that could not be had; the first 10,000 are kept.
        skipped_count: how many there were.
        unknown: class values that the scheme does not have, with the number of their pixels.
        strange: labels of vector files that the scheme does not have, with the number of their shapes.
        cache: why decoded chips are not kept; empty where they are, or where no cache was asked for.
    """

    read: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0
    unknown: dict[int, int] = field(default_factory=dict)
    strange: dict[str, int] = field(default_factory=dict)
    cache: str = ""

    def add(self, read: int, skipped: Iterable[Skipped]) -> None:
        """Counts a batch."""
        self.read += read
        for one in skipped:
            self.skipped_count += 1
            if len(self.skipped) < _MOST_TOLD:
                self.skipped.append(one)
