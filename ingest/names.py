"""How the names in a record become IRIs: vocabulary terms, licences, places and other records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from ontology.namespaces import BASE, concept_iri, licence_iri, record_iri, slug
from ontology.terms import IRI

if TYPE_CHECKING:
    from ingest.reader import Record

_CONCEPT_CURIE = re.compile(r"(corine|worldcover|hcat|wmo-sea-ice)/(\S.*)$")


class Names(Protocol):
    """What turning a record into triples must be able to look up."""

    def concept(self, scheme: str, label: str) -> IRI | None:
        """The concept with this label, synonym or notation."""

    def labels(self, scheme: str) -> Iterable[str]:
        """Labels of a scheme, for advice."""

    def suggest(self, scheme: str, label: str) -> list[str]:
        """Labels of a scheme whose label, synonym or code resembles a text, the nearest first."""

    def licence(self, text: str) -> IRI | None:
        """The licence with this SPDX identifier or name."""

    def place(self, name: str) -> IRI | None:
        """The place that a record means by a name, an ISO code (`country:AT`) or an IRI."""

    def suggest_places(self, name: str) -> list[str]:
        """Names of places that resemble a text, the nearest first."""

    def record(self, kind: str, name: str) -> IRI | None:
        """The dataset or model with this id, name or alias."""

    def record_names(self, kind: str) -> Iterable[str]:
        """Ids of the known datasets or models, for advice."""


def band(names: Names, label: str, sensors: Iterable[str]) -> IRI | None:
    """The band that a record means: of one of its sensors (`B02`), else a common name (`blue`)."""
    spelled = re.sub(r"^B0?(\d)$", r"B0\1", label)
    for sensor in sensors:
        for text in dict.fromkeys((f"{sensor} {label}", f"{sensor} {spelled}")):
            found = names.concept("band", text)
            if found is not None:
                return found
    return names.concept("band", label)


def class_concept(names: Names, text: str) -> IRI | None:
    """The taxonomy concept behind `corine/211`, `worldcover/40` or `hcat/maize`."""
    match = _CONCEPT_CURIE.match(text)
    return names.concept(f"class/{match[1]}", match[2]) if match else None


def mention_iri(name: str) -> IRI:
    """The IRI of a thing that a record names but the catalogue does not describe, such as ImageNet."""
    return IRI(f"{BASE}mention/{slug(name)}")


def agent_iri(name: str) -> IRI:
    """The IRI of an organisation or person known by name."""
    return IRI(f"{BASE}agent/{slug(name)}")


class RecordIndex:
    """Ids, names and aliases of records, to resolve references between them."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._known: dict[str, dict[str, IRI]] = {"dataset": {}, "model": {}}
        self._ids: dict[str, list[str]] = {"dataset": [], "model": []}
        self._second: dict[str, dict[str, IRI]] = {"dataset": {}, "model": {}}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Makes a record known by id, name and aliases; ids and names win over aliases."""
        iri = record.iri
        self._ids[record.kind].append(record.id)
        first = self._known[record.kind]
        first[record.id] = iri
        first.setdefault(slug(record.text("name")), iri)
        for fact in record.all("alias"):
            self._second[record.kind].setdefault(slug(str(fact.value)), iri)

    def find(self, kind: str, name: str) -> IRI | None:
        """The IRI of a record, or None."""
        return self._known[kind].get(name) or self._known[kind].get(slug(name)) or self._second[kind].get(slug(name))

    def ids(self, kind: str) -> list[str]:
        """All ids of a kind."""
        return self._ids[kind]


class OpenNames:
    """Names that accept everything: IRIs are minted from the labels. For reading a record away from any vocabulary."""

    def __init__(self, index: RecordIndex | None = None, places: Mapping[str, IRI] | None = None) -> None:
        self._index = index or RecordIndex()
        self._places = places or {}

    def concept(self, scheme: str, label: str) -> IRI | None:
        """Mints the IRI of the label."""
        return concept_iri(scheme, label)

    def labels(self, scheme: str) -> Iterable[str]:
        """No label is known."""
        return ()

    def suggest(self, scheme: str, label: str) -> list[str]:
        """No label is known."""
        return []

    def licence(self, text: str) -> IRI | None:
        """Mints the IRI of the identifier."""
        return licence_iri(text)

    def place(self, name: str) -> IRI | None:
        """A place that was given, else one minted from the name."""
        return self._places.get(name) or record_iri("place", slug(name))

    def suggest_places(self, name: str) -> list[str]:
        """No place is known."""
        return []

    def record(self, kind: str, name: str) -> IRI | None:
        """A record of the index."""
        return self._index.find(kind, name)

    def record_names(self, kind: str) -> Iterable[str]:
        """Ids in the index."""
        return self._index.ids(kind)
