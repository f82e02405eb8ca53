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
_local = threading.local()


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
    from rasterio.errors import RasterioError
    from rasterio.transform import Affine, array_bounds
    from rasterio.warp import calculate_default_transform

    bounds = array_bounds(grid.height, grid.width, Affine(*grid.transform))
    try:
        transform, width, height = calculate_default_transform(
            grid.crs, crs, grid.width, grid.height, *bounds, resolution=resolution or None
        )
    except (RasterioError, ValueError) as error:
        raise RasterError(f"A raster cannot be brought to {crs}: {error}.", "Choose a CRS that covers it.") from error
    if not (width and height and width < 1 << 31 and height < 1 << 31):
        raise RasterError(f"A raster has no extent in {crs}.", "Choose a CRS that covers it.")
    return Grid(crs, tuple(transform)[:6], int(width), int(height))


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


def _edge(grid: Grid) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Points along a grid's outline and over its inside, as rows and columns."""
    rows, columns = np.meshgrid(np.linspace(0, grid.height, 9), np.linspace(0, grid.width, 9), indexing="ij")
    return rows.ravel(), columns.ravel()


def places(
    source: Grid, target: Grid, rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Where points of `target` (row, column; 0.5 is the middle of the first pixel) lie on `source`.

    Raises:
        RasterError: points cannot be brought from one CRS to the other.
    """
    a, b, c, d, e, f = target.transform
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    if source.crs != target.crs:
        import pyproj

        try:
            x, y = _transformer(target.crs, source.crs).transform(x, y)
        except pyproj.exceptions.ProjError as error:
            raise RasterError(
                f"{target.crs} cannot be brought to {source.crs}: {error}.", "Set another CRS."
            ) from error
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
