"""Parquet files from outside, row by row: what is foreign in them (types, size, damage) stays behind this door."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg.columns import Engine, moment, quote
from ontology.errors import EarthdexError, RecordError

_CHUNK = 2_048


class ParquetTable:
    """A Parquet file, read as a stream.

    Attributes:
        columns: names of the columns.
        metadata: key-value texts of the file, such as `geo`.

    Raises:
        RecordError: the file is not Parquet, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = Engine(memory_mb=512)
        # a path is not a pattern: `*`, `?` and `[` stand for themselves
        exact = quote(re.sub(r"([*?\[])", r"[\1]", str(path)))
        self._from = f"read_parquet({exact}, hive_partitioning=false)"
        try:
            described = self._engine.rows(f"DESCRIBE SELECT * FROM {self._from}")
        except EarthdexError as error:
            self.close()
            raise RecordError("not a Parquet file, or damaged", "Export it again.") from error
        self.columns: tuple[str, ...] = tuple(str(row[0]) for row in described)
        self._types = [str(row[1]) for row in described]

    @property
    def metadata(self) -> dict[str, str]:
        """Key-value texts of the file."""
        function = self._from.replace("read_parquet", "parquet_kv_metadata", 1).replace(", hive_partitioning=false", "")
        try:
            rows = self._engine.rows(f"SELECT key, value FROM {function}")
        except EarthdexError:
            return {}
        return {key.decode(errors="replace"): value.decode(errors="replace") for key, value in rows}

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(number counted from 1, row) pairs: times are UTC datetimes, nested values plain lists and mappings.

        Raises:
            RecordError: the file is damaged further on.
        """
        select = ", ".join(_expression(name, kind) for name, kind in zip(self.columns, self._types, strict=True))
        nested = [_is_nested(kind) for kind in self._types]
        timed = [_is_time(kind) for kind in self._types]
        number = 0
        try:
            for chunk in self._engine.chunks(f"SELECT {select} FROM {self._from}", {}, _CHUNK):
                for values in chunk:
                    number += 1
                    row = {}
                    for name, value, is_nested, is_time in zip(self.columns, values, nested, timed, strict=True):
                        if value is not None and is_nested:
                            value = json.loads(value)
                        elif value is not None and is_time:
                            value = _moment(value)
                        row[name] = value
                    yield number, row
        except (EarthdexError, ValueError, RecursionError) as error:
            raise RecordError(f"damaged after row {number:,}", "Export the file again.") from error

    def close(self) -> None:
        """Ends the reading."""
        self._engine.close()


def _expression(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if _is_nested(kind):
        return f"to_json({column})::VARCHAR"
    if _is_time(kind):
        zoned = kind.startswith("TIMESTAMPTZ") or "TIME ZONE" in kind
        return f"epoch_us({column}::{'TIMESTAMPTZ' if zoned else 'TIMESTAMP'})"  # nanoseconds have no epoch_us
    if kind in ("DATE", "UUID") or kind.startswith(("DECIMAL", "ENUM", "TIME")):
        return f"{column}::VARCHAR"
    return column


def _is_nested(kind: str) -> bool:
    return kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")) or kind == "JSON"


def _is_time(kind: str) -> bool:
    return kind.startswith("TIMESTAMP")


def _moment(value: Any) -> Any:  # noqa: ANN401
    try:
        return moment(value)
    except (ValueError, OverflowError, OSError):
        return None
