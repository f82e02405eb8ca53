"""Encodes texts and lists with few different values, which are guessed from some rows before all are read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from kg.scenes.index.file import Array

_UNKNOWN, _SURPRISE, _FIRST = range(3)  # codes of a null, of a value that was not foreseen, of the first value


class CodesEncoder:
    """Takes codes batch by batch, in the order of the file.

    Args:
        name: of the column.
        values: that are expected; of lists their JSON.
        rows: of the file.
        is_list: whether the values are lists.

    Attributes:
        codes: of the rows.
    """

    def __init__(self, name: str, values: Sequence[str], rows: int, is_list: bool) -> None:
        self._name, self._is_list = name, is_list
        self._values = sorted({*values, "[]"}) if is_list else list(values)
        self.codes: Array = np.zeros(rows, np.uint8 if len(self._values) + _FIRST <= 256 else np.uint16)

    @property
    def select(self) -> str:
        """What the engine is asked for."""
        from kg.columns import quote

        kind = "UTINYINT" if self.codes.dtype == np.uint8 else "USMALLINT"
        text = f"to_json({self._name})::VARCHAR" if self._is_list else self._name
        values = [one for one in self._values if not self._is_list or one != "[]"]
        code = f"{_SURPRISE}::{kind}"
        if values:
            enum = f"ENUM({', '.join(map(quote, values))})"
            numbered = f"enum_code(try_cast({text} AS {enum}))::{kind} + {_FIRST}::{kind}"
            # nulls are told apart last: so the engine decides once for each entry of a dictionary
            code = f"coalesce({numbered}, CASE WHEN {self._name} IS NULL THEN 0 ELSE {_SURPRISE} END::{kind})"
        if not self._is_list:
            return code
        last = len(values) + _FIRST  # [], which needs no JSON
        return (
            f"CASE WHEN {self._name} IS NULL THEN 0::{kind} WHEN len({self._name}) = 0 THEN {last}::{kind} "
            f"ELSE {code} END"
        )

    def add(self, at: int, codes: Array) -> None:
        """Adds a batch whose first row has number `at`."""
        self.codes[at : at + len(codes)] = codes

    @property
    def surprised(self) -> bool:
        """Whether there are values that were not expected: the column is to be read again."""
        return bool((self.codes == _SURPRISE).any())

    def finish(self, order: Array | slice) -> tuple[Array, list[Any]]:
        """Codes from 1 of the rows in an order, 0 where unknown, and the values that there are, ascending."""
        values = [one for one in self._values if not self._is_list or one != "[]"]
        values += ["[]"] if self._is_list else []
        counts = np.bincount(self.codes, minlength=len(values) + _FIRST)[_FIRST:]
        there = sorted((value, at) for at, value in enumerate(values) if counts[at])
        table = np.zeros(len(values) + _FIRST, self.codes.dtype)
        for number, (_, at) in enumerate(there, 1):
            table[at + _FIRST] = number
        found = [json.loads(value) if self._is_list else value for value, _ in there]
        return table[self.codes[order]], found
