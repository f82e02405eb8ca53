"""What a server says of the catalogue on it: which content, and whether all of it is there yet.

It stands in a named graph of its own, so that queries do not meet it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg.remote.fetch import Fetcher
from kg.remote.terms import text_of
from ontology.namespaces import BASE
from ontology.terms import IRI, Literal

STORE = IRI(BASE + "graph/store")
"""The graph that holds the marker; also its subject."""

Fact = tuple[str, str | int | IRI]
"""Name and value of something that the marker says."""

_NAMES = ("revision", "state", "done", "triples", "graph")
_TERMS = {name: IRI(f"{BASE}store#{name}") for name in _NAMES}


@dataclass(frozen=True, slots=True)
class Marker:
    """The state of a catalogue on a server.

    Attributes:
        revision: names the content.
        complete: whether all of it is there.
        done: updates that were sent while it is not.
        triples: how many there are in all graphs together.
        graphs: named graphs of the catalogue.
    """

    revision: str = ""
    complete: bool = False
    done: int = 0
    triples: int = 0
    graphs: tuple[IRI, ...] = ()


def read_marker(fetcher: Fetcher) -> Marker | None:
    """The marker of a server; None where no catalogue was pushed to it.

    Raises:
        StoreError: it cannot be reached, or does not answer as it should.
    """
    rows = fetcher.select(f"SELECT ?p ?o WHERE {{ GRAPH <{STORE}> {{ <{STORE}> ?p ?o }} }}").rows
    found: dict[str, list[str]] = {}
    for predicate, value in rows:
        found.setdefault(str(predicate).rpartition("#")[2], []).append(str(value))
    if not found.get("revision"):
        return None
    numbers = {name: [int(one) for one in found.get(name, ()) if one.isdigit()] for name in ("done", "triples")}
    return Marker(
        found["revision"][0],
        found.get("state") == ["complete"],
        max(numbers["done"], default=0),
        max(numbers["triples"], default=0),
        tuple(IRI(one) for one in sorted(found.get("graph", ()))),
    )


def insert_many(values: Sequence[Fact], send: Callable[[str], None]) -> None:
    """Adds facts (name, value) to the marker; a name may come several times."""
    send(f"INSERT DATA {{ GRAPH <{STORE}> {{ {' '.join(marker_lines(values))} }} }}")


def marker_lines(values: Sequence[Fact]) -> list[str]:
    """Facts (name, value) as N-Triples."""
    terms = ((name, value if isinstance(value, IRI) else Literal.of(value)) for name, value in values)
    return [f"<{STORE}> <{_TERMS[name]}> {text_of(term)} ." for name, term in terms]


def clear_marker(send: Callable[[str], None]) -> None:
    """Removes the marker."""
    send(f"CLEAR SILENT GRAPH <{STORE}>")
