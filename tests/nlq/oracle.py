"""A second opinion on answers: questions evaluated directly over the records, in plain Python, without any query.

It knows the records as they are read from their files, the packaged vocabulary and the gazetteer. It is slow and simple
on purpose; where it and the answers differ, one of them is wrong.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ingest.catalogue import packaged_records
from ingest.known import KnownNames
from ingest.names import RecordIndex, band, class_concept
from ingest.quads import day, footprint_wkt
from ingest.reader import Record
from nlq.compile.filters import _ABSENT_MEANS_NONE
from nlq.compile.names import singular
from nlq.compile.text import key
from nlq.question import Box, Filter, NamedPlace, Point, Question
from ontology.namespaces import expand
from ontology.properties import PROPERTIES

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
HOSTED = expand("sosa:isHostedBy")
GLOBAL = {"global", "world", "worldwide", "whole world", "earth"}
CLASSES = ("corine", "worldcover", "hcat", "wmo-sea-ice")


class Oracle:
    """Answers questions about datasets and models from the packaged records."""

    def __init__(self) -> None:
        self.records = packaged_records()
        self.index = RecordIndex(self.records)
        self.names = KnownNames(self.index)
        self.vocabulary = self.names.vocabulary
        self.gazetteer = self.names.gazetteer

    def select(self, question: Question) -> set[str]:
        """Identifiers of the records that a question asks for."""
        kinds = ("dataset", "model") if question.target == "any" else (question.target,)
        return {one.id for one in self.records if one.kind in kinds and self.fits(one, question)}

    def fits(self, record: Record, question: Question) -> bool:
        return (
            all(self.holds(record, one) for one in question.filters)
            and self.lies(record, question)
            and self.was_then(record, question)
            and self.has_many(record, question)
        )

    # --- filters -------------------------------------------------------------------------------------------------

    def holds(self, record: Record, one: Filter) -> bool:
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        name = self.key_of(record, one.property)
        match one.op:
            case "exists":
                return bool(self.values(record, name))
            case "not_exists":
                return not self.values(record, name)
            case "contains_all":
                return all(self.has(record, name, value) for value in values)
            case "!=" | "not_contains":
                known = name in _ABSENT_MEANS_NONE or bool(self.values(record, name))
                return known and not any(self.has(record, name, value) for value in values)
            case "not_only":
                asked = self.concept(PROPERTIES[name].scheme, str(values[0]))
                every = self.concepts_of(record, name)
                return any(asked not in self.upwards(each) for each in every)
            case "between":
                return any(values[0] <= each <= values[1] for each in self.numbers(record, name))
            case "<" | "<=" | ">" | ">=":
                numbers = self.numbers(record, name)
                if name in ("resolution_m", "output_resolution_m") and numbers:
                    numbers = [min(numbers)]
                return any(COMPARE[one.op](each, values[0]) for each in numbers)
            case _:
                return any(self.has(record, name, value) for value in values)

    def key_of(self, record: Record, name: str) -> str:
        """The key in the record: the sensor of a model is its input sensor."""
        if record.kind in PROPERTIES[name].targets:
            return name
        return next(
            one for one, row in PROPERTIES.items() if row.path == PROPERTIES[name].path and record.kind in row.targets
        )

    def values(self, record: Record, name: str) -> list[Any]:
        if name == "commercial_use":
            found = [self.vocabulary.licence(str(fact.value)) for fact in record.all("license")]
            return [one.commercial for one in found if one is not None and one.commercial is not None]
        if name in ("trained_model", "fine_tuned_model"):
            forward = {"trained_model": "trained_on", "fine_tuned_model": "fine_tuned_on"}[name]
            return [
                one.id
                for one in self.records
                for fact in one.all(forward)
                if self.index.find("dataset", str(fact.value)) == record.iri
            ]
        if name in ("evaluated_on", "metric"):
            part = {"evaluated_on": "on", "metric": "metric"}[name]
            return [fact.value[part] for fact in record.all("evaluation") if part in fact.value]  # type: ignore[index, operator]
        return [fact.value for fact in record.all(name)]

    def numbers(self, record: Record, name: str) -> list[float]:
        return [float(one) for one in self.values(record, name)]

    def has(self, record: Record, name: str, value: object) -> bool:
        prop = PROPERTIES[name]
        if name == "name":
            texts = [record.id, record.text("name"), *(str(fact.value) for fact in record.all("alias"))]
            return key(str(value)) in map(key, texts)
        if prop.kind in ("integer", "number"):
            numbers = self.numbers(record, name)
            return float(value) in ([min(numbers)] if "resolution" in name and numbers else numbers)  # type: ignore[arg-type]
        if prop.kind == "boolean":
            return value in self.values(record, name)
        if prop.kind == "class":
            return any(self.is_class(fact.value, str(value)) for fact in record.all(name))
        if prop.kind in ("concept", "sensor"):
            asked = self.concept(prop.scheme, str(value))
            return any(asked in self.upwards(each) for each in self.concepts_of(record, name))
        if prop.kind == "record":
            kind = "model" if name in ("initialised_from", "trained_model", "fine_tuned_model") else "dataset"
            asked = self.index.find(kind, str(value))
            return any(key(str(each)) == key(str(value)) or (asked and self.index.find(kind, str(each)) == asked)
                       for each in self.values(record, name))  # fmt: skip
        texts = [text for each in self.values(record, name) for text in self.texts(each)]
        return key(str(value)) in map(key, texts)

    @staticmethod
    def texts(value: object) -> list[str]:
        """A value as text; of an agent also its short names."""
        if not isinstance(value, Mapping):
            return [str(value)]
        alias = value.get("alias", ())
        return [str(value["name"]), *([alias] if isinstance(alias, str) else map(str, alias))]

    # --- concepts ------------------------------------------------------------------------------------------------

    def concept(self, scheme: str, label: str) -> str:
        found = self.vocabulary.find(scheme, label)
        assert found is not None, f"{label} is not in {scheme}"
        return found

    def concepts_of(self, record: Record, name: str) -> list[str]:
        sensors = [str(fact.value) for fact in record.all(self.key_of(record, "sensor"))]
        if PROPERTIES[name].scheme == "band":
            found = [band(self.names, str(value), sensors) for value in self.values(record, name)]
        else:
            found = [self.vocabulary.find(PROPERTIES[name].scheme, str(value)) for value in self.values(record, name)]
        return [one for one in found if one is not None]

    def upwards(self, iri: str) -> set[str]:
        """A concept, everything broader, and what hosts it."""
        found, todo = {iri}, [iri]
        while todo:
            one = self.vocabulary.get(todo.pop())
            if one is None:
                continue
            above = [*one.broader, *(str(value) for predicate, value in one.facts if predicate == HOSTED)]
            todo += [each for each in above if each not in found]
            found.update(above)
        return found

    def is_class(self, value: Any, asked: str) -> bool:
        parts = value if isinstance(value, Mapping) else {"name": value}
        words = [re.escape(word) for word in re.findall(r"[\w+]+", singular(asked))]
        pattern = re.compile(rf"(^|[^a-z]){'[ _-]*'.join(words)}(s|es)?([^a-z]|$)", re.I)
        if any(pattern.search(text) for text in self.texts(parts)):
            return True
        wanted = {iri for scheme in CLASSES if (iri := self.vocabulary.find(f"class/{scheme}", asked))}
        wanted |= {other for iri in wanted for other in self.matched.get(iri, ())}
        for match in ("exact_match", "close_match", "broad_match"):
            named = parts.get(match, ())
            for text in [named] if isinstance(named, str) else named:
                found = class_concept(self.names, str(text))
                if found is not None and self.upwards(found) & wanted:
                    return True
        return False

    @cached_property
    def matched(self) -> dict[str, set[str]]:
        """Concepts of the taxonomies that are the same or nearly so, both ways."""
        found: dict[str, set[str]] = {}
        for scheme in CLASSES:
            for one in self.vocabulary.concepts(scheme):
                for predicate, other in one.matches:
                    if predicate in (expand("skos:exactMatch"), expand("skos:closeMatch")):
                        found.setdefault(one.iri, set()).add(other)
                        found.setdefault(other, set()).add(one.iri)
        return found

    # --- space, time, numbers of values --------------------------------------------------------------------------

    def training(self, record: Record) -> Iterable[Record]:
        """The records whose places and times count: of a model its training data."""
        if record.kind == "dataset":
            return [record]
        named = [str(fact.value) for name in ("trained_on", "fine_tuned_on") for fact in record.all(name)]
        iris = {self.index.find("dataset", name) for name in named} - {None}
        return [one for one in self.records if one.iri in iris]

    def lies(self, record: Record, question: Question) -> bool:
        if not question.places:
            return True
        tests = [any(self.meets(one, place, question.relation or "intersects") for one in self.training(record))
                 for place in question.places]  # fmt: skip
        return all(tests) if question.place_op == "and" else any(tests)

    def meets(self, record: Record, where: Any, relation: str) -> bool:
        everywhere = any(str(fact.value).casefold() in GLOBAL for fact in record.all("coverage"))
        area, iri = self.area(where)
        found = [
            self.covered(fact.value) for fact in record.all("coverage") if str(fact.value).casefold() not in GLOBAL
        ]
        if relation == "within":
            return bool(found) and not everywhere and all(self.inside(shape, ref, area, iri) for shape, ref in found)
        return everywhere or any(self.overlaps(shape, ref, area, iri) for shape, ref in found)

    def overlaps(self, shape: BaseGeometry, ref: str, area: BaseGeometry, iri: str) -> bool:
        return (shape.intersects(area) and not shape.touches(area)) or (bool(iri) and iri in self.parents(ref))

    def inside(self, shape: BaseGeometry, ref: str, area: BaseGeometry, iri: str) -> bool:
        recorded = bool(ref) and len(self.gazetteer.parents(ref)) == 1 and iri in self.parents(ref)
        return shape.within(area) or ref == iri or recorded

    @lru_cache(maxsize=1000)  # noqa: B019 - one oracle lives as long as the tests
    def parents(self, iri: str) -> frozenset[str]:
        found, todo = set[str](), [iri]
        while todo:
            for above in self.gazetteer.parents(todo.pop()):
                if above not in found:
                    found.add(above)
                    todo.append(above)
        return frozenset(found)

    @lru_cache(maxsize=1000)  # noqa: B019 - one oracle lives as long as the tests
    def shape(self, iri: str) -> BaseGeometry:
        found = self.gazetteer.geometry(iri)
        assert found is not None, iri
        return found

    def covered(self, value: Any) -> tuple[BaseGeometry, str]:
        if isinstance(value, Mapping):
            if footprint_wkt(value):
                return shapely.from_wkt(footprint_wkt(value)), ""
            value = value["name"]
        iri = self.names.place(str(value))
        assert iri is not None, value
        return self.shape(iri), iri

    def area(self, where: Any) -> tuple[BaseGeometry, str]:
        match where:
            case NamedPlace(name=name, iri=iri):
                iri = iri or self.gazetteer.lookup(name, limit=1)[0].place.iri
                return self.shape(iri), iri
            case Point(lon, lat):
                return shapely.Point(lon, lat), ""
            case Box(west, south, east, north):
                return shapely.box(west, south, east, north), ""
        raise AssertionError(where)

    def was_then(self, record: Record, question: Question) -> bool:
        if not question.times:
            return True
        for one in self.training(record):
            starts = [day(str(fact.value), last=False) for fact in one.all("time_start")] or [None]
            ends = [day(str(fact.value), last=True) for fact in one.all("time_end")] or [None]
            if (starts, ends) == ([None], [None]):
                continue
            for start in starts:
                for end in ends:
                    if any(self.related(question.time_relation, start, end, *interval) for interval in question.times):
                        return True
        return False

    @staticmethod
    def related(relation: str | None, start: Any, end: Any, first: Any, last: Any) -> bool:
        far, near = date.min.isoformat(), date.max.isoformat()
        if relation == "within":
            return (not first or (start is not None and start >= first)) and (
                not last or (end is not None and end <= last)
            )
        if relation == "contains":
            return (start or far) <= (first or far) and (end or near) >= (last or near)
        return (start or far) <= (last or near) and (end or near) >= (first or far)

    def has_many(self, record: Record, question: Question) -> bool:
        if question.having is None:
            return True
        count = len({key(str(one)) for one in self.values(record, self.key_of(record, question.having.count))})
        return COMPARE[question.having.op](count, question.having.value)
