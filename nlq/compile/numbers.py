"""Numbers and dates: comparisons in the unit of the graph, also with the value that a named record has."""

from __future__ import annotations

from datetime import date, timedelta

from nlq.compile.frame import Frame, is_measured, listed, shares_measurement
from nlq.compile.text import day, negated, number, oneof, step, term
from nlq.question import Filter, ValueOf
from ontology.errors import NotAnswerable
from ontology.namespaces import concept_iri
from ontology.properties import PROPERTIES, Property

_COMPARES = ("=", "!=", "<", "<=", ">", ">=")


def compare_numbers(frame: Frame, prop: Property, one: Filter) -> list[str]:
    """Patterns of a comparison with numbers, or with the value of a record.

    Raises:
        NotAnswerable: the value is not a number.
    """
    variable = frame.body.fresh(prop.name)
    lines = [f"{_subject_path(frame, prop)} {variable} ."]
    if isinstance(one.value, ValueOf):
        return lines + _against(frame, prop, one.op, one.value, variable)
    factor = frame.factor(one.property, prop)
    values = [_number(prop, value, factor) for value in listed(one)]
    if not values:
        raise NotAnswerable(f"'{prop.name.replace('_', ' ')}' needs a number.", "Give one.")
    if one.op in ("=", "contains") and len(values) == 1:
        test = f"{variable} = {values[0]}"
    elif one.op in ("in", "=", "contains"):
        test = f"{variable} IN ({', '.join(values)})"
    elif one.op == "between" and len(values) == 2:
        low, high = values
        test = f"{variable} >= {low} && {variable} <= {high}"
    elif one.op in _COMPARES:
        test = f"{variable} {one.op} {values[0]}"
    else:
        raise NotAnswerable(f"'{prop.name.replace('_', ' ')}' cannot be compared with {one.op}.", "Use a number.")
    if prop.path == "dcat:spatialResolutionInMeters" and frame.target != "product" and one.op not in ("<", "<="):
        lines += finest(frame, prop, variable)
    return [*lines, f"FILTER({test})"]


def finest(frame: Frame, prop: Property, variable: str) -> list[str]:
    """Where a record has several resolutions, the finest speaks for it."""
    finer = frame.body.fresh("finer")
    return negated([f"{frame.subject} {prop.path} {finer} .", f"FILTER({finer} < {variable})"])


def _subject_path(frame: Frame, prop: Property) -> str:
    if is_measured(prop.name) and shares_measurement(frame.question):
        return f"{frame.measured()} dqv:value"
    return f"{frame.subject} {step(prop.path)}"


def _number(prop: Property, value: object, factor: float) -> str:
    try:
        plain = float(value) if not isinstance(value, int) else value  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise NotAnswerable(
            f"'{prop.name.replace('_', ' ')}' is a number, and {str(value)[:40]!r} is none.", "Give a number."
        ) from None
    scaled = plain if factor == 1 else plain * factor
    if isinstance(scaled, float) and (scaled.is_integer() and abs(scaled) < 1e18):
        scaled = int(scaled)
    return number(scaled)


def _against(frame: Frame, prop: Property, op: str, value: ValueOf, variable: str) -> list[str]:
    """Compared with the value of a named record, which itself is left out."""
    other = PROPERTIES.get(value.property, prop)
    iris = frame.names.records(value.of) or frame.names.family(value.of)
    if not iris:
        frame.miss(value.of)
        iris = (concept_iri("unknown", value.of),)
    record, bound = frame.body.fresh("other"), frame.body.fresh("bound")
    left, right = variable, bound
    if other.scale != prop.scale:
        left, right = f"{variable} * {other.scale}", f"{bound} * {prop.scale}"
    return [
        oneof(record, map(term, iris)),
        f"{record} {step(other.path)} {bound} .",
        f"FILTER({left} {op if op in _COMPARES else '='} {right} && {frame.subject} != {record})",
    ]


def compare_dates(frame: Frame, prop: Property, one: Filter) -> list[str]:
    """Patterns of a comparison with days; scenes have moments, so a day is its whole length.

    Raises:
        NotAnswerable: the value is not a day.
    """
    variable = frame.body.fresh(prop.name)
    lines = [f"{frame.subject} {step(prop.path)} {variable} ."]
    if isinstance(one.value, ValueOf):
        return lines + _against(frame, prop, one.op, one.value, variable)
    days = [_day(value) for value in listed(one)]
    if not days:
        raise NotAnswerable(f"'{prop.name.replace('_', ' ')}' needs a date.", "Give it as 2021-05-31.")
    first, last = min(days), max(days)
    moments = frame.target == "product"
    if moments and prop.name == "acquisition_time":
        frame.time = variable
    low = moment(first) if moments else day(first.isoformat())
    after = moment(last + timedelta(days=1)) if moments else day((last + timedelta(days=1)).isoformat())
    tests = {
        "<": f"{variable} < {low}",
        ">=": f"{variable} >= {low}",
        "<=": f"{variable} < {after}",
        ">": f"{variable} >= {after}",
    }
    return [*lines, f"FILTER({tests.get(one.op, f'{variable} >= {low} && {variable} < {after}')})"]


def moment(value: date) -> str:
    """The first moment of a day, UTC, as xsd:dateTime."""
    return f'"{value.isoformat()}T00:00:00Z"^^xsd:dateTime'


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise NotAnswerable(f"{str(value)[:40]!r} is not a date.", "Give it as 2021-05-31.") from None
