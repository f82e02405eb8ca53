"""A record as RDF: its triples in the default graph and a sourced statement for every fact in the provenance graph."""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias, cast

from ingest.names import Names, agent_iri, band, class_concept, mention_iri
from ingest.reader import Fact, Record
from ingest.schema import KEYS, Key
from ontology.namespaces import BASE, concept_iri, expand, licence_iri, record_iri, scheme_iri, slug
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term

Quad: TypeAlias = tuple[IRI, IRI, Term, IRI | None]
"""Subject, predicate, object, and the named graph (None: the default graph)."""

PROVENANCE = IRI(BASE + "graph/provenance")
EARTH = record_iri("place", "earth")

_TYPES = {"dataset": ("dcat:Dataset", "ed:TrainingDataset"), "model": ("it6:MachineLearningModel",)}
_ALGORITHMS = {
    "md5": "checksumAlgorithm_md5",
    "sha1": "checksumAlgorithm_sha1",
    "sha256": "checksumAlgorithm_sha256",
    "sha512": "checksumAlgorithm_sha512",
}
_MATCHES = {"exact_match": "skos:exactMatch", "close_match": "skos:closeMatch", "broad_match": "skos:broadMatch"}
_GLOBAL = {"global", "world", "worldwide", "whole world", "earth"}

_TYPE = expand("rdf:type")
_TITLE = expand("dct:title")


def to_triples(record: Record, names: Names) -> Iterator[Quad]:
    """The quads of a record.

    A name that the vocabularies do not know becomes a term of its own with its label, so that no fact is lost;
    `ingest.check` reports it. The same record always gives the same quads: no blank nodes are used.
    """
    yield from _Writer(record, names).write()


def is_global(name: str) -> bool:
    """Whether a place name means the whole Earth."""
    return name.casefold() in _GLOBAL


def day(text: str, *, last: bool) -> str:
    """A year or month as its first or last day: `2018-02` -> `2018-02-28`."""
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else (12 if last else 1)
    if len(parts) < 3:
        parts = [year, month, calendar.monthrange(year, month)[1] if last else 1]
    return f"{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}"


def number(value: float | int) -> Literal:
    """A whole number as xsd:integer, any other as xsd:decimal."""
    if isinstance(value, int):
        return Literal.of(value)
    text = format(Decimal(repr(value)), "f")
    return Literal(text if "." in text else text + ".0", XSD + "decimal")


class _Writer:
    def __init__(self, record: Record, names: Names) -> None:
        self.record = record
        self.names = names
        self.iri = record.iri
        sensor_key = "sensor" if record.kind == "dataset" else "input_sensor"
        self.sensors = [str(fact.value) for fact in record.all(sensor_key)]
        self.counters: dict[str, int] = {}

    def write(self) -> Iterator[Quad]:
        for name in _TYPES[self.record.kind]:
            yield self.iri, _TYPE, expand(name), None
        yield self.iri, expand("dct:identifier"), Literal(self.record.id), None
        for fact in self.record.facts:
            yield from self._fact(KEYS[fact.key], fact)
        bands = [str(one.value) for one in self.record.facts if KEYS[one.key].shape == "band"]
        if len(bands) > 1:
            # triples have no order, channels of an image do
            yield self.iri, expand("ed:bandOrder"), Literal("; ".join(bands)), None

    def _fact(self, key: Key, fact: Fact) -> Iterator[Quad]:
        maker = getattr(self, f"_{key.shape}", None)
        if maker is not None:
            yield from maker(key, fact)
        else:
            yield from self._stated(self.iri, expand(key.predicate), self._literal(key, fact), fact)

    def _literal(self, key: Key, fact: Fact) -> Term:
        value = fact.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Literal(str(value))
        if key.scale != 1:
            return Literal.of(round(value * key.scale))
        if key.shape == "integer":
            return Literal.of(int(value))
        return Literal(number(value).value, XSD + "decimal")

    def _stated(self, subject: IRI, predicate: IRI, value: Term, fact: Fact) -> Iterator[Quad]:
        """A triple and the statement that says where it is from."""
        yield subject, predicate, value, None
        text = f"{subject} {predicate} {type(value).__name__} {value}"
        statement = IRI(f"{BASE}statement/{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:20]}")
        yield statement, _TYPE, expand("rdf:Statement"), PROVENANCE
        yield statement, expand("rdf:subject"), subject, PROVENANCE
        yield statement, expand("rdf:predicate"), predicate, PROVENANCE
        yield statement, expand("rdf:object"), value, PROVENANCE
        for source in fact.sources:
            yield statement, expand("dct:source"), Literal(source), PROVENANCE

    def _part(self, name: str) -> IRI:
        """A node of the record that has no name of its own."""
        self.counters[name] = self.counters.get(name, 0) + 1
        return IRI(f"{self.iri}/{name}/{self.counters[name]}")

    def _label(self, concept: IRI, scheme: str, label: str) -> Iterator[Quad]:
        yield concept, _TYPE, expand("skos:Concept"), None
        yield concept, expand("skos:prefLabel"), Literal.of(label, "en"), None
        yield concept, expand("skos:inScheme"), scheme_iri(scheme), None

    def _concept(self, key: Key, fact: Fact) -> Iterator[Quad]:
        label = str(fact.value)
        found = self.names.concept(key.scheme, label)
        if found is None:
            found = concept_iri(key.scheme, label)
            yield from self._label(found, key.scheme, label)
        yield from self._stated(self.iri, expand(key.predicate), found, fact)

    _sensor = _concept

    def _band(self, key: Key, fact: Fact) -> Iterator[Quad]:
        label = str(fact.value)
        found = band(self.names, label, self.sensors)
        if found is None:
            found = concept_iri("band", label)
            yield from self._label(found, "band", label)
        yield from self._stated(self.iri, expand(key.predicate), found, fact)

    def _link(self, key: Key, fact: Fact) -> Iterator[Quad]:
        yield from self._stated(self.iri, expand(key.predicate), IRI(str(fact.value)), fact)

    def _licence(self, key: Key, fact: Fact) -> Iterator[Quad]:
        text = str(fact.value)
        found = self.names.licence(text)
        if found is None:
            found = licence_iri(text)
            yield found, expand("spdx:licenseId"), Literal(text), None
        yield from self._stated(self.iri, expand(key.predicate), found, fact)

    def _agent(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = fact.value if isinstance(fact.value, Mapping) else {"name": fact.value}
        agent = agent_iri(str(parts["name"]))
        yield agent, _TYPE, expand("foaf:Agent"), None
        yield agent, expand("foaf:name"), Literal(str(parts["name"])), None
        if "alias" in parts:
            yield agent, expand("skos:altLabel"), Literal(str(parts["alias"])), None
        if "url" in parts:
            yield agent, expand("foaf:homepage"), IRI(str(parts["url"])), None
        yield from self._stated(self.iri, expand(key.predicate), agent, fact)

    def _date(self, key: Key, fact: Fact) -> Iterator[Quad]:
        period = IRI(f"{self.iri}/period")
        last = key.name == "time_end"
        yield self.iri, expand("dct:temporal"), period, None
        yield period, _TYPE, expand("dct:PeriodOfTime"), None
        value = Literal(day(str(fact.value), last=last), XSD + "date")
        yield from self._stated(period, expand("dcat:endDate" if last else "dcat:startDate"), value, fact)

    def _place(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = fact.value if isinstance(fact.value, Mapping) else {"name": fact.value}
        if "bbox" in parts or "point" in parts:
            yield from self._own_place(key, fact, parts)
            return
        name = str(parts["name"])
        if is_global(name):
            yield self.iri, expand("ed:globalExtent"), Literal.of(True), None
            yield from self._stated(self.iri, expand(key.predicate), EARTH, fact)
            return
        found = self.names.place(name)
        if found is None:
            found = record_iri("place", f"named/{slug(name)}")
            yield found, _TYPE, expand("geo:Feature"), None
            yield found, expand("rdfs:label"), Literal(name), None
        yield from self._stated(self.iri, expand(key.predicate), found, fact)

    def _own_place(self, key: Key, fact: Fact, parts: Mapping[str, object]) -> Iterator[Quad]:
        name = str(parts["name"])
        place = IRI(f"{self.iri}/place/{slug(name)}")
        yield place, _TYPE, expand("geo:Feature"), None
        yield place, expand("rdfs:label"), Literal(name), None
        wkt = footprint_wkt(parts)
        if wkt:
            geometry = IRI(f"{place}/geometry")
            yield place, expand("geo:hasGeometry"), geometry, None
            yield geometry, _TYPE, expand("geo:Geometry"), None
            yield geometry, expand("geo:asWKT"), Literal(wkt, WKT_LITERAL), None
        yield from self._stated(self.iri, expand(key.predicate), place, fact)

    def _dataset(self, key: Key, fact: Fact) -> Iterator[Quad]:
        yield from self._reference("dataset", key, fact)

    def _model(self, key: Key, fact: Fact) -> Iterator[Quad]:
        yield from self._reference("model", key, fact)

    def _reference(self, kind: str, key: Key, fact: Fact) -> Iterator[Quad]:
        value = fact.value
        name = str(value["name"] if isinstance(value, Mapping) else value)
        found = self.names.record(kind, name)
        if found is None:
            found = mention_iri(name)
            yield found, _TITLE, Literal(name), None
            if isinstance(value, Mapping) and "url" in value:
                yield found, expand("foaf:page"), IRI(str(value["url"])), None
        yield from self._stated(self.iri, expand(key.predicate), found, fact)

    def _class(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = fact.value if isinstance(fact.value, Mapping) else {"name": fact.value}
        name = str(parts["name"])
        concept = IRI(f"{self.iri}/class/{concept_iri('', name).rsplit('/', 1)[1]}")
        yield concept, _TYPE, expand("skos:Concept"), None
        yield concept, expand("skos:prefLabel"), Literal.of(name, "en"), None
        if "alias" in parts:
            yield concept, expand("skos:altLabel"), Literal.of(str(parts["alias"]), "en"), None
        if "definition" in parts:
            yield concept, expand("skos:definition"), Literal.of(str(parts["definition"]), "en"), None
        if "value" in parts:
            yield concept, expand("ed:classValue"), Literal.of(cast(int, parts["value"])), None
        for part, predicate in _MATCHES.items():
            if part in parts:
                target = class_concept(self.names, str(parts[part]))
                if target is not None:
                    yield concept, expand(predicate), target, None
        yield from self._stated(self.iri, expand(key.predicate), concept, fact)

    def _split(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = fact.value if isinstance(fact.value, Mapping) else {"name": fact.value}
        split = IRI(f"{self.iri}/split/{slug(str(parts['name']))}")
        yield split, _TITLE, Literal(str(parts["name"])), None
        if "num_samples" in parts:
            yield split, expand("ed:sampleCount"), Literal.of(cast(int, parts["num_samples"])), None
        yield from self._stated(self.iri, expand(key.predicate), split, fact)

    def _format(self, key: Key, fact: Fact) -> Iterator[Quad]:
        """A format without a file that is known to have it."""
        node = IRI(f"{self.iri}/distribution/{slug(str(fact.value))}")
        yield node, _TYPE, expand("dcat:Distribution"), None
        yield self.iri, expand(key.predicate), node, None
        yield from self._format_of(node, str(fact.value), fact)

    def _format_of(self, node: IRI, label: str, fact: Fact) -> Iterator[Quad]:
        found = self.names.concept("format", label)
        if found is None:
            found = concept_iri("format", label)
            yield from self._label(found, "format", label)
        yield from self._stated(node, expand("dct:format"), found, fact)

    def _distribution(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = fact.value if isinstance(fact.value, Mapping) else {"url": fact.value}
        node = self._part("distribution")
        yield node, _TYPE, expand("dcat:Distribution"), None
        yield from self._stated(self.iri, expand(key.predicate), node, fact)
        if "url" in parts:
            yield node, expand("dcat:downloadURL"), IRI(str(parts["url"])), None
        if "page" in parts:
            yield node, expand("dcat:accessURL"), IRI(str(parts["page"])), None
        if "title" in parts:
            yield node, _TITLE, Literal(str(parts["title"])), None
        if "format" in parts:
            yield from self._format_of(node, str(parts["format"]), fact)
        if "size_bytes" in parts:
            yield node, expand("dcat:byteSize"), Literal(str(parts["size_bytes"]), XSD + "nonNegativeInteger"), None
        algorithm, _, digest = str(parts.get("checksum", "")).partition(":")
        if digest and algorithm in _ALGORITHMS:
            checksum = IRI(f"{node}/checksum")
            yield node, expand("spdx:checksum"), checksum, None
            yield checksum, _TYPE, expand("spdx:Checksum"), None
            yield checksum, expand("spdx:algorithm"), expand(f"spdx:{_ALGORITHMS[algorithm]}"), None
            yield checksum, expand("spdx:checksumValue"), Literal(digest), None

    def _evaluation(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = cast(Mapping[str, object], fact.value)
        node = self._part("evaluation")
        yield node, _TYPE, expand("dqv:QualityMeasurement"), None
        yield self.iri, expand(key.predicate), node, None
        name = str(parts["on"])
        dataset = self.names.record("dataset", name)
        if dataset is None:
            dataset = mention_iri(name)
            yield dataset, _TITLE, Literal(name), None
        yield node, expand("ed:evaluatedOn"), dataset, None
        if "metric" in parts:
            label = str(parts["metric"])
            metric = self.names.concept("metric", label)
            if metric is None:
                metric = concept_iri("metric", label)
                yield from self._label(metric, "metric", label)
            yield node, expand("dqv:isMeasurementOf"), metric, None
        if "note" in parts:
            yield node, expand("skos:note"), Literal(str(parts["note"])), None
        if "value" in parts:
            value = Literal(number(cast(float, parts["value"])).value, XSD + "decimal")
            yield from self._stated(node, expand("dqv:value"), value, fact)

    def _loader(self, key: Key, fact: Fact) -> Iterator[Quad]:
        parts = cast(Mapping[str, object], fact.value)
        node = IRI(f"{self.iri}/loader/{slug(str(parts['library']))}")
        yield node, _TITLE, Literal(str(parts["library"])), None
        yield node, expand("schema:identifier"), Literal(str(parts["name"])), None
        yield from self._stated(self.iri, expand(key.predicate), node, fact)


def footprint_wkt(parts: Mapping[str, object]) -> str:
    """The WKT (CRS84) of an inline place: a box, split where it crosses the antimeridian, or a point."""
    if "bbox" in parts:
        west, south, east, north = cast(tuple[float, ...], parts["bbox"])
        if west > east:
            return f"MULTIPOLYGON ({_ring(west, south, 180, north)}, {_ring(-180, south, east, north)})"
        return f"POLYGON {_ring(west, south, east, north)}"
    if "point" in parts:
        lon, lat = cast(tuple[float, ...], parts["point"])[:2]
        return f"POINT ({lon} {lat})"
    return ""


def _ring(west: float, south: float, east: float, north: float) -> str:
    return f"(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
