"""GeoTIFFs for tests: bytes in memory, files of every kind that GDAL writes, and locks over them."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from ontology.errors import EarthdexError, FetchError
from training.distributions import LabelClass
from training.select.lock import Lock
from training.select.selection import Selection, Source
from training.tiff.header import header
from training.tiff.warp import target_grid
from training.types import Array, Item, Part, Recipe


@dataclass
class Held:
    """Bytes in memory, or of local files; counts what is asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, int, int]] = field(default_factory=list)

    def _data(self, href: str) -> memoryview:
        if href in self.files:
            return memoryview(self.files[href])
        try:
            return memoryview(Path(href).read_bytes())
        except OSError as error:
            raise FetchError(f"{href} is not there.") from error

    def size(self, href: str) -> int:
        return len(self._data(href))

    def validator(self, href: str) -> str:
        return "etag:1"

    def read(self, href: str, start: int = 0, length: int = -1) -> memoryview:
        self.asked.append((href, start, length))
        data = self._data(href)
        return data[start:] if length < 0 else data[start : start + length]

    def read_ranges(self, href: str, ranges: Sequence[tuple[int, int]]) -> list[memoryview]:
        return [self.read(href, *one) for one in ranges]

    def read_many(self, wanted: Sequence[tuple[str, int, int]]) -> list[memoryview | EarthdexError]:
        found: list[memoryview | EarthdexError] = []
        for href, start, length in wanted:
            try:
                found.append(self.read(href, start, length))
            except FetchError as error:
                found.append(error)
        return found


def geotiff(
    values: Array, *, mask: Array | None = None, origin: tuple[float, float] = (500_000, 5_000_000), **options: Any
) -> bytes:
    """(bands, height, width) as a GeoTIFF, 10 m pixels of EPSG:32633 unless told otherwise."""
    made: dict[str, Any] = {
        "driver": "GTiff",
        "count": values.shape[0],
        "height": values.shape[1],
        "width": values.shape[2],
        "dtype": values.dtype.name,
        "crs": "EPSG:32633",
        "transform": Affine(10, 0, origin[0], 0, -10, origin[1]),
    } | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile() as memory:
            with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), memory.open(**made) as target:
                target.write(values)
                if mask is not None:
                    target.write_mask(mask)
            return bytes(memory.read())


def smooth(bands: int, height: int, width: int, dtype: str = "uint16", seed: int = 0) -> Array:
    """Values that compress: a random walk along each row."""
    rng = np.random.default_rng(seed)
    walk = rng.integers(-9, 10, (bands, height, width)).cumsum(axis=2) + 60
    return walk.astype(dtype)


def variants(share: float = 0.05) -> Iterator[dict[str, Any]]:
    """Ways to write a GeoTIFF: a fixed random share of all combinations."""
    rng = np.random.default_rng(7)
    choices = itertools.product(
        ["none", "deflate", "lzw", "zstd", "packbits", "lzma"],
        [1, 2, 3],
        ["pixel", "band"],
        [True, False],
        ["uint8", "int8", "int16", "uint16", "uint32", "int64", "float32", "float64"],
        [1, 3],
        ["NO", "YES"],
        ["LITTLE", "BIG"],
    )
    for compress, predictor, interleave, tiled, dtype, count, big, endian in choices:
        if (predictor == 3 and dtype[0] != "f") or (predictor > 1 and compress in ("none", "packbits")):
            continue
        if rng.random() > share:
            continue
        options: dict[str, Any] = {
            "compress": compress,
            "interleave": interleave,
            "bigtiff": big,
            "endianness": endian,
            "nodata": [None, 7, 0][int(rng.integers(3))],
        }
        if predictor > 1:
            options["predictor"] = predictor
        if tiled:
            options |= {"tiled": True, "blockxsize": 32, "blockysize": 48}
        else:
            options["blockysize"] = int(rng.integers(1, 90))
        if count == 3 and rng.random() < 0.15:
            options |= {"alpha": "yes", "nodata": None}
        yield {"count": count, "dtype": dtype, "masked": bool(rng.random() < 0.2), **options}


def lock_of(items: Sequence[Item], recipe: Recipe, classes: Sequence[int] = (), root: str = "") -> Lock:
    """A lock over items, whose grids are known where chips are cut."""
    scheme = tuple(LabelClass(f"class {value}", value, f"urn:class:{value}") for value in classes)
    source = Source("https://example.org/data", "data", "data", root)

    def size(one: Item) -> tuple[int, int]:
        grid = target_grid(one.grid, recipe) if one.grid is not None else None
        return (grid.height, grid.width) if grid is not None else (0, 0)

    return Lock.freeze(Selection("test", "1", (source,), tuple(items), scheme), recipe, sizes=size)


def item(data: Held, name: str, *parts: tuple[str, str], label: int | None = None) -> Item:
    """An item of (role, href) parts with the grid of its first."""
    made = tuple(Part(role, href) for role, href in parts)
    try:
        grid = header(data, made[0].href).grid
    except Exception:
        grid = None
    return Item(f"https://example.org/data/item/{name}", "https://example.org/data", made, label=label, grid=grid)
