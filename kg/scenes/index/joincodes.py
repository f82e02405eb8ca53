"""Coded columns of several parts as one: values are numbered anew, for each part by a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kg.scenes.index.file import Array, Arrays, packed
from kg.scenes.index.texts import Texts

_MOST_CODES = 65_535
_MOST_READ = 500_000  # rows whose texts are read one by one


@dataclass(frozen=True, slots=True)
class Codes:
    """A coded column of the joined index.

    Attributes:
        name: of its arrays.
        values: all of them, in order.
        tables: for each part the new code of each of its codes.
        read: codes of the rows of parts that have none of their own, by the number of the part.
    """

    name: str
    values: list[Any] | Array
    tables: list[Array]
    read: dict[int, Array] = field(default_factory=dict)

    def arrays(self, parts: Sequence[Arrays], order: Array) -> Iterator[tuple[str, Array]]:
        """The arrays, rows of all parts in an order."""
        name = self.name
        counts = np.zeros(len(self.values) + 1, np.int64)
        held = [
            np.bincount(self.read[number], minlength=len(table)) if number in self.read else one[f"{name}:counts"]
            for number, (one, table) in enumerate(zip(parts, self.tables, strict=True))
        ]
        for there, table in zip(held, self.tables, strict=True):
            counts[table] += there
        if np.count_nonzero(counts) > 1:
            codes = np.empty(len(order), np.min_scalar_type(len(self.values)))
            at = 0
            for number, (one, table, there) in enumerate(zip(parts, self.tables, held, strict=True)):
                own, rows = self.read[number] if number in self.read else one.get(name), one.header["rows"]
                only = int(np.flatnonzero(there)[0]) if own is None and there.any() else 0
                codes[at : at + rows] = table[only] if own is None else table.astype(codes.dtype)[own]
                at += rows
            yield name, codes[order]
        if isinstance(self.values, list):
            yield f"{name}:texts", packed(self.values)
        else:
            yield f"{name}:values", self.values
        yield f"{name}:counts", counts


def codes_of(name: str, parts: Sequence[Arrays], kind: str) -> Codes | None:
    """How a coded column is joined; None where its values are too many, or are told apart by the sign of zero."""
    if kind in ("text", "list"):
        return _of_texts(name, [one.texts(f"{name}:texts") if f"{name}:texts" in one else [] for one in parts], kind)
    own = [one[f"{name}:values"] if f"{name}:values" in one else np.zeros(0, np.int64) for one in parts]
    there = [one for one in own if len(one)]
    if len({one.dtype for one in there}) > 1:
        return None
    every = np.concatenate(there) if there else own[0]
    if every.dtype.kind == "f" and len(set(np.signbit(every[every == 0.0]).tolist())) > 1:
        return None
    values = np.unique(every)
    if len(values) > _MOST_CODES:
        return None
    return Codes(name, values, [np.concatenate([[0], values.searchsorted(one) + 1]) for one in own])


def codes_of_mixed(name: str, parts: Sequence[Arrays]) -> Codes | None:
    """How texts are joined that are coded in some parts only; None where they are too many to be read or coded."""
    own: list[list[Any]] = []
    read: dict[int, Array] = {}
    if sum(one.header["rows"] for one in parts if name in one.header["texts"]) > _MOST_READ:
        return None
    for number, one in enumerate(parts):
        if name not in one.header["texts"]:
            own.append(one.texts(f"{name}:texts") if f"{name}:texts" in one else [])
            continue
        texts = Texts(one, name).take(slice(0, one.header["rows"]))
        values = sorted({text for text in texts if text is not None})
        codes = {None: 0} | {text: code for code, text in enumerate(values, 1)}
        read[number] = np.array([codes[text] for text in texts], np.int64)
        own.append(values)
    made = _of_texts(name, own, "text")
    return None if made is None else replace(made, read=read)


def _of_texts(name: str, own: list[list[Any]], kind: str) -> Codes | None:
    def key(value: Any) -> str:  # noqa: ANN401 - a text or a list
        return value if kind == "text" else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    there = {key(value): value for values in own for value in values}
    if len(there) > _MOST_CODES:
        return None
    codes = {one: number for number, one in enumerate(sorted(there), 1)}
    tables = [np.array([0, *(codes[key(value)] for value in values)], np.int64) for values in own]
    return Codes(name, [there[one] for one in codes], tables)
