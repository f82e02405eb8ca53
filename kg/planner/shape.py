"""Whether a query is the rows of one star of scenes, and which: the way from its parts to `Direct`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kg.planner import cells
from kg.planner.anchors import Anchor
from kg.planner.candidates import Candidates
from kg.planner.cells import Maker
from kg.planner.components import MOST, Component
from kg.planner.conditions import SCENE_IRI, Columns
from kg.planner.direct import Direct, Factor
from kg.planner.nearest import Nearest
from kg.planner.order import everything_named, orders, reads_only, wide
from kg.planner.patterns import Scope
from kg.scenes import Plan, SceneTable
from kg.scenes.terms import Column, Order, Output
from kg.solutions import Result, Row, Solutions
from kg.sparql.syntax import Call, Expr, Node, Select, Triple, Values, Var, variables
from kg.sparql.writer import values_text, variable_name
from kg.virtual import AS_WKT, ATTRIBUTES, HAS_GEOMETRY, SCENE_CLASS, TYPE, Attribute, geometry_iri
from ontology.terms import IRI, Term

_CALENDAR = ("YEAR", "MONTH", "DAY", "HOURS", "MINUTES")
_FEW_VALUES = 1_000


class Shaper:
    """Finds the direct way of a query.

    Args:
        select: the parts of the query.
        top: its scopes.
        text, prologue: of the query.
        scenes: the table.
        parts: components of a scope.
        graph_branches: sub-selects and unions of a scope that are in its components.
        is_graph: whether a pattern can match the graph only.
        ask: runs a query over the graph.
    """

    def __init__(
        self,
        select: Select,
        top: Scope,
        text: str,
        prologue: str,
        scenes: SceneTable,
        parts: Callable[[Scope], list[Component]],
        graph_branches: Callable[[Scope], set[int]],
        is_graph: Callable[[Triple, Scope], bool],
        ask: Callable[[str], Result],
    ) -> None:
        self._select, self._top = everything_named(select), top
        self._text, self._prologue = text, prologue
        self._scenes, self._parts, self._ask = scenes, parts, ask
        self._graph_branches, self._is_graph = graph_branches, is_graph

    def shape(self, anchor: Anchor, found: Candidates) -> Direct | None:
        """The direct way; None where the store has to find the solutions."""
        select = self._select
        if select.aggregates or select.columns is None or not found.exact or anchor.scope is not self._top:
            return None
        if not isinstance(anchor.subject, Var) or anchor.geometry:
            return None
        names = [one.var.name for one in select.columns]
        made = {one.var.name for one in select.columns if one.expr is not None}
        if len(set(names)) < len(names) or made & variables(select.where):
            return None
        given = {*found.columns.bound, *made}
        star = Star.of(self._top, anchor.subject)
        if star is None or star.names & given:
            return None
        if not reads_only(self._top, {star.subject, *star.single}):
            return None
        return _Writer(self, star, found, anchor.scope).write()


class Star:
    """What the required patterns of a scene give values to."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.single: dict[str, Attribute] = {}
        self.lists: dict[str, Attribute] = {}
        self.nodes: set[str] = set()
        self.footprints: set[str] = set()

    @property
    def names(self) -> set[str]:
        """All variables."""
        return {self.subject, *self.single, *self.lists, *self.nodes, *self.footprints}

    @classmethod
    def of(cls, scope: Scope, subject: Var) -> Star | None:
        """None where it is not surely a scene, or a variable has two meanings."""
        star = cls(subject.name)
        triples = [triple for one in scope.required() for triple in one.triples]
        if Triple(subject, TYPE, SCENE_CLASS) not in triples:
            return None
        meanings: dict[str, object] = {subject.name: "scene"}
        for triple in triples:
            if triple.subject == subject and isinstance(triple.value, Var):
                attribute = ATTRIBUTES.get(triple.path) if isinstance(triple.path, IRI) else None
                meaning: object = attribute if attribute is not None else triple.path
                if (attribute is None and triple.path != HAS_GEOMETRY) or (
                    meanings.setdefault(triple.value.name, meaning) != meaning
                ):
                    return None
                if attribute is None:
                    star.nodes.add(triple.value.name)
                elif attribute.many:
                    star.lists[triple.value.name] = attribute
                else:
                    star.single[triple.value.name] = attribute
        for triple in triples:
            if isinstance(triple.subject, Var) and triple.subject.name in star.nodes:
                if triple.path != AS_WKT or not isinstance(triple.value, Var):
                    return None
                if meanings.setdefault(triple.value.name, AS_WKT) != AS_WKT:
                    return None
                star.footprints.add(triple.value.name)
        return star


class _Writer:
    """Writes one direct way."""

    def __init__(self, shaper: Shaper, star: Star, found: Candidates, scope: Scope) -> None:
        self._shaper, self._star, self._found, self._scope = shaper, star, found, scope
        self._select = shaper._select
        self._columns = wide(self._select, found)
        self._outputs: list[Output] = []
        self._optional: dict[str, Attribute] = {}
        self._optional_footprints: set[str] = set()
        self._factors: list[Factor] = []
        self._joined: set[str] = set()
        self._asked = {name for one in self._select.columns or () for name in self._needed(one.expr or one.var)}

    def _needed(self, expr: Expr) -> set[str]:
        """Variables that an expression is made of, through what BIND and SELECT name."""
        found: set[str] = set()
        for name in variables(expr):
            inner = self._columns.bound.get(name)
            found |= {name} if inner is None else self._needed(inner)
        return found

    def write(self) -> Direct | None:
        select = self._select
        if not self._branches() or not self._components():
            return None
        for name, attribute in self._star.lists.items():
            if name in self._asked or not select.distinct or name in self._joined:
                self._factors.insert(0, Factor((name,), self._place(Column(attribute.column)), attribute))
        made: dict[str, tuple[int, Maker]] = {}
        distances: dict[str, tuple[int, Nearest]] = {}
        unbound: list[str] = []
        given = {name for factor in self._factors for name in factor.names}
        names = tuple(one.var.name for one in select.columns or ())
        for name in names:
            expr: Expr = Var(name)
            while isinstance(expr, Var) and expr.name in self._columns.bound:
                expr = self._columns.bound[expr.name]
            if isinstance(expr, Var) and expr.name in given:
                if expr.name != name:
                    return None
                continue
            nearest = self._distance(expr)
            if nearest is not None:
                distances[name] = (self._place(Column("geometry")), nearest)
                continue
            if isinstance(expr, Var) and not self._is_known(expr.name):
                unbound.append(name)
                continue
            output = self._output(expr)
            if output is None:
                return None
            made[name] = (self._place(output[0]), output[1])
        for factor in self._factors:
            if factor.shared and factor.shared not in given and factor.shared not in made:
                output = self._output(Var(factor.shared))
                if output is None:
                    return None
                made[factor.shared] = (self._place(output[0]), output[1])
        return self._finished(names, made, distances, tuple(unbound))

    def _finished(
        self,
        names: tuple[str, ...],
        made: dict[str, tuple[int, Maker]],
        distances: dict[str, tuple[int, Nearest]],
        unbound: tuple[str, ...],
    ) -> Direct | None:
        select = self._select
        nearest, rest = None, select
        if select.order:
            nearest = self._distance(self._resolved(select.order[0].expr))
            if nearest is not None:
                place = self._place(Column("geometry"))
                nearest = replace(nearest, descending=select.order[0].descending, source=place)
                rest = replace(select, order=select.order[1:])
        order = orders(rest, self._found)
        if order is None:
            return None
        single = self._star.subject in names
        if select.distinct and not single and (nearest is not None or not self._orders_selected(order)):
            return None
        if not self._outputs and not select.distinct:  # nothing of the scenes but how many they are
            self._place(Column("collection"))
        plan = Plan(
            tuple(self._outputs),
            tuple(self._found.where),
            tuple(self._found.spatial),
            order=order,
            distinct=select.distinct and not single,
        )
        if select.distinct and not single and not plan.select:
            return None
        return Direct(
            self._shaper._scenes, plan, names, made, self._factors, select.limit, select.offset, select.distinct,
            single or not (self._factors or self._optional), nearest, distances, unbound,
        )  # fmt: skip

    def _orders_selected(self, order: tuple[Order, ...]) -> bool:
        return all(one.value in self._outputs for one in order)

    def _resolved(self, expr: Expr) -> Expr:
        while isinstance(expr, Var) and expr.name in self._columns.bound:
            expr = self._columns.bound[expr.name]
        return expr

    def _place(self, output: Output) -> int:
        if output not in self._outputs:
            self._outputs.append(output)
        return self._outputs.index(output)

    # --- what variables are --------------------------------------------------------------------------------------

    def _is_known(self, name: str) -> bool:
        return name in self._star.names or name in self._optional or name in self._optional_footprints

    def _output(self, expr: Expr) -> tuple[Output, Maker] | None:
        if isinstance(expr, Var):
            return self._variable(expr.name)
        if not isinstance(expr, Call) or self._needed(expr) & self._optional.keys():
            return None
        typed = self._columns.scalar(expr)
        if typed is None:
            return None
        if typed.kind == "text":
            return typed.value, cells.texts
        return (typed.value, cells.integers) if expr.name in _CALENDAR else None

    def _variable(self, name: str) -> tuple[Output, Maker] | None:
        star = self._star
        if name == star.subject:
            return SCENE_IRI, cells.iris
        if name in star.nodes:
            return SCENE_IRI, lambda found: [geometry_iri(one) for one in found]
        if name in star.footprints or name in self._optional_footprints:
            return Column("geometry"), cells.footprints
        attribute = star.single.get(name) or self._optional.get(name)
        return None if attribute is None else (Column(attribute.column), cells.of_attribute(attribute))

    def _distance(self, expr: Expr) -> Nearest | None:
        if not isinstance(expr, Call):
            return None
        single = {name: terms for name, terms in self._columns.known.items() if len(terms) == 1}
        columns = Columns(self._columns.subject, footprints=self._star.footprints, known=single)
        found = columns.distance(expr)
        return None if found is None else Nearest(*found)

    # --- OPTIONAL ------------------------------------------------------------------------------------------------

    def _branches(self) -> bool:
        """Reads the groups below; False where one is more than this knows."""
        seen = set(self._star.names)
        for part in self._shaper._parts(self._scope):
            seen |= part.names
        filtered = set().union(*(variables(each) for one in self._scope.required() for each in one.filters))
        for one in self._scope.required():
            graph = self._shaper._graph_branches(one)
            for _, branch in one.branches:
                if id(branch) in graph or branch.role in ("required", "exists"):
                    continue
                if branch.role != "optional" or not self._read_optional(branch, seen, filtered):
                    return False
        return True

    def _read_optional(self, branch: Scope, seen: set[str], filtered: set[str]) -> bool:
        elements = branch.group.elements
        if not all(isinstance(one, Triple) for one in elements) or branch.branches:
            return False
        names = set().union(*map(variables, branch.triples))
        subject = Var(self._star.subject)
        if subject.name not in names:
            return self._graph_optional(branch, names, seen, filtered)
        fresh = names - {subject.name}
        if fresh & (seen | filtered) or len(elements) != 1:
            return False
        seen |= fresh
        first = branch.triples[0]
        if len(branch.triples) == 1 and isinstance(first.path, IRI) and isinstance(first.value, Var):
            attribute = ATTRIBUTES.get(first.path)
            if attribute is None or first.subject != subject or first.value == subject:
                return False
            if attribute.many:
                factor = Factor((first.value.name,), self._place(Column(attribute.column)), attribute, left=True)
                if first.value.name in self._asked or not self._select.distinct:
                    self._factors.append(factor)
                return True
            self._optional[first.value.name] = attribute
            return True
        if len(branch.triples) == 2:
            second = branch.triples[1]
            whole = first.subject == subject and first.path == HAS_GEOMETRY and second.path == AS_WKT
            if whole and first.value == second.subject and isinstance(second.value, Var):
                self._optional_footprints.add(second.value.name)
                return True
        return False

    def _graph_optional(self, branch: Scope, names: set[str], seen: set[str], filtered: set[str]) -> bool:
        """What the graph may say about a value, such as its label."""
        shared = names & seen
        fresh = names - shared
        if len(shared) != 1 or fresh & filtered or not shared <= self._star.single.keys():
            return False
        if not all(self._shaper._is_graph(one, branch) for one in branch.triples):
            return False
        name = next(iter(shared))
        values = self._scenes_values(self._star.single[name])
        if values is None:
            return False
        seen |= fresh
        body = self._shaper._text[branch.group.start : branch.group.end]
        few = values_text(Values((Var(name),), values))
        rows = self._solutions(f"{few} {body}", (name, *sorted(fresh & self._asked)))
        if rows is None:
            return False
        self._factors.append(Factor(tuple(sorted(fresh & self._asked)), shared=name, rows=_by_first(rows), left=True))
        return True

    def _scenes_values(self, attribute: Attribute) -> tuple[tuple[Node], ...] | None:
        if attribute.kind not in ("sensor", "band", "text"):
            return None
        few = self._shaper._scenes.few(attribute.column, _FEW_VALUES)
        return None if few is None else tuple((attribute.term(one),) for one in few if one != "")

    # --- the graph -----------------------------------------------------------------------------------------------

    def _components(self) -> bool:
        """Reads what the graph joins; False where it may join more than one value of the scene."""
        star = self._star
        evaluated = {frozenset(part.names): part for part, _ in self._found.joined}
        for part in self._shaper._parts(self._scope):
            shared = part.names & star.names
            if len(shared) > 1 or shared & (star.footprints | star.nodes):
                return False
            wanted = tuple(sorted((part.names - shared) & self._asked))
            known = evaluated.get(frozenset(part.names))
            filtering = [name for name in (known.asked if known else ()) if name not in shared]
            if filtering and not wanted and self._select.distinct:
                continue
            if known is not None and any(len(known.column(name)) != 1 for name in filtering):
                return False  # a scene may meet several of these values
            if not self._join(known or part, tuple(shared), wanted):
                return False
        return True

    def _join(self, part: Component, shared: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
        if self._select.distinct and not wanted:
            return True  # it limits scenes, and that was done
        rows = self._solutions(part.pattern(self._shaper._text), (*shared, *wanted))
        if rows is None:
            return False
        name = shared[0] if shared else ""
        by: dict[Term | None, list[Row]] = _by_first(rows) if shared else {None: list(rows)}
        if wanted or any(len(one) != 1 for one in by.values()):
            self._factors.append(Factor(wanted, shared=name, rows=by))
            self._joined |= set(shared)
        return True

    def _solutions(self, body: str, names: tuple[str, ...]) -> tuple[Row, ...] | None:
        """All solutions of a pattern, repeated ones as well; None where there are too many."""
        listed = " ".join(f"?{variable_name(name)}" for name in names) or "*"
        found = self._shaper._ask(f"{self._shaper._prologue}\nSELECT {listed} WHERE {{ {body} }} LIMIT {MOST + 1}")
        if not isinstance(found, Solutions) or len(found.rows) > MOST:
            return None
        return found.rows if names else tuple(() for _ in found.rows)


def _by_first(rows: tuple[Row, ...]) -> dict[Term | None, list[Row]]:
    found: dict[Term | None, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found
