"""What was made for a key, kept for the next time as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

_MOST = 256


class Kept:
    """The latest things by key. Safe for threads.

    Args:
        size: of all things together; one that is larger than a quarter of it is not kept.
    """

    def __init__(self, size: int = _MOST) -> None:
        self._most, self._size = size, 0
        self._things: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def held(self, key: Hashable) -> Any:  # noqa: ANN401
        """What was kept for a key; None where nothing was."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, made: Any, size: int = 1) -> None:  # noqa: ANN401
        """Keeps something, and lets go of what was not asked for the longest time."""
        if size * 4 > self._most:
            return
        with self._lock:
            there = self._things.pop(key, None)
            self._size += size - (there[1] if there else 0)
            self._things[key] = made, size
            while self._size > self._most or len(self._things) > _MOST:
                self._size -= self._things.popitem(last=False)[1][1]
