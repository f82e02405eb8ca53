"""Names in sorted, deflated blocks: 260,000 of them in 2.5 MB, a lookup in some microseconds once a block is read.

A line of a block is `key TAB place,role;place,role...`; places are written in base 36. The first keys of all blocks
are one small text, so a key's block is found by bisection in memory and read with one query by number.
"""

from __future__ import annotations

import sqlite3
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Protocol

_LINES = 256
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class NameIndex(Protocol):
    """Where the keys of names lead."""

    def find(self, key: str) -> list[tuple[int, int]]:
        """(place, role) of a key."""

    def continues(self, prefix: str) -> bool:
        """Whether any key starts with a text."""


def _base36(number: int) -> str:
    sign, number = ("-", -number) if number < 0 else ("", number)
    out = ""
    while True:
        number, rest = divmod(number, 36)
        out = _DIGITS[rest] + out
        if not number:
            return sign + out


def pack_names(names: Iterable[str]) -> str | bytes:
    """Names as they are written, a line each: text, or deflated where that is shorter."""
    text = "\n".join(dict.fromkeys(names))
    packed = zlib.compress(text.encode(), 9)
    return packed if len(packed) < len(text.encode()) else text


def unpack_names(stored: str | bytes) -> list[str]:
    """What `pack_names` stored."""
    return (zlib.decompress(stored).decode() if isinstance(stored, bytes) else stored).split("\n")


def write_names(db: sqlite3.Connection, names: Iterable[tuple[str, int, int]]) -> None:
    """Fills the tables `block` and `meta` of a new file.

    Args:
        db: inside a transaction.
        names: (key, place, role), sorted by key.
    """
    firsts: list[str] = []
    lines: list[str] = []

    def flush() -> None:
        if lines:
            firsts.append(lines[0].split("\t", 1)[0])
            packed = zlib.compress("\n".join(lines).encode(), 9)
            db.execute("INSERT INTO block VALUES (?, ?)", (len(firsts) - 1, packed))
            lines.clear()

    for one, rows in groupby(names, key=lambda row: row[0]):
        lines.append(one + "\t" + ";".join(f"{_base36(place)},{role}" for _, place, role in rows))
        if len(lines) == _LINES:
            flush()
    flush()
    db.execute("INSERT INTO meta VALUES ('firsts', ?)", (zlib.compress("\n".join(firsts).encode(), 9),))


class PackedNames:
    """The names of a packaged file; not safe to share between threads without a lock."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        row = db.execute("SELECT value FROM meta WHERE name = 'firsts'").fetchone()
        self._firsts = zlib.decompress(row[0]).decode().split("\n") if row else []
        self._kept: dict[int, tuple[list[str], list[str]]] = {}

    def _block(self, number: int) -> tuple[list[str], list[str]]:
        found = self._kept.get(number)
        if found is None:
            if len(self._kept) > 200:
                self._kept.clear()
            row = self._db.execute("SELECT data FROM block WHERE number = ?", (number,)).fetchone()
            lines = zlib.decompress(row[0]).decode().split("\n")
            pairs = [line.split("\t", 1) for line in lines]
            found = self._kept[number] = ([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        return found

    def find(self, key: str) -> list[tuple[int, int]]:
        """(place, role) of a key."""
        number = bisect_right(self._firsts, key) - 1
        if number < 0:
            return []
        keys, postings = self._block(number)
        at = bisect_left(keys, key)
        if at == len(keys) or keys[at] != key:
            return []
        pairs = (one.split(",") for one in postings[at].split(";"))
        return [(int(place, 36), int(role)) for place, role in pairs]

    def continues(self, prefix: str) -> bool:
        """Whether any key starts with a text."""
        number = bisect_right(self._firsts, prefix) - 1
        if number >= 0:
            keys, _ = self._block(number)
            at = bisect_left(keys, prefix)
            if at < len(keys):
                return keys[at].startswith(prefix)
        return number + 1 < len(self._firsts) and self._firsts[number + 1].startswith(prefix)

    def every(self) -> Iterator[str]:
        """All keys, in order."""
        for number in range(len(self._firsts)):
            yield from self._block(number)[0]


class TableNames:
    """The names of an imported file, which grows: an ordinary table."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def find(self, key: str) -> list[tuple[int, int]]:
        """(place, role) of a key."""
        return self._db.execute("SELECT place, role FROM name WHERE key = ?", (key,)).fetchall()

    def continues(self, prefix: str) -> bool:
        """Whether any key starts with a text."""
        row = self._db.execute("SELECT key FROM name WHERE key >= ? ORDER BY key LIMIT 1", (prefix,)).fetchone()
        return row is not None and row[0].startswith(prefix)
