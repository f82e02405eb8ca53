"""Headers of files that were written alike say what those say that were parsed in full."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from ontology.errors import RasterError
from tests.corpora import corpus
from tests.training.rasters import Held, geotiff, item, lock_of, smooth
from training.engine.reader import Reader
from training.tiff.alike import Alike
from training.tiff.header import TiffHeader, header
from training.types import Recipe

KINDS: dict[str, dict[str, Any]] = {
    "strips": {"compress": "deflate", "predictor": 2},
    "one strip": {"compress": "lzw", "blockysize": 64},
    "tiles": {"compress": "zstd", "tiled": True, "blockxsize": 32, "blockysize": 32},
    "plain": {},
    "planar": {"compress": "deflate", "interleave": "band"},
    "big": {"compress": "deflate", "BIGTIFF": "YES"},
    "other end": {"compress": "deflate", "ENDIANNESS": "BIG"},
    "nowhere": {"compress": "deflate", "crs": None, "transform": None},
}


def same(one: TiffHeader, other: TiffHeader) -> None:
    for field in fields(TiffHeader):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, theirs)
        elif field.name == "overviews":
            assert len(mine) == len(theirs)
            for coarse, true in zip(mine, theirs, strict=True):
                same(coarse, true)
        elif field.name != "alike":
            assert mine == theirs, field.name


@pytest.mark.parametrize("kind", KINDS)
def test_headers_of_files_that_were_written_alike(kind: str) -> None:
    made = {
        f"{at}.tif": geotiff(
            smooth(3, 64, 64, seed=at), origin=(500_000 + 7.3 * at, 5_000_000 - 640 * at), **KINDS[kind]
        )
        for at in range(5)
    }
    held, alike = Held(made), Alike()
    found = [alike.header(held, name) for name in made]
    for name, one in zip(made, found, strict=True):
        same(one, header(held, name))
    assert len({one.alike for one in found}) == 1 and found[0].alike
    # not those: another type, size, place in the world
    others = Held({
        "type": geotiff(smooth(3, 64, 64, "int16"), **KINDS[kind]),
        "size": geotiff(smooth(3, 64, 60), **KINDS[kind]),
        "crs": geotiff(smooth(3, 64, 64), **{**KINDS[kind], "crs": "EPSG:32634"}),
    })  # fmt: skip
    for name in others.files:
        one = alike.header(others, name)
        same(one, header(others, name))
        assert one.alike != found[0].alike


def test_middles_and_corners_of_pixels() -> None:
    files = sorted(corpus("rasters", "edge-cases").glob("*.tif"))
    held, alike = Held(), Alike()
    for path in [*files, *files]:
        try:
            expected = header(held, str(path))
        except RasterError:
            continue
        same(alike.header(held, str(path)), expected)


def test_chips_written_alike_are_read_alike() -> None:
    held = Held({f"{at}.tif": geotiff(smooth(4, 40, 40, seed=at), **KINDS["strips"]) for at in range(12)})
    whole = held.files["11.tif"]
    held.files["cut.tif"] = whole[: len(whole) // 2]
    held.files["7.tif"] = geotiff(smooth(4, 40, 40, seed=7), compress="zstd", tiled=True, blockxsize=16, blockysize=16)
    items = [item(held, name, ("image", name)) for name in held.files]
    reader = Reader(lock_of(items, Recipe(batch_size=5, bands=(4, 2))), held)
    met = 0
    for batch in reader.batches(0):
        for at, chip in enumerate(batch.index.tolist()):
            np.testing.assert_array_equal(batch.image[at], smooth(4, 40, 40, seed=chip)[[3, 1]])
            met += 1
    assert met == 12 and [one.href for one in reader.report.skipped] == ["cut.tif"]
