"""Chips of a lock one by one: torch's map-style data set, with the lock's own batches as a batch sampler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from ontology.errors import EarthdexError
from training.adapters.source import Source
from training.adapters.torch_stream import TorchBatch, rank_and_world, torch_batch
from training.adapters.transforms import Transform
from training.order import batch_numbers
from training.select.lock import Lock

Sample = dict[str, Any]


class Chips(Dataset[Sample | None]):
    """Chips by their place in the split; random access, for samplers of one's own.

    A sample is a dict as in `TorchBatch` without the first axis. A chip that cannot be read is None, which `collate`
    leaves out: `DataLoader(chips, batch_size=8, collate_fn=collate)`. Reading in order is many times faster by
    `Batches`.

    Attributes:
        source: the lock and how it is read.
        numbers: (n,) numbers of the chips in the lock.
    """

    def __init__(
        self,
        lock: Lock | str | Path | Source,
        *,
        split: str = "",
        transforms: Sequence[Transform] = (),
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Names what is read; nothing is opened yet.

        Args:
            lock: a lock, the path of one, or a source.
            split: which part of it; all when empty.
            transforms: applied to each chip in order.
            **options: see `Source`: root, cache, threads, strict, allow_private.

        Raises:
            NotFound: no such lock file or split.
        """
        self.source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
        self.numbers = self.source.lock.numbers(self.source.split)
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]

    def set_epoch(self, epoch: int) -> None:
        """Chooses what is random about transforms, also in workers that live on."""
        self._epoch[0] = epoch

    @property
    def epoch(self) -> int:
        """The epoch that transforms are random by."""
        return int(self._epoch[0])

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> Sample | None:
        batch = self.source.chip(int(self.numbers[place]), self.epoch)
        if not len(batch.index):
            return None
        return {key: values[0] for key, values in torch_batch(batch).items()}


def collate(samples: Sequence[Sample | None]) -> TorchBatch:
    """Samples as one batch; what could not be read is left out.

    Raises:
        EarthdexError: nothing is left, or the chips differ in size.
    """
    there = [one for one in samples if one is not None]
    if not there:
        raise EarthdexError("No chip of this batch can be read.", "`source.report.skipped` tells why.")
    shapes = {tuple(one["image"].shape) for one in there}
    if len(shapes) > 1:
        raise EarthdexError(f"Chips of different sizes: {sorted(shapes)}.", "Lock windows of one size.")
    return TorchBatch(
        {
            key: [one[key] for one in there] if key == "boxes" else torch.stack([one[key] for one in there])
            for key in there[0]
        }
    )


class LockOrder(Sampler[list[int]]):
    """The lock's own batches, for `DataLoader(chips, batch_sampler=LockOrder(chips), collate_fn=collate)`."""

    def __init__(self, chips: Chips, *, rank: int | None = None, world: int | None = None) -> None:
        """Orders chips as `Batches` does.

        Args:
            chips: what is read.
            rank: which process this is; as torch.distributed or torchrun say by default.
            world: of how many.
        """
        self._chips, self._place = chips, (rank, world)
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Chooses the order of the next pass."""
        self.epoch = epoch
        self._chips.set_epoch(epoch)

    def __iter__(self) -> Iterator[list[int]]:
        rank, world = self._place if None not in self._place else rank_and_world()
        source = self._chips.source
        place = np.zeros(source.lock.count, np.int64)
        place[self._chips.numbers] = np.arange(len(self._chips))
        batches = batch_numbers(source.lock, epoch=self.epoch, split=source.split)
        yield from (place[numbers].tolist() for numbers in batches[rank::world])

    def __len__(self) -> int:
        rank, world = self._place if None not in self._place else rank_and_world()
        recipe, chips = self._chips.source.recipe, len(self._chips)
        total = chips // recipe.batch_size if recipe.drop_last else -(-chips // recipe.batch_size)
        return len(range(total)[rank::world])
