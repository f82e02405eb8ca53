"""What the sources of bytes share: what is known of a file, how it is named in errors, how ranges are put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np

GAP = 64 << 10
"""Bytes between two ranges that are fetched along rather than by a request of their own."""

MOST = 4 << 20
"""Most bytes of a request that holds several ranges."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What is known of a file: bytes (-1 unknown) and `etag:...` or `mtime:...` (empty where unknown)."""

    size: int = -1
    validator: str = ""


class Source(Protocol):
    """One kind of place: a disk, web servers, an S3-style store."""

    remote: bool

    def stat(self, address: str) -> Stat:
        """Size and validator. Raises FetchError."""

    def fetch(self, address: str, start: int, length: int) -> tuple[Stat, memoryview]:
        """Bytes as `data[start:start + length]` would give, to the end when `length` is -1. Raises FetchError."""


def shown(address: str) -> str:
    """An address for messages: without keys in its query or user part, and not endless."""
    if "://" not in address:
        return address[:300]
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{parts.path}"[:300]


def file_part(address: str) -> str:
    """A path, or a URL without what follows the path."""
    return address.split("?", 1)[0].split("#", 1)[0] if "://" in address else address


def buffer(length: int) -> memoryview:
    """Writable bytes that are not zeroed first."""
    return np.empty(length, np.uint8).data


def clipped(start: int, length: int, size: int) -> tuple[int, int]:
    """A range cut at the end of the file, as slices are; unchanged where the size is unknown (-1)."""
    if size < 0:
        return start, length
    start = min(start, size)
    return start, size - start if length < 0 else min(length, size - start)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: a range of a file, and which of the wanted ranges it holds (their numbers)."""

    start: int
    length: int
    holds: tuple[int, ...]


def coalesced(ranges: Sequence[tuple[int, int]], *, gap: int = GAP, most: int = MOST) -> Iterator[Request]:
    """Requests that together cover all ranges.

    Neighbours with at most `gap` bytes between them become one request while it has at most `most` bytes. A range
    that is longer than `most` stands in a request of its own; ranges to the end (length -1) too.
    """
    order = sorted(range(len(ranges)), key=lambda number: ranges[number])
    held: list[int] = []
    begin = end = 0
    for number in order:
        start, length = ranges[number]
        if length < 0:
            yield Request(start, -1, (number,))
            continue
        if held and start <= end + gap and max(end, start + length) - begin <= most:
            held.append(number)
            end = max(end, start + length)
            continue
        if held:
            yield Request(begin, end - begin, tuple(held))
        held, begin, end = [number], start, start + length
    if held:
        yield Request(begin, end - begin, tuple(held))
