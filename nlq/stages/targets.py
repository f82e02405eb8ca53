"""What is looked for: datasets, models or products (conventions 2 and 6), weighed from what the question names."""

from __future__ import annotations

from nlq.lexis.grammar import WEAK_HEADS
from nlq.sheet.reading import Mark, Reading, rule
from nlq.stages.places import place_kind
from nlq.stages.quantities import meanings

_PRODUCT_ONLY = frozenset(
    {"product_type", "processing_level", "orbit_direction", "timeliness", "sensor_mode", "parameter"}
)
_PRODUCT_CODES = frozenset(
    {"wrs_path", "wrs_row", "tile_id", "relative_orbit", "absolute_orbit", "product_id", "collection"}
)
_MODEL_ONLY = frozenset({"architecture", "model_type", "pretraining", "framework", "hardware"})
_THEME = frozenset(
    {"task", "annotation_type", "annotation_source", "temporal", "class", "split", "access", "benchmark"}
)
_SHARES = frozenset(
    {
        "cloud_cover",
        "snow_cover",
        "vegetation_percentage",
        "water_percentage",
        "bare_soil_percentage",
        "nodata_percentage",
    }
)
_COUNTED_FOR = {
    "num_classes": "dataset",
    "num_samples": "dataset",
    "num_images": "dataset",
    "num_instances": "dataset",
    "num_parameters": "model",
    "size_gb": "dataset",
    "image_size_px": "dataset",
    "gpu_memory_gb": "model",
}
_MADE_OF = rule(
    r"(?:with|having|have|has|from|of|in|on|using|whose|that use|which use|made from|made of|made with"
    r"|built from|built on|based on|for|to|per|containing|contain|contains|hold|holds|holding|where"
    r"|include|includes|including|take|takes|taking|without|not|into|see|only|a|each|the|with the"
    r"|accept|accepts|expect|expects|work on|work with|run on|applied to|feed on|trained on|pre ?- "
    r"?trained on|pretrained on|over)"
    r"(?: (?:any|some|single|at least|more than|both|the|\{bound\}|\{sensor\}|\{modality\}|or|and|/|,"
    r"|\{annotation_type\}|\{topic\}|\{temporal\}|individual|its|their|such|raw))* (\{product\})"
)
_DATA = rule(r"data|datas|datum|dataset ?s?|data ?sets?|sets|set|stuff|material|sources")
_LABELLED = rule(r"labell?ed|annotated|labels|label|ground truth|point - labelled|tagged|hand - labelled|annotations?")
_WITH_LABELS = rule(
    r"\{product\}(?: (?:that|which|come|comes|to|train|on|,))* (?:with|w /|having|including|incl \.?|plus|and|that have"
    r"|together with|along with)(?: (?:the|their|its|some|good|ready|made|existing|manual|human))* (?:\{dataset\}"
    r"|labels?"
    r"|annotations?|ground truth|\{annotation_type\})",
)
_SETS = rule(
    r"sets (?:with|of|that|which|about|on|for|from|whose|in which|made)(?= )",
    r"(?:which|what|any|all|list|show|find)(?: me| the| all| some| of your)* (?:sets|collections)(?= )",
)
_SPLIT = rule(
    r"(?:validation|train|training|test|testing|predefined|official) (?:splits?|partitions?|folds?|\{attr\})(?= (?!of))"
)
_FOR_TRAINING = rule(
    r"(?:to|can i|i can|could i|we could|should i|can we|for|to be|would like to|want to|i ' ll|will) "
    r"(?:use |used |be used |help )?(?:for |to |me |us )?(?:train|training|fine ?- ?tune|fine ?- "
    r"?tuning|finetune|teach|learn|pre ?- ?train|pretrain|evaluate|benchmark|validate)",
    r"(?:teach|train|teaching) (?:a|an|my|our|the|some)",
)
# `what has been trained on NAIP`
_TRAINED = rule(
    r"(?:what|whatever|which|everything|anything|something|all|those|ones|stuff|things)(?: (?:that|which|else|all))*"
    r"(?: (?:was|were|is|are|has|have|been|got|had|already))* (?:pre ?- ?trained|pretrained|trained|fine ?- ?tuned"
    r"|finetuned) (?:on|with|using|from)"
)
_OWN_MODEL = rule(
    r"(?:train|teach|feed|fine ?- ?tune|finetune|pre ?- ?train|evaluate|test|benchmark|build|develop"
    r"|for|training|teaching|my|our)(?: (?:my|our|a|an|the|new|own|some|[a-z]+|\{(?:topic|task)\})){0,4} (\{model\}"
    r"|\{architecture\})"
)


def decide_target(reading: Reading) -> None:
    """Set the target of the draft, where no relation has set it already."""
    draft = reading.draft
    if draft.target is not None:
        _use_heads(reading)
        return
    heads = _heads(reading)
    named = list(reading.of_kind("record", "family", unused=True))
    if named and not heads and _of_models(reading, named):
        draft.target = "model"  # `U-Net, EuroSAT, accuracy above 90 %`
        return
    if named and not _plural_head(reading, heads):
        draft.target = (named[0].info["entry"].level if "entry" in named[0].info else "") or "dataset"
        for mark in heads:
            if mark.kind == draft.target or mark.kind == "dataset":
                reading.use(mark.start, mark.end, "target")
        return
    scores = _scores(reading, heads)
    best = max(scores, key=lambda one: scores[one])
    if scores[best] > 0:
        draft.target = best
    elif any(reading.of_kind("place", "point", "box", "placekind")):
        draft.target = "dataset" if reading.find(_DATA) else "any"
    elif any(reading.of_kind("anyhead")) and len(reading.marks) > 1:
        draft.target = "any"
    elif (reading.find(_DATA) and any(reading.of_kind("time", "bound", "license", "agent", "identifier"))) or (
        any(reading.of_kind("license", "agent", "format", "bound", "attr", "modality", "band"))
        and not has_unknown(reading)
    ):
        draft.target = "dataset"
    _use_heads(reading)
    for found in reading.find_all(_DATA):
        found.use("target")


def _of_models(reading: Reading, named: list[Mark]) -> bool:
    """Keywords that only models have beside the name of a dataset."""
    levels = {one.info["entry"].level or "dataset" for one in named if "entry" in one.info}
    if levels != {"dataset"} or reading.draft.returns or reading.draft.compare or any(reading.of_kind("attr")):
        return False
    scored = any(reading.of_kind("metric")) and any(reading.of_kind("bound"))
    return scored or any(reading.of_kind("architecture", "model_type"))


def has_unknown(reading: Reading) -> bool:
    """Whether most content words mean nothing here."""
    from nlq.lexis.grammar import STOP

    words = [index for index, one in enumerate(reading.tokens) if one.is_word and one.norm not in STOP]
    free = [index for index in words if reading.owner(index) is None]
    return len(free) * 2 > len(words)


def _use_heads(reading: Reading) -> None:
    for mark in reading.of_kind("dataset", "model", "product"):
        if mark.kind == reading.draft.target and not mark.info.get("taken"):
            reading.take(mark, "target")


def _scores(reading: Reading, heads: list[Mark]) -> dict[str, int]:
    """How much speaks for each target; the order of the keys settles draws."""
    scores = {"dataset": 0, "model": 0, "product": 0}
    bounds = {one.info.get("property") for one in reading.of_kind("bound")}
    taken = [one for one in reading.marks if one.info.get("taken")]
    kinds = {one.kind for one in reading.marks if one not in taken or one.kind == "bound"}
    sensors = list(reading.of_kind("sensor"))
    topics = [one for one in reading.of_kind("topic") if one not in taken]
    strong = [one for one in topics if not _weak_topic(reading, one)]
    located = bool(kinds & {"place", "point", "box", "placekind"})
    dated = "time" in kinds
    labelled = reading.find(_LABELLED) is not None
    training = reading.find(_FOR_TRAINING) is not None
    first = True
    for mark in heads:
        weight = 10 if first else 3
        if mark.info.get("late"):
            weight = 2
        elif mark.kind == "product":
            weight = 6 if first else 2
        scores[mark.kind] += weight
        first = first and bool(mark.info.get("late"))
    if kinds & _PRODUCT_ONLY:
        scores["product"] += 8 if not scores["model"] else 2
    if (
        any(one.info.get("property") in _PRODUCT_CODES for one in reading.of_kind("identifier"))
        or bounds & _SHARES
        or bounds & {"sun_elevation", "incidence_angle"}
    ):
        scores["product"] += 8
    if "polarisation" in kinds and sensors:
        scores["product"] += 2
    if sensors:
        scores["product"] += 4 if located or dated else 2
    if not sensors and located and dated and not strong:
        scores["product"] += 1
    if _is_cloud_free(reading):
        scores["product"] += 5
    if strong:
        scores["dataset"] += 4
    elif topics and not (sensors and (located or dated)):
        scores["dataset"] += 3
    if kinds & _THEME:
        scores["dataset"] += 4
    if any(_COUNTED_FOR.get(str(one)) == "dataset" for one in bounds) and not (sensors and located):
        scores["dataset"] += 3
    if "num_parameters" in bounds or "gpu_memory_gb" in bounds:
        scores["model"] += 6 if heads else 12
    if kinds & _MODEL_ONLY and not (training and kinds & _THEME):
        scores["model"] += 9 if kinds & {"architecture", "model_type"} else 6
    if reading.find(_TRAINED) is not None:
        scores["model"] += 9
    if reading.find(_SPLIT) is not None:
        scores["dataset"] += 4
    if "metric" in kinds:
        scores["model"] += 6
    if reading.find(_SETS) is not None:
        scores["dataset"] += 10
    if labelled:
        scores["dataset"] += 5
    if reading.find(_WITH_LABELS) is not None:
        scores["dataset"] += 12
    if training and not any(one.kind == "model" and not one.info.get("late") for one in heads):
        scores["dataset"] += 5
    if (
        heads
        and all(one.kind == "product" for one in heads)
        and not (sensors or located or dated or kinds & _MODEL_ONLY)
        and kinds & {"modality", "topic", "annotation_type"}
    ):
        scores["dataset"] += 6
    if reading.find(_DATA) and (strong or kinds & _THEME):
        scores["dataset"] += 2
    return scores


def _is_cloud_free(reading: Reading) -> bool:
    return any(
        one in reading.norm
        for one in (
            "cloud-free",
            "cloud free",
            "cloudless",
            "clear sky",
            "clear-sky",
            "without clouds",
            "no clouds",
            "free of cloud",
            "unclouded",
            "clear skies",
        )
    )


def _weak_topic(reading: Reading, mark: Mark) -> bool:
    """A topic that may as well be a share of the scene, a kind of place or a quantity that is measured."""
    if any(one in _SHARES for one in meanings(mark, "attr")) or meanings(mark, "parameter"):
        return True
    return place_kind(reading.words(mark.start, mark.end)) is not None


def _plural_head(reading: Reading, heads: list[Mark]) -> bool:
    """Whether the question asks for a set of things rather than about the named one."""
    heads = [one for one in heads if not one.info.get("late") or one.kind != "product"]
    if not heads:
        return False
    if all(one.kind == "product" for one in heads) and not any(reading.of_kind("sensor")):
        return False
    first = heads[0]
    text = reading.tokens[first.end - 1].norm
    record = next(reading.of_kind("record", "family", unused=True))
    level = record.info["entry"].level if "entry" in record.info else ""
    if record.end == first.start and first.kind == "model" and level == "dataset":
        return True
    if first.end == record.start or record.end == first.start:
        return (
            text.endswith("s")
            and first.start >= record.end
            and bool(record.kind == "family" or record.info.get("family"))
        )
    before = reading.tokens[first.start - 1].norm if first.start else ""
    plural = text.endswith("s") or text in ("corpora", "data", "imagery") or before in ("every", "each", "any", "all")
    return plural and first.start < record.start and before != "the"


def _heads(reading: Reading) -> list[Mark]:
    """Head nouns in order of weight; `late` ones are what others consist of."""
    heads = [one for one in reading.of_kind("dataset", "model", "product") if not one.info.get("taken")]
    if not heads:
        return []
    inside = {id(mark) for found in reading.find_all(_MADE_OF) for mark in found.marks(1, "product")}
    training = reading.find(_FOR_TRAINING)
    own = (
        {id(mark) for found in reading.find_all(_OWN_MODEL) for mark in found.marks(1, "model")} if training else set()
    )
    strong: list[Mark] = []
    late: list[Mark] = []
    for mark in heads:
        word = reading.tokens[mark.end - 1].norm.rstrip("s")
        after = reading.owner(mark.end)
        compound = after is not None and after.kind in ("dataset", "model", "product") and not after.info.get("taken")
        if compound:
            continue
        following = reading.tokens[mark.end].norm if mark.end < len(reading.tokens) else ""
        weak = word in WEAK_HEADS and mark.end - mark.start == 1
        if weak and mark.kind == "model" and following in ("that", "which", "for", "trained", "able", "to"):
            weak = any(one.kind != "model" for one in heads)
        if id(mark) in own:
            continue
        if id(mark) in inside or weak:
            mark.info["late"] = True
            late.append(mark)
        else:
            strong.append(mark)
    if not strong and late and all(one.kind == "product" for one in late):
        for mark in late:
            if _starts(reading, mark):
                mark.info["late"] = False
    return strong + late


def _starts(reading: Reading, mark: Mark) -> bool:
    """`the scenes of ...` at the start: a head after all."""
    return all(reading.owner(index) is None or reading.owner(index) is mark for index in range(mark.start))
