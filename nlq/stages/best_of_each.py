"""The first scene of each month, year or satellite: `the least cloudy scene per month` (conventions 16 and 17)."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading, rule
from nlq.stages.grouping import KEY, key_of

_EACH = rule(
    rf"(?:(?:for|of|in|from|by|on|one|on a|taken|acquired) )*(?:each|every|per|any given) "
    rf"(?:single |calendar |of the )?{KEY}"
)
_MONTHLY = rule(r"(monthly|yearly|annual|seasonal)(?= )")
_KEYS = frozenset(
    ("year", "month", "season", "mission", "platform", "instrument", "tile_id", "relative_orbit", "place")
)
_COUNTED = regex(r"\b(?:how many|how much|number|numbers|count|counts|total|totals|statistics|most|fewest)\b")
_PERIODS = {"monthly": "month", "yearly": "year", "annual": "year", "seasonal": "season"}


def read_best_of_each(reading: Reading) -> None:
    """Group a ranking of scenes whose first is asked for in each group; needs the order.

    Args:
        reading: the question, ranked.
    """
    draft = reading.draft
    if draft.target != "product" or draft.order is None or draft.order.by in ("count", "distance"):
        return
    if draft.offset or draft.limit not in (None, 1):
        return
    if draft.aggregate == "count" and draft.group_by and set(draft.group_by) <= _KEYS:
        if not _COUNTED.search(reading.norm):
            draft.aggregate, draft.limit = None, 1
        return
    if draft.aggregate or draft.group_by:
        return
    for found in reading.find_all(_EACH):
        start, _ = found.span(1)
        owner = reading.owner(start)
        name = key_of(reading, found.text(1), [owner] if owner is not None and found.text(1).startswith("{") else [])
        if name not in _KEYS:
            continue
        if owner is not None:
            owner.info["taken"] = True
            reading.take(owner, "group_by")
        found.use("group_by")
        draft.group_by, draft.limit = [name], 1
        return
    for found in reading.find_all(_MONTHLY):
        found.use("group_by")
        draft.group_by, draft.limit = [_PERIODS[found.text(1)]], 1
        return
