"""What the parts of a query say of its variables before anything is asked: constants, equalities, what is bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.planner.patterns import flatten
from kg.sparql.paths import predicates as predicates_of
from kg.sparql.syntax import (
    Aggregate,
    Alternative,
    Bind,
    Call,
    Exists,
    Expr,
    GraphGroup,
    Group,
    LateralGroup,
    Negated,
    Node,
    Path,
    SubSelect,
    Triple,
    UnionGroups,
    Values,
    Var,
    projected,
)
from ontology.terms import IRI, RDF_LANG_STRING, XSD, BNode, Literal, Term

Candidates = dict[str, set[Term]]

_MOST_STEPS = 50
_MOST_TERMS = 200_000


@dataclass(frozen=True, slots=True)
class Step:
    """One pattern.

    Attributes:
        triple: the pattern.
        path: a property path that is more than a choice of predicates; None for all others.
        fixed: its predicates; None: any.
        variable: the variable in the place of the predicate.
    """

    triple: Triple
    path: Path | None
    fixed: tuple[IRI, ...] | None
    variable: Var | None = None

    @property
    def subject(self) -> Node:
        """Of the pattern."""
        return self.triple.subject

    @property
    def value(self) -> Node:
        """Of the pattern."""
        return self.triple.value

    def names(self) -> set[str]:
        """Names of its variables."""
        nodes = (self.triple.subject, self.triple.value, self.variable)
        return {one.name for one in nodes if isinstance(one, Var)}

    def predicates(self, cands: Candidates) -> tuple[IRI, ...] | None:
        """The predicates that it can have; None: any."""
        if self.variable is not None:
            known = cands.get(self.variable.name)
            if known is not None and len(known) <= _MOST_STEPS:
                return tuple(sorted(one for one in known if isinstance(one, IRI))) or (IRI("urn:earthdex:none"),)
        return self.fixed


class _Fresh:
    """Names that no query can have."""

    count = 0

    def __call__(self) -> Var:
        _Fresh.count += 1
        return Var(f"_:step{_Fresh.count}")


def steps_of(triple: Triple) -> Iterator[Step]:
    """A pattern as patterns without sequences and inversions."""
    for one in flatten(triple, _Fresh()):  # type: ignore[arg-type]
        match one.path:
            case Var():
                yield Step(one, None, None, one.path)
            case IRI():
                yield Step(one, None, (one.path,))
            case Alternative(parts) if all(isinstance(each, IRI) for each in parts):
                yield Step(one, None, tuple(dict.fromkeys(each for each in parts if isinstance(each, IRI))))
            case Negated(_, backward) if not backward:
                yield Step(one, None, None)
            case path:
                steps = predicates_of(path)
                yield Step(one, path, tuple(sorted(steps)) if steps is not None else None)


def narrowing_terms(terms: Iterable[Node | Term]) -> set[Term] | None:
    """The terms as candidates; None where one can be written in several ways, or there are too many."""
    found: set[Term] = set()
    for one in terms:
        if isinstance(one, Var):
            return None
        if isinstance(one, Literal):
            if one.language:
                one = Literal(one.value, RDF_LANG_STRING, one.language.casefold())
            elif one.datatype != XSD + "string":
                return None
        found.add(one)
    return found if len(found) <= _MOST_TERMS else None


def constants_of(values: Values) -> Candidates:
    """What inline data says of its variables."""
    found: Candidates = {}
    for at, name in enumerate(values.variables):
        column = [row[at] for row in values.rows]
        terms = narrowing_terms([one for one in column if one is not None])
        if terms is not None and None not in column:
            found[name.name] = terms
    return found


def equalities(expr: Expr) -> Candidates:
    """What a filter says of variables by `=`, IN or sameTerm with IRIs and texts."""
    if isinstance(expr, Call):
        if expr.name == "&&":
            found: Candidates = {}
            for one in expr.args:
                for name, terms in equalities(one).items():
                    found[name] = found[name] & terms if name in found else terms
            return found
        if expr.name in ("=", "in", "SAMETERM") and expr.args:
            first, *others = expr.args
            if expr.name != "in" and not isinstance(first, Var):
                first, others = others[0], [first]
            if isinstance(first, Var) and all(isinstance(one, (IRI, Literal)) for one in others):
                terms_or_none = narrowing_terms(one for one in others if isinstance(one, (IRI, Literal)))
                if terms_or_none is not None:
                    return {first.name: terms_or_none}
    return {}


def surely(group: Group) -> set[str]:
    """Variables that every solution of a group binds."""
    found: set[str] = set()
    for one in group.elements:
        match one:
            case Triple(subject, path, value):
                found |= {node.name for node in (subject, path, value) if isinstance(node, Var)}
            case Values():
                found |= {
                    name.name for at, name in enumerate(one.variables) if all(row[at] is not None for row in one.rows)
                }
            case LateralGroup(inner):
                found |= surely(inner)
            case GraphGroup(name, inner):
                found |= surely(inner) | ({name.name} if isinstance(name, Var) else set())
            case UnionGroups(groups):
                found |= set.intersection(*map(surely, groups))
            case SubSelect(select):
                inner_names = surely(select.where)
                made = {column.var.name for column in select.columns or () if column.expr is not None}
                found |= (projected(select) & inner_names) - made
            case Bind(IRI() | Literal(), var):
                found.add(var.name)
    return found


def existences(exprs: Iterable[Expr]) -> Iterator[Exists]:
    """All EXISTS inside expressions, those of aggregates included."""
    for one in exprs:
        match one:
            case Exists():
                yield one
            case Call(_, args):
                yield from existences(args)
            case Aggregate(_, arg) if arg is not None:
                yield from existences([arg])


__all__ = [
    "BNode",
    "Candidates",
    "Step",
    "constants_of",
    "equalities",
    "existences",
    "narrowing_terms",
    "steps_of",
    "surely",
]
