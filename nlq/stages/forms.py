"""What form the answer takes: yes or no, a number, a sum, groups (convention 17)."""

from __future__ import annotations

import re

from nlq.question import Order
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.degrees import property_of, ranked
from ontology.properties import PROPERTIES

_POLITE = (
    r"(?:hi|hello|hey|yo|um|uh|hm|hmm|dear|please|so|and|ok|okay|well|now|tell me|could you tell me|can you tell me"
    r"|would "
    r"you tell me|do you know|i wonder|i was wondering|wondering|i would like to know|i ' d like to know|i "
    r"want to know|let me know|check|just|just checking|quick question|question|but|also|then|out of "
    r"curiosity|curious|say|\W)"
)
_ASK = re.compile(
    rf"^\s*(?:{_POLITE} )*(?!do (?:the same|this|that|it) (?:for|with|in|over|again)\b)(?:(?:if|whether) |(?:is|are"
    rf"|was|were|do|does|did|has|have|had|can|could|will"
    r"|would|should|isn|aren|don|doesn|didn|wasn|haven|hasn) (?!you (?:please )?(?:show|list|give|find"
    r"|get|tell|search|fetch|recommend|suggest|name|point|help|send|provide|look|retrieve|display|dig"
    r"|pull|let)|we (?:get|see|find) |i (?:get|see|find|have) |you know (?:of )?(?:which|what|where"
    r"|how)))"
)
_NONE = re.compile(
    r"^\s*(?:(?:and|so|hi|hey|hello|ok|then|but|,) )*(?:there (?:is|are)(?: (?:really|still|actually))?|(?:you"
    r"|we) have(?: got)?)"
    r" (?:no|not|none|nothing)\b[^?]*(?:\?|, (?:right|correct|true|is there|are there|or|do you|do we))\s*\??\s*$"
)
_AVAILABLE = re.compile(r"\b(?:available|on offer|in stock|in the catalogue|possible) ?\?\s*$")
# a story first, the question last: `..., so to settle it: does A have more samples than B?`
_LAST_CLAUSE = re.compile(
    r"(?: [:;.!-] | , (?:so|and|but|then|hence) )(?:and |so |just )?(?P<clause>(?:is|are|was|were|does|do|did|has"
    r"|have) (?:there |any |it |the )?"
    r"(?!you\b|we\b|i\b)[^.:;!?]*\? ?)$"
)
_ANY = re.compile(r"^\s*(?:(?:and|so|hi|hey|hello|ok|,) )*(?:any|anything|anybody got any) .*\?\s*$")
# a polite way to say `show me`
_WONDERED = re.compile(
    r"^\W*i(?: am| was| ' m|)(?: just)? wonder(?:ing)? (?:if|whether) (?:you|we|they) (?:have|hold|got)\b"
)
# `In 2021, were ...`: a time or place that was put first
_FRONTED = re.compile(
    r"^\s*(?:(?:in|during|on|for|over|near|around|across|within|since|before|after|between) (?:the )?)?"
    r"(?:\{(?:time|date|place|placeclass)\}[ ,]*)+(?=(?:is|are|was|were|do|does|did|has|have|had|can|any)\b)"
)
_THERE = re.compile(
    r"\b(?:is|are|was|were) there\b|\b(?:do|does|did|have) (?:you|we|they) (?:have|got|hold|know|offer"
    r"|store|own)\b|\bexists? \?|^\s*(?:can|could) i (?:get|find|have|download) any\b|\b(?:got any|have "
    r"any|has any)\b.*\?"
)
_REQUEST = re.compile(r"^\s*(?:\W )*(?:can|could|would|will) (?:you|i|we|u|someone|anybody|anyone) ")
_WH = re.compile(r"\b(?:which|what|how many|how much|who|when|where|how)\b")
_COUNT = rule(
    r"how many",
    r"how much \{(?:product|dataset|model)\}",
    r"(?<!by )(?<!by the )(?<!the most )(?:the )?(?:total |overall |exact )?(?:number|count|quantity|tally|amount"
    r"|nr|num|no \.|nb|#)(?: \.)? of (?!\{bound\})",
    r"(?<!\{model\} )(?<!can )(?<!that )(?<!which )(?<!and )(?:count|count up|tally|number) (?:the|all|all the"
    r"|of all|up all|every)? ?(?:of )?(?=\{)",
    r"count (?:of|:)",
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
_AVG = r"(?:average|mean|avg|typical|on average)"
_TOTAL = [
    (
        "sum",
        rule(
            rf"{_SUM} (?:of )?(?:the )?(?:all )?\{{(?:attr|counted)\}}",
            r"how (?:much|many) (?:\{attr\}|\{counted\}|\{dataset\}|\{product\}|[a-z]+)(?: [a-z]+"
            r"| \{[a-z]+\}){0,8} (?:altogether|in total|all "
            r"together|combined|together|in all|all in all)",
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
            rf"{_AVG}(?: (?:of|for|the|value|in))* {_QUANTITY}",
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
            r"|counted)\} (?:of|among|across|over|in|for|reached|any|that any|which any|that a|in any) (?!\{record\})",
            r"(?:maximum|max|maximal) \{(?:attr|counted)\} (?:of|among|across|over)",
        ),
    ),
    (
        "min",
        rule(
            r"(?:what is |what ' s |what was )(?:the )?(?:minimum|min|smallest|lowest|least) \{(?:attr"
            r"|counted)\} (?:of|among|across|over|in|for|any|that any|which any|that a|in any) (?!\{record\})",
            r"(?:minimum|min|minimal) \{(?:attr|counted)\} (?:of|among|across|over)",
        ),
    ),
]
_KEY = (
    r"(\{(?:attr|counted|model|topic|task|sensor|placekind|modality|dataset|product|architecture|band|split"
    r"|date|time|family|temporal|access)\}|years?|months?|seasons?|countr(?:y|ies)|places?|regions?"
    r"|satellites?|missions?|days?|weeks?|spacecraft|calendar years?|quarters?|organi[sz]ations?|institutions?"
    r"|agenc(?:y|ies)"
    r"|compan(?:y|ies)|universit(?:y|ies)|groups?|labs?)"
)
_GROUP_PATTERNS = (
    r"(?:per|grouped by|group by|broken down by|break down by|breakdown by|split by|split up by|split "
    r"by the|for each|for every|in each|in every|of each|of every|by each|on each|from each|under each"
    r"|with each|to each|separately for each|sorted into|counted by|arranged by|divided by|distributed "
    r"over|distribution over|distribution by|according to|a breakdown by) (?:single |of the |individual "
    rf"|different |the )?{_KEY}(?: (?:and|per|,|by) (?:per |by |each )?{_KEY})?",
    rf"(?:each|every) {_KEY}",
    r"(year|month|country|season|place|day|week) by (?:year|month|country|season|place|day|week)",
    rf"(?:down |up )?by {_KEY}(?:(?: ,)? and (?:by )?{_KEY})?",
    rf"{_KEY} (?:distribution|breakdown|histogram|statistics|counts?)",
)
_GROUP = rule(*_GROUP_PATTERNS)
_HEADS = r"\{(?:dataset|model|product)\}"
_GROUP_OF_COUNTS = rule(*_GROUP_PATTERNS, rf"/ {_KEY}")
_MOST_OF = rule(
    rf"(?:(?:the|which|what|name|list|show|give me|top) )*(?:({{bound}}) )?(?:different |top )?{_KEY} (?:with|have|has"
    rf"|that have|having|which have|that has"
    rf"|that hold|behind|by|for)(?: the)? (most|fewest|largest number of|highest number of|greatest number of"
    rf"|smallest number of|lowest number of)"
    rf"(?: (?:\{{[a-z_]+\}}|published|available))* {_HEADS}".replace("{bound}", r"\{bound\}"),
    rf"(?:the )?top (?:- )?(?:({{bound}}) )?{_KEY} (?:by|in terms of|measured by|according to)(?: the)?(?: number of"
    rf"| count of| \{{attr\}})*"
    rf" {_HEADS}".replace("{bound}", r"\{bound\}"),
)
_GROUPS_FIRST = rule(
    r"(most|fewest|least|highest|lowest|biggest|largest|smallest)(?: (?:frequent|common|popular|numerous|used"
    r"|represented"
    r"|count|counts|number|groups?|first|\{(?:dataset|model|product)\}))* (?:first|on top|at the top)",
    r"(?:sorted|ordered|ranked|in|by)(?: (?:by|in|the|of|their|number|size|count|frequency|order))*"
    r" (descending|ascending|decreasing|increasing)(?: order| count| frequency| number)*",
    r"(?:sorted|ordered|ranked) by (?:count|frequency|number|the count|size of the group)",
)
_MOST = rule(
    r"(?:which|what|in which|in what|on which|from which|for which|under which|with which|by which|to "
    r"which|who|the)(?: is| are)?(?: the)? ?"
    + _KEY
    + r"?(?: is| are| was| were| has| have| had| does| do| did| of| the| published| publishes| released| "
    r"made| created| contributed| funded| appears| occurs| comes| come| provided| hosts| saw| gave| "
    r"produced| used| by| in| for| covered| with| addressed| supported| found| shown| behind| share| "
    r"shared)* (most|fewest|least|largest number of|highest number of|greatest number of|smallest "
    r"number of|lowest number of|biggest number of)(?: of the)?(?: (?:\{[a-z_]+\}|many))* "
    r"(?:\{(?:dataset|model|product)\})",
    r"(most|least) (?:often|frequently|commonly|widely|popularly)? ?(?:frequent|common|popular|used"
    r"|frequently used|commonly used|widespread|represented|cited|prevalent|widely used|chosen|often "
    r"used|usual)(?: \{dataset\}| \{model\})? " + _KEY,
    _KEY + r" (?:(?:is|are|does|do|was|were|occurs?|appears?|comes?|gets?|among|of|in|the|all|our|\{dataset\}"
    r"|\{model\}|\{product\}|\{topic\}|\{task\}|used|chosen) )*(most|least) (?:often|frequently"
    r"|commonly|frequent|common|popular|used|widespread|represented|widely)",
    r"(?:number|amount)? ?(?:which|what) "
    + _KEY
    + r" (?:occurs?|appears?|comes up|is used|is found|is chosen|do) (most|least)",
)
_MAKERS = frozenset(
    {
        "organisation",
        "organization",
        "institution",
        "agency",
        "agencie",
        "company",
        "companie",
        "university",
        "universitie",
    }
)
_TIME_KEYS = {
    "year": "year",
    "month": "month",
    "season": "season",
    "country": "country",
    "countries": "country",
    "place": "place",
    "region": "place",
    "calendar year": "year",
}


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
    if not _used_most(reading) and not _most_of(reading):
        _frequencies(reading)
    _totals(reading)
    if draft.returns or draft.compare:
        return
    if draft.aggregate != "ask" and not draft.group_by:
        _groups(reading)
    if draft.group_by and draft.order is None and (first := reading.find(_GROUPS_FIRST)) is not None:
        small = re.search(r"\b(?:fewest|least|lowest|smallest|ascending|increasing)\b", first.text(0))
        draft.order = Order("count", "asc" if small else "desc")
        first.use("order")
    if draft.aggregate is None and not draft.group_by and (is_yes_no(reading) or _short_ask(reading)):
        draft.aggregate = "ask"


_SHORT = re.compile(r"^\s*\{(?:record|family)\} (?:[a-z]+ )*\{[a-z_]+\}(?: [a-z]+)* \?\s*$")


def _short_ask(reading: Reading) -> bool:
    """`X available in GeoTIFF?`: a name, one condition and a question mark."""
    line = reading.sheet()
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
            re.match(r"(?:you|we|they) (?:know|tell|recommend|suggest)\b", rest)
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


def _key(reading: Reading, text: str, marks: list[Mark]) -> str | None:
    """The group key of a word or mark."""
    target = reading.draft.target
    word = text.strip()
    single = word[:-1] if word.endswith("s") and word not in ("countries",) else word
    if single in _TIME_KEYS:
        name = _TIME_KEYS[single]
        if name == "year" and target != "product":
            return "publication_year"
        return name
    if single in ("satellite", "mission", "spacecraft"):
        return {"product": "platform" if single != "mission" else "mission", "model": "input_sensor"}.get(
            target or "", "sensor"
        )
    if single in _MAKERS and target != "product":
        return "publisher"
    if not marks:
        return None
    mark = marks[0]
    words = reading.tokens[mark.end - 1].norm.rstrip("s")
    if mark.kind in ("date", "time"):
        return _key(reading, words, [])
    if words in ("country", "countrie", "nation"):
        return "country"
    if mark.kind == "placekind":
        return "country" if mark.value == "country" else "place"
    if named := property_of(mark, target):
        if named == "publication_year" and target == "product":
            return "year"
        return {"class_label": "class_label", "coverage": "place"}.get(named, named)
    return {"topic": "topic", "task": "task"}.get(words)


_PERIODIC = rule(
    r"(monthly|yearly|annual|seasonal)(?: [a-z]+)? (?:numbers?|counts?|totals?|amounts?|tally|statistics)"
    r"(?: of)?(?: \{(?:sensor|product|dataset|model|topic)\})*"
)
_PERIODS = {"monthly": "month", "yearly": "year", "annual": "year", "seasonal": "season"}


def _groups(reading: Reading) -> None:
    draft = reading.draft
    if (periodic := reading.find(_PERIODIC)) is not None:
        name = _key(reading, _PERIODS[periodic.text(1)], [])
        draft.group_by, draft.aggregate = [name or "year"], draft.aggregate or "count"
        reading.use(*periodic.span(1), "group_by")
        return
    for found in reading.find_all(_GROUP if draft.aggregate is None else _GROUP_OF_COUNTS):
        text = found.text(0)
        if draft.aggregate is None and (
            text.startswith(("each ", "every ", "of each", "in each", "for each", "for every", "in every"))
            or not reading.find(rule(r"\{(?:dataset|model|product)\}"))
        ):
            continue
        if text.startswith("by ") and draft.aggregate is None and not _divides(reading, found):
            continue
        keys = []
        for number in range(1, found.match.re.groups + 1):
            word = found.text(number)
            if not word:
                continue
            start, _ = found.span(number)
            owner = reading.owner(start)
            name = _key(reading, word, [owner] if owner is not None and word.startswith("{") else [])
            if name and name not in keys:
                keys.append(name)
                if owner is not None:
                    owner.info["taken"] = True
                    reading.take(owner, "group_by")
        if keys:
            found.use("group_by")
            draft.group_by = keys
            draft.aggregate = draft.aggregate or "count"
            return


_DIVIDED = re.compile(
    r"\b(?:break|breaks|broken|split|splits|divide|divided|group|groups|grouped|bucket|partition|tally|tallied"
    r"|aggregate|aggregated)"
    r"\b[^.?!]*$|\b(?:numbers|counts|statistics|stats|figures|overview|breakdown|distribution)\b[^.?!]*$"
)
_PERIOD_KEYS = frozenset({"year", "month", "season"})


def _divides(reading: Reading, found: Found) -> bool:
    """`break the models down by task`, `scenes by month`: groups, where `sorted by year` is an order."""
    before = reading.sheet()[: found.match.start()]
    if re.search(r"\b(?:sort|sorted|order|ordered|rank|ranked|ranking|arrange|arranged|listed)\b", before):
        return False
    if _DIVIDED.search(before):
        return True
    word = found.text(0).split()[-1].rstrip("s")
    return word in _PERIOD_KEYS and re.search(r"\{(?:product|dataset|model)\}", before) is not None


_USED_MOST = rule(
    r"(?:on |with |from )?(?:which|what) \{dataset\} (?:were|are|was|is|have|has|did) (?:the )?(?:most"
    r"|majority of) \{model\}"
    r"(?: been| get)? (trained|pre ?- ?trained|fine ?- ?tuned|finetuned|evaluated|tested|benchmarked|scored)",
    r"(?:which|what) \{dataset\}(?: (?:is|was|has|been|are))* (?:the )?most (?:often|frequently"
    r"|commonly|widely)? ?used (?:for|to|in|as) "
    r"(training|train|pre ?- ?training|fine ?- ?tuning|evaluation|evaluating|testing)",
)


def _used_most(reading: Reading) -> bool:
    """`On which dataset were most models trained`: models, counted by what they were trained on."""
    found = reading.find(_USED_MOST)
    if found is None:
        return False
    word = found.text(1) or found.text(2)
    draft = reading.draft
    draft.target = "model"
    draft.aggregate = "count"
    name = "fine_tuned_on" if "tun" in word else "trained_on" if "train" in word else "evaluated_on"
    draft.group_by, draft.order, draft.limit = [name], Order("count", "desc"), 1
    found.use("group_by")
    return True


def _most_of(reading: Reading) -> bool:
    """`the five publishers with the most models`: groups, the largest first, as many as the number says."""
    draft = reading.draft
    found = reading.find(_MOST_OF)
    if found is None or draft.group_by:
        return False
    bound = next(iter(found.marks(0, "bound")), None)
    keys = [one for one in found.marks(0) if one.kind not in ("bound", "dataset", "model", "product")]
    head = found.marks(0, "dataset", "model", "product")
    number = next(one for one in (2, 5) if found.text(one))
    name = _key(reading, found.text(number), keys[:1] if found.text(number).startswith("{") else [])
    if name is None or not head or (bound is not None and (bound.used or bound.value[-1].kind)):
        return False
    if head[-1].kind != draft.target and draft.target != "any":
        return False
    word = reading.tokens[(keys[0].end if keys else found.span(number)[1]) - 1].norm
    few = re.search(r"\b(?:least|fewest|smallest|lowest)\b", found.text(0)) is not None
    draft.group_by, draft.aggregate, draft.order = [name], "count", Order("count", "asc" if few else "desc")
    if bound is not None:
        draft.limit = max(1, int(bound.value[-1].value))
        reading.take(bound, "limit")
    elif not word.endswith("s"):
        draft.limit = 1
    for mark in keys[:1]:
        mark.info["taken"] = True
        reading.take(mark, "group_by")
    found.use("group_by")
    return True


def _frequencies(reading: Reading) -> None:
    """`Which licence is the most common`, `in which year were the most datasets published`."""
    draft = reading.draft
    for found in reading.find_all(_MOST):
        for number in range(1, found.match.re.groups + 1):
            word = found.text(number)
            if not word or word.split()[0] in (
                "most",
                "least",
                "fewest",
                "largest",
                "highest",
                "greatest",
                "smallest",
                "lowest",
                "biggest",
            ):
                continue
            start, _ = found.span(number)
            owner = reading.owner(start)
            if (
                owner is not None
                and owner.kind in ("dataset", "model", "product")
                and property_of(owner, draft.target) is None
            ):
                continue
            name = _key(reading, word, [owner] if owner is not None else [])
            if name is None:
                continue
            if found.text(0).startswith("who"):
                name = "publisher"
            draft.group_by = [name]
            draft.aggregate = "count"
            few = re.search(r"\b(?:least|fewest|smallest|lowest)\b", found.text(0)) is not None
            draft.order = Order("count", "asc" if few else "desc")
            first = reading.tokens[start].norm
            plural = word.endswith("s") or (
                owner is not None and reading.tokens[owner.end - 1].norm.endswith("s") and first not in ("access",)
            )
            if not plural:
                draft.limit = 1
            if owner is not None:
                owner.info["taken"] = True
                reading.take(owner, "group_by")
            found.use("group_by")
            return
        if found.text(0).startswith("who") and draft.target != "product":
            draft.group_by, draft.aggregate, draft.order, draft.limit = (
                ["publisher"],
                "count",
                Order("count", "desc"),
                1,
            )
            found.use("group_by")
            return


_IN_BYTES = re.compile(r"\bin (?:mb|megabytes?|gb|gigabytes?|bytes)\b")


def _totals(reading: Reading) -> None:
    draft = reading.draft
    for word, pattern in _TOTAL:
        for found in reading.find_all(pattern):
            for mark in found.marks(0, "attr", "counted", "topic", "band", "parameter", "product", "dataset", "model"):
                if mark.kind in ("product", "dataset", "model") and not mark.info.get("entries"):
                    continue
                name = property_of(mark, draft.target)
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
