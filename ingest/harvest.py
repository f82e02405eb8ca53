"""One run over the sources of `earthdex add`: tells what each record is, turns it into scenes and quads, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.harvest_graph import GraphRecords
from ingest.places import import_places, is_place_file
from ingest.rdf import RDF_ENDINGS, add_rdf, is_rdf
from ingest.report import AddReport
from ingest.scene_batch import SceneBatch
from ingest.stac_item import Context, scene_of
from ingest.stac_json import Document
from ingest.stac_kind import holds_models, kind_of_document, members_of
from ingest.stac_sources import (
    PLACE_ENDINGS,
    RECORD_ENDINGS,
    TABLE_ENDINGS,
    Found,
    documents_of,
    files_of,
    is_address,
    linked_addresses,
    linked_files,
)
from ingest.table_scenes import Columns, CsvTable, columns_of, items_of, kind_of, open_table
from kg.parquet import ParquetTable
from kg.scenes.files import is_own
from ontology.errors import EarthdexError, FetchError, RecordError, StoreError

if TYPE_CHECKING:
    from kg.writer import Writer

Progress = Callable[[str, int, int], None]

# What reading a hostile record may raise in spite of all care; a record that does is skipped and told, never lost.
UNREADABLE = (RecordError, ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)
_STEP = 500


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was looked at: its file, what its columns stand for, and its kind."""

    path: Path
    columns: Columns
    kind: str


class Harvest:
    """One run. `run` may be called once.

    Args:
        writer: of the catalogue.
        report: what is told of the run.
        home: the catalogue's folder.
        progress: called with (stage, done, total).
        as_graph: whether files are RDF to be kept as it is, and nothing else.
    """

    def __init__(
        self,
        writer: Writer,
        report: AddReport,
        home: Path,
        progress: Progress | None = None,
        *,
        as_graph: bool = False,
    ) -> None:
        self._writer = writer
        self._as_graph = as_graph
        self._report = report
        self._home = home
        self._progress = progress
        self._scenes = SceneBatch(writer, report)
        self._graph = GraphRecords(writer, report)
        self._tiles: dict[str, bytes | str] = {}
        self._inherited: dict[str, Mapping[str, Any]] = {}
        self._tables: dict[Path, Table | None] = {}

    def run(self, sources: list[str]) -> None:
        """Reads all sources and gives what they hold to the writer.

        Raises:
            FetchError: an address that was named cannot be read.
            StoreError: the catalogue cannot be written.
        """
        ends = RDF_ENDINGS if self._as_graph else ()
        paths = [(one, list(files_of(Path(one), self._report, ends))) for one in sources if not is_address(one)]
        for _, files in paths if not self._as_graph else ():
            files[:] = [path for path in files if not self._places(path)]
        # tiles first: they give the footprints of scenes in other files, whatever the order
        for _, files in paths:
            for path in files:
                if path.suffix.lower() in TABLE_ENDINGS and not self._as_graph:
                    self._look(path)
        done, total = 0, sum(len(files) for _, files in paths)
        for source, files in paths:
            named = Path(source).is_file()
            for path in files:
                self._file(path, follow=named)
                done += 1
                if self._progress is not None:
                    self._progress("files", done, total)
        for source in sources:
            if is_address(source):
                self._address(source)
        self._scenes.flush()
        self._graph.write(self._progress)

    # --- sources -----------------------------------------------------------------------------------------------

    def _places(self, path: Path) -> bool:
        """Imports a file of places; returns whether it was one, or is nothing that earthdex reads."""
        ending = path.suffix.lower()
        if ending not in (*PLACE_ENDINGS, ".geojson", ".parquet", ".geoparquet") and not path.name.startswith("ne_"):
            return False
        if is_place_file(path):
            try:
                import_places(path, self._home, self._progress, self._report)
            except RecordError as error:
                self._report.skip(str(path), "not a file of places", detail=error.message, remedy=error.remedy)
            return True
        return ending in PLACE_ENDINGS

    def _file(self, path: Path, *, follow: bool) -> None:
        ending = path.suffix.lower()
        if self._as_graph or is_rdf(path):
            add_rdf(path, self._writer, self._report)
        elif path in self._tables:
            table = self._tables[path]
            if table is not None and table.kind == "scenes":
                self._rows(table)
            elif table is not None and table.kind == "own":
                self._whole(path)
        elif ending in RECORD_ENDINGS:
            self._graph.record_file(path)
        else:
            self._documents(linked_files(path, self._report) if follow else documents_of(path, self._report))

    def _address(self, address: str) -> None:
        from ingest.stac_http import Origin

        with Origin(address) as origin:
            try:
                self._documents(linked_addresses(address, self._report, origin))
            except FetchError:
                if len(self._report.sources) == 1:
                    raise
                self._report.skip(address, "address cannot be read", remedy="Check the address and the network.")

    def _documents(self, documents: Iterator[Found]) -> None:
        for number, found in enumerate(documents):
            document = found.document
            if document.value is None:
                self._report.read += 1
                self._report.skip(found.path, document.reason, line=document.line, detail=document.detail)
                continue
            for repair in document.repairs:
                self._report.repair(found.path, repair, line=document.line)
            self._document(document.value, found, document)
            if self._progress is not None and number % _STEP == 0:
                self._progress("records", self._report.read, 0)

    def _document(self, value: dict[str, Any], found: Found, document: Document) -> None:
        kind = kind_of_document(value)
        if kind == "items":
            for number, member in enumerate(members_of(value), 1):
                self._record(member, found, document.line or number)
            return
        if kind != "catalog":
            self._record(value, found, document.line)

    def _record(self, value: Any, found: Found, line: int) -> None:  # noqa: ANN401
        self._report.read += 1
        kind = kind_of_document(value) if isinstance(value, dict) else ""
        try:
            if kind == "item":
                self._item(value, self._context(value, found, line), line)
            elif kind == "collection":
                properties = value.get("properties")
                if isinstance(properties, dict):
                    self._inherited[str(value.get("id"))] = properties
                if holds_models(value):
                    self._report.skip(found.path, "collection of models: only its models are kept", line=line)
                else:
                    self._graph.collection(value, found.path, line)
            elif kind == "model":
                self._graph.model(value, found.path, line, found.base)
            else:
                self._report.skip(found.path, "not a STAC record", line=line, detail=str(kind))
        except StoreError:
            raise
        except UNREADABLE as error:
            self._unreadable(found.path, line, value, error)

    def _context(self, value: Mapping[str, Any], found: Found, line: int) -> Context:
        source = f"{found.path}:{line}" if line else found.path
        origin = value.get("_src")  # harvests keep the file of origin so
        if isinstance(origin, str):
            source += f" ({origin[:300]})"
        return Context(source, found.base, self._tiles, self._inherited.get(str(value.get("collection"))))

    def _unreadable(self, path: str, line: int, value: Any, error: BaseException) -> None:  # noqa: ANN401
        name = str(value.get("id"))[:100] if isinstance(value, dict) else ""
        if isinstance(error, EarthdexError):
            self._report.skip(path, error.message, line=line, detail=name, remedy=error.remedy)
        else:
            self._report.skip(path, "record cannot be read", line=line, detail=f"{name} {type(error).__name__}")

    def _item(self, value: Mapping[str, Any], context: Context, line: int) -> None:
        scene, repairs = scene_of(value, context)
        path = context.source.split(" (", 1)[0].removesuffix(f":{line}")
        for repair in repairs:
            self._report.repair(path, repair, line=line, detail=scene.id)
        self._scenes.add(scene, path, line)

    # --- tables ------------------------------------------------------------------------------------------------

    def _look(self, path: Path) -> None:
        """Finds out what a table holds, and reads it at once where it holds tiles."""
        if path in self._tables:
            return
        self._tables[path] = None
        try:
            table = open_table(path)
            try:
                columns = columns_of(table)
                kind = "own" if is_own(table.columns) else kind_of(table, columns)
                if kind == "tiles":
                    self._read_tiles(table, columns)
            finally:
                _close(table)
        except RecordError as error:
            self._report.skip(str(path), "not a table of scenes", detail=error.message, remedy=error.remedy)
            return
        if not kind:
            self._report.skip(
                str(path),
                "not a table of scenes",
                detail="no column identifies scenes, or times and footprints are missing",
                remedy="Name columns as STAC-GeoParquet does: id, datetime, geometry.",
            )
            return
        self._tables[path] = Table(path, columns, kind)

    def _read_tiles(self, table: CsvTable | ParquetTable, columns: Columns) -> None:
        for _, row in table.rows():
            tile, shape = row.get(columns.names["mgrs_tile"]), row.get(columns.names["geometry"])
            if isinstance(tile, str) and isinstance(shape, (bytes, str)):
                self._tiles[tile.upper().removeprefix("T").rjust(5, "0")] = shape

    def _whole(self, path: Path) -> None:
        """A file of the scenes table's own columns, such as `earthdex` itself writes: taken as it is."""
        self._scenes.flush()
        try:
            counts = self._writer.add_scene_files([path], self._progress)
        except RecordError as error:
            self._report.skip(str(path), error.message, remedy=error.remedy)
            return
        self._report.read += counts.added + counts.replaced + counts.unchanged
        self._report.scenes += counts.added
        self._report.updated += counts.replaced
        self._report.duplicates += counts.unchanged

    def _rows(self, table: Table) -> None:
        path = str(table.path)
        try:
            reader = open_table(table.path)
            try:
                for row in items_of(reader, table.columns):
                    self._report.read += 1
                    try:
                        self._item(row.item, Context(f"{path}:{row.line}", "", self._tiles, None, True), row.line)
                    except StoreError:
                        raise
                    except UNREADABLE as error:
                        self._unreadable(path, row.line, row.item, error)
                    if self._progress is not None and row.line % _STEP == 0:
                        self._progress("rows", self._report.read, 0)
            finally:
                _close(reader)
        except RecordError as error:
            self._report.skip(path, "table cannot be read to its end", detail=error.message, remedy=error.remedy)


def _close(table: CsvTable | ParquetTable) -> None:
    if isinstance(table, ParquetTable):
        table.close()
