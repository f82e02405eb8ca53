"""What the graph itself says with the words of scenes: a note on a scene, another class, a value of its own.

The columns decide about a predicate of scenes only where the graph does not speak of scenes with it as well. A graph
that mentions no scene, the usual case, is known to without a look.
"""

from __future__ import annotations

from functools import cached_property

from kg.oxigraph import OxigraphStore
from kg.solutions import Solutions
from kg.sparql.writer import node_text
from kg.virtual import SCENE_CLASS, TYPE
from ontology.namespaces import BASE
from ontology.terms import IRI, Literal

_TEST = f'isIRI(?x) && STRSTARTS(STR(?x), "{BASE}scene/")'


class Said:
    """Facts about the graph of one version, each found when first asked for. Safe for threads.

    Args:
        graph: the graph tier.
        mentions: whether it speaks of scenes at all, as subject or value of a triple.
    """

    def __init__(self, graph: OxigraphStore, mentions: bool) -> None:
        self._graph = graph
        self.mentions = mentions
        self._known: dict[tuple[str, IRI], bool] = {}

    def points(self, predicate: IRI) -> bool:
        """Whether a scene, or the node of its footprint, is subject or value of the predicate."""
        return self.of_scenes(predicate) or self._ask("value", predicate, f"?any <{predicate}> ?x FILTER({_TEST})")

    def of_scenes(self, predicate: IRI) -> bool:
        """Whether a scene, or the node of its footprint, is subject of the predicate."""
        return self._ask("subject", predicate, f"?x <{predicate}> ?any FILTER({_TEST})")

    def names(self, term: IRI | Literal) -> bool:
        """Whether the graph has the term as subject or value."""
        text = node_text(term)
        subject = f"{{ {text} ?p ?x }} UNION " if isinstance(term, IRI) else ""
        return bool(self._graph.query(f"ASK {{ {subject}{{ ?x ?p {text} }} }}"))

    def at_all(self, predicate: IRI) -> bool:
        """Whether anything is subject of the predicate."""
        key = ("any", predicate)
        if key not in self._known:
            self._known[key] = bool(self._graph.query(f"ASK {{ ?x <{predicate}> ?any }}"))
        return self._known[key]

    @cached_property
    def classes(self) -> frozenset[IRI]:
        """Classes that the graph gives to scenes."""
        if not self.mentions:
            return frozenset()
        found = self._graph.query(f"SELECT DISTINCT ?c {{ ?x <{TYPE}> ?c FILTER({_TEST}) }}")
        return (
            frozenset(row[0] for row in found if isinstance(row[0], IRI))
            if isinstance(found, Solutions)
            else frozenset()
        )

    @cached_property
    def more_scenes(self) -> bool:
        """Whether the graph calls anything a scene."""
        return bool(self._graph.query(f"ASK {{ ?x <{TYPE}> <{SCENE_CLASS}> }}"))

    def _ask(self, kind: str, predicate: IRI, pattern: str) -> bool:
        if not self.mentions:
            return False
        key = (kind, predicate)
        if key not in self._known:
            self._known[key] = bool(self._graph.query(f"ASK {{ {pattern} }}"))
        return self._known[key]
