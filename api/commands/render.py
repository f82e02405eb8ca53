"""Answers, records and reports as people read them in a terminal.

Everything shown may come from outside, so control characters (which terminals obey) and bidirectional overrides are
taken out, and nothing is read as markup.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# columns that identify a row for programs, not for people
_HIDDEN = ("iri", "kind", "sources", "geometry")
_WIDEST = 6
_CELL = 60


class _Output(Console):
    """A console that leaves a closed pipe (`| head`) to the command, which ends quietly."""

    def on_broken_pipe(self) -> None:
        """Called by rich inside the handler of the error."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output; files and pipes get lines wide enough for whole tables."""
    width = None if sys.stdout.isatty() else 160
    return _Output(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


def clean(text: object) -> str:
    """Text without what a terminal would obey instead of show."""
    return _UNSAFE.sub("", str(text).replace("\n", " ").replace("\t", " "))


def shown(value: Any) -> str:  # noqa: ANN401
    """One value of a row as people read it: `27,000`, `Sentinel-1, Sentinel-2`, `yes`."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}" if abs(value) >= 10_000 else str(value)
        case float():
            return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:g}"
        case Mapping():
            return shown(value.get("name") or value.get("label") or value.get("value"))
        case str():
            return clean(value)
        case Iterable():
            return ", ".join(dict.fromkeys(shown(one) for one in value))
        case _:
            return clean(value)


def _short(text: str) -> str:
    return text if len(text) <= _CELL else text[: _CELL - 1].rstrip() + "…"


def _columns(rows: Sequence[Mapping[str, Any]], asked: Sequence[str] = ()) -> list[str]:
    """The columns to show: those the answer names, else those that any row fills, names first."""
    filled = {name for row in rows for name, value in row.items() if value not in (None, "", [], ())}
    if asked:
        wanted = ["name", *(name for name in asked if name != "name")] if "name" in filled else list(asked)
        return [name for name in wanted if name in filled and name not in _HIDDEN]
    names = list(dict.fromkeys(name for row in rows for name in row if name in filled and name not in _HIDDEN))
    names.sort(key=lambda name: name != "name")
    return names[:_WIDEST]


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for name in columns:
        numeric = all(isinstance(row.get(name), (int, float, type(None))) for row in rows)
        plain = not any(isinstance(row.get(name), bool) for row in rows)
        table.add_column(
            Text(_heading(name)), justify="right" if numeric and plain else "left", overflow="fold", no_wrap=False
        )
    for row in rows:
        cells = [_short(_cell(name, row.get(name))) for name in columns]
        table.add_row(
            *(Text(cell, style="cyan" if name == "name" else "") for name, cell in zip(columns, cells, strict=True))
        )
    return table


def _cell(column: str, value: Any) -> str:  # noqa: ANN401
    """One cell; names of properties as in headings, years and identifiers ungrouped."""
    if column == "property" and isinstance(value, str):
        return _heading(value)
    return shown(value) or "–"


def _heading(name: str) -> str:
    """`resolution_m` -> `resolution (m)`, `cloud_cover` -> `cloud cover`."""
    head, _, unit = name.rpartition("_")
    if head and unit in ("m", "km", "km2", "gb", "mb", "px"):
        return f"{head.replace('_', ' ')} ({ {'gb': 'GB', 'mb': 'MB', 'km2': 'km²'}.get(unit, unit) })"
    return name.replace("_", " ")


def _lines(out: Console, title: str, lines: Sequence[str], style: str = "") -> None:
    """A titled block: on one line where there is one thing to say."""
    if not lines:
        return
    title = title if title.endswith("?") else f"{title}:"
    if len(lines) == 1:
        out.print(Text.assemble((f"{title} ", "bold"), (clean(lines[0]), style)))
        return
    out.print(Text(title, style="bold"))
    for line in lines:
        out.print(Padding(Text(clean(line), style=style), (0, 0, 0, 2), expand=False))


def render_answer(answer: Mapping[str, Any], *, limit: int = 20, show_sparql: bool = False) -> None:
    """Prints an answer: what was understood, what was found, what was assumed, what to try next.

    Args:
        answer: the answer's JSON form.
        limit: rows to show.
        show_sparql: whether to print the query as well.
    """
    out = console()
    rows: list[Mapping[str, Any]] = list(answer.get("rows") or ())
    kind, found = answer["kind"], int(answer.get("found") or 0)
    if answer.get("understood"):
        _lines(out, "Understood", [answer["understood"]])
    if kind in ("refusal", "clarify"):
        out.print()
        title = "Not answerable" if kind == "refusal" else "Which do you mean?"
        _lines(out, title, [answer.get("reason") or "The question cannot be answered."], "yellow")
    else:
        _found(out, answer, rows[:limit], kind, found)
    out.print()
    _lines(out, "From", list(answer.get("sources") or ()), "dim")
    _lines(out, "Assumed", list(answer.get("assumptions") or ()), "dim")
    unused = [f"“{clean(word)}”" for word in answer.get("unused") or ()]
    _lines(out, "Not used", [", ".join(unused)] if unused else [], "yellow")
    _lines(out, "Next", list(answer.get("suggestions") or ()), "green")
    if show_sparql and answer.get("sparql"):
        out.print()
        # printed as it is: a query is copied, so no line of it may be folded
        sys.stdout.write(answer["sparql"].rstrip() + "\n")


def _found(out: Console, answer: Mapping[str, Any], rows: list[Mapping[str, Any]], kind: str, found: int) -> None:
    """The part of an answer that says what was found."""
    out.print()
    said = answer.get("value")
    if kind == "yesno":
        out.print(Text("Unknown." if said is None else "Yes." if said else "No.", style="bold"))
    elif said is not None:
        unit = answer.get("unit")
        out.print(Text(shown(said) + (f" {clean(unit)}" if unit else ""), style="bold"))
    elif not rows:
        out.print(Text("Nothing found.", style="yellow"))
    if answer.get("reason"):
        out.print(Text(clean(answer["reason"]), style="yellow"))
    columns = _columns(rows, answer.get("columns") or ())
    if rows and columns and not (kind == "count" and columns == ["count"]):
        out.print(_table(rows, columns))
    if kind in ("list", "groups") and found > len(rows):
        out.print(Text(f"{len(rows)} of {found:,} shown; --limit shows more.", style="dim"))


def render_record(record: Mapping[str, Any]) -> None:
    """Prints a dataset or model: every fact, its sources by number, and where sources disagree."""
    out = console()
    out.print(Text.assemble((clean(record["name"]), "bold cyan"), f"  {record['kind']}"))
    if record.get("description"):
        out.print(Text(clean(record["description"])))
    out.print()
    sources: dict[str, int] = {}
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, fact in record["facts"].items():
        table.add_row(Text(_heading(name)), _fact(fact, sources))
    out.print(table)
    if sources:
        out.print()
        _lines(out, "Sources", [f"[{number}] {text}" for text, number in sources.items()], "dim")


def _fact(fact: Mapping[str, Any], sources: dict[str, int]) -> Text:
    """The values of a fact, each with the numbers of its sources."""
    text = Text()
    for place, value in enumerate(fact["values"]):
        numbers = [sources.setdefault(clean(one), len(sources) + 1) for one in value["sources"]]
        if place:
            text.append("  or  " if fact["disputed"] else ", ")
        text.append(shown(_number(value["value"])))
        if numbers and (fact["disputed"] or place == len(fact["values"]) - 1):
            text.append(f" [{','.join(map(str, sorted(numbers)))}]", style="dim")
    if fact["disputed"]:
        text.append("  sources disagree", style="yellow")
    return text


def _number(value: str) -> int | str:
    """A long whole number in text as a number, so that it is grouped (not years and codes); truth as a word."""
    if value in ("true", "false"):
        return "yes" if value == "true" else "no"
    return int(value) if value.isdecimal() and len(value) > 4 and not value.startswith("0") else value


def render_added(report: Mapping[str, Any]) -> None:
    """Prints what `earthdex add` did: counts by kind, then repairs and skips by reason."""
    out = console()
    counts = {
        name: number for name, number in report.items() if isinstance(number, int) and not isinstance(number, bool)
    }
    _lines(
        out,
        "Added",
        [", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number) or "nothing"],
    )
    for title, style in (("repaired", "dim"), ("skipped", "yellow")):
        group = report.get(f"{title}_by_reason") or report.get(title)
        if isinstance(group, Mapping):
            _lines(out, title.capitalize(), [f"{number:,}  {reason}" for reason, number in group.items()], style)
    samples = report.get("problems")
    if isinstance(samples, Sequence) and samples:
        _lines(
            out, "For example", [_problem(one) if isinstance(one, Mapping) else str(one) for one in samples[:10]], "dim"
        )


def _problem(problem: Mapping[str, Any]) -> str:
    where = ":".join(str(problem[key]) for key in ("path", "line") if problem.get(key) is not None)
    remedy = problem.get("remedy") or ""
    return f"{where}: {problem.get('message', '')} {remedy}".strip()


def render_problems(problems: Sequence[Mapping[str, Any]]) -> None:
    """Prints what is wrong with records, one line each, as compilers do."""
    out = console()
    if not problems:
        out.print(Text("No problems.", style="green"))
        return
    for problem in problems:
        sys.stdout.write(clean(_problem(problem)) + "\n")
    out.print(Text(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}.", style="yellow"))


def render_status(state: Mapping[str, Any]) -> None:
    """Prints where the catalogue lies and what it holds."""
    out = console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="left")
    table.add_row("folder", Text(clean(state["home"]), overflow="fold"))
    table.add_row("version", clean(state["version"]))
    if "store" in state:
        server = f"{state['store']['server']} ({state['store']['dialect']})"
        table.add_row("server", Text(clean(server), overflow="fold"))
    for name, number in state["counts"].items():
        table.add_row(Text(name), shown(number))
    out.print(table)


def render_sources(sources: Sequence[Mapping[str, Any]]) -> None:
    """Prints live sources: which are switched on, what they offer, and what came of trying them."""
    out = console()
    tried = any("works" in one for one in sources)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("name", "on", "address", "collections", "offers", *(("works", "ms") if tried else ())):
        table.add_column(name, overflow="fold", justify="right" if name == "ms" else "left")
    for one in sources:
        offers = [word for word in ("filter", "sort") if one.get(word)]
        listed = list(one.get("collections") or ())
        cells = [
            Text(clean(one["name"]), style="cyan"),
            Text("yes" if one["enabled"] else "no", style="green" if one["enabled"] else "dim"),
            Text(clean(one["url"])),
            Text(clean(", ".join(listed[:4]) + (f" and {len(listed) - 4} more" if len(listed) > 4 else "")) or "all"),
            Text(", ".join(offers) or ("not asked yet" if one.get("filter") is None else "search only")),
        ]
        if tried:
            cells += [
                Text("yes" if one["works"] else "no", style="green" if one["works"] else "yellow"),
                Text(f"{one['ms']:,.0f}"),
            ]
        table.add_row(*cells)
    out.print(table)
    for one in sources:
        if one.get("problem"):
            out.print(Text(f"{clean(one['name'])}: {clean(one['problem'])}", style="yellow"))
