"""Which words of a question filled which slot, and the role of a slot in it: target, filter, place, time ..."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlq.question import Filter, Question, Span, ValueOf
from nlq.wording import listing

# in the order of a legend
ROLES = ("target", "filter", "place", "time", "order", "aggregate", "talk", "aside", "unused")
_ROLE_OF = {
    "target": "target",
    "place": "place", "relation": "place", "distance_km": "place", "coverage": "place",
    "time": "time", "months": "time", "time_relation": "time", "offset": "order",
    "order": "order", "limit": "order",
    "aggregate": "aggregate", "group_by": "aggregate", "having": "aggregate", "compare": "aggregate",
    "return": "aggregate", "talk": "talk", "asker": "aside", "aside": "aside", "unused": "unused",
}  # fmt: skip
_LEAST_SHARED = 3


def role_of(slot: str) -> str:
    """The role of a slot; properties are filters."""
    return _ROLE_OF.get(slot, "filter")


def words_of(question: Question, slots: Sequence[str], values: Iterable[object] = ()) -> tuple[str, ...]:
    """The words of a question that filled some slots.

    Args:
        question: what was understood.
        slots: names of slots and properties.
        values: of several conditions on one property, what this one asks for: words that plainly belong to another
            condition are left out.
    """
    spans = [one for one in question.spans if one.slot in slots]
    wanted = [str(one) for one in values]
    others = [
        value
        for one in question.filters
        if one.property in slots
        for value in values_of(one)
        if str(value) not in wanted
    ]
    if wanted and others:
        mine = [one for one in spans if any(_alike(one.text, value) for value in wanted)]
        spans = mine or [one for one in spans if not any(_alike(one.text, str(value)) for value in others)]
    return tuple(dict.fromkeys(one.text for one in _joined(question, spans)))


def values_of(one: Filter) -> tuple[object, ...]:
    """What a filter asks for, as a tuple."""
    if isinstance(one.value, ValueOf):
        return (one.value.of,)
    return one.value if isinstance(one.value, tuple) else (one.value,)


def quoted(words: Sequence[str]) -> str:
    """Words in quotation marks, listed."""
    return listing(f"“{' '.join(word.split())}”" for word in words)


def _alike(text: str, value: str) -> bool:
    """Whether words share their beginning, as `Landsat` and `Landsat 8` or `crops` and `crop type` do."""
    left, right = ("".join(c for c in one.casefold() if c.isalnum()) for one in (text, value))
    least = min(len(left), len(right), _LEAST_SHARED)
    return bool(least) and left[:least] == right[:least]


def _joined(question: Question, spans: Sequence[Span]) -> list[Span]:
    """Neighbouring spans as one: `cloud` `cover` `below 10 %`."""
    found: list[Span] = []
    for one in spans:
        if found and not question.text[found[-1].end : one.start].strip(" -/"):
            last = found[-1]
            found[-1] = Span(last.start, one.end, last.slot, question.text[last.start : one.end])
        else:
            found.append(one)
    return found
