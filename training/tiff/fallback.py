"""What imagecodecs is not asked to decode (JPEG, WebP, LERC, odd bit depths), by GDAL on bytes in memory."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile
from rasterio.windows import Window

from ontology.errors import RasterError
from training.tiff.header import MOST_BLOCK, TiffHeader
from training.tiff.tags import damaged
from training.types import Array, Bytes

MOST_BYTES = 1 << 30
_HELD_BYTES = 1 << 28
_held: OrderedDict[tuple[str, str], memoryview] = OrderedDict()
_lock = threading.Lock()


def described(data: Bytes, header: TiffHeader) -> TiffHeader:
    """The header as GDAL sees the file.

    Raises:
        RasterError: GDAL cannot read it either, or it is too large to be held in memory.
    """
    with _open(data, header) as source:
        dtype = np.result_type(*[np.dtype(one) for one in source.dtypes])
        if dtype.kind not in "uif":
            raise RasterError(f"{header.href} has pixels of type {dtype}.", "Convert them to real numbers.")
        height, width = source.block_shapes[0]
        if height * width * source.count * dtype.itemsize > MOST_BLOCK:
            height, width = 512, 512
        count = -(-source.width // width) * -(-source.height // height)
        return replace(
            header,
            samples=source.count,
            dtype=dtype.name,
            planar=False,
            tiled=False,
            block_width=width,
            block_height=height,
            offsets=np.zeros(count, dtype=np.uint64),
            counts=np.ones(count, dtype=np.uint64),
            nodata=source.nodata,
            alpha=0,
        )


def read(
    data: Bytes, header: TiffHeader, bands: tuple[int, ...], row: int, column: int, height: int, width: int
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """A window by rasterio: (bands, height, width) and (height, width) valid.

    Raises:
        RasterError: the file is damaged.
    """
    wanted = [band + 1 for band in bands]
    window = Window(column, row, width, height)
    with _open(data, header) as source:
        values: Array = source.read(wanted, window=window).astype(header.dtype, copy=False)
        valid = np.logical_and.reduce([source.read_masks(band, window=window) != 0 for band in wanted])
    if values.dtype.kind == "f":
        valid &= ~np.isnan(values).any(axis=0)
    return values, valid


@contextmanager
def _open(data: Bytes, header: TiffHeader) -> Iterator[Any]:
    if header.size > MOST_BYTES:
        raise RasterError(
            f"{header.href} needs GDAL ({header.fallback}) and has {header.size:,} bytes.",
            "Convert it to a cloud-optimised GeoTIFF with deflate or ZSTD.",
        )
    held = _bytes(data, header)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            # other formats may name any file of the machine, so only GeoTIFF is opened
            with MemoryFile(held) as memory, memory.open(driver="GTiff", sharing=False) as source:
                yield source
    except RasterioError as error:
        raise damaged(header.href, f"GDAL cannot read it ({str(error)[:80]})") from error


def _bytes(data: Bytes, header: TiffHeader) -> memoryview:
    """The whole file; the last ones are held, since their windows are read one after another."""
    key = (header.href, header.validator)
    with _lock:
        if key in _held:
            _held.move_to_end(key)
            return _held[key]
    got = data.read(header.href, 0, header.size)
    with _lock:
        if header.validator:
            _held[key] = got
            while len(_held) > 1 and sum(len(one) for one in _held.values()) > _HELD_BYTES:
                _held.popitem(last=False)
    return got
