"""Which of several there are more of: `are there more Sentinel-1 or Sentinel-2 scenes of Greece`."""

from __future__ import annotations

import re

from nlq.question import Filter, Order
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

_MORE = regex(
    r"^\W*(?:(?:so|and|hi|hello|ok|tell me|i wonder|i would like to know) )*(?:if |whether )?"
    r"(?:are there|is there|do you have|have you got|do we have|does the catalogue (?:have|hold)|you have|there are"
    r"|which (?:are|is|do you have|are there)|what do you have|which of (?:them|these) (?:are|is))"
    r" (?:the )?(?:more|fewer|less)\b(?! than \d)"
)
_EITHER = regex(r"\b(?:or|than)\b")


def read_more_of(reading: Reading) -> None:
    """Counts by the values that are weighed against each other, the largest count alone."""
    draft = reading.draft
    found = _MORE.match(reading.norm)
    if (
        found is None
        or not _EITHER.search(reading.norm[found.end() :])
        or draft.aggregate not in (None, "ask", "count")
    ):
        return
    if draft.compare or draft.order or draft.returns or draft.group_by:
        return
    weighed = _weighed(draft.filters)
    if weighed is None:
        return
    name, values, kept = weighed
    draft.filters = [*kept, Filter(name, "in", values)]
    draft.aggregate, draft.group_by = "count", [name]
    draft.order = Order("count", "asc" if re.search(r"\b(?:fewer|less)\b", found[0]) else "desc")
    draft.limit = 1
    for index in range(len(reading.tokens)):
        if reading.tokens[index].norm in ("more", "fewer", "less", "than", "or") and reading.slots[index] is None:
            reading.slots[index] = "aggregate"


def _weighed(filters: list[Filter]) -> tuple[str, tuple[str | int | float | bool, ...], list[Filter]] | None:
    """The one property with two values or more, and the filters besides."""
    names: dict[str, list[str | int | float | bool]] = {}
    for one in filters:
        for value in one.value if isinstance(one.value, tuple) else (one.value,):
            if one.op in ("=", "in", "contains") and isinstance(value, (str, int, float)):
                names.setdefault(one.property, []).append(value)
    many = [name for name, values in names.items() if len(set(values)) > 1]
    if len(many) != 1 or many[0] == "name":
        return None
    rest = [one for one in filters if one.property != many[0]]
    return many[0], tuple(dict.fromkeys(names[many[0]])), rest
