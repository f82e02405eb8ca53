"""The tags of a TIFF's directories, read from a few ranges and checked: everything in a file may lie.

After TIFF 6.0 (Adobe, 1992) and the BigTIFF design of libtiff.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError

Read = Callable[[int, int], memoryview]
Seen = list[tuple[int, int]]
Value = bytes | int | npt.NDArray[np.generic]

_TYPES = {
    1: "u1",
    3: "u2",
    4: "u4",
    6: "i1",
    8: "i2",
    9: "i4",
    11: "f4",
    12: "f8",
    13: "u4",
    16: "u8",
    17: "i8",
    18: "u8",
}
_BYTES = (2, 7)  # text and undefined
_SMALL = {3: 2, 4: 4}
_WIDTHS = {kind: int(name[1]) for kind, name in _TYPES.items()}
_WANTED = {
    *(254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 322, 323, 324, 325, 338, 339),
    *(33550, 33922, 34264, 34735, 34736, 34737, 42112, 42113),
}
# those that differ between files that were written alike: where blocks lie, their lengths, the corner
_DIFFERENT = {273, 279, 324, 325, 33922}

HEAD = 1 << 15
_MOST_TAGS = 4096
_MOST_DIRECTORIES = 64
_MOST_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class Span:
    """Where the numbers of a tag lie: byte, how many, and their type with its byte order."""

    at: int
    length: int
    kind: str


@dataclass(frozen=True, slots=True)
class Directory:
    """One image of a TIFF: its tags in native byte order, and where those that differ between files lie."""

    tags: dict[int, Value]
    order: str
    places: dict[int, Span]

    def number(self, tag: int, default: int = 0) -> int:
        """The first value of a tag as an integer."""
        value = self.tags.get(tag)
        if isinstance(value, int):
            return value
        return int(value[0]) if isinstance(value, np.ndarray) and len(value) else default

    def numbers(self, tag: int) -> npt.NDArray[np.generic] | None:
        """All values of a tag."""
        value = self.tags.get(tag)
        if isinstance(value, int):
            return np.asarray([value])
        return value if isinstance(value, np.ndarray) else None

    def text(self, tag: int) -> str:
        """A text tag without its closing zeros."""
        value = self.tags.get(tag)
        return value.split(b"\0")[0].decode("utf-8", "replace").strip() if isinstance(value, bytes) else ""


def damaged(href: str, why: str) -> RasterError:
    """The error of a file whose structure is wrong."""
    return RasterError(f"{href} is damaged: {why}.", "Fetch the file again, or leave it out.")


class _Source:
    """Ranges of a file; its head is fetched once."""

    def __init__(self, read: Read, size: int, href: str, head: memoryview | None, seen: Seen | None) -> None:
        self._read, self._size, self._href = read, size, href
        self._head = read(0, min(size, HEAD)) if head is None else head
        self._seen: Seen = [] if seen is None else seen

    def get(self, start: int, length: int) -> memoryview:
        if start < 0 or length < 0 or start + length > self._size:
            raise damaged(self._href, f"its header points to byte {start + length:,} of {self._size:,}")
        if length > _MOST_BYTES:
            raise damaged(self._href, f"a tag has {length:,} bytes")
        self._seen.append((start, length))
        if start + length <= len(self._head):
            return self._head[start : start + length]
        got = self._read(start, length)
        if len(got) != length:
            raise damaged(self._href, "it ends too early")
        return got


def directories(
    read: Read,
    size: int,
    href: str,
    most: int = _MOST_DIRECTORIES,
    *,
    head: memoryview | None = None,
    seen: Seen | None = None,
) -> list[Directory]:
    """The directories of a TIFF or BigTIFF in the order of the file, main image first.

    Args:
        read: (start, length) -> bytes.
        size: of the file.
        href: named in errors.
        most: directories to follow.
        head: the beginning of the file, where it was read.
        seen: takes (start, length) of everything that is looked at.

    Raises:
        RasterError: not a TIFF, or its structure is wrong.
    """
    source = _Source(read, size, href, head, seen)
    magic = bytes(source.get(0, min(size, 16)))
    order = {b"II": "<", b"MM": ">"}.get(magic[:2], "")
    version = struct.unpack(order + "H", magic[2:4])[0] if order and len(magic) >= 8 else 0
    if version not in (42, 43) or (version == 43 and len(magic) < 16):
        raise RasterError(f"{href} is not a GeoTIFF.", "Only GeoTIFF can be streamed.")
    big = version == 43
    at = struct.unpack(order + ("Q" if big else "I"), magic[8:16] if big else magic[4:8])[0]
    found: list[Directory] = []
    met: set[int] = set()
    while at and len(found) < most:
        if at in met:
            raise damaged(href, "its directories go in a circle")
        met.add(at)
        one, at = _directory(source, at, order, big, href)
        found.append(one)
    if not found:
        raise damaged(href, "it holds no image")
    return found


def _directory(source: _Source, at: int, order: str, big: bool, href: str) -> tuple[Directory, int]:
    count_size, entry_size, offset_size = (8, 20, 8) if big else (2, 12, 4)
    count = struct.unpack(order + ("Q" if big else "H"), source.get(at, count_size))[0]
    if not 0 < count <= _MOST_TAGS:
        raise damaged(href, f"a directory of {count:,} tags")
    body = bytes(source.get(at + count_size, count * entry_size))
    tags: dict[int, Value] = {}
    places: dict[int, Span] = {}
    entry = at + count_size - offset_size
    for tag, kind, values, inline in struct.iter_unpack(order + ("HHQ8s" if big else "HHI4s"), body):
        entry += entry_size
        if tag not in _WANTED or tag in tags:
            continue
        if tag in _DIFFERENT and kind in _TYPES:
            here = values * _WIDTHS[kind] <= offset_size
            place = entry if here else struct.unpack(order + ("Q" if big else "I"), inline)[0]
            places[tag] = Span(place, values, order + _TYPES[kind])
        # most tags are one small number, stored in place
        if values == 1 and kind in _SMALL:
            tags[tag] = int.from_bytes(inline[: _SMALL[kind]], "little" if order == "<" else "big")
            continue
        value = _value(source, kind, values, inline, order)
        if value is not None:
            tags[tag] = value
    link = at + count_size + count * entry_size
    following = struct.unpack(order + ("Q" if big else "I"), source.get(link, offset_size))[0]
    return Directory(tags, order, places), following


def _value(source: _Source, kind: int, count: int, inline: bytes, order: str) -> Value | None:
    if kind in _BYTES:
        width = 1
    elif kind in _TYPES:
        width = _WIDTHS[kind]
    else:
        return None
    length = width * count
    if length <= len(inline):
        data: bytes | memoryview = inline[:length]
    else:
        data = source.get(struct.unpack(order + ("Q" if len(inline) == 8 else "I"), inline)[0], length)
    if kind in _BYTES:
        return bytes(data)
    return np.frombuffer(data, dtype=order + _TYPES[kind]).astype(_TYPES[kind], copy=False)
