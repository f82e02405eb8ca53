"""ORDER BY with LIMIT left to the columns: the first scenes are enough where every scene gives a solution."""

from __future__ import annotations

from kg.planner.candidates import Candidates
from kg.planner.conditions import SCENE_IRI, Columns
from kg.scenes.terms import Const, If, Known, Order, Scalar
from kg.sparql.syntax import Call, Expr, Select, Var


def first_rows(select: Select, found: Candidates) -> tuple[tuple[Order, ...], int] | None:
    """What to order by and how many scenes to take; None where the order needs more than the columns.

    Unbound values come first in SPARQL (section 15.1), last where descending.
    """
    if select.limit is None or select.aggregates or not found.exact:
        return None
    if select.distinct and not any(one.var.name == found.columns.subject for one in select.columns or ()):
        return None
    columns = found.columns
    wide = Columns(
        columns.subject,
        columns.attributes | {name: one for name, one in found.optional.items() if name not in columns.attributes},
        columns.footprints,
        columns.known,
        columns.bound,
    )
    keys = []
    for one in select.order:
        value = _key(wide, one.expr)
        if value is None:
            return None
        keys.append(Order(value, one.descending))
    return tuple(keys), select.limit + select.offset


def _key(columns: Columns, expr: Expr) -> Scalar | None:
    if isinstance(expr, Var) and expr.name == columns.subject:
        return SCENE_IRI
    if isinstance(expr, Call) and expr.name == "BOUND":
        test, _ = columns.test(expr)
        return None if test is None else If(test, Const(1), Const(0))
    found = columns.scalar(expr)
    if found is not None and isinstance(expr, Var) and expr.name in columns.attributes and found.kind == "text":
        return If(Known(columns.attributes[expr.name].column), found.value)  # an empty text is no value
    return None if found is None else found.value
