"""Small things worked out from remote files, kept beside the byte cache: parsed headers, indexes of archives."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

_MOST = 512 << 20  # bytes of the file, after which it is begun anew


class Sidecar:
    """A table of (kind, address, validator) -> bytes in one SQLite file, for many processes and threads.

    It is a cache: what cannot be read or written is as if it were not there.

    Args:
        folder: where the file lies; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sidecar.sqlite"
        self._lock = threading.Lock()
        self._open: tuple[int, sqlite3.Connection] | None = None
        self._parents: list[sqlite3.Connection] = []

    def _connection(self) -> sqlite3.Connection:
        # a connection must not cross a fork
        if self._open is None or self._open[0] != os.getpid():
            if self._open is not None:
                self._parents.append(self._open[1])  # closing it here could end the parent's locks
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > _MOST:
                self._path.unlink(missing_ok=True)
            made = sqlite3.connect(self._path, timeout=5.0, check_same_thread=False, isolation_level=None)
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("PRAGMA synchronous=NORMAL")
            made.execute(
                "CREATE TABLE IF NOT EXISTS kept (kind TEXT, address TEXT, validator TEXT, value BLOB,"
                " PRIMARY KEY (kind, address)) WITHOUT ROWID"
            )
            self._open = (os.getpid(), made)
        return self._open[1]

    def get(self, kind: str, address: str, validator: str) -> bytes | None:
        """What was kept for this version of a file; None where nothing was, or the version cannot be told."""
        if not validator:
            return None
        with self._lock:
            try:
                row = (
                    self._connection()
                    .execute(
                        "SELECT value FROM kept WHERE kind = ? AND address = ? AND validator = ?",
                        (kind, address, validator),
                    )
                    .fetchone()
                )
            except (sqlite3.Error, OSError):
                return None
        return bytes(row[0]) if row else None

    def put(self, kind: str, address: str, validator: str, value: bytes) -> None:
        """Keeps something for this version of a file, in place of what was kept for another."""
        if not validator:
            return
        with self._lock:
            try:
                self._connection().execute(
                    "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", (kind, address, validator, value)
                )
            except (sqlite3.Error, OSError):
                return

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
            self._open = None
