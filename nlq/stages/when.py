"""Time marks -> the time of the imagery, the year of publication or the day of ingestion (conventions 10 to 13)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, rule
from nlq.stages.periods import Period, settle
from nlq.stages.places import is_southern

_T = r"\{time\}"
_PUBLISH = (
    r"(?:published|publish|released|release|publication|came out|come out|coming out|out|made public|made "
    r"available|launched|introduced|issued|appeared|appearing|appear|put online|uploaded|publicly available"
    r"|became available|presented|available)"
)
_PUBLISHED = rule(
    rf"{_PUBLISH}(?: (?:first|for the first time|online|publicly|only|in|on|any time|sometime|date|year|data|imagery"
    rf"|any|new"
    rf"|dates|is|was|were|of|not|no|either|it|by them|by|,|\{{[a-z]+\}}))*? ({_T}(?:(?: ,| and| or|,? and"
    rf"|,? or| to| -)* {_T})*)",
    rf"{_PUBLISH} by(?: (?:the|[a-z]+|\{{[a-z]+\}}|and|or)){{1,4}}?(?: ,)? ({_T})",
    rf"({_T}) (?:release|releases|publication|publications|vintage|edition)",
    rf"(?:newer|older|younger) ({_T})",
    # `since 2018, which datasets did ESA publish`
    rf"({_T})(?: ,)? (?:which|what|how many)(?: [a-z]+| \{{[a-z]+\}}){{1,8}}? (?:published|released|publish"
    r"|release|issued|come out|came out|appeared)(?= |$)",
)
_INGESTED = rule(
    r"(?:\{attr\}|ingested|ingestion|added|entered|catalogued|cataloged|registered|indexed|imported"
    r"|inserted|loaded)(?: (?:to|into|in|the|catalogue|catalog|archive|database|index|only|after"
    rf"|date))* ({_T})"
)
_WITHIN = rule(
    r"(?:solely|only|exclusively|entirely|completely|wholly|purely|nothing but|strictly|fully)(?: (?:of"
    r"|from|in|within|on|with|imagery|images|\{product\}|data|inside|acquired|taken|recorded|between))* "
    rf"{_T}",
    r"(?:all|every|whole) (?:of (?:its|their|the) )?(?:\{product\}|imagery|images|pictures"
    r"|scenes|\{dataset\})(?: (?:is|are|was|were|fall|falls|lie|lies|taken|acquired"
    rf"|recorded|dates?|dated|in|from|within|inside|stem|stems|come|comes))* {_T}",
    r"(?:nothing|none|no \{product\}|not a single \{product\}|not one \{product\}|no image"
    r"|without (?:a single |any )?\{product\}|never|not)(?: (?:that is|taken|acquired"
    r"|recorded|is|are|was|imagery))* \{time\}",
    r"(?:\{product\}|imagery|images|pictures|data)(?: (?:were|was|is|are|been|have|has))* all(?: (?:taken|acquired"
    rf"|recorded|captured|shot|sensed|collected|from|date|dates|dated|stem|come|in|within|during|between|on))+ {_T}",
    rf"{_T} (?:only|exclusively|alone|solely)|not (?:reach|extend|go)(?:ing)? (?:beyond|past"
    rf"|before) {_T}",
)
_CONTAINS = rule(
    r"(?:spans?|spanning|covers?|covering|extends? over|stretch(?:es)? over|runs? through|running through"
    r"|encompass(?:es)?|include|includes)(?: (?:all of|all|the whole of|the whole|the entire|the full"
    r"|entire|whole|the complete|whole of|every month of|at least|fully|completely|period|decade|decades|years|"
    r"stretch|interval|time|the|from|without "
    rf"a gap))+ ?{_T}",
    r"(?:throughout|all through|all year round in|through all of|through the whole of"
    r"|through the entire|over the whole of|over all of|for the whole of|for all of|during "
    r"all of|during the whole of|the whole of|all of|the full|the entire|the whole|the "
    rf"complete) {_T}(?= |$)",
    rf"(?:from|for|in|of) (?:every|each) (?:single )?year(?: (?:of|in|from|between|during))? {_T}",
    rf"{_T} (?:in full|completely|fully|without gaps|from start to end|from beginning to "
    rf"end)|(?:spans?|spanning) {_T}|(?:fully|completely|entirely) (?:covers?|spans?) {_T}"
    rf"|reach(?:es)? from {_T} to {_T}",
)


# groups by year of publication: the years that are told bound the groups
_PER_YEAR = rule(
    r"(?:per|each|every|by|for each|for every|in each|in every) (?:single |calendar |publication )*(?:year"
    r"|\{attr\})(?: of"
    rf" (?:publication|release|\{{attr\}}))?(?: ,| \()? {_T}"
)
_IMAGERY = regex(r"\b(?:imagery|images|pictures|taken|acquired|recorded|captured|scenes)\b")


def settle_times(reading: Reading) -> None:
    """Fill the time slots and the filters on years."""
    draft = reading.draft
    marks = [one for one in reading.of_kind("time") if not one.used]
    if not marks:
        return
    for pattern, name in ((_INGESTED, "ingestion_time"), (_PUBLISHED, "publication_year")):
        for found in reading.find_all(pattern):
            chosen = [one for one in found.marks(0, "time") if not one.used and one in marks]
            if name == "ingestion_time" and (
                draft.target != "product" or any(one.value != "ingestion_time" for one in found.marks(0, "attr"))
            ):
                continue
            if name == "publication_year" and (
                draft.target == "product" or not _plain_publication(reading, found.text(0), chosen)
            ):
                continue
            if name == "ingestion_time":
                _ingestion(reading, chosen)
            else:
                _years(reading, chosen)
            found.use(name)
    if draft.target == "dataset" and not _IMAGERY.search(reading.norm):
        for found in reading.find_all(_PER_YEAR):
            _years(reading, [one for one in found.marks(0, "time") if not one.used and one in marks])
    if draft.target == "dataset":
        _years(reading, [one for one in marks if not one.used and _ages(reading, one)])
    marks = [one for one in marks if not one.used]
    if draft.target == "model":
        _years(reading, marks)
        return
    if not marks or draft.time_same_as:
        return
    if draft.target == "dataset" and not draft.time_relation:
        if reading.find(_CONTAINS):
            draft.time_relation = "contains"
        elif reading.find(_WITHIN) or any(_closes(reading, one) for one in marks):
            draft.time_relation = "within"
        for pattern in (_CONTAINS, _WITHIN):
            for found in reading.find_all(pattern):
                found.use("time")
    settle(reading, lambda: is_southern(reading), marks)
    if draft.target == "dataset" and (none := reading.find(_NO_IMAGES)) is not None:
        _turn_round(reading, none.marks(0, "time")[0])
    if draft.target == "dataset" and draft.times and draft.time_relation is None:
        draft.time_relation = "intersects"


_NO_IMAGES = rule(
    r"(?:no|without|not a single|not one|without a single|without any|free of|lacking|never any|not any)(?: (?:any"
    r"|single|a))* (?:\{product\}|imagery|images|pictures)(?: (?:that|which|is|are|was|were|from|of|taken"
    rf"|acquired|recorded|dating|dated|dates|date))* {_T}",
)


def _turn_round(reading: Reading, mark: Mark) -> None:
    """`no images from before 2016`: all of them from then on."""
    draft = reading.draft
    if len(draft.times) != 1 or draft.months:
        return
    start, end = draft.times[0]
    day = timedelta(days=1)
    if mark.value.op == "before" and start is None and end is not None:
        draft.times = [((date.fromisoformat(end[:10]) + day).isoformat(), None)]
    elif mark.value.op == "after" and end is None and start is not None:
        draft.times = [(None, (date.fromisoformat(start[:10]) - day).isoformat())]
    else:
        return
    draft.time_relation = "within"


def _ages(reading: Reading, mark: Mark) -> bool:
    """`datasets older than 2016`: the age of the dataset, not of its imagery."""
    if not re.match(r"(?:older|newer|younger|more recent) than", reading.words(mark.start, mark.end).casefold()):
        return False
    index = mark.start - 1
    while index >= 0 and reading.tokens[index].norm in ("that", "which", "are", "is", "be", "were"):
        index -= 1
    owner = reading.owner(index)
    return owner is not None and owner.kind == "dataset"


def _closes(reading: Reading, mark: Mark) -> bool:
    """`nothing newer than 2015`: all imagery lies before."""
    words = reading.words(mark.start, mark.end).casefold()
    before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 4) : mark.start])
    return bool(
        re.search(r"\b(?:newer|older|later|younger|no |not |nothing|without|never)", words)
        and re.search(r"\b(?:not|no|nothing|without|never|none)\b", before + " " + words)
    )


def _plain_publication(reading: Reading, text: str, marks: list[Mark]) -> bool:
    """`imagery out of 2019` or `available imagery from 2019` speak of the imagery."""
    if not marks:
        return False
    if text.startswith("available") and "{product}" in text:
        return False
    if re.match(r"(?:newer|older|younger)", text):
        return not any(reading.of_kind("product")) or False
    return "imagery" not in text.split("{time}")[0]


def _years(reading: Reading, marks: list[Mark]) -> None:
    draft = reading.draft
    exact: list[int] = []
    for mark in marks:
        period: Period = mark.value
        if period.fault:
            draft.refuse(period.fault)
            continue
        try:
            start, end = period.days(False)
        except (ValueError, OverflowError):
            continue
        reading.take(mark, "publication_year")
        match period.op:
            case "after" if end is None and start:
                draft.add("publication_year", ">", start.year - 1 if (start.month, start.day) == (1, 1) else start.year)
            case "before" if start is None and end:
                draft.add("publication_year", "<", end.year + 1 if (end.month, end.day) == (12, 31) else end.year)
            case _ if start and end and start.year == end.year:
                exact.append(start.year)
            case _ if start and end:
                draft.add("publication_year", "between", (start.year, end.year))
            case _ if start:
                draft.add("publication_year", ">=", start.year)
            case _ if end:
                draft.add("publication_year", "<=", end.year)
    if len(exact) == 1:
        before = " ".join(one.norm for one in reading.tokens[max(0, marks[0].start - 3) : marks[0].start])
        draft.add("publication_year", "!=" if re.search(r"\bnot(?: in)?$", before) else "=", exact[0])
    elif exact:
        draft.add("publication_year", "between", (min(exact), max(exact)))


def _ingestion(reading: Reading, marks: list[Mark]) -> None:
    draft = reading.draft
    for mark in marks:
        try:
            start, end = mark.value.days(False)
        except (ValueError, OverflowError):
            continue
        if start:
            draft.add("ingestion_time", ">=", start.isoformat())
        if end:
            draft.add("ingestion_time", "<=", end.isoformat())
        reading.take(mark, "ingestion_time")
