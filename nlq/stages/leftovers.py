"""What a question says that its interpretation does not use, and which words became what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from nlq.lexis.grammar import STOP, english
from nlq.lexis.sources import SensorFact
from nlq.lexis.words import listed
from nlq.question import Span
from nlq.roles import values_of
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Draft, Mark, Reading, in_rules
from nlq.sheet.tokens import fold, key

# carry the sentence, and no condition where no rule took them
QUIET = frozenset(
    listed(
        "licensed licenced starting pre pretrained trained released distributed free labelled labeled "
        "annotated annotate input inputs "
        "compiled belonging belong counting tells tell count unlabelled images covers dates dated reaches "
        "reach spans span overlapping intersecting pixel pixels pictures issued entry given needed need "
        "requires require hold stored accept accepts expect expects fixed able scored apart taken run runs "
        "level bound sensing want published created measured drawn listed marked imaged reported handle computed "
        "suggest suggestion suggestions recommend recommendation locate student supervisor morning afternoon evening "
        "grateful decent whats gimme happen deal address advance master suggests terms vs gb mb tb kb metre meter "
        "metres meters centimetre centimeter kilometre kilometres km percent procent sampled wide side eats hit "
        "preferably behind"
    )
)
_OPTICAL = frozenset(("multispectral", "hyperspectral", "panchromatic", "RGB"))
# small words that ask for something where they stand before a thing or a property, and say too little
_VAGUE = frozenset(("high", "low", "big", "small", "large", "long", "short"))
_MEASURED = frozenset(("attr", "counted", "dataset", "model", "product", "placeclass", "placekind", "topic"))
_HARMLESS = frozenset(["attr", "counted", "anyhead", "dataset", "model", "product"])
_MOST = 40
# words between two unused ones that are told with them, so that a phrase is told as such
_GAP = 3
_LONGEST = 100
_OF_LABELS = regex(r"\b(?:class|classes|labels?|labelled|labeled|categor\w+|distinguish\w*|annotat\w+)\b")
_MOST_MISSIONS = 4
_SENTENCE_END = frozenset(".!?;:,()")


def unused_words(reading: Reading) -> tuple[str, ...]:
    """Content words that fill no slot, in order; neighbours stand together."""
    found = [reading.text[reading.tokens[start].start : reading.tokens[end - 1].end] for start, end in _unused(reading)]
    return tuple(dict.fromkeys(_short(" ".join(one.split())) for one in found))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _unused(reading: Reading) -> list[tuple[int, int]]:
    """Token ranges of the content words that fill no slot."""
    out: list[tuple[int, int]] = []
    said: str | None = None
    for index, token in enumerate(reading.tokens):
        if not token.is_word or (token.norm in STOP and not _vague(reading, index)) or token.norm in QUIET:
            continue
        owner = reading.owner(index)
        if reading.slots[index] is not None:
            # a rule may jump over words: `created hastily by X`
            if owner is not None or not token.norm.isalpha() or _in_rules(token.norm, reading.slots[index] or ""):
                continue
            said = _said(reading.draft) if said is None else said
            if token.norm in said:
                continue
        if owner is not None and (owner.used or owner.kind in _HARMLESS):
            continue
        if len(token.norm) < 2 and not token.norm.isdigit():
            continue
        end = index + 1
        if token.norm in _VAGUE and (after := reading.owner(end)) is not None and not after.used:
            end = after.end  # `high resolution`
        if out and _together(reading, out[-1][1], index):
            out[-1] = (out[-1][0], end)
        else:
            out.append((index, end))
        if len(out) > _MOST:
            break
    return out


def _vague(reading: Reading, index: int) -> bool:
    """Whether a measure without a figure is asked for: `high` resolution, `large` lakes."""
    after = reading.owner(index + 1)
    return reading.tokens[index].norm in _VAGUE and after is not None and after.kind in _MEASURED


def _together(reading: Reading, end: int, start: int) -> bool:
    """Whether nothing but a few small words stands between two unused ones: `keep` an `eye` on `mining`."""
    between = range(end, start)
    return len(between) <= _GAP and all(
        reading.slots[at] is None and reading.owner(at) is None and reading.tokens[at].norm not in _SENTENCE_END
        for at in between
    )


def _in_rules(word: str, slot: str) -> bool:
    """Whether a used word was meant by a rule; the relations of places are not written as rules of the sheet."""
    return in_rules(word) or (slot in ("place", "relation", "time") and word in english())


def settle_implied(reading: Reading, sensors: Mapping[str, SensorFact]) -> None:
    """`hyperspectral` of an EnMAP scene says nothing more: it is used where the sensors asked for are of that kind."""
    for mark in reading.of_kind("class"):
        if reading.slots[mark.start] == "class_label" and not _OF_LABELS.search(reading.norm):
            reading.draft.assume(f"{reading.words(mark.start, mark.end)} is read as a class of the labels")
    named = [one for one in reading.draft.filters if one.property in ("mission", "platform", "instrument")]
    facts = [sensors.get(key(str(value))) for one in named if one.op in ("=", "in") for value in values_of(one)]
    kinds = set[str]().union(*(one.kinds for one in facts if one is not None))
    for mark in reading.of_kind("modality", unused=True):
        if str(mark.value) in kinds or (mark.value == "optical" and kinds & _OPTICAL):
            reading.take(mark, str(named[0].property))
        elif reading.draft.target == "product" and not named:
            _offer_missions(reading, mark, sensors)


def _offer_missions(reading: Reading, mark: Mark, sensors: Mapping[str, SensorFact]) -> None:
    """`radar images`: scenes are told apart by mission, so those that fit are named."""
    wanted = _OPTICAL if mark.value == "optical" else {str(mark.value)}
    # well-known missions are those with spacecraft of their own
    crafts = Counter(parent for one in sensors.values() for parent in one.parents)
    fitting = [one for one in sensors.values() if one.start and crafts[one.label] > 1 and wanted & set(one.kinds)]
    # those of this kind alone first
    fitting.sort(key=lambda one: (len(set(one.kinds) - wanted), -crafts[one.label], one.label))
    found = [one.label for one in fitting]
    if found:
        word = reading.words(mark.start, mark.end)
        names = ", ".join(found[:_MOST_MISSIONS])
        reading.draft.assume(f"Scenes are told apart by mission, not by “{word}”: name one, such as {names}")


def _said(draft: Draft) -> str:
    """All that the interpretation holds, as one folded text."""
    held = (draft.filters, draft.places, draft.compare, draft.order, draft.returns, draft.group_by, draft.assumptions)
    return fold(" ".join(map(str, held)))


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
