"""What a question says that its interpretation does not use, and which words became what."""

from __future__ import annotations

from nlq.lexis.grammar import STOP
from nlq.lexis.words import listed
from nlq.question import Span
from nlq.sheet.reading import Reading

_QUIET = frozenset(
    listed(
        "licensed licenced starting pre pretrained trained released distributed free labelled labeled "
        "annotated annotate input inputs "
        "compiled belonging belong counting tells tell count unlabelled images covers dates dated reaches "
        "reach spans span overlapping intersecting pixel pixels pictures issued entry given needed need "
        "requires require hold stored accept accepts expect expects fixed able scored apart taken run runs "
        "level bound sensing want"
    )
)
_HARMLESS = frozenset(["attr", "counted", "anyhead", "dataset", "model", "product"])


_MOST = 40


def unused_words(reading: Reading) -> tuple[str, ...]:
    """Content words that fill no slot, in order; neighbours stand together."""
    return tuple(" ".join(token.text for token in reading.tokens[start:end]) for start, end in _unused(reading))


def _unused(reading: Reading) -> list[tuple[int, int]]:
    """Token ranges of the content words that fill no slot."""
    out: list[tuple[int, int]] = []
    for index, token in enumerate(reading.tokens):
        if reading.slots[index] is not None or not token.is_word or token.norm in STOP or token.norm in _QUIET:
            continue
        owner = reading.owner(index)
        if owner is not None and (owner.used or owner.kind in _HARMLESS):
            continue
        if len(token.norm) < 2 and not token.norm.isdigit():
            continue
        if out and index == out[-1][1]:
            out[-1] = (out[-1][0], index + 1)
        else:
            out.append((index, index + 1))
        if len(out) > _MOST:
            break
    return out


def used_spans(reading: Reading) -> tuple[Span, ...]:
    """Which characters became which slot; words that nothing uses are `unused`."""
    tokens, text = reading.tokens, reading.text
    bounds = [(tokens[start].start, tokens[end - 1].end) for start, end in _unused(reading)]
    spans = [Span(first, last, "unused", text[first:last]) for first, last in bounds]
    index = 0
    while index < len(reading.tokens):
        slot = reading.slots[index]
        if slot is None:
            index += 1
            continue
        end = index
        while end < len(reading.tokens) and reading.slots[end] == slot and reading.owner(end) is reading.owner(index):
            end += 1
        first, last = reading.tokens[index].start, reading.tokens[end - 1].end
        spans.append(Span(first, last, slot, reading.text[first:last]))
        index = end
    return tuple(sorted(spans, key=lambda one: one.start))
