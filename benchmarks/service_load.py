"""Sends requests to a service over connections of their own and takes the time of each answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.service_mix import Request


@dataclass(slots=True)
class Figures:
    """Milliseconds by kind, statuses by kind, seconds for all, and the largest memory seen."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: float = 0.0
    bytes: int = 0

    def add(self, kind: str, status: int, ms: float, size: int) -> None:
        """An answer."""
        self.ms.setdefault(kind, []).append(ms)
        self.statuses[(kind, status)] += 1
        self.bytes += size

    def percentile(self, share: float, *kinds: str) -> float:
        """Milliseconds below which that share of the answers to these kinds (all by default) came."""
        values = sorted(one for kind, found in self.ms.items() if not kinds or kind in kinds for one in found)
        return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


class Connection:
    """One connection that is kept open; from an address of its own where one is given."""

    def __init__(self, port: int, source: str = "") -> None:
        self._port, self._source = port, source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, target: str, accept: str = "*/*", seconds: float = 120.0) -> tuple[int, int]:
        """(status, bytes of the body); status 0 where the connection broke."""
        try:
            async with asyncio.timeout(seconds):
                return await self._get(target, accept)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.close()
            return 0, 0

    async def _get(self, target: str, accept: str) -> tuple[int, int]:
        if self._streams is None:
            local = (self._source, 0) if self._source else None
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, local_addr=local)
        reader, writer = self._streams
        writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept: {accept}\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        if b"transfer-encoding: chunked" in head:
            size = 0
            while (length := int(await reader.readuntil(b"\r\n"), 16)) > 0:
                size += len(await reader.readexactly(length + 2)) - 2
            await reader.readexactly(2)
        else:
            size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or b"0")
            await reader.readexactly(size)
        if b"connection: close" in head:
            self.close()
        return status, size

    def close(self) -> None:
        """Ends it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def send(
    port: int,
    requests: Iterable[Request],
    clients: int,
    source: str = "",
    accept: str = "application/sparql-results+json, application/json;q=0.9",
    figures: Figures | None = None,
) -> Figures:
    """Sends all requests over so many connections, each with its next as soon as it has an answer."""
    waiting = deque(requests)
    found = figures or Figures()

    async def client() -> None:
        connection = Connection(port, source)
        while waiting:
            one = waiting.popleft()
            started = time.perf_counter()
            status, size = await connection.get(one.target, accept)
            found.add(one.kind, status, (time.perf_counter() - started) * 1000, size)
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    found.seconds = time.perf_counter() - started
    return found


async def burning(
    port: int, burners: Iterable[Request], light: Iterable[Request], clients: int, one_source: bool
) -> tuple[Figures, Figures]:
    """(figures of the heavy, of the light): all heavy at once, and light requests until the last heavy one has ended.

    Args:
        port: of the service.
        burners: heavy queries, each on a connection of its own.
        light: what others ask meanwhile, again and again.
        clients: connections of those others.
        one_source: whether all heavy ones come from one address; else each from its own.
    """
    heavy, others = Figures(), Figures()
    ended = asyncio.Event()
    pool = list(light)

    async def burn(number: int, request: Request) -> None:
        connection = Connection(port, "127.0.1.1" if one_source else f"127.0.1.{number + 1}")
        started = time.perf_counter()
        status, size = await connection.get(request.target)
        heavy.add(request.kind, status, (time.perf_counter() - started) * 1000, size)
        connection.close()

    async def client(number: int) -> None:
        connection = Connection(port, f"127.0.2.{number + 1}")
        at = number * 7
        while not ended.is_set():
            one = pool[at % len(pool)]
            at += clients
            started = time.perf_counter()
            status, size = await connection.get(one.target)
            others.add(one.kind, status, (time.perf_counter() - started) * 1000, size)
            await asyncio.sleep(0.02)  # people read what they get
        connection.close()

    started = time.perf_counter()
    lights = [asyncio.ensure_future(client(number)) for number in range(clients)]
    await asyncio.gather(*(burn(number, one) for number, one in enumerate(burners)))
    heavy.seconds = others.seconds = time.perf_counter() - started
    ended.set()
    await asyncio.gather(*lights)
    return heavy, others
