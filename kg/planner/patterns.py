"""The groups of a query as scopes: what each requires, what hangs below it, sequences of paths taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

from kg.sparql.syntax import (
    Alternative,
    Bind,
    Call,
    Element,
    Exists,
    Expr,
    Filter,
    GraphGroup,
    Group,
    Inverse,
    LateralGroup,
    MinusGroup,
    Node,
    OptionalGroup,
    Path,
    Repeat,
    Select,
    Sequence,
    SubSelect,
    Triple,
    UnionGroups,
    Values,
    Var,
    projected,
    variables,
)
from ontology.terms import IRI

Role = OneOf["top", "required", "union", "optional", "minus", "exists", "select"]


@dataclass(eq=False)
class Scope:
    """A group of a query.

    Attributes:
        role: how its solutions meet those of the scope above (`union`: one of several branches).
        triples: its own triple patterns, sequences taken apart; they must all match.
        named: pattern groups inside GRAPH, which never meet scenes.
        branches: scopes below; those of one UNION share a number.
        select: the sub-select whose pattern this is.
        number: place among the elements of the group above.
        places: place of each triple's element in the group.
    """

    role: Role
    group: Group
    above: Scope | None = None
    triples: list[Triple] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    binds: list[Bind] = field(default_factory=list)
    named: list[GraphGroup] = field(default_factory=list)
    branches: list[tuple[int, Scope]] = field(default_factory=list)
    select: Select | None = None
    number: int = 0
    places: list[int] = field(default_factory=list)
    _lefts: dict[int, Scope] = field(default_factory=dict)

    def below(self) -> Iterator[Scope]:
        """This scope and all below it."""
        yield self
        for _, one in self.branches:
            yield from one.below()

    def required(self) -> Iterator[Scope]:
        """This scope and those below whose patterns must match as well, of which it sees all variables."""
        yield self
        for _, one in self.branches:
            if one.role == "required":
                yield from one.required()

    def around(self, node: Node | None = None) -> Iterator[Scope]:
        """This scope, and those above whose patterns restrict which of its solutions matter, nearest first.

        A nested group is joined with all that surrounds it. An OPTIONAL or MINUS meets only the solutions of what
        stands before it in its own group, and an EXISTS those of its group; what surrounds that group restricts them
        only by variables that they surely bind. A sub-select hides all but what it groups by or hands on.

        Args:
            node: the variable that is asked about; None: all of them.
        """
        here = self
        yield here
        while here.above is not None:
            shared = here.shared()
            if shared is not None and not (isinstance(node, Var) and node.name in shared):
                return
            above = here.above.left_of(here.number) if here.role in ("optional", "minus") else here.above
            yield above
            if here.role in ("optional", "minus", "exists") and node not in above.binds_surely():
                return
            here = above

    def conjunction(self, node: Node | None = None) -> Iterator[Scope]:
        """All scopes whose patterns hold for a variable (None: all) wherever it matters here; see `around`."""
        for one in self.around(node):
            yield from one.required()

    def left_of(self, number: int) -> Scope:
        """What stands in a group before one of its elements."""
        if number not in self._lefts:
            kept = [one for one in self.branches if one[0] < number]
            at = [place < number for place in self.places]
            values = [one for one in self.group.elements[:number] if isinstance(one, Values)]
            left = Scope(self.role, self.group, self.above, select=self.select, number=self.number)
            left.triples = [one for one, is_left in zip(self.triples, at, strict=True) if is_left]
            left.places = [one for one, is_left in zip(self.places, at, strict=True) if is_left]
            left.values, left.branches, left.filters = values, kept, self.filters
            self._lefts[number] = left
        return self._lefts[number]

    def binds_surely(self) -> set[Node]:
        """Variables of the triples that must match."""
        return {
            node
            for one in self.required()
            for triple in one.triples
            for node in (triple.subject, triple.path, triple.value)
            if isinstance(node, Var)
        }

    def shared(self) -> set[str] | None:
        """Names that mean the same here and outside; None for all (any scope but a sub-select)."""
        return None if self.select is None or self.role != "select" else passed_in(self.select)


class _Fresh:
    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> Var:
        self._count += 1
        return Var(f"_:path{self._count}")


def scopes_of(select: Select) -> Scope:
    """The scopes of a whole query."""
    top = _scope("top", select.where, None, _Fresh(), select)
    if select.values is not None:
        top.values.append(select.values)
    return top


def _scope(role: Role, group: Group, above: Scope | None, fresh: _Fresh, select: Select | None = None) -> Scope:
    scope = Scope(role, group, above, select=select)
    for number, one in enumerate(group.elements):
        match one:
            case Triple():
                scope.triples += flatten(one, fresh)
                scope.places += [number] * (len(scope.triples) - len(scope.places))
            case Filter(expr):
                scope.filters.append(one)
                scope.branches += [(number, _scope("exists", e.group, scope, fresh)) for e in exists_in(expr)]
            case Values():
                scope.values.append(one)
            case Bind(expr):
                scope.binds.append(one)
                scope.branches += [(number, _scope("exists", e.group, scope, fresh)) for e in exists_in(expr)]
            case OptionalGroup(inner):
                scope.branches.append((number, _scope("optional", inner, scope, fresh)))
            case MinusGroup(inner):
                scope.branches.append((number, _scope("minus", inner, scope, fresh)))
            case LateralGroup(inner):
                scope.branches.append((number, _scope("required", inner, scope, fresh)))
            case GraphGroup():
                scope.named.append(one)
            case UnionGroups(groups):
                kind: Role = "required" if len(groups) == 1 else "union"
                scope.branches += [(number, _scope(kind, inner, scope, fresh)) for inner in groups]
            case SubSelect(inner_select):
                inner_scope = _scope("select", inner_select.where, scope, fresh, inner_select)
                if inner_select.values is not None:
                    inner_scope.values.append(inner_select.values)
                scope.branches.append((number, inner_scope))
    for number, branch in scope.branches:
        branch.number = number
    return scope


def bound_outside(scope: Scope) -> set[str]:
    """Variables that what surrounds a scope may bind."""
    found: set[str] = set()
    here = scope
    while here.above is not None:
        for one in here.above.group.elements:
            if not isinstance(one, Filter) and not _holds(one, here.group):
                found |= variables(one)
        for values in here.above.values:
            found |= variables(values)
        here = here.above
    return found


def _holds(element: Element, group: Group) -> bool:
    match element:
        case OptionalGroup(inner) | MinusGroup(inner) | LateralGroup(inner):
            return inner is group
        case UnionGroups(groups):
            return any(one is group for one in groups)
        case SubSelect(select):
            return select.where is group
    return False


def exists_in(expr: Expr) -> Iterator[Exists]:
    """The EXISTS groups inside an expression."""
    if isinstance(expr, Exists):
        yield expr
    elif isinstance(expr, Call):
        for arg in expr.args:
            yield from exists_in(arg)


def has_exists(expr: Expr) -> bool:
    """Whether an expression looks at patterns."""
    return any(True for _ in exists_in(expr))


def passed_in(select: Select) -> set[str]:
    """Names of a sub-select on which a condition from outside may as well be applied inside."""
    if select.limit is not None or select.offset:
        return set()
    names = projected(select)
    if select.aggregates:
        names &= {expr.name for expr, _ in select.group_by if isinstance(expr, Var)}
    if select.columns is not None:
        names -= {one.var.name for one in select.columns if one.expr is not None}
    return names


def flatten(triple: Triple, fresh: _Fresh) -> list[Triple]:
    """A pattern with its sequences and inversions taken apart into patterns joined by fresh variables."""
    path = triple.path
    if isinstance(path, Inverse):
        return flatten(Triple(triple.value, path.path, triple.subject), fresh)
    if not isinstance(path, Sequence):
        return [triple]
    found: list[Triple] = []
    node: Node = triple.subject
    for number, part in enumerate(path.parts):
        last = number == len(path.parts) - 1
        following: Node = triple.value if last else fresh()
        found += flatten(Triple(node, part, following), fresh)
        node = following
    return found


def first_steps(path: Path | Var) -> set[IRI] | None:
    """Predicates, one of which the subject of a path surely has; None where that is unknown."""
    match path:
        case IRI():
            return {path}
        case Sequence(parts):
            return first_steps(parts[0])
        case Alternative(parts):
            found: set[IRI] = set()
            for part in parts:
                one = first_steps(part)
                if one is None:
                    return None
                found |= one
            return found
        case Repeat(inner, "+"):
            return first_steps(inner)
    return None


def last_steps(path: Path | Var) -> set[IRI] | None:
    """Predicates, of one of which the end of a path surely is a value; None where that is unknown."""
    match path:
        case IRI():
            return {path}
        case Sequence(parts):
            return last_steps(parts[-1])
        case Alternative(parts):
            found: set[IRI] = set()
            for part in parts:
                one = last_steps(part)
                if one is None:
                    return None
                found |= one
            return found
        case Repeat(inner, "+"):
            return last_steps(inner)
    return None
