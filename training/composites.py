"""Series of scenes as harmonised monthly composites: cloud-masked medians, with the months that saw nothing flagged.

Each scene brings its reflectances and a layer that tells clouds: Sentinel-2's scene classification (SCL) or Landsat's
QA_PIXEL. Stored numbers become reflectances by scale and offset (Sentinel-2 since processing baseline 04.00 has an
offset of -1000; Landsat Collection 2 has 2.75e-5 and -0.2), so that scenes of both sensors and of all baselines may be
mixed. This follows the harmonisation of AI4Copernicus' long-term training series.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ontology.errors import EarthdexError, FetchError, RasterError
from training.tiff.header import TiffHeader, header
from training.tiff.read import read_window
from training.types import Array, Batch, Bytes, Grid, Item, Part, Skipped
from training.windows import noise

Quality = Literal["scl", "qa_pixel"]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

# Sentinel-2 L2A scene classes that show the ground: dark, vegetation, bare, water, unclassified, snow
SCL_CLEAR = (2, 4, 5, 6, 7, 11)
SCL_SNOW = 11
# Landsat Collection 2 QA_PIXEL bits: fill, dilated cloud, cirrus, cloud, cloud shadow; snow is bit 5
QA_CLOUDY = 0b1_1111
QA_SNOW = 0b10_0000
_ORDER = 103


def clear_pixels(values: Array, quality: Quality, *, snow: bool = True) -> Bools:
    """Where a scene shows the ground.

    Args:
        values: (...) the layer as stored.
        quality: `scl` (Sentinel-2 scene classification, ESA's classes 0 to 11) or `qa_pixel` (Landsat Collection 2
            bits; fill, dilated cloud, cirrus, cloud and cloud shadow hide the ground).
        snow: whether snow counts as ground.
    """
    if quality == "scl":
        classes = SCL_CLEAR if snow else tuple(one for one in SCL_CLEAR if one != SCL_SNOW)
        return np.isin(values, classes)
    hidden = QA_CLOUDY if snow else QA_CLOUDY | QA_SNOW
    clear: Bools = (values.astype(np.int64) & hidden) == 0
    return clear


def months_between(start: str, end: str) -> tuple[str, ...]:
    """Months as `YYYY-MM` from `start` to `end`, both of them included.

    Raises:
        EarthdexError: they are no months, or the wrong way round.
    """
    try:
        first, last = np.datetime64(start[:7], "M"), np.datetime64(end[:7], "M")
    except ValueError as error:
        raise EarthdexError(f"{start} to {end} are no months.", "Write 2020-01.") from error
    if last < first:
        raise EarthdexError(f"{end} is before {start}.", "Change them round.")
    return tuple(str(one) for one in np.arange(first, last + 1))


def monthly_median(
    images: Sequence[Floats], clear: Sequence[Bools], shape: tuple[int, int, int]
) -> tuple[Floats, Bools]:
    """Median of the clear pixels of one month's scenes.

    Args:
        images: each (channels, height, width), NaN where nothing was measured.
        clear: each (height, width).
        shape: (channels, height, width) of the result, for months without scenes.

    Returns:
        (channels, height, width), 0 where no scene shows the ground; (height, width) bool, False there.
    """
    if not images:
        return np.zeros(shape, np.float32), np.zeros(shape[1:], bool)
    stack = np.stack([np.where(seen, image, np.nan) for image, seen in zip(images, clear, strict=True)])
    # a pixel counts where all of its channels were measured: the median of each is then of the same scenes
    stack[np.broadcast_to(np.isnan(stack).any(axis=1, keepdims=True), stack.shape)] = np.nan
    seen = ~np.isnan(stack[:, 0]).all(axis=0)
    stack.sort(axis=0)  # NaN last
    count = np.maximum((~np.isnan(stack[:, 0])).sum(axis=0), 1)[None, None]
    low = np.take_along_axis(stack, np.broadcast_to((count - 1) // 2, (1, *shape)), axis=0)[0]
    high = np.take_along_axis(stack, np.broadcast_to(count // 2, (1, *shape)), axis=0)[0]
    return np.where(seen, (low + high) * np.float32(0.5), np.float32(0)), seen


@dataclass(frozen=True, slots=True)
class CompositeRecipe:
    """How composites are made and cut.

    Attributes:
        months: `YYYY-MM`, one time step each.
        size: chip height and width in pixels.
        stride: pixels between chips; `size` when 0.
        snow: whether snow counts as ground.
        least: months that a chip must see at least in part; chips with fewer are left out and told.
        batch_size: chips a batch.
        seed: of the order.
        shuffle: a new order each epoch.
    """

    months: tuple[str, ...]
    size: int = 64
    stride: int = 0
    snow: bool = True
    least: int = 1
    batch_size: int = 8
    seed: int = 0
    shuffle: bool = True


@dataclass(frozen=True, slots=True)
class _Scene:
    item: Item
    quality: Quality
    mask: Part
    bands: tuple[Part, ...]


@dataclass(slots=True)
class _Report:
    read: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def _scene(item: Item) -> _Scene:
    masks = [part for part in item.parts if part.role in ("scl", "qa_pixel")]
    bands = tuple(part for part in item.parts if part.role not in ("scl", "qa_pixel", "label", "vector"))
    if not masks or not bands or not item.time:
        raise EarthdexError(
            f"{item.iri} has no time, no bands or no layer that tells clouds.",
            "Give it a part with the role scl or qa_pixel.",
        )
    return _Scene(item, masks[0].role, masks[0], bands)  # type: ignore[arg-type]  # one of the two


class Composites:
    """Chips of monthly composites of one area; a reader like `training.engine.Reader`.

    All scenes must lie on one grid of pixels in the CRS, at whole pixels of one another (as those of one tile or path
    do); chips are windows of the first scene's grid. A scene that cannot be read is left out of its month and told.
    """

    def __init__(self, items: Sequence[Item], recipe: CompositeRecipe, data: Bytes) -> None:
        """Reads nothing yet.

        Args:
            items: scenes; parts with the roles `scl` or `qa_pixel` tell clouds, the others give channels in order,
                with `scale`, `offset` and `nodata` of their own.
            recipe: how they are made and cut.
            data: where bytes come from.

        Raises:
            EarthdexError: there are no scenes, or one has no time or no layer that tells clouds.
        """
        if not items or not recipe.months or recipe.size < 1 or recipe.batch_size < 1:
            raise EarthdexError("There is nothing to make composites of.", "Give scenes, months, size and batch size.")
        self.recipe, self._data = recipe, data
        self._scenes = sorted((_scene(item) for item in items), key=lambda one: (one.item.time, one.item.iri))
        self._headers: dict[str, TiffHeader] = {}
        self._lock = threading.Lock()
        self._grid: Grid | None = None
        self.report = _Report()

    def __getstate__(self) -> dict[str, object]:
        return {**{key: value for key, value in vars(self).items() if key != "_lock"}, "report": _Report()}

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        self._lock = threading.Lock()

    def _header(self, href: str) -> TiffHeader:
        with self._lock:
            found = self._headers.get(href)
        if found is None:
            found = header(self._data, href)
            with self._lock:
                self._headers[href] = found
        return found

    @property
    def area(self) -> Grid:
        """The grid that chips are windows of: that of the first scene that can be read.

        Raises:
            RasterError: none can.
        """
        if self._grid is None:
            for scene in self._scenes:
                try:
                    self._grid = self._header(scene.bands[0].href).grid
                    break
                except (FetchError, RasterError) as error:
                    self._skip(scene, error.message)
            else:
                raise RasterError("No scene can be read.", "`report.skipped` tells why.")
        return self._grid

    def _windows(self) -> list[tuple[int, int]]:
        size, stride = self.recipe.size, self.recipe.stride or self.recipe.size
        rows = range(0, self.area.height - size + 1, stride)
        return [(row, column) for row in rows for column in range(0, self.area.width - size + 1, stride)]

    def __len__(self) -> int:
        """Batches of an epoch."""
        return -(-len(self._windows()) // self.recipe.batch_size)

    def _skip(self, scene: _Scene, reason: str) -> None:
        told = Skipped(scene.item.iri, scene.bands[0].href, reason)
        if told not in self.report.skipped:
            self.report.skipped.append(told)

    def _values(self, part: Part, row: int, column: int) -> tuple[Floats, Bools]:
        """Physical values (bands, size, size) of a window of the area's grid, and where they were measured."""
        found, size = self._header(part.href), self.recipe.size
        down, right = _shift(self.area, found.grid, part.href)
        image = np.zeros((len(part.bands) or found.samples, size, size), np.dtype(found.dtype))
        valid = np.zeros((size, size), bool)
        top, left = row + down, column + right
        first, start = max(top, 0), max(left, 0)
        height, width = min(top + size, found.height) - first, min(left + size, found.width) - start
        if height > 0 and width > 0:
            values, seen = read_window(self._data, found, part.bands, first, start, height, width, nodata=part.nodata)
            inside = slice(first - top, first - top + height), slice(start - left, start - left + width)
            image[:, *inside], valid[inside] = values, seen
        return image.astype(np.float32) * np.float32(part.scale) + np.float32(part.offset), valid

    def _look(self, scene: _Scene, row: int, column: int) -> tuple[Floats, Bools]:
        """Reflectances of a scene in a window, NaN where nothing was measured; where it shows the ground."""
        layer, known = self._values(replace(scene.mask, scale=1.0, offset=0.0), row, column)
        clear = known & clear_pixels(layer[0], scene.quality, snow=self.recipe.snow)
        images = []
        for part in scene.bands:
            values, valid = self._values(part, row, column)
            images.append(np.where(valid, values, np.float32(np.nan)))
        return np.concatenate(images), clear

    def composite(self, row: int, column: int) -> tuple[Floats, Bools]:
        """(time, channels, size, size) medians and (time, size, size) whether any scene shows the ground.

        Args:
            row: of the window's upper edge on the area's grid.
            column: of its left edge.
        """
        months, masks = [], []
        channels = sum(len(part.bands) or 1 for part in self._scenes[0].bands)
        looks: dict[str, list[tuple[Floats, Bools]]] = {month: [] for month in self.recipe.months}
        for scene in self._scenes:
            month = scene.item.time[:7]
            if month not in looks:
                continue
            try:
                looks[month].append(self._look(scene, row, column))
            except (FetchError, RasterError) as error:
                self._skip(scene, error.message)
                continue
            channels = len(looks[month][-1][0])
        shape = channels, self.recipe.size, self.recipe.size
        for month in self.recipe.months:
            image, seen = monthly_median([one for one, _ in looks[month]], [one for _, one in looks[month]], shape)
            months.append(image)
            masks.append(seen)
        return np.stack(months), np.stack(masks)

    def numbers(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        """Chip numbers of each batch of an epoch."""
        count, size = len(self._windows()), self.recipe.batch_size
        order = np.arange(count)
        if self.recipe.shuffle:
            order = np.argsort(noise(order, self.recipe.seed, epoch, _ORDER), kind="stable")
        return [order[start : start + size] for start in range(0, count, size)]

    def batches(self, epoch: int, start: int = 0, step: int = 1) -> Iterator[Batch]:
        """Batches `start`, `start + step` ... of an epoch.

        Images are (n, time, channels, height, width), `valid` is (n, time, height, width).
        """
        for number in range(start, len(self), step):
            yield self.batch(epoch, number)

    def batch(self, epoch: int, number: int) -> Batch:
        """One batch; chips that see fewer than `least` months are left out of it."""
        return self._batch(self.numbers(epoch)[number], epoch, number)

    def chip(self, number: int, epoch: int = 0) -> Batch:
        """One chip as a batch of one."""
        return self._batch(np.asarray([number], np.int64), epoch, -1)

    def _batch(self, numbers: npt.NDArray[np.int64], epoch: int, number: int) -> Batch:
        windows = self._windows()
        made = [self.composite(*windows[int(one)]) for one in numbers]
        good = [bool(valid.any(axis=(1, 2)).sum() >= self.recipe.least) for _, valid in made]
        skipped = [
            Skipped(self._scenes[0].item.dataset, "", f"Chip {one} sees too few months.")
            for one, kept in zip(numbers.tolist(), good, strict=True)
            if not kept
        ]
        kept = [one for one, fine in zip(made, good, strict=True) if fine]
        shape = made[0][0].shape
        image = np.stack([one for one, _ in kept]) if kept else np.zeros((0, *shape), np.float32)
        valid = np.stack([one for _, one in kept]) if kept else np.zeros((0, shape[0], *shape[2:]), bool)
        self.report.read += len(kept)
        return Batch(image, valid, numbers[np.asarray(good)], epoch=epoch, number=number, skipped=skipped)

    def grid(self, number: int, epoch: int = 0) -> Grid:
        """Where the pixels of a chip lie."""
        row, column = self._windows()[number]
        a, b, c, d, e, f = self.area.transform
        corner = (a, b, c + a * column + b * row, d, e, f + d * column + e * row)
        return Grid(self.area.crs, corner, self.recipe.size, self.recipe.size)

    def item(self, number: int) -> Item:
        """The first scene: what attributes of a chip are taken from."""
        return self._scenes[0].item

    def times(self, number: int) -> tuple[str, ...]:
        """The first day of each month."""
        return tuple(f"{month}-01" for month in self.recipe.months)


def _shift(area: Grid, grid: Grid, href: str) -> tuple[int, int]:
    """How many rows and columns a pixel of the area lies further on another grid.

    Raises:
        RasterError: the grids do not share their pixels.
    """
    a, b, c, d, e, f = area.transform
    same = np.allclose((a, b, d, e), (grid.transform[0], *grid.transform[1:2], *grid.transform[3:5]), rtol=1e-9)
    down, right = (f - grid.transform[5]) / e if e else 0.0, (c - grid.transform[2]) / a if a else 0.0
    if area.crs != grid.crs or not same or abs(down - round(down)) > 0.01 or abs(right - round(right)) > 0.01:
        raise RasterError(f"{href} lies on another grid than the first scene.", "Bring all scenes to one grid.")
    return round(down), round(right)
