"""Buffers in metres on the WGS 84 ellipsoid, round shapes of any width.

A buffer is the area with its outline's surroundings. Outlines are cut into pieces that are small against the Earth,
each is buffered in the azimuthal equidistant projection centred on it, where distances from the centre are geodesic
(Snyder, USGS PP 1395, section 25), and the results are united.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

LARGEST = 5_000_000.0
"""Greatest radius, metres."""
_STEP = 0.25  # degrees between vertices, so that edges keep their course when projected
_QUADRANT = 16  # facets in a quarter of a circle
_FACET = 50_000.0  # metres between vertices of a buffer


@lru_cache(maxsize=256)
def _transformers(lon: float, lat: float) -> tuple[Any, Any]:
    from pyproj import Transformer

    local = f"+proj=aeqd +lat_0={lat!r} +lon_0={lon!r} +datum=WGS84 +units=m +no_defs"
    there = Transformer.from_crs("OGC:CRS84", local, always_xy=True)
    return there, Transformer.from_crs(local, "OGC:CRS84", always_xy=True)


def _projected(shape: BaseGeometry, transformer: Any) -> BaseGeometry:  # noqa: ANN401
    return shapely.transform(shape, lambda c: np.column_stack(transformer.transform(c[:, 0], c[:, 1])))


def buffer(shape: BaseGeometry, metres: float) -> BaseGeometry:
    """All places within a distance of a shape, in CRS84, cut at the antimeridian.

    A negative radius takes the outline's surroundings away from an area. The outline of the result has facets: 64 of
    a circle, up to 0.13 % of the radius within it; pieces bend the radius by at most 0.1 % more.

    Args:
        shape: valid, in CRS84.
        metres: radius, at most 5,000 km.

    Raises:
        GeometryError: an empty shape or too large a radius.
    """
    if shape.is_empty:
        raise GeometryError("An empty geometry has no buffer.", "Test geof:isEmpty first.")
    if not abs(metres) <= LARGEST:
        raise GeometryError(f"A buffer of {metres:g} m is not supported.", "Use up to 5,000 km.")
    shape = shapely.force_2d(shape)
    areas = shape if shapely.get_dimensions(shape) == 2 else shapely.Polygon()
    if metres == 0.0 or (metres < 0.0 and areas.is_empty):
        return areas
    if shape.geom_type == "GeometryCollection":
        return shapely.union_all([buffer(part, metres) for part in shape.geoms if not part.is_empty])
    lines = shape if areas.is_empty else shapely.boundary(shape)
    lines = lines if areas.is_empty else _shores(lines)
    if lines.is_empty:
        return areas
    around = shapely.union_all([_local(piece, abs(metres)) for piece in _small(lines, abs(metres))])
    return shapely.union(areas, around) if metres > 0.0 else shapely.difference(areas, around)


def _shores(edges: BaseGeometry) -> BaseGeometry:
    """Outlines without those that are no edge on the Earth: cuts at the antimeridian with area on both sides, poles."""
    west = shapely.intersection(edges, shapely.LineString([(-180.0, -90.0), (-180.0, 90.0)]))
    east = shapely.intersection(edges, shapely.LineString([(180.0, -90.0), (180.0, 90.0)]))
    seam = shapely.intersection(west, shapely.transform(east, lambda c: c - np.array([360.0, 0.0])))
    poles = shapely.MultiLineString([[(-180.0, y), (180.0, y)] for y in (-90.0, 90.0)])
    for one in (seam, shapely.transform(seam, lambda c: c + np.array([360.0, 0.0])), poles):
        if not one.is_empty and shapely.get_dimensions(one) == 1:
            edges = shapely.difference(edges, one)
    return edges


def _small(lines: BaseGeometry, metres: float) -> list[BaseGeometry]:
    """Pieces of lines or points so near to each other that one projection does for each."""
    width = float(np.clip(metres / 50_000.0, 2.0, 5.0))
    if metres > 1_000_000.0:
        width = 1.0
    west, south, east, north = lines.bounds
    tall = max(abs(south), abs(north))
    wide = width / max(np.cos(np.radians(min(tall, 89.0))), 0.05)
    if east - west <= wide and north - south <= width:
        return [lines]
    dense = shapely.segmentize(lines, _STEP)
    pieces = []
    for y in np.arange(np.floor(south / width) * width, north + 1e-9, width):
        row = shapely.intersection(dense, shapely.box(-180.0, y, 180.0, y + width))
        if row.is_empty:
            continue
        level = min(abs(y), abs(y + width))
        step = min(width / max(np.cos(np.radians(level)), 0.02), 360.0)
        west, _, east, _ = row.bounds
        for x in np.arange(np.floor(west / step) * step, east + 1e-9, step):
            cell = shapely.intersection(row, shapely.box(x, -90.0, x + step, 90.0))
            if not cell.is_empty:
                pieces.append(cell)
    return pieces


def _local(piece: BaseGeometry, metres: float) -> BaseGeometry:
    from kg.geometry import normalise

    west, south, east, north = piece.bounds
    there, back = _transformers(round((west + east) / 2, 6), round((south + north) / 2, 6))
    flat = _projected(shapely.segmentize(piece, _STEP), there)
    flat = shapely.remove_repeated_points(flat, tolerance=metres * 1e-5)  # near a pole, vertices meet
    wide = shapely.segmentize(shapely.buffer(flat, metres, quad_segs=_QUADRANT), _FACET)
    return normalise(shapely.geometry.mapping(_projected(wide, back))).geometry
