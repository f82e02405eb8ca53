"""What every route works with: the catalogue, the settings, and the ways to run work within bounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

from fastapi import Request

from api.serve.cache import Cache, Kept
from api.serve.catalogue import Catalogue
from api.serve.clients import client_of
from api.serve.lanes import Bounds, Lanes
from api.serve.makers import Makers, query_key, question_key, repeatable, result_key
from api.serve.process import Process
from api.serve.settings import Settings
from api.serve.turns import Turns
from kg.guard import inspect_once
from kg.home import Home
from kg.rendered import Forms, Rendered
from kg.solutions import Result
from ontology.errors import EarthdexError

T = TypeVar("T")

_WATCH_SECONDS = 0.5
_READERS = 4
_READ_WAIT = 5.0
_SHORT = 10_000
_LIVE_SECONDS = 60.0  # answers that live sources took part in are given again for so long


class Service:
    """The one object that routes are made with. `start` and `close` are called by the application.

    Args:
        path: the catalogue's folder; by default the user's own.
        data: RDF files that `query` answers from instead.
        settings: bounds; by default those of the environment.
    """

    def __init__(self, path: Path | None = None, data: Sequence[Path] = (), settings: Settings | None = None) -> None:
        self.settings = own = settings or Settings.from_environment()
        self.catalogue = Catalogue(path)
        self._makers = Makers(self.catalogue, own, tuple(one.absolute() for one in data))
        many = {"waiting": own.waiting, "share": own.share}
        self.answers = Lanes(self._makers.answerer, Bounds(own.workers, own.slow_workers, 0, own.ask_grace, **many))
        self.queries = Lanes(
            self._makers.querier, Bounds(own.workers, own.slow_workers, own.spare_workers, own.query_grace, **many)
        )
        self.cache = Cache(int(own.cache_bytes))
        self._reads: Turns[int] = Turns(own.waiting, own.share)
        for number in range(_READERS):
            self._reads.put(number)
        self._threads = ThreadPoolExecutor(_READERS, "earthdex-read")
        self._watcher: asyncio.Task[None] | None = None
        self._mark = ("", 0)

    # --- life --------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begins to start the workers; returns at once. A second call does nothing."""
        if self._watcher is None:
            self._watcher = asyncio.ensure_future(self._watch())

    async def close(self) -> None:
        """Ends the workers."""
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        await asyncio.gather(self.answers.close(), self.queries.close())
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def ready(self) -> bool:
        """Whether all kinds of workers are warm."""
        return self.queries.ready.is_set() and (self._makers.only_files or self.answers.ready.is_set())

    async def _watch(self) -> None:
        """Starts the workers, then looks for newer versions."""
        self.queries.start()
        if not self._makers.only_files:
            self.answers.start()
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            with suppress(EarthdexError):
                await self._follow()

    async def _follow(self) -> None:
        """New workers for a version that was published, or for live sources that were switched."""
        if self._makers.only_files or not self.answers.ready.is_set():
            return
        home = await self.catalogue.current()
        mark = (home.version, self.catalogue.live)
        if not self._mark[0]:
            self._mark = (self._makers.answers_version, self.catalogue.live)
        if mark == self._mark:
            return
        if mark[1] != self._mark[1] or "@" in home.version:
            await self.queries.renew()  # others go into the new version by themselves
        await self.answers.renew()
        self._mark = mark

    # --- what routes call --------------------------------------------------------------------------------------------

    def home(self) -> Home:
        """The last published version."""
        return self.catalogue.home()

    @property
    def only_files(self) -> bool:
        """Whether queries are answered from RDF files in place of the catalogue."""
        return self._makers.only_files

    @property
    def path(self) -> Path:
        """The catalogue's folder."""
        return self.catalogue.path

    def base(self, request: Request) -> str:
        """Address that links begin with, without a slash at the end."""
        return (self.settings.public_url or str(request.base_url)).rstrip("/")

    def may(self, request: Request, scope: str) -> bool:
        """Whether a request holds a key for `scope`."""
        held: object = request.scope.get("state", {}).get("scopes", ())
        return isinstance(held, tuple | frozenset) and scope in held

    async def ask(
        self,
        request: Request | None,
        text: str,
        *,
        limit: int = 20,
        after: Sequence[str] = (),
        reference_date: str | None = None,
        without: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The answer of `earthdex ask --json`; arguments and errors as `ask_bytes`."""
        kept = await self.ask_bytes(
            request, text, limit=limit, after=after, reference_date=reference_date, without=without, also=also
        )
        return cast(dict[str, Any], json.loads(kept.body))

    async def ask_bytes(
        self,
        request: Request | None,
        text: str,
        *,
        limit: int = 20,
        after: Sequence[str] = (),
        reference_date: str | None = None,
        without: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> Kept:
        """The answer of `earthdex ask --json` as JSON bytes with their ETag, from a worker or as kept.

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
            TooManyRequests: this client asks too much at once.
            TooBusy: too many questions are being answered.
            QueryTimeout: it took too long.
            QueryOutOfMemory: it needed too much memory.
            WorkerLost: its worker was ended from outside.
        """
        await self.start()
        options: dict[str, Any] = {
            "context": tuple(after),
            "reference_date": reference_date or date.today().isoformat(),
            "limit": limit,
        }
        options |= {name: tuple(given) for name, given in (("without", without), ("also", also)) if given}
        same = question_key(text, options)
        client = client_of(request)

        async def make() -> Kept:
            async def work(process: Process, seconds: float) -> object:
                return await process.ask((text, options, seconds), seconds)

            body, process = await self.answers.run(client, work, same, self.settings.ask_seconds)
            return Kept.of(cast(bytes, body), process.version)

        live = self.catalogue.live
        key = (same, self._makers.answers_version, live)
        return await self.cache.get(key, make, _LIVE_SECONDS if live else float("inf"))

    async def query(self, request: Request | None, sparql: str, *, seconds: float | None = None) -> Result:
        """Runs a query from outside, in a killable worker. `query_bytes` spares this process the result's parts.

        Args:
            request: whose client is served.
            sparql: the query.
            seconds: time it may take, at most that of the settings.

        Raises:
            TooManyRequests: this client asks too much at once.
            TooBusy: too many queries are running.
            QueryTimeout: it took too long.
            QueryOutOfMemory: it needed too much memory.
            QueryTooLarge: over another limit.
            QueryNotAllowed: an update, LOAD or SERVICE.
            QueryError: it is wrong.
        """
        return cast(Result, await self._query(request, sparql, seconds, None))

    async def query_bytes(
        self, request: Request | None, sparql: str, forms: Forms | None = None, *, seconds: float | None = None
    ) -> Rendered:
        """As `query`, with the result as bytes of a format that the worker wrote.

        Args:
            request: whose client is served.
            sparql: the query.
            forms: the formats wanted, and the most bytes.
            seconds: as for `query`.

        Raises:
            NotOffered: none of the formats fits what the query gives; and all that `query` raises.
        """
        most = int(self.settings.result_bytes)
        wanted = Forms(most=most) if forms is None else Forms(forms.solutions, forms.triples, min(forms.most, most))

        async def make() -> Rendered:
            return cast(Rendered, await self._query(request, sparql, seconds, wanted))

        live = self.catalogue.live
        kept = await self._makers.version(), live, wanted, result_key(sparql), seconds
        # what changes from one time to the next is asked each time, so is what is asked of other servers
        lasts = repeatable(sparql) and not live and "@" not in kept[0]
        return await (self.cache.get(kept, make) if lasts else make())

    async def _query(self, request: Request | None, sparql: str, seconds: float | None, forms: Forms | None) -> object:
        await self.start()
        if len(sparql) <= _SHORT:  # refused here, without a worker; in long texts it is the worker that looks
            inspect_once(sparql)
        most = min(seconds or self.settings.query_seconds, self.settings.query_seconds)

        async def work(process: Process, left: float) -> object:
            await self._makers.bring_up(process, left)
            return await process.ask(self._makers.query_message(sparql, left, forms), left)

        found, _ = await self.queries.run(client_of(request), work, query_key(sparql), most)
        return found

    async def read(self, request: Request | None, task: Callable[[Home], T]) -> T:
        """Runs a short read of our own making, in a thread, over the last published version.

        Raises:
            TooManyRequests: this client reads too much at once.
            TooBusy: too many reads are running.
        """
        home = await self.catalogue.current()
        place = await self._reads.take(client_of(request), _READ_WAIT)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, task, home)
        finally:
            self._reads.put(place)
