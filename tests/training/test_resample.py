"""Pixels on another grid, against GDAL's warper and exact coordinates."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from ontology.errors import RasterError
from training.tiff.resample import coordinates, resample
from training.tiff.warp import places, source_window, target_grid, window_grid
from training.types import Array, Grid, Recipe

UTM = Grid("EPSG:32633", (10.0, 0.0, 300_000.0, 0.0, -10.0, 5_400_000.0), 400, 300)


def hills(grid: Grid) -> Array:
    """Smooth values of a place alone, so that no resampling may be far off."""
    y, x = np.mgrid[: grid.height, : grid.width] + 0.5
    return (1000 + 300 * np.sin(x / 25) + 200 * np.cos(y / 31)).astype(np.float32)[None]


@pytest.mark.parametrize(
    ("recipe", "tolerance"),
    [
        (Recipe(resolution=7.0), 3.0),
        (Recipe(resolution=20.0), 8.0),
        (Recipe(resolution=33.0), 25.0),
        (Recipe(crs="EPSG:3035"), 4.0),
        (Recipe(crs="EPSG:4326"), 6.0),
    ],
)
def test_bilinear_is_near_gdal(recipe: Recipe, tolerance: float) -> None:
    target = target_grid(UTM, recipe)
    values = hills(UTM)
    got, seen = resample(values, np.ones(values.shape[1:], dtype=bool), UTM, target, "bilinear")
    expected = np.full((target.height, target.width), np.nan, dtype=np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        reproject(
            values[0], expected, src_transform=Affine(*UTM.transform), src_crs=UTM.crs,
            dst_transform=Affine(*target.transform), dst_crs=target.crs, resampling=Resampling.bilinear,
            dst_nodata=np.nan,
        )  # fmt: skip
    both = seen & ~np.isnan(expected)
    assert both.mean() > 0.5 and (seen == ~np.isnan(expected)).mean() > 0.97
    assert np.abs(got[0] - expected)[both].max() < tolerance


def test_coordinates_are_exact_to_a_tenth_of_a_pixel() -> None:
    target = target_grid(UTM, Recipe(crs="EPSG:3035"))
    rows, columns = coordinates(UTM, target)
    y, x = np.mgrid[: target.height, : target.width] + 0.5
    true = places(UTM, target, y.ravel(), x.ravel())
    assert np.abs(rows.ravel() - true[0]).max() < 0.1 and np.abs(columns.ravel() - true[1]).max() < 0.1


def test_pixels_that_were_not_measured_weigh_nothing() -> None:
    values = np.full((1, 20, 20), 100, dtype=np.uint16)
    valid = np.ones((20, 20), dtype=bool)
    values[0, 5:9, 5:9], valid[5:9, 5:9] = 9999, False
    grid = Grid("EPSG:32633", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 20, 20)
    got, seen = resample(values, valid, grid, target_grid(grid, Recipe(resolution=4.0)), "bilinear")
    assert set(np.unique(got[0][seen])) == {100} and not seen.all()


def test_classes_are_never_mixed() -> None:
    values = np.random.default_rng(0).choice([3, 200], (1, 30, 30)).astype(np.uint8)
    grid = Grid("EPSG:32633", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 30, 30)
    target = target_grid(grid, Recipe(resolution=5.0))
    got, seen = resample(values, np.ones((30, 30), dtype=bool), grid, target, "nearest")
    assert seen.all()
    np.testing.assert_array_equal(got[0], values[0].repeat(2, axis=0).repeat(2, axis=1))


def test_grids_that_cannot_meet() -> None:
    assert source_window(UTM, Grid("EPSG:32633", (10.0, 0.0, 900_000.0, 0.0, -10.0, 100.0), 10, 10)) is None
    with pytest.raises(RasterError):
        target_grid(Grid("", UTM.transform, 10, 10), Recipe(crs="EPSG:3035"))
    with pytest.raises(RasterError):
        target_grid(UTM, Recipe(crs="EPSG:999999"))
    part = window_grid(UTM, 10, 20, 5, 6)
    assert source_window(UTM, part, margin=0) == (10, 20, 5, 6)


def test_nearest_takes_the_pixels_that_gdal_takes() -> None:
    values = np.random.default_rng(1).integers(0, 200, (1, UTM.height, UTM.width)).astype(np.uint8)
    whole = np.ones(values.shape[1:], dtype=bool)
    for recipe in (Recipe(resolution=7.0), Recipe(resolution=23.0), Recipe(crs="EPSG:3035"), Recipe(crs="EPSG:4326")):
        target = target_grid(UTM, recipe)
        got, seen = resample(values, whole, UTM, target, "nearest")
        expected = np.full((target.height, target.width), 255, dtype=np.uint8)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            reproject(
                values[0], expected, src_transform=Affine(*UTM.transform), src_crs=UTM.crs,
                dst_transform=Affine(*target.transform), dst_crs=target.crs, resampling=Resampling.nearest,
                dst_nodata=255,
            )  # fmt: skip
        both = seen & (expected != 255)
        # GDAL's coordinates are as exact as an eighth of a pixel
        assert both.mean() > 0.5 and (got[0] == expected)[both].mean() >= (0.97 if recipe.crs else 1.0)
        y, x = np.mgrid[: target.height, : target.width] + 0.5
        row, column = (np.floor(one).astype(int) for one in places(UTM, target, y[seen], x[seen]))
        inside = (row >= 0) & (column >= 0) & (row < UTM.height) & (column < UTM.width)
        true = values[0][row[inside], column[inside]]
        assert inside.mean() > 0.999 and (got[0][seen][inside] == true).mean() > 0.999
