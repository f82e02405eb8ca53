"""Scenes as STAC Items: what the columns say, and beside it what the record said that they do not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from api.stac.areas import bounds_of
from api.stac.extensions import used_extensions
from api.stac.fields import FIELDS
from api.stac.links import Links, web_address
from api.stac.moments import written
from ontology.namespaces import scene_iri

STAC = "1.1.0"
_LONGEST = 400_000  # characters of a record whose further properties are given
_MOST_ASSETS = 200
_RELATIONS = ("license", "cite-as", "derived_from", "via", "about", "canonical", "thumbnail", "overview", "describedby")
_MOST_LINKS = 30
_MGRS = re.compile(r"\d\d[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V]").fullmatch
_INSIDE = tuple(one for one in FIELDS.values() if one.inside)
# what a column holds under another name, and what would contradict it
_HELD = frozenset(one.name for one in _INSIDE) | {
    "grid:code", "mgrs:utm_zone", "mgrs:latitude_band", "mgrs:grid_square", "s2:product_type", "s2:mean_solar_zenith",
    "sar:product_type", "sar:pixel_spacing_range", "landsat:correction", "cloud_cover", "s2:tile_id",
    "published", "updated", "collection", "id", "geometry", "bbox", "assets", "links", "tile_id", "mgrs_tile",
}  # fmt: skip
_SCHEMES = re.compile(r"(?:https?|s3|gs|az|abfss?|ftp|oss)://", re.IGNORECASE).match


def item(row: Mapping[str, Any], details: tuple[str, str] | None, links: Links) -> dict[str, Any]:
    """The Item of a scene.

    Args:
        row: its columns.
        details: its assets and its record as read (JSON); None: neither is given.
        links: writes addresses.
    """
    collection, identifier = row["collection"], row["id"]
    geometry, box = _footprint(row["geometry"])
    properties = _properties(row)
    assets: dict[str, Any] = {}
    further: list[dict[str, Any]] = []
    named: list[str] = []
    if details is not None:
        assets = _assets(_object(details[0]))
        original = _object(details[1]) if len(details[1]) <= _LONGEST else {}
        if _is_item(original):
            properties |= _rest(original.get("properties"))
            named = [one for one in _texts(original.get("stac_extensions")) if web_address(one)]
            further = _links(original.get("links"))
    own = links.item(collection, identifier)
    found: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC,
        "stac_extensions": used_extensions(properties, assets, named),
        "id": identifier,
        "geometry": geometry,
        **({"bbox": box} if box else {}),
        "properties": properties,
        "links": [
            links.link("self", own, links.geojson),
            links.link("parent", links.collection(collection)),
            links.link("collection", links.collection(collection)),
            links.link("root", links.root),
            *further,
        ],
        "assets": assets,
        "collection": collection,
    }
    found["links"].append(links.link("describedby", links.page_of(scene_iri(collection, identifier)), "text/html"))
    return found


def _footprint(data: bytes | None) -> tuple[dict[str, Any] | None, list[float]]:
    """GeoJSON of a footprint, and its bounding box: west of east where it crosses the antimeridian (RFC 7946, 5.2)."""
    if data is None:
        return None, []
    import shapely

    shape = shapely.from_wkb(data)
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return geometry, bounds_of(shape)


def _properties(row: Mapping[str, Any]) -> dict[str, Any]:
    start, end = row["start_time"], row["end_time"]
    found: dict[str, Any] = {"datetime": written(start)}
    if end is not None and end != start:
        found |= {"start_datetime": written(start), "end_datetime": written(end)}
    for field in _INSIDE:
        value = row.get(field.column)
        if field.column in ("start_time", "end_time") or value in (None, "", (), []):
            continue
        if field.name == "s2:mgrs_tile":
            if not _MGRS(value):
                continue
            found["grid:code"] = f"MGRS-{value}"
        if field.kind == "moment":
            value = written(value)
        elif field.kind == "texts":
            value = list(value)
        found[field.name] = str(value) if field.name.startswith("landsat:wrs_") else value
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_item(record: Mapping[str, Any]) -> bool:
    """Whether the record is an Item of a version whose fields still mean the same."""
    return record.get("type") == "Feature" and str(record.get("stac_version", "")).startswith("1.")


def _rest(properties: Any) -> dict[str, Any]:  # noqa: ANN401
    """Properties that no column holds."""
    if not isinstance(properties, dict):
        return {}
    return {
        name: value for name, value in properties.items() if name not in _HELD and value is not None and ":" in name
    } | {name: properties[name] for name in ("title", "description", "license") if _said(properties.get(name))}


def _said(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and bool(value)


def _texts(value: Any) -> list[str]:  # noqa: ANN401
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _assets(assets: Mapping[str, Any]) -> dict[str, Any]:
    """Assets that anyone can reach: those in folders of whoever added them are left out."""
    found: dict[str, Any] = {}
    for key, value in list(assets.items())[:_MOST_ASSETS]:
        if not isinstance(value, dict) or not isinstance(value.get("href"), str) or not _SCHEMES(value["href"]):
            continue
        asset = {name: one for name, one in value.items() if one is not None}
        if not isinstance(asset.get("roles", []), list):
            asset["roles"] = _texts([asset["roles"]])
        for name in ("title", "description", "type"):
            if not isinstance(asset.get(name, ""), str):
                del asset[name]
        found[key] = asset
    return found


def _links(links: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Links of the record that lead to something else; its own address becomes `via`."""
    found: list[dict[str, Any]] = []
    for one in links if isinstance(links, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("rel"), str) or not web_address(one.get("href")):
            continue
        relation = "via" if one["rel"] == "self" else one["rel"]
        if relation in _RELATIONS and len(found) < _MOST_LINKS:
            kept = {name: one[name] for name in ("type", "title") if isinstance(one.get(name), str)}
            found.append({"rel": relation, "href": one["href"], **kept})
    return found
