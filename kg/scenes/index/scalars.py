"""Scalars over a frame: values for many rows at once, unknown where SQL has NULL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.index.frames import Frame, Rows
from kg.scenes.index.vectors import NotHere, Vector
from kg.scenes.terms import Apply, Column, Const, If, Scalar
from ontology.namespaces import BASE

_SPANS = {"hour": 3_600_000_000, "minute": 60_000_000}
_DAY = 86_400_000_000


def scalar(one: Scalar, frame: Frame) -> Vector:
    """The values of a scalar.

    Raises:
        NotHere: the index does not know.
    """
    match one:
        case Column(name):
            return frame.column(name)
        case Const(value):
            return _constant(value, frame.count)
        case If(test, first, other):
            return _if(test, first, other, frame)
        case Apply("scene iri", _):
            return _scene_iris(frame)
        case Apply("coalesce", args):
            return _coalesce([scalar(arg, frame) for arg in args])
        case Apply(name, args):
            return _apply(name, [scalar(arg, frame) for arg in args])
    raise NotHere(type(one).__name__)


def _constant(value: Any, count: int) -> Vector:  # noqa: ANN401
    if isinstance(value, bool):
        return Vector("flag", np.full(count, value))
    if isinstance(value, int):
        if abs(value) >= 2**63:
            raise NotHere("a number beyond 64 bits")
        return Vector("number", np.full(count, value, np.int64))
    if isinstance(value, float):
        return Vector("number", np.full(count, value))
    data = np.empty(count, object)
    data[:] = value
    return Vector("text", data)


def _scene_iris(frame: Frame) -> Vector:
    if not isinstance(frame, Rows):
        raise NotHere("scene iri")
    return frame.iris()


def _if(test: Any, first: Scalar, other: Scalar | None, frame: Frame) -> Vector:  # noqa: ANN401
    from kg.scenes.index.masks import truth

    true, unknown = truth(test, frame)
    one = scalar(first, frame)
    if other is None:
        return Vector(one.kind, one.data, both(one.known, true))
    two = scalar(other, frame)
    if one.kind != two.kind:
        raise NotHere("values of two kinds")
    known = np.where(true, _known(one, frame.count), _known(two, frame.count))
    if unknown is not None:
        known &= ~unknown
    return Vector(one.kind, np.where(true, one.data, two.data), known)


def _coalesce(parts: list[Vector]) -> Vector:
    found = parts[0]
    for one in parts[1:]:
        if found.known is None:
            return found
        if one.kind != found.kind:
            raise NotHere("values of two kinds")
        known = found.known | _known(one, len(one.data))
        found = Vector(found.kind, np.where(found.known, found.data, one.data), known)
    return found


def _apply(name: str, args: list[Vector]) -> Vector:
    first = args[0]
    if name in ("sensor iri", "band iri"):
        stem = f"{BASE}{name.split()[0]}/"
        return _each(first, lambda text: stem + text)
    if name in ("lower", "upper"):
        return _each(first, _lower if name == "lower" else _upper)
    if any(one.kind != "number" for one in args):
        raise NotHere(name)
    if name in ("year", "month", "day", "hour", "minute"):
        return Vector("number", _calendar(name, first.data), first.known)
    a, b = (one.data.astype(np.float64) for one in args)
    made = a + b if name == "+" else a - b if name == "-" else a * b
    if not np.isfinite(made).all():
        raise NotHere("a number without bounds")
    return Vector("number", made, both(args[0].known, args[1].known))


def _each(one: Vector, function: Callable[[str], str]) -> Vector:
    if one.kind != "text":
        raise NotHere(one.kind)
    data = np.empty(len(one.data), object)
    data[:] = [function(text) if isinstance(text, str) else "" for text in one.data.tolist()]
    return Vector("text", data, one.known)


def _lower(text: str) -> str:
    if not text.isascii():  # engines differ there
        raise NotHere("lower")
    return text.lower()


def _upper(text: str) -> str:
    if not text.isascii():
        raise NotHere("upper")
    return text.upper()


def _calendar(name: str, micros: Array) -> Array:
    if name in _SPANS:
        per_day = 24 if name == "hour" else 60
        return np.asarray(micros // _SPANS[name] % per_day)
    days = (micros // _DAY).astype("datetime64[D]")
    if name == "year":
        return days.astype("datetime64[Y]").astype(np.int64) + 1970
    months = days.astype("datetime64[M]")
    if name == "month":
        return months.astype(np.int64) % 12 + 1
    return np.asarray((days - months.astype("datetime64[D]")).astype(np.int64) + 1)


def _known(one: Vector, count: int) -> Array:
    return np.ones(count, bool) if one.known is None else one.known


def both(a: Array | None, b: Array | None) -> Array | None:
    """Which rows are known in two vectors."""
    return b if a is None else a if b is None else a & b
