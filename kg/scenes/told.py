"""Plans in words, for `explain`."""

from __future__ import annotations

from typing import assert_never

from kg.scenes.plan import Plan
from kg.scenes.terms import (
    All,
    AnyOf,
    Apply,
    Boxes,
    Column,
    Compare,
    Const,
    Either,
    Figure,
    If,
    Known,
    Member,
    Not,
    NotNull,
    NotTrue,
    Output,
    Scalar,
    SceneIn,
    Test,
    TextTest,
    Value,
)
from kg.virtual import moment_text

_MOMENTS = ("start_time", "end_time", "ingestion_time")
_FEW = 6
_WORDS = {"contains": "contains", "starts": "starts with", "ends": "ends with"}


def told_plan(plan: Plan) -> str:
    """Conditions, order and limit of a plan."""
    conditions = [told(one) for one in plan.where]
    conditions += [f"footprint {one.relation} {one.geometry.geom_type}" for one in plan.spatial]
    text = " and ".join(conditions) or "all scenes"
    if plan.order:
        text += " by " + ", ".join(told_output(one.value) + " descending" * one.descending for one in plan.order)
    return text + (f", first {plan.limit:,}" if plan.limit is not None else "")


def told(test: Test) -> str:
    """A test."""
    match test:
        case Compare(op, left, right):
            is_moment = _is_moment(left) or _is_moment(right)
            return f"{_scalar(left, is_moment)} {op} {_scalar(right, is_moment)}"
        case AnyOf(column, values):
            return f"{column} = {_values(values, column in _MOMENTS)}"
        case SceneIn(keys):
            return f"scene = {_values(tuple('/'.join(key) for key in keys), False)}"
        case Known(column):
            return f"{column} known"
        case NotNull(value):
            return f"{_scalar(value)} known"
        case TextTest(op, text, part):
            return f"{_scalar(text)} {_WORDS[op]} {_scalar(part)}"
        case Boxes(boxes):
            return f"footprint meets {len(boxes)} box{'es' * (len(boxes) != 1)}"
        case All(parts):
            return " and ".join(map(told, parts)) or "all scenes"
        case Either(parts):
            return f"({' or '.join(map(told, parts))})" if parts else "no scene"
        case Not(part):
            return f"not ({told(part)})"
        case NotTrue(part):
            return f"not ({told(part)})"
    assert_never(test)


def told_output(output: Output) -> str:
    """What a row holds."""
    match output:
        case Member(column):
            return f"each {column}"
        case Figure(name, value, distinct):
            return f"{name}({'different ' * distinct}{'scenes' if value is None else _scalar(value)})"
    return _scalar(output)


def _scalar(one: Scalar, is_moment: bool = False) -> str:
    match one:
        case Column(name):
            return name
        case Const(value):
            return _value(value, is_moment)
        case Apply(name, args):
            if name in ("+", "-", "*"):
                return f"({_scalar(args[0])} {name} {_scalar(args[1])})"
            if name in ("sensor iri", "band iri", "scene iri"):
                return _scalar(args[0]) if args else "scene"
            return f"{name}({', '.join(map(_scalar, args))})"
        case If(test, first, other):
            return f"if({told(test)}, {_scalar(first)}, {'unknown' if other is None else _scalar(other)})"
    assert_never(one)


def _is_moment(one: Scalar) -> bool:
    return isinstance(one, Column) and one.name in _MOMENTS


def _value(value: Value, is_moment: bool) -> str:
    return moment_text(int(value)) if is_moment else f"{value:g}" if isinstance(value, float) else str(value)


def _values(values: tuple[Value, ...], is_moment: bool) -> str:
    told = [_value(one, is_moment) for one in values[:_FEW]]
    more = [f"{len(values) - _FEW:,} more"] if len(values) > _FEW else []
    return " or ".join([*told, *more]) or "none"
