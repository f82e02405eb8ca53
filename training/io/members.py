"""What stands behind `archive!/member`: where a member's bytes lie in its archive, and how they become the member."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ontology.errors import ArchiveRefused, FetchError
from training.io.archive import Limits
from training.io.base import file_part, shown
from training.io.crc import crc32

SUFFIXES = (".zip", ".tar", ".pack")
_PACKED = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")

ReadRange = Callable[[int, int], memoryview]
"""(start, length) -> bytes of the archive, cut at its end."""


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member lies.

    Attributes:
        offset: of its bytes in the archive, or of what stands before them (`lead`).
        packed: bytes in the archive.
        size: bytes of the member itself.
        method: 0 stored, 8 deflated.
        crc: CRC-32 of the member; -1 where the archive has none.
        lead: bytes to read before `packed` ones, at least: a header whose true length stands in it.
    """

    offset: int
    packed: int
    size: int
    method: int = 0
    crc: int = -1
    lead: int = 0


class Index(Protocol):
    """The members of one archive."""

    def find(self, name: str) -> Member | None:
        """A member by its name, None where there is none."""

    def names(self) -> list[str]:
        """The names of all files, as the archive orders them."""


def split_href(href: str) -> tuple[str, str]:
    """(archive, member) of `archive!/member`; (href, "") for what is no member.

    Raises:
        ArchiveRefused: an archive within an archive, a compressed tar, or a name that leaves the archive.
    """
    if "!/" not in href:
        return href, ""
    outer, _, member = href.partition("!/")
    name = file_part(outer).lower()
    if name.endswith(_PACKED):
        raise ArchiveRefused(
            f"{shown(outer)} is compressed as a whole, so a member cannot be read in place.",
            "Unpack it (`earthdex fetch` does), or pack its files: earthdex pack FOLDER OUT.pack.",
        )
    if not name.endswith(SUFFIXES):
        return href, ""
    parts = member.replace("\\", "/").split("/")
    if "!/" in member or not member or ".." in parts or member.startswith("/") or "\0" in member:
        raise ArchiveRefused(f"{member[:200]!r} is no member that is read.", "Name a file inside the archive.")
    return outer, member


def check_member(member: Member, name: str, limits: Limits) -> None:
    """Whether a member may be read: what it promises to become is bounded before a byte is fetched.

    Raises:
        ArchiveRefused: too large, or expanding too much.
    """
    if member.size > limits.total_bytes or member.packed > limits.total_bytes:
        raise ArchiveRefused(f"{name[:200]} has {member.size:,} bytes.", "That is over the limit for one member.")
    if member.method and member.size > max(1 << 20, member.packed * limits.ratio):
        raise ArchiveRefused(
            f"{name[:200]} expands from {member.packed:,} to {member.size:,} bytes.", "It looks like a bomb."
        )


def unpacked(member: Member, data: memoryview, name: str) -> memoryview:
    """A whole member out of its packed bytes, checked.

    Raises:
        ArchiveRefused: it expands to more than promised, or by a method that is not read.
        FetchError: it is damaged.
    """
    if member.method == 8:
        inflate = zlib.decompressobj(-15)
        try:
            # one byte more than promised is enough to see a lie
            out = inflate.decompress(data, member.size + 1)
        except zlib.error as error:
            raise FetchError(f"{name[:200]} is damaged: {error}.", "Fetch the archive again.") from error
        if len(out) > member.size:
            raise ArchiveRefused(f"{name[:200]} expands to more than it promises.", "It looks like a bomb.")
        data = memoryview(out)
    elif member.method:
        raise ArchiveRefused(
            f"{name[:200]} is packed by method {member.method}.", "Only stored and deflated members are read in place."
        )
    if len(data) != member.size:
        raise FetchError(f"{name[:200]} has {len(data):,} bytes of {member.size:,}.", "The archive is cut or damaged.")
    if member.crc >= 0 and crc32(data) != member.crc:
        raise FetchError(f"{name[:200]} does not have its checksum.", "The archive is damaged: fetch it again.")
    return data
