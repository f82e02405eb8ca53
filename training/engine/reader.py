"""`Reader`: batches of a lock, the one thing that every adapter asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ontology.errors import FetchError, RasterError
from training.engine.cut import Cut, cut
from training.engine.planes import Headers, Source, resolve
from training.engine.targets import Scheme
from training.order import batch_numbers
from training.select.lock import Lock
from training.types import Batch, Bytes, Skipped
from training.windows import Ints

_MOST_TOLD = 10_000


@dataclass(slots=True)
class Report:
    """What became of the chips that were asked for.

    Attributes:
        read: chips that were given.
        skipped: those that could not be had; at most 10,000 are kept.
        skipped_count: how many there were.
        unknown: class values that the scheme does not have, with their pixels.
    """

    read: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0
    unknown: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """What all chips of a lock have in common: batches are made of nothing else.

    Attributes:
        channels: of the image.
        height: pixels.
        width: pixels.
        dtype: of the image.
        masked: whether there is a raster of class values.
        labelled: whether items have a class value.
    """

    channels: int
    height: int
    width: int
    dtype: np.dtype[np.generic]
    masked: bool
    labelled: bool


class Reader:
    """Batches of a lock's chips.

    Args:
        lock: what was frozen.
        data: where bytes come from.
        split: fold; all chips when empty.
        threads: that decode.
        cache: folder for decoded chips, used from the second epoch on; none by default.
        strict: raise at the first chip that cannot be had instead of leaving it out.
    """

    def __init__(
        self,
        lock: Lock,
        data: Bytes,
        *,
        split: str = "",
        threads: int = 2,
        cache: Path | None = None,
        strict: bool = False,
    ) -> None:
        self.lock, self.data, self.split, self.strict = lock, data, split, strict
        self.recipe = lock.recipe
        self.report = Report()
        self._threads, self._cache = max(1, threads), cache
        self._headers = Headers(data)
        self._scheme = Scheme([one.value for one in lock.classes], self.recipe.ignore)
        self._sources: dict[int, Source] = {}
        self._kind: Kind | None = None
        self._lock = threading.Lock()
        self._order: tuple[int, list[Ints]] | None = None

    def __len__(self) -> int:
        """Batches of an epoch."""
        chips, size = len(self.lock.numbers(self.split)), self.recipe.batch_size
        return chips // size if self.recipe.drop_last else -(-chips // size)

    def numbers(self, epoch: int) -> list[Ints]:
        """Chip numbers of each batch of an epoch."""
        if self._order is None or self._order[0] != epoch:
            self._order = (epoch, batch_numbers(self.lock, epoch=epoch, split=self.split))
        return self._order[1]

    def batches(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        """Batches `start`, `start + step` ... of an epoch.

        What a batch is meant to hold depends on lock, split, epoch and its number alone; nothing that comes before
        `start` is read.

        Raises:
            FetchError: in strict mode, bytes that cannot be had.
            RasterError: in strict mode, a chip that cannot be decoded; always where no item can be read.
        """
        for number in range(start, len(self.numbers(epoch)), step):
            yield self.batch(epoch, number)

    def batch(self, epoch: int, number: int) -> Batch:
        """One batch. Raises as `batches`."""
        return self._gathered(self.numbers(epoch)[number], epoch, number)

    def chip(self, number: int, epoch: int = 0) -> Batch:
        """One chip as a batch of one. Raises as `batches`."""
        return self._gathered(np.asarray([number], dtype=np.int64), epoch, -1)

    @property
    def kind(self) -> Kind:
        """What chips look like, after the first item that can be read.

        Raises:
            RasterError: no item can be read.
        """
        if self._kind is None:
            self._kind = self._found_kind()
        return self._kind

    def _found_kind(self) -> Kind:
        why = "it has no items"
        for at, item in enumerate(self.lock.items):
            try:
                source = self._source(at)
            except (FetchError, RasterError) as error:
                why = error.message
                continue
            size = self.recipe.size if self.recipe.sampling != "whole" else 0
            return Kind(
                source.channels,
                size or source.grid.height,
                size or source.grid.width,
                source.dtype,
                source.target is not None,
                item.label is not None,
            )
        raise RasterError(f"No item of the lock can be read: {why}", "See `earthdex plan` for what is unreachable.")

    def _source(self, at: int) -> Source:
        with self._lock:
            found = self._sources.get(at)
        if found is None:
            found = resolve(self.lock.items[at], self.recipe, self._headers)
            with self._lock:
                self._sources[at] = found
        return found

    def _gathered(self, numbers: Ints, epoch: int, number: int) -> Batch:
        kind, cuts, good, labels, skipped = self.kind, [], [], [], []
        for chip, (at, row, column, height, width) in zip(
            numbers.tolist(), self.lock.chips(numbers, epoch).tolist(), strict=True
        ):
            item = self.lock.items[at]
            try:
                source = self._source(at)
                if self.recipe.sampling == "whole" or not height:
                    height, width = source.grid.height, source.grid.width
                if (source.channels, height, width) != (kind.channels, kind.height, kind.width):
                    raise RasterError(f"{item.iri} has another size.", "Set size in the recipe.")
                one = cut(source, self.data, self.recipe, self._scheme, row, column, height, width)
            except (FetchError, RasterError) as error:
                if self.strict:
                    raise
                skipped.append(Skipped(item.iri, item.parts[0].href if item.parts else "", error.message))
                continue
            cuts.append(one)
            good.append(chip)
            labels.append(-1 if item.label is None else item.label)
        self.report.read += len(good)
        self.report.skipped += skipped
        self.report.skipped_count += len(skipped)
        return _stacked(cuts, kind, good, labels, epoch, number, skipped, self._scheme)


def _stacked(
    cuts: list[Cut],
    kind: Kind,
    good: list[int],
    labels: list[int],
    epoch: int,
    number: int,
    skipped: list[Skipped],
    scheme: Scheme,
) -> Batch:
    image = np.empty((len(cuts), kind.channels, kind.height, kind.width), dtype=kind.dtype)
    valid = np.empty((len(cuts), kind.height, kind.width), dtype=bool)
    mask = np.full(valid.shape, scheme.ignore, dtype=scheme.dtype) if kind.masked else None
    for at, one in enumerate(cuts):
        image[at], valid[at] = one.image, one.valid
        if mask is not None and one.mask is not None:
            mask[at] = one.mask
    return Batch(
        image,
        valid,
        np.asarray(good, dtype=np.int64),
        np.asarray(labels, dtype=np.int64) if kind.labelled else None,
        mask,
        None,
        epoch,
        number,
        skipped,
    )
