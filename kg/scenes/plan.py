"""A statement over the scenes in parts, for whatever runs it: DuckDB, the index, Spark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kg.scenes.spatial import Spatial
from kg.scenes.terms import Order, Output, Test


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the table, as values.

    Attributes:
        select: what each row holds; the footprint is `Column("geometry")`, WKB.
        where: tests that must all be true.
        spatial: conditions on the footprint that must all be true.
        group: positions in `select` to group by; `aggregate` says that the statement aggregates (also with no group).
        order: how rows are ordered; of grouped rows, outputs that are in `select`.
        limit, offset: of the result; None and 0 for all.
        distinct: whether equal rows are returned once.
    """

    select: tuple[Output, ...]
    where: tuple[Test, ...] = ()
    spatial: tuple[Spatial, ...] = ()
    group: tuple[int, ...] = ()
    aggregate: bool = False
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan returned, column by column: rows are many, and most readers want their columns.

    Attributes:
        count: how many rows.
        columns: the cells of each output in `select`.
    """

    count: int
    columns: tuple[Sequence[Any], ...]

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]], width: int) -> Outcome:
        """Rows of so many cells turned into columns."""
        return cls(len(rows), tuple([row[at] for row in rows] for at in range(width)))

    def rows(self) -> list[tuple[Any, ...]]:
        """It row by row."""
        return list(zip(*self.columns, strict=True)) if self.columns else [()] * self.count
