"""Whether the files of a lock are still those it names."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ontology.errors import EarthdexError
from training.select.headers import checksum_of, digest_of
from training.select.lock import Lock
from training.types import Bytes

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of looking at every file once.

    Attributes:
        files: looked at.
        same: checksum or ETag is the one in the lock.
        unknown: the lock or the server tells nothing to compare but perhaps the size.
        changed: (href, what is different).
        missing: (href, reason).
    """

    files: int
    same: int
    unknown: int
    changed: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `earthdex lock verify --json`."""
        return {
            "files": self.files,
            "same": self.same,
            "unknown": self.unknown,
            "changed": [{"href": href, "why": why} for href, why in self.changed],
            "missing": [{"href": href, "why": why} for href, why in self.missing],
        }


def verify(lock: Lock, data: Bytes, *, threads: int = 8, progress: Progress | None = None) -> Verified:
    """Compares sizes, checksums and ETags with those of the lock; each file is looked at once.

    Args:
        lock: what was frozen, with its files where they are now.
        data: where bytes come from.
        threads: that read.
        progress: called with ("verify", done, files).
    """
    files: dict[str, tuple[str, int]] = {}
    for item in lock.items:
        for part in item.parts:
            files.setdefault(part.href, (part.checksum, part.size))

    def look(entry: tuple[str, tuple[str, int]]) -> tuple[str, str, str]:
        href, (checksum, size) = entry
        try:
            return _compared(href, checksum, size, data)
        except EarthdexError as error:
            return "missing", href, str(error)

    counts = {"same": 0, "unknown": 0}
    changed, missing = [], []
    with ThreadPoolExecutor(max(1, threads), thread_name_prefix="earthdex-verify") as pool:
        for number, (kind, href, why) in enumerate(pool.map(look, files.items())):
            if kind == "changed":
                changed.append((href, why))
            elif kind == "missing":
                missing.append((href, why))
            else:
                counts[kind] += 1
            if progress is not None and (number % 64 == 0 or number + 1 == len(files)):
                progress("verify", number + 1, len(files))
    return Verified(len(files), counts["same"], counts["unknown"], tuple(changed), tuple(missing))


def _compared(href: str, checksum: str, size: int, data: Bytes) -> tuple[str, str, str]:
    found = data.size(href)
    if size >= 0 and found != size:
        return "changed", href, f"{found:,} bytes, not {size:,}"
    kind = checksum.partition(":")[0]
    if not kind:
        return "unknown", href, ""
    now = checksum_of(href, data) if kind == "etag" else digest_of(href, data, kind)
    if kind == "etag" and not now.startswith("etag:"):
        return "unknown", href, ""  # a copy elsewhere has no ETag, or another one
    return ("same", href, "") if now == checksum else ("changed", href, f"{now[:40]}, not {checksum[:40]}")
