"""Shortest geodesic distances in metres on the WGS 84 ellipsoid, of shapes of any size, many at once.

Pairs of short pieces are kept as long as their chords say that they may hold the nearest places, cut further and
asked again (branch and bound); what remains is measured by Karney's geodesics (pyproj `Geod`). Neither poles nor the
antimeridian are special in space. Edges are straight in longitude and latitude, as in the relations.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kg.geosparql.pieces import MAJOR, Array, Pieces, chords, pieces_of, space_of
from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_FEW, _FEW_PIECES = 1024, 24  # pairs, and pieces of the constant, that are not worth sorting out by bundles
_RUN = 16  # pieces in a bundle
_MOST_BUNDLES = 3000
_MATRIX = 2_000_000
_MOST_PAIRS = 200_000
_NOWHERE = 1e9  # metres: farther than any place is, for a position beyond the poles
_MEASURED = 24  # pairs of one shape that are measured at last
_POLISHED = 2
_STRAIGHT = 2.0  # metres of sag at which a piece is as good as a chord
_KEPT = 500_000  # pieces

_pieces: OrderedDict[int, tuple[Any, Pieces]] = OrderedDict()
_held = 0
_lock = Lock()


@lru_cache(maxsize=1)
def geod() -> Any:  # noqa: ANN401 - importing pyproj costs a tenth of a second
    """Geodesics of the WGS 84 ellipsoid."""
    from pyproj import Geod

    return Geod(ellps="WGS84")


def distance(a: BaseGeometry, b: BaseGeometry) -> float:
    """Shortest geodesic distance of two shapes in CRS84, in metres; 0 where they meet.

    Raises:
        GeometryError: one of them is empty.
    """
    if a.is_empty or b.is_empty:
        raise GeometryError("An empty geometry has no distance.", "Test geof:isEmpty first.")
    if a.geom_type == b.geom_type == "Point":
        return float(_rounded(geod().inv(a.x, a.y, b.x, b.y)[2]))
    if shapely.intersects(b, a) if shapely.is_prepared(b) else shapely.intersects(a, b):
        return 0.0
    for one, other in ((a, b), (b, a)):
        if one.geom_type == "Point" and len(pieces := _kept_pieces(other)) <= _FEW:
            return _from_place(_space_of(one.x, one.y), np.array([[one.x, one.y]]), pieces)
    return float(_rounded(_of_batch(_kept_pieces(a), _kept_pieces(b), 1)[0]))


@lru_cache(maxsize=256)
def _space_of(lon: float, lat: float) -> Array:
    return space_of(np.array([[lon, lat]]))[0]


def _from_place(here: Array, place: Array, pieces: Pieces) -> float:
    """Shortest geodesic from one place to few pieces, in as few steps as can be."""
    start = pieces.space[:, 0]
    course = pieces.space[:, 1] - start
    gap = here - start
    square = (course * course).sum(axis=1)
    share = np.clip((gap * course).sum(axis=1) / np.maximum(square, 1e-9), 0.0, 1.0)
    gap -= course * share[:, None]
    low = np.sqrt((gap * gap).sum(axis=1)) - pieces.sag
    first = int((low + 2.0 * pieces.sag).argmin())
    most = low[first] + 2.0 * pieces.sag[first]
    near = np.flatnonzero(low <= _slack(most, np.ptp(pieces.space[:, 0], axis=0).max()))
    if len(near) > _MEASURED:
        near = near[np.argsort(low[near])[:_MEASURED]]
    pieces, share = pieces.taken(near), share[near]
    places = np.repeat(place, len(near), axis=0)
    if pieces.sag.any():
        share = _lowest(pieces, _lowest(pieces, share, places, 0.2), places, 0.04)
    found = np.concatenate([pieces.at(share), pieces.ends[:, 0], pieces.ends[:, 1]])
    return float(_rounded(_metres(found, np.repeat(place, len(found), axis=0)).min()))


def distances(shape: BaseGeometry, shapes: Array) -> Array:
    """Geodesic distances in metres from one shape to each of many; 0 where they meet, NaN for empty or missing ones.

    Args:
        shape: in CRS84, cut at the antimeridian; its pieces are kept for the next call.
        shapes: array of shapely geometries, alike.
    """
    shapes = np.asarray(shapes, dtype=object)
    found = np.full(len(shapes), np.nan)
    if shape.is_empty:
        return found
    shapely.prepare(shape)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if (points := there & (shapely.get_type_id(shapes) == 0)).any() and shape.geom_type == "Point":
        lon, lat = shapely.get_x(shapes[points]), shapely.get_y(shapes[points])
        found[points] = _rounded(geod().inv(np.full(len(lon), shape.x), np.full(len(lon), shape.y), lon, lat)[2])
        there &= ~points
    meet = there & shapely.intersects(shape, shapes)
    found[meet] = 0.0
    apart = np.flatnonzero(there & ~meet)
    if len(apart):
        every, constant = pieces_of(shapes[apart]), _kept_pieces(shape)
        found[apart] = _rounded(_nearest(every, constant, len(apart)))
    return found


def _rounded(metres: Any) -> Any:  # noqa: ANN401
    """To a micrometre: one at a time or many at once, the same two shapes have the same distance."""
    return np.round(metres, 6)


def _kept_pieces(shape: BaseGeometry) -> Pieces:
    """Pieces of a shape; the last ones are kept. The shape is held, so that its id stays its own."""
    global _held
    held = _pieces.get(id(shape))
    if held is not None:
        return held[1]
    made = pieces_of(np.asarray([shape], dtype=object))
    with _lock:
        if id(shape) not in _pieces:
            _pieces[id(shape)] = (shape, made)
            _held += len(made)
        while _held > _KEPT and len(_pieces) > 1:
            _held -= len(_pieces.popitem(last=False)[1][1])
    return made


def _nearest(every: Pieces, constant: Pieces, count: int) -> Array:
    best = np.full(count, np.inf)
    for low, high in _batches(every, len(constant)):
        part = every.taken(slice(low, high))
        first, last = int(part.owner[0]), int(part.owner[-1]) + 1
        part.owner = part.owner - first
        best[first:last] = _of_batch(part, constant, last - first)
    return best


def _batches(every: Pieces, size: int) -> list[tuple[int, int]]:
    """Runs of whole shapes that together make a bounded number of pairs."""
    cuts = np.append(np.flatnonzero(np.diff(every.owner)) + 1, len(every))
    most = max(_MATRIX // 4 // max(min(size, _FEW), 1), 1)
    found, low = [], 0
    while low < len(every):
        fitting = cuts[(cuts > low) & (cuts <= low + most)]
        high = int(fitting[-1]) if len(fitting) else int(cuts[cuts > low][0])
        found.append((low, high))
        low = high
    return found


def _of_batch(part: Pieces, constant: Pieces, count: int) -> Array:
    extent = _extents(part, count) + _extents(constant, 1)
    if len(constant) <= _FEW_PIECES or len(part) * len(constant) <= _FEW:
        i = np.repeat(np.arange(len(part)), len(constant))
        j = np.tile(np.arange(len(constant)), len(part))
        return _refined(part.taken(i), constant.taken(j), extent)
    i, j = _likely(part, constant, extent)
    return _refined(part.taken(i), constant.taken(j), extent)


# --- bundles of pieces -------------------------------------------------------------------------------------------


def _bundles(pieces: Pieces) -> tuple[Array, Array, Array, Array]:
    """Runs of pieces of one shape: where each starts, ends, and the ball round it (centre, radius)."""
    run = max(_RUN, -(-len(pieces) // _MOST_BUNDLES))
    new = np.flatnonzero(np.append(True, np.diff(pieces.owner) != 0))
    since = np.arange(len(pieces)) - np.repeat(new, np.diff(np.append(new, len(pieces))))
    starts = np.flatnonzero(since % run == 0)
    ends = np.append(starts[1:], len(pieces))
    low = np.minimum.reduceat(pieces.space.min(axis=1), starts)
    high = np.maximum.reduceat(pieces.space.max(axis=1), starts)
    centre = (low + high) / 2
    reach = np.linalg.norm(pieces.space - np.repeat(centre, ends - starts, axis=0)[:, None], axis=2).max(axis=1)
    return starts, ends, centre, np.maximum.reduceat(reach + pieces.sag, starts)


def _likely(part: Pieces, constant: Pieces, extent: Array) -> tuple[Array, Array]:
    """Pairs of pieces whose bundles may hold the nearest places of a shape."""
    a_start, a_end, a_centre, a_reach = _bundles(part)
    b_start, b_end, b_centre, b_reach = _bundles(constant)
    owner = part.owner[a_start]
    most = np.full(len(extent), np.inf)
    gaps = np.empty((len(a_start), len(b_start)))
    for low in range(0, len(a_start), 256):
        some = slice(low, low + 256)
        gaps[some] = np.linalg.norm(a_centre[some, None] - b_centre[None], axis=2)
        nearest = (gaps[some] + b_reach[None]).min(axis=1) + a_reach[some]
        np.minimum.at(most, owner[some], nearest)
    gaps -= a_reach[:, None] + b_reach[None]
    # The nearest bundles of each shape, piece by piece, say much better how near it is.
    sure = gaps.argmin(axis=1)
    closest = np.flatnonzero(gaps[np.arange(len(gaps)), sure] <= _slack(most, extent)[owner])
    order = closest[np.lexsort((gaps[closest, sure[closest]], owner[closest]))]
    first = order[np.append(True, np.diff(owner[order]) != 0)]
    i, j = _members(a_start, a_end, b_start, b_end, first, sure[first])
    long, _, _ = chords(part.taken(i), constant.taken(j))
    np.minimum.at(most, part.owner[i], long + part.sag[i] + constant.sag[j])
    rows, columns = np.nonzero(gaps <= _slack(most, extent)[owner][:, None])
    found_i, found_j = [], []
    for low in range(0, len(rows), 512):
        i, j = _members(a_start, a_end, b_start, b_end, rows[low : low + 512], columns[low : low + 512])
        long, _, _ = chords(part.taken(i), constant.taken(j))
        np.minimum.at(most, part.owner[i], long + part.sag[i] + constant.sag[j])
        near = long - part.sag[i] - constant.sag[j] <= _slack(most, extent)[part.owner[i]]
        found_i.append(i[near])
        found_j.append(j[near])
    return np.concatenate(found_i), np.concatenate(found_j)


def _members(a_start: Array, a_end: Array, b_start: Array, b_end: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """All pairs of pieces of pairs of bundles."""
    sizes_a, sizes_b = a_end[a] - a_start[a], b_end[b] - b_start[b]
    which = np.repeat(np.arange(len(a)), sizes_a * sizes_b)
    place = np.arange(len(which)) - np.repeat(np.cumsum(sizes_a * sizes_b) - sizes_a * sizes_b, sizes_a * sizes_b)
    return a_start[a][which] + place // sizes_b[which], b_start[b][which] + place % sizes_b[which]


def _slack(chord: Array, extent: Array) -> Array:
    """The chord up to which a pair may still have the shortest geodesic, for the Earth's radius varies by 1 %.

    The less places of both shapes are apart (`extent`, metres), the less it varies between pairs of them.
    """
    share = (chord / MAJOR) ** 2
    return chord * (1.0 + (0.001 * share + 0.0005 * share**2) * np.minimum(extent * (1.5 / MAJOR), 1.0)) + 1e-6


def _extents(pieces: Pieces, count: int) -> Array:
    """Diagonals of the boxes in space round the pieces of each shape."""
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    new = np.flatnonzero(np.append(True, np.diff(pieces.owner) != 0))
    low[pieces.owner[new]] = np.minimum.reduceat(pieces.space.min(axis=1), new)
    high[pieces.owner[new]] = np.maximum.reduceat(pieces.space.max(axis=1), new)
    return np.linalg.norm(high - low, axis=1)


# --- pairs of pieces ---------------------------------------------------------------------------------------------


def _refined(a: Pieces, b: Pieces, extent: Array) -> Array:
    """Shortest distances by shape, from pairs of pieces that are cut until they are chords."""
    count = len(extent)
    most = np.full(count, np.inf)
    while True:
        long, s, t = chords(a, b)
        sag = a.sag + b.sag
        np.minimum.at(most, a.owner, long + sag)
        near = np.flatnonzero(long - sag <= _slack(most, extent)[a.owner])
        a, b, long, s, t, sag = a.taken(near), b.taken(near), long[near], s[near], t[near], sag[near]
        near = long - sag <= _slack(most[a.owner], _aside(a, b, long, count))
        bent = near & (sag > _STRAIGHT + 1e-5 * most[a.owner])
        if not bent.any() or near.sum() > _MOST_PAIRS:
            return _measured(a.taken(near), b.taken(near), long[near], s[near], t[near], count)
        straight = near & ~bent
        first, second = bent & (a.sag >= b.sag), bent & (a.sag < b.sag)
        cut_a, cut_b = a.taken(first).split(8), b.taken(second).split(8)
        a = _together(a.taken(straight), cut_a, a.taken(np.repeat(np.flatnonzero(second), 8)))
        b = _together(b.taken(straight), b.taken(np.repeat(np.flatnonzero(first), 8)), cut_b)


def _aside(a: Pieces, b: Pieces, long: Array, count: int) -> Array:
    """How far, at most, the places of each pair are from those of the best pair of the same shape."""
    if count == 1:
        best = np.full(len(long), long.argmin())
    else:
        order = np.lexsort((long, a.owner))
        first = np.zeros(count, dtype=np.intp)
        first[a.owner[order[::-1]]] = order[::-1]
        best = first[a.owner]
    found = np.zeros(len(long))
    for one in (a, b):
        size = np.linalg.norm(one.space[:, 1] - one.space[:, 0], axis=1)
        found += np.linalg.norm(one.space.mean(axis=1) - one.space[best].mean(axis=1), axis=1) + (size + size[best]) / 2
    return found


def _together(*parts: Pieces) -> Pieces:
    return Pieces(
        np.concatenate([one.ends for one in parts]),
        np.concatenate([one.space for one in parts]),
        np.concatenate([one.sag for one in parts]),
        np.concatenate([one.owner for one in parts]),
    )


def _measured(a: Pieces, b: Pieces, long: Array, s: Array, t: Array, count: int) -> Array:
    """Shortest geodesics by shape: the likeliest pairs are measured, of these the best are moved to their minimum."""
    kept = _first(a.owner, long - a.sag - b.sag, _MEASURED)
    a, b, s, t = a.taken(kept), b.taken(kept), s[kept], t[kept]
    kept = _first(a.owner, _metres(a.at(s), b.at(t)), _POLISHED)
    a, b, s, t = a.taken(kept), b.taken(kept), s[kept], t[kept]
    best = np.full(count, np.inf)
    np.minimum.at(best, a.owner, _metres(a.at(s), b.at(t)))
    moving_a, moving_b = bool(a.sag.any()), bool(b.sag.any())
    for width in (0.2, 0.04) if moving_a and moving_b else (0.2,):
        s = _lowest(a, s, b.at(t), width) if moving_a else s
        t = _lowest(b, t, a.at(s), width) if moving_b else t
    np.minimum.at(best, a.owner, _metres(a.at(s), b.at(t)))
    return best


def _first(owner: Array, value: Array, most: int) -> Array:
    """Indexes of the smallest values of each owner."""
    if len(owner) <= most:
        return np.arange(len(owner))
    order = np.lexsort((value, owner))
    ranked = owner[order]
    return order[np.arange(len(order)) - np.searchsorted(ranked, ranked) < most]


def _metres(here: Array, there: Array) -> Array:
    found = geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])[2]
    return np.where(np.isnan(found), _NOWHERE, found)


def _lowest(pieces: Pieces, share: Array, places: Array, width: float) -> Array:
    """Shares of pieces that are nearest to places: the lowest point of a parabola through three squared distances."""
    middle = np.clip(share, width, 1.0 - width)
    tried = np.concatenate([middle - width, middle, middle + width])
    index = np.tile(np.arange(len(share)), 3)
    squares = _metres(pieces.taken(index).at(tried), places[index]).reshape(3, -1) ** 2
    bend = squares[0] - 2.0 * squares[1] + squares[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = middle + width / 2 * (squares[0] - squares[2]) / bend
    return np.where((bend > 0.0) & (pieces.sag > 0.0), np.clip(found, 0.0, 1.0), share)
