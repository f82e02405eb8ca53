"""One block of a TIFF from bytes to pixels, by imagecodecs, into memory that each thread keeps."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import imagecodecs
import numpy as np

from training.tiff.header import DEFLATE, LZMA, LZW, NONE, PACKBITS, ZSTD, TiffHeader
from training.tiff.tags import damaged
from training.types import Array

_local = threading.local()
# bytes of a strip: below the second cache of today's processors
_STRIP = 384 << 10


def rows_of(header: TiffHeader, block_row: int) -> int:
    """Rows that a block stores."""
    if header.tiled:
        return header.block_height
    return min(header.block_height, header.height - block_row * header.block_height)


def decode(header: TiffHeader, raw: memoryview, rows: int) -> Array:
    """Inflates a block and undoes its prediction.

    Args:
        header: of the file.
        raw: the block's bytes.
        rows: that it stores.

    Returns:
        (rows, block width, samples) in native byte order, in memory that the thread's next call reuses.

    Raises:
        RasterError: the bytes are damaged.
    """
    shape = (rows, header.block_width, 1 if header.planar else header.samples)
    if header.bits == 1:
        return _bits(header, raw, shape)
    block = _stored(header, raw, shape)
    if header.predictor == 3:
        return _floats(header, block)
    if header.predictor == 2:
        whole: Any = f"u{block.dtype.itemsize}"
        if not block.flags.writeable:
            block = block.copy()
        imagecodecs.delta_decode(block.view(whole), axis=1, out=block.view(whole))
    return block


def strips(header: TiffHeader, raw: memoryview, rows: int) -> Iterator[tuple[int, Array]]:
    """As `decode`, band by band and in strips that stay in the processor's cache until they are copied on.

    Yields:
        The strip's first row within the block, and (samples, rows, block width) in memory that is used again.

    Raises:
        RasterError: the bytes are damaged; before the first strip.
    """
    shape = (rows, header.block_width, 1 if header.planar else header.samples)
    if header.bits == 1 or header.predictor == 3:
        yield 0, decode(header, raw, rows).transpose(2, 0, 1)
        return
    block = _stored(header, raw, shape)
    if header.predictor == 1 and shape[2] == 1:
        yield 0, block.transpose(2, 0, 1)
        return
    whole: Any = f"u{block.dtype.itemsize}"
    row = shape[1] * shape[2] * block.dtype.itemsize
    step = max(1, min(rows, _STRIP // row))
    planes = _scratch("strip", step * row).view(header.dtype).reshape(shape[2], step, shape[1])
    for top in range(0, rows, step):
        part = block[top : top + step]
        strip = planes[:, : len(part)]
        if header.predictor == 2:
            imagecodecs.delta_decode(part.view(whole), axis=1, out=strip.view(whole).transpose(1, 2, 0))
        else:
            np.copyto(strip, part.transpose(2, 0, 1))
        yield top, strip


def decode_into(header: TiffHeader, raw: memoryview, rows: int, out: Array) -> None:
    """As `decode`, into `out`: (samples, rows, block width) of any strides and the header's type.

    Horizontal differences are summed on the way there, so pixels are moved once.

    Raises:
        RasterError: the bytes are damaged.
    """
    pixels = out.transpose(1, 2, 0)
    if header.predictor == 2:
        block = _stored(header, raw, pixels.shape)
        whole: Any = f"u{block.dtype.itemsize}"
        imagecodecs.delta_decode(block.view(whole), axis=1, out=pixels.view(whole))
    else:
        np.copyto(pixels, decode(header, raw, rows))


def image_into(header: TiffHeader, raws: Sequence[memoryview], out: Array) -> None:
    """A whole image of strips into `out`: (samples, height, width); not for planar or bit images.

    Raises:
        RasterError: the bytes are damaged.
    """
    samples, height, width = out.shape
    dtype = np.dtype(header.dtype).newbyteorder("<" if header.order == "<" else ">")
    row = width * samples * dtype.itemsize
    if header.compression == NONE and len(raws) == 1:
        whole = _inflate(header, raws[0], height * row)
    else:
        whole = _scratch("image", height * row)
        step = header.block_height * row
        for number, raw in enumerate(raws):
            _inflate_to(header, raw, whole[number * step : (number + 1) * step])
    block: Array = np.frombuffer(whole, dtype=dtype).reshape(height, width, samples)
    if not dtype.isnative:
        block = block.astype(dtype.newbyteorder("="))
    pixels = out.transpose(1, 2, 0)
    if header.predictor == 2:
        same: Any = f"u{dtype.itemsize}"
        imagecodecs.delta_decode(block.view(same), axis=1, out=pixels.view(same))
    else:
        np.copyto(pixels, block)


def _stored(header: TiffHeader, raw: memoryview, shape: tuple[int, ...]) -> Array:
    """A block before prediction is undone; in native byte order but for floating point prediction."""
    dtype = np.dtype(header.dtype).newbyteorder("<" if header.order == "<" else ">")
    length = math.prod(shape) * dtype.itemsize
    block: Array = np.frombuffer(_inflate(header, raw, length), dtype=dtype).reshape(shape)
    return block if dtype.isnative or header.predictor == 3 else block.astype(dtype.newbyteorder("="))


def _floats(header: TiffHeader, block: Array) -> Array:
    """Undoes Adobe's floating point predictor: bytes of like weight together, differenced by pixel."""
    rows, width, samples = block.shape
    size = block.dtype.itemsize
    stored = block.view(np.uint8).reshape(rows, width * size, samples)
    if not stored.flags.writeable:
        stored = stored.copy()
    imagecodecs.delta_decode(stored, axis=1, out=stored)
    weights = stored.reshape(rows, size, width * samples)
    if np.little_endian:
        weights = weights[:, ::-1]
    pixels = _scratch("floats", block.nbytes).reshape(rows, width * samples, size)
    np.copyto(pixels, weights.transpose(0, 2, 1))
    return pixels.reshape(-1).view(header.dtype).reshape(rows, width, samples)


def _bits(header: TiffHeader, raw: memoryview, shape: tuple[int, int, int]) -> Array:
    row = -(-shape[1] // 8)
    packed = np.frombuffer(_inflate(header, raw, shape[0] * row), dtype=np.uint8).reshape(shape[0], row)
    return np.unpackbits(packed, axis=1)[:, : shape[1], None]


def _scratch(name: str, length: int) -> Array:
    """Memory of this thread, reused by its next block."""
    held: Array | None = getattr(_local, name, None)
    if held is None or len(held) < length or len(held) > 4 * length + (1 << 22):
        held = np.empty(length, dtype=np.uint8)
        setattr(_local, name, held)
    return held[:length]


@cache
def _decoder(compression: int) -> Any:  # noqa: ANN401  (a function of a package without types)
    if compression in DEFLATE:
        return imagecodecs.deflate_decode
    return {
        LZW: imagecodecs.lzw_decode,
        ZSTD: imagecodecs.zstd_decode,
        PACKBITS: imagecodecs.packbits_decode,
        LZMA: imagecodecs.lzma_decode,
    }[compression]


def _inflate(header: TiffHeader, raw: memoryview, length: int) -> memoryview | Array:
    if header.compression == NONE:
        if len(raw) < length:
            raise damaged(header.href, "a block is too short")
        return raw[:length]
    out = _scratch("inflated", length)
    _inflate_to(header, raw, out)
    return out


def _inflate_to(header: TiffHeader, raw: memoryview, out: Array) -> None:
    length = len(out)
    try:
        if header.compression == NONE:
            got: Any = raw[:length]
            out[: len(got)] = np.frombuffer(got, dtype=np.uint8)
        else:
            got = _decoder(header.compression)(raw, out=out)
    except (RuntimeError, ValueError, TypeError) as error:
        raise damaged(header.href, f"a block cannot be decoded ({str(error)[:80] or type(error).__name__})") from error
    if len(got) < length:
        raise damaged(header.href, f"a block holds {len(got):,} bytes of {length:,}")
