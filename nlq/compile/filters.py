"""Filters of a question as patterns: one rule for each kind of property.

Convention: an operator that asks for a value is a pattern that the thing must match (`_has`); its negation takes away
what matches the same pattern. A thing of which nothing is known neither has the value nor lacks it.
"""

from __future__ import annotations

from nlq.compile.classes import has_class
from nlq.compile.frame import Frame, is_measured, listed, shares_measurement
from nlq.compile.names import text_path
from nlq.compile.numbers import compare_dates, compare_numbers
from nlq.compile.text import block, key, negated, oneof, quote, step, term, union
from nlq.compile.where import covers, outside
from nlq.question import Filter, NamedPlace, ValueOf
from ontology.errors import NotAnswerable
from ontology.namespaces import concept_iri, slug
from ontology.properties import Property
from ontology.terms import IRI

_MOST_NAMES = 60
_FAMILY = 6  # spacecraft from which on a name is that of a family of missions
# what a record does not say of these it does not have; of all others a missing fact is merely unknown
_ABSENT_MEANS_NONE = (
    "topic", "task", "keyword", "benchmark", "derived_from", "trained_model", "fine_tuned_model", "evaluated_model",
    "project", "funder", "scene_type", "split", "trained_on", "fine_tuned_on", "evaluated_on", "initialised_from",
)  # fmt: skip
_BROADER = "/(skos:broader|sosa:isHostedBy)*"


def add_filter(frame: Frame, one: Filter) -> None:
    """Writes the patterns of one filter.

    Raises:
        NotAnswerable: the target has no such property, or the value cannot be one of it.
    """
    prop = frame.property(one.property)
    about, slots = f"filter: {describe(one)}", (one.property, prop.name)
    if prop.kind in ("integer", "number") and one.op not in ("exists", "not_exists", "same_as"):
        frame.say(about, compare_numbers(frame, prop, one), *slots, of=one)
    elif prop.kind == "date" and one.op not in ("exists", "not_exists", "same_as"):
        frame.say(about, compare_dates(frame, prop, one), *slots, of=one)
    else:
        frame.say(about, _value_filter(frame, prop, one), *slots, of=one)


def add_either(frame: Frame) -> None:
    """Writes the conditions of which one is enough, each with what is looked for: a branch sees nothing outside of it.

    Raises:
        NotAnswerable: as `add_filter`.
    """
    body, found = frame.body, []
    kind = body.lines[: next((at for at, line in enumerate(body.lines, 1) if line.endswith(" .")), 0)]
    for one in frame.question.either:
        before, body.lines = body.lines, [line for line in kind if not line.startswith("#")]
        add_filter(frame, one)
        found.append(body.lines)
        body.lines = before
    if found:
        about = " or ".join(describe(one) for one in frame.question.either)
        frame.say(f"filter: one of {about}", union(found), *(one.property for one in frame.question.either))


def describe(one: Filter) -> str:
    """A filter as a short text for comments: `topic = crop type`."""
    value = one.value
    if value is None:
        return f"{one.property} {one.op.replace('_', ' ')}"
    if isinstance(value, tuple):
        text = ", ".join(map(str, value))
    else:
        text = f"{value.property} of {value.of}" if isinstance(value, ValueOf) else str(value)
    return f"{one.property} {one.op.replace('_', ' ')} {text}"


def _value_filter(frame: Frame, prop: Property, one: Filter) -> list[str]:
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in listed(one)]
    match one.op:
        case "exists" | "not_exists":
            found = [f"{frame.subject} {step(prop.path)} {frame.body.fresh('known')} ."]
            return found if one.op == "exists" else negated(found)
        case "same_as":
            return _same_as(frame, prop, values[0])
        case "not_only":
            return _not_only(frame, prop, values[0])
        case "not_intersects":
            return outside(frame, [_as_place(values[0])])
        case "=" | "contains" if prop.scheme == "band" and any("+" in value for value in values):
            return _value_filter(frame, prop, Filter(prop.name, "contains_all", tuple("+".join(values).split("+"))))
        case "contains_all":
            return [line for value in values for line in _has(frame, prop, one, [value])]
        case "!=" | "not_contains":
            return _lacks(frame, prop, one, values)
        case "=" | "in" | "contains":
            return _has(frame, prop, one, values)
        case _:
            raise NotAnswerable(
                f"'{prop.name.replace('_', ' ')}' cannot be compared with {one.op}.", "Ask for a value of it."
            )


def _as_place(name: str) -> NamedPlace:
    return NamedPlace(name)


def _has(frame: Frame, prop: Property, one: Filter, values: list[str]) -> list[str]:
    """Patterns: the thing has one of the values."""
    match prop.kind:
        case "boolean":
            return [f"{frame.subject} {prop.path} {values[0]} ."]
        case "concept":
            return _has_concept(frame, prop, values)
        case "sensor":
            return _has_sensor(frame, prop, values)
        case "class":
            return has_class(frame, prop, values)
        case "record":
            return _has_record(frame, prop, values)
        case "place":
            return union([_in_place(frame, value) for value in values])
        case _:
            return _has_name(frame, one, values) if prop.name == "name" else _has_text(frame, prop, one, values)


def _lacks(frame: Frame, prop: Property, one: Filter, values: list[str]) -> list[str]:
    if prop.name == "name":
        found = _named(frame, values, one.op == "not_contains")
        return [f"FILTER({frame.subject} NOT IN ({', '.join(map(term, found))}))"] if found else []
    if frame.target == "product" and not prop.many:
        iris = _sensors(frame, prop, values) if prop.kind == "sensor" else ()
        texts = [term(iri) for iri in iris] or [quote(text) for text in _literals(frame, prop, values, False)]
        variable = frame.body.fresh(prop.name)
        return [f"{frame.subject} {prop.path} {variable} .", f"FILTER({variable} NOT IN ({', '.join(texts)}))"]
    having = _has(frame, prop, one, values)
    known = []
    if frame.target != "product" and prop.name not in _ABSENT_MEANS_NONE:
        frame.note(f"Records whose {prop.name.replace('_', ' ')} is not known are left out.")
        known = block("FILTER EXISTS", [f"{frame.subject} {step(prop.path)} {frame.body.fresh('known')} ."])
    # what has the value is looked for once and taken away; an EXISTS would look again for each record
    lacking = negated(having) if frame.target == "product" or len(having) == 1 else block("MINUS", having)
    return [*known, *lacking]


def _in_place(frame: Frame, name: str) -> list[str]:
    if slug(name) in ("global", "world", "worldwide", "whole-world"):
        return [f"{frame.subject} ed:globalExtent true ."]
    return covers(frame, [_as_place(name)], "intersects")


# --- concepts and sensors ----------------------------------------------------------------------------------------


def _is_any(frame: Frame, path: str, iris: tuple[IRI, ...], stem: str) -> list[str]:
    if len(iris) == 1:
        return [f"{frame.subject} {path} {term(iris[0])} ."]
    variable = frame.body.fresh(stem)
    return [oneof(variable, map(term, iris)), f"{frame.subject} {path} {variable} ."]


def _has_concept(frame: Frame, prop: Property, values: list[str]) -> list[str]:
    """Has one of the concepts or a narrower one; unknown labels are looked for in the record's own words."""
    path = prop.path
    if is_measured(prop.name) and shares_measurement(frame.question):
        iris = tuple(iri for value in values for iri in frame.names.concepts(prop.scheme, value))
        iris = iris or (concept_iri(prop.scheme, values[0]),)
        return _of(frame.measured(), "dqv:isMeasurementOf", iris, frame)
    if frame.target == "product":
        return _has_text(frame, prop, Filter(prop.name, "in", tuple(values)), values)
    known: dict[IRI, None] = {}
    groups = []
    for value in values:
        found = frame.names.concepts(prop.scheme, value)
        known |= dict.fromkeys(found)
        if not found:
            groups.append(_in_words(frame, prop, value))
    if known:
        groups.insert(0, _is_any(frame, step(path, "/skos:broader*"), tuple(known), prop.name))
    return union(groups)


def _of(subject: str, path: str, iris: tuple[IRI, ...], frame: Frame) -> list[str]:
    if len(iris) == 1:
        return [f"{subject} {path} {term(iris[0])} ."]
    variable = frame.body.fresh("one")
    return [oneof(variable, map(term, iris)), f"{subject} {path} {variable} ."]


def _in_words(frame: Frame, prop: Property, label: str) -> list[str]:
    from nlq.compile.names import word_pattern

    words = frame.body.fresh("words")
    frame.note(
        f"No {prop.name.replace('_', ' ')} is called '{label}': looked for the word in labels, titles, keywords, "
        "class names and descriptions."
    )
    paths = f"{step(prop.path, '/skos:prefLabel')}|dct:title|dcat:keyword|dct:description|ed:labelClass/skos:prefLabel"
    return [
        f"{frame.subject} {paths} {words} .",
        f'FILTER(REGEX(STR({words}), {quote(word_pattern(label))}, "i"))',
    ]


def _sensors(frame: Frame, prop: Property, values: list[str]) -> tuple[IRI, ...]:
    found: dict[IRI, None] = {}
    for value in values:
        iris = frame.names.concepts("sensor", value)
        if not iris:
            frame.miss(value)
        _say_family(frame, value, iris)
        for iri in iris or (concept_iri("sensor", value),):
            family = frame.names.narrower(iri) if frame.target == "product" else (iri,)
            if prop.name in ("mission", "platform"):
                family = tuple(one for one in family if one == iri or one not in frame.names.instruments)
            found |= dict.fromkeys(family)
    return tuple(found)


def _say_family(frame: Frame, value: str, iris: tuple[IRI, ...]) -> None:
    """`Landsat` is a family of missions: says that all are meant."""
    members = [
        label
        for iri in iris
        for one, label in frame.names.labels(frame.names.narrower(iri)).items()
        if one != iri and one not in frame.names.instruments and label.startswith(value)
    ]
    if len(members) >= _FAMILY:
        names = sorted(members, key=lambda text: (len(text), text))
        frame.note(f"{value} = any of its missions ({', '.join(names[:2])} ... {names[-1]}); name one for it alone.")


def _has_sensor(frame: Frame, prop: Property, values: list[str]) -> list[str]:
    """Imagery of a sensor or of one of its family; scenes name the sensor itself, so the family is written out."""
    iris = _sensors(frame, prop, values)
    if frame.target == "product":
        return _is_any(frame, prop.path, iris, prop.name)
    return _is_any(frame, step(prop.path, _BROADER), iris, "sensor")


def _not_only(frame: Frame, prop: Property, value: str) -> list[str]:
    """Has something besides the value and what is narrower than it."""
    other = frame.body.fresh("other")
    if prop.kind == "sensor":
        iris, broader = _sensors(frame, prop, [value]), _BROADER.removeprefix("/")
    else:
        iris = frame.names.concepts(prop.scheme, value) or (concept_iri(prop.scheme, value),)
        broader = "skos:broader*"
    inner = _of(other, broader, iris, frame)
    return [f"{frame.subject} {prop.path} {other} .", *negated(inner)]


def _same_as(frame: Frame, prop: Property, name: str) -> list[str]:
    """Shares a value with a named record."""
    iris = _named(frame, [name], False)
    shared = frame.body.fresh("shared")
    path = step(prop.path, {"sensor": _BROADER, "concept": "/skos:broader*"}.get(prop.kind, ""))
    one = frame.body.fresh("like")
    return [
        oneof(one, map(term, iris)),
        f"{one} {prop.path} {shared} .",
        f"{frame.subject} {path} {shared} .",
        f"FILTER({frame.subject} != {one})",
    ]


# --- text and names ----------------------------------------------------------------------------------------------


def _literals(frame: Frame, prop: Property, values: list[str], part: bool) -> list[str]:
    """The literals of the graph that a question's texts stand for; its own text where the graph has none."""
    found: dict[str, None] = {}
    for value in values:
        exact = frame.names.values(prop, value) if frame.target != "product" else ()
        held = frame.names.values_with(prop, value) if part or not exact else ()
        if held and not exact and not part and prop.many and len(key(value)) > 2:
            frame.note(f"'{value}' was found as part of: {'; '.join(held[:3])}.")
            exact = held
        elif part:
            exact = held
        if not exact and frame.target != "product":
            frame.miss(value)
        found |= dict.fromkeys(exact or (value,))
    return list(found)[:_MOST_NAMES]


def _has_text(frame: Frame, prop: Property, one: Filter, values: list[str]) -> list[str]:
    if frame.target == "product":
        return _scene_text(frame, prop, one, values)
    texts = _literals(frame, prop, values, one.op == "contains" and not prop.many)
    variable = frame.body.fresh(prop.name)
    test = f"STR({variable}) = {quote(texts[0])}" if len(texts) == 1 else None
    test = test or f"STR({variable}) IN ({', '.join(map(quote, texts))})"
    return [f"{frame.subject} {text_path(prop)} {variable} .", f"FILTER({test})"]


def _scene_text(frame: Frame, prop: Property, one: Filter, values: list[str]) -> list[str]:
    """Enumerations of scenes, exactly as stored: upper case for codes, lower case for directions."""
    if prop.name == "polarisation":
        groups = [
            [f"{frame.subject} {prop.path} {quote(channel.strip().upper())} ." for channel in value.split("+")]
            for value in values
        ]
        return union(groups)
    if one.op == "contains" and not prop.many:
        variable = frame.body.fresh(prop.name)
        test = f"CONTAINS(LCASE(STR({variable})), {quote(values[0].lower())})"
        return [f"{frame.subject} {prop.path} {variable} .", f"FILTER({test})"]
    if len(values) == 1:
        return [f"{frame.subject} {prop.path} {quote(values[0])} ."]
    variable = frame.body.fresh(prop.name)
    return [f"{frame.subject} {prop.path} {variable} .", f"FILTER({variable} IN ({', '.join(map(quote, values))}))"]


def _named(frame: Frame, values: list[str], family: bool) -> tuple[IRI, ...]:
    """Records by name: exact, else (stated) the family whose names hold the text."""
    kind = frame.target if frame.target in ("dataset", "model") else None
    found: dict[IRI, None] = {}
    for value in values:
        iris = () if family else frame.names.records(value, kind) or frame.names.records(value)
        if not iris:
            iris = frame.names.family(value, kind)
            if iris and not family:
                frame.note(f"No record is called exactly '{value}': took those whose name holds it ({len(iris)}).")
        if not iris:
            frame.miss(value)
            iris = (concept_iri("unknown", value),)
        found |= dict.fromkeys(iris)
    return tuple(found)


def _has_name(frame: Frame, one: Filter, values: list[str]) -> list[str]:
    is_family = one.op == "contains"
    iris = _named(frame, values, is_family)
    if len(iris) > _MOST_NAMES:
        named = [
            f"{frame.subject} dct:title|skos:altLabel {(variable := frame.body.fresh('called'))} .",
            f"FILTER(CONTAINS(LCASE(STR({variable})), {quote(values[0].casefold())}))",
        ]
    else:
        named = [oneof(frame.subject, map(term, iris))]
    if not is_family or frame.target == "product":
        return named
    # `ExtremeEarth datasets` are those of the project as well, whatever they are called
    project = frame.body.fresh("project")
    wanted = oneof(project, (quote(value) for value in values))
    return union([named, [wanted, f"{frame.subject} ed:project/foaf:name {project} ."]])


def _has_record(frame: Frame, prop: Property, values: list[str]) -> list[str]:
    """Linked with one of the named records."""
    found: dict[IRI, None] = {}
    for value in values:
        iris = frame.names.records(value)
        if not iris:
            iris = frame.names.family(value)
            if iris:
                frame.note(f"No record is called exactly '{value}': took those whose name holds it ({len(iris)}).")
        if not iris:
            frame.miss(value)
            iris = (concept_iri("unknown", value),)
        found |= dict.fromkeys(iris[:_MOST_NAMES])
    if prop.name == "evaluated_on" and shares_measurement(frame.question):
        return _of(frame.measured(), "ed:evaluatedOn", tuple(found), frame)
    return _is_any(frame, prop.path, tuple(found), prop.name)


def optional(lines: list[str]) -> list[str]:
    """The lines as an OPTIONAL."""
    return block("OPTIONAL", lines)
