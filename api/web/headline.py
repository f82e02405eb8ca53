"""The answer in a few words, as the first line of its page."""

from __future__ import annotations

from typing import Any

from api.web.words import amount, plain, shown_value
from nlq.wording import label, listing, thing


def headline(answer: dict[str, Any]) -> str:
    """What a person would say first."""
    kind, found, target = answer["kind"], answer["found"], answer["target"]
    if kind == "refusal":
        return "That cannot be answered."
    if kind == "clarify":
        return plain(answer["reason"]) or "What do you mean?"
    if kind == "count":
        return f"{int(answer['value'] or 0):,} {thing(target, int(answer['value'] or 0))}"
    if kind == "yesno":
        return {True: "Yes.", False: "No."}.get(answer["value"], "The catalogue does not say.")
    if kind == "groups":
        return f"{found:,} {_groups(answer, found)}" if found else "Nothing fits."
    if kind == "value":
        return _value(answer)
    if not found:
        return "Nothing fits."
    return f"{found:,} {thing(target, found)}"


def _groups(answer: dict[str, Any], found: int) -> str:
    names = answer["interpretation"].get("group_by") or []
    if len(names) != 1:
        return "group" if found == 1 else "groups"
    return label(names[0]) if found == 1 else labels_of(names[0])


def labels_of(name: str) -> str:
    """A property in plural words."""
    text = label(name)
    if text.endswith("y") and text[-2:-1] not in "aeiou":
        return f"{text[:-1]}ies"
    return (
        text if text.endswith("s") and not text.endswith("ss") else f"{text}es" if text.endswith("ss") else f"{text}s"
    )


def _value(answer: dict[str, Any]) -> str:
    rows = answer["rows"]
    if not rows or answer["value"] in (None, []):
        return "The catalogue does not say."
    row = rows[0]
    if "function" in row:
        return f"{shown_value(str(row.get('property', '')), answer['value'])}".strip()
    if len({one.get("iri") for one in rows}) > 1 or len({one.get("property") for one in rows}) > 1:
        return f"{len(rows):,} facts"
    name = str(row.get("property", ""))
    values = [_one(name, one) for one in rows]
    units = {str(one.get("unit") or "") for one in rows}
    unit = f" {units.pop()}" if len(units) == 1 else ""
    if unit.strip() and all(value.endswith(unit) for value in values):
        values = [value.removesuffix(unit) for value in values]
    else:
        unit = ""
    word = "or" if any(row.get("disputed") for row in rows) else "and"
    shown = list(dict.fromkeys(values))
    text = listing([*shown[:5], *([f"{len(shown) - 5} more"] if shown[5:] else [])], word) + unit
    return text or label(name)


def _one(name: str, row: dict[str, Any]) -> str:
    value = row.get("value")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        shown = shown_value(name, value)
        unit = row.get("unit") or ""
        if unit in ("year", "") or shown.endswith(unit):
            return shown
        return f"{amount(value)} {unit}"
    return shown_value(name, value)


def title(answer: dict[str, Any]) -> str:
    """The title of the page: the question itself."""
    return plain(answer["question"])[:120] or "earthdex"
