"""Groups: `per licence`, `scenes by month`, `the five publishers with the most models` (convention 17)."""

from __future__ import annotations

import re

from nlq.question import Order
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.degrees import property_of

KEY = (
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
    rf"|different |the )?{KEY}(?: (?:and|per|,|by) (?:per |by |each )?{KEY})?",
    rf"(?:each|every) {KEY}",
    r"(year|month|country|season|place|day|week) by (?:year|month|country|season|place|day|week)",
    rf"(?:down |up )?by {KEY}(?:(?: ,)? and (?:by )?{KEY})?",
    rf"{KEY} (?:distribution|breakdown|histogram|statistics|counts?)",
)
_GROUP = rule(*_GROUP_PATTERNS)
_HEADS = r"\{(?:dataset|model|product)\}"
_GROUP_OF_COUNTS = rule(*_GROUP_PATTERNS, rf"/ {KEY}")
_MOST_OF = rule(
    rf"(?:(?:the|which|what|name|list|show|give me|top) )*(?:({{bound}}) )?(?:different |top )?{KEY} (?:with|have|has"
    rf"|that have|having|which have|that has"
    rf"|that hold|behind|by|for)(?: the)? (most|fewest|largest number of|highest number of|greatest number of"
    rf"|smallest number of|lowest number of)"
    rf"(?: (?:\{{[a-z_]+\}}|published|available))* {_HEADS}".replace("{bound}", r"\{bound\}"),
    rf"(?:the )?top (?:- )?(?:({{bound}}) )?{KEY} (?:by|in terms of|measured by|according to)(?: the)?(?: number of"
    rf"| count of| \{{attr\}})*"
    rf" {_HEADS}".replace("{bound}", r"\{bound\}"),
)
GROUPS_FIRST = rule(
    r"(most|fewest|least|highest|lowest|biggest|largest|smallest)(?: (?:frequent|common|popular|numerous|used"
    r"|represented"
    r"|count|counts|number|groups?|first|\{(?:dataset|model|product)\}))* (?:first|on top|at the top)",
    r"(?:sorted|ordered|ranked|in|by)(?: (?:by|in|the|of|their|number|size|count|frequency|order))*"
    r" (descending|ascending|decreasing|increasing)(?: order| count| frequency| number)*",
    r"from(?: the)? (most|least)(?: (?:common|frequent|popular|used|often))? to(?: the)? (?:least|most)(?: (?:common"
    r"|frequent"
    r"|popular|used|often))?",
    r"(?:sorted|ordered|ranked) by (?:count|frequency|number|the count|size of the group)",
)
_MOST = rule(
    r"(?:which|what|in which|in what|on which|from which|for which|under which|with which|by which|to "
    r"which|who|the)(?: is| are)?(?: the)? ?"
    + KEY
    + r"?(?: is| are| was| were| has| have| had| does| do| did| of| the| published| publishes| released| "
    r"made| created| contributed| funded| appears| occurs| comes| come| provided| hosts| saw| gave| "
    r"produced| used| by| in| for| covered| with| addressed| supported| found| shown| behind| share| "
    r"shared| \{time\}| \{sensor\}| take| took| taken| record| recorded| acquire| acquired| see)* "
    r"(most|fewest|least|largest number of|highest number of|greatest number of|smallest "
    r"number of|lowest number of|biggest number of)(?: of the)?(?: (?:\{[a-z_]+\}|many))* "
    r"(?:\{(?:dataset|model|product)\})",
    r"(most|least) (?:often|frequently|commonly|widely|popularly)? ?(?:frequent|common|popular|used"
    r"|frequently used|commonly used|widespread|represented|cited|prevalent|widely used|chosen|often "
    r"used|usual)(?: \{dataset\}| \{model\})? " + KEY,
    KEY + r" (?:(?:is|are|does|do|was|were|occurs?|appears?|comes?|gets?|among|of|in|the|all|our|\{dataset\}"
    r"|\{model\}|\{product\}|\{topic\}|\{task\}|used|chosen) )*(most|least) (?:often|frequently"
    r"|commonly|frequent|common|popular|used|widespread|represented|widely)",
    r"(?:number|amount)? ?(?:which|what) "
    + KEY
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


def key_of(reading: Reading, text: str, marks: list[Mark]) -> str | None:
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
        return key_of(reading, words, [])
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


def read_groups(reading: Reading) -> None:
    """`per year`, `broken down by task`: the keys, and a count where nothing else is asked for."""
    draft = reading.draft
    if (periodic := reading.find(_PERIODIC)) is not None:
        name = key_of(reading, _PERIODS[periodic.text(1)], [])
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
            name = key_of(reading, word, [owner] if owner is not None and word.startswith("{") else [])
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


_DIVIDED = regex(
    r"\b(?:break|breaks|broken|split|splits|divide|divided|group|groups|grouped|bucket|partition|tally|tallied"
    r"|aggregate|aggregated)"
    r"\b[^.?!]*$|\b(?:numbers|counts|statistics|stats|figures|overview|breakdown|distribution)\b[^.?!]*$"
)
# `models by framework`, and nothing else
_HEAD_ONLY = regex(r"^\s*(?:\{(?:topic|task|sensor|modality|license)\} )*\{(?:product|dataset|model)\} $")
_PERIOD_KEYS = frozenset({"year", "month", "season"})


def _divides(reading: Reading, found: Found) -> bool:
    """`break the models down by task`, `scenes by month`: groups, where `sorted by year` is an order."""
    before = reading.sheet()[: found.match.start()]
    if _HEAD_ONLY.match(before) and not reading.sheet()[found.match.end() :].strip(" ?."):
        return True
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


def used_most(reading: Reading) -> bool:
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


def most_of(reading: Reading) -> bool:
    """`the five publishers with the most models`: groups, the largest first, as many as the number says."""
    draft = reading.draft
    found = reading.find(_MOST_OF)
    if found is None or draft.group_by:
        return False
    bound = next(iter(found.marks(0, "bound")), None)
    keys = [one for one in found.marks(0) if one.kind not in ("bound", "dataset", "model", "product")]
    head = found.marks(0, "dataset", "model", "product")
    number = next(one for one in (2, 5) if found.text(one))
    name = key_of(reading, found.text(number), keys[:1] if found.text(number).startswith("{") else [])
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


def read_frequencies(reading: Reading) -> None:
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
            name = key_of(reading, word, [owner] if owner is not None else [])
            if name is None:
                continue
            if found.text(0).startswith("who"):
                name = "publisher"
            draft.group_by = [name]
            draft.aggregate = "count"
            few = re.search(r"\b(?:least|fewest|smallest|lowest)\b", found.text(0)) is not None
            draft.order = Order("count", "asc" if few else "desc")
            first = reading.tokens[start].norm
            many = reading.owner(start - 1)
            if many is not None and many.kind == "bound" and many.info.get("op") == "=" and not many.used:
                draft.limit = max(1, int(many.value[-1].value))
                reading.take(many, "limit")
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
