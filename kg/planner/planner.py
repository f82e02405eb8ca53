"""Runs a query over graph and scenes as if both were one store.

1. A query that no scene can take part in goes to the graph as it is.
2. Else the conditions on scenes go to the columns, which find the candidates: all scenes that can take part.
3. Where the columns decide everything, their rows are the solutions (`kg.planner.direct`, `kg.planner.groups`).
4. Else the triples of the candidates, and those of the graph that the query joins them with, are laid out in a small
   store in memory, on which the query runs unchanged.

A version never changes, so what was found out about a query's text is kept: the next time only the columns are asked.
Too many candidates end in QueryTooLarge, which says what to add; nothing is ever left out silently.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from kg.oxigraph import OxigraphStore
from kg.planner.said import Said
from kg.planner.work import Work
from kg.scenes import SceneTable
from kg.solutions import Result, Solutions, Triples
from kg.sparql.reader import read_query
from kg.sparql.syntax import Query, Var
from kg.trace import step
from kg.virtual import scene_key
from ontology.errors import QueryTooLarge
from ontology.terms import IRI, BNode, Term, Triple

_KEPT = 256
_LONGEST_KEPT = 100_000  # characters
_MOST_KEPT = 50_000_000  # characters


class Planner:
    """Runs queries over one published version. Safe for threads.

    Args:
        graph: the graph tier.
        scenes: the scenes tier.
        mentions_scenes: whether the graph speaks of scenes at all, as subject or value of a triple.
    """

    def __init__(self, graph: OxigraphStore, scenes: SceneTable, mentions_scenes: bool) -> None:
        self.graph, self.scenes = graph, scenes
        self.said = Said(graph, mentions_scenes)
        self._kept: OrderedDict[str, Work] = OrderedDict()
        self._lock = threading.Lock()

    def run(self, sparql: str, max_rows: int | None = None) -> Result:
        """The result of a query; its steps are told to `kg.trace`.

        Raises:
            QuerySyntaxError: with line and column.
            QueryTooLarge: more scenes or triples than can be joined, or more rows than `max_rows`.
        """
        if self.scenes.is_empty:
            return self._whole(sparql, max_rows, "the whole query (there are no scenes)")
        work = self._work(sparql)
        query = work.query
        if query.form == "DESCRIBE" and not query.dataset:
            return self._describe(query, max_rows)
        if not work.anchors.found or query.dataset:
            return self._whole(sparql, max_rows, "the whole query (no scene can take part in it)")
        before = work.size
        try:
            result = work.run(sparql, max_rows)
            if work.size != before:
                self._forget()
            return result
        except QueryTooLarge:
            found = work.enough_in_graph(sparql, max_rows)
            if found is None:
                raise
            return found

    def meets_scenes(self, sparql: str) -> bool:
        """Whether scenes can take part in a query."""
        if self.scenes.is_empty:
            return False
        work = self._work(sparql)
        return bool(work.anchors.found) or work.query.form == "DESCRIBE"

    def _work(self, sparql: str) -> Work:
        """What is known about a query; found out when it comes first."""
        with self._lock:
            kept = self._kept.get(sparql)
            if kept is not None:
                self._kept.move_to_end(sparql)
                return kept
        with step("plan", "reading the query"):
            work = Work(self, read_query(sparql))
        if len(sparql) <= _LONGEST_KEPT:
            with self._lock:
                self._kept[sparql] = work
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return work

    def _forget(self) -> None:
        """Lets go of the oldest queries where much is kept, such as the outlines of many countries."""
        with self._lock:
            while sum(one.size for one in self._kept.values()) > _MOST_KEPT and len(self._kept) > 1:
                self._kept.popitem(last=False)

    def _whole(self, sparql: str, max_rows: int | None, what: str) -> Result:
        with step("graph", what) as done:
            found = self.graph.query(sparql, max_rows=max_rows)
            done.rows_out = 1 if isinstance(found, bool) else len(found)
        return found

    def _describe(self, query: Query, max_rows: int | None) -> Result:
        """DESCRIBE: all triples of each resource, from where it lives."""
        names = [one for one in query.described if isinstance(one, Var)]
        things: list[Term] = [one for one in query.described if not isinstance(one, Var)]
        if query.select.where.start < query.select.where.end:
            body = query.text[query.select.where.start : query.select.where.end]
            tail = query.text[query.select.where.end :]
            listed = " ".join(f"?{one.name}" for one in names) or ("(1 AS ?_any)" if things else "*")
            found = self.run(f"{query.prologue} SELECT DISTINCT {listed} WHERE {body} {tail}", max_rows)
            if isinstance(found, Solutions):
                things = things if found.rows else []  # a resource is described for each solution
                things += [cell for row in found.rows for cell in row if isinstance(cell, (IRI, BNode))]
        triples: dict[Any, None] = {}
        for thing in dict.fromkeys(things):
            if isinstance(thing, BNode):
                triples |= dict.fromkeys(self._of_blank(thing))
                continue
            made = [self.graph.query(f"DESCRIBE <{thing}>", max_rows=max_rows)]
            if scene_key(str(thing)) is not None:
                made.append(self.run(f"CONSTRUCT {{ <{thing}> ?p ?o }} WHERE {{ <{thing}> ?p ?o }}", max_rows))
            for one in made:
                triples |= dict.fromkeys(one.triples if isinstance(one, Triples) else ())
        return Triples(tuple(triples))

    def _of_blank(self, node: BNode) -> list[Triple]:
        """All triples of a blank node, and of those that it leads to."""
        found: dict[Triple, None] = {}
        todo, seen = [node], {node}
        while todo:
            for s, p, o, _ in self.graph.matching(todo.pop()):
                found[(s, p, o)] = None
                if isinstance(o, BNode) and o not in seen:
                    seen.add(o)
                    todo.append(o)
        return list(found)
