"""A circle on the Earth as a polygon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kg.gazetteer.place import circle_bbox

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_RADIUS_KM = 6371.0088
_CORNERS = 32


def circle(lon: float, lat: float, radius_km: float) -> BaseGeometry:
    """The points at most `radius_km` away on the sphere, as a polygon of 32 corners in degrees (CRS84).

    A circle over the antimeridian comes in two parts; one over a pole is the cap above its lowest latitude.
    """
    from shapely import Polygon, box
    from shapely.ops import unary_union

    west, south, east, north = circle_bbox(lon, lat, radius_km)
    if (west, east) == (-180.0, 180.0):
        return box(west, south, east, north)
    arc = radius_km / _RADIUS_KM
    here = math.radians(lat)
    ring = []
    for corner in range(_CORNERS):
        turn = 2 * math.pi * corner / _CORNERS
        up = math.asin(math.sin(here) * math.cos(arc) + math.cos(here) * math.sin(arc) * math.cos(turn))
        across = math.atan2(
            math.sin(turn) * math.sin(arc) * math.cos(here), math.cos(arc) - math.sin(here) * math.sin(up)
        )
        ring.append((round(lon + math.degrees(across), 5), round(math.degrees(up), 5)))
    whole = Polygon(ring)
    if west <= east:
        return whole
    from shapely.affinity import translate

    pieces = []
    for turns in (-360, 0, 360):
        piece = translate(whole, turns).intersection(box(-180, -90, 180, 90))
        if not piece.is_empty:
            pieces.append(piece)
    return unary_union(pieces)
