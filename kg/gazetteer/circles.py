"""A circle on the Earth as a polygon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kg.gazetteer.codec import ring_text
from kg.gazetteer.place import circle_bbox

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_RADIUS_KM = 6371.0088
_CORNERS = 32
_TURNS = [(math.sin(turn), math.cos(turn)) for turn in (2 * math.pi * one / _CORNERS for one in range(_CORNERS))]


def circle(lon: float, lat: float, radius_km: float) -> BaseGeometry:
    """The points at most `radius_km` away on the sphere, as a polygon of 32 corners in degrees (CRS84).

    A circle over the antimeridian comes in two parts; one over a pole is the cap above its lowest latitude.
    """
    from shapely import Polygon, box
    from shapely.ops import unary_union

    west, south, east, north = circle_bbox(lon, lat, radius_km)
    if (west, east) == (-180.0, 180.0):
        return box(west, south, east, north)
    whole = Polygon(_ring(lon, lat, radius_km))
    if west <= east:
        return whole
    from shapely.affinity import translate

    pieces = []
    for turns in (-360, 0, 360):
        piece = translate(whole, turns).intersection(box(-180, -90, 180, 90))
        if not piece.is_empty:
            pieces.append(piece)
    return unary_union(pieces)


def circle_wkt(lon: float, lat: float, radius_km: float) -> str | None:
    """As `circle`, as WKT with four decimals; None for a circle over the antimeridian or a pole."""
    west, _, east, _ = circle_bbox(lon, lat, radius_km)
    if west > east or (west, east) == (-180.0, 180.0):
        return None
    ring = _ring(lon, lat, radius_km)
    # Halves go to the even digit, as GEOS writes them.
    flat = [round(round(one * 1e5) / 10) / 1e4 for corner in (*ring, ring[0]) for one in corner]
    return f"POLYGON ({ring_text(flat)})"


def _ring(lon: float, lat: float, radius_km: float) -> list[tuple[float, float]]:
    arc = radius_km / _RADIUS_KM
    here = math.radians(lat)
    sin_here, sin_arc, cos_arc = math.sin(here), math.sin(arc), math.cos(arc)
    up_0, up_1, across_1 = sin_here * cos_arc, math.cos(here) * sin_arc, sin_arc * math.cos(here)
    ring = []
    for sin_turn, cos_turn in _TURNS:
        sin_up = up_0 + up_1 * cos_turn
        across = math.atan2(sin_turn * across_1, cos_arc - sin_here * sin_up)
        ring.append((round(lon + math.degrees(across), 5), round(math.degrees(math.asin(sin_up)), 5)))
    return ring
