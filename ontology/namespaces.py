"""Prefixes and IRIs, as the vocabularies themselves publish them."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from ontology.terms import IRI

_OPAQUE = re.compile(r'<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|#[^\n]*')
_PREFIXED = re.compile(r"(?<![\w?$:.-])([a-z][a-z0-9]*):")

BASE = "https://w3id.org/earthdex/"

PREFIXES: dict[str, str] = {
    "ed": BASE + "ns#",
    "adms": "http://www.w3.org/ns/adms#",
    "bibo": "http://purl.org/ontology/bibo/",
    "cc": "http://creativecommons.org/ns#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "it6": "http://data.europa.eu/it6/",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sf": "http://www.opengis.net/ont/sf#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "spdx": "http://spdx.org/rdf/terms#",
    "ssn": "http://www.w3.org/ns/ssn/",
    "uom": "http://www.opengis.net/def/uom/OGC/1.0/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def expand(name: str) -> IRI:
    """`dct:title` -> the absolute IRI. Raises KeyError for an unknown prefix."""
    prefix, _, local = name.partition(":")
    return IRI(PREFIXES[prefix] + local)


def shorten(iri: str) -> str:
    """An absolute IRI as `prefix:name` where a prefix fits, else in angle brackets."""
    for prefix, stem in PREFIXES.items():
        local = iri.removeprefix(stem)
        if local != iri and re.fullmatch(r"[A-Za-z_][\w.-]*", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


def sparql_prologue(query: str) -> str:
    """PREFIX lines for the prefixes that a query body uses outside IRIs, strings and comments."""
    used = set(_PREFIXED.findall(_OPAQUE.sub(" ", query)))
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in sorted(used & PREFIXES.keys()))


def with_prefixes(query: str) -> str:
    """A query with PREFIX lines for the prefixes of ours that it uses and does not declare, on its first line."""
    declared = set(re.findall(r"\bprefix\s+([a-z][a-z0-9]*):", query, re.IGNORECASE))
    missing = [line for line in sparql_prologue(query).splitlines() if line.split()[1][:-1] not in declared]
    return " ".join([*missing, query])


def slug(text: str) -> str:
    """A label as the last part of an IRI: `Crop type (LPIS)` -> `crop-type-lpis`."""
    text = unicodedata.normalize("NFKD", text.replace("+", " plus ")).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    return "-".join(re.findall(r"\w+", text.replace("_", "-")))


def concept_iri(scheme: str, label: str) -> IRI:
    """The IRI of a concept of our own schemes: `topic`, `crop type` -> `.../topic/crop-type`."""
    return IRI(f"{BASE}{scheme}/{quote(slug(label))}")


def scheme_iri(scheme: str) -> IRI:
    """The IRI of one of our own concept schemes."""
    return IRI(BASE + scheme)


def record_iri(kind: str, identifier: str) -> IRI:
    """The IRI of a dataset, model or place: kind is `dataset`, `model` or `place`."""
    return IRI(f"{BASE}{kind}/{quote(identifier, safe='/')}")


def scene_iri(collection: str, identifier: str) -> IRI:
    """The IRI of a scene; every character that an IRI may not hold is percent-encoded."""
    return IRI(f"{scene_stem(collection)}{quoted(identifier)}")


def scene_stem(collection: str) -> str:
    """What the IRIs of all scenes of a collection begin with."""
    return f"{BASE}scene/{quoted(collection)}/"


def quoted(text: str) -> str:
    """A text as one step of an IRI's path; without the cost of `quote` where nothing needs it."""
    return text if _PLAIN(text) else quote(text, safe="")


def licence_iri(spdx: str) -> IRI:
    """The IRI of a licence: SPDX's own for listed ones, ours for `LicenseRef-...`."""
    if spdx.startswith("LicenseRef-"):
        return IRI(f"{BASE}licence/{quote(spdx)}")
    return IRI(f"http://spdx.org/licenses/{quote(spdx)}")
