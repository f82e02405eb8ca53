"""Phrases that contain a property's name and mean something else: `temporal resolution` is no ground resolution."""

from __future__ import annotations

from nlq.lexis.words import listed
from nlq.sheet.reading import Mark, Reading

_NOT_ON_GROUND = frozenset(listed("temporal time radiometric spectral angular revisit colour color bit"))
_VERBS = frozenset(listed("outline point mask box caption"))
_SUBJECTS = frozenset(listed("to can could may might will would that which they we i you people"))
_RESOLUTION = "resolution"
_SCORED = frozenset(
    listed("score scores metric metrics highest lowest best higher lower above below than value values iou f1")
)


def drop_false_friends(reading: Reading) -> None:
    """Take the mark off a noun whose adjective makes it another quantity; the words are then reported as unused."""
    for mark in list(reading.of_kind("attr")):
        word = reading.tokens[mark.end - 1].norm
        before = reading.tokens[mark.start - 1] if mark.start else None
        if word == _RESOLUTION and before is not None and before.norm in _NOT_ON_GROUND and before.space:
            reading.unmark(mark)
    clouds = "cloud" in reading.norm
    for mark in list(reading.of_kind("attr")):
        words = reading.words(mark.start, mark.end).casefold()
        beside = (
            reading.tokens[max(0, mark.start - 1)].norm + reading.tokens[min(mark.end, len(reading.tokens) - 1)].norm
        )
        if words == "coverage" and clouds and "cloud" not in beside:
            reading.unmark(mark)  # `5 % clouds and 90 % coverage`: how much of the place is shown
    _seasons_of_crops(reading)
    for mark in list(reading.of_kind("topic", "class")):
        # `in the flood season` is a time of the year
        if mark.end < len(reading.tokens) and reading.tokens[mark.end].norm in ("season", "seasons"):
            reading.unmark(mark)
    for mark in list(reading.of_kind("topic")):
        last, after = reading.tokens[mark.end - 1].norm, reading.tokens[min(mark.end, len(reading.tokens) - 1)].norm
        if last == "logging" and after in ("in", "on", "into") and "deforest" not in reading.norm:
            place = reading.owner(mark.end + 1)
            if place is None or place.kind != "place":
                reading.unmark(mark)  # `without logging in`
    if not any(reading.of_kind("sensor", "time")):
        for mark in list(reading.of_kind("place")):
            _file_format(reading, mark)
    for mark in list(reading.of_kind("annotation_type")):
        word = reading.tokens[mark.start].norm
        ahead = reading.tokens[mark.start - 1].norm if mark.start else ""
        if mark.end == mark.start + 1 and word in _VERBS and (ahead in _SUBJECTS or ahead.endswith("s")):
            reading.unmark(mark)  # `how well networks outline lakes`
    for mark in list(reading.of_kind("metric")):
        if mark.end == mark.start + 1 and _is_chart(reading, mark):
            reading.unmark(mark)


_CROPS = frozenset(listed("crop crops wheat barley rapeseed cereal cereals rye oats oilseed maize rice"))


def _seasons_of_crops(reading: Reading) -> None:
    """`summer from winter crops`: kinds of crop, and no time."""
    later = False
    for mark in reversed(list(reading.of_kind("date", "time"))):
        word = reading.tokens[mark.start].norm
        if mark.end - mark.start != 1 or word not in ("winter", "summer", "spring", "autumn"):
            continue
        after = reading.tokens[mark.end].norm if mark.end < len(reading.tokens) else ""
        if after in _CROPS or (later and after in ("from", "and", "or", "versus", "vs", "/")):
            reading.unmark(mark)
            later = True


def _file_format(reading: Reading, mark: Mark) -> None:
    """`ship data, png`: a file format, and no country."""
    entry = next((one for one in mark.info.get("entries", ()) if one.kind == "format"), None)
    if entry is not None and mark.end == mark.start + 1:
        reading.unmark(mark)
        reading.mark(mark.start, mark.end, "format", entry.value, entry=entry, entries=(entry,))


def _is_chart(reading: Reading, mark: Mark) -> bool:
    """`flood maps`: maps are drawn, unless mean average precision is written as such or has a figure."""
    token = reading.tokens[mark.start]
    if token.norm not in ("map", "maps") or (token.text[1:3] == "AP" and not token.text.isupper()):
        return False
    if token.norm == "maps":
        return True
    near = {one.norm for one in reading.tokens[max(0, mark.start - 2) : mark.end + 3]}
    after = reading.tokens[mark.end].norm if mark.end < len(reading.tokens) else ""
    return not (near & _SCORED or after == "@")
