"""Bilinear values at places between pixels, in memory that each thread keeps."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from training.types import Array

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

# places that are worked on at a time: what belongs to them stays in the processor's second cache
_AT_ONCE = 16384
_SINGLE: np.dtype[np.generic] = np.dtype(np.float32)
_local = threading.local()


def bilinear(values: Array, valid: Bools, rows: Floats, columns: Floats, shape: tuple[int, int]) -> Array:
    """Values between pixels; only valid pixels weigh.

    Args:
        values: (bands, height, width).
        valid: (height, width) whether a pixel was measured.
        rows: of the places, counted from the middle of the first pixel; (n, 1) for upright grids, else (n, m).
        columns: of the places; (1, m) for upright grids.
        shape: (n, m).

    Returns:
        (bands, n, m) in the type of `values`, rounded where these are whole numbers.
    """
    made = _Upright if rows.shape[-1] == 1 and rows.ndim == 2 else _Anywhere
    between: _Upright | _Anywhere = made(rows, columns, values.shape[1:])
    out = np.empty((len(values), *shape), dtype=values.dtype)
    whole = bool(valid.all())
    total = None if whole else between.of(valid.astype(np.float32)).copy()
    for band, target in zip(values, out, strict=True):
        mixed = between.of(band if whole else np.where(valid, band, 0))
        if total is not None:
            with np.errstate(invalid="ignore", divide="ignore"):
                mixed = np.where(total > 0, mixed / total, 0)
        if out.dtype.kind in "ui":
            np.rint(mixed, out=mixed)
        np.copyto(target, mixed, casting="unsafe")
    return out


def _scratch(name: str, shape: tuple[int, ...], dtype: np.dtype[np.generic] = _SINGLE) -> Any:  # noqa: ANN401
    """Memory of this thread: what is made anew for each band would have to be cleared by the system each time."""
    held: dict[str, Array] = _local.__dict__
    found = held.get(name)
    if found is None or found.shape != shape or found.dtype != dtype:
        found = held[name] = np.empty(shape, dtype)
    return found


def _inside(place: Floats, length: int) -> npt.NDArray[np.int64]:
    return np.minimum(np.maximum(place, 0), length - 1).astype(np.int64)


class _Upright:
    """Places in rows and columns: whole rows are mixed, then whole columns."""

    def __init__(self, rows: Floats, columns: Floats, shape: tuple[int, ...]) -> None:
        top, left = np.floor(rows), np.floor(columns)
        self._down, self._across = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
        self._rows = [_inside(one, shape[0])[:, 0] for one in (top, top + 1)]
        self._columns = [_inside(one, shape[1])[0] for one in (left, left + 1)]

    def of(self, band: Array) -> Singles:
        """The values of one band, (height, width) of the source, at the places; until the thread's next call."""
        # the same names for all bands of all chips; indices are inside: to clip them is what numpy does fastest
        tall, wide = len(self._rows[0]), len(self._columns[0])
        first, second = (_scratch(name, (tall, band.shape[1])) for name in ("first", "second"))
        raw = _scratch("raw", (tall, band.shape[1]), band.dtype)
        for index, lines in zip(self._rows, (first, second), strict=True):
            band.take(index, axis=0, mode="clip", out=raw)
            np.copyto(lines, raw, casting="unsafe")
        second -= first
        second *= self._down
        first += second
        mixed, right = (_scratch(name, (tall, wide)) for name in ("mixed", "right"))
        first.take(self._columns[0], axis=1, mode="clip", out=mixed)
        first.take(self._columns[1], axis=1, mode="clip", out=right)
        right -= mixed
        right *= self._across
        mixed += right
        found: Singles = mixed
        return found


class _Anywhere:
    """Places that follow no rows."""

    def __init__(self, rows: Floats, columns: Floats, shape: tuple[int, ...]) -> None:
        height, width = shape[0], shape[1]
        top, left = np.floor(rows), np.floor(columns)
        self._shape = rows.shape
        self._down, self._across = (
            (one - low).astype(np.float32).ravel() for one, low in ((rows, top), (columns, left))
        )
        inside = top.min() >= 0 and left.min() >= 0 and top.max() < height - 1 and left.max() < width - 1
        if inside:
            # one index for all four corners, which lie as far from it everywhere
            top *= width
            top += left
            base = top.ravel().astype(np.intp)
            self._corners = [(base, shift) for shift in (0, 1, width, width + 1)]
        else:
            r0, r1 = (_inside(one, height) * width for one in (top, top + 1))
            c0, c1 = (_inside(one, width) for one in (left, left + 1))
            self._corners = [((r + c).ravel(), 0) for r in (r0, r1) for c in (c0, c1)]

    def of(self, band: Array) -> Singles:
        """As `_Upright.of`."""
        flat = band.ravel()
        out = _scratch("mixed", (len(self._down),))
        step = min(_AT_ONCE, len(out))
        raw = _scratch("raw", (step,), band.dtype)
        corners = [_scratch(f"corner{number}", (step,)) for number in range(4)]
        for start in range(0, len(out), step):
            end = min(start + step, len(out))
            upper, right, lower, corner = (one[: end - start] for one in corners)
            for (index, shift), into in zip(self._corners, (upper, right, lower, corner), strict=True):
                flat[shift:].take(index[start:end], mode="clip", out=raw[: end - start])
                np.copyto(into, raw[: end - start], casting="unsafe")
            across = self._across[start:end]
            right -= upper
            right *= across
            upper += right
            corner -= lower
            corner *= across
            lower += corner
            lower -= upper
            lower *= self._down[start:end]
            np.add(upper, lower, out=out[start:end])
        found: Singles = out.reshape(self._shape)
        return found
