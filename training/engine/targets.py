"""Class values of label rasters under the lock's scheme."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from training.types import Array


class Scheme:
    """Which class values there are, and what stands for "not labelled".

    Args:
        values: of the classes; any value is taken where empty.
        ignore: value of pixels that are not labelled or whose value is none of the classes.
    """

    def __init__(self, values: Iterable[int], ignore: int) -> None:
        self._values = np.asarray(sorted(set(values)), dtype=np.int64)
        self.ignore = ignore
        lowest = min([0, ignore, *self._values.tolist()])
        highest = max([255, ignore, *self._values.tolist()])
        self.dtype: np.dtype[np.generic] = np.dtype(np.uint8 if lowest >= 0 and highest <= 255 else np.int16)
        self.unknown: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._table = self._small_table()

    def _small_table(self) -> Array:
        """What becomes of 0..255."""
        table = np.arange(256).astype(self.dtype)
        if len(self._values):
            table[~np.isin(np.arange(256), self._values)] = self.ignore
        return table

    def mask(self, values: Array, valid: npt.NDArray[np.bool_]) -> Array:
        """Class values as stored, in the scheme: `ignore` where not valid or unknown.

        Args:
            values: (...) of any integer or float type.
            valid: (...) whether they mean anything.
        """
        if values.dtype == np.uint8:
            found = self._table.take(values.astype(np.intp))
            if len(self._values) and (found == self.ignore).any():
                self._count(values[valid & (found == self.ignore)])
        else:
            found = self._wide(values, valid)
        if not valid.all():
            found = np.where(valid, found, np.asarray(self.ignore, dtype=self.dtype))
        return found

    def _wide(self, values: Array, valid: npt.NDArray[np.bool_]) -> Array:
        plain = values
        if values.dtype.kind == "f":
            plain = np.nan_to_num(values, nan=self.ignore, posinf=self.ignore, neginf=self.ignore)
        numbers = plain.astype(np.int64)
        if len(self._values):
            good = np.isin(numbers, self._values)
        else:
            info = np.iinfo(self.dtype.name)
            good = (numbers >= info.min) & (numbers <= info.max)
        if not good.all():
            self._count(numbers[valid & ~good])
            numbers = np.where(good, numbers, self.ignore)
        return numbers.astype(self.dtype)

    def _count(self, strange: Array) -> None:
        """Keeps which values were met that the scheme does not have; the one for "not labelled" is none of them."""
        values, counts = np.unique(strange, return_counts=True)
        with self._lock:
            for value, count in zip(values.tolist(), counts.tolist(), strict=True):
                if value != self.ignore and len(self.unknown) < 1000:
                    self.unknown[int(value)] += int(count)
