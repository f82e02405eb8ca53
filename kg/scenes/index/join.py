"""The indexes of several parts as one: rows of all of them in order of time, under one grid.

Nothing is read but the indexes themselves: codes are told anew, records are laid end to end, rows are put in order. An
array is let go of once it is written, so that ten million rows need no more memory than the largest of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kg.scenes.index import cells, footprints, jointexts
from kg.scenes.index.file import FORMAT, Array
from kg.scenes.index.frames import Rows
from kg.scenes.index.joincodes import Codes, codes_of, codes_of_mixed
from kg.scenes.index.part import Part
from kg.scenes.index.vectors import NotHere, add_moment, add_numbers

_MOMENTS = ("end_time", "ingestion_time")
Named = Iterator[tuple[str, Array]]


class Join:
    """Parts that are to become one.

    Args:
        parts: their indexes.
        sizes: bytes of the Parquet parts by file name, all of which the joined index stands for.

    Attributes:
        header: what the file's header holds; complete once all arrays are made.

    Raises:
        NotHere: their columns do not go together.
    """

    def __init__(self, parts: Sequence[Part], sizes: dict[str, int]) -> None:
        self._parts = list(parts)
        self._codes: dict[str, Codes] = {}
        self._plain: list[str] = []
        self._columns: dict[str, dict[str, Any]] = {"start_time": {"as": "numbers"}}
        self._layouts: dict[str, Any] = {}
        names = frozenset.intersection(*(one.names for one in parts))
        for name in sorted(names - {"start_time"}):
            self._sort(name)
        self.header: dict[str, Any] = {
            "format": FORMAT,
            "rows": sum(one.rows for one in parts),
            "parts": sizes,
            "columns": self._columns,
            "texts": self._layouts,
        }

    def _sort(self, name: str) -> None:
        """Decides how a column is joined."""
        described = [one.arrays.header["columns"][name] for one in self._parts]
        ways = {one["as"] for one in described}
        if ways == {"texts"}:
            self._columns[name] = {"as": "texts"}
            return
        if ways == {"shifted"} and {one["base"] for one in described} == {"start_time"}:
            codes = codes_of(f"{name}:shift", [one.arrays for one in self._parts], "number")
            if codes is not None:
                self._codes[name] = codes
                self._columns[name] = described[0]
                return
        if ways == {"coded"}:
            kinds = {one["kind"] for one, part in zip(described, self._parts, strict=True) if _has(part, name)}
            kind = min(kinds or {described[0]["kind"]})
            codes = codes_of(name, [one.arrays for one in self._parts], kind) if len(kinds) < 2 else None
            if codes is not None:
                self._codes[name] = codes
                self._columns[name] = {"as": "coded", "kind": kind}
                return
            if kind != "number" or len(kinds) > 1:
                raise NotHere(name)
        if ways == {"texts", "coded"} and all(one.get("kind", "text") == "text" for one in described):
            codes = codes_of_mixed(name, [one.arrays for one in self._parts])
            if codes is not None:
                self._codes[name] = codes
                self._columns[name] = {"as": "coded", "kind": "text"}
                return
        if "texts" in ways or any(one.get("kind", "number") != "number" for one in described):
            raise NotHere(name)
        self._plain.append(name)

    def arrays(self) -> Named:
        """The arrays of the joined index, one by one."""
        parts = self._parts
        starts = np.concatenate([one.starts for one in parts])  # those that are not known are the largest number
        order = np.argsort(starts, kind="stable")
        starts = starts[order]
        yield "start_time", starts
        known = None
        if any("start_time:known" in one.arrays for one in parts):
            known = np.zeros(len(starts), bool)
            known[: sum(one.timed for one in parts)] = True
            yield "start_time:known", known
        for codes in self._codes.values():
            yield from codes.arrays([one.arrays for one in parts], order)
        for name in self._plain:
            yield from self._numbers(name, order, starts if known is None else None)
        for name in [name for name, one in self._columns.items() if one["as"] == "texts"]:
            layouts = jointexts.Layouts(name, [one.arrays for one in parts])
            self._layouts[name] = {"layouts": layouts.layouts}
            yield from layouts.arrays(order)
        yield from footprints.joined([one.footprints for one in parts], order)
        yield from cells.joined([one.cells for one in parts], order).items()

    def _numbers(self, name: str, order: Array, base: Array | None) -> Named:
        """A column that the parts hold in different ways, or with too many values for codes."""
        found = [Rows(one, slice(0, one.rows)).column(name) for one in self._parts]
        data = np.concatenate([one.data for one in found])[order]
        known = None
        if any(one.known is not None for one in found):
            known = np.concatenate([np.ones(len(one.data), bool) if one.known is None else one.known for one in found])[
                order
            ]
        made: dict[str, Array] = {}
        if name in _MOMENTS:
            described = add_moment(name, data, known, base, made)
        else:
            described = add_numbers(name, data, known, made)
        if described is not None:
            self._columns[name] = described
            yield from made.items()


def _has(part: Part, name: str) -> bool:
    """Whether a coded column has any known value."""
    return len(part.arrays[f"{name}:counts"]) > 1
