"""Footprints for made-up scenes: slanted quadrilaterals on the sphere and tiles of the Sentinel-2 grid, as WKB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

_RADIUS_KM = 6371.0
_INCLINATION = np.radians(98.4)
_BANDS = "CDEFGHJKLMNPQRSTUVWXX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_SIDE = 109_800.0

Array = np.ndarray[Any, np.dtype[Any]]


def heading(lat: Array, rising: Array) -> Array:
    """Direction of flight in radians from north, of a sun-synchronous orbit at a latitude (degrees)."""
    east = np.clip(np.cos(_INCLINATION) / np.cos(np.radians(lat)), -0.97, 0.97)
    return np.asarray(np.where(rising, np.arcsin(east), np.pi - np.arcsin(east)))


def destination(lon: Array, lat: Array, bearing: Array, km: Array) -> tuple[Array, Array]:
    """Where one arrives on the sphere; longitudes run on beyond 180 degrees rather than jump."""
    arc, phi = km / _RADIUS_KM, np.radians(lat)
    sine = np.sin(phi) * np.cos(arc) + np.cos(phi) * np.sin(arc) * np.cos(bearing)
    turned = np.arctan2(np.sin(bearing) * np.sin(arc) * np.cos(phi), np.cos(arc) - np.sin(phi) * sine)
    return lon + np.degrees(turned), np.degrees(np.arcsin(np.clip(sine, -1, 1)))


def quads(lon: Array, lat: Array, direction: Array, across: Array | float, along: Array | float) -> Array:
    """Corners (n, 4, 2), counter-clockwise, of rectangles on the sphere.

    Args:
        lon: of the centres, degrees.
        lat: of the centres, degrees.
        direction: of flight, radians from north.
        across: half width in km.
        along: half length in km.
    """
    corners = np.empty((len(lon), 4, 2))
    for at, (x, y) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        aside, ahead = np.broadcast_to(across, lon.shape) * x, np.broadcast_to(along, lon.shape) * y
        bearing = direction + np.arctan2(aside, ahead)
        corners[:, at, 0], corners[:, at, 1] = destination(lon, lat, bearing, np.hypot(aside, ahead))
    return corners


@dataclass(frozen=True, slots=True)
class TileSites:
    """Tiles of the Sentinel-2 grid: names, centres in degrees, corners of whole and of partial footprints."""

    names: Array
    lon: Array
    lat: Array
    whole: Array
    partial: Array


def tile_sites(lon: Array, lat: Array) -> TileSites:
    """The tiles in which places lie, each once."""
    keep = (lat > -79.5) & (lat < 83.5)
    lon, lat = lon[keep], lat[keep]
    zone = np.clip(np.floor((lon + 180) / 6), 0, 59).astype(int) + 1
    names: dict[str, None] = {}
    corners: list[Array] = []
    for number in range(1, 61):
        for north in (True, False):
            mine = (zone == number) & ((lat >= 0) == north)
            if not mine.any():
                continue
            code = (32600 if north else 32700) + number
            x, y = Transformer.from_crs("OGC:CRS84", code, always_xy=True).transform(lon[mine], lat[mine])
            column, row = np.floor(x / 100_000).astype(int), np.floor(y / 100_000).astype(int)
            for c, r, band in zip(column, row, np.floor((lat[mine] + 80) / 8).astype(int), strict=True):
                # the southern false northing is a multiple of the cycle of rows
                letter = _ROWS[(r + (0 if number % 2 else 5)) % 20]
                name = f"{number:02d}{_BANDS[band]}{_COLUMNS[(number - 1) % 3][(c - 1) % 8]}{letter}"
                if name in names:
                    continue
                names[name] = None
                corners.append(_corners(code, c * 100_000.0, r * 100_000.0 + 100_000.0, len(names)))
    both = np.array(corners)
    centre = both[:, 0].mean(axis=1)
    return TileSites(np.array(list(names), dtype=object), centre[:, 0], centre[:, 1], both[:, 0], both[:, 1])


def _corners(code: int, west: float, top: float, number: int) -> Array:
    """Whole and partial footprint (2, 4, 2): the edge of a swath cuts a tile along the direction of flight."""
    low, high, share = top - _SIDE, top, 0.25 + 0.4 * (number * 0.61803 % 1)
    east = west + _SIDE
    a, b = (west + _SIDE * share, west + _SIDE * (share + 0.2))
    cut = (
        ((b, high), (west, high), (west, low), (a, low))
        if number % 2
        else ((east, high), (b, high), (a, low), (east, low))
    )
    ring = np.array((((east, high), (west, high), (west, low), (east, low)), cut))
    lons, lats = _to_degrees(code).transform(ring[..., 0].ravel(), ring[..., 1].ravel())
    lons = np.asarray(lons).reshape(2, 4)
    lons = lons[0, 0] + (lons - lons[0, 0] + 180) % 360 - 180
    return np.stack((lons, np.asarray(lats).reshape(2, 4)), axis=-1)


_TRANSFORMERS: dict[int, Transformer] = {}


def _to_degrees(code: int) -> Transformer:
    if code not in _TRANSFORMERS:
        _TRANSFORMERS[code] = Transformer.from_crs(code, "OGC:CRS84", always_xy=True)
    return _TRANSFORMERS[code]


def wkb(corners: Array) -> tuple[Array, Array]:
    """(WKB objects, bounds (n, 4)) of rings of four corners; what crosses the antimeridian becomes two parts."""
    count = len(corners)
    middle = (corners[:, 0, 0] + corners[:, 2, 0]) / 2
    corners = corners.copy()
    corners[..., 0] -= (np.floor((middle + 180) / 360) * 360)[:, None]
    record = np.zeros(
        count, dtype=[("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("points", "<u4"), ("xy", "<f8", (5, 2))]
    )
    record["order"], record["type"], record["rings"], record["points"] = 1, 3, 1, 5
    record["xy"][:, :4], record["xy"][:, 4] = corners, corners[:, 0]
    made = np.array(record.view(f"V{record.dtype.itemsize}").tolist(), dtype=object)
    low, high = corners.min(axis=1), corners.max(axis=1)
    bounds = np.concatenate((low, high), axis=1)
    over = np.flatnonzero((low[:, 0] < -180) | (high[:, 0] > 180))
    if len(over):
        shapes = shapely.polygons(record["xy"][over])
        halves = [_shifted(shapes, turn) for turn in (-360.0, 0.0, 360.0)]
        parts = np.stack(halves, axis=1)
        split = shapely.multipolygons(
            [one for row in parts for one in row if not shapely.is_empty(one)],
            indices=np.repeat(np.arange(len(over)), (~shapely.is_empty(parts)).sum(axis=1)),
        )
        made[over] = shapely.to_wkb(split, byte_order=1)
        bounds[over] = shapely.bounds(split)
    return made, bounds


def _shifted(shapes: Array, turn: float) -> Array:
    """The part of each shape that lies within the world after a turn (degrees), counter-clockwise."""
    moved = shapely.transform(shapes, lambda xy: xy + np.array((turn, 0.0)))
    return np.asarray(shapely.orient_polygons(shapely.intersection(moved, shapely.box(-180, -90, 180, 90))))
