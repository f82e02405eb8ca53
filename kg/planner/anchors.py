"""Which patterns of a query may match scenes, and which scenes those are at most.

A variable may be a scene unless something that must hold says otherwise: a predicate that scenes lack, a class, listed
values, or being the value of a predicate that never points at scenes. Each variable that may be one is anchored in
the outermost scope that requires it; patterns below that scope need no other scenes than it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.planner.nothing import Stay, stays
from kg.planner.patterns import Scope, first_steps, last_steps, passed_in
from kg.planner.said import Said
from kg.sparql.paths import predicates
from kg.sparql.syntax import Node, Triple, Var, projected
from kg.virtual import AS_WKT, ATTRIBUTES, HAS_GEOMETRY, SCENE_CLASS, SCENE_PREDICATES, TYPE, geometry_key, scene_key
from ontology.terms import IRI, WKT_LITERAL, Literal


@dataclass(frozen=True, slots=True)
class Anchor:
    """Scenes that a query may need.

    Attributes:
        subject: the variable, or the IRI of a scene or of its geometry node; None: all scenes.
        geometry: whether the subject is the geometry node of a scene.
        scope: where it is required; conditions there hold for it.
        one: the subject is a term, of which any one scene that has it as a value is enough.
    """

    subject: Var | IRI | Literal | None
    scope: Scope
    geometry: bool = False
    one: bool = False


class Anchors:
    """What of a query meets scenes.

    Args:
        top: scopes of the query.
        said: what the graph says of scenes.

    Attributes:
        found: the anchors.
        wanted: predicates of scenes that patterns may read; None for all of them.
        stay: what paths of no length need.
    """

    def __init__(self, top: Scope, said: Said) -> None:
        self._said, self._points = said, said.points
        self._known: dict[tuple[str, int, bool], bool] = {}
        self.found: list[Anchor] = []
        self.wanted: set[IRI] | None = set()
        self.stay: Stay = stays(top)
        self._walk(top, frozenset())
        self._stay(top)

    def _stay(self, top: Scope) -> None:
        for node in self.stay.terms:
            if isinstance(node, IRI) and (scene_key(node) or geometry_key(node)):
                self.found.append(Anchor(node, top, geometry_key(node) is not None))
                self._want({TYPE, HAS_GEOMETRY})
            elif isinstance(node, Literal) and node.datatype == WKT_LITERAL:
                self.stay.everywhere = True  # a footprint is not looked up by its text
            elif not self._said.names(node):
                self.found.append(Anchor(node, top, one=True))
                self.wanted = None
        if self.stay.everywhere:
            self.wanted = None
            self.found.append(Anchor(None, top))

    def _walk(self, scope: Scope, held: frozenset[Node]) -> None:
        own: set[Node] = {*self._given(scope)}
        for triple in scope.triples:
            self._triple(scope, triple, held, own)
        inner = held | own
        for number, branch in scope.branches:
            shared = branch.shared()
            if branch.role in ("optional", "minus", "exists"):
                left = scope if branch.role == "exists" else scope.left_of(number)
                bound = left.binds_surely()
                self._walk(branch, frozenset(one for one in inner if not isinstance(one, Var) or one in bound))
                continue
            kept = inner if shared is None else frozenset(
                one for one in inner if not isinstance(one, Var) or one.name in shared
            )  # fmt: skip
            # What a sub-select may see is still conditions from outside, on variables that it groups by.
            self._walk(branch, frozenset(kept))

    def _given(self, scope: Scope) -> Iterator[Node]:
        """Variables that a sub-select anchors by itself, such as the best ten of all scenes."""
        for _, branch in scope.branches:
            if branch.role == "select" and branch.select is not None:
                names = projected(branch.select) - passed_in(branch.select)
                for one in branch.required():
                    yield from (
                        triple.subject
                        for triple in one.triples
                        if isinstance(triple.subject, Var)
                        and triple.subject.name in names
                        and self.may_be_scene(triple.subject, branch)
                    )

    def _triple(self, scope: Scope, triple: Triple, held: frozenset[Node], own: set[Node]) -> None:
        subject, path = triple.subject, triple.path
        steps = {path} if isinstance(path, IRI) else None if isinstance(path, Var) else predicates(path)
        touched = steps is None or bool(steps & SCENE_PREDICATES)
        node = steps is None or AS_WKT in steps
        if not (touched or node):
            return
        if not isinstance(path, (IRI, Var)):
            self._complex(scope, triple, steps, own)
            return
        if touched and self.may_be_scene(subject, scope):
            self._want(steps)
            self._anchor(Anchor(subject, scope), held, own)
        elif node and self.may_be_geometry(subject, scope):
            self._want(steps)
            owner = self._owner(subject, scope)
            if owner is None or not (owner in held or owner in own):
                self._anchor(Anchor(subject, scope, True), held, own)

    def _complex(self, scope: Scope, triple: Triple, steps: set[IRI] | None, own: set[Node]) -> None:
        """Paths that are not taken apart: any scene may lie on them, unless both ends and all steps speak against."""
        firsts = first_steps(triple.path)
        plain = firsts is not None and firsts == steps  # alternatives of single steps from the subject
        if plain and not self.may_be_scene(triple.subject, scope):
            return
        self._want(steps)
        if plain and isinstance(triple.subject, (Var, IRI)):
            self._anchor(Anchor(triple.subject, scope), frozenset(), own)
        else:
            self.found.append(Anchor(None, scope))

    def _owner(self, node: Node, scope: Scope) -> Node | None:
        """The variable whose geometry node this is, where the scope says so."""
        for one in scope.conjunction(node):
            for triple in one.triples:
                if triple.path == HAS_GEOMETRY and triple.value == node:
                    return triple.subject
        return None

    def _want(self, steps: set[IRI] | None) -> None:
        if steps is None:
            self.wanted = None
        elif self.wanted is not None:
            self.wanted |= steps & (SCENE_PREDICATES | {AS_WKT})

    def _anchor(self, anchor: Anchor, held: frozenset[Node], own: set[Node]) -> None:
        if anchor.subject in held or anchor.subject in own or anchor.subject is None:
            return
        own.add(anchor.subject)
        self.found.append(anchor)

    # --- what a term may be ------------------------------------------------------------------------------------

    def may_be_scene(self, node: Node, scope: Scope) -> bool:
        """Whether a term of a scope may be a scene."""
        if not isinstance(node, Var):
            return isinstance(node, IRI) and scene_key(node) is not None and geometry_key(node) is None
        key = (node.name, id(scope), False)
        if key not in self._known:
            self._known[key] = True  # while it is being looked at: circles prove nothing
            self._known[key] = not self._speaks_against(node, scope, self._no_scene)
        return self._known[key]

    def may_be_geometry(self, node: Node, scope: Scope) -> bool:
        """Whether a term of a scope may be the geometry node of a scene."""
        if not isinstance(node, Var):
            return isinstance(node, IRI) and geometry_key(node) is not None
        key = (node.name, id(scope), True)
        if key not in self._known:
            self._known[key] = True
            self._known[key] = not self._speaks_against(node, scope, self._no_geometry)
        return self._known[key]

    def _speaks_against(self, node: Var, scope: Scope, rule: Callable[[Var, Triple, Scope], bool]) -> bool:
        for one in scope.conjunction(node):
            if any(rule(node, triple, one) for triple in one.triples):
                return True
            for values in one.values:
                if node in values.variables:
                    cells = [row[values.variables.index(node)] for row in values.rows]
                    if not any(cell is None or (isinstance(cell, IRI) and scene_key(cell)) for cell in cells):
                        return True
        return self._branches_against(node, scope, rule)

    def _branches_against(self, node: Var, scope: Scope, rule: Callable[[Var, Triple, Scope], bool]) -> bool:
        """Whether every branch of one UNION, or a sub-select, speaks against it."""
        unions: dict[int, list[bool]] = {}
        for number, branch in scope.branches:
            if branch.role == "union" or (branch.role == "select" and node.name in (branch.shared() or set())):
                against = any(
                    rule(node, triple, one) for one in branch.required() for triple in one.triples
                ) or self._branches_against(node, branch, rule)
                unions.setdefault(number, []).append(against)
        return any(all(found) for found in unions.values())

    def _no_scene(self, node: Var, triple: Triple, scope: Scope) -> bool:
        if triple.subject == node:
            steps = first_steps(triple.path)
            if steps is not None and not steps & SCENE_PREDICATES and not any(map(self._points, steps)):
                return True
            if triple.path == TYPE:
                return not self._may_be_class(triple.value, scope)
        if triple.value == node:
            steps = last_steps(triple.path)
            return steps is not None and not any(self._points(one) for one in steps)
        return False

    def _may_be_class(self, value: Node, scope: Scope) -> bool:
        classes = {None, SCENE_CLASS, *self._said.classes}
        if not isinstance(value, Var):
            return value in classes
        for one in scope.conjunction(value):
            for values in one.values:
                if value in values.variables:
                    at = values.variables.index(value)
                    if not any(row[at] in classes for row in values.rows):
                        return False
        return True

    def _no_geometry(self, node: Var, triple: Triple, scope: Scope) -> bool:
        if triple.subject == node:
            steps = first_steps(triple.path)
            if steps is not None and AS_WKT not in steps and not any(map(self._points, steps)):
                return True
        if triple.value == node:
            steps = last_steps(triple.path)
            if steps is None or any(self._points(one) for one in steps):
                return False
            return HAS_GEOMETRY not in steps or not self.may_be_scene(triple.subject, scope)
        return False


def is_graph(triple: Triple, may_be_scene: Callable[[Node], bool]) -> bool:
    """Whether a pattern can match the graph only: by its predicate, or by its subject where it leads no further."""
    path = triple.path
    if isinstance(path, IRI):
        return (path not in SCENE_PREDICATES and path != AS_WKT) or not may_be_scene(triple.subject)
    steps = None if isinstance(path, Var) else predicates(path)
    own = steps is not None and (steps == first_steps(path) or not steps & (SCENE_PREDICATES | {AS_WKT}))
    return (own or isinstance(path, Var)) and not may_be_scene(triple.subject)


def wanted_attributes(wanted: set[IRI] | None) -> tuple[list[IRI], bool, bool]:
    """(predicates of columns, whether the class, whether the geometry) that patterns may read."""
    if wanted is None:
        return list(ATTRIBUTES), True, True
    return [one for one in ATTRIBUTES if one in wanted], TYPE in wanted, bool(wanted & {HAS_GEOMETRY, AS_WKT})
