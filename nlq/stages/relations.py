"""Relations between records: trained on, tested on, derived from, the same as, members of a family."""

from __future__ import annotations

import re

from nlq.lexis.lexicon import Entry
from nlq.question import Having
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.related import DID_TEST, EVAL, TRAIN, TUNE, VERBS, both_for, but_not, model_on, same_data, verb_name
from nlq.stages.sameness import DATA_WORD, RECORD, free, level_of, read_sameness

_RS = (
    rf"((?:both |either |neither |the |all of |any of )*{RECORD}(?: (?:dataset|datasets|data|set|benchmark"
    r"|\{dataset\}))?(?:(?: ,)?(?: (?:and|or|as well as|/|plus|and also|and on|or on|and the|nor(?: on)?"
    r"|(?:but |and )?(?:not|never)(?: (?:on|with|from))?|rather than(?: on)?|instead of(?: on)?|without))?(?: the)? "
    rf"{RECORD})*)"
)
_NUMBER = r"\{bound\}"
_ON = r"(?:on|with|using|upon|over|against|from|by means of|for|at)"
_ART = r"(?: (?:the|a|some|data|images|imagery|samples|patches|pictures|\{product\}|\{dataset\}|of|from|labels|parts))*"
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
        (
            "evaluated_on",
            r"(?:best|top|worst|leading|strongest)(?: (?:performing|scoring|\{task\}|\{bound\}))* \{model\}",
        ),
    )
]
_OF_MODEL = [
    (inverse, rule(
        rf"(?:what ' s|whats|what s|what ' re)(?: the)? {_RS}(?: (?:been|ever|originally|actually))* {verb} {_ON}?",
        rf"(?:was|were|is|are|has|have)(?: the)? {_RS}(?: been| ever| also)* {verb} (?:on|with|from)(?= (?:\?|\.|$))"
        if verb != EVAL else
        rf"(?:was|were|is|are|has|have)(?: the)? {_RS}(?: been| ever| also)* {DID_TEST} (?:on|with|against)"
        r"(?= (?:\?|\.|$))",
        rf"(?:on|with|from|using) (?:what|which)(?: {DATA_WORD})* (?:was|were|is|are|has|have|had"
        rf"|did)(?: the)? {_RS}(?: been| model| network| get| gets| ever| itself)*(?: first| "
        rf"originally)? {verb}",
        rf"(?:what|which)(?: {DATA_WORD})* (?:was|were|is|are|has|have|did)(?: the)? {_RS}(?: been| model| "
        rf"network| get| gets| ever| itself)*(?: first| originally)? {verb}(?: {_ON})?",
        rf"{DATA_WORD} (?:that|which|on which|with which|for which|behind|,)? ?(?:the )?(?:model "
        rf"|network )?{_RS} (?:was|were|is|are|has been|have been|had been)(?: originally| first)? "
        rf"{verb}(?: {_ON})?",
        rf"{DATA_WORD}(?: (?:that|which))?(?: (?:was|were|is|are|has been|have been|got|been))* (?:used"
        r"|employed|needed|chosen|taken|served|serve)(?: (?:for|to|in|by|as))(?: the| a)?(?: "
        rf"{DATA_WORD}| of)* {verb}(?: of|of the| the)*(?: model)? {_RS}",
        rf"{DATA_WORD} (?:(?:that|which|from which|on which|with which) )?(?:the )?{_RS}"
        rf"(?: (?:have|has|had|all|both|ever|once|alike|jointly))* {verb} (?:from|on|with)(?= (?:\W|$))",
        rf"{verb} (?:data|datasets?|sets?|corpus|corpora|images|imagery|\{{dataset\}}|material)(?: (?:of"
        rf"|for|behind|used for|used by|that made))+(?: the)? {_RS}",
        rf"(?:what|which)(?: {DATA_WORD})* (?:did|does) (?:the )?{_RS} (?:learn|train|pre ?- ?train"
        r"|fine ?- ?tune) (?:on|from|with)",
        rf"{DATA_WORD} (?:did|do|does|have|has|can|could)(?: [a-z]+| \{{attr\}}){{1,3}} (?:used?|taken?|chosen?) "
        rf"(?:to|for|when|in) {verb}(?: of)?(?: the)? {_RS}",
        rf"{_RS}(?: ' s)? {verb} (?:data|datasets?|sets?|corpus|\{{dataset\}})",
        rf"{_RS} (?:was|were|is|has been) {verb} (?:on|with|from) (?:what|which)(?: {DATA_WORD})?",
    ))
    for _, (inverse, verb) in VERBS.items()
]  # fmt: skip
_USED_FOR = [
    (name, rule(
        rf"{_RS}(?: (?:ever|been|already))* (?:used|employed|taken) (?:to|for|in|when) (?:the )?{verb}(?: of)?"
        r"(?: (?:any|a|an|some|other|existing|at least one|one))* \{model\}"))
    for name, (_, verb) in VERBS.items()
]  # fmt: skip
_USED_AS = [
    (name, rule(
        rf"{_RS}(?: (?:ever|been|already|was|were|is|has|have))* (?:used|employed|taken|chosen) (?:to|for|in|as|during)"
        rf" (?:the |a )?{verb}(?= |$)(?! (?:of )?(?:any |a |an )?\{{model\}})"))
    for name, (_, verb) in VERBS.items()
]  # fmt: skip
_USED_TO = rule(
    rf"(?:what|which(?: \{{model\}})?|what \{{model\}}) (?:was|were|is|has|have)(?: the)? {_RS}(?: been)? (?:used"
    rf"|taken|employed)"
    rf" (?:to|for|in) (?:the )?{TRAIN}"
)
_HEAD_OF_MODEL = rule(
    r"(?:what (?:is|are|was|were) the |the )?\{(?:dataset|attr)\}(?: (?:of|for|behind|used for|used "
    rf"by|used to train|used in))+(?: the)? {_RS}",
    rf"(?:data|images|imagery|pictures) (?:behind|that made|which made|that fed|used to train|used by)(?: the)? {_RS}",
)
_DERIVED = rule(
    r"(?:derived|made|built|created|compiled|extended|descended|adapted|drawn|sampled|extracted|stems?"
    r"|stemming|come|comes|generated|constructed|produced|assembled|based|extends?|extending|subsets?"
    r"|subset|extensions?|extension|successors?|builds?|building|re ?- ?labelled|relabelled|offshoots?|spin "
    r"?- ?offs?|versions?)(?: directly| in part| partly)? (?:from|on|of|upon|out of|to|version of|on top "
    rf"of)?(?: the)? ?{_RS}",
    r"(?:cutting up|cutting|cropping|re ?- ?labelling|relabelling|relabeling|extending|sub ?- ?setting|subsampling"
    r"|filtering|reprocessing|re ?- ?annotating|cleaning|augmenting|merging|splitting|tiling)(?: (?:or"
    r"|and) (?:cutting up"
    r"|cutting|cropping|re ?- ?labelling|relabelling|relabeling|extending|subsetting|filtering|reprocessing|cleaning"
    rf"|tiling))?(?: the)? {_RS}",
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
_FROM_SEVERAL = rule(
    r"(?:derived|made|built|created|compiled|combined|merged|drawn|assembled|put together|based)(?: [a-z]+)? (?:from|on"
    rf"|of|out of) ({_NUMBER}|several|multiple|more than one|two or more|various)(?: (?:or more|other|different"
    r"|existing|separate|distinct))* (?:\{dataset\}|data ?sets?|benchmarks?)",
)
_TWO_VERBS = rule(
    rf"(neither |not |never )?({TRAIN}|{TUNE}|{DID_TEST}) (?:or|nor|and)(?: (?:then|also|later))? "
    rf"({TRAIN}|{TUNE}|{DID_TEST}) (?:on|with|using|against) {_RS}",
)
_FROM_NONE = rule(
    r"(?:not|never|n ' t)(?: (?:been|itself|themselves))* (?:derived|made|built|compiled|sampled|adapted) (?:from|on"
    r"|out of)"
    r" (?:(?:anything|\{anyhead\})(?: else)?|any(?: other)?(?: (?:existing|earlier|older))? \{dataset\}"
    r"|another \{dataset\}"
    r"|other \{dataset\})",
)
_STARTED_METHOD = rule(
    r"(?:initiali[sz]ed|started|starting|starts?|warm - started|bootstrapped|initiali[sz]ation)(?: its weights"
    r"| their weights)? (?:from|with|on|by|off|out of|upon|on top of)(?: the)? (\{pretraining\})"
    r"(?= (?:weights|\{model\}|checkpoints?|[.?!]|$))",
)
_SAW = rule(
    rf"(?:saw|seen|sees?|met|came across|used|ingested|consumed|fed|with) {_RS} (?:during|in|at|for|while) (?:the |its "
    rf"|their )*(?:{TRAIN}|{TUNE}|\{{(?:task|attr)\}})",
)
_FAMILY = rule(
    rf"(?:all|every|any|the|other|which|different|various)? ?({RECORD})(?: (?:model|dataset))? (?:variants?"
    r"|versions?|family|series|flavou?rs?|sizes|editions?|checkpoints?|line|siblings|members|collection"
    r"|derivatives|releases)",
    r"(?:all|every|members of the|variants of|versions of|flavou?rs of|sizes of|editions of"
    rf"|every version of|all versions of|any version of|members of)(?: the)? ({RECORD})(?: family"
    r"| series)?",
    r"(?:names?|titles?|called|named)(?: that)? (?:contains?|containing|starts? with"
    r"|starting with|beginning with|begins? with|with|includes?|including|have|has)(?: the "
    rf"word)? \"? ?({RECORD})",
)
_DID = {
    "trained_on": TRAIN,
    "fine_tuned_on": TUNE,
    "evaluated_on": r"(?:evaluated|tested|scored|benchmarked|validated|assessed|measured|scores?|results?|tried"
    r"|compared|evaluations?)",
}
_HAVING_ON = [
    (name, inverse, rule(
        rf"{_DID[name]} (?:on|against|over|with|from) ({_NUMBER})(?: (?:or more|different|distinct|separate|other"
        r"|several))* (?:\{(?:dataset|attr|product|counted|model|topic)\}|data ?sets?|benchmarks?|sets)",
            rf"{_DID[name]} (?:on|against|over|with|from) (several|multiple|more than one|two|various|a number "
            r"of) (?:different )?(?:\{dataset\}|data ?sets?|benchmarks?)",
                         rf"(?:at least )?({_NUMBER}) (?:or more )?(?:different )?\{{dataset\}} {_DID[name]} on"))
    for name, (inverse, verb) in VERBS.items()
]  # fmt: skip
_HAVING_BY = [
    (inverse, rule(
        rf"({_NUMBER})(?: (?:or more|different|distinct|other))* \{{model\}} (?:were|was|are|have been|has "
        rf"been|been|got|that were)? ?{verb}",
                   rf"(?:used|served|serve|employed|taken) (?:to|for|by|in)(?: the)? ?(?:{verb})?(?: by"
                   rf"| of)? ({_NUMBER}) (?:or more )?(?:different )?\{{model\}}"))
    for _, (inverse, verb) in VERBS.items()
]  # fmt: skip
_NONE_BY = [
    (inverse, rule(
        r"(?:on which |that |which |for which )?(?:no|not any|not a single|none of the) (?:known "
        r")?\{model\} (?:in the catalogue )?(?:was|were|is|are|has|have|has been|have been|uses?|used)(?: "
        rf"ever| yet| been| known to be)*(?: {verb})?(?: on)?",
        rf"(?:has|have|had|was|were|did) (?:no|not any|not a single|none of the) (?:known )?\{{model\}}(?: ever| yet"
        rf"| been| get| known to be)* {verb}(?: on| with)?",
                   r"(?:not|never|n ' t)(?: yet| ever| been)* (?:used|served) (?:to|for)(?: the)? "
                   rf"{verb}(?: of)?(?: any| a| by any)? ?\{{model\}}",
        rf"(?:not|never|n ' t)(?: yet| ever| been)* (?:used|served|taken) (?:to|for|in|as)(?: the| a)? {verb}"
        r"(?: (?:of|by)(?: any| a)? \{model\})?(?= [.?!,]| ?$)"))
    for _, (inverse, verb) in VERBS.items()
]  # fmt: skip
_ON_NONE = [
    (name, rule(
        rf"{_DID[name]} (?:on|with|from|against) (?:no|not any|none|none of the|no single)(?: (?:known|public|listed"
        rf"|other|named|stated))*"
        r" \{(?:dataset|attr|product)\}"))
    for name in VERBS
]  # fmt: skip
_SEVERAL = {"several": (">=", 2), "multiple": (">=", 2), "more than one": (">", 1), "two or more": (">=", 2),
            "various": (">=", 2)}  # fmt: skip
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
    read_sameness(reading)
    same_data(reading)
    model_on(reading)
    both_for(reading)
    for found in reading.find_all(_TWO_VERBS):
        _two_verbs(reading, found)
    for name, pattern in _USED_FOR:
        for found in reading.find_all(pattern):
            _forward(reading, found, name)
    if any(reading.of_kind("model")):
        for name, pattern in _USED_AS:
            for found in reading.find_all(pattern):
                _forward(reading, found, name)
    for found in reading.find_all(_USED_TO):
        _forward(reading, found, "trained_on")
    for inverse, pattern in _OF_MODEL:
        for found in reading.find_all(pattern):
            _inverse(reading, found, inverse)
    for name, pattern in _ON_RECORD:
        for found in reading.find_all(pattern):
            _forward(reading, found, name)
    for found in reading.find_all(_SAW):
        tuned = re.search(r"tun", found.text(0)) is not None
        _forward(reading, found, "fine_tuned_on" if tuned else "trained_on")
    _training_head(reading)
    for found in reading.find_all(_STARTED_METHOD):
        mark = found.marks(1)[0]
        if not mark.used and reading.draft.target in (None, "model"):
            reading.draft.target = "model"
            _add(reading, found, [mark], "initialised_from")
    for pattern, name in ((_STARTED, "initialised_from"), (_DERIVED, "derived_from")):
        for found in reading.find_all(pattern):
            _origin(reading, found, name)
    for found in reading.find_all(_FAMILY):
        for mark in found.marks(0, "record", "family"):
            mark.info["family"] = True
            found.use("name")


def _two_verbs(reading: Reading, found: Found) -> None:
    """`neither trained nor fine-tuned on X`."""
    marks = [one for one in free(found) if level_of(one) == "dataset" or one.kind == "benchmark"]
    names = [verb_name(found.text(number)) for number in (2, 3)]
    if not marks or len(set(names)) < 2 or reading.draft.target not in (None, "model"):
        return
    reading.draft.target = "model"
    negative = bool(found.text(1)) or _negated(reading, found.span()[0])
    for name in names:
        for mark in marks:
            reading.draft.add(name, "not_contains" if negative else "=", str(mark.value))
    for mark in marks:
        reading.take(mark, names[0])
    found.use(names[0])


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


def _negated(reading: Reading, start: int) -> bool:
    before = " ".join(one.norm for one in reading.tokens[max(0, start - 4) : start])
    return bool(re.search(r"\b(?:not|never|n ' t|no|without)(?: \w+){0,2}$", before))


_BUT_NOT = regex(r"\b(?:not|never|rather than|instead of|without|nor)\b")


def _denied(reading: Reading, marks: list[Mark], mark: Mark) -> bool:
    """`on A but not on B`: whether a name stands after such a word, or further on in its list."""
    at = marks.index(mark)
    for before, after in zip(reversed(marks[:at]), reversed(marks[1 : at + 1]), strict=True):
        between = " ".join(one.norm for one in reading.tokens[before.end : after.start])
        if _BUT_NOT.search(between):
            return True
        if not re.fullmatch(r"(?:and|or|,)?", between):
            return False
    return False


def _add(reading: Reading, found: Found, marks: list[Mark], name: str) -> None:
    text = found.text(0)
    negative = _negated(reading, found.span()[0]) or "neither " in text
    denied = [one for one in marks if negative or _denied(reading, marks, one)]
    values = [str(one.value) for one in marks if one not in denied]
    for one in denied:
        reading.draft.add(name, "not_contains", str(one.value))
    if not values:
        pass
    elif len(values) > 1 and " or " in text:
        reading.draft.add(name, "in", values)
    elif len(values) > 1:
        reading.draft.add(name, "contains_all", values)
    else:
        reading.draft.add(name, "=", values[0])
    for one in marks:
        reading.take(one, name)
    found.use(name)
    for one in found.marks(0, "dataset", "model", "attr", "task"):
        one.info["taken"] = True


def _forward(reading: Reading, found: Found, name: str) -> None:
    marks = [one for one in free(found) if level_of(one) == "dataset" or one.kind == "benchmark"]
    if not marks:
        return
    if reading.draft.target not in (None, "model"):
        return
    if name == "evaluated_on" and not re.search(
        r"evaluat|test|scor|benchmark|validat|assess|measur|result|perform|tried|run|metric|works|does|best|top"
        r"|worst|leading"
        r"|doing|rank",
        found.text(0),
    ):
        return
    last = found.span()[1]
    after = " ".join(one.norm for one in reading.tokens[last : last + 2])
    if name == "trained_on" and _WEIGHTS.match(after):
        return
    reading.draft.target = "model"
    _add(reading, found, marks, name)
    but_not(reading, found, marks, inverse=False)
    if name == "trained_on" and re.search(r" and (?:evaluated|tested) ", found.text(0)):
        for one in marks:
            reading.draft.add("evaluated_on", "=", str(one.value))


def _inverse(reading: Reading, found: Found, name: str) -> None:
    marks = [one for one in free(found) if level_of(one) == "model"]
    if not marks or reading.draft.target not in (None, "dataset"):
        return
    reading.draft.target = "dataset"
    _add(reading, found, marks, name)
    but_not(reading, found, marks, inverse=True)


# `learned from ImageNet weights`: where training began, not what it was done on
_WEIGHTS = regex(r"^(?:weights|checkpoints?|initiali[sz]ation|init)\b")


def _training_head(reading: Reading) -> None:
    """`training data of DOFA`: the head noun itself names the relation."""
    for found in reading.find_all(_HEAD_OF_MODEL):
        marks = [one for one in free(found) if level_of(one) == "model"]
        head = next(iter(found.marks(0, "dataset", "attr")), None)
        if not marks:
            continue
        text = reading.words(head.start, head.end).casefold() if head is not None else ""
        if head is None and reading.draft.returns:
            continue
        if head is None or "train" in text or "train" in found.text(0):
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
    marks = free(found)
    if not marks:
        return
    levels = {level_of(one) for one in marks}
    others = [one for one in reading.of_kind("record", "family", unused=True) if one not in marks]
    heads = {one.kind for one in reading.of_kind("model", "dataset")}
    models = (
        "model" in levels
        or ("model" in heads and "dataset" not in heads)
        or any(level_of(one) == "model" for one in others)
    )
    initial = name == "initialised_from"
    if initial and not models:
        return
    if not initial and models and levels == {"model"}:
        name = "initialised_from"
    if name == "derived_from" and not re.match(
        r"(?:that )?(?:derived|made|built|creat|compil|extend|extens|descend|adapt|drawn|sampl|extract"
        r"|stem|based|subset|generat|construct|produc|assembl|build|re|offshoot|spin|come|use|take"
        r"|success|version|cut|crop|relabel|filter|clean|merg|split|tiling|augment|sub)",
        found.text(0),
    ):
        return
    if name == "derived_from" and _MAKING.match(found.text(0)) and not _SOURCE.search(found.text(0)):
        return
    reading.draft.target = "model" if name == "initialised_from" else "dataset"
    _add(reading, found, marks, name)


# `who made X` asks for makers; only `made from X` and the like speak of origins
_MAKING = regex(r"(?:that )?(?:made|built|created|compiled|drawn|generated|constructed|produced|assembled|come)\b")
_SOURCE = regex(r"\b(?:from|on|of|upon|to)\b")


_MOST_SETS = 50


def _having(reading: Reading) -> None:
    for name, _inverse_name, pattern in _HAVING_ON:
        for found in reading.find_all(pattern):
            bound = next(iter(found.marks(0, "bound")), None)
            if bound is not None and found.marks(0, "product", "counted") and bound.value[-1].value > _MOST_SETS:
                continue  # `pre-trained on more than a million images`: no number of datasets
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
    for found in reading.find_all(_FROM_SEVERAL):
        bound = next(iter(found.marks(1, "bound")), None)
        if reading.draft.target in (None, "dataset") and (bound is None or not bound.used):
            op, value = (bound.info["op"], int(bound.value[-1].value)) if bound is not None else _SEVERAL[found.text(1)]
            reading.draft.target = "dataset"
            _have(reading, found, bound, Having("derived_from", op, value))
            for one in reading.of_kind("dataset"):
                if one.start < found.span()[0]:
                    one.info["taken"] = False
    for found in reading.find_all(_FROM_NONE):
        if reading.draft.target in (None, "dataset"):
            reading.draft.target = "dataset"
            reading.draft.add("derived_from", "not_exists")
            found.use("derived_from")
            for one in found.marks(0, "dataset"):
                one.info["taken"] = True
    for name, pattern in _ON_NONE:
        for found in reading.find_all(pattern):
            if reading.draft.target in (None, "model"):
                reading.draft.target = "model"
                reading.draft.add(name, "not_exists")
                found.use(name)
                for one in found.marks(0, "dataset", "attr", "product"):
                    one.info["taken"] = True
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
