"""Datasets as STAC Collections, with the extensions label, classification, eo, file, scientific and version."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.stac.areas import bounds_of
from api.stac.extensions import used_extensions
from api.stac.facts import Band, Facts
from api.stac.records import assets_of, band_objects, class_objects, links_of, own_facts, texts
from ontology.namespaces import BASE, slug

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

WORLD = [-180.0, -90.0, 180.0, 90.0]
_EARTH = BASE + "place/earth"
_MOST_BOXES = 100
_VECTOR = ("polygon", "bounding box", "oriented bounding box", "point", "line")
_RASTER = ("pixel mask", "instance mask", "change mask", "continuous value")
_DAY = re.compile(r"(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?")


def dataset(
    facts: Facts,
    identifier: str,
    shapes: Mapping[str, BaseGeometry],
    bands: Mapping[str, Band],
    sensors: Mapping[str, str],
) -> dict[str, Any]:
    """The Collection of a dataset, with links that begin with a slash where they lead to the service.

    Args:
        facts: of the dataset.
        identifier: of the Collection.
        shapes: outlines of places, by IRI.
        bands: by IRI.
        sensors: what kind each sensor is, by IRI.
    """
    extent, unknown = _extent(facts, shapes)
    summaries = _summaries(facts, sensors)
    found: dict[str, Any] = {
        "type": "Collection",
        "stac_version": "1.1.0",
        "stac_extensions": [],
        "id": identifier,
        **texts(facts, identifier),
        "extent": extent,
        **({"earthdex:unknown": unknown} if unknown else {}),
        **({"summaries": summaries} if summaries else {}),
        "earthdex:facts": own_facts(facts, "dataset"),
        "links": [*links_of(facts), *_derived(facts)],
    }
    if images := band_objects(facts.things("band"), bands, facts.labels):
        found["item_assets"] = {"image": {"title": "Images", "roles": ["data"], "bands": images}}
    if assets := assets_of(facts.files, ["data"]):
        found["assets"] = assets
    parts = {**found.get("assets", {}), **found.get("item_assets", {})}
    found["stac_extensions"] = used_extensions({**summaries, **found}, parts, ())
    return found


def _extent(facts: Facts, shapes: Mapping[str, BaseGeometry]) -> tuple[dict[str, Any], list[str]]:
    """The extent, which STAC demands, and which parts of it nobody stated."""
    places = facts.things("coverage")
    boxes = [bounds_of(shapes[one]) for one in places if one in shapes and one != _EARTH]
    unknown: list[str] = []
    if _EARTH in places or any(str(one) == "true" for one in facts.values.get("global", ())):
        boxes = [WORLD]
    elif not boxes:
        unknown.append("extent.spatial")
        boxes = [WORLD]
    elif len(boxes) > 1:
        boxes = [_around([shapes[one] for one in places if one in shapes]), *boxes[:_MOST_BOXES]]
    start, end = _moment(facts.text("time_start"), last=False), _moment(facts.texts("time_end")[-1:], last=True)
    if start is None and end is None:
        unknown.append("extent.temporal")
    return {"spatial": {"bbox": boxes}, "temporal": {"interval": [[start, end]]}}, unknown


def _around(shapes: list[BaseGeometry]) -> list[float]:
    import shapely

    west, south, east, north = (float(one) for one in shapely.total_bounds(shapes))
    return [west, south, east, north]


def _moment(text: str | list[str], *, last: bool) -> str | None:
    """The first or last second of a day, month or year."""
    text = text if isinstance(text, str) else "".join(text)
    found = _DAY.match(text)
    if found is None or not 1 <= int(found[1]) <= 9999:
        return None
    year, month, day = int(found[1]), int(found[2] or (12 if last else 1)), int(found[3] or 0)
    if not 1 <= month <= 12:
        return None
    most = calendar.monthrange(year, month)[1]
    day = min(day or (most if last else 1), most)
    return f"{year:04d}-{month:02d}-{day:02d}T{'23:59:59' if last else '00:00:00'}Z"


def _summaries(facts: Facts, sensors: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in facts.things("sensor"):
        if one in sensors:
            found.setdefault(sensors[one], []).append(one.removeprefix(BASE + "sensor/"))
    if metres := facts.numbers("resolution_m"):
        found["gsd"] = metres
    annotations = facts.texts("annotation_type")
    kinds = [kind for kind, known in (("raster", _RASTER), ("vector", _VECTOR)) if set(annotations) & set(known)]
    if kinds:
        found["label:type"] = kinds
    for name, key in (("task", "label:tasks"), ("annotation_source", "label:methods")):
        if listed := [slug(one) for one in facts.texts(name)]:
            found[key] = listed
    if facts.classes:
        found["label:classes"] = [{"name": "class", "classes": list(dict.fromkeys(one for one, _ in facts.classes))}]
        values = [one for _, one in facts.classes]
        if None not in values and len(set(values)) == len(values):
            found["classification:classes"] = class_objects(facts.classes)
    return found


def _derived(facts: Facts) -> list[dict[str, Any]]:
    stem = BASE + "dataset/"
    return [
        {
            "rel": "derived_from",
            "href": f"/stac/collections/{one.removeprefix(stem)}",
            "type": "application/json",
            "title": facts.labels.get(one, one.removeprefix(stem)),
        }
        for one in facts.things("derived_from")
        if one.startswith(stem) and "/" not in one.removeprefix(stem)
    ]
