"""Items as columns of plain JSON, and back: small to store, quick to check, items made when they are asked for."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any, overload

from ontology.errors import RecordError
from training.select.checks import (
    Check,
    bad_checksum,
    bad_crs,
    bad_href,
    bad_number,
    bad_text,
    bad_time,
    checked,
    integers,
)
from training.select.values import text_problem
from training.types import Grid, Item, Part

MAX_ITEMS = 20_000_000
_PLAIN = 1 << 17
_SINGLE = ("dataset", "kind", "iri", "label", "fold", "time", "scene", "country", "crs", "width", "height", "block")


def to_columns(items: Sequence[Item], datasets: Sequence[str], shorten: Callable[[Item, str], str]) -> dict[str, Any]:
    """Items as columns.

    Args:
        items: the items.
        datasets: IRIs of the sources, in their order.
        shorten: an href of an item as it is stored: below the root of its source.
    """
    numbers = {iri: number for number, iri in enumerate(datasets)}
    shapes: dict[str, int] = {}
    kinds: list[list[dict[str, Any]]] = []
    codes: list[int] = []
    hrefs: list[str] = []
    sums: list[str] = []
    sizes: list[int] = []
    for item in items:
        kind = [_part_kind(part) for part in item.parts]
        key = repr(kind)
        if key not in shapes:
            shapes[key] = len(kinds)
            kinds.append(kind)
        codes.append(shapes[key])
        for part in item.parts:
            hrefs.append(shorten(item, part.href))
            sums.append(part.checksum)
            sizes.append(part.size)
    grids = [one.grid for one in items]
    blocks = {"block": squeeze([one.block for one in items])} if any(one.block for one in items) else {}
    return {
        **blocks,
        "count": len(items),
        "dataset": squeeze([numbers[one.dataset] for one in items]),
        "iri": squeeze([_short_iri(one, datasets[numbers[one.dataset]]) for one in items]),
        "kinds": kinds,
        "kind": squeeze(codes),
        "href": hrefs,
        "checksum": squeeze(sums),
        "size": squeeze(sizes),
        "label": squeeze([one.label for one in items]),
        "fold": squeeze([one.fold for one in items]),
        "time": squeeze([one.time for one in items]),
        "scene": squeeze([one.scene for one in items]),
        "country": squeeze([one.country for one in items]),
        **_numbers(("west", "south", "east", "north"), [one.bbox for one in items]),
        **_numbers(("a", "b", "c", "d", "e", "f"), [one.transform if one else None for one in grids]),
        "crs": squeeze([one.crs if one else "" for one in grids]),
        "width": squeeze([one.width if one else 0 for one in grids]),
        "height": squeeze([one.height if one else 0 for one in grids]),
    }


def _numbers(names: Sequence[str], rows: Sequence[tuple[float, ...] | None]) -> dict[str, Any]:
    """One column for each number of the rows."""
    return {
        name: squeeze([float(row[at]) if row is not None else None for row in rows]) for at, name in enumerate(names)
    }


def squeeze(column: list[Any]) -> list[Any] | dict[str, Any]:
    """A column as a list; where all values are one, that value; where few are, those with a code for each row."""
    if not column:
        return []
    kinds: dict[Any, int] = {}
    limit = max(1, len(column) // 8)
    for one in column:
        if one not in kinds:
            if len(kinds) > limit:
                return column
            kinds[one] = len(kinds)
    values = list(kinds)
    if len(values) == 1:
        return {"all": values[0]}
    if len(values) > limit or isinstance(column[0], int):
        return column
    return {"values": values, "codes": [kinds[one] for one in column]}


def _part_kind(part: Part) -> dict[str, Any]:
    kind: dict[str, Any] = {"role": part.role}
    if part.bands:
        kind["bands"] = list(part.bands)
    if part.names:
        kind["names"] = list(part.names)
    if part.scale != 1.0 or part.offset != 0.0:
        kind["scale"], kind["offset"] = float(part.scale), float(part.offset)
    if part.nodata is not None:
        # JSON knows no NaN
        kind["nodata"] = "nan" if part.nodata != part.nodata else float(part.nodata)
    return kind


def _short_iri(item: Item, dataset: str) -> str:
    return item.iri.removeprefix(f"{dataset}/item/")


class ItemTable(Sequence[Item]):
    """Items of a lock, made from its columns one by one."""

    def __init__(self, columns: Any, datasets: Sequence[str]) -> None:  # noqa: ANN401
        """Checks all columns at once.

        Raises:
            RecordError: they are not what `to_columns` makes.
        """
        count = columns.get("count") if isinstance(columns, dict) else None
        if type(count) is not int or not 0 <= count <= MAX_ITEMS:
            raise RecordError(f"The lock's number of items makes no sense: {str(count)[:40]}.", "Make the lock anew.")
        self._count = count
        self._datasets = tuple(datasets)
        self._kinds = _kinds(columns.get("kinds"))
        tests = {
            **_ROWS,
            "dataset": integers(0, len(self._datasets)),
            "kind": integers(0, len(self._kinds)),
        }
        rows = {name: checked(columns.get(name), name, count, bad) for name, bad in tests.items()}
        self.dataset, self.kind = rows["dataset"], rows["kind"]
        self.iri, self.label, self.fold, self.time = rows["iri"], rows["label"], rows["fold"], rows["time"]
        self.scene, self.country, self.crs = rows["scene"], rows["country"], rows["crs"]
        self._bbox, self._grid = [rows[one] for one in _NUMBERS[:4]], [rows[one] for one in _NUMBERS[4:]]
        self.width, self.height = rows["width"], rows["height"]
        self.block = checked(columns.get("block", {"all": 0} if count else []), "block", count, integers(0, 1 << 24))
        lengths = [len(one) for one in self._kinds]
        starts = [0, *accumulate(lengths[code] for code in self.kind)]
        self._starts = starts
        self.href = checked(columns.get("href"), "href", starts[-1], bad_href)
        self.checksum = checked(columns.get("checksum"), "checksum", starts[-1], bad_checksum)
        self.size = checked(columns.get("size"), "size", starts[-1], integers(-1, 1 << 62))
        self.join: Callable[[int, str], str] = lambda _, path: path
        self._plain = False

    def joined(self, join: Callable[[int, str], str]) -> ItemTable:
        """The same items with paths joined otherwise: `join(number of the source, stored path)`."""
        other = copy.copy(self)
        other.join = join
        return other

    def chip_sizes(self, columns: dict[str, Any]) -> tuple[Sequence[int], Sequence[int]]:
        """Heights and widths of the chip grids: those of the items, unless told otherwise.

        Raises:
            RecordError: they are no sizes.
        """
        heights = columns.get("chip_height", columns.get("height"))
        widths = columns.get("chip_width", columns.get("width"))
        size = integers(0, 1 << 31)
        tall = checked(heights, "chip_height", self._count, size)
        return list(tall), list(checked(widths, "chip_width", self._count, size))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(self._count))]
        at = index + self._count if index < 0 else index
        if not 0 <= at < self._count:
            raise IndexError(f"There are {self._count:,} items, not one with number {index}.")
        if not self._plain:
            self._expand()
        dataset = self.dataset[at]
        start = self._starts[at]
        parts = tuple(
            Part(
                href=self.join(dataset, self.href[start + number]),
                checksum=self.checksum[start + number],
                size=self.size[start + number],
                **kind,
            )
            for number, kind in enumerate(self._kinds[self.kind[at]])
        )
        stored = self.iri[at]
        bbox = tuple([one[at] for one in self._bbox])
        grid = tuple([one[at] for one in self._grid])
        return Item(
            iri=stored if "://" in stored else f"{self._datasets[dataset]}/item/{stored}",
            dataset=self._datasets[dataset],
            parts=parts,
            label=self.label[at],
            fold=self.fold[at],
            time=self.time[at],
            bbox=None if None in bbox else (bbox[0], bbox[1], bbox[2], bbox[3]),
            grid=None if None in grid else Grid(self.crs[at], _six(grid), self.width[at], self.height[at]),
            scene=self.scene[at],
            country=self.country[at],
            block=self.block[at],
        )

    def _expand(self) -> None:
        """Few items are had faster from plain lists."""
        self._plain = True
        if self._count > _PLAIN:
            return
        for name in _SINGLE:
            setattr(self, name, list(getattr(self, name)))
        self._bbox, self._grid = [list(one) for one in self._bbox], [list(one) for one in self._grid]


def _six(values: tuple[float, ...]) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def _kinds(found: Any) -> list[list[dict[str, Any]]]:  # noqa: ANN401
    if not isinstance(found, list) or len(found) > 100_000:
        raise RecordError("The lock's kinds of item are no list.", "Make the lock anew.")
    kinds = []
    for kind in found:
        if not isinstance(kind, list) or len(kind) > 10_000:
            raise RecordError("A kind of item in the lock is no list of parts.", "Make the lock anew.")
        kinds.append([_kind_of_part(one) for one in kind])
    return kinds


def _kind_of_part(one: Any) -> dict[str, Any]:  # noqa: ANN401
    known = {"role", "bands", "names", "scale", "offset", "nodata"}
    good = (
        isinstance(one, dict)
        and not one.keys() - known
        and isinstance(one.get("role"), str)
        and re.fullmatch(r"[\w-]{1,40}", one["role"]) is not None
        and all(type(b) is int and 1 <= b <= 100_000 for b in _list(one.get("bands")))
        and all(isinstance(n, str) and not text_problem(n, 80) for n in _list(one.get("names")))
        and all(type(one.get(key, 0.0)) in (int, float) for key in ("scale", "offset"))
        and (type(one.get("nodata", 0.0)) in (int, float) or one["nodata"] == "nan")
    )
    if not good:
        raise RecordError(f"A part in the lock is none: {str(one)[:80]}.", "Make the lock anew.")
    kind: dict[str, Any] = {"role": one["role"]}
    if "bands" in one:
        kind["bands"] = tuple(one["bands"])
    if "names" in one:
        kind["names"] = tuple(one["names"])
    for key in ("scale", "offset", "nodata"):
        if key in one:
            kind[key] = float(one[key])
    return kind


def _list(value: Any) -> Iterable[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else () if value is None else (None,)


_NUMBERS = (*("west", "south", "east", "north"), *("a", "b", "c", "d", "e", "f"))
_ROWS: dict[str, Check] = {
    "iri": bad_text,
    "label": integers(-(1 << 31), 1 << 31, or_none=True),
    "fold": bad_text,
    "time": bad_time,
    "scene": bad_text,
    "country": bad_text,
    "crs": bad_crs,
    "width": integers(0, 1 << 31),
    "height": integers(0, 1 << 31),
    **dict.fromkeys(_NUMBERS, bad_number),
}
