"""Records in the field's formats: OGC API - Records, DCAT, Croissant, citations."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.records.bands import waves
from api.records.citation import bibtex, csl_json
from api.records.croissant import croissant
from api.records.dcat import catalogue, one_record
from api.records.features import CONFORMANCE, GEOJSON, JSON, collection, feature, landing, link
from api.records.search import search, wanted_of
from api.records.shelf import COLLECTION, Shelves
from api.serve.negotiate import accepted
from api.serve.service import Service
from kg.home import Home
from kg.results import render
from kg.solutions import Triples
from ontology.errors import NotFound, QueryError

_RDF = {
    "text/turtle": "turtle",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/n-triples": "ntriples",
}
_ENDINGS = {"ttl": "text/turtle", "jsonld": "application/ld+json", "rdf": "application/rdf+xml"}
_BASE = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")
_STAND_IN = "https://base.earthdex.invalid"
Answers = dict[int | str, dict[str, Any]]


def _given(*media: str) -> Answers:
    """What a route answers with; JSON-LD may be an object or a list."""
    schemas = {one: {"type": "object"} if "json" in one else {"type": "string"} for one in media}
    return {200: {"content": {one: {"schema": {} if "ld+json" in one else schemas[one]} for one in media}}}


class _Written:
    """The catalogue as text, written once for each version and format."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._texts: OrderedDict[tuple[str, str], str] = OrderedDict()

    def text(self, home: Home, form: str, base: str) -> str:
        key = (home.version, form)
        if key not in self._texts:
            shelf = self._shelves.of(home)
            made = catalogue(shelf.records, shelf.places, _STAND_IN, home.version)
            self._texts[key] = render(Triples(made), form)
            while len(self._texts) > len(_RDF):
                self._texts.popitem(last=False)
        return self._texts[key].replace(_STAND_IN, base)


def routes(service: Service) -> APIRouter:
    """The routes of records."""
    router = APIRouter(tags=["records"], default_response_class=Response)
    shelves = Shelves()
    written = _Written(shelves)

    def base_of(request: Request) -> str:
        base = service.base(request)
        if not _BASE.fullmatch(base):
            raise QueryError(
                "The Host header of the request is no host.", "Send one, or set EARTHDEX_SERVE_PUBLIC_URL."
            )
        return base

    async def give(
        request: Request, media: str, make: Callable[[Home, str], Any], headers: dict[str, str] | None = None
    ) -> Response:
        base = base_of(request)

        def text(home: Home) -> str:
            made = make(home, base)
            return made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)

        return Response(await service.read(request, text), media_type=media, headers=headers)

    # --- DCAT --------------------------------------------------------------------------------------------------------

    async def dcat(request: Request, media: str) -> Response:
        return await give(request, media, lambda home, base: written.text(home, _RDF[media], base), {"vary": "accept"})

    @router.get("/catalog", summary="The catalogue as GeoDCAT-AP", responses=_given(*_RDF))
    async def catalog(request: Request) -> Response:
        """All datasets and models as GeoDCAT-AP 3 and MLDCAT-AP 3.1, in the RDF format that `Accept` asks for."""
        return await dcat(request, accepted(request.headers.get("accept", ""), _RDF)[0])

    def ending(name: str, media: str) -> None:
        @router.get(f"/catalog.{name}", summary=f"The catalogue as {name}", responses=_given(media))
        async def catalog_file(request: Request) -> Response:
            """All datasets and models as GeoDCAT-AP 3 and MLDCAT-AP 3.1."""
            return await dcat(request, media)

    for one, media in _ENDINGS.items():
        ending(one, media)

    # --- OGC API - Records -------------------------------------------------------------------------------------------

    @router.get("/records", summary="Landing page", responses=_given(JSON))
    async def records(request: Request) -> Response:
        """Landing page of OGC API - Records."""
        return await give(request, JSON, lambda _, base: landing(base))

    @router.get("/records/conformance", summary="What this conforms to", responses=_given(JSON))
    async def conformance(request: Request) -> Response:
        """Classes of the standards that OGC API - Records and Common declare."""
        return await give(request, JSON, lambda _, __: {"conformsTo": list(CONFORMANCE)})

    @router.get("/records/collections", summary="Collections", responses=_given(JSON))
    async def collections(request: Request) -> Response:
        """The one collection of records."""

        def make(home: Home, base: str) -> dict[str, Any]:
            me = f"{base}/records/collections"
            return {"links": [link("self", me)], "collections": [collection(base, home.version)]}

        return await give(request, JSON, make)

    @router.get("/records/collections/{collection_id}", summary="A collection", responses=_given(JSON))
    async def one_collection(request: Request, collection_id: str) -> Response:
        """The collection of all records."""
        _check(collection_id)
        return await give(request, JSON, lambda home, base: collection(base, home.version))

    @router.get("/records/collections/{collection_id}/items", summary="Search records", responses=_given(GEOJSON))
    async def items(
        request: Request,
        collection_id: str,
        q: Annotated[
            str, Query(max_length=1000, description="Words or phrases with commas between; one must occur.")
        ] = "",
        bbox: Annotated[str, Query(max_length=200, description="west,south,east,north in degrees.")] = "",
        datetime_: Annotated[
            str, Query(alias="datetime", max_length=100, description="A day, a moment, or an interval like 2018/2020.")
        ] = "",
        type_: Annotated[str, Query(alias="type", max_length=100, description="dataset, model.")] = "",
        ids: Annotated[str, Query(max_length=5000, description="Identifiers with commas between.")] = "",
        external: Annotated[
            str, Query(alias="externalIds", max_length=5000, description="DOIs, IRIs or addresses with commas between.")
        ] = "",
        limit: Annotated[int, Query(ge=1, le=1000, description="Records on a page.")] = 10,
        offset: Annotated[int, Query(ge=0, le=10_000_000, description="Records to skip.")] = 0,
    ) -> Response:
        """Records that fit, in the order of their titles."""
        _check(collection_id)
        _no_others(request, {"q", "bbox", "datetime", "type", "ids", "externalIds", "limit", "offset"})
        wanted = wanted_of(q, bbox, datetime_, type_, ids, external)

        def make(home: Home, base: str) -> dict[str, Any]:
            found = search(shelves.of(home), wanted)
            page = found[offset : offset + limit]
            return {
                "type": "FeatureCollection",
                "features": [feature(one, base) for one in page],
                "numberMatched": len(found),
                "numberReturned": len(page),
                "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "links": _pages(request, base, limit, offset, len(found)),
            }

        return await give(request, GEOJSON, make)

    @router.get("/records/collections/{collection_id}/items/{record_id}", summary="A record", responses=_given(GEOJSON))
    async def item(request: Request, collection_id: str, record_id: str) -> Response:
        """One record, such as `dataset:eurosat`."""
        _check(collection_id)
        kind, _, identifier = record_id.partition(":")
        return await give(request, GEOJSON, lambda home, base: feature(shelves.of(home).find(kind, identifier), base))

    # --- one record --------------------------------------------------------------------------------------------------

    @router.get(
        "/dataset/{slug}/croissant.json", summary="A dataset as Croissant", responses=_given("application/ld+json")
    )
    async def as_croissant(request: Request, slug: str) -> Response:
        """Croissant 1.1 with the extensions for geospatial data and responsible AI."""

        def make(home: Home, base: str) -> dict[str, Any]:
            kept = shelves.of(home).find("dataset", slug)
            return croissant(kept.record, kept.outline, waves(home, kept.record), base)

        return await give(request, "application/ld+json", make)

    def of_kind(kind: str) -> None:
        @router.get(f"/{kind}/{{slug}}/citation.bib", summary="BibTeX", responses=_given("application/x-bibtex"))
        async def as_bibtex(request: Request, slug: str) -> Response:
            """How to cite it, as BibTeX."""
            return await give(
                request, "application/x-bibtex", lambda home, _: bibtex(shelves.of(home).find(kind, slug).record)
            )

        csl = "application/vnd.citationstyles.csl+json"

        @router.get(f"/{kind}/{{slug}}/citation.json", summary="CSL-JSON", responses=_given(csl))
        async def as_csl(request: Request, slug: str) -> Response:
            """How to cite it, as CSL-JSON."""
            return await give(request, csl, lambda home, _: csl_json(shelves.of(home).find(kind, slug).record))

        @router.get(f"/{kind}/{{slug}}/dcat.ttl", summary="DCAT", responses=_given("text/turtle"))
        async def as_dcat(request: Request, slug: str) -> Response:
            """As it stands in `/catalog.ttl`."""

            def make(home: Home, base: str) -> str:
                shelf = shelves.of(home)
                return render(Triples(one_record(shelf.find(kind, slug).record, shelf.places, base)), "turtle")

            return await give(request, "text/turtle", make)

    for kind in ("dataset", "model"):
        of_kind(kind)
    return router


def _check(collection_id: str) -> None:
    if collection_id != COLLECTION:
        raise NotFound(f"There is no collection {collection_id[:80]!r}.", f"The one there is: {COLLECTION}.")


def _no_others(request: Request, known: set[str]) -> None:
    """OGC API - Common: a parameter that nobody knows is an error."""
    others = [one for one in request.query_params if one not in known]
    if others:
        raise QueryError(f"There is no parameter {others[0][:40]!r}.", f"Known: {', '.join(sorted(known))}.")


def _pages(request: Request, base: str, limit: int, offset: int, matched: int) -> list[dict[str, str]]:
    """Links to this page, the next and the one before."""
    given = [(key, value) for key, value in request.query_params.multi_items() if key not in ("offset", "limit")]

    def at(start: int) -> str:
        return (
            f"{base}/records/collections/{COLLECTION}/items?{urlencode([*given, ('limit', limit), ('offset', start)])}"
        )

    found = [link("self", at(offset), GEOJSON), link("collection", f"{base}/records/collections/{COLLECTION}")]
    if offset + limit < matched:
        found.append(link("next", at(offset + limit), GEOJSON))
    if offset:
        found.append(link("prev", at(max(0, offset - limit)), GEOJSON))
    return found
