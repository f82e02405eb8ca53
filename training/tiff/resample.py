"""Values at places between pixels: nearest and bilinear here, cubic and average by GDAL's warper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError
from training.tiff.bilinear import bilinear
from training.tiff.warp import Bools, places
from training.types import Array, Grid

Floats = npt.NDArray[np.float64]

# most error of the approximated coordinates, in pixels of the source: a class value is the true one or another
_EXACT, _NEAREST = 0.05, 0.001


def resample(values: Array, valid: Bools, source: Grid, target: Grid, method: str) -> tuple[Array, Bools]:
    """Pixels of one grid on another.

    Bilinear weighs valid pixels only; where the target is coarser by 2 or more, whole pixels are averaged first.

    Args:
        values: (bands, height, width) on `source`.
        valid: (height, width) whether a pixel was measured.
        source: their grid.
        target: the wanted grid.
        method: `nearest`, `bilinear`, `cubic` or `average`.

    Returns:
        (bands, height, width) on `target` in the type of `values`, and (height, width), False outside `source`.

    Raises:
        RasterError: points cannot be brought from one CRS to the other.
    """
    if method in ("cubic", "average"):
        return _by_gdal(values, valid, source, target, method)
    if method == "bilinear":
        values, valid, source = _pooled(values, valid, source, target)
    rows, columns = (_finite(one) for one in coordinates(source, target, _NEAREST if method == "nearest" else _EXACT))
    shape = (target.height, target.width)
    inside = ((rows >= 0) & (rows < source.height)) & ((columns >= 0) & (columns < source.width))
    seen = np.array(np.broadcast_to(inside, shape))
    whole = bool(valid.all())
    if method == "nearest" or not whole:
        near = _index(rows, source.height) * source.width + _index(columns, source.width)
        if not whole:
            seen &= np.ascontiguousarray(valid).reshape(-1).take(near, mode="clip")
        if method == "nearest":
            flat = np.ascontiguousarray(values).reshape(len(values), -1)
            return flat.take(near.reshape(-1), axis=1, mode="clip").reshape(len(values), *shape), seen
    return bilinear(values, valid, rows - 0.5, columns - 0.5, shape), seen


def _finite(places: Floats) -> Floats:
    """Places that no point of the source corresponds to lie far outside."""
    return places if np.isfinite(places).all() else np.where(np.isfinite(places), places, -1e6)


def coordinates(source: Grid, target: Grid, exact: float = _EXACT) -> tuple[Floats, Floats]:
    """Rows and columns on `source` of the middles of `target`'s pixels; they broadcast to (height, width).

    Upright grids of one CRS give (height, 1) and (1, width). Others are computed exactly at knots and interpolated
    between them, with knots close enough for an error below `exact` pixels of the source.
    """
    height, width = target.height, target.width
    (_, b, _, d, _, _), (_, g, _, h, _, _) = source.transform, target.transform
    if source.crs == target.crs and not (b or d or g or h):
        rows, _ = places(source, target, _middles(height), np.zeros(height))
        _, columns = places(source, target, np.zeros(width), _middles(width))
        return rows[:, None], columns[None, :]
    step = 64
    while True:
        knots_down, knots_across = _knots(height, step), _knots(width, step)
        rows, columns = _exact(source, target, knots_down, knots_across)
        if step <= 2:
            break
        half_down: Floats = (knots_down[:-1] + knots_down[1:]) / 2
        half_across: Floats = (knots_across[:-1] + knots_across[1:]) / 2
        true = _exact(source, target, half_down, half_across)
        guess = _between((rows, columns), knots_down, knots_across, half_down, half_across)
        with np.errstate(invalid="ignore"):
            if all(np.nanmax(np.abs(a - b), initial=0.0) < exact for a, b in zip(true, guess, strict=True)):
                break
        step //= 4
    found = _between((rows, columns), knots_down, knots_across, _middles(height), _middles(width))
    return found[0], found[1]


def _middles(length: int) -> Floats:
    return np.arange(length, dtype=np.float64) + 0.5


def _knots(length: int, step: int) -> Floats:
    return np.linspace(0.0, float(length), max(2, -(-length // step) + 1))


def _exact(source: Grid, target: Grid, down: Floats, across: Floats) -> tuple[Floats, Floats]:
    rows, columns = np.meshgrid(down, across, indexing="ij")
    found = places(source, target, rows.ravel(), columns.ravel())
    return found[0].reshape(rows.shape), found[1].reshape(rows.shape)


def _between(tables: Sequence[Floats], down: Floats, across: Floats, rows: Floats, columns: Floats) -> list[Floats]:
    """Bilinear interpolation of tables at the crossings of rows and columns: two small matrix products each."""
    before, after = _weights(down, rows), _weights(across, columns).T
    return [before @ values @ after for values in tables]


def _weights(knots: Floats, at: Floats) -> Floats:
    place = np.interp(at, knots, np.arange(len(knots), dtype=np.float64))
    low = np.minimum(place.astype(np.int64), len(knots) - 2)
    weights = np.zeros((len(at), len(knots)))
    weights[np.arange(len(at)), low] = 1 - (place - low)
    weights[np.arange(len(at)), low + 1] = place - low
    return weights


def _index(place: Floats, length: int) -> npt.NDArray[np.int64]:
    """The pixel of each place; the nearest one for places outside."""
    return np.minimum(np.maximum(place, 0), length - 1).astype(np.int64)


def _pooled(values: Array, valid: Bools, source: Grid, target: Grid) -> tuple[Array, Bools, Grid]:
    """Means of n x n pixels where the target's pixels are that much larger."""
    rows, columns = places(source, target, *(np.asarray(one) for one in ([0.0, target.height], [0.0, target.width])))
    if not (np.isfinite(rows).all() and np.isfinite(columns).all()):
        return values, valid, source
    ratio = min(abs(rows[1] - rows[0]) / target.height, abs(columns[1] - columns[0]) / target.width)
    n = int(ratio + 0.01)
    height, width = source.height // max(n, 1), source.width // max(n, 1)
    if n < 2 or not height or not width:
        return values, valid, source
    cut = (slice(None), slice(0, height * n), slice(0, width * n))
    shape = (-1, height, n, width, n)
    weight = valid[cut[1:]].reshape(shape[1:])
    counts = weight.sum(axis=(1, 3))
    sums = np.where(weight, values[cut].reshape(shape), 0).sum(axis=(2, 4), dtype=np.float64)
    means = sums / np.maximum(counts, 1)
    if values.dtype.kind in "ui":
        means = np.rint(means)
    a, b, c, d, e, f = source.transform
    grid = Grid(source.crs, (a * n, b * n, c, d * n, e * n, f), width, height)
    return means.astype(values.dtype), counts > 0, grid


def _by_gdal(values: Array, valid: Bools, source: Grid, target: Grid, method: str) -> tuple[Array, Bools]:
    from rasterio.enums import Resampling
    from rasterio.errors import RasterioError
    from rasterio.transform import Affine
    from rasterio.warp import reproject

    shape = (target.height, target.width)
    masked = np.where(valid, values.astype(np.float32), np.float32(np.nan))
    out = np.full((len(values), *shape), np.nan, dtype=np.float32)
    try:
        reproject(
            masked,
            out,
            src_transform=Affine(*source.transform),
            src_crs=source.crs,
            src_nodata=np.nan,
            dst_transform=Affine(*target.transform),
            dst_crs=target.crs,
            dst_nodata=np.nan,
            resampling=Resampling[method],
        )
    except (RasterioError, ValueError) as error:
        raise RasterError(f"{source.crs} cannot be brought to {target.crs}: {error}.", "Set another CRS.") from error
    seen = ~np.isnan(out).any(axis=0)
    out = np.nan_to_num(out)
    if values.dtype.kind in "ui":
        info = np.iinfo(values.dtype.name)
        out = np.clip(np.rint(out), info.min, info.max)
    return out.astype(values.dtype), np.asarray(seen)
