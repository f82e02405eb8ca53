"""The audit log: one line of JSON for each change that was asked for, appended and never rewritten.

Who, when, what (its kind, size and SHA-256, not its text), the versions before and after, or why it was refused. Keys
are named by their names and ids; nothing of their secrets is ever written.
"""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kg.layout import file_errors


class Audit:
    """The log of a catalogue's service, in `service/audit.jsonl`. Safe for threads and processes.

    Args:
        root: the catalogue's folder.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / "service" / "audit.jsonl"
        self._lock = threading.Lock()

    def note(self, **facts: Any) -> None:  # noqa: ANN401 - what JSON holds
        """Appends a line, with the time; it is on disk when this returns.

        Raises:
            DiskFull: it cannot be written: then what it tells of must not be acknowledged either.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, **facts}, ensure_ascii=False, separators=(",", ":")) + "\n"
        with self._lock, file_errors(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line.encode("utf-8", "replace"))
                os.fsync(handle)
            finally:
                os.close(handle)

    def read(self) -> list[dict[str, Any]]:
        """All lines that are whole."""
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            try:
                found.append(json.loads(line))
            except ValueError:
                continue  # cut off by a loss of power
        return found
