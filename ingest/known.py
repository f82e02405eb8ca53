"""What the names in records mean here: the packaged vocabulary, the gazetteer and the records that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from ingest.names import RecordIndex
from ontology.errors import EarthdexError
from ontology.namespaces import BASE, record_iri
from ontology.terms import IRI
from ontology.vocabulary import Vocabulary

if TYPE_CHECKING:
    from kg.gazetteer import Gazetteer

_CODED = re.compile(r"(country|continent|admin1|city|feature|region)[:/]([A-Za-z0-9][A-Za-z0-9.-]*)$")
_UPPER = {"country", "continent", "admin1"}


class KnownNames:
    """An `ingest.names.Names` that knows what earthdex knows; the gazetteer is opened when a place is named.

    Args:
        index: records that references may mean.
        vocabulary: concepts and licences; the packaged ones by default.
    """

    def __init__(self, index: RecordIndex | None = None, vocabulary: Vocabulary | None = None) -> None:
        self.index = index if index is not None else RecordIndex()
        self.vocabulary = vocabulary if vocabulary is not None else Vocabulary.load()
        self._found: dict[str, IRI | None] = {}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The packaged gazetteer.

        Raises:
            EarthdexError: it cannot be read.
        """
        from kg.gazetteer import open_gazetteer

        return open_gazetteer()

    def concept(self, scheme: str, label: str) -> IRI | None:
        """The concept with this label, synonym or notation."""
        return self.vocabulary.find(scheme, label)

    def labels(self, scheme: str) -> Iterable[str]:
        """Labels of a scheme, for advice."""
        return self.vocabulary.labels(scheme)

    def suggest(self, scheme: str, label: str) -> list[str]:
        """Labels of a scheme whose label, synonym or code resembles a text, the nearest first."""
        return self.vocabulary.suggest(scheme, label)

    def licence(self, text: str) -> IRI | None:
        """The licence with this SPDX identifier or name."""
        return self.vocabulary.find_licence(text)

    def place(self, name: str) -> IRI | None:
        """The place behind a name, a code (`country:AT`, `admin1:AT.09`) or an IRI; None where there is none."""
        if name not in self._found:
            self._found[name] = self._place(name)
        return self._found[name]

    def _place(self, name: str) -> IRI | None:
        if name.startswith(BASE + "place/"):
            return IRI(name)
        coded = _CODED.match(name)
        if coded:
            code = coded[2].upper() if coded[1] in _UPPER else coded[2]
            iri = record_iri("place", f"{coded[1]}/{code}")
            return iri if self.gazetteer.get(iri) is not None else None
        try:
            found = self.gazetteer.lookup(name, limit=1)
        except EarthdexError:
            return None
        return IRI(found[0].place.iri) if found else None

    def suggest_places(self, name: str) -> list[str]:
        """Names of up to three places that are spelled like a text, the nearest first."""
        try:
            found = self.gazetteer.fuzzy(name, limit=3)
        except EarthdexError:
            return []
        return list(dict.fromkeys(one.place.name for one in found))

    def record(self, kind: str, name: str) -> IRI | None:
        """The dataset or model with this id, name or alias."""
        return self.index.find(kind, name)

    def record_names(self, kind: str) -> Iterable[str]:
        """Ids of the known datasets or models, for advice."""
        return self.index.ids(kind)
