"""An item made ready for cutting: its files' headers, which bands go to which channels, and its chip grid."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ontology.errors import RasterError
from training.tiff.alike import Alike
from training.tiff.header import TiffHeader, require_bands
from training.tiff.warp import places, target_grid
from training.types import TARGET_ROLES, Bytes, Grid, Item, Part, Recipe

_HELD_HEADERS = 100_000
_MOST_KINDS = 1000
# how much coarser than the chip grid an overview may be, in pixels of the image: sides are seldom divided evenly
_SLACK = 0.1


@dataclass(frozen=True, slots=True)
class Plane:
    """Bands of one file that fill some channels of a chip.

    Attributes:
        part: the file.
        header: its structure.
        bands: 0-based bands of the file.
        channels: 0-based channels of the chip that they fill; empty for a target.
        nodata: value that means nothing was measured.
        scale: of each band: physical = stored * scale + shift.
        shift: see `scale`.
        aligned: whether its pixels are those of the chip grid.
        calibrated: whether scale or offset change anything.
        together: `channels` as a slice, where they follow one another.
    """

    part: Part
    header: TiffHeader
    bands: tuple[int, ...]
    channels: tuple[int, ...]
    nodata: float | None
    scale: tuple[float, ...]
    shift: tuple[float, ...]
    aligned: bool
    calibrated: bool
    together: slice | None


@dataclass(frozen=True, slots=True)
class Source:
    """An item whose headers are known.

    Attributes:
        item: it.
        grid: its chip grid.
        planes: images, in the order of channels.
        target: raster of class values, or None.
        vector: part with GeoJSON or COCO labels, or None.
        channels: of a chip.
        dtype: of its pixels in a batch.
    """

    item: Item
    grid: Grid
    planes: tuple[Plane, ...]
    target: Plane | None
    vector: Part | None
    channels: int
    dtype: np.dtype[np.generic]


class Headers:
    """Headers of files, each read once; safe between threads."""

    def __init__(self, data: Bytes, held: int = _HELD_HEADERS) -> None:
        self._data, self._most = data, held
        self._held: OrderedDict[str, TiffHeader] = OrderedDict()
        self._alike = Alike()
        self._sources: dict[tuple[object, ...], Source] = {}
        self._lock = threading.Lock()

    def get(self, href: str) -> TiffHeader:
        """The header of a file. Raises FetchError, RasterError."""
        with self._lock:
            found = self._held.get(href)
        if found is None:
            found = self._alike.header(self._data, href)
            with self._lock:
                self._held[href] = found
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
        return found

    def resolved(self, part: Part, item: Item, recipe: Recipe) -> Source | None:
        """An item of one file from one whose file was written alike. Raises FetchError, RasterError."""
        one = self.get(part.href)
        like = self._sources.get(_key(part, one, recipe)) if one.alike else None
        if like is None:
            return None
        (p,) = like.planes
        plane = Plane(
            part, one, p.bands, p.channels, p.nodata, p.scale, p.shift, p.aligned, p.calibrated, p.together
        )  # fmt: skip
        return Source(item, one.grid, (plane,), None, None, like.channels, like.dtype)

    def resolved_as(self, made: Source, recipe: Recipe) -> None:
        """Remembers how an item of one file was resolved."""
        if len(made.planes) == 1 and made.planes[0].header.alike and len(self._sources) < _MOST_KINDS:
            self._sources[_key(made.planes[0].part, made.planes[0].header, recipe)] = made


def _key(part: Part, one: TiffHeader, recipe: Recipe) -> tuple[object, ...]:
    """All that decides about the channels of a file, but for its place."""
    kind = (part.role, part.bands, part.names, part.scale, part.offset, part.nodata)
    return one.alike, *kind, recipe.bands, recipe.dtype, recipe.calibrate, recipe.crs, recipe.resolution


def resolve(item: Item, recipe: Recipe, headers: Headers) -> Source:
    """Reads the headers of an item and works out its channels.

    Raises:
        FetchError: a file cannot be had.
        RasterError: a file is no GeoTIFF or damaged, lacks a band, or does not overlap the others.
    """
    if len(item.parts) == 1 and item.parts[0].role not in TARGET_ROLES:
        like = headers.resolved(item.parts[0], item, recipe)
        if like is not None:
            return like
    images = [part for part in item.parts if part.role not in TARGET_ROLES]
    if not images:
        raise RasterError(f"{item.iri} has no image.", "Give it one, or read its table.")
    found = [(part, headers.get(part.href)) for part in images]
    # bands of one scene in several resolutions: the finest is the chip grid
    finest = max(found, key=lambda one: one[1].width * one[1].height)[1]
    grid = target_grid(finest.grid, recipe)
    chosen = _channels(item, found, recipe.bands)
    planes = []
    for number, (part, one) in enumerate(found):
        mine = [(channel, band) for channel, (at, band) in enumerate(chosen) if at == number]
        if mine:
            bands, channels = tuple(band for _, band in mine), tuple(channel for channel, _ in mine)
            planes.append(_plane(part, _coarser(one, grid), bands, channels, grid, recipe))
    label = next((part for part in item.parts if part.role == "label"), None)
    target = None
    if label is not None:
        one = _placed(headers.get(label.href), finest)
        target = _plane(label, one, require_bands_of(label, headers)[:1], (), grid, recipe)
    kinds = [np.dtype(plane.header.dtype) for plane in planes]
    if recipe.dtype:
        dtype: np.dtype[np.generic] = np.dtype(recipe.dtype)
    elif recipe.calibrate:
        dtype = np.dtype(np.float32)
    else:
        dtype = np.result_type(*kinds)
    vector = next((part for part in item.parts if part.role == "vector"), None)
    made = Source(item, grid, tuple(planes), target, vector, len(chosen), dtype)
    if len(item.parts) == 1 and grid is finest.grid:
        headers.resolved_as(made, recipe)
    return made


def _coarser(one: TiffHeader, grid: Grid) -> TiffHeader:
    """The coarsest overview that is as fine as the chip grid; the image itself where there is none."""
    if not one.overviews or grid == one.grid or not one.grid.crs or not grid.crs:
        return one
    middle = np.asarray([grid.height / 2, grid.height / 2 + 1, grid.height / 2])
    across = np.asarray([grid.width / 2, grid.width / 2, grid.width / 2 + 1])
    rows, columns = places(one.grid, grid, middle, across)
    steps = np.hypot(rows[1:] - rows[0], columns[1:] - columns[0])
    times = float(steps.min()) if np.isfinite(steps).all() else 0.0
    fit = [each for each in one.overviews if one.width / each.width <= times + _SLACK]
    return fit[-1] if fit else one


def _placed(one: TiffHeader, image: TiffHeader) -> TiffHeader:
    """A label raster without georeference but with the image's size lies where the image does."""
    same = (one.height, one.width) == (image.height, image.width)
    return replace(one, grid=image.grid) if same and not one.grid.crs else one


def require_bands_of(part: Part, headers: Headers) -> tuple[int, ...]:
    """0-based bands of a part. Raises RasterError where its file lacks one."""
    return require_bands(headers.get(part.href), part.bands)


def _channels(
    item: Item, found: Sequence[tuple[Part, TiffHeader]], wanted: Sequence[str | int]
) -> list[tuple[int, int]]:
    """(image part, 0-based band of its file) of each channel."""
    every: list[tuple[int, int]] = []
    names: dict[str, int] = {}
    for number, (part, one) in enumerate(found):
        for place, band in enumerate(require_bands(one, part.bands)):
            if place < len(part.names):
                names.setdefault(part.names[place].casefold(), len(every))
            every.append((number, band))
    if not wanted:
        return every
    chosen = []
    for name in wanted:
        at = name - 1 if isinstance(name, int) else names.get(name.casefold(), -1)
        if not 0 <= at < len(every):
            known = ", ".join(names) or f"1 to {len(every)}"
            raise RasterError(f"{item.iri} has no band {name}.", f"Its bands: {known}.")
        chosen.append(every[at])
    return chosen


def _plane(
    part: Part, one: TiffHeader, bands: tuple[int, ...], channels: tuple[int, ...], grid: Grid, recipe: Recipe
) -> Plane:
    scale, shift = (part.scale,) * len(bands), (part.offset,) * len(bands)
    if (part.scale, part.offset) == (1.0, 0.0) and one.scales:
        scale, shift = tuple(one.scales[band] for band in bands), tuple(one.shifts[band] for band in bands)
    if not recipe.calibrate:
        scale, shift = (1.0,) * len(bands), (0.0,) * len(bands)
    nodata = one.nodata if part.nodata is None else part.nodata
    calibrated = any(each != 1 for each in scale) or any(shift)
    first = channels[0] if channels else 0
    follow = bool(channels) and channels == tuple(range(first, first + len(channels)))
    together = slice(first, first + len(channels)) if follow else None
    return Plane(part, one, bands, channels, nodata, scale, shift, same_grid(one.grid, grid), calibrated, together)


def same_grid(one: Grid, other: Grid) -> bool:
    """Whether pixels coincide: within a hundredth of one; a file without georeference lies where the others do."""
    if (one.width, one.height) != (other.width, other.height):
        return False
    if not one.crs or not other.crs:
        return True
    if one.crs != other.crs:
        return False
    (a, b, c, d, e, f), (g, h, i, j, k, m) = one.transform, other.transform
    size = math.sqrt(abs(g * k - h * j)) or 1.0
    turned = max(abs(a - g), abs(b - h), abs(d - j), abs(e - k)) * max(one.width, one.height)
    return max(abs(c - i), abs(f - m), turned) <= 0.01 * size
