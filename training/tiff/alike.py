"""Headers of files that were written alike, such as the chips of a data set: only what differs is read anew.

A header is parsed from a few spans of bytes. Where these are the same in another file, but for the numbers that say
where its blocks lie, how long they are, and where its corner is, its header is the same but for these.
"""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt

from training.tiff.georef import cornered
from training.tiff.header import TiffHeader, parsed
from training.tiff.tags import HEAD, Directory, Span
from training.types import Bytes, Grid

_OFFSETS, _COUNTS, _TIE = (273, 324), (279, 325), 33922
_MOST_FIXED = 1 << 14
_PATTERNS = 4
# files that fit no pattern, after which no more are made
_GIVEN_UP = 64
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the headers of files that were written alike have in common.

    Attributes:
        one: one of them.
        end: bytes of a file's beginning that tell.
        fixed: where each span that is the same begins, and its bytes.
        offsets: where the offsets of blocks lie.
        counts: where the lengths of blocks lie.
        tie: where the six numbers of the corner lie; None where files have none.
        point: whether these name the middle of a pixel.
    """

    one: TiffHeader
    end: int
    fixed: tuple[tuple[int, bytes], ...]
    offsets: Span
    counts: Span
    tie: Span | None
    point: bool

    def header(self, head: memoryview, href: str, size: int, validator: str) -> TiffHeader | None:
        """The header of another file; None where it was written otherwise.

        Args:
            head: the beginning of the file, or all of it.
            href: named in errors.
            size: of the file.
            validator: of the file.
        """
        if len(head) < self.end:
            return None
        raw = head[: self.end].tobytes()
        for at, same in self.fixed:
            if not raw.startswith(same, at):
                return None
        one, grid = self.one, self.one.grid
        if self.tie is not None:
            tie = struct.unpack_from(one.order + "6d", raw, self.tie.at)
            a, _, _, _, e, _ = grid.transform
            transform = cornered(a, e, tie, point=self.point)
            if not all(map(math.isfinite, transform)):
                return None
            grid = Grid(grid.crs, transform, grid.width, grid.height)
        return replace(
            one, href=href, size=size, validator=validator, grid=grid,
            offsets=_read(raw, self.offsets), counts=_read(raw, self.counts),
        )  # fmt: skip


def _read(raw: bytes, span: Span) -> npt.NDArray[np.uint64]:
    return np.frombuffer(raw, span.kind, span.length, span.at).astype(np.uint64)


def pattern(
    head: memoryview, found: Sequence[Directory], seen: Sequence[tuple[int, int]], one: TiffHeader
) -> Pattern | None:
    """What files written like this one have in common; None where nothing simple tells.

    Args:
        head: the beginning of the file.
        found: its directories.
        seen: (start, length) of all that was read for them.
        one: its header.
    """
    if len(found) != 1 or one.fallback or one.mask is not None:
        return None
    places = found[0].places
    offsets = next((places[tag] for tag in _OFFSETS if tag in places), None)
    counts = next((places[tag] for tag in _COUNTS if tag in places), None)
    end = max(start + length for start, length in seen)
    if offsets is None or counts is None or end > len(head) or sum(length for _, length in seen) > _MOST_FIXED:
        return None
    raw, tie = head[:end].tobytes(), places.get(_TIE)
    # long strips without compression are read as shorter ones, which are not those that the file tells of
    if not (np.array_equal(_read(raw, offsets), one.offsets) and np.array_equal(_read(raw, counts), one.counts)):
        return None
    point = False
    if tie is not None:
        if tie.length != 6 or tie.kind[1:] != "f8":
            return None
        values = struct.unpack_from(one.order + "6d", raw, tie.at)
        a, _, _, _, e, _ = one.grid.transform
        fits = [each for each in (False, True) if cornered(a, e, values, point=each) == one.grid.transform]
        if not fits:
            return None
        point = fits[0]
    fixed = np.zeros(end, dtype=bool)
    for start, length in seen:
        fixed[start : start + length] = True
    for span in (offsets, counts, tie):
        if span is not None:
            fixed[span.at : span.at + span.length * int(span.kind[2:])] = False
    edges = np.flatnonzero(np.diff(fixed, prepend=False, append=False)).tolist()
    same = tuple((a, raw[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True))
    return Pattern(replace(one, alike=next(_numbers)), end, same, offsets, counts, tie, point)


class Alike:
    """Reads headers, of files that were written alike only what differs; safe between threads."""

    def __init__(self) -> None:
        self._patterns: list[Pattern] = []
        self._missed = 0
        self._lock = threading.Lock()

    def header(self, data: Bytes, href: str) -> TiffHeader:
        """As `training.tiff.header.header`. Raises FetchError, RasterError."""
        size = data.size(href)
        head = data.read(href, 0, min(size, HEAD))
        validator = data.validator(href)
        for one in self._patterns:
            found = one.header(head, href, size, validator)
            if found is not None:
                return found
        seen: list[tuple[int, int]] = []
        made, directories = parsed(data, href, size, validator, head, seen)
        if self._missed < _GIVEN_UP:
            self._missed += 1
            fresh = pattern(head, directories, seen, made)
            if fresh is not None:
                with self._lock:
                    self._patterns = [fresh, *self._patterns][:_PATTERNS]
                return replace(made, alike=fresh.one.alike)
        return made
