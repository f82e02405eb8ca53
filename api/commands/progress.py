"""Progress bars on standard error, so that standard output stays clean for data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Report = Callable[[str, int, int], None]

errors = Console(stderr=True, highlight=False)


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Yields a function (stage, done, total) that draws one bar a stage; nothing is drawn before its first call."""
    bars: Progress | None = None
    tasks: dict[str, TaskID] = {}

    def report(stage: str, done: int, total: int) -> None:
        nonlocal bars
        if bars is None:
            bars = _bars()
            bars.start()
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total or None)
        bars.update(tasks[stage], completed=done, total=total or None)

    try:
        yield report
    finally:
        if bars is not None:
            bars.stop()


def _bars() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True)
