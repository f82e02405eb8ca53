"""Runs a query over graph and scenes as if both were one store.

1. A query that no scene can take part in goes to the graph as it is.
2. Else the conditions on scenes go to the columns, which find the candidates: all scenes that can take part.
3. Their triples, and those of the graph that the query joins them with, are laid out in a small store in memory,
   on which the query runs unchanged.

Too many candidates end in QueryTooLarge, which says what to add; nothing is ever left out silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from kg.oxigraph import OxigraphStore
from kg.planner.anchors import Anchor, Anchors, only_graph, wanted_attributes
from kg.planner.candidates import Candidates, Finder
from kg.planner.components import Component, components, evaluate, graph_branches
from kg.planner.conditions import SCENE_IRI
from kg.planner.fill import MOST_TRIPLES, GraphCopier, add_scenes, scene_lines
from kg.planner.groups import Grouper
from kg.planner.order import first_rows
from kg.planner.pairs import Pairs, rewritten, spatial_pairs
from kg.planner.patterns import Scope, has_exists, scopes_of
from kg.scenes import Plan, SceneTable
from kg.scenes.terms import All, Column
from kg.scenes.told import told, told_plan
from kg.solutions import Result, Solutions, Triples
from kg.sparql.reader import read_query
from kg.sparql.syntax import Node, Query, Triple, Var
from kg.virtual import ATTRIBUTES, SCENE_CLASS, TYPE, Attribute, scene_key
from ontology.errors import QueryTooLarge
from ontology.namespaces import BASE
from ontology.terms import IRI, Literal, Term

_MOST_KNOWN = 1_000
_LONGEST = 600


@dataclass(slots=True)
class Trace:
    """What was done for a query, for `explain`."""

    steps: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Adds a step; a long one is cut."""
        self.steps.append(text if len(text) <= _LONGEST else text[: _LONGEST - 4] + " ...")


class Planner:
    """Runs queries over one published version. Safe for threads.

    Args:
        graph: the graph tier.
        scenes: the scenes tier.
        mentions_scenes: whether the graph speaks of scenes at all, as subject or value of a triple.
    """

    def __init__(self, graph: OxigraphStore, scenes: SceneTable, mentions_scenes: bool) -> None:
        self._graph, self._scenes = graph, scenes
        self._mentions = mentions_scenes
        self._pointing: dict[IRI, bool] = {}

    def run(self, sparql: str, max_rows: int | None = None, trace: Trace | None = None) -> Result:
        """The result of a query.

        Raises:
            QuerySyntaxError: with line and column.
            QueryTooLarge: more scenes or triples than can be joined, or more rows than `max_rows`.
        """
        trace = trace or Trace()
        if not self._scenes.parts:
            trace.note("graph: the whole query (there are no scenes)")
            return self._graph.query(sparql, max_rows=max_rows)
        query = _read(sparql)
        work = _Work(self, query, trace)
        if query.form == "DESCRIBE" and not query.dataset:
            return self._describe(query, max_rows, trace)
        if not work.anchors.found or query.dataset:
            trace.note("graph: the whole query (no scene can take part in it)")
            return self._graph.query(sparql, max_rows=max_rows)
        try:
            return work.run(sparql, max_rows)
        except QueryTooLarge:
            found = work.enough_in_graph(sparql, max_rows)
            if found is None:
                raise
            return found

    def points_at_scenes(self, predicate: IRI) -> bool:
        """Whether the graph holds a scene as subject or value of a predicate."""
        if not self._mentions:
            return False
        if predicate not in self._pointing:
            test = f'STRSTARTS(STR(?x), "{BASE}scene/")'
            found = self._graph.query(
                f"ASK {{ {{ ?x <{predicate}> ?any FILTER({test}) }} UNION {{ ?any <{predicate}> ?x FILTER(isIRI(?x) "
                f"&& {test}) }} }}"
            )
            self._pointing[predicate] = bool(found)
        return self._pointing[predicate]

    def _describe(self, query: Query, max_rows: int | None, trace: Trace) -> Result:
        """DESCRIBE: all triples of each resource, from where it lives."""
        names = [one for one in query.described if isinstance(one, Var)]
        things: list[Term] = [one for one in query.described if not isinstance(one, Var)]
        if query.select.where.elements:
            body = query.text[query.select.where.start : query.select.where.end]
            tail = query.text[query.select.where.end :]
            listed = " ".join(f"?{one.name}" for one in names) or "*"
            found = self.run(f"{query.prologue} SELECT DISTINCT {listed} WHERE {body} {tail}", max_rows, trace)
            if isinstance(found, Solutions):
                things += [cell for row in found.rows for cell in row if isinstance(cell, IRI)]
        triples: dict[Any, None] = {}
        for thing in dict.fromkeys(things):
            made = [self._graph.query(f"DESCRIBE <{thing}>", max_rows=max_rows)]
            if scene_key(str(thing)) is not None:
                made.append(self.run(f"CONSTRUCT {{ <{thing}> ?p ?o }} WHERE {{ <{thing}> ?p ?o }}", max_rows, trace))
            for one in made:
                triples |= dict.fromkeys(one.triples if isinstance(one, Triples) else ())
        return Triples(tuple(triples))


@lru_cache(maxsize=256)
def _read(sparql: str) -> Query:
    return read_query(sparql)


class _Work:
    """One query on its way."""

    def __init__(self, planner: Planner, query: Query, trace: Trace) -> None:
        self._graph, self._scenes = planner._graph, planner._scenes
        self._query, self._trace = query, trace
        self._top = scopes_of(query.select)
        self.anchors = Anchors(self._top, planner.points_at_scenes)

    def run(self, sparql: str, max_rows: int | None) -> Result:
        predicates, with_class, with_geometry = wanted_attributes(self.anchors.wanted)
        attributes = [ATTRIBUTES[one] for one in predicates]
        width = len(attributes) + with_class + 2 * with_geometry or 1
        store = OxigraphStore.memory()
        rows: dict[str, tuple[Any, ...]] = {}
        stars: list[Candidates] = []
        for anchor in self.anchors.found:
            found = self._finder().candidates(anchor)
            stars.append(found)
            if len(self.anchors.found) == 1 and self._query.form == "SELECT":
                grouped = Grouper(self._query.select, self._top, self._scenes, self._components, self._evaluate).run(
                    anchor, found
                )
                if grouped is not None:
                    self._trace.note(f"columns: aggregates over {told(All(tuple(found.where)))}")
                    return grouped
            taken = self._fetch(anchor, found, attributes, with_geometry, MOST_TRIPLES // width)
            if not taken and self._is_needed(anchor):
                self._trace.note("memory: the query over nothing, since no scene can take part")
                return store.query(sparql, max_rows=max_rows)
            for row in taken:
                rows[row[0]] = row
        if len(rows) * width > MOST_TRIPLES:
            raise _too_many(len(rows))
        add_scenes(store, scene_lines(list(rows.values()), attributes, with_class, with_geometry))
        known = self._known(rows, attributes, stars)
        GraphCopier(self._graph, store, self._query.text, self._query.prologue, self._may_be_scene, known).copy(
            self._top
        )
        joins = self._joins(stars, list(rows.values())) if with_geometry else []
        for join in joins:
            add_scenes(store, join.lines)
            self._trace.note(f"index: {len(join.lines):,} pairs of scenes and areas")
        self._trace.note(f"memory: the query over {len(rows):,} scenes and the triples they join")
        return store.query(rewritten(self._query.text, joins) if joins else sparql, max_rows=max_rows)

    def _joins(self, stars: list[Candidates], rows: list[tuple[Any, ...]]) -> list[Pairs]:
        """Pairs of scenes and areas for the spatial filters of each anchored variable."""
        return [
            one
            for anchor, star in zip(self.anchors.found, stars, strict=True)
            if star.columns.footprints
            for one in spatial_pairs(star, anchor.scope, rows)
        ]

    def enough_in_graph(self, sparql: str, max_rows: int | None) -> Result | None:
        """The result over the graph alone where it is a right one: any LIMIT solutions, or a plain yes."""
        select = self._query.select
        plain = all(
            one.role in ("top", "required", "union") and not any(True for each in one.filters if has_exists(each.expr))
            for one in self._top.below()
        )
        if not plain or select.order or select.aggregates or select.distinct:
            return None
        if self._query.form == "SELECT" and select.limit is not None:
            found = self._graph.query(sparql, max_rows=max_rows)
            if isinstance(found, Solutions) and len(found.rows) == select.limit:
                self._trace.note("graph: it holds as many solutions as were asked for")
                return found
        if self._query.form == "ASK" and self._graph.query(sparql) is True:
            self._trace.note("graph: it holds a solution")
            return True
        return None

    def _may_be_scene(self, node: Node, scope: Scope) -> bool:
        return self.anchors.may_be_scene(node, scope) or self.anchors.may_be_geometry(node, scope)

    def _finder(self) -> Finder:
        return Finder(
            self._components,
            self._query.prologue,
            self._query.text,
            self._graph.query,
            self._may_be_scene,
            self._few,
            lambda scope: graph_branches(scope, self._is_graph),
        )

    def _few(self, attribute: Attribute) -> tuple[Any, ...] | None:
        return self._scenes.few(attribute.column, _MOST_KNOWN)

    def _evaluate(self, part: Component, asked: tuple[str, ...]) -> None:
        evaluate(part, asked, self._query.prologue, self._query.text, self._graph.query)

    def _is_graph(self, triple: Triple, scope: Scope) -> bool:
        return only_graph(triple) or not self._may_be_scene(triple.subject, scope)

    def _components(self, scope: Scope) -> list[Component]:
        return components(scope, self._query.text, self._is_graph)

    def _fetch(
        self, anchor: Anchor, found: Candidates, attributes: list[Attribute], with_geometry: bool, most: int
    ) -> list[tuple[Any, ...]]:
        if found.empty:
            self._trace.note("columns: none, since the graph has no match")
            return []
        plan = Plan(
            (SCENE_IRI, *(Column(one.column) for one in attributes), *((Column("geometry"),) if with_geometry else ())),
            tuple(found.where),
            tuple(found.spatial),
            limit=most + 1,
        )
        first = None
        if len(self.anchors.found) == 1 and anchor.scope is self._top and self._query.form != "ASK":
            first = first_rows(self._query.select, found)
        if first is None and self._any_will_do(found, anchor):
            first = ((), (self._query.select.limit or 1) + self._query.select.offset)
        if first is not None and first[1] <= most:
            plan = replace(plan, order=first[0], limit=first[1])
        self._trace.note(f"columns: {told_plan(plan)}")
        rows = self._scenes.run(plan)
        if len(rows) > most:
            raise _too_many(most)
        return rows

    def _any_will_do(self, found: Candidates, anchor: Anchor) -> bool:
        """ASK: one scene that surely takes part is enough."""
        return (
            self._query.form == "ASK"
            and found.exact
            and anchor.scope is self._top
            and len(self.anchors.found) == 1
            and not self._query.select.aggregates
        )

    def _known(
        self, rows: dict[str, tuple[Any, ...]], attributes: list[Attribute], stars: list[Candidates]
    ) -> dict[str, tuple[IRI | Literal, ...]]:
        """Values that variables can have because they are values of a required column of a scene."""
        found: dict[str, tuple[IRI | Literal, ...]] = {}
        for star in stars if len(stars) == 1 else ():
            for name, attribute in star.columns.attributes.items():
                if attribute.kind not in ("sensor", "band", "text") or attribute not in attributes:
                    continue
                at = 1 + attributes.index(attribute)
                values = {row[at] for row in rows.values()}
                if 0 < len(values) <= _MOST_KNOWN and self._surely_scene(star):
                    found[name] = tuple(attribute.term(one) for one in sorted(values - {None}))
        return found

    def _is_needed(self, anchor: Anchor) -> bool:
        """Whether every solution holds a scene for an anchor."""
        wanted = Triple(anchor.subject, TYPE, SCENE_CLASS) if isinstance(anchor.subject, Var) else None
        return any(wanted in one.triples for one in self._top.required())

    def _surely_scene(self, star: Candidates) -> bool:
        wanted = Triple(Var(star.columns.subject), TYPE, SCENE_CLASS)
        return any(wanted in one.triples for one in self._top.required())


def _too_many(most: int) -> QueryTooLarge:
    return QueryTooLarge(
        f"The query would join more than {most:,} scenes with the graph.",
        "Add conditions on time, place or sensor, or an ORDER BY with LIMIT; say `?x a dcat:Dataset` where no scene "
        "is meant.",
    )
