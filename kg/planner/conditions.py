"""Expressions as SQL over the columns of scenes, where SQL means the same.

SPARQL's errors and SQL's NULL behave alike in conditions: both drop the row, both give way in `||` and `&&`. What has
no exact counterpart here is left out (None), and the store decides it; a condition that was left out makes the result
of the columns a superset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from typing import Literal as OneOf

from kg.functions import RELATIONS, geometry, metres_of
from kg.scenes import Relation, Spatial
from kg.sparql.syntax import Call, Expr, Var
from kg.virtual import SCENE_IRI_SQL, Attribute, micros_of, scene_key
from ontology.errors import GeometryError
from ontology.namespaces import BASE, PREFIXES
from ontology.terms import IRI, XSD, Literal, Term

Kind = OneOf["number", "text", "moment", "thing"]
_GEOF = PREFIXES["geof"]
_CALENDAR = {"YEAR": "year", "MONTH": "month", "DAY": "day", "HOURS": "hour", "MINUTES": "minute"}
_COMPARES = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MEETING = {"sfIntersects", "sfWithin", "sfContains", "sfEquals", "sfTouches", "sfOverlaps", "sfCrosses"}
_EXACT: dict[str, Relation] = {
    "sfIntersects": "intersects",
    "sfWithin": "within",
    "sfContains": "contains",
    "sfDisjoint": "disjoint",
}
_FEW_AREAS = 8
_SWAPPED: dict[str, str] = {"sfWithin": "sfContains", "sfContains": "sfWithin"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """An SQL expression and what kind of value it has; `thing`: the text of an IRI."""

    sql: str
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
        parameters: values of the SQL, filled as it is written.
    """

    subject: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)
    footprints: set[str] = field(default_factory=set)
    known: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    bound: dict[str, Expr] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)

    def parameter(self, value: Any) -> str:  # noqa: ANN401
        """The placeholder of a value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    # --- values ------------------------------------------------------------------------------------------------

    def scalar(self, expr: Expr) -> Scalar | None:
        """An expression as SQL; None where SQL would not mean the same."""
        match expr:
            case Var(name):
                return self._variable(name)
            case Literal():
                return self._literal(expr)
            case IRI():
                return Scalar(self.parameter(str(expr)), "thing")
            case Call(name, args):
                return self._function(name, args)
        return None

    def _variable(self, name: str) -> Scalar | None:
        if name in self.attributes:
            return self.column(self.attributes[name])
        if name in self.bound:
            return self.scalar(self.bound[name])
        if name == self.subject:
            return Scalar(SCENE_IRI_SQL, "thing")
        terms = self.known.get(name, ())
        if len(terms) == 1 and not isinstance(terms[0], str):
            return self._literal(terms[0])
        return Scalar(self.parameter(str(terms[0])), "thing") if len(terms) == 1 else None

    def column(self, attribute: Attribute) -> Scalar | None:
        """A column as a value; None for lists."""
        if attribute.many or attribute.kind == "boolean":
            return None
        if attribute.kind in ("sensor", "band"):
            return Scalar(f"('{BASE}{attribute.kind}/' || {attribute.column})", "thing")
        kind: Kind = "moment" if attribute.kind == "moment" else "text" if attribute.kind == "text" else "number"
        return Scalar(attribute.sql, kind)

    def _literal(self, term: Literal) -> Scalar | None:
        value = term.to_python()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Scalar(f"{self.parameter(float(value))}::DOUBLE", "number") if abs(value) < 2**53 else None
        if term.datatype == XSD + "string":
            return Scalar(self.parameter(term.value), "text")
        moment = micros_of(term)
        return None if moment is None else Scalar(f"{self.parameter(moment)}::BIGINT", "moment")

    def _function(self, name: str, args: tuple[Expr, ...]) -> Scalar | None:
        if name == "IF" and len(args) == 3:
            return self._if(args)
        values = [self.scalar(one) for one in args]
        if any(one is None for one in values):
            return None
        parts = [one for one in values if one is not None]
        kinds = [one.kind for one in parts]
        if name in _CALENDAR and kinds == ["moment"]:
            return Scalar(f"date_part('{_CALENDAR[name]}', make_timestamp({parts[0].sql}))", "number")
        if name == "STR" and kinds in (["text"], ["thing"]):
            return Scalar(parts[0].sql, "text")
        if name in ("LCASE", "UCASE") and kinds == ["text"]:
            return Scalar(f"{'lower' if name == 'LCASE' else 'upper'}({parts[0].sql})", "text")
        if name == "COALESCE" and len(set(kinds)) == 1:
            return Scalar(f"coalesce({', '.join(one.sql for one in parts)})", kinds[0])
        if name in ("+", "-", "*") and kinds == ["number", "number"]:
            return Scalar(f"({parts[0].sql}::DOUBLE {name} {parts[1].sql}::DOUBLE)", "number")
        return None

    def _if(self, args: tuple[Expr, ...]) -> Scalar | None:
        test, exact = self.test(args[0])
        one, other = self.scalar(args[1]), self.scalar(args[2])
        if test is None or not exact or one is None or other is None or one.kind != other.kind:
            return None
        return Scalar(f"CASE WHEN {test} THEN {one.sql} WHEN NOT {test} THEN {other.sql} END", one.kind)

    # --- conditions --------------------------------------------------------------------------------------------

    def test(self, expr: Expr) -> tuple[str | None, bool]:
        """A condition as SQL that holds at least where it does, and whether nowhere else; None: nothing is known."""
        if not isinstance(expr, Call):
            return None, False
        name, args = expr.name, expr.args
        match name:
            case "&&":
                found = [self.test(one) for one in args]
                kept = [sql for sql, _ in found if sql is not None]
                return (f"({' AND '.join(kept)})" if kept else None), all(sql and exact for sql, exact in found)
            case "||":
                found = [self.test(one) for one in args]
                if any(sql is None for sql, _ in found):
                    return None, False
                return f"({' OR '.join(str(sql) for sql, _ in found)})", all(exact for _, exact in found)
            case "!":
                sql, exact = self.test(args[0])
                return (f"(NOT {sql})", True) if sql is not None and exact else (None, False)
            case "in" | "not in":
                return self._in(args[0], args[1:], name == "not in")
            case "BOUND":
                return self._is_bound(args[0])
        if name in _COMPARES and len(args) == 2:
            return self._compare(name, args[0], args[1])
        return self._call(name, args)

    def _is_bound(self, arg: Expr) -> tuple[str | None, bool]:
        found = self.scalar(arg) if isinstance(arg, Var) and arg.name in self.attributes else None
        return (None, False) if found is None else (f"({found.sql} IS NOT NULL)", True)

    def _compare(self, op: str, left: Expr, right: Expr) -> tuple[str | None, bool]:
        if isinstance(left, IRI) or (isinstance(left, Var) and len(self.known.get(left.name, ())) == 1):
            left, right, op = right, left, _FLIPPED[op]
        if isinstance(left, Var) and left.name == self.subject and isinstance(right, IRI) and op in ("=", "!="):
            key = scene_key(right)
            same = "false" if key is None else (
                f"(collection = {self.parameter(key[0])} AND id = {self.parameter(key[1])})"
            )  # fmt: skip
            return (same if op == "=" else f"(NOT {same})"), True
        a, b = self.scalar(left), self.scalar(right)
        if a is None or b is None or a.kind != b.kind:
            return None, False
        if a.kind == "thing" and op not in ("=", "!="):
            return None, False
        return f"({a.sql} {_COMPARES[op]} {b.sql})", True

    def _in(self, value: Expr, items: tuple[Expr, ...], negated: bool) -> tuple[str | None, bool]:
        found = [self._compare("=", value, one) for one in items]
        if any(sql is None for sql, _ in found):
            return None, False
        either = f"({' OR '.join(str(sql) for sql, _ in found) or 'false'})"
        return (f"(NOT {either})" if negated else either), True

    def _call(self, name: str, args: tuple[Expr, ...]) -> tuple[str | None, bool]:
        functions = {"CONTAINS": "contains", "STRSTARTS": "starts_with", "STRENDS": "ends_with"}
        if name in functions and len(args) == 2:
            values = [self.scalar(one) for one in args]
            if all(one is not None and one.kind == "text" for one in values):
                return f"{functions[name]}({', '.join(one.sql for one in values if one)})", True
        return None, False

    # --- footprints --------------------------------------------------------------------------------------------

    def spatial(self, expr: Expr) -> tuple[Spatial | None, bool]:
        """A condition on the footprint as `Spatial`, and whether it means just that; None: it is none."""
        if not isinstance(expr, Call):
            return None, False
        try:
            if expr.name.startswith(_GEOF) and len(expr.args) == 2:
                return self._relation(expr.name.removeprefix(_GEOF), *expr.args)
            if expr.name in ("<", "<=", ">", ">=") and len(expr.args) == 2:
                return self._distance(expr.name, *expr.args)
        except GeometryError:
            return None, False
        return None, False

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
            left, right, op = right, left, _FLIPPED[op]
        if not isinstance(left, Call) or not isinstance(right, Literal):
            return None, False
        limit = right.to_python()
        args = left.args
        if isinstance(limit, (str, bool)):
            return None, False
        if left.name == _GEOF + "distance" and len(args) == 3 and isinstance(args[2], IRI):
            scale = metres_of(args[2])
        elif left.name == _GEOF + "metricDistance" and len(args) == 2:
            scale = 1.0
        else:
            return None, False
        one, other = (args[1], args[0]) if self._is_footprint(args[1]) else (args[0], args[1])
        areas = self._areas(other) if self._is_footprint(one) else ()
        return (Spatial("distance", _union(areas), limit * scale, op == "<"), True) if areas else (None, False)

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
