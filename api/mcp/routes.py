"""`/mcp`: the assistants' server over streamable HTTP.

Each request stands for itself (no sessions, answers as JSON), so nothing has to be kept between requests and none
can be taken over. The SDK is imported with the first request: it takes longer than all else that the service starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.mcp.source import Served
from api.serve.service import Service
from ontology.errors import NotOffered, QueryNotAllowed

if TYPE_CHECKING:
    from mcp.server.lowlevel.server import Server


class _Handled(Response):
    """What the SDK answers."""

    def __init__(self, server: Server[Any], most: int) -> None:
        super().__init__()
        self._server = server
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        manager = StreamableHTTPSessionManager(
            self._server, json_response=True, stateless=True, max_request_body_size=self._most
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


def _check_origin(request: Request, base: str) -> None:
    """Web pages of others may not use the catalogue through the browser of someone who can reach it.

    Raises:
        QueryNotAllowed: the page that asks is not of this service (Model Context Protocol, security of transports).
    """
    origin = request.headers.get("origin")
    if origin and urlsplit(origin)[:2] != urlsplit(base)[:2]:
        raise QueryNotAllowed("This page may not use the assistants' server.", "Use a client outside the browser.")


def routes(service: Service) -> APIRouter:
    """The route of the assistants' server."""
    router = APIRouter()
    made: list[Server[Any]] = []

    def server(version: str) -> Server[Any]:
        try:
            from api.mcp.server import make_server
        except ModuleNotFoundError as error:
            raise NotOffered(
                f"The assistants' server needs the package {error.name}.",
                "Install it with pip install 'earthdex[mcp]'.",
            ) from None
        return make_server(lambda request: Served(service, request), version)._lowlevel_server

    # its own protocol describes it: JSON-RPC, no resources
    @router.post("/mcp", include_in_schema=False)
    async def mcp(request: Request) -> Response:
        """Streamable HTTP of the Model Context Protocol: JSON-RPC messages, each answered as JSON."""
        _check_origin(request, service.base(request))
        if not made:
            made.append(await run_in_threadpool(server, request.app.version))
        return _Handled(made[0], service.settings.body_bytes)

    @router.get("/mcp", include_in_schema=False)
    @router.delete("/mcp", include_in_schema=False)
    async def nothing_kept() -> Response:
        """There is neither a stream to listen to nor a session to end (the protocol's own answer to that)."""
        raise HTTPException(405, "Send messages by POST.", {"allow": "POST"})

    return router
