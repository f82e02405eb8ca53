"""What the graph says of a place of the gazetteer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.gazetteer.place import STEM
from ontology.namespaces import concept_iri, expand
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kg.gazetteer.engine import Gazetteer

_FIGURES = (
    ("ed:population", "population"), ("ed:areaKm2", "area_km2"), ("ed:elevation", "elevation_m"),
    ("ed:lengthKm", "length_km"), ("ed:depth", "depth_m"),
)  # fmt: skip


def wkt(shape: BaseGeometry) -> Literal:
    """A geometry as a WKT literal in CRS84 with four decimals (11 m)."""
    import shapely

    return Literal(shapely.to_wkt(shape, rounding_precision=4), WKT_LITERAL)


def place_triples(gazetteer: Gazetteer, iri: str) -> list[tuple[Term, Term, Term]]:
    """The triples of a place: type, names, kind, figures, outline, point, what holds it and what touches it."""
    place = gazetteer.get(iri)
    if place is None:
        return []
    subject = IRI(place.iri)
    shape = gazetteer.geometry(place.iri)
    out: list[tuple[Term, Term, Term]] = [
        (subject, expand("rdf:type"), expand("geo:Feature")),
        (subject, expand("rdfs:label"), Literal.of(place.name, "en")),
    ]
    out += [
        (subject, expand("skos:altLabel"), Literal.of(text)) for text in gazetteer.alternates(iri) if text != place.name
    ]
    kinds = {"capital" if place.is_capital else place.kind}
    if place.word == "region":
        kinds.add("region")
    out += [(subject, expand("ed:placeKind"), concept_iri("place-kind", kind)) for kind in sorted(kinds)]
    for name, attribute in _FIGURES:
        value = getattr(place, attribute)
        if value is not None:
            literal = Literal.of(value) if isinstance(value, int) else Literal(f"{value:g}", XSD + "decimal")
            if "e" in literal.value:
                literal = Literal(str(round(value)), XSD + "decimal")
            out.append((subject, expand(name), literal))
    if place.country and place.kind == "country":
        out.append((subject, expand("ed:countryCode"), Literal.of(place.country)))
    if shape is not None:
        node = IRI(place.iri + "/geometry")
        out += [
            (subject, expand("geo:hasGeometry"), node),
            (node, expand("rdf:type"), expand("geo:Geometry")),
            (node, expand("geo:asWKT"), wkt(shape)),
        ]
    centre = IRI(place.iri + "/centroid")
    point = Literal(f"POINT ({place.lon:.5f} {place.lat:.5f})", WKT_LITERAL)
    out += [
        (subject, expand("geo:hasCentroid"), centre),
        (centre, expand("rdf:type"), expand("geo:Geometry")),
        (centre, expand("geo:asWKT"), point),
    ]
    out += [(subject, expand("geo:sfWithin"), IRI(STEM + one.removeprefix(STEM))) for one in gazetteer.parents(iri)]
    out += [(subject, expand("geo:sfTouches"), IRI(one.iri)) for one in gazetteer.neighbours(iri)]
    return out
