"""Local files: read by position, never outside the root, never a device or pipe."""

from __future__ import annotations

import os
import stat as modes
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from ontology.errors import FetchError
from training.io.base import Stat, buffer, clipped, shown

# files of so many bytes are read in many parts, so they stay open
_LARGE = 4 << 20
_MOST_OPEN = 64
# a pipe would be waited for without O_NONBLOCK
_HOW = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class _Handle:
    """An open file, closed when nobody reads from it any longer."""

    def __init__(self, path: str | Path, descriptor: int, state: os.stat_result) -> None:
        self.path, self.descriptor, self.state = path, descriptor, state

    def __del__(self) -> None:
        os.close(self.descriptor)


class Files:
    """Files on this machine.

    Args:
        root: folder that every file must lie in, links followed; relative paths start there. Any path when None.
    """

    remote = False

    def __init__(self, root: Path | None = None) -> None:
        self._root = None if root is None else root.resolve()
        self._handles: OrderedDict[str, _Handle] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, address: str) -> str | Path:
        """Where a file lies.

        Raises:
            FetchError: it is no plain path, or outside the root.
        """
        if not address or "\0" in address or address.startswith(("/vsi", "\\\\")):
            raise FetchError(f"{shown(address)!r} is not a path that is read.", "Give a plain path or an http(s) URL.")
        if self._root is None:
            return address
        try:
            real = (self._root / address).resolve()
        except (OSError, RuntimeError) as error:
            raise FetchError(f"{shown(address)} cannot be read: {error}.", "Check the path.") from error
        if not real.is_relative_to(self._root):
            raise FetchError(f"{shown(address)} lies outside {self._root}.", "Only files below the root are read.")
        return real

    def _open(self, address: str) -> tuple[int, os.stat_result]:
        path = self.path(address)
        try:
            descriptor = os.open(path, _HOW)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FetchError(f"{shown(address)} cannot be read: {reason}.", "Check the path.") from error
        state = os.fstat(descriptor)
        if not modes.S_ISREG(state.st_mode):
            os.close(descriptor)
            raise FetchError(f"{shown(address)} is not a file.", "Name a file, not a folder or device.")
        return descriptor, state

    @staticmethod
    def _known(state: os.stat_result) -> Stat:
        return Stat(state.st_size, f"mtime:{state.st_mtime_ns}-{state.st_size}")

    def stat(self, address: str) -> Stat:
        """Size and `mtime:<nanoseconds>-<bytes>`."""
        descriptor, state = self._open(address)
        os.close(descriptor)
        return self._known(state)

    def fetch(self, address: str, start: int, length: int) -> tuple[Stat, memoryview]:
        """A range of a file."""
        known, (data,) = self.fetch_all(address, [(start, length)])
        return known, data

    def fetch_all(self, address: str, ranges: Sequence[tuple[int, int]]) -> tuple[Stat, list[memoryview]]:
        """Ranges of a file, opened once. Large files stay open, for as long as they are what lies at their path."""
        handle = self._handle(address)
        descriptor, state = self._open(address) if handle is None else (handle.descriptor, handle.state)
        try:
            if handle is None and state.st_size >= _LARGE:
                handle = self._keep(address, descriptor, state)
            return self._known(state), [self._read(descriptor, address, *one, state.st_size) for one in ranges]
        except (OSError, OverflowError) as error:
            raise FetchError(f"{shown(address)} cannot be read: {error}.", "Check the disk.") from error
        except MemoryError as error:
            raise FetchError(f"{shown(address)} does not fit into memory.", "Read a part of it.") from error
        finally:
            if handle is None:
                os.close(descriptor)

    def _handle(self, address: str) -> _Handle | None:
        """What is open of a file, where it was neither changed nor replaced."""
        handle = self._handles.get(address)
        if handle is None:
            return None
        try:
            now = os.stat(handle.path)
        except OSError:
            return None
        known = handle.state
        same = (now.st_ino, now.st_dev, now.st_size, now.st_mtime_ns)
        return handle if same == (known.st_ino, known.st_dev, known.st_size, known.st_mtime_ns) else None

    def _keep(self, address: str, descriptor: int, state: os.stat_result) -> _Handle:
        made = _Handle(self.path(address), descriptor, state)
        with self._lock:
            self._handles[address] = made
            self._handles.move_to_end(address)
            # those who read from what is dropped here still hold it
            while len(self._handles) > _MOST_OPEN:
                self._handles.popitem(last=False)
        return made

    @staticmethod
    def _read(descriptor: int, address: str, start: int, length: int, size: int) -> memoryview:
        start, length = clipped(start, length, size)
        data = buffer(length)
        done = 0
        while done < length:
            got = os.preadv(descriptor, [data[done:]], start + done)
            if not got:
                raise FetchError(f"{shown(address)} became shorter while it was read.", "Read it again.")
            done += got
        return data
