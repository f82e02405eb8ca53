"""Reads what a query may match: walks through its groups and asks the server for one pattern after the other.

What is known of a variable (`Candidates`: all values that it can have) narrows the patterns that follow, as far as
that changes no answer: a pattern that must match narrows all that is joined with it; what is OPTIONAL, subtracted or
tested by EXISTS is narrowed only by variables that are surely bound before it. (Bind joins, as in Haas et al. 1997;
asking servers for single patterns: Verborgh et al., Triple Pattern Fragments, 2016.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kg.planner.patterns import passed_in
from kg.remote.mirror import Mirror
from kg.remote.needs import Candidates, Step, constants_of, equalities, existences, narrowing_terms, steps_of, surely
from kg.remote.walk import read_path
from kg.sparql.syntax import (
    Bind,
    Element,
    Filter,
    GraphGroup,
    Group,
    LateralGroup,
    MinusGroup,
    Node,
    OptionalGroup,
    Query,
    Select,
    SubSelect,
    Triple,
    UnionGroups,
    Values,
    Var,
    projected,
)
from ontology.terms import IRI, Term

Graphs = tuple[IRI | None, ...]

_FEW = 500
_SMALL = 2_000


class Cover:
    """Makes a mirror hold what one query needs.

    Args:
        mirror: what is read goes there.
        also: a named graph that is read as if its triples stood in the default graph.
        all_graphs: patterns meet all graphs of the server.
    """

    def __init__(self, mirror: Mirror, also: IRI | None = None, all_graphs: bool = False) -> None:
        self._mirror, self._also, self._all_graphs = mirror, also, all_graphs

    def read(self, query: Query) -> None:
        """Reads for all patterns of a query.

        Raises:
            EarthdexError: the server fails, or too many triples would be read.
        """
        every = query.dataset or self._all_graphs
        graphs: Graphs = (None,) if self._also is None else (None, self._also)
        if every:
            graphs = (None, *self._mirror.graphs())
        self._select(query.select, {}, graphs)

    def _select(self, select: Select, outer: Candidates, graphs: Graphs) -> Candidates:
        cands = dict(outer)
        if select.values is not None:
            _meet(cands, constants_of(select.values))
        found = self._group(select.where, cands, graphs)
        sure = surely(select.where)
        inner = {name: terms for name, terms in found.items() if name in sure}
        asked = [one.expr for one in select.columns or () if one.expr is not None]
        asked += [*select.having, *(one.expr for one in select.order), *(one for one, _ in select.group_by)]
        for exists in existences(asked):
            self._group(exists.group, inner, graphs)
        renamed = {one.var.name for one in select.columns or () if one.expr is not None}
        shown = projected(select) - renamed
        return {name: terms for name, terms in inner.items() if name in shown}

    def _group(self, group: Group, outer: Candidates, graphs: Graphs) -> Candidates:
        """Reads for a group; returns all that is known of its variables, those of `outer` included."""
        cands = dict(outer)
        elements = group.elements
        for one in elements:
            if isinstance(one, Values):
                _meet(cands, constants_of(one))
            elif isinstance(one, Bind) and isinstance(one.expr, IRI):
                _meet(cands, {one.var.name: {one.expr}})
            elif isinstance(one, Filter):
                _meet(cands, equalities(one.expr))
        steps = [step for one in elements if isinstance(one, Triple) for step in steps_of(one)]
        joined = [one for one in elements if isinstance(one, (UnionGroups, SubSelect, LateralGroup, GraphGroup))]
        # what names something goes first: it narrows all others
        first = [one for one in joined if not self._is_narrow(steps, cands) and self._names_things(one)]
        for one in first:
            _meet(cands, self._joined(one, cands, graphs))
        self._steps(steps, cands, graphs)
        for one in joined:
            if one not in first:
                _meet(cands, self._joined(one, cands, graphs))
        if any(not terms for terms in cands.values()):
            return cands  # nothing can match, so nothing else is needed
        self._others(group, cands, graphs)
        return cands

    def _others(self, group: Group, cands: Candidates, graphs: Graphs) -> None:
        """What may match but need not: it is narrowed only by what is surely bound where it stands."""
        bound: set[str] = set()
        for one in group.elements:
            if isinstance(one, (OptionalGroup, MinusGroup)):
                self._group(one.group, {name: cands[name] for name in bound if name in cands}, graphs)
            elif isinstance(one, Bind):
                for exists in existences([one.expr]):
                    self._group(exists.group, {name: cands[name] for name in bound if name in cands}, graphs)
            bound |= surely(Group((one,)))
        for one in group.filters():
            for exists in existences([one.expr]):
                self._group(exists.group, {name: cands[name] for name in bound if name in cands}, graphs)

    def _joined(self, element: Element, cands: Candidates, graphs: Graphs) -> Candidates:
        """Reads for what is joined with the patterns of a group; what is known of its variables then."""
        match element:
            case LateralGroup(inner):
                return self._group(inner, cands, graphs)
            case SubSelect(select):
                names = passed_in(select)
                return self._select(select, {name: cands[name] for name in names if name in cands}, graphs)
            case UnionGroups(groups):
                return _either([self._sure(one, self._group(one, cands, graphs)) for one in groups])
            case GraphGroup(name, inner):
                return _either(
                    [self._sure(inner, self._named(name, one, inner, cands)) for one in self._in(name, cands)]
                )
        return {}

    def _in(self, name: Node, cands: Candidates) -> Graphs:
        self._mirror.name_graphs()  # `GRAPH <g> {}` asks whether there is one
        if isinstance(name, IRI):
            return (name,)
        known = cands.get(name.name) if isinstance(name, Var) else None
        names = (one for one in self._mirror.graphs() if one != self._also)
        return tuple(one for one in names if known is None or one in known)

    def _named(self, name: Node, graph: IRI | None, inner: Group, cands: Candidates) -> Candidates:
        known = dict(cands)
        if isinstance(name, Var) and graph is not None:
            _meet(known, {name.name: {graph}})
        return self._group(inner, known, (graph,))

    def _sure(self, group: Group, found: Candidates) -> Candidates:
        sure = surely(group)
        return {name: terms for name, terms in found.items() if name in sure}

    def _names_things(self, element: Element) -> bool:
        """Whether an element names a subject or value, so that little matches."""
        match element:
            case LateralGroup(inner) | GraphGroup(_, inner):
                return any(map(self._names_things, inner.elements))
            case SubSelect(select):
                return any(map(self._names_things, select.where.elements))
            case UnionGroups(groups):
                return all(any(map(self._names_things, one.elements)) for one in groups)
            case Triple(subject, _, value):
                return not (isinstance(subject, Var) and isinstance(value, Var))
            case Values():
                return True
        return False

    def _is_narrow(self, steps: list[Step], cands: Candidates) -> bool:
        return any(self._names_things(one.triple) or one.names() & cands.keys() for one in steps)

    # --- patterns ------------------------------------------------------------------------------------------------

    def _steps(self, steps: list[Step], cands: Candidates, graphs: Graphs) -> None:
        """Reads for patterns that must all match, the most selective first."""
        left = list(steps)
        while left:
            if any(cands.get(name, {1}) == set() for one in steps for name in one.names()):
                return
            step = min(left, key=lambda one: self._cost(one, cands, graphs)) if len(left) > 1 else left[0]
            left.remove(step)
            if step.path is not None:
                ends = read_path(self._mirror, step, _terms(step.subject, cands), _terms(step.value, cands), graphs)
                _meet(cands, ends)
                continue
            self._read(step, [one for one in left if one.path is None], cands, graphs)
            self._narrow(step, cands, graphs)

    def _cost(self, step: Step, cands: Candidates, graphs: Graphs) -> float:
        subjects, values = _terms(step.subject, cands), _terms(step.value, cands)
        if step.path is not None:  # what narrows a path comes before it
            known = subjects if subjects is not None else values
            return 1e6 if known is None else 2.0 + 2 * len(known)
        steps = step.predicates(cands)
        if subjects is not None and len(subjects) <= _FEW:
            return float(len(subjects))
        return 2.0 + sum(min(self._prices(graph, steps, subjects, values)) for graph in graphs)

    def _prices(
        self,
        graph: IRI | None,
        steps: tuple[IRI, ...] | None,
        subjects: Collection[Term] | None,
        values: Collection[Term] | None,
    ) -> tuple[float, float, float]:
        """About how many triples are read: all, those of the subjects, those with the values."""
        whole = float(self._mirror.count(graph, steps))
        by_subject = 2.0 * len(subjects) if subjects is not None else float("inf")
        by_value = 5.0 * len(values) if values is not None else float("inf")
        if values is not None and len(values) == 1 and whole > _SMALL:
            by_value = float(self._mirror.count(graph, steps, next(iter(values))))
        return whole, by_subject, by_value

    def _read(self, step: Step, others: list[Step], cands: Candidates, graphs: Graphs) -> None:
        subjects, values = _terms(step.subject, cands), _terms(step.value, cands)
        steps = step.predicates(cands)
        for graph in graphs:
            if subjects is not None and len(subjects) <= _FEW:
                self._mirror.read_subjects(graph, subjects, self._star(step, others, cands))
                continue
            whole, by_subject, by_value = self._prices(graph, steps, subjects, values)
            if whole <= _SMALL or whole <= min(by_subject, by_value):
                self._mirror.read_whole(graph, steps)
            elif by_subject <= by_value and subjects is not None:
                self._mirror.read_subjects(graph, subjects, steps)
            elif values is not None:
                self._mirror.read_values(graph, values, steps)

    def _star(self, step: Step, others: Iterable[Step], cands: Candidates) -> tuple[IRI, ...] | None:
        """The predicates of a pattern, and those that other patterns want of the same subject: one request for all."""
        found = step.predicates(cands)
        for one in others if found is not None else ():
            more = one.predicates(cands)
            if one.subject == step.subject and more is not None and not isinstance(one.value, IRI):
                found = tuple(dict.fromkeys((*(found or ()), *more)))
        return found

    def _narrow(self, step: Step, cands: Candidates, graphs: Graphs) -> None:
        """What a pattern says of its variables, now that all is here that may match it."""
        if not step.names():
            return
        subjects, values = _terms(step.subject, cands), _terms(step.value, cands)
        first: set[Term] = set()
        second: set[Term] = set()
        third: set[Term] = set()
        for graph in graphs:
            for s, p, o in self._mirror.matches(graph, subjects, step.predicates(cands), values):
                first.add(s)
                second.add(p)
                third.add(o)
        for node, terms in ((step.subject, first), (step.value, third), (step.variable, second)):
            if isinstance(node, Var):
                usable = narrowing_terms(terms)
                if usable is not None:
                    _meet(cands, {node.name: usable})


def _terms(node: Node, cands: Candidates) -> Collection[Term] | None:
    if isinstance(node, Var):
        return cands.get(node.name)
    return narrowing_terms({node})


def _meet(cands: Candidates, more: Candidates) -> None:
    for name, terms in more.items():
        cands[name] = cands[name] & terms if name in cands else set(terms)


def _either(branches: list[Candidates]) -> Candidates:
    if not branches:
        return {}
    names = set.intersection(*(set(one) for one in branches))
    return {name: set().union(*(one[name] for one in branches)) for name in names}
