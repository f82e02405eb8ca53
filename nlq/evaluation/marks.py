"""Phenomena that an expected interpretation shows by itself, beside those that the author of a question names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlq.evaluation.canon import is_number

_BY_PROPERTY = {
    "mission": "eo.mission", "platform": "eo.spacecraft", "instrument": "eo.instrument", "product_type": "eo.level",
    "processing_level": "eo.level", "sensor_mode": "eo.mode", "polarisation": "eo.mode", "orbit_direction": "eo.orbit",
    "relative_orbit": "eo.orbit", "absolute_orbit": "eo.orbit", "cloud_cover": "eo.cloud", "band": "eo.band",
    "input_band": "eo.band", "num_bands": "eo.band", "modality": "eo.modality", "input_modality": "eo.modality",
    "timeliness": "eo.timeliness", "parameter": "eo.parameter", "product_id": "eo.identifier",
    "license": "eo.licence", "commercial_use": "eo.licence", "class_label": "eo.label", "annotation_type": "eo.label",
    "annotation_source": "eo.label", "num_classes": "eo.label", "split": "eo.split", "format": "eo.split",
    "size_gb": "eo.split", "size_mb": "eo.split", "architecture": "eo.architecture", "framework": "eo.architecture",
    "hardware": "eo.architecture", "gpu_memory_gb": "eo.architecture", "pretraining": "eo.pretraining",
    "fine_tuned_on": "eo.pretraining", "initialised_from": "eo.pretraining", "metric": "eo.metric",
    "metric_value": "eo.metric", "evaluated_on": "eo.metric", "resolution_m": "number.resolution",
    "publication_year": "time.published", "tile_id": "space.tile", "wrs_path": "space.tile", "version": "name.version",
    "coverage": "space.global",
}  # fmt: skip
_BY_OP = {
    "in": "logic.or", "contains_all": "logic.and", "not_contains": "logic.not", "!=": "logic.not",
    "not_only": "logic.only", "not_exists": "logic.missing", "exists": "logic.missing", "same_as": "logic.same",
    "between": "number.range", "not_intersects": "space.outside",
}  # fmt: skip
_BY_RELATION = {
    "within": "space.within", "near": "space.near", "distance": "space.distance", "disjoint": "space.outside",
}  # fmt: skip
_BY_SIDE = {
    "touches": "space.bordering", "crosses": "space.along", "north_of": "space.direction",
    "south_of": "space.direction", "east_of": "space.direction", "west_of": "space.direction",
}  # fmt: skip
_BY_WORD = (
    (r"\b(?:about|roughly|approximately|some|around|circa) (?:\d|a (?:hundred|thousand|million))", "number.about"),
    (r"\b(?:please|thanks|thank you|could you|would you|can you)\b", "style.polite"),
    (r"\b(?:yesterday|today|last|past|this (?:year|month|week)|previous|ago|recent days)\b", "time.relative"),
    (r"\b(?:\d0s|decade|seventies|eighties|nineties)\b", "time.decade"),
    (r"\b(?:january|february|march|april|june|july|august|september|october|november|december) ?(?:19|20)\d\d",
     "time.month"),
    (r"\b(?:spring|summer|autumn|winter|fall)\b", "time.season"),
    (r"\b(?:first|second|third|fourth|last) (?:half|quarter)|\bq[1-4]\b|\bh[12]\b", "time.quarter"),
    (r"\b(?:early|mid|late|beginning|end) (?:of )?(?:in )?[a-z0-9]", "time.part"),
    (r"\d{1,2}[./]\d{1,2}[./](?:19|20)?\d\d|\d(?:st|nd|rd|th)\b|\b(?:19|20)\d{6}\b|\d'\d\d", "time.format"),
    (r"\b(?:around|within \w+ (?:days|weeks) (?:of|after)) (?:the )?\d{1,2}", "time.around"),
    (r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|hundred|thousand|million|dozen|half)\b",
     "number.words"),
    (r"\b(?:along|crossing|crossed by|through which|down the course)\b", "space.along"),
    (r"\bbetween [a-z]+(?: [a-z]+)? and [a-z]", "space.between"),
    (r"\b(?:(?:northern|southern|eastern|western) (?!hemisphere|spring|summer|autumn|winter)[a-z]"
     r"|(?:north|south|east|west) (?:of|part|half|side|coast)\b)", "space.direction"),
    (r"\b(?:outside|except|apart from|leav\w+ out)\b", "logic.not"),
    (r"\b(?:only|nothing but|solely|exclusively|alone)\b", "logic.only"),
    (r"\b(?:neither|nor)\b", "logic.neither"),
    (r"\b\d+(?:\.\d+)? ?(?:miles|mi|cm|ha|hectares|mb|tb|nautical)\b", "number.unit"),
    (r"\bsorted|\bordered|\bfirst\b.*\bfirst\b|\b(?:newest|oldest|biggest|largest|smallest|finest) first\b",
     "form.sort"),
)  # fmt: skip


def shown(line: Mapping[str, Any]) -> tuple[str, ...]:
    """The phenomena that a question line shows by its expected interpretation and plain words.

    Args:
        line: a question line.
    """
    return tuple(dict.fromkeys(_all(line)))


def _all(line: Mapping[str, Any]) -> Iterator[str]:
    text = line["question"].casefold()
    yield from (mark for pattern, mark in _BY_WORD if re.search(pattern, text))
    if not re.search(r"[.,;:?!]", text):
        yield "style.bare"
    letters = [one for one in line["question"] if one.isalpha()]
    if letters and len({one.isupper() for one in letters}) == 1:
        yield "style.capitals"
    if line.get("clarify"):
        yield "talk.clarify"
    if len(line.get("context") or ()) > 1:
        yield "talk.chain"
    expected = line["expect"]
    yield from _of_filters(expected.get("filters") or ())
    yield from _of_places(expected)
    yield from _of_times(expected)
    yield from _of_form(expected)


def _of_filters(filters: Any) -> Iterator[str]:  # noqa: ANN401
    if sum(is_number(one.get("value")) for one in filters) > 1:
        yield "number.several"
    for one in filters:
        if one["property"] in _BY_PROPERTY:
            yield _BY_PROPERTY[one["property"]]
        if one["op"] in _BY_OP:
            yield _BY_OP[one["op"]]
        if one["op"] in ("<", "<=", ">", ">="):
            yield "number.bound"
        if isinstance(one.get("value"), Mapping):
            yield "form.value_of"
        if one["property"] == "name" and one["op"] == "contains":
            yield "name.family"


def _of_places(expected: Mapping[str, Any]) -> Iterator[str]:
    places = expected.get("place")
    if not places:
        return
    if isinstance(places, list):
        yield "space.several"
    yield _BY_RELATION.get(str(expected.get("relation")), "space.in")
    for one in places if isinstance(places, list) else [places]:
        if isinstance(one, str):
            if not one.isascii():
                yield "space.foreign"
            continue
        for key in ("point", "bbox"):
            if key in one:
                yield f"space.{key}"
        if "same_as" in one:
            yield "space.same"
        if "type" in one:
            yield "space.kind"
            if one.get("relation") in _BY_SIDE:
                yield _BY_SIDE[one["relation"]]
            if one.get("order"):
                yield "space.description"


def _of_times(expected: Mapping[str, Any]) -> Iterator[str]:
    time = expected.get("time")
    if expected.get("months"):
        yield "time.recurring"
    if isinstance(time, Mapping):
        yield "time.same"
    elif isinstance(time, list) and time:
        if isinstance(time[0], list):
            yield "time.windows"
        elif None in time:
            yield "time.open"
        if expected.get("target") in ("dataset", "any"):
            yield "time.extent"


def _of_form(expected: Mapping[str, Any]) -> Iterator[str]:
    aggregate = str(expected.get("aggregate") or "")
    for start, mark in (("ask", "yesno"), ("count", "count"), ("sum", "sum"), ("avg", "average"), ("m", "average")):
        if aggregate.startswith(start):
            yield f"form.{mark}"
    if expected.get("group_by"):
        yield "form.group"
    if expected.get("having"):
        yield "form.having"
    if expected.get("compare"):
        yield "form.compare"
    if expected.get("return"):
        yield "form.lookup"
    limit, order = expected.get("limit"), expected.get("order")
    if expected.get("offset"):
        yield "form.ordinal"
    elif limit == 1 and order:
        yield "form.superlative"
    elif limit:
        yield "form.top" if order else "number.limit"
    elif order:
        yield "form.sort"
