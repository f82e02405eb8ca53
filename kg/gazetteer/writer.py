"""Writes the file of imported places: beside the old one, renamed when all is done."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from kg.gazetteer.names import key
from kg.gazetteer.packed import pack_names
from kg.gazetteer.schema import COLUMNS, FORMAT, SCHEMA
from kg.locks import FileLock
from ontology.errors import DiskFull, StoreError, StoreLocked, StoreReadOnly

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Outcome = Literal["new", "updated", "unchanged"]
# Misspelt names are compared with those of the better known places only.
_FUZZY_IMPORTANCE = 480
_REMEDY = "Check the folder named by EARTHDEX_HOME."


@dataclass(slots=True)
class PlaceRow:
    """A place as it is written.

    Attributes:
        ref: last part of its IRI.
        name: English name where one is in use.
        kind: kind of place, or the local word for a first-level area.
        lon: longitude of a point in it, degrees.
        lat: latitude, degrees.
        names: (name, role) under which it is found; roles as in `engine.ROLES`, by number.
        keys: (key, role) under which it is found besides, which are no names that people would read.
        shape: outline or course in CRS84; None for a point or a circle.
        bbox: west, south, east, north of the shape.
        codes: outside identifiers (`gn:2770542`).
        parents: references of the places that hold it.
        other: further columns of the table `place`.
    """

    ref: str
    name: str
    kind: str
    lon: float
    lat: float
    names: list[tuple[str, int]]
    keys: list[tuple[str, int]] = field(default_factory=list)
    shape: BaseGeometry | None = None
    bbox: tuple[float, float, float, float] | None = None
    codes: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    other: dict[str, Any] = field(default_factory=dict)


class PlaceWriter:
    """One run of an importer; `with` keeps everything or, after an error, nothing.

    Args:
        path: the file of imported places; made where there is none.

    Raises:
        StoreLocked: another process is importing places.
        StoreReadOnly: the folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_suffix(".partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock.exclusive(path.with_suffix(".lock"))
            if lock is None:
                raise StoreLocked("Another process is importing places.", "Wait for it and run the command again.")
            self._lock = lock
            self._partial.unlink(missing_ok=True)
            if path.exists():
                shutil.copyfile(path, self._partial)
            self._db = sqlite3.connect(self._partial, isolation_level=None)
            if not path.exists():
                self._db.executescript(SCHEMA)
                self._db.execute("INSERT INTO meta VALUES ('format', ?)", (FORMAT,))
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute("BEGIN")
        except OSError as error:
            raise _of_disk(error) from error
        except sqlite3.Error as error:
            raise StoreError(f"The imported places cannot be opened: {error}.", f"Delete {path.name}.") from error

    def __enter__(self) -> PlaceWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._db.close()
            self._partial.unlink(missing_ok=True)
            self._lock.release()

    def put(self, row: PlaceRow) -> Outcome:
        """Writes a place, over the one of the same reference.

        Raises:
            DiskFull: there is no more space.
        """
        from kg.gazetteer.codec import encode

        blob = encode(row.shape) if row.shape is not None else b""
        keys: dict[str, int] = {}
        for made, role in [(key(text), role) for text, role in row.names] + row.keys:
            if made:
                keys[made] = min(role, keys.get(made, 9))
        values: dict[str, Any] = dict.fromkeys(COLUMNS[1:]) | {"importance": 500, "capital": 0, "approximate": 0}
        values |= {"ref": row.ref, "name": row.name, "kind": row.kind}
        values |= {"lon": round(row.lon * 1e5), "lat": round(row.lat * 1e5)}
        if row.bbox is not None:
            values |= dict(zip(("west", "south", "east", "north"), (round(v * 1e5) for v in row.bbox), strict=True))
        values |= row.other
        listed = [text for text, _ in row.names if text != row.name]
        facts = repr((sorted(values.items(), key=lambda one: one[0]), sorted(keys.items()), row.codes, row.parents))
        digest = blake2b(facts.encode() + blob, digest_size=12).digest()
        try:
            return self._replace(values, keys, listed, row, blob, digest)
        except sqlite3.OperationalError as error:
            raise DiskFull("No space is left for the imported places.", "Free space and import again.") from error

    def _replace(
        self, values: dict[str, Any], keys: dict[str, int], listed: list[str], row: PlaceRow, blob: bytes, digest: bytes
    ) -> Outcome:
        db = self._db
        found = db.execute(
            "SELECT id, value FROM place LEFT JOIN digest ON place = id WHERE ref = ?", (row.ref,)
        ).fetchone()
        if found is not None and found[1] == digest:
            return "unchanged"
        if found is not None:
            for table in ("name", "alternate", "geometry", "code", "digest"):
                db.execute(f"DELETE FROM {table} WHERE place = ?", (found[0],))
            db.execute("DELETE FROM holder WHERE child = ?", (found[0],))
            db.execute("DELETE FROM place WHERE id = ?", (found[0],))
        columns = COLUMNS[1:]
        cursor = db.execute(
            f"INSERT INTO place ({', '.join(columns)}) VALUES ({','.join('?' * len(columns))})",
            [values[one] for one in columns],
        )
        number = cursor.lastrowid
        db.executemany("INSERT OR REPLACE INTO name VALUES (?, ?, ?)", [(k, number, role) for k, role in keys.items()])
        if listed:
            db.execute("INSERT INTO alternate VALUES (?, ?)", (number, pack_names(listed)))
        if blob:
            db.execute("INSERT INTO geometry VALUES (?, ?)", (number, blob))
        db.executemany("INSERT OR REPLACE INTO code VALUES (?, ?)", [(code, number) for code in row.codes])
        db.executemany("INSERT OR REPLACE INTO holder VALUES (?, ?)", [(number, ref) for ref in row.parents])
        db.execute("INSERT INTO digest VALUES (?, ?)", (number, digest))
        return "new" if found is None else "updated"

    def credit(self, attribution: str) -> None:
        """Adds whom to credit for what was imported."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'attribution'").fetchone()
        texts = dict.fromkeys([*(str(row[0]).split(" | ") if row else []), attribution])
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('attribution', ?)", (" | ".join(texts),))

    def _finish(self) -> None:
        db = self._db
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        sql = """SELECT DISTINCT key FROM name JOIN place ON place.id = name.place
                 WHERE role <= 1 AND importance >= ? AND length(key) BETWEEN 4 AND 60 ORDER BY key"""
        for (one,) in db.execute(sql, (_FUZZY_IMPORTANCE,)):
            buckets[one[0], len(one)].append(one)
        try:
            db.execute("DELETE FROM fuzzy")
            db.executemany(
                "INSERT INTO fuzzy VALUES (?, ?, ?)",
                [(first, size, zlib.compress("\n".join(v).encode(), 6)) for (first, size), v in buckets.items()],
            )
            db.execute("COMMIT")
            db.close()
            with self._partial.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(self._partial, self.path)
        except sqlite3.OperationalError as error:
            raise DiskFull("No space is left for the imported places.", "Free space and import again.") from error
        except OSError as error:
            raise _of_disk(error) from error


def _of_disk(error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("No space is left for the imported places.", "Free space and import again.")
    return StoreReadOnly(f"The imported places cannot be written: {error}.", _REMEDY)
