"""The words of answers for properties, conditions, places and rankings."""

from __future__ import annotations

from collections.abc import Iterable

from nlq.question import Box, Filter, NamedPlace, Order, PlaceClass, Point, SameAreaAs, ValueOf, Where
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
        return f"of the family or project {listing(texts, 'or')}"
    joined = listing(texts, "and" if one.op == "contains_all" else "or")
    if name in _PHRASES:
        return _PHRASES[name].format(joined)
    return f"with {label(name)} {joined}"


def place_text(place: Where) -> str:
    """A place in words."""
    match place:
        case NamedPlace(name=name):
            return name
        case Point(lon, lat):
            return f"the point {abs(lat):g}° {'N' if lat >= 0 else 'S'}, {abs(lon):g}° {'E' if lon >= 0 else 'W'}"
        case Box(west, south, east, north):
            return f"the box {west:g}, {south:g} to {east:g}, {north:g}"
        case SameAreaAs(name):
            return f"the area of {name}"
        case _:
            return f"places of the kind {place.type}"


def class_text(place: PlaceClass) -> str:
    """All places of a kind in words."""
    parts = [f"any {place.type}"]
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
    elif order.by in ("time_start", "time_end"):
        words = ("latest", "earliest")
    elif order.by == "distance":
        words = ("farthest", "nearest")
    word, by = words[order.dir != "desc"], label(order.by)
    if limit is None:
        return f"by {by}, {word} first"
    if limit == 1 and not offset:
        return f"the one with the {word} {by}" if words[0] in ("highest", "latest") else f"the {word} one"
    place = (
        f"number {(offset or 0) + 1}" if limit == 1 else f"the first {limit}" + (f" after {offset}" if offset else "")
    )
    return f"{place} by {by}, {word} first"
