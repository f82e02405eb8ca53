"""Torch batches of one dataset by name: the shortest way from the catalogue to a training loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from kg.describe import find
from kg.home import Home
from ontology.errors import EarthdexError, FetchError, NotFound
from training.adapters.source import Source
from training.adapters.torch_stream import Batches, TorchBatch
from training.distributions import LabelClass, identifier, label_classes
from training.engine.reader import Reader
from training.io import OpenBytes, open_bytes
from training.io.download import client
from training.io.listing import list_files
from training.layouts import read_layout
from training.select.choose import names_web
from training.select.lock import Lock
from training.select.selection import Selection
from training.select.selection import Source as Origin
from training.types import TARGET_ROLES, Item, Recipe

# what pixels without a class carry in the masks, as torch's losses are often told
IGNORE = -1


@dataclass(slots=True)
class Report:
    """What a stream read and what it had to leave out: href and reason of each skipped sample."""

    read: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)


class Stream(Batches):
    """An iterable of batches; each pass is one epoch, shuffled anew from (seed, epoch).

    A batch is a dict: `image` (batch, bands, height, width) in the file's type; `label` (batch,) int64 for chips or
    `mask` (batch, height, width) int64 for pairs; `valid` (batch, height, width) bool, False at nodata; `index`
    (batch,); `href` and `crs`, lists of text. It is a `Batches`: it can stand behind a `Loader`, resumes, and shares
    its batches among ranks.

    Attributes:
        classes: the dataset's label classes, from the graph.
        samples: all samples, in file order.
        lock: what is read, frozen.
    """

    def __init__(self, lock: Lock, source: Source) -> None:
        """Batches of a lock by a source that was made for it."""
        super().__init__(source)
        self.lock = lock
        self.classes: tuple[LabelClass, ...] = lock.classes
        self.samples: Sequence[Item] = lock.items

    @property
    def report(self) -> Report:  # type: ignore[override]  # older and plainer than that of other adapters
        """What was read and skipped so far in this process."""
        told = self.source.report
        return Report(told.read, [(one.href, one.reason) for one in told.skipped])

    def __iter__(self) -> Iterator[TorchBatch]:
        for batch in super().__iter__():
            numbers = batch["index"].tolist()
            items = [self.lock.items[self.lock.chip(number).item] for number in numbers]
            grids = [self.source.grid(number) for number in numbers]
            batch["href"] = [item.parts[0].href for item in items]
            batch["crs"] = [grid.crs if grid is not None else "" for grid in grids]
            if "mask" in batch:
                batch["mask"] = batch["mask"].long()
            yield batch


class _Bounded:
    """Bytes of files up to a size."""

    def __init__(self, data: OpenBytes, most: int) -> None:
        self._data, self._most = data, most

    def size(self, href: str) -> int:
        size = self._data.size(href)
        if size > self._most:
            raise FetchError(f"{href} is larger than {self._most:,} bytes.", "Raise max_bytes.")
        return size

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__dict__["_data"], name)


def _reader(lock: Lock, threads: int, strict: bool, max_bytes: int, hosts: frozenset[str]) -> Reader:
    data = _Bounded(open_bytes(allow_private=hosts), max_bytes)
    return Reader(lock, data, threads=threads, strict=strict)


def _selection(root: str | Path, home: Home, name: str, image: str, mask: str) -> Selection:
    iri, _ = find(home, name)
    with client() as http:
        files = list_files(root, http)
    patterns = {role: glob for role, glob in (("image", image), ("label", mask)) if glob}
    layout = read_layout(root, files, dataset=iri, classes=label_classes(home, name), patterns=patterns)
    for item in layout.items:
        images = [part for part in item.parts if part.role not in TARGET_ROLES]
        if len({part.role for part in images}) > 1:
            shown = ", ".join(part.href.rsplit("/", 1)[-1] for part in images)
            raise NotFound(f"Several images share one mask: {shown}.", "Say which: stream(..., image='S2/*.tif').")
    origin = Origin(iri, identifier(home, name), name, str(root))
    return Selection(name, home.version, (origin,), tuple(layout.items), layout.classes)


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
    if batch_size < 1 or threads < 1:
        raise EarthdexError("batch_size and threads must be at least 1.", "Give a positive number.")
    selection = _selection(root if root is not None else identifier(home, name), home, name, image, mask)
    recipe = Recipe(
        batch_size=batch_size,
        bands=tuple(bands or ()),
        shuffle=shuffle,
        seed=seed,
        drop_last=drop_last,
        ignore=IGNORE,
    )
    lock = Lock.freeze(selection, recipe)
    return Stream(lock, Source(lock, make=partial(_reader, lock, threads, strict, max_bytes, names_web(root))))
