"""Makes the index of a Parquet part, in one pass over its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.scenes.index.arrow import Values, batches
from kg.scenes.index.cells import CellsEncoder
from kg.scenes.index.codes import CodesEncoder
from kg.scenes.index.file import FORMAT, Array, Arrays
from kg.scenes.index.footprintmaker import Boxes, FootprintEncoder
from kg.scenes.index.textmaker import TextsEncoder
from kg.scenes.index.vectors import add_codes, add_moment, add_nothing, add_numbers
from ontology.errors import StoreCorrupt

if TYPE_CHECKING:
    from kg.columns import Engine

SUFFIX = ".columns"
_LEFT_OUT = ("assets", "original")  # of no use in conditions, and large
_MOMENTS = ("start_time", "end_time", "ingestion_time")
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_MOST_VALUES = 60_000
_SAMPLES = 5  # places of a part at which values are looked at first
_SAMPLE = 4_096  # rows of each


def index_path(part: Path) -> Path:
    """Where the index of a part lies."""
    return part.with_suffix(SUFFIX)


@dataclass(slots=True)
class Findings:
    """What was seen of a part while its index was made, for who has to check it.

    Attributes:
        unknown: rows without a text, by column.
        unreadable: footprints that are no WKB.
        foreign: rows whose column `bbox` is not the bounding box of the footprint.
        least, most: of the column `bbox`, by side; 0 without any.
    """

    unknown: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    foreign: int = 0
    least: tuple[float, ...] = (0.0,) * 4
    most: tuple[float, ...] = (0.0,) * 4


def build(engine: Engine, part: Path) -> Arrays:
    """Reads a part and makes its index in memory.

    Raises:
        StoreCorrupt: the part cannot be read.
    """
    return _Builder(engine, part).run()


def build_and_check(engine: Engine, part: Path) -> tuple[Arrays, Findings]:
    """The index, and what was found while it was made; columns that it does not hold are read for that only.

    Raises:
        StoreCorrupt: the part cannot be read.
    """
    from kg.columns import table_of

    builder = _Builder(engine, part, with_boxes=True)
    engine.rows(f"SELECT {', '.join(f'sum(strlen({name}))' for name in _LEFT_OUT)} FROM {table_of([part])}")
    return builder.run(), builder.findings


class _Builder:
    def __init__(self, engine: Engine, part: Path, with_boxes: bool = False) -> None:
        from kg.columns import COLUMN_TYPES, table_of

        self._engine, self._part, self._table = engine, part, table_of([part])
        kinds = {name: kind for name, kind in COLUMN_TYPES.items() if name not in (*_LEFT_OUT, "geometry")}
        self._texts = [name for name, kind in kinds.items() if kind == "VARCHAR"]
        self._lists = [name for name, kind in kinds.items() if kind == "VARCHAR[]"]
        self._numbers = [name for name, kind in kinds.items() if kind in ("INTEGER", "DOUBLE")]
        self._flags = [name for name, kind in kinds.items() if kind == "BOOLEAN"]
        self._with_boxes = with_boxes
        self.findings = Findings()
        self._rows = 0
        self._arrays: dict[str, Array] = {}
        self._columns: dict[str, dict[str, Any]] = {}
        self._layouts: dict[str, dict[str, Any]] = {}
        self._plain: dict[str, _Plain] = {}
        self._codes: dict[str, CodesEncoder] = {}
        self._different: dict[str, TextsEncoder] = {}

    def run(self) -> Arrays:
        """Reads all rows once; only columns whose values were not foreseen are read again."""
        empty = self._read_metadata()
        named = [name for name in (*self._texts, *self._lists) if name not in empty]
        self._expect(self._sampled([name for name in named if name != "id"]) | {"id": None}, named)
        plain = [name for name in (*_MOMENTS, *self._numbers) if name not in empty - {"start_time"}]
        self._plain = {name: _Plain(self._rows) for name in (*plain, *self._flags)}
        footprints, cells = FootprintEncoder(self._rows), CellsEncoder(self._rows)
        self._read(self._plain, (*self._codes, *self._different), footprints, cells)
        if again := [name for name, one in self._codes.items() if one.surprised]:
            self._expect(self._all_values(again), again)
            self._read({}, again, None, None)
        order = self._add_start()
        self._add_texts(order, empty)
        self._add_plain(order)
        self.findings.unreadable = footprints.unreadable
        footprints.finish(order, self._arrays)
        cells.finish(order, self._arrays)
        header = {
            "format": FORMAT,
            "rows": self._rows,
            "part": self._part.stat().st_size,
            "columns": self._columns,
            "texts": self._layouts,
        }
        return Arrays(header, self._arrays)

    # --- what the file says of itself, and what some of its rows hold -------------------------------------------

    def _read_metadata(self) -> set[str]:
        """Takes the number of rows; returns the columns that the file says to have no value at all."""
        from kg.columns import quote

        path = quote(str(self._part))
        self._rows = int(self._engine.rows(f"SELECT num_rows FROM parquet_file_metadata({path})")[0][0])
        rows = self._engine.rows(
            "SELECT path_in_schema, bool_and(coalesce(stats_null_count = num_values, false)) "
            f"FROM parquet_metadata({path}) GROUP BY 1"
        )
        return {name for name, empty in rows if empty and name not in self._lists}

    def _sampled(self, names: list[str]) -> dict[str, list[str] | None]:
        """Values of texts and lists in some rows; None where they mostly differ."""
        if not names:
            return {}
        last = max(0, self._rows - _SAMPLE)
        starts = sorted({last * number // (_SAMPLES - 1) for number in range(_SAMPLES)})
        rows = " OR ".join(f"file_row_number BETWEEN {first} AND {first + _SAMPLE - 1}" for first in starts)
        return self._values(names, f" WHERE {rows}", max(1000, min(self._rows, len(starts) * _SAMPLE) // 2))

    def _all_values(self, names: list[str]) -> dict[str, list[str] | None]:
        """All values of some columns; None where they are many."""
        return self._values(names, "", _MOST_VALUES)

    def _values(self, names: list[str], where: str, most: int) -> dict[str, list[str] | None]:
        listed = ", ".join(f"list(DISTINCT {_as_text(name, name in self._lists)})" for name in names)
        found: dict[str, list[str] | None] = {}
        read = self._engine.rows(f"SELECT {listed} FROM {self._table}{where}")[0]
        for name, values in zip(names, read, strict=True):
            known = [value for value in values or () if value is not None]
            found[name] = sorted(known) if len(known) <= most else None
        return found

    def _expect(self, values: dict[str, list[str] | None], names: Iterable[str]) -> None:
        """How columns of texts and lists are to be read."""
        for name in names:
            found = values[name]
            self._codes.pop(name, None)
            if found is not None:
                self._codes[name] = CodesEncoder(name, found, self._rows, name in self._lists)
            elif name in self._texts:
                self._different[name] = TextsEncoder(name, self._rows)

    # --- reading -----------------------------------------------------------------------------------------------

    def _read(
        self,
        plain: dict[str, _Plain],
        names: Collection[str],
        footprints: FootprintEncoder | None,
        cells: CellsEncoder | None,
    ) -> None:
        """Reads all rows: plain columns, columns of texts and lists by name, footprints."""
        coded = {name: one for name, one in self._codes.items() if name in names}
        different = {name: one for name, one in self._different.items() if name in names}
        select = [self._selected(name) for name in plain]
        select += [f"{one.select} AS {name}" for name, one in coded.items()] + list(different)
        if footprints is not None:
            select += ["geometry", *(f'bbox.{side} AS "bbox {side}"' for side in _SIDES if self._with_boxes)]
        if not select:
            return
        groups = self._codes.get("collection")
        at = 0
        for batch in batches(self._engine.arrow(f"SELECT {', '.join(select)} FROM {self._table}")):
            after = at + next(iter(batch.values())).rows
            if after > self._rows:
                raise StoreCorrupt(f"{self._part.name} has more rows than it says.", "Export or copy the file again.")
            for name, column in plain.items():
                column.add(at, batch[name])
            for name, one in coded.items():
                one.add(at, batch[name].data)
            for name, each in different.items():
                each.add(at, batch[name], None if groups is None else groups.codes[at:after])
            if footprints is not None and cells is not None:
                boxes = footprints.add(at, batch["geometry"])
                cells.add(at, boxes.unrolled, boxes.known)
                if self._with_boxes:
                    self._compare(batch, boxes)
            at = after
        if at != self._rows:
            raise StoreCorrupt(f"{self._part.name} has fewer rows than it says.", "Export or copy the file again.")

    def _selected(self, name: str) -> str:
        if name in _MOMENTS:
            return f"epoch_us({name}) AS {name}"
        return f"{name}::UTINYINT AS {name}" if name in self._flags else name

    def _compare(self, batch: dict[str, Values], boxes: Boxes) -> None:
        """Looks at the column `bbox`: whether it holds the boxes of the footprints, and how far they reach."""
        differ = np.zeros(len(boxes.known), bool)
        least, most = list(self.findings.least), list(self.findings.most)
        for number, side in enumerate(_SIDES):
            told = batch[f"bbox {side}"]
            data = told.data if told.known is None else np.where(told.known, told.data, np.nan)
            own = boxes.exact[number]
            if not np.array_equal(data, own):
                differ |= (data != own) & ~(np.isnan(data) & np.isnan(own))
            least[number] = float(np.fmin.reduce(data, initial=least[number]))
            most[number] = float(np.fmax.reduce(data, initial=most[number]))
        self.findings.foreign += int(differ.sum())
        self.findings.least, self.findings.most = tuple(least), tuple(most)

    # --- columns -----------------------------------------------------------------------------------------------

    def _add_start(self) -> Array | slice:
        """Adds the start times; returns the order of the index: by start time, unknown ones at the end."""
        start = self._plain.pop("start_time")
        data, known = start.data, start.known
        if known is not None:
            data[~known] = np.iinfo(np.int64).max
        order: Array | slice = slice(None) if bool((data[1:] >= data[:-1]).all()) else np.argsort(data, kind="stable")
        self._arrays["start_time"] = data[order]
        self._columns["start_time"] = {"as": "numbers"}
        if known is not None:
            self._arrays["start_time:known"] = known[order]
        return order

    def _add_texts(self, order: Array | slice, empty: set[str]) -> None:
        """Adds the columns of texts and lists."""
        for name in (*self._texts, *self._lists):
            coded = {"as": "coded", "kind": "text" if name in self._texts else "list"}
            if name in empty:
                add_nothing(name, self._rows, [], self._arrays)
                self.findings.unknown[name] = self._rows
                self._columns[name] = coded
            elif name in self._codes:
                codes, values = self._codes.pop(name).finish(order)
                add_codes(name, codes, values, self._arrays)
                self.findings.unknown[name] = int(self._arrays[f"{name}:counts"][0])
                self._columns[name] = coded
            elif name in self._different:
                texts = self._different.pop(name)
                self._layouts[name] = texts.finish(order, self._arrays)
                self.findings.unknown[name] = texts.unknown
                self._columns[name] = {"as": "texts"}

    def _add_plain(self, order: Array | slice) -> None:
        """Adds the columns of numbers, moments and flags."""
        for name in (*_MOMENTS[1:], *self._numbers, *self._flags):
            one = self._plain.pop(name, None)
            if one is None:
                add_nothing(name, self._rows, np.zeros(0, np.int64), self._arrays)
                self._columns[name] = {"as": "coded", "kind": "number"}
                continue
            data, known = one.data[order], None if one.known is None else one.known[order]
            if name in self._flags:
                codes = data.astype(np.uint8) + np.uint8(1)
                if known is not None:
                    codes[~known] = 0
                add_codes(name, codes, np.array([0, 1], np.uint8), self._arrays)
                self._columns[name] = {"as": "coded", "kind": "flag"}
            elif name in _MOMENTS:
                self._add_moment(name, data, known)
            elif (described := add_numbers(name, data, known, self._arrays)) is not None:
                self._columns[name] = described

    def _add_moment(self, name: str, data: Array, known: Array | None) -> None:
        base = None if "start_time:known" in self._arrays else self._arrays["start_time"]
        described = add_moment(name, data, known, base, self._arrays)
        if described is not None:
            self._columns[name] = described


class _Plain:
    """The numbers of a column, filled batch by batch."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self.data: Array = np.zeros(0, np.int64)
        self.known: Array | None = None

    def add(self, at: int, values: Values) -> None:
        """Adds a batch whose first row has number `at`."""
        if at == 0:
            self.data = np.empty(self._rows, values.data.dtype)
        frame = slice(at, at + len(values.data))
        self.data[frame] = values.data
        if values.known is not None:
            if self.known is None:
                self.known = np.ones(self._rows, bool)
            self.known[frame] = values.known


def _as_text(name: str, is_list: bool) -> str:
    """A value as a text: of a list its JSON."""
    return f"to_json({name})::VARCHAR" if is_list else name
