"""Which scenes a query needs: the conditions on an anchored variable as a statement over the columns.

The statement finds at least all scenes that can take part in a solution. Where it is `exact`, each scene that it finds
takes part in one, so that ORDER BY with LIMIT and counts can be left to the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kg.planner.anchors import Anchor
from kg.planner.components import Component, evaluate, holds, safe
from kg.planner.conditions import Columns
from kg.planner.patterns import Scope, bound_outside
from kg.planner.said import Said
from kg.scenes import Spatial, box_test
from kg.scenes.spatial import boxes_of
from kg.scenes.terms import ALWAYS, NEVER, All, AnyOf, Boxes, Either, Known, NotTrue, SceneIn, Test
from kg.sparql.syntax import Call, Exists, Expr, Filter, Triple, Values, Var, variables
from kg.virtual import (
    AS_WKT,
    ATTRIBUTES,
    HAS_GEOMETRY,
    SCENE_CLASS,
    TYPE,
    Attribute,
    geometry_key,
    scene_key,
    scene_keys,
)
from ontology.terms import IRI, Literal, Term

_MOST_BOXES = 300

MayBeScene = Callable[[Any, Scope], bool]


@dataclass(slots=True)
class Candidates:
    """A statement over the columns in the making.

    Attributes:
        columns: what variables stand for.
        where: tests that must all be true.
        spatial: conditions on the footprint.
        exact: whether every scene found takes part in a solution.
        empty: whether no scene can.
        optional: variables of `OPTIONAL { ?scene predicate ?variable }`.
        joined: components that were used, each with the variable it shares with the scene.
        lists: variables of required values, also of lists.
        decided: identities of filters that were applied by the graph.
    """

    columns: Columns
    where: list[Test] = field(default_factory=list)
    spatial: list[Spatial] = field(default_factory=list)
    exact: bool = True
    empty: bool = False
    optional: dict[str, Attribute] = field(default_factory=dict)
    joined: list[tuple[Component, str]] = field(default_factory=list)
    lists: dict[str, Attribute] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)

    def require(self, test: Test | None, exact: bool = True) -> None:
        """Adds a condition; None: one that columns cannot hold."""
        if test is not None:
            self.where.append(test)
        self.exact = self.exact and exact and test is not None


def equals(attribute: Attribute, terms: tuple[Term, ...]) -> tuple[Test, bool]:
    """That the scene has one of the terms as value; and whether the terms are all that have these values."""
    found = [attribute.value(term) for term in terms]
    values = tuple(one[0] for one in found if one is not None)
    exact = all(one is None or one[1] for one in found)
    if attribute.kind == "boolean":
        return (Known(attribute.column) if True in values else NEVER), exact
    return (AnyOf(attribute.column, values), exact) if values else (NEVER, True)


class Finder:
    """Writes the candidates of anchors.

    Args:
        parts: the components of a scope.
        prologue: prefixes of the query.
        text: of the query.
        run: runs a query over the graph.
        may_be_scene: whether a term may be a scene.
        few: the values of a column, if they are few.
        graph_branches: sub-selects and unions of a scope that are in its components already.
        said: what the graph says of scenes.
    """

    def __init__(
        self,
        parts: Callable[[Scope], list[Component]],
        prologue: str,
        text: str,
        run: Callable[[str], Any],
        may_be_scene: MayBeScene,
        few: Callable[[Attribute], tuple[Any, ...] | None],
        graph_branches: Callable[[Scope], set[int]],
        said: Said,
    ) -> None:
        self._parts = parts
        self._prologue, self._text, self._run = prologue, text, run
        self._may_be_scene = may_be_scene
        self._few = few
        self._graph_branches = graph_branches
        self._said = said

    def candidates(self, anchor: Anchor) -> Candidates:
        """The scenes that an anchor may need."""
        subject = anchor.subject
        if isinstance(subject, Var) and not anchor.geometry:
            return self._star(subject, anchor.scope)
        found = Candidates(Columns(), exact=False)
        if anchor.one:
            found.where.append(Either(tuple(_holders(subject))))
        elif isinstance(subject, IRI):
            key = geometry_key(subject) or scene_key(subject)
            found.where.append(SceneIn((key,) if key else ()))
        elif subject is not None:
            found.where.append(Known("geometry"))
        return found

    def _star(self, subject: Var, scope: Scope) -> Candidates:
        found = Candidates(Columns(subject.name))
        columns = found.columns
        lists: list[tuple[str, Attribute]] = []
        found.exact = self._only_scenes(subject, scope)
        for one in scope.required():
            for bind in one.binds:
                columns.bound[bind.var.name] = bind.expr
            self._read_triples(found, subject, one, lists)
        matched = {name for one in scope.required() for triple in one.triples for name in variables(triple)}
        found.exact &= not matched & columns.bound.keys()  # a value that must be the one bound
        self._read_optional(found, subject, scope)
        found.lists = dict(lists)
        self._join(found, subject, scope, lists)
        if found.empty:
            return found
        for one in scope.required():
            graph = self._graph_branches(one)
            mine = [(number, branch) for number, branch in one.branches if id(branch) not in graph]
            for number in dict.fromkeys(number for number, branch in mine if branch.role == "union"):
                found.require(*self._union(found, subject, one, number))
            found.exact &= not one.named and not any(b.role in ("minus", "select") for _, b in mine)
        for each, expr in self._filters(scope):
            if id(each) not in found.decided:
                self._filter(found, expr, subject, scope)
        for one in scope.required():
            # a filter sees only what its own braces bind
            inside = set().union(*map(variables, one.triples)) if one.triples else set()
            found.exact &= one is scope or all(variables(each) <= inside for each in one.filters)
        return found

    def _only_scenes(self, subject: Var, scope: Scope) -> bool:
        """Whether the patterns of a star match scenes of the table only."""
        mine = [triple for one in scope.required() for triple in one.triples if triple.subject == subject]
        if not self._said.more_scenes and any(one.path == TYPE and one.value == SCENE_CLASS for one in mine):
            return True
        return any(isinstance(one.path, IRI) and one.path != TYPE and not self._said.at_all(one.path) for one in mine)

    # --- patterns ----------------------------------------------------------------------------------------------

    def _read_triples(self, found: Candidates, subject: Var, scope: Scope, lists: list[tuple[str, Attribute]]) -> None:
        free = not self._said.of_scenes(HAS_GEOMETRY) and not self._said.of_scenes(AS_WKT)
        nodes = {one.value for one in scope.triples if free and one.subject == subject and one.path == HAS_GEOMETRY}
        for triple in scope.triples:
            if triple.subject == subject:
                self._read_triple(found, triple, lists)
            elif triple.subject in nodes:
                if triple.path == AS_WKT and isinstance(triple.value, Var):
                    found.columns.footprints.add(triple.value.name)
                else:
                    found.exact = False
            elif self._may_be_scene(triple.subject, scope):
                found.exact = False  # another star: joined by the store

    def _read_triple(self, found: Candidates, triple: Triple, lists: list[tuple[str, Attribute]]) -> None:
        path, value = triple.path, triple.value
        if isinstance(path, IRI) and path != TYPE and self._said.of_scenes(path):
            found.exact = False  # the graph gives scenes values, too
        elif path == TYPE:
            if isinstance(value, Var) or value in self._said.classes:
                found.exact = False
            elif value != SCENE_CLASS:
                found.require(NEVER)
        elif path == HAS_GEOMETRY:
            found.require(Known("geometry"), isinstance(value, Var))
        elif isinstance(path, IRI) and path in ATTRIBUTES:
            attribute = ATTRIBUTES[path]
            if not isinstance(value, Var):
                found.require(*equals(attribute, (value,)))
                return
            found.require(Known(attribute.column))
            known = found.columns.attributes.get(value.name)
            if known is not None and known.column != attribute.column:
                found.exact = False
            lists.append((value.name, attribute))
            if not attribute.many and attribute.kind != "boolean":
                found.columns.attributes[value.name] = attribute
        else:
            found.exact = False

    def _read_optional(self, found: Candidates, subject: Var, scope: Scope) -> None:
        for one in scope.required():
            for _, branch in one.branches:
                if branch.role == "optional" and len(branch.group.elements) == len(branch.triples) == 1:
                    triple = branch.triples[0]
                    attribute = ATTRIBUTES.get(triple.path) if isinstance(triple.path, IRI) else None
                    if triple.subject != subject or attribute is None or self._said.of_scenes(attribute.predicate):
                        continue
                    if isinstance(triple.value, Var):
                        found.optional[triple.value.name] = attribute

    # --- the graph ---------------------------------------------------------------------------------------------

    def _join(self, found: Candidates, subject: Var, scope: Scope, lists: list[tuple[str, Attribute]]) -> None:
        """Evaluates the components that share variables with the scene, and takes their values as conditions."""
        columns = found.columns
        mine = {name for name, _ in lists} | {subject.name}
        filtered: dict[str, int] = {}
        for _, expr in self._filters(scope):
            for name in variables(expr):
                filtered[name] = filtered.get(name, 0) + 1
        known: dict[str, tuple[Term, ...]] = {}
        for part in self._parts(scope):
            asked = tuple(sorted(part.names & (mine | (filtered.keys() - columns.footprints))))
            if not safe(part):
                found.exact = False
                continue
            if not asked:
                found.empty |= not holds(part, self._prologue, self._text, self._run)
                found.decided |= {id(each) for each in part.filters}
                continue
            self._narrow(part, lists)
            evaluate(part, asked, self._prologue, self._text, self._run)
            if part.solutions is None:
                found.exact = False
                continue
            found.empty |= not part.solutions
            found.decided |= {id(each) for each in part.filters}
            uses = sum((name in mine) + filtered.get(name, 0) for name in asked) - _inside(part, asked)
            found.exact &= len(asked) == 1 and uses <= 1
            known |= {name: part.column(name) for name in asked}
            found.joined += [(part, name) for name in asked]
        columns.known = known
        for name, attribute in lists:
            if name in known:
                found.require(*equals(attribute, known[name]))
        if subject.name in known:
            found.require(SceneIn(scene_keys(known[subject.name])))

    def _narrow(self, part: Component, lists: list[tuple[str, Attribute]]) -> None:
        """Tells a component the few values that a column has at all, such as the platforms there are scenes of."""
        for name, attribute in lists:
            if name in part.names and attribute.kind in ("sensor", "band") and part.triples:
                values = self._few(attribute)
                if values is not None:
                    part.values.append(Values((Var(name),), tuple((attribute.term(one),) for one in values)))

    # --- filters -----------------------------------------------------------------------------------------------

    def _filters(self, scope: Scope) -> Iterator[tuple[Filter, Expr]]:
        """Conditions that hold for every solution of a scope, one by one."""
        for one in scope.required():
            for each in one.filters:
                yield from ((each, expr) for expr in _conjuncts(each.expr))
        here = scope
        while here.role in ("required", "union") and here.above is not None:
            here = here.above
            for each in here.filters:
                yield from ((each, expr) for expr in _conjuncts(each.expr))

    def _filter(self, found: Candidates, expr: Expr, subject: Var, scope: Scope) -> None:
        spatial, exact = found.columns.spatial(expr)
        if spatial is not None and spatial.geometry.geom_type == "GeometryCollection":
            each = [replace(spatial, geometry=one) for one in spatial.geometry.geoms]
            if len(each) > _MOST_BOXES:
                each = [spatial]
            found.require(_any_box(each), False)
            return
        if spatial is not None:
            found.spatial.append(spatial)
            found.exact &= exact
            return
        if isinstance(expr, Exists):
            branch = next((b for _, b in self._branches(scope) if b.group is expr.group), None)
            test, exact = self._group(found.columns, subject, branch) if branch else (None, False)
            if test is not None and expr.negated:  # a value that is unknown does not match either
                test = NotTrue(test) if exact else None
            found.require(test, exact)
            return
        found.require(*found.columns.test(expr))

    def _branches(self, scope: Scope) -> Iterator[tuple[int, Scope]]:
        for one in scope.required():
            yield from one.branches

    def _union(self, found: Candidates, subject: Var, scope: Scope, number: int) -> tuple[Test | None, bool]:
        """That the scene matches one of the branches."""
        either: list[Test] = []
        exact = True
        for at, branch in scope.branches:
            if at == number:
                test, one = self._group(found.columns, subject, branch)
                if test is None:
                    return None, False
                either.append(test)
                exact &= one
        return Either(tuple(either)), exact

    def _group(self, columns: Columns, subject: Var, branch: Scope) -> tuple[Test | None, bool]:
        """That the scene matches a group that is about nothing else; None where it is, or nothing is known."""
        inner = Candidates(
            Columns(
                subject.name,
                dict(columns.attributes),
                set(columns.footprints),
                columns.known,
                dict(columns.bound),
            )
        )
        lists: list[tuple[str, Attribute]] = []
        for one in branch.required():
            self._read_triples(inner, subject, one, lists)
            inner.exact &= not one.named and not one.binds and all(b.role == "required" for _, b in one.branches)
            others = [t for t in one.triples if t.subject != subject and not _is_footprint(t, inner.columns)]
            inner.exact &= not others
            values = {t.value.name for t in one.triples if isinstance(t.value, Var)} - columns.attributes.keys()
            inner.exact &= not values & bound_outside(branch)  # those have a value already
        parts = list(self._parts(branch))
        for part in parts:
            asked = tuple(sorted(part.names & {name for name, _ in lists}))
            inner.exact &= len(asked) == 1 and len(part.names) == 1
            if asked and safe(part):
                evaluate(part, asked, self._prologue, self._text, self._run)
                if part.solutions is not None:
                    for name, attribute in lists:
                        if name in asked:
                            inner.require(*equals(attribute, part.column(name)))
        for one in branch.required():
            for each in one.filters:
                for expr in _conjuncts(each.expr):
                    spatial, _ = inner.columns.spatial(expr)
                    if spatial is not None:
                        inner.require(box_test(spatial), False)
                    else:
                        inner.require(*inner.columns.test(expr))
        if not inner.where:
            return None, False
        return All(tuple(inner.where)), inner.exact


def _any_box(conditions: list[Spatial]) -> Test:
    """Scenes whose bounding box allows one of some relations."""
    if any(one.relation == "disjoint" for one in conditions):
        return Known("geometry")
    return Boxes(tuple(box for one in conditions for box in boxes_of(one)))


def _holders(term: object) -> Iterator[Test]:
    """Tests for scenes that have a term as a value."""
    if term == SCENE_CLASS:
        yield ALWAYS
    for one in ATTRIBUTES.values():
        value = one.value(term) if isinstance(term, (IRI, Literal)) else None
        if value is not None and one.term(value[0]) == term:
            yield Known(one.column) if one.kind == "boolean" else AnyOf(one.column, (value[0],))


def _is_footprint(triple: Triple, columns: Columns) -> bool:
    return triple.path == AS_WKT and isinstance(triple.value, Var) and triple.value.name in columns.footprints


def _inside(part: Component, asked: tuple[str, ...]) -> int:
    """How often filters that a component was evaluated with name its shared variables: those are no further uses."""
    return sum(len(variables(each) & set(asked)) for each in part.filters)


def _conjuncts(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Call) and expr.name == "&&":
        for arg in expr.args:
            yield from _conjuncts(arg)
    else:
        yield expr
