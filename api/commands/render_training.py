"""Plans, locks and previews as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from api.commands.render import clean, console

if TYPE_CHECKING:
    from rich.console import Console

    from training.preview import Preview

_MOST = 12


def amount(size: float | None) -> str:
    """Bytes as people say them: `643 kB`, `12.4 GB`."""
    if size is None:
        return "unknown"
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:,.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def render_plan(plan: Mapping[str, Any]) -> None:
    """Prints a plan: how much, of what, from where, and what stands in the way."""
    out = console()
    about = "about " if plan["estimated"] else ""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for one in plan["sources"]:
        known = f"; the catalogue knows of {one['samples']:,}" if one.get("samples") not in (None, one["items"]) else ""
        table.add_row("from", Text.assemble((clean(one["name"]), "cyan"), f"  {one['items']:,} items{known}"))
    shape = plan["chip_size"]
    size = f"  of {shape[0]} bands, {shape[1]} x {shape[2]} pixels" if shape else "  of several sizes"
    table.add_row(
        "chips", Text(f"{about}{plan['chips']:,} from {about}{plan['items']:,} items{size if plan['chips'] else ''}")
    )
    stored, raw = amount(plan["stored_bytes"]), amount(plan["raw_bytes"])
    table.add_row("to read", Text(f"{about}{stored}, {raw} decoded"))
    if plan["area"]:
        table.add_row("area", Text(f"{clean(plan['area'])}; {plan['outside']:,} items lie outside"))
    if plan["first"]:
        table.add_row(
            "dates", Text(plan["first"] if plan["first"] == plan["last"] else f"{plan['first']} to {plan['last']}")
        )
    for title, key in (("countries", "countries"), ("years", "years"), ("folds", "folds")):
        if plan[key]:
            table.add_row(title, Text(_listed(plan[key])))
    if plan["uncovered"]:
        table.add_row("edges", Text(f"{plan['uncovered']:.1%} of the pixels lie in no chip"))
    if plan["estimated"]:
        table.add_row("estimated", Text(f"from {plan['looked']:,} headers, evenly spread; --headers 0 reads all"))
    out.print(table)
    _classes(out, plan["classes"], plan["class_balance"])
    _licences(out, plan["licences"])
    _problems(out, "Unreachable", [f"{one['iri']}: {one['reason']}" for one in plan["unreachable"]])
    _problems(out, "Problems", plan["problems"])


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = ", ".join(f"{clean(one['name'])} {one['count']:,}" for one in rows[:_MOST])
    return f"{shown} and {len(rows) - _MOST} more" if len(rows) > _MOST else shown


def _classes(out: Console, rows: Sequence[Mapping[str, Any]], balance: str) -> None:
    if not rows:
        return
    out.print()
    known = [one for one in rows if one["count"] is not None]
    if not known:
        names = ", ".join(clean(one["name"]) for one in rows[:_MOST])
        out.print(Text.assemble(("Classes: ", "bold"), names, ("  balance unknown; --look reads some masks", "dim")))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    table.add_column("class")
    table.add_column(f"count ({clean(balance)})", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    for one in known[:40]:
        share = one["share"] or 0.0
        bar = "█" * round(share * 30) or ("▏" if one["count"] else "")
        table.add_row(Text(clean(one["name"])), f"{one['count']:,}", f"{share:.1%}", Text(bar, style="cyan"))
    out.print(table)


def _licences(out: Console, verdict: Mapping[str, Any]) -> None:
    uses = verdict.get("uses") or {}
    if not uses:
        return
    styles = {"allowed": "green", "forbidden": "red", "unknown": "yellow"}
    out.print()
    text = Text("Licences: ", style="bold")
    for place, (use, answer) in enumerate(uses.items()):
        text.append("; " if place else "", style="not bold")
        text.append(f"{use.replace('_', ' ')} ", style="not bold")
        text.append(str(answer), style=f"not bold {styles.get(str(answer), '')}")
    out.print(text)
    for title, word in (("duties", "duty"), ("conflicts", "conflict"), ("unknowns", "unknown")):
        for one in verdict.get(title) or ():
            out.print(Text(f"  {word}: {clean(one)}", style="dim"))
    out.print(Text("  No legal advice.", style="dim"))


def _problems(out: Console, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    out.print()
    out.print(Text(f"{title}:", style="bold"))
    for one in lines[:_MOST]:
        out.print(Text(f"  {clean(one)}", style="yellow"))
    if len(lines) > _MOST:
        out.print(Text(f"  and {len(lines) - _MOST:,} more; --json tells all", style="dim"))


def render_lock(facts: Mapping[str, Any]) -> None:
    """Prints what was frozen."""
    out = console()
    folds = ", ".join(f"{clean(name)} {number:,}" for name, number in facts["folds"].items())
    out.print(Text(f"{facts['file']}: {facts['chips']:,} chips of {facts['items']:,} items{folds and f' ({folds})'}"))
    out.print(Text(str(facts["digest"]), style="dim"))
    _problems(out, "Problems", facts["problems"])


def render_verified(checked: Mapping[str, Any]) -> None:
    """Prints what became of a lock's files."""
    out = console()
    text = f"{checked['same']:,} of {checked['files']:,} files are those of the lock"
    if checked["unknown"]:
        text += f"; {checked['unknown']:,} have nothing to compare but their size"
    out.print(Text(text + ".", style="yellow" if checked["changed"] or checked["missing"] else "green"))
    _problems(out, "Changed", [f"{one['href']}: {one['why']}" for one in checked["changed"]])
    _problems(out, "Missing", [f"{one['href']}: {one['why']}" for one in checked["missing"]])


def render_preview(picture: Preview) -> None:
    """Prints a preview in half blocks: two pixels a character."""
    out = console()
    side, gap = 28, 2
    across = max(1, min(len(picture.tiles), (out.width + gap) // (side + gap)))
    for start in range(0, len(picture.tiles), across):
        row = picture.tiles[start : start + across]
        small = [one.resized(side) for one in row]
        for line in range(0, side, 2):
            text = Text()
            for place, pixels in enumerate(small):
                text.append(" " * gap if place else "")
                for upper, lower in zip(pixels[line].tolist(), pixels[line + 1].tolist(), strict=True):
                    text.append(
                        "▀", style=f"rgb({upper[0]},{upper[1]},{upper[2]}) on rgb({lower[0]},{lower[1]},{lower[2]})"
                    )
            out.print(text, no_wrap=True, crop=False)
        captions = Text()
        for place, one in enumerate(row):
            captions.append(" " * gap if place else "")
            captions.append(clean(one.caption)[:side].ljust(side), style="dim")
        out.print(captions, no_wrap=True, crop=False)
    if picture.legend:
        legend = Text()
        for name, colour in picture.legend:
            legend.append("██ ", style=_rgb(colour))
            legend.append(f"{clean(name)}   ")
        out.print(legend)
    out.print(Text(clean(picture.title), style="dim"))


def _rgb(colour: Sequence[int]) -> str:
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"
