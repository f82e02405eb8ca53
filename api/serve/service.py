"""What every route works with: the catalogue, the settings, and the ways to run work within bounds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.serve.settings import Settings
from ingest.live.attach import live_mark, with_live
from kg.home import Home, open_home
from kg.rules.memory import Files
from kg.solutions import Result
from ontology.errors import TooBusy

T = TypeVar("T")


class Catalogue:
    """The last published version, reopened when a newer one appears. Safe for threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._home: Home | None = None
        self._mark = 0

    def home(self) -> Home:
        """The open catalogue; the one before is kept until its readers are done (Python's reference count)."""
        with self._lock:
            if self._home is None or self._home.is_stale() or live_mark(self._home.path) != self._mark:
                fresh = open_home(self._path)
                self._mark = live_mark(fresh.path)
                self._home = with_live(fresh)
            return self._home


class Service:
    """The one object that routes are made with.

    Args:
        path: the catalogue's folder; by default the user's own.
        data: RDF files that `query` answers from instead.
        settings: bounds; by default those of the environment.
    """

    def __init__(self, path: Path | None = None, data: Sequence[Path] = (), settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.catalogue = Catalogue(path)
        self._files = Files(data) if data else None
        self._questions = asyncio.Semaphore(self.settings.at_once)
        self._queries = asyncio.Semaphore(self.settings.at_once)

    def home(self) -> Home:
        """The last published version."""
        return self.catalogue.home()

    def base(self, request: Request) -> str:
        """Address that links begin with, without a slash at the end."""
        return (self.settings.public_url or str(request.base_url)).rstrip("/")

    async def ask(
        self,
        request: Request,
        text: str,
        *,
        limit: int = 20,
        after: Sequence[str] = (),
        reference_date: str | None = None,
        without: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The answer of `earthdex ask --json`.

        Args:
            request: whose client is served.
            text: the question.
            limit: rows to give.
            after: earlier questions that this one follows, oldest first.
            reference_date: the day that "yesterday" counts from, YYYY-MM-DD; today by default.
            without: keys of conditions to leave out (`conditions` of the answer names them).
            also: conditions to add, such as `sensor=Sentinel-2`.

        Raises:
            QueryError: an added condition cannot be read.
            TooBusy: too many questions are being answered.
        """
        from nlq.ask import ask as run

        def answer() -> dict[str, Any]:
            found = run(
                self.home(),
                text,
                context=tuple(after),
                reference_date=reference_date,
                limit=limit,
                without=tuple(without),
                also=tuple(also),
            )
            return found.to_dict()

        async with _room(self._questions):
            return await run_in_threadpool(answer)

    async def query(self, request: Request, sparql: str, *, seconds: float | None = None) -> Result:
        """Runs a query from outside, in a killable worker.

        Args:
            request: whose client is served.
            sparql: the query.
            seconds: time it may take, at most that of the settings.

        Raises:
            TooBusy: too many queries are running.
            QueryTooLarge: over a limit.
            QueryNotAllowed: an update, LOAD or SERVICE.
            QueryError: it is wrong.
        """
        most = min(seconds or self.settings.query_seconds, self.settings.query_seconds)

        def run() -> Result:
            return (self._files or self.home()).query(sparql, timeout=most)

        async with _room(self._queries):
            return await run_in_threadpool(run)

    async def read(self, request: Request, task: Callable[[Home], T]) -> T:
        """Runs a short read of our own making, in a thread, over the last published version."""
        return await run_in_threadpool(lambda: task(self.home()))


@asynccontextmanager
async def _room(working: asyncio.Semaphore) -> AsyncIterator[None]:
    # turned away at once rather than queued: a queue would take the threads that answer everyone else
    if working.locked():
        raise TooBusy("Too many requests are being answered.", "Try again in a moment.")
    async with working:
        yield
