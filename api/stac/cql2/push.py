"""What of a filter the columns decide themselves, and what is left to be decided row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.stac.cql2.nodes import (
    All,
    Array,
    Comparison,
    Fixed,
    Folded,
    Like,
    Negated,
    Node,
    OneOfList,
    Property,
    Scalar,
    Some,
    Space,
    Sum,
    Unknown,
    Value,
    conjuncts,
)
from kg.scenes import Spatial
from kg.scenes import terms as t

# relations that the scenes tier decides
_SPATIAL = ("intersects", "within", "contains", "disjoint")


@dataclass(frozen=True, slots=True)
class Pushed:
    """A filter in two halves, both of which must hold.

    Attributes:
        tests: over columns.
        spatial: conditions on footprints.
        rest: what must be decided row by row, of the rows that pass the others; None: nothing.
    """

    tests: tuple[t.Test, ...] = ()
    spatial: tuple[Spatial, ...] = ()
    rest: Node | None = None


def push(filters: Sequence[Node]) -> Pushed:
    """Pushes what is possible of filters that must all hold."""
    tests: list[t.Test] = []
    spatial: list[Spatial] = []
    rest: list[Node] = []
    for node in (one for each in filters for one in conjuncts(each)):
        if isinstance(node, Space):
            if node.op in _SPATIAL:
                spatial.append(Spatial(node.op, node.geometry))  # type: ignore[arg-type]
            else:
                spatial.append(Spatial("intersects", node.geometry))  # what touches, crosses ... also meets
                rest.append(node)
            continue
        test = _test(node)
        if test is None:
            rest.append(node)
        else:
            tests.append(test)
    return Pushed(tuple(tests), tuple(spatial), All(tuple(rest)) if rest else None)


def _test(node: Node) -> t.Test | None:
    """The very test, unknown where the node is; None where columns cannot tell."""
    match node:
        case Fixed(holds):
            return t.ALWAYS if holds else t.NEVER
        case All(parts) | Some(parts):
            made = [_test(one) for one in parts]
            if any(one is None for one in made):
                return None
            known = tuple(one for one in made if one is not None)
            return t.All(known) if isinstance(node, All) else t.Either(known)
        case Negated(part):
            inner = _test(part)
            return None if inner is None else t.Not(inner)
        case Comparison(op, left, right):
            one, two = _scalar(left), _scalar(right)
            if one is None or two is None or (isinstance(one, t.Const) and isinstance(two, t.Const)):
                return None
            return t.Compare(op, one, two)
        case OneOfList(value, listed):
            return _one_of(value, listed)
        case Unknown(field):
            return t.Not(t.Known(field.column))
        case Like(text, pattern):
            return _like(text, pattern)
        case Array("overlaps", field, values):
            return t.All((t.Known(field.column), t.AnyOf(field.column, values)))
        case Array("contains", field, values):
            return t.All((t.Known(field.column), *(t.AnyOf(field.column, (one,)) for one in values)))
    return None


def _one_of(value: Scalar, listed: tuple[Scalar, ...]) -> t.Test | None:
    values = tuple(one.value for one in listed if isinstance(one, Value))
    if len(values) < len(listed):
        return None
    if isinstance(value, Property):
        return t.AnyOf(value.field.column, values)
    column = _scalar(value)
    if column is None or isinstance(column, t.Const):
        return None
    return t.Either(tuple(t.Compare("=", column, t.Const(one)) for one in values))


def _like(text: Scalar, pattern: Scalar) -> t.Test | None:
    """Patterns with `%` at their ends alone."""
    subject = _scalar(text)
    folded = isinstance(pattern, Folded) and pattern.how == "casei"
    inner = pattern.text if isinstance(pattern, Folded) and folded else pattern
    if subject is None or isinstance(subject, t.Const) or not isinstance(inner, Value):
        return None
    words = str(inner.value).lower() if folded else str(inner.value)
    middle = words.strip("%")
    if any(one in middle for one in "%_\\"):
        return None
    if words.startswith("%") and words.endswith("%"):
        return t.TextTest("contains", subject, t.Const(middle))
    if words.endswith("%"):
        return t.TextTest("starts", subject, t.Const(middle))
    if words.startswith("%"):
        return t.TextTest("ends", subject, t.Const(middle))
    return t.Compare("=", subject, t.Const(middle))


def _scalar(node: Scalar) -> t.Scalar | None:
    match node:
        case Value(value):
            return t.Const(value) if not isinstance(value, float) or math.isfinite(value) else None
        case Property(field):
            return t.Column(field.column)
        case Sum("+" | "-" | "*" as op, left, right):
            one, two = _scalar(left), _scalar(right)
            return None if one is None or two is None else t.Apply(op, (one, two))
        case Folded("casei", text):
            inner = _scalar(text)
            if isinstance(inner, t.Const):
                return t.Const(str(inner.value).lower())
            return None if inner is None else t.Apply("lower", (inner,))
    return None
