"""What live sources answered, kept for a while as parts of the scenes table: below `live/parts` of the home folder.

Each answer is a record of what was asked and, where scenes came, a part. Old answers serve when a source cannot be
reached. The folder has a bounded size; the answers that were not used for longest go first.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ontology.records import Scene

_YOUNG = 600.0  # seconds in which a query may still be reading a part


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of a source.

    Attributes:
        source: the source's name.
        asked: when, in seconds since 1970.
        scenes: how many came.
        matched: how many the source says it has, if it says so.
        skipped: records that could not be used.
        part: file name of the part; "" where no scene came.
    """

    source: str
    asked: float
    scenes: int = 0
    matched: int | None = None
    skipped: int = 0
    part: str = ""


class Cache:
    """Answers by key. Safe for threads and processes.

    Args:
        folder: where they lie.
        most_bytes: bound of their size.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self._most = most_bytes

    def get(self, key: str, most_seconds: float) -> Kept | None:
        """An answer that is no older than so many seconds, if it is there as a whole."""
        path = self.folder / f"{key}.json"
        try:
            read = json.loads(path.read_bytes())
            kept = Kept(
                str(read["source"]),
                float(read["asked"]),
                int(read["scenes"]),
                None if read["matched"] is None else int(read["matched"]),
                int(read["skipped"]),
                str(read["part"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        age = time.time() - kept.asked
        if not -60.0 <= age <= most_seconds or Path(kept.part).name != kept.part:
            return None
        if kept.part:
            part = self.folder / kept.part
            if not part.exists():
                return None
            with suppress(OSError):
                os.utime(part)
        return kept

    def part(self, kept: Kept) -> Path | None:
        """The part of an answer; None where no scene came."""
        return self.folder / kept.part if kept.part else None

    def put(self, key: str, scenes: Sequence[Scene], kept: Kept) -> Kept:
        """Keeps an answer; returns it with its part.

        Raises:
            OSError: it cannot be written.
            DiskFull: no space is left.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if scenes:
            from kg.liveparts import write_part

            name = f"{key}-{uuid.uuid4().hex[:8]}.parquet"
            write_part(scenes, self.folder / name)
            kept = Kept(kept.source, kept.asked, len(scenes), kept.matched, kept.skipped, name)
        draft = self.folder / f"{uuid.uuid4().hex}.tmp"
        draft.write_text(json.dumps(asdict(kept)), encoding="utf-8")
        os.replace(draft, self.folder / f"{key}.json")
        self._prune()
        return kept

    def clear(self, source: str | None = None) -> None:
        """Forgets the answers of a source, or all."""
        for path in self.folder.glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                read = json.loads(path.read_bytes())
                if source is None or read["source"] == source:
                    if read["part"]:
                        for one in self.folder.glob(f"{Path(read['part']).stem}*.parquet"):
                            one.unlink(missing_ok=True)
                    path.unlink(missing_ok=True)

    def _prune(self) -> None:
        """Removes what was not used for longest, until the rest fits; nothing that may be read just now."""
        files = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                known = path.stat()
                files.append((known.st_mtime, known.st_size, path))
        size = sum(one[1] for one in files)
        now = time.time()
        for used, bytes_, path in sorted(files):
            if size <= self._most or now - used < _YOUNG:
                return
            with suppress(OSError):
                path.unlink()
                size -= bytes_
