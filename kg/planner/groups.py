"""Counts and other aggregates left to the columns, where the columns alone decide which scenes count.

Three shapes are known: aggregates over scenes with some conditions, those over one value of each scene (a sub-select
that groups by the scene), and groups by a column with what the graph says about its values, such as their labels.
Anything else is left to the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

from kg.planner.anchors import Anchor
from kg.planner.candidates import Candidates
from kg.planner.components import Component
from kg.planner.finish import Having, finished
from kg.planner.patterns import Scope
from kg.scenes import Plan, SceneTable
from kg.scenes.terms import NEVER, Column, Figure, Member, Output
from kg.scenes.told import told_plan
from kg.solutions import Row, Solutions
from kg.sparql.syntax import Aggregate, Call, Expr, Select, Var
from kg.trace import step
from kg.virtual import Attribute
from ontology.terms import XSD, Literal, Term

_COMPARES = ("=", "!=", "<", "<=", ">", ">=")
_CALENDAR = ("YEAR", "MONTH", "DAY", "HOURS", "MINUTES")
ToTerm = Callable[[Any], Term | None]


@dataclass(slots=True)
class _Output:
    """A column of the statement: its value and how that becomes a term."""

    name: str
    value: Output
    term: ToTerm


@dataclass(slots=True)
class Groups:
    """A statement that groups scenes.

    Attributes:
        plan: the statement: keys, then figures.
        keys, figures: its columns.
        having: conditions on finished groups.
        label: component that says more about the first key, and the variables taken from it.
    """

    plan: Plan
    keys: list[_Output]
    figures: list[_Output]
    having: list[Having] = field(default_factory=list)
    label: tuple[Component, str, tuple[str, ...]] | None = None


class Grouper:
    """Writes and runs the statement of a query with aggregates.

    Args:
        select: the parts of the query.
        top: its scopes.
        scenes: the table.
        parts: components of a scope.
        find: finds the values of a component's variables.
    """

    def __init__(
        self,
        select: Select,
        top: Scope,
        scenes: SceneTable,
        parts: Callable[[Scope], list[Component]],
        find: Callable[[Component, tuple[str, ...]], None],
    ) -> None:
        self._select, self._top, self._scenes = select, top, scenes
        self._parts, self._find = parts, find

    def prepare(self, anchor: Anchor, found: Candidates) -> Callable[[], Solutions | None] | None:
        """What makes the result; None where the store has to find it."""
        select = self._select
        if not select.aggregates or select.columns is None or select.distinct or select.values or not found.exact:
            return None
        inner = self._one_value_each(anchor, found)
        if anchor.scope is not self._top and inner is None:
            return None
        written = self._write(found, inner or {}, alone=inner is not None or self._is_single(found, anchor.scope))
        if written is None:
            return None
        if found.empty:
            written.plan = replace(written.plan, where=(NEVER,), spatial=())
        return lambda: self._run(written)

    def _run(self, written: Groups) -> Solutions | None:
        with step("columns", lambda: f"groups of {told_plan(written.plan)}") as done:
            rows = self._scenes.run(written.plan)
            done.rows_out = len(rows)
        return finished(self._select, written.having, *self._labelled(written, rows))

    # --- what is grouped ---------------------------------------------------------------------------------------

    def _one_value_each(self, anchor: Anchor, found: Candidates) -> dict[str, Expr] | None:
        """Names of a sub-select `?scene (MAX(?x) AS ?v) ... GROUP BY ?scene` by what they stand for; None: no such."""
        scope = anchor.scope
        holder = scope.above
        while holder is not None and holder is not self._top and len(holder.group.elements) == 1:
            holder = holder.above
        if (
            scope.role != "select"
            or scope.select is None
            or holder is not self._top
            or len(self._top.group.elements) != 1
        ):
            return None
        inner = scope.select
        if (
            [expr for expr, _ in inner.group_by] != [Var(found.columns.subject)]
            or inner.having or inner.limit is not None or inner.offset or inner.columns is None
        ):  # fmt: skip
            return None
        names: dict[str, Expr] = {}
        for one in inner.columns:
            if one.expr is None and one.var.name == found.columns.subject:
                names[one.var.name] = one.var
                continue
            value = one.expr
            if not isinstance(value, Aggregate) or value.name not in ("MAX", "MIN", "SAMPLE"):
                return None
            if not isinstance(value.arg, Var) or value.arg.name not in found.columns.attributes:
                return None
            names[one.var.name] = value.arg
        return names

    def _is_single(self, found: Candidates, scope: Scope) -> bool:
        """Whether each scene gives exactly one solution."""
        listed = any(one.many for one in (*found.lists.values(), *found.optional.values()))
        branches = [branch for one in scope.required() for _, branch in one.branches]
        simple = all(
            branch.role in ("exists", "required")
            or (branch.role == "optional" and branch.triples and _value_name(branch) in found.optional)
            for branch in branches
        )
        return not listed and simple and not self._parts(scope)

    # --- writing -----------------------------------------------------------------------------------------------

    def _write(self, found: Candidates, names: dict[str, Expr], *, alone: bool) -> Groups | None:
        select = self._select
        keys: list[_Output] = []
        grouped: dict[str, Expr] = {}
        for expr, name in select.group_by:
            var = name or expr
            if not isinstance(var, Var):
                return None
            grouped[var.name] = names.get(expr.name, expr) if isinstance(expr, Var) else expr
        unknown: list[str] = []
        for key, expr in grouped.items():
            output = self._key(found, key, expr)
            if output is None:
                unknown.append(key)
            else:
                keys.append(output)
        label = None
        if unknown:
            label = self._label(found, unknown)
            if label is None:
                return None
            if label[1] not in [one.name for one in keys]:
                output = self._key(found, label[1], Var(label[1]))
                if output is None:
                    return None
                keys.append(output)
        figures: list[_Output] = []
        for column in select.columns or ():
            if column.expr is None:
                if column.var.name not in grouped:
                    return None
                continue
            figure = self._figure(found, column.var.name, column.expr, names, alone=alone and label is None)
            if figure is None:
                return None
            figures.append(figure)
        having = []
        for number, one in enumerate(select.having):
            condition = self._having(found, one, f"having{number}", names, figures, alone=alone and label is None)
            if condition is None:
                return None
            having.append(condition)
        if not all(isinstance(one.expr, Var) for one in select.order):
            return None
        plan = Plan(
            tuple(one.value for one in (*keys, *figures)),
            tuple(found.where),
            tuple(found.spatial),
            group=tuple(range(len(keys))),
            aggregate=True,
        )
        return Groups(plan, keys, figures, having, label)

    def _key(self, found: Candidates, name: str, expr: Expr) -> _Output | None:
        columns = found.columns
        while isinstance(expr, Var) and expr.name in columns.bound:
            expr = columns.bound[expr.name]
        if isinstance(expr, Var):
            if expr.name == columns.subject:
                return None
            attribute = columns.attributes.get(expr.name)
            if attribute is not None:
                return _Output(name, Column(attribute.column), _as(attribute))
            listed = found.lists.get(expr.name)
            if listed is not None and listed.many:
                return _Output(name, Member(listed.column), _as(listed))
            return None
        scalar = columns.scalar(expr)
        if scalar is None:
            return None
        if scalar.kind == "text":
            return _Output(name, scalar.value, lambda value: None if value is None else Literal(value))
        if scalar.kind == "number" and isinstance(expr, Call) and expr.name in _CALENDAR:
            return _Output(name, scalar.value, lambda value: None if value is None else Literal.of(int(value)))
        return None

    def _label(self, found: Candidates, unknown: list[str]) -> tuple[Component, str, tuple[str, ...]] | None:
        """The component that holds all other keys and shares one single-valued column with the scene."""
        for part, name in found.joined:
            if set(unknown) <= part.names and name in found.columns.attributes and len(part.asked) == 1:
                fresh = Component(part.triples, part.values, part.filters, part.names)
                self._find(fresh, (name, *unknown))
                return None if fresh.solutions is None else (fresh, name, tuple(unknown))
        return None

    def _figure(
        self, found: Candidates, name: str, expr: Expr, names: dict[str, Expr], *, alone: bool
    ) -> _Output | None:
        if not isinstance(expr, Aggregate):
            return None
        arg = names.get(expr.arg.name, expr.arg) if isinstance(expr.arg, Var) else expr.arg
        is_scene = isinstance(arg, Var) and arg.name == found.columns.subject
        if expr.name == "COUNT" and is_scene and (expr.distinct or alone):
            return _Output(name, Figure("count"), Literal.of)
        if not alone:
            return None
        if expr.name == "COUNT" and arg is None and not expr.distinct:
            return _Output(name, Figure("count"), Literal.of)
        attribute = found.columns.attributes.get(arg.name) if isinstance(arg, Var) else None
        if attribute is None:
            return None
        column, distinct = Column(attribute.column), expr.distinct
        if expr.name == "COUNT":
            return _Output(name, Figure("count", column, distinct), Literal.of)
        if expr.name == "MIN" or expr.name == "MAX":
            return _Output(name, Figure("min" if expr.name == "MIN" else "max", column), _as(attribute))
        if expr.name == "SUM" and attribute.kind in ("integer", "number"):
            whole = attribute.kind == "integer"
            return _Output(name, Figure("sum", column, distinct), _as(attribute) if not whole else _whole)
        if expr.name == "AVG" and attribute.kind == "number":
            return _Output(name, Figure("avg", column, distinct), _mean(attribute))
        if expr.name == "AVG" and attribute.kind == "integer":
            return _Output(name, Figure("sum, count", column, distinct), _exact_mean)
        return None

    def _having(
        self, found: Candidates, expr: Expr, name: str, names: dict[str, Expr], figures: list[_Output], *, alone: bool
    ) -> Having | None:
        """A condition on groups over the finished rows; adds the figure that it needs."""
        if not isinstance(expr, Call) or expr.name not in _COMPARES or not isinstance(expr.args[1], Literal):
            return None
        if isinstance(expr.args[0], Var):
            keys = [var or key for key, var in self._select.group_by]
            if expr.args[0] not in keys:  # what SELECT names is not bound yet
                return None
            return Having(expr.args[0].name, expr.name, expr.args[1])
        figure = self._figure(found, name, expr.args[0], names, alone=alone)
        if figure is None:
            return None
        figures.append(figure)
        return Having(name, expr.name, expr.args[1])

    # --- finishing ---------------------------------------------------------------------------------------------

    def _labelled(self, written: Groups, rows: list[tuple[Any, ...]]) -> tuple[list[str], list[Row]]:
        """The rows as terms, joined with what the graph says about a key."""
        outputs = [*written.keys, *written.figures]
        names = [one.name for one in outputs]
        terms: list[Row] = [tuple(one.term(cell) for one, cell in zip(outputs, row, strict=True)) for row in rows]
        if written.label is None:
            return names, terms
        part, shared, more = written.label
        said: dict[Term | None, list[Row]] = {}
        for row in part.solutions or ():
            said.setdefault(row[0], []).append(row[1:])
        at = names.index(shared)
        joined = [(*row, *extra) for row in terms for extra in said.get(row[at], ())]
        return [*names, *more], self._summed([*names, *more], joined, written)

    def _summed(self, names: list[str], rows: list[Row], written: Groups) -> list[Row]:
        """Groups that differ only in a key that was not asked for become one: their scenes differ, so counts add up."""
        wanted = {name.name for expr, name in self._select.group_by if name is not None}
        wanted |= {expr.name for expr, name in self._select.group_by if isinstance(expr, Var) and name is None}
        figures = {one.name for one in written.figures}
        keys = [number for number, name in enumerate(names) if name in wanted]
        sums: dict[Row, list[int]] = {}
        at = [number for number, name in enumerate(names) if name in figures]
        for row in rows:
            held = sums.setdefault(tuple(row[number] for number in keys), [0] * len(at))
            for place, number in enumerate(at):
                held[place] += int(str(row[number]))
        order = [names[number] for number in (*keys, *at)]
        made = [(*key, *map(Literal.of, held)) for key, held in sums.items()]
        return [tuple(row[order.index(name)] if name in order else None for name in names) for row in made]


def _value_name(branch: Scope) -> str:
    value = branch.triples[0].value
    return value.name if isinstance(value, Var) else ""


def _as(attribute: Attribute) -> ToTerm:
    return lambda value: None if value is None else attribute.term(value)


def _whole(value: Any) -> Term:  # noqa: ANN401
    return Literal.of(int(value))


def _mean(attribute: Attribute) -> ToTerm:
    return lambda value: Literal.of(0) if value is None else attribute.term(value)


def _exact_mean(value: Sequence[int | None]) -> Term:
    """The mean of integers as SPARQL has it: a decimal; 0 for none."""
    total, count = value
    if not count:
        return Literal.of(0)
    mean = (Decimal(int(total or 0)) / Decimal(int(count))).quantize(Decimal(1).scaleb(-18), ROUND_DOWN)
    text = format(mean, "f").rstrip("0").rstrip(".")
    return Literal(text, XSD + "decimal")
