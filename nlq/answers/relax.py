"""Why an answer is empty: which condition emptied it, what the nearest to it finds, and what is found without it.

Conditions are dropped one at a time; those without which something is found are also moved to the nearest value, time
or place that finds anything. Where no single one is to blame, those that match nothing even alone are named. The number
of queries and their time are bounded, since this is advice and not the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nlq.answers.explain import conditions, where_text
from nlq.answers.nearest import Option, nearer_filters, nearer_places, nearer_times, nearest
from nlq.answers.running import Runner
from nlq.question import Question
from nlq.wording import condition, thing

_MOST_CONDITIONS = 8
_MOST_TRIES = 4
_IDENTITY = ("name", "product_id")


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What is found without one condition.

    Attributes:
        condition: the condition in words.
        found: how many things fit all the others.
        instead: the nearest condition in its place that finds anything, in words; empty where none is known.
        instead_found: how many things fit that and all the others.
    """

    condition: str
    found: int
    instead: str = ""
    instead_found: int = 0


def parts(runner: Runner, question: Question) -> list[tuple[str, Question, Iterator[Option]]]:
    """Each condition in words, with the question that lacks it and what it could be instead."""
    found: list[tuple[str, Question, Iterator[Option]]] = []
    for index, one in enumerate(question.filters):
        if one.property in _IDENTITY:
            continue
        rest = tuple(other for place, other in enumerate(question.filters) if place != index)
        found.append((condition(one), replace(question, filters=rest), nearer_filters(runner, question, index)))
    if question.either:
        bare = replace(question, filters=(), places=(), times=(), months=(), time_same_as=None, having=None)
        found.append((conditions(bare)[0], replace(question, either=()), iter(())))
    if question.places:
        order = None if question.order is not None and question.order.by == "distance" else question.order
        less = replace(question, places=(), relation=None, distance_km=None, place_op=None, order=order)
        found.append((where_text(question), less, nearer_places(runner, question)))
    if question.times or question.months or question.time_same_as is not None:
        bare = replace(question, filters=(), places=(), having=None)
        less = replace(question, times=(), months=(), time_same_as=None, time_relation=None)
        found.append((conditions(bare)[0], less, nearer_times(question)))
    if question.having is not None:
        bare = replace(question, filters=(), places=(), times=(), months=(), time_same_as=None)
        found.append((conditions(bare)[0], replace(question, having=None), iter(())))
    return found


def relax(runner: Runner, question: Question) -> tuple[Relaxed, ...]:
    """What would be found without each condition; those without which still nothing is found are left out."""
    known = parts(runner, question)
    if not 0 < len(known) <= _MOST_CONDITIONS:
        return ()
    # one condition alone: without it everything would be found, which says nothing
    several = len(known) + _named(question) > 1
    counted = [(runner.advised_count(rest) or 0) if several else 0 for _, rest, _ in known]
    found = []
    # the nearest to what keeps most apart first: time may run out
    for at in sorted(range(len(known)), key=lambda at: counted[at]):
        text, _, options = known[at]
        if counted[at] or len(known) == 1:
            near = nearest(runner, options)
            if near is not None and near[0] != text:
                found.append(Relaxed(text, counted[at], *near))
            elif counted[at]:
                found.append(Relaxed(text, counted[at]))
    return tuple(sorted(found, key=lambda one: one.found))


def _named(question: Question) -> int:
    """One where the question names what it is about, which is a condition that is never dropped."""
    return int(any(one.property in _IDENTITY for one in question.filters))


def to_blame(runner: Runner, question: Question) -> tuple[str, ...]:
    """Conditions that match nothing even alone."""
    known = parts(runner, question)
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
    if found and (found[-1].found or len(conditions(question)) > 1):
        best = found[-1]
        reason = f"No {thing(question.target, 1)} fits all conditions."
        if len(found) == 1:
            reason = f"Nothing is left because of one condition: {best.condition}."
        return reason, [*_instead(question, found)[:_MOST_TRIES], *_without(question, found)[:_MOST_TRIES]]
    if blamed:
        return f"The catalogue holds no {things} {' and none '.join(blamed)}.", []
    every = conditions(question)
    if len(every) == 1:
        return f"The catalogue holds no {things} {every[0]}.", _instead(question, found)
    return f"The catalogue holds no such {things}.", []


def _instead(question: Question, found: tuple[Relaxed, ...]) -> list[str]:
    """The nearest relaxations, the one that changes least first."""
    known = sorted((one for one in found if one.instead), key=lambda one: one.instead_found)
    return [
        f"{one.instead[0].upper()}{one.instead[1:]} instead of “{one.condition}”: "
        f"{one.instead_found:,} {thing(question.target, one.instead_found)}."
        for one in known
    ]


def _without(question: Question, found: tuple[Relaxed, ...]) -> list[str]:
    return [
        f"Without the condition “{one.condition}”: {one.found:,} {thing(question.target, one.found)}."
        for one in reversed(found)
        if one.found
    ]
