"""A question as one line in which places, kinds of place and numbers are signs: what rules about places read.

Other marks stand as the words that were typed: `population` may be a topic of datasets, here it is a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from nlq.sheet.reading import Mark, Reading
from nlq.sheet.tokens import key
from nlq.stages.places import place_kind

_KINDLY = frozenset({"placekind", "topic", "class", "scene_type", "attr", "counted", "task", "parameter"})
_NUMBERS = frozenset({"bound", "number"})


class PlaceLine:
    """The line, and the marks behind its signs: `{p}` a place, `{k}` a kind of place, `{n}` a number or bound."""

    def __init__(self, reading: Reading) -> None:
        """Write the line.

        Args:
            reading: the question, with its phrases, places and bounds marked.
        """
        self.reading = reading
        self._at: list[int] = []
        self._marks: list[Mark] = []
        parts: list[str] = []
        length, index = 0, 0
        while index < len(reading.tokens):
            owner = reading.owner(index)
            if reading.slots[index] == "place" and (owner is None or owner.used):
                index += 1  # `, Switzerland` says which place is meant
                continue
            sign = _sign(reading, owner)
            if owner is not None and sign:
                self._at.append(length)
                self._marks.append(owner)
                piece, index = sign, owner.end
            else:
                piece, index = reading.tokens[index].norm, index + 1
            parts.append(piece)
            length += len(piece) + 1
        self.text = " ".join(parts)

    def marks(self, match: re.Match[str], group: int | str = 0) -> list[Mark]:
        """The marks behind the signs of a group, from left to right."""
        start, end = match.span(group)
        if start < 0:
            return []
        return self._marks[bisect_left(self._at, start) : bisect_left(self._at, end)]

    def kinds(self) -> list[Mark]:
        """Every kind of place of the line."""
        return [one for one in self._marks if _sign(self.reading, one) == "{k}"]


def _sign(reading: Reading, mark: Mark | None) -> str:
    if mark is None:
        return ""
    if mark.kind in ("place", "point"):
        return "{p}"
    if mark.kind in _NUMBERS:
        return "{n}"
    if mark.kind in _KINDLY and place_kind(reading.words(mark.start, mark.end)) is not None:
        return "{k}"
    return ""


def as_kind(reading: Reading, mark: Mark) -> str:
    """Make a mark one of a kind of place, and return the kind."""
    words = reading.words(mark.start, mark.end)
    kind = place_kind(words) or ""
    if mark.kind != "placekind":
        reading.retag(mark, "placekind", kind)
    mark.info.setdefault("plural", key(words).endswith("s"))
    mark.info["taken"] = False
    mark.used = False
    return str(mark.value)
