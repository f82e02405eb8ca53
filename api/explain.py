"""How a query was run, as people read it in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from api.render import clean, console


def render_explanation(data: Mapping[str, Any]) -> None:
    """Prints the steps of `kg.trace.Explanation.to_dict` as a table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("where", no_wrap=True)
    table.add_column("what", overflow="fold", ratio=1)
    for name in ("rows in", "rows out", "ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in data["steps"]:
        what = Text(clean(one["what"]))
        for word, conditions in (("pushed down", one["pushed"]), ("left to the store", one["left"])):
            for condition in conditions:
                what.append(f"\n  {word}: {clean(condition)}", style="dim")
        table.add_row(
            Text("  " * one["depth"] + one["where"]),
            what,
            _count(one["rows_in"]),
            _count(one["rows_out"]),
            f"{one['ms']:.1f}",
        )
    out = console()
    out.print(table)
    rows = data["rows"]
    out.print(f"{rows:,} row{'s' * (rows != 1)} in {data['ms']:.1f} ms, version {clean(data['version'])}")


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
