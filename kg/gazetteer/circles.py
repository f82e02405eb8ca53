"""A circle on the Earth as a polygon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

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
    arc = radius_km / _RADIUS_KM
    here = math.radians(lat)
    sin_here, cos_here, sin_arc, cos_arc = math.sin(here), math.cos(here), math.sin(arc), math.cos(arc)
    ring = []
    for sin_turn, cos_turn in _TURNS:
        up = math.asin(sin_here * cos_arc + cos_here * sin_arc * cos_turn)
        across = math.atan2(sin_turn * sin_arc * cos_here, cos_arc - sin_here * math.sin(up))
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
