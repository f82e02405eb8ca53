"""Batches of pixel series from a lock: what `training.engine.Reader` is for chips."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ontology.errors import DiskFull, EarthdexError, FetchError, NotFound, SeriesError
from training.distributions import LabelClass
from training.order import mixed
from training.select.lock import Lock
from training.series.table import SUFFIX, Ints, SeriesTable
from training.series.tables import SUFFIXES, convert_table
from training.types import Batch, Bytes, Grid, Item, Part, Skipped

_BLOCK = 8 << 20
_MOST_TOLD = 10_000


def series_items(
    hrefs: Sequence[str], *, dataset: str, data: Bytes, cache: Path | None = None, classes: Sequence[LabelClass] = ()
) -> list[Item]:
    """An item for each table of series; a series is a chip of one pixel, its row in the table is its row.

    A recipe for them has `sampling="grid", size=1`.

    Args:
        hrefs: tables as `SeriesWriter` makes them; CSV, Parquet and Arrow tables are converted into `cache`.
        dataset: IRI.
        data: where bytes come from.
        cache: folder for what is fetched and converted.
        classes: the scheme, for labels that are names.

    Raises:
        FetchError: one cannot be had.
        SeriesError: one is no table of series.
    """
    items = []
    for href in hrefs:
        table = open_table(href, data, cache, classes)
        stem = href.rsplit("/", 1)[-1].removesuffix(SUFFIX)
        items.append(
            Item(
                iri=f"{dataset}/item/{stem}",
                dataset=dataset,
                parts=(Part("series", href, names=table.shape.channels),),
                time=table.shape.dates[0] if table.shape.dates else "",
                grid=Grid("", (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1, len(table)),
                scene=stem,
            )
        )
    return items


def open_table(
    href: str, data: Bytes, cache: Path | None, classes: Sequence[LabelClass] = (), clear: Sequence[int] = (0,)
) -> SeriesTable:
    """A table of series, fetched or converted first where need be; once for each version of its source.

    Args:
        href: of the table.
        data: where bytes come from.
        cache: folder for what is fetched and converted.
        classes: the scheme, for labels that are names.
        clear: values of a flag column that mean that a step is good.

    Raises:
        FetchError: it cannot be had, or there is no folder to keep it in.
        SeriesError: it is no table of series.
        DiskFull: no space left.
    """
    remote = "://" in href or "!/" in href
    if not remote and href.endswith(SUFFIX):
        data.size(href)  # within the root, and a file
        return SeriesTable(Path(href))
    if cache is None:
        raise FetchError(f"{href[:200]} must be converted first.", "Give a cache folder.")
    suffix = SUFFIX if href.endswith(SUFFIX) else "." + href.split("?", 1)[0].rsplit(".", 1)[-1].lower()
    if suffix not in (SUFFIX, *SUFFIXES):
        raise SeriesError(f"{href[:200]} is no table of a known kind.", f"Known: {', '.join((SUFFIX, *SUFFIXES))}.")
    scheme = repr([(one.name, one.value) for one in classes]) + repr(tuple(clear))
    version = f"{href}\0{data.validator(href)}\0{data.size(href)}\0{scheme}"
    folder = cache / "series"
    target = folder / f"{hashlib.blake2b(version.encode(), digest_size=16).hexdigest()}{SUFFIX}"
    if target.exists():
        return SeriesTable(target)
    source = (
        Path(href) if not remote else _fetched(href, data, target.with_name(f"{target.name}.{os.getpid()}{suffix}"))
    )
    try:
        if suffix == SUFFIX:
            os.replace(source, target)
        else:
            convert_table(source, target, classes=classes, clear=clear)
    finally:
        if remote:
            source.unlink(missing_ok=True)
    return SeriesTable(target)


def _fetched(href: str, data: Bytes, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            size = data.size(href)
            for start in range(0, size, _BLOCK):
                out.write(data.read(href, start, min(_BLOCK, size - start)))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise DiskFull(
            f"{href[:200]} cannot be kept in {path.parent}: {error.strerror}.", "Free some space."
        ) from error
    return path


class SeriesReader:
    """Batches of the series of a lock: images (n, channels, steps), valid (n, steps), labels (n,).

    Every series is read by its row, so an epoch is shuffled fully. Series of tables with fewer steps end in steps that
    are not valid. May be pickled.

    Args:
        lock: of items as `series_items` makes them.
        data: where bytes come from.
        split: fold; all series when empty.
        cache: folder for what is fetched and converted.
        strict: raise where a table cannot be had instead of leaving its series out.
    """

    def __init__(
        self, lock: Lock, data: Bytes, *, split: str = "", cache: Path | None = None, strict: bool = False
    ) -> None:
        self.lock, self.data, self.split, self.cache, self.strict = lock, data, split, cache, strict
        self.read = 0
        self.skipped: list[Skipped] = []
        self._tables: dict[int, tuple[SeriesTable, Ints] | Skipped] = {}
        self._opening = threading.Lock()
        self._order: tuple[int, Ints] | None = None
        self._kind: tuple[tuple[str, ...], int, np.dtype[np.generic]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("lock", "data", "split", "cache", "strict")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def __len__(self) -> int:
        """Batches of an epoch."""
        count, size = len(self.lock.numbers(self.split)), self.lock.recipe.batch_size
        return count // size if self.lock.recipe.drop_last else -(-count // size)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the bands. Raises NotFound where no table can be read."""
        return self._shape()[0]

    @property
    def steps(self) -> int:
        """Points in time of a batch. Raises NotFound where no table can be read."""
        return self._shape()[1]

    def times(self, number: int) -> tuple[str, ...]:
        """ISO days of a series' steps; empty where unknown."""
        found = self._table(self.lock.chip(number).item)
        return () if isinstance(found, Skipped) else found[0].shape.dates

    def batches(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        """Batches `start`, `start + step` ... of an epoch.

        Raises:
            FetchError, SeriesError: in strict mode, a table that cannot be had.
            NotFound: no table can be read.
        """
        for number in range(start, len(self), step):
            yield self.batch(epoch, number)

    def batch(self, epoch: int, number: int) -> Batch:
        """One batch. Raises as `batches`."""
        size = self.lock.recipe.batch_size
        return self._gather(self._numbers(epoch)[number * size : (number + 1) * size], epoch, number)

    def chip(self, number: int, epoch: int = 0) -> Batch:
        """One series as a batch of one. Raises as `batches`."""
        return self._gather(np.asarray([number], np.int64), epoch, -1)

    def _numbers(self, epoch: int) -> Ints:
        if self._order is None or self._order[0] != epoch:
            numbers = self.lock.numbers(self.split)
            if self.lock.recipe.shuffle:
                numbers = numbers[mixed(np.zeros(len(numbers), np.int64), self.lock.recipe.seed, epoch, 0)]
            self._order = epoch, numbers
        return self._order[1]

    def _shape(self) -> tuple[tuple[str, ...], int, np.dtype[np.generic]]:
        """Channels, steps and type of all tables together."""
        if self._kind is None:
            found = [self._table(item) for item in range(len(self.lock.items))]
            shapes = [one[0].shape for one in found if not isinstance(one, Skipped)]
            if not shapes:
                why = next((one.reason for one in found if isinstance(one, Skipped)), "there is none")
                raise NotFound(f"No table of series can be read: {why}", "Check root and cache of the lock.")
            dtype: np.dtype[np.generic] = np.result_type(*(one.dtype for one in shapes))
            # int16 and uint16 together would become int32, which no network wants either
            dtype = np.dtype(np.float32) if dtype.itemsize > 2 else dtype
            self._kind = shapes[0].channels, max(one.steps for one in shapes), dtype
        return self._kind

    def _table(self, item: int) -> tuple[SeriesTable, Ints] | Skipped:
        """An item's table and labels, or why it cannot be had."""
        with self._opening:
            found = self._tables.get(item)
            if found is None:
                found = self._tables[item] = self._opened(item)
            return found

    def _opened(self, item: int) -> tuple[SeriesTable, Ints] | Skipped:
        one = self.lock.items[item]
        href = one.parts[0].href if one.parts else ""
        try:
            table = open_table(href, self.data, self.cache, self.lock.classes)
            first = self._tables.get(0)
            if isinstance(first, tuple) and first[0].shape.channels != table.shape.channels:
                raise SeriesError(f"{href[:200]} has other bands than the first table.", "Leave it out.")
            labels = table.labels(self.lock.recipe.ignore)
            known = [each.value for each in self.lock.classes]
            if known:
                labels = np.where(np.isin(labels, known), labels, self.lock.recipe.ignore)
            return table, labels
        except EarthdexError as error:
            if self.strict:
                raise
            return Skipped(one.iri, href, error.message)

    def _gather(self, numbers: Ints, epoch: int, number: int) -> Batch:
        channels, steps, dtype = self._shape()
        rows = self.lock.chips(numbers, epoch)
        items, place = rows[:, 0], rows[:, 1]
        first = self._table(int(items[0])) if len(items) else None
        skipped: list[Skipped] = []
        alone = bool(len(items)) and bool((items == items[0]).all())
        if alone and isinstance(first, tuple) and first[0].shape.steps == steps and first[0].shape.dtype == dtype:
            table, every = first
            image, valid = np.empty((len(items), len(channels), steps), dtype), np.empty((len(items), steps), np.bool_)
            table.take(place, image, valid)
            labels = every[place]
        else:
            image, valid = np.zeros((len(items), len(channels), steps), dtype), np.zeros((len(items), steps), np.bool_)
            labels = np.full(len(items), self.lock.recipe.ignore, np.int64)
            keep = np.ones(len(items), np.bool_)
            for item in np.unique(items).tolist():
                where = np.flatnonzero(items == item)
                found = self._table(item)
                if isinstance(found, Skipped):
                    keep[where] = False
                    skipped += [found] * len(where)
                    continue
                width = found[0].shape.steps
                part, good = np.empty((len(where), len(channels), width), found[0].shape.dtype), None
                good = np.empty((len(where), width), np.bool_)
                found[0].take(place[where], part, good)
                image[where, :, :width], valid[where, :width], labels[where] = part, good, found[1][place[where]]
            if skipped:
                image, valid, labels, numbers = image[keep], valid[keep], labels[keep], numbers[keep]
        self.read += len(numbers)
        self.skipped += skipped[: max(0, _MOST_TOLD - len(self.skipped))]
        return Batch(image, valid, numbers, labels, None, None, epoch, number, skipped)
