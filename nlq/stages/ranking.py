"""Superlatives, `top N`, ordinals and explicit sorting -> order, limit, offset (convention 16)."""

from __future__ import annotations

from nlq.question import Order
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Found, Reading, rule, words
from nlq.stages.degrees import (
    BIG,
    FLIP,
    GRADABLE,
    LOWER_IS_BETTER,
    SMALL,
    SUPERLATIVES,
    counted_property,
    property_of,
    ranked,
)
from nlq.stages.numbers import ORDINALS
from nlq.stages.quantities import meanings
from nlq.stages.sorting import (
    ADJECTIVE,
    EXTREME,
    GRADE,
    NOUN,
    OF,
    is_plural,
    measured_by,
    read_back,
    read_first,
    read_first_image,
    read_from_to,
    read_last_few,
    read_published,
    read_sorting,
)
from nlq.stages.themes import COUNTABLE
from ontology.properties import PROPERTIES

_ORD = words([*ORDINALS]) + r"(?: -)?"
_FILLER = (
    r"(?: (?:ground|spatial|input|average|overall|total|possible|of|labelled|labeled|annotated|training|different"
    r"|distinct|predefined|known|available))*"
)
_PHRASES = [
    ("noun", rule(rf"(?:({_ORD}) )?(?:the |with the |at the )?({EXTREME}){OF}{_FILLER} (?:- )?({NOUN})")),
    ("grade", rule(rf"(?:({_ORD}) )?(most|least) ({GRADE})")),
    ("adjective", rule(rf"(?:({_ORD}) )?({ADJECTIVE})")),
]
_TOP = rule(r"(?:the )?top (?:- )?(\{bound\}|\{number\})", r"(?:the )?best (\{bound\})")
_TOP_BY = rule(r"top(?: (?:[a-z]+|\{[a-z_]+\})){1,5}? (?:by|in terms of|according to)")
_NUMBER = rule(rf"(\{{bound\}}|\{{number\}})(?: (?:of|the))* (?={ADJECTIVE}|most {GRADE}|least {GRADE}|(?:{EXTREME}))")
_WIDE = frozenset({"largest", "biggest", "smallest", "greatest"})


def read_ranking(reading: Reading) -> None:
    """Set order, limit and offset of the draft; needs the target."""
    draft = reading.draft
    if (
        draft.order is not None
        or draft.target is None
        or (draft.aggregate or "").startswith(("sum", "avg", "min", "max"))
    ):
        return
    if read_sorting(reading):
        _top(reading)
        return
    if read_first(reading):
        return
    if (
        read_from_to(reading)
        or read_back(reading)
        or read_published(reading)
        or read_last_few(reading)
        or read_first_image(reading)
    ):
        return
    metric = _metric(reading)
    for name, pattern in _PHRASES:
        for found in reading.find_all(pattern):
            if _is_taken(reading, found):
                continue
            order = (
                metric
                if metric is not None and name == "noun" and found.marks(0, "metric")
                else _order(reading, name, found)
            )
            if order is None:
                continue
            _set(reading, found, order)
            return
    if metric is not None:
        draft.order = metric
        draft.limit = 1 if _singular(reading, None) else None
        return
    _top(reading)


_MAE = rule(
    r"(?:lowest|highest|best|smallest|worst|least|an?|the|of|by|in) (\{pretraining\})(?= (?:of|for|on|below"
    r"|under|above|over|among|$))"
)


def settle_metric_words(reading: Reading) -> None:
    """`lowest MAE`: an error here, not masked autoencoding."""
    for found in reading.find_all(_MAE):
        mark = found.marks(1)[0]
        entry = next((one for one in mark.info.get("entries", ()) if one.kind == "metric"), None)
        if entry is not None and not mark.used:
            mark.kind, mark.value = "metric", entry.value
            mark.info["entry"] = entry
            reading._version += 1


def _is_taken(reading: Reading, found: Found) -> bool:
    start, end = found.span()
    if any(reading.slots[index] in ("place", "placekind") for index in range(start, end)):
        return True
    if any(one.kind == "bound" and one.used for one in found.marks(0)):
        return True
    # "at least 20", "at the latest", "no later than": no ranking
    before = reading.tokens[start - 1].norm if start else ""
    text = found.text(0)
    if before == "at" or (text.startswith(("at the",)) and "number" not in text):
        return text.split()[-1] in ("least", "most", "latest") or text.startswith("least ")
    after = reading.owner(end)
    bounded = after is not None and after.kind in ("bound", "number")
    return bounded and text.split()[-1] in ("least", "most", "minimum", "maximum", "max", "min", "top")


def _order(reading: Reading, kind: str, found: Found) -> Order | None:
    target = reading.draft.target or ""
    if kind == "noun":
        mark = next(iter(found.marks(0)), None)
        word = found.text(2).split()[0] if found.text(2) else ""
        if found.text(2) == "most recent":
            word = "newest"
        name = (counted_property if word in ("most", "fewest", "least") else property_of)(mark, target)
        if mark is not None and mark.kind == "placekind" and not (word in ("most", "fewest") or " of" in found.text(0)):
            return None
        after = reading.owner(mark.end) if mark is not None else None
        if mark is not None and mark.kind == "topic" and after is not None and after.kind == target:
            return None  # `the largest building dataset`: a topic, not what is counted
        if (
            word in _WIDE
            and " of" not in found.text(0)
            and {"num_images", "num_samples"} & {*meanings(mark, "counted")}
        ):
            # the biggest patches, not the most
            name = {"dataset": "image_size_px", "model": "input_size_px"}.get(target, name)
        if name is None and mark is not None and mark.kind == "topic":
            name = (
                {
                    "cloud": "cloud_cover",
                    "snow": "snow_cover",
                    "water body": "water_percentage",
                    "vegetation": "vegetation_percentage",
                }.get(str(mark.value))
                if target == "product"
                else None
            )
        countable = mark is not None and mark.kind == "topic" and mark.value in COUNTABLE and target == "dataset"
        if name is None and countable and word in ("most", "fewest"):
            return Order("num_instances", "desc" if word == "most" else "asc")  # the topic stays a condition
        if name is None and mark is not None and mark.kind in ("task", "sensor", "topic", "band", "class"):
            return None
        if name == "class_label" and target == "dataset":
            name = "num_classes"  # `the longest list of classes`
        if name is None or mark is None:
            return None
        if (
            mark.kind in ("dataset", "model", "product")
            and mark.kind == target
            and not (word in ("most", "fewest", "least") and name.startswith("num_"))
        ):
            return None
        if word in SUPERLATIVES and word not in BIG | SMALL | {"finest", "coarsest", "sharpest"}:
            return None
        row = PROPERTIES[name]
        if not (row.is_number or row.kind == "date"):
            if row.many and word in ("most", "fewest", "least"):
                return None
            return None
        reading.take(mark, "order")
        mark.info["taken"] = True
        return Order(name, ranked(name, "most" if word in ("newest", "latest") else word))
    if kind == "grade":
        table, direction = GRADABLE[found.text(3)]
        if target not in table:
            return None
        return Order(table[target], direction if found.text(2) == "most" else FLIP[direction])
    word = found.text(2)
    if word not in SUPERLATIVES:
        return None
    table, direction = SUPERLATIVES[word]
    if target == "any":
        target = "dataset"
    by = measured_by(reading)
    if by is not None and word in BIG | SMALL | {"lightest", "heaviest", "best", "tiniest", "hugest"}:
        return Order(by, ranked(by, "largest" if direction == "desc" else "smallest"))
    if target not in table:
        return None
    if target == "dataset" and table[target] == "publication_year" and _of_imagery(reading, found):
        return Order("time_start" if direction == "asc" else "time_end", direction)
    return Order(table[target], direction)


def _of_imagery(reading: Reading, found: Found) -> bool:
    """`the dataset with the oldest imagery`: when its images were taken."""
    thing = reading.owner(found.span()[1])
    if thing is None or thing.kind != "product" or reading.tokens[thing.end - 1].norm in ("product", "products"):
        return False
    return any(reading.of_kind("dataset")) or any(reading.of_kind("topic", "task"))


def _set(reading: Reading, found: Found, order: Order) -> None:
    draft = reading.draft
    draft.order = order
    found.use("order")
    if ordinal := found.text(1).replace(" -", "").strip():
        draft.offset = ORDINALS.get(ordinal, 1) - 1 or None
        draft.limit = 1
        return
    if (few := _THE_FEW.search(reading.sheet()[: found.match.start()].rstrip())) is not None:
        mark = reading.owner(reading.locate(few, 1)[0])
        if mark is not None and not mark.used and not mark.value[-1].kind and mark.info.get("op") == "=":
            draft.limit = max(1, int(mark.value[-1].value))  # `name the three with the fewest parameters`
            reading.take(mark, "limit")
            return
    number = next((one for one in reading.find_all(_NUMBER) if one.match.end() >= found.match.start() - 2), None)
    if number is not None:
        mark = number.marks(1)[0]
        if not mark.value[-1].kind and mark.info.get("op") in ("=", None):
            draft.limit = max(1, int(mark.value[-1].value))
            reading.take(mark, "limit")
            return
    after = reading.owner(found.span()[1])
    if (
        after is not None
        and after.kind == "bound"
        and not after.used
        and after.info.get("op") == "="
        and not after.value[-1].kind
        and after.info.get("property") in (None, "num_images", "num_samples")
        and after.value[-1].value >= 1
    ):
        # `the latest 5`
        draft.limit = int(after.value[-1].value)
        reading.take(after, "limit")
        return
    _top(reading)
    if draft.limit is None and _singular(reading, found) and not _limited(reading):
        draft.limit = 1


_THE_FEW = regex(
    r"(?:^| )(?:the|those|these|only|just|me|name|list|show|which) (\{bound\})(?: ones| of them)?"
    r"(?: (?:with|having|that have|which have|that has|whose))?(?: (?:the|their))?$"
)


def _limited(reading: Reading) -> bool:
    """Whether a bare number stands before the things asked for: it will be the limit."""
    for mark in reading.of_kind("bound", unused=True):
        if (
            mark.info.get("op") == "="
            and not mark.value[-1].kind
            and mark.info.get("property") in (None, "num_images", "num_samples")
        ):
            index = mark.end
            while index < len(reading.tokens) and index < mark.end + 6:
                owner = reading.owner(index)
                if owner is not None and owner.kind in ("dataset", "model", "product"):
                    return True
                index += 1
    return False


_ONE = regex(
    r"\b(?:which|what)(?: (?:single|specific|particular))? one(?! of)\b|\b(?:just|only) one\b"
    r"|\bthe (?:single )?one (?:with|that|which|whose)\b"
    r"|\bwhich(?: one)?(?: of (?:these|those|them|the \w+))? (?:is|was|has|had) (?:the|most|least)\b"
    r"|\bwhich(?: one)? of (?:the|all|our|your|these|those) [^?]{1,60}? (?:is|was|has|had|does|did)\b"
    r"|^(?:of|among|amongst|from|out of|within) [^?]{3,120}?[ ,]+which(?: (?:single )?one)?"
    r" (?:is|was|has|had|does|did|(?!datasets|models|scenes|images|networks)[a-z]+[a-rt-z]s)\b"
)


def _singular(reading: Reading, found: Found | None) -> bool:
    """Whether one thing is asked for."""
    target = reading.draft.target
    heads = [one for one in reading.of_kind("dataset", "model", "product") if one.kind == target]
    if found is not None:
        end = found.span()[1]
        after = [one for one in heads if one.start >= end - 1]
        nouns = found.marks(0)
        if after and not nouns and after[0].start - end < 6:
            return not is_plural(reading, after[0])
    if found is not None and (thing := reading.owner(found.span()[1])) is not None and thing.kind == "architecture":
        return not reading.tokens[thing.end - 1].norm.endswith("s")  # `the lightest ViT`
    if _ONE.search(reading.norm):
        return True
    if heads:
        return not is_plural(reading, heads[0])
    return "ones" not in reading.norm.split()


def _top(reading: Reading) -> None:
    draft = reading.draft
    found = reading.find(_TOP)
    if found is None:
        if draft.order is None and reading.find(_TOP_BY) and (by := measured_by(reading)) is not None:
            draft.order = Order(by, ranked(by, "most"))
            reading.find_all(_TOP_BY)[0].use("order")
        return
    marks = found.marks(0, "bound", "number")
    if marks and not marks[0].used and not marks[0].value[-1].kind:
        draft.limit = max(1, int(marks[0].value[-1].value))
        reading.take(marks[0], "limit")
        found.use("limit")
        if draft.order is None and (by := measured_by(reading)) is not None:
            draft.order = Order(by, ranked(by, "most"))


def _metric(reading: Reading) -> Order | None:
    """`lowest RMSE on X`, `best mIoU`: ranks by the value of the metric."""
    if reading.draft.target != "model":
        return None
    mark = next(iter(reading.of_kind("metric")), None)
    found = reading.find(
        rule(
            r"(highest|lowest|best|worst|top|smallest|largest|least|greatest|most|maximum|minimum"
            r"|strongest|leading)(?: (?:[a-z]+|\{bound\}))? (?:\{metric\}|score|result|\{attr\})",
            r"(?:performs?|scores?|does|did|works?|performed|scored|doing|ranks?|performing|scoring"
            r"|came out) (?:the )?(best|highest|worst|lowest|top|on top)",
            r"(best|worst|top) (?:performing|scoring|ranked|performance|results?)",
            r"(?:the )?(winner|leader|state of the art|most accurate)",
            r"(best|worst|top|leading|strongest)(?: (?:\{task\}|\{bound\}))* \{model\} (?:on|for|at) (?:the )?"
            r"\{(?:record|family|benchmark)\}",
        )
    )
    if found is None:
        return None
    if mark is None and not reading.draft.values_of("evaluated_on"):
        return None
    if (
        mark is None
        and (attr := next(iter(found.marks(0, "attr")), None)) is not None
        and property_of(attr, "model") != "metric_value"
    ):
        return None
    word = next(found.text(one) for one in range(1, found.match.re.groups + 1) if found.text(one))
    low_better = mark is not None and str(mark.value) in LOWER_IS_BETTER
    if word in ("lowest", "smallest", "least", "minimum"):
        direction = "asc"
    elif word in ("worst",):
        direction = "desc" if low_better else "asc"
    elif word in ("highest", "largest", "greatest", "most", "maximum"):
        direction = "desc"
    else:
        direction = "asc" if low_better else "desc"
    found.use("order")
    return Order("metric_value", direction)
