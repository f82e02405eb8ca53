"""One chip of an item, read by itself: the plain way, which the block-ordered engine must agree with."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError
from training.engine.planes import Plane, Source
from training.engine.targets import Scheme
from training.tiff.read import read_window
from training.tiff.resample import resample
from training.tiff.warp import source_window, window_grid
from training.types import Array, Bytes, Recipe

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cut:
    """A chip's pixels.

    Attributes:
        image: (channels, height, width).
        valid: (height, width).
        mask: (height, width) class values, or None.
    """

    image: Array
    valid: Bools
    mask: Array | None


def cut(
    source: Source, data: Bytes, recipe: Recipe, scheme: Scheme, row: int, column: int, height: int, width: int
) -> Cut:
    """Reads a chip.

    Raises:
        FetchError: bytes cannot be had.
        RasterError: a file is damaged, the window outside, or nothing was measured there.
    """
    window = (row, column, height, width)
    image = np.empty((source.channels, height, width), dtype=source.dtype)
    valid = np.ones((height, width), dtype=bool)
    for plane in source.planes:
        values, seen = plane_window(plane, source, data, recipe.resampling, *window)
        place(plane, values, image)
        valid &= seen
    if not valid.any():
        raise RasterError(f"{source.item.iri} has no valid pixel at {column}, {row}.", "Leave it out.")
    mask = None
    if source.target is not None:
        values, seen = plane_window(source.target, source, data, "nearest", *window)
        mask = scheme.mask(values[0], seen)
    return Cut(image, valid, mask)


def plane_window(
    plane: Plane, source: Source, data: Bytes, method: str, row: int, column: int, height: int, width: int
) -> tuple[Array, Bools]:
    """Stored values of a plane in a window of the chip grid, and where they were measured.

    Raises:
        FetchError: bytes cannot be had.
        RasterError: the file is damaged or does not reach the window.
    """
    one, bands = plane.header, [band + 1 for band in plane.bands]
    if plane.aligned:
        return read_window(data, one, bands, row, column, height, width, nodata=plane.nodata)
    target = window_grid(source.grid, row, column, height, width)
    required_grids(plane, source)
    needed = source_window(one.grid, target)
    if needed is None:
        raise RasterError(f"{one.href} does not overlap the chip at {column}, {row}.", "Leave it out.")
    values, seen = read_window(data, one, bands, *needed, nodata=plane.nodata)
    return resample(values, seen, window_grid(one.grid, *needed), target, method)


def required_grids(plane: Plane, source: Source) -> None:
    """Refuses a file of another size that nothing places. Raises RasterError."""
    one = plane.header
    if not one.grid.crs or not source.grid.crs:
        raise RasterError(
            f"{one.href} has {one.width} x {one.height} pixels, its image {source.grid.width} x {source.grid.height}, "
            "and no CRS tells where they lie.",
            "Give both a georeference.",
        )


def place(plane: Plane, values: Array, image: Array) -> None:
    """Writes (bands, rows, columns) of stored values into their channels, calibrated and cast."""
    together = plane.together
    if together is not None and not plane.calibrated and (values.dtype.kind != "f" or image.dtype.kind == "f"):
        np.copyto(image[together], values, casting="unsafe")
        return
    for channel, band, scale, shift in zip(plane.channels, values, plane.scale, plane.shift, strict=True):
        if scale != 1 or shift:
            band = band.astype(np.float32) * np.float32(scale) + np.float32(shift)
        with warnings.catch_warnings():
            # NaN has no integer; such pixels are not valid
            warnings.simplefilter("ignore", RuntimeWarning)
            np.copyto(image[channel], band, casting="unsafe")
