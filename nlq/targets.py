"""What is looked for: datasets, models or products (conventions 2 and 6)."""

from __future__ import annotations

from nlq.grammar import WEAK_HEADS
from nlq.reading import Mark, Reading, rule

_PRODUCT_ONLY = frozenset(
    {"product_type", "processing_level", "orbit_direction", "timeliness", "identifier", "polarisation", "parameter"}
)
_MODEL_ONLY = frozenset({"architecture", "model_type", "pretraining", "framework", "hardware"})
_THEME = frozenset(
    {
        "topic",
        "task",
        "annotation_type",
        "annotation_source",
        "temporal",
        "class",
        "split",
        "access",
        "scene_type",
        "benchmark",
    }
)
_MADE_OF = rule(
    r"(?:with|having|have|has|from|of|in|on|using|whose|that use|which use|made from|made of|made with|built from|built on|based on|for|to|per|containing|contain|contains|hold|holds|holding|where|include|includes|including|take|takes|taking|without|not|into|see|only|a|each|the|with the|accept|accepts|expect|expects|work on|work with|run on|applied to|feed on|trained on|pre ?- ?trained on|pretrained on|over)"
    r"(?: (?:any|some|single|at least|more than|both|the|\{bound\}|\{sensor\}|\{modality\}|or|and|/|,|\{annotation_type\}|\{topic\}|\{temporal\}|individual|its|their|such|raw))* (\{product\})"
)
_DATA = rule(r"data|datas|datum|dataset ?s?|data ?sets?|sets|set|stuff|material|sources")
_LABELLED = rule(r"labell?ed|annotated|labels|label|ground truth|point - labelled|tagged|hand - labelled")
_FOR_TRAINING = rule(
    r"(?:to|can i|i can|could i|we could|should i|can we|for|to be) (?:use |used |be used |help )?(?:for |to |me |us )?(?:train|training|fine ?- ?tune|fine ?- ?tuning|finetune|teach|learn|pre ?- ?train|pretrain|evaluate|benchmark|validate)",
    r"(?:teach|train) (?:a|an|my|our|the|some) ",
)
_PEOPLE_MODEL = rule(r"(?:my|our|a|an|the|new|own|some)(?: \w+){0,2} (\{model\})")


def decide_target(reading: Reading) -> None:
    """Set the target of the draft, where no relation has set it already."""
    draft = reading.draft
    marks = reading.marks
    kinds = {one.kind for one in marks}
    if draft.target is not None:
        return
    heads = _heads(reading)
    if any(reading.of_kind("record", "family", unused=True)) and not _plural_head(reading, heads):
        levels = [one.info["entry"].level for one in reading.of_kind("record", "family", unused=True)]
        draft.target = levels[0] or "dataset"
        for mark in heads:
            if mark.kind == draft.target or mark.kind == "dataset":
                reading.use(mark.start, mark.end, "target")
        return
    if heads:
        best = heads[0]
        draft.target = best.kind
        reading.take(best, "target")
        for mark in heads[1:]:
            if mark.kind == best.kind:
                reading.take(mark, "target")
        return
    if kinds & _PRODUCT_ONLY or any(one.info.get("property") == "cloud_cover" for one in reading.of_kind("bound")):
        draft.target = "product"
    elif (
        kinds & _MODEL_ONLY
        and not any(reading.of_kind("dataset"))
        and (kinds & {"architecture", "model_type", "pretraining"})
    ):
        draft.target = "model"
    elif reading.find(_DATA) and reading.find(_LABELLED):
        draft.target = "dataset"
    elif kinds & {"sensor"} and not kinds & _THEME:
        draft.target = "product"
    elif (
        kinds & _THEME
        or (kinds & {"license", "format", "modality", "band", "attr", "bound"} and not kinds & {"place", "time"})
    ) or (kinds & {"place", "time", "point", "box", "placekind"} and reading.find(_DATA)):
        draft.target = "dataset"
    elif kinds & {"place", "point", "box", "placekind"}:
        draft.target = "any"
    elif kinds & {"modality", "band", "format", "license"}:
        draft.target = "dataset"
    elif any(reading.of_kind("anyhead")):
        draft.target = "any"
    for found in reading.find_all(_DATA):
        found.use("target")


def _plural_head(reading: Reading, heads: list[Mark]) -> bool:
    """Whether the question asks for a set of things rather than about the named one."""
    if not heads:
        return False
    if all(one.kind == "product" for one in heads) and not any(reading.of_kind("sensor")):
        return False
    first = heads[0]
    text = reading.tokens[first.end - 1].norm
    record = next(reading.of_kind("record", "family", unused=True))
    if first.end == record.start or record.end == first.start:
        return False
    plural = text.endswith("s") or text in ("corpora", "data", "imagery")
    return (
        plural and first.start < record.start and reading.tokens[first.start - 1].norm != "the"
        if first.start
        else plural
    )


def _heads(reading: Reading) -> list[Mark]:
    """Head nouns in order; those inside a compound or after a preposition come last."""
    heads = [one for one in reading.of_kind("dataset", "model", "product") if not one.info.get("taken")]
    if not heads:
        return []
    kinds = {one.kind for one in reading.marks}
    inside = {id(mark) for found in reading.find_all(_MADE_OF) for mark in found.marks(1, "product")}
    training = reading.find(_FOR_TRAINING)
    own = (
        {id(mark) for found in reading.find_all(_PEOPLE_MODEL) for mark in found.marks(1, "model")}
        if training
        else set()
    )
    strong: list[Mark] = []
    late: list[Mark] = []
    for mark in heads:
        word = reading.tokens[mark.end - 1].norm.rstrip("s")
        after = reading.owner(mark.end)
        compound = after is not None and after.kind in ("dataset", "model", "product") and not after.info.get("taken")
        if compound:
            continue
        weak = word in WEAK_HEADS and mark.end - mark.start == 1
        if id(mark) in inside or id(mark) in own or weak:
            late.append(mark)
        else:
            strong.append(mark)
    if (
        training
        and not any(one.kind in ("dataset",) for one in strong)
        and all(one.kind == "model" for one in strong)
        and strong
        and own
    ):
        strong = [one for one in strong if id(one) not in own]
    if training and not strong:
        for mark in late:
            if mark.kind == "dataset":
                return [mark]
        late = [one for one in late if one.kind != "model" and id(one) not in own]
        if kinds & _THEME or not late or reading.find(_LABELLED):
            return []
    if kinds & _PRODUCT_ONLY or (kinds & {"sensor"} and not kinds & _THEME):
        return strong + late
    if not strong and late and all(one.kind == "product" for one in late):
        # "U-Net for tree cover in aerial photos", "time series of optical images": what it is made of decides nothing
        if kinds & _MODEL_ONLY:
            return []
        if kinds & _THEME and not kinds & {"sensor"} and (kinds & {"task", "annotation_type", "modality"}):
            return []
    if strong and all(one.kind == "product" for one in strong) and reading.find(_LABELLED):
        return (
            [*[one for one in late if one.kind == "dataset"], *strong]
            if any(one.kind == "dataset" for one in late)
            else []
        )
    return strong + late
