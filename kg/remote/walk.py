"""Reads what a property path may walk over: from its known end onwards, else all triples of its predicates."""

from __future__ import annotations

from collections.abc import Collection

from kg.remote.mirror import Mirror
from kg.remote.needs import Candidates, Step, narrowing_terms
from kg.sparql.syntax import Alternative, Inverse, Negated, Path, Repeat, Sequence, Var
from ontology.terms import IRI, Literal, Term

_SMALL = 5_000
_FEW = 20_000
_ENDLESS = 10_000


def read_path(
    mirror: Mirror,
    step: Step,
    starts: Collection[Term] | None,
    ends: Collection[Term] | None,
    graphs: tuple[IRI | None, ...],
) -> Candidates:
    """Makes sure that all triples are here which a path can use.

    Args:
        mirror: what is read goes there.
        step: the pattern.
        starts: all terms that its subject can be; None: unknown.
        ends: the same of its value.
        graphs: where to read.

    Returns:
        What is known of the end that was not, where the path was walked.
    """
    path = step.path
    if path is None:
        return {}
    steps = step.fixed
    if steps is None or (starts is None and ends is None and _may_stay(path)):
        # it may follow anything, or joins each term of the graph with itself
        for graph in graphs:
            mirror.read_whole(graph, None)
        return {}
    if _may_stay(path):
        _find_nodes(mirror, starts, graphs)
        _find_nodes(mirror, ends, graphs)
    total = sum(mirror.count(graph, steps) for graph in graphs)
    known = starts if starts is not None else ends
    if total <= _SMALL or known is None or len(known) > max(_FEW, total // 2):
        for graph in graphs:
            mirror.read_whole(graph, steps)
        if known is None:
            return {}
    onward, back = _directions(path)
    if starts is None:
        onward, back = back, onward
    seen = _walked(mirror, known, onward, back, graphs, _length(path))
    other = step.value if starts is not None else step.subject
    usable = narrowing_terms(seen)
    return {other.name: usable} if isinstance(other, Var) and usable is not None else {}


def _find_nodes(mirror: Mirror, terms: Collection[Term] | None, graphs: tuple[IRI | None, ...]) -> None:
    """Makes sure that a term which the server's graph holds anywhere is here, too: it is joined with itself."""
    for read in (mirror.read_subjects, mirror.read_values):
        missing = [one for one in terms or () if not any(mirror.is_node(graph, one) for graph in graphs)]
        for graph in graphs if missing else ():
            read(graph, missing, None)


def _walked(
    mirror: Mirror,
    known: Collection[Term],
    onward: set[IRI],
    back: set[IRI],
    graphs: tuple[IRI | None, ...],
    length: int,
) -> set[Term]:
    seen = set(known)
    frontier = set(known)
    forward, backward = tuple(sorted(onward)), tuple(sorted(back))
    while frontier and length:
        length -= 1
        found: set[Term] = set()
        for graph in graphs:
            if forward:
                starts = [one for one in frontier if not isinstance(one, Literal)]
                mirror.read_subjects(graph, starts, forward)
                found |= {o for _, _, o in mirror.matches(graph, starts, forward, None)}
            if backward:
                mirror.read_values(graph, frontier, backward)
                found |= {s for s, _, _ in mirror.matches(graph, None, backward, frontier)}
        frontier = found - seen
        seen |= frontier
    return seen


def _directions(path: Path) -> tuple[set[IRI], set[IRI]]:
    """Predicates that a path follows from subject to value, and those from value to subject."""
    match path:
        case IRI():
            return {path}, set()
        case Inverse(inner):
            onward, back = _directions(inner)
            return back, onward
        case Sequence(parts) | Alternative(parts):
            both = [_directions(one) for one in parts]
            return set().union(*(one for one, _ in both)), set().union(*(one for _, one in both))
        case Repeat(inner):
            return _directions(inner)
        case Negated():
            return set(), set()
    return set(), set()


def _length(path: Path) -> int:
    """Most steps of a path."""
    match path:
        case Inverse(inner):
            return _length(inner)
        case Sequence(parts):
            return sum(map(_length, parts))
        case Alternative(parts):
            return max(map(_length, parts))
        case Repeat(inner, mark):
            return _length(inner) if mark == "?" else _ENDLESS
    return 1


def _may_stay(path: Path) -> bool:
    """Whether a path may have no step, so that each term is joined with itself."""
    match path:
        case Inverse(inner):
            return _may_stay(inner)
        case Sequence(parts):
            return all(map(_may_stay, parts))
        case Alternative(parts):
            return any(map(_may_stay, parts))
        case Repeat(inner, mark):
            return mark in "*?" or _may_stay(inner)
    return False
