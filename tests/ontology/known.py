"""The records of the catalogue, and names that know the packaged vocabulary but no gazetteer."""

from __future__ import annotations

from ingest.names import OpenNames, RecordIndex
from ingest.reader import Record, read_record
from ontology.paths import catalogue_dir
from ontology.terms import IRI
from ontology.vocabulary import Vocabulary

FILES = sorted(path for kind in ("datasets", "models") for path in (catalogue_dir() / kind).glob("*.yaml"))


def records() -> list[Record]:
    """All records of the catalogue."""
    found = (read_record(path.read_bytes(), str(path))[0] for path in FILES)
    return [record for record in found if record is not None]


class Known(OpenNames):
    """Concepts and licences of the vocabulary; places are minted from their names."""

    @classmethod
    def of_catalogue(cls) -> Known:
        return cls(RecordIndex(records()))

    def concept(self, scheme: str, label: str) -> IRI | None:
        return Vocabulary.load().find(scheme, label)

    def licence(self, text: str) -> IRI | None:
        return Vocabulary.load().find_licence(text)
