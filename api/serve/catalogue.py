"""The last published version of the catalogue, as the service's own process has it open."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from ingest.live.attach import live_mark, with_live
from kg.home import Home, open_home
from kg.layout import default_path


class Catalogue:
    """Reopened when a newer version appears. Safe for threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._home: Home | None = None
        self._mark = 0

    @property
    def path(self) -> Path:
        """The catalogue's folder."""
        return self._path if self._path is not None else default_path()

    @property
    def live(self) -> int:
        """Changes with the live sources; 0 where there are none."""
        return self._mark

    def home(self) -> Home:
        """The open catalogue; the one before is kept until its readers are done (Python's reference count).

        Raises:
            NotFound: nothing was built there yet.
            StoreError: it cannot be read.
        """
        with self._lock:
            if self._home is None or self._stale(self._home):
                fresh = open_home(self._path)
                self._mark = live_mark(fresh.path)
                self._home = with_live(fresh)
            return self._home

    async def current(self) -> Home:
        """As `home`, without ever holding up the event loop to open one; raises the same."""
        home = self._home
        if home is not None and not self._stale(home):
            return home
        return await asyncio.to_thread(self.home)

    def _stale(self, home: Home) -> bool:
        return home.is_stale() or live_mark(home.path) != self._mark


def local_version(home: Home) -> str:
    """Name of the version in the catalogue's folder, also where the graph is on a server."""
    return home.version.partition("@")[0]
