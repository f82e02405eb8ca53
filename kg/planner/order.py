"""ORDER BY with LIMIT left to the columns: the first scenes are enough where every scene gives a solution."""

from __future__ import annotations

from kg.planner.candidates import Candidates
from kg.planner.conditions import Columns
from kg.sparql.syntax import Call, Expr, Select, Var
from kg.virtual import SCENE_IRI_SQL


def first_rows(select: Select, found: Candidates) -> tuple[tuple[str, ...], int] | None:
    """SQL to order by and how many scenes to take; None where the order needs more than the columns.

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
        columns.parameters,
    )
    keys = []
    for one in select.order:
        sql = _key(wide, one.expr)
        if sql is None:
            return None
        keys.append(f"{sql} {'DESC NULLS LAST' if one.descending else 'ASC NULLS FIRST'}")
    return tuple(keys), select.limit + select.offset


def _key(columns: Columns, expr: Expr) -> str | None:
    if isinstance(expr, Var) and expr.name == columns.subject:
        return SCENE_IRI_SQL
    if isinstance(expr, Call) and expr.name == "BOUND":
        sql, _ = columns.test(expr)
        return sql
    found = columns.scalar(expr)
    return None if found is None else found.sql
