"""The text of a question, piece by piece, with what each piece became."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nlq.answers.explain import time_text, understood, where_text
from nlq.question import Question
from nlq.roles import role_of, words_of
from nlq.wording import condition, label, labels, listing, order_text, thing


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a question.

    Attributes:
        start, end: characters of the question.
        text: the piece itself.
        role: one of `nlq.roles.ROLES`, or empty: words that only carry the sentence.
        slot: the slot or property that the words fill.
        became: what the slot holds, in words.
    """

    start: int
    end: int
    text: str
    role: str = ""
    slot: str = ""
    became: str = ""

    def to_dict(self) -> dict[str, Any]:
        """It as JSON."""
        names = ("start", "end", "text", "role", "slot", "became")
        return {name: getattr(self, name) for name in names}


def parts(question: Question) -> tuple[Part, ...]:
    """The whole text of a question, piece by piece; joined, their texts are the question."""
    found: list[Part] = []
    at = 0
    for span in sorted(question.spans, key=lambda one: (one.start, one.end)):
        if span.start < at or span.end <= span.start:
            continue
        if span.start > at:
            found.append(Part(at, span.start, question.text[at : span.start]))
        became = _became(question, span.slot, span.text)
        found.append(Part(span.start, span.end, span.text, role_of(span.slot), span.slot, became))
        at = span.end
    if at < len(question.text):
        found.append(Part(at, len(question.text), question.text[at:]))
    return tuple(found)


def _became(question: Question, slot: str, text: str) -> str:
    """What a slot holds, in words; of several conditions on one property those that the words are about."""
    if not question.answerable:
        return ""
    match slot:
        case "target":
            return thing(question.target) if question.target else ""
        case "place" | "relation" | "distance_km":
            return where_text(question)
        case "time" | "months" | "time_relation":
            return time_text(question.times, question.months) or f"the period of {question.time_same_as}"
        case "order" | "limit" | "offset":
            return _ranking(question)
        case "aggregate" | "having" | "group_by" | "compare" | "return":
            return _figure(question, slot)
    held = [one for one in question.filters if one.property == slot]
    mine = [one for one in held if any(text in words for words in _words(question, slot, one))]
    return listing((condition(one) for one in mine or held), "and")


def _words(question: Question, slot: str, one: Any) -> tuple[str, ...]:  # noqa: ANN401 - Filter
    from nlq.roles import values_of

    return words_of(question, (slot,), values_of(one))


def _ranking(question: Question) -> str:
    if question.order is not None:
        return order_text(question.order, question.limit, question.offset)
    return f"at most {question.limit}" if question.limit is not None else ""


def _figure(question: Question, slot: str) -> str:
    if slot == "group_by":
        return f"for each {listing(label(one) for one in question.group_by)}" if question.group_by else ""
    if slot == "return":
        return listing(labels(one) for one in question.returns)
    if slot == "compare":
        return understood(replace(question, returns=())).rstrip(".") if question.compare is not None else ""
    function, _, rest = (question.aggregate or "").partition("(")
    words = {"count": "how many", "ask": "whether there are any", "sum": "the total", "avg": "the average",
             "min": "the smallest", "max": "the largest"}  # fmt: skip
    named = label(rest.rstrip(")")) if rest else ""
    return f"{words.get(function, '')} {named}".strip()
