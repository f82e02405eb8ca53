"""All records of a version, read once and kept while that version is the published one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.outlines import place_outlines
from kg.record import Record, read_records, record_iris
from ontology.errors import NotFound

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kg.home import Home

COLLECTION = "catalogue"


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as it is searched.

    Attributes:
        record: the record.
        outline: what it covers, in degrees; None where unknown.
        text: its title, description and keywords in lower case, words apart by one space.
    """

    record: Record
    outline: BaseGeometry | None
    text: str

    @property
    def id(self) -> str:
        """Its identifier among the records: `dataset:eurosat`."""
        return f"{self.record.kind}:{self.record.id}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """All records of a version; `places` are the outlines of what they cover, by IRI."""

    version: str
    kept: tuple[Kept, ...]
    places: dict[str, Any]

    @property
    def records(self) -> list[Record]:
        """The records in the order of their titles."""
        return [one.record for one in self.kept]

    def find(self, kind: str, identifier: str) -> Kept:
        """The record of that kind and identifier.

        Raises:
            NotFound: there is none.
        """
        for one in self.kept:
            if one.record.id == identifier and one.record.kind == kind:
                return one
        raise NotFound(f"There is no {kind} {identifier[:80]!r}.", "`/records` lists all, `/ask` finds them.")


class Shelves:
    """The shelf of the published version, made by the first who needs it. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None

    def of(self, home: Home) -> Shelf:
        """The shelf of a version; takes a second or two the first time."""
        with self._lock:
            if self._shelf is None or self._shelf.version != home.version:
                self._shelf = _made(home)
            return self._shelf


def _made(home: Home) -> Shelf:
    import shapely

    records = read_records(home, record_iris(home))
    records.sort(key=lambda one: (one.title.casefold(), one.iri))
    places = place_outlines(home, [one.iri for record in records for one in record.named("dct:spatial")])
    kept = []
    for record in records:
        parts = [places[one.iri] for one in record.named("dct:spatial") if one.iri in places]
        outline = shapely.union_all(parts) if len(parts) > 1 else parts[0] if parts else None
        kept.append(Kept(record, outline, _text(record)))
    return Shelf(home.version, tuple(kept), places)


def _text(record: Record) -> str:
    names = [one.name for key in ("dcat:theme", "ed:task", "ed:sensor", "ed:modality") for one in record.named(key)]
    words = [record.title, *record.values.get("skos:altLabel", ()), record.description, *names]
    return " ".join(" ".join([*words, *record.values.get("dcat:keyword", ())]).casefold().split())
