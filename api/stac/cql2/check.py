"""CQL2 JSON as a checked filter: properties are known, operands fit their operators, sizes are bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.stac.areas import box_area, geojson_area
from api.stac.cql2.nodes import (
    All,
    Array,
    ArrayOp,
    CompareOp,
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
    SpaceOp,
    Sum,
    Unknown,
    Value,
)
from api.stac.cql2.times import Interval, instant_of, relation
from api.stac.fields import Field, field_of
from api.stac.moments import day_of, micros_of
from ontology.errors import QueryError

DEPTH = 60
MOST_NODES = 3_000
MOST_SPACES = 5
_REMEDY = "See docs/reference/http.md for the supported parts of CQL2."
_COMPARES: dict[str, CompareOp] = {"=": "=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SPACES: dict[str, SpaceOp] = {
    "s_intersects": "intersects", "s_disjoint": "disjoint", "s_within": "within", "s_contains": "contains",
    "s_equals": "equals", "s_touches": "touches", "s_crosses": "crosses", "s_overlaps": "overlaps",
}  # fmt: skip
# with the geometry first and the footprint second
_TURNED: dict[SpaceOp, SpaceOp] = {"within": "contains", "contains": "within"}
_ARRAYS: dict[str, ArrayOp] = {
    "a_contains": "contains", "a_containedby": "containedby", "a_equals": "equals", "a_overlaps": "overlaps",
}  # fmt: skip
_TURNED_ARRAYS: dict[ArrayOp, ArrayOp] = {"contains": "containedby", "containedby": "contains"}
_SUMS = ("+", "-", "*", "/", "%", "^", "div")
_GEOMETRIES = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)


def check(tree: Any) -> Node:  # noqa: ANN401 - JSON from outside
    """The filter that CQL2 JSON describes.

    Raises:
        QueryError: it is no CQL2, uses what is not supported, or is too large.
    """
    return _Checker().test(tree, 0)


class _Checker:
    def __init__(self) -> None:
        self._nodes = self._spaces = 0

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > DEPTH:
            raise QueryError(f"The filter is nested deeper than {DEPTH}.", "Send a flatter one.")
        if self._nodes > MOST_NODES:
            raise QueryError(f"The filter has more than {MOST_NODES:,} parts.", "Send a shorter one.")

    def test(self, tree: Any, depth: int) -> Node:  # noqa: ANN401
        """What is true or false."""
        self._count(depth)
        if isinstance(tree, bool):
            return Fixed(tree)
        op, args = _call(tree)
        low = op.casefold()
        if low in ("and", "or"):
            if not args:
                raise QueryError(f"`{op}` has no arguments.", _REMEDY)
            parts = tuple(self.test(one, depth + 1) for one in args)
            return All(parts) if low == "and" else Some(parts)
        if low == "not":
            return Negated(self.test(_exactly(op, args, 1)[0], depth + 1))
        if low in _COMPARES:
            return self._comparison(_COMPARES[low], args, depth)
        if low == "between":
            if len(args) == 2 and isinstance(args[1], list):  # as drafts of the standard wrote it
                args = [args[0], *args[1]]
            value, least, most = _exactly(op, args, 3)
            parts = (self._comparison(">=", [value, least], depth), self._comparison("<=", [value, most], depth))
            return All(parts)
        if low == "like":
            text, pattern = (self.scalar(one, depth + 1) for one in _exactly(op, args, 2))
            return Like(_text(text), _text(pattern))
        if low == "in":
            return self._in(args, depth)
        if low == "isnull":
            return Unknown(_property(*_exactly(op, args, 1)))
        if low in _SPACES:
            return self._space(_SPACES[low], args)
        if low in _ARRAYS:
            return _array(_ARRAYS[low], *_exactly(op, args, 2))
        if low.startswith("t_"):
            first, second = (self._interval(one, depth + 1) for one in _exactly(op, args, 2))
            return relation(low[2:], first, second)
        raise QueryError(f"The filter has no operator {op[:40]!r} that is supported here.", _REMEDY)

    # --- scalars -----------------------------------------------------------------------------------------------

    def scalar(self, tree: Any, depth: int) -> Scalar:  # noqa: ANN401
        """What has one value."""
        self._count(depth)
        if isinstance(tree, str):
            return Value(tree, "text")
        if isinstance(tree, (int, float)) and not isinstance(tree, bool):
            if not abs(tree) < 1e300:
                raise QueryError("A number of the filter is too large.", _REMEDY)
            return Value(float(tree) if isinstance(tree, float) or abs(tree) >= 2**53 else tree, "number")
        if not isinstance(tree, Mapping):
            raise QueryError(f"The filter compares with {str(tree)[:40]!r}: no text, number or moment.", _REMEDY)
        if "property" in tree:
            field = _property(tree)
            if field.kind in ("texts", "geometry"):
                raise QueryError(f"`{field.name}` has no single value to compare.", "Use a_contains or s_intersects.")
            return Property(field)
        if "timestamp" in tree or "date" in tree:
            return Value(instant_of(tree), "moment")
        op, args = _call(tree)
        if op.casefold() in _SUMS:
            left, right = (self.scalar(one, depth + 1) for one in _exactly(op, args, 2))
            if left.kind != "number" or right.kind != "number":
                raise QueryError(f"`{op}` is for numbers.", _REMEDY)
            return Sum(op.casefold(), left, right)  # type: ignore[arg-type]
        if op.casefold() in ("casei", "accenti"):
            return Folded(op.casefold(), _text(self.scalar(_exactly(op, args, 1)[0], depth + 1)))  # type: ignore[arg-type]
        raise QueryError(f"The filter has no function {op[:40]!r} that is supported here.", _REMEDY)

    def _comparison(self, op: CompareOp, args: list[Any], depth: int) -> Node:
        left, right = (self.scalar(one, depth + 1) for one in _exactly(op, args, 2))
        left, right = _of_one_kind(left, right)
        return Comparison(op, left, right)

    def _in(self, args: list[Any], depth: int) -> Node:
        value, listed = _exactly("in", args, 2)
        if not isinstance(listed, list):
            raise QueryError("`in` takes a value and a list.", _REMEDY)
        found = self.scalar(value, depth + 1)
        each = tuple(_of_one_kind(found, self.scalar(one, depth + 1))[1] for one in listed)
        if any(one.kind != found.kind for one in each):
            raise QueryError("The list of `in` holds values of another kind.", _REMEDY)
        return OneOfList(found, each)

    # --- space, time, arrays -----------------------------------------------------------------------------------

    def _space(self, op: SpaceOp, args: list[Any]) -> Node:
        self._spaces += 1
        if self._spaces > MOST_SPACES:
            raise QueryError(f"The filter has more than {MOST_SPACES} spatial functions.", "Use one multipolygon.")
        one, two = _exactly(op, args, 2)
        if _is_property(two):
            one, two, op = two, one, _TURNED.get(op, op)
        if not _is_property(one) or _property(one).kind != "geometry":
            raise QueryError("Spatial functions take `geometry` and a geometry.", _REMEDY)
        if isinstance(two, Mapping) and two.get("type") in _GEOMETRIES:
            return Space(op, geojson_area(two))
        if isinstance(two, Mapping) and isinstance(two.get("bbox"), list):
            box = two["bbox"]
            if not all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in box):
                raise QueryError("The bounding box must have 4 or 6 numbers.", _REMEDY)
            return Space(op, box_area([float(each) for each in box]))
        raise QueryError("Spatial functions take `geometry` and a geometry.", _REMEDY)

    def _interval(self, tree: Any, depth: int) -> Interval:  # noqa: ANN401
        """Two moments, each a value or a property."""
        if isinstance(tree, Mapping) and isinstance(tree.get("interval"), list):
            ends = tree["interval"]
            if len(ends) != 2:
                raise QueryError("An interval has two ends.", _REMEDY)
            return Interval(self._end(ends[0], depth, last=False), self._end(ends[1], depth, last=True))
        if isinstance(tree, Mapping) and isinstance(tree.get("date"), str):
            return Interval.of_day(day_of(tree["date"]))
        found = self.scalar(tree, depth)
        if isinstance(found, Value) and found.kind == "text":
            found = Value(micros_of(str(found.value)), "moment")
        if found.kind != "moment":
            raise QueryError("Temporal functions take moments and intervals.", _REMEDY)
        return Interval(found, found)

    def _end(self, tree: Any, depth: int, *, last: bool) -> Scalar | None:  # noqa: ANN401
        if tree == "..":
            return None
        if isinstance(tree, str) or (isinstance(tree, Mapping) and isinstance(tree.get("date"), str)):
            text = tree if isinstance(tree, str) else tree["date"]
            if len(text) == 10:
                day = Interval.of_day(day_of(text))
                return day.end if last else day.start
            return Value(micros_of(text), "moment")
        found = self.scalar(tree, depth)
        if found.kind != "moment":
            raise QueryError("The ends of an interval are moments.", _REMEDY)
        return found


def _call(tree: Any) -> tuple[str, list[Any]]:  # noqa: ANN401
    if not isinstance(tree, Mapping) or not isinstance(tree.get("op"), str):
        raise QueryError("The filter is no CQL2 JSON: an object with `op` and `args` is missing.", _REMEDY)
    args = tree.get("args")
    if not isinstance(args, list):
        raise QueryError(f"`{tree['op'][:40]}` has no list `args`.", _REMEDY)
    return tree["op"], args


def _exactly(op: str, args: list[Any], count: int) -> list[Any]:
    if len(args) != count:
        raise QueryError(f"`{op}` takes {count} argument{'s' if count > 1 else ''}, not {len(args)}.", _REMEDY)
    return args


def _is_property(tree: Any) -> bool:  # noqa: ANN401
    return isinstance(tree, Mapping) and "property" in tree


def _property(tree: Any) -> Field:  # noqa: ANN401
    if not isinstance(tree, Mapping) or not isinstance(tree.get("property"), str):
        raise QueryError("The filter must name a property there.", _REMEDY)
    return field_of(tree["property"])


def _text(scalar: Scalar) -> Scalar:
    if scalar.kind != "text":
        raise QueryError("That operator is for texts.", _REMEDY)
    return scalar


def _of_one_kind(left: Scalar, right: Scalar) -> tuple[Scalar, Scalar]:
    """Both; a text beside a moment is read as one, for clients write moments as plain texts too."""
    for one, two in ((left, right), (right, left)):
        if one.kind == "moment" and isinstance(two, Value) and two.kind == "text":
            text = str(two.value)
            read = Value(day_of(text) if len(text) == 10 else micros_of(text), "moment")
            return (one, read) if one is left else (read, one)
    if left.kind != right.kind:
        raise QueryError(f"The filter compares a {left.kind} with a {right.kind}.", _REMEDY)
    return left, right


def _array(op: ArrayOp, one: Any, two: Any) -> Node:  # noqa: ANN401
    if _is_property(two) and not _is_property(one):
        one, two, op = two, one, _TURNED_ARRAYS.get(op, op)
    field = _property(one)
    if field.kind != "texts":
        raise QueryError(f"`{field.name}` is no list.", "Lists are instruments and sar:polarizations.")
    if not isinstance(two, list) or not all(isinstance(each, str) for each in two) or len(two) > 1_000:
        raise QueryError("Array functions take a property and a list of texts.", _REMEDY)
    return Array(op, field, tuple(two))
