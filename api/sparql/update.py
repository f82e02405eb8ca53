"""`/update`: SPARQL 1.1 Update over HTTP, for who holds a key."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.serve.service import Service
from api.sparql.requests import from_body
from api.sparql.routes import preflight
from api.sparql.writing import Writing
from kg.sparql.dataset import absolute
from kg.updates.committer import Done
from kg.updates.work import Change

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {}}}
    for status, text in (
        (400, "The request is wrong; with line and column."),
        (401, "No valid key."),
        (403, "A key that does not cover it, LOAD, SERVICE, or scenes."),
        (413, "It is too large, or changes too much."),
        (415, "A body of another type."),
        (503, "Too many changes are waiting, or something else writes."),
        (504, "It took too long."),
    )
}
_BODY = {
    "content": {
        "application/sparql-update": {"schema": {"type": "string"}},
        "application/x-www-form-urlencoded": {
            "schema": {"type": "object", "properties": {"update": {"type": "string"}}, "required": ["update"]}
        },
    },
    "required": True,
}


def said(done: Done, status: int = 200, **headers: str) -> Response:
    """What a change did."""
    body = {"version": done.version, "added": done.added, "removed": done.removed}
    return JSONResponse(body, status, {"Earthdex-Version": done.version, **headers})


def routes(service: Service, writing: Writing) -> APIRouter:
    """The route of updates."""
    router = APIRouter()

    @router.post("/update", responses=RESPONSES, openapi_extra={"requestBody": _BODY})
    async def update(request: Request) -> Response:
        """SPARQL 1.1 Protocol, update; needs a key. It is durable, and seen by the next query, when this answers."""
        holder = await writing.holder(request)
        asked = await from_body(request, service, "update")
        change = Change(
            "update",
            text=asked.text or "",
            using=tuple(absolute(one) for one in asked.default),
            named=tuple(absolute(one) for one in asked.named),
        )
        return said(await writing.commit(holder, change))

    @router.get("/update", include_in_schema=False)
    async def update_get() -> Response:
        """Refused: what only asks must change nothing (SPARQL 1.1 Protocol, 2.2)."""
        body = {"title": "MethodNotAllowed", "status": 405, "detail": "An update cannot be sent by GET."}
        return JSONResponse(
            body | {"remedy": "POST it."}, 405, {"Allow": "POST, OPTIONS"}, media_type="application/problem+json"
        )

    @router.options("/update", include_in_schema=False)
    async def update_options() -> Response:
        """Which methods there are."""
        return preflight("POST, OPTIONS", shared=False)

    return router
