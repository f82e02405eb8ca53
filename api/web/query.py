"""`/query`: a page to write SPARQL, with the result as a table and on the map, and the plan."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.exits import http_status
from api.serve.service import Service
from api.web.frame import POLICY, Frame
from api.web.query_data import EXAMPLES, SHOWN, Table, table_of
from api.web.shapes import window
from kg.rendered import Forms
from kg.trace import Explanation
from ontology.errors import EarthdexError
from ontology.namespaces import with_prefixes

_LONGEST = 20_000
# the editor sets the width of tabs by an attribute of style, which can run nothing; style elements stay forbidden
_POLICY = POLICY + "; style-src 'self'; style-src-attr 'unsafe-inline'"
_PLAN_SECONDS = 10.0
_FORMATS = (("JSON", "json"), ("CSV", "csv"), ("TSV", "tsv"), ("XML", "xml"), ("GeoJSON", "geojson"))
_GRAPH_FORMATS = (("Turtle", "turtle"), ("JSON-LD", "jsonld"), ("N-Triples", "ntriples"))


def routes(service: Service, frame: Frame) -> APIRouter:
    """The route of the page."""
    router = APIRouter()

    @router.get("/query", include_in_schema=False)
    @frame.guarded
    async def query(
        *,
        request: Request,
        query: Annotated[str, Query(max_length=_LONGEST)] = "",
        plan: Annotated[bool, Query()] = False,
    ) -> Response:
        """A page to write SPARQL."""
        table: Table | None = None
        error: EarthdexError | None = None
        steps: Explanation | None = None
        notes: tuple[str, ...] = ()
        text = with_prefixes(query) if query.strip() else ""
        if text:
            try:
                found = await service.query_bytes(request, text, Forms("json", "turtle"))
                table, notes = table_of(found), found.notes
                if plan:
                    steps = await service.read(request, lambda home: home.explain(text, _PLAN_SECONDS))
            except EarthdexError as wrong:
                error = wrong
        page = frame.page(
            request,
            "query.html",
            status=200 if error is None else http_status(error),
            title="SPARQL",
            query=query,
            plan=plan,
            steps=steps,
            table=table,
            error=error,
            notes=notes,
            shown=SHOWN,
            view=window(one.bbox for one in (table.outlines if table else ())),
            examples=[(name, body, "?" + urlencode({"query": body})) for name, body in EXAMPLES],
            downloads=_downloads(text, table),
            command=f"curl {service.base(request)}/sparql -H 'Accept: text/csv' --data-urlencode query@query.rq",
        )
        page.headers["content-security-policy"] = _POLICY
        if error is not None and page.status_code in (429, 503):
            page.headers["retry-after"] = "5"
        return page

    return router


def _downloads(text: str, table: Table | None) -> list[tuple[str, str]]:
    """(format, address below the service) of the same result as a file."""
    if table is None:
        return []
    formats: Any = _GRAPH_FORMATS if table.text else _FORMATS if table.yes is None else _FORMATS[:1]
    return [(name, "/sparql?" + urlencode({"query": text, "format": form})) for name, form in formats]
