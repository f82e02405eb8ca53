"""Chips as rows of numbers: `X, y` for scikit-learn and its kind, whole and within bounds or batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.adapters.source import Source
from training.adapters.transforms import Transform, channel_axis
from training.select.lock import Lock
from training.types import Array, Batch
from training.windows import noise

Floats = npt.NDArray[np.floating[Any]]
# rows of a batch: features (rows, columns), targets (rows,), number of the chip that each row comes from
Rows = tuple[Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]
Features = Callable[[Batch], Rows]
# key of the draw of pixels
_DRAW = 102


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a split.

    Attributes:
        X: (rows, columns).
        y: (rows,) class values.
        groups: (rows,) number of the chip that a row comes from, for grouped cross-validation.
        names: of the columns, where the channels have names.
    """

    X: Array
    y: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    names: tuple[str, ...] = ()


def _labels(batch: Batch) -> npt.NDArray[np.int64]:
    if batch.label is None:
        raise EarthdexError("These chips have no label of their own.", "Take features='pixels'.")
    return batch.label


def chip_statistics(batch: Batch) -> Rows:
    """Mean, standard deviation, and 10th, 50th and 90th percentile of each channel of a chip: (chips, 5 * channels).

    Pixels that are not valid are left out; time steps of series count as pixels.
    """
    axis = channel_axis(batch.image)
    image = np.moveaxis(batch.image, axis, 1).astype(np.float32).reshape(len(batch.index), batch.image.shape[axis], -1)
    valid = batch.valid
    if batch.image.ndim == 5 and valid.ndim == 3:
        valid = np.broadcast_to(valid[:, None], (*batch.image.shape[:2], *valid.shape[1:]))
    flat = valid.reshape(len(batch.index), 1, -1)
    if flat.all():
        parts = [image.mean(2), image.std(2), *np.percentile(image, (10, 50, 90), axis=2)]
    else:
        image = np.where(flat, image, np.float32(np.nan))
        parts = [np.nanmean(image, 2), np.nanstd(image, 2), *np.nanpercentile(image, (10, 50, 90), axis=2)]
    return np.concatenate(parts, axis=1).astype(np.float32), _labels(batch), batch.index


def flat_series(batch: Batch) -> Rows:
    """Each pixel series as one row: (series, channels * time); 0 where nothing was measured."""
    if batch.image.ndim != 3:
        raise EarthdexError("These are no pixel series.", "Take features='pixels' or 'chips'.")
    image = np.where(batch.valid[:, None], batch.image, batch.image.dtype.type(0))
    return image.reshape(len(image), -1), _labels(batch), batch.index


@dataclass(frozen=True, slots=True)
class Pixels:
    """Pixels as rows (pixels, channels), with the class of the mask, or of the chip where there is none.

    Attributes:
        ignore: mask value where nothing is labelled.
        per_chip: most pixels of a chip, drawn from (seed, chip number); all when 0.
        seed: of the draw.
    """

    ignore: int = 255
    per_chip: int = 0
    seed: int = 0

    def __call__(self, batch: Batch) -> Rows:
        """Rows of the valid, labelled pixels of a batch."""
        if batch.image.ndim != 4:
            raise EarthdexError("These chips are no single images.", "Take features='chips' or 'series'.")
        target = batch.mask if batch.mask is not None else _labels(batch)[:, None, None]
        target = np.broadcast_to(target, batch.valid.shape)
        wanted = batch.valid & (target != self.ignore) if batch.mask is not None else batch.valid.copy()
        if self.per_chip:
            for number, chip in zip(batch.index, wanted, strict=True):
                places = np.flatnonzero(chip)
                if len(places) > self.per_chip:
                    chance = noise(np.arange(len(places)), self.seed, int(number), _DRAW)
                    chip.reshape(-1)[places[np.argsort(chance, kind="stable")[self.per_chip :]]] = False
        rows = np.moveaxis(batch.image, 1, 3)[wanted]
        groups = np.repeat(batch.index, wanted.reshape(len(wanted), -1).sum(1))
        return rows, target[wanted].astype(np.int64), groups


def _features(features: str | Features, source: Source, per_chip: int) -> Features:
    if callable(features):
        return features
    known: dict[str, Features] = {
        "pixels": Pixels(source.recipe.ignore, per_chip, source.recipe.seed),
        "chips": chip_statistics,
        "series": flat_series,
    }
    if features not in known:
        raise EarthdexError(f"There are no features {features!r}.", f"Known: {', '.join(known)}, or a function.")
    return known[features]


def _names(features: str | Features, source: Source) -> tuple[str, ...]:
    channels = source.channels()
    if features == "pixels":
        return channels
    if features == "chips":
        return tuple(f"{one}_{what}" for what in ("mean", "std", "p10", "p50", "p90") for one in channels)
    return ()


def sklearn_batches(
    lock: Lock | str | Path | Source,
    *,
    features: str | Features = "pixels",
    per_chip: int = 0,
    split: str = "",
    epoch: int = 0,
    transforms: Sequence[Transform] = (),
    **options: Any,  # noqa: ANN401
) -> Iterator[Rows]:
    """One epoch as (X, y, groups) of each batch, for `partial_fit`; memory is bounded by a batch.

    Args:
        lock: a lock, the path of one, or a source.
        features: `pixels` (rows are pixels), `chips` (rows are chips: mean, deviation and percentiles of each
            channel), `series` (rows are pixel series), or a function of a `Batch`.
        per_chip: most pixels of a chip for `pixels`, drawn by seed and chip; all when 0.
        split: which part of the lock; all when empty.
        epoch: which order and crops.
        transforms: applied before.
        **options: see `Source`: root, cache, threads, strict, allow_private.

    Raises:
        EarthdexError: the features do not fit the chips.
    """
    source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
    make = _features(features, source, per_chip)
    for batch in source.filled(epoch):
        rows = make(batch)
        if len(rows[1]):
            yield rows


def sklearn_arrays(
    lock: Lock | str | Path | Source,
    *,
    features: str | Features = "pixels",
    per_chip: int = 0,
    split: str = "",
    transforms: Sequence[Transform] = (),
    max_bytes: int = 4 << 30,
    **options: Any,  # noqa: ANN401
) -> Table:
    """All rows of a split at once: `model.fit(table.X, table.y)`.

    Args:
        lock: a lock, the path of one, or a source.
        features: see `sklearn_batches`.
        per_chip: most pixels of a chip for `pixels`; all when 0.
        split: which part of the lock; all when empty.
        transforms: applied before.
        max_bytes: most bytes of X and y.
        **options: see `Source`.

    Raises:
        EarthdexError: there are more rows than `max_bytes` holds, or none.
    """
    source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
    held: list[Rows] = []
    size = 0
    for rows in sklearn_batches(source, features=features, per_chip=per_chip):
        size += sum(one.nbytes for one in rows)
        if size > max_bytes:
            raise EarthdexError(
                f"The rows need more than {max_bytes:,} bytes.",
                "Take per_chip, or sklearn_batches with partial_fit, or raise max_bytes.",
            )
        held.append(rows)
    if not held:
        raise EarthdexError("No chip gives a row.", "`report.skipped` tells what could not be read.")
    x, y, groups = (np.concatenate([rows[part] for rows in held]) for part in range(3))
    return Table(x, y, groups, _names(features, source))
