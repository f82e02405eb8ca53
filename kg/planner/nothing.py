"""Paths of no length: `?x p* ?y` joins every term of the graph with itself, whether it has a `p` or not.

So such a path needs, next to the triples that it walks, the terms that it may stay at. Mostly another pattern binds one
of its ends, and brings them along. A term that the query names must be known to be somewhere; and where nothing binds
either end, the terms of all triples take part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.planner.patterns import Scope
from kg.sparql.syntax import Alternative, Inverse, Node, Path, Repeat, Sequence, Triple, Var, projected
from ontology.terms import IRI, Literal


@dataclass(slots=True)
class Stay:
    """What the paths of no length of a query need.

    Attributes:
        terms: terms that must be in the small store if they are anywhere.
        everywhere: whether the terms of all triples may take part.
    """

    terms: set[IRI | Literal] = field(default_factory=set)
    everywhere: bool = False


def can_stay(path: Path | Var) -> bool:
    """Whether a path has ways of no length."""
    match path:
        case Repeat(inner, mark):
            return mark in "*?" or can_stay(inner)
        case Inverse(inner):
            return can_stay(inner)
        case Sequence(parts):
            return all(map(can_stay, parts))
        case Alternative(parts):
            return any(map(can_stay, parts))
    return False


def stays(top: Scope) -> Stay:
    """What the paths of no length of a query need, those inside GRAPH apart."""
    found = Stay()
    for scope in top.below():
        paths = [one for one in scope.triples if can_stay(one.path)]
        if paths:
            _look(scope, paths, found)
    return found


def _look(scope: Scope, paths: list[Triple], found: Stay) -> None:
    held = _held(scope)
    given: dict[Node, list[Node | None]] = {}
    for one in scope.conjunction():
        for values in one.values:
            given |= {name: [row[at] for row in values.rows] for at, name in enumerate(values.variables)}
    _spread(paths, held)
    for triple in paths:
        ends = (triple.subject, triple.value)
        known = next((terms for end in ends if None not in (terms := _terms(end, given))), None)
        if known is not None and not held & {*ends}:
            found.terms |= {one for one in known if isinstance(one, (IRI, Literal))}
            held |= {*ends}
            _spread(paths, held)
    found.everywhere |= any(not held & {one.subject, one.value} for one in paths)


def _terms(end: Node, given: dict[Node, list[Node | None]]) -> list[Node | None]:
    """The terms that an end can be; None among them where it may be any."""
    return given.get(end, [None]) if isinstance(end, Var) else [end]


def _held(scope: Scope) -> set[Node]:
    """Variables that triples bind wherever the patterns of a scope match."""
    found: set[Node] = set()
    for one in scope.conjunction():
        for triple in one.triples:
            if not can_stay(triple.path):
                found |= {node for node in (triple.subject, triple.path, triple.value) if isinstance(node, Var)}
        for _, branch in one.branches:
            if branch.role == "select" and branch.select is not None:
                names = projected(branch.select)
                found |= {node for node in _held(branch) if isinstance(node, Var) and node.name in names}
    return found


def _spread(paths: list[Triple], held: set[Node]) -> None:
    """An end is known where the other one is, since the path leads there."""
    grown = True
    while grown:
        grown = False
        for triple in paths:
            ends = {triple.subject, triple.value}
            if held & ends and not ends <= held:
                held |= ends
                grown = True
