"""Conditions that a pattern names rather than a phrase: classes, agents, known or unknown values, families."""

from __future__ import annotations

import re

from nlq.lexis.attributes import FOR_MODELS
from nlq.lexis.grammar import STOP
from nlq.lexis.words import listed
from nlq.question import Having
from nlq.sheet.reading import Mark, Reading, rule
from nlq.stages.agents import read_agents
from nlq.stages.classes import read_classes, read_label_forms
from nlq.stages.degrees import property_of
from nlq.stages.negation import negation
from ontology.properties import PROPERTIES

_EXIST_NAMES = frozenset(
    listed(
        "doi paper homepage license publisher creator project funder version crs benchmark resolution_m "
        "coverage num_classes derived_from trained_on fine_tuned_on evaluated_on initialised_from pretraining "
        "topic split trained_model fine_tuned_model evaluated_model"
    )
)
_GIVEN = (
    r"(?:known|stated|given|documented|recorded|specified|listed|available|registered|published|own"
    r"|accompanying|proper|peer - reviewed|official|associated|assigned|declared|corresponding|scientific"
    r"|valid|any|the|a|an|their|its|clear|explicit|defined)"
)
_NONE = rule(
    r"(?:without|lacking|lack|lacks|missing|miss|misses|no|have no|has no|with no|not have|n ' t have|not "
    r"come with|n ' t come with|not list|not state|n ' t state|not give|n ' t give|not mention|not specify"
    r"|n ' t specify|not provide|not got|not name|n ' t name|n ' t mention|not known|never got|not been "
    rf"given|n ' t list)(?: (?:information|info|details?|statement|indication|mention|word|hint|fact|entry|note)s?"
    rf"(?: (?:about|on|of|regarding|for|as to))?(?: (?:a|the|their|its|any))*)?(?: {_GIVEN})* "
    rf"(\{{(?:attr|dataset|model|split)\}})",
    r"(?:whose |where the |where |the |of which the |for which the )?(\{(?:attr|dataset|split)\}) "
    r"(?:is|are|was|were|has|have|remains?) (?:not|n ' t|un|missing|unknown|unstated|unspecified|undocumented|not "
    rf"been|never|nowhere|absent|left out|left blank|empty|unclear|undisclosed)(?: {_GIVEN})*",
    r"(?:unknown|unspecified|unstated|missing|undocumented|undisclosed|unclear) "
    r"(\{(?:attr|dataset)\})",
)
_NEVER_IN = rule(
    r"(?:never|not|n ' t)(?: (?:been|yet|ever))* (?:published|described|documented|presented|introduced)(?: in| with"
    r"| by| as)(?: (?:a|any|an|some|the))* (\{attr\})"
)
_SOME = rule(
    r"(?:with|have|has|having|come with|comes with|coming with|provide|provides|providing|list|lists"
    r"|listing|state|states|stating|give|gives|giving|got|carry|carries|include|includes|including|there is"
    r"|there ' s|own|mention|mentions|mentioning|name|names|naming|specify|specifies|specifying|bear|bears"
    r"|assigned|ship with|ships with|possess|offer|offers|accompanied by|documented by|described in|backed "
    rf"by|declare|declares)(?: {_GIVEN})* (\{{(?:attr|split)\}})",
    rf"(?:\{{placekind\}}|\{{counted\}})(?: {_GIVEN})+ (\{{attr\}})",
    rf"(?:whose |where the |where )(\{{attr\}}) (?:is|are|was|were|has been|have been)(?: {_GIVEN})+",
    r"(?:with |of )?(?:known|stated|documented|specified) (\{attr\})",
    rf"(?:for which|of which) (?:the |a |an )?(\{{attr\}}) (?:is|are|was|were|has been|have been)(?: {_GIVEN})+",
)
_MANY = rule(
    r"(\{bound\}|several|multiple|more than one|two or more|various|many different)(?: (?:or more"
    r"|different|distinct|separate|kinds of|types of|input|image|label|predefined|known|named|of|the))* "
    r"(\{(?:attr|sensor|modality|task|topic|dataset|model|product|license|annotation_type|band|split)\}"
    r"|authors?|satellites|missions|sensors|publishers)"
)
_HAVING_WORDS = {
    "author": "creator",
    "satellite": "sensor",
    "mission": "sensor",
    "sensor": "sensor",
    "publisher": "publisher",
    "satellites": "sensor",
}
_GLOBAL = rule(
    r"(?:global|globally|worldwide|world ?- ?wide|(?:all )?(?:over|around|across|of|covering|spanning"
    r"|from|in|for) the (?:whole |entire |whole wide )?(?:world|globe|planet)|(?:from|on) (?:all|every) "
    r"continents?|planet ?- ?wide|whole world|entire (?:world|globe|planet|earth)|global (?:coverage"
    r"|scale|extent))(?: coverage| scale| extent)?"
)


def _global(reading: Reading) -> None:
    """Datasets that cover the world."""
    for found in reading.find_all(_GLOBAL):
        start = found.span()[0]
        if found.text(0).startswith("in the world") and re.search(
            r"(?:est|most|least)\b[^?]*$", reading.sheet()[: found.match.start()]
        ):
            continue

        if negation(reading, start) or re.match(
            r"(?:\{[a-z]+\} )?(?:aside|excluded|excepted|left out|not counted)",
            reading.sheet()[found.match.end() :].lstrip(),
        ):
            reading.draft.add("coverage", "!=", "global")
        else:
            reading.draft.add("coverage", "=", "global")
        found.use("coverage")
        for mark in found.marks(0):
            mark.info["taken"] = True
            mark.used = True
        return


_SUBMETRE = rule(
    r"(?:sub ?- ?met(?:re|er)|submet(?:re|er))(?: (?:resolution|gsd|\{attr\}))?", r"below (?:one|a) met(?:re|er)"
)
_VERY_HIGH = rule(
    r"(?:very ?- ?high ?- ?(?:spatial ?- ?)?(?:resolution|\{attr\})|vhr|ultra ?- ?high ?- ?(?:resolution|\{attr\})"
    r"|very (?:sharp|fine|detailed))"
)


def _fineness(reading: Reading) -> None:
    """`sub-metre`, `very high resolution` (convention 8)."""
    for pattern, op in ((_SUBMETRE, "<"), (_VERY_HIGH, "<=")):
        found = reading.find(pattern)
        if found is not None and not reading.draft.values_of("resolution_m"):
            reading.draft.add("resolution_m", op, 1)
            if op == "<=":
                reading.draft.assume("very high resolution = 1 m or finer")
            found.use("resolution_m")
            for mark in found.marks(0):
                mark.info["taken"] = True
                mark.used = True


def read_details(reading: Reading) -> None:
    """Conditions named by a pattern; needs the target."""
    draft = reading.draft
    if draft.target in ("dataset", "any") and not draft.returns:
        _global(reading)
        _fineness(reading)
    if draft.target is None or draft.target == "product":
        return
    read_agents(reading)
    _benchmarks(reading)
    if draft.target == "dataset" and not draft.returns:
        _landscapes(reading)
        read_classes(reading)
        read_label_forms(reading)
    if not draft.returns and not draft.compare:
        _keywords(reading)
        _counts(reading)
        _existence(reading)


_LAND = r"(?:\{(?:topic|placekind|scene_type|class|place)\}|[a-z]+)"
_LANDSCAPE = rule(
    rf"({_LAND}(?: ?,? ?(?:and|or|,|/|as well as) {_LAND}){{0,4}}) "
    r"(?:landscapes?|scenery|environments?|terrain|settings|(?P<scenes>\{product\}))"
)
_THEMES = frozenset(("urban", "city", "forest"))
_LANDS = {
    "urban": "urban", "city": "urban", "rural": "rural", "village": "rural", "coastal": "coastal", "coast": "coastal",
    "forest": "forest", "forested": "forest", "mountain": "mountain", "mountainous": "mountain", "alpine": "mountain",
    "mountains": "mountain", "desert": "desert", "arid": "desert", "agricultural": "agricultural", "farmland":
    "agricultural", "farming": "agricultural", "marine": "marine", "ocean": "marine", "polar": "polar",
    "arctic": "polar",
}  # fmt: skip


def _landscapes(reading: Reading) -> None:
    """`polar or mountain landscapes`: kinds of landscape."""
    for found in reading.find_all(_LANDSCAPE):
        start, end = found.span(1)
        if found.text("scenes") and reading.tokens[found.span()[1] - 1].norm not in ("scene", "scenes"):
            continue
        words = [one.norm for one in reading.tokens[start:end]]
        if found.text("scenes") and _THEMES & set(words):
            continue  # `urban scenes` names a theme
        values = list(dict.fromkeys(_LANDS[one] for one in words if one in _LANDS))
        if not values or any(one.is_word and one.norm not in _LANDS and one.norm not in STOP
                             for one in reading.tokens[start:end]):  # fmt: skip
            continue
        if negation(reading, start):
            for value in values:
                reading.draft.add("scene_type", "not_contains", value)
        elif len(values) == 1:
            reading.draft.add("scene_type", "=", values[0])
        else:
            reading.draft.add("scene_type", "in" if "or" in words else "contains_all", values)
        found.use("scene_type")
        for mark in found.marks(0):
            mark.info["taken"] = True
            mark.used = True


_BENCHMARK = rule(
    r"(\{(?:benchmark|record|family|agent)\})(?: \{dataset\}| \{attr\}| benchmark| suite| challenge"
    r"| collection| competition| contest)*"
)


def _benchmarks(reading: Reading) -> None:
    if reading.draft.target != "dataset":
        return
    for found in reading.find_all(_BENCHMARK):
        mark = found.marks(1)[0]
        if mark.used or mark.info.get("family"):
            continue
        entries = [one for one in mark.info.get("entries", ()) if one.kind == "benchmark"]
        after = " ".join(one.norm for one in reading.tokens[mark.end : mark.end + 2])
        before = " ".join(one.norm for one in reading.tokens[max(0, mark.start - 4) : mark.start])
        noun = next((one for one in found.marks(0, "attr") if one.value == "benchmark"), None)
        if mark.kind != "benchmark" and not (
            (entries or noun is not None)
            and (
                re.search(r"benchmark|suite|challenge|contest|competition", after)
                or re.search(r"\b(?:part of|members? of|belong(?:s|ing)? to|included in|from|of)(?: the)?$", before)
            )
        ):
            continue
        reading.draft.add("benchmark", "=", entries[0].value if entries else str(mark.value))
        if noun is not None:
            noun.info["taken"] = True
        reading.take(mark, "benchmark")
        found.use("benchmark")


_LISTING = frozenset({"the", "top", "which", "what", "name", "list", "show", "me", "first", "give"})


def _counts(reading: Reading) -> None:
    """`several sensors`, `more than one author`: how many values a property has."""
    draft = reading.draft
    if draft.having is not None:
        return
    for found in reading.find_all(_MANY):
        if reading.tokens[found.span()[0] - 1].norm == "how":
            continue
        bound = next(iter(found.marks(1, "bound")), None)
        if (
            bound is not None
            and bound.info.get("op") == "="
            and (bound.start == 0 or reading.tokens[bound.start - 1].norm in _LISTING)
        ):
            continue  # `the five publishers with the most models`
        owner = next(iter(found.marks(2)), None)
        word = found.text(2).rstrip("s")
        if owner is not None and (owner.used or owner.info.get("taken")):
            continue
        plural = reading.tokens[found.span(2)[1] - 1].norm
        name = _HAVING_WORDS.get(word)
        if owner is not None:
            name = property_of(owner, draft.target)
            if name is None and owner.kind in ("sensor", "modality", "task", "topic", "band"):
                name = (
                    owner.kind
                    if plural.rstrip("s") in ("sensor", "satellite", "task", "topic", "modality", "modalitie", "theme")
                    else None
                )
        if name is None:
            continue
        if draft.target == "model":
            name = FOR_MODELS.get(name, name)
        row = PROPERTIES.get(name)
        if (
            row is None
            or not row.many
            or draft.target not in row.targets
            or name in ("class_label", "band", "input_band")
        ):
            continue
        kinds = re.search(r"\b(?:kinds|types|sorts) of\b", found.text(0)) is not None
        if not plural.endswith("s") and plural not in ("data",) and found.text(1) != "more than one" and not kinds:
            continue
        if bound is not None and not bound.used and not bound.value[-1].kind:
            draft.having = Having(name, bound.info["op"], int(bound.value[-1].value))
            reading.take(bound, "having")
        elif bound is None:
            draft.having = Having(
                name, ">" if found.text(1) == "more than one" else ">=", 1 if found.text(1) == "more than one" else 2
            )
        else:
            continue
        if owner is not None:
            owner.info["taken"] = True
            reading.take(owner, "having")
        found.use("having")
        return


_KEYWORD = rule(r"(\{attr\}|tagged|tags?)(?: (?:as|with|:|=|is|being|named|called|word|\"))* (?=[a-z{])")
_KEYWORD_END = frozenset(listed("and or in for with that which from on of at by about the a an"))


def _keywords(reading: Reading) -> None:
    """`keyword: deep learning`, `tagged agriculture`."""
    found = reading.find(_KEYWORD)
    if found is None or any(one.value != "keyword" for one in found.marks(1)) or reading.draft.group_by:
        return
    start = end = found.span()[1]
    while end < min(len(reading.tokens), start + 3):
        token = reading.tokens[end]
        if not token.is_word or token.norm in _KEYWORD_END:
            break
        end += 1
    words = reading.words(start, end)
    if not words or words in ("dataset", "datasets", "models", "model"):
        return
    reading.draft.add("keyword", "not_contains" if negation(reading, found.span()[0]) else "=", words)
    for mark in [one for one in reading.marks if found.span()[0] <= one.start < end]:
        mark.info["taken"] = mark.used = True
    reading.use(found.span()[0], end, "keyword")


_CALLED = rule(
    r"(?:with|has|have|having|carry|carries|under|got|own) (?:a|an|its own|their own|some) [a-z0-9]+ (\{attr\})"
)
_PAPERS = frozenset({"doi", "paper", "homepage"})


def _existence(reading: Reading) -> None:
    draft = reading.draft
    for found in reading.find_all(_CALLED):  # `with a Zenodo DOI`: the other word is reported
        mark = found.marks(1)[0]
        if mark.value in _PAPERS and not mark.used and not mark.info.get("taken"):
            draft.add(str(mark.value), "exists")
            mark.info["taken"] = True
            reading.take(mark, str(mark.value))
    for pattern, op in ((_NEVER_IN, "not_exists"), (_NONE, "not_exists"), (_SOME, "exists")):
        for found in reading.find_all(pattern):
            owner = next((one for number in range(1, found.match.re.groups + 1) for one in found.marks(number)), None)
            if owner is None or owner.used or owner.info.get("taken"):
                continue
            after = reading.owner(owner.end)
            if after is not None and after.kind in ("bound", "number", "license", "record") and op == "exists":
                continue
            name = property_of(owner, draft.target)
            if owner.kind in ("dataset", "model"):
                name = _relation_name(reading, owner, draft.target)
            if name not in _EXIST_NAMES or name == "topic":
                continue
            following = reading.owner(found.span()[1])
            if following is not None and following.kind in ("license", "access", "format", "sensor", "agent", "bound"):
                continue  # `whose licence is not MIT` denies the value
            if (
                name in ("license",)
                and op == "exists"
                and re.match(
                    r" (?:that|which|to|allow|permit|for|other than|different from|except)",
                    " " + " ".join(one.norm for one in reading.tokens[owner.end : owner.end + 2]),
                )
            ):
                continue
            draft.add(name, op)
            owner.info["taken"] = True
            reading.take(owner, name)
            found.use(name)
            _and_others(reading, owner, op)


_ARTICLES = frozenset(listed("a an the any its their and or nor , /"))


def _and_others(reading: Reading, mark: Mark, op: str) -> None:
    """`a DOI or a paper`: what is listed after a fact that is known is known as well."""
    index = mark.end
    while index < len(reading.tokens) and reading.owner(index) is None and reading.tokens[index].norm in _ARTICLES:
        index += 1
    after = reading.owner(index)
    joined = {one.norm for one in reading.tokens[mark.end : index]} & {"and", "or", "nor", ","}
    if after is None or after.kind != "attr" or after.used or after.info.get("taken") or not joined:
        return
    name = property_of(after, reading.draft.target)
    if name in _EXIST_NAMES and name != "topic":
        reading.draft.add(name, op)
        after.info["taken"] = True
        reading.take(after, name)
        _and_others(reading, after, op)


def _relation_name(reading: Reading, mark: Mark, target: str | None) -> str | None:
    words = reading.words(mark.start, mark.end).casefold()
    if target == "model":
        return "trained_on" if "train" in words else "evaluated_on" if "benchmark" in words or "test" in words else None
    return None
