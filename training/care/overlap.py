"""Exact overlaps of footprints, measured in the cylindrical equal-area plane, where planar areas are true areas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from training.care.blocks import AUTHALIC_RADIUS, to_plane
from training.care.nearness import distinct_rows
from training.care.units import Floats, Ints, Units

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Shapes = npt.NDArray[np.object_]
_CHUNK = 20_000
_MOST_PAIRS = 2_000_000
_SLIVER = 1e-6  # share of the smaller footprint below which sides only touch


def plane_shapes(corners: Floats, boxes: Floats) -> tuple[Shapes, Ints]:
    """Footprints as polygons in the equal-area plane (km), cut at the antimeridian, and whose pieces they are.

    Args:
        corners: (n, 4, 2) as in `Units.corners`.
        boxes: (n, 4) as in `Units.boxes`; footprints without a place are left out.
    """
    import shapely

    number = np.flatnonzero(~np.isnan(boxes[:, 0]))
    x, y = to_plane(corners[number, :, 0], corners[number, :, 1])
    rings = np.stack([x, y], axis=2)
    shapes = shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1))
    bad = ~shapely.is_valid(shapes)
    if bad.any():
        shapes[bad] = shapely.make_valid(shapes[bad])
    half = np.pi * AUTHALIC_RADIUS / 1000.0
    beyond = np.flatnonzero(boxes[number, 2] > 180.0)
    if not len(beyond):
        return shapes, number
    top = AUTHALIC_RADIUS / 1000.0
    home, next_world = shapely.box(-half, -top, half, top), shapely.box(half, -top, 3 * half, top)
    over = shapely.intersection(shapes[beyond], next_world)
    moved = shapely.transform(over, lambda xy: xy - np.array([2 * half, 0.0]))
    shapes[beyond] = shapely.intersection(shapes[beyond], home)
    return np.concatenate([shapes, moved]), np.concatenate([number, number[beyond]])


def candidates(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Boxes of two sets with those made NaN that cannot meet one of the other set: told by cells of a coarse grid.

    A box no wider than a cell touches no cells but those of its corners. Cells are kept as bits under a hash, so a few
    that do not meet stay in; where boxes are wide nothing is left out.
    """
    if not len(a) or not len(b):
        return a, b
    side = max(float(np.nanmax(one[:, 2:] - one[:, :2])) for one in (a, b) if not np.isnan(one).all())
    side = max(side * 1.001, 0.005)
    if side > 1.0 or len(a) + len(b) < 10_000:
        return a, b
    cells = [_cells(one, side) for one in (a, b)]
    found = []
    for own, mine, other in ((a, cells[0], cells[1]), (b, cells[1], cells[0])):
        taken = np.zeros(1 << 26, dtype=bool)
        taken[other] = True
        hit = np.logical_or.reduce(taken[mine], axis=0)
        found.append(np.where(np.expand_dims(hit, 1), own, np.nan))
    return found[0], found[1]


def _cells(boxes: Floats, side: float) -> Ints:
    """(4, n) hashed numbers of the cells of the corners; boxes without a place fall into the first cell."""
    across = int(360.0 / side)  # whole cells round the Earth, each at least `side` wide
    numbers = []
    known = np.nan_to_num(boxes, nan=-180.0)
    for x in (0, 2):
        column = np.floor((known[:, x] + 180.0) % 360.0 * (across / 360.0)).astype(np.int64) % across
        for y in (1, 3):
            row = np.floor((known[:, y] + 90.0) / side).astype(np.int64)
            numbers.append((row * across + column) * 0x9E3779B1 >> 4 & ((1 << 26) - 1))
    return np.stack(numbers)


def plane_geometry(geometry: BaseGeometry) -> BaseGeometry:
    """A shape in CRS84 degrees brought to the equal-area plane (km)."""
    import shapely

    fine = shapely.segmentize(geometry, 0.5)

    def move(xy: Floats) -> Floats:
        x, y = to_plane(xy[:, 0], xy[:, 1])
        return np.stack([x, y], axis=1)

    moved = shapely.transform(fine, move)
    return moved if shapely.is_valid(moved) else shapely.make_valid(moved)


def overlapping_pairs(a: tuple[Shapes, Ints], b: tuple[Shapes, Ints]) -> Iterator[tuple[Ints, Ints, Floats]]:
    """(owner in a, owner in b, km2 they share) of footprints that share an area, a chunk of b at a time."""
    import shapely

    shapes_a, owner_a = a
    shapes_b, owner_b = b
    if not len(shapes_a) or not len(shapes_b):
        return
    tree = shapely.STRtree(shapes_a)
    area_a, area_b = shapely.area(shapes_a), shapely.area(shapes_b)
    size, start = _CHUNK, 0
    while start < len(shapes_b):
        found = tree.query(shapes_b[start : start + size])
        if found.shape[1] > _MOST_PAIRS and size > 16:
            size = max(16, size // 8)
            continue
        left, right = found[1], found[0] + start
        shared = shapely.area(shapely.intersection(shapes_a[left], shapes_b[right]))
        least = np.minimum(area_a[left], area_b[right])
        real = shared > _SLIVER * least
        points = np.flatnonzero(least == 0.0)  # what has no area is shared by being there
        real[points] = shapely.intersects(shapes_a[left[points]], shapes_b[right[points]])
        if real.any():
            yield owner_a[left[real]], owner_b[right[real]], shared[real]
        start += size


def distinct_footprints(units: Units) -> tuple[Floats, Floats, Ints]:
    """Distinct corners and boxes of the placed units, and for each unit the position of its own; -1 where unknown."""
    placed = np.flatnonzero(units.placed)
    back = np.full(len(units), -1, dtype=np.int64)
    first, inverse = distinct_rows(np.round(units.corners[placed].reshape(-1, 8), 9))
    back[placed] = inverse
    return units.corners[placed][first], units.boxes[placed][first], back


def overlaps(a: Units, b: Units) -> npt.NDArray[np.bool_]:
    """(len(b),) whether each unit of b shares an area with one of a; sides that touch do not count."""
    corners_a, boxes_a, _ = distinct_footprints(a)
    corners_b, boxes_b, back = distinct_footprints(b)
    hit = np.zeros(len(boxes_b) + 1, dtype=bool)
    boxes_a, boxes_b = candidates(boxes_a, boxes_b)
    for _, right, _ in overlapping_pairs(plane_shapes(corners_a, boxes_a), plane_shapes(corners_b, boxes_b)):
        hit[right] = True
    return hit[back]
