"""Makes the index of a Parquet part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.scenes.index import cells, texts
from kg.scenes.index.arrow import Values, batches
from kg.scenes.index.file import FORMAT, Array, Arrays
from kg.scenes.index.footprints import FootprintEncoder
from kg.scenes.index.vectors import add_codes, add_numbers

if TYPE_CHECKING:
    from kg.columns import Engine

SUFFIX = ".columns"
_LEFT_OUT = ("assets", "original")  # of no use in conditions, and large
_MOMENTS = ("start_time", "end_time", "ingestion_time")
_MOST_VALUES = 60_000
_SAMPLE = 20_480


def index_path(part: Path) -> Path:
    """Where the index of a part lies."""
    return part.with_suffix(SUFFIX)


def build(engine: Engine, part: Path) -> Arrays:
    """Reads a part and makes its index in memory.

    Raises:
        StoreCorrupt: the part cannot be read.
    """
    return _Builder(engine, part).run()


def build_with_boxes(engine: Engine, part: Path) -> tuple[Arrays, Array, Array]:
    """The index, and to check it by, in its order, the column `bbox` (rows, 4) and the boxes of the footprints.

    Unknown ones are NaN; of a footprint on both sides of the antimeridian the eastern side may be beyond 180.
    """
    builder = _Builder(engine, part, with_boxes=True)
    made = builder.run()
    return made, builder.boxes, builder.bounds


class _Builder:
    def __init__(self, engine: Engine, part: Path, with_boxes: bool = False) -> None:
        from kg.columns import COLUMN_TYPES, table_of

        self._engine, self._part, self._table = engine, part, table_of([part])
        kinds = {name: kind for name, kind in COLUMN_TYPES.items() if name not in (*_LEFT_OUT, "geometry")}
        self._texts = [name for name, kind in kinds.items() if kind == "VARCHAR"]
        self._lists = [name for name, kind in kinds.items() if kind == "VARCHAR[]"]
        self._numbers = [name for name, kind in kinds.items() if kind in ("INTEGER", "DOUBLE")]
        self._flags = [name for name, kind in kinds.items() if kind == "BOOLEAN"]
        self._sides = ("xmin", "ymin", "xmax", "ymax") if with_boxes else ()
        self.boxes: Array = np.zeros((0, 4))
        self.bounds: Array = self.boxes
        self._unnamed = 0
        self._empty: set[str] = set()
        self._arrays: dict[str, Array] = {}
        self._columns: dict[str, dict[str, Any]] = {}
        self._layouts: dict[str, dict[str, Any]] = {}

    def run(self) -> Arrays:
        """Reads the part once for its different texts, and once for all rows."""
        self._empty = self._nowhere()
        values = self._different()
        parts, footprints = self._read(values)
        count = sum(len(one.data) for one in parts["start_time"])
        order = self._add_start(parts.pop("start_time"))
        for name, found in values.items():
            if found is not None:
                codes = np.concatenate([one.data for one in parts.pop(name)]) if found else np.zeros(count, np.uint8)
                add_codes(name, codes[order], found, self._arrays)
                self._columns[name] = {"as": "coded", "kind": "text" if name in self._texts else "list"}
        nothing = np.zeros(count, np.int64), np.zeros(count, bool)
        for name in _MOMENTS[1:]:
            self._add_moment(name, *(_numbers(parts.pop(name), order) if name in parts else nothing))
        for name in self._numbers:
            data, there = _numbers(parts.pop(name), order) if name in parts else nothing
            described = add_numbers(name, data, there, self._arrays)
            if described is not None:
                self._columns[name] = described
        for name in self._flags:
            data, there = _numbers(parts.pop(name), order)
            codes = data.astype(np.uint8) + 1
            if there is not None:
                codes[~there] = 0
            add_codes(name, codes, np.array([0, 1], np.uint8), self._arrays)
            self._columns[name] = {"as": "coded", "kind": "flag"}
        if self._sides:
            sides = [_numbers(parts.pop(f"bbox {side}"), order) for side in self._sides]
            self.boxes = np.column_stack(
                [data if known is None else np.where(known, data, np.nan) for data, known in sides]
            )
        self._add_texts(parts, order)
        self.bounds, known = footprints.finish(order, self._arrays)
        cells.encode(self.bounds, known, self._arrays)
        header = {
            "format": FORMAT,
            "rows": count,
            "part": self._part.stat().st_size,
            "columns": self._columns,
            "texts": self._layouts,
            "unreadable": footprints.unreadable,
            "unnamed": self._unnamed,
        }
        return Arrays(header, self._arrays)

    # --- reading -----------------------------------------------------------------------------------------------

    def _nowhere(self) -> set[str]:
        """Columns that the file says to have no value at all."""
        from kg.columns import quote

        rows = self._engine.rows(
            "SELECT path_in_schema, bool_and(coalesce(stats_null_count = num_values, false)) "
            f"FROM parquet_metadata({quote(str(self._part))}) GROUP BY 1"
        )
        return {name for name, empty in rows if empty and name not in self._lists}

    def _different(self) -> dict[str, list[Any] | None]:
        """The different values of texts and lists, in order; None where they are many."""
        found: dict[str, list[Any] | None] = {name: [] for name in (*self._texts, *self._lists)}
        names = [name for name in found if name not in self._empty]
        asked = ", ".join(f"count(DISTINCT {name})" for name in names)
        first = self._engine.rows(f"SELECT count(*), {asked} FROM (FROM {self._table} LIMIT {_SAMPLE})")[0]
        few = [name for name, count in zip(names, first[1:], strict=True) if count <= max(1000, first[0] // 2)]
        found |= dict.fromkeys(name for name in names if name not in few or name == "id")
        few = [name for name in few if name != "id"]
        listed = ", ".join(f"list(DISTINCT {_as_text(name, name in self._lists)})" for name in few)
        for name, values in zip(few, self._engine.rows(f"SELECT {listed} FROM {self._table}")[0], strict=True):
            known = [value for value in values or () if value is not None]
            found[name] = sorted(known) if len(known) <= _MOST_VALUES else None
        return found

    def _read(self, values: dict[str, list[Any] | None]) -> tuple[dict[str, list[Values]], FootprintEncoder]:
        from kg.columns import quote

        select = [f"epoch_us({name}) AS {name}" for name in _MOMENTS if name not in self._empty - {"start_time"}]
        select += ["geometry", *(name for name in self._numbers if name not in self._empty)]
        select += [f'bbox.{side} AS "bbox {side}"' for side in self._sides]
        select += [f"{name}::UTINYINT AS {name}" for name in self._flags]
        for name, found in values.items():
            if found is None:
                if name in self._texts:
                    select.append(name)
            elif found:
                text = _as_text(name, name in self._lists)
                size = "UTINYINT" if len(found) < 255 else "USMALLINT"
                kind = f"ENUM({', '.join(map(quote, found))})"
                select.append(f"coalesce(enum_code(({text})::{kind})::{size} + 1::{size}, 0::{size}) AS {name}")
        footprints = FootprintEncoder()
        parts: dict[str, list[Values]] = {}
        for batch in batches(self._engine.arrow(f"SELECT {', '.join(select)} FROM {self._table}")):
            shapes = batch.pop("geometry")
            if shapes.offsets is not None:
                footprints.add(shapes.data, shapes.offsets, shapes.known)
            for name, one in batch.items():
                parts.setdefault(name, []).append(one)
        for name, found in values.items():
            if found and name in self._lists:
                values[name] = [json.loads(one) for one in found]
        return parts, footprints

    # --- columns -----------------------------------------------------------------------------------------------

    def _add_start(self, parts: list[Values]) -> Array | slice:
        """Adds the start times; returns the order of the index: by start time, unknown ones at the end."""
        data, known = _joined(parts)
        if known is not None:
            data[~known] = np.iinfo(np.int64).max
        order: Array | slice = slice(None) if bool((data[1:] >= data[:-1]).all()) else np.argsort(data, kind="stable")
        self._arrays["start_time"] = data[order]
        self._columns["start_time"] = {"as": "numbers"}
        if known is not None:
            self._arrays["start_time:known"] = known[order]
        return order

    def _add_moment(self, name: str, data: Array, known: Array | None) -> None:
        """A time after the start: how long after, if that takes few values."""
        base = self._arrays["start_time"]
        if "start_time:known" not in self._arrays:
            shift = data - base
            if known is not None:
                shift[~known] = 0
            described = add_numbers(f"{name}:shift", shift, known, self._arrays)
            if described is not None and described["as"] == "coded":
                self._columns[name] = {"as": "shifted", "base": "start_time"}
                return
            self._arrays.pop(f"{name}:shift", None)
            self._arrays.pop(f"{name}:shift:known", None)
        described = add_numbers(name, data, known, self._arrays)
        if described is not None:
            self._columns[name] = described

    def _add_texts(self, parts: dict[str, list[Values]], order: Array | slice) -> None:
        groups = self._arrays.get("collection", np.zeros(len(self._arrays["start_time"]), np.uint8))
        for name in [name for name in self._texts if name in parts]:
            each = parts.pop(name)
            data = np.concatenate([one.data for one in each]) if each else np.zeros(0, np.uint8)
            sizes = [np.diff(one.offsets) for one in each if one.offsets is not None]
            lengths = np.concatenate(sizes) if sizes else np.zeros(0, np.int64)
            starts = np.cumsum(lengths) - lengths
            _, known = _joined([Values(one, each[at].known) for at, one in enumerate(sizes)])
            if known is not None:
                lengths[~known] = -1
                self._unnamed += int((~known).sum()) if name == "id" else 0
            self._layouts[name] = texts.encode(name, data, starts[order], lengths[order], groups, self._arrays)
            self._columns[name] = {"as": "texts"}


def _as_text(name: str, is_list: bool) -> str:
    """A value as a text: of a list its JSON."""
    if not is_list:
        return name
    return f"CASE WHEN {name} IS NULL THEN NULL WHEN len({name}) = 0 THEN '[]' ELSE to_json({name})::VARCHAR END"


def _joined(parts: list[Values]) -> tuple[Array, Array | None]:
    """The numbers of all batches, and which are known; None: all."""
    data = np.concatenate([one.data for one in parts]) if parts else np.zeros(0, np.int64)
    if all(one.known is None for one in parts):
        return data, None
    known = np.concatenate([np.ones(len(one.data), bool) if one.known is None else one.known for one in parts])
    return data, known


def _numbers(parts: list[Values], order: Array | slice) -> tuple[Array, Array | None]:
    data, known = _joined(parts)
    return data[order], None if known is None else known[order]
