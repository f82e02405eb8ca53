"""Torch batches from chips and image + mask pairs, with the label classes of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kg.home import Home
from ontology.errors import EarthdexError, FetchError, RasterError
from training.distributions import LabelClass, identifier, label_classes
from training.io.download import client
from training.io.listing import list_files
from training.raster import read_bytes, read_raster
from training.samples import Sample, find_samples

Batch = dict[str, Any]


@dataclass(slots=True)
class Report:
    """What a stream read and what it had to leave out: href and reason of each skipped sample."""

    read: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Read:
    image: torch.Tensor
    target: torch.Tensor
    valid: torch.Tensor
    href: str
    crs: str


class Stream(torch.utils.data.IterableDataset[Batch]):
    """An iterable of batches; each pass is one epoch, shuffled anew from (seed, epoch).

    A batch is a dict: `image` (batch, bands, height, width) in the file's type; `label` (batch,) int64 for chips or
    `mask` (batch, height, width) int64 for pairs; `valid` (batch, height, width) bool, False at nodata; `href` and
    `crs`, lists of text. It can stand behind a DataLoader with `batch_size=None`; its own threads make `num_workers=0`
    the fast choice. Workers are copies: call `set_epoch` before each pass for a new order.

    Attributes:
        classes: the dataset's label classes, from the graph.
        samples: all samples, in file order.
        report: what was read and skipped so far.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        classes: Sequence[LabelClass],
        *,
        batch_size: int,
        bands: Sequence[int] | None,
        shuffle: bool,
        seed: int,
        strict: bool,
        threads: int,
        max_bytes: int,
        drop_last: bool,
    ) -> None:
        if batch_size < 1 or threads < 1:
            raise EarthdexError("batch_size and threads must be at least 1.", "Give a positive number.")
        self.samples = tuple(samples)
        self.classes = tuple(classes)
        self.report = Report()
        self.epoch = 0
        self._batch_size = batch_size
        self._bands = tuple(bands) if bands else None
        self._shuffle = shuffle
        self._seed = seed
        self._strict = strict
        self._threads = threads
        self._max_bytes = max_bytes
        self._drop_last = drop_last

    def __len__(self) -> int:
        """Batches of an epoch in which no sample is skipped."""
        whole, rest = divmod(len(self.samples), self._batch_size)
        return whole if self._drop_last or not rest else whole + 1

    def set_epoch(self, epoch: int) -> None:
        """Chooses the order of the next pass."""
        self.epoch = epoch

    def _order(self) -> list[int]:
        order = np.arange(len(self.samples))
        if self._shuffle:
            np.random.default_rng([self._seed, self.epoch]).shuffle(order)
        numbers = [int(number) for number in order]
        worker = torch.utils.data.get_worker_info()
        if worker is None:
            return numbers
        # behind DataLoader workers each takes its share of whole batches, so that every sample comes once
        batches = [numbers[at : at + self._batch_size] for at in range(0, len(numbers), self._batch_size)]
        return [number for batch in batches[worker.id :: worker.num_workers] for number in batch]

    def _read_one(self, sample: Sample, http: Any) -> _Read:  # noqa: ANN401
        image = read_raster(read_bytes(sample.image, http, self._max_bytes), sample.image, bands=self._bands)
        if sample.mask:
            mask = read_raster(read_bytes(sample.mask, http, self._max_bytes), sample.mask, bands=[1])
            if mask.values.shape[1:] != image.values.shape[1:]:
                raise RasterError(
                    f"{sample.mask} is {mask.values.shape[2]} x {mask.values.shape[1]} pixels, its image "
                    f"{image.values.shape[2]} x {image.values.shape[1]}.",
                    "Image and mask must have the same grid.",
                )
            if mask.bounds and image.bounds and not _overlap(mask.bounds, image.bounds) and mask.crs == image.crs:
                raise RasterError(f"{sample.mask} lies elsewhere than its image.", "Check which mask belongs to it.")
            target = torch.from_numpy(mask.values[0].astype(np.int64))
        else:
            target = torch.tensor(sample.label, dtype=torch.int64)
        if not image.valid.any():
            raise RasterError(f"{sample.image} holds nothing but nodata.", "Leave it out.")
        pixels = torch.from_numpy(np.ascontiguousarray(image.values))
        return _Read(pixels, target, torch.from_numpy(image.valid), sample.image, image.crs)

    def _reads(self) -> Iterator[_Read]:
        """Samples in order, read ahead by a few batches in threads; bad ones are left out and reported."""
        ahead = max(2 * self._batch_size, 2 * self._threads)
        with client() as http, ThreadPoolExecutor(self._threads, thread_name_prefix="earthdex-read") as pool:
            waiting: list[tuple[Sample, Future[_Read]]] = []
            order = iter(self._order())
            try:
                while True:
                    while len(waiting) < ahead and (number := next(order, None)) is not None:
                        sample = self.samples[number]
                        waiting.append((sample, pool.submit(self._read_one, sample, http)))
                    if not waiting:
                        return
                    sample, future = waiting.pop(0)
                    read = self._result(sample, future)
                    if read is not None:
                        yield read
            finally:
                for _, future in waiting:
                    future.cancel()

    def _result(self, sample: Sample, future: Future[_Read]) -> _Read | None:
        try:
            read = future.result()
        except (RasterError, FetchError) as error:
            if self._strict:
                raise
            self.report.skipped.append((sample.image, error.message))
            return None
        self.report.read += 1
        return read

    def _batch(self, reads: list[_Read]) -> Batch:
        target = "mask" if reads[0].target.ndim else "label"
        return {
            "image": torch.stack([one.image for one in reads]),
            target: torch.stack([one.target for one in reads]),
            "valid": torch.stack([one.valid for one in reads]),
            "href": [one.href for one in reads],
            "crs": [one.crs for one in reads],
        }

    def __iter__(self) -> Iterator[Batch]:
        shape: tuple[torch.Size, torch.dtype] | None = None
        held: list[_Read] = []
        for read in self._reads():
            kind = (read.image.shape, read.image.dtype)
            shape = shape or kind
            if kind != shape:
                message = f"{read.href} is {tuple(kind[0])} {kind[1]}, the others {tuple(shape[0])} {shape[1]}."
                if self._strict:
                    raise RasterError(message, "Stream one size and type at a time.")
                self.report.read -= 1
                self.report.skipped.append((read.href, message))
                continue
            held.append(read)
            if len(held) == self._batch_size:
                yield self._batch(held)
                held = []
        if held and not self._drop_last:
            yield self._batch(held)
        self.epoch += 1


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def stream(
    name: str,
    *,
    home: Home,
    root: str | Path | None = None,
    batch_size: int = 32,
    bands: Sequence[int] | None = None,
    image: str = "",
    mask: str = "",
    shuffle: bool = True,
    seed: int = 0,
    strict: bool = False,
    threads: int = 2,
    max_bytes: int = 1 << 30,
    drop_last: bool = False,
) -> Stream:
    """Training batches of a dataset.

    Args:
        name: the dataset; its classes come from the graph.
        home: the catalogue.
        root: folder or http(s) folder of its files; `./<dataset id>`, where `earthdex fetch` puts them, by
            default.
        batch_size: samples a batch.
        bands: 1-based bands in the wanted order; all by default.
        image: glob that tells images, where names alone do not (`S2/*_S2Hand.tif`).
        mask: glob that tells masks.
        shuffle: a new order each epoch, the same for the same seed.
        seed: of the order.
        strict: stop at the first bad sample instead of skipping and reporting it.
        threads: reading threads.
        max_bytes: most bytes of one file.
        drop_last: leave out a last batch that is not full.

    Raises:
        NotFound: no such dataset, folder, class or pair.
        FetchError: the files cannot be listed.
        RasterError: in strict mode, a bad sample.
    """
    classes = label_classes(home, name)
    place = root if root is not None else identifier(home, name)
    with client() as http:
        files = list_files(place, http)
    samples = find_samples(place, files, classes, image=image, mask=mask)
    return Stream(
        samples,
        classes,
        batch_size=batch_size,
        bands=bands,
        shuffle=shuffle,
        seed=seed,
        strict=strict,
        threads=threads,
        max_bytes=max_bytes,
        drop_last=drop_last,
    )
