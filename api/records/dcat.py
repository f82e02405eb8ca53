"""The catalogue as GeoDCAT-AP 3 and MLDCAT-AP 3.1: triples that meet their constraints and say no more than is known.

Where a profile demands what a record does not know, the record says so in words ("not stated"), or is given by a more
general class: a model without training data, file or year is a `dcat:Resource`, no `it6:MachineLearningModel`. Where a
profile takes one value and sources give several, the first stands in its place and a note holds all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.records.citation import bibtex
from api.records.licences import plain_licence
from kg.record import File, Named, Record
from ontology.namespaces import BASE, PREFIXES, expand, licence_iri
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Triple

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_ENGLISH = IRI(_AUTHORITY + "language/ENG")
_SCIENCE = IRI(_AUTHORITY + "data-theme/TECH")
_ACCESS = {"open": "PUBLIC", "registration": "RESTRICTED", "restricted": "RESTRICTED"}
_NOT_STATED = "not stated"
_BIRO = "http://purl.org/spar/biro/BibliographicReference"
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


class _Graph:
    """Triples, each once, with short names."""

    def __init__(self) -> None:
        self.triples: dict[Triple, None] = {}

    def grouped(self) -> tuple[Triple, ...]:
        """All triples, those of a subject together."""
        places: dict[object, int] = {}
        for subject, _, _ in self.triples:
            places.setdefault(subject, len(places))
        return tuple(sorted(self.triples, key=lambda one: places[one[0]]))

    def add(self, subject: IRI, *pairs: tuple[str, IRI | Literal]) -> IRI:
        for name, value in pairs:
            self.triples[subject, expand(name), value] = None
        return subject

    def typed(self, iri: str, kind: str, *pairs: tuple[str, IRI | Literal]) -> IRI:
        return self.add(IRI(iri), ("rdf:type", expand(kind)), *pairs)


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
    graph = _Graph()
    maker = graph.typed(f"{BASE}agent/earthdex", "foaf:Agent", ("foaf:name", _text("earthdex")))
    home = graph.typed(f"{base}/", "foaf:Document")
    catalog = graph.typed(
        f"{base}/catalog",
        "dcat:Catalog",
        ("dct:title", _english("earthdex")),
        (
            "dct:description",
            _english("Earth-observation training datasets and machine-learning models, each fact with its source."),
        ),
        ("dct:publisher", maker),
        ("dct:language", _english_language(graph)),
        (
            "dct:license",
            graph.typed(
                licence_iri("Apache-2.0"), "dct:LicenseDocument", ("dct:title", _english("Apache License 2.0"))
            ),
        ),
        ("foaf:homepage", home),
        ("dcat:version", _text(version)),
    )
    for path, title, standard, described in _SERVICES:
        service = graph.typed(
            f"{base}/{path}#service",
            "dcat:DataService",
            ("dct:title", _english(f"{title} of earthdex")),
            ("dcat:endpointURL", IRI(f"{base}/{path}")),
            ("dcat:endpointDescription", IRI(f"{base}/{described}")),
            ("dct:conformsTo", graph.typed(standard, "dct:Standard", ("dct:title", _english(title)))),
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
    graph = _Graph()
    _record(graph, record, outlines, base, frozenset())
    for other in _mentioned(record):
        _mention(graph, other, record)
    return graph.grouped()


def is_full_model(record: Record) -> bool:
    """Whether all that MLDCAT-AP demands of a model is known: when it was made, from what data, and its file."""
    known = record.values.get("ed:publicationYear") and record.named("it6:trainedOn")
    return record.kind == "model" and bool(known) and any(one.url for one in record.files)


def _record(
    graph: _Graph, record: Record, outlines: Mapping[str, BaseGeometry], base: str, full: frozenset[str]
) -> IRI:
    thing = IRI(record.iri)
    graph.add(
        thing,
        ("dct:title", _english(record.title)),
        ("dct:description", _english(record.description)),
        ("dct:identifier", _text(record.id)),
        ("dct:language", _english_language(graph)),
        *(("skos:altLabel", _english(one)) for one in record.values.get("skos:altLabel", ())),
        *(("dcat:keyword", _english(one)) for one in _keywords(record)),
        *(("dct:creator", _agent(graph, one)) for one in record.named("dct:creator")),
        *(
            ("foaf:page", graph.typed(one.iri, "foaf:Document"))
            for one in record.named("dcat:landingPage")
            if _web(one.iri)
        ),
        *(("dct:isReferencedBy", IRI(one.iri)) for one in record.named("dct:isReferencedBy")),
    )
    for place, one in enumerate(record.named("dct:publisher")):
        # the profile takes one publisher; all others have a part as well
        graph.add(thing, ("dct:publisher" if place == 0 else "dct:contributor", _agent(graph, one)))
    if record.kind == "dataset":
        _dataset(graph, thing, record, outlines, base)
    else:
        _model(graph, thing, record, full)
    return thing


def _dataset(graph: _Graph, thing: IRI, record: Record, outlines: Mapping[str, BaseGeometry], base: str) -> None:
    graph.add(thing, ("rdf:type", expand("dcat:Dataset")), ("dcat:theme", _theme(graph)))
    for one in record.named("dcat:theme"):
        graph.add(thing, ("dcat:theme", _concept(graph, one, "topic", "Topics")))
    for one in record.named("dcat:landingPage"):
        if _web(one.iri):
            graph.add(thing, ("dcat:landingPage", graph.typed(one.iri, "foaf:Document")))
    for year in record.values.get("ed:publicationYear", ())[:1]:
        graph.add(thing, ("dct:issued", Literal(year, XSD + "gYear")))
    for version in record.values.get("dcat:version", ())[:1]:
        graph.add(thing, ("dcat:version", _text(version)))
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
        period = graph.typed(
            f"{record.iri}/period", "dct:PeriodOfTime", *((key, _day(day)) for key, day in days if day)
        )
        graph.add(thing, ("dct:temporal", period))
    for one in record.named("prov:wasDerivedFrom"):
        graph.add(thing, ("dct:source", IRI(one.iri)))
    for file in record.files or (File(f"{record.iri}/distribution/page"),):
        graph.add(thing, ("dcat:distribution", _distribution(graph, record, file, base)))


def _distribution(graph: _Graph, record: Record, file: File, base: str) -> IRI:
    reached = file.url or next((one.iri for one in record.named("dcat:landingPage") if _web(one.iri)), "")
    made = graph.typed(
        file.iri,
        "dcat:Distribution",
        ("dcat:accessURL", IRI(reached or f"{base}/{record.kind}/{quote(record.id)}")),
        ("dct:title", _english(file.title or (file.format.name if file.format else record.title))),
    )
    if file.direct:
        graph.add(made, ("dcat:downloadURL", IRI(file.url)))
    if file.byte_size is not None:
        graph.add(made, ("dcat:byteSize", Literal(str(file.byte_size), XSD + "nonNegativeInteger")))
    if file.format is not None:
        name = file.format.name
        form = graph.typed(file.format.iri, "dct:MediaTypeOrExtent", ("rdfs:label", _english(name)))
        graph.add(made, ("dct:format", form))
        if name in _MEDIA:
            media = f"https://www.iana.org/assignments/media-types/{_MEDIA[name]}"
            graph.add(made, ("dcat:mediaType", graph.typed(media, "dct:MediaType")))
    if file.algorithm and re.fullmatch(r"(?:[0-9a-f]{2})+", file.checksum):
        kind = graph.typed(f"{PREFIXES['spdx']}checksumAlgorithm_{file.algorithm}", "spdx:ChecksumAlgorithm")
        summed = graph.typed(
            f"{file.iri}/checksum",
            "spdx:Checksum",
            ("spdx:algorithm", kind),
            ("spdx:checksumValue", Literal(file.checksum, XSD + "hexBinary")),
        )
        graph.add(made, ("spdx:checksum", summed))
    for name, value in _rights(graph, record):
        graph.add(made, (name, value))
    return made


def _rights(graph: _Graph, record: Record) -> Iterator[tuple[str, IRI]]:
    """The licence where there is one; else a statement with what is known."""
    if len(record.licences) == 1:
        one = record.licences[0]
        yield "dct:license", graph.typed(one.iri, "dct:LicenseDocument", ("dct:title", _english(one.name)))
    if len(record.licences) != 1 or record.licence_text:
        words = _english(" ".join(plain_licence(record)))
        yield "dct:rights", graph.typed(f"{record.iri}/rights", "dct:RightsStatement", ("rdfs:label", words))


def _model(graph: _Graph, thing: IRI, record: Record, full: frozenset[str]) -> None:
    files = [one for one in record.files if one.url]
    graph.add(thing, ("rdf:type", expand("it6:MachineLearningModel" if is_full_model(record) else "dcat:Resource")))
    graph.add(thing, ("dcat:version", _text(record.value("dcat:version") or _NOT_STATED)))
    for year in record.values.get("ed:publicationYear", ())[:1]:
        graph.add(thing, ("dct:created", Literal(year, XSD + "gYear")))
    for one in record.named("it6:trainedOn"):
        graph.add(thing, ("it6:trainedOn", IRI(one.iri)))
    for one in record.named("it6:fineTunedFrom")[:1]:
        graph.add(thing, ("it6:fineTunedFrom" if one.iri in full else "dct:source", IRI(one.iri)))
    for number in record.values.get("ed:parameterCount", ())[:1]:
        graph.add(thing, ("it6:totalNumberOfParameters", Literal(number, XSD + "nonNegativeInteger")))
    for one in record.named("ed:architecture"):
        graph.add(thing, ("it6:modelArchitecture", _english(one.name)))
    if record.scores:
        told = "; ".join(f"{one.metric} {one.value}{f' on {one.on}' if one.on else ''}" for one in record.scores)
        graph.add(thing, ("it6:evaluationResults", _english(told)))
    for file in files:
        name = file.title or file.url.rsplit("/", 1)[-1] or record.title
        pairs: list[tuple[str, IRI | Literal]] = [
            ("dct:title", _english(name)),
            ("dct:identifier", _text(file.url)),
            ("it6:url", IRI(file.url)),
        ]
        frame = file.format or next(iter(record.named("ed:framework")), None)
        form = (
            _concept(graph, frame, "format", "Formats")
            if frame
            else _concept(graph, Named(f"{BASE}format/other", _NOT_STATED), "format", "Formats")
        )
        graph.add(thing, ("it6:hasFile", graph.typed(file.iri, "it6:File", *pairs, ("dct:format", form))))
    cited = graph.add(
        IRI(f"{record.iri}/citation"),
        ("rdf:type", IRI(_BIRO)),
        ("dct:bibliographicCitation", _text(bibtex(record))),
        ("dct:format", _concept(graph, Named(f"{BASE}format/bibtex", "BibTeX"), "format", "Formats")),
    )
    graph.add(thing, ("it6:hasBibliographicReference", cited))
    for name, value in _rights(graph, record):
        graph.add(thing, (name, value))


def _mentioned(record: Record) -> Iterable[Named]:
    """Datasets and models that a record names."""
    return (*record.named("it6:trainedOn"), *record.named("it6:fineTunedFrom"), *record.named("prov:wasDerivedFrom"))


def _mention(graph: _Graph, other: Named, record: Record) -> None:
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
        ("dct:title", _english(other.name)),
        ("dct:description", _english(told)),
    )


def _agent(graph: _Graph, one: Named) -> IRI:
    return graph.typed(one.iri, "foaf:Agent", ("foaf:name", _english(one.name)))


def _concept(graph: _Graph, one: Named, scheme: str, title: str) -> IRI:
    of = graph.typed(BASE + scheme, "skos:ConceptScheme", ("dct:title", _english(title)))
    return graph.typed(one.iri, "skos:Concept", ("skos:prefLabel", _english(one.name)), ("skos:inScheme", of))


def _theme(graph: _Graph) -> IRI:
    scheme = graph.typed(_AUTHORITY + "data-theme", "skos:ConceptScheme", ("dct:title", _english("Data theme")))
    label = _english("Science and technology")
    return graph.typed(_SCIENCE, "skos:Concept", ("skos:prefLabel", label), ("skos:inScheme", scheme))


def _place(graph: _Graph, one: Named, outline: Any) -> IRI:  # noqa: ANN401 - a shapely geometry or None
    made = graph.typed(one.iri, "dct:Location", ("skos:prefLabel", _english(one.name)))
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


def _english_language(graph: _Graph) -> IRI:
    return graph.typed(_ENGLISH, "dct:LinguisticSystem")


def _keywords(record: Record) -> list[str]:
    names = [one.name for key in ("ed:task", "ed:sensor", "ed:modality") for one in record.named(key)]
    return list(dict.fromkeys([*names, *record.values.get("dcat:keyword", ())]))


def _web(iri: str) -> bool:
    return iri.startswith(("https://", "http://"))


def _day(text: str) -> Literal:
    return Literal(text, XSD + ("dateTime" if "T" in text else "date"))


def _text(text: str) -> Literal:
    return Literal.of(text)


def _english(text: str) -> Literal:
    return Literal.of(text, "en")
