"""How the routes of the STAC API are described in OpenAPI, and the page that describes them to people."""

from __future__ import annotations

import html
from typing import Any

_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_TEXT = {"type": "string"}


def _route(media: str, *parameters: dict[str, Any], missing: bool = False, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    bad: dict[int | str, dict[str, Any]] = {
        200: {"description": "Found.", "content": {media: {"schema": {"type": "object"}}}},
        400: {"description": "A parameter is wrong.", "content": _PROBLEM},
        413: {"description": "Too much is asked.", "content": _PROBLEM},
        503: {"description": "Too busy.", "content": _PROBLEM},
    }
    if missing:
        bad[404] = {"description": "There is none.", "content": _PROBLEM}
    extra = {"parameters": list(parameters), **more}
    return {"responses": bad, "openapi_extra": extra, "response_model": None}


def _parameter(name: str, schema: dict[str, Any], text: str, explode: bool | None = None) -> dict[str, Any]:
    found = {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
    return found if explode is None else found | {"style": "form", "explode": explode}


_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_TEXTS = {"type": "array", "items": _TEXT}
_LIMIT = _parameter("limit", {"type": "integer", "minimum": 1}, "Items on a page: 10 by default, 1,000 at most.")
_TOKEN = _parameter("token", _TEXT, "Where the page begins, as a `next` link gives it.")
_FOUND = (
    _parameter("bbox", _NUMBERS, "west,south,east,north in degrees; west > east crosses the antimeridian.", False),
    _parameter("datetime", _TEXT, "A moment of RFC 3339, or first/last, of which one may be `..`."),
    _LIMIT,
    _parameter("sortby", _TEXT, "Fields, each with - before it for descending: `-datetime,id`."),
    _parameter("fields", _TEXT, "Parts to give, or with - before it to leave out: `id,-assets`."),
    _parameter("filter", _TEXT, "CQL2, as text or JSON."),
    _parameter("filter-lang", {"type": "string", "enum": ["cql2-text", "cql2-json"]}, "Language of the filter."),
    _parameter("filter-crs", _TEXT, "CRS84, if given."),
    _parameter("ids", _TEXTS, "Identifiers of Items.", False),
    _parameter("intersects", _TEXT, "A GeoJSON geometry."),
    _TOKEN,
)
_BODY = {
    "type": "object",
    "properties": {
        "bbox": _NUMBERS,
        "datetime": _TEXT,
        "intersects": {"type": "object"},
        "ids": _TEXTS,
        "collections": _TEXTS,
        "limit": {"type": "integer", "minimum": 1},
        "sortby": {"type": "array", "items": {"type": "object"}},
        "fields": {"type": "object"},
        "filter": {"type": "object"},
        "filter-lang": {"type": "string"},
        "token": _TEXT,
    },
}
_GEOJSON = "application/geo+json"

JSON = _route("application/json")
LANDING = JSON
SCHEMA = _route("application/schema+json")
COLLECTIONS = _route(
    "application/json",
    _parameter("limit", {"type": "integer", "minimum": 1}, "Collections on a page: 100 by default, 1,000 at most."),
    _TOKEN,
)
COLLECTION = _route("application/json", missing=True)
OF_COLLECTION = _route("application/schema+json", missing=True)
SEARCH = _route(_GEOJSON, *_FOUND, _parameter("collections", _TEXTS, "Identifiers of Collections.", False))
POSTED = _route(_GEOJSON, requestBody={"required": True, "content": {"application/json": {"schema": _BODY}}})
ITEMS = _route(_GEOJSON, *_FOUND, missing=True)
ITEM = _route(_GEOJSON, missing=True)


def page(base: str) -> str:
    """The description for people."""
    root = html.escape(f"{base}/stac")
    rows = "".join(
        f"<tr><td><code>{html.escape(one['name'])}</code></td><td>{html.escape(one['description'])}</td></tr>"
        for one in SEARCH["openapi_extra"]["parameters"]
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>STAC API of earthdex</title>'
        f'<h1>STAC API of earthdex</h1><p>Begin at <a href="{root}">{root}</a> with a STAC client, or read the '
        f'<a href="{root}/api">OpenAPI description</a>.</p><h2>Parameters of <code>/stac/search</code></h2>'
        f"<table>{rows}</table></html>"
    )
