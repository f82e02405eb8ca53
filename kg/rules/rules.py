"""What queries from outside see beyond statements: what follows by RDFS, and spatial relations of geometries."""

from __future__ import annotations

from kg.oxigraph import OxigraphStore
from kg.rules.entailment import ENTAILED


class Rules:
    """The rules over one version of a graph, which must not change meanwhile. Safe for threads.

    Args:
        graph: the graph tier, statements only.
        scenes: whether there are scenes: they are features, too.
    """

    def __init__(self, graph: OxigraphStore, scenes: bool = False) -> None:
        self.graph = graph.with_graph(ENTAILED) if graph.has_graph(ENTAILED) else graph
        self._scenes = scenes

    def prepare(self, sparql: str) -> tuple[str, OxigraphStore]:
        """The query to run, and the graph to run it on.

        Raises:
            QuerySyntaxError: with line and column.
            QueryTooLarge: a spatial relation that would hold between too many things.
        """
        return sparql, self.graph
