"""Counts and sums for each value of something, and conditions on how many values a thing has."""

from __future__ import annotations

from nlq.compile.frame import Frame, Query, ordering
from nlq.compile.text import block, negated, oneof, query, step, term
from nlq.compile.times import acquisition
from nlq.question import Having, NamedPlace
from ontology.errors import NotAnswerable
from ontology.namespaces import record_iri
from ontology.properties import Property

_COMPARES = ("=", "!=", "<", "<=", ">", ">=")
_LABELS = "skos:prefLabel|dct:title|rdfs:label|foaf:name"


def compile_having(frame: Frame, having: Having) -> None:
    """Keeps things with that many values of a property; those without any count as zero."""
    if having.count in ("count", "dataset", "model", "product") or frame.question.group_by:
        return
    prop = frame.property(having.count)
    op = having.op if having.op in _COMPARES else "="
    value, number = frame.body.fresh("counted"), frame.body.fresh("number")
    inner = [f"{frame.subject} {step(prop.path)} {value} ."]
    lines = [
        f"{{ SELECT {frame.subject} (COUNT(DISTINCT {value}) AS {number}) WHERE {{",
        *(f"  {line}" for line in (inner if not _zero(op, having.value) else _or_none(frame, inner))),
        f"}} GROUP BY {frame.subject} HAVING(COUNT(DISTINCT {value}) {op} {having.value}) }}",
    ]
    frame.say(f"aggregate: {op} {having.value} values of {prop.name}", lines, "having")


def _zero(op: str, value: int) -> bool:
    """Whether things without any value satisfy the condition."""
    return {"=": value == 0, "!=": value != 0, "<": value > 0, "<=": value >= 0, ">": value < 0, ">=": value <= 0}[op]


def _or_none(frame: Frame, inner: list[str]) -> list[str]:
    kinds = ("ed:TrainingDataset", "it6:MachineLearningModel")
    return [oneof("?counted_type", kinds), f"{frame.subject} a ?counted_type .", *block("OPTIONAL", inner)]


def compile_groups(frame: Frame, title: str, most: int | None) -> Query:
    """One row for each group: its key(s), their labels, and the figure."""
    question, body = frame.question, frame.body
    keys: list[str] = []
    for name in question.group_by:
        keys += bind_group(frame, name)
    figure, scale = _figure(frame)
    form = f"SELECT {' '.join(keys)} ({figure}{scale} AS ?count)"
    tail = [f"GROUP BY {' '.join(keys)}"]
    if question.having is not None:
        op = question.having.op if question.having.op in _COMPARES else "="
        tail.append(f"HAVING(COUNT(DISTINCT {frame.subject}) {op} {question.having.value})")
    order = question.order
    by_count = order is not None and (order.by == "count" or order.by not in question.group_by)
    if order is not None and not by_count:
        tail.append(f"ORDER BY {ordering(order)}({keys[0]})")
    elif order is not None:
        tail.append(f"ORDER BY {ordering(order)}(?count) {' '.join(keys)}")
    else:
        calendar = question.group_by[0] in ("year", "month", "publication_year")
        tail.append(f"ORDER BY {' '.join(keys)}" if calendar else f"ORDER BY DESC(?count) {' '.join(keys)}")
    bounds = [one for one in (question.limit, most) if one is not None]
    tail += [f"LIMIT {min(bounds)}"] if bounds else []
    tail += [f"OFFSET {question.offset}"] if question.offset else []
    columns = (*(one[1:] for one in keys), "count")
    text = query(form, body.lines, tail, title)
    return Query(text, columns, "groups", frame.target, tuple(frame.notes), tuple(frame.missing),
                 frame.target == "product")  # fmt: skip


def _figure(frame: Frame) -> tuple[str, str]:
    """The aggregate of each group, and how it comes into the unit of the question."""
    function, _, rest = (frame.question.aggregate or "count").partition("(")
    if function in ("count", "ask"):
        return f"COUNT(DISTINCT {frame.subject})", ""
    prop = frame.property(rest.rstrip(")"))
    if not prop.is_number:
        raise NotAnswerable(f"'{prop.name.replace('_', ' ')}' has no {function}.", "Ask for a property with numbers.")
    value = frame.body.fresh("value")
    lines = [f"{frame.subject} {step(prop.path)} {value} ."]
    lines += negated([f"{frame.subject} {step(prop.path)} ?more .", f"FILTER(?more > {value})"])
    frame.body.say(f"aggregate: {prop.name}, of several values, the largest", lines)
    return f"{function.upper()}({value})", f" / {prop.scale}" if prop.scale != 1 else ""


def bind_group(frame: Frame, name: str) -> list[str]:
    """Binds the key of a group; returns its variables."""
    if name in ("year", "month", "season"):
        return [_calendar(frame, name)]
    if name == "country":
        return _country(frame)
    if name == "place":
        return _place(frame)
    prop = frame.property(name)
    variable = frame.body.fresh(prop.name)
    if prop.kind in ("concept", "sensor", "class", "record", "place"):
        label = frame.body.fresh(f"{prop.name}_name")
        lines = [f"{frame.subject} {step(prop.path)} {variable} .", f"{variable} {_LABELS} {label} ."]
        frame.say(f"aggregate: for each {prop.name}", lines, "group_by")
        return [variable, label] if prop.kind != "class" else [label]
    frame.say(f"aggregate: for each {prop.name}", _literal_group(frame, prop, variable), "group_by")
    return [variable]


def _literal_group(frame: Frame, prop: Property, variable: str) -> list[str]:
    return [f"{frame.subject} {step(prop.path)} {variable} ."]


def _calendar(frame: Frame, name: str) -> str:
    key = frame.body.fresh(name)
    if frame.target != "product":
        if name != "year":
            raise NotAnswerable(f"Datasets and models have no {name}.", "Group them by year.")
        frame.note("Year = year of publication.")
        frame.say(
            "aggregate: for each year of publication", [f"{frame.subject} ed:publicationYear {key} ."], "group_by"
        )
        return key
    lines = acquisition(frame)
    time = frame.time
    if name == "season":
        frame.note("Seasons = quarters December-February, March-May, June-August, September-November.")
        text = (f'IF(MONTH({time}) IN (12, 1, 2), "December-February", IF(MONTH({time}) <= 5, "March-May", '
                f'IF(MONTH({time}) <= 8, "June-August", "September-November")))')  # fmt: skip
    else:
        text = f"{name.upper()}({time})"
    frame.say(f"aggregate: for each {name}", [*lines, f"BIND({text} AS {key})"], "group_by")
    return key


def _country(frame: Frame) -> list[str]:
    country, label = frame.body.fresh("country"), frame.body.fresh("country_name")
    kind = frame.names.concepts("place-kind", "country") or (record_iri("place-kind", "country"),)
    lines = [f"{country} ed:placeKind {term(kind[0])} ; rdfs:label {label} ."]
    if frame.target == "product":
        area = frame.body.fresh("area")
        frame.footprint = frame.footprint or frame.body.fresh("footprint")
        lines += [
            f"{country} geo:hasGeometry/geo:asWKT {area} .",
            f"{frame.subject} geo:hasGeometry/geo:asWKT {frame.footprint} .",
            f"FILTER(geof:sfIntersects({frame.footprint}, {area}))",
        ]
    else:
        spatial = "dct:spatial" if frame.target == "dataset" else "(it6:trainedOn|ed:fineTunedOn)/dct:spatial"
        lines.insert(0, f"{frame.subject} {spatial}/geo:sfWithin*/geo:sfIntersects? {country} .")
        frame.note("Counted for the countries that records name or whose parts they name; global ones are left out.")
    frame.say("aggregate: for each country", lines, "group_by")
    return [country, label]


def _place(frame: Frame) -> list[str]:
    """For each place of the question (several named ones, or all of a kind), else each place of coverage."""
    label = frame.body.fresh("place_name")
    text = "\n".join(frame.body.lines)
    for variable in ("?feature", "?where"):
        if f"{variable} " in text:
            frame.say("aggregate: for each place", [f"{variable} rdfs:label {label} ."], "group_by")
            return [variable, label]
    if frame.target == "product":
        raise NotAnswerable("Scenes can be grouped by place only where places are named.", "Name the places.")
    place = frame.body.fresh("covered")
    frame.say(
        "aggregate: for each place",
        [f"{frame.subject} dct:spatial {place} .", f"{place} rdfs:label {label} ."],
        "group_by",
    )
    return [place, label]


__all__ = ["NamedPlace", "bind_group", "compile_groups", "compile_having"]
