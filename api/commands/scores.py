"""Scores of `earthdex evaluate` as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from nlq.evaluation.scoring import Score
    from nlq.evaluation.summary import Summary, Tally

_SLOT_PARTS = {
    "limit": ("limit", "offset"),
    "place": ("place", "place_op"),
    "time": ("time", "months", "time_relation"),
    "aggregate": ("aggregate", "group_by", "having"),
}


def render_scores(summary: Summary, scores: Sequence[Score]) -> None:
    """Prints tables, refusals and milliseconds, then what is wrong among `scores`."""
    out = Console(highlight=False)
    for title, tallies in (
        ("class", summary.classes),
        ("style", summary.styles),
        ("phenomenon", summary.phenomena),
    ):
        if len(tallies) > 1 or title == "class":
            out.print(_table(title, tallies, summary.total))
    if summary.copies:
        out.print(_copies(summary))
    refusals = summary.refusals
    out.print(
        f"Refusals: {refusals['due']} due, {refusals['made']} made, {refusals['right']} of them due.",
    )
    for name, times in summary.times.items():
        if times:
            what = "to understand" if name == "read" else "to answer"
            out.print(
                f"Milliseconds {what}: median {times['median']:.1f}, 95 % within {times['p95']:.1f}, "
                f"99 % within {times['p99']:.1f}, most {times['max']:.1f}."
            )
    for one in scores:
        if not one.understood or one.answered is False:
            _miss(out, one)


def _table(title: str, tallies: Mapping[str, Tally], total: Tally) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title)
    for name in ("questions", "understood", "%", "gold", "answered", "%"):
        table.add_column(name, justify="right")
    for name, one in tallies.items():
        table.add_row(name, *_cells(one))
    if title == "class":
        table.add_row("all", *_cells(total), style="bold")
    return table


def _cells(one: Tally) -> list[str]:
    return [
        str(one.questions),
        str(one.understood),
        _share(one.understood, one.questions),
        str(one.golds),
        str(one.answered),
        _share(one.answered, one.golds),
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""


def _copies(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("changed copies")
    for name in ("copies", "understood", "%", "points lost", "answered", "%"):
        table.add_column(name, justify="right")
    for name, one in summary.copies.items():
        loss = summary.loss(name)
        cells = [str(one.questions), str(one.understood), _share(one.understood, one.questions)]
        cells += ["" if loss is None else f"{loss:.1f}", str(one.answered), _share(one.answered, one.golds)]
        table.add_row(name, *cells)
    return table


def _miss(out: Console, one: Score) -> None:
    mark = f", {one.perturbation}" if one.perturbation else ""
    out.print(f"\n[bold]{one.id}[/] ({one.kind}, {one.style}{mark}) ", end="")
    out.print(one.question, markup=False)
    for slot in one.slots:
        if slot in ("answerable", "clarify"):
            text = "refused" if one.refused else "not refused" if one.due else "does not ask back"
            out.print(f"  {slot}: {text}", markup=False)
            continue
        for part in _SLOT_PARTS.get(slot, (slot,)):
            wanted, given = (_shown(side, part) for side in (one.expected, one.found))
            if part == slot or wanted != given:
                out.print(f"  {part}\n    expected {wanted}\n    found    {given}", markup=False)
    for text in one.rows:
        out.print(f"  answer: {text}", markup=False)


def _shown(slots: Mapping[str, Any] | None, part: str) -> str:
    return json.dumps((slots or {}).get(part), ensure_ascii=False)
