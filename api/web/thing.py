"""A readable page for every IRI of ours: concepts, schemes, sensors, places, scenes, licences, agents and the rest."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.serve.service import Service
from api.web.frame import Frame
from api.web.linked import as_data
from api.web.shapes import shape_of_wkt, window
from api.web.thing_data import thing_of
from ontology.errors import NotFound
from ontology.namespaces import BASE, quoted

_STEP = re.compile(r"[^\x00-\x20<>\"{}|\\^`]{1,400}")
_STEPS = 6
# what pages ask by themselves and no thing is called
_FILES = ("favicon.ico", "robots.txt", "apple-touch-icon.png")


def iri_of(path: str) -> str:
    """The IRI whose page stands at a path, each step written as IRIs of ours are (`ontology.namespaces.quoted`).

    Raises:
        NotFound: no IRI of ours can be called so.
    """
    steps = path.strip("/").split("/")
    if not (0 < len(steps) <= _STEPS) or path in _FILES or not all(steps):
        raise NotFound("There is no such page.", "Start at the first page.")
    scene = steps[0] == "scene"
    iri = BASE + "/".join(quoted(one) if scene and number else one for number, one in enumerate(steps))
    if not _STEP.fullmatch(iri):
        raise NotFound("There is no such page.", "Start at the first page.")
    return iri


def routes(service: Service, frame: Frame) -> APIRouter:
    """The route of all other things; it takes every path that nothing else has taken, so it comes last."""
    router = APIRouter()

    @router.get("/{path:path}", include_in_schema=False)
    async def thing(*, request: Request, path: str) -> Response:
        """A thing of the graph."""
        # programs get problem documents, people get pages
        show = shown if "text/html" in request.headers.get("accept", "") else found
        return await show(request=request, path=path)

    async def found(*, request: Request, path: str) -> Response:
        iri = iri_of(path)
        data = await as_data(service, request, iri)
        if data is not None:
            return data
        one = await service.read(request, lambda home: thing_of(home, iri))
        outlines = [shape for shape in map(shape_of_wkt, one.wkt) if shape is not None]
        return frame.page(
            request,
            "thing.html",
            title=one.name,
            thing=one,
            outlines=outlines,
            view=window(shape.bbox for shape in outlines),
            groups=[("1", one.name, list(range(len(outlines))))] if outlines else [],
        )

    shown = frame.guarded(found)
    return router
