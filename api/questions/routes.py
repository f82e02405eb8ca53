"""`/ask`: questions in plain English, and `/sessions`: talks of several."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import ValidationError

from api.questions.formats import MEDIA, as_csv, as_geojson, as_lines
from api.questions.models import LONGEST_LINK, MOST_ROWS, SESSION, AnswerModel, Asked, Session
from api.questions.sessions import Sessions
from api.serve.bodies import read_body
from api.serve.negotiate import accepted
from api.serve.problems import notes_header
from api.serve.service import Service
from ontology.errors import MediaTypeRefused, QueryError

Format = Literal["json", "geojson", "csv", "ndjson"]
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; what cannot be answered is one of kind `refusal` or `clarify`.",
        "content": {media: {"schema": {"type": "string"}} for media in ("text/csv", "application/x-ndjson")}
        | {
            "application/geo+json": {"schema": {"type": "object", "required": ["type", "features", "summary"]}},
            "application/json": {},
        },
    }
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": Asked.model_json_schema()}}}}


def routes(service: Service) -> APIRouter:
    """The routes of questions."""
    router = APIRouter(tags=["questions"])
    made: list[Sessions] = []

    def sessions() -> Sessions:
        if not made:
            made.append(Sessions(service.home().path / "service"))
        return made[0]

    async def answer(request: Request, asked: Asked, form: Format | None) -> Response:
        media, name = _format(request, form)
        before = [*(sessions().read(asked.session) if asked.session else ()), *asked.after]
        kept = await service.ask_bytes(
            request,
            asked.q,
            limit=asked.limit,
            after=before,
            reference_date=asked.reference_date.isoformat() if asked.reference_date else None,
            without=asked.without,
            also=asked.also,
        )
        headers = {"vary": "accept", "cache-control": "no-cache"}
        if name == "json" and not asked.session:
            headers["etag"] = kept.etag
            if kept.etag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            return Response(kept.body, media_type=media, headers=headers)
        found: dict[str, Any] = json.loads(kept.body)
        if asked.session:
            found |= {"session": sessions().make([*before, asked.q])}
            headers["earthdex-session"] = found["session"]
        if name == "json":
            return JSONResponse(found, headers=headers)
        if name == "ndjson":
            return StreamingResponse(as_lines(found), media_type=media, headers=headers)
        headers |= notes_header([*found["assumptions"], *([found["reason"]] if found["reason"] else [])])
        write: Callable[[Any], str] = (
            partial(as_geojson, answer=found) if name == "geojson" else lambda _: as_csv(found)
        )
        return Response(await service.read(request, write), media_type=media, headers=headers)

    @router.get("/ask", summary="Ask in plain English", response_model=AnswerModel, responses=_ANSWERED)
    async def ask(
        request: Request,
        q: Annotated[str, Query(max_length=LONGEST_LINK, description="The question in plain English.")],
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows to give.")] = 20,
        reference_date: Annotated[date | None, Query(description="The day that `yesterday` counts from.")] = None,
        after: Annotated[list[str], Query(max_length=50, description="Earlier questions, oldest first.")] = [],  # noqa: B006
        without: Annotated[list[str], Query(max_length=50, description="Keys of conditions to leave out.")] = [],  # noqa: B006
        also: Annotated[list[str], Query(max_length=50, description="Conditions to add: sensor=Sentinel-2.")] = [],  # noqa: B006
        session: Annotated[
            str | None, Query(max_length=20_000, pattern=SESSION, description="Of the answer that this follows.")
        ] = None,
        format: Annotated[Format | None, Query(description="In place of Accept.")] = None,  # noqa: A002
    ) -> Response:
        """Answers a question, in the format that `Accept` or `format` asks for.

        The object is that of `earthdex ask --json`. Lines of JSON end with a line `{"summary": ...}`; without it the
        answer was cut off on its way.
        """
        asked = Asked(
            q=q, limit=limit, reference_date=reference_date, after=after, without=without, also=also, session=session
        )
        return await answer(request, asked, format)

    @router.post(
        "/ask",
        summary="Ask in plain English",
        response_model=AnswerModel,
        responses=_ANSWERED,
        openapi_extra=_BODY,
    )
    async def ask_posted(request: Request, format: Format | None = None) -> Response:  # noqa: A002
        """The same by POST, with a JSON object of the same names: for questions too long or private for a link."""
        return await answer(request, await _posted(request, service), format)

    @router.post("/sessions", summary="Begin a talk", status_code=201, response_model=Session)
    async def begin() -> JSONResponse:
        """A session: send it as `session` with a question; each answer brings the one for the next question."""
        return JSONResponse({"session": sessions().make(), "seconds": sessions().seconds}, 201)

    return router


def _format(request: Request, form: Format | None) -> tuple[str, str]:
    """(media type, our name) of the format that is asked for."""
    if form is not None:
        return next((media, name) for media, name in MEDIA.items() if name == form)
    return accepted(request.headers.get("accept", ""), MEDIA)


async def _posted(request: Request, service: Service) -> Asked:
    """The question of a JSON body.

    Raises:
        MediaTypeRefused: it is no JSON.
        QueryError: it does not have the form.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise MediaTypeRefused(
            f"Cannot read a question from {kind[:60] or 'an untyped body'}.", "Send application/json."
        )
    try:
        return Asked.model_validate_json(await read_body(request, service.settings))
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        raise QueryError(f"The body is no question: {told}.", "See /openapi.json.") from None
