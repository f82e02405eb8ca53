"""A lock as PROV-O: what it was made from, by what, and what came of it; for the graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.home import open_writer
from kg.results import render
from kg.solutions import Triples
from ontology.namespaces import BASE, expand
from ontology.terms import IRI, Literal, Term, Triple
from training.select.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPE = expand("rdf:type")
_EARTHDEX = IRI(BASE + "software/earthdex")


def lock_iri(lock: Lock) -> IRI:
    """The IRI of a lock: the same for the same content."""
    return IRI(f"{BASE}lock/{lock.digest.removeprefix('sha256:')[:32]}")


def triples(lock: Lock) -> Iterator[Triple]:
    """A lock as an entity that was derived from datasets and scenes by one activity.

    The activity has no time: the same lock says the same, whoever publishes it and when.
    """
    me = lock_iri(lock)
    activity = IRI(f"{me}/activity")
    content = lock.content
    yield from _said(
        me,
        ("rdf:type", expand("prov:Entity")),
        ("dct:title", Literal(str(content["query"]) or "a selection")),
        ("dct:identifier", Literal(lock.digest)),
        ("dct:conformsTo", IRI(BASE + "ns#lock")),
        ("ed:sampleCount", Literal.of(lock.count)),
        ("prov:wasGeneratedBy", activity),
        *(("prov:wasDerivedFrom", IRI(one.iri)) for one in lock.sources),
        *(("prov:wasDerivedFrom", IRI(one)) for one in sorted(set(_scenes(lock)))),
        *(("dct:license", IRI(one)) for one in sorted({one for source in lock.sources for one in source.licences})),
        *(("ed:labelClass", IRI(one.iri)) for one in lock.classes if one.iri),
    )
    yield from _said(
        activity,
        ("rdf:type", expand("prov:Activity")),
        ("prov:generated", me),
        ("prov:wasAssociatedWith", _EARTHDEX),
        ("dct:description", Literal(f"Selection and freezing; catalogue version {lock.version}")),
        *(("prov:used", IRI(one.iri)) for one in lock.sources),
        *(("prov:used", IRI(str(one))) for one in content["models"]),
        *((("prov:value", Literal(str(content["sparql"]))),) if content["sparql"] else ()),
    )
    yield from _said(
        _EARTHDEX,
        ("rdf:type", expand("prov:SoftwareAgent")),
        ("foaf:name", Literal("earthdex")),
    )
    for name in lock.split.folds if lock.split is not None else ():
        fold = IRI(f"{me}/fold/{name}")
        yield from _said(
            fold,
            ("rdf:type", expand("prov:Entity")),
            ("dct:title", Literal(name)),
            ("dct:isPartOf", me),
            ("prov:wasGeneratedBy", activity),
            ("ed:sampleCount", Literal.of(len(lock.numbers(name)))),
        )


def _scenes(lock: Lock) -> Iterable[str]:
    stem = BASE + "scene/"
    return (one for one in lock.items.iri if one.startswith(stem))


def _said(subject: IRI, *facts: tuple[str, Term]) -> Iterator[Triple]:
    for name, value in facts:
        yield subject, expand(name), value


def to_turtle(lock: Lock) -> str:
    """The triples of a lock as Turtle."""
    return render(Triples(tuple(triples(lock))), "turtle")


def publish(lock: Lock, home: Path | None = None) -> tuple[str, str]:
    """Adds a lock to the graph; publishing it again changes nothing.

    Args:
        lock: what was frozen.
        home: the catalogue's folder.

    Returns:
        IRI of the lock, version of the catalogue that has it.

    Raises:
        StoreLocked, StoreReadOnly, DiskFull: the catalogue cannot be written.
    """
    with open_writer(home) as writer:
        writer.add_graph(((s, p, o, None) for s, p, o in triples(lock)), f"lock:{lock.digest}")
        return str(lock_iri(lock)), writer.publish()
