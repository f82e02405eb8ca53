"""Things as RDF: who asks for Turtle or JSON-LD at the address of a page gets that (content negotiation)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response

from api.serve.negotiate import accepted
from api.serve.service import Service
from kg.results import render
from kg.solutions import Triples
from ontology.errors import NotFound

if TYPE_CHECKING:
    from kg.home import Home

PAGE = "text/html"
_IRI = re.compile(r"[^\x00-\x20<>\"{}|\\^`]{1,2000}")
RDF = {
    "text/turtle": "turtle",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/n-triples": "ntriples",
}
_OFFERED = {PAGE: "", "application/xhtml+xml": ""} | RDF
_SHORT = {"turtle": "text/turtle", "ttl": "text/turtle", "jsonld": "application/ld+json", "html": PAGE}
_SHORT |= {"rdfxml": "application/rdf+xml", "rdf": "application/rdf+xml", "ntriples": "application/n-triples"}


def form_of(request: Request) -> tuple[str, str]:
    """(media type, our name of the RDF format, "" for a page) that a request wants.

    `?format=turtle` goes before the Accept header: a link can say it.

    Raises:
        NotOffered: neither a page nor RDF.
    """
    named = _SHORT.get(request.query_params.get("format", ""), "")
    return accepted(named or request.headers.get("accept", ""), _OFFERED)


async def as_data(service: Service, request: Request, iri: str) -> Response | None:
    """What the graph says of a thing, if the request asks for RDF rather than for a page.

    Args:
        service: what every route works with.
        request: whose Accept header, or `format`, is looked at.
        iri: an IRI without characters that end one in SPARQL.

    Raises:
        NotFound: the graph says nothing of it.
    """
    media, form = form_of(request)
    if not form:
        return None
    if not _IRI.fullmatch(iri):
        raise NotFound("There is no such page.", "Look at the lists: /datasets, /models and /ontology.")

    def make(home: Home) -> str:
        found = home.query(f"DESCRIBE <{iri}>")
        if not isinstance(found, Triples) or not len(found):
            raise NotFound(f"Nothing is known of <{iri}>.", "Look at the lists: /datasets, /models and /ontology.")
        return render(found, form)

    headers = {"vary": "accept", "access-control-allow-origin": "*", "link": f'<{iri}>; rel="describes"'}
    return Response(await service.read(request, make), media_type=media, headers=headers)
