"""Batches as torch tensors: an iterable data set that workers and ranks share exactly."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from ontology.errors import EarthdexError
from training.adapters.source import Report, Source
from training.adapters.transforms import Transform
from training.select.lock import Lock
from training.types import Array, Batch, Skipped

Even = Literal["", "drop"]
_EPOCH, _START, _RANK, _WORLD, _WORKERS = range(5)


class TorchBatch(dict[str, Any]):
    """A batch as a dict of tensors, in the types of the files.

    Keys: `image` (n, channels, height, width), `valid` (n, height, width) bool, `index` (n,) int64 and, where there
    are targets, `label` (n,) int64, `mask` (n, height, width), `boxes` (list of (k, 5) float32). For series see
    `training.types.Batch`.

    The tensors are the reader's own: they belong to whoever holds the batch and are never written to again.

    Attributes:
        epoch, number: which batch of which epoch.
        skipped: chips that are missing from it.
    """

    epoch: int = 0
    number: int = 0
    skipped: tuple[Skipped, ...] = ()


def tensor(values: Array) -> torch.Tensor:
    """An array as a tensor over the same memory where that is safe."""
    if not values.flags.writeable or not values.flags.c_contiguous or not values.dtype.isnative:
        values = np.array(values, dtype=values.dtype.newbyteorder("="), order="C")
    return torch.from_numpy(values)


def torch_batch(batch: Batch) -> TorchBatch:
    """A batch as tensors."""
    out = TorchBatch(image=tensor(batch.image), valid=tensor(batch.valid), index=tensor(batch.index))
    if batch.label is not None:
        out["label"] = tensor(batch.label)
    if batch.mask is not None:
        out["mask"] = tensor(batch.mask)
    if batch.boxes is not None:
        out["boxes"] = [tensor(one) for one in batch.boxes]
    out.epoch, out.number, out.skipped = batch.epoch, batch.number, tuple(batch.skipped)
    return out


def rank_and_world() -> tuple[int, int]:
    """This process among those that train together: as torch.distributed knows, else as torchrun says."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    rank, world = os.environ.get("RANK", ""), os.environ.get("WORLD_SIZE", "")
    return (int(rank), int(world)) if rank.isdigit() and world.isdigit() else (0, 1)


class Batches(IterableDataset[TorchBatch]):
    """Whole batches of a lock; each pass is one epoch.

    Batch b of an epoch holds the same chips for any number of workers and ranks: rank r of w takes batches r, r + w,
    r + 2w ..., and worker k of n takes every n-th of these, so that a DataLoader hands them out in order. It stands
    behind `DataLoader(batches, batch_size=None)`, or better behind `Loader`, which resumes. Its own threads make
    `num_workers=0` the fast choice.

    Attributes:
        source: the lock and how it is read.
        report: what this process read and skipped; workers have their own (`Loader.report` gathers them).
    """

    def __init__(
        self,
        lock: Lock | str | Path | Source,
        *,
        split: str = "",
        transforms: Sequence[Transform] = (),
        rank: int | None = None,
        world: int | None = None,
        even: Even = "",
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Names what is read; nothing is opened yet.

        Args:
            lock: a lock, the path of one, or a source.
            split: which part of it; all when empty.
            transforms: applied to each batch in order.
            rank: which process this is; as torch.distributed or torchrun say by default.
            world: of how many.
            even: `drop` leaves out the last batches that would not go round all ranks, so that each makes the same
                number of steps; by default every chip comes exactly once, and ranks may differ by one batch (wrap the
                loop in `torch.distributed.algorithms.join.Join`, or ranks wait for each other for ever).
            **options: see `Source`: root, cache, threads, strict, allow_private.

        Raises:
            EarthdexError: rank and world do not fit.
        """
        self.source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
        if (rank is None) != (world is None) or (world is not None and not 0 <= (rank or 0) < world):
            raise EarthdexError(f"rank {rank} of {world} processes.", "Give both, with 0 <= rank < world.")
        self._even = even
        # in shared memory: workers that live on see a new epoch, and tell that they are there
        self._pass = torch.tensor([0, 0, -1, 0, 0], dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
        if rank is not None and world is not None:
            self._pass[_RANK], self._pass[_WORLD] = rank, world
        self._loaded = False
        self._done = (0, 0)
        # whether batches of which all chips were bad are handed out too: the loader counts them and drops them
        self.hand_out_empty = False

    def __getstate__(self) -> dict[str, Any]:
        # a spawned worker knows nothing of torch.distributed
        self._pass[_RANK], self._pass[_WORLD] = self.place()
        return dict(vars(self))

    @property
    def report(self) -> Report:
        """What this process read and skipped."""
        return self.source.report

    @property
    def epoch(self) -> int:
        """The epoch of the next pass, or of the one that runs."""
        return int(self._pass[_EPOCH])

    @property
    def position(self) -> tuple[int, int]:
        """(epoch, batch) that follows what this process handed out."""
        return self._done

    def handed_out(self, batch: TorchBatch) -> None:
        """Notes that a batch that workers read has reached the trainer."""
        rank, world = self.place()
        self._done = batch.epoch, batch.number - rank + world

    def place(self) -> tuple[int, int]:
        """(rank, world)."""
        return (int(self._pass[_RANK]), int(self._pass[_WORLD])) if self._pass[_WORLD] else rank_and_world()

    def set_epoch(self, epoch: int) -> None:
        """The next pass starts this epoch from its first batch, or where a state of this epoch was loaded for it."""
        if not (self._loaded and epoch == self.epoch):
            self.begin(epoch, 0)

    def begin(self, epoch: int, start: int) -> None:
        """The next pass starts this epoch at batch `start`, counted over all ranks."""
        self._pass[_EPOCH], self._pass[_START] = epoch, start
        self._done, self._loaded = (epoch, start), True

    def enter(self) -> tuple[int, int]:
        """(epoch, first batch) of the pass that begins now: where it was set to, else the start of its epoch."""
        if not self._loaded:
            epoch, start = self._done
            # trainers that know the length never ask for what comes after the last batch
            done = epoch == self.epoch and start >= self.stop() > 0
            self._pass[_EPOCH], self._pass[_START] = self.epoch + done, 0
        self._loaded = False
        self._done = self.epoch, int(self._pass[_START])
        return self._done

    def stop(self, start: int = 0) -> int:
        """The batch before which all ranks stop, counted over all ranks."""
        total, world = len(self.source), self.place()[1]
        return start + (total - start) // world * world if self._even == "drop" else total

    def __len__(self) -> int:
        """Batches of a whole epoch on this rank."""
        rank, world = self.place()
        return len(range(rank, self.stop(), world))

    def __iter__(self) -> Iterator[TorchBatch]:
        worker = get_worker_info()
        rank, world = self.place()
        if worker is None:
            (epoch, start), first, step = self.enter(), rank, world
        else:
            self._pass[_WORKERS] = worker.num_workers
            epoch, start = self.epoch, int(self._pass[_START])
            first, step = rank + world * worker.id, world * worker.num_workers
        for batch in self.source.batches(epoch, start + first, step, self.stop(start)):
            self._done = epoch, batch.number - rank + world
            if len(batch.index) or self.hand_out_empty:
                yield torch_batch(batch)
        if worker is None:
            self._pass[_EPOCH] = epoch + 1
            self._done = epoch + 1, 0

    def state_dict(self) -> dict[str, Any]:
        """Where to go on: after the last batch that was handed out.

        Raises:
            EarthdexError: DataLoader workers read ahead, so that this object cannot know what was handed out.
        """
        if self._pass[_WORKERS]:
            raise EarthdexError("Workers read ahead of what was handed out.", "Use Loader, whose state counts that.")
        return self.state(*self._done)

    def state(self, epoch: int, start: int) -> dict[str, Any]:
        """The state that goes on with batch `start` of an epoch."""
        recipe = self.source.recipe
        return {
            "lock": self.source.lock.digest,
            "split": self.source.split,
            "epoch": epoch,
            "batch": start,
            "batch_size": recipe.batch_size,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The next pass goes on where the state was taken; the number of ranks and workers may be another.

        Raises:
            EarthdexError: the state belongs to another lock or split.
        """
        mine = self.state(0, 0)
        other = [key for key in ("lock", "split", "batch_size") if state.get(key) != mine[key]]
        if other:
            raise EarthdexError(
                f"The state is of another {' and '.join(other)}.", "Open the lock and split that it was taken with."
            )
        epoch, start = int(state["epoch"]), int(state["batch"])
        if start >= self.stop():
            epoch, start = epoch + 1, 0
        self.begin(epoch, start)
