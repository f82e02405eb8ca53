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
_FRONT = frozenset(("in", "of", "for", "on", "within", "inside", "near", "around", "from", "the"))
_GOES_ON = frozenset(("is", "are", "has", "have", "and", "or", "does", "lies", "lie"))
_CALLS = frozenset(("please", "hi", "hello", "hey", ",", "ok", "so", "and"))
_NUMBERS = frozenset({"bound", "number"})


class PlaceLine:
    """The line, and the marks behind its signs: `{p}` a place, `{k}` a kind of place, `{n}` a number or bound."""

    def __init__(self, reading: Reading) -> None:
        """Write the line.

        Args:
            reading: the question, with its phrases, places and bounds marked.
        """
        self.reading = reading
        pieces: list[tuple[str, Mark | None]] = []
        index = 0
        while index < len(reading.tokens):
            owner = reading.owner(index)
            if reading.slots[index] == "place" and (owner is None or owner.used):
                index += 1  # `, Switzerland` says which place is meant
                continue
            sign = _sign(reading, owner)
            if owner is not None and sign:
                pieces.append((sign, owner))
                index = owner.end
            else:
                pieces.append((reading.tokens[index].norm, None))
                index += 1
        self._write(pieces)

    def _write(self, pieces: list[tuple[str, Mark | None]]) -> None:
        self._pieces = pieces
        self._at: list[int] = []
        self._marks: list[Mark] = []
        length = 0
        for piece, mark in pieces:
            if mark is not None:
                self._at.append(length)
                self._marks.append(mark)
            length += len(piece) + 1
        self.text = " ".join(piece for piece, _ in pieces)

    def turned(self) -> bool:
        """Put what stands in front last, as in `in Ecuador, highest volcano`; whether there is such a thing."""
        words = [piece for piece, _ in self._pieces]
        start = next((at for at, word in enumerate(words) if word not in _CALLS), 0)
        first = start
        while first < len(words) and words[first] in _FRONT:
            first += 1
        if first == start or first >= len(words) or words[first] != "{p}":
            return False
        end = first + 1
        rest = end + (words[end : end + 1] == [","])
        if rest >= len(words) or (rest == end and words[rest] in _GOES_ON):
            return False
        tail = [one for one in self._pieces[rest:] if one[0] not in ("?", ".", "!")]
        self._write([*self._pieces[:start], *tail, *self._pieces[start:end], ("?", None)])
        return True

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
