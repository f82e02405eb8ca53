"""Why an answer is empty: which condition emptied it, and what is found without it.

Conditions are dropped one at a time; where no single one is to blame, those that match nothing even alone are named.
The number of queries and their time are bounded, since this is advice and not the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nlq.answers.explain import conditions, where_text
from nlq.answers.running import Runner
from nlq.question import Question
from nlq.wording import condition, thing

_MOST_CONDITIONS = 8
_IDENTITY = ("name", "product_id")


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What is found without one condition.

    Attributes:
        condition: the condition in words.
        found: how many things fit all the others.
    """

    condition: str
    found: int


def parts(question: Question) -> list[tuple[str, Question]]:
    """Each condition in words, with the question that lacks it."""
    found = []
    for index, one in enumerate(question.filters):
        if one.property in _IDENTITY:
            continue
        rest = tuple(other for place, other in enumerate(question.filters) if place != index)
        found.append((condition(one), replace(question, filters=rest)))
    if question.places:
        order = None if question.order is not None and question.order.by == "distance" else question.order
        less = replace(question, places=(), relation=None, distance_km=None, place_op=None, order=order)
        found.append((where_text(question), less))
    if question.times or question.months or question.time_same_as is not None:
        bare = replace(question, filters=(), places=(), having=None)
        found.append(
            (conditions(bare)[0], replace(question, times=(), months=(), time_same_as=None, time_relation=None))
        )
    if question.having is not None:
        bare = replace(question, filters=(), places=(), times=(), months=(), time_same_as=None)
        found.append((conditions(bare)[0], replace(question, having=None)))
    return found


def relax(runner: Runner, question: Question) -> tuple[Relaxed, ...]:
    """What would be found without each condition; those without which still nothing is found are left out."""
    known = parts(question)
    if not 1 < len(known) + _named(question) <= _MOST_CONDITIONS:
        return ()
    found = []
    for text, rest in known:
        count = runner.advised_count(rest)
        if count:
            found.append(Relaxed(text, count))
    return tuple(sorted(found, key=lambda one: one.found))


def _named(question: Question) -> int:
    """One where the question names what it is about, which is a condition that is never dropped."""
    return int(any(one.property in _IDENTITY for one in question.filters))


def to_blame(runner: Runner, question: Question) -> tuple[str, ...]:
    """Conditions that match nothing even alone."""
    known = parts(question)
    if not 1 < len(known) <= _MOST_CONDITIONS:
        return ()
    found = []
    for index, one in enumerate(question.filters):
        if one.property not in _IDENTITY:
            alone = _only(question, filters=(question.filters[index],))
            if runner.advised_count(alone) == 0:
                found.append(condition(one))
    if question.places:
        alone = replace(_only(question), places=question.places, relation=question.relation, place_op=question.place_op,
                        distance_km=question.distance_km)  # fmt: skip
        if runner.advised_count(alone) == 0:
            found.append(where_text(question))
    if question.times or question.months:
        alone = replace(_only(question), times=question.times, months=question.months)
        if runner.advised_count(alone) == 0:
            found.append(conditions(alone)[0])
    return tuple(found)


def _only(question: Question, filters: tuple = ()) -> Question:  # type: ignore[type-arg]
    """The question with no condition but the given filters."""
    return Question(question.text, target=question.target, filters=filters)


def advice(question: Question, found: tuple[Relaxed, ...], blamed: tuple[str, ...]) -> tuple[str, list[str]]:
    """The reason of an empty answer, and what to try next."""
    things = thing(question.target)
    if found:
        best = found[-1]
        reason = f"No {thing(question.target, 1)} fits all conditions."
        if len(found) == 1:
            reason = f"Nothing is left because of one condition: {best.condition}."
        tries = [
            f"Without the condition “{one.condition}”: {one.found:,} {thing(question.target, one.found)}."
            for one in reversed(found)
        ]
        return reason, tries[:4]
    if blamed:
        return f"The catalogue holds no {things} {' and none '.join(blamed)}.", []
    every = conditions(question)
    if len(every) == 1:
        return f"The catalogue holds no {things} {every[0]}.", []
    return f"The catalogue holds no such {things}.", []
