"""The catalogue as GeoDCAT-AP 3 and MLDCAT-AP 3.1: triples that meet their constraints and say no more than is known.

Where a profile demands what a record does not know, the record says so in words ("not stated"), or is given by a more
general class: a model without training data, file or year is a `dcat:Resource`, no `it6:MachineLearningModel`. Where a
profile takes one value and sources give several, the first stands in its place and a note holds all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.records.dcat_models import is_full_model, write_model
from api.records.triples import (
    NOT_STATED,
    Graph,
    agent,
    checksum,
    concept,
    day,
    english,
    is_web,
    language,
    resource,
    rights,
    text,
)
from kg.record import File, Named, Record
from ontology.namespaces import BASE, expand, licence_iri
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Triple

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_SCIENCE = IRI(_AUTHORITY + "data-theme/TECH")
_ACCESS = {"open": "PUBLIC", "registration": "RESTRICTED", "restricted": "RESTRICTED"}
_MEDIA = {
    "CSV": "text/csv",
    "GeoJSON": "application/geo+json",
    "GeoPackage": "application/geopackage+sqlite3",
    "GeoTIFF": "image/tiff",
    "COG": "image/tiff",
    "JPEG": "image/jpeg",
    "JSON": "application/json",
    "NetCDF": "application/netcdf",
    "PNG": "image/png",
    "Parquet": "application/vnd.apache.parquet",
    "GeoParquet": "application/vnd.apache.parquet",
}
_SERVICES = (
    ("sparql", "SPARQL endpoint", "https://www.w3.org/TR/sparql11-protocol/", "sparql"),
    ("stac", "STAC API", "https://api.stacspec.org/v1.0.0/core", "stac"),
    ("records", "OGC API - Records", "http://www.opengis.net/spec/ogcapi-records-1/1.0", "records"),
    ("ask", "Questions in plain English", "https://spec.openapis.org/oas/v3.1.0", "openapi.json"),
)


def catalogue(
    records: Sequence[Record], outlines: Mapping[str, BaseGeometry], base: str, version: str
) -> tuple[Triple, ...]:
    """A `dcat:Catalog` with all records.

    Args:
        records: datasets and models.
        outlines: of the places that they cover, by IRI, in degrees.
        base: address of the service, without a slash at its end.
        version: of the catalogue.
    """
    graph = Graph()
    maker = graph.typed(f"{BASE}agent/earthdex", "foaf:Agent", ("foaf:name", text("earthdex")))
    home = graph.typed(f"{base}/", "foaf:Document")
    catalog = graph.typed(
        f"{base}/catalog",
        "dcat:Catalog",
        ("dct:title", english("earthdex")),
        (
            "dct:description",
            english("Earth-observation training datasets and machine-learning models, each fact with its source."),
        ),
        ("dct:publisher", maker),
        ("dct:language", language(graph)),
        (
            "dct:license",
            graph.typed(licence_iri("Apache-2.0"), "dct:LicenseDocument", ("dct:title", english("Apache License 2.0"))),
        ),
        ("foaf:homepage", home),
        ("dcat:version", text(version)),
    )
    for path, title, standard, described in _SERVICES:
        service = graph.typed(
            f"{base}/{path}#service",
            "dcat:DataService",
            ("dct:title", english(f"{title} of earthdex")),
            ("dcat:endpointURL", resource(graph, f"{base}/{path}", title)),
            ("dcat:endpointDescription", resource(graph, f"{base}/{described}", f"{title}, described by itself")),
            ("dct:conformsTo", graph.typed(standard, "dct:Standard", ("dct:title", english(title)))),
            ("dct:publisher", maker),
        )
        graph.add(catalog, ("dcat:service", service))
    listed = {one.iri for one in records}
    full = frozenset(one.iri for one in records if is_full_model(one))
    for record in records:
        thing = _record(graph, record, outlines, base, full)
        graph.add(catalog, ("dcat:dataset" if record.kind == "dataset" else "dcat:resource", thing))
        for other in _mentioned(record):
            if other.iri not in listed:
                _mention(graph, other, record)
    return graph.grouped()


def one_record(record: Record, outlines: Mapping[str, BaseGeometry], base: str) -> tuple[Triple, ...]:
    """The triples of one record, as they stand in the catalogue."""
    graph = Graph()
    _record(graph, record, outlines, base, frozenset())
    for other in _mentioned(record):
        _mention(graph, other, record)
    return graph.grouped()


def _record(graph: Graph, record: Record, outlines: Mapping[str, BaseGeometry], base: str, full: frozenset[str]) -> IRI:
    thing = IRI(record.iri)
    graph.add(
        thing,
        ("dct:title", english(record.title)),
        ("dct:description", english(record.description)),
        ("dct:identifier", text(record.id)),
        ("dct:language", language(graph)),
        *(("skos:altLabel", english(one)) for one in record.values.get("skos:altLabel", ())),
        *(("dcat:keyword", english(one)) for one in _keywords(record)),
        *(("dct:creator", agent(graph, one)) for one in record.named("dct:creator")),
        *(
            ("foaf:page", graph.typed(one.iri, "foaf:Document"))
            for one in record.named("dcat:landingPage")
            if is_web(one.iri)
        ),
        # MLDCAT-AP wants the title and day of a paper behind `dct:isReferencedBy`, which nobody told us
        *(("foaf:page", graph.typed(one.iri, "foaf:Document")) for one in record.named("dct:isReferencedBy")),
    )
    for place, one in enumerate(record.named("dct:publisher")):
        # the profile takes one publisher; all others have a part as well
        graph.add(thing, ("dct:publisher" if place == 0 else "dct:contributor", agent(graph, one)))
    if record.kind == "dataset":
        _dataset(graph, thing, record, outlines, base)
    else:
        write_model(graph, thing, record, full)
    return thing


def _dataset(graph: Graph, thing: IRI, record: Record, outlines: Mapping[str, BaseGeometry], base: str) -> None:
    graph.add(thing, ("rdf:type", expand("dcat:Dataset")), ("dcat:theme", _theme(graph)))
    for one in record.named("dcat:theme"):
        graph.add(thing, ("dcat:theme", concept(graph, one, "topic", "Topics")))
    for one in record.named("dcat:landingPage"):
        if is_web(one.iri):
            graph.add(thing, ("dcat:landingPage", graph.typed(one.iri, "foaf:Document")))
    for year in record.values.get("ed:publicationYear", ())[:1]:
        graph.add(thing, ("dct:issued", Literal(year, XSD + "gYear")))
    for version in record.values.get("dcat:version", ())[:1]:
        graph.add(thing, ("dcat:version", text(version)))
    for name in {one.name for one in record.named("dct:accessRights")} & _ACCESS.keys():
        right = f"{_AUTHORITY}access-right/{_ACCESS[name]}"
        graph.add(thing, ("dct:accessRights", graph.typed(right, "dct:RightsStatement")))
        break
    metres = sorted(float(one) for one in record.values.get("dcat:spatialResolutionInMeters", ()))
    for one_metre in metres[:1]:
        graph.add(
            thing,
            ("dcat:spatialResolutionInMeters", Literal(f"{one_metre:f}".rstrip("0").rstrip("."), XSD + "decimal")),
        )
    for place_of in record.named("dct:spatial"):
        graph.add(thing, ("dct:spatial", _place(graph, place_of, outlines.get(place_of.iri))))
    if record.start or record.end:
        days = (("dcat:startDate", record.start), ("dcat:endDate", record.end))
        known = ((key, day(one)) for key, one in days if one)
        period = graph.typed(f"{record.iri}/period", "dct:PeriodOfTime", *known)
        graph.add(thing, ("dct:temporal", period))
    for one in record.named("prov:wasDerivedFrom"):
        graph.add(thing, ("dct:source", IRI(one.iri)))
    collected = day(record.start) if record.start else text(NOT_STATED)
    graph.add(thing, ("it6:collectionDate", collected))
    measured = tuple(("dqv:hasQualityMeasurement", one) for one in _measurements(graph, record))
    for file in record.files or (File(f"{record.iri}/distribution/page"),):
        graph.add(thing, ("dcat:distribution", _distribution(graph, record, file, base, measured)))


def _distribution(graph: Graph, record: Record, file: File, base: str, measured: tuple[tuple[str, IRI], ...]) -> IRI:
    reached = file.url or next((one.iri for one in record.named("dcat:landingPage") if is_web(one.iri)), "")
    reached = reached or f"{base}/{record.kind}/{quote(record.id)}"
    named = file.title or f"Files of {record.title}"
    made = graph.typed(
        file.iri,
        "dcat:Distribution",
        ("dcat:accessURL", resource(graph, reached, named)),
        ("dct:title", english(file.title or (file.format.name if file.format else record.title))),
    )
    if file.direct:
        graph.add(made, ("dcat:downloadURL", resource(graph, file.url, named)))
    if file.byte_size is not None:
        graph.add(made, ("dcat:byteSize", Literal(str(file.byte_size), XSD + "nonNegativeInteger")))
    if file.format is not None:
        name = file.format.name
        form = graph.typed(file.format.iri, "dct:MediaTypeOrExtent", ("rdfs:label", english(name)))
        graph.add(made, ("dct:format", form))
        if name in _MEDIA:
            media = f"https://www.iana.org/assignments/media-types/{_MEDIA[name]}"
            graph.add(made, ("dcat:mediaType", graph.typed(media, "dct:MediaType")))
    graph.add(made, *checksum(graph, file), *measured)
    for name, value in rights(graph, record):
        graph.add(made, (name, value))
    return made


def _measurements(graph: Graph, record: Record) -> Iterator[IRI]:
    """How many samples there are, where known, and how much the catalogue knows: both as measurements of quality."""
    samples = record.values.get("ed:sampleCount", ())
    known = len(record.values.keys() | record.things.keys() - {"rdf:type"})
    counted = [("facts", "Number of properties known to the catalogue", str(known))]
    counted += [("samples", "Number of samples", samples[0])] if len(samples) == 1 else []
    for name, title, number in counted:
        yield graph.typed(
            f"{record.iri}/measured/{name}",
            "dqv:QualityMeasurement",
            ("dqv:value", Literal(number, XSD + "nonNegativeInteger")),
            ("dct:type", _metric(graph, name, title)),
            ("dqv:isMeasurementOf", _metric(graph, name, title)),
        )


def _metric(graph: Graph, name: str, title: str) -> IRI:
    """What is measured: a quality of MLDCAT-AP, a metric of GeoDCAT-AP."""
    completeness = graph.typed(
        f"{BASE}quality/completeness",
        "dqv:Dimension",
        ("skos:prefLabel", english("Completeness")),
        ("skos:definition", english("How much there is, and how much of it is described.")),
    )
    whole = graph.typed(XSD + "nonNegativeInteger", "rdfs:Datatype")
    return graph.typed(
        f"{BASE}quality/{name}",
        "it6:DataQuality",
        ("rdf:type", expand("dqv:Metric")),
        ("dct:title", english(title)),
        ("dct:identifier", text(name)),
        ("skos:definition", english(f"{title}.")),
        ("dqv:expectedDataType", whole),
        ("dqv:inDimension", completeness),
    )


def _mentioned(record: Record) -> Iterable[Named]:
    """Datasets and models that a record names."""
    return (*record.named("it6:trainedOn"), *record.named("it6:fineTunedFrom"), *record.named("prov:wasDerivedFrom"))


def _mention(graph: Graph, other: Named, record: Record) -> None:
    """What the catalogue does not describe, or not here, as far as it is known."""
    told = (
        f"Named by {record.title}. Further facts: {other.iri}"
        if "/mention/" not in other.iri
        else (f"Named by {record.title}; not described in this catalogue.")
    )
    tuned = other in record.named("it6:fineTunedFrom")
    graph.typed(
        other.iri,
        "dcat:Resource" if tuned else "dcat:Dataset",
        ("dct:title", english(other.name)),
        ("dct:description", english(told)),
        *((("it6:collectionDate", text(NOT_STATED)),) if not tuned else ()),
    )


def _theme(graph: Graph) -> IRI:
    scheme = graph.typed(_AUTHORITY + "data-theme", "skos:ConceptScheme", ("dct:title", english("Data theme")))
    label = english("Science and technology")
    return graph.typed(_SCIENCE, "skos:Concept", ("skos:prefLabel", label), ("skos:inScheme", scheme))


def _place(graph: Graph, one: Named, outline: Any) -> IRI:  # noqa: ANN401 - a shapely geometry or None
    made = graph.typed(one.iri, "dct:Location", ("skos:prefLabel", english(one.name)))
    if outline is not None:
        west, south, east, north = outline.bounds
        ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
        box = ", ".join(f"{x:.6g} {y:.6g}" for x, y in ring)
        middle = outline.centroid
        graph.add(
            made,
            ("dcat:bbox", Literal(f"POLYGON(({box}))", WKT_LITERAL)),
            ("dcat:centroid", Literal(f"POINT({middle.x:.6g} {middle.y:.6g})", WKT_LITERAL)),
        )
    return made


def _keywords(record: Record) -> list[str]:
    names = [one.name for key in ("ed:task", "ed:sensor", "ed:modality") for one in record.named(key)]
    return list(dict.fromkeys([*names, *record.values.get("dcat:keyword", ())]))
