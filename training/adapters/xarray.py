"""Chips as `xarray.Dataset` with coordinates, time and CRS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ontology.errors import FetchError
from training.adapters.source import Source
from training.adapters.transforms import Transform
from training.select.lock import Lock
from training.types import Batch, Grid


def _coordinates(grid: Grid) -> dict[str, Any]:
    """Centres of the pixels and the CRS, as CF conventions and rioxarray write them."""
    from pyproj import CRS

    a, b, c, d, e, f = grid.transform
    columns, rows = np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5
    found: dict[str, Any] = {"spatial_ref": ((), 0, _crs_attributes(CRS.from_user_input(grid.crs), grid))}
    if not b and not d:
        found |= {"x": ("x", c + a * columns), "y": ("y", f + e * rows)}
    else:
        # turned grids have no coordinate of their own for rows and columns
        found["xc"] = (("y", "x"), c + a * columns[None] + b * rows[:, None])
        found["yc"] = (("y", "x"), f + d * columns[None] + e * rows[:, None])
    return found


def _crs_attributes(crs: Any, grid: Grid) -> dict[str, Any]:  # noqa: ANN401
    a, b, c, d, e, f = grid.transform
    return {**crs.to_cf(), "crs_wkt": crs.to_wkt(), "GeoTransform": " ".join(str(one) for one in (c, a, b, f, d, e))}


def xarray_of(batch: Batch, place: int, source: Source) -> Any:  # noqa: ANN401 - xarray is optional
    """One chip of a batch as a Dataset; see `xarray_chips`."""
    import xarray as xr

    number = int(batch.index[place])
    image = batch.image[place]
    lock = source.lock
    item = source.item(number, batch.epoch)
    space = ("y", "x")
    series = image.ndim == 4
    dims = (("time", "band", *space) if series else ("band", *space)) if image.ndim > 2 else ("band", "time")
    valid_dims = space if batch.valid[place].ndim == 2 else ("time", *space) if series else ("time",)
    variables: dict[str, Any] = {"image": (dims, image), "valid": (valid_dims, batch.valid[place])}
    if batch.mask is not None:
        variables["mask"] = (space, batch.mask[place])
    if batch.label is not None:
        variables["label"] = ((), batch.label[place])
    coordinates: dict[str, Any] = {"index": number}
    names = source.channels()
    if names and len(names) == image.shape[dims.index("band")]:
        coordinates["band"] = list(names)
    times = [np.datetime64(one.rstrip("Z"), "ns") for one in source.times(number)]
    if series and len(times) == len(image):
        coordinates["time"] = times
    elif times and "time" not in dims:
        coordinates["time"] = times[0]
    grid = source.grid(number, batch.epoch) if image.ndim > 2 else None
    if grid is not None and (grid.height, grid.width) == image.shape[-2:]:
        coordinates |= _coordinates(grid)
    attributes = {"iri": item.iri, "dataset": item.dataset, "lock": lock.digest}
    found = xr.Dataset(variables, coordinates, attributes)
    if "spatial_ref" in coordinates:
        for name in ("image", "valid", "mask"):
            if name in found:
                found[name].attrs["grid_mapping"] = "spatial_ref"
    return found


def xarray_chip(lock: Lock | str | Path | Source, number: int, *, epoch: int = 0, **options: Any) -> Any:  # noqa: ANN401
    """One chip by its number as an `xarray.Dataset`; see `xarray_chips`.

    Raises:
        FetchError, RasterError: it cannot be read.
    """
    source = lock if isinstance(lock, Source) else Source(lock, **options)
    batch = source.chip(number, epoch)
    if not len(batch.index):
        why = batch.skipped[0].reason if batch.skipped else "it is not there"
        raise FetchError(f"Chip {number} cannot be read: {why}", "Check root and files.")
    return xarray_of(batch, 0, source)


def xarray_chips(
    lock: Lock | str | Path | Source,
    *,
    split: str = "",
    epoch: int = 0,
    transforms: Sequence[Transform] = (),
    **options: Any,  # noqa: ANN401
) -> Iterator[Any]:
    """The chips of an epoch as `xarray.Dataset`, in the order of its batches.

    Variables: `image` (band, y, x) with time first for series of scenes, `valid` (y, x), and `mask` (y, x) or
    `label`. Coordinates: `band` names, `x` and `y` of the pixel centres in the CRS of `spatial_ref` (CF grid mapping),
    `time` of the item, `index` of the chip. A chip that was mirrored by a transform keeps the coordinates of its place,
    not of each pixel: leave such transforms out here.

    Args:
        lock: a lock, the path of one, or a source.
        split: which part of it; all when empty.
        epoch: which order and crops.
        transforms: applied to each batch in order.
        **options: see `Source`: root, cache, threads, strict, allow_private.
    """
    source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
    for batch in source.filled(epoch):
        for place in range(len(batch.index)):
            yield xarray_of(batch, place, source)
