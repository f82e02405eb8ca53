"""Triples of the DCAT profiles, one after another, and the parts that datasets and models share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from api.records.licences import plain_licence
from kg.record import File, Named, Record
from ontology.namespaces import BASE, PREFIXES, expand
from ontology.terms import IRI, XSD, Literal, Triple

NOT_STATED = "not stated"
_ENGLISH = "http://publications.europa.eu/resource/authority/language/ENG"


class Graph:
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
        """Adds (property, value) pairs of a thing; gives the thing."""
        for name, value in pairs:
            self.triples[subject, expand(name), value] = None
        return subject

    def typed(self, iri: str, kind: str, *pairs: tuple[str, IRI | Literal]) -> IRI:
        """Adds a thing of a class, with pairs."""
        return self.add(IRI(iri), ("rdf:type", expand(kind)), *pairs)


def agent(graph: Graph, one: Named) -> IRI:
    """Somebody."""
    return graph.typed(one.iri, "foaf:Agent", ("foaf:name", english(one.name)))


def concept(graph: Graph, one: Named, scheme: str, title: str) -> IRI:
    """A concept of one of our schemes."""
    of = graph.typed(BASE + scheme, "skos:ConceptScheme", ("dct:title", english(title)))
    return graph.typed(one.iri, "skos:Concept", ("skos:prefLabel", english(one.name)), ("skos:inScheme", of))


def resource(graph: Graph, url: str, title: str) -> IRI:
    """An address as a thing that can be reached."""
    told = english(f"{title}, at {url}")
    return graph.typed(url, "dcat:Resource", ("dct:title", english(title)), ("dct:description", told))


def checksum(graph: Graph, file: File) -> Iterator[tuple[str, IRI]]:
    """The checksum of a file, where there is one."""
    if file.algorithm and re.fullmatch(r"(?:[0-9a-f]{2})+", file.checksum):
        kind = graph.typed(f"{PREFIXES['spdx']}checksumAlgorithm_{file.algorithm}", "spdx:ChecksumAlgorithm")
        value = Literal(file.checksum, XSD + "hexBinary")
        pairs: tuple[tuple[str, IRI | Literal], ...] = (("spdx:algorithm", kind), ("spdx:checksumValue", value))
        yield "spdx:checksum", graph.typed(f"{file.iri}/checksum", "spdx:Checksum", *pairs)


def rights(graph: Graph, record: Record) -> Iterator[tuple[str, IRI]]:
    """The licence where there is one; else a statement with what is known."""
    if len(record.licences) == 1:
        one = record.licences[0]
        yield "dct:license", graph.typed(one.iri, "dct:LicenseDocument", ("dct:title", english(one.name)))
    if len(record.licences) != 1 or record.licence_text:
        words = english(" ".join(plain_licence(record)))
        yield "dct:rights", graph.typed(f"{record.iri}/rights", "dct:RightsStatement", ("rdfs:label", words))


def language(graph: Graph) -> IRI:
    """English, which all descriptions are in."""
    return graph.typed(_ENGLISH, "dct:LinguisticSystem")


def is_web(iri: str) -> bool:
    """Whether an IRI can be looked up."""
    return iri.startswith(("https://", "http://"))


def day(told: str) -> Literal:
    """A day or moment."""
    return Literal(told, XSD + ("dateTime" if "T" in told else "date"))


def text(told: str) -> Literal:
    """A text without a language."""
    return Literal.of(told)


def english(told: str) -> Literal:
    """A text in English."""
    return Literal.of(told, "en")
