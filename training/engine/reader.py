"""`Reader`: batches of a lock, the one thing that every adapter asks."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ontology.errors import FetchError, RasterError
from training.engine.ahead import Ahead, remote
from training.engine.cache import ChipCache
from training.engine.cut import cut
from training.engine.fill import Failures, Slot, fill
from training.engine.flow import Flow, plan
from training.engine.planes import Headers, Source, resolve
from training.engine.report import Kind, Report
from training.engine.ring import Open, Ring
from training.engine.targets import Scheme
from training.engine.vectors import Vectors
from training.order import batch_numbers, chip_cells
from training.select.lock import Lock
from training.types import Batch, Bytes, Grid, Item, Skipped
from training.windows import Ints

_HELD_SOURCES = 8_192
# batches begun before they are wanted, and for servers the least of cells asked for at a time
_AHEAD, _AHEAD_REMOTE, _ASKING = 4, 8, 16


class Reader:
    """Batches of a lock's chips.

    It may be pickled and sent to workers, or be used after a fork: threads are started where it is used.

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
        self.threads, self.cache = max(1, threads), cache
        self.recipe = lock.recipe
        self.report = Report()
        self._kind: Kind | None = None
        self._order: tuple[int, list[Ints]] | None = None
        self._start()

    def _start(self) -> None:
        """What belongs to one process."""
        self._process = os.getpid()
        self._files = Ahead(self.data)
        self._headers = Headers(self._files, _HELD_SOURCES)
        self._scheme = Scheme([one.value for one in self.lock.classes], self.recipe.ignore)
        self._sources: OrderedDict[int, Source] = OrderedDict()
        self._items: OrderedDict[int, Item] = OrderedDict()
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._ring: Ring | None = None
        self._drawn: Vectors | None = None
        self._chips: ChipCache | None = None

    def __getstate__(self) -> dict[str, Any]:
        names = ("lock", "data", "split", "strict", "threads", "cache", "recipe", "_kind")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.report, self._order = Report(), None
        self._start()

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
        `start` is read. A batch's arrays are its own for as long as it, or anything made from them, is held.

        Raises:
            FetchError: in strict mode, bytes that cannot be had.
            RasterError: in strict mode, a chip that cannot be decoded; always where no item can be read.
        """
        yield from self._flow(epoch, range(start, len(self.numbers(epoch)), step))

    def batch(self, epoch: int, number: int) -> Batch:
        """One batch. Raises as `batches`."""
        return next(self._flow(epoch, range(number, number + 1)))

    def chip(self, number: int, epoch: int = 0) -> Batch:
        """One chip as a batch of one, without threads. Raises as `batches`."""
        self._mine()
        chips = np.asarray([number], dtype=np.int64)
        one = self._rings().open(-1, chips)
        at, row, column, height, width = self._rows(chips, epoch)[0].tolist()
        try:
            found = cut(self._checked(at), self.data, self.recipe, self._scheme, row, column, height, width)
            one.image[0], one.valid[0] = found.image, found.valid
            if one.mask is not None and found.mask is not None:
                one.mask[0] = found.mask
            elif one.mask is not None and self._checked(at).vector is not None:
                one.mask[0] = self._vectors().mask(self._checked(at), row, column, height, width)
        except (FetchError, RasterError) as error:
            item = self.lock.items[at]
            one.failed[0] = Skipped(item.iri, item.parts[0].href if item.parts else "", error.message)
            one.errors[0] = error
        return self._closed(one, epoch)

    def grid(self, number: int, epoch: int = 0) -> Grid:
        """Where the pixels of a chip lie; its CRS is empty where the item is not georeferenced. Raises as `batches`."""
        self._mine()
        at, row, column, height, width = self._rows(np.asarray([number], dtype=np.int64), epoch)[0].tolist()
        found = self._source(at).grid
        a, b, c, d, e, f = found.transform
        corner = (a, b, c + a * column + b * row, d, e, f + d * column + e * row)
        return Grid(found.crs, corner, width, height)

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
                source.target is not None or source.vector is not None,
                item.label is not None,
                source.vector is not None,
            )
        raise RasterError(f"No item of the lock can be read: {why}", "See `earthdex plan` for what is unreachable.")

    def _mine(self) -> None:
        """Threads and locks do not outlive a fork."""
        if self._process != os.getpid():
            self._start()

    def _rings(self) -> Ring:
        if self._ring is None:
            self._ring = Ring(self.kind, self.recipe.batch_size, self.recipe.ignore, self._scheme.dtype)
        return self._ring

    def _rows(self, chips: Ints, epoch: int) -> Ints:
        rows = self.lock.chips(chips, epoch)
        if self.recipe.sampling == "whole" or not self.recipe.size:
            rows[:, 3], rows[:, 4] = self.kind.height, self.kind.width
        return rows

    def _flow(self, epoch: int, wanted: Sequence[int]) -> Iterator[Batch]:
        self._mine()
        every = self.numbers(epoch)
        batches = [every[number] for number in wanted]
        if not batches:
            return
        chips = np.concatenate(batches)
        planned = plan(list(wanted), batches, self._rows(chips, epoch), chip_cells(self.lock, chips, epoch))
        cache = self._cached()
        parts = self.lock.items[int(planned.rows[0, 0])].parts
        away = bool(parts) and remote(parts[0].href)
        if self._pool is None:
            # those who wait for a server do not decode
            threads = max(self.threads, _ASKING) if away else self.threads
            self._pool = ThreadPoolExecutor(threads, thread_name_prefix="earthdex-decode")
        files = self._files if self.recipe.sampling == "whole" else None
        ahead = _AHEAD_REMOTE if away else _AHEAD
        flow = Flow(planned, self._rings(), self._item, self._work, self._pool, ahead, cache, files)
        # what the epoch before needed in all is enough
        self._rings().trim()
        for one in flow:
            yield self._closed(one, epoch)
        if cache is not None:
            self.report.cache = cache.full
            cache.finish()

    def _cached(self) -> ChipCache | None:
        """The cache of decoded chips; random crops are new in each epoch and have none."""
        if self.cache is None or self.recipe.sampling == "random":
            return None
        if self._chips is None:
            self._chips = ChipCache(self.cache, self.lock.digest, self.kind, self._scheme.dtype, self.lock.count)
        return self._chips

    def _work(self, at: int, slots: Sequence[Slot]) -> Failures:
        source = self._checked(at)
        failures = fill(source, slots, self._files, self.recipe.resampling, self._scheme)
        if source.target is None and source.vector is not None:
            self._vectors().fill(source, slots, failures)
        return failures

    def _vectors(self) -> Vectors:
        with self._lock:
            if self._drawn is None:
                self._drawn = Vectors(self.data, self.lock.classes, self.recipe.ignore, self._scheme.dtype)
            return self._drawn

    def _boxes(self, rows: Ints) -> list[npt.NDArray[np.float32]] | None:
        """Boxes of chips (item, row, column, height, width) in their own pixels; None where there are none at all."""
        if not self.kind.boxed:
            return None
        found = []
        for at, row, column, height, width in rows.tolist():
            source = self._source(at)
            inside = source.vector is not None
            one = self._vectors().boxes(source, row, column, height, width) if inside else np.zeros((0, 5), np.float32)
            found.append(one)
        return found

    def _source(self, at: int) -> Source:
        with self._lock:
            found = self._sources.get(at)
        if found is None:
            found = resolve(self._item(at), self.recipe, self._headers)
            with self._lock:
                self._sources[at] = found
                while len(self._sources) > _HELD_SOURCES:
                    self._sources.popitem(last=False)
        return found

    def _item(self, at: int) -> Item:
        """An item; the last ones are held, since making one from the lock's columns takes as long as reading it."""
        with self._lock:
            found = self._items.get(at)
        if found is None:
            found = self.lock.items[at]
            with self._lock:
                self._items[at] = found
                while len(self._items) > 1024:
                    self._items.popitem(last=False)
        return found

    def _checked(self, at: int) -> Source:
        """An item whose chips are like the others. Raises RasterError where they are not."""
        source, kind = self._source(at), self.kind
        whole = self.recipe.sampling == "whole" or not self.recipe.size
        size = (source.grid.height, source.grid.width) if whole else (kind.height, kind.width)
        if (source.channels, *size) != (kind.channels, kind.height, kind.width) or source.dtype != kind.dtype:
            raise RasterError(
                f"{source.planes[0].header.href} is {source.channels} x {size[0]} x {size[1]} {source.dtype}, "
                f"the others {kind.channels} x {kind.height} x {kind.width} {kind.dtype}.",
                "Set size, bands or dtype in the recipe.",
            )
        if kind.masked and source.target is None and source.vector is None:
            raise RasterError(f"{source.item.iri} has no labels, the others have.", "Leave it out.")
        return source

    def _closed(self, one: Open, epoch: int) -> Batch:
        """A filled batch without the chips that failed."""
        rows = self._rows(one.chips, epoch)
        # most chips have a valid pixel in the middle
        for at in np.flatnonzero(~one.valid[:, one.valid.shape[1] // 2, one.valid.shape[2] // 2]).tolist():
            if at not in one.failed and not one.valid[at].any():
                item = self.lock.items[int(rows[at, 0])]
                error = RasterError(f"{item.iri} has no valid pixel at {rows[at, 2]}, {rows[at, 1]}.", "Leave it out.")
                one.failed[at] = Skipped(item.iri, item.parts[0].href if item.parts else "", error.message)
                one.errors[at] = error
        if one.failed and self.strict:
            raise one.errors[min(one.failed)]
        skipped = [one.failed[at] for at in sorted(one.failed)]
        keep = np.asarray([at for at in range(len(one.chips)) if at not in one.failed], dtype=np.int64)
        image, valid, mask, index = one.image, one.valid, one.mask, one.chips
        if skipped:
            image, valid, index = image[keep], valid[keep], index[keep]
            mask = None if mask is None else mask[keep]
        labels = None
        if self.kind.labelled:
            labels = np.asarray([self._label(at) for at in rows[keep, 0].tolist()], dtype=np.int64)
        self.report.add(len(keep), skipped)
        self.report.unknown = dict(self._scheme.unknown)
        boxes = self._boxes(rows[keep])
        if self._drawn is not None:
            self.report.strange = dict(self._drawn.unknown)
        return Batch(image, valid, index, labels, mask, boxes, epoch, one.number, skipped)

    def _label(self, at: int) -> int:
        label = self.lock.items.label[at]
        return self.recipe.ignore if label is None else int(label)
