"""What the stages of a training stream hand to one another: parts, items, recipes, chips and batches.

A `Selection` holds `Item`s (groups of files on one grid); a `Recipe` says how chips are cut from them and made alike;
a `Lock` freezes both. Chips are numbered 0..n-1 by the lock alone, so every adapter, worker and rank means the same
pixels by the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError

Array = npt.NDArray[np.generic]
Sampling = Literal["whole", "grid", "random"]

# roles that give targets; every other role gives input channels, in the order of the item's parts
TARGET_ROLES = ("label", "vector")


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a raster's pixels lie.

    Attributes:
        crs: `EPSG:32633`, or WKT where there is no code; empty where unknown.
        transform: (a, b, c, d, e, f) of x = a * column + b * row + c, y = d * column + e * row + f, in CRS units,
            for the upper left corner of a pixel (as rasterio's Affine).
        width, height: in pixels.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an item.

    Attributes:
        role: `image`, `s1`, `s2`, `label` (a raster of class values), `vector` (GeoJSON or COCO labels) ...
        href: a path, an http(s) or s3 URL, or `archive!/member` of a zip or tar.
        bands: 1-based bands in the wanted order; all when empty.
        names: names of these bands (`B04`), as far as known.
        checksum: `sha256:<hex>`, `md5:<hex>` or `etag:<value>`; empty where unknown.
        size: bytes; -1 where unknown.
        scale, offset: physical value = stored * scale + offset, where the source says so (STAC raster:bands,
            Sentinel-2 processing baseline 04.00 and later).
        nodata: value that means nothing was measured; None: as the file says.
    """

    role: str
    href: str
    bands: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    checksum: str = ""
    size: int = -1
    scale: float = 1.0
    offset: float = 0.0
    nodata: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Files that show one place at one time on one grid, with their target: what chips are cut from.

    Attributes:
        iri: of the item; `<dataset>/item/<path>` where the publisher gives none.
        dataset: IRI of the data set or collection.
        parts: image parts first, in channel order, then targets. Empty for rows of a table.
        label: class value of the whole item (chips in class folders); None where pixels or boxes are labelled.
        fold: the publisher's split (`train`, `validation`, `test`), empty where none.
        time: ISO 8601 instant or day; empty where unknown.
        bbox: (west, south, east, north) in degrees, CRS84; west > east across the antimeridian; None where unknown.
        grid: of the image part with the most pixels, where known before headers are read: the chip grid, unless the
            recipe says otherwise.
        scene: what it was cut from (tile, product or parent raster), for splits and leakage; empty where unknown.
        country: ISO 3166-1 alpha-2, empty where unknown.
        block: side in pixels of the squares, counted from the upper left corner, that hold whole blocks of every file;
            0 where unknown, or where files have none.
    """

    iri: str
    dataset: str
    parts: tuple[Part, ...]
    label: int | None = None
    fold: str = ""
    time: str = ""
    bbox: tuple[float, float, float, float] | None = None
    grid: Grid | None = None
    scene: str = ""
    country: str = ""
    block: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How chips are cut from items and made alike; part of the lock.

    Attributes:
        sampling: `whole` (an item is a chip), `grid` (windows every `stride` pixels) or `random` (`per_epoch` crops).
        size: chip height and width in pixels; 0 for whole items.
        stride: pixels between windows of a grid; `size` when 0.
        per_epoch: random crops of an epoch; as many as a grid would give when 0.
        bands: names or 1-based numbers of the wanted bands in order; all when empty.
        dtype: of the pixels in a batch; the files' own when empty.
        crs, resolution: the grid that everything is brought to (CRS as in `Grid.crs`, metres or CRS units a pixel);
            each item's own when empty and 0.
        resampling: `nearest`, `bilinear`, `cubic` or `average`, for images; targets always use nearest.
        calibrate: whether scale and offset of the parts are applied (gives float32).
        ignore: target value where nothing is labelled or the value is not in the scheme.
        batch_size, seed, shuffle, drop_last: of batches.
        window: chips whose order is mixed among blocks; larger mixes better and holds more memory.
    """

    sampling: Sampling = "whole"
    size: int = 0
    stride: int = 0
    per_epoch: int = 0
    bands: tuple[str | int, ...] = ()
    dtype: str = ""
    crs: str = ""
    resolution: float = 0.0
    resampling: str = "bilinear"
    calibrate: bool = False
    ignore: int = 255
    batch_size: int = 32
    seed: int = 0
    shuffle: bool = True
    drop_last: bool = False
    window: int = 1024


@dataclass(frozen=True, slots=True)
class Chip:
    """Where chip `number` is cut: an item and a window (row, column, height, width) on the item's chip grid."""

    number: int
    item: int
    row: int = 0
    column: int = 0
    height: int = 0
    width: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A chip that could not be had: its item, the file and why."""

    iri: str
    href: str
    reason: str


@dataclass(slots=True)
class Batch:
    """Chips as arrays.

    Skipped chips are left out, so a batch may be shorter than `batch_size`; which chips a batch was meant to hold
    depends on the lock, epoch and number alone.

    Attributes:
        image: (n, channels, height, width); (n, channels, time) for pixel series; (n, time, channels, height, width)
            for series of scenes.
        valid: (n, height, width) bool ((n, time) for pixel series), False at nodata and NaN.
        label: (n,) int64 class values, or None.
        mask: (n, height, width) uint8 or int16 class values, `ignore` where nothing is labelled, or None.
        boxes: for each chip (k, 5) float32: left, top, right, bottom in pixels, class value; or None.
        index: (n,) int64 numbers of the chips.
        epoch, number: which batch of which epoch.
        skipped: what is missing from this batch.
    """

    image: Array
    valid: npt.NDArray[np.bool_]
    index: npt.NDArray[np.int64]
    label: npt.NDArray[np.int64] | None = None
    mask: Array | None = None
    boxes: list[npt.NDArray[np.float32]] | None = None
    epoch: int = 0
    number: int = 0
    skipped: list[Skipped] = field(default_factory=list)


class Bytes(Protocol):
    """Where bytes come from: local files, HTTP(S), S3 and members of archives look the same.

    Ranges are as slices of the file: what lies beyond its end is left out. A source that sends less than it has is an
    error.
    """

    def size(self, href: str) -> int:
        """Bytes of a file. Raises FetchError."""

    def validator(self, href: str) -> str:
        """`etag:...` or `mtime:...` that changes when the file does; empty where unknown. Raises FetchError."""

    def read(self, href: str, start: int = 0, length: int = -1) -> memoryview:
        """Bytes from `start`; to the end when `length` is -1. Raises FetchError."""

    def read_ranges(self, href: str, ranges: Sequence[tuple[int, int]]) -> list[memoryview]:
        """Several (start, length) ranges, fetched together where that is cheaper. Raises FetchError."""

    def read_many(self, wanted: Sequence[tuple[str, int, int]]) -> list[memoryview | EarthdexError]:
        """(href, start, length) of many files at once, side by side; an error stands in place of what cannot be had."""
