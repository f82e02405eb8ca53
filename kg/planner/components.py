"""The part of a query that the graph alone decides, cut into components that share no variable.

A component is evaluated on the graph first where it limits scenes: `?area` of a place, `?platform` of a family. The
patterns, inline data and filters that it holds all must match, so what it finds is never too little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kg.planner.patterns import Scope, exists_in
from kg.solutions import Result, Solutions
from kg.sparql.syntax import Filter, Repeat, Triple, Values, Var, variables
from kg.sparql.writer import triple_text, values_text, variable_name
from ontology.terms import BNode, Term

Run = Callable[[str], Result]
IsGraph = Callable[[Triple, Scope], bool]
MOST = 2_000
"""Most solutions of a component that are used to limit scenes."""


@dataclass(eq=False)
class Component:
    """Patterns of the graph that share variables.

    Attributes:
        names: their variables.
        solutions: values of the variables asked for, once evaluated; None where there are too many.
    """

    triples: list[Triple] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
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
    joined = _joined(parts)
    for one in scope.required():
        for each in one.filters:
            names = variables(each)
            home = next((part for part in joined if names and names <= part.names), None)
            if home is not None and _plain(each):
                home.filters.append(each)
    return joined


def _joined(parts: list[Component]) -> list[Component]:
    found: list[Component] = []
    for part in parts:
        touching = [one for one in found if one.names & part.names]
        for one in touching:
            part.triples[:0] = one.triples
            part.values[:0] = one.values
            part.names |= one.names
            found.remove(one)
        found.append(part)
    return found


def _plain(each: Filter) -> bool:
    """Whether a filter reads nothing but its own variables: no EXISTS, and no variable of a blank node."""
    return not any(True for _ in exists_in(each.expr)) and not any(name.startswith("_:") for name in variables(each))


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
    if not component.triples and len(component.values) == 1 and not component.filters:
        values = component.values[0]
        at = [[one.name for one in values.variables].index(name) for name in asked]
        rows = tuple(dict.fromkeys(tuple(row[one] for one in at) for row in values.rows))
        component.solutions = None if any(None in row for row in rows) or len(rows) > MOST else rows  # type: ignore[assignment]
        return
    names = " ".join(f"?{variable_name(name)}" for name in asked)
    body = component.pattern(text)
    found = run(f"{prologue}\nSELECT DISTINCT {names} WHERE {{ {body} }} LIMIT {MOST + 1}")
    if isinstance(found, Solutions):
        unknown = len(found.rows) > MOST or any(isinstance(cell, BNode) for row in found.rows for cell in row)
        component.solutions = None if unknown else found.rows


def holds(component: Component, prologue: str, text: str, run: Run) -> bool:
    """Whether a component has any solution."""
    return bool(run(f"{prologue}\nASK {{ {component.pattern(text)} }}"))
