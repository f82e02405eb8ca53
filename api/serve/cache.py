"""Answers that are asked for again: kept while their version is the published one, bounded in bytes."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from kg.rendered import etag_of

_OVERHEAD = 1_000  # bytes of an entry beside its body


class Bytes(Protocol):
    """Whatever has a body."""

    @property
    def body(self) -> bytes:
        """Its bytes."""
        ...


T = TypeVar("T", bound=Bytes)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer to a question as it goes out.

    Attributes:
        body: its bytes.
        version: the version that it was answered from.
        etag: names these bytes.
    """

    body: bytes
    version: str = ""
    etag: str = ""

    @classmethod
    def of(cls, body: bytes, version: str) -> Kept:
        """An answer with the name of its bytes."""
        return cls(body, version, etag_of(body))


class Cache:
    """The answers used last, and those that are being worked out. For one event loop.

    Args:
        most: bytes of all; 0 keeps none (equal requests at the same time still share one answer).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._kept: OrderedDict[Hashable, tuple[Bytes, float]] = OrderedDict()
        self._coming: dict[Hashable, asyncio.Task[Any]] = {}
        self.hits = self.misses = self.joined = 0

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]], seconds: float = float("inf")) -> T:
        """The answer, worked out once however many ask at the same time.

        Args:
            key: all that the answer depends on.
            make: works it out.
            seconds: how long it may be given again.

        Raises:
            EarthdexError: whatever `make` raises, to all who wait.
        """
        found = self._kept.get(key)
        if found is not None and found[1] > time.monotonic():
            self._kept.move_to_end(key)
            self.hits += 1
            return cast(T, found[0])
        task = self._coming.get(key)
        if task is None:
            self.misses += 1
            task = asyncio.ensure_future(self._made(key, make, seconds))
            self._coming[key] = task
            task.add_done_callback(lambda done: self._arrived(key, done))
        else:
            self.joined += 1
        return cast(T, await asyncio.shield(task))  # who goes away does not take it from the others

    def clear(self) -> None:
        """Forgets what is kept."""
        self._kept.clear()
        self._bytes = 0

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[T]], seconds: float) -> T:
        answer = await make()
        size = len(answer.body) + _OVERHEAD
        if size <= self._most // 8 and seconds > 0:
            old = self._kept.pop(key, None)
            self._bytes += size - (len(old[0].body) + _OVERHEAD if old else 0)
            self._kept[key] = (answer, time.monotonic() + seconds)
            while self._bytes > self._most:
                _, (gone, _) = self._kept.popitem(last=False)
                self._bytes -= len(gone.body) + _OVERHEAD
        return answer

    def _arrived(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        self._coming.pop(key, None)
        if not task.cancelled():
            task.exception()  # looked at, also where everybody who waited has gone
