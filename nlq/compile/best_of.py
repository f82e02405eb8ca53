"""The first thing of each group: the scenes whose value is the smallest or largest of their month, year or mission."""

from __future__ import annotations

from collections.abc import Callable

from nlq.compile.frame import Frame
from nlq.compile.text import step
from nlq.question import Question
from nlq.sheet.patterns import regex

_VARIABLE = regex(r"\?(\w+)")


def is_best_of_each(question: Question) -> bool:
    """Whether a question asks for the first scene of each group rather than for a figure of it."""
    return bool(question.group_by) and question.aggregate is None and question.order is not None


def add_best_of_each(frame: Frame, group: Callable[[Frame, str], list[str]]) -> list[str]:
    """Keeps the first of each group; several where they share the value.

    Args:
        frame: the query, with its conditions and the time of the scenes bound.
        group: binds the key of a group and returns its variables.

    Returns:
        The variables of the groups.
    """
    question, order = frame.question, frame.question.order
    if order is None:
        return []
    keys = [variable for name in question.group_by for variable in group(frame, name)]
    prop = frame.property(order.by)
    by_time = prop.name == "acquisition_time"
    value = frame.time if by_time else "?key"
    if not by_time:
        frame.say(f"order: by {prop.name}", [f"{frame.subject} {step(prop.path)} ?key ."], "order", order.by)
    inner = [_VARIABLE.sub(lambda match: _renamed(match[0], keys), line) for line in frame.body.lines]
    best = frame.body.fresh("first")
    pick = "MIN" if order.dir == "asc" else "MAX"
    lines = [
        f"{{ SELECT {' '.join(keys)} ({pick}({_renamed(value, keys)}) AS {best}) WHERE {{",
        *(f"  {line}" for line in inner),
        f"}} GROUP BY {' '.join(keys)} }}",
        f"FILTER({value} = {best})",
    ]
    frame.say("aggregate: the first of each", lines, "group_by")
    return keys


def _renamed(variable: str, keys: list[str]) -> str:
    return variable if variable in keys else f"{variable}_too"
