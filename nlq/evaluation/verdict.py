"""Whether an interpretation is the expected one: the slots that differ, accepted readings, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from nlq.evaluation.canon import (
    Slots,
    compared,
    completed,
    how_many,
    is_number,
    is_qualified,
    near,
    periods,
    same_filters,
    same_place,
)

_MOST_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an interpretation compares with the expected one.

    Attributes:
        slots: slots that differ; empty where it is right. `answerable` and `clarify` stand for a wrong refusal or one
            that is missing.
        accepted: whether an accepted reading was needed.
    """

    slots: tuple[str, ...]
    accepted: bool = False

    @property
    def right(self) -> bool:
        """Whether nothing differs."""
        return not self.slots


def judge(line: Slots, found: Slots | None, *, answerable: bool, clarify: bool) -> Verdict:
    """Compares a reading with what a question line expects.

    Args:
        line: a line of a question file.
        found: the interpretation.
        answerable: whether the reader thinks that the question can be answered.
        clarify: whether it asks back.
    """
    if not line["answerable"]:
        fine = not answerable or (clarify and bool(line.get("clarify")))
        return Verdict(() if fine else ("answerable",))
    if not answerable:
        return Verdict(("answerable",))
    slots = found or {}
    asked = " ".join([*line.get("context", ()), line["question"]])
    best: tuple[str, ...] | None = None
    accepted = False
    for number, expected in enumerate(_readings(line, slots)):
        differ = differences(expected, slots, asked)
        if best is None or len(differ) < len(best):
            best, accepted = differ, number > 0
        if not best:
            break
    wrong = best or ()
    if line.get("clarify") and not clarify and not is_qualified(slots.get("place")):
        wrong = (*wrong, "clarify")
    return Verdict(wrong, accepted)


def differences(expected: Slots, found: Slots, question: str) -> tuple[str, ...]:
    """Names of the slots in which two interpretations differ.

    Args:
        expected: the right interpretation.
        found: another one.
        question: what was asked, for the qualifiers of places.
    """
    left, right = completed(expected), completed(found)

    def same(slot: str) -> bool:
        return bool(left.get(slot) == right.get(slot))

    def listed(slot: str) -> bool:
        return sorted(left.get(slot) or ()) == sorted(right.get(slot) or ())

    timed = left.get("target") in ("dataset", "any") and left.get("time")
    several = isinstance(left["place"], list)
    equal = {
        "target": same("target"),
        "filters": same_filters(left["filters"], right["filters"]),
        "either": same_filters(left.get("either") or [], right.get("either") or []),
        "place": same_place(left["place"], right["place"], question) and (not several or same("place_op")),
        "relation": same("relation"),
        "distance_km": left["relation"] != "distance" or near(left.get("distance_km"), right.get("distance_km")),
        "time": periods(left.get("time")) == periods(right.get("time"))
        and listed("months")
        and (not timed or (left.get("time_relation") or "") in _alike(right.get("time_relation"))),
        "order": same("order"),
        "limit": same("limit") and (left.get("offset") or 0) == (right.get("offset") or 0),
        "aggregate": same("aggregate")
        and listed("group_by")
        and how_many(left.get("having")) == how_many(right.get("having")),
        "compare": compared(left.get("compare")) == compared(right.get("compare")),
        "return": set(left.get("return") or ()) - {"name"} == set(right.get("return") or ()) - {"name"},
    }
    return tuple(slot for slot, good in equal.items() if not good)


def _alike(relation: str | None) -> tuple[str, ...]:
    return ("", "intersects") if relation in (None, "intersects") else (relation,)


# --- accepted readings -------------------------------------------------------------------------------------------


def _readings(line: Slots, found: Slots) -> Iterator[Slots]:
    """The expected interpretation, then those that one to three accepted changes make of it."""
    expected = line["expect"]
    changes: list[Slots] = []
    for one in line.get("accept", ()):
        changes += _of_note(one, expected) if isinstance(one, str) else [one]
    for number in range(min(len(changes), _MOST_CHANGES) + 1):
        for chosen in combinations(changes, number):
            reading = expected
            for change in chosen:
                reading = _changed(reading, change, found)
            yield reading


def _changed(expected: Slots, change: Slots, found: Slots) -> Slots:
    new = {**expected, **change.get("set", {})}
    if "start" in change or "end" in change:
        start, end = new.get("time") or (None, None)
        new["time"] = [change.get("start", start), change.get("end", end)]
    gone = set(change.get("drop", ()))
    new["filters"] = [one for one in new.get("filters") or () if one["property"] not in gone] + list(
        change.get("add", ())
    )
    if span := change.get("range"):
        own = [one for one in found.get("filters") or () if one["property"] == span["property"]]
        fits = len(own) == 1 and own[0]["op"] in span["ops"] and is_number(own[0].get("value"))
        if fits and span["min"] <= own[0]["value"] <= span["max"]:
            new["filters"] = [one for one in new["filters"] if one["property"] != span["property"]] + own
    if window := change.get("window"):
        time = found.get("time")
        if isinstance(time, list) and len(time) == 2 and all(isinstance(day, str) for day in time):
            centre = date.fromisoformat(window["centre"])
            reach = (centre - date.fromisoformat(time[0][:10]), date.fromisoformat(time[1][:10]) - centre)
            if all(window["min_days"] <= side.days <= window["max_days"] for side in reach):
                new["time"] = time
    return new


_OP = r"(?P<op>!=|<=|>=|=|<|>|in|contains_all|contains|not_contains|not_only)"
_REMARK = re.compile(r"\s*\([^()]*\)$")


def _of_note(note: str, expected: Slots) -> list[Slots]:
    """The changes that a short note stands for; none for a remark to people."""
    if note.startswith("place "):
        return _of_place(note.removeprefix("place "), expected)
    text = _REMARK.sub("", note)
    if found := re.fullmatch(r"time (\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)", text):
        return [{"set": {"time": [found[1], found[2]]}}]
    if found := re.fullmatch(r"time (start|end) ([\d-]+)", text):
        return [{found[1]: found[2]}]
    if found := re.fullmatch(r"(relation|target|aggregate) (\w+)", text):
        return [{"set": {found[1]: found[2]}}]
    if found := re.fullmatch(r"order by (\w+) (asc|desc)", text):
        return [{"set": {"order": {"by": found[1], "dir": found[2]}}}]
    if found := re.fullmatch(r"return (\w+) instead of (\w+)", text):
        names = [found[1] if name == found[2] else name for name in expected.get("return") or ()]
        return [{"set": {"return": names}}]
    if found := re.fullmatch(r"(\w+) omitted", text) or re.fullmatch(r"without (\w+) .*", text):
        return [{"drop": [found[1]]}]
    if found := re.fullmatch(rf"(?:extra )?filter (?P<name>\w+) {_OP} (?P<value>.+)", text):
        return _conditions(found, [])
    if found := re.fullmatch(rf"(?P<name>\w+) {_OP} (?P<value>.+) instead of (?P<old>\w+)", text):
        return _conditions(found, [found["old"]])
    if found := re.fullmatch(rf"(?P<name>\w+) {_OP} (?P<value>.+)", text):
        return _conditions(found, [found["name"]])
    if found := re.fullmatch(r"(topic|task|temporal|modality) (.+)", text):
        return [{"drop": [found[1]], "add": [{"property": found[1], "op": "=", "value": found[2]}]}]
    return []


def _of_place(text: str, expected: Slots) -> list[Slots]:
    if text.startswith("bbox ["):
        return [{"set": {"place": {"bbox": json.loads(text.removeprefix("bbox "))}, "relation": "intersects"}}]
    if text.startswith("{") and text.endswith("}"):
        return [{"set": {"place": dict(re.findall(r"(\w+):\s*([^,]+)", text[1:-1]))}}]
    return [{"set": {"place": text, "relation": expected.get("relation") or "intersects"}}]


def _conditions(found: re.Match[str], drop: list[str]) -> list[Slots]:
    value = _value(found["value"])
    choices: list[tuple[str, Any]] = [(found["op"], value)]
    if found["op"] == "in" and isinstance(value, list):
        choices += [("=", one) for one in value]
    return [{"drop": drop, "add": [{"property": found["name"], "op": op, "value": one}]} for op, one in choices]


def _value(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except ValueError:
        text = text.strip()
        return [part.strip() for part in text[1:-1].split(",")] if text.startswith("[") else text


__all__ = ["Verdict", "differences", "judge"]
