"""Assets and records of scenes, one by one: what a page of scenes shows, without unpacking whole row groups for it.

A large Parquet part has a file beside it that holds, of each scene with any, its assets and its record as it was read,
packed one by one with a dictionary that all share. Some hundred scenes are then read in milliseconds; from Parquet it
takes as long as unpacking all scenes of the row groups that they lie in. Small parts are read from Parquet.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.scenes.index.file import Array, Arrays, Damaged, write_arrays
from kg.scenes.plan import Plan
from kg.scenes.terms import Column, SceneIn

if TYPE_CHECKING:
    from kg.columns import Engine
    from kg.scenes.table import SceneTable

Key = tuple[str, str]
"""Collection and identifier of a scene."""

SUFFIX = ".records"
_FORMAT = 1
_SMALL = 4_000_000  # bytes of a part that is read as soon as looked up
_BLOB = 16_000_000  # bytes of packed records in one array
_CHUNK = 1_000
_DICTIONARY = 32_000
_HEAD = struct.Struct("<III")
_NOTHING = ("{}", "")
_SELECT = tuple(map(Column, ("collection", "id", "assets", "original")))


def records_of(table: SceneTable, keys: Sequence[Key]) -> dict[Key, tuple[str, str]]:
    """Assets and record (JSON, as text) of those scenes that there are; a table that has files answers in milliseconds.

    Args:
        table: the scenes.
        keys: which ones; those that are not in the table may come back with nothing in both texts.
    """
    if not keys or table.is_empty:
        return {}
    packs = [_opened(part) for part in table.parts]
    found: dict[Key, tuple[str, str]] = {}
    if packs and any(packs):
        hashes = [(key, _hash(key)) for key in keys]
        found = {key: one for pack in packs if pack is not None for key, mark in hashes if (one := pack.get(key, mark))}
        rest = [part for part, pack in zip(table.parts, packs, strict=True) if pack is None]
        left = [key for key in keys if key not in found]
        if rest and left:
            found |= _texts(table.engine.rows(*_asked(rest, left)))
        return dict.fromkeys(keys, _NOTHING) | found
    return _from_parquet(table, keys)


def _from_parquet(table: SceneTable, keys: Sequence[Key]) -> dict[Key, tuple[str, str]]:
    return _texts(table.run(Plan(_SELECT, (SceneIn(tuple(keys)),))))


def _asked(parts: Sequence[Path], keys: Sequence[Key]) -> tuple[str, dict[str, Any]]:
    from kg.columns import table_of
    from kg.scenes.sql import Statement

    made = Statement(Plan(_SELECT, (SceneIn(tuple(keys)),)), table_of(parts))
    return made.sql, made.parameters


def _texts(rows: Sequence[tuple[Any, ...]]) -> dict[Key, tuple[str, str]]:
    return {(one[0], one[1]): (one[2] or "", one[3] or "") for one in rows}


def records_path(part: Path) -> Path:
    """Where the records of a part lie."""
    return part.with_suffix(SUFFIX)


def lacking_records(parts: Sequence[Path]) -> list[Path]:
    """The large parts whose file of records is absent, not whole, or of another format."""
    return [part for part in parts if part.stat().st_size > _SMALL and _opened(part) is None]


def build_records(engine: Engine, part: Path) -> None:
    """Writes the file of a part.

    Raises:
        StoreCorrupt: the part cannot be read.
        OSError: the file cannot be written.
    """
    header = {"format": _FORMAT, "part": part.stat().st_size}
    write_arrays(records_path(part), header, _arrays(engine, part))


class _Pack:
    """An open file of records. Safe for threads."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._keys = arrays["keys"]
        self._places = arrays["places"]
        self._dictionary = arrays["dictionary"].tobytes()

    def get(self, key: Key, wanted: int) -> tuple[str, str] | None:
        """Assets and record of a scene by its key and that one's hash; None where it is not here, or has neither."""
        at = int(self._keys.searchsorted(np.uint64(wanted)))
        while at < len(self._keys) and int(self._keys[at]) == wanted:
            blob, first, length = (int(one) for one in self._places[at])
            data = self._arrays[f"blob {blob}"][first : first + length].tobytes()
            head, *texts = _unpacked(data, self._dictionary)
            if (head, texts[0]) == key:
                return texts[1], texts[2]
            at += 1
        return None


_open: dict[Path, _Pack] = {}
_opening = threading.Lock()
_MOST_OPEN = 64


def _opened(part: Path) -> _Pack | None:
    """The records of a part, which never change once they are there."""
    path = records_path(part)
    found = _open.get(path)
    if found is not None:
        return found
    try:
        arrays = Arrays.open(path)
        if arrays.header.get("format") != _FORMAT or arrays.header.get("part") != part.stat().st_size:
            return None
        made = _Pack(arrays)
    except (OSError, Damaged, KeyError, ValueError):
        return None
    with _opening:
        while len(_open) >= _MOST_OPEN:
            del _open[next(iter(_open))]
        _open[path] = made
    return made


def _hash(key: Key) -> int:
    data = "\0".join(key).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _arrays(engine: Engine, part: Path) -> Iterator[tuple[str, Array]]:
    from kg.columns import table_of

    select = f"SELECT collection, id, assets, original FROM {table_of([part])}"
    select += " WHERE strlen(assets) > 2 OR strlen(original) > 0"
    dictionary: bytes | None = None
    packer: Any = None
    keys: list[int] = []
    places: list[tuple[int, int, int]] = []
    blob, number = bytearray(), 0
    for rows in engine.chunks(select, {}, _CHUNK):
        if dictionary is None:
            dictionary = b"".join("".join(map(str, row)).encode("utf-8", "replace") for row in rows[:40])[-_DICTIONARY:]
            packer = zlib.compressobj(3, zdict=dictionary)
        for collection, identifier, assets, original in rows:
            data = _packed((collection, identifier, assets or "", original or ""), packer)
            if blob and len(blob) + len(data) > _BLOB:
                yield f"blob {number}", np.frombuffer(bytes(blob), np.uint8)
                blob, number = bytearray(), number + 1
            keys.append(_hash((collection, identifier)))
            places.append((number, len(blob), len(data)))
            blob += data
    yield f"blob {number}", np.frombuffer(bytes(blob), np.uint8)
    order = np.argsort(np.asarray(keys, np.uint64), kind="stable")
    yield "keys", np.asarray(keys, np.uint64)[order]
    yield "places", np.asarray(places, np.uint32).reshape(len(places), 3)[order]
    yield "dictionary", np.frombuffer(dictionary or b"", np.uint8)


def _packed(texts: tuple[str, str, str, str], packer: Any) -> bytes:  # noqa: ANN401 - a zlib object
    parts = [one.encode("utf-8", "surrogatepass") for one in texts]
    one = packer.copy()
    head = _HEAD.pack(*map(len, parts[:3]))
    return bytes(one.compress(head + b"".join(parts)) + one.flush())


def _unpacked(data: bytes, dictionary: bytes) -> tuple[str, str, str, str]:
    raw = zlib.decompressobj(zdict=dictionary).decompress(data)
    ends = np.cumsum([_HEAD.size, *_HEAD.unpack_from(raw)]).tolist()
    cut = [raw[one:two] for one, two in zip(ends, [*ends[1:], len(raw)], strict=True)]
    one, two, three, four = (each.decode("utf-8", "surrogatepass") for each in cut)
    return one, two, three, four
