"""Original bytes that were fetched, kept on disk for the next epoch, process and run.

A log of segments: each process appends the ranges it fetched to a file of its own, with a line in an index beside it.
Nothing is rewritten, so processes need no locks among them. Every range carries its checksum and the validator of the
file it came from, so neither a torn write nor a changed file is ever served. When the folder grows over its limit the
segments that were not used for longest are deleted.
"""

from __future__ import annotations

import hashlib
import os
import struct
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.io.base import buffer
from training.io.crc import crc32

_LINE = struct.Struct("<16sQQQI")  # key, start, length, offset, checksum of the bytes
_OWN = struct.Struct("<I")  # and of the line
_WIDTH = _LINE.size + _OWN.size
_SEGMENT = 64 << 20  # most bytes of one segment
_LOOK = 1.0  # seconds between looks for what other processes wrote
_TOUCH = 30.0  # seconds between marks that a segment is in use


@dataclass(slots=True)
class _Segment:
    path: Path
    lines: int = 0
    touched: float = 0.0


@dataclass(slots=True)
class _Mine:
    """The segment that this process writes."""

    data: int
    index: int
    segment: _Segment
    size: int = 0


@dataclass(slots=True)
class _Known:
    """Ranges of one version of one file: start -> (segment, offset, length, crc)."""

    ranges: dict[int, tuple[_Segment, int, int, int]] = field(default_factory=dict)


def _line(*values: bytes | int) -> bytes:
    line = _LINE.pack(*values)
    return line + _OWN.pack(zlib.crc32(line))


class ByteCache:
    """Ranges of remote files in a folder.

    Args:
        folder: made where it is missing.
        limit: most bytes of the folder, roughly (one segment of 64 MiB more for each process that writes).
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._segment = min(_SEGMENT, max(limit // 8, 4096))
        self._lock = threading.Lock()
        self._known: dict[bytes, _Known] = {}
        self._segments: dict[str, _Segment] = {}
        self._mine: _Mine | None = None
        self._owner = os.getpid()
        self._looked = 0.0
        self._since_trim = 0
        self.full = False
        """Whether the disk refused what should be kept; reading goes on without."""

    @staticmethod
    def key(address: str, validator: str) -> bytes:
        """What names one version of a file."""
        return hashlib.blake2b(f"{address}\0{validator}".encode(), digest_size=16).digest()

    def seen(self, address: str) -> bool:
        """Whether anything of a file, in any version, was put here: else its validator need not be asked for."""
        key = self.key(address, "")
        if key not in self._known:
            self._look()
        return key in self._known

    def get(self, key: bytes, start: int, length: int) -> memoryview | None:
        """A range, if it is kept whole and sound."""
        found = self._find(key, start, length)
        if found is None:
            self._look()
            found = self._find(key, start, length)
        if found is None:
            return None
        begin, (segment, offset, size, crc) = found
        data = _read(segment.path.with_suffix(".data"), offset, size)
        if data is None or crc32(data) != crc:
            with self._lock:
                self._known[key].ranges.pop(begin, None)
            return None
        self._touch(segment)
        return data[start - begin : start - begin + length]

    def _find(self, key: bytes, start: int, length: int) -> tuple[int, tuple[_Segment, int, int, int]] | None:
        known = self._known.get(key)
        if known is None:
            return None
        exact = known.ranges.get(start)
        if exact is not None and exact[2] >= length:
            return start, exact
        # what is asked for is mostly what was asked for before; a part of it is looked for among few
        if len(known.ranges) <= 64:
            for begin, one in list(known.ranges.items()):
                if begin <= start and start + length <= begin + one[2]:
                    return begin, one
        return None

    def put(self, address: str, validator: str, ranges: Sequence[tuple[int, memoryview]]) -> None:
        """Keeps ranges (start, bytes) of one version of a file. A full disk is no error: they are not kept then."""
        if self.full or self._limit <= 0 or not ranges:
            return
        mark = self.key(address, "")
        with self._lock:
            try:
                if mark not in self._known:
                    self._append(mark, [(0, memoryview(b""))])
                self._append(self.key(address, validator), ranges)
            except OSError:
                self.full = True
                self._release()

    def _append(self, key: bytes, ranges: Sequence[tuple[int, memoryview]]) -> None:
        if self._owner != os.getpid():  # after a fork: the segment is the parent's
            self._mine, self._owner = None, os.getpid()
        lines = bytearray()
        if self._mine is None or self._mine.size >= self._segment:
            self._release()
            self._mine = self._new()
        mine = self._mine
        for start, data in ranges:
            _write(mine.data, data)
            check = crc32(data)
            lines += _line(key, start, len(data), mine.size, check)
            self._remember(mine.segment, key, start, len(data), mine.size, check)
            mine.size += len(data)
        # the index names a range only after its bytes are there
        _write(mine.index, memoryview(lines))
        mine.segment.lines += len(ranges)
        self._since_trim += sum(len(data) for _, data in ranges)
        if self._since_trim >= self._segment:
            self._since_trim = 0
            self._trim()

    def _new(self) -> _Mine:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{os.getpid():x}-{os.urandom(6).hex()}.index"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        data = os.open(path.with_suffix(".data"), flags, 0o644)
        index = os.open(path, flags, 0o644)
        segment = self._segments[path.name] = _Segment(path, 0, time.monotonic())
        return _Mine(data, index, segment)

    def _release(self) -> None:
        if self._mine is not None:
            os.close(self._mine.data)
            os.close(self._mine.index)
            self._mine = None

    def _remember(self, segment: _Segment, key: bytes, start: int, length: int, offset: int, crc: int) -> None:
        ranges = self._known.setdefault(key, _Known()).ranges
        if start not in ranges or ranges[start][2] <= length:
            ranges[start] = (segment, offset, length, crc)

    def _look(self) -> None:
        """Reads what other processes, or earlier runs, have written."""
        now = time.monotonic()
        with self._lock:
            if self._looked and now - self._looked < _LOOK:
                return
            self._looked = now
            try:
                found = {one.name: one.stat().st_size for one in os.scandir(self._folder) if one.name[-6:] == ".index"}
            except OSError:
                return
            for name, size in found.items():
                segment = self._segments.setdefault(name, _Segment(self._folder / name))
                count = size // _WIDTH - segment.lines
                if count > 0 and (self._mine is None or self._mine.segment is not segment):
                    self._learn(segment, count)

    def _learn(self, segment: _Segment, count: int) -> None:
        data = _read(segment.path, segment.lines * _WIDTH, count * _WIDTH)
        if data is None:
            return
        for at in range(0, len(data), _WIDTH):
            segment.lines += 1
            if _OWN.unpack_from(data, at + _LINE.size)[0] == zlib.crc32(data[at : at + _LINE.size]):
                key, start, length, offset, check = _LINE.unpack_from(data, at)
                self._remember(segment, key, start, length, offset, check)

    def _touch(self, segment: _Segment) -> None:
        now = time.monotonic()
        if now - segment.touched > _TOUCH:
            segment.touched = now
            try:
                os.utime(segment.path)
            except OSError:
                return

    def _trim(self) -> None:
        """Deletes the segments that were not used for longest until the folder keeps its limit."""
        found = []
        for one in self._folder.glob("*.index"):
            try:
                state = one.stat()
                found.append((state.st_mtime_ns, state.st_size + one.with_suffix(".data").stat().st_size, one))
            except OSError:  # another process deleted it
                one.unlink(missing_ok=True)
        total = sum(size for _, size, _ in found)
        mine = self._mine.segment.path if self._mine is not None else None
        for _, size, path in sorted(found):
            if total <= self._limit:
                return
            if path != mine:
                path.unlink(missing_ok=True)
                path.with_suffix(".data").unlink(missing_ok=True)
                self._forget(path.name)
                total -= size

    def _forget(self, name: str) -> None:
        segment = self._segments.pop(name, None)
        for known in self._known.values():
            for start in [start for start, one in known.ranges.items() if one[0] is segment]:
                del known.ranges[start]

    def close(self) -> None:
        """Closes the files."""
        with self._lock:
            if self._owner == os.getpid():
                self._release()


def _write(descriptor: int, data: memoryview) -> None:
    done = 0
    while done < len(data):
        done += os.write(descriptor, data[done:])


def _read(path: Path, offset: int, length: int) -> memoryview | None:
    """Bytes of a file; None where it is gone or shorter."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return None
    try:
        data = buffer(length)
        done = 0
        while done < length:
            got = os.preadv(descriptor, [data[done:]], offset + done)
            if not got:
                return None
            done += got
        return data
    except OSError:
        return None
    finally:
        os.close(descriptor)
