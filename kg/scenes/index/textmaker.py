"""Encodes texts that mostly differ, batch by batch: see `kg.scenes.index.texts` for what is made of them.

A block of texts is gathered once into words of eight bytes, small enough to stay in the processor's cache: its hashes
and which bits differ are found there. What a place of a text needs (nothing, four bits, eight) is known at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kg.scenes.index.arrow import Values
from kg.scenes.index.file import Array
from kg.scenes.index.texts import MOST_LAYOUTS, hashes_of_words, mask_of, width_of

_LONGEST = 4096  # bytes; longer ones have no layout
_ROWS = 4096  # of a block
_FOLD = 64  # rows that are reduced side by side
_MOST_KEYS = 1_000_000
_MOST_GROUPS = 256


@dataclass(slots=True)
class _Kind:
    """Texts of one group and length.

    Attributes:
        length: bytes of each.
        rows: row numbers, block by block.
        blocks: the texts (n, bytes), filled up to whole words.
        low: the least byte at each place; `high`: the greatest.
    """

    length: int
    rows: list[Array] = field(default_factory=list)
    blocks: list[Array] = field(default_factory=list)
    low: Array | None = None
    high: Array | None = None

    @property
    def count(self) -> int:
        """How many texts."""
        return sum(map(len, self.rows))

    def add(self, rows: Array, block: Array) -> None:
        """Adds texts."""
        self.rows.append(rows)
        self.blocks.append(block)
        low, high = _reduced(np.minimum, block), _reduced(np.maximum, block)
        self.low = low if self.low is None else np.minimum(self.low, low)
        self.high = high if self.high is None else np.maximum(self.high, high)


class TextsEncoder:
    """Takes texts batch by batch, in the order of the file.

    Args:
        name: of the column.
        rows: of the file.

    Attributes:
        unknown: how many rows have no text.
    """

    def __init__(self, name: str, rows: int) -> None:
        self._name, self._rows = name, rows
        self._hashes = np.zeros(rows, np.uint32)
        self._kinds: dict[tuple[int, int], _Kind] = {}
        self._missing: list[Array] = []
        self.unknown = 0

    def add(self, at: int, values: Values, groups: Array | None) -> None:
        """Adds a batch.

        Args:
            at: the number of its first row.
            values: the texts.
            groups: small numbers; texts of one group look alike.
        """
        data, offsets, known = values.data, values.offsets, values.known
        if offsets is None:
            return
        starts, lengths = offsets[:-1], np.diff(offsets).astype(np.int64)
        if known is not None:
            lengths[~known] = -1
        keys, span = lengths + 1, int(lengths.max(initial=0)) + 2
        if groups is not None and int(groups.max(initial=0)) < _MOST_GROUPS:
            keys += groups * np.int64(span)
            keys[lengths < 0] = 0
        for key, rows in _alike(keys):
            group, length = divmod(key, span)
            length -= 1
            if length < 0:
                self._missing.append(rows + at)
                self.unknown += len(rows)
                continue
            kind = self._kinds.get((group, length))
            if kind is None:
                kind = self._kinds[group, length] = _Kind(length)
            self._gather(kind, at, data, starts, rows)

    def _gather(self, kind: _Kind, at: int, data: Array, starts: Array, rows: Array) -> None:
        size = 8 * width_of(kind.length)
        last = len(data) - size  # where the last whole window begins
        if size == 0:
            kind.rows.append(rows + at)
            kind.blocks.append(np.zeros((len(rows), 0), np.uint8))
            self._hashes[rows + at] = hashes_of_words(np.zeros((len(rows), 0), "<u8"), 0)
            return
        mask = mask_of(kind.length)
        step = max(1, _ROWS * _FOLD // size) if size > _FOLD else _ROWS
        inside = len(rows) if int(starts[rows[-1]]) <= last else int((starts[rows] <= last).sum())
        windows = np.lib.stride_tricks.sliding_window_view(data if inside else np.zeros(size, np.uint8), size)
        for first in range(0, inside, step):
            some = rows[first : min(first + step, inside)]
            self._add(kind, some + at, windows[starts[some]], mask)
        if inside < len(rows):
            begin = int(starts[rows[inside]])
            tail = np.concatenate([data[begin:], np.zeros(8, np.uint8)])
            windows = np.lib.stride_tricks.sliding_window_view(tail, size)
            self._add(kind, rows[inside:] + at, windows[starts[rows[inside:]] - begin], mask)

    def _add(self, kind: _Kind, rows: Array, block: Array, mask: np.uint64 | None) -> None:
        words = block.view("<u8")
        if mask is not None:
            words[:, -1] &= mask
        self._hashes[rows] = hashes_of_words(words, kind.length)
        kind.add(rows, block)

    def finish(self, order: Array | slice, arrays: dict[str, Array]) -> dict[str, Any]:
        """Adds the arrays of the column, rows in an order; returns what the header holds of it."""
        rank = None
        if not isinstance(order, slice):
            rank = np.empty(self._rows, np.uint32)
            rank[order] = np.arange(self._rows, dtype=np.uint32)
        places = np.zeros(self._rows, np.uint32)
        layouts: list[dict[str, Any]] = []
        first = 0
        if self._missing:
            layouts.append({"kind": "unknown", "first": 0})
            first = 1
        plain: list[_Kind] = []
        for kind in sorted(self._kinds.values(), key=lambda one: (-one.count, one.length)):
            if not 0 < kind.length <= _LONGEST or len(layouts) > MOST_LAYOUTS:
                plain.append(kind)
                continue
            rows = np.concatenate(kind.rows)
            layout, record = _packed(kind)
            if rank is not None:  # neighbours in the index lie side by side
                along = np.argsort(rank[rows])
                rows, record = rows[along], record[along]
            places[rows] = np.arange(first, first + len(rows), dtype=np.uint32)
            arrays[f"{self._name}:{len(layouts)}"] = record
            layouts.append({**layout, "first": first})
            first += len(rows)
            kind.blocks.clear()
        if plain:
            name = f"{self._name}:{len(layouts)}"
            arrays[name] = np.concatenate([one[:, : kind.length].ravel() for kind in plain for one in kind.blocks])
            arrays[f"{name}:ends"] = np.cumsum(np.repeat([one.length for one in plain], [one.count for one in plain]))
            rows = np.concatenate([one for kind in plain for one in kind.rows])
            places[rows] = np.arange(first, first + len(rows), dtype=np.uint32)
            layouts.append({"kind": "plain", "first": first})
        self._kinds.clear()
        arrays[f"{self._name}:place"], arrays[f"{self._name}:hash"] = places[order], self._hashes[order]
        return {"layouts": layouts}


def _alike(keys: Array) -> list[tuple[int, Array]]:
    """Row numbers, ascending, of each key."""
    if not len(keys):
        return []
    if int(keys.max()) < _MOST_KEYS:
        kinds = np.flatnonzero(np.bincount(keys)).tolist()
        if len(kinds) == 1:
            return [(kinds[0], np.arange(len(keys)))]
        if len(kinds) <= 32:
            return [(kind, np.flatnonzero(keys == kind)) for kind in kinds]
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    parts = np.split(order, np.flatnonzero(np.diff(ordered)) + 1)
    return [(int(keys[rows[0]]), rows) for rows in parts]


def _reduced(function: np.ufunc, block: Array) -> Array:
    """The least or greatest of each place: of many rows side by side first, since numpy is slow along short rows."""
    whole = len(block) // _FOLD
    if not whole:
        return np.asarray(function.reduce(block, axis=0))
    folded = function.reduce(block[: whole * _FOLD].reshape(whole, -1), axis=0).reshape(_FOLD, -1)
    return np.asarray(function.reduce(np.concatenate([folded, block[whole * _FOLD :]]), axis=0))


def _packed(kind: _Kind) -> tuple[dict[str, Any], Array]:
    """The layout of texts of one length, and their records."""
    if kind.low is None or kind.high is None:  # there are none
        return {}, np.zeros((0, 0), np.uint8)
    low, high = kind.low[: kind.length], kind.high[: kind.length]
    differ, far = low != high, low >> 4 != high >> 4
    sixteens = (low & 0xF0)[:, None] + np.arange(16, dtype=np.uint8)  # what four bits tell apart
    letters = np.clip(sixteens, low[:, None], high[:, None])
    small: list[tuple[int, list[int]]] = [(at, letters[at].tolist()) for at in np.flatnonzero(differ & ~far).tolist()]
    wide: list[int] = []
    tables: dict[int, Array] = {}
    for at in np.flatnonzero(far).tolist():
        present = np.zeros(256, bool)
        for block in kind.blocks:
            present[block[:, at]] = True
        values = np.flatnonzero(present)
        if len(values) > 16:
            wide.append(at)
            continue
        tables[len(small)] = (np.cumsum(present) - 1).astype(np.uint8)
        small.append((at, values.tolist()))
    record = np.empty((kind.count, -(-len(small) // 2) + len(wide)), np.uint8)
    first = 0
    for block in kind.blocks:
        _write(record[first : first + len(block)], block, [at for at, _ in small], tables, wide)
        first += len(block)
    layout = {
        "kind": "packed",
        "length": kind.length,
        "constant": [[at, int(low[at])] for at in np.flatnonzero(~differ).tolist()],
        "small": small,
        "wide": wide,
        "ascii": bool(high.max() < 128),
    }
    return layout, record


def _write(record: Array, block: Array, small: list[int], tables: dict[int, Array], wide: list[int]) -> None:
    """Records of a block: two places of at most sixteen values a byte, then the others."""
    halves = []
    for side in (0, 1):
        places = small[side::2]
        half = np.take(block, places, axis=1)
        half &= 15
        for number, table in tables.items():
            if number % 2 == side:
                half[:, number // 2] = table[block[:, small[number]]]
        halves.append(half)
    left, right = halves
    left <<= 4
    left[:, : right.shape[1]] |= right
    record[:, : left.shape[1]] = left
    record[:, left.shape[1] :] = np.take(block, wide, axis=1)
