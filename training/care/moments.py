"""Counts, sums and histograms of one band, gathered piece by piece and merged: exact for integers.

Integers of up to 16 bits are counted value by value, so that mean, deviation and percentiles follow exactly, in any
order. Wider integers are summed exactly as Python integers. Floats are merged as in Chan, Golub and LeVeque, "Updating
formulae and a pairwise algorithm for computing sample variances" (1979). Where values are not counted one by one, the
histogram has a bin for each sign, exponent and seven bits of fraction of the nearest float32, so it needs no range
beforehand, merges as it is, and gives percentiles to within 1 % of their value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError
from training.types import Array

_BINS = 1 << 16
_SIGN = np.uint32(0x8000_0000)


@dataclass
class Moments:
    """What is known of the values of one band so far.

    Attributes:
        dtype: of the values.
        count: values seen, without nodata and NaN.
        low, high: extremes.
        counts: (65536,) histogram.
    """

    dtype: np.dtype[Any]
    count: int = 0
    low: float | int = math.inf
    high: float | int = -math.inf
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS, dtype=np.int64))
    _sum: int = 0
    _squares: int = 0
    _mean: float = 0.0
    _spread: float = 0.0

    def __post_init__(self) -> None:
        self.dtype = np.dtype(self.dtype)
        if self.dtype.kind not in "iufb":
            raise EarthdexError(f"Values of type {self.dtype} have no statistics.", "Choose bands of real numbers.")

    @property
    def is_small(self) -> bool:
        """Whether every value has a bin of its own."""
        return self.dtype.kind in "iub" and self.dtype.itemsize <= 2

    @property
    def is_whole(self) -> bool:
        """Whether the values are integers."""
        return self.dtype.kind in "iub"

    def add(self, values: Array) -> None:
        """Takes in values (any shape) of the band's type; those that are no numbers are left out."""
        flat = np.asarray(values).ravel()
        if flat.dtype.kind == "f":
            flat = flat[np.isfinite(flat)]
        if not flat.size:
            return
        self.low, self.high = min(self.low, flat.min().item()), max(self.high, flat.max().item())
        if self.is_small:
            self.counts += np.bincount(flat.astype(np.int64) + self._first, minlength=_BINS)
        else:
            self.counts += np.bincount(_float_bins(flat), minlength=_BINS)
            if self.is_whole:
                self._add_whole(flat)
            else:
                self._add_float(flat.astype(np.float64, copy=False))
        self.count += int(flat.size)

    @property
    def _first(self) -> int:
        return 1 << (8 * self.dtype.itemsize - 1) if self.dtype.kind == "i" else 0

    def _add_whole(self, flat: npt.NDArray[Any]) -> None:
        """Sums of values and squares by 16-bit digits, so that no product leaves 64 bits."""
        step = 1 << 20
        for start in range(0, flat.size, step):
            part = flat[start : start + step]
            negative = part < 0
            size = np.where(negative, -(part + 1).astype(np.int64), part).astype(np.uint64) if negative.any() else part
            size = size.astype(np.uint64) + negative.astype(np.uint64)
            digits = [(size >> np.uint64(16 * place)) & np.uint64(0xFFFF) for place in range(4)]
            signs = np.where(negative, -1, 1).astype(np.int64)
            for place, digit in enumerate(digits):
                self._sum += int((digit.astype(np.int64) * signs).sum()) << (16 * place)
                for other, second in enumerate(digits):
                    self._squares += int((digit * second).sum()) << (16 * (place + other))

    def _add_float(self, flat: npt.NDArray[np.float64]) -> None:
        mean = float(flat.mean())
        self._merge(flat.size, mean, float(np.square(flat - mean).sum()))

    def _merge(self, count: int, mean: float, spread: float) -> None:
        total = self.count + count
        shift = mean - self._mean
        self._mean += shift * count / total
        self._spread += spread + shift * shift * self.count * count / total

    def merge(self, other: Moments) -> None:
        """Takes in what another gathered over other values of the same band.

        Raises:
            EarthdexError: it gathered values of another type.
        """
        if other.dtype != self.dtype:
            raise EarthdexError(
                f"Statistics of {self.dtype} and {other.dtype} do not merge.", "Bring the bands to one type first."
            )
        if not other.count:
            return
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.counts += other.counts
        self._sum += other._sum
        self._squares += other._squares
        if not self.is_whole:
            self._merge(other.count, other._mean, other._spread)
        self.count += other.count

    def _whole_sums(self) -> tuple[int, int]:
        if not self.is_small:
            return self._sum, self._squares
        at = np.flatnonzero(self.counts)
        pairs = [(int(value) - self._first, int(times)) for value, times in zip(at, self.counts[at], strict=True)]
        return sum(value * times for value, times in pairs), sum(value * value * times for value, times in pairs)

    def mean(self) -> float:
        """Mean; NaN of nothing."""
        if not self.count:
            return math.nan
        return float(Fraction(self._whole_sums()[0], self.count)) if self.is_whole else self._mean

    def deviation(self) -> float:
        """Standard deviation over all values (divided by their number); NaN of nothing."""
        if not self.count:
            return math.nan
        if not self.is_whole:
            return math.sqrt(max(0.0, self._spread / self.count))
        total, squares = self._whole_sums()
        return math.sqrt(Fraction(squares * self.count - total * total, self.count * self.count))

    def percentile(self, share: float) -> float:
        """The value below or at which `share` percent of all values lie (the lowest such one); NaN of nothing.

        Exact for integers of up to 16 bits, else to within 1 % of the value.
        """
        if not self.count:
            return math.nan
        rank = min(self.count, max(1, math.ceil(Fraction(share) * self.count / 100)))
        at = int(np.searchsorted(np.cumsum(self.counts), rank))
        if self.is_small:
            return float(at - self._first)
        low, high = _bin_edges(at)
        return float(min(max((low + high) / 2, float(self.low)), float(self.high)))


def _float_bins(flat: Array) -> npt.NDArray[np.int64]:
    """Bins in the order of the values: the upper half of the bits of float32, negatives turned round."""
    with np.errstate(over="ignore"):
        bits = np.clip(flat, -3.4e38, 3.4e38).astype(np.float32).view(np.uint32)
    ordered = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    return (ordered >> np.uint32(16)).astype(np.int64)


def _bin_edges(number: int) -> tuple[float, float]:
    ends = np.array([number << 16, (number << 16) | 0xFFFF], dtype=np.uint32)
    bits = np.where(ends & _SIGN, ends & ~_SIGN, ~ends).astype(np.uint32)
    low, high = np.nan_to_num(bits.view(np.float32).astype(np.float64), posinf=3.4e38, neginf=-3.4e38)
    return float(low), float(high)
