"""`/store`: whole graphs by SPARQL 1.1 Graph Store HTTP Protocol. Reading is open, writing needs a key."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.serve.bodies import read_body
from api.serve.service import Service
from api.sparql.dumps import Dumps, check_graph
from api.sparql.formats import GRAPHS, chosen
from api.sparql.requests import content_type, fields
from api.sparql.routes import preflight
from api.sparql.update import RESPONSES, said
from api.sparql.uploads import RDF, uploaded
from api.sparql.writing import Writing
from kg.sparql.dataset import absolute
from kg.updates.work import Change
from ontology.errors import MediaTypeRefused, QueryError
from ontology.namespaces import BASE
from ontology.terms import IRI

_MEDIA = {"turtle": "text/turtle", "ntriples": "application/n-triples", "jsonld": "application/ld+json"}
_MEDIA |= {"rdfxml": "application/rdf+xml", "nquads": "application/n-triples"}  # of one graph, both are the same
_UPDATE = "application/sparql-update"
_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "graph",
        "in": "query",
        "schema": {"type": "string", "format": "iri"},
        "description": "IRI of the graph; or `default`, without a value, for the default graph.",
    },
    {"name": "default", "in": "query", "schema": {"type": "string"}, "allowEmptyValue": True},
]
_READ: dict[int | str, dict[str, Any]] = {
    200: {"content": {one: {} for one in GRAPHS}, "description": "The triples of the graph."},
    **{
        status: {"description": text, "content": {"application/problem+json": {}}}
        for status, text in ((400, "No graph is named."), (404, "There is no such graph."), (406, "Another format."))
    },
}
_WRITE = RESPONSES | {201: {"description": "The graph was made."}, 404: _READ[404]}
_BODY = {"content": {one: {"schema": {"type": "string"}} for one in (*RDF, "multipart/form-data")}, "required": True}
_PATCH = {"content": {_UPDATE: {"schema": {"type": "string"}}}, "required": True}


def _graph(request: Request, *, new: bool = False) -> IRI | None:
    """The graph that a request is about; None is the default graph.

    Raises:
        QueryError: none or more than one is named.
    """
    found = [(name, value) for name, value in fields(request.url.query) if name in ("graph", "default")]
    if not found and new:
        return IRI(f"{BASE}graph/{secrets.token_hex(12)}")
    if len(found) != 1:
        raise QueryError("The request names no graph, or more than one.", "Add ?graph=<iri> or ?default.")
    name, value = found[0]
    return None if name == "default" else IRI(absolute(value))


def routes(service: Service, writing: Writing) -> APIRouter:
    """The routes of the graph store."""
    router = APIRouter()
    dumps = Dumps()
    extra = {"parameters": _PARAMETERS}

    @router.head("/store", include_in_schema=False)
    @router.get("/store", responses=_READ, openapi_extra=extra)
    async def store_get(request: Request) -> Response:
        """The triples of a graph, as RDF."""
        graph = _graph(request)
        wanted = dict(fields(request.url.query)).get("format", "")
        media, form = chosen(GRAPHS, request.headers.get("accept", ""), wanted)
        home = await service.catalogue.current()
        await run_in_threadpool(check_graph, home, graph)
        tag = hashlib.sha256(f"{home.version} {graph} {form}".encode()).hexdigest()[:16]
        headers = {"ETag": f'"{tag}"', "Vary": "Accept", "Earthdex-Version": home.version}
        if f'"{tag}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        kind = f"{media}; charset=utf-8" if media.startswith("text/") else media
        if request.method == "HEAD":
            return Response(headers=headers, media_type=kind)
        size, stream = await dumps.open(home, graph, _MEDIA[form])
        return StreamingResponse(stream, headers=headers | {"Content-Length": str(size)}, media_type=kind)

    @router.put("/store", responses=_WRITE, openapi_extra=extra | {"requestBody": _BODY})
    async def store_put(request: Request) -> Response:
        """Puts triples in the place of a graph; needs a key."""
        holder = await writing.holder(request)
        change = Change("put", graph=_graph(request), parts=await uploaded(request, service))
        done = await writing.commit(holder, change)
        return said(done, 201 if done.created else 200)

    @router.post("/store", responses=_WRITE, openapi_extra=extra | {"requestBody": _BODY})
    async def store_post(request: Request) -> Response:
        """Adds triples to a graph, or to a new one that the service names; needs a key."""
        holder = await writing.holder(request)
        graph = _graph(request, new=True)
        done = await writing.commit(holder, Change("post", graph=graph, parts=await uploaded(request, service)))
        if not done.created or graph is None:
            return said(done)
        return said(done, 201, Location=f"{service.base(request)}/store?graph={quote(graph, safe='')}")

    @router.delete("/store", responses=_WRITE, openapi_extra=extra)
    async def store_delete(request: Request) -> Response:
        """Drops a graph; needs a key."""
        holder = await writing.holder(request)
        return said(await writing.commit(holder, Change("delete", graph=_graph(request))))

    @router.patch("/store", responses=_WRITE, openapi_extra=extra | {"requestBody": _PATCH})
    async def store_patch(request: Request) -> Response:
        """Runs an update on one graph; needs a key."""
        holder = await writing.holder(request)
        graph = _graph(request)
        if content_type(request)[0] != _UPDATE:
            raise MediaTypeRefused("A graph is patched by a SPARQL update.", f"Send {_UPDATE}.")
        body = await read_body(request, service.settings, service.settings.write_bytes)
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise QueryError("The update is not UTF-8.", "Send UTF-8 text.") from None
        return said(await writing.commit(holder, Change("update", text=text, graph=graph)))

    @router.options("/store", include_in_schema=False)
    async def store_options() -> Response:
        """Which methods there are."""
        return preflight("GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS", shared=False)

    return router
