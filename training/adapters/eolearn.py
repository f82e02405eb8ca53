"""Chips as eo-learn patches, and our transforms as eo-learn tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ontology.errors import EarthdexError
from training.adapters.source import Source
from training.adapters.transforms import Transform
from training.select.lock import Lock
from training.types import Array, Batch, Grid

# where the arrays of a batch lie in a patch
BANDS, VALID, LABEL, MASK = "BANDS", "IS_DATA", "LABEL", "MASK"


def _bbox(grid: Grid) -> Any:  # noqa: ANN401
    from pyproj import CRS as Projection
    from sentinelhub import CRS, BBox

    a, b, c, d, e, f = grid.transform
    code = Projection.from_user_input(grid.crs).to_epsg()
    if code is None:
        raise EarthdexError("eo-learn knows only CRS with an EPSG code.", "Lock with recipe.crs, such as EPSG:32633.")
    if b or d:
        raise EarthdexError("eo-learn knows no turned grids.", "Lock with recipe.crs.")
    x, y = sorted((c, c + a * grid.width)), sorted((f, f + e * grid.height))
    return BBox((x[0], y[0], x[1], y[1]), CRS(str(code)))


def eopatch_of(batch: Batch, place: int, source: Source) -> Any:  # noqa: ANN401 - eo-learn is optional
    """One chip of a batch as a patch; see `eopatches`."""
    from eolearn.core import EOPatch, FeatureType

    number = int(batch.index[place])
    lock = source.lock
    item = source.item(number, batch.epoch)
    grid = source.grid(number, batch.epoch)
    if grid is None:
        raise EarthdexError(f"{item.iri} is not georeferenced, as a patch must be.", "Take another adapter.")
    image, valid = batch.image[place], batch.valid[place]
    times = [datetime.fromisoformat(one).replace(tzinfo=None) for one in source.times(number)]
    if image.ndim == 3:
        image = image[None]
    valid = np.broadcast_to(valid, (len(image), *valid.shape[-2:]))
    patch = EOPatch(bbox=_bbox(grid), timestamps=times if len(times) == len(image) else None)
    dated = patch.timestamps is not None
    # without time, eo-learn keeps (height, width, channels)
    spread = np.moveaxis(image, -3, -1)
    patch[FeatureType.DATA if dated else FeatureType.DATA_TIMELESS, BANDS] = _rows(spread if dated else spread[0])
    patch[FeatureType.MASK if dated else FeatureType.MASK_TIMELESS, VALID] = _rows(
        valid[..., None] if dated else valid[0][..., None]
    )
    if batch.mask is not None:
        patch[FeatureType.MASK_TIMELESS, MASK] = _rows(batch.mask[place][..., None])
    if batch.label is not None:
        patch[FeatureType.LABEL_TIMELESS, LABEL] = np.asarray([batch.label[place]])
    patch[FeatureType.META_INFO, "earthdex"] = {"iri": item.iri, "lock": lock.digest, "chip": number}
    return patch


def _rows(values: Array) -> Array:
    return np.ascontiguousarray(values)


def eopatches(
    lock: Lock | str | Path | Source,
    *,
    split: str = "",
    epoch: int = 0,
    transforms: Sequence[Transform] = (),
    **options: Any,  # noqa: ANN401
) -> Iterator[Any]:
    """The chips of an epoch as `EOPatch`, in the order of its batches.

    A patch holds `DATA/BANDS` (time, height, width, channels) and `MASK/IS_DATA` (time, height, width, 1), or the
    timeless kinds of both where the time is not known; `MASK_TIMELESS/MASK` (height, width, 1) or
    `LABEL_TIMELESS/LABEL` (1,); the bounding box, the times, and under `META_INFO/earthdex` what it is.

    Args:
        lock: a lock, the path of one, or a source.
        split: which part of it; all when empty.
        epoch: which order and crops.
        transforms: applied to each batch in order.
        **options: see `Source`: root, cache, threads, strict, allow_private.

    Raises:
        EarthdexError: a chip is not georeferenced, or its CRS has no EPSG code.
    """
    source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
    for batch in source.filled(epoch):
        for place in range(len(batch.index)):
            yield eopatch_of(batch, place, source)


def as_eotask(transform: Transform, *, seed: int = 0, epoch: int = 0) -> Any:  # noqa: ANN401
    """A transform as an eo-learn task on `BANDS`, `IS_DATA` and `MASK` of such patches.

    What is random is drawn from (seed, epoch, chip number), so a patch changes as its chip does in the other adapters.

    Args:
        transform: one of `training.adapters.transforms`, or like them.
        seed: that of the lock's recipe gives what the other adapters give.
        epoch: of the draws.
    """
    from eolearn.core import EOTask, FeatureType

    class TransformTask(EOTask):  # type: ignore[misc]  # eo-learn may be absent
        """Applies a transform to a patch."""

        def execute(self, eopatch: Any) -> Any:  # noqa: ANN401
            """The changed patch; the given one stays as it is."""
            dated = FeatureType.DATA if (FeatureType.DATA, BANDS) in eopatch else FeatureType.DATA_TIMELESS
            masks = FeatureType.MASK if dated == FeatureType.DATA else FeatureType.MASK_TIMELESS
            image, valid = np.moveaxis(eopatch[dated, BANDS], -1, -3), eopatch[masks, VALID][..., 0]
            single = image.ndim == 4 and len(image) == 1
            target = eopatch[FeatureType.MASK_TIMELESS, MASK][..., 0] if _has(eopatch, MASK) else None
            number = eopatch.meta_info.get("earthdex", {}).get("chip", 0)
            batch = Batch(
                image[0][None] if single else image[None],
                valid[0][None] if single else valid[None],
                np.asarray([number], np.int64),
                mask=None if target is None else target[None],
                epoch=epoch,
            )
            done = transform(batch, seed)
            out = eopatch.copy()
            out[dated, BANDS] = _rows(np.moveaxis(done.image if single else done.image[0], -3, -1))
            out[masks, VALID] = _rows((done.valid if single else done.valid[0])[..., None])
            if done.mask is not None:
                out[FeatureType.MASK_TIMELESS, MASK] = _rows(done.mask[0][..., None])
            return out

    return TransformTask()


def _has(patch: Any, name: str) -> bool:  # noqa: ANN401
    from eolearn.core import FeatureType

    return (FeatureType.MASK_TIMELESS, name) in patch
