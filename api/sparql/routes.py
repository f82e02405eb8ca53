"""`/sparql`: queries by GET and by both forms of POST."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.serve.bodies import read_body
from api.serve.negotiate import accepted
from api.serve.problems import notes_header
from api.serve.service import Service
from kg.results import render
from ontology.errors import QueryError

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


async def _posted_query(request: Request, service: Service) -> str:
    """The query of a POST: `application/sparql-query`, or a form field (SPARQL 1.1 Protocol, 2.1)."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        text = (await read_body(request, service.settings)).decode("utf-8")
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


def routes(service: Service) -> APIRouter:
    """The routes of the SPARQL protocol."""
    router = APIRouter()

    async def run(request: Request, query: str) -> Response:
        result = await service.query(request, query)
        offered = _GRAPH_TYPES if hasattr(result, "triples") else _SOLUTION_TYPES
        media, form = accepted(request.headers.get("accept", ""), offered)
        return Response(render(result, form), media_type=media, headers=notes_header(getattr(result, "notes", ())))

    @router.get("/sparql")
    async def sparql_get(request: Request, query: Annotated[str, Query(max_length=100_000)]) -> Response:
        """SPARQL 1.1 Protocol, query by GET."""
        return await run(request, query)

    @router.post("/sparql")
    async def sparql_post(request: Request) -> Response:
        """SPARQL 1.1 Protocol, query by POST (both forms)."""
        return await run(request, await _posted_query(request, service))

    return router
