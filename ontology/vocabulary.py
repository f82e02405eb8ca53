"""Finding concepts and licences by what people write: labels, synonyms, codes, with spelling forgiven.

This is the vocabulary of the package, without a graph: for reading records and mapping outside metadata.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ontology.concepts import Concept, Scheme, class_scheme, label_key
from ontology.licences import Licence, LicenceIndex
from ontology.taxonomy import licences, schemes
from ontology.terms import IRI


class Vocabulary:
    """The concept schemes with an index of their labels.

    Args:
        schemes: the schemes; `load` gives those of the package.
        licence_index: finds licences.
    """

    def __init__(self, schemes: Iterable[Scheme], licence_index: LicenceIndex) -> None:
        self._schemes = {scheme.name: scheme for scheme in schemes}
        self._index = {name: _index(scheme) for name, scheme in self._schemes.items()}
        self._by_iri = {one.iri: one for scheme in self._schemes.values() for one in scheme.concepts}
        self._licences = licence_index

    @classmethod
    def load(cls) -> Vocabulary:
        """The vocabulary of the package; read once (about 0.1 s), then shared.

        Raises:
            RecordError: a table of the package is damaged.
        """
        return _packaged()

    def schemes(self) -> tuple[str, ...]:
        """Names of all schemes, such as `topic` and `class/hcat`."""
        return tuple(self._schemes)

    def concepts(self, scheme: str) -> tuple[Concept, ...]:
        """The concepts of a scheme in the order of its table; none for an unknown scheme."""
        found = self._schemes.get(class_scheme(scheme))
        return found.concepts if found else ()

    def labels(self, scheme: str) -> tuple[str, ...]:
        """Preferred labels of a scheme."""
        return tuple(one.label for one in self.concepts(scheme))

    def get(self, iri: str) -> Concept | None:
        """The concept with an IRI."""
        return self._by_iri.get(IRI(iri))

    def lookup(self, scheme: str, label: str) -> Concept | None:
        """The concept that a text names.

        Case, accents, spaces, hyphens and a plural do not matter. A preferred label wins over a synonym, a synonym
        over a code; where several concepts share a code (`B04`), the first of the table wins.
        """
        index = self._index.get(class_scheme(scheme))
        if index is None:
            return None
        return next((index[form] for form in _forms(label) if form in index), None)

    def find(self, scheme: str, label: str) -> IRI | None:
        """The IRI of the concept that a text names (see `lookup`), or None."""
        found = self.lookup(scheme, label)
        return found.iri if found else None

    def suggest(self, scheme: str, label: str, limit: int = 3) -> list[str]:
        """Preferred labels of the concepts whose label, synonym or code is nearest to a text; may be empty."""
        from rapidfuzz import fuzz, process

        names: dict[str, str] = {}
        for one in self.concepts(scheme):
            for text in (one.label, *one.alt, one.notation):
                if text:
                    names.setdefault(text.casefold(), one.label)
        near = process.extract(label.casefold()[:200], list(names), scorer=fuzz.ratio, limit=limit * 3, score_cutoff=60)
        return list(dict.fromkeys(names[text] for text, _, _ in near))[:limit]

    def licence(self, text: str) -> Licence | None:
        """The licence that an identifier, name, link or short phrase names; None where it names none or several."""
        return self._licences.find(text)

    def find_licence(self, text: str) -> IRI | None:
        """The IRI of that licence (see `licence`): `CC BY 4.0`, `Apache 2`, `cc-by-nc-sa-4.0`, a link to its text."""
        found = self._licences.find(text)
        return found.iri if found else None


@lru_cache(maxsize=1)
def _packaged() -> Vocabulary:
    return Vocabulary(schemes(), LicenceIndex(licences()))


def _index(scheme: Scheme) -> dict[str, Concept]:
    index: dict[str, Concept] = {}
    for one in scheme.concepts:
        index.setdefault(label_key(one.label), one)
    for one in scheme.concepts:
        for synonym in one.alt:
            index.setdefault(label_key(synonym), one)
    for one in scheme.concepts:
        if one.notation:
            index.setdefault(label_key(one.notation), one)
    return index


def _forms(label: str) -> Iterable[str]:
    """Keys under which a text may stand: as written, then without the ending of a plural."""
    form = label_key(label)
    yield form
    if len(form) > 4 and not form.endswith("ss"):
        if form.endswith("ies"):
            yield form[:-3] + "y"
        if form.endswith("es"):
            yield form[:-2]
        if form.endswith("s"):
            yield form[:-1]
