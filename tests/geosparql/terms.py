"""Short ways to write terms and calls in tests of functions."""

from __future__ import annotations

from kg.geosparql.registry import apply
from kg.geosparql.shape import GEOJSON_LITERAL, GML_LITERAL, KML_LITERAL
from ontology.namespaces import PREFIXES
from ontology.terms import IRI, WKT_LITERAL, Literal, Term

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def wkt(text: str, epsg: int | None = None) -> Literal:
    return Literal(text if epsg is None else f"<{EPSG}{epsg}> {text}", WKT_LITERAL)


def gml(text: str) -> Literal:
    return Literal(text, GML_LITERAL)


def kml(text: str) -> Literal:
    return Literal(text, KML_LITERAL)


def geojson(text: str) -> Literal:
    return Literal(text, GEOJSON_LITERAL)


def uom(name: str) -> IRI:
    return IRI(PREFIXES["uom"] + name)


def call(name: str, *args: Term | float | str) -> str | int | float | bool:
    """The result of a function as a Python value; numbers and texts become literals."""
    return literal(name, *args).to_python()


def literal(name: str, *args: Term | float | str) -> Literal:
    """The result of a function."""
    terms = tuple(one if isinstance(one, Literal | IRI) else Literal.of(one) for one in args)
    found = apply(name, terms)
    assert isinstance(found, Literal)
    return found
