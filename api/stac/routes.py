"""`/stac`: a STAC API (api.stacspec.org 1.0) over scenes, datasets and models."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.serve.bodies import read_body
from api.serve.service import Service
from api.stac import described
from api.stac.answers import collection, collections, items_of, landing, one_item
from api.stac.conformance import CONFORMS
from api.stac.fields import queryables
from api.stac.links import Links
from api.stac.shelf import Shelf, Shelves
from api.stac.wanted import Search, asked, json_of, limit_of, posted
from kg.home import Home
from ontology.errors import NotFound, QueryError

_ROOT = "/stac"
_MOST_COLLECTIONS = 1_000
_USUAL_COLLECTIONS = 100


def routes(service: Service) -> APIRouter:
    """The routes of the STAC API."""
    router = APIRouter(prefix=_ROOT, tags=["STAC"])
    shelves = Shelves()

    async def made(request: Request, make: Callable[[Home, Shelf, Links], Any], media: str = Links.json) -> Response:
        links = Links(service.base(request))
        data = await service.read(request, lambda home: _dumped(make(home, shelves.of(home), links)))
        return Response(data, media_type=media)

    async def found(request: Request, ask: Callable[[], Search], address: str, body: bytes | None = None) -> Response:
        """A page of Items, with a link to the next one of the same method; the search is read in a thread as well."""

        def make(home: Home, shelf: Shelf, links: Links) -> dict[str, Any]:
            search = ask()
            if search.collections and address != "/search":
                _demand(shelf, search.collections[0])
            page, token = items_of(home, shelf, search, links)
            given = None if body is None else json_of(body, "The body")
            page["links"] = _page_links(request, links, address, token, given)
            return page

        return await made(request, make, Links.geojson)

    @router.get("", **described.LANDING)
    async def landing_page(request: Request) -> Response:
        """The landing page of the STAC API."""
        return Response(_dumped(landing(Links(service.base(request)))), media_type=Links.json)

    @router.get("/", include_in_schema=False)
    async def landing_page_with_slash(request: Request) -> Response:
        return await landing_page(request)

    @router.get("/conformance", **described.JSON)
    async def conformance() -> Response:
        """What the STAC API conforms to."""
        return Response(_dumped({"conformsTo": list(CONFORMS)}), media_type=Links.json)

    @router.get("/api", include_in_schema=False)
    async def api(request: Request) -> Response:
        return Response(_dumped(request.app.openapi()), media_type="application/vnd.oai.openapi+json;version=3.0")

    @router.get("/api.html", include_in_schema=False)
    async def api_page(request: Request) -> Response:
        return Response(described.page(service.base(request)), media_type="text/html")

    @router.get("/queryables", **described.SCHEMA)
    async def all_queryables(request: Request) -> Response:
        """What Items can be filtered by."""
        address = f"{Links(service.base(request)).root}/queryables"
        return Response(_dumped(queryables(address)), media_type=Links.schema)

    @router.get("/sortables", **described.SCHEMA)
    async def all_sortables(request: Request) -> Response:
        """What Items can be sorted by."""
        address = f"{Links(service.base(request)).root}/sortables"
        return Response(_dumped(queryables(address, sort=True)), media_type=Links.schema)

    @router.get("/collections", **described.COLLECTIONS)
    async def all_collections(request: Request) -> Response:
        """Collections: of scenes, and one for each dataset; `models` holds the models."""
        limit = _limit(request.query_params.get("limit"))
        token = request.query_params.get("token", "")
        return await made(request, lambda _, shelf, links: collections(shelf, limit, token, links))

    @router.get("/search", **described.SEARCH)
    async def search(request: Request) -> Response:
        """Items of all Collections."""
        return await found(request, lambda: asked(request.query_params.multi_items()), "/search")

    @router.post("/search", **described.POSTED)
    async def posted_search(request: Request) -> Response:
        """Items of all Collections, asked for by a JSON body."""
        kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if kind not in ("application/json", "application/geo+json"):
            raise QueryError(f"Cannot read a search from {kind[:60]}.", "Send application/json.")
        body = await read_body(request, service.settings)
        return await found(request, lambda: posted(json_of(body, "The body")), "/search", body)

    @router.get("/collections/{collection_id}", **described.COLLECTION)
    async def one_collection(request: Request, collection_id: str) -> Response:
        """A Collection."""
        return await made(request, lambda _, shelf, links: collection(shelf, collection_id, links))

    @router.get("/collections/{collection_id}/queryables", **described.OF_COLLECTION)
    async def own_queryables(request: Request, collection_id: str) -> Response:
        """What Items of a Collection can be filtered by."""

        def make(_: Home, shelf: Shelf, links: Links) -> dict[str, Any]:
            _demand(shelf, collection_id)
            scenes = shelf.scenes.get(collection_id)
            address = f"{links.collection(collection_id)}/queryables"
            return queryables(address, scenes.present if scenes else frozenset({"start_time", "end_time"}))

        return await made(request, make, Links.schema)

    @router.get("/collections/{collection_id}/items", **described.ITEMS)
    async def items(request: Request, collection_id: str) -> Response:
        """Items of a Collection."""
        values = [(name, one) for name, one in request.query_params.multi_items() if name != "collections"]
        path = Links("").items(collection_id).removeprefix(_ROOT)
        return await found(request, lambda: asked(values).within(collection_id), path)

    @router.get("/collections/{collection_id}/items/{item_id}", **described.ITEM)
    async def an_item(request: Request, collection_id: str, item_id: str) -> Response:
        """An Item."""
        return await made(
            request,
            lambda home, shelf, links: one_item(home, shelf, collection_id, item_id, links),
            Links.geojson,
        )

    @router.get("/collections/{rest:path}", include_in_schema=False)
    async def with_slashes(request: Request, rest: str) -> Response:
        """The routes above for identifiers that hold a slash, whether addresses hold it as `%2F` or as it is."""
        names = await service.read(request, lambda home: tuple(shelves.of(home).collections))
        for name in sorted((one for one in names if f"{rest}/".startswith(f"{one}/")), key=len, reverse=True):
            further = rest[len(name) + 1 :]
            if not further:
                return await one_collection(request, name)
            if further == "queryables":
                return await own_queryables(request, name)
            if further == "items":
                return await items(request, name)
            if further.startswith("items/"):
                return await an_item(request, name, further.removeprefix("items/"))
        raise NotFound(f"There is nothing at {request.url.path[:200]!r}.", "See /stac.")

    return router


def _demand(shelf: Shelf, identifier: str) -> None:
    if identifier not in shelf.collections:
        raise NotFound(f"There is no Collection {identifier[:200]!r}.", "See /stac/collections.")


def _limit(text: str | None) -> int:
    if text is None:
        return _USUAL_COLLECTIONS
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise QueryError(f"The limit is {text[:40]!r}.", "Give a whole number from 1.")
    return min(limit_of(int(text)), _MOST_COLLECTIONS)


def _page_links(
    request: Request, links: Links, address: str, token: str, body: dict[str, Any] | None
) -> list[dict[str, Any]]:
    own = links.root + address
    query = [(name, one) for name, one in request.query_params.multi_items() if name != "token"]
    made = [links.link("root", links.root), links.link("self", links.with_query(own, query), links.geojson)]
    if address != "/search":
        made.append(links.link("collection", own.removesuffix("/items")))
    if token and body is not None:
        following = {**body, "token": token}
        made.append(links.link("next", own, links.geojson, method="POST", body=following, merge=False))
    elif token:
        made.append(links.link("next", links.with_query(own, [*query, ("token", token)]), links.geojson))
    return made


def _dumped(value: Any) -> bytes:  # noqa: ANN401
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
