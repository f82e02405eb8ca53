"""A small store that answers a query just as the whole catalogue would: the scenes it needs and the triples it joins.

Every pattern of the query finds in it what it would find among all scenes and the whole graph, as far as that can be
part of a solution; so the query itself runs on it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Rows
from typing import Any

from kg.nquads import term as text_of
from kg.oxigraph import OxigraphStore
from kg.planner.anchors import is_graph
from kg.planner.components import Component, components
from kg.planner.nothing import Stay, can_stay
from kg.planner.patterns import Scope, exists_in
from kg.planner.said import Said
from kg.sparql.paths import predicates
from kg.sparql.syntax import (
    Alternative,
    Bind,
    Filter,
    GraphGroup,
    Group,
    LateralGroup,
    MinusGroup,
    Node,
    OptionalGroup,
    Path,
    Repeat,
    Sequence,
    SubSelect,
    Triple,
    UnionGroups,
    Var,
)
from kg.sparql.writer import inline, node_text, triple_text
from kg.virtual import AS_WKT, HAS_GEOMETRY, SCENE_CLASS, TYPE, Attribute, geometry_iri
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, WKT_LITERAL, Literal

MOST_TRIPLES = 1_000_000
"""Most triples of scenes that are laid out for one query."""

MOST_GRAPH = 300_000
"""Most triples of the graph that are joined with scenes in one query."""

_CHUNK = 20_000


def scene_lines(
    rows: Rows[tuple[Any, ...]], attributes: Rows[Attribute], with_class: bool, with_geometry: bool
) -> Iterator[str]:
    """N-Triples of scenes.

    Args:
        rows: IRI, the attributes' columns (moments in microseconds), and the footprint (WKB) last.
        attributes: what the columns are.
        with_class: whether to say that they are scenes.
        with_geometry: whether rows hold the footprint.
    """
    wkts = _wkts([row[-1] for row in rows]) if with_geometry else [None] * len(rows)
    class_end = f"<{TYPE}> <{SCENE_CLASS}> ."
    for row, wkt in zip(rows, wkts, strict=True):
        subject = row[0]
        if with_class:
            yield f"<{subject}> {class_end}\n"
        for attribute, value in zip(attributes, row[1:], strict=False):
            if value is None or value == "" or (attribute.kind == "boolean" and not value):
                continue
            for one in dict.fromkeys(value) if attribute.many else (value,):
                if one is not None:
                    yield f"<{subject}> <{attribute.predicate}> {text_of(attribute.term(one))} .\n"
        if wkt is not None:
            node = geometry_iri(subject)
            yield f"<{subject}> <{HAS_GEOMETRY}> <{node}> .\n"
            yield f'<{node}> <{AS_WKT}> "{wkt}"^^<{WKT_LITERAL}> .\n'


def _wkts(shapes: Rows[bytes | None]) -> list[str | None]:
    import numpy as np
    import shapely

    read = shapely.from_wkb(np.asarray(shapes, dtype=object))
    return list(shapely.to_wkt(read, rounding_precision=-1)) if len(read) else []


def add_scenes(store: OxigraphStore, lines: Iterable[str]) -> None:
    """Adds N-Triples of scenes to the small store."""
    store.add_text("".join(lines).encode())


class GraphCopier:
    """Copies what a query joins with scenes from the graph into a small store.

    Args:
        graph: the graph tier.
        target: the small store.
        text: of the query.
        prologue: its prefixes.
        may_be_scene: whether a term may be a scene or the geometry node of one.
        known: values of variables that scenes bind.
        said: what the graph says of scenes.
    """

    def __init__(
        self,
        graph: OxigraphStore,
        target: OxigraphStore,
        text: str,
        prologue: str,
        may_be_scene: Callable[[Node, Scope], bool],
        known: dict[str, tuple[IRI | Literal, ...]],
        said: Said,
    ) -> None:
        self._graph, self._target = graph, target
        self._text, self._prologue = text, prologue
        self._may_be_scene = may_be_scene
        self._known, self._said = known, said
        self._left = MOST_GRAPH
        self._done: set[Any] = set()

    def copy(self, top: Scope) -> None:
        """Copies for all scopes of a query.

        Raises:
            QueryTooLarge: more than `MOST_GRAPH` triples would be joined.
        """
        if any(scope.named for scope in top.below()):
            self._graph.copy_names(self._target)
        for scope in top.below():
            for group in scope.named:
                self._copy_named(group)
            whole = components(scope, self._text, self._is_graph)
            # A nested group meets what its surroundings bind: those patterns narrow it, and change nothing.
            around = [one for one in scope.around() if one is not scope]
            outer = [part for above in around for part in components(above, self._text, self._is_graph)]
            known = self._known_in(scope)
            own = {id(triple) for triple in scope.triples}
            for part in whole:
                mine = [one for one in part.triples if id(one) in own]
                if mine:
                    self._copy_component(part, mine, outer, known)
            for triple in scope.triples:
                if not self._is_graph(triple, scope) and not self._is_column(triple, scope):
                    self._copy_pattern(triple)

    def stay(self, stay: Stay) -> None:
        """Copies what paths of no length need: a triple of each term, or all triples.

        Raises:
            QueryTooLarge: more than `MOST_GRAPH` triples would be joined.
        """
        if stay.everywhere:
            self._copy_matching((None, None, None), "of any triple")
            return
        for term in stay.terms:
            text = node_text(term)
            if isinstance(term, IRI):
                self._construct(f"{text} ?p ?o .", f"{text} ?p ?o", " LIMIT 1")
            self._construct(f"?s ?p {text} .", f"?s ?p {text}", " LIMIT 1")

    def _is_graph(self, triple: Triple, scope: Scope) -> bool:
        return is_graph(triple, lambda node: self._may_be_scene(node, scope))

    def _is_column(self, triple: Triple, scope: Scope) -> bool:
        """Whether a pattern matches columns of scenes only."""
        said = self._said
        path = triple.path
        if said.more_scenes or (said.of_scenes(path) if isinstance(path, IRI) else said.mentions):
            return False
        return self._is_surely_scene(triple.subject, scope)

    def _is_surely_scene(self, node: Node, scope: Scope) -> bool:
        if isinstance(node, IRI):
            return False  # the graph may speak of a scene as well
        for one in scope.conjunction(node):
            for triple in one.triples:
                if triple.subject == node and triple.path == TYPE and triple.value == SCENE_CLASS:
                    return True
                if triple.path == HAS_GEOMETRY and triple.value == node and triple.subject != node:
                    return self._is_surely_scene(triple.subject, scope)
        return False

    def _known_in(self, scope: Scope) -> dict[str, tuple[IRI | Literal, ...]]:
        """Known values of the variables that have them wherever the patterns of a scope matter."""
        return {name: terms for name, terms in self._known.items() if _reaches(scope, Var(name))}

    def _copy_component(
        self,
        part: Component,
        mine: list[Triple],
        outer: list[Component],
        known: dict[str, tuple[IRI | Literal, ...]],
    ) -> None:
        plain = [one for one in mine if isinstance(one.path, IRI)]
        narrowing = [one for one in outer if one.names & part.names]
        held = set().union(part.names, *(one.names for one in narrowing))
        lines = [inline(name, terms) for name, terms in known.items() if name in held]
        body = " ".join([*lines, *(one.pattern(self._text) for one in (*narrowing, part))])
        for one in mine:
            if not isinstance(one.path, IRI):
                self._copy_path(one, body)
        if not plain:
            return
        template = " ".join(map(triple_text, plain))
        self._construct(template, body)

    def _construct(self, template: str, body: str, tail: str = "") -> None:
        query = f"{self._prologue}\nCONSTRUCT {{ {template} }} WHERE {{ {body} }}{tail}"
        if query not in self._done:
            self._done.add(query)
            self._copied(lambda most: self._graph.copy_construct(self._target, query, most), template)

    def _copy_path(self, triple: Triple, body: str) -> None:
        """Copies what a path may walk: all steps onwards from where its component lets it begin."""
        steps = None if isinstance(triple.path, Var) else predicates(triple.path)
        if steps is None or not _is_forward(triple.path):
            self._copy_pattern(triple)
            return
        either = "|".join(f"<{one}>" for one in sorted(steps))
        listed = " ".join(f"<{one}>" for one in sorted(steps))
        start = f"{{ SELECT DISTINCT {node_text(triple.subject)} WHERE {{ {body} }} }}"
        if not isinstance(triple.subject, Var):
            start = ""
        walk = f"{node_text(triple.subject)} ({either})* ?walk_from . VALUES ?walk_by {{ {listed} }}"
        self._construct("?walk_from ?walk_by ?walk_to .", f"{start} {walk} ?walk_from ?walk_by ?walk_to .")

    def _copy_pattern(self, triple: Triple) -> None:
        """Copies all that one pattern may match, however it is joined."""
        steps = None if isinstance(triple.path, Var) else predicates(triple.path)
        plain = isinstance(triple.path, (IRI, Var))
        subject = triple.subject if plain and not isinstance(triple.subject, Var) else None
        value = triple.value if plain and not isinstance(triple.value, Var) else None
        for step in steps if steps is not None else (None,):
            key = (subject, step, value)
            if key not in self._done:
                self._done.add(key)
                self._copy_matching(key, triple_text(triple))

    def _copy_matching(self, key: Any, pattern: str) -> None:  # noqa: ANN401 - terms or None
        self._copied(lambda most: self._graph.copy_matching(self._target, [key], most), pattern)

    def _copied(self, copy: Callable[[int], int], pattern: str) -> None:
        """Copies at most what is left to be copied; `pattern` is what the error names."""
        try:
            self._left -= copy(self._left)
        except QueryTooLarge as error:
            raise QueryTooLarge(
                f"The query joins scenes with more than {MOST_GRAPH:,} triples of the graph, by the pattern "
                f"{pattern[:200]}",
                error.remedy,
            ) from error

    def _copy_named(self, group: GraphGroup) -> None:
        for triple in _all_triples(group.group):
            if can_stay(triple.path):  # at any term of the named graphs
                self._copy_matching((None, None, None), "of any triple")
                return
            self._copy_pattern(triple)


def _is_forward(path: Path | Var) -> bool:
    """Whether a path only ever goes from subject to value."""
    match path:
        case IRI():
            return True
        case Sequence(parts) | Alternative(parts):
            return all(map(_is_forward, parts))
        case Repeat(inner):
            return _is_forward(inner)
    return False


def _reaches(scope: Scope, node: Var) -> bool:
    """Whether what a variable is at the top restricts what it can be in a scope."""
    last = scope
    for one in scope.around(node):
        last = one
    return last.above is None and (last is scope or node in last.binds_surely())


def _all_triples(group: Group) -> Iterator[Triple]:
    """All patterns of a group, with those of nested groups; sequences are left whole."""
    for one in group.elements:
        match one:
            case Triple():
                yield one
            case OptionalGroup(inner) | MinusGroup(inner) | LateralGroup(inner) | GraphGroup(_, inner):
                yield from _all_triples(inner)
            case Filter(expr) | Bind(expr):
                for each in exists_in(expr):
                    yield from _all_triples(each.group)
            case UnionGroups(groups):
                for inner in groups:
                    yield from _all_triples(inner)
            case SubSelect(select):
                yield from _all_triples(select.where)
