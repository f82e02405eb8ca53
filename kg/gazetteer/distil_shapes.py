"""Shapes at build time: topojson to polygons, cut at the antimeridian; areas from towns; seas from boxes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_KM = 6371.0088
Ring = list[tuple[float, float]]


def read_topojson(path: Path, layer: str) -> list[tuple[str | None, str, BaseGeometry]]:
    """(ISO numeric code, name, geometry) of each feature of a quantised TopoJSON file, lon/lat in degrees."""
    data = json.loads(path.read_text(encoding="utf-8"))
    (scale_x, scale_y), (move_x, move_y) = data["transform"]["scale"], data["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in data["arcs"]:
        points = np.cumsum(np.asarray(arc, dtype=np.int64)[:, :2], axis=0)
        arcs.append([(x * scale_x + move_x, y * scale_y + move_y) for x, y in points.tolist()])

    def ring(indices: list[int]) -> Ring:
        out: Ring = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            out.extend(arc[1:] if out else arc)
        return out

    found = []
    for feature in data["objects"][layer]["geometries"]:
        members = feature["geometries"] if feature["type"] == "GeometryCollection" else [feature]
        polygons: list[Polygon] = []
        for member in members:
            groups = member["arcs"] if member["type"] == "MultiPolygon" else [member["arcs"]]
            for group in groups:
                polygons.extend(_cut([ring(indices) for indices in group]))
        if not polygons:
            continue
        name = feature.get("properties", {}).get("name", "")
        whole = as_area(MultiPolygon(polygons))
        found.append((feature.get("id"), name, whole if whole.is_valid else as_area(shapely.union_all(polygons))))
    return found


def _unwrap(ring: Ring) -> Ring:
    """The ring with longitudes that run on past 180 instead of jumping to -180."""
    shift = 0.0
    out = [ring[0]]
    for (x0, _), (x1, y1) in pairwise(ring):
        if x1 - x0 > 180:
            shift -= 360
        elif x1 - x0 < -180:
            shift += 360
        out.append((x1 + shift, y1))
    return out


def _cut(rings: list[Ring]) -> list[Polygon]:
    """A polygon whose rings may cross the antimeridian or go round a pole, as polygons within -180..180."""
    rings = [one for one in rings if len(set(one)) > 2]  # the quantisation makes dots of the smallest islands
    if not rings:
        return []
    if all(abs(b[0] - a[0]) <= 180 for one in rings for a, b in pairwise(one)):
        return polygons_of(valid(Polygon(rings[0], rings[1:])))
    outer = _unwrap(rings[0])
    turn = outer[-1][0] - outer[0][0]
    if abs(turn) > 180:  # round the pole: close the ring along it
        pole = -90.0 if sum(y for _, y in outer) < 0 else 90.0
        outer = [*outer, (outer[-1][0], pole), (outer[0][0], pole), outer[0]]
    whole = shapely.make_valid(Polygon(outer))
    for hole in rings[1:]:
        whole = whole.difference(shapely.make_valid(Polygon(_unwrap(hole))))
    out: list[Polygon] = []
    for turn_number in range(-2, 3):
        west = -180 + 360 * turn_number
        part = whole.intersection(box(west, -90, west + 360, 90))
        out.extend(polygons_of(shapely.transform(part, lambda xy, w=west: xy - [w + 180, 0])))
    return out


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


def simplify(shapes: list[BaseGeometry], tolerance: float, keep_below: float) -> list[BaseGeometry]:
    """Neighbours simplified together, so that their common borders stay common.

    Args:
        shapes: areas that do not overlap.
        tolerance: in degrees; a triangle of this side is left out (Visvalingam and Whyatt 1993).
        keep_below: areas under so many square degrees, and islands of larger ones, stay as they are or vanish whole.
    """
    simple = shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance, simplify_boundary=True)
    out = []
    for before, after in zip(shapes, simple, strict=True):
        if before.area < keep_below or after.is_empty:
            out.append(as_area(valid(before)))
            continue
        parts = [p for p in polygons_of(valid(after)) if p.area > (tolerance / 2) ** 2]
        out.append(as_area(MultiPolygon(parts)) if parts else as_area(before))
    return out


def lighten(shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    """Coasts of islands and of polar land in fewer points; borders between the shapes stay as they are.

    Most points of a world map lie on Arctic coasts, where a degree of longitude is short: the tolerance grows with
    the size of the island and with the latitude, from 0.02 to 0.08 degree.

    Args:
        shapes: areas that do not overlap, as `simplify` leaves them.
    """
    parts = [(number, part) for number, shape in enumerate(shapes) for part in polygons_of(shape)]
    tree = shapely.STRtree([part for _, part in parts])
    left, right = tree.query([part for _, part in parts], predicate="dwithin", distance=1e-6)
    bordering = {int(a) for a, b in zip(left, right, strict=True) if parts[a][0] != parts[b][0]}
    out: list[list[BaseGeometry]] = [[] for _ in shapes]
    for at, (number, part) in enumerate(parts):
        if at not in bordering and len(part.exterior.coords) > 8:
            squeeze = math.cos(math.radians(min(80.0, abs(part.centroid.y)))) ** 0.5
            tolerance = min(0.08, (0.018 + 0.004 * part.area**0.5) / squeeze)
            part = coarse(part, tolerance)
        out[number].append(part)
    return [as_area(valid(MultiPolygon([p for part in one for p in polygons_of(part)]))) for one in out]


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
    cells = shapely.voronoi_polygons(shapely.MultiPoint(spots), extend_to=frame, ordered=True)
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


def circle(lon: float, lat: float, radius_km: float, corners: int = 24) -> BaseGeometry:
    """A disc round a point as a polygon; discs over a pole or the antimeridian are cut to -180..180, -90..90."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    up = np.degrees(radius_km / EARTH_RADIUS_KM)
    across = up / max(0.02, math.cos(math.radians(lat)))
    ring = Polygon(np.column_stack((lon + across * np.cos(turn), lat + up * np.sin(turn))))
    return within_world(ring)


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


def part_with(geometry: BaseGeometry, lon: float, lat: float, reach: float = 0.3) -> BaseGeometry | None:
    """The polygon of a geometry that holds a point, or lies within `reach` degrees of it."""
    point = shapely.Point(lon, lat)
    best, nearest = None, reach
    for part in polygons_of(geometry):
        distance = part.distance(point)
        if distance == 0:
            return part
        if distance < nearest:
            best, nearest = part, distance
    return best


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
    return as_area(
        MultiPolygon([Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > 2e-4]) for p in parts])
    )
