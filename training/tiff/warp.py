"""Pixels brought to another grid: mixed resolutions and reprojection."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError
from training.types import Grid, Recipe

if TYPE_CHECKING:
    import pyproj

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
_local = threading.local()
_NINTHS = [one.ravel() for one in np.meshgrid(np.arange(9.0), np.arange(9.0), indexing="ij")]


def target_grid(grid: Grid, recipe: Recipe) -> Grid:
    """The chip grid of an item whose first image has `grid`.

    The image's own where the recipe names neither CRS nor resolution. A new CRS gives the smallest upright grid that
    holds the image, with the image's resolution unless the recipe has one.

    Raises:
        RasterError: the image has no CRS, or one that cannot be brought to the recipe's.
    """
    crs, resolution = recipe.crs or grid.crs, recipe.resolution
    if (not recipe.crs or recipe.crs == grid.crs) and not resolution:
        return grid
    if not grid.crs:
        raise RasterError("A raster without a CRS cannot be reprojected.", "Leave crs and resolution out.")
    rows, columns = _edge(grid)
    x, y = _moved(grid, crs, columns, rows)
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any():
        raise RasterError(f"A raster cannot be brought to {crs}.", "Choose a CRS that covers it.")
    if not resolution:
        # as large as the pixel in the middle
        middle = np.asarray([grid.height / 2, grid.height / 2, grid.height / 2 + 1])
        across = np.asarray([grid.width / 2, grid.width / 2 + 1, grid.width / 2])
        u, v = _moved(grid, crs, across, middle)
        resolution = math.sqrt(abs((u[1] - u[0]) * (v[2] - v[0]) - (u[2] - u[0]) * (v[1] - v[0])))
        if not (math.isfinite(resolution) and resolution > 0):
            raise RasterError(f"A raster cannot be brought to {crs}.", "Set a resolution.")
    left, top = float(x[good].min()), float(y[good].max())
    width = math.ceil((float(x[good].max()) - left) / resolution - 1e-6)
    height = math.ceil((top - float(y[good].min())) / resolution - 1e-6)
    if not (0 < width < 1 << 31 and 0 < height < 1 << 31):
        raise RasterError(f"A raster of {width} x {height} pixels in {crs} makes no sense.", "Set the resolution.")
    return Grid(crs, (resolution, 0.0, left, 0.0, -resolution, top), width, height)


def _moved(grid: Grid, crs: str, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Points of a grid as x and y in another CRS."""
    a, b, c, d, e, f = grid.transform
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    if crs == grid.crs:
        return x, y
    import pyproj

    try:
        return _transformer(grid.crs, crs).transform(x, y)
    except pyproj.exceptions.ProjError as error:
        raise RasterError(f"{grid.crs} cannot be brought to {crs}: {error}.", "Set another CRS.") from error


def window_grid(grid: Grid, row: int, column: int, height: int, width: int) -> Grid:
    """A part of a grid."""
    a, b, c, d, e, f = grid.transform
    return Grid(grid.crs, (a, b, c + a * column + b * row, d, e, f + d * column + e * row), width, height)


def source_window(source: Grid, target: Grid, margin: int = 2) -> tuple[int, int, int, int] | None:
    """Row, column, height, width of the pixels of `source` that `target` needs; None where they do not overlap.

    Raises:
        RasterError: one of them has no CRS, or points cannot be brought from one to the other.
    """
    rows, columns = places(source, target, *_edge(target))
    good = np.isfinite(rows) & np.isfinite(columns)
    if not good.any():
        return None
    top, bottom = math.floor(rows[good].min()) - margin, math.ceil(rows[good].max()) + margin
    left, right = math.floor(columns[good].min()) - margin, math.ceil(columns[good].max()) + margin
    top, left = max(top, 0), max(left, 0)
    bottom, right = min(bottom, source.height), min(right, source.width)
    return (top, left, bottom - top, right - left) if top < bottom and left < right else None


def _edge(grid: Grid) -> tuple[Floats, Floats]:
    """Points along a grid's outline and over its inside, as rows and columns."""
    return _NINTHS[0] * (grid.height / 8), _NINTHS[1] * (grid.width / 8)


def places(source: Grid, target: Grid, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """Where points of `target` (row, column; 0.5 is the middle of the first pixel) lie on `source`.

    Raises:
        RasterError: points cannot be brought from one CRS to the other.
    """
    x, y = _moved(target, source.crs, columns, rows)
    a, b, c, d, e, f = source.transform
    determinant = a * e - b * d
    if not determinant:
        raise RasterError("A raster's transform is singular.", "Set its georeference.")
    return (a * (y - f) - d * (x - c)) / determinant, (e * (x - c) - b * (y - f)) / determinant


def _transformer(one: str, other: str) -> pyproj.Transformer:
    """The transformer of this thread between two CRS."""
    held: dict[tuple[str, str], pyproj.Transformer] = _local.__dict__.setdefault("held", {})
    if (one, other) not in held:
        import pyproj

        try:
            held[one, other] = pyproj.Transformer.from_crs(one, other, always_xy=True)
        except pyproj.exceptions.ProjError as error:
            raise RasterError(f"{one} or {other} is no CRS: {error}.", "Set another CRS.") from error
    return held[one, other]
