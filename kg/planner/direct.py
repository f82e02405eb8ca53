"""Answers made from columns: where one star of scenes is decided by its columns, its rows are the solutions.

Each scene that is found takes part in a solution (`Candidates.exact`). Here it is made sure in which ones: a value of a
list multiplies, and so does each solution of the graph that it is joined with, as SPARQL's multisets have it. Whatever
is not surely of this shape is left to the store in memory.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from kg.planner import cells
from kg.planner.cells import Column as Cells
from kg.planner.cells import Maker
from kg.planner.nearest import Nearest
from kg.scenes import Plan, SceneTable
from kg.scenes.plan import Outcome
from kg.scenes.told import told_plan
from kg.solutions import Row, Solutions
from kg.trace import step
from kg.virtual import Attribute
from ontology.errors import QueryTooLarge
from ontology.terms import Term

MOST_ROWS = 1_000_000
"""Most rows that are made of columns for one query."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keeps the collector of cycles away while many rows are made: it would look at all of them again and again."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(slots=True)
class Factor:
    """What each row is multiplied with.

    Attributes:
        names: variables that it gives values.
        source: position of a list column in the plan, with its attribute in `attribute`; -1: not a list.
        attribute: of the list.
        shared: variable that it is joined on; "": rows join with all of `rows`.
        rows: values of `names` by the term of the shared variable.
        left: whether a row without a match stays, unbound (OPTIONAL).
    """

    names: tuple[str, ...]
    source: int = -1
    attribute: Attribute | None = None
    shared: str = ""
    rows: dict[Term | None, list[Row]] = field(default_factory=dict)
    left: bool = False

    def matches(self, key: Term | None, cell: Any) -> list[Row]:  # noqa: ANN401
        """The rows that one row is joined with."""
        if self.attribute is not None:
            found: list[Row] = [(one,) for one in cells.members(self.attribute, cell)]
        else:
            found = self.rows.get(key, [])
        return found or [(None,) * len(self.names)] if self.left else found


@dataclass(slots=True)
class Direct:
    """A query as one plan over the columns and what becomes of its rows.

    Attributes:
        plan: the statement, without the limits of the query.
        made: by variable, the position in the plan and how its cells become terms.
        factors: what rows are multiplied with, in order.
        names: variables of the result.
        limit, offset, distinct: of the query.
        single: whether different rows of the plan make different rows of the result.
        nearest: where rows are ordered by distance.
        distances: by variable, the position of the footprint and what measures it.
        unbound: variables of the result that nothing binds.
    """

    scenes: SceneTable
    plan: Plan
    names: tuple[str, ...]
    made: dict[str, tuple[int, Maker]] = field(default_factory=dict)
    factors: list[Factor] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    distinct: bool = False
    single: bool = True
    nearest: Nearest | None = None
    distances: dict[str, tuple[int, Nearest]] = field(default_factory=dict)
    unbound: tuple[str, ...] = ()

    def run(self, max_rows: int | None = None) -> Solutions:
        """The solutions.

        Raises:
            QueryTooLarge: more rows than `max_rows`, or than can be made.
        """
        most = MOST_ROWS if max_rows is None else max_rows
        wanted = None if self.limit is None else self.limit + self.offset
        with undisturbed(), step("direct", lambda: f"rows of ?{', ?'.join(self.names)}") as done:
            found = self._fetch(wanted, most)
            done.rows_in = found.count
            rows = self._rows(found, most)
            if self.distinct:
                rows = list(dict.fromkeys(rows))
            pushed = self._is_one_to_one and self.nearest is None and self.limit is not None
            if not pushed:
                rows = rows[self.offset : wanted]
            if len(rows) > most:
                raise QueryTooLarge(f"The query has more than {most:,} results.", "Add a LIMIT.")
            done.rows_out = len(rows)
        return Solutions(self.names, tuple(rows))

    @property
    def _is_one_to_one(self) -> bool:
        """Whether rows of the plan and of the result are the same."""
        return not self.factors and (not self.distinct or self.single)

    def _fetch(self, wanted: int | None, most: int) -> Outcome:
        plan = self.plan
        if self.nearest is not None:
            return Outcome.of(self.nearest.run(self.scenes, plan, wanted), len(plan.select))
        if self._is_one_to_one and self.limit is not None:
            plan = replace(plan, limit=min(self.limit, most + 1), offset=self.offset)
        elif wanted is not None and (self.single or not self.distinct):
            plan = replace(plan, limit=min(wanted, most + 1))
        else:
            plan = replace(plan, limit=most + 1)
        with step("columns", lambda: told_plan(plan)) as done:
            found = self.scenes.columnwise(plan)
            done.rows_out = found.count
        if found.count > most:
            raise QueryTooLarge(
                f"The query has more than {most:,} results: ?{self.names[0] if self.names else 's'} is a scene of "
                f"{told_plan(replace(plan, limit=None))}.",
                "Add a LIMIT, or conditions on time, place or sensor.",
            )
        return found

    def _rows(self, found: Outcome, most: int) -> list[Row]:
        columns = found.columns
        table: dict[str, Cells] = {name: make(columns[at]) for name, (at, make) in self.made.items()}
        for name, (at, nearest) in self.distances.items():
            table[name] = nearest.terms(columns[at])
        for name in self.unbound:
            table[name] = [None] * found.count
        take = list(range(found.count)) if self.factors or not self.names else []
        for factor in self.factors:
            take = self._multiply(factor, table, columns, take, most)
        if not self.names:
            return [()] * len(take)
        return list(zip(*(table[name] for name in self.names), strict=True))

    def _multiply(
        self,
        factor: Factor,
        table: dict[str, Cells],
        columns: Sequence[Sequence[Any]],
        take: list[int],
        most: int,
    ) -> list[int]:
        """Joins the rows with a factor; returns which row of the plan each row then comes from."""
        again: list[int] = []
        fresh: list[Row] = []
        keys = table.get(factor.shared)
        source = columns[factor.source] if factor.source >= 0 else None
        for place, number in enumerate(take):
            matches = factor.matches(None if keys is None else keys[place], None if source is None else source[number])
            again += [place] * len(matches)
            fresh += matches
            if len(fresh) > most:
                raise QueryTooLarge(
                    f"The query has more than {most:,} results: each scene is joined with several values of "
                    f"?{', ?'.join(factor.names)}.",
                    "Add a LIMIT or conditions.",
                )
        for name, cells_of in table.items():
            table[name] = [cells_of[place] for place in again]
        for at, name in enumerate(factor.names):
            table[name] = [row[at] for row in fresh]
        return [take[place] for place in again]
