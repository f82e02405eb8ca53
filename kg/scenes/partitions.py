"""The table as a folder partitioned by year and space cell, for engines that prune by folders (Spark, Hive, Trino).

    <folder>/_layout.json                        how it is partitioned
    <folder>/year=2019/cell=13/data_0.parquet    GeoParquet, the columns of the table

A scene lies in the cell of its bounding box's centre. Cells are squares of degrees, numbered by rows from the
south-west; a scene larger than a cell is in cell -2, one without a footprint in -1, one without a time in year 0. So
what touches a box lies at most half a cell beside it, or in -2.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from kg.scenes.plan import Plan
from kg.scenes.spatial import box_test
from kg.scenes.terms import FLIPPED, Box, Boxes, Column, Compare, Const, Test, conjuncts
from ontology.errors import StoreError

_FILE = "_layout.json"
_FORMAT = 1
_NO_FOOTPRINT, _LARGE = -1, -2
_MOST_CELLS = 200


@dataclass(frozen=True, slots=True)
class Partitions:
    """How a folder is partitioned.

    Attributes:
        degrees: side of a cell.
        scenes: number of scenes.
        version: the catalogue's version that was written.
    """

    degrees: float
    scenes: int
    version: str = ""
    format: int = _FORMAT

    @classmethod
    def sized(cls, scenes: int, version: str = "") -> Partitions:
        """Cells so large that a file has some hundred thousand rows: many small files are slower than few large."""
        degrees = 90.0 if scenes < 20_000_000 else 30.0 if scenes < 500_000_000 else 10.0
        return cls(degrees, scenes, version)

    @classmethod
    def read(cls, folder: Path) -> Partitions | None:
        """What a folder says of itself; None for files that are not partitioned.

        Raises:
            StoreError: it is written by a newer earthdex, or damaged.
        """
        path = folder / _FILE
        if not path.exists():
            return None
        try:
            found = cls(**json.loads(path.read_bytes()))
            known = found.format == _FORMAT and 0.0 < float(found.degrees) <= 90.0
        except (OSError, ValueError, TypeError):
            known = False
        if not known:
            raise StoreError(f"{path} is not a layout that this earthdex knows.", "Export the scenes again.")
        return found

    def write(self, folder: Path) -> None:
        """Says in a folder how it is partitioned."""
        (folder / _FILE).write_text(json.dumps(asdict(self), indent=1) + "\n")

    @property
    def columns(self) -> str:
        """The partition columns as SQL over the table."""
        step, across = self.degrees, self._across
        wide = f"bbox.xmax - bbox.xmin > {step} OR bbox.ymax - bbox.ymin > {step}"
        x = f"least(floor(((bbox.xmin + bbox.xmax) / 2 + 180) / {step}), {across - 1})"
        y = f"least(floor(((bbox.ymin + bbox.ymax) / 2 + 90) / {step}), {math.ceil(180 / step) - 1})"
        return (
            "coalesce(year(start_time), 0)::INTEGER AS year, "
            f"(CASE WHEN bbox IS NULL THEN {_NO_FOOTPRINT} WHEN {wide} THEN {_LARGE} ELSE {y} * {across} + {x} END)"
            "::INTEGER AS cell"
        )

    @property
    def _across(self) -> int:
        return math.ceil(360 / self.degrees)

    def pruned(self, plan: Plan) -> list[str]:
        """Conditions on the partition columns that all rows of a plan meet, as SQL."""
        tests = [*conjuncts(plan.where), *map(box_test, plan.spatial)]
        first, last = _years(tests)
        found = []
        if first is not None or last is not None:
            parts = [f"year >= {first}"] * (first is not None) + [f"year <= {last}"] * (last is not None)
            found.append(" AND ".join(parts))
        for one in tests:
            cells = self._cells(one.boxes) if isinstance(one, Boxes) else None
            if cells is not None:
                found.append(f"cell IN ({', '.join(map(str, sorted(cells)))})")
        return found

    def _cells(self, boxes: Iterable[Box]) -> set[int] | None:
        """Cells whose scenes may meet some box; None where too many are."""
        step, across, up = self.degrees, self._across, math.ceil(180 / self.degrees)
        found = {_LARGE}
        for west, south, east, north in boxes:
            columns = range(_cell(west - step / 2 + 180, step, across), _cell(east + step / 2 + 180, step, across) + 1)
            rows = range(_cell(south - step / 2 + 90, step, up), _cell(north + step / 2 + 90, step, up) + 1)
            if len(columns) * len(rows) > _MOST_CELLS:
                return None
            found |= {row * across + column for row in rows for column in columns}
        return found


def _cell(offset: float, step: float, count: int) -> int:
    return max(0, min(count - 1, math.floor(offset / step)))


def _years(tests: Sequence[Test]) -> tuple[int | None, int | None]:
    """First and last year that rows can have by comparisons of their beginning."""
    first: int | None = None
    last: int | None = None
    for one in tests:
        if not isinstance(one, Compare):
            continue
        left, right, op = one.left, one.right, one.op
        if isinstance(left, Const):
            left, right, op = right, left, FLIPPED[op]
        if left != Column("start_time") or not isinstance(right, Const) or not isinstance(right.value, int):
            continue
        year = _year(right.value)
        if op in (">", ">=", "="):
            first = year if first is None else max(first, year)
        if op in ("<", "<=", "="):
            last = year if last is None else min(last, year)
    return first, last


def _year(micros: int) -> int:
    try:
        return datetime.fromtimestamp(micros // 1_000_000, UTC).year
    except (ValueError, OverflowError, OSError):
        return 0 if micros < 0 else 9999


def export(parts: Sequence[Path], scenes: int, folder: Path, version: str = "") -> Partitions:
    """Writes the parts of a table as a partitioned folder.

    Args:
        parts: GeoParquet files of the table.
        scenes: how many rows they have.
        folder: a new or empty folder.
        version: the catalogue's version, to be noted.

    Raises:
        StoreError: the folder holds something.
        DiskFull: no space is left.
    """
    from kg.columns import COLUMN_TYPES, Engine, table_of

    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{folder} is not empty.", "Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    made = Partitions.sized(scenes, version)
    columns = f"{', '.join(COLUMN_TYPES)}, bbox, {made.columns}"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".spill-") as spill:
        engine = Engine(memory_mb=2048, spill=Path(spill))
        try:
            engine.write_partitions(
                f"SELECT {columns} FROM {table_of(parts)} ORDER BY year, cell, start_time", folder, ("year", "cell")
            )
        finally:
            engine.close()
    made.write(folder)
    return made
