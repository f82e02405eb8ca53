"""Texts that mostly differ, such as identifiers, each in a record of its own that is short and read at random.

Texts of one kind and length share a layout: a byte that is the same in all of them is not stored, one of at most 16
values takes four bits, any other eight. So an identifier of 60 letters takes some 25 bytes, and no block is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import iter_unpack
from typing import Any

import numpy as np

from kg.scenes.index.file import Array, Arrays
from kg.scenes.index.textreader import PLAIN, Reader
from ontology.namespaces import quoted
from ontology.terms import IRI

MOST_LAYOUTS = 256
"""Of texts of a column; the rest has none."""
_ODD = 0x9E3779B97F4A7C15
_ALL = 2**64 - 1


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
        found = np.empty(len(places), object)
        for number, at in self._alike(places):
            found[at] = self._texts(number, places[at] - self._firsts[number])
        return list(found.tolist())

    def iris(self, rows: Any, groups: Array, stems: Sequence[str]) -> tuple[Array, Array | None]:  # noqa: ANN401
        """The texts as ends of IRIs: a stem, then the text, percent-encoded where an IRI may not hold it.

        Returns them as objects, and which are known (None: all).

        Args:
            rows: row numbers or a slice.
            groups: of each row, a number into the stems.
            stems: what comes before; "" where nothing is known.
        """
        places = self._places[rows]
        found = np.empty(len(places), object)
        known: Array | None = None
        for number, at in self._alike(places):
            own = groups[at]
            local = places[at] - self._firsts[number]
            made = self._iris(number, local, stems[int(own[0])]) if (own == own[0]).all() else None
            if made is not None:
                found[at] = made
                continue
            texts = zip(own.tolist(), self._texts(number, local), strict=True)
            each = [IRI(stems[g] + quoted(t)) if stems[g] and t is not None else IRI("") for g, t in texts]
            found[at] = each
            if not all(each):
                known = np.ones(len(places), bool) if known is None else known
                known[at] = [bool(one) for one in each]
        return found, known

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
        # numpy takes whole rows nine times as fast as it indexes them
        made = reader.unpacked(self._arrays[f"{self._name}:{number}"].take(at, axis=0), stem)
        if not (reader.plain or PLAIN[made[:, len(stem) :]].all()):
            return None
        return [IRI(one, "ascii") for (one,) in iter_unpack(f"{made.shape[1]}s", made.data)]

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
        made = self._reader(number).unpacked(data.take(at, axis=0))
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


def hashes_of(texts: Sequence[str]) -> set[int]:
    """The hashes of many texts, those of one length together."""
    by_length: dict[int, list[bytes]] = {}
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        by_length.setdefault(len(data), []).append(data)
    found: set[int] = set()
    for length, same in by_length.items():
        size = 8 * width_of(length)
        words = np.frombuffer(b"".join(one.ljust(size, b"\0") for one in same), "<u8")
        found.update(hashes_of_words(words.reshape(len(same), width_of(length)), length).tolist())
    return found


def width_of(length: int) -> int:
    """Words of eight bytes that hold a text of some bytes."""
    return -(-length // 8)


def mask_of(length: int) -> np.uint64 | None:
    """What the last word of a text holds of it; None: all."""
    return np.uint64((1 << length % 8 * 8) - 1) if length % 8 else None


def hashes_of_words(words: Array, length: int) -> Array:
    """Hashes of texts of one length as little-endian words (n, words), filled up with zeros.

    A sum of products with odd numbers, mixed so that each bit of the text has a part in each bit (Dietzfelbinger 1996).
    """
    with np.errstate(over="ignore"):
        found = words @ _factors(words.shape[1]) + np.uint64(length * _ODD & _ALL)
        found ^= found >> np.uint64(29)
        found *= np.uint64(_ODD)
    return np.asarray((found >> np.uint64(32)).astype(np.uint32))


def _factors(count: int) -> Array:
    """Odd numbers without a pattern."""
    found = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_ODD)
    found ^= found >> np.uint64(30)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    return np.asarray(found | np.uint64(1))
