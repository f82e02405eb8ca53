"""The members of an uncompressed tar: headers are read once, from one to the next, and the result is kept."""

from __future__ import annotations

import tarfile
from io import RawIOBase
from pathlib import Path

from ontology.errors import ArchiveRefused
from training.io.archive import Limits, safe_path
from training.io.base import shown
from training.io.members import Member, ReadRange

_AHEAD = 256 << 10  # bytes read at a time: small members share a range, large ones are jumped over


class _Reader(RawIOBase):
    """An archive as a file whose reads are ranges; only what lies around headers is fetched."""

    def __init__(self, size: int, read: ReadRange) -> None:
        self._size, self._read, self._at = size, read, 0
        self._have: tuple[int, memoryview] = (0, memoryview(b""))

    def seekable(self) -> bool:
        """Always."""
        return True

    def readable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Moves on without reading."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        """The position."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Bytes from the position."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        begin, data = self._have
        if not (begin <= self._at and end <= begin + len(data)):
            begin = self._at
            data = self._read(begin, max(_AHEAD, end - begin))
            self._have = (begin, data)
        out = bytes(data[self._at - begin : end - begin])
        self._at += len(out)
        return out


class TarIndex:
    """Where the members of a tar lie.

    Args:
        address: named in errors.
        size: bytes of the tar.
        read: gives its ranges.
        limits: of members.

    Raises:
        ArchiveRefused: no tar, damaged, or with too many members.
    """

    def __init__(self, address: str, size: int, read: ReadRange, limits: Limits) -> None:
        self._members: dict[str, Member] = {}
        self._refused: dict[str, str] = {}
        count = 0
        try:
            with tarfile.open(fileobj=_Reader(size, read), mode="r:") as archive:
                for one in archive:
                    count += 1
                    if count > limits.members:
                        raise ArchiveRefused(
                            f"{shown(address)} has over {limits.members:,} members.", "It is not read."
                        )
                    self._take(one, size)
        except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
            raise ArchiveRefused(f"{shown(address)} is not a readable tar: {error}.", "Fetch it again.") from error

    @classmethod
    def of(cls, members: dict[str, Member], refused: dict[str, str]) -> TarIndex:
        """An index that was kept."""
        made = cls.__new__(cls)
        made._members, made._refused = members, refused
        return made

    def _take(self, one: tarfile.TarInfo, size: int) -> None:
        if one.isdir():
            return
        name = one.name.removeprefix("./")
        try:
            safe_path(Path(), name)
        except ArchiveRefused:
            self._refused[name] = "has a name that leaves the archive"
            return
        if not one.isreg() or one.issparse():
            self._refused[name] = "is a link or device"
        elif name in self._members:
            self._refused[name] = "is in the archive twice"
        elif one.offset_data + one.size > size:
            self._refused[name] = "is cut off"
        else:
            self._members[name] = Member(one.offset_data, one.size, one.size)

    def find(self, name: str) -> Member | None:
        """A member by its name.

        Raises:
            ArchiveRefused: it is a link or device, cut off, or there twice.
        """
        if name in self._refused:
            raise ArchiveRefused(f"{name[:200]} {self._refused[name]}.", "It is not read.")
        return self._members.get(name)

    def names(self) -> list[str]:
        """The names of all files that may be read."""
        return [name for name in self._members if name not in self._refused]

    def kept(self) -> tuple[dict[str, Member], dict[str, str]]:
        """What `of` takes."""
        return self._members, self._refused
