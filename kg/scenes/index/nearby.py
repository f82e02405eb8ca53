"""Which footprints are within a distance, told by two circles where that is clear, by geodesics where it is not.

A footprint that meets a circle a little smaller than the one that is asked for is near enough, one that does not meet
one a little larger is not; only what lies in the thin ring between is measured.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.scenes.index.file import Array
from kg.scenes.spatial import Spatial, hits

if TYPE_CHECKING:
    from shapely.geometry import Polygon

_VERTICES = 128
_MARGIN, _SHARE = 2.0, 0.0005  # metres, and share of the distance: edges of circles bend by less
_LARGEST = 1_000_000.0  # metres
_HIGHEST = 80.0  # degrees


def circles(one: Spatial) -> tuple[Polygon, Polygon] | None:
    """Areas that lie within the distance and that hold it; None around other shapes than points, and where they bend.

    They bend near poles and the antimeridian, and where they are large.
    """
    shape = one.geometry
    if one.relation != "distance" or shape.geom_type != "Point" or shape.is_empty:
        return None
    return _circles(float(shape.x), float(shape.y), one.metres)


@lru_cache(maxsize=64)
def _circles(lon: float, lat: float, metres: float) -> tuple[Polygon, Polygon] | None:
    import shapely

    from kg.geosparql.nearest import geod

    inner = metres * (1 - _SHARE) - _MARGIN
    outer = (metres * (1 + _SHARE) + _MARGIN) / math.cos(math.pi / _VERTICES)
    if inner <= 0.0 or metres > _LARGEST or abs(lat) + outer / 110_000.0 > _HIGHEST:
        return None
    around = np.arange(_VERTICES) * (360.0 / _VERTICES)
    made: list[Any] = []
    for radius in (inner, outer):
        x, y, _ = geod().fwd(np.full(_VERTICES, lon), np.full(_VERTICES, lat), around, np.full(_VERTICES, radius))
        if np.abs(x - lon).max() > 90.0:  # across the antimeridian
            return None
        made.append(shapely.Polygon(np.column_stack([x, y])))
        shapely.prepare(made[-1])
    return made[0], made[1]


def near(one: Spatial, shapes: Array) -> Array:
    """Which footprints (array of shapely geometries, none of them missing) are within the distance."""
    import shapely

    rings = circles(one)
    if rings is not None:
        found = shapely.intersects(rings[0], shapes)
        open_ = np.flatnonzero(~found)
        open_ = open_[shapely.intersects(rings[1], shapes[open_])]
    else:
        shapely.prepare(one.geometry)
        found = shapely.intersects(one.geometry, shapes) & (one.metres > 0.0)
        open_ = np.flatnonzero(~found)
    if len(open_):
        found[open_] = hits([one], shapes[open_])
    return np.asarray(found)
