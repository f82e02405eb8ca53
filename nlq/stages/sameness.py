"""Likeness to a named record: `the same sensors as X`, `over the area of X`, `in the period of X`."""

from __future__ import annotations

import re

from nlq.question import SameAreaAs, ValueOf
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.degrees import COMPARATIVES, property_of

RECORD = r"\{(?:record|family|benchmark)\}"
DATA_WORD = (
    r"(?:data|datasets?|data ?sets?|images|imagery|corpus|corpora|pictures|\{dataset\}|\{product\}|sets?"
    r"|material|samples)"
)
_SAME = rule(
    r"(?:the )?(?:very |exact |exactly the |exactly |precisely the )?same (?:kind of |kinds of |sort of "
    r")?((?:\{(?:attr|counted|dataset|model|product|topic|task|band|modality|placekind|sensor|split)\}"
    r"|[a-z]+)(?: [a-z]+)?) (?:as|that|like|of|which|with)(?: the)?(?: one of| ones of| those of| that "
    rf"of| in| for)?(?: {DATA_WORD})?(?: of| the)* {RECORD}",
    r"(?:shares?|sharing)(?: its| their| a| the| some| at least one)*(?: same)? ((?:\{[a-z_]+\}"
    rf"|[a-z]+)) (?:with|of)(?: the)? {RECORD}",
    r"(?:the )?same ((?:\{[a-z_]+\}|[a-z]+)) (?:is |are |was |were )?(?:used|covered|taken|seen|shown"
    rf"|needed|found|held) (?:by|in|for) (?:the )?{RECORD}",
    rf"((?:\{{[a-z_]+\}})) (?:in common with|like that of|identical to that of|like those of) (?:the )?{RECORD}",
)
_MAKERS = rule(
    r"(?:by|from|of) the (?:very )?(?:same )?(\{attr\}|makers?|authors?|creators?|people|team|group|lab|publishers?"
    r"|organi[sz]ations?"
    rf"|institut\w+)(?: (?:of|as|behind|that|who|made|published|which|also))+(?: the)? {RECORD}",
)
_AREA_WORD = (
    r"(?:areas?|extent|regions?|footprints?|sites?|coverage|locations?|places?|territory|bounds|study "
    r"areas?|\{attr\}|\{placekind\}|spatial extent|ground|aoi|zone)"
)
_AREA = rule(
    r"(?:(?:over|in|of|for|within|inside|covering|across|on|at|from|overlapping|intersecting|cover|above"
    rf"|show|showing|where)(?: all| exactly| the| same| whole| very)* )?{_AREA_WORD}(?: (?:of|by|covered by"
    r"|that|which|covered in|in|sampled by|sampled in|as|where|on which|used in|used by|mapped by"
    rf"|mapped in))+(?: the)? {RECORD}(?: (?:\{{dataset\}}|dataset|data|covers|cover|has|have|samples|is|are"
    r"|was|were|recorded|lies|lie|annotated|\{product\}|labels|labelled|sites))*",
    rf"(?:over|in|of|for|within|inside|covering|across|at|overlapping) (?:the )?{RECORD}(?: \{{dataset\}})? "
    rf"?' s? {_AREA_WORD}",
    rf"(?:over|within|inside|covering|across|at|overlapping|in|where|wherever) (?:the )?{RECORD}(?: "
    rf"(?:dataset|\{{dataset\}}))? {_AREA_WORD}",
    rf"where(?:ver)? (?:the )?{RECORD}(?: \{{dataset\}})? (?:has|have|was|were|is|are|lies|took|holds"
    r"|contains)(?: its| their)?(?: \{[a-z_]+\}| samples| images| taken| recorded| located| collected"
    r"| labels| made)*",
    rf"(?:(?:the )?same )?{_AREA_WORD} as (?:the )?{RECORD}",
)
_WHEN = r"(?:periods?|times?|years?|dates?|time span|time range|timespan|time frame|seasons?)"
_JOIN = r"(?: and(?: also)?| as well as|,? and)(?: (?:of|in|from|during|the|same|exact|over|for))*"
_OF = r"(?: (?:of|covered by|as|that|which|in|spanned by|sampled by|where|when))+(?: the)?"
_BOTH = rule(
    rf"{_AREA_WORD}{_JOIN} {_WHEN}{_OF} {RECORD}(?: (?:covers|cover|spans|was recorded|\{{dataset\}}))*",
    rf"{_WHEN}{_JOIN} {_AREA_WORD}{_OF} {RECORD}(?: (?:covers|cover|spans|was recorded|\{{dataset\}}))*",
)
_PERIOD = rule(
    r"(?:in|during|over|from|within|for)?(?: the| same| whole| exact)* (?:period|time|times|years?"
    r"|dates?|time span|time range|timespan|time frame|timeframe|time extent|epoch)(?: (?:of|covered by"
    rf"|as|that|which|spanned by|in|when))+(?: the)? {RECORD}(?: (?:\{{dataset\}}|covers|cover|spans|was"
    r"|were|recorded|taken|made|imagery|\{product\}))*",
    rf"when (?:the )?{RECORD}(?: \{{dataset\}})? (?:was|were) (?:recorded|taken|acquired|captured|imaged|sensed)",
)


def read_sameness(reading: Reading) -> None:
    """Turn likeness to a named record into conditions, places and times."""
    _same_as(reading)
    _also_same(reading)
    _makers(reading)
    _likes(reading)
    _both(reading)
    _areas(reading)


def level_of(mark: Mark) -> str:
    """Whether a name is that of a dataset or of a model."""
    entry = mark.info.get("entry")
    return entry.level if entry is not None and entry.level else "dataset"


def free(found: Found) -> list[Mark]:
    """Names in a match that nothing has used."""
    return [one for one in found.marks(0, "record", "family", "benchmark") if not one.used]


def _makers(reading: Reading) -> None:
    """`by the makers of X`: the same creator or publisher."""
    for found in reading.find_all(_MAKERS):
        marks = free(found)
        if len(marks) != 1:
            continue
        noun = next(iter(found.marks(1)), None)
        if noun is not None and noun.value not in ("creator", "publisher"):
            continue
        words = " ".join(one.norm for one in reading.tokens[slice(*found.span())])
        name = "publisher" if re.search(r"publish|provider|organi|institut", words) else "creator"
        reading.draft.target = _target_for_same(reading, marks[0])
        reading.draft.add(name, "same_as", str(marks[0].value))
        reading.draft.add("name", "!=", str(marks[0].value))
        reading.take(marks[0], name)
        if noun is not None:
            noun.info["taken"] = True
        found.use(name)


_LIKE = rule(
    rf"(\{{(?:dataset|model)\}}|something|anything|alternatives?|sets?|ones?)(?: (?:that|which|is|are|very|much|most"
    rf"|more|quite))* (?:like|similar to|comparable to|comparable with|akin to|resembling|alike|to)(?: the)? ({RECORD})"
    r"(?: (?:,|but|only|just|also|a bit|much))*(?: ([a-z]+))?",
)
# what is alike where nothing more is said
_ALIKE = {"dataset": "topic", "model": "model_type"}


def _likes(reading: Reading) -> None:
    """`datasets like X but with radar`, `something similar to X but smaller`: of the same topic or type."""
    draft = reading.draft
    found = reading.find(_LIKE)
    if found is None or (
        " to " in found.text(0) and not re.match(r"alternative|.*(?:similar|comparable|akin)", found.text(0))
    ):
        return
    marks = free(found)
    first = reading.sheet()[: found.match.start()]
    if len(marks) != 1 or re.search(r"\b(?:look|looks|than|how|what is|is it)\b", first):
        return
    target = level_of(marks[0])
    heads = found.marks(1, "dataset", "model")
    if heads and heads[0].kind != target:
        return
    name = str(marks[0].value)
    draft.target = target
    draft.add(_ALIKE[target], "same_as", name)
    draft.add("name", "!=", name)
    draft.assume(f"like {name} = of the same {_ALIKE[target].replace('_', ' ')}")
    table, direction = COMPARATIVES.get(found.text(3), ({}, ""))
    if target in table:
        draft.add(table[target], ">" if direction == "desc" else "<", ValueOf(table[target], name))
    reading.take(marks[0], _ALIKE[target])
    start, end = found.span(0)
    reading.use(start, end if target in table else marks[0].end, _ALIKE[target])


def _same_as(reading: Reading) -> None:
    for found in reading.find_all(_SAME):
        marks = free(found)
        if len(marks) != 1:
            continue
        attribute = next((one for one in found.marks(0) if one is not marks[0]), None)
        words = " ".join(one.norm for one in reading.tokens[found.span()[0] : marks[0].start])
        if re.search(r"\b(?:area|region|place|site|location|extent|footprint|territory|coverage)s?\b", words):
            continue
        verb = " ".join(one.norm for one in reading.tokens[max(0, found.span()[0] - 4) : found.span()[0]])
        published = re.search(r"publi|releas|came out|come out|appear|issued", f"{verb} {words}") is not None
        if published and re.search(r"\b(?:year|date)\b", words):
            reading.draft.target = _target_for_same(reading, marks[0])
            reading.draft.add("publication_year", "same_as", str(marks[0].value))
            reading.draft.add("name", "!=", str(marks[0].value))
            reading.take(marks[0], "publication_year")
            found.use("publication_year")
            continue
        if re.search(r"\b(?:period|time|date|year|month|dates|days)s?\b", words) and not published:
            reading.draft.time_same_as = str(marks[0].value)
            reading.take(marks[0], "time")
            found.use("time")
            continue
        target = _target_for_same(reading, marks[0])
        name = property_of(attribute, target) if attribute is not None else None
        before = " ".join(one.norm for one in reading.tokens[max(0, found.span()[0] - 4) : found.span()[0]])
        used = (
            "fine_tuned_on"
            if "tuned" in before
            else "evaluated_on"
            if re.search(r"evaluat|test|benchmark|scored", before)
            else "trained_on"
        )
        if target == "model" and re.search(r"\b(?:data|datasets?|corpus|images|imagery|set)\b", words) and name is None:
            name = used
        if name is None and attribute is not None:
            name = {
                "dataset": used if target == "model" else None,
                "model": "trained_model" if target == "dataset" else None,
                "topic": "topic",
                "task": "task",
                "sensor": "sensor",
                "band": "band",
                "modality": "modality",
            }.get(attribute.kind)
        if name is None:
            name = {
                "licence": "license",
                "satellites": "input_sensor" if target == "model" else "sensor",
                "authors": "creator",
                "people": "creator",
                "team": "creator",
                "group": "creator",
                "kind": "modality",
            }.get(words.split()[-2] if len(words.split()) > 1 else "")
        if name is None:
            continue
        if name == "trained_on" and target == "dataset":
            name = "trained_model"
        reading.draft.target = target
        reading.draft.add(name, "same_as", str(marks[0].value))
        reading.draft.add("name", "!=", str(marks[0].value))
        reading.take(marks[0], name)
        if attribute is not None:
            attribute.info["taken"] = True
            reading.take(attribute, name)
        found.use(name)


_ALSO_SAME = rule(
    r"(?:and|,|but)(?: (?:that|which|also|have|has|with|use|uses|of|were|was|are|is|been|published|released|came out))*"
    r" (?:in |at |under )?(?:the |its |their )?same (year|\{(?:attr|counted|task|topic|sensor|modality)\})(?! (?:as"
    r"|of|like))",
    r"(?:the )?same (\{(?:attr|counted|task|topic|sensor|modality)\})(?= and(?: the)? same)",
)


def _also_same(reading: Reading) -> None:
    """`with the licence of X and published in the same year`: the same record once more."""
    draft = reading.draft
    first = next((one for one in draft.filters if one.op == "same_as"), None)
    if first is None or not isinstance(first.value, str) or draft.target not in ("dataset", "model"):
        return
    for found in reading.find_all(_ALSO_SAME):
        mark = next(iter(found.marks(1)), None)
        if mark is not None and (mark.used or mark.info.get("taken")):
            continue
        name = "publication_year" if found.text(1) == "year" else property_of(mark, draft.target)
        if name is None and mark is not None:
            name = mark.kind if mark.kind in ("task", "topic", "sensor", "modality") else None
        if name is None or any(one.property == name and one.op == "same_as" for one in draft.filters):
            continue
        draft.add(name, "same_as", first.value)
        if mark is not None:
            mark.info["taken"] = mark.used = True
        found.use(name)


def _target_for_same(reading: Reading, record: Mark) -> str:
    for mark in reading.of_kind("dataset", "model", "product"):
        if not mark.info.get("taken") and mark.end <= record.start and mark.kind != "product":
            return mark.kind
    for mark in reading.of_kind("dataset", "model"):
        return mark.kind
    return level_of(record)


_ITS_PERIOD = rule(
    r"(?:in|during|from|within|for|over|and)(?: (?:its|their|the same|that|the very same|exactly that|whose))+ "
    r"(?:periods?|time|times|years?|dates?|time span|time range|timespan|time frame|seasons?|time extent)"
)


def _both(reading: Reading) -> None:
    """`of the area and the period of X`: both are those of the dataset."""
    for found in reading.find_all(_BOTH):
        marks = free(found)
        if len(marks) != 1 or level_of(marks[0]) != "dataset" or not any(reading.of_kind("product", "sensor")):
            continue
        reading.draft.places.append(SameAreaAs(str(marks[0].value)))
        reading.draft.relation = "intersects"
        reading.draft.time_same_as = str(marks[0].value)
        reading.take(marks[0], "place")
        found.use("place")
        for one in found.marks(0, "attr", "placekind", "dataset"):
            one.info["taken"] = True
            one.used = True


def _areas(reading: Reading) -> None:
    """`over the area of X`, `in the period of X`: for scenes, and for datasets other than X."""
    for found in reading.find_all(_AREA):
        marks = free(found)
        if len(marks) != 1 or level_of(marks[0]) != "dataset":
            continue
        if any(one.value != "coverage" and one.kind == "attr" for one in found.marks(0)):
            continue  # `the number of images in X`
        if not (any(reading.of_kind("product", "sensor")) or "same" in reading.norm) or re.search(
            r"\b(?:what|which)\b(?! (?:\{dataset|\{product|\{sensor|products|images|scenes|datasets))",
            reading.sheet()[: found.match.start() + 12],
        ):
            continue
        reading.draft.places.append(SameAreaAs(str(marks[0].value)))
        reading.draft.relation = "intersects"
        reading.take(marks[0], "place")
        found.use("place")
        for one in found.marks(0, "attr", "placekind", "dataset"):
            one.info["taken"] = True
            one.used = True
    areas = [one for one in reading.draft.places if isinstance(one, SameAreaAs)]
    if len(areas) == 1 and (its := reading.find(_ITS_PERIOD)) is not None and not any(reading.of_kind("time")):
        reading.draft.time_same_as = areas[0].name
        its.use("time")
    for found in reading.find_all(_PERIOD):
        marks = found.marks(0, "record", "family")
        if len(marks) != 1 or not (any(reading.of_kind("product", "sensor")) or "same" in reading.norm):
            continue
        if marks[0].used and not reading.draft.places:
            continue
        reading.draft.time_same_as = str(marks[0].value)
        reading.take(marks[0], "time")
        found.use("time")
