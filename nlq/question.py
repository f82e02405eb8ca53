"""What was understood: one frozen value between the reader of a question and the writer of its query.

The slots and their conventions are those of the published interpretation schema; `Question.to_dict` gives that
form. Everything beyond it (words not used, assumptions, refusal, other readings) is what an honest answer needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool
Interval: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class ValueOf:
    """The value that a named dataset or model has: `lighter than X`."""

    property: str
    of: str

    def to_dict(self) -> dict[str, Any]:
        """The value in the published form."""
        return {"property": self.property, "of": self.of}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: property, operator, value (see the interpretation schema for the operators)."""

    property: str
    op: str
    value: Scalar | ValueOf | tuple[Scalar, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The value in the published form."""
        value: Any = self.value
        if isinstance(value, ValueOf):
            value = value.to_dict()
        elif isinstance(value, tuple):
            value = list(value)
        return {"property": self.property, "op": self.op, "value": value}


@dataclass(frozen=True, slots=True)
class Order:
    """Ranking: a property, `count` or `distance`; `asc` or `desc`."""

    by: str
    dir: str

    def to_dict(self) -> dict[str, Any]:
        """The value in the published form."""
        return {"by": self.by, "dir": self.dir}


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place of the gazetteer.

    Attributes:
        name: English name, with a qualifier where the question gives one (`Toledo, Ohio`).
        iri: the place in the gazetteer; empty only in interpretations that come from outside.
        others: IRIs of further candidates, best first, where the name is ambiguous.
    """

    name: str
    iri: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A point, longitude and latitude in degrees (CRS84)."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees (CRS84); west > east crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class SameAreaAs:
    """The area that a named dataset covers."""

    name: str


@dataclass(frozen=True, slots=True)
class PlaceClass:
    """All places of a kind: glaciers near a town, large cities of a country."""

    type: str
    within: NamedPlace | None = None
    near: NamedPlace | None = None
    distance_km: float | None = None
    relation: str | None = None
    of: NamedPlace | None = None
    filters: tuple[Filter, ...] = ()
    order: Order | None = None
    limit: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The value in the published form."""
        out: dict[str, Any] = {"type": self.type}
        for name in ("within", "near", "of"):
            place = getattr(self, name)
            if place is not None:
                out[name] = place.name
        for name in ("distance_km", "relation", "limit"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name)
        if self.filters:
            out["filters"] = [one.to_dict() for one in self.filters]
        if self.order is not None:
            out["order"] = self.order.to_dict()
        return out


Where: TypeAlias = NamedPlace | Point | Box | SameAreaAs | PlaceClass


def _place_to_json(place: Where) -> str | dict[str, Any]:
    match place:
        case NamedPlace(name=name):
            return name
        case Point(lon, lat):
            return {"point": [lon, lat]}
        case Box(west, south, east, north):
            return {"bbox": [west, south, east, north]}
        case SameAreaAs(name):
            return {"same_as": name}
        case _:
            return place.to_dict()


@dataclass(frozen=True, slots=True)
class Having:
    """Condition on how many values a relation has."""

    count: str
    op: str
    value: int

    def to_dict(self) -> dict[str, Any]:
        """The value in the published form."""
        return {"count": self.count, "op": self.op, "value": self.value}


@dataclass(frozen=True, slots=True)
class Compare:
    """Yes-no comparison of one property of two named records."""

    left: str
    property: str
    op: str
    right: str

    def to_dict(self) -> dict[str, Any]:
        """The value in the published form."""
        return {"left": self.left, "property": self.property, "op": self.op, "right": self.right}


@dataclass(frozen=True, slots=True)
class Span:
    """Which characters of the question became what: `slot` is a slot or property name."""

    start: int
    end: int
    slot: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """An understood question.

    Attributes:
        text: the question as asked.
        target: dataset, model, product, any; None: nothing that the catalogue holds.
        places: the places; several are joined by `place_op` (and, or).
        relation: relation of the found thing to the place(s).
        distance_km: only with relation `distance`.
        times: closed or half-open day intervals, any of which may hold.
        time_same_as: the dataset whose time extent is meant, instead of `times`.
        months: months that repeat in every year of `times`.
        answerable: False: refused, `reason` says why.
        clarify: True: the engine asks back, `reason` is the question it asks.
        either: conditions on different properties of which at least one must hold, besides all `filters`; the
            published form has no place for them.
        unused: content words that the interpretation does not use.
        assumptions: what was assumed, as sentences (`near = within 5 km`).
        spans: which words became what.
    """

    text: str
    target: str | None = None
    filters: tuple[Filter, ...] = ()
    places: tuple[Where, ...] = ()
    place_op: str | None = None
    relation: str | None = None
    distance_km: float | None = None
    times: tuple[Interval, ...] = ()
    time_same_as: str | None = None
    months: tuple[int, ...] = ()
    time_relation: str | None = None
    order: Order | None = None
    limit: int | None = None
    offset: int | None = None
    aggregate: str | None = None
    group_by: tuple[str, ...] = ()
    having: Having | None = None
    compare: Compare | None = None
    returns: tuple[str, ...] = ()
    answerable: bool = True
    clarify: bool = False
    reason: str = ""
    either: tuple[Filter, ...] = ()
    unused: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    spans: tuple[Span, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """The interpretation in the published form."""
        place: Any = None
        if len(self.places) == 1:
            place = _place_to_json(self.places[0])
        elif self.places:
            place = [_place_to_json(one) for one in self.places]
        time: Any = None
        if self.time_same_as is not None:
            time = {"same_as": self.time_same_as}
        elif len(self.times) == 1:
            time = list(self.times[0])
        elif self.times:
            time = [list(one) for one in self.times]
        out: dict[str, Any] = {
            "target": self.target,
            "filters": [one.to_dict() for one in self.filters],
            "place": place,
            "relation": self.relation,
            "distance_km": self.distance_km,
            "time": time,
            "order": self.order.to_dict() if self.order else None,
            "limit": self.limit,
            "aggregate": self.aggregate,
        }
        optional = {
            "place_op": self.place_op if len(self.places) > 1 else None,
            "months": list(self.months) or None,
            "time_relation": self.time_relation,
            "offset": self.offset,
            "group_by": list(self.group_by) or None,
            "having": self.having.to_dict() if self.having else None,
            "compare": self.compare.to_dict() if self.compare else None,
            "return": list(self.returns) or None,
            "either": [one.to_dict() for one in self.either] or None,
        }
        return out | {name: value for name, value in optional.items() if value is not None}
