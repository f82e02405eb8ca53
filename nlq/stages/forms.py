"""What form the answer takes: yes or no, a number, a sum, groups (convention 17)."""

from __future__ import annotations

import re

from nlq.question import Order
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading, rule
from nlq.stages.degrees import counted_property, property_of, ranked
from nlq.stages.group_bounds import read_distinct, read_group_bounds, read_group_size
from nlq.stages.grouping import GROUPS_FIRST, most_of, read_frequencies, read_groups, used_most
from ontology.properties import PROPERTIES

_POLITE = (
    r"(?:hi|hello|hey|yo|um|uh|hm|hmm|dear|please|so|and|ok|okay|well|now|tell me|could you tell me|can you tell me"
    r"|would "
    r"you tell me|do you know|i wonder|i was wondering|wondering|i would like to know|i ' d like to know|i "
    r"want to know|let me know|check|just|just checking|quick question|question|but|also|then|out of "
    r"curiosity|curious|say|\W)"
)
_ASK = regex(
    rf"^\s*(?:{_POLITE} )*(?!do (?:the same|this|that|it) (?:for|with|in|over|again)\b)"
    r"(?!do (?:not|n ' t) (?:use|include|show|take|give|send|want|need|mix|combine|list|bother|forget)\b)"
    rf"(?:(?:if|whether) |(?:is|are"
    rf"|was|were|do|does|did|has|have|had|can|could|will"
    r"|would|should|isn|aren|don|doesn|didn|wasn|haven|hasn) (?!you (?:please )?(?:show|list|give|find"
    r"|get|tell|search|fetch|recommend|suggest|name|point|help|send|provide|look|retrieve|display|dig"
    r"|pull|let)|we (?:get|see|find) |i (?:get|see|find|have) |you know (?:of )?(?:which|what|where"
    r"|how)))"
)
_NONE = regex(
    r"^\s*(?:(?:and|so|hi|hey|hello|ok|then|but|,) )*(?:there (?:is|are)(?: (?:really|still|actually))?|(?:you"
    r"|we) have(?: got)?)"
    r" (?:no|not|none|nothing)\b[^?]*(?:\?|, (?:right|correct|true|is there|are there|or|do you|do we))\s*\??\s*$"
)
_AVAILABLE = regex(r"\b(?:available|on offer|in stock|in the catalogue|possible) ?\?\s*$")
# a story first, the question last: `..., so to settle it: does A have more samples than B?`
_LAST_CLAUSE = regex(
    r"(?: [:;.!-] | , (?:so|and|but|then|hence) )(?:and |so |just )?(?P<clause>(?:is|are|was|were|does|do|did|has"
    r"|have) (?:there |any |it |the )?"
    r"(?!you\b|we\b|i\b)[^.:;!?]*\? ?)$"
)
_ANY = regex(r"^\s*(?:(?:and|so|hi|hey|hello|ok|,) )*(?:any|anything|anybody got any) .*\?\s*$")
# a polite way to say `show me`
_WONDERED = regex(
    r"^\W*i(?: am| was| ' m|)(?: just)? wonder(?:ing)? (?:if|whether) (?:you|we|they) (?:have|hold|got)\b"
)
# `In 2021, were ...`: a time or place that was put first
_FRONTED = regex(
    r"^\s*(?:(?:in|during|on|for|over|near|around|across|within|since|before|after|between) (?:the )?)?"
    r"(?:\{(?:time|date|place|placeclass)\}[ ,]*)+(?=(?:is|are|was|were|do|does|did|has|have|had|can|any)\b)"
)
_THERE = regex(
    r"\b(?:is|are|was|were) there\b|\b(?:do|does|did|have) (?:you|we|they) (?:have|got|hold|know|offer"
    r"|store|own)\b|\bexists? \?|^\s*(?:can|could) i (?:get|find|have|download) any\b|\b(?:got any|have "
    r"any|has any)\b.*\?"
)
_REQUEST = regex(r"^\s*(?:\W )*(?:can|could|would|will) (?:you|i|we|u|someone|anybody|anyone) ")
_WH = regex(r"\b(?:which|what|how many|how much|who|when|where|how)\b")
_COUNT = rule(
    r"how many",
    r"how much \{(?:product|dataset|model)\}",
    r"(?<!by )(?<!by the )(?<!the most )(?:the )?(?:total |overall |exact )?(?:number|count|quantity|tally|amount"
    r"|nr|num|no \.|nb|#)(?: \.)? of (?!\{bound\})",
    r"(?<!\{model\} )(?<!can )(?<!that )(?<!which )(?<!and )(?<!to )(?:count|count up|tally|number) (?:the|all|all the"
    r"|of all|up all|every)? ?(?:of )?(?=\{)",
    r"count (?:of|:)",
    r"to count (?:the |all |your )*(?=\{(?:dataset|model|product)\})",
    r"how (?:often|frequently) (?:is|are|was|were|does|do)(?= (?:each|every))",
    r"^ (?:please )?count ,? ?(?:for|by|per) (?:each|every|all)?",
    r"\{(?:sensor|product|dataset|model)\} counts?(?= (?:by|per|for)|,| \?| $|$)",
    r"^ ?#(?= \{(?:dataset|model|product)\})",
    r"(?:count|tally|number) (?:them|those|these|it)(?: all| up)?",
    r"(?:give me|show me|i need|want)? ?(?:a|the) (?:count|tally|number) (?:of|for)",
)
_SUM = (
    r"(?:total|combined|overall|summed|sum of the|sum of|the sum of|aggregate|cumulative|altogether|in "
    r"total|joint|added up|accumulated|collective)"
)
# shares of a scene are topics, too: clouds, snow, water
_QUANTITY = r"\{(?:attr|counted|topic|band|parameter)\}"
_PART = r"\{(?:attr|counted|product|dataset)\}"
_AVG = r"(?:average|(?<!i )(?<!you )(?<!we )mean|avg|typical|on average)"
_COUNT_OF = r"(?: (?:number|count|amount|quantity) of)?(?: (?:the|labell?ed|annotated|training|different))*"
_TOTAL = [
    (
        "sum",
        rule(
            rf"{_SUM}(?: of)?(?: the)?(?: all)?{_COUNT_OF} \{{(?:attr|counted)\}}",
            r"how (?:much|many) (?:\{attr\}|\{counted\}|\{dataset\}|\{product\}|[a-z]+)(?: [a-z]+"
            r"| \{[a-z_]+\}){0,12}? (?:altogether|in total|all "
            r"together|combined|together|in all|all in all)",
            r"how many (?:\{attr\}|gb|gigabytes?|gigs|tb|terabytes?|mb|megabytes?)(?: \{attr\})?(?: (?:is|are|do|does"
            r"|would))?"
            r" (?:in total|altogether|combined|all together|in all|together)",
            r"\{attr\} (?:in total|altogether|combined|all together|summed up|sum|total)",
            r"(?:add up|sum up|sum|total) (?:the |all )*\{attr\}",
            r"how (?:much|many) (?:\{attr\}|\{counted\}) (?:do|does|would|are there in|is there in|have|in)(?: "
            r"all)?(?: of)?(?: the)?(?: \{[a-z_]+\})* ?(?:all|\{dataset\}|\{model\})(?= (?:take|need|occupy|use"
            r"|have|hold|contain|together|combined|add)|.*together)",
        ),
    ),
    (
        "avg",
        rule(
            rf"{_AVG}(?: (?:of|for|the|value|in))*{_COUNT_OF} {_QUANTITY}",
            rf"{_AVG} (?:number|count|amount|quantity) of(?: (?:the|labell?ed|annotated|training|different))* {_PART}",
            rf"\{{attr\}} (?:on average|{_AVG})",
            rf"(?:what|which|how much|how high)(?: [a-z]+){{0,3}} {_QUANTITY}(?: [a-z]+"
            rf"| \{{[a-z_]+\}}){{1,12}} on average",
            r"how (?:large|big|many|much|old|small)(?: [a-z{}]+){0,8} on average",
            r"(?:on )?average(?: ,)?(?: what is| how (?:many|much))?(?: the)? \{(?:attr|counted)\}",
        ),
    ),
    (
        "max",
        rule(
            r"(?:what is |what ' s |what was )(?:the )?(?:maximum|max|largest|highest|greatest|top) \{(?:attr"
            r"|counted)\}(?: (?:found|seen|reached|that occurs|used|present|listed))? (?:of|among|across|over|in|for"
            r"|reached|any|that any|which any|that a|in any) (?!\{record\})",
            r"(?:maximum|max|maximal) \{(?:attr|counted)\} (?:of|among|across|over)",
        ),
    ),
    (
        "min",
        rule(
            r"(?:what is |what ' s |what was )(?:the )?(?:minimum|min|smallest|lowest|least) \{(?:attr"
            r"|counted)\}(?: (?:found|seen|reached|that occurs|used|present|listed))? (?:of|among|across|over|in|for"
            r"|any|that any|which any|that a|in any) (?!\{record\})",
            r"(?:minimum|min|minimal) \{(?:attr|counted)\} (?:of|among|across|over)",
        ),
    ),
]


# `training images`: what a dataset is made of rather than a dataset
_PIECES = {"images": "num_images", "samples": "num_samples", "patches": "num_samples", "photos": "num_images",
           "pictures": "num_images", "examples": "num_samples", "annotations": "num_instances"}  # fmt: skip


def read_forms(reading: Reading) -> None:
    """Set aggregate and groups, before the target is known; `settle_forms` fits them to it."""
    draft = reading.draft
    if draft.aggregate is None and (found := reading.find(_COUNT)) is not None and found.span()[0] not in reading.told:
        draft.aggregate = "count"
        found.use("aggregate")


def settle_forms(reading: Reading) -> None:
    """Yes-no questions, sums and groups, once the target is known."""
    draft = reading.draft
    if draft.target is None:
        return
    if (
        not read_group_bounds(reading)
        and not read_distinct(reading)
        and not used_most(reading)
        and not most_of(reading)
    ):
        read_frequencies(reading)
    _totals(reading)
    if draft.returns or draft.compare:
        return
    if draft.aggregate != "ask" and not draft.group_by:
        read_groups(reading)
    if draft.group_by:
        read_group_size(reading)
    if draft.group_by and draft.order is None and (first := reading.find(GROUPS_FIRST)) is not None:
        small = re.search(r"\b(?:fewest|least|lowest|smallest|ascending|increasing)\b", first.text(0))
        draft.order = Order("count", "asc" if small else "desc")
        first.use("order")
    chosen = draft.order is not None and any(one.property == "name" and one.op == "in" for one in draft.filters)
    if draft.aggregate is None and not draft.group_by and not chosen and (is_yes_no(reading) or _short_ask(reading)):
        draft.aggregate = "ask"
        _more_than(reading)
        if _EVERY.match(reading.norm):
            draft.assume("“all” is not checked: yes means that at least one does")
        if _NONE.match(reading.norm):
            draft.assume("yes means that there are some, no that there are none")


_THERE_ARE = rule(
    r"(?:are|were|is) there (?:now |already |really )?(\{bound\})(?: (?:different|\{(?:topic|task|sensor|modality"
    r"|license|temporal|access|band|format)\})){0,4} (\{(?:dataset|model|product)\})"
)


def _more_than(reading: Reading) -> None:
    """`are there more than five flood datasets`: how many there are is told, which answers it."""
    found = reading.find(_THERE_ARE)
    if found is None:
        return
    mark, head = found.marks(1, "bound")[0], found.marks(2)[0]
    if mark.used or mark.value[-1].kind or head.kind != reading.draft.target or mark.info.get("op") == "=":
        return
    reading.draft.aggregate = "count"
    reading.draft.assume(f"how many there are is told, to be held against “{reading.words(mark.start, mark.end)}”")
    reading.take(mark, "aggregate")
    mark.info["property"] = None


_EVERY = regex(r"^\W*(?:do|does|are|is|have|has|were|was|can) (?:all|every|each|both)\b")
_SHORT = regex(r"^\s*\{(?:record|family)\} (?:[a-z]+ )*\{[a-z_]+\}(?: [a-z]+)* \?\s*$")


def _short_ask(reading: Reading) -> bool:
    """`X available in GeoTIFF?`: a name, one condition and a question mark."""
    line = reading.sheet()
    line = (
        re.sub(r"\{dataset\}(?= \?)", "labels", line)
        if re.search(r"\b(?:label|annotation)s? ?\?", reading.norm)
        else line
    )
    return bool(_SHORT.match(line)) and not _WH.search(line) and not re.search(r"\{(?:attr|dataset|model)\}", line)


def is_yes_no(reading: Reading) -> bool:
    """Whether the question can be answered by yes or no."""
    norm = reading.norm.strip()
    line = reading.sheet()
    if _REQUEST.match(line) and not re.match(r"^\s*(?:\W )*can i (?:use|get any|find any)", line):
        return False
    line = _FRONTED.sub("", line)
    if _WONDERED.match(line):
        return False
    match = _ASK.match(line)
    if match:
        rest = line[match.end() :]
        return not (
            re.match(
                r"(?:you|we|they|anybody|anyone|somebody|someone) (?:know|tell|recommend|suggest|remember)\b", rest
            )
            and not re.search(r"\bif\b|\bwhether\b", rest)
        ) and not re.search(r"^\s*(?:and|or)? ?(?:which|what|who|where|when|how)\b", rest)
    if _ANY.match(line) or _NONE.match(norm):
        return True
    if _AVAILABLE.search(norm) and not _WH.search(norm):
        return True
    if (last := _LAST_CLAUSE.search(line)) is not None and not _WH.search(line[last.start("clause") :]):
        return True
    found = _THERE.search(norm)
    return bool(
        found
        and not _WH.search(norm[: found.start()])
        and not re.search(r"\b(?:which|what|how many)\b", norm[: found.end() + 8])
    )


_IN_BYTES = regex(r"\bin (?:mb|megabytes?|gb|gigabytes?|gigs|bytes)\b")
_BYTES = regex(r"^how many (?:gb|gigabytes?|gigs|tb|terabytes?|mb|megabytes?)\b")
_HOW_BIG = regex(
    r"\b(?:on average|average|mean)\b.*\bhow (?:big|large|heavy)\b|\bhow (?:big|large|heavy)\b.*\bon average\b"
)


def _totals(reading: Reading) -> None:
    draft = reading.draft
    if (big := _HOW_BIG.search(reading.norm)) is not None and (unit := _IN_BYTES.search(reading.norm)) is not None:
        draft.aggregate, draft.order = f"avg({'size_mb' if draft.target == 'model' else 'size_gb'})", None
        draft.returns = []
        for match in (big, unit):
            reading.use(*reading.span_of(match), "aggregate")
        return
    for word, pattern in _TOTAL:
        for found in reading.find_all(pattern):
            counts = re.search(r"\b(?:number|count|amount|quantity) of\b", found.text(0)) is not None
            if word == "sum" and _BYTES.match(found.text(0)) and draft.target in ("dataset", "model"):
                draft.aggregate = f"sum({'size_mb' if draft.target == 'model' else 'size_gb'})"
                draft.order, draft.returns = None, []
                found.use("aggregate")
                return
            for mark in found.marks(0, "attr", "counted", "topic", "band", "parameter", "product", "dataset", "model"):
                if mark.kind in ("product", "dataset", "model") and not mark.info.get("entries"):
                    continue
                name = (counted_property if counts else property_of)(mark, draft.target)
                if name is None and counts and mark.kind == "dataset":
                    name = _PIECES.get(reading.tokens[mark.end - 1].norm)
                if name is None and mark.kind == "attr":
                    name = next((one.value for one in mark.info.get("entries", ()) if one.kind == "attr"), None)
                if name == "num_parameters" and (unit := _IN_BYTES.search(reading.norm)) is not None:
                    name = "size_mb"
                    reading.use(*reading.span_of(unit), "aggregate")
                if name is None or not PROPERTIES[name].is_number:
                    continue
                draft.aggregate = f"{word}({name})"
                draft.order = None
                mark.info["taken"] = True
                reading.take(mark, "aggregate")
                found.use("aggregate")
                draft.returns = [one for one in draft.returns if one != name]
                return
    _ = ranked
