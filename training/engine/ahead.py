"""Small files are had whole and several at once: one request for many, and header and pixels from the same bytes."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ontology.errors import EarthdexError
from training.types import Bytes, Item

SMALL = 4 << 20
"""Most bytes of a file that is read whole."""


def remote(href: str) -> bool:
    """Whether a file is asked of a server."""
    return "://" in href


class Ahead:
    """Bytes with some files at hand, for the thread that loaded them.

    Args:
        data: where bytes come from.
    """

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self._local = threading.local()

    def load(self, items: Sequence[Item]) -> None:
        """Reads the small files of items, until the next call.

        What cannot be had is asked for again, and told, by the one who needs it.
        """
        held: dict[str, memoryview] = {}
        self._local.held = held
        hrefs = []
        for item in items:
            for part in item.parts:
                if 0 <= part.size <= SMALL or (part.size < 0 and not remote(part.href) and "!/" not in part.href):
                    hrefs.append((part.href, part.size))
        try:
            known = [href for href, size in hrefs if size >= 0 or self._data.size(href) <= SMALL]
            found = self._data.read_many([(href, 0, -1) for href in known])
            held.update({href: one for href, one in zip(known, found, strict=True) if isinstance(one, memoryview)})
        except EarthdexError:
            return

    def drop(self) -> None:
        """Lets the files go."""
        self._local.held = {}

    def _held(self, href: str) -> memoryview | None:
        found: dict[str, memoryview] = self._local.__dict__.get("held", {})
        return found.get(href)

    def size(self, href: str) -> int:
        """As `Bytes.size`."""
        held = self._held(href)
        return len(held) if held is not None else self._data.size(href)

    def validator(self, href: str) -> str:
        """As `Bytes.validator`; empty for files at hand, which nobody needs to tell apart later."""
        return "" if self._held(href) is not None else self._data.validator(href)

    def read(self, href: str, start: int = 0, length: int = -1) -> memoryview:
        """As `Bytes.read`."""
        held = self._held(href)
        if held is None:
            return self._data.read(href, start, length)
        return held[start:] if length < 0 else held[start : start + length]

    def read_ranges(self, href: str, ranges: Sequence[tuple[int, int]]) -> list[memoryview]:
        """As `Bytes.read_ranges`."""
        held = self._held(href)
        if held is None:
            return self._data.read_ranges(href, ranges)
        return [held[start : start + length] for start, length in ranges]

    def read_many(self, wanted: Sequence[tuple[str, int, int]]) -> list[memoryview | EarthdexError]:
        """As `Bytes.read_many`."""
        return self._data.read_many(wanted)
