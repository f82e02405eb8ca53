"""`/ontology`, also at `/ns`: the ontology for people; for machines as Turtle, JSON-LD, shapes and context."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.serve.service import Service
from api.web.frame import Frame
from api.web.linked import form_of
from api.web.ontology_data import Ontology, completions, ontology_of
from ontology.namespaces import BASE, PREFIXES
from ontology.taxonomy import context_path, profile_path, shapes_path

if TYPE_CHECKING:
    from kg.home import Home

_OPEN = {"access-control-allow-origin": "*", "vary": "accept"}


class Kept:
    """The ontology of the version that was read last."""

    def __init__(self) -> None:
        self._held: tuple[str, Ontology] | None = None

    def read(self, home: Home) -> Ontology:
        """The ontology in a catalogue."""
        held = self._held
        if held is None or held[0] != home.version:
            self._held = held = (home.version, ontology_of(home))
        return held[1]


def routes(service: Service, frame: Frame) -> APIRouter:
    """The routes of the ontology."""
    router, kept = APIRouter(), Kept()

    @router.get("/ontology", include_in_schema=False)
    @router.get("/ns", include_in_schema=False)
    @frame.guarded
    async def ontology(*, request: Request) -> Response:
        """The ontology."""
        media, form = form_of(request)
        if form:
            text = await service.read(request, lambda _: profile_as(form))
            return Response(text, media_type=media, headers=_OPEN)
        found = await service.read(request, kept.read)
        return frame.page(request, "ontology.html", title="Ontology", ontology=found, prefixes=PREFIXES)

    @router.get("/ontology/shapes.ttl", include_in_schema=False)
    async def shapes() -> Response:
        """What a record must have, in SHACL."""
        return Response(shapes_path().read_bytes(), media_type="text/turtle", headers=_OPEN)

    @router.get("/ontology/context.jsonld", include_in_schema=False)
    async def context() -> Response:
        """The JSON-LD context of records."""
        return Response(context_path().read_bytes(), media_type="application/ld+json", headers=_OPEN)

    @router.get("/ontology/terms.json", include_in_schema=False)
    async def terms(request: Request) -> Response:
        """Terms and prefixes that an editor of queries completes."""
        found = await service.read(request, kept.read)
        text = json.dumps({"prefixes": PREFIXES, "terms": completions(found)}, separators=(",", ":"))
        return Response(text, media_type="application/json", headers=_OPEN | {"cache-control": "max-age=3600"})

    return router


def profile_as(form: str) -> str:
    """The profile in a format of `kg.results.render`."""
    if form == "turtle":
        return profile_path().read_text(encoding="utf-8")
    from kg.oxigraph import parse_quads
    from kg.results import render
    from kg.solutions import Triples

    path = profile_path()
    return render(Triples(tuple(quad[:3] for quad in parse_quads(path, "text/turtle", BASE))), form)
