"""What a query says about the ends of a spatial relation: patterns that hold wherever the relation is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.planner.patterns import has_exists
from kg.sparql.syntax import Bind, Call, Element, Expr, Filter, Triple, Values, Var, variables
from kg.sparql.writer import triple_text, values_text
from kg.virtual import AS_WKT, SCENE_CLASS, SCENE_PREDICATES, TYPE
from ontology.terms import IRI, Term


@dataclass(frozen=True, slots=True)
class Context:
    """Patterns, conditions and inline data that every solution meets; none of them a spatial relation.

    Attributes:
        elements: triple patterns, VALUES, FILTER and BIND.
        text, prologue: of the query that they are part of.
    """

    elements: tuple[Element, ...]
    text: str
    prologue: str

    def body(self, name: str, *, graph_only: bool) -> str:
        """The patterns that reach a variable, over any number of others; "" where none does.

        Args:
            name: of the variable.
            graph_only: whether to leave out patterns that a scene could match, of which the graph knows nothing.
        """
        usable = [one for one in self.elements if isinstance(one, Triple) and not (graph_only and self._meets(one))]
        reached, names, grown = [], {name}, True
        while grown:
            grown = False
            for one in usable:
                if one not in reached and variables(one) & names:
                    reached.append(one)
                    names |= variables(one)
                    grown = True
        if not any(name in variables(one) for one in reached):
            return ""
        parts = [triple_text(one) for one in reached]
        parts += [values_text(one) for one in self.elements if isinstance(one, Values) and variables(one) <= names]
        parts += [
            self.text[one.start : one.end]
            for one in self.elements
            if isinstance(one, Filter) and variables(one.expr) <= names and not has_exists(one.expr)
        ]
        return "\n".join(parts)

    def listed(self, name: str) -> set[Term] | None:
        """The values that VALUES, a BIND or a filter of equality give a variable; None where none does."""
        found: set[Term] | None = None
        for values in self._lists(name):
            found = values if found is None else found & values
        return found

    def _lists(self, name: str) -> Iterator[set[Term]]:
        for one in self.elements:
            if isinstance(one, Values) and Var(name) in one.variables:
                column = [row[one.variables.index(Var(name))] for row in one.rows]
                if all(cell is not None for cell in column):
                    yield {cell for cell in column if cell is not None and not isinstance(cell, Var)}
            elif isinstance(one, Bind) and one.var.name == name and isinstance(one.expr, IRI):
                yield {one.expr}
            elif isinstance(one, Filter):
                yield from _equal(one.expr, name)

    def scene(self, name: str) -> tuple[bool, bool]:
        """Whether a variable may be a scene, and whether it can be nothing else."""
        may = True
        for one in self.elements:
            if not isinstance(one, Triple) or one.subject != Var(name) or not isinstance(one.path, IRI):
                continue
            if one.path == TYPE and one.value == SCENE_CLASS:
                return True, True
            if one.path not in SCENE_PREDICATES or (one.path == TYPE and isinstance(one.value, IRI)):
                may = False
        return may, False

    def _meets(self, one: Triple) -> bool:
        """Whether a pattern could match a scene."""
        if not isinstance(one.path, IRI):
            return True
        if one.path == TYPE and isinstance(one.value, IRI):
            return one.value == SCENE_CLASS
        if one.path not in (*SCENE_PREDICATES, AS_WKT):
            return False
        return not isinstance(one.subject, Var) or one.path == AS_WKT or self.scene(one.subject.name)[0]


def _equal(expr: Expr, name: str) -> Iterator[set[Term]]:
    """What `?name = <iri>`, `?name IN (...)` and their conjunctions allow."""
    match expr:
        case Call("&&", args):
            for arg in args:
                yield from _equal(arg, name)
        case Call("=", (Var(found), IRI() as value)) | Call("=", (IRI() as value, Var(found))) if found == name:
            yield {value}
        case Call("in", (Var(found), *values)) if found == name and all(isinstance(one, IRI) for one in values):
            yield {one for one in values if isinstance(one, IRI)}
