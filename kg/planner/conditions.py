"""Expressions as scalars and tests over the columns of scenes, where they mean the same.

SPARQL's errors and unknown values behave alike in conditions: both drop the row, both give way in `||` and `&&`. What
has no exact counterpart here is left out (None), and the store decides it; a condition that was left out makes the
result of the columns a superset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from typing import Literal as OneOf

from kg.geosparql.relations import SIMPLE as RELATIONS
from kg.geosparql.shape import wgs84_geometry as geometry
from kg.geosparql.units import metres_of
from kg.scenes import Relation, Spatial
from kg.scenes.terms import (
    FLIPPED,
    All,
    Apply,
    Column,
    Compare,
    Const,
    Either,
    Function,
    If,
    Known,
    Not,
    Operator,
    Scalar,
    SceneIn,
    Test,
    TextTest,
)
from kg.sparql.syntax import Call, Expr, Var
from kg.virtual import Attribute, micros_of, scene_keys
from ontology.errors import GeometryError
from ontology.namespaces import PREFIXES
from ontology.terms import IRI, XSD, Literal, Term

Kind = OneOf["number", "text", "moment", "thing"]
_GEOF = PREFIXES["geof"]
_CALENDAR: dict[str, Function] = {
    "YEAR": "year",
    "MONTH": "month",
    "DAY": "day",
    "HOURS": "hour",
    "MINUTES": "minute",
}
_TEXT_TESTS: dict[str, OneOf["contains", "starts", "ends"]] = {
    "CONTAINS": "contains",
    "STRSTARTS": "starts",
    "STRENDS": "ends",
}
_MEETING = {"sfIntersects", "sfWithin", "sfContains", "sfEquals", "sfTouches", "sfOverlaps", "sfCrosses"}
_EXACT: dict[str, Relation] = {
    "sfIntersects": "intersects",
    "sfWithin": "within",
    "sfContains": "contains",
    "sfDisjoint": "disjoint",
}
_FEW_AREAS = 8
_SWAPPED: dict[str, str] = {"sfWithin": "sfContains", "sfContains": "sfWithin"}


SCENE_IRI = Apply("scene iri")


@dataclass(frozen=True, slots=True)
class Typed:
    """A scalar and what kind of value it has; `thing`: the text of an IRI."""

    value: Scalar
    kind: Kind


@dataclass(slots=True)
class Columns:
    """What the variables of a query stand for in a table of scenes.

    Attributes:
        subject: variable of the scene.
        attributes: variables that hold the value of a single-valued column.
        footprints: variables that hold the footprint as WKT.
        known: terms that a variable of the graph may have.
        bound: expressions that BIND gave a name.
    """

    subject: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)
    footprints: set[str] = field(default_factory=set)
    known: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    bound: dict[str, Expr] = field(default_factory=dict)

    # --- values ------------------------------------------------------------------------------------------------

    def scalar(self, expr: Expr) -> Typed | None:
        """An expression over columns; None where no scalar means the same."""
        match expr:
            case Var(name):
                return self._variable(name)
            case Literal():
                return self._literal(expr)
            case IRI():
                return Typed(Const(str(expr)), "thing")
            case Call(name, args):
                return self._function(name, args)
        return None

    def _variable(self, name: str) -> Typed | None:
        if name in self.attributes:
            return self.column(self.attributes[name])
        if name in self.bound:
            return self.scalar(self.bound[name])
        if name == self.subject:
            return Typed(SCENE_IRI, "thing")
        terms = self.known.get(name, ())
        if len(terms) == 1 and not isinstance(terms[0], str):
            return self._literal(terms[0])
        return Typed(Const(str(terms[0])), "thing") if len(terms) == 1 else None

    def column(self, attribute: Attribute) -> Typed | None:
        """A column as a value; None for lists."""
        if attribute.many or attribute.kind == "boolean":
            return None
        column = Column(attribute.column)
        if attribute.kind in ("sensor", "band"):
            return Typed(Apply("sensor iri" if attribute.kind == "sensor" else "band iri", (column,)), "thing")
        kind: Kind = "moment" if attribute.kind == "moment" else "text" if attribute.kind == "text" else "number"
        return Typed(column, kind)

    def _literal(self, term: Literal) -> Typed | None:
        value = term.to_python()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Typed(Const(float(value)), "number") if abs(value) < 2**53 else None
        if term.datatype == XSD + "string":
            return Typed(Const(term.value), "text")
        moment = micros_of(term)
        return None if moment is None else Typed(Const(moment), "moment")

    def _function(self, name: str, args: tuple[Expr, ...]) -> Typed | None:
        if name == "IF" and len(args) == 3:
            return self._if(args)
        parts = [one for one in map(self.scalar, args) if one is not None]
        if len(parts) < len(args):
            return None
        kinds = [one.kind for one in parts]
        values = tuple(one.value for one in parts)
        if name in _CALENDAR and kinds == ["moment"]:
            return Typed(Apply(_CALENDAR[name], values), "number")
        if name == "STR" and kinds in (["text"], ["thing"]):
            return Typed(values[0], "text")
        if name in ("LCASE", "UCASE") and kinds == ["text"]:
            return Typed(Apply("lower" if name == "LCASE" else "upper", values), "text")
        if name == "COALESCE" and len(set(kinds)) == 1:
            return Typed(Apply("coalesce", values), kinds[0])
        if name in ("+", "-", "*") and kinds == ["number", "number"]:
            return Typed(Apply(cast(Function, name), values), "number")
        return None

    def _if(self, args: tuple[Expr, ...]) -> Typed | None:
        test, exact = self.test(args[0])
        one, other = self.scalar(args[1]), self.scalar(args[2])
        if test is None or not exact or one is None or other is None or one.kind != other.kind:
            return None
        return Typed(If(test, one.value, other.value), one.kind)

    # --- conditions --------------------------------------------------------------------------------------------

    def test(self, expr: Expr) -> tuple[Test | None, bool]:
        """A test that holds at least where a condition does, and whether nowhere else; None: nothing is known."""
        if not isinstance(expr, Call):
            return None, False
        name, args = expr.name, expr.args
        match name:
            case "&&":
                found = [self.test(one) for one in args]
                kept = tuple(one for one, _ in found if one is not None)
                return (All(kept) if kept else None), all(one is not None and exact for one, exact in found)
            case "||":
                found = [self.test(one) for one in args]
                kept = tuple(one for one, _ in found if one is not None)
                return (Either(kept), all(exact for _, exact in found)) if len(kept) == len(found) else (None, False)
            case "!":
                one, exact = self.test(args[0])
                return (Not(one), True) if one is not None and exact else (None, False)
            case "in" | "not in":
                return self._in(args[0], args[1:], name == "not in")
            case "BOUND":
                return self._is_bound(args[0])
        if name in FLIPPED and len(args) == 2:
            return self._compare(cast(Operator, name), args[0], args[1])
        return self._call(name, args)

    def _is_bound(self, arg: Expr) -> tuple[Test | None, bool]:
        found = self.attributes.get(arg.name) if isinstance(arg, Var) else None
        return (None, False) if found is None or self.column(found) is None else (Known(found.column), True)

    def _compare(self, op: Operator, left: Expr, right: Expr) -> tuple[Test | None, bool]:
        if isinstance(left, IRI) or (isinstance(left, Var) and len(self.known.get(left.name, ())) == 1):
            left, right, op = right, left, FLIPPED[op]
        if isinstance(left, Var) and left.name == self.subject and isinstance(right, IRI) and op in ("=", "!="):
            same = SceneIn(scene_keys((right,)))
            return (same if op == "=" else Not(same)), True
        a, b = self.scalar(left), self.scalar(right)
        if a is None or b is None or a.kind != b.kind:
            return None, False
        if a.kind == "thing" and op not in ("=", "!="):
            return None, False
        return Compare(op, a.value, b.value), True

    def _in(self, value: Expr, items: tuple[Expr, ...], negated: bool) -> tuple[Test | None, bool]:
        found = [one for one, _ in (self._compare("=", value, item) for item in items) if one is not None]
        if len(found) < len(items):
            return None, False
        either = Either(tuple(found))
        return (Not(either) if negated else either), True

    def _call(self, name: str, args: tuple[Expr, ...]) -> tuple[Test | None, bool]:
        if name in _TEXT_TESTS and len(args) == 2:
            text, part = map(self.scalar, args)
            if text is not None and part is not None and text.kind == part.kind == "text":
                return TextTest(_TEXT_TESTS[name], text.value, part.value), True
        return None, False

    # --- footprints --------------------------------------------------------------------------------------------

    def spatial(self, expr: Expr) -> tuple[Spatial | None, bool]:
        """A condition on the footprint as `Spatial`, and whether it means just that; None: it is none."""
        if not isinstance(expr, Call):
            return None, False
        expr = Call(expr.name, tuple(map(self._unnamed, expr.args)))
        try:
            if expr.name.startswith(_GEOF) and len(expr.args) == 2:
                return self._relation(expr.name.removeprefix(_GEOF), *expr.args)
            if expr.name in ("<", "<=", ">", ">=") and len(expr.args) == 2:
                return self._distance(expr.name, *expr.args)
        except GeometryError:
            return None, False
        return None, False

    def _unnamed(self, expr: Expr) -> Expr:
        """An expression itself, where BIND gave it a name."""
        for _ in range(len(self.bound)):
            if isinstance(expr, Var) and expr.name in self.bound:
                expr = self.bound[expr.name]
        return expr

    def _relation(self, name: str, left: Expr, right: Expr) -> tuple[Spatial | None, bool]:
        if name not in RELATIONS:
            return None, False
        if self._is_footprint(right):
            left, right, name = right, left, _SWAPPED.get(name, name)
        areas = self._areas(right) if self._is_footprint(left) else ()
        if not areas:
            return None, False
        if len(areas) == 1 and name in _EXACT:
            return Spatial(_EXACT[name], areas[0]), True
        if name in _MEETING:
            return Spatial("intersects", _union(areas)), name == "sfIntersects"
        return None, False

    def _distance(self, op: str, left: Expr, right: Expr) -> tuple[Spatial | None, bool]:
        if op in (">", ">="):
            left, right, op = right, left, FLIPPED[op]
        measured = self.distance(left) if isinstance(left, Call) else None
        limit = right.to_python() if isinstance(right, Literal) else ""
        if measured is None or isinstance(limit, (str, bool)):
            return None, False
        shape, scale = measured
        return Spatial("distance", shape, limit * scale, op == "<"), True

    def distance(self, call: Call) -> tuple[Any, float] | None:
        """The known shape from which a call measures a footprint, and metres in its unit; None: it does not."""
        args = call.args
        try:
            if call.name == _GEOF + "distance" and len(args) == 3 and isinstance(args[2], IRI):
                scale = metres_of(args[2])
            elif call.name == _GEOF + "metricDistance" and len(args) == 2:
                scale = 1.0
            else:
                return None
            one, other = (args[1], args[0]) if self._is_footprint(args[1]) else (args[0], args[1])
            areas = self._areas(other) if self._is_footprint(one) else ()
        except GeometryError:
            return None
        return (_union(areas), scale) if areas else None

    def _is_footprint(self, expr: Expr) -> bool:
        return isinstance(expr, Var) and expr.name in self.footprints

    def _areas(self, expr: Expr) -> tuple[Any, ...]:
        if isinstance(expr, Literal):
            return (geometry(expr),)
        if isinstance(expr, Var):
            return tuple(geometry(one) for one in self.known.get(expr.name, ()))
        return ()


def _union(areas: tuple[Any, ...]) -> Any:  # noqa: ANN401
    import shapely

    if len(areas) == 1:
        return areas[0]
    if len(areas) > _FEW_AREAS:  # no index helps with a collection: only its boxes are looked at
        return shapely.GeometryCollection(list(areas))
    return shapely.union_all([shapely.make_valid(one) for one in areas])
