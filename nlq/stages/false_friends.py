"""Phrases that contain a property's name and mean something else: `temporal resolution` is no ground resolution."""

from __future__ import annotations

from nlq.lexis.words import listed
from nlq.sheet.reading import Reading

_NOT_ON_GROUND = frozenset(listed("temporal time radiometric spectral angular revisit colour color bit"))
_RESOLUTION = "resolution"


def drop_false_friends(reading: Reading) -> None:
    """Take the mark off a noun whose adjective makes it another quantity; the words are then reported as unused."""
    for mark in list(reading.of_kind("attr")):
        word = reading.tokens[mark.end - 1].norm
        before = reading.tokens[mark.start - 1] if mark.start else None
        if word == _RESOLUTION and before is not None and before.norm in _NOT_ON_GROUND and before.space:
            reading.unmark(mark)
