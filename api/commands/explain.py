"""How a question was read and how a query was run, as people read it in a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.commands.render import clean, console, render_answer

# one colour for each role, in the question, in the legend and in the comments of the query
_COLOURS = {
    "target": "bold blue",
    "filter": "green",
    "place": "magenta",
    "time": "cyan",
    "order": "yellow",
    "aggregate": "bright_red",
    "talk": "dim italic",
    "aside": "dim italic",
    "unused": "black on yellow",
}
_ROLE = re.compile(r"^\s*# (\w+): ")
_KEYWORD = re.compile(
    r"\b(?:PREFIX|SELECT|DISTINCT|WHERE|ASK|FILTER|OPTIONAL|UNION|MINUS|VALUES|BIND|EXISTS|NOT|AS|GROUP BY|ORDER BY|"
    r"HAVING|LIMIT|OFFSET|ASC|DESC)\b"
)


def render_explained(answer: Mapping[str, Any], *, limit: int = 20) -> None:
    """Prints an answer with what each word of the question became, the query and how it was run.

    Args:
        answer: the answer's JSON form, with `plan`.
        limit: rows to show.
    """
    out = console()
    coloured = out.is_terminal
    out.print(_question(answer["parts"], coloured))
    out.print(Padding(_legend(answer["parts"]), (1, 0, 1, 2), expand=False))
    sys.stdout.flush()
    render_answer(answer, limit=limit)
    if answer.get("sparql"):
        _title(out, "Query")
        _query(out, answer["sparql"])
    if answer.get("plan"):
        _title(out, "Plan")
        render_explanation(answer["plan"])


def _title(out: Console, text: str) -> None:
    out.print()
    out.print(Text(text, style="bold underline" if out.is_terminal else "bold"))


def _question(parts: Sequence[Mapping[str, Any]], coloured: bool) -> Text:
    """The question with its parts coloured by role; without colours as `[words|slot]`."""
    text = Text()
    for one in parts:
        piece = clean(one["text"])
        if one["role"] and not coloured:
            piece = f"[{piece}|{one['slot']}]"
        text.append(piece, style=_COLOURS.get(one["role"], "") if one["role"] else "")
    return text


def _legend(parts: Sequence[Mapping[str, Any]]) -> Table:
    """By role: the words, and what they became."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for role in _COLOURS:
        told: dict[tuple[str, str], list[str]] = {}
        for one in parts:
            if one["role"] == role:
                told.setdefault((one["slot"], one["became"]), []).append(f"“{clean(one['text'])}”")
        merged: dict[str, list[str]] = {}
        for (_, became), words in told.items():
            merged.setdefault(became, []).extend(words)
        for became, words in merged.items():
            table.add_row(Text(role, style=_COLOURS[role]), Text(" ".join(words)), Text(clean(became), style="dim"))
    return table


def _query(out: Console, sparql: str) -> None:
    """The query as it is: it is copied, so no line of it may be folded."""
    if not out.is_terminal:
        sys.stdout.write(sparql.rstrip() + "\n")
        return
    style = ""
    for line in sparql.rstrip().split("\n"):
        found = _ROLE.match(line)
        text = Text(clean(line) if line.strip() else "")
        if line.lstrip().startswith("#"):
            style = _COLOURS.get(found[1], "dim") if found else "dim"
            text.stylize(style)
        else:
            for keyword in _KEYWORD.finditer(line):
                text.stylize("bold", *keyword.span())
        out.print(text, soft_wrap=True)


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
