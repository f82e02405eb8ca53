"""Coarser grids are read from overviews, as GDAL does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

from tests.training.rasters import Held, geotiff, item, lock_of, smooth
from training.engine.reader import Reader
from training.tiff.header import header
from training.types import Array, Recipe


def with_overviews(values: Array, levels: list[int], mask: Array | None = None, **options: Any) -> bytes:
    made = geotiff(values, mask=mask, tiled=True, blockxsize=64, blockysize=64, **options)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "x.tif"
        place.write_bytes(made)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True, COMPRESS_OVERVIEW="DEFLATE"),
            rasterio.open(place, "r+") as target,
        ):
            target.build_overviews(levels, Resampling.average)
        return place.read_bytes()


def at(data: bytes, times: float) -> Array:
    """What GDAL gives of fewer pixels."""
    with MemoryFile(data) as memory, memory.open() as source:
        return source.read(out_shape=(source.count, int(source.height / times), int(source.width / times)))


@pytest.mark.parametrize("masked", [False, True])
def test_overviews_are_read_where_they_are_fine_enough(masked: bool) -> None:
    mask = np.full((512, 640), 255, np.uint8)
    mask[:256, :320] = 0
    data = with_overviews(smooth(3, 512, 640), [2, 4], mask if masked else None, compress="deflate", predictor=2)
    held = Held({"x": data})
    one = header(held, "x")
    assert [(each.width, each.height) for each in one.overviews] == [(320, 256), (160, 128)]
    assert one.overviews[1].grid.transform[0] == 40.0 and all(
        (each.mask is not None) == masked for each in one.overviews
    )
    for resolution, times in ((10.0, 1), (20.0, 2), (40.0, 4)):
        recipe = Recipe(sampling="grid", size=64, resolution=resolution, shuffle=False)
        reader = Reader(lock_of([item(held, "x", ("image", "x"))], recipe), held)
        held.asked.clear()
        whole = at(data, times)
        met = 0
        for batch in reader.batches(0):
            for image, valid, chip in zip(batch.image, batch.valid, batch.index.tolist(), strict=True):
                where = reader.lock.chip(chip)
                expected = whole[:, where.row : where.row + 64, where.column : where.column + 64]
                np.testing.assert_array_equal(image[:, valid], expected[:, valid])
                assert valid.all() or masked
                met += 1
        assert met + reader.report.skipped_count == (8 // times) * (10 // times)
        # pixels alone, not the header
        assert sum(length for _, start, length in held.asked if start) < len(data) / times
    # between two of them: from the finer one
    recipe = Recipe(sampling="grid", size=64, resolution=30.0)
    reader = Reader(lock_of([item(held, "x", ("image", "x"))], recipe), held)
    assert reader._source(0).planes[0].header.width == 320


def test_class_values_are_read_in_full() -> None:
    label = (smooth(1, 512, 640, "int16") % 5).astype("uint8")
    held = Held({"x": with_overviews(smooth(2, 512, 640), [2]), "label": with_overviews(label, [2])})
    recipe = Recipe(sampling="grid", size=64, resolution=20.0, batch_size=4)
    reader = Reader(lock_of([item(held, "x", ("image", "x"), ("label", "label"))], recipe), held)
    source = reader._source(0)
    assert source.planes[0].header.width == 320 and source.target is not None and source.target.header.width == 640
    batch = next(reader.batches(0))
    assert batch.mask is not None and set(np.unique(batch.mask)) <= {0, 1, 2, 3, 4}


def test_damaged_overviews_are_not_needed() -> None:
    data = with_overviews(smooth(2, 256, 256), [2])
    held = Held({"x": data})
    reader = Reader(lock_of([item(held, "x", ("image", "x"))], Recipe(sampling="grid", size=64)), held)
    assert sum(len(one.index) for one in reader.batches(0)) == 16
    assert header(Held({"y": geotiff(smooth(2, 64, 64))}), "y").overviews == ()
