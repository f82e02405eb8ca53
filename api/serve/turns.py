"""Who is served next: one line for each client, served in turn, each bounded, all of them bounded."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import Generic, TypeVar

from ontology.errors import TooBusy, TooManyRequests

T = TypeVar("T")


class Turns(Generic[T]):
    """Hands out things (worker processes) one at a time; who comes when none is free waits in line.

    Lines of clients are served round-robin, so a client with many requests waiting delays its own only. Where all
    places are taken, the newest request of the client with most of them makes room for one of a client with fewer.

    Args:
        waiting: requests that may wait at once.
        share: requests of one client that may wait at once.
    """

    def __init__(self, waiting: int, share: int) -> None:
        self._most, self._share = waiting, share
        self._free: list[T] = []
        self._lines: OrderedDict[str, deque[asyncio.Future[T]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """Requests that wait."""
        return self._count

    @property
    def free(self) -> list[T]:
        """What nobody uses now."""
        return self._free

    def put(self, thing: T) -> None:
        """Gives a thing (back) to whoever is next."""
        while self._lines:
            client, line = next(iter(self._lines.items()))
            waiter = line.popleft()
            self._count -= 1
            if line:
                self._lines.move_to_end(client)
            else:
                del self._lines[client]
            if not waiter.done():
                waiter.set_result(thing)
                return
        self._free.append(thing)

    async def take(self, client: str, seconds: float) -> T:
        """The next free thing.

        Args:
            client: who asks.
            seconds: how long to wait for one.

        Raises:
            TooManyRequests: too many requests of this client wait already.
            TooBusy: too many requests wait, or none came free in time.
        """
        if self._free:
            return self._free.pop()
        own = self._lines.get(client)
        if own is not None and len(own) >= self._share:
            raise TooManyRequests(
                f"{len(own)} requests of yours wait to be answered.", "Wait for them, then send the next."
            )
        if self._count >= self._most:
            self._make_room(len(own or ()))
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(client, deque()).append(waiter)
        self._count += 1
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except (TimeoutError, asyncio.CancelledError) as error:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.put(waiter.result())  # it came in the very moment in which nobody waited any more
            if isinstance(error, TimeoutError):
                raise TooBusy("Too many requests are being answered.", "Try again in a moment.") from None
            raise
        finally:
            self._leave(client, waiter)

    def _leave(self, client: str, waiter: asyncio.Future[T]) -> None:
        line = self._lines.get(client)
        if line is not None and waiter in line:
            line.remove(waiter)
            self._count -= 1
            if not line:
                del self._lines[client]

    def _make_room(self, own: int) -> None:
        longest = max(self._lines, key=lambda client: len(self._lines[client]))
        line = self._lines[longest]
        if len(line) <= own + 1:
            raise TooBusy("Too many requests wait to be answered.", "Try again in a moment.")
        victim = line.pop()
        self._count -= 1
        if not victim.done():
            victim.set_exception(
                TooManyRequests("Too many requests of yours wait to be answered.", "Send fewer at once.")
            )
