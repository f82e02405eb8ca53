"""Which parts have one index together, and which are to get one.

Parts that come one by one cover the same years, and each costs every query some time of its own. So of four or more
that are about as large one joined index is made, and of four or more of those a larger one again: each row is joined a
few times only, and a table of any size has few indexes. Parts keep their own; a joined index is used as long as all its
parts are in the table.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from kg.scenes.index.build import index_path
from kg.scenes.index.file import FORMAT, Damaged, read_header, write_arrays
from kg.scenes.index.join import Join
from kg.scenes.index.part import Part
from kg.scenes.index.vectors import NotHere

SUFFIX = ".joined"
_FEWEST = 4  # indexes that are joined
_LEAST, _MOST = 2_000_000, 16_000_000  # rows of a joined index
_TIERS = (3_000_000, 12_000_000)  # rows: what is larger is not about as large

Sizes = dict[str, int]
"""Bytes of Parquet parts by file name."""


def joins_of(folder: Path, names: Iterable[str]) -> list[tuple[Path, Sizes]]:
    """The joined indexes that serve a table, largest first, none of them for a part of another.

    Args:
        folder: of the parts.
        names: of all parts.
    """
    left, found = set(names), []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError, Damaged, ValueError, KeyError, TypeError, AttributeError):
            header = read_header(path)
            sizes: Sizes = header["parts"]
            whole = all(one in left and (folder / one).stat().st_size == size for one, size in sizes.items())
            if header["format"] == FORMAT and sizes and whole:
                found.append((-int(header["rows"]), path.name, sizes))
    chosen = []
    for _, name, sizes in sorted(found, key=lambda one: one[:2]):
        if sizes.keys() <= left:
            left -= sizes.keys()
            chosen.append((folder / name, sizes))
    return chosen


def opened(parts: Sequence[Path]) -> tuple[list[tuple[Part, Sizes]], list[Path]]:
    """The joined indexes of a table, each with the parts it stands for, and the parts that have none."""
    found: list[tuple[Part, Sizes]] = []
    left = {one.name: one for one in parts}
    folders = {one.parent for one in parts}
    if len(folders) != 1 or len(left) < len(parts):
        return found, list(parts)
    for path, sizes in joins_of(folders.pop(), left):
        one = Part.open_joined(path)
        if one is not None:
            found.append((one, sizes))
            for name in sizes:
                del left[name]
    return found, list(left.values())


def join_parts(parts: Sequence[Path]) -> int:
    """Makes the joined indexes that a table is to have; returns how many.

    Where there is no room for one, or the parts do not go together, they stay as they are.
    """
    units, rest = opened(parts)
    for part in rest:
        one = Part.open(index_path(part), part)
        if one is not None:
            units.append((one, {part.name: part.stat().st_size}))
    made = 0
    while group := _group(units):
        path = parts[0].parent / f"{uuid.uuid4().hex}{SUFFIX}"
        sizes = {name: size for _, own in group for name, size in own.items()}
        try:
            join = Join([one for one, _ in group], sizes)
            write_arrays(path, join.header, join.arrays())
        except (OSError, Damaged, NotHere):
            path.with_name(path.name + ".draft").unlink(missing_ok=True)
            break
        one = Part.open_joined(path)
        if one is None:
            break
        units = [each for each in units if each not in group] + [(one, sizes)]
        made += 1
    return made


def _group(units: Sequence[tuple[Part, Sizes]]) -> list[tuple[Part, Sizes]]:
    """Indexes that are to be joined; none where there are too few that are about as large."""
    for tier in range(len(_TIERS)):
        least = _TIERS[tier - 1] if tier else 0
        group, rows = [], 0
        for one in sorted(units, key=lambda each: each[0].rows):
            if least <= one[0].rows < _TIERS[tier] and rows + one[0].rows <= _MOST:
                group.append(one)
                rows += one[0].rows
        if len(group) >= _FEWEST and rows >= _LEAST:
            return group
    return []
