"""What the graph says of a place of the gazetteer."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ontology.namespaces import concept_iri, expand
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term

if TYPE_CHECKING:
    from kg.gazetteer.engine import Gazetteer

_TYPE, _FEATURE, _GEOMETRY = expand("rdf:type"), expand("geo:Feature"), expand("geo:Geometry")
_LABEL, _ALT_LABEL, _PLACE_KIND = expand("rdfs:label"), expand("skos:altLabel"), expand("ed:placeKind")
_COUNTRY_CODE, _AS_WKT = expand("ed:countryCode"), expand("geo:asWKT")
_HAS_CENTROID, _HAS_GEOMETRY = expand("geo:hasCentroid"), expand("geo:hasGeometry")
_SF_TOUCHES, _SF_WITHIN = expand("geo:sfTouches"), expand("geo:sfWithin")
_SF_INTERSECTS = expand("geo:sfIntersects")
_FIGURES = (
    (expand("ed:population"), "population"), (expand("ed:areaKm2"), "area_km2"),
    (expand("ed:elevation"), "elevation_m"), (expand("ed:lengthKm"), "length_km"), (expand("ed:depth"), "depth_m"),
)  # fmt: skip


@lru_cache(maxsize=256)
def _kind(label: str) -> IRI:
    return concept_iri("place-kind", label)


def place_triples(gazetteer: Gazetteer, iri: str) -> list[tuple[Term, Term, Term]]:
    """The triples of a place: type, names, kind, figures, outline, point, what holds it and what touches it."""
    place = gazetteer.get(iri)
    if place is None:
        return []
    subject = IRI(place.iri)
    outline = gazetteer.wkt(place.iri)
    out: list[tuple[Term, Term, Term]] = [
        (subject, _TYPE, _FEATURE),
        (subject, _LABEL, Literal.of(place.name, "en")),
    ]
    out += [(subject, _ALT_LABEL, Literal.of(text)) for text in gazetteer.alternates(iri) if text != place.name]
    kinds = {"capital" if place.is_capital else place.kind}
    if place.word == "region":
        kinds.add("region")
    out += [(subject, _PLACE_KIND, _kind(kind)) for kind in sorted(kinds)]
    for predicate, attribute in _FIGURES:
        value = getattr(place, attribute)
        if value is not None:
            literal = Literal.of(value) if isinstance(value, int) else Literal(f"{value:g}", XSD + "decimal")
            if "e" in literal.value:
                literal = Literal(str(round(value)), XSD + "decimal")
            out.append((subject, predicate, literal))
    if place.country and place.kind == "country":
        out.append((subject, _COUNTRY_CODE, Literal.of(place.country)))
    if outline is not None:
        node = IRI(place.iri + "/geometry")
        out += [
            (subject, _HAS_GEOMETRY, node),
            (node, _TYPE, _GEOMETRY),
            (node, _AS_WKT, Literal(outline, WKT_LITERAL)),
        ]
    centre = IRI(place.iri + "/centroid")
    point = Literal(f"POINT ({place.lon:.5f} {place.lat:.5f})", WKT_LITERAL)
    out += [
        (subject, _HAS_CENTROID, centre),
        (centre, _TYPE, _GEOMETRY),
        (centre, _AS_WKT, point),
    ]
    # what lies in several countries is within none of them
    held = gazetteer.parents(iri)
    crossing = sum("/country/" in one for one in held) > 1
    for one in held:
        out.append((subject, _SF_INTERSECTS if crossing and "/country/" in one else _SF_WITHIN, IRI(one)))
    out += [(subject, _SF_TOUCHES, IRI(one.iri)) for one in gazetteer.neighbours(iri)]
    return out
