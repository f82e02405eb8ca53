"""Windows of a GeoTIFF, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ontology.errors import RasterError
from training.tiff import codecs
from training.tiff.header import KINDS, MOST_BLOCK, TiffHeader, require_bands
from training.tiff.tags import damaged
from training.types import Array, Bytes

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Place:
    """One block on the raster: its number in each plane, and the pixels that it covers inside the raster."""

    number: int
    block_row: int
    row: int
    column: int
    height: int
    width: int


def places(header: TiffHeader, row: int, column: int, height: int, width: int) -> list[Place]:
    """The blocks that a window touches, row by row."""
    found = []
    for down in range(row // header.block_height, -(-(row + height) // header.block_height)):
        top = down * header.block_height
        for across in range(column // header.block_width, -(-(column + width) // header.block_width)):
            left = across * header.block_width
            found.append(
                Place(
                    down * header.across + across,
                    down,
                    top,
                    left,
                    min(header.block_height, header.height - top),
                    min(header.block_width, header.width - left),
                )
            )
    return found


def ranges(header: TiffHeader, place: Place, bands: Sequence[int]) -> list[tuple[int, int]]:
    """(start, length) of the bytes of a block: one for each of the 0-based `bands` where planar, else one.

    A length of 0 is a block that is not stored.

    Raises:
        RasterError: they lie outside the file.
    """
    plane = header.across * header.down
    numbers = [place.number + band * plane for band in bands] if header.planar else [place.number]
    found = []
    for number in numbers:
        start, length = int(header.offsets[number]), int(header.counts[number])
        if start == 0 or length == 0:
            start = length = 0
        elif start + length > header.size or length > MOST_BLOCK:
            raise damaged(header.href, f"a block ends at byte {start + length:,} of {header.size:,}")
        found.append((start, length))
    return found


def strips(
    header: TiffHeader, place: Place, raws: Sequence[memoryview], bands: Sequence[int]
) -> Iterator[tuple[int, Array]]:
    """A block's pixels, strip by strip.

    Yields:
        The strip's first row within the block, and (len(bands), rows, columns) inside the raster, in memory that may
        be used again.

    Raises:
        RasterError: the bytes are damaged; before the first strip.
    """
    if not any(len(raw) for raw in raws):
        fill = np.asarray(header.nodata or 0, dtype=header.dtype)
        yield 0, np.broadcast_to(fill, (len(bands), place.height, place.width))
        return
    rows = codecs.rows_of(header, place.block_row)
    if header.planar:
        together = np.empty((len(bands), place.height, place.width), dtype=header.dtype)
        for plane, raw in zip(together, raws, strict=True):
            if len(raw):
                for top, part in codecs.strips(header, raw, rows):
                    inside = part[0, : place.height - top, : place.width]
                    plane[top : top + len(inside)] = inside
            else:
                plane[...] = header.nodata or 0
        yield 0, together
        return
    for top, part in codecs.strips(header, raws[0], rows):
        if top < place.height:
            yield top, _chosen(part, bands)[:, : place.height - top, : place.width]


def _chosen(part: Array, bands: Sequence[int]) -> Array:
    """Bands of a strip, as a view where they are a range."""
    first = bands[0]
    if list(bands) == list(range(first, first + len(bands))):
        return part[first : first + len(bands)]
    return part[list(bands)]


def measured(values: Array, nodata: float | None) -> Bools | None:
    """(rows, columns) of (bands, rows, columns): where no band is nodata or NaN; None where that cannot be."""
    found: list[Bools] = []
    if nodata is not None and nodata == nodata:
        found.append(np.asarray(np.not_equal(values, np.asarray(nodata).astype(values.dtype)).all(axis=0)))
    if values.dtype.kind == "f":
        found.append(np.asarray(~np.isnan(values).any(axis=0)))
    if len(found) == 2:
        found[0] &= found[1]
    return found[0] if found else None


def read_window(
    data: Bytes,
    header: TiffHeader,
    bands: Sequence[int],
    row: int,
    column: int,
    height: int,
    width: int,
    out: Array | None = None,
    *,
    nodata: float | None = None,
) -> tuple[Array, Bools]:
    """A window of a raster in its own grid.

    Args:
        data: where bytes come from.
        header: of the file.
        bands: 1-based, in the wanted order; all when empty.
        row: of the window's upper edge, in pixels.
        column: of its left edge.
        height: in pixels.
        width: in pixels.
        out: (bands, height, width) to write into.
        nodata: in place of the file's own.

    Returns:
        (bands, height, width) values, and (height, width) that is False where any band is nodata or NaN or the
        file's own mask or opacity is 0.

    Raises:
        FetchError: the bytes cannot be had.
        RasterError: the window is not inside the raster, or the file is damaged.
    """
    chosen = require_bands(header, tuple(bands))
    if (
        row < 0
        or column < 0
        or height < 1
        or width < 1
        or row + height > header.height
        or column + width > header.width
    ):
        raise RasterError(
            f"{header.href} has {header.width} x {header.height} pixels: no {width} x {height} at {column}, {row}.",
            "Choose a window inside it.",
        )
    values = np.empty((len(chosen), height, width), dtype=header.dtype) if out is None else out
    if header.fallback in KINDS:
        from training.tiff import pictures

        got, seen = pictures.read(data, header, chosen, row, column, height, width)
        np.copyto(values, got, casting="unsafe")
        return values, seen
    if header.fallback:
        from training.tiff import fallback

        got, seen = fallback.read(data, header, chosen, row, column, height, width)
        np.copyto(values, got, casting="unsafe")
        return values, seen
    valid = np.ones((height, width), dtype=bool)
    missing = header.nodata if nodata is None else nodata
    # opacity is read beside the bands, unless it is wanted as one of them anyway
    opaque = header.alpha - 1 if header.alpha and header.mask is None and missing is None else -1
    wanted = (*chosen, opaque) if opaque >= 0 and opaque not in chosen else chosen
    touched = places(header, row, column, height, width)
    asked = [ranges(header, place, wanted) for place in touched]
    flat = [one for block in asked for one in block]
    got_bytes = iter(data.read_ranges(header.href, [one for one in flat if one[1]]))
    empty = memoryview(b"")
    for place, block_ranges in zip(touched, asked, strict=True):
        raws = [next(got_bytes) if length else empty for _, length in block_ranges]
        for strip_top, strip in strips(header, place, raws, wanted):
            first = place.row + strip_top
            top, left = max(row, first), max(column, place.column)
            bottom = min(row + height, first + strip.shape[1])
            right = min(column + width, place.column + place.width)
            if top >= bottom:
                continue
            part = strip[:, top - first : bottom - first, left - place.column : right - place.column]
            target = (slice(top - row, bottom - row), slice(left - column, right - column))
            np.copyto(values[(slice(None), *target)], part[: len(chosen)], casting="unsafe")
            seen_here = measured(part[: len(chosen)], missing)
            if seen_here is not None:
                valid[target] = seen_here
            if opaque >= 0:
                valid[target] &= part[wanted.index(opaque)] != 0
    if header.mask is not None:
        valid &= read_window(data, header.mask, (), row, column, height, width)[0][0] != 0
    return values, valid
