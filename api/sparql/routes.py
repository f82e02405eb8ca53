"""`/sparql`: queries by GET and by both forms of POST, and what the service says of itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.serve.problems import notes_header
from api.serve.service import Service
from api.sparql.description import description
from api.sparql.formats import GRAPHS, SOLUTIONS, Wanted, chosen
from api.sparql.requests import Asked, from_body, from_url
from kg.home import Home
from kg.results import render
from kg.solutions import Solutions
from kg.sparql.dataset import with_dataset
from ontology.errors import QueryError, QuerySyntaxError

# a browser's page of another host may ask, as SPARQL editors do; keys are never sent by it unasked
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Earthdex-Notes, Link, Location, ETag"}
_GRAPHS_SHOWN = 1000
_NAMES = "SELECT DISTINCT ?g WHERE { GRAPH ?g {} } LIMIT " + str(_GRAPHS_SHOWN)

_PARAMETERS: list[dict[str, Any]] = [
    {"name": "query", "in": "query", "schema": {"type": "string"}, "description": "The query."},
    *(
        {
            "name": name,
            "in": "query",
            "description": text,
            "schema": {"type": "array", "items": {"type": "string", "format": "iri"}},
        }
        for name, text in (
            ("default-graph-uri", "Graph that is part of the default graph; repeatable."),
            ("named-graph-uri", "Graph that GRAPH sees; repeatable."),
        )
    ),
    {"name": "format", "in": "query", "schema": {"type": "string"}, "description": "Format, where Accept cannot."},
]
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {one: {} for one in (*SOLUTIONS, *GRAPHS)}, "description": "The result."},
    **{
        status: {"description": text, "content": {"application/problem+json": {}}}
        for status, text in (
            (400, "The request or the query is wrong; with line and column."),
            (403, "An update, LOAD or SERVICE."),
            (406, "None of the asked formats is offered."),
            (413, "The query or its result is too large."),
            (415, "A body that is no query."),
            (429, "This client asks too much at once."),
            (503, "The service is busy."),
            (504, "The query took too long."),
            (507, "The query needs too much memory."),
        )
    },
}
_BODY = {
    "content": {
        "application/sparql-query": {"schema": {"type": "string"}},
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
        },
    },
    "required": True,
}


def preflight(methods: str, *, shared: bool = True) -> Response:
    """Which methods an address has; what a browser asks before it sends a request of another page's script."""
    if not shared:
        return Response(status_code=204, headers={"Allow": methods})
    allowed = {"Allow": methods, "Access-Control-Allow-Methods": methods, "Access-Control-Max-Age": "86400"}
    allowed["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type"
    return Response(status_code=204, headers=OPEN | allowed)


def routes(service: Service) -> APIRouter:
    """The routes of the SPARQL protocol."""
    router = APIRouter()

    async def run(request: Request, asked: Asked) -> Response:
        if asked.text is None:
            if asked.default or asked.named:
                raise QueryError("The request names graphs, but no query.", "Send query=SELECT...")
            return await describe(request, asked)
        wanted = Wanted.of(request.headers.get("accept", ""), asked.format)
        text = with_dataset(asked.text, asked.default, asked.named)
        try:
            found = await service.query_bytes(request, text, wanted.forms())
        except QuerySyntaxError:
            if text != asked.text:  # said once more, with the place in the text that was sent
                await service.query_bytes(request, asked.text, wanted.forms())
            raise
        headers = OPEN | _VARY | {"Cache-Control": "no-cache", "ETag": found.etag} | notes_header(found.notes)
        if found.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type=wanted.media(found.kind == "triples"), headers=headers)

    async def describe(request: Request, asked: Asked) -> Response:
        media, form = chosen(GRAPHS, request.headers.get("accept", ""), asked.format)

        def names(home: Home) -> tuple[list[str], str]:
            found = home.query(_NAMES)
            return [str(row[0]) for row in found.rows] if isinstance(found, Solutions) else [], home.version

        graphs, version = await service.read(request, names)
        found = description(service.base(request), graphs, version)
        return Response(render(found, form), media_type=media, headers=OPEN | _VARY)

    extra = {"parameters": _PARAMETERS}

    @router.head("/sparql", include_in_schema=False)
    @router.get("/sparql", responses=_RESPONSES, openapi_extra=extra)
    async def sparql_get(request: Request) -> Response:
        """SPARQL 1.1 Protocol, query by GET; without a query, the service's own description, people the page."""
        if not request.query_params and request.headers.get("accept", "").startswith("text/html"):
            return RedirectResponse(f"{service.base(request)}/query", 303, _VARY)
        return await run(request, from_url(request, "query"))

    @router.post("/sparql", responses=_RESPONSES, openapi_extra={"requestBody": _BODY})
    async def sparql_post(request: Request) -> Response:
        """SPARQL 1.1 Protocol, query by POST (both forms)."""
        return await run(request, await from_body(request, service, "query"))

    @router.options("/sparql", include_in_schema=False)
    async def sparql_options() -> Response:
        """Which methods there are, also for scripts of other pages."""
        return preflight("GET, HEAD, POST, OPTIONS")

    return router


_VARY = {"Vary": "Accept"}
