"""Makers of STAC records for the tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SQUARE = {"type": "Polygon", "coordinates": [[[14.0, 37.0], [15.0, 37.0], [15.0, 38.0], [14.0, 38.0], [14.0, 37.0]]]}


def item(identifier: str = "scene-1", **properties: Any) -> dict[str, Any]:
    """A small valid item; properties given here are added."""
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": identifier,
        "collection": "things",
        "geometry": SQUARE,
        "bbox": [14.0, 37.0, 15.0, 38.0],
        "properties": {"datetime": "2019-05-01T10:00:00Z", **properties},
        "links": [],
        "assets": {"data": {"href": "./data.tif", "roles": ["data"]}},
    }


def collection(identifier: str = "things", **fields: Any) -> dict[str, Any]:
    """A small valid collection; fields given here replace its own."""
    value: dict[str, Any] = {
        "type": "Collection",
        "stac_version": "1.0.0",
        "id": identifier,
        "title": "Things seen",
        "description": "All that was seen.",
        "license": "CC-BY-4.0",
        "extent": {
            "spatial": {"bbox": [[9.5, 46.4, 17.2, 49.0]]},
            "temporal": {"interval": [["2018-01-01T00:00:00Z", None]]},
        },
        "links": [],
    }
    return {**value, **fields}


def write(path: Path, *values: Any) -> Path:
    """Writes one value as JSON, several as lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(one) for one in values), encoding="utf-8")
    return path
