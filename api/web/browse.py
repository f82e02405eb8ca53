"""`/datasets` and `/models`: all of them, by name, topic, sensor and so on."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.serve.service import Service
from api.web.facets import Facet, facets_of
from api.web.frame import Frame
from api.web.graph import rows, whole
from api.web.words import plain
from kg.home import Home
from ontology.errors import QueryError
from ontology.properties import PROPERTIES

PER_PAGE = 400
_MOST = 2000
_HEADINGS = {"dataset": "Datasets", "model": "Models"}
_CLASSES = {"dataset": "dcat:Dataset", "model": "it6:MachineLearningModel"}
_BROADER = {"concept": "/skos:broader*/skos:prefLabel", "sensor": "/(skos:broader|sosa:isHostedBy)*/skos:prefLabel"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in a list."""

    iri: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list shows: entries of the page, how many there are, and what they can be chosen by."""

    entries: tuple[Entry, ...]
    total: int
    facets: tuple[Facet, ...]


def listing_of(home: Home, kind: str, chosen: str, page: int) -> Listing:
    """A page of the records of a kind.

    Args:
        home: the catalogue.
        kind: dataset or model.
        chosen: `topic=flood`; "" for all.
        page: from 1 on.

    Raises:
        QueryError: what is chosen cannot be read.
    """
    body = f"?record a {_CLASSES[kind]} . {_chosen(chosen)}"
    total = whole(rows(home, f"SELECT (COUNT(DISTINCT ?record) AS ?n) WHERE {{ {body} }}")[0][0])
    found = rows(
        home,
        f"SELECT ?record (SAMPLE(?title) AS ?name) (SAMPLE(?about) AS ?text) WHERE {{ {body} ?record dct:title ?title "
        "OPTIONAL { ?record dct:description ?about } } GROUP BY ?record ORDER BY LCASE(STR(?name)) "
        f"LIMIT {PER_PAGE} OFFSET {(page - 1) * PER_PAGE}",
    )
    entries = tuple(Entry(str(iri), str(name), str(text or "")) for iri, name, text in found)
    every = rows(home, f"SELECT DISTINCT ?record WHERE {{ ?record a {_CLASSES[kind]} }} LIMIT {_MOST}")
    facets = facets_of(home, [str(iri) for (iri,) in every], {"target": kind})
    return Listing(entries, total, tuple(facets))


def _chosen(text: str) -> str:
    """The pattern of what is chosen."""
    if not text:
        return ""
    for op in ("<=", ">=", "="):
        name, mark, value = text.partition(op)
        prop = PROPERTIES.get(name)
        if mark and prop is not None and value and "product" not in prop.targets[:1]:
            break
    else:
        raise QueryError(f"Cannot read {text[:60]!r}.", "Choose one of the values on the left.")
    if op != "=":
        if not prop.is_number or not value.replace(".", "", 1).isdecimal():
            raise QueryError(f"{name} has no bound {value[:40]!r}.", "Choose one of the values on the left.")
        return f"?record {prop.path} ?held . FILTER(?held {op} {value})"
    from ontology.terms import Literal

    quoted = Literal(value)
    written = '"' + quoted.value.translate(_ESCAPES) + '"'
    return f"?record {prop.path}{_BROADER.get(prop.kind, '')} ?held . FILTER(STR(?held) = {written})"


_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\r"): "\\r", 0: ""}


def letter(name: str) -> str:
    """The letter under which a name stands."""
    first = unicodedata.normalize("NFKD", plain(name).strip() or "?")[0].upper()
    return first if first.isalpha() else "0–9"


def routes(service: Service, frame: Frame) -> APIRouter:
    """The routes of lists."""
    router = APIRouter()
    held: dict[tuple[str, str, str, int], Listing] = {}

    async def page_of(request: Request, kind: str, by: str, page: int) -> Response:
        def read(home: Home) -> Listing:
            key = (home.version, kind, by, page)
            if key not in held:
                if len(held) > 200:
                    held.clear()
                held[key] = listing_of(home, kind, by, page)
            return held[key]

        found = await service.read(request, read)
        entries = sorted(found.entries, key=lambda one: (letter(one.name) != "0–9", letter(one.name)))
        letters = [(first, list(group)) for first, group in groupby(entries, key=lambda one: letter(one.name))]
        words = {one.text: one.name for facet in found.facets for one in facet.choices}
        count = -(-found.total // PER_PAGE)
        path = frame.root(request) + request.url.path
        pages = [
            (str(number), "" if number == page else f"{path}?{urlencode({'by': by, 'page': number})}")
            for number in range(1, min(count, 40) + 1)
        ]
        return frame.page(
            request,
            "browse.html",
            title=_HEADINGS[kind],
            heading=_HEADINGS[kind],
            total=f"{found.total:,}",
            facets=found.facets,
            letters=letters,
            chosen=by,
            chosen_words=words.get(by, by),
            pages=pages if count > 1 else [],
        )

    @router.get("/datasets", include_in_schema=False)
    @frame.guarded
    async def datasets(
        *,
        request: Request,
        by: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        """All datasets."""
        return await page_of(request, "dataset", by, page)

    @router.get("/models", include_in_schema=False)
    @frame.guarded
    async def models(
        *,
        request: Request,
        by: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        """All models."""
        return await page_of(request, "model", by, page)

    return router
