"""What must be known of a GeoTIFF to read any window of it: parsed once from a few ranges, kept, sent to workers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError
from training.tiff import georef, tags
from training.tiff.tags import Directory, damaged
from training.types import Bytes, Grid

NONE, LZW, PACKBITS, LZMA, ZSTD = 1, 5, 32773, 34925, 50000
DEFLATE = (8, 32946)
_NATIVE = (NONE, LZW, PACKBITS, LZMA, ZSTD, *DEFLATE)
_PREDICTED = (LZW, LZMA, ZSTD, *DEFLATE)
_KINDS = {1: "u", 2: "i", 3: "f", 4: "u"}

MOST_BLOCK = 1 << 29
KINDS = ("PNG", "JPEG")
"""Of `TiffHeader.fallback`: pictures, which `training.tiff.pictures` reads."""
_MOST_SAMPLES = 4096
# an uncompressed image in one strip is read as strips of this many bytes
_STRIP = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class TiffHeader:
    """One raster's structure.

    Attributes:
        href: the file, named in errors.
        size: bytes of the file.
        validator: `etag:...` or `mtime:...` of the file when the header was read; empty where unknown.
        width: pixels.
        height: pixels.
        samples: bands.
        dtype: of the pixels in native byte order, such as `uint16`; bits come as uint8.
        bits: of a stored sample.
        order: `<` or `>`.
        compression: TIFF code.
        predictor: 1 none, 2 horizontal differences, 3 floating point.
        planar: whether each band has blocks of its own.
        block_width: pixels; the width of the image for strips.
        block_height: pixels.
        tiled: tiles are stored whole also at the edges, strips are not.
        offsets: (blocks,) byte where each block starts, row by row, band by band where planar.
        counts: (blocks,) bytes of each block; 0 for blocks that are not stored.
        nodata: value that means nothing was measured.
        grid: where the pixels lie.
        alpha: 1-based band that holds opacity; 0 for none.
        mask: the file's own mask of valid pixels.
        scales: of each band, physical = stored * scale + offset; empty where not given.
        shifts: the offsets to `scales`.
        fallback: why rasterio must decode it; empty where imagecodecs can.
        overviews: the same image in fewer pixels, finest first.
        alike: the same number, not 0, for files of which only `offsets`, `counts` and the corner differ.
    """

    href: str
    size: int
    validator: str
    width: int
    height: int
    samples: int
    dtype: str
    bits: int
    order: str
    compression: int
    predictor: int
    planar: bool
    block_width: int
    block_height: int
    tiled: bool
    offsets: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.uint64]
    nodata: float | None
    grid: Grid
    alpha: int = 0
    mask: TiffHeader | None = None
    scales: tuple[float, ...] = ()
    shifts: tuple[float, ...] = ()
    fallback: str = ""
    alike: int = 0
    overviews: tuple[TiffHeader, ...] = ()

    @property
    def across(self) -> int:
        """Blocks from left to right."""
        return -(-self.width // self.block_width)

    @property
    def down(self) -> int:
        """Blocks from top to bottom."""
        return -(-self.height // self.block_height)


def header(data: Bytes, href: str) -> TiffHeader:
    """The header of a GeoTIFF.

    Raises:
        FetchError: the file cannot be read.
        RasterError: neither a TIFF nor PNG or JPEG, or its structure is wrong.
    """
    return parsed(data, href, data.size(href), data.validator(href))[0]


def parsed(
    data: Bytes, href: str, size: int, validator: str, head: memoryview | None = None, seen: tags.Seen | None = None
) -> tuple[TiffHeader, list[Directory]]:
    """The header of a GeoTIFF and its directories.

    Args:
        data: where bytes come from.
        href: the file.
        size: its bytes.
        validator: see `TiffHeader`.
        head: its beginning, where it was read.
        seen: takes (start, length) of everything that is looked at.

    Raises:
        FetchError: the file cannot be read.
        RasterError: not a TIFF, or its structure is wrong.
    """
    head = data.read(href, 0, min(size, tags.HEAD)) if head is None else head
    if bytes(head[:1]) in (b"\x89", b"\xff"):
        from training.tiff import pictures

        if pictures.kind_of(head):
            return pictures.header(data, href, size, validator, head), []
    found = tags.directories(lambda start, length: data.read(href, start, length), size, href, head=head, seen=seen)
    main = _image(found[0], href, size, validator)
    mask = next((one for one in found[1:] if one.number(254) & 5 == 4), None)
    if main.fallback:
        from training.tiff.fallback import described

        return described(data, main), found
    if mask is not None:
        masked = _image(mask, href, size, "")
        fits = (masked.width, masked.height, masked.samples) == (main.width, main.height, 1)
        main = replace(main, mask=masked) if fits and not masked.fallback else main
    coarser = _overviews(found[1:], main)
    return (replace(main, overviews=coarser) if coarser else main), found


def _overviews(found: Sequence[Directory], main: TiffHeader) -> tuple[TiffHeader, ...]:
    """The image in fewer pixels, finest first: those that can be read as the image itself can."""
    images: dict[tuple[int, int], TiffHeader] = {}
    masks: dict[tuple[int, int], TiffHeader] = {}
    for directory in found:
        kind = directory.number(254) & 5
        if kind not in (1, 5):
            continue
        try:
            made = _image(directory, main.href, main.size, "")
        except RasterError:
            # what is damaged here is not needed
            continue
        (masks if kind == 5 else images).setdefault((made.width, made.height), made)
    coarser = []
    for size, one in sorted(images.items(), reverse=True):
        mask = masks.get(size)
        same = (one.samples, one.dtype, one.bits) == (main.samples, main.dtype, main.bits) and not one.fallback
        masked = main.mask is None or (mask is not None and mask.samples == 1 and not mask.fallback)
        if not same or not masked or one.width > main.width or one.height > main.height:
            continue
        across, down = main.width / one.width, main.height / one.height
        a, b, c, d, e, f = main.grid.transform
        grid = Grid(main.grid.crs, (a * across, b * down, c, d * across, e * down, f), one.width, one.height)
        changed = replace(one, validator=main.validator, grid=grid, nodata=main.nodata, alpha=main.alpha)
        mask = mask if main.mask is not None else None
        coarser.append(replace(changed, mask=mask, scales=main.scales, shifts=main.shifts))
    return tuple(coarser)


def _image(directory: Directory, href: str, size: int, validator: str) -> TiffHeader:
    width, height = directory.number(256), directory.number(257)
    samples = directory.number(277, 1)
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31 and 0 < samples <= _MOST_SAMPLES):
        raise damaged(href, f"{width} x {height} pixels of {samples} bands")
    compression = directory.number(259, NONE)
    dtype, bits, why = _type(directory, samples)
    if compression not in _NATIVE:
        why = why or f"compression {compression}"
    if directory.number(262, 1) not in (0, 1, 2, 3, 4, 5):
        why = why or f"photometric interpretation {directory.number(262)}"
    predictor = directory.number(317, 1) if compression in _PREDICTED else 1
    if predictor not in (1, 2, 3) or (predictor == 3 and dtype[0] != "f") or (predictor != 1 and bits == 1):
        why = why or f"predictor {predictor}"
    if directory.number(266, 1) != 1:
        why = why or "reversed bits"
    planar = directory.number(284, 1) == 2 and samples > 1
    tiled = 322 in directory.tags
    block_width = directory.number(322) if tiled else width
    block_height = directory.number(323) if tiled else min(directory.number(278, height) or height, height)
    if not (0 < block_width < 1 << 24 and 0 < block_height < 1 << 31):
        raise damaged(href, f"blocks of {block_width} x {block_height} pixels")
    offsets, counts = _blocks(directory, href, tiled)
    row = -(-block_width * (1 if planar else samples) * bits // 8)
    if not tiled and compression == NONE and row * block_height > _STRIP and not why:
        offsets, counts, block_height = _resliced(offsets, height, block_height, row)
    if row * block_height > MOST_BLOCK:
        raise damaged(href, f"a block of {row * block_height:,} bytes, more than {MOST_BLOCK:,}")
    needed = -(-width // block_width) * -(-height // block_height) * (samples if planar else 1)
    if min(len(offsets), len(counts)) < needed:
        raise damaged(href, f"{len(offsets)} blocks where {needed} are needed")
    scales, shifts = _calibration(directory, samples)
    extra = directory.numbers(338)
    alpha = samples if extra is not None and len(extra) and int(extra[-1]) in (1, 2) else 0
    return TiffHeader(
        href, size, validator, width, height, samples, np.dtype(dtype).name, bits, directory.order, compression,
        predictor, planar, block_width, block_height, tiled, offsets, counts, _nodata(directory, dtype),
        georef.grid(directory, width, height), alpha, None, scales, shifts, why,
    )  # fmt: skip


def _type(directory: Directory, samples: int) -> tuple[str, int, str]:
    """NumPy type, bits of a stored sample, and why it is unusual."""
    widths = directory.numbers(258)
    bits = 1 if widths is None or not len(widths) else int(widths[0])
    kinds = directory.numbers(339)
    kind = _KINDS.get(1 if kinds is None or not len(kinds) else int(kinds[0]), "")
    if (widths is not None and len(set(widths.tolist())) > 1) or (kinds is not None and len(set(kinds.tolist())) > 1):
        return "u1", bits, "bands of several types"
    if bits == 1 and samples == 1 and kind == "u":
        return "u1", 1, ""
    if not kind or bits not in (8, 16, 32, 64) or (kind == "f" and bits < 32):
        return "u1", bits, f"samples of {bits} bits"
    return f"{kind}{bits // 8}", bits, ""


def _blocks(directory: Directory, href: str, tiled: bool) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    offsets = directory.numbers(324 if tiled else 273)
    counts = directory.numbers(325 if tiled else 279)
    if offsets is None or counts is None:
        raise damaged(href, "it does not say where its pixels are")
    return offsets.astype(np.uint64), counts.astype(np.uint64)


def _resliced(
    offsets: npt.NDArray[np.uint64], height: int, block_height: int, row: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], int]:
    """Uncompressed strips as smaller strips of whole rows, of which each old one holds a whole number."""
    rows = max(1, _STRIP // row)
    rows = next((one for one in range(rows, 0, -1) if block_height % one == 0), 1)
    if block_height >= height:
        rows = max(1, _STRIP // row)
    per = -(-block_height // rows)
    starts = (offsets[:, None] + np.arange(per, dtype=np.uint64) * np.uint64(rows * row)).ravel()
    planes = max(1, len(offsets) // -(-height // block_height))
    needed = -(-height // rows)
    starts = starts.reshape(planes, -1)[:, :needed]
    tops = np.arange(needed) * rows
    lengths = np.broadcast_to(np.minimum(rows, height - tops) * row, starts.shape)
    return starts.ravel(), lengths.astype(np.uint64).ravel(), rows


def _nodata(directory: Directory, dtype: str) -> float | None:
    """GDAL's nodata tag; None where the type cannot hold the value."""
    text = directory.text(42113)
    try:
        value = float(text)
    except ValueError:
        return None
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return value
    info = np.iinfo(kind)
    return value if value == value and info.min <= value <= info.max and value == int(value) else None


def _calibration(directory: Directory, samples: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Scale and offset of each band from GDAL's metadata tag."""
    text = directory.text(42112)
    if "role=" not in text:
        return (), ()
    values = {"scale": [1.0] * samples, "offset": [0.0] * samples}
    for item in re.finditer(r"<Item\b([^>]*)>([^<]{1,40})</Item>", text):
        known = dict(re.findall(r'(\w+)="([^"]*)"', item.group(1)))
        role, band = known.get("role", ""), known.get("sample", "0")
        if role in values and band.isdigit() and int(band) < samples:
            try:
                values[role][int(band)] = float(item.group(2))
            except ValueError:
                continue
    if set(values["scale"]) == {1.0} and set(values["offset"]) == {0.0}:
        return (), ()
    return tuple(values["scale"]), tuple(values["offset"])


def require_bands(one: TiffHeader, bands: tuple[int, ...]) -> tuple[int, ...]:
    """0-based bands from 1-based ones; all when empty.

    Raises:
        RasterError: the file has no such band.
    """
    if not bands:
        return tuple(range(one.samples))
    for band in bands:
        if not 1 <= band <= one.samples:
            raise RasterError(f"{one.href} has {one.samples} bands, not band {band}.", "Choose other bands.")
    return tuple(band - 1 for band in bands)
