"""Values as people read them in pages."""

from __future__ import annotations

import re
from typing import Any

from nlq.wording import listing, quantity
from ontology.properties import PROPERTIES

# what Unicode uses to turn the direction of text: a title must not turn the page around it
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?(e-?\d{1,2})?", re.IGNORECASE)
_STEPS = ((1_000_000_000_000, "trillion"), (1_000_000_000, "billion"), (1_000_000, "million"))


def plain(text: object) -> str:
    """A text from outside without marks that turn the direction of what stands beside it."""
    return _TURNING.sub("", str(text))


def amount(value: int | float) -> str:
    """A number in short: `27,000`, `86.6 million`."""
    for step, word in _STEPS:
        if abs(value) >= step:
            return f"{value / step:,.3g} {word}"
    return f"{value:,}".removesuffix(".0")


def shown_value(name: str, value: Any) -> str:  # noqa: ANN401
    """The cell of a table: values with their unit."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return listing(
            [shown_value(name, one) for one in value[:4]] + ([f"{len(value) - 4} more"] if value[4:] else [])
        )
    prop = PROPERTIES.get(name)
    if prop is not None and prop.kind in ("integer", "number") and not isinstance(value, str):
        if prop.unit == "%":
            value = round(value, 1 if value >= 1 else 2)
        return quantity(name, round(value, 4) if isinstance(value, float) else value)
    if name == "distance_km":
        return f"{value:,} km"
    if name == "acquisition_time":
        return str(value).replace("T", " ").removesuffix("Z")[:16]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}"
    return plain(value)


def figure(text: str, name: str) -> str:
    """A value that comes as text, with thousands set apart and its unit where the property has one."""
    prop = PROPERTIES.get(name)
    if prop is None:
        return plain(text)
    if prop.kind == "boolean":
        return {"true": "yes", "false": "no"}.get(text, plain(text))
    if prop.kind not in ("integer", "number") or not _NUMBER.fullmatch(text):
        return plain(text)
    value = float(text)
    return quantity(name, int(value) if value.is_integer() else value)
