"""A first service: questions and SPARQL over HTTP, read-only."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from api.exits import http_status
from kg.home import Home, open_home
from kg.results import render
from ontology.errors import EarthdexError, QueryError, QueryTooLarge

_MAX_BODY = 1_000_000
_QUERY_SECONDS = 30.0
# media type -> our name of the format, most wanted first
_SOLUTION_TYPES = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/geo+json": "geojson",
}
_GRAPH_TYPES = {"text/turtle": "turtle", "application/n-triples": "ntriples"}


class Catalogue:
    """The last published version, reopened when a newer one appears."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._home: Home | None = None

    def home(self) -> Home:
        """The open catalogue; the one before is kept until its readers are done (Python's reference count)."""
        with self._lock:
            if self._home is None or self._home.is_stale():
                self._home = open_home(self._path)
            return self._home


def _problem(error: EarthdexError) -> JSONResponse:
    status = http_status(error)
    body = {"title": type(error).__name__, "status": status, "detail": error.message, "remedy": error.remedy}
    return JSONResponse(body, status, media_type="application/problem+json")


def _accepted(header: str, offered: dict[str, str]) -> tuple[str, str]:
    """(media type, format) of the best offer for an Accept header (RFC 9110, quality values)."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:50]):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if quality > 0:
            wanted.append((-quality, place, name.lower()))
    for _, _, name in sorted(wanted):
        for media, form in offered.items():
            if name in (media, "*/*") or (name.endswith("/*") and media.startswith(name[:-1])):
                return media, form
    if not wanted:
        return next(iter(offered.items()))
    raise QueryError(f"None of the asked formats is offered: {header[:200]}.", f"Offered: {', '.join(offered)}.")


async def _body(request: Request) -> bytes:
    """The request body.

    Raises:
        QueryTooLarge: it exceeds a megabyte; reading stops there.
    """
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > _MAX_BODY:
            raise QueryTooLarge("The request is larger than 1 MB.", "Send a shorter query.")
    return bytes(read)


async def _posted_query(request: Request) -> str:
    """The query of a POST: `application/sparql-query`, or a form field (SPARQL 1.1 Protocol, 2.1)."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        text = (await _body(request)).decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError("The request is not UTF-8.", "Send the query as UTF-8 text.") from error
    if kind == "application/sparql-query":
        return text
    if kind == "application/x-www-form-urlencoded":
        fields = dict(parse_qsl(text, max_num_fields=50))
        if "query" in fields:
            return fields["query"]
        raise QueryError("The form has no field `query`.", "Send query=SELECT...")
    raise QueryError(
        f"Cannot read a query from {kind or 'an untyped body'}.", "Use application/sparql-query or a form."
    )


def create_app(path: Path | None = None) -> FastAPI:
    """The web application over the catalogue in `path` (by default the user's own)."""
    app = FastAPI(title="earthdex", version="0.1.0", docs_url=None, redoc_url=None)
    catalogue = Catalogue(path)

    @app.exception_handler(EarthdexError)
    async def _on_error(_: Request, error: Exception) -> JSONResponse:
        return _problem(error if isinstance(error, EarthdexError) else EarthdexError("The request failed."))

    @app.middleware("http")
    async def _no_sniffing(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await proceed(request)
        response.headers["x-content-type-options"] = "nosniff"
        return response

    @app.get("/health")
    def health() -> dict[str, Any]:
        """Whether the catalogue can be read, and which version."""
        return {"status": "ok", "version": catalogue.home().version}

    @app.get("/ask")
    def ask(
        q: Annotated[str, Query(max_length=20_000, description="The question in plain English.")],
        limit: Annotated[int, Query(ge=1, le=1000)] = 20,
        reference_date: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")] = None,
        after: Annotated[list[str] | None, Query(description="Earlier questions, oldest first.")] = None,
    ) -> dict[str, Any]:
        """The answer of `earthdex ask --json`."""
        from nlq.ask import ask as run

        answer = run(catalogue.home(), q, context=tuple(after or ()), reference_date=reference_date, limit=limit)
        return answer.to_dict()

    def _run(query: str, accept: str) -> Response:
        result = catalogue.home().query(query, timeout=_QUERY_SECONDS)
        is_graph = hasattr(result, "triples")
        media, form = _accepted(accept or "*/*", _GRAPH_TYPES if is_graph else _SOLUTION_TYPES)
        return Response(render(result, form), media_type=media)

    @app.get("/sparql")
    def sparql_get(request: Request, query: Annotated[str, Query(max_length=100_000)]) -> Response:
        """SPARQL 1.1 Protocol, query by GET."""
        return _run(query, request.headers.get("accept", ""))

    @app.post("/sparql")
    async def sparql_post(request: Request) -> Response:
        """SPARQL 1.1 Protocol, query by POST (both forms)."""
        query = await _posted_query(request)
        return await run_in_threadpool(_run, query, request.headers.get("accept", ""))

    return app
