"""A record as the GeoJSON of OGC API - Records, and the resources around it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.records.licences import licence_link
from api.records.schema_org import keywords
from api.records.shelf import COLLECTION, Kept
from kg.outlines import geojson
from kg.record import Record
from ontology.namespaces import BASE

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    f"{_CORE}/core",
    f"{_CORE}/record-core",
    f"{_CORE}/record-collection",
    f"{_CORE}/record-core-query-parameters",
    f"{_CORE}/record-api",
    f"{_CORE}/searchable-catalog",
    f"{_CORE}/json",
)
_TITLE = "Earth-observation training datasets and machine-learning models"
JSON = "application/json"
GEOJSON = "application/geo+json"


def link(rel: str, href: str, kind: str = JSON, title: str = "") -> dict[str, str]:
    """A web link (RFC 8288)."""
    return {"rel": rel, "href": href, "type": kind, **({"title": title} if title else {})}


def landing(base: str) -> dict[str, Any]:
    """The landing page."""
    return {
        "title": "earthdex",
        "description": f"{_TITLE}, each fact with its source.",
        "links": [
            link("self", f"{base}/records", title="This document"),
            link("service-desc", f"{base}/openapi.json", "application/vnd.oai.openapi+json;version=3.1", "OpenAPI"),
            link("service-doc", f"{base}/", "text/html", "Web page"),
            link("conformance", f"{base}/records/conformance", title="What this conforms to"),
            link("data", f"{base}/records/collections", title="Collections"),
            link("http://www.opengis.net/def/rel/ogc/1.0/data", f"{base}/records/collections", title="Collections"),
            link("alternate", f"{base}/catalog.ttl", "text/turtle", "The whole catalogue as GeoDCAT-AP"),
        ],
    }


def collection(base: str, version: str) -> dict[str, Any]:
    """The one collection of records."""
    me = f"{base}/records/collections/{COLLECTION}"
    return {
        "id": COLLECTION,
        "type": "Collection",
        "itemType": "record",
        "title": _TITLE,
        "description": f"{_TITLE}, each fact with its source.",
        "version": version,
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "conformsTo": [f"{_CORE}/record-collection"],
        "links": [
            link("self", me),
            link("items", f"{me}/items", GEOJSON, "Records"),
            link("root", f"{base}/records"),
            link("alternate", f"{base}/catalog.ttl", "text/turtle", "GeoDCAT-AP"),
        ],
    }


def feature(kept: Kept, base: str) -> dict[str, Any]:
    """A record (OGC API - Records, 7.1: record core), without an outline where none is known."""
    record = kept.record
    time = {"interval": [record.start or "..", record.end or ".."]} if record.start or record.end else None
    properties = {
        "type": record.kind,
        "title": record.title,
        "description": record.description,
        "keywords": keywords(record),
        "language": {"code": "en", "name": "English"},
        "externalIds": _external(record),
        "formats": [{"name": one} for one in dict.fromkeys(file.format.name for file in record.files if file.format)],
        "contacts": _contacts(record),
        "themes": _themes(record),
        "license": _licence(record),
        "rights": record.licence_text,
    }
    return {
        "id": kept.id,
        "type": "Feature",
        "conformsTo": [f"{_CORE}/record-core"],
        "geometry": _drawn(kept.outline) if kept.outline is not None else None,
        "time": time,
        "properties": {key: value for key, value in properties.items() if value},
        "links": _links(kept, base),
    }


@lru_cache(maxsize=2000)
def _drawn(outline: BaseGeometry) -> dict[str, Any]:
    return geojson(outline, 4)


def _external(record: Record) -> list[dict[str, str]]:
    found = [{"scheme": BASE, "value": record.iri}]
    return [*found, {"scheme": "https://doi.org", "value": record.doi}] if record.doi else found


def _contacts(record: Record) -> list[dict[str, Any]]:
    roles: dict[str, list[str]] = {}
    for key, role in (("dct:publisher", "publisher"), ("dct:creator", "author"), ("schema:funder", "funder")):
        for one in record.named(key):
            roles.setdefault(one.name, []).append(role)
    return [{"organization": name, "roles": held} for name, held in roles.items()]


def _themes(record: Record) -> list[dict[str, Any]]:
    found = []
    for key, scheme in (("dcat:theme", "topic"), ("ed:task", "task")):
        concepts = [{"id": one.iri, "title": one.name} for one in record.named(key)]
        if concepts:
            found.append({"concepts": concepts, "scheme": BASE + scheme})
    return found


def _licence(record: Record) -> str:
    """An SPDX identifier where there is exactly one, `other` where there are more or only words."""
    if len(record.licences) == 1:
        return record.licences[0].id
    return "other" if record.licences or record.licence_text else ""


def _links(kept: Kept, base: str) -> list[dict[str, str]]:
    record = kept.record
    own = f"{base}/{record.kind}/{quote(record.id)}"
    me = f"{base}/records/collections/{COLLECTION}"
    found = [
        link("self", f"{me}/items/{quote(kept.id)}", GEOJSON),
        link("collection", me),
        link("alternate", own, "text/html", "All facts with their sources"),
        link("cite-as", record.iri, "text/html"),
        link("describedby", f"{own}/citation.bib", "application/x-bibtex", "BibTeX"),
        link("describedby", f"{own}/dcat.ttl", "text/turtle", "DCAT"),
    ]
    if record.kind == "dataset":
        found.append(link("alternate", f"{own}/croissant.json", "application/ld+json", "Croissant"))
    found += [link("license", href, "text/html", one.id) for one in record.licences if (href := licence_link(one))]
    found += [link("about", one.iri, "text/html", "Its own page") for one in record.named("dcat:landingPage")]
    found += [link("cite-as", one.iri, "text/html", "Paper") for one in record.named("dct:isReferencedBy")]
    kinds = {True: "enclosure", False: "item"}
    found += [
        link(kinds[one.direct], one.url, "application/octet-stream" if one.direct else "text/html", one.title)
        for one in record.files[:100]
        if one.url
    ]
    return [one for one in found if one["href"].startswith(("http://", "https://"))]
