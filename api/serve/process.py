"""One worker process of the service: a message, then its answer; killed when the answer takes too long."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE
from asyncio.subprocess import Process as Child
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from api.serve.child import environment, settle
from kg.wire import LENGTH, frame
from ontology import errors as error_module
from ontology.errors import EarthdexError, QueryOutOfMemory, QueryTimeout, StoreError, WorkerLost

if TYPE_CHECKING:
    from kg.live import LiveRequest, LiveTier
    from kg.remote import RemoteStore

_START_SECONDS = 60.0
_BUFFER = 2**20
_KILLED = -9


class Process:
    """A child that runs `entry`, which speaks `kg.wire` over its standard streams. For one event loop.

    Args:
        entry: a function of a module, run in the child: reads a first message and says when it is ready.
        version: name of what it reads, for whoever keeps several.
        live: asked here for what the child needs of it, since the child has no network.
        store: the graph on a server, likewise.
    """

    def __init__(
        self,
        entry: Callable[[], None],
        version: str = "",
        live: LiveTier | None = None,
        store: RemoteStore | None = None,
    ) -> None:
        self.version = version
        self.served = 0
        self._entry, self._live, self._store = entry, live, store
        self._child: Child | None = None
        self._late = False

    async def start(self, message: object) -> None:
        """Starts it and waits until it is ready.

        Raises:
            EarthdexError: what the child says, or that it could not start.
        """
        paths = [os.path.abspath(one) for one in sys.path]
        code = (
            f"import sys; sys.path[:] = {paths!r}; "
            f"from {settle.__module__} import settle; settle(); "
            f"from {self._entry.__module__} import {self._entry.__name__} as run; run()"
        )
        try:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-c", code),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=_BUFFER,
                env=environment(),
            )
        except OSError as error:
            raise StoreError(
                f"A worker process could not start: {error.strerror}.", "Check memory and the number of processes."
            ) from error
        try:
            await self.ask(message, _START_SECONDS)
        except EarthdexError:
            await self.kill()
            raise

    @property
    def pid(self) -> int:
        """Its number; 0 before it was started."""
        return self._child.pid if self._child is not None else 0

    @property
    def alive(self) -> bool:
        """Whether it can take another message."""
        return self._child is not None and self._child.returncode is None and not self._late

    async def ask(self, message: object, seconds: float) -> object:
        """The answer to a message.

        Raises:
            QueryTimeout: it took longer; the child is dead then.
            QueryOutOfMemory: the child ended over it.
            WorkerLost: the child was ended by somebody else.
            EarthdexError: what the child says.
        """
        done = False
        try:
            async with asyncio.timeout(seconds):
                kind, value = await self._talk(frame(message))
            done = True
        except TimeoutError:
            raise QueryTimeout(
                f"It took longer than {seconds:.3g} s and was stopped.", "Ask for less: add conditions or a LIMIT."
            ) from None
        except (EOFError, OSError):
            raise await self._why() from None
        finally:
            if not done:  # whatever the child is at, nobody waits for it any more
                self._late = True
                self._end()
        self.served += 1
        if kind == "error":
            name, text, remedy = cast(tuple[str, str, str], value)
            raise cast(EarthdexError, getattr(error_module, name)(text, remedy))
        return value

    def cpu(self) -> float | None:
        """CPU seconds that it has used; None where the system does not say."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError, AttributeError):
            return None

    def step_back(self, nice: int) -> None:
        """Lets all others go first. The system knows priorities of threads, so each gets its own."""
        with suppress(OSError, AttributeError, ValueError):
            for task in Path(f"/proc/{self.pid}/task").iterdir():
                os.setpriority(os.PRIO_PROCESS, int(task.name), nice)

    async def kill(self) -> None:
        """Ends it; a second call does nothing."""
        self._late = True
        self._end()
        if self._child is not None:
            await self._child.wait()

    def _end(self) -> None:
        if self._child is not None and self._child.returncode is None:
            with suppress(ProcessLookupError):
                self._child.kill()

    async def _talk(self, data: bytes) -> tuple[str, object]:
        if self._child is None or self._child.stdin is None or self._child.stdout is None:
            raise EOFError
        while True:
            self._child.stdin.write(data)
            await self._child.stdin.drain()
            head = await self._child.stdout.readexactly(LENGTH.size)
            body = await self._child.stdout.readexactly(LENGTH.unpack(head)[0])
            # the child is this very code, started by us: nothing foreign is ever unpickled
            found = cast(tuple[str, object], pickle.loads(body))
            reply = await self._asked(found)
            if reply is None:
                return found
            data = frame(reply)

    async def _asked(self, message: tuple[str, object]) -> tuple[str, object] | None:
        """What the child asks of others, answered; None for its own answer."""
        kind, value = message
        if kind == "live" and self._live is not None:
            from kg.liveworker import fetched

            return await asyncio.to_thread(fetched, self._live, cast("LiveRequest", value))
        if kind == "store" and self._store is not None:
            from kg.remote.pipe import answered

            end = asyncio.get_running_loop().time() + 600
            return await asyncio.to_thread(answered, self._store.client, value, end)
        return None

    async def _why(self) -> EarthdexError:
        code = await self._child.wait() if self._child is not None else _KILLED
        if code == _KILLED:
            return WorkerLost("The process that worked on this was ended.", "Send it again.")
        return QueryOutOfMemory(
            "It needs too much memory, or is too long or nested too deeply, and was stopped.",
            "Ask for less: add conditions or a LIMIT; flatten what is nested.",
        )
