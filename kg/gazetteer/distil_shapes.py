"""Shapes at build time: circles, ellipses, areas from towns, unions, fewer points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_KM = 6371.0088
Ring = list[tuple[float, float]]


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons within a geometry, however deep."""
    if isinstance(geometry, Polygon):
        return [geometry] if not geometry.is_empty else []
    return [one for part in getattr(geometry, "geoms", []) for one in polygons_of(part)]


def as_area(geometry: BaseGeometry) -> BaseGeometry:
    """The areal part of a geometry as one polygon or several."""
    parts = polygons_of(geometry)
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def valid(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry, repaired where it is not valid (asking is much faster than repairing)."""
    return geometry if geometry.is_valid else shapely.make_valid(geometry)


def bbox_of(geometry: BaseGeometry) -> tuple[float, float, float, float]:
    """west, south, east, north in degrees; west > east where the shape crosses the antimeridian (as in GeoJSON)."""
    west, south, east, north = geometry.bounds
    if east - west > 180 and west < -179.9 and east > 179.9:
        spans = sorted((part.bounds[0], part.bounds[2]) for part in getattr(geometry, "geoms", [geometry]))
        gap, reach = (0.0, west, east), spans[0][1]
        for low, high in spans[1:]:
            if low - reach > gap[0]:
                gap = (low - reach, low, reach)
            reach = max(reach, high)
        if gap[0] > 60:
            return gap[1], south, gap[2], north
    return west, south, east, north


def area_km2(geometry: BaseGeometry) -> float:
    """Area on the sphere in km2: the polygons in the cylindrical equal-area projection (Lambert 1772)."""

    def project(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack((np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1])))) * EARTH_RADIUS_KM

    return float(shapely.transform(geometry, project).area)


def coarse(shape: BaseGeometry, tolerance: float) -> BaseGeometry:
    """An area with fewer points: a triangle of the side `tolerance` (degrees) is left out; never empty."""
    [less] = shapely.coverage_simplify(np.array([shape], dtype=object), tolerance)
    less = as_area(valid(less))
    return shape if less.is_empty else less


def bounded(shape: BaseGeometry, most: int = 1500) -> BaseGeometry:
    """An area with at most about so many points: coarser and coarser, then without its smallest islands."""
    tolerance = 0.04
    while shapely.get_num_coordinates(shape) > most and tolerance < 0.7:
        shape = coarse(shape, tolerance)
        parts = [p for p in polygons_of(shape) if p.area > (tolerance / 2) ** 2]
        shape = as_area(MultiPolygon(parts)) if parts else shape
        tolerance *= 1.5
    return shape


def snap(shape: BaseGeometry) -> BaseGeometry:
    """The shape on the grid of the file, still valid; unchanged where the grid would make it vanish."""
    snapped = shapely.set_precision(shape, 1e-4)
    if shape.area:
        snapped = as_area(snapped)
    return shape if snapped.is_empty else snapped


def areas_from_towns(
    shape: BaseGeometry, towns: dict[str, list[tuple[float, float]]], tolerance: float
) -> dict[str, BaseGeometry]:
    """A country shared out among its provinces: each spot belongs to the province of the nearest town.

    The Voronoi cells of all towns are cut to the country and merged by province. Borders come out right to about half
    the distance between towns; the areas tile the country.

    Args:
        shape: the country.
        towns: positions of the towns of each province.
        tolerance: of the simplification, in degrees.
    """
    codes = sorted(towns)
    if len(codes) == 1:
        return {codes[0]: shape}
    middle = math.cos(math.radians(max(-80.0, min(80.0, shape.centroid.y))))
    owner: dict[tuple[float, float], str] = {}
    for code in codes:
        for lon, lat in towns[code]:
            owner.setdefault((round(lon * middle, 6), round(lat, 6)), code)
    if len(owner) < 2:
        return {codes[0]: shape}
    spots = list(owner)
    west, south, east, north = shape.bounds
    frame = box(west * middle - 5, south - 5, east * middle + 5, north + 5)
    cells = shapely.voronoi_polygons(shapely.multipoints(np.array(spots)), extend_to=frame, ordered=True)
    groups: dict[str, list[BaseGeometry]] = {}
    for spot, cell in zip(spots, cells.geoms, strict=True):
        groups.setdefault(owner[spot], []).append(cell)
    merged = {code: shapely.coverage_union_all(group) for code, group in groups.items()}
    simple = shapely.coverage_simplify(np.array(list(merged.values()), dtype=object), tolerance)
    shapely.prepare(shape)
    out = {}
    for code, area in zip(merged, simple, strict=True):
        piece = shapely.transform(area, lambda xy: xy / [middle, 1.0])
        cut = as_area(shapely.make_valid(piece).intersection(shape))
        if not cut.is_empty:
            out[code] = cut
    return out


def within_world(geometry: BaseGeometry) -> BaseGeometry:
    """What lies past 180 degrees put back on the other side."""
    west, _, east, _ = geometry.bounds
    if west >= -180 and east <= 180:
        return geometry
    pieces = [
        shapely.transform(geometry.intersection(box(low, -90, low + 360, 90)), lambda xy, w=low: xy - [w + 180, 0])
        for low in (-540, -180, 180)
    ]
    return as_area(shapely.union_all(pieces)) if geometry.area else shapely.union_all(pieces)


def ellipse(west: float, south: float, east: float, north: float, corners: int = 32) -> BaseGeometry:
    """The ellipse inside a box: nearer to a lake or a range than the box itself."""
    if west > east:
        east += 360
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    middle, half = ((west + east) / 2, (south + north) / 2), ((east - west) / 2, (north - south) / 2)
    ring = np.column_stack((middle[0] + half[0] * np.cos(turn), middle[1] + half[1] * np.sin(turn)))
    return within_world(Polygon(ring))


def span_box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box, in two halves where west > east."""
    return within_world(box(west, south, east + 360 if west > east else east, north))


class Land:
    """All land as separate polygons, quick to ask.

    Args:
        shape: the land.
    """

    def __init__(self, shape: BaseGeometry) -> None:
        self.parts = polygons_of(shape)
        self._tree = shapely.STRtree(self.parts)

    def within(self, window: BaseGeometry) -> list[Polygon]:
        """The polygons that reach into a window."""
        return [self.parts[at] for at in sorted(self._tree.query(window, predicate="intersects").tolist())]

    def outside(self, window: BaseGeometry) -> BaseGeometry:
        """The water of a window."""
        return as_area(valid(window.difference(MultiPolygon(self.within(window)))))

    def at(self, lon: float, lat: float, reach: float) -> Polygon | None:
        """The polygon that holds a point, or lies within `reach` degrees of it."""
        return part_with(self.within(shapely.Point(lon, lat).buffer(reach)), lon, lat, reach)


def part_with(polygons: list[Polygon], lon: float, lat: float, reach: float) -> Polygon | None:
    """The polygon of several that holds a point, or lies within `reach` degrees of it."""
    point = shapely.Point(lon, lat)
    near = [(one.distance(point), at) for at, one in enumerate(polygons)]
    best = min(near, default=None)
    return polygons[best[1]] if best is not None and best[0] < max(reach, 1e-12) else None


def union(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """The area of all shapes together; slivers between neighbours are filled."""
    listed = [valid(one) for one in shapes]
    if len(listed) == 1:
        return as_area(listed[0])
    # Neighbours that share their border to the point are joined along it, which is far faster than an overlay.
    try:
        joined = shapely.coverage_union_all(listed)
        shared = joined.is_valid
    except shapely.errors.GEOSException:
        shared = False
    if not shared:
        joined = shapely.union_all(listed)
    parts = polygons_of(joined)
    filled = [Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > 2e-4]) for p in parts]
    return as_area(valid(MultiPolygon(filled)))
