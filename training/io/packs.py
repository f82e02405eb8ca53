"""Packs: many small files as one, originals byte for byte, with an index that is read in two ranges.

    bytes 0..63   magic `EDXPACK1`, offset and length of the index, number of files, CRC-32 of the index; little-endian
    data          the files, one after another
    index         for n files: n offsets (u64), n lengths (u64), n CRC-32 (u32), n + 1 name offsets (u64), names (UTF-8)

Names are sorted in the index; the data lie in an order of their names' digests, so that neighbours in the file are no
neighbours in the folder: reading a pack in long runs is already a mixed order.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np

from ontology.errors import ArchiveRefused, DiskFull, FetchError, NotFound
from training.io.archive import Limits
from training.io.base import shown
from training.io.members import Member, ReadRange

Progress = Callable[[str, int, int], None]

_MAGIC = b"EDXPACK1"
_HEAD = struct.Struct("<8sQQQI28x")
_FULL = (28, 27, 122)  # ENOSPC, EFBIG, EDQUOT


class PackIndex:
    """Where the files of a pack lie.

    Args:
        address: named in errors.
        size: bytes of the pack.
        read: gives its ranges.
        limits: of members.

    Raises:
        ArchiveRefused: no pack, cut, or damaged.
    """

    def __init__(self, address: str, size: int, read: ReadRange, limits: Limits) -> None:
        head = read(0, _HEAD.size)
        if len(head) < _HEAD.size or bytes(head[:8]) != _MAGIC:
            raise ArchiveRefused(f"{shown(address)} is not a pack.", "Make one with `earthdex pack`.")
        _, start, length, count, crc = _HEAD.unpack(head)
        if start + length != size or count > limits.members or length < 28 * count + 8:
            raise ArchiveRefused(f"{shown(address)} is cut or damaged.", "Fetch it, or make it, again.")
        index = read(start, length)
        if len(index) != length or zlib.crc32(index) != crc:
            raise ArchiveRefused(f"The index of {shown(address)} is damaged.", "Fetch it, or make it, again.")
        self._offsets = np.frombuffer(index, "<u8", count)
        self._lengths = np.frombuffer(index, "<u8", count, 8 * count)
        self._crcs = np.frombuffer(index, "<u4", count, 16 * count)
        names = np.frombuffer(index, "<u8", count + 1, 20 * count)
        text = bytes(index[28 * count + 8 :])
        # each is bounded before they are added: a sum may wrap around
        sound = not count or (
            max(int(self._offsets.max()), int(self._lengths.max())) <= start
            and int((self._offsets + self._lengths).max()) <= start
            and bool((names[:-1] <= names[1:]).all())
            and int(names[-1]) == len(text)
        )
        if not sound:
            raise ArchiveRefused(f"The index of {shown(address)} is damaged.", "Fetch it, or make it, again.")
        cuts = names.tolist()
        self._names = {text[start:end]: number for number, (start, end) in enumerate(pairwise(cuts))}

    def find(self, name: str) -> Member | None:
        """A file by its path below the folder that was packed."""
        at = self._names.get(name.encode("utf-8", "surrogateescape"))
        if at is None:
            return None
        length = int(self._lengths[at])
        return Member(int(self._offsets[at]), length, length, 0, int(self._crcs[at]))

    def names(self) -> list[str]:
        """All files, sorted."""
        return [name.decode("utf-8", "surrogateescape") for name in self._names]


def _listed(folder: Path, out: Path) -> list[tuple[str, Path]]:
    found = []
    for path in folder.rglob("*"):
        # a link could lead anywhere, and a pack is not packed into itself
        if path.is_file() and not path.is_symlink() and path.resolve() not in (out.resolve(), _part(out).resolve()):
            found.append((path.relative_to(folder).as_posix(), path))
    return sorted(found, key=lambda one: _name(one[0]))


def _name(text: str) -> bytes:
    # names that are not UTF-8 on this disk keep their bytes
    return text.encode("utf-8", "surrogateescape")


def _part(out: Path) -> Path:
    return out.with_name(out.name + ".part")


def pack(folder: Path, out: Path, *, progress: Progress | None = None) -> int:
    """Packs all files below a folder into one; returns how many.

    The same files give the same bytes. What lay at `out` is replaced once the pack is whole.

    Args:
        folder: what to pack; links are left out.
        out: the pack, `<name>.pack`.
        progress: called with (`packing`, files done, files in all).

    Raises:
        NotFound: there is no such folder, or no file in it.
        FetchError: a file cannot be read, or the pack cannot be written or has another name.
        DiskFull: no space left.
    """
    if out.suffix != ".pack":
        raise FetchError(f"{out.name} is no name of a pack.", "Let it end in .pack.")
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", "`earthdex fetch NAME` downloads a dataset's files.")
    files = _listed(folder, out)
    if not files:
        raise NotFound(f"There is no file below {folder}.", "Name a folder that holds files.")
    part = _part(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as data:
            _write(data, files, progress)
            data.flush()
            os.fsync(data.fileno())
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise DiskFull(f"No space left while packing into {out}.", "Free some space and pack again.") from error
        raise FetchError(f"Cannot pack {folder}: {error}.", "Check the folder and the target.") from error
    return len(files)


def _write(data: IO[bytes], files: list[tuple[str, Path]], progress: Progress | None) -> None:
    count = len(files)
    offsets, lengths, crcs = np.zeros(count, "<u8"), np.zeros(count, "<u8"), np.zeros(count, "<u4")
    at = _HEAD.size
    data.write(bytes(at))
    order = sorted(range(count), key=lambda number: hashlib.blake2b(_name(files[number][0]), digest_size=8).digest())
    for done, number in enumerate(order):
        offsets[number] = at
        crc = 0
        with files[number][1].open("rb") as source:
            while block := source.read(1 << 20):
                data.write(block)
                crc = zlib.crc32(block, crc)
                at += len(block)
        lengths[number], crcs[number] = at - int(offsets[number]), crc
        if progress is not None and (done % 64 == 63 or done + 1 == count):
            progress("packing", done + 1, count)
    names = [_name(name) for name, _ in files]
    name_offsets = np.zeros(count + 1, "<u8")
    np.cumsum([len(name) for name in names], out=name_offsets[1:])
    index = b"".join([offsets.tobytes(), lengths.tobytes(), crcs.tobytes(), name_offsets.tobytes(), *names])
    data.write(index)
    data.seek(0)
    data.write(_HEAD.pack(_MAGIC, at, len(index), count, zlib.crc32(index)))
