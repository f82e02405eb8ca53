"""Unpacking archives that strangers made: nothing leaves the folder, nothing expands without bound."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ontology.errors import ArchiveRefused, DiskFull

_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may become.

    Attributes:
        members: most files and folders.
        total_bytes: most bytes unpacked.
        ratio: most bytes unpacked per byte of archive, counted once more than a megabyte is out.
    """

    members: int = 2_000_000
    total_bytes: int = 2 << 40
    ratio: float = 200.0


def is_archive(path: Path) -> bool:
    """Whether the name says that it is a zip or tar archive."""
    return path.name.lower().endswith(_SUFFIXES)


def safe_path(folder: Path, name: str) -> Path:
    """Where a member is written.

    Raises:
        ArchiveRefused: the name is absolute, climbs out of the folder, or holds what no file name should.
    """
    inside = PurePosixPath(name.replace("\\", "/"))
    bad = inside.is_absolute() or ".." in inside.parts or ":" in name or "\0" in name or not inside.parts
    if bad or any(len(part.encode()) > 255 for part in inside.parts):
        raise ArchiveRefused(f"The archive names a member {name[:200]!r}.", "It is not unpacked; nothing was written.")
    return folder.joinpath(*inside.parts)


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    is_folder: bool
    size: int
    token: zipfile.ZipInfo | tarfile.TarInfo


def _zip_members(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for one in archive.infolist():
        if one.flag_bits & 1:
            raise ArchiveRefused(f"{one.filename[:200]} is encrypted.", "Unpack it by hand with its password.")
        kind = stat.S_IFMT(one.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveRefused(f"{one.filename[:200]} is a link or device.", "It is not unpacked.")
        yield _Member(one.filename, one.is_dir(), one.file_size, one)


def _tar_members(archive: tarfile.TarFile) -> Iterator[_Member]:
    for one in archive:
        if not (one.isfile() or one.isdir()):
            raise ArchiveRefused(f"{one.name[:200]} is a link or device.", "It is not unpacked.")
        # the archive's own root entry
        if one.isdir() and PurePosixPath(one.name) == PurePosixPath("."):
            continue
        yield _Member(one.name, one.isdir(), one.size, one)


class _Budget:
    """Counts members and bytes as they are really written: what headers promise is not believed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._packed = max(path.stat().st_size, 1)
        self._limits = limits
        self._members = 0
        self._bytes = 0

    def member(self) -> None:
        self._members += 1
        if self._members > self._limits.members:
            raise ArchiveRefused(f"The archive has over {self._limits.members:,} members.", "It is not unpacked.")

    def take(self, number: int) -> None:
        self._bytes += number
        limits = self._limits
        if self._bytes > limits.total_bytes or self._bytes > max(1 << 20, self._packed * limits.ratio):
            raise ArchiveRefused(
                f"The archive expands to more than {self._bytes:,} bytes from {self._packed:,}.",
                "It looks like a bomb.",
            )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile | tarfile.TarFile, Iterator[_Member]]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                yield packed, _zip_members(packed)
        else:
            with tarfile.open(path) as taped:
                yield taped, _tar_members(taped)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OverflowError, NotImplementedError, RuntimeError) as error:
        raise ArchiveRefused(f"{path.name} is not a readable archive: {error}.", "Fetch it again.") from error


def _open_member(archive: zipfile.ZipFile | tarfile.TarFile, member: _Member) -> IO[bytes]:
    token = member.token
    if isinstance(archive, zipfile.ZipFile) and isinstance(token, zipfile.ZipInfo):
        return archive.open(token)
    data = (
        archive.extractfile(token)
        if isinstance(archive, tarfile.TarFile) and isinstance(token, tarfile.TarInfo)
        else None
    )
    if data is None:
        raise ArchiveRefused(f"{member.name[:200]} cannot be read.", "Fetch the archive again.")
    return data


def unpack(path: Path, folder: Path, limits: Limits | None = None) -> list[Path]:
    """Unpacks a zip or tar archive into `folder`; returns the files.

    Everything is written to a scratch folder first and moved only when the whole archive was good.

    Raises:
        ArchiveRefused: traversal, links, devices, encryption, too many members or bytes, or damage.
        DiskFull: no space left.
    """
    scratch = folder.with_name(folder.name + ".unpacking")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    budget = _Budget(path, limits or Limits())
    written: list[Path] = []
    try:
        with _opened(path) as (archive, members):
            for member in members:
                budget.member()
                target = safe_path(scratch, member.name)
                if member.is_folder:
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with _open_member(archive, member) as data, target.open("xb") as out:
                    while block := data.read(1 << 20):
                        budget.take(len(block))
                        out.write(block)
                written.append(target.relative_to(scratch))
        return _move(scratch, folder, written)
    except FileExistsError as error:
        raise ArchiveRefused(f"The archive holds {error.filename} twice.", "It is not unpacked.") from error
    except OSError as error:
        if error.errno == 28:
            raise DiskFull(f"No space left while unpacking {path.name}.", "Free some space and fetch again.") from error
        raise ArchiveRefused(f"Cannot unpack {path.name}: {error}.", "Fetch it again.") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _move(scratch: Path, folder: Path, written: list[Path]) -> list[Path]:
    for inside in written:
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(scratch / inside, target)
    return [folder / inside for inside in written]
