"""Reading one raster, local or remote, with the care that strangers' files need."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from ontology.errors import FetchError, RasterError
from training.io.listing import is_web

# GDAL reads a VRT that names any file on the machine, so only formats that hold their own pixels are opened
_DRIVERS = ["GTiff"]
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@dataclass(frozen=True, slots=True)
class Pixels:
    """A raster in memory.

    Attributes:
        values: (bands, height, width) in the file's own type.
        valid: (height, width), False where any read band is nodata or NaN.
        crs: WKT of its CRS, empty where unknown.
        bounds: (left, bottom, right, top) in units of the CRS; None where it is not georeferenced.
    """

    values: npt.NDArray[np.generic]
    valid: npt.NDArray[np.bool_]
    crs: str
    bounds: tuple[float, float, float, float] | None


def read_bytes(href: str, http: httpx.Client, max_bytes: int) -> bytes:
    """The bytes of a file or URL.

    Raises:
        FetchError: it cannot be had or is larger than `max_bytes`.
    """
    try:
        if is_web(href):
            read = bytearray()
            with http.stream("GET", href) as response:
                if response.status_code != 200:
                    raise FetchError(f"{href}: the server answered {response.status_code}.", "Check the address.")
                for block in response.iter_bytes():
                    read += block
                    if len(read) > max_bytes:
                        raise FetchError(f"{href} is larger than {max_bytes:,} bytes.", "Raise max_bytes.")
            return bytes(read)
        path = Path(href)
        if path.stat().st_size > max_bytes:
            raise FetchError(f"{href} is larger than {max_bytes:,} bytes.", "Raise max_bytes.")
        return path.read_bytes()
    except (OSError, httpx.HTTPError) as error:
        raise FetchError(f"{href} cannot be read: {error}.", "Check the path and the connection.") from error


def read_raster(data: bytes, href: str, *, bands: Sequence[int] | None = None, max_pixels: int = 1 << 28) -> Pixels:
    """Decodes a GeoTIFF.

    Args:
        data: the file's bytes.
        href: named in errors.
        bands: 1-based band numbers in the wanted order; all by default.
        max_pixels: most values (bands x height x width), so that a small file cannot ask for all memory.

    Raises:
        RasterError: not a GeoTIFF, damaged, too large, or without the wanted bands.
    """
    if data[:4] not in _MAGIC:
        raise RasterError(f"{href} is not a GeoTIFF.", "Only GeoTIFF chips can be streamed.")
    try:
        with warnings.catch_warnings():
            # label rasters often carry no georeference: theirs is the image's
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with MemoryFile(data) as memory, memory.open(driver="GTiff", sharing=False) as source:
                if source.driver not in _DRIVERS:
                    raise RasterError(f"{href} is a {source.driver}, not a GeoTIFF.", "Only GeoTIFF is read.")
                wanted = list(bands) if bands else list(source.indexes)
                missing = [band for band in wanted if band not in source.indexes]
                if missing:
                    raise RasterError(f"{href} has {source.count} bands, not band {missing[0]}.", "Choose other bands.")
                if len(wanted) * source.height * source.width > max_pixels:
                    raise RasterError(
                        f"{href} has {source.width} x {source.height} pixels: too many.", "Raise max_pixels."
                    )
                values = source.read(wanted)
                valid = np.logical_and.reduce([source.read_masks(band) != 0 for band in wanted])
                georeferenced = source.crs is not None
                return Pixels(
                    values,
                    _without_nan(values, valid),
                    source.crs.to_wkt() if georeferenced else "",
                    tuple(source.bounds) if georeferenced else None,
                )
    except RasterioError as error:
        raise RasterError(
            f"{href} cannot be decoded: {error}.", "The file may be truncated; fetch it again."
        ) from error


def _without_nan(values: npt.NDArray[np.generic], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    if np.issubdtype(values.dtype, np.floating):
        valid = valid & ~np.isnan(values).any(axis=0)
    return valid
