"""What is split and compared: items or chips as columns, with footprints on the ellipsoid.

A footprint is held twice: as the box of its longitudes and latitudes, which every distance is measured from (never too
long, see `nearness`), and as corners, for exact overlaps.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from training.types import Chip, Grid, Item

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Unit = Item | tuple[Item, Chip]

NO_DAY = np.iinfo(np.int64).min
_STEPS = 5  # points on each side of a window: what its edges bulge between corners is caught by them
_FOLDS = {
    **dict.fromkeys(("train", "training", "trn", "tr"), "train"),
    **dict.fromkeys(("validation", "val", "valid", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "eval", "evaluation", "holdout"), "test"),
}


@dataclass(frozen=True, slots=True)
class Units:
    """Items or chips as columns, all of length n.

    Attributes:
        keys: identity of each, independent of order: the item's IRI, and the window for chips.
        boxes: (n, 4) west, south, east, north in degrees, west in [-180, 180), east >= west (beyond 180 across the
            antimeridian), NaN where unknown.
        corners: (n, 4, 2) longitudes (continuous, as in boxes) and latitudes of the footprint's corners in turn.
        scenes: what each was cut from (chips without a scene: their item); empty where unknown.
        days: days since 1970-01-01; NO_DAY where unknown.
        labels: class value; -1 where unknown.
        folds, countries: as in `Item`.
    """

    keys: list[str]
    boxes: Floats
    corners: Floats
    scenes: list[str]
    days: Ints
    labels: Ints
    folds: list[str]
    countries: list[str]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def placed(self) -> npt.NDArray[np.bool_]:
        """(n,) whether the place is known."""
        return ~np.isnan(self.boxes[:, 0])

    def centres(self) -> tuple[Floats, Floats]:
        """Longitudes in [-180, 180) and latitudes of the middles of the boxes, degrees."""
        lon = (self.boxes[:, 0] + self.boxes[:, 2]) / 2
        return wrapped(lon), (self.boxes[:, 1] + self.boxes[:, 3]) / 2

    def take(self, numbers: NDArray[np.int64] | Sequence[int]) -> Units:
        """The units with these positions, in that order."""
        at = np.asarray(numbers, dtype=np.int64)
        picked = at.tolist()
        return Units(
            [self.keys[one] for one in picked],
            self.boxes[at],
            self.corners[at],
            [self.scenes[one] for one in picked],
            self.days[at],
            self.labels[at],
            [self.folds[one] for one in picked],
            [self.countries[one] for one in picked],
        )


def wrapped(lon: Floats) -> Floats:
    """Longitudes in [-180, 180)."""
    return (lon + 180.0) % 360.0 - 180.0


def units_of(units: Sequence[Unit] | Units) -> Units:
    """Items, or (item, chip) pairs, as columns.

    The footprint of a chip comes from the grid of its item; where that is unknown, the item's box stands for it, and
    where both are, the place is unknown.
    """
    if isinstance(units, Units):
        return units
    pairs = [one if isinstance(one, tuple) else (one, None) for one in units]
    count = len(pairs)
    corners = np.full((count, 4, 2), np.nan)
    boxes = np.full((count, 4), np.nan)
    gridded: dict[str, list[int]] = {}
    boxed = []
    for number, (item, chip) in enumerate(pairs):
        if item.grid is not None and item.grid.crs and (chip is not None or item.bbox is None):
            gridded.setdefault(item.grid.crs, []).append(number)
        elif item.bbox is not None:
            boxed.append(number)
    if boxed:
        boxes[boxed] = _turned(np.array([pairs[one][0].bbox for one in boxed], dtype=float))
    for crs, numbers in gridded.items():
        _project(crs, numbers, pairs, boxes, corners)
    lost = [one for numbers in gridded.values() for one in numbers if np.isnan(boxes[one, 0])]
    rescued = [one for one in lost if pairs[one][0].bbox is not None]
    if rescued:
        boxes[rescued] = _turned(np.array([pairs[one][0].bbox for one in rescued], dtype=float))
    missing = np.isnan(corners[:, 0, 0])
    corners[missing] = boxes[missing][:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    return Units(
        [_key(item, chip) for item, chip in pairs],
        boxes,
        corners,
        [scene_key(item.scene) or (item.iri if chip is not None else "") for item, chip in pairs],
        np.array([day_of(item.time) for item, _ in pairs], dtype=np.int64),
        np.array([-1 if item.label is None else item.label for item, _ in pairs], dtype=np.int64),
        [fold_name(item.fold) for item, _ in pairs],
        [item.country for item, _ in pairs],
    )


def _key(item: Item, chip: Chip | None) -> str:
    if chip is None:
        return item.iri
    return f"{item.iri}#{chip.row},{chip.column},{chip.height},{chip.width}"


def _turned(boxes: Floats) -> Floats:
    """Boxes with west in [-180, 180) and east >= west; NaN where latitudes are no latitudes."""
    boxes = np.where(np.isfinite(boxes).all(axis=1, keepdims=True), boxes, np.nan)
    west, south, east, north = boxes.T
    whole = east - west >= 360.0
    width = np.where(whole, 360.0, (east - west) % 360.0)
    width = np.where((width == 0.0) & (east != west), 360.0, width)
    start = np.where(whole, -180.0, wrapped(west))
    turned = np.stack([start, south, start + width, north], axis=1)
    wrong = ~np.isfinite(turned).all(axis=1) | (south > north) | (south < -90.0) | (north > 90.0)
    turned[wrong] = np.nan
    return turned


def _window(grid: Grid, chip: Chip | None) -> tuple[int, int, int, int]:
    if chip is None or not chip.height or not chip.width:
        return 0, 0, grid.height, grid.width
    return chip.row, chip.column, chip.height, chip.width


def _project(
    crs: str, numbers: list[int], pairs: Sequence[tuple[Item, Chip | None]], boxes: Floats, corners: Floats
) -> None:
    """Fills in the boxes and corners of windows on grids of one CRS."""
    transform = to_degrees(crs)
    if transform is None:
        return
    grids = [pairs[one][0].grid for one in numbers]
    affine = np.array([grid.transform for grid in grids if grid is not None], dtype=float)
    windows = np.array(
        [_window(grid, pairs[one][1]) for one, grid in zip(numbers, grids, strict=True) if grid is not None],
        dtype=float,
    )
    row, column, height, width = (windows[:, one, None] for one in range(4))
    along = np.linspace(0.0, 1.0, _STEPS)[:-1]
    u = np.concatenate([along, np.ones_like(along), 1.0 - along, np.zeros_like(along)])[None]
    v = np.concatenate([np.zeros_like(along), along, np.ones_like(along), 1.0 - along])[None]
    c, r = column + u * width, row + v * height
    a, b, x0, d, e, y0 = (affine[:, one, None] for one in range(6))
    with np.errstate(over="ignore", invalid="ignore"):
        x, y = a * c + b * r + x0, d * c + e * r + y0
    lon, lat = (np.asarray(one, dtype=float) for one in transform.transform(x, y))
    good = np.isfinite(lon).all(axis=1) & np.isfinite(lat).all(axis=1) & (np.abs(lat) <= 90.0).all(axis=1)
    lon, lat = np.where(good[:, None], lon, 0.0), np.where(good[:, None], lat, 0.0)
    steps = np.diff(lon, axis=1, append=lon[:, :1])
    steps = (steps + 180.0) % 360.0 - 180.0
    turn = steps.sum(axis=1)  # 360 where the outline goes round a pole
    lon = lon[:, :1] + np.concatenate([np.zeros((len(lon), 1)), np.cumsum(steps[:, :-1], axis=1)], axis=1)
    west, east = lon.min(axis=1), lon.max(axis=1)
    south, north = lat.min(axis=1), lat.max(axis=1)
    # an edge bulges between two points by at most an eighth of the square of its length (in radians)
    bulge = np.degrees(np.radians(np.abs(np.diff(lon, axis=1)).max(axis=1)) ** 2 / 8)
    polar = np.abs(turn) > 180.0
    is_north = lat.mean(axis=1) > 0
    north = np.where(polar & is_north, 90.0, np.minimum(north + bulge, 90.0))
    south = np.where(polar & ~is_north, -90.0, np.maximum(south - bulge, -90.0))
    shift = np.where(polar, 0.0, wrapped(west) - west)
    west, east = np.where(polar, -180.0, west + shift), np.where(polar, 180.0, east + shift)
    at = np.asarray(numbers)[good]
    boxes[at] = np.stack([west, south, east, north], axis=1)[good]
    quads = np.stack([lon[:, :: _STEPS - 1] + shift[:, None], lat[:, :: _STEPS - 1]], axis=2)
    corners[at] = np.where(polar[:, None, None], np.nan, quads)[good]


@lru_cache(maxsize=256)
def to_degrees(crs: str) -> Any:  # noqa: ANN401 - a pyproj transformer
    """A transformer from a CRS to CRS84 degrees (x, y order); None where the CRS is not known or not on Earth."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old spellings of a CRS are as good as new ones here
            return Transformer.from_crs(CRS.from_user_input(crs), CRS.from_epsg(4326), always_xy=True)
    except ProjError:
        return None


def day_of(time: str) -> int:
    """Days since 1970-01-01 of an ISO 8601 day, month, year or instant (UTC); NO_DAY where it is none."""
    text = time.strip().split("/")[0]
    if not text:
        return NO_DAY
    try:
        if re.fullmatch(r"\d{4}(-\d{2})?", text):
            text += "-01-01"[: 10 - len(text)] if len(text) == 4 else "-01"
        if len(text) == 10:
            return date.fromisoformat(text).toordinal() - 719_163
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (moment.astimezone(UTC) if moment.tzinfo is not None else moment).toordinal() - 719_163
    except (ValueError, OverflowError):
        return NO_DAY


def fold_name(fold: str) -> str:
    """`Val`, `dev` -> validation; `training` -> train; other names in lower case."""
    low = fold.strip().casefold()
    return _FOLDS.get(low, low)


_PRODUCTS = (
    # acquisition, not product: levels and baselines of one Sentinel-2 tile and day show the same pixels
    (re.compile(r"S2[A-D]_MSIL[12][ABC]_(\d{8}T\d{6})_N\d{4}_R\d{3}_T(\w{5})"), "s2/{1}/{0}"),
    (re.compile(r"S1[A-D]_(?:IW|EW|S\d|WV)_[A-Z]{3}._\w{4}_(\d{8}T\d{6})_\d{8}T\d{6}_(\d{6})"), "s1/{1}/{0}"),
    (re.compile(r"L[COTEM]0[1-9]_L\w{3}_(\d{6})_(\d{8})_\d{8}_\d{2}_\w{2}"), "landsat/{0}/{1}"),
)


@lru_cache(maxsize=1 << 16)
def scene_key(scene: str) -> str:
    """What two names of one acquisition share: products of one satellite pass over one tile have the same key."""
    if not scene:
        return ""
    for pattern, shape in _PRODUCTS:
        found = pattern.search(scene)
        if found:
            return shape.format(*found.groups()).casefold()
    path = PurePosixPath(scene.strip().casefold())
    suffix = path.suffix
    return str(path.with_suffix("")) if suffix in {".safe", ".zip", ".tif", ".tiff", ".jp2", ".tar"} else str(path)
