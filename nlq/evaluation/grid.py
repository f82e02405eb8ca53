"""Where scenes lie: military grid squares of Sentinel-2, paths and rows of Landsat, slanted swaths.

Squares follow MGRS (NGA.SIG.0012) as Sentinel-2 enlarges them; paths and rows follow WRS-2 (USGS), whose centres are
computed from an orbit inclined by 98.2 degrees with 233 paths.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_SIDE = 109_800.0
_DEGREE_KM = 111.2

Ring = list[tuple[float, float]]


@lru_cache(maxsize=130)
def _utm(zone: int, north: bool) -> Any:  # noqa: ANN401 - pyproj is loaded with the first tile
    from pyproj import Proj

    return Proj(proj="utm", zone=zone, south=not north, ellps="WGS84")


def tile_at(lon: float, lat: float) -> tuple[str, Ring]:
    """The grid square of a point.

    Args:
        lon: degrees east, CRS84.
        lat: degrees north; clipped to where the grid reaches (80 south to 84 north).

    Returns:
        Its name without the leading T, and its corners in degrees.
    """
    lat = min(max(lat, -79.9), 83.9)
    zone = min(int((lon + 180) // 6) % 60 + 1, 60)
    north = lat >= 0
    utm = _utm(zone, north)
    easting, northing = utm(lon, lat)
    column, row = int(easting // 100_000), int(northing // 100_000)
    letter = _COLUMNS[zone % 3][min(max(column, 1), 8) - 1]
    name = f"{zone:02d}{_BANDS[min(int((lat + 80) // 8), 19)]}{letter}{_ROWS[(row + (0 if zone % 2 else 5)) % 20]}"
    west, top = column * 100_000.0, (row + 1) * 100_000.0
    corners = [(west, top - _SIDE), (west + _SIDE, top - _SIDE), (west + _SIDE, top), (west, top)]
    return name, [utm(x, y, inverse=True) for x, y in corners]


def path_row(lon: float, lat: float) -> tuple[int, int]:
    """Landsat's path (1 to 233) and row (1 to 119) over a point, on the descending side of the orbit."""
    sine = math.sin(math.radians(min(max(lat, -80.0), 80.0))) / 0.98978
    row = round(60 - math.degrees(math.asin(min(max(sine, -1.0), 1.0))) / 1.4516)
    row = min(max(row, 1), 119)
    along = math.radians((60 - row) * 1.4516)
    drift = math.degrees(math.atan2(0.14263 * math.sin(along), math.cos(along))) + math.degrees(along) * 0.0689
    return math.floor((-64.6 + drift - lon) / 1.54506 + 0.5) % 233 + 1, row


def swath(lon: float, lat: float, across_km: float, along_km: float, *, rising: bool = False) -> Ring:
    """Corners of a scene of this size around a point, turned as a sun-synchronous orbit flies there.

    Longitudes may leave -180..180: whoever makes a footprint of them wraps it.
    """
    lat = min(max(lat, -80.0), 80.0)
    turn = math.asin(min(1.0, 0.1426 / max(0.2, math.cos(math.radians(lat))))) * (-1 if rising else 1)
    stretch = max(0.17, math.cos(math.radians(lat)))
    corners = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        east = x * across_km / 2 * math.cos(turn) + y * along_km / 2 * math.sin(turn)
        up = -x * across_km / 2 * math.sin(turn) + y * along_km / 2 * math.cos(turn)
        corners.append(
            (round(lon + east / _DEGREE_KM / stretch, 5), round(min(max(lat + up / _DEGREE_KM, -88.0), 88.0), 5))
        )
    return corners
