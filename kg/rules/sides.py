"""The two sides of a spatial relation in a query: what each can be, which pairs have the relation, and their text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from kg.nquads import term as term_text
from kg.oxigraph import NODE_FUNCTION, OxigraphStore
from kg.rules.context import Context
from kg.rules.objects import SpatialObjects, related_literals
from kg.rules.relations import RELATIONS
from kg.sparql.syntax import Node, Var
from kg.sparql.writer import node_text
from kg.virtual import SCENE_CLASS, scene_key
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, BNode, Literal, Term

if TYPE_CHECKING:
    from kg.scenes import SceneTable

MOST_PAIRS = 200_000
"""Most pairs of one relation that are written into a query."""

_MOST_CANDIDATES = 50_000
_MOST_FILTERED = 50
_FEW = 500
Known: TypeAlias = dict[str, set[Term]]


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a relation.

    Attributes:
        node: the variable or IRI.
        names: all that it can be; None: anything.
        scene: whether it may be a scene, and whether it can be nothing else.
    """

    node: Node
    names: frozenset[Term] | None
    scene: bool = False
    only_scene: bool = False


class Sides:
    """Finds pairs for the relations of queries over one graph.

    Args:
        graph: the graph, which must not change meanwhile.
        objects: its spatial objects, made when first asked for.
        scenes: the scenes, which are features, too; None: there are none.
    """

    def __init__(
        self, graph: OxigraphStore, objects: Callable[[], SpatialObjects], scenes: SceneTable | None = None
    ) -> None:
        self._graph, self._objects, self._scenes = graph, objects, scenes

    # --- sides -------------------------------------------------------------------------------------------------

    def side(self, node: Node, context: Context, known: Known) -> Side:
        """What one end of a relation can be, given what the query joins it with."""
        if not isinstance(node, Var):
            is_scene = self._scenes is not None and isinstance(node, IRI) and scene_key(node) is not None
            return Side(node, frozenset((node,)), is_scene, is_scene)
        may, must = context.scene(node.name) if self._scenes is not None else (False, False)
        if must:
            return Side(node, None, True, True)
        found = self._values(node.name, context)
        if node.name in known:
            found = known[node.name] if found is None else found & known[node.name]
        if found is not None and self._scenes is not None:
            may = may and any(isinstance(one, IRI) and scene_key(one) is not None for one in found)
        return Side(node, None if found is None else frozenset(found), may)

    def _values(self, name: str, context: Context) -> set[Term] | None:
        found = context.listed(name)
        body = context.body(name, graph_only=self._scenes is not None)
        if not body:
            return found
        text = f"{context.prologue}\nSELECT DISTINCT {node_text(Var(name))} WHERE {{ {body} }}"
        rows = getattr(self._graph.query(f"{text} LIMIT {_MOST_CANDIDATES + 1}"), "rows", ())
        if len(rows) > _MOST_CANDIDATES:
            return found
        values = {row[0] for row in rows if row[0] is not None}
        return values if found is None else values & found

    # --- pairs -------------------------------------------------------------------------------------------------

    def pairs(self, name: str, path: IRI, left: Side, right: Side) -> set[tuple[Term, Term]]:
        """Pairs in the graph that have a relation, stated or computed.

        Raises:
            QueryTooLarge: more than `MOST_PAIRS`.
        """
        objects = self._objects()
        numbers = [
            None if one.names is None else {found for term in one.names if (found := objects.number(term)) is not None}
            for one in (left, right)
        ]
        pairs: set[tuple[Term, Term]] = set()
        if all(one is None or one for one in numbers):
            terms = objects.terms
            pairs = {(terms[a], terms[b]) for a, b in objects.related(name, numbers[0], numbers[1], MOST_PAIRS)}
        pairs.update(self._stated(path, left, right))
        if len(pairs) > MOST_PAIRS:
            raise QueryTooLarge(
                f"geo:{name} holds between more than {MOST_PAIRS:,} pairs here.",
                "Say more about its subject or its object, such as its class, its name or the place it is in.",
            )
        return pairs

    def _stated(self, path: IRI, left: Side, right: Side) -> Iterator[tuple[Term, Term]]:
        """Stated pairs; asked for one by one where one side is few."""
        patterns: Iterable[tuple[Any, Any]] = [(None, None)]
        if left.names is not None and len(left.names) <= _FEW:
            patterns = ((one, None) for one in left.names)
        elif right.names is not None and len(right.names) <= _FEW:
            patterns = ((None, one) for one in right.names)
        for subject, value in patterns:
            if isinstance(subject, Literal):
                continue
            for s, _, o, _ in self._graph.matching(subject, path, value):
                if (left.names is None or s in left.names) and (right.names is None or o in right.names):
                    yield s, o

    # --- text --------------------------------------------------------------------------------------------------

    def pattern(self, name: str, path: IRI, left: Side, right: Side, known: Known, fresh: Callable[[], Var]) -> str:
        """What is written in place of `left path right`; narrows what is known of variables.

        Raises:
            QueryTooLarge: too many pairs.
        """
        parts = []
        if not (left.only_scene or right.only_scene):
            found = self.pairs(name, path, left, right)
            if not (left.scene or right.scene):
                _narrow(known, left.node, {a for a, _ in found})
                _narrow(known, right.node, {b for _, b in found})
            parts.append(_inline(left.node, right.node, found, fresh))
        if left.scene and not right.only_scene:
            parts.append(self._scene(name, left, right, turned=False, fresh=fresh))
        if right.scene and not left.only_scene:
            parts.append(self._scene(name, right, left, turned=True, fresh=fresh))
        if left.scene and right.scene:
            parts.append(_footprints(name, left.node, right.node, fresh))
        parts = [one for one in parts if one != _NEVER] or [_NEVER]
        return parts[0] if len(parts) == 1 else " UNION ".join(f"{{ {one} }}" for one in parts)

    def _scene(self, name: str, scene: Side, other: Side, *, turned: bool, fresh: Callable[[], Var]) -> str:
        """A scene on one side, something of the graph on the other: a filter on the footprint."""
        if isinstance(scene.node, IRI) and self._scenes is not None:
            return self._scene_constant(name, scene.node, other, turned=turned, fresh=fresh)
        objects = self._objects()
        footprint = fresh()
        start = f"{_is_scene(scene.node)} {_footprint(scene.node, footprint)}"
        names = objects.terms if other.names is None else other.names
        with_shape = [(one, number) for one in names if (number := objects.number(one)) is not None]
        if (
            len(with_shape) > 1
            and other.names is not None
            and all(number in objects.single for _, number in with_shape)
        ):
            held = fresh()  # the planner joins scenes and areas
            call = _call(name, node_text(footprint), node_text(held), turned)
            return f"{start} {_footprint(other.node, held)} FILTER({call})"
        branches = []
        if len(with_shape) > _MOST_FILTERED:
            raise QueryTooLarge(
                f"geo:{name} would compare scenes with {len(with_shape):,} things.",
                "Say more about what is no scene, such as its class or its name.",
            )
        for one, number in with_shape:
            tests = " || ".join(
                _call(name, node_text(footprint), term_text(each), turned) for each in objects.literals(number)
            )
            name_it = _values((other.node,), [(one,)], fresh) if isinstance(other.node, Var) else ""
            branches.append(f"{start} FILTER({tests}) {name_it}")
        if len(branches) > 1:
            return " UNION ".join(f"{{ {one} }}" for one in branches)
        return branches[0] if branches else _NEVER

    def _scene_constant(self, name: str, scene: IRI, other: Side, *, turned: bool, fresh: Callable[[], Var]) -> str:
        """A scene that the query names: its footprint is read, and compared here."""
        literal = self._footprint_of(scene)
        if literal is None:
            return _NEVER
        objects = self._objects()
        numbers = {n for one in other.names or () if (n := objects.number(one)) is not None}
        if other.names is None:
            apart = not RELATIONS[name].predicate
            numbers = set(range(len(objects))) if apart else objects.near(literal)
        found: set[tuple[Term, Term]] = set()
        for number in numbers:
            for each in objects.literals(number):
                first, second = (each, literal) if turned else (literal, each)
                if related_literals(name, first, second):
                    pair = (objects.terms[number], scene) if turned else (scene, objects.terms[number])
                    found.add(pair)
        left, right = (other.node, scene) if turned else (scene, other.node)
        return _inline(left, right, found, fresh)

    def _footprint_of(self, scene: IRI) -> Literal | None:
        import shapely

        from kg.geosparql.shape import wkt
        from kg.scenes import Plan
        from kg.scenes.terms import Column, SceneIn

        key = scene_key(scene)
        if key is None or self._scenes is None:
            return None
        rows = self._scenes.run(Plan((Column("geometry"),), (SceneIn((key,)),), limit=1))
        return wkt(shapely.from_wkb(rows[0][0])) if rows and rows[0][0] is not None else None


_NEVER = "FILTER(false)"
_HAS_GEOMETRY = "http://www.opengis.net/ont/geosparql#hasGeometry"
_AS_WKT = "http://www.opengis.net/ont/geosparql#asWKT"
_FUNCTION = "http://www.opengis.net/def/function/geosparql/"


def _narrow(known: Known, node: Node, found: set[Term]) -> None:
    if isinstance(node, Var):
        known[node.name] = found & known[node.name] if node.name in known else found


def _is_scene(node: Node) -> str:
    return f"{node_text(node)} a <{SCENE_CLASS}> ."


def _footprint(node: Node, footprint: Var) -> str:
    return f"{node_text(node)} <{_HAS_GEOMETRY}>/<{_AS_WKT}> {node_text(footprint)} ."


def _footprints(name: str, left: Node, right: Node, fresh: Callable[[], Var]) -> str:
    first, second = fresh(), fresh()
    return (
        f"{_is_scene(left)} {_footprint(left, first)} {_is_scene(right)} {_footprint(right, second)} "
        f"FILTER({_call(name, node_text(first), node_text(second), turned=False)})"
    )


def _call(name: str, first: str, second: str, turned: bool) -> str:
    left, right = (second, first) if turned else (first, second)
    return f"<{_FUNCTION}{name}>({left}, {right})"


def _inline(left: Node, right: Node, pairs: set[tuple[Term, Term]], fresh: Callable[[], Var]) -> str:
    """The pairs as inline data; in a sub-select, since a plain VALUES of thousands is joined far more slowly."""
    if isinstance(left, Var) and left == right:
        return _values((left,), [(a,) for a, b in pairs if a == b], fresh)
    if isinstance(left, Var) and isinstance(right, Var):
        return _values((left, right), pairs, fresh)
    if isinstance(left, Var):
        return _values((left,), [(a,) for a, _ in pairs], fresh)
    if isinstance(right, Var):
        return _values((right,), [(b,) for _, b in pairs], fresh)
    return "" if pairs else _NEVER


def _values(variables: tuple[Var, ...], rows: Iterable[tuple[Term, ...]], fresh: Callable[[], Var]) -> str:
    lines = sorted(rows)
    if not lines:
        return _NEVER
    blank = any(isinstance(cell, BNode) for row in lines for cell in row)
    columns = tuple(fresh() for _ in variables) if blank else variables
    cells = " ".join(f"({' '.join(map(_cell, row))})" for row in lines)
    inner = f"VALUES ({' '.join(map(node_text, columns))}) {{ {cells} }}"
    if blank:
        inner += "".join(
            f" BIND(IF(isLiteral({node_text(key)}), <{NODE_FUNCTION}>({node_text(key)}), {node_text(key)}) "
            f"AS {node_text(one)})"
            for key, one in zip(columns, variables, strict=True)
        )
    return f"{{ SELECT {' '.join(map(node_text, variables))} WHERE {{ {inner} }} }}"


def _cell(term: Term) -> str:
    """A term as inline data; blank nodes cannot stand there, so their label does."""
    return term_text(Literal(str(term))) if isinstance(term, BNode) else term_text(term)
