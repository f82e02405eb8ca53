"""Cells of chips, decoded: each block of a file inflated once and scattered into the batches that want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ontology.errors import EarthdexError, RasterError
from training.engine.ahead import SMALL, remote
from training.engine.cut import place, plane_window, required_grids
from training.engine.planes import Plane, Source
from training.engine.ring import Open
from training.engine.targets import Scheme
from training.tiff import codecs
from training.tiff.read import Place, measured, places, ranges, read_window, strips
from training.tiff.resample import resample
from training.tiff.tags import damaged
from training.tiff.warp import source_window, window_grid
from training.types import Array, Bytes

_MOST_UNION = 1 << 27
_ASKED_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a chip goes and where it comes from.

    Attributes:
        batch: the batch.
        at: its place in the batch.
        row: upper edge on the chip grid.
        column: left edge.
        height: pixels.
        width: pixels.
    """

    batch: Open
    at: int
    row: int
    column: int
    height: int
    width: int


class Failures:
    """Chips of a cell that failed, each with its first error."""

    def __init__(self) -> None:
        self.of: dict[int, tuple[str, EarthdexError]] = {}

    def add(self, slot: Slot, href: str, error: EarthdexError) -> None:
        """Notes that a chip cannot be had."""
        self.of.setdefault(id(slot), (href, error))


def fill(source: Source, slots: Sequence[Slot], data: Bytes, method: str, scheme: Scheme) -> Failures:
    """Fills the slots of one item's chips.

    Args:
        source: the item.
        slots: its chips.
        data: where bytes come from.
        method: of resampling images.
        scheme: of class values.
    """
    failures = Failures()
    for plane in source.planes:
        if _by_blocks(plane):
            _fill_blocks(plane, slots, data, None, failures)
        else:
            _fill_windows(plane, source, slots, data, method, None, failures)
    if source.target is not None:
        if _by_blocks(source.target):
            _fill_blocks(source.target, slots, data, scheme, failures)
        else:
            _fill_windows(source.target, source, slots, data, "nearest", scheme, failures)
    return failures


def _by_blocks(plane: Plane) -> bool:
    one = plane.header
    return plane.aligned and not one.fallback and one.mask is None and (not one.alpha or plane.nodata is not None)


def _fill_blocks(plane: Plane, slots: Sequence[Slot], data: Bytes, scheme: Scheme | None, failures: Failures) -> None:
    one = plane.header
    if len(slots) == 1 and scheme is None and _whole(plane, slots[0]):
        _fill_whole(plane, slots[0], data, failures)
        return
    wanted: dict[int, tuple[Place, list[Slot]]] = {}
    for slot in slots:
        if slot.row + slot.height > one.height or slot.column + slot.width > one.width:
            failures.add(slot, one.href, RasterError(f"{one.href} ends before the chip.", "Make the lock anew."))
            continue
        for block in places(one, slot.row, slot.column, slot.height, slot.width):
            wanted.setdefault(block.number, (block, []))[1].append(slot)
    direct = scheme is None and _direct(plane)
    plain = plane.nodata is None and np.dtype(one.dtype).kind in "ui"
    # in the order of the file
    every = sorted(wanted.values(), key=lambda each: each[0].number)
    # a server is asked for many blocks at once, a disk for one after another
    step = _ASKED_TOGETHER if remote(one.href) else 1
    for first in range(0, len(every), step):
        for block, takers, raws in _fetched(plane, every[first : first + step], data, failures):
            try:
                if direct and len(takers) == 1 and len(raws[0]) and _covers(takers[0], block, plane):
                    _straight(plane, block, raws[0], takers[0])
                    continue
                if direct and plain and len(raws[0]):
                    _copied(block, raws[0], takers, plane)
                    continue
                for top, strip in strips(one, block, raws, plane.bands):
                    for slot in takers:
                        _scatter(plane, block.row + top, block.column, strip, slot, scheme)
            except EarthdexError as error:
                for slot in takers:
                    failures.add(slot, one.href, error)


def _fetched(
    plane: Plane, blocks: Sequence[tuple[Place, list[Slot]]], data: Bytes, failures: Failures
) -> list[tuple[Place, list[Slot], list[memoryview]]]:
    """Blocks with their bytes, but for those that cannot be had."""
    one = plane.header
    good: list[tuple[Place, list[Slot], list[tuple[int, int]]]] = []
    for block, takers in blocks:
        try:
            good.append((block, takers, ranges(one, block, plane.bands)))
        except EarthdexError as error:
            for slot in takers:
                failures.add(slot, one.href, error)
    flat = [each for _, _, asked in good for each in asked if each[1]]
    try:
        got = iter(data.read_ranges(one.href, flat) if flat else [])
    except EarthdexError as error:
        for _, takers, _ in good:
            for slot in takers:
                failures.add(slot, one.href, error)
        return []
    empty = memoryview(b"")
    return [(block, takers, [next(got) if length else empty for _, length in asked]) for block, takers, asked in good]


def _whole(plane: Plane, slot: Slot) -> bool:
    """Whether the chip is the whole of a small file of strips, which are put together before they are undone."""
    one = plane.header
    size = one.width * one.height * one.samples * np.dtype(one.dtype).itemsize
    return (
        (slot.row, slot.column, slot.height, slot.width) == (0, 0, one.height, one.width)
        and not one.tiled
        and size <= SMALL
        and slot.batch.image.dtype == one.dtype
        and _direct(plane)
        and bool(one.counts.all())
    )


def _fill_whole(plane: Plane, slot: Slot, data: Bytes, failures: Failures) -> None:
    one = plane.header
    try:
        asked = list(zip(one.offsets.tolist(), one.counts.tolist(), strict=True))[: one.down]
        if max(start + length for start, length in asked) > one.size:
            raise damaged(one.href, "a block ends behind the file")
        out = slot.batch.image[slot.at, plane.together]
        codecs.image_into(one, data.read_ranges(one.href, asked), out)
        seen = measured(out, plane.nodata)
        if seen is not None:
            slot.batch.valid[slot.at] &= seen
    except EarthdexError as error:
        failures.add(slot, one.href, error)


def _direct(plane: Plane) -> bool:
    """Whether blocks can be inflated into a batch as they are."""
    one = plane.header
    return (
        not one.planar
        and one.bits > 1
        and one.predictor != 3
        and not plane.calibrated
        and plane.bands == tuple(range(one.samples))
        and plane.together is not None
    )


def _covers(slot: Slot, block: Place, plane: Plane) -> bool:
    """Whether a whole stored block lies inside the chip."""
    one = plane.header
    width = one.block_width
    height = codecs.rows_of(one, block.block_row)
    return (
        slot.batch.image.dtype == one.dtype
        and slot.row <= block.row
        and slot.column <= block.column
        and block.row + height <= slot.row + slot.height
        and block.column + width <= slot.column + slot.width
    )


def _straight(plane: Plane, block: Place, raw: memoryview, slot: Slot) -> None:
    one = plane.header
    rows = codecs.rows_of(one, block.block_row)
    top, left = block.row - slot.row, block.column - slot.column
    inside = (slice(top, top + rows), slice(left, left + one.block_width))
    out = slot.batch.image[(slot.at, plane.together, *inside)]
    codecs.decode_into(one, raw, rows, out)
    seen = measured(out, plane.nodata)
    if seen is not None:
        slot.batch.valid[(slot.at, *inside)] &= seen


def _copied(block: Place, raw: memoryview, takers: Sequence[Slot], plane: Plane) -> None:
    """As `_scatter`, of whole numbers without a nodata value: nothing but rectangles copied."""
    one = plane.header
    copies = []
    for slot in takers:
        left, right = max(slot.column, block.column), min(slot.column + slot.width, block.column + block.width)
        top, bottom = max(slot.row, block.row), min(slot.row + slot.height, block.row + block.height)
        target = slot.batch.image[slot.at, plane.together, :, left - slot.column : right - slot.column]
        across = slice(left - block.column, right - block.column)
        copies.append((target, top - block.row, bottom - block.row, block.row - slot.row, across))
    for start, strip in codecs.strips(one, raw, codecs.rows_of(one, block.block_row)):
        end = start + strip.shape[1]
        for target, top, bottom, shift, across in copies:
            first, last = max(top, start), min(bottom, end)
            if first < last:
                target[:, first + shift : last + shift] = strip[:, first - start : last - start, across]


def _scatter(plane: Plane, row: int, column: int, strip: Array, slot: Slot, scheme: Scheme | None) -> None:
    """Copies what a chip wants of (bands, rows, columns) that begin at `row` and `column` of the raster."""
    top, bottom = max(slot.row, row), min(slot.row + slot.height, row + strip.shape[1])
    left, right = max(slot.column, column), min(slot.column + slot.width, column + strip.shape[2])
    if top >= bottom or left >= right:
        return
    part = strip[:, top - row : bottom - row, left - column : right - column]
    inside = (slice(top - slot.row, bottom - slot.row), slice(left - slot.column, right - slot.column))
    seen = measured(part, plane.nodata)
    if scheme is not None:
        if slot.batch.mask is not None:
            everywhere = np.ones(part.shape[1:], dtype=bool) if seen is None else seen
            slot.batch.mask[(slot.at, *inside)] = scheme.mask(part[0], everywhere)
        return
    place(plane, part, slot.batch.image[(slot.at, slice(None), *inside)])
    if seen is not None:
        slot.batch.valid[(slot.at, *inside)] &= seen


def _fill_windows(
    plane: Plane,
    source: Source,
    slots: Sequence[Slot],
    data: Bytes,
    method: str,
    scheme: Scheme | None,
    failures: Failures,
) -> None:
    """Chips of a file on another grid, or that GDAL must decode: its pixels are read once for all of them."""
    held = _Held(plane, source, slots, data)
    for slot in slots:
        try:
            values, seen = held.window(slot, method)
        except EarthdexError as error:
            failures.add(slot, plane.header.href, error)
            continue
        if scheme is not None:
            if slot.batch.mask is not None:
                slot.batch.mask[slot.at] = scheme.mask(values[0], seen)
        else:
            place(plane, values, slot.batch.image[slot.at])
            slot.batch.valid[slot.at] &= seen


class _Held:
    """The pixels of a file that several chips need, read once where that is less than reading each."""

    def __init__(self, plane: Plane, source: Source, slots: Sequence[Slot], data: Bytes) -> None:
        self._plane, self._source, self._data = plane, source, data
        self._union: tuple[int, int, int, int] | None = None
        self._wanted: dict[int, tuple[int, int, int, int] | None] = {}
        self._values: tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]] | None = None
        if plane.aligned or len(slots) < 2:
            return
        try:
            self._wanted = {id(slot): self._needed(slot) for slot in slots}
        except EarthdexError:
            return
        needed = [one for one in self._wanted.values() if one is not None]
        if len(needed) < 2:
            return
        top, left = min(one[0] for one in needed), min(one[1] for one in needed)
        bottom = max(one[0] + one[2] for one in needed)
        right = max(one[1] + one[3] for one in needed)
        whole = (bottom - top) * (right - left)
        size = len(plane.bands) * np.dtype(plane.header.dtype).itemsize
        if whole <= 2 * sum(one[2] * one[3] for one in needed) and whole * size <= _MOST_UNION:
            bands = [band + 1 for band in plane.bands]
            window = (top, left, bottom - top, right - left)
            try:
                self._values = read_window(data, plane.header, bands, *window, nodata=plane.nodata)
                self._union = window
            except EarthdexError:
                # a damaged block spoils only the chips that touch it
                return

    def _needed(self, slot: Slot) -> tuple[int, int, int, int] | None:
        target = window_grid(self._source.grid, slot.row, slot.column, slot.height, slot.width)
        required_grids(self._plane, self._source)
        return source_window(self._plane.header.grid, target)

    def window(self, slot: Slot, method: str) -> tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        """As `plane_window`, from what is held."""
        window = (slot.row, slot.column, slot.height, slot.width)
        needed = self._wanted.get(id(slot)) if self._union is not None else None
        if needed is None or self._union is None or self._values is None:
            return plane_window(self._plane, self._source, self._data, method, *window)
        row, column = needed[0] - self._union[0], needed[1] - self._union[1]
        inside = (slice(row, row + needed[2]), slice(column, column + needed[3]))
        values, seen = self._values[0][(slice(None), *inside)], self._values[1][inside]
        grid = window_grid(self._plane.header.grid, *needed)
        return resample(values, seen, grid, window_grid(self._source.grid, *window), method)
