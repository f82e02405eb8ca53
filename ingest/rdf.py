"""RDF of any kind for the graph tier: files that hold no records of ours, kept as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.oxigraph import parse_quads
from kg.rules.entailment import ENTAILED
from kg.rules.memory import media_type_of
from kg.store import MEDIA_TYPES
from kg.writer import GRAPH_KEY
from ontology.errors import RecordError

if TYPE_CHECKING:
    from ingest.report import AddReport
    from kg.nquads import Quad
    from kg.writer import Writer

RDF_ENDINGS: tuple[str, ...] = tuple(MEDIA_TYPES)
"""Endings of files that are RDF whatever they hold."""


def is_rdf(path: Path) -> bool:
    """Whether a file is RDF by its ending."""
    return path.suffix.lower() in MEDIA_TYPES


def source_key(path: Path) -> str:
    """The key of a file's source in the catalogue."""
    return f"{GRAPH_KEY}{path.absolute()}"


def add_rdf(path: Path, writer: Writer, report: AddReport) -> None:
    """Makes a file's statements a source of the graph, in place of what the same file said before.

    What is no RDF is reported and left out.
    """
    report.read += 1
    known = source_key(path) in writer.sources()
    try:
        changed = writer.add_graph(_quads(path), source_key(path))
    except RecordError as error:
        report.skip(str(path), "not RDF that can be read", detail=error.message, remedy=error.remedy)
        return
    if not changed:
        report.unchanged += 1
    elif known:
        report.updated += 1
    else:
        report.graphs += 1


def _quads(path: Path) -> Iterator[Quad]:
    for quad in parse_quads(path, media_type_of(path), path.absolute().as_uri()):
        if quad[3] == ENTAILED:
            raise RecordError(f"The graph <{ENTAILED}> is kept for what follows.", "Give the graph another name.")
        yield quad
