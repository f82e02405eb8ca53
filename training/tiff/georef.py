"""Where a TIFF's pixels lie: its geographic tags as a grid.

After OGC GeoTIFF 1.1 (19-008r4). A plain EPSG code is read directly; every other CRS is asked of GDAL by way of a
one-pixel TIFF that carries nothing but the same tags.
"""

from __future__ import annotations

import functools
import struct
import warnings
from collections.abc import Sequence

import numpy as np

from ontology.errors import RasterError
from training.tiff.tags import Directory
from training.types import Grid

_SCALE, _TIEPOINT, _MATRIX, _KEYS, _DOUBLES, _TEXTS = 33550, 33922, 34264, 34735, 34736, 34737
_MODEL, _RASTER, _GEOGRAPHIC, _PROJECTED = 1024, 1025, 2048, 3072
_USER = 32767
# keys beside the code that change nothing about it: citations, units, ellipsoid
_HARMLESS = {1024, 1025, 1026, 2048, 2049, 2052, 2054, 2055, 2056, 2057, 2058, 2059, 2061, 2062, 3072, 3073, 3076}

Transform = tuple[float, float, float, float, float, float]
IDENTITY: Transform = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def grid(directory: Directory, width: int, height: int) -> Grid:
    """The grid of an image.

    Ground control points without a transform give the affine that fits them best (least squares).
    """
    keys = _keys(directory)
    transform = _transform(directory, point=keys.get(_RASTER) == 2)
    if transform is None and _points(directory):
        crs, transform = _ask_gdal(*_geo_tags(directory))
        return Grid(crs, transform, width, height)
    return Grid(_crs(directory, keys), transform or IDENTITY, width, height)


def _keys(directory: Directory) -> dict[int, int]:
    """GeoKeys with a short value; others as -1."""
    raw = directory.numbers(_KEYS)
    if raw is None or len(raw) < 4:
        return {}
    rows = raw[4 : 4 + (len(raw) - 4) // 4 * 4].reshape(-1, 4)
    return {int(key): int(value) if not place else -1 for key, place, _, value in rows.tolist()}


def _doubles(directory: Directory, tag: int) -> list[float]:
    values = directory.numbers(tag)
    return [] if values is None else [float(value) for value in values.tolist()]


def _points(directory: Directory) -> bool:
    return len(_doubles(directory, _TIEPOINT)) > 6


def _transform(directory: Directory, *, point: bool) -> Transform | None:
    matrix = _doubles(directory, _MATRIX)
    scale, tie = _doubles(directory, _SCALE), _doubles(directory, _TIEPOINT)
    if len(scale) >= 2 and len(tie) >= 6 and scale[0] and scale[1]:
        a, e = scale[0], -abs(scale[1])
        found = cornered(a, e, tie, point=False)
    elif len(matrix) == 16:
        found = (matrix[0], matrix[1], matrix[3], matrix[4], matrix[5], matrix[7])
    else:
        return None
    if not np.isfinite(found).all():
        return None
    if point:
        # the tie point names the middle of a pixel, a grid its corner
        a, b, c, d, e, f = found
        found = (a, b, c - (a + b) / 2, d, e, f - (d + e) / 2)
    return found


def cornered(a: float, e: float, tie: Sequence[float], *, point: bool) -> Transform:
    """The transform of an upright grid.

    Args:
        a: width of a pixel.
        e: height of a pixel, negative.
        tie: column, row, 0, x, y, 0 of a point.
        point: whether it is counted from the middle of the first pixel, not from its corner.
    """
    c, f = tie[3] - tie[0] * a, tie[4] - tie[1] * e
    return (a, 0.0, c - (a + 0.0) / 2, 0.0, e, f - (0.0 + e) / 2) if point else (a, 0.0, c, 0.0, e, f)


def _crs(directory: Directory, keys: dict[int, int]) -> str:
    if not keys:
        return ""
    code = {1: keys.get(_PROJECTED, 0), 2: keys.get(_GEOGRAPHIC, 0)}.get(keys.get(_MODEL, 0), 0)
    if 1024 <= code < _USER and set(keys) <= _HARMLESS:
        return f"EPSG:{code}"
    tags = _geo_tags(directory)
    return _ask_gdal(b"", b"", b"", *tags[3:])[0]


def _geo_tags(directory: Directory) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
    def packed(tag: int, kind: str) -> bytes:
        value = directory.tags.get(tag)
        if isinstance(value, bytes):
            return value
        numbers = directory.numbers(tag)
        return b"" if numbers is None else numbers.astype(kind).tobytes()

    return (
        packed(_SCALE, "<f8"),
        packed(_TIEPOINT, "<f8"),
        packed(_MATRIX, "<f8"),
        packed(_KEYS, "<u2"),
        packed(_DOUBLES, "<f8"),
        packed(_TEXTS, "u1"),
    )


@functools.lru_cache(maxsize=1024)
def _ask_gdal(
    scale: bytes, tie: bytes, matrix: bytes, keys: bytes, doubles: bytes, texts: bytes
) -> tuple[str, Transform]:
    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.io import MemoryFile
    from rasterio.transform import from_gcps

    tiny = _tiny_tiff(
        [
            (_SCALE, 12, scale, 8),
            (_TIEPOINT, 12, tie, 8),
            (_MATRIX, 12, matrix, 8),
            (_KEYS, 3, keys, 2),
            (_DOUBLES, 12, doubles, 8),
            (_TEXTS, 2, texts, 1),
        ]
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with MemoryFile(tiny) as memory, memory.open(driver="GTiff", sharing=False) as source:
                points, crs = source.gcps
                transform = from_gcps(points) if points else source.transform
                crs = source.crs or crs
                return (crs.to_string() if crs else "", tuple(transform)[:6])
    except (RasterioError, ValueError) as error:
        raise RasterError(f"A CRS cannot be read: {error}.", "Set the CRS of the file.") from error


def _tiny_tiff(geo: list[tuple[int, int, bytes, int]]) -> bytes:
    """A TIFF of one black pixel with these tags of (number, type, bytes, bytes a value)."""
    short = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)]
    entries = [(tag, 3, struct.pack("<H", value), 2) for tag, value in short] + [one for one in geo if one[2]]
    at = 16 + 2 + 12 * len(entries) + 4
    body, tail = b"", b""
    for tag, kind, data, width in sorted(entries):
        if len(data) <= 4:
            body += struct.pack("<HHI", tag, kind, len(data) // width) + data.ljust(4, b"\0")
        else:
            body += struct.pack("<HHII", tag, kind, len(data) // width, at + len(tail))
            tail += data + b"\0" * (len(data) % 2)
    return struct.pack("<2sHI", b"II", 42, 16) + b"\0" * 8 + struct.pack("<H", len(entries)) + body + b"\0" * 4 + tail
