"""Checks of one record's facts against what the vocabularies, the gazetteer and the other records know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import cast

from ingest.names import Names, band, class_concept
from ingest.problems import Problem, did_you_mean, one_of
from ingest.quads import day, is_global
from ingest.reader import Fact, Record
from ingest.schema import KEYS, Key
from ontology.namespaces import slug

DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
CLASS_SCHEMES = ("corine", "worldcover", "hcat", "wmo-sea-ice")
FIRST_YEAR = 1850  # the first photographs from balloons

_MATCHES = ("exact_match", "close_match", "broad_match")
_YEAR_KEYS = ("publication_year",)


def check_facts(record: Record, names: Names) -> Iterator[Problem]:
    """What is wrong with the values of a record that has the right form."""
    yield from _Checker(record, names).run()


class _Checker:
    def __init__(self, record: Record, names: Names) -> None:
        self.record = record
        self.names = names
        key = "sensor" if record.kind == "dataset" else "input_sensor"
        self.sensors = [str(fact.value) for fact in record.all(key)]

    def run(self) -> Iterator[Problem]:
        for fact in self.record.facts:
            key = KEYS[fact.key]
            check: Callable[[Key, Fact], Iterator[Problem]] | None = getattr(self, f"_{key.shape}", None)
            if check is not None:
                yield from check(key, fact)
        yield from self._contradictions()
        yield from self._repetitions()
        yield from self._times()

    def problem(self, at: Fact, message: str, remedy: str, code: str) -> Problem:
        return Problem(self.record.origin, at.line, at.column, message, remedy, code)

    # --- values of one key ---------------------------------------------------------------------------------------

    def _known(self, fact: Fact, scheme: str, label: str) -> Iterator[Problem]:
        if self.names.concept(scheme, label) is None:
            advice = f"Choose a label of the vocabulary '{scheme}', or leave it out."
            remedy = one_of(self.names.suggest(scheme, label), advice)
            message = f"'{fact.key}' has a value that the vocabulary '{scheme}' does not know: '{label[:80]}'."
            yield self.problem(fact, message, remedy, "concept")

    def _concept(self, key: Key, fact: Fact) -> Iterator[Problem]:
        yield from self._known(fact, key.scheme, str(fact.value))

    _sensor = _concept

    def _format(self, key: Key, fact: Fact) -> Iterator[Problem]:
        yield from self._known(fact, "format", str(fact.value))

    def _band(self, key: Key, fact: Fact) -> Iterator[Problem]:
        label = str(fact.value)
        if band(self.names, label, self.sensors) is None:
            remedy = did_you_mean(label, self.names.labels("band"), "Write a band of its sensor, or a name like red.")
            yield self.problem(fact, f"No sensor of this record has the band '{label[:80]}'.", remedy, "concept")

    def _licence(self, key: Key, fact: Fact) -> Iterator[Problem]:
        text = str(fact.value)
        if self.names.licence(text) is None and not re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", text):
            advice = "Write an SPDX identifier, or LicenseRef-<name> with the words of the licence under license_text."
            remedy = f"{did_you_mean(text, self.names.labels('licence'))} {advice}".strip()
            yield self.problem(fact, f"'{text[:80]}' is not a licence identifier.", remedy, "licence")

    def _place(self, key: Key, fact: Fact) -> Iterator[Problem]:
        parts = fact.value if isinstance(fact.value, Mapping) else {"name": fact.value}
        if "bbox" in parts or "point" in parts:
            yield from self._box(fact, parts)
            return
        name = str(parts["name"])
        if not is_global(name) and self.names.place(name) is None:
            message = f"The gazetteer has no place '{name[:80]}'."
            advice = "Write country:XX, a larger place, or {name: ..., bbox: [west, south, east, north]}."
            remedy = f"{one_of(self.names.suggest_places(name))} {advice}".strip()
            yield self.problem(fact, message, remedy, "place")

    def _box(self, fact: Fact, parts: Mapping[str, object]) -> Iterator[Problem]:
        for name, size in (("bbox", 4), ("point", 2)):
            numbers = cast(tuple[float, ...], parts.get(name, (0,) * size))
            if len(numbers) != size:
                remedy = "Write bbox: [west, south, east, north] or point: [longitude, latitude]."
                yield self.problem(fact, f"'{name}' needs {size} numbers.", remedy, "place")
        if parts.get("bbox") in ((-180, -90, 180, 90), (0, 0, 0, 0)):
            yield self.problem(fact, "This box says nothing.", "Write `global`, or leave the place out.", "place")

    def _dataset(self, key: Key, fact: Fact) -> Iterator[Problem]:
        yield from self._reference(fact, "dataset")

    def _model(self, key: Key, fact: Fact) -> Iterator[Problem]:
        yield from self._reference(fact, "model")

    def _reference(self, fact: Fact, kind: str) -> Iterator[Problem]:
        if isinstance(fact.value, Mapping):
            return  # a thing outside the catalogue
        name = str(fact.value)
        found = self.names.record(kind, name)
        if found is None:
            advice = f"For a {kind} outside the catalogue write {{name: {name[:40]}}}."
            remedy = did_you_mean(name, self.names.record_names(kind), "")
            message = f"'{fact.key}' names a {kind} that the catalogue does not have: '{name[:80]}'."
            yield self.problem(fact, message, f"{remedy} {advice}".strip(), "reference")
        elif found == self.record.iri:
            yield self.problem(fact, f"'{fact.key}' names the record itself.", "Remove it.", "circle")

    def _class(self, key: Key, fact: Fact) -> Iterator[Problem]:
        parts = fact.value if isinstance(fact.value, Mapping) else {}
        for part in _MATCHES:
            if part in parts and class_concept(self.names, str(parts[part])) is None:
                text = str(parts[part])
                scheme, _, label = text.partition("/")
                if scheme in CLASS_SCHEMES:
                    remedy = one_of(self.names.suggest(f"class/{scheme}", label), "Choose one of its classes.")
                else:
                    remedy = f"Write one of {', '.join(name + '/...' for name in CLASS_SCHEMES)}."
                yield self.problem(fact, f"'{part}' names an unknown class: '{text[:80]}'.", remedy, "class")

    def _distribution(self, key: Key, fact: Fact) -> Iterator[Problem]:
        parts = fact.value if isinstance(fact.value, Mapping) else {}
        if "checksum" in parts:
            algorithm, _, digest = str(parts["checksum"]).partition(":")
            length = DIGEST_LENGTHS.get(algorithm)
            if length is None:
                message = "The checksum does not say how it was made."
                remedy = f"Write it as sha256:<digits>; also known: {', '.join(DIGEST_LENGTHS)}."
                yield self.problem(fact, message, remedy, "checksum")
            elif not re.fullmatch(rf"[0-9a-f]{{{length}}}", digest):
                message = f"A checksum by {algorithm} has {length} digits 0-9 and a-f; this one does not."
                yield self.problem(fact, message, "Copy it again, in lower case.", "checksum")
        if "format" in parts:
            yield from self._known(fact, "format", str(parts["format"]))

    def _evaluation(self, key: Key, fact: Fact) -> Iterator[Problem]:
        parts = cast(Mapping[str, object], fact.value)
        if "metric" in parts:
            yield from self._known(fact, "metric", str(parts["metric"]))
        if "value" in parts and "metric" not in parts:
            yield self.problem(fact, "A value without its metric says nothing.", "Add `metric: ...`.", "key")

    def _integer(self, key: Key, fact: Fact) -> Iterator[Problem]:
        latest = date.today().year + 1
        if key.name in _YEAR_KEYS and not FIRST_YEAR <= cast(int, fact.value) <= latest:
            remedy = f"Write a year from {FIRST_YEAR} to {latest}."
            yield self.problem(fact, f"{fact.value} is no year in which it can have been published.", remedy, "time")
        if key.name == "quality_level" and cast(int, fact.value) > 3:
            yield self.problem(fact, "'quality_level' goes from 0 to 3.", "Write 0, 1, 2 or 3.", "value")

    def _number(self, key: Key, fact: Fact) -> Iterator[Problem]:
        if cast(float, fact.value) <= 0:
            yield self.problem(fact, f"'{key.name}' must be above 0.", "Leave unknown keys out.", "value")

    def _date(self, key: Key, fact: Fact) -> Iterator[Problem]:
        if int(str(fact.value)[:4]) < FIRST_YEAR:
            yield self.problem(fact, f"No image was taken in {fact.value}.", "Correct the year.", "time")

    # --- values together -----------------------------------------------------------------------------------------

    def _contradictions(self) -> Iterator[Problem]:
        """Several values of a key that has one: each needs a source of its own."""
        groups: dict[str, list[Fact]] = {}
        for fact in self.record.facts:
            if not KEYS[fact.key].many:
                groups.setdefault(fact.key, []).append(fact)
        for name, facts in groups.items():
            stated: dict[tuple[str, ...], Fact] = {}
            for fact in facts:
                other = stated.setdefault(fact.sources, fact)
                if other is not fact and other.value != fact.value:
                    message = f"'{name}' has one value, but the same source gives two: {other.value}, {fact.value}."
                    remedy = "Write each as {value: ..., source: ...} with its own source, or keep one."
                    yield self.problem(fact, message, remedy, "source")

    def _repetitions(self) -> Iterator[Problem]:
        for name in ("class_label", "split"):
            facts = self.record.all(name)
            seen = Counter(slug(_name(fact)) for fact in facts)
            for fact in facts:
                if seen[slug(_name(fact))] > 1:
                    seen[slug(_name(fact))] = 0
                    message = f"'{name}' has '{_name(fact)[:80]}' twice."
                    yield self.problem(fact, message, "Keep one.", "duplicate")
        values: dict[int, Fact] = {}
        for fact in self.record.all("class_label"):
            value = fact.value.get("value") if isinstance(fact.value, Mapping) else None
            if isinstance(value, int) and values.setdefault(value, fact) is not fact:
                message = f"Two classes have the value {value}: '{_name(values[value])}' and '{_name(fact)}'."
                yield self.problem(fact, message, "Give each class its own value.", "duplicate")

    def _times(self) -> Iterator[Problem]:
        starts, ends = self.record.all("time_start"), self.record.all("time_end")
        if len(starts) == 1 and len(ends) == 1:
            first, last = day(str(starts[0].value), last=False), day(str(ends[0].value), last=True)
            if first > last:
                message = f"The imagery ends ({ends[0].value}) before it starts ({starts[0].value})."
                yield self.problem(ends[0], message, "Exchange or correct them.", "time")


def _name(fact: Fact) -> str:
    return str(fact.value["name"] if isinstance(fact.value, Mapping) else fact.value)
