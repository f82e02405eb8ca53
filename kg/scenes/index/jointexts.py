"""Texts of several parts as one column: records of layouts that are alike are laid end to end, the others side by side.

Layouts are alike where their records say the same: equal letters at the same places, and the same four or eight bits.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kg.scenes.index.file import Array, Arrays


@dataclass(slots=True)
class _Alike:
    """Layouts of several parts that become one: (part, number, number of its texts)."""

    layout: dict[str, Any]
    members: list[tuple[int, int, int]] = field(default_factory=list)


class Layouts:
    """How a column of texts is joined.

    Args:
        name: of the column.
        parts: the arrays of each.

    Attributes:
        layouts: of the joined column.
    """

    def __init__(self, name: str, parts: Sequence[Arrays]) -> None:
        self._name, self._parts = name, parts
        found: dict[Hashable, _Alike] = {}
        for at, one in enumerate(parts):
            for number, layout in enumerate(one.header["texts"][name]["layouts"]):
                key = _key(layout)
                alike = found.get(key)
                if alike is None:
                    alike = found[key] = _Alike(dict(layout))
                else:
                    _widen(alike.layout, layout)
                alike.members.append((at, number, self._size(one, number, layout)))
        # one for what is not known comes first, since its only place is 0, and plain texts come last
        rank = {"unknown": 0, "packed": 1, "plain": 2}
        self._alike = sorted(found.values(), key=lambda each: rank[each.layout["kind"]])
        first = 0
        for each in self._alike:
            each.layout["first"] = first
            first += 1 if each.layout["kind"] == "unknown" else sum(size for _, _, size in each.members)
        self.layouts = [each.layout for each in self._alike]

    def _size(self, one: Arrays, number: int, layout: Mapping[str, Any]) -> int:
        if layout["kind"] == "unknown":
            return 1
        return len(one[f"{self._name}:{number}" + (":ends" if layout["kind"] == "plain" else "")])

    def arrays(self, order: Array) -> Iterator[tuple[str, Array]]:
        """The arrays, rows of all parts in an order."""
        name = self._name
        yield f"{name}:place", self._places()[order]
        yield f"{name}:hash", np.concatenate([one[f"{name}:hash"] for one in self._parts])[order]
        for number, each in enumerate(self._alike):
            if each.layout["kind"] == "unknown":
                continue
            own = [self._parts[at][f"{name}:{old}"] for at, old, _ in each.members]
            yield f"{name}:{number}", np.concatenate(own)
            if each.layout["kind"] == "plain":
                ends = [self._parts[at][f"{name}:{old}:ends"] for at, old, _ in each.members]
                before = np.cumsum([0, *map(len, own)])
                yield f"{name}:{number}:ends", np.concatenate([e + b for e, b in zip(ends, before, strict=False)])

    def _places(self) -> Array:
        """Where the text of each row is, part by part."""
        tables = [np.zeros(one.header["rows"] + 1, np.uint32) for one in self._parts]
        for each in self._alike:
            first = each.layout["first"]
            for at, number, size in each.members:
                old = self._parts[at].header["texts"][self._name]["layouts"][number]["first"]
                tables[at][old : old + size] = np.arange(first, first + size, dtype=np.uint32)
                first += 0 if each.layout["kind"] == "unknown" else size
        return np.concatenate(
            [table[one[f"{self._name}:place"]] for table, one in zip(tables, self._parts, strict=True)]
        )


def _key(layout: Mapping[str, Any]) -> Hashable:
    """What layouts have in common that are alike."""
    if layout["kind"] != "packed":
        return str(layout["kind"])
    small = tuple((at, values[0] >> 4 if _of_bits(values) else tuple(values)) for at, values in layout["small"])
    constant = tuple(map(tuple, layout["constant"]))
    return layout["length"], constant, small, tuple(layout["wide"])


def _of_bits(values: Sequence[int]) -> bool:
    """Whether a letter is told by its own four lower bits."""
    return len(values) == 16 and len({one >> 4 for one in values}) == 1


def _widen(layout: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Makes a layout that of a further part, too."""
    if layout["kind"] != "packed":
        return
    layout["ascii"] = layout["ascii"] and other["ascii"]
    small = []
    for (at, values), (_, more) in zip(layout["small"], other["small"], strict=True):
        if _of_bits(values):
            low, high = min(*values, *more), max(*values, *more)
            values = [min(max(one, low), high) for one in range(values[0] & 0xF0, (values[0] & 0xF0) + 16)]
        small.append([at, values])
    layout["small"] = small
