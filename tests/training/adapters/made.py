"""A lock without files and a reader that makes its pixels: what adapters do is told apart from what is decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from training.distributions import LabelClass
from training.order import batch_numbers
from training.select.lock import Lock
from training.select.selection import Selection, Source
from training.types import Batch, Grid, Item, Part, Recipe, Skipped

DATASET = "https://w3id.org/earthdex/dataset/made"


def made_lock(
    count: int = 23, *, batch_size: int = 4, seed: int = 3, folds: Sequence[str] = ("",), shuffle: bool = True
) -> Lock:
    """A lock of `count` whole chips of two classes."""
    items = tuple(
        Item(
            f"{DATASET}/item/{number}",
            DATASET,
            (Part("image", f"{number}.tif", names=("B04", "B08", "B03")),),
            label=number % 2,
            fold=folds[number % len(folds)],
            time="2020-05-0" + str(1 + number % 9),
            grid=Grid("EPSG:32633", (10.0, 0.0, 500_000.0 + 80 * number, 0.0, -10.0, 5_000_000.0), 8, 8),
        )
        for number in range(count)
    )
    classes = (LabelClass("dry", 0, f"{DATASET}/class/dry"), LabelClass("wet", 1, f"{DATASET}/class/wet"))
    selection = Selection("made", "1", (Source(DATASET, "made", "Made"),), items, classes)
    return Lock.freeze(selection, Recipe(batch_size=batch_size, seed=seed, shuffle=shuffle))


@dataclass
class MadeReader:
    """Pixels from chip numbers alone; `bad` chips are skipped."""

    lock: Lock
    split: str = ""
    bad: frozenset[int] = frozenset()
    mask: bool = True
    asked: list[int] = field(default_factory=list)

    def _order(self, epoch: int) -> list[np.ndarray]:
        return batch_numbers(self.lock, epoch=epoch, split=self.split)

    def __len__(self) -> int:
        return len(self._order(0))

    def batches(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        order = self._order(epoch)
        for number in range(start, len(order), step):
            yield self._make(order[number], epoch, number)

    def batch(self, epoch: int, number: int) -> Batch:
        return self._make(self._order(epoch)[number], epoch, number)

    def chip(self, number: int, epoch: int = 0) -> Batch:
        return self._make(np.asarray([number]), epoch, 0)

    def _make(self, numbers: np.ndarray, epoch: int, number: int) -> Batch:
        self.asked += numbers.tolist()
        good = np.asarray([one for one in numbers.tolist() if one not in self.bad], np.int64)
        image = np.zeros((len(good), 3, 8, 8), np.uint16)
        for place, one in enumerate(good):
            image[place] = np.random.default_rng(one).integers(0, 500, (3, 8, 8))
            image[place, one % 2] += 400
        valid = np.ones((len(good), 8, 8), bool)
        valid[:, 0, 0] = False
        mask = (image[:, 1] > image[:, 0]).astype(np.uint8) if self.mask else None
        skipped = [Skipped(f"{DATASET}/item/{one}", f"{one}.tif", "it is bad.") for one in numbers if one in self.bad]
        return Batch(image, valid, good, good % 2, mask, None, epoch, number, skipped)
