"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.exits import http_status
from ontology.errors import EarthdexError

MEDIA = "application/problem+json"
_PLACE = re.compile(r"line (\d+), column (\d+)")


def problem(error: EarthdexError) -> JSONResponse:
    """An error of ours as a response, with its remedy."""
    status = http_status(error)
    body = {"title": type(error).__name__, "status": status, "detail": error.message, "remedy": error.remedy}
    if place := _PLACE.search(error.message):
        body |= {"line": int(place[1]), "column": int(place[2])}
    headers = (
        {"retry-after": "5"} if status in (429, 503) else {"www-authenticate": "Bearer"} if status == 401 else None
    )
    return JSONResponse(body, status, headers, media_type=MEDIA)


def notes_header(notes: Sequence[str]) -> dict[str, str]:
    """Notes of a result as a header, for its formats have no place for them; percent-encoded beyond ASCII."""
    return {"Earthdex-Notes": quote("; ".join(notes)[:2000], safe=" ;:,.'\"<>()/#=?&-+*[]|")} if notes else {}


def say_problems(app: FastAPI) -> None:
    """Makes every error of the application a problem document."""

    @app.exception_handler(EarthdexError)
    async def _on_error(_: Request, error: Exception) -> JSONResponse:
        return problem(error if isinstance(error, EarthdexError) else EarthdexError("The request failed."))

    @app.exception_handler(RequestValidationError)
    async def _on_bad_request(_: Request, error: Exception) -> JSONResponse:
        found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else []
        detail = "; ".join(f"{'.'.join(str(one) for one in each['loc'])}: {each['msg']}" for each in found[:5])
        body = {"title": "Invalid request", "status": 422, "detail": detail, "remedy": "See /openapi.json."}
        return JSONResponse(body, 422, media_type=MEDIA)

    @app.exception_handler(HTTPException)
    async def _on_refusal(_: Request, error: Exception) -> JSONResponse:
        status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
        title = HTTPStatus(status).phrase
        detail = error.detail if isinstance(error, HTTPException) else title
        body = {"title": title, "status": status, "detail": detail, "remedy": "See /openapi.json."}
        return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA)

    @app.exception_handler(Exception)
    async def _on_accident(_: Request, error: Exception) -> JSONResponse:
        # what went wrong is in the log; it may hold paths that are nobody's business
        body = {"title": "Internal error", "status": 500, "detail": "The request failed.", "remedy": "Try another."}
        return JSONResponse(body, 500, media_type=MEDIA)
