"""What a SELECT returns and in which order, left to the columns where every scene gives a solution."""

from __future__ import annotations

from dataclasses import replace

from kg.planner.candidates import Candidates
from kg.planner.conditions import SCENE_IRI, Columns
from kg.planner.patterns import Scope
from kg.scenes.terms import Const, If, Known, Order, Scalar
from kg.sparql.syntax import Bind, Call, Exists, Expr, Filter, MinusGroup, OptionalGroup, Select, Var, variables
from kg.sparql.syntax import Column as Selected


def first_rows(select: Select, found: Candidates) -> tuple[tuple[Order, ...], int] | None:
    """What to order by and how many scenes to take; None where the order needs more than the columns."""
    if select.limit is None or select.aggregates or not found.exact:
        return None
    if select.distinct and not any(one.var.name == found.columns.subject for one in select.columns or ()):
        return None
    keys = orders(select, found)
    return None if keys is None else (keys, select.limit + select.offset)


def orders(select: Select, found: Candidates) -> tuple[Order, ...] | None:
    """ORDER BY over the columns; None where it needs more than them.

    Unbound values come first in SPARQL (section 15.1), last where descending.
    """
    columns = wide(select, found)
    keys = []
    for one in select.order:
        value = _key(columns, one.expr, found)
        if value is None:
            return None
        keys.append(Order(value, one.descending))
    return tuple(keys)


def wide(select: Select, found: Candidates) -> Columns:
    """What variables stand for, with those of OPTIONAL and of `(expression AS ?variable)`."""
    columns = found.columns
    return Columns(
        columns.subject,
        columns.attributes | {name: one for name, one in found.optional.items() if name not in columns.attributes},
        columns.footprints,
        columns.known,
        columns.bound | {one.var.name: one.expr for one in select.columns or () if one.expr is not None},
    )


def _key(columns: Columns, expr: Expr, star: Candidates) -> Scalar | None:
    if isinstance(expr, Var) and expr.name == columns.subject:
        return SCENE_IRI
    if isinstance(expr, Call) and expr.name == "BOUND":
        test, _ = columns.test(expr)
        return None if test is None else If(test, Const(1), Const(0))
    found = columns.scalar(expr)
    if found is not None and isinstance(expr, Var) and found.kind == "text":
        optional = star.optional.get(expr.name) if expr.name not in star.columns.attributes else None
        if optional is not None:
            return If(Known(optional.column), found.value)  # an empty text is no value
    return None if found is None else found.value


def in_order(scope: Scope, subject: str) -> bool:
    """Whether each BIND and OPTIONAL comes after what it reads: elsewhere it would read nothing (18.2.2)."""
    for one in scope.required():
        bound: set[str] = set()
        for element in one.group.elements:
            if isinstance(element, Bind) and not variables(element.expr) <= bound:
                return False
            if isinstance(element, OptionalGroup) and subject not in bound:
                return False
            if not isinstance(element, Filter):
                bound |= variables(element)
    return True


def reads_only(scope: Scope, names: set[str]) -> bool:
    """Whether the EXISTS groups of a scope share only certain names with it."""
    outer = set().union(*(variables(t) for one in scope.required() for t in one.triples))
    for one in scope.required():
        for each in one.filters:
            if any(not variables(group) & outer <= names for group in _groups(each.expr)):
                return False
    return True


def _groups(expr: Expr) -> list[Expr]:
    if isinstance(expr, Exists):
        return [expr]
    return [one for arg in expr.args for one in _groups(arg)] if isinstance(expr, Call) else []


def everything_named(select: Select) -> Select:
    """`SELECT *` as the variables that it stands for, in the order in which the store returns them."""
    if select.columns is not None:
        return select
    names = set().union(*(variables(one) for one in select.where.elements if not isinstance(one, (Filter, MinusGroup))))
    names |= variables(select.values) if select.values is not None else set()
    return replace(select, columns=tuple(Selected(Var(name)) for name in sorted(names) if not name.startswith("_:")))
