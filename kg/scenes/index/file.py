"""The file of an index: a header in JSON, then arrays, each at a multiple of 64 bytes, read only where touched."""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
_MAGIC = b"EDXCOL01"
_STEP = 64
_CHECKED = 2**25  # bytes of an array whose checksum is looked at when it is first read
FORMAT = 3
"""Of what an index holds and how; another one is made anew."""


class Damaged(Exception):
    """The file is no index, or not whole."""


class Arrays:
    """Arrays by name, with what else is to be known of them.

    Attributes:
        header: plain values.
    """

    def __init__(
        self, header: Mapping[str, Any], arrays: Mapping[str, Array], sums: Mapping[str, int] | None = None
    ) -> None:
        self.header = dict(header)
        self._arrays = dict(arrays)
        self._sums = dict(sums or {})  # of arrays that were not looked at yet

    def __getitem__(self, name: str) -> Array:
        found = self._arrays[name]
        if name in self._sums:
            if found.nbytes <= _CHECKED and zlib.crc32(found.data) != self._sums[name]:
                raise Damaged(name)
            self._sums.pop(name, None)
        return found

    def get(self, name: str) -> Array | None:
        """An array; None where there is none."""
        return self[name] if name in self._arrays else None

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    @property
    def size(self) -> int:
        """Bytes of all arrays."""
        return sum(one.nbytes for one in self._arrays.values())

    def texts(self, name: str) -> list[Any]:
        """An array that `packed` made, as the list that it was."""
        found: list[Any] = json.loads(self[name].tobytes())
        return found

    def write(self, path: Path) -> None:
        """Writes a file that is whole and on disk once it has its name."""
        places: dict[str, tuple[str, list[int], int]] = {}
        sums = {name: zlib.crc32(np.ascontiguousarray(one).data) for name, one in self._arrays.items()}
        at = 0
        for name, array in self._arrays.items():
            places[name] = (array.dtype.str, list(array.shape), at)
            at += -(-array.nbytes // _STEP) * _STEP
        header = json.dumps({"values": self.header, "arrays": places, "length": at, "sums": sums}).encode()
        header += b" " * (-(len(header) + 24) % _STEP)
        draft = path.with_name(path.name + ".draft")
        with draft.open("wb") as file:
            file.write(_MAGIC + len(header).to_bytes(8, "little") + zlib.crc32(header).to_bytes(8, "little") + header)
            for array in self._arrays.values():
                file.write(np.ascontiguousarray(array).data)
                file.write(b"\0" * (-array.nbytes % _STEP))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)

    @classmethod
    def open(cls, path: Path) -> Arrays:
        """Maps a file; nothing but the header is read.

        Raises:
            Damaged: it is not what `write` wrote, to its full length.
            OSError: it cannot be read.
        """
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(24)
            length = int.from_bytes(start[8:16], "little")
            if start[:8] != _MAGIC or length > size:
                raise Damaged(path)
            text = file.read(length)
            if zlib.crc32(text) != int.from_bytes(start[16:24], "little"):
                raise Damaged(path)
            read = json.loads(text)
            if size != 24 + length + read["length"]:
                raise Damaged(path)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        first = 24 + length
        return cls(
            read["values"],
            {
                name: np.frombuffer(mapped, np.dtype(kind), _product(shape), first + at).reshape(shape)
                for name, (kind, shape, at) in read["arrays"].items()
            },
            read.get("sums"),
        )


def packed(values: list[Any]) -> Array:
    """A list of plain values as an array of bytes."""
    return np.frombuffer(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"), np.uint8)


def _product(shape: list[int]) -> int:
    count = 1
    for one in shape:
        count *= one
    return count
