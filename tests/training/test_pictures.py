"""PNG and JPEG chips against Pillow and GDAL, and pictures that lie."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasterio.io import MemoryFile

from ontology.errors import RasterError
from tests.training.rasters import Held, geotiff, item, lock_of, smooth
from training.engine.reader import Reader
from training.io import open_bytes
from training.layouts.find import read_layout
from training.select.headers import read_headers
from training.tiff.header import header
from training.tiff.read import read_window
from training.types import Recipe

PIXELS = np.random.default_rng(0).integers(0, 255, (40, 50, 4)).astype(np.uint8)


def picture(mode: str, kind: str = "PNG", **options: object) -> tuple[bytes, Image.Image]:
    if mode == "I;16":
        made = Image.fromarray(PIXELS[:, :, 0].astype(np.uint16) * 257)
    else:
        made = Image.fromarray(PIXELS).convert("RGB" if mode == "P" else mode)
        made = made.quantize(9) if mode == "P" else made
    file = io.BytesIO()
    made.save(file, kind, **options)
    return file.getvalue(), Image.open(io.BytesIO(file.getvalue()))


CASES = [(mode, "PNG", {}) for mode in ("L", "LA", "RGB", "RGBA", "I;16", "P", "1")]
CASES += [
    (mode, "JPEG", {"progressive": again, "exif": b"Exif" + bytes(40_000)}) for mode in ("L", "RGB") for again in (0, 1)
]


@pytest.mark.parametrize(("mode", "kind", "options"), CASES)
def test_pixels_are_those_of_pillow(mode: str, kind: str, options: dict[str, object]) -> None:
    raw, true = picture(mode, kind, **options)
    name = f"{mode}-{options.get('progressive')}"
    held = Held({name: raw})
    one = header(held, name)
    expected = np.asarray(true).reshape(40, 50, -1).transpose(2, 0, 1)
    assert (one.height, one.width, one.samples, one.dtype) == (
        40,
        50,
        len(expected),
        expected.dtype.name.replace("bool", "uint8"),
    )
    for row, column, height, width in ((0, 0, 40, 50), (7, 9, 20, 21)):
        values, valid = read_window(held, one, (), row, column, height, width)
        window = expected[:, row : row + height, column : column + width]
        np.testing.assert_array_equal(values, window)
        np.testing.assert_array_equal(valid, window[-1] != 0 if mode in ("LA", "RGBA") else np.ones_like(valid))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_palettes_keep_their_numbers_as_with_gdal() -> None:
    raw, _ = picture("P")
    with MemoryFile(raw) as memory, memory.open() as source:
        expected = source.read()
    held = Held({"palette": raw})
    np.testing.assert_array_equal(read_window(held, header(held, "palette"), (), 0, 0, 40, 50)[0], expected)


def huge() -> bytes:
    """A PNG that says that it has 2 ** 60 pixels."""
    head = struct.pack(">IIBBBBB", 1 << 30, 1 << 30, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk + bytes(20)


def test_pictures_that_lie_are_left_out() -> None:
    good, _ = picture("RGB")
    jpeg, _ = picture("RGB", "JPEG")
    bad = {
        "cut.png": good[: len(good) // 2],
        "cut.jpg": jpeg[:300],
        "head.png": good[:20],
        "huge.png": huge(),
        "many.jpg": jpeg[:-2] + b"\xff\xda" * 200 + jpeg[-2:],
        "endless.jpg": b"\xff\xd8" + b"\xff" * 5000,
        "grey.png": picture("L")[0],
        "print.jpg": picture("CMYK", "JPEG")[0],
    }
    held = Held({"good.png": good, **bad})
    items = [item(held, name, ("image", name)) for name in ("good.png",)]
    items += [item(held, name, ("image", name)) for name in bad]
    reader = Reader(lock_of(items, Recipe(batch_size=4)), held)
    assert sum(len(one.index) for one in reader.batches(0)) == 1
    assert sorted(one.href for one in reader.report.skipped) == sorted(bad)
    with pytest.raises(RasterError, match="2"):
        header(held, "huge.png")


def test_folders_of_classes_and_masks(tmp_path: Path) -> None:
    for number in range(6):
        folder = tmp_path / "chips" / f"class {number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PIXELS[:32, :32, :3] // (number + 1)).save(
            folder / f"{number}.{'png' if number < 3 else 'jpg'}"
        )
        for role, values in (("images", PIXELS[:, :, :3]), ("masks", PIXELS[:, :, 0] % 3 + number % 2)):
            (tmp_path / "pairs" / role).mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(tmp_path / "pairs" / role / f"{number}.png")
    files = sorted(map(str, (tmp_path / "chips").rglob("*.*")))
    layout = read_layout(tmp_path / "chips", files, dataset="https://example.org/data")
    assert [one.name for one in layout.classes] == ["class 0", "class 1"]
    reader = Reader(lock_of(layout.items, Recipe(batch_size=6), (0, 1), str(tmp_path / "chips")), open_bytes())
    (batch,) = reader.batches(0)
    assert batch.image.shape == (6, 3, 32, 32) and batch.label is not None and sorted(batch.label) == [0, 0, 0, 1, 1, 1]
    files = sorted(map(str, (tmp_path / "pairs").rglob("*.png")))
    layout = read_layout(tmp_path / "pairs", files, dataset="https://example.org/data")
    items = read_headers(layout.items, open_bytes()).items
    reader = Reader(
        lock_of(items, Recipe(sampling="grid", size=20), (0, 1, 2, 3), str(tmp_path / "pairs")), open_bytes()
    )
    (batch,) = reader.batches(0)
    assert (
        batch.image.shape == (24, 3, 20, 20) and batch.mask is not None and set(np.unique(batch.mask)) == {0, 1, 2, 3}
    )


def test_pictures_beside_geotiffs_are_previews(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(geotiff(smooth(3, 30, 30)))
    (tmp_path / "a.png").write_bytes(picture("RGB")[0])
    layout = read_layout(
        tmp_path, [str(tmp_path / "a.png"), str(tmp_path / "a.tif")], dataset="https://example.org/data"
    )
    assert [one.parts[0].href[-5:] for one in layout.items] == ["a.tif"]
