"""A first service: questions and SPARQL over HTTP, read-only."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.exits import http_status
from ingest.live.attach import live_mark, with_live
from kg.home import Home, open_home
from kg.results import render
from kg.rules.memory import Files
from ontology.errors import EarthdexError, NotOffered, QueryError, QueryTooLarge, TooBusy

_MAX_BODY = 1_000_000
_QUERY_SECONDS = 30.0
_BODY_SECONDS = 30.0
# questions, and queries, that are answered at once; the pool of 40 threads keeps some for /health
_AT_ONCE = 12
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
        self._mark = 0

    def home(self) -> Home:
        """The open catalogue; the one before is kept until its readers are done (Python's reference count)."""
        with self._lock:
            if self._home is None or self._home.is_stale() or live_mark(self._home.path) != self._mark:
                fresh = open_home(self._path)
                self._mark = live_mark(fresh.path)
                self._home = with_live(fresh)
            return self._home


def _problem(error: EarthdexError) -> JSONResponse:
    status = http_status(error)
    body = {"title": type(error).__name__, "status": status, "detail": error.message, "remedy": error.remedy}
    headers = {"retry-after": "5"} if status == 503 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


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
    raise NotOffered(f"None of the asked formats is offered: {header[:200]}.", f"Offered: {', '.join(offered)}.")


async def _body(request: Request) -> bytes:
    """The request body.

    Raises:
        QueryTooLarge: it exceeds a megabyte; reading stops there.
        QueryError: it does not come to an end in time.
    """
    read = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in request.stream():
                read += piece
                if len(read) > _MAX_BODY:
                    raise QueryTooLarge("The request is larger than 1 MB.", "Send a shorter query.")
    except TimeoutError:
        raise QueryError("The request came too slowly.", "Send it again.") from None
    except ClientDisconnect:
        raise QueryError("The request ended before its end.", "Send it again.") from None
    return bytes(read)


def _said(notes: Sequence[str]) -> dict[str, str]:
    """Notes of a result as a header, for its formats have no place for them; percent-encoded beyond ASCII."""
    return {"Earthdex-Notes": quote("; ".join(notes)[:2000], safe=" ;:,.'\"<>()/#=?&-+*[]|")} if notes else {}


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
        try:
            fields = dict(parse_qsl(text, max_num_fields=50))
        except ValueError:
            raise QueryError("The form has more than 50 fields.", "Send query=SELECT...") from None
        if "query" in fields:
            return fields["query"]
        raise QueryError("The form has no field `query`.", "Send query=SELECT...")
    raise QueryError(
        f"Cannot read a query from {kind or 'an untyped body'}.", "Use application/sparql-query or a form."
    )


def create_app(path: Path | None = None, data: Sequence[Path] = ()) -> FastAPI:
    """The web application over the catalogue in `path` (by default the user's own).

    Args:
        path: the catalogue's folder.
        data: RDF files that `/sparql` answers from instead.
    """
    app = FastAPI(title="earthdex", version="0.1.0", docs_url=None, redoc_url=None)
    catalogue = Catalogue(path)
    files = Files(data) if data else None

    @app.exception_handler(EarthdexError)
    async def _on_error(_: Request, error: Exception) -> JSONResponse:
        return _problem(error if isinstance(error, EarthdexError) else EarthdexError("The request failed."))

    @app.exception_handler(RequestValidationError)
    async def _on_bad_request(_: Request, error: Exception) -> JSONResponse:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        detail = "; ".join(f"{'.'.join(str(one) for one in each['loc'])}: {each['msg']}" for each in found[:5])
        body = {"title": "Invalid request", "status": 422, "detail": detail, "remedy": "See /openapi.json."}
        return JSONResponse(body, 422, media_type="application/problem+json")

    questions, queries = asyncio.Semaphore(_AT_ONCE), asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def room(working: asyncio.Semaphore) -> AsyncIterator[None]:
        # turned away at once rather than queued: a queue would take the threads that answer everyone else
        if working.locked():
            raise TooBusy("Too many requests are being answered.", "Try again in a moment.")
        async with working:
            yield

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
    async def ask(
        q: Annotated[str, Query(max_length=20_000, description="The question in plain English.")],
        limit: Annotated[int, Query(ge=1, le=1000)] = 20,
        reference_date: Annotated[date | None, Query()] = None,
        after: Annotated[list[str] | None, Query(description="Earlier questions, oldest first.")] = None,
    ) -> dict[str, Any]:
        """The answer of `earthdex ask --json`."""
        from nlq.ask import ask as run

        day = reference_date.isoformat() if reference_date else None

        def answer() -> dict[str, Any]:
            return run(catalogue.home(), q, context=tuple(after or ()), reference_date=day, limit=limit).to_dict()

        async with room(questions):
            return await run_in_threadpool(answer)

    def _run(query: str, accept: str) -> Response:
        result = (files or catalogue.home()).query(query, timeout=_QUERY_SECONDS)
        is_graph = hasattr(result, "triples")
        media, form = _accepted(accept or "*/*", _GRAPH_TYPES if is_graph else _SOLUTION_TYPES)
        return Response(render(result, form), media_type=media, headers=_said(getattr(result, "notes", ())))

    @app.get("/sparql")
    async def sparql_get(request: Request, query: Annotated[str, Query(max_length=100_000)]) -> Response:
        """SPARQL 1.1 Protocol, query by GET."""
        async with room(queries):
            return await run_in_threadpool(_run, query, request.headers.get("accept", ""))

    @app.post("/sparql")
    async def sparql_post(request: Request) -> Response:
        """SPARQL 1.1 Protocol, query by POST (both forms)."""
        query = await _posted_query(request)
        async with room(queries):
            return await run_in_threadpool(_run, query, request.headers.get("accept", ""))

    return app
