"""A small graph for the tests of answers: a few datasets, models, places and scenes (`small.trig`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kg.oxigraph import OxigraphStore
from kg.solutions import Result


@dataclass(eq=False)
class SmallHome:
    """Stands in for `kg.home.Home`: scenes are plain triples of the same store."""

    graph: OxigraphStore
    version: str = "test"
    notes: list[str] = field(default_factory=list)

    def query(self, sparql: str) -> Result:
        return self.graph.query(sparql)


def small_home(extra: str = "") -> SmallHome:
    """A new home with the small graph and `extra` Turtle, which writes its own prefixes."""
    store = OxigraphStore.memory()
    store.load(Path(__file__).with_name("small.trig"), "application/trig")
    if extra:
        store.load(extra.encode(), "text/turtle")
    return SmallHome(store)
