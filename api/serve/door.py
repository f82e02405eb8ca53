"""Connections within bounds: how many, how slowly a request may come, how slowly an answer may be read.

The web server underneath gives a request's head all the time it wants, and its reader too; so a few thousand
connections that never say anything would keep everybody else out.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from api.serve.settings import Settings


class Door:
    """Counts connections.

    Args:
        most: at once.
        share: of one address at once.
    """

    def __init__(self, most: int, share: int) -> None:
        self._most, self._share = most, share
        self._by_host: Counter[str] = Counter()
        self.open = self.refused = 0

    def enter(self, host: str) -> bool:
        """Whether there is room for another connection; if so, it counts."""
        if self.open >= self._most or self._by_host[host] >= self._share:
            self.refused += 1
            if not self._by_host[host]:
                del self._by_host[host]
            return False
        self.open += 1
        self._by_host[host] += 1
        return True

    def leave(self, host: str) -> None:
        """A connection has ended."""
        self.open -= 1
        self._by_host[host] -= 1
        if self._by_host[host] <= 0:
            del self._by_host[host]


def guarded(settings: Settings) -> type[asyncio.Protocol]:
    """The class of connections for `uvicorn.Config(http=...)`.

    Args:
        settings: how many connections, and seconds for heads of requests and for readers of answers.
    """
    door = Door(int(settings.connections), int(settings.client_connections))

    class Guarded(H11Protocol):
        """A connection that ends when the other side is too slow."""

        _host: str | None = None
        _reads: asyncio.TimerHandle | None = None
        _writes: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            peer = transport.get_extra_info("peername")
            host = str(peer[0]) if isinstance(peer, tuple) and peer else "local"
            if not door.enter(host):
                transport.abort()
                return
            self._host = host
            super().connection_made(transport)
            self._expect()

        def connection_lost(self, exc: Exception | None) -> None:
            if self._host is None:
                return
            door.leave(self._host)
            self._host = None
            for timer in (self._reads, self._writes):
                if timer is not None:
                    timer.cancel()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if self._host is None:
                return
            super().data_received(data)
            # between requests the time for the next one's head runs on, however many bytes drip in
            if self.cycle is None or self.cycle.response_complete:
                self._expect()
            elif self._reads is not None:
                self._reads.cancel()
                self._reads = None

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._writes is None:
                self._writes = self.loop.call_later(settings.send_seconds, self._give_up)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._writes is not None:
                self._writes.cancel()
                self._writes = None

        def _expect(self) -> None:
            if self._reads is None:
                self._reads = self.loop.call_later(settings.head_seconds, self._give_up)

        def _give_up(self) -> None:
            transport: Any = self.transport
            if transport is not None:
                transport.abort()

    return Guarded
