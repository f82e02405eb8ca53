"""Further relations between records: the same training data, `trained on X but never tested on it`."""

from __future__ import annotations

from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.sameness import DATA_WORD, RECORD, free, level_of

TRAIN = (
    r"(?:pre ?- ?trained|pretrained|trained|learned|learnt|pre ?- ?train|pretrain|train|pre ?- ?training"
    r"|pretraining|training|schooled|taught)"
)
DID_TEST = r"(?:evaluated|tested|scored|benchmarked|validated|assessed)"
TUNE = r"(?:fine ?- ?tuned|finetuned|fine ?- ?tune|finetune|fine ?- ?tuning|finetuning|adapted|tuned)"
EVAL = (
    r"(?:evaluated|tested|scored|benchmarked|validated|assessed|measured|evaluate|test|benchmark|score"
    r"|evaluation|results?|performance|scores?|run|tried|\{dataset\})"
)
VERBS = {
    "trained_on": ("trained_model", TRAIN),
    "fine_tuned_on": ("fine_tuned_model", TUNE),
    "evaluated_on": ("evaluated_model", EVAL),
}


def verb_name(verb: str) -> str:
    """The relation that a verb names."""
    return "fine_tuned_on" if "tun" in verb else "trained_on" if "train" in verb else "evaluated_on"


_BUT_NEVER = rule(
    rf"(?:,? ?(?:but|and|yet|though) )(?:(?:was|were|is|are|has|have|been) )?(?:not|never)(?: (?:to|for|in|been|was"
    rf"|were"
    rf"|the))* ({TRAIN}|{TUNE}|{DID_TEST}|evaluate|test|benchmark|evaluation|testing)"
    r"(?: (?:on|with|of|by|from|for))?(?: (?:it|them|that one|that model))?(?= (?:\W|$))",
)


_BUT_THEN = rule(
    rf"(?:but|and|yet|though)(?: (?:then|also|still|later|nevertheless|was|were|is|are|has|have|been))*"
    rf" ({TRAIN}|{TUNE}|{DID_TEST}) (?:on|with|against) (?:it|them|that one)(?= (?:\W|$))",
)


def but_not(reading: Reading, found: Found, marks: list[Mark], *, inverse: bool) -> None:
    """`used to fine-tune X but not to train it`: the other relation to the same record is denied."""
    also = reading.find(_BUT_THEN)
    if also is not None and also.match.start() >= found.match.end() - 1 and len(marks) == 1:
        name = verb_name(also.text(1))
        reading.draft.add(VERBS[name][0] if inverse else name, "=", str(marks[0].value))
        also.use(name)
    other = reading.find(_BUT_NEVER)
    if other is None or other.match.start() < found.match.end() - 1 or len(marks) != 1:
        return
    name = verb_name(other.text(1))
    reading.draft.add(VERBS[name][0] if inverse else name, "not_contains", str(marks[0].value))
    other.use(name)
    for one in other.marks(0):
        one.info["taken"] = one.used = True


_BOTH_FOR = rule(
    rf"(?:used|employed|taken|served|serve|use)(?: both)? (?:for|in|to) (?:the )?({TRAIN}|{TUNE}|evaluation|testing"
    rf"|evaluate"
    rf"|test)(?: (?:and|as well as|and also|but also))+(?: (?:for|in|to))? (?:the )?({TRAIN}|{TUNE}|evaluation"
    rf"|testing|evaluate"
    rf"|test|benchmarking)(?: (?:by|of|in|for|with))+(?: the)? ({RECORD})"
)


def both_for(reading: Reading) -> None:
    """`used both for training and for testing by M`."""
    for found in reading.find_all(_BOTH_FOR):
        mark = found.marks(3)[0]
        names = [VERBS[verb_name(found.text(number))][0] for number in (1, 2)]
        if mark.used or level_of(mark) != "model" or len(set(names)) < 2:
            continue
        if reading.draft.target not in (None, "dataset"):
            continue
        reading.draft.target = "dataset"
        for name in names:
            reading.draft.add(name, "=", str(mark.value))
        reading.take(mark, names[0])
        found.use(names[0])
        for one in found.marks(0):
            one.info["taken"] = True


_SAME_DATA = [
    (name, rule(
        rf"{verb} (?:on|with|from|using)(?: (?:exactly|precisely|just|the|very|same|all))* (?:stuff|things|{DATA_WORD})"
        rf"(?: (?:that|which|as))?(?: the)? ({RECORD}) (?:was|were|is|has been|had been|used|saw)(?: (?:also|itself))?"
        rf"(?: {verb})?(?: (?:on|with|from|for|in))?(?= (?:\W|$))",
        rf"{verb} (?:on|with|from|using) (?:what|whatever) ({RECORD}) (?:was|were|is|has been)(?: {verb})?"
        r"(?: (?:on|with|from))?(?= (?:\W|$))"))
    for name, (_, verb) in VERBS.items()
]  # fmt: skip


_MODEL_ON = [
    (name, rule(
        rf"(?:{verb})(?: (?:the|a|any))? ({RECORD})(?: \{{model\}})? (?:on|with|using|against|over)"
        rf"(?: (?:the|some|any|data|datasets?|\{{dataset\}}|\{{topic\}}|\{{product\}}|like|such as|from|of|called"
        rf"|images))*"
        rf" ({RECORD})"))
    for name, (_, verb) in VERBS.items()
]  # fmt: skip


def model_on(reading: Reading) -> None:
    """`has anyone fine-tuned M on D`: the model is named as well as what was done to it."""
    for name, pattern in _MODEL_ON:
        for found in reading.find_all(pattern):
            model, data = found.marks(1)[0], found.marks(2)[0]
            if model.used or data.used or level_of(model) != "model" or level_of(data) != "dataset":
                continue
            draft = reading.draft
            if draft.target not in (None, "model"):
                continue
            draft.target = "model"
            family = model.kind == "family"
            draft.add("name", "contains" if family else "=", str(model.value))
            draft.add(name, "=", str(data.value))
            for mark in found.marks(0):
                mark.info["taken"] = True
            reading.take(model, "name")
            reading.take(data, name)
            found.use(name)


def same_data(reading: Reading) -> None:
    """`trained on the data that X was trained on`."""
    for name, pattern in _SAME_DATA:
        for found in reading.find_all(pattern):
            marks = [one for one in free(found) if level_of(one) == "model"]
            if len(marks) != 1 or reading.draft.target not in (None, "model"):
                continue
            reading.draft.target = "model"
            reading.draft.add(name, "same_as", str(marks[0].value))
            reading.draft.add("name", "!=", str(marks[0].value))
            reading.take(marks[0], name)
            found.use(name)
            for one in found.marks(0, "dataset", "product"):
                one.info["taken"] = True
