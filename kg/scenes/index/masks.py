"""Tests over a frame: true, false or unknown for many rows at once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.frames import Frame, Rows, Values, columns_of
from kg.scenes.index.look import meets
from kg.scenes.index.part import Part, numbers_of
from kg.scenes.index.scalars import both, scalar
from kg.scenes.index.vectors import Coded, NotHere, Vector
from kg.scenes.terms import (
    FLIPPED,
    All,
    AnyOf,
    Boxes,
    Compare,
    Const,
    Either,
    Known,
    Not,
    NotNull,
    NotTrue,
    SceneIn,
    Test,
    TextTest,
)

Truth = tuple[Array, Array | None]
"""Where a test is true, and where it is unknown (None: nowhere)."""

_COMPARES: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains, "starts": str.startswith, "ends": str.endswith,
}  # fmt: skip


def truth(test: Test, frame: Frame) -> Truth:
    """Where a test is true and where it is unknown.

    Raises:
        NotHere: the index does not know.
    """
    if isinstance(frame, Rows):
        looked = lookup(test, frame.part)
        if looked is not None:
            column, true, unknown = looked
            codes = column.take(frame.rows, frame.count)
            return true[codes], None if unknown is None else unknown[codes]
    match test:
        case Compare():
            return _compare(test, frame)
        case AnyOf(name, values):
            return _any_of(name, values, frame)
        case Known(name):
            return _known(name, frame), None
        case NotNull(value):
            known = scalar(value, frame).known
            return (np.ones(frame.count, bool) if known is None else known), None
        case TextTest():
            return _text_test(test, frame)
        case SceneIn(keys):
            return _scene_in(keys, frame), None
        case Boxes():
            return _boxes(test, frame), None
        case All(parts):
            return _all(parts, frame)
        case Either(parts):
            return _either(parts, frame)
        case Not(part):
            true, unknown = truth(part, frame)
            return (~true if unknown is None else ~(true | unknown)), unknown
        case NotTrue(part):
            return ~truth(part, frame)[0], None
    raise NotHere(type(test).__name__)


def lookup(test: Test, part: Part) -> tuple[Coded, Array, Array | None] | None:
    """A test about one coded column, as tables by code; None: it is about something else."""
    names = columns_of(test)
    if len(names) != 1:
        return None
    name = next(iter(names))
    if name in ("bbox", "scene", "geometry"):
        return None
    column = part.column(name)
    if not isinstance(column, Coded):
        return None
    true, unknown = part.kept(test, lambda: truth(test, Values(name, column)))
    return column, true, unknown


def _compare(test: Compare, frame: Frame) -> Truth:
    op, left, right = test.op, test.left, test.right
    if isinstance(left, Const):
        op, left, right = FLIPPED[op], right, left
    one = scalar(left, frame)
    if isinstance(right, Const):  # compared with the value itself: no column of it is made
        value = right.value
        _check(one, _kind_of(value))
        return _result(np.asarray(_COMPARES[op](one.data, value), bool), one.known)
    two = scalar(right, frame)
    _check(one, two.kind)
    return _result(np.asarray(_COMPARES[op](one.data, two.data), bool), both(one.known, two.known))


def _kind_of(value: Any) -> str:  # noqa: ANN401
    return "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _check(one: Vector, kind: str) -> None:
    if one.kind != kind or kind in ("list", "footprint"):
        raise NotHere(f"{one.kind} compared with {kind}")


def _result(true: Array, known: Array | None) -> Truth:
    return (true, None) if known is None else (true & known, ~known)


def _any_of(name: str, values: tuple[Any, ...], frame: Frame) -> Truth:
    if not values:
        return np.zeros(frame.count, bool), None
    one = frame.column(name)
    if one.kind == "list":
        wanted = set(values)
        return _result(np.array([not wanted.isdisjoint(each) for each in one.data.tolist()], bool), one.known)
    for value in values:
        _check(one, _kind_of(value))
    if one.kind == "text":
        wanted = set(values)
        return _result(np.array([each in wanted for each in one.data.tolist()], bool), one.known)
    true = np.zeros(frame.count, bool)
    if len(values) <= 8:
        for value in values:
            true |= one.data == value
    else:
        true = np.isin(one.data, np.array(values))
    return _result(true, one.known)


def _known(name: str, frame: Frame) -> Array:
    if name == "geometry" or (isinstance(frame, Rows) and name == "id"):
        known = frame.known(name)
        return known & np.array([bool(one) for one in frame.column(name).data], bool) if name == "id" else known
    one = frame.column(name)
    known = np.ones(frame.count, bool) if one.known is None else one.known
    if one.kind == "flag":
        return np.asarray(known & one.data)
    if one.kind in ("text", "list"):
        return np.asarray(known & np.array([bool(each) for each in one.data.tolist()], bool))
    return known


def _text_test(test: TextTest, frame: Frame) -> Truth:
    text, part = scalar(test.text, frame), scalar(test.part, frame)
    _check(text, "text")
    _check(part, "text")
    holds = _TEXT_TESTS[test.op]
    known = both(text.known, part.known)
    pairs = zip(text.data.tolist(), part.data.tolist(), strict=True)
    return _result(np.array([bool(a is not None and holds(a, b)) for a, b in pairs], bool), known)


def _scene_in(keys: tuple[tuple[str, str], ...], frame: Frame) -> Array:
    if not isinstance(frame, Rows):
        raise NotHere("scene")
    return np.isin(numbers_of(frame.rows), scene_rows(keys, frame.part))


def scene_rows(keys: tuple[tuple[str, str], ...], part: Part) -> Array:
    """Rows of scenes, ascending."""
    from kg.scenes.index.texts import Texts

    ids = part.column("id")
    if not isinstance(ids, Texts):
        raise NotHere("id")
    near = ids.find([key for _, key in keys])
    wanted = set(keys)
    collections = Rows(part, near).column("collection").python()
    kept = [pair in wanted for pair in zip(collections, ids.take(near), strict=True)]
    return np.asarray(near[np.array(kept, bool)])


def text_rows(name: str, values: Sequence[str], part: Part) -> Array | None:
    """Rows whose text is one of some, ascending, found by their hashes; None where the column's texts have none.

    Raises:
        NotHere: the index does not hold the column.
    """
    from kg.scenes.index.texts import Texts

    column = part.column(name)
    if not isinstance(column, Texts):
        return None
    near = column.find(values)
    wanted = set(values)
    return np.asarray(near[np.array([one in wanted for one in column.take(near)], bool)])


def _boxes(test: Boxes, frame: Frame) -> Array:
    if not isinstance(frame, Rows):
        raise NotHere("bbox")
    part = frame.part
    near = part.kept(test, lambda: part.cells.near(test.boxes))
    true = near[part.cells.code[frame.rows]]
    at = np.flatnonzero(true)
    if len(at):
        rows = at + frame.rows.start if isinstance(frame.rows, slice) else frame.rows[at]
        true[at] = meets(part.footprints.bounds(rows), test)
    return np.asarray(true)


def _all(parts: tuple[Test, ...], frame: Frame) -> Truth:
    true = np.ones(frame.count, bool)
    unknown: Array | None = None
    for part in parts:
        t, u = truth(part, frame)
        if u is not None or unknown is not None:
            # unknown where neither is false and one is unknown
            a, b = _or_none(unknown, frame.count), _or_none(u, frame.count)
            unknown = (true | a) & (t | b) & (a | b)
        true = true & t
    return true, unknown


def _either(parts: tuple[Test, ...], frame: Frame) -> Truth:
    true = np.zeros(frame.count, bool)
    unknown: Array | None = None
    for part in parts:
        t, u = truth(part, frame)
        true = true | t
        if u is not None:
            unknown = u if unknown is None else unknown | u
    return true, None if unknown is None else unknown & ~true


def _or_none(mask: Array | None, count: int) -> Array:
    return np.zeros(count, bool) if mask is None else mask
