"""Relations between records: trained on, tested on, derived from, the same as, members of a family."""

from __future__ import annotations

import re

from nlq.lexis.lexicon import Entry
from nlq.question import Having, SameAreaAs
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.degrees import property_of

_R = r"\{(?:record|family|benchmark)\}"
_RS = (
    rf"((?:both |either |the |all of |any of )*{_R}(?: (?:dataset|datasets|data|set|benchmark"
    r"|\{dataset\}))?(?:(?: ,)?(?: (?:and|or|as well as|/|plus|and also|and on|or on|and the))?(?: the)? "
    rf"{_R})*)"
)
_TRAIN = (
    r"(?:pre ?- ?trained|pretrained|trained|learned|learnt|pre ?- ?train|pretrain|train|pre ?- ?training"
    r"|pretraining|training|schooled|taught)"
)
_TUNE = r"(?:fine ?- ?tuned|finetuned|fine ?- ?tune|finetune|fine ?- ?tuning|finetuning|adapted|tuned)"
_EVAL = (
    r"(?:evaluated|tested|scored|benchmarked|validated|assessed|measured|evaluate|test|benchmark|score"
    r"|evaluation|results?|performance|scores?|run|tried|\{dataset\})"
)
_ON = r"(?:on|with|using|upon|over|against|from|by means of|for|at)"
_ART = r"(?: (?:the|a|some|data|images|imagery|samples|patches|pictures|\{product\}|\{dataset\}|of|from|labels|parts))*"
VERBS = {
    "trained_on": ("trained_model", _TRAIN),
    "fine_tuned_on": ("fine_tuned_model", _TUNE),
    "evaluated_on": ("evaluated_model", _EVAL),
}
_METRIC = r"\{metric\}(?: (?:of|\{bound\}|score|scores|above|below|value|result|results))*"
_PERFORM = (
    r"(?:perform\w*|scor\w+|works?|does|doing|ranks?)(?: (?:the )?(?:best|well|better|worst|highest|lowest"
    r"|top))+"
)
_ON_RECORD = [
    (
        name,
        rule(
            rf"{verb}(?: (?:and|or) (?:evaluated|tested))?(?: (?:a|any|some|their|the)?"
            rf" ?(?:\{{model\}}|\{{architecture\}}))? (?:only |solely |exclusively |also )?{_ON}{_ART} {_RS}"
        ),
    )
    for name, verb in (
        *((name, verb) for name, (_, verb) in VERBS.items()),
        ("evaluated_on", _METRIC),
        ("evaluated_on", _PERFORM),
    )
]
_DATA_WORD = (
    r"(?:data|datasets?|data ?sets?|images|imagery|corpus|corpora|pictures|\{dataset\}|\{product\}|sets?"
    r"|material|samples)"
)
_OF_MODEL = [
    (inverse, rule(
        rf"(?:on|with|from|using) (?:what|which)(?: {_DATA_WORD})* (?:was|were|is|are|has|have|had"
        rf"|did)(?: the)? {_RS}(?: been| model| network| get| gets| ever| itself)*(?: first| "
        rf"originally)? {verb}",
        rf"(?:what|which)(?: {_DATA_WORD})* (?:was|were|is|are|has|did)(?: the)? {_RS}(?: been| model| "
        rf"network| get| gets| ever| itself)*(?: first| originally)? {verb}(?: {_ON})?",
        rf"{_DATA_WORD} (?:that|which|on which|with which|for which|behind|,)? ?(?:the )?(?:model "
        rf"|network )?{_RS} (?:was|were|is|are|has been|have been|had been)(?: originally| first)? "
        rf"{verb}(?: {_ON})?",
        rf"{_DATA_WORD}(?: (?:that|which))?(?: (?:was|were|is|are|has been|have been|got|been))* (?:used"
        r"|employed|needed|chosen|taken|served|serve)(?: (?:for|to|in|by|as))(?: the| a)?(?: "
        rf"{_DATA_WORD}| of)* {verb}(?: of|of the| the)*(?: model)? {_RS}",
        rf"{verb} (?:data|datasets?|sets?|corpus|corpora|images|imagery|\{{dataset\}}|material)(?: (?:of"
        rf"|for|behind|used for|used by|that made))+(?: the)? {_RS}",
        rf"(?:what|which)(?: {_DATA_WORD})* (?:did|does) (?:the )?{_RS} (?:learn|train|pre ?- ?train"
        r"|fine ?- ?tune) (?:on|from|with)",
        rf"{_DATA_WORD} (?:did|do|does|have|has|can|could)(?: [a-z]+| \{{attr\}}){{1,3}} (?:used?|taken?|chosen?) "
        rf"(?:to|for|when|in) {verb}(?: of)?(?: the)? {_RS}",
        rf"{_RS}(?: ' s)? {verb} (?:data|datasets?|sets?|corpus|\{{dataset\}})",
        rf"{_RS} (?:was|were|is|has been) {verb} (?:on|with|from) (?:what|which)(?: {_DATA_WORD})?",
    ))
    for _, (inverse, verb) in VERBS.items()
]  # fmt: skip
_HEAD_OF_MODEL = rule(
    r"(?:what (?:is|are|was|were) the |the )?\{(?:dataset|attr)\}(?: (?:of|for|behind|used for|used "
    rf"by|used to train|used in))+(?: the)? {_RS}"
)
_DERIVED = rule(
    r"(?:derived|made|built|created|compiled|extended|descended|adapted|drawn|sampled|extracted|stems?"
    r"|stemming|come|comes|generated|constructed|produced|assembled|based|extends?|extending|subsets?"
    r"|subset|extensions?|extension|successors?|builds?|building|re ?- ?labelled|relabelled|offshoots?|spin "
    r"?- ?offs?|versions?)(?: directly| in part| partly)? (?:from|on|of|upon|out of|to|version of|on top "
    rf"of)?(?: the)? ?{_RS}",
    r"(?:that )?(?:use|uses|reuse|reuses|re - use|re - uses|take|takes)(?: the)? "
    rf"\{{product\}} of (?:the )?{_RS}",
)
_STARTED = rule(
    r"(?:initiali[sz]ed|started|starting|starts?|begun|warm - started|bootstrapped|derived|adapted|built"
    r"|based|fine ?- ?tuned|finetuned|descended|distilled|initiali[sz]ation|initiali[sz]e[sd]?|init)(?: its "
    r"weights| their weights)? (?:from|with|on|by|off|out of|upon|on top of)(?: the)?(?: weights of| "
    rf"weights from| \{{model\}} of| \{{model\}} from)?(?: the)? {_RS}(?: weights| \{{model\}})?",
    rf"(?:with|use|using|have|from) {_RS} (?:weights|initiali[sz]ation|\{{model\}}|backbone"
    r"|init)",
)
_SAME = rule(
    r"(?:the )?(?:very |exact |exactly the |exactly |precisely the )?same (?:kind of |kinds of |sort of "
    r")?((?:\{(?:attr|counted|dataset|model|product|topic|task|band|modality|placekind|sensor|split)\}"
    r"|[a-z]+)(?: [a-z]+)?) (?:as|that|like|of|which|with)(?: the)?(?: one of| ones of| those of| that "
    rf"of| in| for)?(?: {_DATA_WORD})?(?: of| the)* {_R}",
    r"(?:shares?|sharing)(?: its| their| a| the| some| at least one)*(?: same)? ((?:\{[a-z_]+\}"
    rf"|[a-z]+)) with(?: the)? {_R}",
    r"(?:the )?same ((?:\{[a-z_]+\}|[a-z]+)) (?:is |are |was |were )?(?:used|covered|taken|seen|shown"
    rf"|needed|found|held) (?:by|in|for) (?:the )?{_R}",
    rf"((?:\{{[a-z_]+\}})) (?:in common with|like that of|identical to that of|like those of) (?:the )?{_R}",
)
_AREA_WORD = (
    r"(?:areas?|extent|regions?|footprints?|sites?|coverage|locations?|places?|territory|bounds|study "
    r"areas?|\{attr\}|\{placekind\}|spatial extent|ground|aoi|zone)"
)
_AREA = rule(
    r"(?:(?:over|in|of|for|within|inside|covering|across|on|at|from|overlapping|intersecting|cover|above"
    rf"|show|showing|where)(?: all| exactly| the| same| whole| very)* )?{_AREA_WORD}(?: (?:of|by|covered by"
    r"|that|which|covered in|in|sampled by|sampled in|as|where|on which|used in|used by|mapped by"
    rf"|mapped in))+(?: the)? {_R}(?: (?:\{{dataset\}}|dataset|data|covers|cover|has|have|samples|is|are"
    r"|was|were|recorded|lies|lie|annotated|\{product\}|labels|labelled|sites))*",
    rf"(?:over|in|of|for|within|inside|covering|across|at|overlapping) (?:the )?{_R}(?: \{{dataset\}})? "
    rf"?' s? {_AREA_WORD}",
    rf"(?:over|within|inside|covering|across|at|overlapping|in|where|wherever) (?:the )?{_R}(?: "
    rf"(?:dataset|\{{dataset\}}))? {_AREA_WORD}",
    rf"where(?:ver)? (?:the )?{_R}(?: \{{dataset\}})? (?:has|have|was|were|is|are|lies|took|holds"
    r"|contains)(?: its| their)?(?: \{[a-z_]+\}| samples| images| taken| recorded| located| collected"
    r"| labels| made)*",
    rf"(?:(?:the )?same )?{_AREA_WORD} as (?:the )?{_R}",
)
_PERIOD = rule(
    r"(?:in|during|over|from|within|for)?(?: the| same| whole| exact)* (?:period|time|times|years?"
    r"|dates?|time span|time range|timespan|time frame|timeframe|time extent|epoch)(?: (?:of|covered by"
    rf"|as|that|which|spanned by|in|when))+(?: the)? {_R}(?: (?:\{{dataset\}}|covers|cover|spans|was"
    r"|were|recorded|taken|made|imagery|\{product\}))*",
    rf"when (?:the )?{_R}(?: \{{dataset\}})? (?:was|were) (?:recorded|taken|acquired|captured|imaged|sensed)",
)
_FAMILY = rule(
    rf"(?:all|every|any|the|other|which|different|various)? ?({_R})(?: (?:model|dataset))? (?:variants?"
    r"|versions?|family|series|flavou?rs?|sizes|editions?|checkpoints?|line|siblings|members|collection"
    r"|derivatives|releases)",
    r"(?:all|every|members of the|variants of|versions of|flavou?rs of|sizes of|editions of"
    rf"|every version of|all versions of|any version of|members of)(?: the)? ({_R})(?: family"
    r"| series)?",
    r"(?:names?|titles?|called|named)(?: that)? (?:contains?|containing|starts? with"
    r"|starting with|beginning with|begins? with|with|includes?|including|have|has)(?: the "
    rf"word)? \"? ?({_R})",
)
_NUMBER = r"\{bound\}"
_DID = {
    "trained_on": _TRAIN,
    "fine_tuned_on": _TUNE,
    "evaluated_on": r"(?:evaluated|tested|scored|benchmarked|validated|assessed|measured|scores?|results?|tried"
    r"|compared|evaluations?)",
}
_HAVING_ON = [
    (name, inverse, rule(
        rf"{_DID[name]} (?:on|against|over|with) ({_NUMBER})(?: (?:or more|different|distinct|separate|other"
        r"|several))* (?:\{(?:dataset|attr|product|counted|model|topic)\}|data ?sets?|benchmarks?|sets)",
            rf"{_DID[name]} (?:on|against|over|with) (several|multiple|more than one|two|various|a number "
            r"of) (?:different )?(?:\{dataset\}|data ?sets?|benchmarks?)",
                         rf"(?:at least )?({_NUMBER}) (?:or more )?(?:different )?\{{dataset\}} {_DID[name]} on"))
    for name, (inverse, verb) in VERBS.items()
]  # fmt: skip
_HAVING_BY = [
    (inverse, rule(
        rf"({_NUMBER})(?: (?:or more|different|distinct|other))* \{{model\}} (?:were|was|are|have been|has "
        rf"been|got|that were)? ?{verb}",
                   rf"used (?:to|for|by) ?(?:{verb})?(?: by)? ({_NUMBER}) (?:or more )?(?:different )?\{{model\}}"))
    for _, (inverse, verb) in VERBS.items()
]  # fmt: skip
_NONE_BY = [
    (inverse, rule(
        r"(?:on which |that |which |for which )?(?:no|not any|not a single|none of the) (?:known "
        r")?\{model\} (?:in the catalogue )?(?:was|were|is|are|has|have|has been|have been|uses?|used)(?: "
        rf"ever| yet| been| known to be)*(?: {verb})?(?: on)?",
                   r"(?:not|never|n ' t)(?: yet| ever| been)* (?:used|served) (?:to|for)(?: the)? "
                   rf"{verb}(?: of)?(?: any| a| by any)? ?\{{model\}}"))
    for _, (inverse, verb) in VERBS.items()
]  # fmt: skip
_OPS = {
    "several": (">=", 2),
    "multiple": (">=", 2),
    "more than one": (">", 1),
    "two": ("=", 2),
    "various": (">=", 2),
    "a number of": (">=", 2),
}


def read_relations(reading: Reading) -> None:
    """Turn relations to named records into conditions, and settle the target where they do."""
    _having(reading)
    _same_as(reading)
    _areas(reading)
    for inverse, pattern in _OF_MODEL:
        for found in reading.find_all(pattern):
            _inverse(reading, found, inverse)
    for name, pattern in _ON_RECORD:
        for found in reading.find_all(pattern):
            _forward(reading, found, name)
    _training_head(reading)
    for pattern, name in ((_STARTED, "initialised_from"), (_DERIVED, "derived_from")):
        for found in reading.find_all(pattern):
            _origin(reading, found, name)
    for found in reading.find_all(_FAMILY):
        for mark in found.marks(0, "record", "family"):
            mark.info["family"] = True
            found.use("name")


def records(reading: Reading) -> list[Mark]:
    """Named records that no relation has used."""
    found = list(reading.of_kind("record", "family", unused=True))
    return found or _methods_as_names(reading)


_METHOD_NAME = rule(
    r"(?:of|than|does|do|is|was|has|for|about|did|are|by|behind|can) (?:the )?(\{pretraining\})(?= "
    r"(?!\{model\}|pre|weights))",
    r"(\{pretraining\}) (?:' s )?\{attr\}",
)


def _methods_as_names(reading: Reading) -> list[Mark]:
    """`number of parameters of SatMAE`: the models are called after their method."""
    found = reading.find(_METHOD_NAME)
    if found is None or (any(reading.of_kind("model", "model_type", "architecture")) and "than" not in found.text(0)):
        return []
    mark = next(iter(found.marks(0, "pretraining")))
    mark.kind = "family"
    mark.info["entry"] = Entry("family", str(mark.value), str(mark.value), "model")
    reading._version += 1
    return [mark]


def _level(mark: Mark) -> str:
    entry = mark.info.get("entry")
    return entry.level if entry is not None and entry.level else "dataset"


def _free(found: Found) -> list[Mark]:
    return [one for one in found.marks(0, "record", "family", "benchmark") if not one.used]


def _negated(reading: Reading, start: int) -> bool:
    before = " ".join(one.norm for one in reading.tokens[max(0, start - 4) : start])
    return bool(re.search(r"\b(?:not|never|n ' t|no|without)(?: \w+){0,2}$", before))


def _add(reading: Reading, found: Found, marks: list[Mark], name: str) -> None:
    text = found.text(0)
    values = [str(one.value) for one in marks]
    negative = _negated(reading, found.span()[0])
    if negative:
        for value in values:
            reading.draft.add(name, "not_contains", value)
    elif len(values) > 1 and " or " in text:
        reading.draft.add(name, "in", values)
    elif len(values) > 1:
        reading.draft.add(name, "contains_all", values)
    else:
        reading.draft.add(name, "=", values[0])
    for one in marks:
        reading.take(one, name)
    found.use(name)
    for one in found.marks(0, "dataset", "model", "attr"):
        one.info["taken"] = True


def _forward(reading: Reading, found: Found, name: str) -> None:
    marks = [one for one in _free(found) if _level(one) == "dataset" or one.kind == "benchmark"]
    if not marks:
        return
    if reading.draft.target not in (None, "model"):
        return
    if name == "evaluated_on" and not re.search(
        r"evaluat|test|scor|benchmark|validat|assess|measur|result|perform|tried|run|metric|works|does"
        r"|doing|rank",
        found.text(0),
    ):
        return
    reading.draft.target = "model"
    _add(reading, found, marks, name)
    if name == "trained_on" and re.search(r" and (?:evaluated|tested) ", found.text(0)):
        for one in marks:
            reading.draft.add("evaluated_on", "=", str(one.value))


def _inverse(reading: Reading, found: Found, name: str) -> None:
    marks = [one for one in _free(found) if _level(one) == "model"]
    if not marks or reading.draft.target not in (None, "dataset"):
        return
    reading.draft.target = "dataset"
    _add(reading, found, marks, name)


def _training_head(reading: Reading) -> None:
    """`training data of DOFA`: the head noun itself names the relation."""
    for found in reading.find_all(_HEAD_OF_MODEL):
        marks = [one for one in _free(found) if _level(one) == "model"]
        head = next(iter(found.marks(0, "dataset", "attr")), None)
        if not marks or head is None:
            continue
        text = reading.words(head.start, head.end).casefold()
        if "train" in text or "train" in found.text(0):
            name = "trained_model"
        elif "tuning" in text:
            name = "fine_tuned_model"
        elif "test" in text or "evaluation" in text:
            name = "evaluated_model"
        else:
            continue
        reading.draft.target = "dataset"
        _add(reading, found, marks, name)


def _origin(reading: Reading, found: Found, name: str) -> None:
    marks = _free(found)
    if not marks:
        return
    levels = {_level(one) for one in marks}
    others = [one for one in reading.of_kind("record", "family", unused=True) if one not in marks]
    heads = {one.kind for one in reading.of_kind("model", "dataset")}
    models = (
        "model" in levels
        or ("model" in heads and "dataset" not in heads)
        or any(_level(one) == "model" for one in others)
    )
    initial = name == "initialised_from"
    if initial and not models:
        return
    if not initial and models and levels == {"model"}:
        name = "initialised_from"
    if name == "derived_from" and not re.match(
        r"(?:that )?(?:derived|made|built|creat|compil|extend|extens|descend|adapt|drawn|sampl|extract"
        r"|stem|based|subset|generat|construct|produc|assembl|build|re|offshoot|spin|come|use|take"
        r"|success|version)",
        found.text(0),
    ):
        return
    if name == "derived_from" and _MAKING.match(found.text(0)) and not _SOURCE.search(found.text(0)):
        return
    reading.draft.target = "model" if name == "initialised_from" else "dataset"
    _add(reading, found, marks, name)


# `who made X` asks for makers; only `made from X` and the like speak of origins
_MAKING = re.compile(r"(?:that )?(?:made|built|created|compiled|drawn|generated|constructed|produced|assembled|come)\b")
_SOURCE = re.compile(r"\b(?:from|on|of|upon|to)\b")


def _same_as(reading: Reading) -> None:
    for found in reading.find_all(_SAME):
        marks = _free(found)
        if len(marks) != 1:
            continue
        attribute = next((one for one in found.marks(0) if one is not marks[0]), None)
        words = " ".join(one.norm for one in reading.tokens[found.span()[0] : marks[0].start])
        if re.search(r"\b(?:area|region|place|site|location|extent|footprint|territory|coverage)s?\b", words):
            continue
        if re.search(r"\b(?:period|time|date|year|month|dates|days)s?\b", words) and "publi" not in words:
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


def _target_for_same(reading: Reading, record: Mark) -> str:
    for mark in reading.of_kind("dataset", "model", "product"):
        if not mark.info.get("taken") and mark.end <= record.start and mark.kind != "product":
            return mark.kind
    for mark in reading.of_kind("dataset", "model"):
        return mark.kind
    return _level(record)


def _areas(reading: Reading) -> None:
    """`over the area of X`, `in the period of X`: for scenes, and for datasets other than X."""
    for found in reading.find_all(_AREA):
        marks = _free(found)
        if len(marks) != 1 or _level(marks[0]) != "dataset":
            continue
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
    for found in reading.find_all(_PERIOD):
        marks = found.marks(0, "record", "family")
        if len(marks) != 1 or not (any(reading.of_kind("product", "sensor")) or "same" in reading.norm):
            continue
        if marks[0].used and not reading.draft.places:
            continue
        reading.draft.time_same_as = str(marks[0].value)
        reading.take(marks[0], "time")
        found.use("time")


def _having(reading: Reading) -> None:
    for name, _inverse_name, pattern in _HAVING_ON:
        for found in reading.find_all(pattern):
            bound = next(iter(found.marks(0, "bound")), None)
            if bound is not None and not bound.used:
                op, value = bound.info["op"], int(bound.value[-1].value)
            elif found.text(1) in _OPS or any(found.text(one) in _OPS for one in range(1, found.match.re.groups + 1)):
                op, value = _OPS[
                    next(found.text(one) for one in range(1, found.match.re.groups + 1) if found.text(one) in _OPS)
                ]
            else:
                continue
            reading.draft.target = "model"
            _have(reading, found, bound, Having(name, op, value))
    for inverse, pattern in _HAVING_BY:
        for found in reading.find_all(pattern):
            bound = next(iter(found.marks(0, "bound")), None)
            if bound is None or bound.used:
                continue
            reading.draft.target = "dataset"
            _have(reading, found, bound, Having(inverse, bound.info["op"], int(bound.value[-1].value)))
    for inverse, pattern in _NONE_BY:
        for found in reading.find_all(pattern):
            if reading.draft.target is None and any(reading.of_kind("dataset")):
                reading.draft.target = "dataset"
                reading.draft.add(inverse, "not_exists")
                found.use(inverse)
                for one in found.marks(0, "model"):
                    one.info["taken"] = True


def _have(reading: Reading, found: Found, bound: Mark | None, having: Having) -> None:
    reading.draft.having = having
    if bound is not None:
        reading.take(bound, "having")
    found.use("having")
    for one in found.marks(0, "dataset", "model", "attr", "counted", "product"):
        one.info["taken"] = True
