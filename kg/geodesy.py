"""Distances and buffers in metres on the WGS 84 ellipsoid.

In the azimuthal equidistant projection, distances from its centre are geodesic distances (Snyder, "Map Projections",
USGS PP 1395, section 25). So the distance from a point to any shape is planar in the projection centred there; for
two shapes the centre moves to the middle between the nearest places found until they stay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely.geometry.base import BaseGeometry

from ontology.errors import GeometryError

GEOD = Geod(ellps="WGS84")
_STEP = 0.25  # degrees between vertices, so that edges keep their course when projected
_LARGEST_BUFFER = 5_000_000.0  # metres

Project = Callable[[Any], Any]


@lru_cache(maxsize=64)
def _transformers(lon: float, lat: float) -> tuple[Transformer, Transformer]:
    local = f"+proj=aeqd +lat_0={lat!r} +lon_0={lon!r} +datum=WGS84 +units=m +no_defs"
    there = Transformer.from_crs("OGC:CRS84", local, always_xy=True)
    return there, Transformer.from_crs(local, "OGC:CRS84", always_xy=True)


def _projector(transformer: Transformer) -> Project:
    def project(coords: Any) -> Any:  # noqa: ANN401 - numpy array (n, 2)
        x, y = transformer.transform(coords[:, 0], coords[:, 1])
        return np.column_stack([x, y])

    return project


def distances_to_point(lon: float, lat: float, shapes: Any) -> Any:  # noqa: ANN401
    """Geodesic distances in metres from a point to each shape; 0 inside.

    Args:
        lon: longitude, degrees.
        lat: latitude, degrees.
        shapes: array of shapely geometries, CRS84, cut at the antimeridian.
    """
    shapes = np.asarray(shapes, dtype=object)
    inside = shapely.intersects_xy(shapes, lon, lat)
    project = _projector(_transformers(lon, lat)[0])
    lines = _edges(shapes)
    flat = shapely.transform(shapely.segmentize(lines, _STEP), project)
    found = shapely.distance(flat, shapely.Point(0.0, 0.0))
    return np.where(inside, 0.0, found)


def _edges(shapes: Any) -> Any:  # noqa: ANN401
    """Outlines of areas (an area folded by the projection would be no area), other shapes as they are."""
    areas = shapely.get_dimensions(shapes) == 2
    edges = shapes.copy()
    edges[areas] = shapely.boundary(shapes[areas])
    return edges


def distance(a: BaseGeometry, b: BaseGeometry) -> float:
    """Shortest geodesic distance of two shapes in metres; 0 where they meet.

    Raises:
        GeometryError: one of them is empty.
    """
    if a.is_empty or b.is_empty:
        raise GeometryError("An empty geometry has no distance.", "")
    if shapely.intersects(a, b):
        return 0.0
    for one, other in ((a, b), (b, a)):
        if one.geom_type == "Point":
            return float(distances_to_point(one.x, one.y, [other])[0])
    return min(_settled(a, b, *start) for start in _starts(a, b))


Place = tuple[float, float]


def _settled(a: BaseGeometry, b: BaseGeometry, here: Place, there: Place) -> float:
    """Distance of the nearest places, found by projecting around the middle of the last ones until they stay."""
    best = float("inf")
    for _ in range(8):
        azimuth, _, length = GEOD.inv(*here, *there)
        if length >= best - 1e-4:
            break
        best = length
        lon, lat, _ = GEOD.fwd(*here, azimuth, length / 2)
        forward, back = _transformers(round(lon, 9), round(lat, 9))
        lines = shapely.segmentize(_edges(np.asarray([a, b], dtype=object)), _STEP)
        flat = shapely.transform(lines, _projector(forward))
        here, there = shapely.transform(shapely.shortest_line(*flat), _projector(back)).coords
    # From a place of one to all of the other the projection is exact.
    return float(min(best, distances_to_point(*here, [b])[0], distances_to_point(*there, [a])[0]))


def _starts(a: BaseGeometry, b: BaseGeometry) -> list[tuple[Place, Place]]:
    """Nearest places on the plane, also across the antimeridian."""
    found = []
    for shift in (0.0, 360.0, -360.0):
        moved = shapely.transform(b, lambda c, by=shift: c + np.array([by, 0.0]))
        here, there = shapely.shortest_line(a, moved).coords
        found.append((here, (there[0] - shift, there[1])))
    return found


def buffer(shape: BaseGeometry, metres: float) -> BaseGeometry:
    """All places within a distance of a shape, in CRS84, cut at the antimeridian.

    Exact to the facets of a circle (64) around points; around shapes wider than 20 degrees the projection would
    bend, so they are refused.

    Raises:
        GeometryError: an empty or too wide shape, or a radius beyond 5,000 km.
    """
    from kg.geometry import normalise

    if shape.is_empty:
        raise GeometryError("An empty geometry has no buffer.", "")
    if not 0 <= metres <= _LARGEST_BUFFER:
        raise GeometryError(f"A buffer of {metres:g} m is not supported.", "Use 0 to 5,000 km.")
    west, south, east, north = shape.bounds
    if max(east - west, north - south) > 20.0:
        raise GeometryError("Buffers of shapes wider than 20 degrees are not supported.", "Use geof:distance.")
    there, back = _transformers((west + east) / 2, (south + north) / 2)
    flat = shapely.transform(shapely.segmentize(shape, _STEP), _projector(there))
    wide = shapely.segmentize(shapely.buffer(flat, metres, quad_segs=16), 50_000.0)
    round_shape = shapely.transform(wide, _projector(back))
    return normalise(shapely.geometry.mapping(round_shape)).geometry
