"""Records as JSON-LD: the context made from the property table and the vocabulary, and the document of a record.

A record in YAML is meant to be easy to write: labels for concepts, plain names for classes and agents, and
`{value, source}` for facts of another source. `document` spells these short forms out; under the context the result
is RDF with the same properties that the catalogue's own reader writes.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ontology.concepts import Scheme
from ontology.namespaces import BASE, PREFIXES, slug
from ontology.properties import PROPERTIES, Property
from ontology.taxonomy import context_path, schemes
from ontology.vocabulary import Vocabulary

_CONTEXT = "https://w3id.org/earthdex/context.jsonld"
_USED = ("bibo", "dcat", "dct", "dqv", "ed", "foaf", "it6", "prov", "rdfs", "schema", "skos", "spdx", "xsd")
_XSD = {"integer": "xsd:integer", "number": "xsd:decimal", "date": "xsd:date", "boolean": "xsd:boolean"}
_LINKS = {"paper", "homepage"}
_AGENTS = ("publisher", "creator", "project", "funder")
_REFERENCES = {"derived_from": "dataset", "trained_on": "dataset", "fine_tuned_on": "dataset"}
_PERIOD = {"time_start": "dcat:startDate", "time_end": "dcat:endDate"}
_WORLD = {"global", "world", "worldwide", "whole world", "earth"}


def _link(name: str) -> dict[str, Any]:
    return {"@id": name, "@type": "@id"}


def _english(name: str) -> dict[str, Any]:
    return {"@id": name, "@language": "en"}


def _labels(scheme: Scheme, prefix: str = "") -> dict[str, str]:
    """Term -> IRI for the labels, synonyms and codes of a scheme; a label wins over a synonym of another concept."""
    found: dict[str, str] = {}
    for texts in (
        [(one, text) for one in scheme.concepts for text in (one.label, one.label.lower())],
        [(one, text) for one in scheme.concepts for text in one.alt],
        [(one, one.notation) for one in scheme.concepts],
    ):
        for concept, text in texts:
            if text and ":" not in text and not text.startswith("@"):
                found.setdefault(prefix + text, _short(concept.iri))
    return found


def _short(iri: str) -> str:
    return f"w:{iri.removeprefix(BASE)}" if iri.startswith(BASE) else iri


def _chosen(name: str, terms: Mapping[str, str]) -> dict[str, Any]:
    return {"@id": name, "@type": "@vocab", "@context": dict(terms)}


def _terms(by_name: Mapping[str, Scheme]) -> dict[str, dict[str, str]]:
    """The terms of each scheme that properties choose from; label classes are written `scheme/label`."""
    terms = {row.scheme: _labels(by_name[row.scheme]) for row in PROPERTIES.values() if row.scheme in by_name}
    terms["licence"] = _labels(by_name["licence"])
    terms["class"] = {}
    for name, scheme in by_name.items():
        if name.startswith("class/"):
            terms["class"] |= _labels(scheme, name.removeprefix("class/") + "/")
    return terms


def make_context() -> dict[str, Any]:
    """The context from scratch; `write_context` stores it."""
    terms = _terms({scheme.name: scheme for scheme in schemes()})
    agent = {"name": "foaf:name", "alias": "skos:altLabel", "url": _link("foaf:homepage")}
    context: dict[str, Any] = {
        "@version": 1.1,
        "@base": BASE,
        "w": {"@id": BASE, "@prefix": True},
        **{prefix: PREFIXES[prefix] for prefix in _USED},
        "id": "dct:identifier",
        "type": "@type",
        "dataset": "ed:TrainingDataset",
        "model": "it6:MachineLearningModel",
        "name": "dct:title",
        "alias": "skos:altLabel",
        "description": "dct:description",
        "license_text": "ed:licenceText",
        "note": "skos:note",
        "see_also": _link("rdfs:seeAlso"),
        "source": None,
        "global_extent": {"@id": "ed:globalExtent", "@type": "xsd:boolean"},
        "period": {
            "@id": "dct:temporal",
            "@context": {key: {"@id": name, "@type": "xsd:date"} for key, name in _PERIOD.items()},
        },
        "loader": {"@id": "ed:loader", "@context": {"library": "dct:title", "name": "schema:identifier"}},
        "evaluation": {
            "@id": "dqv:hasQualityMeasurement",
            "@context": {
                "on": _link("ed:evaluatedOn"),
                "metric": _chosen("dqv:isMeasurementOf", terms["metric"]),
                "value": {"@id": "dqv:value", "@type": "xsd:decimal"},
                "note": "skos:note",
            },
        },
        "distribution": {
            "@id": "dcat:distribution",
            "@context": {
                "url": _link("dcat:downloadURL"),
                "page": _link("dcat:accessURL"),
                "title": "dct:title",
                "format": _chosen("dct:format", terms["format"]),
                "size_bytes": {"@id": "dcat:byteSize", "@type": "xsd:nonNegativeInteger"},
                "checksum": {
                    "@id": "spdx:checksum",
                    "@context": {"algorithm": _link("spdx:algorithm"), "digest": "spdx:checksumValue"},
                },
            },
        },
        "format": {"@id": "dcat:distribution", "@context": {"format": _chosen("dct:format", terms["format"])}},
        "split": {
            "@id": "ed:split",
            "@context": {"name": "dct:title", "num_samples": {"@id": "ed:sampleCount", "@type": "xsd:integer"}},
        },
        "class_label": {
            "@id": "ed:labelClass",
            "@context": {
                "name": _english("skos:prefLabel"),
                "alias": _english("skos:altLabel"),
                "definition": _english("skos:definition"),
                "value": {"@id": "ed:classValue", "@type": "xsd:integer"},
                "exact_match": {"@id": "skos:exactMatch", "@type": "@vocab"},
                "close_match": {"@id": "skos:closeMatch", "@type": "@vocab"},
                "broad_match": {"@id": "skos:broadMatch", "@type": "@vocab"},
                **terms["class"],
            },
        },
        "coverage": {"@id": "dct:spatial", "@context": {"name": "rdfs:label", "bbox": None, "point": None}},
        "license": _chosen("dct:license", terms["licence"]),
        **{key: {"@id": PROPERTIES[key].path.split("/")[0], "@context": agent} for key in _AGENTS},
    }
    reference = {"name": "dct:title", "url": _link("foaf:page")}
    for row in PROPERTIES.values():
        if row.name not in context and row.name not in _PERIOD and {"dataset", "model"} & set(row.targets):
            context |= _of_property(row, terms, reference)
    return {"@context": context}


def _of_property(row: Property, terms: Mapping[str, Mapping[str, str]], reference: object) -> dict[str, Any]:
    """The term of a plain property; none for those that follow from others (`trained_model`, `metric` ...)."""
    if any(sign in row.path for sign in "/^|"):
        return {}
    if row.kind == "record":
        return {row.name: {**_link(row.path), "@context": reference}}
    if row.scheme:
        return {row.name: _chosen(row.path, terms[row.scheme])}
    if row.name in _LINKS:
        return {row.name: _link(row.path)}
    if row.scale != 1:
        return {row.name: {"@id": row.path, "@type": "xsd:integer"}}
    return {row.name: {"@id": row.path, "@type": _XSD[row.kind]} if row.kind in _XSD else row.path}


def write_context(path: Path | None = None) -> None:
    """Makes the context and stores it, a term a line."""
    terms = make_context()["@context"]
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in terms.items()]
    text = '{"@context": {\n' + ",\n".join(lines) + "\n}}\n"
    (path or context_path()).write_text(text, encoding="utf-8")


def document(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record, as YAML gives it, as a JSON-LD document that names the bundled context.

    Every value becomes what the context expects: short forms are spelled out, sources are left out (the reader of
    records keeps them in the provenance graph). To expand it offline, put `ontology.taxonomy.context()` in the place
    of its `@context`.
    """
    kind = str(record.get("type", "dataset"))
    me = f"{kind}/{record.get('id', '')}"
    made: dict[str, Any] = {"@context": _CONTEXT, "@id": me}
    period: dict[str, Any] = {}
    sensors = [one for key in ("sensor", "input_sensor") for one in _plain(key, record.get(key, []))]
    for key, value in record.items():
        if key == "source" or key.startswith("@"):
            continue
        values = list(_values(key, value, me))
        if key in ("band", "input_band"):
            values = [_band(str(one), sensors) for one in values]
        if key in _PERIOD:
            period[key] = [_day(str(one), last=key == "time_end") for one in values]
        elif values:
            made[key] = values[0] if len(values) == 1 else values
        if key == "coverage" and any(str(one).casefold() in _WORLD for one in _plain(key, value)):
            made["global_extent"] = True
    if period:
        made["period"] = {"@id": f"{me}/period", **period}
    return made


def _band(label: str, sensors: list[Any]) -> str:
    """A band code with the sensor whose band it is: `B2` of a Landsat-7 record is `Landsat-7 B2`."""
    vocabulary = Vocabulary.load()
    every = (vocabulary.lookup("band", f"{sensor} {label}") for sensor in sensors)
    return next((found.label for found in every if found), label)


def _label(scheme: str, text: Any) -> Any:  # noqa: ANN401
    """The preferred label of what a text names; the text itself where nobody knows it."""
    found = Vocabulary.load().lookup(scheme, str(text))
    return found.label if found else text


def _day(text: str, *, last: bool) -> str:
    """A year or month as its first or last day."""
    parts = text.split("-")
    if len(parts) == 1:
        return f"{text}-12-31" if last else f"{text}-01-01"
    if len(parts) == 2:
        return f"{text}-{calendar.monthrange(int(parts[0]), int(parts[1]))[1] if last else 1:02d}"
    return text


def _plain(key: str, value: Any) -> Iterator[Any]:  # noqa: ANN401 - values as YAML gives them
    """Single values, out of lists and of `{value, source}`."""
    for one in value if isinstance(value, list) else [value]:
        wrapped = isinstance(one, Mapping) and "value" in one and key != "evaluation"
        if wrapped and not (key == "class_label" and "name" in one):
            yield from one["value"] if isinstance(one["value"], list) else [one["value"]]
        elif key == "loader" and isinstance(one, Mapping):
            yield from ({"library": library, "name": name} for library, name in one.items() if library != "source")
        else:
            yield one


def _values(key: str, value: Any, me: str) -> Iterator[Any]:  # noqa: ANN401
    row = PROPERTIES.get(key)
    for one in _plain(key, value):
        part: Any = {name: item for name, item in one.items() if name != "source"} if isinstance(one, Mapping) else one
        if key in _PERIOD or (row is not None and row.kind == "text" and isinstance(part, (int, float))):
            yield str(part)
        elif row is not None and row.scale != 1:
            yield round(part * row.scale)
        elif key in _REFERENCES or key == "initialised_from":
            yield _reference(part, _REFERENCES.get(key, "model"))
        elif key == "evaluation":
            # YAML 1.1 reads the bare key `on` as true.
            made = {k: v for k, v in part.items() if k is not True} | {"on": _reference(_on(part), "dataset")}
            yield made | ({"metric": _label("metric", made["metric"])} if "metric" in made else {})
        elif key in ("class_label", "split", *_AGENTS, "coverage"):
            yield _named(key, part, me)
        elif key == "format":
            yield {"format": _label("format", part)}
        elif key == "distribution":
            yield _distribution(part)
        elif row is not None and row.scheme and key not in ("band", "input_band"):
            yield _label(row.scheme, part)
        else:
            yield part


def _on(part: Mapping[Any, Any]) -> Any:  # noqa: ANN401
    return part["on"] if "on" in part else part.get(True, "")


def _reference(part: Any, kind: str) -> str:  # noqa: ANN401
    """Ids of records are written as such; a mapping names a thing that the catalogue does not describe."""
    return f"mention/{slug(str(part['name']))}" if isinstance(part, Mapping) else f"{kind}/{slug(str(part))}"


def _named(key: str, part: Any, me: str) -> dict[str, Any]:  # noqa: ANN401
    made = dict(part) if isinstance(part, Mapping) else {"name": str(part)}
    name = slug(str(made["name"]))
    if key in _AGENTS:
        return {"@id": f"agent/{name}", **made}
    if key == "coverage":
        return {"@id": "place/earth" if name in _WORLD else f"{me}/place/{name}", **made}
    return {"@id": f"{me}/{'class' if key == 'class_label' else key}/{name}", **made}


def _distribution(part: Any) -> dict[str, Any]:  # noqa: ANN401
    made = dict(part) if isinstance(part, Mapping) else {"url": str(part)}
    if "format" in made:
        made["format"] = _label("format", made["format"])
    if "checksum" in made:
        algorithm, _, digest = str(made["checksum"]).partition(":")
        made["checksum"] = {
            "algorithm": f"http://spdx.org/rdf/terms#checksumAlgorithm_{algorithm}",
            "digest": digest,
        }
    return made
