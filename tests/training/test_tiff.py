"""Own GeoTIFF reading against GDAL's, and files that lie."""

from __future__ import annotations

import pickle
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.windows import Window

from ontology.errors import EarthdexError, RasterError
from tests.corpora import corpus
from tests.training.rasters import Held, geotiff, smooth, variants
from training.tiff.header import header
from training.tiff.read import read_window


def check(data: bytes, name: str = "x.tif", windows: int = 3) -> str:
    """Compares header and windows with rasterio; returns why GDAL was needed."""
    held = Held({name: data})
    one = header(held, name)
    rng = np.random.default_rng(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile(data) as memory, memory.open() as source:
            assert (one.width, one.height, one.samples) == (source.width, source.height, source.count)
            assert one.dtype == np.result_type(*source.dtypes).name
            if source.crs or not source.gcps[0]:
                assert np.allclose(one.grid.transform, tuple(source.transform)[:6], rtol=1e-12, atol=1e-9)
                assert (CRS.from_user_input(one.grid.crs) if one.grid.crs else None) == source.crs
            for number in range(windows):
                height = one.height if number == 0 else int(rng.integers(1, one.height + 1))
                width = one.width if number == 0 else int(rng.integers(1, one.width + 1))
                row, column = (int(rng.integers(0, most + 1)) for most in (one.height - height, one.width - width))
                bands = [int(band) for band in rng.integers(1, source.count + 1, rng.integers(1, source.count + 1))]
                bands = bands if number % 2 else list(source.indexes)
                values, valid = read_window(held, one, bands, row, column, height, width)
                window = Window(column, row, width, height)
                true = source.read(bands, window=window)
                seen = np.logical_and.reduce([source.read_masks(band, window=window) != 0 for band in bands])
                if one.nodata is not None and one.mask is not None:
                    # GDAL takes one of the two, we both
                    seen &= (true != np.asarray(one.nodata).astype(true.dtype)).all(axis=0)
                if true.dtype.kind == "f":
                    seen &= ~np.isnan(true).any(axis=0)
                np.testing.assert_array_equal(values, true)
                np.testing.assert_array_equal(valid, seen)
    return one.fallback


@pytest.mark.parametrize("part", range(4))
def test_every_way_of_writing_a_tiff(part: int) -> None:
    rng = np.random.default_rng(part)
    for number, options in enumerate(variants()):
        if number % 4 != part:
            continue
        made = dict(options)
        values = smooth(made.pop("count"), 77, 101, made["dtype"], seed=number)
        masked = made.pop("masked")
        data = geotiff(values, mask=rng.random((77, 101)) > 0.3 if masked else None, **made)
        assert check(data, str(options)) == "", options


@pytest.mark.parametrize(
    "options",
    [
        {"compress": "jpeg", "photometric": "ycbcr", "tiled": True, "blockxsize": 64, "blockysize": 64},
        {"compress": "webp", "webp_lossless": True},
        {"compress": "lerc"},
        {"nbits": 5},
        {"compress": "jpeg"},
    ],
)
def test_what_is_unusual_is_left_to_gdal(options: dict[str, Any]) -> None:
    values = np.clip(smooth(3, 90, 130, "int16"), 0, 31).astype("uint8")
    try:
        data = geotiff(values, interleave="pixel", **options)
    except rasterio.errors.RasterioError:
        pytest.skip("this GDAL does not write it")
    assert check(data, str(options))


def test_blocks_that_are_not_stored(tmp_path: Path) -> None:
    path = tmp_path / "sparse.tif"
    options = {"tiled": True, "blockxsize": 64, "blockysize": 64, "sparse_ok": True, "compress": "zstd", "nodata": 9}
    with rasterio.open(
        path, "w", driver="GTiff", width=200, height=150, count=2, dtype="uint16", crs="EPSG:4326",
        transform=rasterio.Affine(0.1, 0, 10, 0, -0.1, 50), **options,
    ) as target:  # fmt: skip
        target.write(smooth(2, 64, 64), window=Window(64, 0, 64, 64))
    assert check(path.read_bytes()) == ""


def test_real_files() -> None:
    found = [one for one in corpus("rasters").rglob("*") if one.suffix.lower() == ".tif"]
    assert len(found) > 20
    for path in found:
        if path.stat().st_size < 3_000_000 and ("LC08" not in path.name or "_B1" in path.name):
            check(path.read_bytes(), path.name, windows=2)


def test_points_of_pixels_and_ground_control() -> None:
    values = smooth(1, 20, 30)
    with MemoryFile() as memory:
        with rasterio.Env(GTIFF_POINT_GEO_IGNORE=False), memory.open(
            driver="GTiff", width=30, height=20, count=1, dtype="uint16", crs="EPSG:3035",
            transform=rasterio.Affine(20, 0, 4_000_000, 0, -20, 3_000_000),
        ) as target:  # fmt: skip
            target.update_tags(AREA_OR_POINT="Point")
            target.write(values)
        assert check(bytes(memory.read())) == ""
    one = header(Held(), str(corpus("rasters", "edge-cases", "cog_gcps.tif")))
    assert one.grid.crs == "EPSG:4326" and abs(one.grid.transform[0]) < 0.01


def test_scale_offset_and_pickle() -> None:
    one = header(Held(), str(corpus("rasters", "edge-cases", "cog_scale.tif")))
    assert len(one.scales) == 2 and one.scales[0] != 1
    again = pickle.loads(pickle.dumps(one))
    assert again.grid == one.grid and (again.offsets == one.offsets).all()


def _patched(data: bytes, tag: int, value: int) -> bytes:
    """A little-endian classic TIFF with one tag's value replaced."""
    at = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[at : at + 2])[0]
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        if struct.unpack("<H", data[entry : entry + 2])[0] == tag:
            kind = struct.unpack("<H", data[entry + 2 : entry + 4])[0]
            packed = struct.pack("<I", value) if kind == 4 else struct.pack("<HH", value & 0xFFFF, 0)
            return data[: entry + 8] + packed + data[entry + 12 :]
    raise KeyError(tag)


@pytest.mark.parametrize(
    ("tag", "value"),
    [(256, 0), (256, 65_000), (257, 65_000), (277, 0), (277, 4097), (322, 0), (323, 0), (323, 65_000), (324, 1 << 30)],
)
def test_headers_that_lie(tag: int, value: int) -> None:
    data = _patched(geotiff(smooth(1, 64, 64), tiled=True, blockxsize=16, blockysize=16), tag, value)
    held = Held({"x.tif": data})
    with pytest.raises(RasterError, match=r"x\.tif"):
        one = header(held, "x.tif")
        read_window(held, one, (), 0, 0, one.height, one.width)


@settings(max_examples=60)
@given(st.data())
def test_damage_anywhere_ends_in_an_error_or_pixels(data: st.DataObject) -> None:
    whole = bytearray(
        geotiff(smooth(2, 40, 40), compress="deflate", predictor=2, tiled=True, blockxsize=16, blockysize=16)
    )
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole))) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if whole:
            whole[data.draw(st.integers(0, min(len(whole), 600) - 1))] = data.draw(st.integers(0, 255))
    held = Held({"x.tif": bytes(whole)})
    try:
        one = header(held, "x.tif")
        if one.width * one.height * one.samples < 1 << 22:
            read_window(held, one, (), 0, 0, one.height, one.width)
    except EarthdexError:
        pass


def test_directories_in_a_circle_and_other_files() -> None:
    data = bytearray(geotiff(smooth(1, 8, 8)))
    at = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[at : at + 2])[0]
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    for name, content in (
        ("circle.tif", bytes(data)),
        ("text.tif", b"hello"),
        ("empty.tif", b""),
        ("png.tif", b"\x89PNG"),
    ):
        with pytest.raises(RasterError, match=name):
            header(Held({name: content}), name)


def test_a_few_ranges_are_enough() -> None:
    held = Held({"x.tif": geotiff(smooth(1, 512, 512), compress="deflate", tiled=True, blockxsize=64, blockysize=64)})
    one = header(held, "x.tif")
    assert len(held.asked) <= 2
    read_window(held, one, (), 100, 100, 20, 20)
    assert len(held.asked) <= 3
    assert sum(length for _, _, length in held.asked[2:]) < 20_000
