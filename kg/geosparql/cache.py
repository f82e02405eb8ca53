"""A cache of the last used values that is bounded by how much text they stand for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SizedCache(Generic[Key, Value]):
    """The last used values, together at most `limit` in size. Safe for threads; errors are not kept."""

    def __init__(self, make: Callable[[Key], Value], size: Callable[[Key], int], limit: int) -> None:
        self._make = make
        self._size = size
        self._limit = limit
        self._held = 0
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def __call__(self, key: Key) -> Value:
        """The value of a key, made where it is not there."""
        try:
            value = self._values[key]
        except KeyError:
            return self._add(key)
        if self._held * 2 > self._limit:  # below, nothing is about to be dropped, and order does not matter
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
        return value

    def _add(self, key: Key) -> Value:
        value = self._make(key)
        size = self._size(key)
        if size > self._limit:
            return value
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._held += size
            while self._held > self._limit:
                self._held -= self._size(self._values.popitem(last=False)[0])
        return value

    def __len__(self) -> int:
        return len(self._values)

    @property
    def held(self) -> int:
        """Sizes of the kept values, summed."""
        return self._held
