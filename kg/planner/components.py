"""The part of a query that the graph alone decides, cut into components that share no variable.

A component is evaluated on the graph first where it limits scenes: `?area` of a place, `?platform` of a family. The
patterns, inline data and filters that it holds all must match, so what it finds is never too little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kg.planner.patterns import Scope, exists_in
from kg.solutions import Result, Solutions
from kg.sparql.syntax import Filter, Repeat, Triple, Values, Var, projected, variables
from kg.sparql.writer import triple_text, values_text, variable_name
from ontology.terms import IRI, BNode, Literal, Term

Run = Callable[[str], Result]
IsGraph = Callable[[Triple, Scope], bool]
MOST = 2_000
"""Most solutions of a component that are used to limit scenes."""


@dataclass(eq=False)
class Component:
    """Patterns of the graph that share variables.

    Attributes:
        names: their variables.
        blocks: sub-selects and unions that only the graph decides, as they are written.
        solutions: values of the variables asked for, once evaluated; None where there are too many.
    """

    triples: list[Triple] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    blocks: list[str] = field(default_factory=list)
    asked: tuple[str, ...] = ()
    solutions: tuple[tuple[Term | None, ...], ...] | None = None

    def column(self, name: str) -> tuple[Term, ...]:
        """The different values of one variable asked for."""
        at = self.asked.index(name)
        return tuple(dict.fromkeys(row[at] for row in self.solutions or () if row[at] is not None))  # type: ignore[misc]

    def pattern(self, text: str) -> str:
        """The body of a query for the component."""
        return " ".join(
            [
                *map(values_text, self.values),
                *map(triple_text, self.triples),
                *self.blocks,
                *(text[one.start : one.end] for one in self.filters),
            ]
        )


def components(scope: Scope, text: str, is_graph: IsGraph) -> list[Component]:
    """The components of what a scope requires.

    Args:
        scope: the scope.
        text: of the query, which filters are cut from.
        is_graph: whether a pattern can match the graph only.
    """
    parts: list[Component] = []
    for one in scope.required():
        for triple in one.triples:
            if is_graph(triple, one):
                parts.append(Component([triple], names=variables(triple)))
        parts += [Component(values=[values], names=variables(values)) for values in one.values]
        parts += [Component(names=names, blocks=[block]) for block, names in _blocks(one, text, is_graph)]
    joined = _joined(parts)
    for one in scope.required():
        for each in one.filters:
            names = variables(each)
            home = next((part for part in joined if names and names <= part.names), None)
            if home is not None and _plain(each, one, is_graph):
                home.filters.append(each)
    return joined


def _joined(parts: list[Component]) -> list[Component]:
    found: list[Component] = []
    for part in parts:
        touching = [one for one in found if one.names & part.names]
        for one in touching:
            part.triples[:0] = one.triples
            part.values[:0] = one.values
            part.blocks[:0] = one.blocks
            part.names |= one.names
            found.remove(one)
        found.append(part)
    return found


def _plain(each: Filter, scope: Scope, is_graph: IsGraph) -> bool:
    """Whether a filter reads nothing but its own variables and the graph, and no variable of a blank node."""
    groups = [one.group for one in exists_in(each.expr)]
    inside = [branch for _, branch in scope.branches if any(branch.group is group for group in groups)]
    return all(_graph_only(one, is_graph) for one in inside) and not any(n.startswith("_:") for n in variables(each))


def _graph_only(scope: Scope, is_graph: IsGraph) -> bool:
    return all(is_graph(triple, one) for one in scope.below() for triple in one.triples)


def graph_branches(scope: Scope, is_graph: IsGraph) -> set[int]:
    """Identities of the sub-selects and unions below a scope that the graph alone decides."""
    found: set[int] = set()
    unions: dict[int, list[Scope]] = {}
    for number, branch in scope.branches:
        if branch.role == "select" and len(scope.group.elements) == 1 and _graph_only(branch, is_graph):
            found.add(id(branch))
        if branch.role == "union":
            unions.setdefault(number, []).append(branch)
    for union in unions.values():
        if all(_graph_only(one, is_graph) for one in union):
            found |= set(map(id, union))
    return found


def _blocks(scope: Scope, text: str, is_graph: IsGraph) -> list[tuple[str, set[str]]]:
    """Text and certainly bound variables of those sub-selects and unions."""
    graph = graph_branches(scope, is_graph)
    found: list[tuple[str, set[str]]] = []
    unions: dict[int, list[Scope]] = {}
    for number, branch in scope.branches:
        if id(branch) in graph and branch.select is not None and branch.role == "select":
            found.append((text[scope.group.start : scope.group.end], projected(branch.select)))
        elif id(branch) in graph:
            unions.setdefault(number, []).append(branch)
    for branches in unions.values():
        names = set.intersection(*map(bound, branches))
        found.append((text[branches[0].group.start : branches[-1].group.end], names))
    return found


def bound(scope: Scope) -> set[str]:
    """Variables that every solution of a scope surely binds."""
    found: set[str] = set()
    for one in scope.required():
        for triple in one.triples:
            found |= variables(triple)
        for values in one.values:
            found |= {
                name.name for at, name in enumerate(values.variables) if all(row[at] is not None for row in values.rows)
            }
        found |= {bind.var.name for bind in one.binds if isinstance(bind.expr, (Var, IRI, Literal))}
    return {name for name in found if not name.startswith("_:")}


def safe(component: Component) -> bool:
    """Whether evaluating it on the graph alone finds everything.

    A path of length zero joins any node with itself, also those that only scenes name; so one end must be known.
    """
    for triple in component.triples:
        if isinstance(triple.path, Repeat) and triple.path.mark in "*?":
            ends = [one for one in (triple.subject, triple.value) if isinstance(one, Var)]
            held = [one for one in ends if _is_held(one, triple, component)]
            if len(ends) == 2 and not held:
                return False
    return True


def _is_held(var: Var, triple: Triple, component: Component) -> bool:
    others = [one for one in component.triples if one is not triple]
    return any(var in values.variables for values in component.values) or any(
        var in (one.subject, one.value) and not isinstance(one.path, Repeat) for one in others
    )


def evaluate(component: Component, asked: tuple[str, ...], prologue: str, text: str, run: Run) -> None:
    """Finds the values of some of a component's variables, up to `MOST` solutions."""
    component.asked = asked
    if not component.triples and not component.blocks and len(component.values) == 1 and not component.filters:
        values = component.values[0]
        at = [[one.name for one in values.variables].index(name) for name in asked]
        rows = tuple(dict.fromkeys(tuple(row[one] for one in at) for row in values.rows))
        component.solutions = None if any(None in row for row in rows) or len(rows) > MOST else rows  # type: ignore[assignment]
        return
    names = " ".join(f"?{variable_name(name)}" for name in asked)
    body = component.pattern(text)
    found = run(f"{prologue}\nSELECT DISTINCT {names} WHERE {{ {body} }} LIMIT {MOST + 1}")
    if isinstance(found, Solutions):
        strange = any(cell is None or isinstance(cell, BNode) for row in found.rows for cell in row)
        unknown = len(found.rows) > MOST or strange
        component.solutions = None if unknown else found.rows


def holds(component: Component, prologue: str, text: str, run: Run) -> bool:
    """Whether a component has any solution."""
    return bool(run(f"{prologue}\nASK {{ {component.pattern(text)} }}"))
