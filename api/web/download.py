"""`/download`: the rows of an answer as Turtle or as STAC; the other formats are those of `/ask`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.serve.service import Service
from api.stac.answers import collection, items_of
from api.stac.links import Links
from api.stac.shelf import Shelf, Shelves
from api.stac.wanted import Search
from api.web.asked import MOST_DOWNLOAD
from api.web.frame import Frame
from api.web.graph import one_of
from kg.home import Home
from kg.results import render
from kg.solutions import Triples
from ontology.errors import NotAnswerable, QueryTooLarge
from ontology.namespaces import BASE, sparql_prologue

_AT_ONCE = 100
_Many = Annotated[list[str] | None, Query()]


def turtle(home: Home, iris: Sequence[str], *, scenes: bool) -> str:
    """All that the graph says of things, with the nodes that only they have, as Turtle."""
    parts: list[tuple[Any, ...]] = []
    for start in range(0, len(iris), _AT_ONCE):
        values = one_of("?thing", iris[start : start + _AT_ONCE])
        # told to be scenes, things are looked up in the table of scenes alone
        kind = "?thing a ed:Scene . " if scenes else ""
        body = f"CONSTRUCT {{ ?thing ?p ?o }} WHERE {{ {values} {kind}?thing ?p ?o }}"
        found = home.query(sparql_prologue(body) + body) if scenes else home.graph.query(sparql_prologue(body) + body)
        if isinstance(found, Triples):
            parts += found.triples
    return render(Triples(tuple(parts)), "turtle")


def stac(home: Home, shelf: Shelf, rows: Sequence[dict[str, Any]], links: Links) -> dict[str, Any]:
    """Scenes and models as a FeatureCollection of Items, datasets as a list of Collections."""
    names = {str(row["iri"]): str(row["iri"]).removeprefix(BASE).partition("/")[2] for row in rows}
    datasets = [names[str(row["iri"])] for row in rows if row.get("kind") == "dataset"]
    held = [collection(shelf, one, links) for one in datasets if one in shelf.collections]
    items = [str(row["name"]) if row.get("kind") == "product" else names[str(row["iri"])]
             for row in rows if row.get("kind") in ("product", "model")]  # fmt: skip
    features = []
    for start in range(0, len(items), _AT_ONCE):
        page, _ = items_of(home, shelf, Search(ids=tuple(items[start : start + _AT_ONCE]), limit=_AT_ONCE), links)
        features += page["features"]
    if features and not held:
        return {"type": "FeatureCollection", "features": features, "numberReturned": len(features)}
    found: dict[str, Any] = {"collections": held, "links": [links.link("root", links.root)]}
    return found | ({"features": features, "type": "FeatureCollection"} if features else {})


def routes(service: Service, frame: Frame) -> APIRouter:
    """The route of downloads."""
    router, shelves = APIRouter(), Shelves()

    @router.get("/download", include_in_schema=False)
    @frame.guarded
    async def download(
        *,
        request: Request,
        q: Annotated[str, Query(max_length=20_000)],
        format: Literal["turtle", "stac"] = "turtle",  # noqa: A002 - as `/ask` has it
        after: _Many = None,
        without: _Many = None,
        also: _Many = None,
        limit: Annotated[int, Query(ge=1, le=MOST_DOWNLOAD)] = MOST_DOWNLOAD,
    ) -> Response:
        """The rows of an answer in a file."""
        answer = await service.ask(request, q, limit=limit, after=after or (), without=without or (), also=also or ())
        rows = [row for row in answer["rows"] if row.get("iri") and row.get("kind")]
        if answer["kind"] != "list" or not rows:
            raise NotAnswerable("This answer is no list of things.", "Download it as JSON.")
        # a part that looks like the whole is worse than none
        if answer["found"] > len(rows):
            raise QueryTooLarge(
                f"{answer['found']:,} were found; one file holds at most {MOST_DOWNLOAD:,}.",
                "Narrow the question down, or page through /stac/search or /sparql.",
            )

        def make(home: Home) -> str:
            if format == "turtle":
                scenes = any(row["kind"] == "product" for row in rows)
                return turtle(home, [str(row["iri"]) for row in rows], scenes=scenes)
            links = Links(service.base(request))
            return json.dumps(stac(home, shelves.of(home), rows, links), ensure_ascii=False)

        media = "text/turtle; charset=utf-8" if format == "turtle" else "application/json"
        name = "answer.ttl" if format == "turtle" else "answer.stac.json"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(await service.read(request, make), media_type=media, headers=headers)

    return router
