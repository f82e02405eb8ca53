"""Records that go into the graph: collections, models and YAML records of one run of `earthdex add`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.report import AddReport

if TYPE_CHECKING:
    from kg.writer import Writer


class GraphRecords:
    """Collects records and hands their quads to the writer at the end, when all names are known."""

    def __init__(self, writer: Writer, report: AddReport) -> None:
        self._writer = writer
        self._report = report

    def collection(self, value: Mapping[str, Any], path: str, line: int) -> None:
        """Takes a STAC collection."""

    def model(self, value: Mapping[str, Any], path: str, line: int, base: str) -> None:
        """Takes a model described in STAC."""

    def record_file(self, path: Path) -> None:
        """Takes a YAML record."""

    def write(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Hands all quads to the writer."""
