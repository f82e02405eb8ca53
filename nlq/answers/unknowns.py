"""What the catalogue does not know: records that a condition passes over because the fact it asks for is missing.

An answer that silently leaves out what is unknown reads as if it were complete. So lists and counts say how many more
records fit in everything else, and rankings of named records are not decided on half of the values.
"""

from __future__ import annotations

from dataclasses import replace

from nlq.answers.running import Runner
from nlq.question import Filter, Question, ValueOf
from nlq.wording import label
from ontology.properties import PROPERTIES

_COMPARES = ("=", "<", "<=", ">", ">=", "between", "in")
_MOST = 3


def passed_over(runner: Runner, question: Question) -> list[str]:
    """Sentences on the records that fit all other conditions but lack the fact that one of them asks for."""
    if question.target not in ("dataset", "model"):
        return []
    found = []
    for text, rest in _without_facts(question)[:_MOST]:
        count = runner.advised_count(rest)
        if count:
            more = "more fits" if count == 1 else "more fit"
            found.append(f"Not included: {count:,} {more} otherwise, but the {text} is not known.")
    return found


def _without_facts(question: Question) -> list[tuple[str, Question]]:
    """For each condition on a fact that records may lack: its name, and the question for records that lack it."""
    found = []
    for index, one in enumerate(question.filters):
        prop = PROPERTIES.get(one.property)
        if prop is None or one.op not in _COMPARES or isinstance(one.value, ValueOf):
            continue
        if prop.kind not in ("integer", "number", "date", "boolean"):
            continue
        rest = [other for place, other in enumerate(question.filters) if place != index]
        text = "permission for commercial use" if one.property == "commercial_use" else label(one.property)
        found.append((text, replace(question, filters=(*rest, Filter(one.property, "not_exists")))))
    if question.times and question.target == "dataset":
        lacking = (Filter("time_start", "not_exists"), Filter("time_end", "not_exists"))
        bare = replace(question, times=(), months=(), time_relation=None, filters=(*question.filters, *lacking))
        found.append(("time of the imagery", bare))
    if question.places and question.target == "dataset" and question.relation != "disjoint":
        order = None if question.order is not None and question.order.by == "distance" else question.order
        bare = replace(question, places=(), place_op=None, relation=None, distance_km=None, order=order)
        found.append(("place", replace(bare, filters=(*question.filters, Filter("coverage", "not_exists")))))
    return found


def unranked(runner: Runner, question: Question) -> int:
    """How many things fit but cannot be ranked, since the value that ranks them is not known."""
    order = question.order
    if order is None or order.by not in PROPERTIES or question.target not in ("dataset", "model"):
        return 0
    lacking = Filter(order.by, "not_exists")
    return runner.advised_count(replace(question, order=None, filters=(*question.filters, lacking))) or 0


def unknown_reference(runner: Runner, question: Question) -> str:
    """Of `lighter than X`: that the value of X is not known; empty where it is."""
    for one in question.filters:
        if isinstance(one.value, ValueOf):
            known = Question("", target=question.target, filters=(Filter("name", "=", one.value.of),))
            known = replace(known, filters=(*known.filters, Filter(one.value.property, "exists")))
            if runner.advised_count(known) == 0:
                return f"The catalogue does not know the {label(one.value.property)} of {one.value.of}."
    return ""
