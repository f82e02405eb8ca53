"""The file of an index: arrays, each at a multiple of 64 bytes and read only where touched, then a header in JSON.

The first 64 bytes say where the header is; it comes last, so that arrays can be made one by one while they are written.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
_MAGIC = b"EDXCOL02"
_STEP = 64
_CHECKED = 2**25  # bytes of an array whose checksum is looked at when it is first read
FORMAT = 4
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
        write_arrays(path, self.header, self._arrays.items())

    @classmethod
    def open(cls, path: Path) -> Arrays:
        """Maps a file; nothing but the header is read.

        Raises:
            Damaged: it is not what `write` wrote, to its full length.
            OSError: it cannot be read.
        """
        with path.open("rb") as file:
            read = _header(file, path)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return cls(
            read["values"],
            {
                name: np.frombuffer(mapped, np.dtype(kind), _product(shape), at).reshape(shape)
                for name, (kind, shape, at) in read["arrays"].items()
            },
            read.get("sums"),
        )


def write_arrays(path: Path, header: Mapping[str, Any], arrays: Iterable[tuple[str, Array]]) -> None:
    """Writes a file that is whole and on disk once it has its name.

    Args:
        path: of the file.
        header: plain values; they may be added while the arrays are made.
        arrays: by name, each let go of once it is written.
    """
    places: dict[str, tuple[str, list[int], int]] = {}
    sums: dict[str, int] = {}
    draft = path.with_name(path.name + ".draft")
    with draft.open("wb") as file:
        file.write(b"\0" * _STEP)
        at = _STEP
        for name, array in arrays:
            data = np.ascontiguousarray(array).data
            places[name], sums[name] = (array.dtype.str, list(array.shape), at), zlib.crc32(data)
            file.write(data)
            file.write(b"\0" * (-array.nbytes % _STEP))
            at += -(-array.nbytes // _STEP) * _STEP
        text = json.dumps({"values": dict(header), "arrays": places, "sums": sums}).encode()
        file.write(text)
        file.seek(0)
        file.write(_MAGIC + b"".join(one.to_bytes(8, "little") for one in (at, len(text), zlib.crc32(text))))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def read_header(path: Path) -> dict[str, Any]:
    """The plain values of a file.

    Raises:
        Damaged: it is not what `write` wrote, to its full length.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return dict(_header(file, path)["values"])


def _header(file: BinaryIO, path: Path) -> dict[str, Any]:
    size = os.fstat(file.fileno()).st_size
    start = file.read(_STEP)
    at, length, checksum = (int.from_bytes(start[first : first + 8], "little") for first in (8, 16, 24))
    if start[:8] != _MAGIC or any(start[32:]) or at + length != size or at < _STEP:
        raise Damaged(path)
    file.seek(at)
    text = file.read(length)
    if zlib.crc32(text) != checksum:
        raise Damaged(path)
    read: dict[str, Any] = json.loads(text)
    return read


def packed(values: list[Any]) -> Array:
    """A list of plain values as an array of bytes."""
    return np.frombuffer(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"), np.uint8)


def _product(shape: list[int]) -> int:
    count = 1
    for one in shape:
        count *= one
    return count
