"""Archives in place: which index stands behind `archive!/member`, made once for each version of the archive."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable

from ontology.errors import FetchError
from training.io.archive import Limits
from training.io.base import Stat, file_part, shown
from training.io.members import Index, Member, ReadRange, check_member
from training.io.packs import PackIndex
from training.io.sidecar import Sidecar
from training.io.tars import TarIndex
from training.io.zips import ZipIndex

_KEPT = 32  # indexes in memory


class Archives:
    """The indexes of the archives that were asked for.

    Args:
        read: (address, start, length) -> bytes of an archive.
        stat: size and validator of an archive.
        limits: what an archive may hold.
        sidecar: where the index of a tar is kept between runs.
    """

    def __init__(
        self,
        read: Callable[[str, int, int], memoryview],
        stat: Callable[[str], Stat],
        limits: Limits,
        sidecar: Sidecar | None,
    ) -> None:
        self._read, self._stat, self._limits, self._sidecar = read, stat, limits, sidecar
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._known: OrderedDict[str, tuple[Stat, Index]] = OrderedDict()

    def index(self, address: str) -> Index:
        """The members of an archive.

        Raises:
            FetchError: it cannot be had.
            ArchiveRefused: it is damaged, or more than the limits allow.
        """
        known = self._stat(address)
        with self._lock:
            found = self._known.get(address)
            if found is not None and found[0] == known:
                self._known.move_to_end(address)
                return found[1]
            making = self._making.setdefault(address, threading.Lock())
        with making:  # several threads ask at once when a stream begins: one makes it
            found = self._known.get(address)
            if found is not None and found[0] == known:
                return found[1]
            made = self._make(address, known)
            with self._lock:
                self._known[address] = (known, made)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return made

    def _make(self, address: str, known: Stat) -> Index:
        if known.size < 0:
            raise FetchError(f"The server does not tell the size of {shown(address)}.", "Download it first.")

        def read(start: int, length: int) -> memoryview:
            return self._read(address, start, length)

        name = file_part(address).lower()
        if name.endswith(".pack"):
            return PackIndex(address, known.size, read, self._limits)
        if name.endswith(".zip"):
            return ZipIndex(address, known.size, read, self._limits)
        return self._tar(address, known, read)

    def _tar(self, address: str, known: Stat, read: ReadRange) -> Index:
        """The index of a tar: its headers are spread over the whole file, so what was read once is kept."""
        kept = self._sidecar.get("tar", address, known.validator) if self._sidecar is not None else None
        if kept is not None:
            found = _unpacked(kept)
            if found is not None:
                return found
        made = TarIndex(address, known.size, read, self._limits)
        if self._sidecar is not None:
            self._sidecar.put("tar", address, known.validator, _packed(made))
        return made

    def member(self, address: str, name: str) -> Member:
        """Where a member lies, within the limits.

        Raises:
            FetchError: there is no such member, or the archive cannot be had.
            ArchiveRefused: it may not be read.
        """
        found = self.index(address).find(name)
        if found is None:
            raise FetchError(f"{shown(address)} holds no file {name[:200]!r}.", "Check the name inside the archive.")
        check_member(found, name, self._limits)
        return found


def _packed(index: TarIndex) -> bytes:
    members, refused = index.kept()
    lines = [f"{one.offset} {one.size} {name}" for name, one in members.items() if "\n" not in name]
    lines += [f"- {reason}\t{name}" for name, reason in refused.items() if "\n" not in name]
    return zlib.compress("\n".join(lines).encode("utf-8", "surrogateescape"), 1)


def _unpacked(data: bytes) -> TarIndex | None:
    try:
        text = zlib.decompress(data).decode("utf-8", "surrogateescape")
        members: dict[str, Member] = {}
        refused: dict[str, str] = {}
        for line in text.split("\n"):
            first, _, rest = line.partition(" ")
            if first == "-":
                reason, _, name = rest.partition("\t")
                refused[name] = reason
            elif first:
                size, _, name = rest.partition(" ")
                members[name] = Member(int(first), int(size), int(size))
        return TarIndex.of(members, refused)
    except (zlib.error, ValueError):
        return None
