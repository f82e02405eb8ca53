"""Two records side by side: `the difference between A and B in bands`, `compare the licences of A and B`.

Nothing is ranked and nothing is asked with yes or no: the properties named, or the whole records, stand beside
each other.
"""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from nlq.stages.degrees import counted_property, property_of
from nlq.stages.relations import records

_TOGETHER = regex(
    r"\b(?:differences?|differ|compare|compares|comparing|comparison|contrast|side by side|next to each other)\b"
)
_RANKING = regex(
    r"\b(?:more|fewer|less|larger|bigger|smaller|finer|coarser|newer|older|higher|lower|lighter|heavier|longer|shorter"
    r"|earlier|later|most|least|first)\b"
)


def read_side_by_side(reading: Reading) -> None:
    """Ask for the properties of several named records at once."""
    draft = reading.draft
    together = _TOGETHER.search(reading.norm)
    marks = [one for one in records(reading) if not one.info.get("family")]
    if together is None or len(marks) < 2 or _RANKING.search(reading.norm) or draft.returns:
        return
    target = (marks[0].info["entry"].level if "entry" in marks[0].info else "") or "dataset"
    names: list[str] = []
    for mark in reading.of_kind("attr", "counted", "band", "class", "split"):
        if mark.used or mark.info.get("taken") or marks[0].start <= mark.start < marks[0].end:
            continue
        name = property_of(mark, target) or counted_property(mark, target)
        if name is None or name == "name":
            continue
        if name not in names:
            names.append(name)
        reading.take(mark, "return")
    for mark in reading.of_kind("topic", "task"):
        mark.info["taken"] = True  # what they are compared for; it bounds nothing
    draft.target = target
    draft.returns = names
    draft.add("name", "in", list(dict.fromkeys(str(one.value) for one in marks)))
    for mark in marks:
        reading.take(mark, "name")
    start, end = reading.span_of(together)
    reading.use(start, end, "return")
