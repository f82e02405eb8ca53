"""Long questions: what the asker tells about the work is not what is asked for."""

from __future__ import annotations

import re

from nlq.sheet.reading import Mark, Reading

_REQUEST = re.compile(
    r"\b(?:could you|can you|would you|please|show|list|find|give me|i need|we need|i want|we want"
    r"|looking for|look for|would like|do you have|is there|are there|which|what|any|searching|search"
    r"|recommend|i ' d like|we ' d like|have you got|get me|tell me|how many|interested in|in search of"
    r"|hoping to find|wonder|wondering|wants? to (?:build|train|teach|make|develop|create|use|find|get)|ideally|must"
    r"|has to|have to|should|only|needs to|at least|at most)\b"
)
# where one sentence turns from telling to asking: `we map rice and wonder which ...`
_TURN = re.compile(
    r"(?:(?:and|so|hence|therefore|thus) )(?:(?:we|i|they|he|she|am|are|is|now|also|would) )*"
    r"(?:wonder|wondering|need|want|look|looking|like|ask|asking|search|searching|could you|can you|please)\b"
    r"|(?:and|so|but|now) (?:one|some|two|my|our|the|a) (?:[a-z]+ ){1,4}(?:wants?|needs?|asks?|is looking|are "
    r"looking)\b"
)
_END = frozenset(".!?;")


def drop_chatter(reading: Reading) -> None:
    """Take topics of telling sentences out where the asking sentences have their own."""
    _occasions(reading)
    _reasons(reading)
    sentences = _split(reading)
    if len(sentences) < 2:
        return
    asking = [one for one in sentences if _REQUEST.search(" ".join(reading.tokens[at].norm for at in range(*one)))]
    if not asking or len(asking) == len(sentences):
        return
    inside = [mark for mark in reading.of_kind("topic", "task") if _in(mark, asking)]
    outside = [mark for mark in reading.of_kind("topic", "task", "class") if not _in(mark, asking)]
    if any(one.kind == "topic" for one in inside):
        for mark in outside:
            mark.info["taken"] = True


_REASON = re.compile(
    r"\b(?:since|because|as|given that|seeing that|seeing as|now that|although|though|while) (?:our|my|we|i|they|he"
    r"|she)\b"
    r"(?:(?!\b(?:i|we) (?:really |urgently |just |only |now )?(?:need|want|require|look|am looking|are looking"
    r"|would like)\b)[^,.;:?!])*"
)
_WEATHER = re.compile(
    r"\b(?:(?:in )?(?:any|all|every)|whatever the|no matter the|regardless of the|irrespective of the"
    r"|in all kinds of) weathers?\b"
)


def _reasons(reading: Reading) -> None:
    """`since our GPU is ancient, ...`: why it is asked is no condition; nor is `in any weather`."""
    for match in _REASON.finditer(reading.norm):
        start, end = reading.span_of(match)
        inside = [one for one in reading.marks if start <= one.start < end]
        outside = [one for one in reading.marks if one not in inside]
        if any(one.kind in ("time", "date") for one in inside) or len(outside) < 2:
            continue
        for mark in inside:
            mark.info["taken"] = mark.used = True
        reading.use(start, end, "talk")
    for match in _WEATHER.finditer(reading.norm):
        start, end = reading.span_of(match)
        for mark in [one for one in reading.marks if start <= one.start < end]:
            reading.unmark(mark)
        reading.use(start, end, "talk")


def _occasions(reading: Reading) -> None:
    """`for our summer school`: neither a season nor a topic."""
    for mark in reading.of_kind("time", "date"):
        if mark.end < len(reading.tokens) and reading.tokens[mark.end].norm in ("school", "term", "course", "semester"):
            mark.used = True
            after = reading.owner(mark.end)
            if after is not None:
                after.info["taken"] = True


def _in(mark: Mark, sentences: list[tuple[int, int]]) -> bool:
    return any(start <= mark.start < end for start, end in sentences)


def _split(reading: Reading) -> list[tuple[int, int]]:
    found, start = [], 0
    for index, token in enumerate(reading.tokens):
        if token.norm in _END and token.space and reading.owner(index) is None:
            if index > start:
                found.append((start, index + 1))
            start = index + 1
        elif (
            index > start + 3
            and reading.owner(index) is None
            and _TURN.match(" ".join(one.norm for one in reading.tokens[index : index + 8]))
        ):
            found.append((start, index))
            start = index
    if start < len(reading.tokens):
        found.append((start, len(reading.tokens)))
    return found
