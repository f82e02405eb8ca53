"""Band statistics and class counts of a stream, one pass, in bounded memory, mergeable over workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.care.moments import Moments
from training.types import Array, Batch

PERCENTILES = (1.0, 2.0, 25.0, 50.0, 75.0, 98.0, 99.0)


class Batches(Protocol):
    """What gives the batches of an epoch: `training.engine.Reader`."""

    def batches(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        """Batches start, start + step ... of an epoch."""

    def __len__(self) -> int:
        """Batches of an epoch."""


@dataclass(frozen=True, slots=True)
class BandStatistics:
    """Statistics of bands and classes.

    Attributes:
        bands: names, or 1-based numbers as texts.
        count: values of each band, without nodata and NaN.
        mean, std: of each band; std over all values, not a sample.
        minimum, maximum: of each band.
        percentiles: percent -> value of each band; exact for integers of up to 16 bits, else to within 1 %.
        exact: whether the figures are exact (integers) or rounded as float64 sums are.
        classes: class value -> labels or pixels.
        present: class value -> chips that show it.
        presence: class value -> valid pixels of these chips, for median frequencies; chips where labels are of chips.
    """

    bands: tuple[str, ...]
    count: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    percentiles: dict[float, tuple[float, ...]]
    exact: bool
    classes: dict[int, int]
    present: dict[int, int]
    presence: dict[int, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON as a lock keeps it, bands in their order; nothing but null where a band has no value."""
        rows = [
            {
                "name": name,
                "count": self.count[at],
                "mean": _number(self.mean[at]),
                "std": _number(self.std[at]),
                "min": _number(self.minimum[at]),
                "max": _number(self.maximum[at]),
                "percentiles": {f"{share:g}": _number(values[at]) for share, values in self.percentiles.items()},
            }
            for at, name in enumerate(self.bands)
        ]
        return {
            "bands": rows,
            "exact": self.exact,
            "classes": {str(key): value for key, value in sorted(self.classes.items())},
            "present": {str(key): value for key, value in sorted(self.present.items())},
            "presence": {str(key): value for key, value in sorted(self.presence.items())},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> BandStatistics:
        """What `to_dict` wrote.

        Raises:
            EarthdexError: it is something else.
        """
        try:
            rows = stored["bands"]
            shares = sorted({float(key) for row in rows for key in row["percentiles"]})

            def column(key: str) -> tuple[float, ...]:
                return tuple(float("nan") if row[key] is None else row[key] for row in rows)

            return cls(
                tuple(str(row["name"]) for row in rows),
                tuple(int(row["count"]) for row in rows),
                column("mean"),
                column("std"),
                column("min"),
                column("max"),
                {
                    share: tuple(
                        float("nan") if (value := row["percentiles"].get(f"{share:g}")) is None else float(value)
                        for row in rows
                    )
                    for share in shares
                },
                bool(stored["exact"]),
                *(
                    {int(key): int(value) for key, value in stored[name].items()}
                    for name in ("classes", "present", "presence")
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EarthdexError("These are no band statistics.", "Make the lock anew.") from error


def _number(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return value if np.isfinite(value) else None


class Gathering:
    """Statistics in the making.

    One can be filled in each worker; `merge` brings them together. Integers of up to 16 bits give the same figures
    whatever the order.
    """

    def __init__(self, bands: Sequence[str] = (), ignore: int = 255) -> None:
        """Args: `bands`: names; numbers where none; `ignore`: target value that stands for nothing."""
        self._names = tuple(bands)
        self._ignore = ignore
        self._bands: list[Moments] = []
        self._classes: dict[int, list[int]] = {}

    def add(self, batch: Batch) -> None:
        """Takes in a batch: values that are valid and finite, and its labels or masks.

        Raises:
            EarthdexError: it has another number of bands or another type than those before.
        """
        if batch.image.size:
            self.add_pixels(batch.image, batch.valid)
        if batch.mask is not None:
            for mask, valid in zip(batch.mask, batch.valid, strict=True):
                self._add_mask(mask, valid)
        elif batch.label is not None:
            values, counts = np.unique(batch.label, return_counts=True)
            for value, count in zip(values.tolist(), counts.tolist(), strict=True):
                self._count(value, count, count, count)

    def add_pixels(self, image: Array, valid: npt.NDArray[np.bool_] | None = None) -> None:
        """Takes in pixels: (n, channels, ...) or (n, time, channels, height, width), with (n, ...) validity.

        Raises:
            EarthdexError: as `add`.
        """
        values = np.moveaxis(image, 2 if image.ndim == 5 else 1, 0)
        if not self._bands:
            if self._names and len(self._names) != len(values):
                raise EarthdexError(
                    f"{len(self._names)} names stand for {len(values)} bands.", "Name each band once, or none."
                )
            self._bands = [Moments(image.dtype) for _ in values]
        if len(values) != len(self._bands) or image.dtype != self._bands[0].dtype:
            raise EarthdexError(
                f"A batch has {len(values)} bands of {image.dtype}, those before {len(self._bands)} of "
                f"{self._bands[0].dtype}.",
                "Bring all chips to the same bands and type (Recipe.bands, Recipe.dtype).",
            )
        keep = None if valid is None or valid.all() else _spread(valid, values.shape[1:])
        for moments, band in zip(self._bands, values, strict=True):
            moments.add(band if keep is None else band[keep])

    def _add_mask(self, mask: Array, valid: npt.NDArray[np.bool_]) -> None:
        known = mask != self._ignore
        if valid.shape == mask.shape:
            known &= valid
        values, counts = np.unique(mask[known], return_counts=True)
        total = int(counts.sum())
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            self._count(int(value), int(count), 1, total)

    def _count(self, value: int, count: int, chips: int, pixels: int) -> None:
        row = self._classes.setdefault(int(value), [0, 0, 0])
        for place, amount in enumerate((count, chips, pixels)):
            row[place] += amount

    def merge(self, other: Gathering) -> None:
        """Takes in what another gathered over other chips.

        Raises:
            EarthdexError: it saw other bands.
        """
        if other._bands and not self._bands:
            self._bands = [Moments(one.dtype) for one in other._bands]
        if other._bands and len(other._bands) != len(self._bands):
            raise EarthdexError("Statistics of different bands do not merge.", "Gather the same bands everywhere.")
        for mine, theirs in zip(self._bands, other._bands, strict=False):
            mine.merge(theirs)
        for value, row in other._classes.items():
            self._count(value, *row)

    def result(self) -> BandStatistics:
        """The statistics of all that was taken in.

        Raises:
            EarthdexError: nothing was.
        """
        if not self._bands:
            raise EarthdexError("No pixel was read, so there are no statistics.", "Look at what was skipped and why.")
        bands = self._bands
        return BandStatistics(
            self._names or tuple(str(number + 1) for number in range(len(bands))),
            tuple(one.count for one in bands),
            tuple(one.mean() for one in bands),
            tuple(one.deviation() for one in bands),
            tuple(one.low if one.count else float("nan") for one in bands),
            tuple(one.high if one.count else float("nan") for one in bands),
            {share: tuple(one.percentile(share) for one in bands) for share in PERCENTILES},
            bands[0].is_whole,
            *({value: row[place] for value, row in sorted(self._classes.items())} for place in range(3)),
        )


def _spread(valid: npt.NDArray[np.bool_], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Validity (n, height, width) as broad as the pixels of a band (n, time, height, width)."""
    if valid.ndim < len(shape):
        valid = valid[:, None] if valid.shape[-1] == shape[-1] else valid[..., None]
    return np.broadcast_to(valid, shape)


def statistics(
    reader: Batches | Iterable[Batch],
    *,
    bands: Sequence[str] = (),
    ignore: int = 255,
    progress: Callable[[str, int, int], None] | None = None,
) -> BandStatistics:
    """Band statistics and class counts of everything that a reader gives in an epoch.

    Args:
        reader: a `Reader` of the training fold (statistics of other folds would leak into training), or batches.
        bands: their names.
        ignore: target value that stands for nothing (`Recipe.ignore`).
        progress: told ("statistics", batches done, all).

    Raises:
        EarthdexError: nothing can be read, or chips differ in bands or type.
    """
    gathering = Gathering(bands, ignore)
    batches = reader if isinstance(reader, Iterable) else reader.batches(0)
    total = len(reader) if isinstance(reader, Sized) else 0
    for done, batch in enumerate(batches, 1):
        gathering.add(batch)
        if progress is not None:
            progress("statistics", done, max(total, done))
    return gathering.result()
