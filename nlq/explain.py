"""What was understood, as a sentence in plain words, such as `Datasets about crop type in Austria.`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from nlq.compile_where import place_text
from nlq.question import Filter, Interval, Order, PlaceClass, Question, ValueOf, Where
from ontology.properties import PROPERTIES

THINGS = {
    "dataset": ("dataset", "datasets"),
    "model": ("model", "models"),
    "product": ("satellite scene", "satellite scenes"),
    "any": ("record", "datasets, models and scenes"),
    "place": ("place", "places"),
}
_LABELS = {"num_classes": "number of classes", "class_label": "class", "license": "licence", "doi": "DOI",
           "resolution_m": "resolution", "output_resolution_m": "output resolution", "size_gb": "size",
           "size_mb": "size of the weights", "crs": "coordinate reference system", "gpu_memory_gb": "GPU memory",
           "image_size_px": "image size", "input_size_px": "input size", "time_start": "first day of imagery",
           "time_end": "last day of imagery", "num_samples": "number of samples", "num_images": "number of images",
           "num_instances": "number of objects", "num_bands": "number of bands", "num_countries": "number of countries",
           "num_parameters": "number of parameters", "num_input_bands": "number of input bands", "area_km2": "area",
           "elevation_m": "elevation", "length_km": "length", "depth_m": "depth", "wrs_path": "WRS path",
           "wrs_row": "WRS row", "tile_id": "MGRS tile", "metric_value": "score", "homepage": "home page",
           "trained_on": "training data", "fine_tuned_on": "fine-tuning data", "evaluated_on": "evaluation data",
           "derived_from": "source dataset", "initialised_from": "initial weights", "coverage": "place",
           "trained_model": "model trained on it", "fine_tuned_model": "model fine-tuned on it",
           "evaluated_model": "model evaluated on it", "acquisition_time": "time of acquisition",
           "product_id": "product identifier"}  # fmt: skip
_PHRASES = {"topic": "about {}", "task": "for {}", "temporal": "with {} imagery",
            "sensor": "with {} imagery", "input_sensor": "for {} imagery", "mission": "of {}",
            "platform": "of {}", "instrument": "of {}", "modality": "with {} data",
            "input_modality": "for {} data", "class_label": "with the class {}", "license": "under {}",
            "publisher": "published by {}", "creator": "made by {}", "funder": "funded by {}",
            "benchmark": "of the benchmark {}", "trained_on": "trained on {}",
            "fine_tuned_on": "fine-tuned on {}", "evaluated_on": "evaluated on {}",
            "derived_from": "derived from {}", "initialised_from": "initialised from {}",
            "trained_model": "that {} was trained on", "fine_tuned_model": "that {} was fine-tuned on",
            "evaluated_model": "that {} was evaluated on", "framework": "in {}",
            "project": "of the project {}", "publication_year": "published in {}", "name": "named {}",
            "coverage": "in {}", "annotation_source": "labelled by {}", "format": "as {}",
            "pretraining": "pre-trained with {}", "scene_type": "of {} scenes",
            "architecture": "with the architecture {}", "model_type": "of the kind {}",
            "product_type": "of type {}", "processing_level": "of level {}",
            "keyword": "with the keyword {}", "access": "with {} access", "band": "with the band {}",
            "input_band": "with the input band {}", "split": "with the split {}",
            "orbit_direction": "on {} orbits", "parameter": "of {}"}  # fmt: skip
_OPS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "", "contains": "", "in": ""}
_YEAR_OPS = {"<": "before", "<=": "in or before", ">": "after", ">=": "in or after"}
_RELATIONS = {"intersects": "in or touching", "within": "wholly inside", "contains": "covering all of",
              "near": "near", "disjoint": "outside", "touches": "bordering", "crosses": "crossing"}  # fmt: skip
_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def label(name: str) -> str:
    """A property in words."""
    return _LABELS.get(name, name.replace("_", " "))


def labels(name: str) -> str:
    """A property in words, in plural where it may have several values: `classes`, `input bands`."""
    text, prop = label(name), PROPERTIES.get(name)
    if prop is None or not prop.many or text.endswith(("data", "weights", "it")):
        return text
    if text.endswith("y"):
        return f"{text[:-1]}ies"
    return f"{text}es" if text.endswith("ss") else f"{text}s"


def listing(items: Iterable[str], word: str = "and") -> str:
    """`a, b and c`."""
    found = list(items)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {word} {found[-1]}"


def thing(target: str | None, count: int = 2) -> str:
    """What is looked for, in singular or plural."""
    return THINGS.get(target or "", ("thing", "things"))[count != 1]


def quantity(name: str, value: object) -> str:
    """A value with its unit, where the unit says something."""
    prop = PROPERTIES.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        text = str(value) if name in ("publication_year", "wrs_path", "wrs_row") else f"{value:,}"
        text = text.removesuffix(".0")
        unit = prop.unit if prop is not None else ""
        short = unit if unit in ("m", "km", "km²", "GB", "MB", "%", "pixel") else ""
        return f"{text} {short}".strip()
    return str(value)


def condition(one: Filter) -> str:
    """A filter in words: `with cloud cover at most 20 %`."""
    name = one.property
    if one.op in ("exists", "not_exists"):
        return f"{'with a' if one.op == 'exists' else 'without any'} known {label(name)}"
    if isinstance(one.value, ValueOf):
        word = {"<": "below", ">": "above", "<=": "at most", ">=": "at least"}.get(one.op, "equal to")
        return f"with {label(name)} {word} that of {one.value.of}"
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    texts = [quantity(name, value) for value in values]
    if name == "commercial_use":
        allowed = (one.value is True) == (one.op not in ("!=", "not_contains"))
        return "whose licence allows commercial use" if allowed else "whose licence rules out commercial use"
    if one.op == "same_as":
        return f"with the same {label(name)} as {texts[0]}"
    if one.op == "not_only":
        return f"with {label(name)} beyond {texts[0]} alone"
    if one.op == "not_intersects":
        return f"outside {listing(texts, 'or')}"
    if one.op in ("!=", "not_contains"):
        return f"without {label(name)} {listing(texts, 'or')}" if name != "name" else f"other than {listing(texts)}"
    if one.op == "between" and len(texts) == 2:
        return f"with {label(name)} between {texts[0]} and {texts[1]}"
    if one.op in ("<", "<=", ">", ">="):
        if name == "publication_year":
            return f"published {_YEAR_OPS[one.op]} {texts[0]}"
        return f"with {label(name)} {_OPS[one.op]} {texts[0]}"
    if name == "name" and one.op == "contains":
        return f"named like {listing(texts, 'or')}"
    joined = listing(texts, "and" if one.op == "contains_all" else "or")
    if name in _PHRASES:
        return _PHRASES[name].format(joined)
    return f"with {label(name)} {joined}"


def time_text(times: tuple[Interval, ...], months: tuple[int, ...]) -> str:
    """Intervals in words: `in 2019`, `from 2018-03-01 to 2018-03-31`."""
    parts = []
    for start, end in times:
        if start and end:
            parts.append(_span(start, end))
        elif start:
            parts.append(f"since {start}")
        elif end:
            parts.append(f"until {end}")
    text = " or ".join(parts)
    if months:
        text = f"{text}, each {listing(_MONTHS[one] for one in months)}".removeprefix(", ")
    return text


def _span(start: str, end: str) -> str:
    if start == end:
        return f"on {start}"
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        return f"from {start} to {end}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"in {first.year}" if first.year == last.year else f"in {first.year} to {last.year}"
    whole = first.day == 1 and (last.toordinal() + 1 == _next_month(last).toordinal())
    if whole and (first.year, first.month) == (last.year, last.month):
        return f"in {_MONTHS[first.month]} {first.year}"
    return f"from {start} to {end}"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 else day


def where_text(question: Question) -> str:
    """The place slot in words."""
    if not question.places:
        return ""
    relation = question.relation or "intersects"
    words = _RELATIONS.get(relation, relation)
    if relation == "distance":
        words = f"within {question.distance_km or 0:g} km of"
    if relation == "intersects":
        words = "showing" if question.target == "product" else "with places in"
    names = [class_text(one) if isinstance(one, PlaceClass) else place_text(one) for one in question.places]
    return f"{words} {listing(names, 'and' if question.place_op == 'and' else 'or')}"


def class_text(place: PlaceClass) -> str:
    """All places of a kind in words."""
    parts = [f"{place.type} places" if place.type.endswith("s") else f"any {place.type}"]
    parts += [condition(one) for one in place.filters]
    if place.within is not None:
        parts.append(f"in {place.within.name}")
    if place.near is not None:
        parts.append(
            f"within {place.distance_km:g} km of {place.near.name}" if place.distance_km else f"near {place.near.name}"
        )
    if place.of is not None:
        parts.append(f"{(place.relation or 'of').replace('_', ' ')} {place.of.name}")
    if place.order is not None:
        parts.append(f"({order_text(place.order, place.limit)})")
    return " ".join(parts)


def order_text(order: Order, limit: int | None = None, offset: int | None = None) -> str:
    """The ranking in words."""
    words = ("highest", "lowest")
    if order.by in ("acquisition_time", "publication_year", "ingestion_time"):
        words = ("newest", "oldest")
    elif order.by in ("resolution_m", "output_resolution_m"):
        words = ("coarsest", "finest")
    elif order.by == "distance":
        words = ("farthest", "nearest")
    word, by = words[order.dir != "desc"], label(order.by)
    if limit is None:
        return f"by {by}, {word} first"
    if limit == 1 and not offset:
        return f"the one with the {word} {by}" if words[0] == "highest" else f"the {word} one"
    place = (
        f"number {(offset or 0) + 1}" if limit == 1 else f"the first {limit}" + (f" after {offset}" if offset else "")
    )
    return f"{place} by {by}, {word} first"


def conditions(question: Question) -> list[str]:
    """Every condition in words, in the order of reading."""
    named = [one for one in question.filters if one.property in ("topic", "task")]
    rest = [one for one in question.filters if one.property not in ("topic", "task")]
    parts = [condition(one) for one in [*named, *rest]]
    if question.places:
        parts.append(where_text(question))
    if question.time_same_as is not None:
        parts.append(f"from the period of {question.time_same_as}")
    elif question.times or question.months:
        verb = {"within": "with all imagery", "contains": "with imagery that spans all of the time"}
        start = "taken" if question.target == "product" else verb.get(question.time_relation or "", "with imagery")
        parts.append(f"{start} {time_text(question.times, question.months)}")
    if question.having is not None:
        words = {">=": "at least", "<=": "at most", ">": "more than", "<": "fewer than"}.get(
            question.having.op, "exactly"
        )
        parts.append(f"with {words} {question.having.value} values of {label(question.having.count)}")
    return parts


def understood(question: Question) -> str:
    """The whole question in words, as it was understood."""
    if question.compare is not None:
        compare = question.compare
        sign = {"<": "below", ">": "above", "<=": "at most", ">=": "at least", "!=": "other than"}.get(
            compare.op, "equal to"
        )
        return f"Whether the {label(compare.property)} of {compare.left} is {sign} that of {compare.right}."
    target = question.target
    if target is None and len(question.places) == 1 and isinstance(question.places[0], PlaceClass):
        target = "place"
        body = class_text(question.places[0])
    elif target is None:
        return ""
    else:
        body = " ".join([thing(target), *conditions(question)])
        if question.returns and _only_names(question):
            body = listing((quantity("name", name) for name in _names(question)), "and")
    if question.returns:
        body = f"{listing(labels(one) for one in question.returns)} of {body}"
    function, _, rest = (question.aggregate or "").partition("(")
    groups = f", for each {listing(label(one) for one in question.group_by)}" if question.group_by else ""
    match function:
        case "count":
            body = f"how many {body}{groups}"
        case "ask":
            body = f"whether there are {body}"
            if target != "place" and _names(question):
                others = [one for one in conditions(question) if not one.startswith("named ")]
                body = f"whether {listing(_names(question))} is a {' '.join([thing(target, 1), *others])}"
        case "sum" | "avg" | "min" | "max":
            words = {"sum": "total", "avg": "average", "min": "smallest", "max": "largest"}[function]
            body = f"the {words} {label(rest.rstrip(')'))} of {body}{groups}"
        case _:
            body += groups
    if question.order is not None:
        body = f"{body}; {order_text(question.order, question.limit, question.offset)}"
    elif question.limit is not None:
        body = f"{body}; at most {question.limit}"
    return body[0].upper() + body[1:] + "."


def _only_names(question: Question) -> bool:
    """Whether the question is about records that it names, and says no more about them."""
    return len(conditions(question)) == 1 and bool(_names(question))


def _names(question: Question) -> list[str]:
    found = [one for one in question.filters if one.property == "name" and one.op in ("=", "in")]
    return [str(value) for one in found for value in (one.value if isinstance(one.value, tuple) else (one.value,))]


def place_of(where: Where) -> str:
    """A place in words."""
    return class_text(where) if isinstance(where, PlaceClass) else place_text(where)
