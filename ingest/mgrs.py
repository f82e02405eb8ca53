"""Footprints of MGRS tiles as Sentinel-2 uses them, computed from the tile's name.

A tile is the 100 km square of the military grid (NGA.SIG.0012, MGRS), laid on a raster of 60 m and enlarged to
109,800 m towards east and south (ESA, Sentinel-2 products specification, tiling grid). Edges of a square in UTM are
no straight lines in longitude and latitude; each is drawn with a few points.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kg.geometry import normalise
from ontology.errors import GeometryError

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_SIDE = 109_800
_RASTER = 60
_STEPS = 4
_CYCLE = 2_000_000  # metres after which letters of rows repeat
_PER_DEGREE = 110_700.0
_SOUTH = 10_000_000.0  # false northing south of the equator


def tile_wkb(tile: str) -> bytes | None:
    """The footprint of a tile such as `32UPU`, as WKB in CRS84; None for a name that is no tile."""
    return _tile_wkb(tile.upper())


@lru_cache(maxsize=30_000)
def _tile_wkb(tile: str) -> bytes | None:
    corner = _corner(tile)
    if corner is None:
        return None
    zone, north, west, top = corner
    edge = [(west + _SIDE * step / _STEPS, top) for step in range(_STEPS)]
    edge += [(west + _SIDE, top - _SIDE * step / _STEPS) for step in range(_STEPS)]
    edge += [(west + _SIDE * (1 - step / _STEPS), top - _SIDE) for step in range(_STEPS)]
    edge += [(west, top - _SIDE * (1 - step / _STEPS)) for step in range(_STEPS)]
    lons, lats = _to_degrees(zone, north).transform([x for x, _ in edge], [y for _, y in edge])
    ring = [[float(lon), float(lat)] for lon, lat in zip(lons, lats, strict=True)][::-1]
    try:
        return normalise({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}).wkb
    except GeometryError:
        return None


def _corner(tile: str) -> tuple[int, bool, float, float] | None:
    """Zone, whether north of the equator, and the upper left corner in metres of UTM."""
    found = re.fullmatch(r"(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])", tile)
    if found is None or not 1 <= int(found[1]) <= 60:
        return None
    zone, band, column, row = int(found[1]), found[2], found[3], found[4]
    number = _COLUMNS[(zone - 1) % 3].find(column)
    if number < 0:
        return None
    # rows begin with A at the equator in odd zones and with F in even ones
    offset = (_ROWS.index(row) - (0 if zone % 2 else 5)) % 20 * 100_000.0
    north = band >= "N"
    middle = (-80 + 8 * _BANDS.index(band) + (6 if band == "X" else 4)) * _PER_DEGREE
    if not north:
        middle += _SOUTH
    cycles = round((middle - offset - 50_000.0) / _CYCLE)
    bottom = offset + _CYCLE * cycles
    west = (number + 1) * 100_000.0
    # the raster counts from the equator, also southwards
    above = bottom + 100_000.0 - (0.0 if north else _SOUTH)
    top = above + -above % _RASTER + (0.0 if north else _SOUTH)
    return zone, north, west - west % _RASTER, top


@lru_cache(maxsize=120)
def _to_degrees(zone: int, north: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202 - pyproj is imported late
    from pyproj import Transformer

    return Transformer.from_crs((32600 if north else 32700) + zone, "OGC:CRS84", always_xy=True)
