"""The index of one Parquet part, or of several parts together, opened."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np

from kg.scenes.index.cells import Cells
from kg.scenes.index.file import FORMAT, Array, Arrays, Damaged
from kg.scenes.index.footprints import Footprints
from kg.scenes.index.kept import Kept
from kg.scenes.index.vectors import AnyColumn, Coded, NotHere, Numbers, open_column


class Part:
    """The columns of a part, rows in order of start time; unknown times last. Safe for threads.

    Args:
        arrays: of the index.

    Attributes:
        rows: how many.
        names: of the columns.
        timed: rows with a start time, which come first.
        starts: start times, microseconds.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.rows: int = arrays.header["rows"]
        self.names = frozenset(arrays.header["columns"])
        self.starts: Array = arrays["start_time"]
        self.timed = int(arrays["start_time:known"].sum()) if "start_time:known" in arrays else self.rows
        self.cells = Cells(arrays)
        self.footprints = Footprints(arrays)
        self._columns: dict[str, AnyColumn] = {}
        self._kept = Kept()

    @classmethod
    def open(cls, path: Path, part: Path) -> Part | None:
        """The index in a file; None where it is absent, damaged, of another format or of another part."""
        try:
            arrays = Arrays.open(path)
            if arrays.header["format"] != FORMAT or arrays.header["part"] != part.stat().st_size:
                return None
            return cls(arrays)
        except (OSError, Damaged, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def open_joined(cls, path: Path) -> Part | None:
        """The joined index of several parts in a file; None where it is damaged or gone."""
        try:
            return cls(Arrays.open(path))
        except (OSError, Damaged, ValueError, KeyError, TypeError):
            return None

    def column(self, name: str) -> AnyColumn:
        """A column.

        Raises:
            NotHere: the index does not hold it.
        """
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = open_column(self.arrays, name)
        return found

    def kept(self, key: Hashable, make: Any) -> Any:  # noqa: ANN401 - a function, and what it returns
        """What was made for a key before, or is made now."""
        found = self._kept.held(key)
        if found is None:
            found = make()
            self._kept.keep(key, found)
        return found

    @property
    def first(self) -> int | None:
        """The earliest start time; None where there is none."""
        return int(self.starts[0]) if self.timed else None

    @property
    def last(self) -> int | None:
        """The latest start time; None where there is none."""
        return int(self.starts[self.timed - 1]) if self.timed else None


def size_of(rows: Any) -> int:  # noqa: ANN401 - row numbers or a slice with both ends
    """How many rows."""
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)


def rows_of(rows: Any, first: int, last: int) -> Any:  # noqa: ANN401
    """Some of the rows, by their places among them."""
    return slice(rows.start + first, min(rows.start + last, rows.stop)) if isinstance(rows, slice) else rows[first:last]


def numbers_of(rows: Any) -> Array:  # noqa: ANN401
    """Rows as numbers."""
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows


__all__ = ["Coded", "NotHere", "Numbers", "Part", "numbers_of", "rows_of", "size_of"]
