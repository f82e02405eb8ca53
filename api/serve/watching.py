"""`/health`, `/ready` and `/metrics`: what those who run the service look at."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.serve.clients import is_loopback
from api.serve.metrics import MEDIA, Metrics
from api.serve.service import Service
from ontology.errors import EarthdexError, QueryNotAllowed


async def _version(service: Service) -> str:
    try:
        return (await service.catalogue.current()).version
    except EarthdexError:
        return ""


def routes(service: Service, metrics: Metrics) -> APIRouter:
    """The routes of those who run the service."""
    router = APIRouter()

    @router.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the service lives, and which version of the catalogue is published."""
        return {"status": "ok", "version": await _version(service)}

    @router.get("/ready", responses={503: {"description": "The workers are not warm yet."}})
    async def ready() -> Response:
        """Whether requests are answered without delay: all workers are warm."""
        workers = {"questions": service.answers.state(), "queries": service.queries.state()}
        body = {"status": "ready" if service.ready else "starting", "version": await _version(service)}
        headers = None if service.ready else {"retry-after": "1"}
        return JSONResponse(body | {"workers": workers}, 200 if service.ready else 503, headers)

    @router.get("/metrics", response_class=Response, responses={403: {"description": "Not from this machine."}})
    async def numbers(request: Request) -> Response:
        """Numbers for Prometheus; for this machine itself, and holders of a key for it."""
        if not (is_loopback(request) or service.may(request, "metrics")):
            raise QueryNotAllowed("The numbers are not for everyone.", "Ask from the machine itself, or with a key.")
        return Response(await asyncio.to_thread(metrics.text), media_type=MEDIA)

    return router
