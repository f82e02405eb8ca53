"""What `earthdex add` did: counts, every skip and every repair with its reason, kept in full in a file."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

SAMPLES = 100
_LOG_LINES = 1_000_000
_MAX_REASONS = 1_000


@dataclass(slots=True)
class AddReport:
    """Counts of one run of `add`.

    Attributes:
        sources: what was to be added, as given.
        read: records read (items, collections, table rows, YAML files), bad ones among them.
        scenes, datasets, models, places: records that were new.
        graphs: files of RDF that were new.
        updated: records that were there with other content, and were replaced.
        unchanged: records that were there already.
        duplicates: records whose identifier occurred before in the same run.
        repaired, skipped: number of records by reason.
        problems: the first hundred findings: `path`, `line`, `message`, `remedy`, `kind` (skipped or repaired).
        seconds: wall time.
        version: version of the catalogue that was published; the one before where nothing changed.
        log: file with every finding, one JSON object a line; empty where there was none.
    """

    sources: list[str] = field(default_factory=list)
    read: int = 0
    scenes: int = 0
    datasets: int = 0
    models: int = 0
    places: int = 0
    graphs: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    repaired: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    version: str = ""
    log: str = ""
    _file: IO[str] | None = field(default=None, repr=False)
    _folder: Path | None = field(default=None, repr=False)
    _lines: int = field(default=0, repr=False)

    @property
    def added(self) -> int:
        """Number of new records of all kinds."""
        return self.scenes + self.datasets + self.models + self.places + self.graphs

    @property
    def changed(self) -> bool:
        """Whether the catalogue is other than before."""
        return bool(self.added or self.updated)

    def keep_log(self, folder: Path) -> None:
        """Writes findings into a new file of this folder from now on; it is made at the first finding."""
        self._folder = folder

    def skip(self, path: str, reason: str, *, line: int = 0, detail: str = "", remedy: str = "") -> None:
        """Notes a record that was left out.

        Args:
            path: file or address.
            reason: short constant phrase that can be counted.
            line: line of the file, 0 for the file as a whole.
            detail: what exactly, such as the identifier or the parser's words.
            remedy: what can be done about it.
        """
        self._note("skipped", self.skipped, path, reason, line, detail, remedy)

    def repair(self, path: str, reason: str, *, line: int = 0, detail: str = "") -> None:
        """Notes a record that was mended and kept."""
        self._note("repaired", self.repaired, path, reason, line, detail, "")

    def _note(
        self, kind: str, counter: Counter[str], path: str, reason: str, line: int, detail: str, remedy: str
    ) -> None:
        if reason in counter or len(counter) < _MAX_REASONS:
            counter[reason] += 1
        else:
            counter["other reasons"] += 1
        message = f"{reason}: {detail[:300]}" if detail else reason
        problem: dict[str, Any] = {"kind": kind, "path": path, "line": line or None, "message": message}
        if remedy:
            problem["remedy"] = remedy
        if len(self.problems) < SAMPLES:
            self.problems.append(problem)
        self._write(problem)

    def _write(self, problem: dict[str, Any]) -> None:
        if self._folder is None or self._lines >= _LOG_LINES:
            return
        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
                path = self._folder / f"add-{stamp}-{os.getpid()}.ndjson"
                self._file = path.open("w", encoding="utf-8", errors="backslashreplace")
                self.log = str(path)
            self._file.write(json.dumps(problem, ensure_ascii=False) + "\n")
            self._lines += 1
        except OSError:  # the log is a service: a full disk is told by the writer of the catalogue itself
            self._folder = None

    def close(self) -> None:
        """Ends the log."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError:
                self.log = ""
            self._file = None

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values for `--json`; reasons are sorted by number."""
        return {
            "sources": list(self.sources),
            "read": self.read,
            "scenes": self.scenes,
            "datasets": self.datasets,
            "models": self.models,
            "places": self.places,
            "graphs": self.graphs,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "duplicates": self.duplicates,
            "repaired": dict(self.repaired.most_common()),
            "skipped": dict(self.skipped.most_common()),
            "problems": list(self.problems),
            "seconds": round(self.seconds, 3),
            "version": self.version,
            "log": self.log,
        }
