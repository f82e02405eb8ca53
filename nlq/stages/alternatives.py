"""Or between conditions on different properties: `more than 50 classes or a million images`.

Within one property a list does it (`in`). Conditions on two properties stand apart from the others, which all must
hold: at least one of the two must.
"""

from __future__ import annotations

from nlq.lexis.grammar import STOP
from nlq.question import Filter
from nlq.sheet.reading import Reading
from nlq.sheet.tokens import key
from nlq.stages.negation import negation
from ontology.properties import PROPERTIES

_FARTHEST = 6  # words between `or` and a condition: `or that have at least`
_NEGATIVE = ("!=", "not_contains", "not_exists", "not_only", "same_as")
# one evaluation: its dataset, metric and value belong together
_JOINED = ("metric", "metric_value", "evaluated_on", "name")
_END = (".", "?", "!", ";", ":")


def read_alternatives(reading: Reading) -> None:
    """Set conditions of different properties apart that `or` joins."""
    draft = reading.draft
    if draft.target not in ("dataset", "model") or draft.compare is not None or draft.returns:
        return
    for index, token in enumerate(reading.tokens):
        if token.norm != "or" or reading.owner(index) is not None or reading.slots[index] is not None:
            continue
        left, right = _beside(reading, index, -1), _beside(reading, index, 1)
        if left is None or right is None or negation(reading, left[0]) or negation(reading, right[0]):
            continue
        sides = [_condition(reading, *left), _condition(reading, *right)]
        found = [one for one in sides if one is not None]
        if len(found) != 2 or found[0].property == found[1].property or _shared(reading, left, right):
            continue
        if {one.property for one in found} & set(_JOINED) or any(one.op in _NEGATIVE for one in found):
            continue
        draft.filters = [one for one in draft.filters if one not in found]
        draft.either = found
        reading.slots[index] = found[1].property
        draft.assume("`or` = at least one of the two conditions beside it holds, and all the others")
        return


def _beside(reading: Reading, index: int, step: int) -> tuple[int, int] | None:
    """The nearest words on one side that became a condition, as a range of tokens."""
    at = index + step
    for _ in range(_FARTHEST):
        if not 0 <= at < len(reading.tokens) or reading.tokens[at].norm in _END:
            return None
        slot = reading.slots[at]
        if slot in PROPERTIES:
            end = at
            while 0 <= end + step < len(reading.tokens) and reading.slots[end + step] == slot:
                end += step
            return min(at, end), max(at, end) + 1
        if slot not in (None, "target") or (slot is None and reading.tokens[at].norm not in STOP):
            return None
        at += step
    return None


def _condition(reading: Reading, start: int, end: int) -> Filter | None:
    """The condition that these words became."""
    name = reading.slots[start]
    held = [one for one in reading.draft.filters if one.property == name]
    if len(held) > 1:
        words = key(reading.words(start, end))
        held = [one for one in held if isinstance(one.value, str) and key(one.value)[:4] in words]
    return held[0] if len(held) == 1 else None


def _shared(reading: Reading, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """`building segmentation or road extraction`: each side says the same kinds of things, so two wishes are listed."""
    names = (reading.slots[left[0]], reading.slots[right[0]])
    before, after = left[0] - 1, right[1]
    return (before >= 0 and reading.slots[before] == names[1]) or (
        after < len(reading.tokens) and reading.slots[after] == names[0]
    )
