"""The figures of the scenes benchmark as text: each beside its target, peers as ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.scene_queries import TARGET_MS, TITLES

_PEERS = ("duckdb", "virtuoso", "oxigraph", "spark")
_NEW_MORE_MS = 30.0
_PLAIN_RATIO = 200.0


def report(found: Mapping[str, Any]) -> str:
    """The tables of one run."""
    lines = [f"{found['scenes']:,} scenes, {found['cores']} cores, load average {found['load']:.1f} at the start", ""]
    own = found.get("earthdex", {})
    head = f"{'query':46} {'first':>8} {'new':>8} {'again':>8} {'p95':>8} {'target':>7}"
    lines.append(head + "".join(f" {one + ' (ratio)':>21}" for one in _PEERS if one in found))
    for key, title in TITLES.items():
        mine = own.get("queries", {}).get(key, {})
        lines.append(
            f"{key} {title:44} {_ms(mine, 'first')} {_ms(mine, 'new')} {_ms(mine, 'again')} {_ms(mine, 'p95')} "
            f"{_target(key)}" + "".join(f" {_peer(found, one, key, mine):>21}" for one in _PEERS if one in found)
        )
        if "error" in mine:
            lines.append(f"    earthdex: {mine['error'][:140]}")
    lines += ["", *_spent(found), "", *_answers(found), "", *_sizes(found), "", *_targets(found)]
    return "\n".join(lines)


def _ms(figures: Mapping[str, Any], name: str) -> str:
    if "error" in figures:
        return f"{'error':>8}"
    if "over" in figures:
        return f"{'> ' + format(figures['over'], '.0f') + ' s':>8}"
    value = figures.get(name)
    return f"{value:8.1f}" if value is not None else f"{'-':>8}"


def _target(key: str) -> str:
    return f"{TARGET_MS[key]:7.0f}" if key in TARGET_MS else f"{'-':>7}"


def _peer(found: Mapping[str, Any], system: str, key: str, mine: Mapping[str, Any]) -> str:
    if "skipped" in found[system]:
        return "absent"
    figures = found[system]["queries"].get(key, {})
    text = _ms(figures, "again").strip()
    base = mine.get("again")
    if base and "over" in figures:
        return f"{text} (> {figures['over'] * 1000 / base:,.0f}x)"
    if base and figures.get("again"):
        return f"{text} ({figures['again'] / base:,.1f}x)"
    return text


def _spent(found: Mapping[str, Any]) -> list[str]:
    """CPU time of a run: what remains comparable on a busy machine."""
    systems = [one for one in ("earthdex", *_PEERS) if "queries" in found.get(one, {})]
    lines = [f"{'CPU, ms':10}" + "".join(f"{one:>12}" for one in systems)]
    for key in TITLES:
        cells = (found[one]["queries"].get(key, {}).get("cpu") for one in systems)
        lines.append(f"{key:10}" + "".join(f"{cell:12,.1f}" if cell is not None else f"{'-':>12}" for cell in cells))
    return lines


def _answers(found: Mapping[str, Any]) -> list[str]:
    """Where answers of peers differ from ours."""
    lines = []
    own = found.get("earthdex", {}).get("queries", {})
    for key in TITLES:
        mine = own.get(key, {})
        if "total" not in mine:
            continue
        told = [f"earthdex {mine['total']:,}"]
        for system in _PEERS:
            other = found.get(system, {}).get("queries", {}).get(key, {})
            if "total" in other:
                same = "same" if other["digest"] == mine["digest"] else f"{other['total']:,}"
                told.append(f"{system} {same}")
        lines.append(f"answer of {key}: " + ", ".join(told))
    return lines


def _sizes(found: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{'':10} {'load, s':>9} {'triples/s':>11} {'disk, MB':>9} {'memory, MB':>11} {'of it own':>10} {'open, ms':>9}"
    ]
    for system in ("earthdex", *_PEERS):
        one = found.get(system)
        if one is None:
            continue
        if "skipped" in one:
            lines.append(f"{system:10} skipped: {one['skipped']}")
            continue
        load, memory = one["load"], one.get("memory_mb", {})
        cells = (
            f"{load['wall']:9.1f}" if "wall" in load else f"{'-':>9}",
            f"{load['rate']:11,.0f}" if "rate" in load else f"{'-':>11}",
            f"{load['disk_mb']:9,.0f}",
            f"{memory.get('resident', 0):11,.0f}",
            f"{memory.get('own', 0):10,.0f}",
            f"{one.get('open_ms', 0):9,.0f}",
        )
        lines.append(f"{system:10} {' '.join(cells)}")
    return lines


def _targets(found: Mapping[str, Any]) -> list[str]:
    """Each target of the project beside what was measured, and whether it holds."""
    own = found.get("earthdex")
    if not own or "queries" not in own:
        return []
    queries, million = own["queries"], found["scenes"] / 1e6
    rows: list[tuple[str, float | None, float, bool]] = []  # what, measured, bound, whether it is a least one
    for key, bound in TARGET_MS.items():
        if million <= 1:
            rows.append((f"{key}, ms", queries.get(key, {}).get("again"), bound, False))
        new, again = queries.get(key, {}).get("new"), queries.get(key, {}).get("again")
        more = new - again if new is not None and again is not None else None
        rows.append((f"{key}, a text never seen, ms more", more, _NEW_MORE_MS, False))
    for key in "abc":
        rows.append((f"{key}, times plain pyoxigraph", _ratio(found, "oxigraph", key), _PLAIN_RATIO, True))
    for key in "abcdef":
        rows.append((f"{key}, times Virtuoso", _ratio(found, "virtuoso", key), 1.0, True))
    rate, plain = own["load"].get("rate"), found.get("oxigraph", {}).get("load", {}).get("rate")
    rows.append(("load, times bulk_load", rate / plain if rate and plain else None, 50.0, True))
    if million <= 1:
        rows.append(("disk, MB", own["load"].get("disk_mb"), 200.0, False))
        rows.append(("resident, MB", own.get("memory_mb", {}).get("resident"), 500.0, False))
    else:
        rows.append(("resident, MB", own.get("memory_mb", {}).get("resident"), 3_000.0, False))
        rows.append(("open, ms", own.get("open_ms"), 2_000.0, False))
    for key, before in found.get("beside", {}).items():
        if key in "abcde" and before.get("cpu") and queries.get(key, {}).get("cpu"):
            rows.append((f"{key}, CPU times that of fewer scenes", queries[key]["cpu"] / before["cpu"], 3.0, False))
    lines = []
    for what, value, bound, least in rows:
        if value is None:
            continue
        holds = value >= bound if least else value <= bound
        lines.append(
            f"{what:36} {value:12,.1f}  target {'>=' if least else '<='} {bound:g}: {'holds' if holds else 'MISSED'}"
        )
    return lines


def _ratio(found: Mapping[str, Any], system: str, key: str) -> float | None:
    mine = found["earthdex"]["queries"].get(key, {}).get("again")
    other = found.get(system, {}).get("queries", {}).get(key, {})
    theirs = other.get("again") or (other["over"] * 1000 if "over" in other else None)
    return theirs / mine if mine and theirs else None
