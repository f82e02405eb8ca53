"""What queries from outside see beyond statements: what follows by RDFS, and spatial relations of geometries."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING

from kg.oxigraph import OxigraphStore
from kg.rules.entailment import ENTAILED
from kg.rules.vocabulary import RELATION_NAMES
from kg.trace import step
from ontology.errors import QuerySyntaxError

if TYPE_CHECKING:
    from kg.rules.objects import SpatialObjects
    from kg.scenes import SceneTable

# functions have the same names: those of the usual prefix are told apart without reading the query
_RELATION = re.compile(rf"(?<!\bgeof:)(?<!/function/geosparql/)({'|'.join(RELATION_NAMES)})\b")
_PREPARED, _LONGEST = 256, 100_000  # queries that are kept, characters of each


class Rules:
    """The rules over one version of a graph, which must not change meanwhile. Safe for threads.

    Args:
        graph: the graph tier, statements only.
        scenes: the scenes, which are features, too; None: there are none.
    """

    def __init__(self, graph: OxigraphStore, scenes: SceneTable | None = None) -> None:
        self.graph = graph.with_graph(ENTAILED) if graph.has_graph(ENTAILED) else graph
        self._scenes = scenes
        self._objects: SpatialObjects | None = None
        self._lock = Lock()
        self._prepared: dict[str, str] = {}

    def prepare(self, sparql: str) -> tuple[str, OxigraphStore]:
        """The query to run, and the graph to run it on.

        Raises:
            QuerySyntaxError: with line and column.
            QueryTooLarge: a spatial relation that would hold between too many things.
        """
        if not _RELATION.search(sparql):
            return sparql, self.graph
        found = self._prepared.get(sparql)
        if found is None:
            found = self._rewrite(sparql)
            if len(found) <= _LONGEST:
                if len(self._prepared) >= _PREPARED:
                    self._prepared.clear()
                self._prepared[sparql] = found
        return found, self.graph

    def notes(self, asked: str, text: str) -> tuple[str, ...]:
        """What a reader must know of a query that was written anew: literals that are no geometry are related to none.

        Args:
            asked: the query as it came.
            text: as `prepare` gave it back.
        """
        unread = 0 if text == asked or self._objects is None else self._objects.unread
        if not unread:
            return ()
        some = (
            "1 geometry literal cannot be read and is"
            if unread == 1
            else f"{unread:,} geometry literals cannot be read and are"
        )
        return (f"{some} left out of spatial relations.",)

    def _rewrite(self, sparql: str) -> str:
        from kg.rules.rewrite import Rewriter
        from kg.rules.sides import Sides
        from kg.sparql.reader import read_query

        try:
            query = read_query(sparql)
        except QuerySyntaxError:
            return sparql  # the store says what is wrong
        if query.dataset:
            return sparql  # the graphs of FROM are other graphs than this one
        with step("plan", "spatial relations as properties, from geometries") as done:
            rewriter = Rewriter(query, Sides(self.graph, self.objects, self._scenes))
            found = rewriter.run()
            done.rows_out = rewriter.count
        return found

    def objects(self) -> SpatialObjects:
        """The spatial objects of the graph, read once."""
        with self._lock:
            if self._objects is None:
                from kg.rules.kept import FILE
                from kg.rules.objects import SpatialObjects

                with step("graph", "spatial objects and their index") as done:
                    # a published version never changes: what was read of it is kept in its folder
                    path = self.graph.path
                    self._objects = SpatialObjects(self.graph, path.parent / FILE if path is not None else None)
                    done.rows_out = len(self._objects)
            return self._objects
