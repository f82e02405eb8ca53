"""Several comparisons with named records: `newer than A, more classes than B`, `finer than A and as many images`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nlq.question import ValueOf
from nlq.sheet.reading import Found, Mark, Reading, Rule, rule
from nlq.stages.degrees import COMPARATIVES, counted_property
from ontology.properties import PROPERTIES

_RECORD = r"\{(?:record|family)\}"
_THAN = rule(
    r"than(?: (?:the|that|those|one|ones|in|of|does|number|\{(?:dataset|model|attr|product|counted)\}))*"
    rf" ({_RECORD})(?: (?:has|have|does|do|is|was))?"
)
_AS_MANY = rule(
    r"(?:at least|no less than|just)? ?as (many|much|large|big|small|new|recent|old|fine|few|heavy|light)"
    r"(?: (\{(?:counted|attr|product)\}))?(?! as)"
)
_WORDS = {"large": "larger", "big": "larger", "small": "smaller", "new": "newer", "recent": "newer", "old": "older",
          "fine": "finer", "heavy": "heavier", "light": "lighter"}  # fmt: skip
_LESS = ("few", "small")

How = Callable[[Reading, str, Found, str], "tuple[str, str] | None"]


def read_several(
    reading: Reading, marks: Sequence[Mark], target: str, patterns: Sequence[tuple[str, Rule]], how: How
) -> bool:
    """Conditions with the values of records, where there is more than one of them.

    Args:
        reading: the question.
        marks: the named records that nothing has used.
        target: what is looked for.
        patterns: the rules of comparatives by kind.
        how: reads one match of them as (property, `desc` for more).

    Returns:
        Whether the question was read so.
    """
    thans = [one for one in reading.find_all(_THAN) if one.marks(1) and one.marks(1)[0] in marks]
    if len(thans) != len(marks) or not thans or reading.has_context:
        return False
    found: list[tuple[str, str, str, Found]] = []
    last = 0
    for than in thans:
        start, end = than.span()
        name = str(than.marks(1)[0].value)
        hows = _between(reading, target, patterns, how, last, start)
        if not hows:
            return False
        found += [(one, ">" if way == "desc" else "<", name, match) for one, way, match in hows]
        last = end
    found += _as_many(reading, target, last, str(thans[-1].marks(1)[0].value))
    if len(found) < 2 or len({one[0] for one in found}) < len(found):
        return False
    reading.draft.target = target
    for property_, op, name, match in found:
        reading.draft.add(property_, op, ValueOf(property_, name))
        match.use(property_)
        for mark in match.marks(0):
            mark.info["taken"] = True
            reading.take(mark, property_)
    for than in thans:
        reading.take(than.marks(1)[0], "compare")
        than.use("compare")
    return True


def _between(
    reading: Reading, target: str, patterns: Sequence[tuple[str, Rule]], how: How, low: int, high: int
) -> list[tuple[str, str, Found]]:
    """The comparatives in a range of tokens, from left to right."""
    taken: set[int] = set()
    out: list[tuple[int, str, str, Found]] = []
    for kind, pattern in patterns:
        for found in reading.find_all(pattern):
            start, end = found.span()
            if start < low or end > high or taken & set(range(start, end)) or any(one.used for one in found.marks(0)):
                continue
            answer = how(reading, kind, found, target)
            if answer is None or PROPERTIES[answer[0]].kind not in ("integer", "number", "date"):
                continue
            taken |= set(range(start, end))
            out.append((start, *answer, found))
    return [(name, way, found) for _, name, way, found in sorted(out, key=lambda one: one[0])]


def _as_many(reading: Reading, target: str, low: int, record: str) -> list[tuple[str, str, str, Found]]:
    """`... and at least as many images`: as the record that was named before."""
    out = []
    for found in reading.find_all(_AS_MANY):
        if found.span()[0] < low:
            continue
        mark = next(iter(found.marks(2)), None)
        table, direction = COMPARATIVES.get(_WORDS.get(found.text(1), ""), ({}, "desc"))
        name = counted_property(mark, target) if mark is not None else table.get(target)
        if name is not None and PROPERTIES[name].is_number:
            more = direction == "desc" if mark is None else found.text(1) not in _LESS
            out.append((name, ">=" if more else "<=", record, found))
    return out
