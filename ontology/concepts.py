"""Concepts of our own SKOS schemes, read from the tables in `taxonomies/`.

A table is a YAML file: `scheme`, `title`, `about` and `concepts`, a mapping from preferred label to its row. A row may
hold `def` (definition), `alt` (synonyms), `broader`, `related`, and the matches `exact`, `close`, `broad`, `narrow`,
each a label of the same scheme or `scheme/label`. In coded schemes the key is the code, and `label` the label; keys
that start with `x-` are our additions to such a scheme and have no code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ontology.errors import RecordError
from ontology.namespaces import BASE, concept_iri, expand, scheme_iri
from ontology.terms import IRI, Literal, Term, Triple

TAXONOMIES = Path(__file__).resolve().parent / "taxonomies"
CLASS_SCHEMES = ("corine", "worldcover", "hcat", "wmo-sea-ice")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MATCHES = {"exact": "exactMatch", "close": "closeMatch", "broad": "broadMatch", "narrow": "narrowMatch"}
_ROW_KEYS = {"def", "alt", "broader", "related", "label", "type", *_MATCHES}

_RDF_TYPE = expand("rdf:type")


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of one scheme.

    Attributes:
        scheme: name of the scheme, such as `topic` or `class/corine`.
        label: preferred label, English.
        iri: identifier.
        alt: synonyms, abbreviations, spelling variants.
        definition: one sentence.
        notation: code, where the scheme has codes.
        broader, related: IRIs of other concepts.
        matches: (SKOS matching property, IRI) to concepts of other schemes.
        types: further classes, as prefixed names.
        facts: further (predicate, object) pairs.
    """

    scheme: str
    label: str
    iri: IRI
    alt: tuple[str, ...] = ()
    definition: str = ""
    notation: str = ""
    broader: tuple[IRI, ...] = ()
    related: tuple[IRI, ...] = ()
    matches: tuple[tuple[IRI, IRI], ...] = ()
    types: tuple[str, ...] = ()
    facts: tuple[tuple[IRI, Term], ...] = ()

    def triples(self) -> Iterator[Triple]:
        """The concept as RDF."""
        me = self.iri
        for name in ("skos:Concept", *self.types):
            yield me, _RDF_TYPE, expand(name)
        yield me, expand("skos:inScheme"), scheme_iri(self.scheme)
        yield me, expand("skos:prefLabel"), Literal.of(self.label, "en")
        for synonym in self.alt:
            yield me, expand("skos:altLabel"), Literal.of(synonym, "en")
        yield me, expand("skos:definition"), Literal.of(self.definition, "en")
        if self.notation:
            yield me, expand("skos:notation"), Literal.of(self.notation)
        for other in self.broader:
            yield me, expand("skos:broader"), other
        if not self.broader:
            yield me, expand("skos:topConceptOf"), scheme_iri(self.scheme)
        for other in self.related:
            yield me, expand("skos:related"), other
        for predicate, other in self.matches:
            yield me, predicate, other
        for predicate, value in self.facts:
            yield me, predicate, value


@dataclass(frozen=True, slots=True)
class Scheme:
    """A concept scheme with its concepts in the order of the table; `extra` are triples about things beside them."""

    name: str
    title: str
    about: str
    concepts: tuple[Concept, ...]
    source: str = ""
    extra: tuple[Triple, ...] = ()

    def triples(self) -> Iterator[Triple]:
        """The scheme and all its concepts as RDF."""
        me = scheme_iri(self.name)
        yield me, _RDF_TYPE, expand("skos:ConceptScheme")
        yield me, expand("dct:title"), Literal.of(self.title)
        yield me, expand("dct:description"), Literal.of(self.about)
        if self.source:
            yield me, expand("dct:source"), Literal.of(self.source)
        for concept in self.concepts:
            yield from concept.triples()
        yield from self.extra


def label_key(text: str) -> str:
    """What two spellings of one label share: no case, accents, spaces, hyphens or punctuation."""
    text = unicodedata.normalize("NFKD", text.replace("+", " plus ").replace("&", " and ")).casefold()
    return "".join(c for c in text if c.isalnum())


def read_table(path: Path) -> dict[str, Any]:
    """A YAML table of this package as a mapping.

    Raises:
        RecordError: the file is no YAML mapping.
    """
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # a safe loader in both cases
    except (OSError, yaml.YAMLError) as error:
        raise RecordError(f"The table {path.name} cannot be read: {error}", "Reinstall earthdex.") from error
    if not isinstance(table, dict):
        raise RecordError(f"The table {path.name} is not a mapping.", "Reinstall earthdex.")
    return table


def texts(value: object) -> tuple[str, ...]:
    """A single value or a list of a table as a tuple of texts."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return (str(value),)


def class_scheme(name: str) -> str:
    """The full name of a scheme: `corine` -> `class/corine`, others as they are."""
    return f"class/{name}" if name in CLASS_SCHEMES else name


def coded_iri(scheme: str, notation: str) -> IRI:
    """The IRI of a concept that has a code."""
    return IRI(f"{BASE}{scheme}/{notation.lower()}")


def parse_scheme(table: Mapping[str, Any], where: str) -> Scheme:
    """A scheme from its table.

    Raises:
        RecordError: an unknown key, or a reference to a concept that the scheme does not hold.
    """
    name = class_scheme(str(table["scheme"]))
    coded = bool(table.get("coded"))
    template = str(table.get("define", ""))
    rows: Mapping[Any, Any] = table["concepts"]
    known: dict[str, IRI] = {}
    for key, row in rows.items():
        iri = coded_iri(name, str(key)) if coded else concept_iri(name, str(key))
        known[str(key)] = iri
        if coded:
            known.setdefault(str((row or {})["label"]), iri)
    concepts = []
    for key, row in rows.items():
        row = row or {}
        unknown = row.keys() - _ROW_KEYS
        if unknown:
            raise RecordError(f"{where}: '{key}' has the unknown key '{min(unknown)}'.", "Correct the table.")
        label = str(row["label"]) if coded else str(key)
        concepts.append(
            Concept(
                scheme=name,
                label=label,
                iri=known[str(key)],
                alt=texts(row.get("alt")),
                definition=str(row.get("def") or template.format(label=label, code=key)),
                notation=str(key) if coded and not str(key).startswith("x-") else "",
                broader=_refs(row.get("broader"), known, where),
                related=_refs(row.get("related"), known, where),
                matches=tuple(_matches(row, known, where)),
                types=texts(row.get("type")),
            )
        )
    return Scheme(name, str(table["title"]), str(table["about"]), tuple(concepts), str(table.get("source", "")))


def _matches(row: Mapping[str, Any], known: Mapping[str, IRI], where: str) -> Iterable[tuple[IRI, IRI]]:
    for key, predicate in _MATCHES.items():
        for target in _refs(row.get(key), known, where):
            yield expand(f"skos:{predicate}"), target


def _refs(value: object, known: Mapping[str, IRI], where: str) -> tuple[IRI, ...]:
    return tuple(_ref(text, known, where) for text in texts(value))


def _ref(text: str, known: Mapping[str, IRI], where: str) -> IRI:
    if text in known:
        return known[text]
    scheme, slash, rest = text.partition("/")
    if not slash or not rest or not re.fullmatch(r"[a-z-]+", scheme):
        raise RecordError(f"{where}: there is no concept '{text}'.", "Name a label of this table or `scheme/label`.")
    full = class_scheme(scheme)
    return coded_iri(full, rest) if full != scheme else concept_iri(full, rest)
