"""What the reader knows, read from the graph: concepts, names of records, agents, classes and facts about sensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from kg.solutions import Solutions
from nlq.lexis.lexicon import Entry
from nlq.lexis.vocabulary import Name, Term
from ontology.namespaces import BASE, PREFIXES


class QueryLike(Protocol):
    """Whatever answers SPARQL: a store, a home."""

    def query(self, sparql: str) -> Any:  # noqa: ANN401 - Solutions, Triples or bool
        """The result of a query."""


@dataclass(frozen=True, slots=True)
class SensorFact:
    """What is known of a mission, spacecraft or instrument.

    Attributes:
        start, end: ISO dates of its operation; empty where open or unknown.
        finest: finest ground sampling distance of its instruments in metres.
        kinds: kinds of sensor (SAR, multispectral, ...).
        bands: preferred labels of its bands.
        levels, types: processing levels and product types it delivers.
        planned: it has not been launched.
    """

    label: str
    start: str = ""
    end: str = ""
    finest: float | None = None
    kinds: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a lexicon is made from."""

    terms: tuple[Term, ...] = ()
    names: tuple[Name, ...] = ()
    entries: tuple[Entry, ...] = ()
    sensors: tuple[SensorFact, ...] = ()


_PROLOGUE = "".join(f"PREFIX {name}: <{stem}>\n" for name, stem in PREFIXES.items())
_CONCEPTS = """SELECT ?s ?p ?o WHERE {
  VALUES ?p { skos:prefLabel skos:altLabel skos:broader skos:notation skos:inScheme rdf:type ed:sensorKind
    schema:startDate schema:endDate dcat:spatialResolutionInMeters ed:band ed:productType ed:processingLevel
    sosa:isHostedBy }
  ?s skos:inScheme ?scheme . ?s ?p ?o }"""
_RECORDS = """SELECT ?kind ?s ?p ?name WHERE {
  VALUES (?class ?kind) { (ed:TrainingDataset "dataset") (it6:MachineLearningModel "model") }
  VALUES ?p { dct:title skos:altLabel } ?s a ?class ; ?p ?name }"""
_AGENTS = """SELECT ?role ?name ?alt WHERE {
  VALUES (?p ?role) { (dct:publisher "publisher") (dct:creator "creator") (ed:project "project")
    (schema:funder "funder") }
  ?s ?p ?agent . ?agent foaf:name ?name . OPTIONAL { ?agent skos:altLabel ?alt } }"""
_BENCHMARKS = "SELECT DISTINCT ?name WHERE { ?s ed:benchmark ?name }"
_MENTIONS = """SELECT DISTINCT ?name WHERE { ?s it6:trainedOn|it6:fineTunedFrom|ed:fineTunedOn|prov:wasDerivedFrom ?m .
  ?m dct:title ?name . FILTER(CONTAINS(STR(?m), "/mention/")) }"""
_LICENCES = (
    "SELECT DISTINCT ?id ?name WHERE { ?s spdx:licenseId ?id . OPTIONAL { ?s skos:altLabel|rdfs:label"
    "|dct:title ?name } }"
)


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


def _rows(source: QueryLike, query: str) -> Iterator[tuple[str, ...]]:
    found = source.query(_PROLOGUE + query)
    if isinstance(found, Solutions):
        for row in found.rows:
            yield tuple("" if one is None else _text(one) for one in row)


def read_sources(source: QueryLike) -> Sources:
    """Everything the reader needs of a graph.

    Args:
        source: a store or home.
    """
    terms, sensors = _concepts(_rows(source, _CONCEPTS))
    names: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for kind, iri, predicate, name in _rows(source, _RECORDS):
        title, alt = names.get((kind, iri), ("", []))
        if predicate.endswith("title") and not title:
            title = name
        else:
            alt.append(name)
        names[kind, iri] = (title, alt)
    records = tuple(
        Name(kind, title or alt[0], tuple(alt)) for (kind, _), (title, alt) in sorted(names.items()) if title or alt
    )
    return Sources(terms, records, tuple(_entries(source)), sensors)


def _entries(source: QueryLike) -> Iterator[Entry]:
    for role, name, alt in _rows(source, _AGENTS):
        for phrase in (name, alt):
            if len(phrase) > 1:
                yield Entry("agent", name if phrase == name else phrase, phrase, role)
    for (name,) in [*_rows(source, _MENTIONS), ("ImageNet",), ("COCO",)]:
        if 2 < len(name) < 50:
            yield Entry("record", name, name, "dataset")
    for (name,) in _rows(source, _BENCHMARKS):
        yield Entry("benchmark", name, name)
    seen: set[str] = set()
    for spdx, name in _rows(source, _LICENCES):
        for phrase in (spdx, name):
            if phrase and phrase not in seen:
                seen.add(phrase)
                yield Entry("license", spdx, phrase)
        if name:
            yield Entry("license", spdx, name)


def _concepts(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[Term, ...], tuple[SensorFact, ...]]:
    facts: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, value in rows:
        facts.setdefault(subject, {}).setdefault(predicate.rsplit("/", 1)[-1].rsplit("#", 1)[-1], []).append(value)
    label_of = {iri: row.get("prefLabel", [""])[0] for iri, row in facts.items()}
    terms, sensors = [], []
    for iri, row in sorted(facts.items()):
        label = label_of[iri]
        if not label:
            continue
        scheme = row["inScheme"][0].removeprefix(BASE)
        kinds = tuple(label_of.get(one, one.rsplit("/", 1)[-1]) for one in row.get("sensorKind", ()))
        broader = tuple(dict.fromkeys(row.get("broader", []) + row.get("isHostedBy", [])))
        types = tuple(row.get("type", ()))
        terms.append(
            Term(
                scheme,
                label,
                iri,
                tuple(row.get("altLabel", ())),
                (row.get("notation") or [""])[0],
                broader,
                types,
                kinds,
            )
        )
        if scheme == "sensor":
            numbers = [float(one) for one in row.get("spatialResolutionInMeters", ()) if one]
            sensors.append(
                SensorFact(
                    label,
                    min(row.get("startDate", [""])),
                    max(row.get("endDate", [""])),
                    min(numbers, default=None),
                    kinds,
                    tuple(label_of.get(one, "") for one in row.get("band", ())),
                    tuple(label_of.get(one, one) for one in row.get("processingLevel", ())),
                    tuple(label_of.get(one, one) for one in row.get("productType", ())),
                    tuple(label_of.get(one, "") for one in broader),
                )
            )
    return tuple(terms), tuple(sensors)
