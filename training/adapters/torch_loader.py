"""A DataLoader that knows what it handed out: resumes in mid-epoch, gathers what workers skipped."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader

from training.adapters.source import Report, has_read
from training.adapters.torch_stream import Batches, TorchBatch
from training.adapters.transforms import Transform
from training.select.lock import Lock


class Loader(DataLoader[TorchBatch]):
    """Batches of a lock, with workers, pinned memory and a state.

    Each pass is one epoch; the next one begins by itself. `state_dict` counts the batches that were handed out, not
    those that workers hold ready, and may be loaded with another number of workers or ranks.

    Attributes:
        batches: what it reads.
        report: what was handed out and what is missing from it, from all workers.
    """

    def __init__(
        self,
        batches: Batches,
        *,
        num_workers: int = 0,
        pin_memory: bool = False,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        multiprocessing_context: str | None = None,
        timeout: float = 0,
    ) -> None:
        """Starts nothing yet.

        Args:
            batches: what it reads.
            num_workers: processes that read; 0: threads of this one, the fast choice.
            pin_memory: whether tensors lie in page-locked memory, for copies to a device.
            prefetch_factor: batches that each worker holds ready.
            persistent_workers: whether workers live on between epochs.
            multiprocessing_context: `fork`, `spawn` or `forkserver`; `fork` where that is safe, that is, before this
                process has read pixels itself.
            timeout: seconds to wait for a worker; 0: for ever.
        """
        if num_workers and multiprocessing_context is None:
            safe = "fork" in multiprocessing.get_all_start_methods() and not has_read()
            multiprocessing_context = "fork" if safe else "spawn"
        super().__init__(
            batches,
            batch_size=None,
            num_workers=num_workers,
            pin_memory=pin_memory,
            prefetch_factor=prefetch_factor,
            persistent_workers=persistent_workers,
            multiprocessing_context=multiprocessing_context if num_workers else None,
            timeout=timeout,
        )
        self.batches = batches
        self.report = Report()

    def __iter__(self) -> Iterator[TorchBatch]:  # type: ignore[override]  # torch's own iterator is hidden
        epoch, start = self.batches.enter()
        if not self.num_workers:
            # the pass in this process enters by itself
            self.batches.begin(epoch, start)
        # workers take turns: one that left its batch out would be overtaken
        self.batches.hand_out_empty = True
        for batch in super().__iter__():
            self.batches.hand_out_empty = False
            self.batches.handed_out(batch)
            self.report.read += len(batch["index"])
            self.report.skipped += batch.skipped
            if len(batch["index"]):
                yield batch
            self.batches.hand_out_empty = True
        self.batches.set_epoch(epoch + 1)

    def __len__(self) -> int:
        """Batches of a whole epoch on this rank."""
        return len(self.batches)

    def state_dict(self) -> dict[str, Any]:
        """Where to go on: after the last batch that was handed out."""
        return self.batches.state(*self.batches.position)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The next pass goes on where the state was taken.

        Raises:
            EarthdexError: the state belongs to another lock or split.
        """
        self.batches.load_state_dict(state)


def torch_loader(
    lock: Lock | str | Path,
    *,
    split: str = "",
    transforms: Sequence[Transform] = (),
    num_workers: int = 0,
    pin_memory: bool = False,
    **options: Any,  # noqa: ANN401
) -> Loader:
    """Batches of a lock as torch tensors.

    Args:
        lock: a lock or the path of one.
        split: which part of it; all when empty.
        transforms: applied to each batch in order.
        num_workers: see `Loader`.
        pin_memory: see `Loader`.
        **options: see `Batches` (rank, world, even) and `Source` (root, cache, threads, strict, allow_private).

    Raises:
        NotFound: there is no such lock file.
    """
    batches = Batches(lock, split=split, transforms=transforms, **options)
    return Loader(batches, num_workers=num_workers, pin_memory=pin_memory)
