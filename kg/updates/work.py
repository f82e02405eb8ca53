"""Carries a change out on the draft of a version: all of it or nothing, noting what it added and removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal as OneOf

from kg.guard import inspect_update
from kg.oxigraph import OxigraphStore
from kg.rules.entailment import ENTAILED
from kg.updates.journal import Changes, graph_line
from kg.updates.reading import ADDED, REMOVED, SIDE, Operation, Where, read_update
from kg.virtual import SCENE_CLASS, SCENES
from ontology.errors import KeyTooNarrow, NotFound, QueryError, QueryNotAllowed, QueryTooLarge
from ontology.namespaces import BASE
from ontology.terms import IRI

PROVENANCE = IRI(BASE + "graph/provenance")
_MOST = 2_000_000
_SCENE_CLASS = f"<{SCENE_CLASS}>".encode()
_SCENE = f"<{SCENES}".encode()


@dataclass(frozen=True, slots=True)
class Change:
    """What one request wants changed.

    Attributes:
        kind: a SPARQL update, or what is done to a whole graph.
        text: the update.
        parts: RDF for the graph, each with its media type.
        graph: the graph; None is the default graph. With an update: the one graph that it is about, None for any.
        using, named: graphs that the request names for an update's patterns.
        allowed: graphs that may change ("" is the default graph); None: all.
        agent: who wants it.
        moment: when, in ISO 8601.
        digest: of the request's text, in hexadecimal digits.
    """

    kind: OneOf["update", "put", "post", "delete"]
    text: str = ""
    parts: tuple[tuple[bytes, str], ...] = ()
    graph: IRI | None = None
    using: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    allowed: tuple[str, ...] | None = None
    agent: str = ""
    moment: str = ""
    digest: str = ""


@dataclass(slots=True)
class Made:
    """What a change did.

    Attributes:
        added, removed: numbers of quads.
        created: whether it made the named graph that it is about.
        plain_added: lines that came into the default graph.
        plain_removed: whether lines left the default graph.
    """

    changes: Changes = field(default_factory=Changes)
    added: int = 0
    removed: int = 0
    created: bool = False
    plain_added: list[bytes] = field(default_factory=list)
    plain_removed: bool = False


_Lines = dict[IRI | None, set[bytes]]


class Work:
    """One change on a store."""

    def __init__(self, store: OxigraphStore, change: Change) -> None:
        self._store, self._change = store, change
        self._made = Made()
        self._undo: list[tuple[list[bytes], list[bytes], list[IRI], list[IRI]]] = []

    def run(self) -> Made:
        """Carries it out.

        Raises:
            QuerySyntaxError: an update that does not parse, with line and column.
            QueryNotAllowed: LOAD, SERVICE, scenes, or graphs that are earthdex's own.
            KeyTooNarrow: it changes other graphs than it may.
            NotFound: a graph that it is about does not exist.
            RecordError: data that cannot be read.
            QueryTooLarge: it changes too much.
        """
        try:
            if self._change.kind == "update":
                self._update()
            else:
                self._whole()
        except BaseException:
            for added, removed, created, dropped in reversed(self._undo):
                self._store.change_lines(b"".join(removed), b"".join(added))
                for one in created:
                    self._store.remove_graph(one)
                for one in dropped:
                    self._store.add_graph(one)
            raise
        finally:
            for one in self._store.graph_names():
                if one.startswith(SIDE):
                    self._store.remove_graph(one)
        return self._made

    def _update(self) -> None:
        change = self._change
        inspect_update(change.text)
        self._store.check_update(change.text)
        for one in read_update(change.text, change.using, change.named, change.graph):
            if one.action == "write":
                self._store.update(one.text)
                self._settle()
            else:
                self._manage(one)

    def _whole(self) -> None:
        graph = self._change.graph
        there = graph is None or self._exists(graph)
        if self._change.kind == "delete":
            if not there:
                raise NotFound(f"There is no graph {graph}.", "`GRAPH ?g {}` in a query lists the graphs.")
            self._carry({}, {graph: self._lines(graph)}, drop=[graph] if graph is not None else [])
            return
        side = OxigraphStore.memory()
        for data, media_type in self._change.parts:
            side.load(data, media_type)
        new = self._lines(None, graph, side)
        side.close()
        old = self._lines(graph) if self._change.kind == "put" and there else set()
        self._made.created = not there
        self._carry({graph: new}, {graph: old - new}, create=[graph] if graph is not None and not there else [])

    def _manage(self, one: Operation) -> None:
        target = one.target
        if one.action == "create":
            if not isinstance(target, IRI) or (self._exists(target) and one.silent):
                return
            if self._exists(target):
                raise QueryError(f"There is a graph {target} already.", "Use CREATE SILENT.")
            self._carry({}, {}, create=[target])
        elif one.action in ("clear", "drop"):
            names = self._targets(one)
            dropped = [name for name in names if name is not None] if one.action == "drop" else []
            self._carry({}, {name: self._lines(name) for name in names}, drop=dropped)
        elif one.source != target and self._readable(one):
            source = one.source if isinstance(one.source, IRI) else None
            goal = target if isinstance(target, IRI) else None
            new = self._lines(source, goal)
            removed = {goal: self._lines(goal) - new} if one.action != "add" else {}
            if one.action == "move":
                removed[source] = self._lines(source)
            create = [goal] if goal is not None and not self._exists(goal) else []
            self._carry({goal: new}, removed, create, [source] if one.action == "move" and source is not None else [])

    def _readable(self, one: Operation) -> bool:
        if not isinstance(one.source, IRI) or self._exists(one.source):
            return True
        if one.silent:
            return False
        raise QueryError(f"There is no graph {one.source}.", f"Use {one.action.upper()} SILENT.")

    def _targets(self, one: Operation) -> list[IRI | None]:
        if isinstance(one.target, IRI):
            if self._exists(one.target):
                return [one.target]
            if one.silent:
                return []
            raise QueryError(f"There is no graph {one.target}.", f"Use {one.action.upper()} SILENT.")
        own = (ENTAILED, PROVENANCE)
        named: list[IRI | None] = [name for name in self._store.graph_names() if name not in own]
        if one.target is None:
            return [None]
        return named if one.target == "NAMED" else [None, *named]

    def _exists(self, graph: IRI) -> bool:
        return self._store.has_graph(graph)

    def _lines(self, graph: IRI | None, into: Where | OneOf[""] = "", store: OxigraphStore | None = None) -> set[bytes]:
        """The triples of a graph as lines of N-Quads, in that graph or `into` another one."""
        goal = graph if into == "" else into
        found = (self._store if store is None else store).dump_graph(graph).splitlines(keepends=True)
        if goal is None:
            return set(found)
        end = f"<{goal}> .\n".encode()
        return {line[:-2] + end for line in found}

    def _settle(self) -> None:
        """Carries out what an operation wrote into the side graphs."""
        sides: dict[str, _Lines] = {ADDED: {}, REMOVED: {}}
        for name in self._store.graph_names():
            stem = next((one for one in sides if name.startswith(one)), "")
            if stem:
                goal = IRI(name.removeprefix(stem)) if name != stem else None
                sides[stem][goal] = self._lines(name, goal)
                self._store.remove_graph(name)
        self._carry(sides[ADDED], sides[REMOVED])

    def _carry(self, added: _Lines, removed: _Lines, create: Collection[IRI] = (), drop: Collection[IRI] = ()) -> None:
        """Changes the store, and notes how; a graph that comes to be by its first triple is noted, too."""
        self._check(added, removed, create, drop)
        new = set().union(*added.values())
        old = set().union(*removed.values()) - new
        effect = self._store.effective(b"".join(sorted(new)), b"".join(sorted(old)))
        self._made.added += len(effect[0])
        self._made.removed += len(effect[1])
        if self._made.added + self._made.removed > _MOST:
            raise QueryTooLarge(f"It changes more than {_MOST:,} statements.", "Send it in parts.")
        self._check_scenes(effect[0])
        born = {*create, *(one for one in added if one is not None and added[one])} - {*self._store.graph_names()}
        born -= {*drop}
        gone = [one for one in drop if self._exists(one)]
        self._undo.append((effect[0], effect[1], sorted(born), gone))
        self._store.change_lines(b"".join(effect[0]), b"".join(effect[1]))
        for one in create:
            self._store.add_graph(one)
        for one in gone:
            self._store.remove_graph(one)
        self._note(effect, added, removed, born, gone)

    def _note(
        self,
        effect: tuple[list[bytes], list[bytes]],
        added: _Lines,
        removed: _Lines,
        born: Collection[IRI],
        gone: Collection[IRI],
    ) -> None:
        made = self._made
        made.changes.extend(*effect)
        for names, new in ((born, True), (gone, False)):
            for one in names:
                made.changes.note(graph_line(one), added=new)
        plain = added.get(None, set())
        made.plain_added += [line for line in effect[0] if line in plain]
        made.plain_removed |= bool(removed.get(None)) and not removed[None].isdisjoint(effect[1])

    def _check(self, added: _Lines, removed: _Lines, create: Collection[IRI], drop: Collection[IRI]) -> None:
        touched: dict[IRI | None, bool] = defaultdict(bool)
        for lines, takes in ((added, False), (removed, True)):
            for goal, found in lines.items():
                if found:
                    touched[goal] |= takes
        for goal in (*create, *drop):
            touched[goal] |= goal in drop
        for goal, takes in touched.items():
            if goal is not None and goal.startswith(SIDE):
                raise QueryNotAllowed(f"The graph {goal} is earthdex's own.", "Use another IRI.")
            if goal == ENTAILED or (goal == PROVENANCE and takes):
                raise QueryNotAllowed(
                    f"The graph {goal} is kept by earthdex itself: nothing is removed from it by an update.",
                    "Change the statements, not what is told of them.",
                )
            if self._change.allowed is not None and (goal or "") not in self._change.allowed:
                raise KeyTooNarrow(
                    f"The key does not cover {goal or 'the default graph'}.", "Use a key with the scope `write`."
                )

    def _check_scenes(self, added: list[bytes]) -> None:
        for line in added:
            if line.startswith(_SCENE) or _SCENE_CLASS in line:
                raise QueryNotAllowed(
                    "Scenes cannot be changed by updates: they are kept in tables, not as statements.",
                    "Use `earthdex add` and `earthdex remove`.",
                )
