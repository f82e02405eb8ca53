"""Documents of the STAC API, without knowing HTTP: landing page, Collections, pages of Items."""

from __future__ import annotations

from typing import Any

from api.stac.conformance import CONFORMS
from api.stac.items import STAC, item
from api.stac.links import Links
from api.stac.select import Row, count, keys_of, page
from api.stac.shelf import Shelf
from api.stac.tokens import Token, digest_of, read_token, write_token
from api.stac.wanted import Search
from kg.home import Home
from kg.scenes.records import records_of
from ontology.errors import NotFound

_TITLE = "earthdex"
_DESCRIPTION = (
    "Earth-observation training datasets and models with their facts, and satellite scenes. Datasets are Collections, "
    "models are Items of the Collection `models`, scenes are Items of the Collection that they come from."
)
_OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def landing(links: Links) -> dict[str, Any]:
    """The landing page: a Catalog with what the API conforms to."""
    link = links.link
    return {
        "type": "Catalog",
        "id": "earthdex",
        "title": _TITLE,
        "description": _DESCRIPTION,
        "stac_version": STAC,
        "conformsTo": list(CONFORMS),
        "links": [
            link("self", links.root, title="This document"),
            link("root", links.root),
            link("data", f"{links.root}/collections", title="Collections"),
            link("conformance", f"{links.root}/conformance", title="Conformance classes"),
            link("search", f"{links.root}/search", links.geojson, "Search", method="GET"),
            link("search", f"{links.root}/search", links.geojson, "Search", method="POST"),
            link(_QUERYABLES, f"{links.root}/queryables", links.schema, "Queryables"),
            link(_SORTABLES, f"{links.root}/sortables", links.schema, "Sortables"),
            link("service-desc", f"{links.root}/api", _OPENAPI, "OpenAPI description"),
            link("service-doc", f"{links.root}/api.html", "text/html", "Description for people"),
        ],
    }


_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_SORTABLES = "http://www.opengis.net/def/rel/ogc/1.0/sortables"


def collection(shelf: Shelf, identifier: str, links: Links) -> dict[str, Any]:
    """A Collection with its links.

    Raises:
        NotFound: there is none.
    """
    found = shelf.collections.get(identifier)
    if found is None:
        raise NotFound(f"There is no Collection {identifier[:200]!r}.", "See /stac/collections.")
    return _linked(found, links)


def _linked(found: dict[str, Any], links: Links) -> dict[str, Any]:
    identifier, link = found["id"], links.link
    own = links.collection(identifier)
    items = links.items(identifier)
    made = [
        link("self", own, title=found.get("title", identifier)),
        link("root", links.root, title=_TITLE),
        link("parent", links.root, title=_TITLE),
        link("items", items, links.geojson, "Items"),
        link(_QUERYABLES, f"{own}/queryables", links.schema, "Queryables"),
    ]
    further = [links.absolute(one) for one in found.get("links", [])]
    return {**found, "links": [*made, *further]}


def collections(shelf: Shelf, limit: int, token: str, links: Links) -> dict[str, Any]:
    """A page of Collections in the order of their identifiers."""
    digest = digest_of("collections")
    names = list(shelf.collections)
    after = read_token(token, digest, 1).key[0] if token else None
    left = names if after is None else [one for one in names if one > str(after)]
    shown = left[:limit]
    own = f"{links.root}/collections"
    made = [links.link("self", own), links.link("root", links.root), links.link("parent", links.root)]
    if len(left) > len(shown):
        following = write_token(Token((shown[-1],), shelf.version), digest)
        made.append(links.link("next", links.with_query(own, [("limit", str(limit)), ("token", following)])))
    return {
        "collections": [_linked(shelf.collections[name], links) for name in shown],
        "links": made,
        "numberMatched": len(names),
        "numberReturned": len(shown),
    }


def items_of(home: Home, shelf: Shelf, search: Search, links: Links) -> tuple[dict[str, Any], str]:
    """A page of Items without links to other pages, and the token of the next one ("": there is none).

    Raises:
        QueryError: the token is of another search, or none.
    """
    width = len(keys_of(search))
    token = read_token(search.token, search.digest, width) if search.token else None
    found = page(home.scenes, shelf.models, search, token.key if token else None)
    matched = token.matched if token and token.version == shelf.version else None
    if matched is None:
        matched = count(home.scenes, shelf.models, search)
    after = Token(found.after, shelf.version, matched) if found.after else None
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [search.shown.of(one) for one in _items(home, found.rows, search, links)],
        "links": [],
        "numberReturned": len(found.rows),
    }
    if matched is not None:
        body["numberMatched"] = matched
    return body, write_token(after, search.digest) if after else ""


def one_item(home: Home, shelf: Shelf, collection_id: str, identifier: str, links: Links) -> dict[str, Any]:
    """An Item.

    Raises:
        NotFound: there is none.
    """
    if collection_id not in shelf.collections:
        raise NotFound(f"There is no Collection {collection_id[:200]!r}.", "See /stac/collections.")
    search = Search(collections=(collection_id,), ids=(identifier,), limit=1)
    found = page(home.scenes, shelf.models, search, None).rows
    if not found:
        raise NotFound(f"Collection {collection_id[:200]!r} has no Item {identifier[:200]!r}.", "Search by `ids`.")
    return _items(home, found, search, links)[0]


def _items(home: Home, rows: tuple[Row, ...], search: Search, links: Links) -> list[dict[str, Any]]:
    known: dict[tuple[str, str], tuple[str, str]] = {}
    wanted = [(one["collection"], one["id"]) for one in rows if "item" not in one]
    if any(map(search.shown.needs, ("assets", "properties", "links", "stac_extensions"))):
        known = records_of(home.scenes, wanted)
    return [
        links.linked(one["item"]) if "item" in one else item(one, known.get((one["collection"], one["id"])), links)
        for one in rows
    ]
