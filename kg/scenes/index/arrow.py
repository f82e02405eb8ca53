"""Batches of columns from an Arrow C stream (arrow.apache.org/docs/format/CStreamInterface.html) as numpy arrays.

The engine hands its results over in memory, without an object a cell and without a copy; only numbers and texts are
read.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ontology.errors import EarthdexError, QueryTooLarge, StoreCorrupt, StoreError

Array = np.ndarray[Any, np.dtype[Any]]
_NUMBERS = {
    "c": np.int8, "C": np.uint8, "s": np.int16, "S": np.uint16, "i": np.int32, "I": np.uint32,
    "l": np.int64, "L": np.uint64, "f": np.float32, "g": np.float64,
}  # fmt: skip
_OFFSETS = {"u": np.int32, "z": np.int32, "U": np.int64, "Z": np.int64}


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_pointer = ctypes.c_void_p
_Schema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", _pointer), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(ctypes.POINTER(_Schema))), ("dictionary", _pointer),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))), ("private", _pointer),
]  # fmt: skip
_Array._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64), ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(_pointer)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))), ("dictionary", _pointer),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))), ("private", _pointer),
]  # fmt: skip
_Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(_Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))), ("private", _pointer),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Values:
    """A column of a batch.

    Attributes:
        data: numbers; of texts and blobs all bytes (uint8) in a row.
        known: which values are not null; None: all.
        offsets: of texts and blobs, where in the data each begins, and the end of the last.
    """

    data: Array
    known: Array | None = None
    offsets: Array | None = None

    @property
    def rows(self) -> int:
        """How many values."""
        return len(self.data) if self.offsets is None else len(self.offsets) - 1


def batches(capsule: object) -> Iterator[dict[str, Values]]:
    """The batches of a stream, columns by name. They are gone once the next one is asked for: copy what is to stay.

    Args:
        capsule: what `__arrow_c_stream__` returned; used up.

    Raises:
        StoreCorrupt: what the engine reads is damaged.
        QueryTooLarge: it has too little memory.
        StoreError: it returned a type that is not read here.
    """
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    stream = ctypes.cast(get(capsule, b"arrow_array_stream"), ctypes.POINTER(_Stream))
    columns = _columns(stream)
    while True:
        batch = _Array()
        if stream.contents.get_next(stream, ctypes.byref(batch)):
            raise _failed(stream)
        if not batch.release:
            return
        try:
            yield {name: _values(batch.children[at].contents, kind) for at, (name, kind) in enumerate(columns)}
        finally:
            batch.release(ctypes.byref(batch))


def _columns(stream: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a pointer
    schema = _Schema()
    if stream.contents.get_schema(stream, ctypes.byref(schema)):
        raise _failed(stream)
    try:
        children = [schema.children[at].contents for at in range(schema.n_children)]
        found = [(one.name.decode(), one.format.decode()) for one in children]
    finally:
        schema.release(ctypes.byref(schema))
    for name, kind in found:
        if kind not in _NUMBERS and kind not in _OFFSETS:
            raise StoreError(f"Column {name!r} of the engine has format {kind!r}, which is not read.", "")
    return found


def _failed(stream: Any) -> EarthdexError:  # noqa: ANN401
    text = (stream.contents.get_last_error(stream) or b"no reason given").decode(errors="replace")[:200]
    if "Out of Memory" in text:
        return QueryTooLarge("The query needs too much memory.", "Add conditions or a LIMIT.")
    return StoreCorrupt(f"A scenes table cannot be read: {text}.", "Add the scenes again with `earthdex add`.")


def _values(array: _Array, kind: str) -> Values:
    length, first = array.length, array.offset
    known = None
    if array.null_count and array.buffers[0]:
        bits = _buffer(array.buffers[0], (first + length + 7) // 8, np.uint8)
        known = np.unpackbits(bits, bitorder="little")[first : first + length].astype(bool)
    if kind in _NUMBERS:
        return Values(_buffer(array.buffers[1], first + length, _NUMBERS[kind])[first:], known)
    offsets = _buffer(array.buffers[1], first + length + 1, _OFFSETS[kind])[first:]
    return Values(_buffer(array.buffers[2], int(offsets[-1]), np.uint8), known, offsets)


def _buffer(address: int | None, count: int, kind: Any) -> Array:  # noqa: ANN401
    """A buffer, as it lies in memory."""
    if not address or not count:
        return np.zeros(count, kind)
    size = count * np.dtype(kind).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(address), kind)
