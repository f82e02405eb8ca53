"""What an asker takes back within the question: `in 2018, no sorry, 2019`, `of Rome, I mean Milan`."""

from __future__ import annotations

import re

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, Token, rule
from nlq.stages.dates import MONTHS

_STRONG = (
    r"(?:oh |ah |oops |whoops )?(?:(?:no|nope|nah|wait|er|erm|uh|um|ehm)[ ,]*)*(?:sorry|pardon|my mistake|my bad"
    r"|scratch"
    r" that|strike that|correction|make that|or rather|i meant?(?: to (?:say|write))?|i wanted to say|oops|whoops"
    r"|no wait|wait no|no , wait|wait , no|better said)(?:[ ,:]+(?:no|i meant?|make that|make it|actually))*"
)
_WEAK = r"(?:no|nope|nah|wait|actually|er|erm)(?: actually)?"
_MARKER = regex(
    rf"(?:(?<= )|^)(?:[,.;(-]+ |\.\.\. ?|… ?)?(?P<strong>{_STRONG})[ ,.:;-]+(?:(?:in|of|for|from|with|over|on|to"
    rf"|the) )*"
    rf"|(?:(?<= )|(?<=\w))(?:[,;-]|\.\.\.|…) ?(?P<weak>{_WEAK}) ?[,:-]? (?:(?:in|of|for|from|with|over|on|to|the) )*"
)
_FARTHEST = 8  # words back to what is corrected
_KINDS = frozenset(
    ("sensor", "topic", "task", "place", "record", "family", "license", "modality", "architecture", "band",
     "annotation_type", "framework", "format", "pretraining", "access", "metric", "product_type", "polarisation")
)  # fmt: skip


def correct_words(reading: Reading) -> None:
    """Put years, months and numbers that correct others in their place; before anything reads them."""
    _exclaimed(reading)
    at = 0
    while (match := _MARKER.search(reading.norm, at)) is not None:
        at = match.end()
        start, end = reading.span_of(match)
        if start == 0 or end >= len(reading.tokens):
            continue
        last = end
        taken: set[int] = set()
        while last < len(reading.tokens) and (kind := _kind(reading.tokens[last])) is not None:
            left = _left(reading, start, kind, taken)
            if left is None:
                break
            taken.add(left)
            last += 1
        if not taken:
            continue
        _replace(reading, taken, start, end, last)
        at = 0


def _exclaimed(reading: Reading) -> None:
    """`!ViT` as programmers write `not ViT`."""
    changed = False
    for index in range(len(reading.tokens) - 2, 0, -1):
        # `w/o any SAR`, `w/ labels`
        before, slash, after = reading.tokens[index - 1 : index + 2]
        if slash.norm != "/" or before.norm != "w" or before.space:
            continue
        glued = after.norm in ("o", "out") and not slash.space
        before.norm, before.space, before.corrected = ("without" if glued else "with"), True, True
        reading.drop(index, index + 2 if glued else index + 1)
    for index, token in enumerate(reading.tokens[:-1]):
        after = reading.tokens[index + 1]
        begins = index == 0 or reading.tokens[index - 1].space or not reading.tokens[index - 1].is_word
        if token.norm == "!" and not token.space and after.is_word and begins:
            token.norm, token.space, changed = "not", True, True
    if changed:
        reading.retext()


def _replace(reading: Reading, taken: set[int], start: int, end: int, last: int) -> None:
    """Let the words after the marker stand for those before it, and drop them where they stood."""
    old = reading.typed(min(taken), last)
    rest = list(range(end, last))
    for right in rest:
        kind = _kind(reading.tokens[right])
        for left in sorted(taken, reverse=True):
            if _kind(reading.tokens[left]) == kind:
                reading.tokens[left].norm = reading.tokens[right].norm
                reading.tokens[left].corrected = True
                taken.discard(left)
                break
    reading.drop(start, last)
    reading.draft.assume(f"“{old}” is read as the correction in it says")


def _kind(token: Token) -> str | None:
    if re.fullmatch(r"(?:19|20)\d\d", token.norm):
        return "year"
    if token.norm in MONTHS and len(token.norm) > 2:
        return "month"
    return "number" if token.norm.isdigit() else None


def _left(reading: Reading, start: int, kind: str, taken: set[int]) -> int | None:
    for index in range(start - 1, max(-1, start - 1 - _FARTHEST), -1):
        if index not in taken and _kind(reading.tokens[index]) == kind:
            return index
    return None


def correct_marks(reading: Reading) -> None:
    """Drop a sensor, place or theme that the next one corrects: `of Rome, sorry, Milan`."""
    swap_marks(reading)
    for match in _MARKER.finditer(reading.norm):
        start, end = reading.span_of(match)
        right = reading.owner(end)
        if start == 0 or right is None or right.kind not in _KINDS:
            continue
        left = _mark_left(reading, start, right)
        if left is None or (match["weak"] and left.end != start):
            continue
        old = reading.typed(left.start, right.end)
        reading.unmark(left)
        reading.use(left.start, end, "talk")
        reading.draft.assume(f"“{old}” is read as {reading.words(right.start, right.end)}")


_SWAP = rule(
    r"(?:swap|swapping|replace|replacing|exchange|exchanging|trade|switch)(?: (?:the|out))* (\{[a-z_]+\})(?: (?:data"
    r"|images"
    r"|imagery|ones))? (?:for|by|with|to|against)(?: the)? (\{[a-z_]+\})"
)


def swap_marks(reading: Reading) -> None:
    """`swap Landsat for Sentinel-2`: in a talk, the second takes the place of the first."""
    if not reading.has_context:
        return
    for found in reading.find_all(_SWAP):
        left, right = found.marks(1), found.marks(2)
        if len(left) == len(right) == 1 and left[0].kind == right[0].kind and left[0].kind in _KINDS:
            reading.unmark(left[0])
            reading.use(found.span()[0], right[0].start, "talk")


def _mark_left(reading: Reading, start: int, right: Mark) -> Mark | None:
    """The nearest mark of the same kind before the marker; none where a full stop lies between."""
    for index in range(start - 1, max(-1, start - 1 - _FARTHEST), -1):
        owner = reading.owner(index)
        if owner is not None and owner.kind == right.kind:
            return owner
        if reading.tokens[index].norm in (".", "?", "!"):
            return None
    return None
