"""The conditions of a question, each with a lasting key, and the question with some of them left out or others added.

What people do with the answer of a question beside asking another: take one condition away, put another in its place,
or narrow it down by a value that the rows show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from nlq.answers.explain import bound_text, conditions, where_text
from nlq.question import Filter, NamedPlace, Question, Scalar, ValueOf
from nlq.roles import role_of, values_of, words_of
from nlq.sheet.patterns import regex
from nlq.wording import condition, label, listing, order_text
from ontology.errors import QueryError
from ontology.properties import PROPERTIES

_CHANGE = regex(r"([a-z_0-9]{1,40})(<=|>=|!=|=|<|>)(.{1,300})", re.DOTALL)
_MOST = 40
_TIME = regex(r"(\d{4}(?:-\d\d-\d\d)?)?/(\d{4}(?:-\d\d-\d\d)?)?")
_SLOTS: dict[str, dict[str, Any]] = {
    "place": {"places": (), "relation": None, "distance_km": None, "place_op": None},
    "time": {"times": (), "months": (), "time_same_as": None, "time_relation": None},
    "either": {"either": ()},
    "having": {"having": None},
    "order": {"order": None, "limit": None, "offset": None},
    "limit": {"limit": None, "offset": None},
    "aggregate": {"aggregate": None},
    "group_by": {"group_by": (), "having": None, "aggregate": None},
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a question.

    Attributes:
        key: what it is left out by; the same whichever others are left out.
        property: property or slot: place, time, either, having, order, limit, aggregate, group_by.
        op: operator of the interpretation schema; of a place, its relation.
        value: value or values; of a thing, its name.
        text: it in words.
        words: the words of the question that made it.
        role: filter, place, time, order or aggregate.
        iris: of a place, the things of the gazetteer that it names, and the next candidates of the same name.
        state: asked (by the question), added (`key` is then the text that added it) or left_out.
    """

    key: str
    property: str
    op: str
    value: Any
    text: str
    words: tuple[str, ...] = ()
    role: str = "filter"
    iris: tuple[str, ...] = ()
    state: str = "asked"

    def to_dict(self) -> dict[str, Any]:
        """It as JSON."""
        return asdict(self) | {"words": list(self.words), "iris": list(self.iris)}


def conditions_of(question: Question) -> tuple[Condition, ...]:
    """Every condition of an understood question, in the order of reading."""
    found: list[Condition] = []
    for key, one in zip(_keys(question.filters), question.filters, strict=True):
        value: Any = one.value
        if isinstance(value, ValueOf):
            value = value.to_dict()
        elif isinstance(value, tuple):
            value = list(value)
        words = words_of(question, (one.property,), values_of(one))
        found.append(Condition(key, one.property, one.op, value, condition(one), words))
    return (*found, *_slots(question))


def all_conditions(
    question: Question,
    without: Sequence[str] = (),
    also: Sequence[str] = (),
    home: Any = None,  # noqa: ANN401
) -> tuple[Condition, ...]:
    """The conditions of a question as asked, those left out of it and those added to it, each with its state."""
    if not question.answerable or question.clarify:
        return ()
    asked = [replace(one, state="left_out") if one.key in without else one for one in conditions_of(question)]
    bare = Question("", target=question.target)
    added = [replace(one, key=text, state="added") for text in also for one in conditions_of(_with(bare, text, home))]
    return (*asked, *added)


def _slots(question: Question) -> list[Condition]:
    found = []

    def add(slot: str, op: str, value: Any, text: str, *slots: str, iris: tuple[str, ...] = ()) -> None:  # noqa: ANN401
        words = words_of(question, slots or (slot,))
        found.append(Condition(slot, slot, op, value, text, words, role_of(slot), iris))

    data = question.to_dict()
    if question.either:
        text = f"either {listing((condition(one) for one in question.either), 'or')}"
        add("either", "or", data["either"], text, *(one.property for one in question.either))
    if question.places:
        named = [one for one in question.places if isinstance(one, NamedPlace)]
        iris = tuple(iri for one in named for iri in (one.iri, *one.others) if iri)
        relation = question.relation or "intersects"
        add("place", relation, data["place"], where_text(question), "place", "relation", "distance_km", iris=iris)
    if question.times or question.months or question.time_same_as is not None:
        bare = replace(question, filters=(), either=(), places=(), having=None)
        text = (conditions(bare) or [""])[0]
        add("time", question.time_relation or "intersects", data["time"], text, "time", "months", "time_relation")
    if question.group_by:
        text = f"for each {listing(label(one) for one in question.group_by)}"
        add("group_by", "=", list(question.group_by), text)
    elif question.aggregate:
        add("aggregate", "=", question.aggregate, {"count": "how many", "ask": "whether any"}.get(
            question.aggregate, question.aggregate.replace("(", " ").rstrip(")").replace("_", " ")))  # fmt: skip
    if question.having is not None:
        having = question.having
        text = f"with {bound_text(having)} values of {label(having.count)}"
        add("having", having.op, data["having"], text)
    if question.order is not None:
        text = order_text(question.order, question.limit, question.offset)
        add("order", question.order.dir, question.order.by, text, "order", "limit", "offset")
    elif question.limit is not None:
        add("limit", "=", question.limit, f"at most {question.limit}")
    return found


def _keys(filters: Iterable[Filter]) -> list[str]:
    """The property, with a number from the second condition on it on: `band`, `band.2`."""
    seen: dict[str, int] = {}
    found = []
    for one in filters:
        seen[one.property] = seen.get(one.property, 0) + 1
        found.append(one.property if seen[one.property] == 1 else f"{one.property}.{seen[one.property]}")
    return found


def edited(question: Question, without: Sequence[str] = (), also: Sequence[str] = (), home: Any = None) -> Question:  # noqa: ANN401
    """The question with conditions left out and others added.

    Args:
        question: what was understood.
        without: keys of conditions (`Condition.key`); those that it does not have are passed over.
        also: conditions to add: `sensor=Sentinel-2`, `resolution_m<=10`, `place=<name or IRI>`, `time=2018/2020`,
            `order=-publication_year`.
        home: the catalogue, whose places `place=` means.

    Raises:
        QueryError: what is to be added cannot be read.
    """
    if not question.answerable or question.clarify or not (without or also):
        return question
    if len(without) + len(also) > _MOST:
        raise QueryError(f"More than {_MOST} changes to one question.", "Ask a new question.")
    gone = set(without)
    kept = [one for key, one in zip(_keys(question.filters), question.filters, strict=True) if key not in gone]
    changes: dict[str, Any] = {"filters": tuple(kept)}
    for slot in gone & set(_SLOTS):
        changes.update(_SLOTS[slot])
    if "place" in gone and question.order is not None and question.order.by == "distance":
        changes["order"] = None
    left = {one.property for one in kept}
    slots = {key.partition(".")[0] for key in gone}
    changes["spans"] = tuple(
        one for one in question.spans if one.slot in left or not ({one.slot, role_of(one.slot)} & slots)
    )
    question = replace(question, **changes)
    for text in also:
        question = _with(question, text, home)
    return question


def _with(question: Question, text: str, home: Any) -> Question:  # noqa: ANN401
    match = _CHANGE.fullmatch(text.strip())
    if match is None:
        raise QueryError(f"Cannot read the condition {text[:60]!r}.", "Write it as sensor=Sentinel-2 or size_gb<=5.")
    name, op, value = match[1], match[2], match[3].strip()
    if name == "place" and op == "=":
        named = _place(value, home)
        return replace(question, places=(*question.places, named), relation=question.relation or "intersects",
                       place_op="and" if question.places else None)  # fmt: skip
    if name == "time" and op == "=":
        period = _TIME.fullmatch(value)
        if period is None or not (period[1] or period[2]):
            raise QueryError(f"Cannot read the period {value[:40]!r}.", "Write it as 2018/2020 or 2019-05-01/.")
        start, end = (_day(period[1], "-01-01"), _day(period[2], "-12-31"))
        return replace(question, times=((start, end),), time_relation=question.time_relation or "intersects")
    if name == "order" and op == "=":
        from nlq.question import Order

        by = value.removeprefix("-")
        if by not in PROPERTIES or PROPERTIES[by].kind not in ("integer", "number", "date"):
            raise QueryError(f"Nothing can be ranked by {by[:40]!r}.", "Rank by publication_year or resolution_m.")
        return replace(question, order=Order(by, "desc" if value.startswith("-") else "asc"))
    prop = PROPERTIES.get(name)
    if prop is None:
        raise QueryError(f"There is no property {name!r}.", "The reference of records names them all.")
    known = _typed(name, value, prop.kind)
    if op in ("<", "<=", ">", ">=") and not (prop.is_number or prop.kind == "date"):
        raise QueryError(f"{name} has no order.", f"Write {name}={value[:40]}.")
    if op == "=" and prop.many and name not in ("topic", "task"):
        op = "contains"
    elif op == "!=" and prop.many:
        op = "not_contains"
    return replace(question, filters=(*question.filters, Filter(name, op, known)))


def _day(text: str | None, rest: str) -> str | None:
    return None if not text else text if len(text) > 4 else text + rest


def _typed(name: str, value: str, kind: str) -> Scalar:
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind in ("integer", "number", "boolean"):
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if abs(number) <= 1e15 and kind != "boolean":
            return int(number) if number.is_integer() else number
        raise QueryError(
            f"{name} cannot be {value[:40]!r}.", "Give a number." if kind != "boolean" else "true or false"
        )
    return value


def _place(text: str, home: Any) -> NamedPlace:  # noqa: ANN401
    from kg.gazetteer import open_gazetteer

    gazetteer = open_gazetteer(getattr(home, "path", None))
    if text.startswith("https://"):
        held = gazetteer.get(text)
        if held is not None:
            return NamedPlace(held.name, str(held.iri))
    else:
        found = gazetteer.lookup(text, 1)
        if found:
            place = found[0].place
            return NamedPlace(place.name, str(place.iri))
    raise QueryError(f"No place {text[:60]!r} is known.", "Try its English name.")


__all__ = ["Condition", "all_conditions", "conditions_of", "edited"]
