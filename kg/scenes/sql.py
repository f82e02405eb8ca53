"""Plans as SQL: what is asked of the columns of scenes, written for an engine.

Values are parameters, never text; the few numbers that are written out are our own. What differs between engines is in
`Dialect`, whose methods another engine overrides.
"""

from __future__ import annotations

from typing import Any, assert_never

from kg.scenes.plan import Plan
from kg.scenes.spatial import box_test
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
    Order,
    Output,
    Scalar,
    SceneIn,
    Test,
    TextTest,
    Value,
)
from kg.virtual import SCENES
from ontology.namespaces import BASE

_TEXT_TESTS = {"contains": "contains", "starts": "starts_with", "ends": "ends_with"}
_CALENDAR = ("year", "month", "day", "hour", "minute")


class Dialect:
    """How DuckDB writes what engines write differently; columns and arguments are SQL already."""

    never = "false"
    always = "true"

    def parameter(self, name: str) -> str:
        """The placeholder of a parameter."""
        return f"${name}"

    def double(self, value: float) -> str:
        """A number of our own as text."""
        return f"{value!r}::DOUBLE"

    def as_double(self, sql: str) -> str:
        """A number in double precision."""
        return f"{sql}::DOUBLE"

    def as_bigint(self, sql: str) -> str:
        """A whole number of 64 bits."""
        return f"{sql}::BIGINT"

    def micros(self, column: str) -> str:
        """Microseconds since 1970 of a moment."""
        return f"epoch_us({column})"

    def moment(self, micros: str) -> str:
        """A moment, as columns hold it, of microseconds since 1970."""
        return f"make_timestamp({micros})::TIMESTAMPTZ"

    def calendar(self, part: str, micros: str) -> str:
        """Year, month, day, hour or minute, in UTC, of microseconds since 1970."""
        return f"date_part('{part}', make_timestamp({micros}))"

    def url(self, text: str) -> str:
        """A text as it stands in an IRI: as `ontology.namespaces.scene_iri` writes it."""
        return f"url_encode({text})"

    def concat(self, *parts: str) -> str:
        """Texts joined; unknown where one is."""
        return f"({' || '.join(parts)})"

    def text(self, value: str) -> str:
        """A text of our own."""
        return "'" + value.replace("'", "''") + "'"

    def one_of(self, value: str, values: str) -> str:
        """Whether a value is in a list parameter; unknown where the value is."""
        return f"list_contains({values}, {value})"

    def shares(self, column: str, values: str) -> str:
        """Whether a list column has a member of a list parameter; unknown where the column is."""
        return f"list_has_any({column}, {values})"

    def moments(self, values: str) -> str:
        """A list parameter of microseconds as moments."""
        return f"list_transform({values}::BIGINT[], lambda x: make_timestamp(x)::TIMESTAMPTZ)"

    def length(self, column: str) -> str:
        """Number of members of a list."""
        return f"len({column})"

    def text_test(self, op: str, text: str, part: str) -> str:
        """A text contains, starts or ends with another."""
        return f"{_TEXT_TESTS[op]}({text}, {part})"

    def box(self, side: str) -> str:
        """A side of the bounding box of the footprint."""
        return f"bbox.{side}"

    def members(self, column: str) -> str:
        """Each different member of a list in a row of its own."""
        return f"unnest(list_distinct({column}))"

    def sum_count(self, value: str, distinct: str) -> str:
        """Exact sum and count as a pair."""
        return f"[sum({distinct}{value})::HUGEINT, count({distinct}{value})]"

    def scenes_in(self, keys: str) -> str:
        """Whether the scene is one of a list parameter of pairs."""
        return f"list_contains({keys}, [collection, id])"


class Statement:
    """One plan as SQL with its parameters.

    Args:
        plan: what is asked.
        table: FROM item.
        dialect: of the engine.
        extra: further columns of the FROM item to return.

    Attributes:
        sql: the text.
        parameters: values by name.
    """

    def __init__(self, plan: Plan, table: str, dialect: Dialect | None = None, extra: tuple[str, ...] = ()) -> None:
        from kg.columns import COLUMN_TYPES

        self._to = dialect or Dialect()
        self._kinds = COLUMN_TYPES
        self.parameters: dict[str, Any] = {}
        self.sql = self._statement(plan, table, extra)

    def _statement(self, plan: Plan, table: str, extra: tuple[str, ...]) -> str:
        outputs = [*map(self.output, plan.select), *extra]
        parts = [f"SELECT {'DISTINCT ' * plan.distinct}{', '.join(outputs)} FROM {table}"]
        where = [*plan.where, *map(box_test, plan.spatial)]
        if where:
            parts.append("WHERE " + " AND ".join(map(self.test, where)))
        if plan.group:
            parts.append("GROUP BY " + ", ".join(str(number + 1) for number in plan.group))
        if plan.order:
            parts.append("ORDER BY " + ", ".join(self._order(one, plan) for one in plan.order))
        if plan.limit is not None:
            parts.append(f"LIMIT {int(plan.limit)}")
        if plan.offset:
            parts.append(f"OFFSET {int(plan.offset)}")
        return " ".join(parts)

    def _order(self, one: Order, plan: Plan) -> str:
        value = str(plan.select.index(one.value) + 1) if one.value in plan.select else self.output(one.value)
        nulls = "LAST" if one.descending or one.unknown_last else "FIRST"
        return f"{value} {'DESC' if one.descending else 'ASC'} NULLS {nulls}"

    def _value(self, value: Value | list[Any]) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return self._to.parameter(name)

    def output(self, one: Output) -> str:
        """What a row holds."""
        match one:
            case Member(column):
                return self._to.members(column)
            case Figure():
                return self._figure(one)
        return self.scalar(one)

    def _figure(self, one: Figure) -> str:
        if one.value is None:
            return "count(*)"
        value, distinct = self.scalar(one.value), "DISTINCT " * one.distinct
        if one.name == "sum, count":
            return self._to.sum_count(value, distinct)
        called = f"{one.name}({distinct}{value})"
        return f"coalesce({called}, 0)" if one.name == "sum" else called

    # --- scalars ---------------------------------------------------------------------------------------------

    def scalar(self, one: Scalar) -> str:
        """A scalar; moments as microseconds."""
        match one:
            case Column(name):
                return self._to.micros(name) if self._is_moment(one) else name
            case Const(value):
                return self._const(value)
            case If(test, first, other):
                condition = self.test(test)
                otherwise = "" if other is None else f" WHEN NOT {condition} THEN {self.scalar(other)}"
                return f"(CASE WHEN {condition} THEN {self.scalar(first)}{otherwise} END)"
            case Apply(name, args):
                return self._apply(name, [self.scalar(arg) for arg in args])
        assert_never(one)

    def _const(self, value: Value) -> str:
        placed = self._value(value)
        if isinstance(value, (bool, str)):
            return placed
        return self._to.as_bigint(placed) if isinstance(value, int) else self._to.as_double(placed)

    def _apply(self, name: str, args: list[str]) -> str:
        to = self._to
        if name == "scene iri":
            return to.concat(to.text(SCENES), to.url("collection"), to.text("/"), to.url("id"))
        if name in ("sensor iri", "band iri"):
            return to.concat(to.text(f"{BASE}{name.split()[0]}/"), args[0])
        if name in _CALENDAR:
            return to.calendar(name, args[0])
        if name in ("lower", "upper", "coalesce"):
            return f"{name}({', '.join(args)})"
        return f"({to.as_double(args[0])} {name} {to.as_double(args[1])})"

    def _is_moment(self, one: Scalar) -> bool:
        return isinstance(one, Column) and self._kinds[one.name] == "TIMESTAMPTZ"

    # --- tests -----------------------------------------------------------------------------------------------

    def test(self, one: Test) -> str:
        """A test in brackets."""
        return f"({self._test(one)})"

    def _test(self, one: Test) -> str:
        match one:
            case Compare():
                return self._compare(one)
            case AnyOf():
                return self._any_of(one)
            case SceneIn(keys):
                return self._scene_in(keys)
            case Known(column):
                return self._known(column)
            case NotNull(value):
                return f"{self.scalar(value)} IS NOT NULL"
            case TextTest(op, text, part):
                return self._to.text_test(op, self.scalar(text), self.scalar(part))
            case Boxes():
                return self._boxes(one)
            case All(parts):
                return " AND ".join(map(self.test, parts)) or self._to.always
            case Either(parts):
                return " OR ".join(map(self.test, parts)) or self._to.never
            case Not(part):
                return f"NOT {self.test(part)}"
            case NotTrue(part):
                return f"{self.test(part)} IS NOT TRUE"
        assert_never(one)

    def _compare(self, one: Compare) -> str:
        op = "<>" if one.op == "!=" else one.op
        left, right = one.left, one.right
        # A moment is compared as the column holds it: so the statistics of a file can leave parts out.
        if self._is_moment(left) and isinstance(left, Column) and isinstance(right, Const):
            return f"{left.name} {op} {self._to.moment(self._const(right.value))}"
        if self._is_moment(right) and isinstance(right, Column) and isinstance(left, Const):
            return f"{self._to.moment(self._const(left.value))} {op} {right.name}"
        return f"{self.scalar(left)} {op} {self.scalar(right)}"

    def _any_of(self, one: AnyOf) -> str:
        kind = self._kinds[one.column]
        if not one.values:
            return self._to.never
        if kind == "VARCHAR[]":
            return self._to.shares(one.column, self._value(list(one.values)))
        if len(one.values) == 1:
            return self._compare(Compare("=", Column(one.column), Const(one.values[0])))
        values = self._value(list(one.values))
        return self._to.one_of(one.column, self._to.moments(values) if kind == "TIMESTAMPTZ" else values)

    def _scene_in(self, keys: tuple[tuple[str, str], ...]) -> str:
        if not keys:
            return self._to.never
        if len(keys) == 1:
            return f"collection = {self._value(keys[0][0])} AND id = {self._value(keys[0][1])}"
        listed = self._value([list(one) for one in keys])
        ids = self._value(sorted({key for _, key in keys}))
        return f"{self._to.one_of('id', ids)} AND {self._to.scenes_in(listed)}"

    def _known(self, column: str) -> str:
        kind = self._kinds[column]
        if kind == "VARCHAR[]":
            return f"coalesce({self._to.length(column)} > 0, {self._to.never})"
        if kind == "BOOLEAN":
            return f"coalesce({column}, {self._to.never})"
        return f"{column} IS NOT NULL" + (f" AND {column} <> ''" if kind == "VARCHAR" else "")

    def _boxes(self, one: Boxes) -> str:
        xmin, ymin, xmax, ymax = map(self._to.box, ("xmin", "ymin", "xmax", "ymax"))
        number = self._to.double
        either = " OR ".join(
            f"{xmin} <= {number(e)} AND {xmax} >= {number(w)} AND {ymin} <= {number(n)} AND {ymax} >= {number(s)}"
            for w, s, e, n in one.boxes
        )
        return f"bbox IS NOT NULL AND ({either})" if either else self._to.never
