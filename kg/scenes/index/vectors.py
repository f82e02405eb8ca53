"""Columns of an index and what an expression gives for many rows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import Literal as OneOf

import numpy as np

from kg.scenes.index.file import Array, Arrays
from kg.scenes.index.texts import Texts

Kind = OneOf["number", "text", "list", "flag", "footprint"]
_MOST_CODES = 65_535
_SCALES = (1.0, 100.0, 10.0, 1000.0)
_BLOCK = 16_384


class NotHere(Exception):
    """The index cannot tell; the columns themselves can."""


@dataclass(frozen=True, slots=True)
class Vector:
    """Values of rows.

    Attributes:
        kind: of the values.
        data: numbers (int64 or float64), flags (bool), or objects; of unknown values anything of that kind.
        known: which are known; None: all.
    """

    kind: Kind
    data: Array
    known: Array | None = None

    def python(self) -> list[Any]:
        """Plain values, None where unknown."""
        found: list[Any] = self.data.tolist()
        if self.known is not None:
            for at in np.flatnonzero(~self.known).tolist():
                found[at] = None
        return found


class Coded:
    """A column with few different values: for each row a number into them, 0 for unknown.

    Attributes:
        kind: of the values.
        values: the different values in order.
        codes: of the rows; None where all rows have code `only`.
        counts: rows of each code.
    """

    def __init__(self, kind: Kind, values: Callable[[], list[Any] | Array], codes: Array | None, counts: Array) -> None:
        self.kind, self.codes, self.counts = kind, codes, counts
        self.only = int(np.flatnonzero(counts)[0]) if codes is None and counts.any() else 0
        self._make = values
        self._vector: Vector | None = None

    @property
    def vector(self) -> Vector:
        """The values by code; that of code 0 is unknown."""
        if self._vector is None:
            values = self._make()
            known = np.ones(len(values) + 1, bool)
            known[0] = False
            if isinstance(values, list):
                data = np.empty(len(values) + 1, object)
                data[0] = unknown = "" if self.kind == "text" else ()
                for at, value in enumerate(values, 1):
                    data[at] = value if unknown == "" else tuple(value)
            else:
                data = np.concatenate([np.zeros(1, values.dtype), values])
                data = data.astype(bool) if self.kind == "flag" else data
            self._vector = Vector(self.kind, data, known)
        return self._vector

    def take(self, rows: Any, count: int) -> Array:  # noqa: ANN401 - row numbers or a slice
        """The codes of some rows, of which there are `count`."""
        return np.full(count, self.only, np.uint8) if self.codes is None else self.codes[rows]


class Numbers:
    """A column of numbers that mostly differ."""

    def __init__(self, data: Array, known: Array | None) -> None:
        self.data, self.known = data, known

    def take(self, rows: Any) -> Vector:  # noqa: ANN401
        """The values of some rows."""
        data = self.data[rows]
        data = data.astype(np.int64) if data.dtype.kind in "iu" else data
        return Vector("number", data, None if self.known is None else self.known[rows])


class Shifted:
    """Moments told by how long after another column's they are."""

    def __init__(self, base: Array, shift: Coded) -> None:
        self.base, self.shift = base, shift

    def take(self, rows: Any) -> Vector:  # noqa: ANN401
        """The values of some rows."""
        base = self.base[rows]
        if self.shift.codes is None:
            by = self.shift.vector
            return Vector(
                "number", base + by.data[self.shift.only], None if self.shift.only else np.zeros(len(base), bool)
            )
        codes = self.shift.codes[rows]
        known = None if not self.shift.counts[0] else codes > 0
        return Vector("number", base + self.shift.vector.data[codes], known)


AnyColumn = Coded | Numbers | Shifted | Texts


def open_column(arrays: Arrays, name: str) -> AnyColumn:
    """A column of an index.

    Raises:
        NotHere: it is not in the index.
    """
    described = arrays.header["columns"].get(name)
    if described is None:
        raise NotHere(name)
    match described["as"]:
        case "texts":
            return Texts(arrays, name)
        case "numbers":
            return Numbers(arrays[name], arrays.get(f"{name}:known"))
        case "shifted":
            return Shifted(arrays[described["base"]], _open_coded(arrays, f"{name}:shift", "number"))
    return _open_coded(arrays, name, described["kind"])


def _open_coded(arrays: Arrays, name: str, kind: Kind) -> Coded:
    codes = arrays.get(name)

    def values() -> list[Any] | Array:
        if f"{name}:texts" in arrays:
            return arrays.texts(f"{name}:texts")
        return arrays[f"{name}:values"]

    return Coded(kind, values, codes, arrays[f"{name}:counts"])


# --- writing ---------------------------------------------------------------------------------------------------


def add_codes(name: str, codes: Array, values: list[Any] | Array, arrays: dict[str, Array]) -> None:
    """Adds the arrays of a coded column; codes are 1 and up, 0 where unknown."""
    from kg.scenes.index.file import packed

    counts = np.bincount(codes, minlength=len(values) + 1).astype(np.int64)
    if np.count_nonzero(counts) > 1:
        arrays[name] = codes.astype(np.min_scalar_type(len(values)))
    if isinstance(values, list):
        arrays[f"{name}:texts"] = packed(values)
    else:
        arrays[f"{name}:values"] = values
    arrays[f"{name}:counts"] = counts


def add_nothing(name: str, rows: int, values: list[Any] | Array, arrays: dict[str, Array]) -> None:
    """Adds the arrays of a coded column without any known value; `values` are none, of its kind."""
    add_codes(name, np.zeros(0, np.uint8), values, arrays)
    arrays[f"{name}:counts"][0] = rows


def add_numbers(name: str, data: Array, known: Array | None, arrays: dict[str, Array]) -> dict[str, Any] | None:
    """Adds a column of numbers, coded where they are few; returns what the header holds of it.

    None: not a number is among them, which engines order in their own ways.
    """
    there = data if known is None else data[known]
    if data.dtype.kind == "f" and not np.isfinite(there).all():
        return None
    found = _few(there)
    if found is None:
        arrays[name] = data
        if known is not None:
            arrays[f"{name}:known"] = known
        return {"as": "numbers"}
    values, codes = found
    every = codes
    if known is not None:
        every = np.zeros(len(data), codes.dtype)
        every[known] = codes
    add_codes(name, every, values, arrays)
    return {"as": "coded", "kind": "number"}


def add_moment(
    name: str, data: Array, known: Array | None, base: Array | None, arrays: dict[str, Array]
) -> dict[str, Any] | None:
    """Adds a column of moments; returns what the header holds of it.

    Args:
        name: of the column.
        data: of the rows, microseconds.
        known: which rows have one; None: all.
        base: start times of the rows, by how long after which moments are told if that takes few values; None where
            some are not known.
        arrays: to which arrays are added.
    """
    if base is not None:
        shift = data - base
        if known is not None:
            shift[~known] = 0
        described = add_numbers(f"{name}:shift", shift, known, arrays)
        if described is not None and described["as"] == "coded":
            return {"as": "shifted", "base": "start_time"}
        arrays.pop(f"{name}:shift", None)
        arrays.pop(f"{name}:shift:known", None)
    return add_numbers(name, data, known, arrays)


def _few(data: Array) -> tuple[Array, Array] | None:
    """(different values, codes from 1); None where they are many, or differ by the sign of zero."""
    if not len(data):
        return data, np.zeros(0, np.uint16)
    low, high = data.min(), data.max()
    if data.dtype.kind == "f":
        if low <= 0.0 <= high and (np.signbit(data) & (data == 0)).any():
            return None
        for scale in _SCALES:
            whole = _decimals(data, scale, float(low), float(high))
            if whole is not None:
                break
    else:
        scale = 1
        whole = _multiples(data, int(low), int(high))
    if whole is not None:
        numbers, first, step = whole
        table = np.zeros(int(numbers.max()) + 1, np.uint32)
        table[numbers] = 1
        at = np.flatnonzero(table)
        if len(at) > _MOST_CODES:
            return None
        codes = np.cumsum(table, dtype=np.uint32).astype(np.min_scalar_type(len(at)))[numbers]
        values = (at + first) / scale if data.dtype.kind == "f" else (at * step + first).astype(np.int64)
        return values, codes
    sample = data[:: max(1, len(data) // 20_000)]
    if len(sample) > 1000 and len(np.unique(sample)) > 0.5 * len(sample):
        return None
    values, codes = np.unique(data, return_inverse=True)
    return None if len(values) > _MOST_CODES else (values, codes + 1)


def _decimals(data: Array, scale: float, low: float, high: float) -> tuple[Array, int, int] | None:
    """Numbers of few decimals as whole ones from 0, what to add to them, 1; None where they are others."""
    if (high - low) * scale > 2 * _MOST_CODES or max(abs(low), abs(high)) * scale > 2**31:
        return None
    first = round(low * scale)
    whole = np.empty(len(data), np.int32)
    for at in range(0, len(data), _BLOCK):
        block = data[at : at + _BLOCK]
        scaled = np.rint(block * scale)
        if not (scaled / scale == block).all():
            return None
        whole[at : at + _BLOCK] = scaled - first
    return whole, first, 1


def _multiples(data: Array, low: int, high: int) -> tuple[Array, int, int] | None:
    """Whole numbers as multiples of a step from 0, what to add to them, the step; None where those are many."""
    step = int(np.gcd.reduce(data[:: max(1, len(data) // 1000)].astype(np.int64) - low)) or 1
    if (high - low) // step > 2 * _MOST_CODES:
        return None
    whole = np.empty(len(data), np.int32)
    for at in range(0, len(data), _BLOCK):
        block = data[at : at + _BLOCK].astype(np.int64) - low
        found = block // step
        if not (found * step == block).all():
            return _multiples_of_one(data, low, high)
        whole[at : at + _BLOCK] = found
    return whole, low, step


def _multiples_of_one(data: Array, low: int, high: int) -> tuple[Array, int, int] | None:
    if high - low > 2 * _MOST_CODES:
        return None
    return (data.astype(np.int64) - low).astype(np.int32), low, 1
