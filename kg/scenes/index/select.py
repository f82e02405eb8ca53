"""Which rows of a part meet tests and conditions on footprints: the cheapest and most selective first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kg.scenes.index.areas import Area, met
from kg.scenes.index.file import Array
from kg.scenes.index.frames import Rows, columns_of
from kg.scenes.index.look import meets
from kg.scenes.index.masks import lookup, scene_rows, text_rows, truth
from kg.scenes.index.part import Part
from kg.scenes.index.vectors import Coded, Shifted
from kg.scenes.spatial import Spatial
from kg.scenes.terms import FLIPPED, AnyOf, Boxes, Column, Compare, Const, Known, SceneIn, Test, conjuncts

FIRST_STEP, LARGEST_STEP = 16_384, 1_048_576
"""Rows of the first step of a search, and of the largest one."""


@dataclass(slots=True)
class Search:
    """A search over one part, prepared.

    Attributes:
        part: the index.
        first, end: rows among which hits lie, by their start time.
        tables: coded columns and which of their codes pass, with the share of rows that do.
        tests: what is left to be tested row by row.
        areas: conditions on footprints.
        cells: which cells may have hits; None: all.
        listed: rows among which hits lie, ascending, where they are listed already.
        named: whether scenes are asked for by their names.
        chosen: whether hits lie among the rows of `cells`, so few that they are worth listing.
    """

    part: Part
    first: int
    end: int
    tables: list[tuple[Coded, Array, float]] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    boxes: list[Boxes] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    cells: Array | None = None
    listed: Array | None = None
    named: bool = False
    chosen: bool = False
    _count: int = 0

    @classmethod
    def prepare(cls, part: Part, where: Sequence[Test], spatial: Sequence[Spatial]) -> Search:
        """Sorts what is asked by how it is found.

        Raises:
            NotHere: the index does not know.
        """
        made = cls(part, 0, part.rows)
        for test in conjuncts(where):
            made._add(test)
        for one in spatial:
            area: Area = part.kept(one, lambda one=one: Area(part, one))
            made.areas.append(area)
            made._within(area.judged > 0)
        made.tables.sort(key=lambda each: each[2])
        if any(not share for _, _, share in made.tables):
            made.end = made.first
        if made.cells is not None and made.first < made.end:
            made._count = int(part.cells.counts[made.cells].sum())
            made.chosen = made.listed is None and made._count * 4 < made.end - made.first
        if made.listed is not None:
            made.listed = made._inside(made.listed)
        return made

    @property
    def rows(self) -> Array | None:
        """Rows among which hits lie, ascending; None: all from `first` to `end`. Listed when first needed."""
        if self.listed is None and self.chosen and self.cells is not None:
            self.listed = self._inside(self.part.cells.rows(np.flatnonzero(self.cells)))
        return self.listed

    def _inside(self, rows: Array) -> Array:
        return rows[np.searchsorted(rows, self.first) : np.searchsorted(rows, self.end)]

    def _add(self, test: Test) -> None:
        part = self.part
        if isinstance(test, Compare) and self._narrow(test):
            return
        if isinstance(test, SceneIn):
            self._among(scene_rows(test.keys, part))
            self.named = True
            return
        if isinstance(test, AnyOf) and test.values and self._named_by(test):
            return
        if isinstance(test, Boxes):
            self.boxes.append(test)
            self._within(part.kept(test, lambda: part.cells.near(test.boxes)))
            return
        if isinstance(test, Known) and self._all_known(test.column):
            return
        looked = lookup(test, part)
        if looked is None:
            columns_of(test)  # raises where the test is unheard of
            self.tests.append(test)
            return
        column, true, _ = looked
        share = float(column.counts[true].sum()) / max(1, part.rows)
        if share < 1.0:
            self.tables.append((column, true, share))

    def _named_by(self, test: AnyOf) -> bool:
        """Takes texts that mostly differ, such as identifiers, from their hashes rather than row by row."""
        texts = [one for one in test.values if isinstance(one, str)]
        found = text_rows(test.column, texts, self.part) if len(texts) == len(test.values) else None
        if found is not None:
            self._among(found)
        return found is not None

    def _among(self, rows: Array) -> None:
        self.listed = rows if self.listed is None else np.intersect1d(self.listed, rows)

    def _all_known(self, column: str) -> bool:
        """Whether all rows surely have a value in a column that is not coded."""
        if column == "geometry":
            return not self.part.cells.counts[-1]
        return column == "start_time" and self.part.timed == self.part.rows

    def _within(self, cells: Array) -> None:
        self.cells = cells if self.cells is None else self.cells & cells

    def _narrow(self, test: Compare) -> bool:
        """Takes a bound of the start time into account; whether that is all that the test says."""
        op, left, right = test.op, test.left, test.right
        if isinstance(left, Const) and isinstance(right, Column):
            op, left, right = FLIPPED[op], right, left
        if not isinstance(left, Column) or not isinstance(right, Const) or op == "!=":
            return False
        if not isinstance(right.value, (int, float)) or isinstance(right.value, bool):
            return False
        if left.name == "start_time":
            self._from_to(op, right.value)
            return True
        if left.name == "end_time" and op in (">", ">=", "="):
            column = self.part.column("end_time")
            if isinstance(column, Shifted):
                self._from_to(">=", right.value - int(column.shift.vector.data.max()))
                if op == "=" or int(column.shift.vector.data.min()) >= 0:
                    self._from_to("<=", right.value) if op == "=" else None
        return False

    def _from_to(self, op: str, value: float) -> None:
        starts = self.part.starts[: self.part.timed]
        self.end = min(self.end, self.part.timed)
        if op in (">", ">=", "="):
            self.first = max(self.first, int(np.searchsorted(starts, value, "right" if op == ">" else "left")))
        if op in ("<", "<=", "="):
            self.end = min(self.end, int(np.searchsorted(starts, value, "left" if op == "<" else "right")))
        self.first = min(self.first, self.end)

    @property
    def size(self) -> int:
        """How much it holds, in numbers of eight bytes."""
        rows = self._count if self.chosen else 0 if self.listed is None else len(self.listed)
        return 100 + sum(len(one.judged) for one in self.areas) // 8 + rows

    # --- rows --------------------------------------------------------------------------------------------------

    def all(self) -> Any:  # noqa: ANN401 - a slice or numbers
        """All rows that pass, ascending; a slice where all rows of a stretch do."""
        if self.rows is None and self.cells is None and not self.tables and not self.tests and not self.boxes:
            return slice(self.first, self.end)
        found = list(self.steps(step=LARGEST_STEP))
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def steps(self, first: int | None = None, step: int = 0) -> Iterator[Array]:
        """Rows that pass, step by step, each step a stretch of the rows.

        Args:
            first: row where a stretch within that of the search begins; None: where the search does.
            step: rows of the first step; 0: few.
        """
        first, end = self.first if first is None else max(first, self.first), self.end
        rows = self.rows
        if rows is not None:
            rows = rows[np.searchsorted(rows, first) :]
            first, end = 0, len(rows)
        step = step or (FIRST_STEP if rows is None else FIRST_STEP // 8)
        while first < end:
            last = min(end, first + step)
            yield self.passing(slice(first, last) if rows is None else rows[first:last])
            first, step = last, min(step * 4, LARGEST_STEP)

    def passing(self, rows: Any) -> Array:  # noqa: ANN401 - a slice or numbers
        """Those of some rows that pass, ascending."""
        return passing([self], [rows])[0]

    def narrow(self, rows: Any) -> Array:  # noqa: ANN401 - a slice or numbers
        """Those of some rows that pass, as far as it can be told without their footprints; ascending."""
        part = self.part
        if isinstance(rows, slice):
            rows = self._by_tables(rows)
        else:
            for column, true, _ in self.tables:
                rows = rows[true[column.take(rows, len(rows))]]
            if self.cells is not None and not self.chosen:
                rows = rows[self.cells[part.cells.code[rows]]]
        for test in self.tests:
            if not len(rows):
                return np.zeros(0, np.int64)
            rows = rows[truth(test, Rows(part, rows))[0]]
        for box in self.boxes:
            rows = rows[meets(part.footprints.bounds(rows), box)]
        return np.asarray(rows)

    def _by_tables(self, rows: slice) -> Array:
        """Rows of a stretch that pass the tables; whole stretches of codes while many pass, single rows then."""
        found: Array | None = None
        mask: Array | None = None
        passing = [(column.codes, true, share) for column, true, share in self.tables if column.codes is not None]
        if self.cells is not None:
            share = float(self.part.cells.counts[self.cells].sum()) / max(1, self.part.rows)
            passing.append((self.part.cells.code, self.cells, share))
            passing.sort(key=lambda each: each[2])
        for codes, true, share in passing:
            if found is not None:
                found = found[true[codes[found]]]
                continue
            kept = true[codes[rows]]
            mask = kept if mask is None else mask & kept
            if share < 0.25:
                found = np.flatnonzero(mask) + rows.start
        if found is None:
            found = np.arange(rows.start, rows.stop) if mask is None else np.flatnonzero(mask) + rows.start
        return found


def passing(searches: Sequence[Search], rows: Sequence[Any]) -> list[Array]:
    """Those of some rows of each part that pass, ascending; footprints of all parts are looked at together.

    Args:
        searches: the same, one a part.
        rows: of each part: a slice, or numbers.
    """
    found = [one.narrow(own) for one, own in zip(searches, rows, strict=True)]
    for areas in zip(*(one.areas for one in searches), strict=True):
        found = met(areas, found)
    return found
