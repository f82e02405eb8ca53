"""The nearest relaxations of a condition: a bound that something meets, more time, a longer way, the region around.

Each is a question of its own that differs from the one asked in one condition; whoever offers it counts what it finds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from nlq.answers.explain import time_text, where_text
from nlq.answers.running import Runner
from nlq.question import Filter, Interval, NamedPlace, Question, ValueOf
from nlq.wording import condition
from ontology.errors import EarthdexError
from ontology.properties import PROPERTIES, Property
from ontology.terms import IRI

Option = tuple[str, Question]
_FARTHER = (2.0, 5.0, 10.0)  # times the distance asked for
_AROUND_KM = 50.0
_SMALL = ("city", "town", "village", "port", "airport", "volcano", "mountain", "lake", "reservoir", "dam", "island",
          "glacier", "mine", "power plant", "bridge", "stadium")  # fmt: skip
_MONTH = 31
_BROADER = 2


def nearer_filters(runner: Runner, question: Question, index: int) -> Iterator[Option]:
    """What a filter could be instead: the nearest bound that something meets, a broader concept or sensor."""
    one = question.filters[index]
    prop = PROPERTIES.get(one.property)
    if prop is None or isinstance(one.value, ValueOf):
        return
    without = replace(question, filters=tuple(each for at, each in enumerate(question.filters) if at != index))
    if prop.is_number:
        for filter_ in _bounds(runner, without, one, prop):
            yield condition(filter_), replace(question, filters=_put(question, index, filter_))
    elif prop.kind in ("concept", "sensor") and one.op in ("=", "contains") and isinstance(one.value, str):
        for label in _broader(runner, prop, one.value):
            filter_ = replace(one, value=label)
            yield condition(filter_), replace(question, filters=_put(question, index, filter_))


def _put(question: Question, index: int, filter_: Filter) -> tuple[Filter, ...]:
    return (*question.filters[:index], filter_, *question.filters[index + 1 :])


def _bounds(runner: Runner, without: Question, one: Filter, prop: Property) -> Iterator[Filter]:
    """The same condition with the nearest value that anything has."""
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    figures = [float(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if not figures or any(not math.isfinite(value) for value in figures):
        return
    low, high = min(figures), max(figures)
    name = one.property
    if one.op in ("<", "<=", "=", "between"):
        above = replace(without, filters=(*without.filters, Filter(name, ">=", high)))
        least = _extreme(runner, above, "min", name)
        if least is not None:
            yield _at(name, "<=" if one.op != "=" else "=", _round(least, up=True, whole=prop.kind == "integer"))
    if one.op in (">", ">=", "=", "between"):
        below = replace(without, filters=(*without.filters, Filter(name, "<=", low)))
        most = _extreme(runner, below, "max", name)
        if most is not None:
            yield _at(name, ">=" if one.op != "=" else "=", _round(most, up=False, whole=prop.kind == "integer"))


def _at(name: str, op: str, value: float) -> Filter:
    return Filter(name, op, int(value) if value == int(value) else value)


def _round(value: float, *, up: bool, whole: bool) -> float:
    """A figure that people would write: whole from ten on, else two digits, never tighter than the value."""
    if value == 0 or whole or value == int(value):
        return value
    scale = 0 if abs(value) >= 10 else 1 - math.floor(math.log10(abs(value)))
    factor = float(10**scale)
    return (math.ceil if up else math.floor)(value * factor) / factor


def _extreme(runner: Runner, question: Question, function: str, name: str) -> float | None:
    """The smallest or largest value that the other conditions leave; None where there is none or no time is left."""
    plain = replace(question, aggregate=f"{function}({name})", order=None, limit=None, offset=None, returns=(),
                    group_by=())  # fmt: skip
    value = runner.advised_value(plain)
    return value if value is not None and math.isfinite(value) else None


def _broader(runner: Runner, prop: Property, label: str) -> list[str]:
    """Labels of what is one step broader."""
    scheme = "sensor" if prop.kind == "sensor" else prop.scheme
    found: list[str] = []
    for iri in runner.names.concepts(scheme, label)[:1]:
        body = f"SELECT ?label WHERE {{ <{iri}> skos:broader/skos:prefLabel ?label }} LIMIT {_BROADER}"
        found += [str(row[0]) for row in runner.rows(body) if row[0] is not None]
    return [one for one in dict.fromkeys(found) if one.casefold() != label.casefold()]


def nearer_times(question: Question) -> Iterator[Option]:
    """More time: the whole month or months, the whole year or years, a year more on both sides; all months."""
    if question.months:
        all_year = replace(question, months=())
        yield ("taken in any month" if question.target == "product" else "in any month"), all_year
    if len(question.times) != 1:
        return
    start, end = question.times[0]
    try:
        first, last = date.fromisoformat(start or ""), date.fromisoformat(end or "")
    except ValueError:
        return
    verb = "taken" if question.target == "product" else "with imagery"
    for wider in _wider(first, last):
        if wider != question.times[0]:
            yield f"{verb} {time_text((wider,), question.months)}", replace(question, times=(wider,))


def _wider(first: date, last: date) -> Iterator[Interval]:
    if (last - first).days < 2 * _MONTH:
        after = (last.replace(day=28) + timedelta(days=4)).replace(day=1) if last.year < date.max.year else last
        yield first.replace(day=1).isoformat(), (after - timedelta(days=1)).isoformat()
    yield f"{first.year:04}-01-01", f"{last.year:04}-12-31"
    if first.year > 1 and last.year < date.max.year:
        yield f"{first.year - 1:04}-01-01", f"{last.year + 1:04}-12-31"


def nearer_places(runner: Runner, question: Question) -> Iterator[Option]:
    """A longer way, a looser relation, the surroundings of a small place, the region that holds it."""
    relation = question.relation or "intersects"
    if relation == "distance" and question.distance_km:
        for times in _FARTHER:
            yield _placed(replace(question, distance_km=question.distance_km * times))
    elif relation in ("within", "contains", "touches", "crosses"):
        yield _placed(replace(question, relation="intersects"))
    if len(question.places) != 1 or not isinstance(question.places[0], NamedPlace) or relation == "disjoint":
        return
    iri = runner.names.place(question.places[0])
    if iri is None:
        return
    if relation in ("intersects", "near") and runner.names.place_kind(iri).casefold() in _SMALL:
        yield _placed(replace(question, relation="distance", distance_km=_AROUND_KM))
    for outer, name in runner.names.outer(IRI(iri))[:_BROADER]:
        place = NamedPlace(name, outer)
        yield _placed(replace(question, places=(place,), relation="intersects", distance_km=None))


def _placed(question: Question) -> Option:
    return where_text(question), question


def nearest(runner: Runner, options: Iterator[Option]) -> tuple[str, int] | None:
    """The first relaxation that finds something: it in words and how many things it finds."""
    try:
        for text, question in options:
            if not runner.may_advise:
                return None
            count = runner.advised_count(question)
            if count:
                return text, count
    except EarthdexError:
        return None
    return None
