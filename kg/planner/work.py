"""One query on its way over graph and scenes: the small store that answers it, or the shorter ways round it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from kg.oxigraph import OxigraphStore
from kg.planner.anchors import Anchor, Anchors, is_graph, wanted_attributes
from kg.planner.areas import AreaJoins, Parts
from kg.planner.candidates import Candidates, Finder
from kg.planner.components import Component, bound, components, evaluate, graph_branches
from kg.planner.conditions import SCENE_IRI
from kg.planner.fill import MOST_TRIPLES, GraphCopier, add_scenes, scene_lines
from kg.planner.groups import Grouper
from kg.planner.order import first_rows, in_order
from kg.planner.pairs import Pairs, rewritten, spatial_pairs
from kg.planner.patterns import Scope, has_exists, scopes_of
from kg.planner.said import Said
from kg.planner.shape import Shaper, Star
from kg.scenes import Plan, SceneTable
from kg.scenes.terms import Column
from kg.scenes.told import told, told_plan
from kg.solutions import Result, Solutions
from kg.sparql.syntax import Node, Query, Triple, Values, Var, variables
from kg.trace import heard, step
from kg.virtual import ATTRIBUTES, SCENE_CLASS, TYPE, Attribute
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, Literal, Term

_MOST_KNOWN = 1_000


Short: TypeAlias = Callable[[int | None], Result | None]


class Tiers(Protocol):
    """What a query runs over."""

    graph: OxigraphStore
    scenes: SceneTable
    said: Said


class Work:
    """One query: what was found out about it, and the way it is run. Safe for threads.

    Args:
        tiers: what it runs over.
        query: the query.

    Attributes:
        size: characters that are kept of what the graph said.
    """

    def __init__(self, tiers: Tiers, query: Query) -> None:
        self._graph, self._scenes, self._said = tiers.graph, tiers.scenes, tiers.said
        self.query = query
        self._top = scopes_of(query.select)
        self.anchors = Anchors(self._top, tiers.said)
        self._stars: dict[int, Candidates] = {}
        self._short: Short | None = None
        self._is_planned = False
        self.size = 0

    def run(self, sparql: str, max_rows: int | None) -> Result:
        """The result; see `Planner.run`."""
        if not self._is_planned:
            with step("plan", "finding the conditions on scenes"):
                self._short = self._shortest(sparql)
            self._is_planned = True
            self.size = sum(
                len(str(cell))
                for star in self._stars.values()
                for part in {id(part): part for part, _ in star.joined}.values()
                for row in part.solutions or ()
                for cell in row
            )
        found = self._short(max_rows) if self._short is not None else None
        return self._in_memory(sparql, max_rows) if found is None else found

    def _star(self, number: int) -> Candidates:
        found = self._stars.get(number)
        if found is None:
            anchor = self.anchors.found[number]
            found = self._finder().candidates(anchor)
            found.exact = found.exact and self._is_certain(anchor)
            self._stars[number] = found
        return found

    def _is_certain(self, anchor: Anchor) -> bool:
        """Whether what surrounds a scene binds all that it names, in the right order."""
        unions = [
            branch
            for one in anchor.scope.required()
            for _, branch in one.branches
            if branch.role == "union" and id(branch) in graph_branches(one, self._is_graph)
        ]
        if (
            any(variables(one.group) - bound(one) for one in unions)
            or len({frozenset(bound(one)) for one in unions}) > 1
        ):
            return False  # an unbound variable joins with anything
        return not isinstance(anchor.subject, Var) or in_order(anchor.scope, anchor.subject.name)

    def _shortest(self, sparql: str) -> Short | None:
        """The way that needs no store in memory; None where there is none."""
        if len(self.anchors.found) != 1 or self.query.form not in ("SELECT", "ASK"):
            return None
        anchor, found = self.anchors.found[0], self._star(0)
        OxigraphStore.memory().query(sparql)  # it must be right in every part, also those that nobody reads below
        if self.query.form == "ASK":
            return self._any(anchor, found)
        select = self.query.select
        shaped: Short | None = None
        if select.aggregates:
            shaped = self._grouped(anchor, found)
        else:
            shaped = self._direct(self._scenes, anchor, found, self._components)
        if shaped is not None:
            return shaped
        joins = self._joins_of_areas()
        if not select.aggregates:
            listed = joins.rows(anchor, found)
            if listed is not None:
                return listed.run
        together = joins.any(anchor, found)
        if together is None:
            return None
        table, first, parts = together
        if select.aggregates:
            grouped = Grouper(select, self._top, table, parts, self._evaluate).prepare(anchor, first)
            return None if grouped is None else lambda _: grouped()
        return self._direct(table, anchor, first, parts)

    def _grouped(self, anchor: Anchor, found: Candidates) -> Short | None:
        grouper = Grouper(self.query.select, self._top, self._scenes, self._components, self._evaluate)
        grouped = grouper.prepare(anchor, found) or self._joins_of_areas().counts(anchor, found)
        return None if grouped is None else lambda _: grouped()

    def _direct(self, scenes: SceneTable, anchor: Anchor, found: Candidates, parts: Parts) -> Short | None:
        shaped = self._shaper(parts, scenes).shape(anchor, found)
        if shaped is None:
            return None
        nothing = Solutions(shaped.names, ())
        return shaped.run if not found.empty else lambda _: nothing

    def _any(self, anchor: Anchor, found: Candidates) -> Short | None:
        """ASK: whether there is one scene that surely takes part."""
        if not self._any_will_do(found, anchor) or not isinstance(anchor.subject, Var):
            return None
        if Star.of(self._top, anchor.subject) is None or self.query.select.offset or self.query.select.limit == 0:
            return None
        plan = Plan((SCENE_IRI,), tuple(found.where), tuple(found.spatial), limit=1)
        if found.empty:
            return lambda _: False

        def run(_: int | None) -> bool:
            with step("columns", lambda: told_plan(plan)) as done:
                rows = self._scenes.run(plan)
                done.rows_out = len(rows)
            return bool(rows)

        return run

    def _joins_of_areas(self) -> AreaJoins:
        return AreaJoins(
            self.query, self._scenes, self._graph.query, self._components, self._pinned, lambda p: self._shaper(p).shape
        )

    def _pinned(self, anchor: Anchor, name: str, term: Term) -> tuple[Candidates, Parts]:
        """The candidates where a variable of the graph has only one value, and the components then."""

        def parts(scope: Scope) -> list[Component]:
            found = self._components(scope)
            for one in found:
                if name in one.names:
                    one.values.append(Values((Var(name),), ((term,),)))  # type: ignore[arg-type]
            return found

        found = self._finder(parts).candidates(anchor)
        found.exact = found.exact and self._is_certain(anchor)
        return found, parts

    def _shaper(self, parts: Parts, scenes: SceneTable | None = None) -> Shaper:
        return Shaper(
            self.query.select,
            self._top,
            self.query.text,
            self.query.prologue,
            scenes or self._scenes,
            parts,
            lambda scope: graph_branches(scope, self._is_graph),
            self._is_graph,
            self._graph.query,
        )

    def _in_memory(self, sparql: str, max_rows: int | None) -> Result:
        """The query over a small store that holds all that it may join."""
        predicates, with_class, with_geometry = wanted_attributes(self.anchors.wanted)
        attributes = [ATTRIBUTES[one] for one in predicates]
        width = len(attributes) + with_class + 2 * with_geometry or 1
        store = OxigraphStore.memory()
        rows: dict[str, tuple[Any, ...]] = {}
        stars: list[Candidates] = []
        for number, anchor in enumerate(self.anchors.found):
            found = self._star(number)
            stars.append(found)
            taken = self._fetch(anchor, found, attributes, with_geometry, MOST_TRIPLES // width)
            if not taken and self._is_needed(anchor):
                with step("memory", "the query over nothing, since no scene can take part"):
                    return store.query(sparql, max_rows=max_rows)
            for row in taken:
                rows[row[0]] = row
        if len(rows) * width > MOST_TRIPLES:
            raise too_many(MOST_TRIPLES // width, self.anchors.found)
        with step("memory", "laying out the scenes", rows_in=len(rows)) as done:
            add_scenes(store, scene_lines(list(rows.values()), attributes, with_class, with_geometry))
            done.rows_out = len(store)
        known = self._known(rows, attributes, stars)
        with step("graph", "copying what the query joins with scenes") as done:
            before = len(store)
            text, prologue = self.query.text, self.query.prologue
            copier = GraphCopier(self._graph, store, text, prologue, self._may_be_scene, known, self._said)
            copier.copy(self._top)
            copier.stay(self.anchors.stay)
            done.rows_out = len(store) - before
        joins = self._joins(stars, list(rows.values())) if with_geometry else []
        for join in joins:
            with step("footprints", "pairs of scenes and areas that meet") as done:
                add_scenes(store, join.lines)
                done.rows_out = len(join.lines)
        what = f"the query over {len(rows):,} scenes and the triples they join"
        with step("memory", what, rows_in=len(store)) as done:
            done.left = tuple(self._left(stars)) if heard() else ()
            result = store.query(rewritten(self.query.text, joins) if joins else sparql, max_rows=max_rows)
            done.rows_out = 1 if isinstance(result, bool) else len(result)
        return result

    def _left(self, stars: list[Candidates]) -> Iterator[str]:
        """Filters, as they are written, that the columns do not decide alone."""
        text = self.query.text
        for scope in self._top.below():
            for one in scope.filters:
                exact = any(
                    star.columns.spatial(one.expr)[1] or star.columns.test(one.expr)[1] or id(one) in star.decided
                    for star in stars
                )
                if not exact:
                    yield text[one.start : one.end]

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
        select = self.query.select
        plain = all(
            one.role in ("top", "required", "union") and not any(True for each in one.filters if has_exists(each.expr))
            for one in self._top.below()
        )
        if not plain or select.order or select.aggregates or select.distinct:
            return None
        if self.query.form == "SELECT" and select.limit is not None:
            found = self._graph.query(sparql, max_rows=max_rows)
            if isinstance(found, Solutions) and len(found.rows) == select.limit:
                with step("graph", "it holds as many solutions as were asked for"):
                    return found
        if self.query.form == "ASK" and self._graph.query(sparql) is True:
            with step("graph", "it holds a solution"):
                return True
        return None

    def _may_be_scene(self, node: Node, scope: Scope) -> bool:
        return self.anchors.may_be_scene(node, scope) or self.anchors.may_be_geometry(node, scope)

    def _finder(self, parts: Parts | None = None) -> Finder:
        return Finder(
            parts or self._components,
            self.query.prologue,
            self.query.text,
            self._graph.query,
            self._may_be_scene,
            self._few,
            lambda scope: graph_branches(scope, self._is_graph),
            self._said,
        )

    def _few(self, attribute: Attribute) -> tuple[Any, ...] | None:
        return self._scenes.few(attribute.column, _MOST_KNOWN)

    def _evaluate(self, part: Component, asked: tuple[str, ...]) -> None:
        evaluate(part, asked, self.query.prologue, self.query.text, self._graph.query)

    def _is_graph(self, triple: Triple, scope: Scope) -> bool:
        return is_graph(triple, lambda node: self._may_be_scene(node, scope))

    def _components(self, scope: Scope) -> list[Component]:
        return components(scope, self.query.text, self._is_graph)

    def _fetch(
        self, anchor: Anchor, found: Candidates, attributes: list[Attribute], with_geometry: bool, most: int
    ) -> list[tuple[Any, ...]]:
        if found.empty:
            with step("columns", "none, since the graph has no match"):
                return []
        plan = Plan(
            (SCENE_IRI, *(Column(one.column) for one in attributes), *((Column("geometry"),) if with_geometry else ())),
            tuple(found.where),
            tuple(found.spatial),
            limit=1 if anchor.one else most + 1,
        )
        first = None
        if len(self.anchors.found) == 1 and anchor.scope is self._top and self.query.form != "ASK":
            first = first_rows(self.query.select, found)
        if first is None and self._any_will_do(found, anchor):
            first = ((), (self.query.select.limit or 1) + self.query.select.offset)
        if first is not None and first[1] <= most:
            plan = replace(plan, order=first[0], limit=first[1])
        with step("columns", lambda: told_plan(plan)) as done:
            rows = self._scenes.run(plan)
            done.rows_out = len(rows)
            done.pushed = tuple(map(told, found.where)) if heard() else ()
        if len(rows) > most:
            raise too_many(most, [anchor])
        return rows

    def _any_will_do(self, found: Candidates, anchor: Anchor) -> bool:
        """ASK: one scene that surely takes part is enough."""
        return (
            self.query.form == "ASK"
            and found.exact
            and anchor.scope is self._top
            and len(self.anchors.found) == 1
            and not self.query.select.aggregates
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
        if self._said.more_scenes:
            return False
        wanted = Triple(anchor.subject, TYPE, SCENE_CLASS) if isinstance(anchor.subject, Var) else None
        if anchor.scope not in self._top.required():
            return False
        return any(wanted in one.triples for one in self._top.required())

    def _surely_scene(self, star: Candidates) -> bool:
        if self._said.more_scenes:
            return False
        wanted = Triple(Var(star.columns.subject), TYPE, SCENE_CLASS)
        return any(wanted in one.triples for one in self._top.required())


def too_many(most: int, anchors: Sequence[Anchor]) -> QueryTooLarge:
    """The error for more scenes than can be laid out, which names what they are scenes of."""
    names = [
        f"?{one.subject.name}" if isinstance(one.subject, Var) else f"<{one.subject}>"
        for one in anchors
        if one.subject is not None
    ]
    cause = f"{' and '.join(names)} may be any of them" if names else "a pattern that may match any scene"
    return QueryTooLarge(
        f"The query would join more than {most:,} scenes with the graph: {cause}.",
        "Add conditions on time, place or sensor, or an ORDER BY with LIMIT; say `?x a dcat:Dataset` where no scene "
        "is meant.",
    )
