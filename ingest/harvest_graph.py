"""Records that go into the graph: collections, models and YAML records of one run of `earthdex add`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.known import KnownNames
from ingest.names import RecordIndex
from ingest.report import AddReport
from ingest.stac_collection import Imported, import_collection
from ingest.stac_model import import_model
from ontology.errors import RecordError
from ontology.terms import IRI

if TYPE_CHECKING:
    from ingest.quads import Quad
    from ingest.reader import Record
    from kg.writer import Writer

MAX_RECORD = 2_000_000
_LOT = 5_000


class GraphRecords:
    """Collects records and hands their quads to the writer at the end, when all names are known."""

    def __init__(self, writer: Writer, report: AddReport) -> None:
        self._writer = writer
        self._report = report
        self._imported: dict[IRI, Imported] = {}
        self._records: dict[IRI, Record] = {}

    @cached_property
    def _index(self) -> RecordIndex:
        from ingest.catalogue import packaged_records

        return RecordIndex(packaged_records())

    @cached_property
    def _names(self) -> KnownNames:
        return KnownNames(self._index)

    @cached_property
    def _concepts(self) -> KnownNames:
        """Names without the catalogue's records, whose reading takes seconds."""
        return KnownNames()

    def collection(self, value: Mapping[str, Any], path: str, line: int) -> None:
        """Takes a STAC collection. Raises RecordError where it has no identifier."""
        self._take(import_collection(value, path, self._concepts), path, line, str(value.get("id")))

    def model(self, value: Mapping[str, Any], path: str, line: int, base: str) -> None:
        """Takes a model described in STAC. Raises RecordError where it has no identifier."""
        self._take(import_model(value, path, base, self._names), path, line, str(value.get("id")))

    def _take(self, record: Imported, path: str, line: int, identifier: str) -> None:
        """Of several records with one identifier the one that says most stays."""
        for repair in record.repairs:
            self._report.repair(path, repair, line=line, detail=identifier[:100])
        before = self._imported.get(record.iri)
        if before is not None:
            self._report.duplicates += 1
            if len(before.quads) >= len(record.quads):
                return
        self._imported[record.iri] = record

    def record_file(self, path: Path) -> None:
        """Takes a YAML record; what is wrong with it is reported, and a record with mistakes is left out."""
        from ingest.reader import read_record

        self._report.read += 1
        try:
            if path.stat().st_size > MAX_RECORD:
                self._report.skip(str(path), "larger than 2 MB", remedy="A record is a small file: split it.")
                return
            data = path.read_bytes()
        except OSError as error:
            self._report.skip(str(path), "file cannot be read", detail=error.strerror or "")
            return
        record, problems = read_record(data, str(path))
        if record is None or problems:
            for problem in problems[:1]:
                self._report.skip(
                    str(path), "not a record", line=problem.line, detail=problem.message, remedy=problem.remedy
                )
            return
        if record.iri in self._records:
            self._report.duplicates += 1
            return
        self._records[record.iri] = record

    def write(self, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Hands all quads to the writer, one source a record."""
        for record in self._records.values():
            self._index.add(record)
        known = set(self._writer.sources())
        waiting: list[tuple[str, str, Iterable[Quad]]] = [
            (f"stac:{one.iri}", one.kind, one.quads) for one in self._imported.values()
        ]
        waiting += [(f"record:{one.iri}", one.kind, tuple(self._quads(one))) for one in self._records.values()]
        for start in range(0, len(waiting), _LOT):
            if progress is not None:
                progress("records into the graph", start, len(waiting))
            lot = waiting[start : start + _LOT]
            try:
                changed = self._writer.add_graphs((key, quads) for key, _, quads in lot)
            except RecordError:  # one of them holds what the graph refuses: which one?
                for one in lot:
                    self._one(*one, known)
                continue
            for (key, kind, _), was_changed in zip(lot, changed, strict=True):
                self._count(kind, was_changed, key in known)

    def _one(self, key: str, kind: str, quads: Iterable[Quad], known: set[str]) -> None:
        try:
            self._count(kind, self._writer.add_graphs([(key, quads)])[0], key in known)
        except RecordError as error:
            self._report.skip(key.split(":", 1)[1], "the graph refuses it", detail=error.message, remedy=error.remedy)

    def _quads(self, record: Record) -> Iterator[Quad]:
        from ingest.quads import to_triples

        yield from to_triples(record, self._names)

    def _count(self, kind: str, changed: bool, known: bool) -> None:
        if not changed:
            self._report.unchanged += 1
        elif known:
            self._report.updated += 1
        elif kind == "model":
            self._report.models += 1
        else:
            self._report.datasets += 1
