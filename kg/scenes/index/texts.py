"""Texts that mostly differ, such as identifiers, each in a record of its own that is short and read at random.

Texts of one kind and length share a layout: a byte that is the same in all of them is not stored, one of at most 16
values takes four bits, any other eight. So an identifier of 60 letters takes some 25 bytes, and no block is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kg.scenes.index.file import Array, Arrays
from kg.scenes.index.textreader import PLAIN, Reader
from ontology.namespaces import quoted
from ontology.terms import IRI

_MOST_LAYOUTS = 256
_PRIME = 0x01000193
_BLOCK = 8_192


class Texts:
    """A column of texts, one a row; unknown ones are None.

    Args:
        arrays: of the index.
        name: of the column.
    """

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._arrays, self._name = arrays, name
        described = arrays.header["texts"][name]
        self._layouts: list[dict[str, Any]] = described["layouts"]
        self._places = arrays[f"{name}:place"]
        self._readers: dict[int, Reader] = {}
        self._firsts = np.array([one["first"] for one in self._layouts], np.int64)

    def take(self, rows: Any) -> list[str | None]:  # noqa: ANN401 - row numbers or a slice
        """The texts of some rows."""
        places = self._places[rows]
        found: list[str | None] = [None] * len(places)
        for number, at in self._alike(places):
            spread(self._texts(number, places[at] - self._firsts[number]), at, found)
        return found

    def iris(self, rows: Any, groups: Array, stems: Sequence[str]) -> list[IRI | None]:  # noqa: ANN401
        """The texts as ends of IRIs: a stem, then the text, percent-encoded where an IRI may not hold it.

        Args:
            rows: row numbers or a slice.
            groups: of each row, a number into the stems.
            stems: what comes before; "" where nothing is known.
        """
        places = self._places[rows]
        found: list[IRI | None] = [None] * len(places)
        for number, at in self._alike(places):
            own = groups[at]
            local = places[at] - self._firsts[number]
            made = self._iris(number, local, stems[int(own[0])]) if (own == own[0]).all() else None
            if made is not None:
                spread(made, at, found)
                continue
            texts = zip(own.tolist(), self._texts(number, local), strict=True)
            spread([IRI(stems[g] + quoted(t)) if stems[g] and t is not None else None for g, t in texts], at, found)
        return found

    def _alike(self, places: Array) -> Iterator[tuple[int, Array]]:
        """The layouts of some texts, each with where they are."""
        which = self._firsts.searchsorted(places, side="right") - 1
        counts = np.bincount(which, minlength=1)
        for number in np.flatnonzero(counts).tolist():
            yield number, np.flatnonzero(which == number)

    def _iris(self, number: int, at: Array, stem: str) -> Sequence[IRI] | None:
        """IRIs of one stem; None where texts are to be encoded or are of no layout."""
        if not stem or self._layouts[number]["kind"] != "packed":
            return None
        reader = self._reader(number)
        made = reader.unpacked(self._arrays[f"{self._name}:{number}"][at], stem.encode("ascii"))
        if not (reader.plain or PLAIN[made[:, len(stem) :]].all()):
            return None
        whole, length = made.tobytes().decode("ascii"), made.shape[1]
        return [IRI(whole[one : one + length]) for one in range(0, len(whole), length)]

    def _reader(self, number: int) -> Reader:
        found = self._readers.get(number)
        if found is None:
            found = self._readers[number] = Reader(self._layouts[number])
        return found

    def _texts(self, number: int, at: Array) -> Sequence[str | None]:
        layout = self._layouts[number]
        kind = layout["kind"]
        if kind == "unknown":
            return [None] * len(at)
        data = self._arrays[f"{self._name}:{number}"]
        if kind == "plain":
            ends = self._arrays[f"{self._name}:{number}:ends"]
            return [
                data[int(ends[one - 1]) if one else 0 : int(ends[one])].tobytes().decode("utf-8", "surrogatepass")
                for one in at.tolist()
            ]
        made = self._reader(number).unpacked(data[at])
        length = made.shape[1]
        whole = made.tobytes().decode("latin-1" if layout["ascii"] else "utf-8", "surrogatepass")
        if layout["ascii"]:
            return [whole[one : one + length] for one in range(0, len(whole), length)]
        return [bytes(one).decode("utf-8", "surrogatepass") for one in made]

    def find(self, texts: Sequence[str]) -> Array:
        """Rows that may hold one of the texts: all that do, and hardly any other."""
        wanted = hashes_of(texts)
        hashes = self.hashes
        if not wanted:
            return np.zeros(0, np.int64)
        if len(wanted) <= 3:
            mask = np.zeros(len(hashes), bool)
            for one in wanted:
                mask |= hashes == np.uint32(one)
            return np.flatnonzero(mask)
        keys = np.array(sorted(wanted), np.uint32)
        table = np.zeros(65_536, bool)
        table[keys & 0xFFFF] = True
        near = np.flatnonzero(table[hashes & np.uint32(0xFFFF)])
        return near[np.isin(hashes[near], keys)]

    @property
    def hashes(self) -> Array:
        """A hash of each row's text, the same in all indexes; of unknown ones 0."""
        return self._arrays[f"{self._name}:hash"]


def encode(
    name: str, data: Array, starts: Array, lengths: Array, groups: Array, arrays: dict[str, Array]
) -> dict[str, Any]:
    """Adds the arrays of a column; returns what the header holds of it.

    Args:
        name: of the column.
        data: the bytes of all texts.
        starts: where in them each begins.
        lengths: bytes of each; -1 where it is unknown.
        groups: small numbers; texts of one group look alike.
        arrays: by name, added to.
    """
    count = len(starts)
    places = np.zeros(count, np.uint32)
    hashes = np.zeros(count, np.uint32)
    layouts: list[dict[str, Any]] = []
    keys = groups.astype(np.int64) * (int(lengths.max(initial=0)) + 2) + lengths + 1
    keys[lengths < 0] = -1
    first = 0
    plain: list[Array] = []
    for rows in _alike(keys):
        length = int(lengths[rows[0]])
        if length < 0:
            layouts.append({"kind": "unknown", "first": first})
            places[rows] = first
            first += 1
        elif len(layouts) >= _MOST_LAYOUTS or length == 0 or length > 4096:
            plain.append(rows)
        else:
            layout, arrays[f"{name}:{len(layouts)}"], hashes[rows] = _columns(data, starts[rows], length)
            places[rows] = np.arange(first, first + len(rows))
            layouts.append({**layout, "first": first})
            first += len(rows)
    if plain:
        rows = np.concatenate(plain)
        parts = [data[start : start + length] for start, length in zip(starts[rows], lengths[rows], strict=True)]
        arrays[f"{name}:{len(layouts)}"] = np.concatenate(parts)
        arrays[f"{name}:{len(layouts)}:ends"] = np.cumsum([len(one) for one in parts], dtype=np.int64)
        hashes[rows] = [int(_hash(one[None, :])[0]) for one in parts]
        places[rows] = np.arange(first, first + len(rows))
        layouts.append({"kind": "plain", "first": first})
    arrays[f"{name}:place"], arrays[f"{name}:hash"] = places, hashes
    return {"layouts": layouts}


def _alike(keys: Array) -> list[Array]:
    """Row numbers, ascending, of each key."""
    if not len(keys):
        return []
    least, most = int(keys.min()), int(keys.max())
    if most - least < 1_000_000:
        counts = np.bincount(keys - least)
        kinds = np.flatnonzero(counts) + least
        if len(kinds) <= _MOST_LAYOUTS:
            return [np.flatnonzero(keys == kind) for kind in kinds]
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _columns(data: Array, starts: Array, length: int) -> tuple[dict[str, Any], Array, Array]:
    """The layout of texts of one length, their records and their hashes."""
    matrix = np.lib.stride_tricks.sliding_window_view(data, length)[starts]
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    constant = np.flatnonzero(low == high)
    narrow = [(int(at), list(range(int(low[at]), int(high[at]) + 1))) for at in np.flatnonzero(high - low < 16)]
    small = [(at, values) for at, values in narrow if len(values) > 1]
    wide: list[int] = []
    tables: dict[int, Array] = {}
    for at in np.flatnonzero(high - low >= 16).tolist():
        present = np.zeros(256, bool)
        present[matrix[:, at]] = True
        values = np.flatnonzero(present)
        if len(values) > 16:
            wide.append(at)
            continue
        tables[at] = np.cumsum(present).astype(np.uint8) - 1
        small.append((at, values.tolist()))
    places = [at for at, _ in small]
    bases = np.array([0 if at in tables else low[at] for at in places], np.uint8)
    pairs = -(-len(small) // 2)
    record = np.empty((len(starts), pairs + len(wide)), np.uint8)
    nibbles = np.zeros((min(_BLOCK, len(starts)), 2 * pairs), np.uint8)
    for first in range(0, len(starts), _BLOCK):
        block = matrix[first : first + _BLOCK]
        part = nibbles[: len(block)]
        part[:, : len(small)] = block[:, places]
        part[:, : len(small)] -= bases
        for number, at in enumerate(places):
            if at in tables:
                part[:, number] = tables[at][block[:, at]]
        record[first : first + _BLOCK, :pairs] = part[:, 0::2] << 4 | part[:, 1::2]
        record[first : first + _BLOCK, pairs:] = block[:, wide]
    layout = {
        "kind": "packed",
        "length": length,
        "constant": [[at, int(low[at])] for at in constant.tolist()],
        "small": small,
        "wide": wide,
        "ascii": bool(high.max() < 128),
    }
    return layout, record, _hash(matrix)


def spread(values: Sequence[Any], at: Array, found: list[Any]) -> None:
    """Puts values into the places of a list that they belong to."""
    if len(at) == len(found):
        found[:] = values
        return
    for place, value in zip(at.tolist(), values, strict=True):
        found[place] = value


def hashes_of(texts: Sequence[str]) -> set[int]:
    """The hashes of many texts, those of one length together."""
    by_length: dict[int, list[bytes]] = {}
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        by_length.setdefault(len(data), []).append(data)
    found: set[int] = set()
    for length, same in by_length.items():
        found.update(_hash(np.frombuffer(b"".join(same), np.uint8).reshape(len(same), length)).tolist())
    return found


def _hash(texts: Array) -> Array:
    """Hashes of texts (n, bytes)."""
    found = np.full(len(texts), 0x811C9DC5, np.uint32)
    for first in range(0, len(texts), _BLOCK):  # small enough to stay in the processor
        block, part = texts[first : first + _BLOCK], found[first : first + _BLOCK]
        for at in range(texts.shape[1]):
            part *= np.uint32(_PRIME)
            part ^= block[:, at]
    return np.asarray(found ^ (found >> np.uint32(15)))
