"""Advisory file locks: one writer, many readers; the system lets them go when a process dies."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, shared: bool) -> None:
        # Windows has no shared byte locks here: readers of one version then only keep it from being pruned.
        if not shared:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int, shared: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


class FileLock:
    """A held lock on a file; `release` or the end of the process lets it go."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def exclusive(cls, path: Path, note: str = "") -> FileLock | None:
        """Takes the lock and writes a note into the file; None where someone else holds it.

        Raises:
            OSError: the file cannot be written.
        """
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        if not _try(handle, shared=False):
            return None
        if note:
            os.ftruncate(handle, 0)
            os.write(handle, note.encode())
        return cls(handle)

    @classmethod
    def shared(cls, path: Path) -> FileLock | None:
        """Takes a reader's lock on an existing file; None where a writer holds it exclusively.

        Raises:
            OSError: there is no such file.
        """
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        return cls(handle) if _try(handle, shared=True) else None

    def release(self) -> None:
        """Lets the lock go; a second call does nothing."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _try(handle: int, *, shared: bool) -> bool:
    try:
        _lock(handle, shared)
    except OSError as error:
        if error.errno in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL) and shared:
            return True  # a network file system without locks: reading is still right, pruning waits for nothing
        os.close(handle)
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            return False
        raise
    return True
