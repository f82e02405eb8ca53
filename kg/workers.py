"""A few worker processes for queries from outside, each killed when its query takes too long."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from kg.guard import inspect
from kg.limits import DEFAULT_LIMITS, Limits
from kg.solutions import Result
from kg.wire import receive, send
from ontology import errors as error_module
from ontology.errors import EarthdexError, QueryOutOfMemory, QueryTimeout, StoreError, TooBusy

if TYPE_CHECKING:
    from kg.live import LiveRequest, LiveTier
    from kg.remote import RemoteStore
    from kg.trace import Explanation

_START_SECONDS = 60.0
_LONGEST_SECONDS = 7 * 86_400.0


class Worker:
    """One worker process over one version of a catalogue folder."""

    def __init__(
        self,
        root: Path | tuple[Path, ...],
        version: str,
        limits: Limits,
        live: LiveTier | None = None,
        store: RemoteStore | None = None,
    ) -> None:
        """Starts the process and waits until it has opened the version.

        Args:
            root: the catalogue's folder; or RDF files, which are read into memory.
            version: the version to read; "" with files.
            limits: bounds of each query.
            live: asked here for what the worker needs of it, since the worker has no network.
            store: the graph on a server, likewise; the worker is told neither user nor password.

        Raises:
            StoreError: it could not.
        """
        self.limits = limits
        self._live, self._store = live, store
        paths = [os.path.abspath(one) for one in sys.path]
        code = f"import sys; sys.path[:] = {paths!r}; from {__package__}.worker import serve; serve()"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                close_fds=True,
                env={name: value for name, value in os.environ.items() if not name.startswith("EARTHDEX_STORE")},
            )
        except OSError as error:
            raise StoreError(
                f"A worker process for queries could not start: {error.strerror} ({sys.executable}).",
                "Check rights, memory and the number of processes.",
            ) from error
        told = store.for_worker() if store is not None else None
        self._exchange((root, version, limits.memory_mb, live is not None, told), _START_SECONDS, "start")

    def query(self, sparql: str, seconds: float, rules: bool = True) -> Result:
        """Runs a query; `rules` as in `kg.home.Home.query`.

        Raises:
            QueryTooLarge: it took too long or needed too much memory; the worker is dead then.
            QueryError: it is wrong.
        """
        return cast(Result, self.run(sparql, seconds, rules, told=False))

    def run(self, sparql: str, seconds: float, rules: bool, *, told: bool) -> object:
        """As `query`; `told`: how it was run, a `kg.trace.Explanation`, instead of the result."""
        return self._exchange((sparql, self.limits.rows, seconds, rules, told), seconds, "query")

    @property
    def alive(self) -> bool:
        """Whether it can take another query."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends the process; a second call does nothing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _exchange(self, message: object, seconds: float, what: str) -> object:
        answer: list[object] = []
        end = time.monotonic() + seconds

        def talk() -> None:
            with suppress(EOFError, OSError, ValueError):
                send(cast(BinaryIO, self._process.stdin), message)
                while True:
                    found = receive(cast(BinaryIO, self._process.stdout))
                    reply = self._asked(found, end)
                    if reply is None:
                        break
                    send(cast(BinaryIO, self._process.stdin), reply)
                answer.append(found)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        thread.join(seconds)
        late = thread.is_alive()
        if late or not answer:
            self._process.kill()
            thread.join(1.0)  # it may be waiting for a live source
            self.kill()
            raise self._why(late, seconds, what)
        kind, value = cast(tuple[str, object], answer[0])
        if kind == "error":
            name, text, remedy = cast(tuple[str, str, str], value)
            if what == "start":
                self.kill()
            raise cast(EarthdexError, getattr(error_module, name)(text, remedy))
        return value

    def _asked(self, message: tuple[str, object], end: float) -> tuple[str, object] | None:
        """What the worker asks of others, answered; None for its own answer."""
        kind, value = message
        if kind == "live" and self._live is not None:
            from kg.liveworker import fetched

            return fetched(self._live, cast("LiveRequest", value))
        if kind == "store" and self._store is not None:
            from kg.remote.pipe import answered

            return answered(self._store.client, value, end)
        return None

    def _why(self, late: bool, seconds: float, what: str) -> EarthdexError:
        if what == "start":
            return StoreError("A worker process for queries could not start.", "Check memory and processes.")
        if late:
            return QueryTimeout(
                f"The query took longer than {seconds:g} s and was stopped.",
                "Add conditions or a LIMIT, or give it more time.",
            )
        return QueryOutOfMemory(
            f"The query needs more than {self.limits.memory_mb:,} MB, or is too long or nested too deeply, and was "
            "stopped.",
            "Add conditions or a LIMIT; flatten what is nested.",
        )


class Workers:
    """Workers over one version, started when needed and kept for the next query. Safe for threads.

    Args:
        root: the catalogue's folder; or RDF files, which are read into memory.
        version: the version to read; "" with files.
        limits: bounds of each query.
        most: workers at once; further queries wait for one, within their time.
        live: the live tier whose scenes queries see as well.
        store: the graph on a server that is read in place of the version's own.
    """

    def __init__(
        self,
        root: Path | tuple[Path, ...],
        version: str,
        limits: Limits = DEFAULT_LIMITS,
        most: int | None = None,
        live: LiveTier | None = None,
        store: RemoteStore | None = None,
    ) -> None:
        self._root, self._version, self._limits = root, version, limits
        self._live, self._store = live, store
        self._free: list[Worker] = []
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(most or max(2, min(8, os.cpu_count() or 2)))
        # whoever forgets to close a catalogue leaves no processes behind
        self._end = weakref.finalize(self, _kill_all, self._free)

    def query(self, sparql: str, seconds: float, rules: bool = True) -> Result:
        """Runs a query in a worker; `rules` as in `kg.home.Home.query`.

        Raises:
            QueryTooLarge: over a limit.
            TooBusy: no worker came free in time.
            QueryNotAllowed: an update, LOAD or SERVICE.
            QueryError: it is wrong.
        """
        return cast(Result, self._run(sparql, seconds, rules, told=False))

    def explain(self, sparql: str, seconds: float, rules: bool = True) -> Explanation:
        """How a query is run in a worker; raises as `query`."""
        return cast("Explanation", self._run(sparql, seconds, rules, told=True))

    def _run(self, sparql: str, seconds: float, rules: bool, *, told: bool) -> object:
        seconds = max(0.0, min(seconds, _LONGEST_SECONDS))  # the system's clocks know no infinity
        inspect(sparql, self._limits)
        if not self._room.acquire(timeout=seconds):
            raise TooBusy("Too many queries are running.", "Try again in a moment.")
        try:
            with self._lock:
                one = self._free.pop() if self._free else None
            if one is None or not one.alive:
                one = Worker(self._root, self._version, self._limits, self._live, self._store)
            try:
                return one.run(sparql, seconds, rules, told=told)
            finally:
                if one.alive:
                    with self._lock:
                        self._free.append(one)
        finally:
            self._room.release()

    def close(self) -> None:
        """Ends all idle workers."""
        self._end()


def _kill_all(free: list[Worker]) -> None:
    while free:
        free.pop().kill()
