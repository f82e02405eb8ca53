"""What was done for a query, step by step: which part went where, with rows in and out and milliseconds.

Whatever runs a part of a query tells so with `step`; it costs next to nothing unless somebody listens::

    with step("index", lambda: told_plan(plan), rows_in=count) as done:
        rows = ...
        done.rows_out = len(rows)

    with listening() as trace:
        home.query(...)
    trace.steps
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from typing import Literal as OneOf

Where = OneOf["graph", "columns", "index", "footprints", "live", "memory", "direct", "plan"]
_LONGEST = 600


@dataclass(slots=True)
class Step:
    """A part of a query that was run.

    Attributes:
        where: `graph` (the graph tier), `columns` (scenes as columns), `index` and `footprints` (how the columns were
            searched), `live` (a source outside), `memory` (a small store with all that the query joins), `direct`
            (rows made from columns), `plan` (reading and planning the query).
        what: it in words.
        rows_in, rows_out: rows before and after; None where that means nothing.
        ms: milliseconds, with those of the steps within it.
        depth: in how many other steps it lies.
        pushed: conditions that were left to the columns.
        left: conditions that remain for the store in memory.
    """

    where: Where
    what: str
    rows_in: int | None = None
    rows_out: int | None = None
    ms: float = 0.0
    depth: int = 0
    pushed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "where": self.where,
            "what": self.what,
            "rows_in": self.rows_in,
            "rows_out": self.rows_out,
            "ms": round(self.ms, 3),
            "depth": self.depth,
            "pushed": list(self.pushed),
            "left": list(self.left),
        }


@dataclass(slots=True)
class Trace:
    """The steps of a query, in the order in which they began."""

    steps: list[Step] = field(default_factory=list)
    open: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query was run.

    Attributes:
        rows: of the result; 1 for a yes or no.
        ms: milliseconds in all.
        version: of the catalogue that answered.
    """

    steps: tuple[Step, ...]
    rows: int
    ms: float
    version: str = ""

    def __str__(self) -> str:
        lines = []
        for one in self.steps:
            counts = "" if one.rows_out is None else f" -> {one.rows_out:,}"
            counts = counts if one.rows_in is None else f" {one.rows_in:,}{counts or ' ->'}"
            lines.append(f"{'  ' * one.depth}{one.where}: {one.what};{counts} {one.ms:.1f} ms")
        return "\n".join([*lines, f"{self.rows:,} rows in {self.ms:.1f} ms"])

    def to_dict(self) -> dict[str, Any]:
        """It as JSON."""
        steps = [one.to_dict() for one in self.steps]
        return {"steps": steps, "rows": self.rows, "ms": round(self.ms, 3), "version": self.version}


_LISTENER: ContextVar[Trace | None] = ContextVar("earthdex_trace", default=None)


@contextmanager
def listening() -> Iterator[Trace]:
    """Collects the steps of what is run within it, in this thread."""
    trace = Trace()
    token = _LISTENER.set(trace)
    try:
        yield trace
    finally:
        _LISTENER.reset(token)


class step:
    """A part of a query that is being run; the words are asked for only where somebody listens."""

    __slots__ = ("_began", "_step", "_trace")

    def __init__(self, where: Where, what: str | Callable[[], str], rows_in: int | None = None) -> None:
        self._trace = _LISTENER.get()
        self._began = 0.0
        self._step = _UNHEARD
        if self._trace is not None:
            text = what if isinstance(what, str) else what()
            text = text if len(text) <= _LONGEST else text[: _LONGEST - 4] + " ..."
            self._step = Step(where, text, rows_in, depth=self._trace.open)

    def __enter__(self) -> Step:
        if self._trace is not None:
            self._trace.steps.append(self._step)
            self._trace.open += 1
            self._began = time.perf_counter()
        return self._step

    def __exit__(self, *_: object) -> None:
        if self._trace is not None:
            self._step.ms = (time.perf_counter() - self._began) * 1000
            self._trace.open -= 1


_UNHEARD = Step("plan", "")


def heard() -> bool:
    """Whether somebody listens."""
    return _LISTENER.get() is not None
