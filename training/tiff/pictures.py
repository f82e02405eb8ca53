"""PNG and JPEG: most chips outside of Earth observation come so. They have no place in the world.

Sizes are read from the header and bounded before anything is decoded, by imagecodecs; PNG with a palette or less than
eight bits go to GDAL, whose values they keep (numbers of the palette, 0 and 1 of bits), since they are class values
more often than colours.
"""

from __future__ import annotations

import struct
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError
from training.tiff.georef import IDENTITY
from training.tiff.header import KINDS, TiffHeader
from training.tiff.tags import damaged
from training.types import Array, Bytes, Grid

PNG, JPEG = KINDS
MOST_BYTES = 1 << 28
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}
_MOST_SEGMENTS, _MOST_SCANS = 1000, 100
_HELD_BYTES = 1 << 28
_held: OrderedDict[tuple[str, str], Array] = OrderedDict()
_lock = threading.Lock()


def kind_of(head: memoryview) -> str:
    """`PNG`, `JPEG`, or nothing, by the first bytes of a file."""
    start = bytes(head[:8])
    return PNG if start == b"\x89PNG\r\n\x1a\n" else JPEG if start[:3] == b"\xff\xd8\xff" else ""


def header(data: Bytes, href: str, size: int, validator: str, head: memoryview) -> TiffHeader:
    """What is known of a picture before it is decoded.

    Raises:
        FetchError: it cannot be read.
        RasterError: it is damaged, too large, or of a kind that is not read.
    """
    kind = kind_of(head)
    width, height, samples, bits, alpha = _png(head, href) if kind == PNG else _jpeg(data, href, size, head)
    dtype = "uint16" if bits == 16 else "uint8"
    if width * height * samples * (bits // 8 or 1) > MOST_BYTES or size > MOST_BYTES:
        raise RasterError(
            f"{href} is a {kind} of {width} x {height} pixels and {size:,} bytes, more than {MOST_BYTES:,}.",
            "Convert it to a cloud-optimised GeoTIFF.",
        )
    return TiffHeader(
        href, size, validator, width, height, samples, dtype, bits, "<", 0, 1, False, width, height, False,
        np.zeros(1, np.uint64), np.ones(1, np.uint64), None, Grid("", IDENTITY, width, height), alpha, fallback=kind,
    )  # fmt: skip


def _png(head: memoryview, href: str) -> tuple[int, int, int, int, int]:
    """Width, height, samples, bits (those of a palette's numbers) and the band of opacity."""
    if len(head) < 33 or bytes(head[12:16]) != b"IHDR":
        raise damaged(href, "it has no size")
    width, height, bits, colours = struct.unpack(">IIBB", head[16:26])
    samples = _SAMPLES.get(colours, 0)
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31 and samples and bits in (1, 2, 4, 8, 16)):
        raise damaged(href, f"{width} x {height} pixels of {bits} bits")
    return width, height, samples, 1 if colours == 3 else bits, samples if colours in (4, 6) else 0


def _jpeg(data: Bytes, href: str, size: int, head: memoryview) -> tuple[int, int, int, int, int]:
    """Likewise; the size stands behind metadata of any length."""
    start, at = 0, 2
    for _ in range(_MOST_SEGMENTS):
        if at + 10 > start + len(head):
            if at + 10 > size:
                break
            start, head = at, data.read(href, at, min(size - at, 1 << 16))
            if len(head) < 10:
                break
        lead, marker, length, bits, height, width, samples = struct.unpack(
            ">BBHBHHB", head[at - start : at - start + 10]
        )
        if lead != 0xFF:
            break
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
        elif marker in _SIZES:
            if bits != 8 or samples not in (1, 3) or not width or not height:
                raise RasterError(
                    f"{href} is a JPEG of {samples} bands and {bits} bits.", "Convert it to RGB or grey of 8 bits."
                )
            return width, height, samples, 8, 0
        else:
            at += 2 + max(length, 2)
    raise damaged(href, "it has no size")


def read(
    data: Bytes, one: TiffHeader, bands: tuple[int, ...], row: int, column: int, height: int, width: int
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """A window of a picture: (bands, height, width), and (height, width) that is False where it is transparent.

    Raises:
        FetchError: it cannot be read.
        RasterError: it is damaged.
    """
    whole = _decoded(data, one)[row : row + height, column : column + width]
    seen = whole[:, :, one.alpha - 1] != 0 if one.alpha else np.ones((height, width), dtype=bool)
    return whole[:, :, list(bands)].transpose(2, 0, 1), seen


def _decoded(data: Bytes, one: TiffHeader) -> Array:
    """(height, width, samples); the last ones are held, since windows of a picture are read one after another."""
    key = (one.href, one.validator)
    with _lock:
        if key in _held:
            _held.move_to_end(key)
            return _held[key]
    raw = data.read(one.href, 0, one.size)
    made = _from_gdal(raw, one) if one.bits < 8 else _from_codec(raw, one)
    if made.shape[:2] != (one.height, one.width) or made.shape[2] < one.samples or made.dtype != one.dtype:
        raise damaged(one.href, f"it holds {made.shape} {made.dtype}")
    if one.validator:
        with _lock:
            _held[key] = made
            while len(_held) > 1 and sum(each.nbytes for each in _held.values()) > _HELD_BYTES:
                _held.popitem(last=False)
    return made


def _from_codec(raw: memoryview, one: TiffHeader) -> Array:
    import imagecodecs

    if one.fallback == JPEG and bytes(raw).count(b"\xff\xda") > _MOST_SCANS:
        raise damaged(one.href, f"more than {_MOST_SCANS} scans")
    decode = imagecodecs.png_decode if one.fallback == PNG else imagecodecs.jpeg8_decode
    whole: Any = raw
    try:
        made: Array = decode(whole)
    except (RuntimeError, ValueError, TypeError) as error:
        raise damaged(one.href, f"it cannot be decoded ({str(error)[:80] or type(error).__name__})") from error
    return made.reshape(*made.shape[:2], -1)


def _from_gdal(raw: memoryview, one: TiffHeader) -> Array:
    import warnings

    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.io import MemoryFile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            # other formats may name any file of the machine, so only this one is opened
            with MemoryFile(bytes(raw)) as memory, memory.open(driver="PNG", sharing=False) as source:
                return np.asarray(source.read([1])).transpose(1, 2, 0)
    except RasterioError as error:
        raise damaged(one.href, f"GDAL cannot read it ({str(error)[:80]})") from error
