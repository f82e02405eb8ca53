"""The members of a zip, from its central directory alone: two or three ranges, whatever it weighs (APPNOTE 6.3)."""

from __future__ import annotations

import stat
import struct
from pathlib import Path

from ontology.errors import ArchiveRefused
from training.io.archive import Limits, safe_path
from training.io.base import shown
from training.io.members import Member, ReadRange

_END = struct.Struct("<4s4H2LH")
_END64_AT = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_HERE = Path()
_MOST_DIRECTORY = 1 << 30
_SLACK = 64  # bytes by which a local header may be longer than the directory lets expect


class ZipIndex:
    """Where the members of a zip lie.

    Args:
        address: named in errors.
        size: bytes of the zip.
        read: gives its ranges.
        limits: of members.

    Raises:
        ArchiveRefused: no zip, damaged, over several disks, or with too many members.
    """

    def __init__(self, address: str, size: int, read: ReadRange, limits: Limits) -> None:
        self._address = address
        tail_at = max(0, size - (64 << 10) - _END.size - _END64_AT.size - _END64.size)
        tail = bytes(read(tail_at, size - tail_at))
        start, length, count = self._directory(tail, tail_at, read)
        if length > _MOST_DIRECTORY or count > limits.members or start + length > size:
            raise self._bad(f"its directory promises {count:,} members in {length:,} bytes")
        inside = start >= tail_at
        data = tail[start - tail_at : start - tail_at + length] if inside else bytes(read(start, length))
        self._members: dict[str, Member] = {}
        self._refused: dict[str, str] = {}
        self._read(data, limits)

    def _bad(self, reason: str) -> ArchiveRefused:
        return ArchiveRefused(f"{shown(self._address)} is not a readable zip: {reason}.", "Fetch it again.")

    def _directory(self, tail: bytes, tail_at: int, read: ReadRange) -> tuple[int, int, int]:
        """(offset, bytes, members) of the central directory."""
        at = tail.rfind(b"PK\5\6")
        if at < 0 or at + _END.size > len(tail):
            raise self._bad("it has no directory, so it is cut or something else")
        _, disk, _, _, count, length, start, _ = _END.unpack_from(tail, at)
        if start != 0xFFFFFFFF and count != 0xFFFF and length != 0xFFFFFFFF:
            if disk not in (0, 0xFFFF):
                raise self._bad("it lies on several disks")
            return start, length, count
        before = at - _END64_AT.size
        if before < 0 or tail[before : before + 4] != b"PK\6\7":
            if start == 0xFFFFFFFF or length == 0xFFFFFFFF:
                raise self._bad("its zip64 directory is missing")
            return start, length, count
        where = _END64_AT.unpack_from(tail, before)[2]
        inside = tail_at <= where
        end = tail[where - tail_at :][: _END64.size] if inside else bytes(read(where, _END64.size))
        if len(end) < _END64.size or end[:4] != b"PK\6\6":
            raise self._bad("its zip64 directory is missing")
        values = _END64.unpack(end)
        return values[9], values[8], values[7]

    def _read(self, data: bytes, limits: Limits) -> None:
        at = 0
        while at + _ENTRY.size <= len(data) and data[at : at + 4] == b"PK\1\2":
            entry = _ENTRY.unpack_from(data, at)
            flags, method, crc, packed, size = entry[3], entry[4], entry[7], entry[8], entry[9]
            name_length, extra_length, note_length = entry[10], entry[11], entry[12]
            name_at = at + _ENTRY.size
            raw = data[name_at : name_at + name_length]
            extra = data[name_at + name_length : name_at + name_length + extra_length]
            at = name_at + name_length + extra_length + note_length
            name = raw.decode("utf-8" if flags & 0x800 else "cp437", errors="replace").replace("\\", "/")
            if name.endswith("/"):
                continue
            size, packed, offset = _wide(extra, size, packed, entry[16])
            lead = _LOCAL.size + name_length
            self._take(name, Member(offset, packed, size, method, crc, lead), flags, entry[15] >> 16)
            if len(self._members) > limits.members:
                raise self._bad(f"it has over {limits.members:,} members")

    def _take(self, name: str, member: Member, flags: int, mode: int) -> None:
        if flags & 1:
            self._refused[name] = "is encrypted"
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            self._refused[name] = "is a link or device"
        elif name in self._members:
            self._refused[name] = "is in the archive twice"
        else:
            try:
                safe_path(_HERE, name)
            except ArchiveRefused:
                self._refused[name] = "has a name that leaves the archive"
                return
            self._members[name] = member

    def find(self, name: str) -> Member | None:
        """A member by its name.

        Raises:
            ArchiveRefused: it is encrypted, a link, or there twice.
        """
        if name in self._refused:
            raise ArchiveRefused(f"{name[:200]} {self._refused[name]}.", "It is not read.")
        return self._members.get(name)

    def names(self) -> list[str]:
        """The names of all files that may be read."""
        return [name for name in self._members if name not in self._refused]


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset with what zip64 has in an extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            wide = list(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            if size == 0xFFFFFFFF and wide:
                size = wide.pop(0)
            if packed == 0xFFFFFFFF and wide:
                packed = wide.pop(0)
            if offset == 0xFFFFFFFF and wide:
                offset = wide.pop(0)
        at += 4 + length
    return size, packed, offset


def span(member: Member) -> tuple[int, int]:
    """(start, length) that surely holds a member's local header, and its bytes unless the header is unusually long."""
    return member.offset, member.lead + _SLACK + member.packed


def body_at(member: Member, head: memoryview, name: str) -> int:
    """Where a member's bytes begin, counted from its local header.

    Raises:
        ArchiveRefused: no local header stands there.
    """
    if len(head) < _LOCAL.size or bytes(head[:4]) != b"PK\3\4":
        raise ArchiveRefused(f"{name[:200]} is not where the directory says.", "The archive is damaged.")
    values = _LOCAL.unpack_from(head)
    return int(_LOCAL.size + values[9] + values[10])
