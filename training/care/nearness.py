"""Distances between footprints, safe at the dateline and the poles, and pairs that are near.

The Gauss map takes a point of the ellipsoid to the unit sphere by its geographic longitude and latitude. It shrinks no
length by less than the smallest radius of curvature M0 = a (1 - e^2) = 6,335,439 m (the meridian's at the equator), so
a geodesic is at least M0 times the angle between its ends on the sphere: a lower bound that is never more than 1.1 %
too short. Whoever drops what is nearer by this measure keeps nothing that is nearer in truth.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from training.care.units import Floats, Ints

SHORTEST_RADIUS = 6_335_439.327
_CHUNK = 20_000
# more than the rounding of a cosine near 1, which is worth 0.3 m: without it a bound could be too high by as much
_ROUNDED = 1e-15
_MOST_PAIRS = 4_000_000


def _dot(phi: Floats, psi: Floats, turn: Floats) -> Floats:
    cosine: Floats = np.sin(phi) * np.sin(psi) + np.cos(phi) * np.cos(psi) * np.cos(turn)
    return cosine


def _toward(phi: Floats, turn: Floats, low: Floats, high: Floats) -> Floats:
    """The latitude in [low, high] on a meridian `turn` away that is nearest to latitude phi."""
    best = np.arctan2(np.sin(phi), np.cos(phi) * np.cos(turn))
    near: Floats = np.clip(best, low, high)
    return near


def least_metres(a: Floats, b: Floats) -> Floats:
    """Lower bounds of the geodesic distance between boxes, metres; 0 where they meet.

    Args:
        a: (n, 4) boxes as in `Units.boxes`.
        b: as many others.

    Two sides that are arcs of meridians come nearest at an end of one of them (the product of their unit vectors has
    only saddles inside), so eight pairs of points decide.
    """
    a, b = np.atleast_2d(a), np.atleast_2d(b)
    width_a, width_b = a[:, 2] - a[:, 0], b[:, 2] - b[:, 0]
    ahead = (b[:, 0] - a[:, 2]) % 360.0  # from a's east side on to b's west side
    behind = (a[:, 0] - b[:, 2]) % 360.0
    # widths and gaps go round once where the boxes lie apart, and twice where they overlap
    meet = (ahead + behind + width_a + width_b > 540.0) | (ahead == 0.0) | (behind == 0.0)
    turn = np.where(meet, 0.0, np.radians(np.minimum(ahead, behind)))
    s1, n1, s2, n2 = (np.radians(box[:, side]) for box, side in ((a, 1), (a, 3), (b, 1), (b, 3)))
    apart = np.maximum(0.0, np.maximum(s2 - n1, s1 - n2))
    best = np.full(len(turn), -1.0)
    for phi in (s1, n1):
        for psi in (s2, n2, _toward(phi, turn, s2, n2)):
            best = np.maximum(best, _dot(phi, psi, turn))
    for psi in (s2, n2):
        best = np.maximum(best, _dot(_toward(psi, turn, s1, n1), psi, turn))
    angle = np.where(meet, apart, _angle(best))
    return SHORTEST_RADIUS * angle


def _angle(cosine: Floats) -> Floats:
    return np.arccos(np.clip(cosine + _ROUNDED, -1.0, 1.0))


def grown(boxes: Floats, metres: float) -> Floats:
    """Boxes that hold everything within `metres` of the given ones (by `least_metres`), degrees."""
    up = np.degrees(metres / SHORTEST_RADIUS)
    south, north = boxes[:, 1] - up, boxes[:, 3] + up
    highest = np.radians(np.minimum(np.maximum(np.abs(boxes[:, 1]), np.abs(boxes[:, 3])), 90.0))
    # the widest longitude of a small circle of radius r around latitude phi: asin(sin r / cos phi)
    share = np.sin(min(metres / SHORTEST_RADIUS, np.pi / 2)) / np.maximum(np.cos(highest), 1e-12)
    across = np.where(share < 1.0, np.degrees(np.arcsin(np.minimum(share, 1.0))), 360.0)
    west, east = boxes[:, 0] - across, boxes[:, 2] + across
    polar = (south <= -90.0) | (north >= 90.0) | (east - west >= 360.0)
    west, east = np.where(polar, -180.0, west), np.where(polar, 180.0, east)
    return np.stack([west, np.maximum(south, -90.0), east, np.minimum(north, 90.0)], axis=1)


def copies(boxes: Floats) -> tuple[Floats, Ints]:
    """Boxes as lying in [-180, 180], in two pieces where they cross the antimeridian, and whose pieces they are."""
    number = np.arange(len(boxes))
    parts, owners = [], []
    for shift in (-360.0, 0.0, 360.0):
        west = np.maximum(boxes[:, 0] + shift, -180.0)
        east = np.minimum(boxes[:, 2] + shift, 180.0)
        inside = (west < east) | ((west == east) & (boxes[:, 0] == boxes[:, 2]))
        parts.append(np.stack([west, boxes[:, 1], east, boxes[:, 3]], axis=1)[inside])
        owners.append(number[inside])
    return np.concatenate(parts), np.concatenate(owners)


def near_pairs(a: Floats, b: Floats, metres: float) -> Iterator[tuple[Ints, Ints]]:
    """Pairs (positions in a, positions in b) of boxes nearer than `metres` or meeting, a chunk of b at a time.

    Args:
        a: boxes as in `Units.boxes` without NaN; repeats cost as much as others, so leave them out.
        b: others.
        metres: distance; 0 for boxes that meet.
    """
    import shapely

    if not len(a) or not len(b):
        return
    pieces, owner_a = copies(a)
    tree = shapely.STRtree(shapely.box(*pieces.T))
    # touching sides count in the tree; a little more than nothing keeps rounding from losing them
    wider = grown(b, max(metres, 0.001))
    size = _CHUNK
    start = 0
    while start < len(b):
        part, owner_b = copies(wider[start : start + size])
        found = tree.query(shapely.box(*part.T))
        if found.shape[1] > _MOST_PAIRS and size > 16:
            size = max(16, size // 8)
            continue
        left, right = owner_a[found[1]], owner_b[found[0]] + start
        both = np.unique(left * np.int64(len(b)) + right)
        left, right = both // len(b), both % len(b)
        gap = least_metres(a[left], b[right])
        near = gap < metres if metres > 0 else gap <= 0.0
        if near.any():
            yield left[near], right[near]
        start += size


def distinct_rows(rows: Floats) -> tuple[Ints, Ints]:
    """The position of the first of each distinct row, and for each row the number of its like.

    Rows are told apart by a hash of 64 bits, which sorts many times faster than the rows do; should two of them ever
    share one, the rows themselves are sorted.
    """
    rows = np.asarray(rows, dtype=np.float64) + 0.0  # no -0.0
    hashed = np.zeros(len(rows), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for column in np.ascontiguousarray(rows.T):
            hashed = (hashed ^ column.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            hashed ^= hashed >> np.uint64(29)
    _, first, inverse = np.unique(hashed, return_index=True, return_inverse=True)
    if not (rows[first][inverse] == rows).all():
        _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), inverse.astype(np.int64).ravel()


def distinct(boxes: Floats) -> tuple[Floats, Ints]:
    """The boxes without repeats, and for each box the position of its like."""
    first, inverse = distinct_rows(boxes)
    return boxes[first], inverse


def is_near(a: Floats, b: Floats, metres: float) -> npt.NDArray[np.bool_]:
    """(len(b),) whether each box of b is nearer than `metres` to, or meets, one of a."""
    places_a, _ = distinct(a)
    places_b, back = distinct(b)
    hit = np.zeros(len(places_b), dtype=bool)
    for _, right in near_pairs(places_a, places_b, metres):
        hit[right] = True
    return hit[back] if len(back) else np.zeros(0, dtype=bool)
