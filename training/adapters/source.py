"""Where every adapter gets its batches: a lock and how it is read, opened anew in each process."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from ontology.errors import EarthdexError
from training.adapters.transforms import Transform
from training.select.choose import names_web
from training.select.lock import Lock
from training.types import TARGET_ROLES, Batch, Bytes, Chip, Grid, Item, Recipe, Skipped


class BatchReader(Protocol):
    """What `training.engine.Reader` offers, and anything else that gives numbered batches."""

    def __len__(self) -> int:
        """Batches of an epoch."""

    def batches(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        """Batches `start`, `start + step` ... of an epoch."""

    def batch(self, epoch: int, number: int) -> Batch:
        """One batch of an epoch."""

    def chip(self, number: int, epoch: int = 0) -> Batch:
        """A batch of one chip, with the crop of this epoch."""


@dataclass(slots=True)
class Report:
    """What was read and what had to be left out, in this process."""

    read: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Counts a batch."""
        self.read += len(batch.index)
        self.skipped += batch.skipped


# processes that have read pixels: a fork after the decoder's threads ran can hang
_opened_in: set[int] = set()


def has_read() -> bool:
    """Whether this process has opened a reader."""
    return os.getpid() in _opened_in


class Source:
    """Batches of a lock with transforms; can be pickled, and opens its files again in each process.

    Attributes:
        lock: what is read.
        split: which part of it; all when empty.
        transforms: applied to each batch in order.
        report: what this process read and skipped.
    """

    def __init__(
        self,
        lock: Lock | str | Path,
        *,
        split: str = "",
        transforms: Sequence[Transform] = (),
        root: str | Path | Mapping[str, str | Path] | None = None,
        cache: str | Path | None = None,
        threads: int = 2,
        strict: bool = False,
        allow_private: bool | None = None,
        make: Callable[[], BatchReader] | None = None,
    ) -> None:
        """Names what is read; nothing is opened yet.

        Args:
            lock: a lock or the path of one.
            split: which part of it; all when empty.
            transforms: applied to each batch in order.
            root: folder or web folder of the files, one for each source id where there are several; as
                `Lock.read` finds it by default.
            cache: folder for fetched bytes and decoded chips; none by default.
            threads: reading threads.
            strict: stop at the first bad sample instead of leaving it out.
            allow_private: whether addresses of this machine and network may be read; by default where `root` names
                an address.
            make: gives the reader, in place of the engine's.

        Raises:
            NotFound: there is no such lock file.
            RecordError: it is no lock.
        """
        if isinstance(lock, (str, Path)):
            self.lock = Lock.read(lock, root=root)
        else:
            self.lock = lock if root is None else lock.at(root)
        self.split = split
        self.transforms = tuple(transforms)
        self.report = Report()
        self._cache = Path(cache) if cache else None
        hosts: bool | Collection[str] = names_web(root) if allow_private is None else allow_private
        self._allow_private = hosts
        self._threads, self._strict, self._make = threads, strict, make
        self._reader: tuple[int, BatchReader] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_reader": None, "report": Report()}

    @property
    def recipe(self) -> Recipe:
        """How chips are cut and batched."""
        return self.lock.recipe

    @property
    def reader(self) -> BatchReader:
        """The reader of this process."""
        process = os.getpid()
        if self._reader is None or self._reader[0] != process:
            self._reader = process, self._make() if self._make else self._open()
        return self._reader[1]

    def _open(self) -> BatchReader:
        from training.engine.reader import Reader
        from training.io import open_bytes

        _opened_in.add(os.getpid())
        data: Bytes = open_bytes(cache=self._cache, allow_private=self._allow_private)
        first = next(iter(self.lock.items), None)
        if first is not None and first.parts and first.parts[0].role == "series":
            from training.series import SeriesReader

            return SeriesReader(self.lock, data, split=self.split, cache=self._cache, strict=self._strict)
        return Reader(self.lock, data, split=self.split, threads=self._threads, cache=self._cache, strict=self._strict)

    def __len__(self) -> int:
        """Batches of an epoch."""
        return len(self.reader)

    def batches(self, epoch: int, start: int = 0, step: int = 1, stop: int | None = None) -> Iterator[Batch]:
        """Batches `start`, `start + step` ... before `stop`, transformed; also those of which all chips were bad.

        Raises:
            RasterError, FetchError: a bad sample in strict mode, or a transform that does not fit.
        """
        count = max(0, -(-((len(self) if stop is None else stop) - start) // step))
        if not count:
            return
        batches = self.reader.batches(epoch, start=start, step=step)
        try:
            for batch in islice(batches, count):
                self.report.add(batch)
                yield self.transformed(batch)
        finally:
            close = getattr(batches, "close", None)
            if close is not None:
                close()

    def filled(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        """The batches that hold at least one chip."""
        return (batch for batch in self.batches(epoch, start, step) if len(batch.index))

    def transformed(self, batch: Batch) -> Batch:
        """A batch after all transforms; an empty one stays as it is."""
        if len(batch.index):
            for transform in self.transforms:
                batch = transform(batch, self.recipe.seed)
        return batch

    def chip(self, number: int, epoch: int = 0) -> Batch:
        """One chip, transformed as in this epoch.

        Raises:
            RasterError, FetchError: in strict mode, it cannot be read; else the batch is empty.
        """
        batch = self.reader.chip(number, epoch)
        self.report.add(batch)
        return self.transformed(batch)

    def first(self, epoch: int = 0) -> Batch:
        """The first batch that holds chips: what shapes and types are told from.

        Raises:
            EarthdexError: there is none.
        """
        for batch in self.filled(epoch):
            return batch
        raise EarthdexError(
            f"No chip of the lock can be read{self.split and f' in split {self.split}'}.",
            "`report.skipped` tells why; check root and split.",
        )

    def grid(self, number: int, epoch: int = 0) -> Grid | None:
        """Where a chip's pixels lie; None where its item is not georeferenced.

        Raises:
            FetchError, RasterError: the header of its file cannot be read.
        """
        offered = getattr(self.reader, "grid", None)
        if offered is not None:
            found: Grid | None = offered(number, epoch)
            return found if found is not None and found.crs else None
        chip = self.lock.chip(number, epoch)
        grid = self.lock.items[chip.item].grid
        return window_grid(grid, chip) if grid is not None and grid.crs else None

    def item(self, number: int, epoch: int = 0) -> Item:
        """What a chip is cut from; the first scene of a series."""
        offered = getattr(self.reader, "item", None)
        if offered is not None:
            found: Item = offered(number)
            return found
        return self.lock.items[self.lock.chip(number, epoch).item]

    def times(self, number: int) -> tuple[str, ...]:
        """ISO 8601 times of a chip's images, one for each step of a series; empty where unknown."""
        offered = getattr(self.reader, "times", None)
        if offered is not None:
            return tuple(offered(number))
        time = self.item(number).time
        return (time,) if time else ()

    def channels(self) -> tuple[str, ...]:
        """Names of the channels after all transforms; empty where the lock knows none."""
        names = channel_names(self.lock)
        for transform in self.transforms:
            names = transform.names(names)
        return names


def window_grid(grid: Grid, chip: Chip) -> Grid:
    """The grid of a window of a grid."""
    a, b, c, d, e, f = grid.transform
    x, y = c + a * chip.column + b * chip.row, f + d * chip.column + e * chip.row
    return Grid(grid.crs, (a, b, x, d, e, y), chip.width or grid.width, chip.height or grid.height)


def channel_names(lock: Lock) -> tuple[str, ...]:
    """Names of the input channels of a lock; empty where they are not known."""
    item = next(iter(lock.items), None)
    parts = [part for part in item.parts if part.role not in TARGET_ROLES] if item else []
    if not parts or not all(part.names for part in parts):
        return ()
    names = tuple(name for part in parts for name in part.names)
    wanted = lock.recipe.bands
    if not wanted:
        return names
    return tuple(names[one - 1] if isinstance(one, int) else str(one) for one in wanted)
