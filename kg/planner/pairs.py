"""Spatial joins of scenes with areas of the graph, found with an index before the query runs.

`FILTER(geof:sfIntersects(?footprint, ?area))` over thousands of scenes and hundreds of areas would call the function
for each pair. Instead the pairs that meet become triples, and the filter a pattern that matches them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kg.nquads import term as text_of
from kg.planner.candidates import Candidates
from kg.planner.patterns import Scope
from kg.scenes.spatial import met_in
from kg.sparql.syntax import Expr, Filter, Var, variables
from kg.sparql.writer import node_text
from ontology.errors import QueryTooLarge
from ontology.terms import Term

MOST_PAIRS = 1_000_000
"""Most pairs of a scene and an area that are laid out for one query."""

_FEW = 2_000
_PREDICATE = "urn:earthdex:pair:"
_AREA = "urn:earthdex:area"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A filter and the pairs that stand for it.

    Attributes:
        where: the filter.
        pattern: what is written in its place.
        lines: triples of the pairs, N-Triples.
    """

    where: Filter
    pattern: str
    lines: list[str]


def spatial_pairs(star: Candidates, scope: Scope, rows: Sequence[tuple[Any, ...]]) -> Iterator[Pairs]:
    """The pairs for each filter of a scope that relates footprints with areas of the graph.

    Args:
        star: the scenes of a variable.
        scope: where it is anchored.
        rows: the scenes found, IRI first and footprint (WKB) last.

    Raises:
        QueryTooLarge: more than `MOST_PAIRS` pairs.
    """
    tree: Any = None
    for one in scope.required():
        for number, each in enumerate(one.filters):
            name = _area_name(star, each.expr)
            if name is None or len(rows) * len(star.columns.known[name]) < _FEW:
                continue
            if tree is None:
                tree = _indexed(rows)
            found = _pairs(star, each.expr, name, rows, tree, f"{_PREDICATE}{id(one)}:{number}")
            if found is not None:
                path = f"<{_PREDICATE}{id(one)}:{number}>/<{_AREA}>"
                pattern = f"{{ ?{star.columns.subject} {path} {node_text(Var(name))} }}"
                yield Pairs(each, pattern, found)


def rewritten(text: str, pairs: Sequence[Pairs]) -> str:
    """The query with patterns in place of the filters."""
    for one in sorted(pairs, key=lambda each: -each.where.start):
        text = text[: one.where.start] + one.pattern + text[one.where.end :]
    return text


def _area_name(star: Candidates, expr: Expr) -> str | None:
    names = variables(expr)
    others = names - star.columns.footprints
    if len(names) != 2 or len(others) != 1:
        return None
    name = next(iter(others))
    return name if star.columns.known.get(name) else None


def _indexed(rows: Sequence[tuple[Any, ...]]) -> Any:  # noqa: ANN401 - shapely's STRtree
    import numpy as np
    import shapely

    return shapely.STRtree(shapely.from_wkb(np.asarray([row[-1] for row in rows], dtype=object)))


def _pairs(
    star: Candidates,
    expr: Expr,
    name: str,
    rows: Sequence[tuple[Any, ...]],
    tree: Any,  # noqa: ANN401
    predicate: str,
) -> list[str] | None:
    lines: list[str] = []
    for place, term in enumerate(star.columns.known[name]):
        met = _meeting(star, expr, name, term, tree)
        if met is None:
            return None
        # each geometry is written once: they are long
        node = f"<{predicate}:{place}>"
        lines.append(f"{node} <{_AREA}> {text_of(term)} .\n")
        end = f" <{predicate}> {node} .\n"
        lines += [f"<{rows[number][0]}>{end}" for number in met]
        if len(lines) > MOST_PAIRS:
            raise QueryTooLarge(
                f"The query joins more than {MOST_PAIRS:,} pairs of scenes ?{star.columns.subject} and areas ?{name}.",
                "Add conditions on time, place or sensor.",
            )
    return lines


def _meeting(star: Candidates, expr: Expr, name: str, term: Term, tree: Any) -> Any:  # noqa: ANN401
    """Numbers of the footprints that one area meets; None where the relation is left to the store."""
    single = replace(star.columns, known={**star.columns.known, name: (term,)})
    spatial, exact = single.spatial(expr)
    if spatial is None or not exact:
        return None
    return met_in(tree, spatial)
