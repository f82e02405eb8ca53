"""Long questions: what the asker tells about the work is not what is asked for."""

from __future__ import annotations

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading

_REQUEST = regex(
    r"\b(?:could you|can you|would you|please|show|list|find|give me|i need|we need|i want|we want"
    r"|looking for|look for|would like|do you have|is there|are there|which|what|any|searching|search"
    r"|recommend|i ' d like|we ' d like|have you got|get me|tell me|how many|interested in|in search of"
    r"|hoping to find|wonder|wondering|wants? to (?:build|train|teach|make|develop|create|use|find|get)|ideally|must"
    r"|has to|have to|should|only|needs to|at least|at most)\b"
)
# where one sentence turns from telling to asking: `we map rice and wonder which ...`
_TURN = regex(
    r"(?:(?:and|so|hence|therefore|thus) )(?:(?:we|i|they|he|she|am|are|is|now|also|would) )*"
    r"(?:wonder|wondering|need|want|look|looking|like|ask|asking|search|searching|could you|can you|please)\b"
    r"|(?:and|so|but|now) (?:one|some|two|my|our|the|a) (?:[a-z]+ ){1,4}(?:wants?|needs?|asks?|is looking|are "
    r"looking)\b"
)
_END = frozenset(".!?;")


def drop_chatter(reading: Reading) -> None:
    """Take topics of telling sentences out where the asking sentences have their own."""
    _occasions(reading)
    _told_times(reading)
    _reasons(reading)
    sentences = _split(reading)
    if len(sentences) < 2:
        return
    asking = [one for one in sentences if _REQUEST.search(" ".join(reading.tokens[at].norm for at in range(*one)))]
    if not asking:
        return
    _told_conditions(reading, sentences, asking)
    strong = [one for one in asking if _POINTED.search(" ".join(reading.tokens[at].norm for at in range(*one)))]
    if strong and any(_in(mark, strong) for mark in reading.of_kind("topic")):
        asking = strong
        _silence(reading, asking)
    inside = [mark for mark in reading.of_kind("topic", "task") if _in(mark, asking)]
    outside = [mark for mark in reading.of_kind("topic", "task", "class") if not _in(mark, asking)]
    if any(one.kind == "topic" for one in inside):
        for mark in outside:
            mark.info["taken"] = True
    kinds = [mark for mark in reading.of_kind("modality") if _in(mark, asking)]
    if kinds:
        for mark in reading.of_kind("modality"):
            if mark not in kinds:
                mark.info["taken"] = True


_ONES_OWN = regex(r"\b(?:i|we|my|our|us)\b")


def _told_conditions(reading: Reading, sentences: list[tuple[int, int]], asking: list[tuple[int, int]]) -> None:
    """`We go there next June. Show me scenes of June 2022`: times of the story before what is asked for."""
    if not any(_in(one, asking) for one in reading.of_kind("time")):
        return
    first = min(start for start, _ in asking)
    for start, end in sentences:
        if start >= first or not _ONES_OWN.search(" ".join(one.norm for one in reading.tokens[start:end])):
            continue
        for mark in list(reading.of_kind("time")):
            if start <= mark.start < end:
                reading.unmark(mark)
                reading.use(mark.start, mark.end, "talk")


# what is asked straight out, against what somebody would like in general
_POINTED = regex(
    r"\b(?:do you (?:have|know)|have you|find me|show me|could you|can you|is there|are there|looking for|point me"
    r"|any idea|what (?:would|could) (?:really )?(?:help|be (?:helpful|useful))|what (?:i|we) (?:really )?(?:need|want)"
    r"|(?:i|we) (?:am|are) (?:therefore |thus |now |hence )?(?:looking|searching))\b"
    r"|^(?:show|list|find)\b|\b(?:which|what|any)\b.*\? ?$"
)


def _silence(reading: Reading, asking: list[tuple[int, int]]) -> None:
    """What the other sentences speak of is not what is looked for, where the asking ones say it themselves."""
    for kind in (("model", "dataset", "product"), ("counted",)):
        heads = list(reading.of_kind(*kind))
        if kind == ("counted",) or any(_in(one, asking) for one in heads):
            for mark in heads:
                if not _in(mark, asking) and not _near_number(reading, mark):
                    mark.info["taken"] = True
    bounds = list(reading.of_kind("bound"))
    for mark in bounds:
        name = mark.info.get("property")
        if not _in(mark, asking) and any(_in(one, asking) and one.info.get("property") == name for one in bounds):
            mark.used = mark.used or name is not None  # `our photos have 20 cm pixels. ... 30 cm or finer`
    reading.told = [at for at in range(len(reading.tokens)) if not any(start <= at < end for start, end in asking)]


def _near_number(reading: Reading, mark: Mark) -> bool:
    """`a thousand images at least`: a condition, wherever it stands."""
    return any(abs(one.start - mark.end) < 4 or abs(mark.start - one.end) < 4 for one in reading.of_kind("bound"))


_REASON = regex(
    r"\b(?:since|because|as|given that|seeing that|seeing as|now that|although|though|while) (?:our|my|we|i|they|he"
    r"|she)\b"
    r"(?:(?!\b(?:i|we) (?:really |urgently |just |only |now )?(?:need|want|require|look|am looking|are looking"
    r"|would like)\b)[^,.;:?!])*"
)
_WEATHER = regex(
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
    for mark in list(reading.of_kind("placekind")):
        if mark.start and reading.tokens[mark.start - 1].norm in ("our", "my"):
            _own_place(reading, mark)  # `our municipality (40,000 people, near Leipzig)`
    for mark in reading.of_kind("time", "date"):
        if mark.end < len(reading.tokens) and reading.tokens[mark.end].norm in ("school", "term", "course", "semester"):
            mark.used = True
            after = reading.owner(mark.end)
            if after is not None:
                after.info["taken"] = True


def _own_place(reading: Reading, mark: Mark) -> None:
    end = mark.end
    if end < len(reading.tokens) and reading.tokens[end].norm == "(":
        while end < len(reading.tokens) and reading.tokens[end].norm != ")":
            end += 1
    for one in [one for one in reading.marks if mark.start <= one.start < end]:
        reading.unmark(one)
    reading.use(mark.start, end, "asker")


_TOLD = regex(
    r"(?: ?,)? (?:i|we|he|she|they)(?: had| have)? (?:[a-z]+ed|was|were|went|saw|did|had|made|took|met|began)\b"
)
_DUE = regex(
    r"\b(?:due|deadline|meeting|exam|presentation|submission|defen[cs]e|workshop)(?: is)?(?: by| on| in| of)? $"
)


def _told_times(reading: Reading) -> None:
    """`last autumn we sailed there`, `a report due next week`: times of a life, where the wish has its own."""
    marks = list(reading.of_kind("time"))
    told = [
        one
        for one in marks
        if _TOLD.match(reading.norm[_end(reading, one) :]) or _DUE.search(reading.norm[: reading._starts[one.start]])
    ]
    if len(told) < len(marks):
        for mark in told:
            reading.unmark(mark)
            reading.use(mark.start, mark.end, "talk")


def _end(reading: Reading, mark: Mark) -> int:
    last = reading.tokens[mark.end - 1]
    return reading._starts[mark.end - 1] + len(last.norm)


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
