"""Makes the next version of the scenes table: new immutable GeoParquet parts, each scene once.

A scene is the same as one that is there if its collection and identifier are; it then takes its place. Parts that
lose rows are written anew, small parts are joined, so that a table of millions of rows has a handful of files.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kg.columns import COLUMN_TYPES, Engine, table_of
from kg.scenes.files import check_file, check_rows, repeated
from kg.scenes.index import Part, build, build_and_check, index_path, join_parts, lacking
from kg.scenes.records import build_records, lacking_records, records_path
from ontology.errors import DiskFull, QueryError, QueryTooLarge, RecordError, StoreError
from ontology.records import Scene

_BATCH = 10_000
_SMALL = 200_000  # rows; parts below are joined
_MOST = 1_000_000  # rows of a joined part
_OTHER_REASONS = (DiskFull, QueryTooLarge)  # of a file that cannot be added, than its being damaged
_KEY = ("collection", "id")
_FREE = (*_KEY, "source")  # the same record from another place is no other record

_COLUMNS = ", ".join((*COLUMN_TYPES, "bbox"))

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SceneCounts:
    """What adding scenes did: new ones, ones that took the place of another version of themselves, unchanged ones."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0

    def __add__(self, other: SceneCounts) -> SceneCounts:
        return SceneCounts(self.added + other.added, self.replaced + other.replaced, self.unchanged + other.unchanged)


class SceneWriter:
    """Adds scenes to a list of parts.

    Args:
        folder: where parts lie; files are only ever added to it.
        parts: the table as published.
    """

    def __init__(self, folder: Path, parts: Sequence[Path]) -> None:
        self._folder = folder
        self.parts = list(parts)
        self._drafts: set[Path] = set()
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The column engine, started when first needed."""
        if self._engine is None:
            self._engine = Engine(memory_mb=1024, spill=self._folder)
            self._engine.rows("SET threads = 1")  # sorting wide rows, each thread holds its own share in memory
        return self._engine

    def add(self, scenes: Iterable[Scene], progress: Progress | None = None) -> SceneCounts:
        """Adds scenes; of several with the same key the last one stays.

        Raises:
            GeometryError: a footprint is no WKB.
            DiskFull: no space is left.
        """
        total, done = SceneCounts(), 0
        for batch in _batches(scenes):
            total += self._add(batch)
            done += len(batch)
            if progress is not None:
                progress("scenes", done, 0)
        return total

    def _add(self, batch: list[Scene]) -> SceneCounts:
        once = list({(one.collection, one.id): one for one in batch}.values())
        self.engine.stage(once)
        same = replaced = 0
        if self.parts:
            same, replaced = self._compare()
            if replaced:
                self._drop_replaced()
        fresh = len(once) - same
        if fresh:
            self.parts.append(self._write("SELECT * FROM stage", "start_time"))
        repeated = len(batch) - len(once)
        return SceneCounts(fresh - replaced, replaced, same + repeated)

    def add_files(self, paths: Sequence[Path], progress: Progress | None = None) -> SceneCounts:
        """Adds GeoParquet files of the table's own schema, whole, without making a record of each scene.

        Of several scenes with the same key the last one stays; one that takes the place of another counts as replaced,
        whether they differ or not. All files are checked before one of them counts.

        Raises:
            RecordError: a file is not whole, of another schema, or its footprints are not as the table's are.
            DiskFull: no space is left.
        """
        checked = [(path, *check_file(self.engine, path)) for path in paths]
        fresh: list[Path] = []
        try:
            for done, (path, rows, in_order) in enumerate(checked):
                if progress is not None:
                    progress("files", done, len(paths))
                for part in self._copies(path, rows, in_order):
                    fresh.append(part)
                    made, found = build_and_check(self.engine, part)
                    check_rows(path, found)
                    made.write(index_path(part))
        except BaseException as error:
            for part in fresh:
                self._discard(part)
            if isinstance(error, (StoreError, QueryError)) and not isinstance(error, _OTHER_REASONS):
                raise RecordError(f"{path.name} is damaged", "Export or copy the file again.") from error
            raise
        if progress is not None:
            progress("files", len(paths), len(paths))
        known = len(self.parts)
        self.parts += fresh
        return self._resolve(known, sum(rows for _, rows, _ in checked))

    def _copies(self, path: Path, rows: int, in_order: bool) -> Iterator[Path]:
        """A file as parts: as it is, or of at most a million rows each."""
        if in_order and rows <= 2 * _MOST:
            part = self._draft()
            shutil.copyfile(path, part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            yield part
            return
        for first in range(0, rows, _MOST):
            within = f"file_row_number >= {first} AND file_row_number < {first + _MOST}"
            part = self._draft()
            self.engine.write(f"SELECT {_COLUMNS} FROM {table_of([path])} WHERE {within}", part)
            yield part

    def _resolve(self, known: int, added: int) -> SceneCounts:
        """Leaves of scenes with the same key the last one; `known` parts are older than the others."""
        opened = [Part.open(index_path(part), part) or Part(build(self.engine, part)) for part in self.parts]
        twice = sorted(repeated(opened))
        if not twice:
            return SceneCounts(added)
        given = {"c": [one[0] for one in twice], "i": [one[1] for one in twice], "files": list(map(str, self.parts))}
        self.engine.rows(
            "CREATE OR REPLACE TEMP TABLE lost AS SELECT filename, file_row_number FROM ("
            "SELECT filename, file_row_number, row_number() OVER (PARTITION BY collection, id ORDER BY "
            "list_position($files::VARCHAR[], filename) DESC, file_row_number DESC) AS nth "
            f"FROM {table_of(self.parts)} WHERE (collection, id) IN "
            "(SELECT unnest($c::VARCHAR[]), unnest($i::VARCHAR[]))) WHERE nth > 1",
            given,
        )
        lost = dict(self.engine.rows("SELECT filename, count(*) FROM lost GROUP BY filename"))
        replaced = sum(int(lost.get(str(part), 0)) for part in self.parts[:known])
        unchanged = sum(map(int, lost.values())) - replaced
        for number, part in enumerate(self.parts):
            if str(part) in lost:
                kept = f"SELECT {_COLUMNS} FROM {table_of([part])} ANTI JOIN lost USING (filename, file_row_number)"
                self.parts[number] = self._write(kept, "start_time")
                self._discard(part)
        self.parts = [part for part in self.parts if self._rows([part])]
        return SceneCounts(added - unchanged - replaced, replaced, unchanged)

    def _compare(self) -> tuple[int, int]:
        """Removes from the stage what is there already; returns how many those are, and how many differ."""
        join = f"stage s JOIN {table_of(self.parts)} t USING (collection, id)"
        equal = " AND ".join(f"s.{name} IS NOT DISTINCT FROM t.{name}" for name in COLUMN_TYPES if name not in _FREE)
        self.engine.rows(
            f"CREATE OR REPLACE TEMP TABLE known AS SELECT collection, id, t.filename AS part, ({equal}) AS same "
            f"FROM {join}"
        )
        counted = self.engine.rows("SELECT count(*) FILTER (same), count(*) FILTER (NOT same) FROM known")
        self.engine.rows("DELETE FROM stage USING known k WHERE k.same AND stage.collection = k.collection "
                         "AND stage.id = k.id")  # fmt: skip
        return int(counted[0][0]), int(counted[0][1])

    def remove(self, keys: Iterable[tuple[str, str]] = (), collections: Iterable[str] = ()) -> int:
        """Removes scenes by (collection, identifier), and whole collections; returns how many there were."""
        if not self.parts:
            return 0
        pairs = list(keys)
        given = {"c": [one[0] for one in pairs], "i": [one[1] for one in pairs], "all": list(collections)}
        self.engine.rows(
            "CREATE OR REPLACE TEMP TABLE known AS SELECT collection, id, filename AS part, false AS same "
            f"FROM {table_of(self.parts)} WHERE list_contains($all::VARCHAR[], collection) OR (collection, id) IN "
            "(SELECT unnest($c::VARCHAR[]), unnest($i::VARCHAR[]))",
            given,
        )
        found = int(self.engine.rows("SELECT count(*) FROM known")[0][0])
        if found:
            self._drop_replaced()
        return found

    def _drop_replaced(self) -> None:
        """Writes the parts that hold replaced scenes anew, without them."""
        touched = {row[0] for row in self.engine.rows("SELECT DISTINCT part FROM known WHERE NOT same")}
        for number, part in enumerate(self.parts):
            if str(part) in touched:
                self.parts[number] = self._write(
                    f"SELECT {_COLUMNS} FROM {table_of([part])} t "
                    "ANTI JOIN (SELECT collection, id FROM known WHERE NOT same) USING (collection, id)",
                    "start_time",
                )
                self._discard(part)
        self.parts = [part for part in self.parts if self._rows([part])]

    def finish(self) -> int:
        """Joins small parts; returns the number of scenes of the table."""
        small = [(part, rows) for part in self.parts if (rows := self._rows([part])) < _SMALL]
        while len(small) > 1:
            group, rows = [], 0
            while small and rows < _MOST:
                part, count = small.pop()
                group.append(part)
                rows += count
            try:
                joined = self._write(f"SELECT {_COLUMNS} FROM {table_of(group)}", _SPREAD)
            except QueryTooLarge:  # records so large that they do not sort in memory: the parts serve as they are
                break
            self.parts = [part for part in self.parts if part not in group] + [joined]
            for part in group:
                self._discard(part)
        self.add_indexes()
        return self._rows(self.parts)

    def add_indexes(self) -> int:
        """Makes the indexes that parts lack: of new ones, of old ones that another earthdex wrote, of many together."""
        without = lacking(self.parts)
        for part in without:
            build(self.engine, part).write(index_path(part))
        for part in lacking_records(self.parts):
            build_records(self.engine, part)
        return len(without) + join_parts(self.parts)

    def discard(self) -> None:
        """Removes the parts written since the table was published."""
        for part in list(self._drafts):
            self._discard(part)
        self.close()

    def close(self) -> None:
        """Ends the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _rows(self, parts: Sequence[Path]) -> int:
        if not parts:
            return 0
        return int(self.engine.rows(f"SELECT count(*) FROM {table_of(parts)}")[0][0])

    def _draft(self) -> Path:
        """The name of a new part."""
        path = self._folder / f"{uuid.uuid4().hex}.parquet"
        self._drafts.add(path)
        return path

    def _write(self, select: str, order: str) -> Path:
        path = self._draft()
        self.engine.write(f"{select} ORDER BY {order}", path)
        return path

    def _discard(self, part: Path) -> None:
        """Removes a part that no version knows yet; published ones are left to the pruning."""
        if part in self._drafts:
            part.unlink(missing_ok=True)
            index_path(part).unlink(missing_ok=True)
            records_path(part).unlink(missing_ok=True)
            self._drafts.discard(part)


# Row groups hold a few missions and a patch of the Earth each, so that conditions on either skip most of them.
_SPREAD = "mission, round(bbox.ymin / 10), round(bbox.xmin / 10), start_time, id"


def _batches(scenes: Iterable[Scene]) -> Iterator[list[Scene]]:
    rows = iter(scenes)
    while batch := list(islice(rows, _BATCH)):
        yield batch
