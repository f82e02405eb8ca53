"""What holds for every response: headers that keep browsers safe, a line in the log, numbers for the metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serve.bodies import bounded
from api.serve.clients import client_of
from api.serve.logs import Log
from api.serve.metrics import Metrics
from api.serve.problems import problem
from api.serve.settings import Settings
from ontology.errors import EarthdexError

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    # pages bring scripts and styles from here only, and nothing inline
    "content-security-policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
}
# scripts of other pages may read; what they send never carries a key that the browser keeps
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Earthdex-Notes, Earthdex-Version, ETag, Link, Location, Retry-After",
}
_PREFLIGHT = {
    "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
    "access-control-allow-headers": "Accept, Content-Type, If-None-Match",
    "access-control-max-age": "86400",
}
_CLOSED = ("/update", "/store", "/metrics", "/mcp")  # not for scripts of other pages


class Envelope:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        settings: bounds of bodies.
        metrics: counts requests.
        log: one line for each request.
        known: notes in a request's state whose key it brings.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, metrics: Metrics, log: Log, known: Callable[[Scope], None]
    ) -> None:
        self._app, self._settings, self._metrics, self._log, self._known = app, settings, metrics, log, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        told: dict[str, Any] = {"status": 500, "bytes": 0}
        shared = not scope["path"].startswith(_CLOSED)
        asks_first = scope["method"] == "OPTIONS" and any(
            name == b"access-control-request-method" for name, _ in scope["headers"]
        )

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                if asks_first and shared and message["status"] in (404, 405):
                    message["status"] = 200
                    for name, value in _PREFLIGHT.items():
                        MutableHeaders(scope=message).setdefault(name, value)
                told["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in (_HEADERS | _OPEN if shared else _HEADERS).items():
                    headers.setdefault(name, value)
            elif message["type"] == "http.response.body":
                told["bytes"] += len(message.get("body", b""))
            await send(message)

        self._known(scope)
        self._metrics.begin()
        try:
            try:
                await self._app(scope, bounded(scope, receive, self._settings), sending)
            except EarthdexError as error:  # of the body, while another middleware reads it
                await problem(error)(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "") or "none"
            seconds = time.perf_counter() - started
            self._metrics.end(route, scope["method"], told["status"], seconds)
            self._log.request(scope, client_of(HTTPConnection(scope)), route, told["status"], told["bytes"], seconds)
