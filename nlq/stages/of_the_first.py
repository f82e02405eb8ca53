"""What is asked of the first of a ranking: `the licence of the largest flood dataset`, `who made the newest model`."""

from __future__ import annotations

from nlq.sheet.reading import Reading
from nlq.stages.degrees import property_of
from nlq.stages.lookups import ASKED, fitted


def read_of_the_first(reading: Reading) -> None:
    """Set what is returned of the one record that a superlative leaves, where the question asks for it first."""
    draft = reading.draft
    if draft.order is None or draft.limit != 1 or draft.target not in ("dataset", "model"):
        return
    if draft.returns or draft.aggregate or draft.compare or draft.group_by or draft.values_of("name"):
        return
    head = next((one for one in reading.of_kind(draft.target) if not one.info.get("taken")), None)
    if head is None:
        return
    # the head's own article: what is asked stands before it
    end = next((at for at in range(head.start - 1, 0, -1) if reading.tokens[at].norm in ("the", "our", "your")), 0)
    draft.returns = [one for one in _asked(reading, draft.target, end) if one != draft.order.by]


def _asked(reading: Reading, target: str, end: int) -> list[str]:
    """Properties that the words before a token ask for."""
    names: list[str] = []
    for properties, pattern in ASKED:
        found = reading.find(pattern)
        names_fit = [fitted(one, target) for one in properties]
        if found is None or found.span()[1] > end or None in names_fit:
            continue
        found.use("return")
        for one in found.marks(0):
            one.info["taken"] = True
        names += [one for one in names_fit if one is not None and one not in names]
    for mark in reading.of_kind("attr", unused=True):
        if mark.info.get("taken") or mark.end > end:
            continue
        after = reading.tokens[mark.end].norm
        name = property_of(mark, target)
        if name is None or name in names or after not in _AFTER:
            continue
        names.append(name)
        reading.take(mark, "return")
    return names


_AFTER = frozenset(("of", "for", "behind", "in", "and", ",", "does", "do", "did", "is", "has", "was", "the"))
