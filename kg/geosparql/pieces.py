"""Outlines of shapes as short pieces in space, with a bound on how far the true course leaves each chord.

An edge of a shape is straight in longitude and latitude. Cut into pieces of at most a degree it is nearly a chord of
the ellipsoid; how nearly follows from its second derivative, so that distances between chords bound true ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

MAJOR = 6_378_137.0
_ECCENTRICITY2 = 0.0066943799901413165  # WGS 84
_STEP = 1.0  # degrees

Array = Any


@dataclass(slots=True)
class Pieces:
    """Pieces of outlines; points are pieces of no length.

    Attributes:
        ends: longitude and latitude of start and end, (n, 2, 2), degrees.
        space: the same ends in metres from the centre of the Earth, (n, 2, 3).
        sag: greatest distance of the course from its chord, (n,), metres.
        owner: number of the shape that each piece belongs to, ascending.
    """

    ends: Array
    space: Array
    sag: Array
    owner: Array

    @classmethod
    def between(cls, ends: Array, owner: Array) -> Pieces:
        """Pieces with these ends."""
        space = space_of(ends.reshape(-1, 2)).reshape(-1, 2, 3)
        turn = np.abs(np.radians(ends[:, 1] - ends[:, 0]))
        level = np.cos(np.radians(np.abs(ends[:, :, 1]).min(axis=1)))
        sag = MAJOR / 8 * (turn[:, 1] ** 2 + 2 * turn[:, 0] * turn[:, 1] + turn[:, 0] ** 2 * level) * 1.02
        return cls(ends, space, sag, owner)

    def __len__(self) -> int:
        return len(self.owner)

    def taken(self, index: Array) -> Pieces:
        """Some of the pieces."""
        return Pieces(self.ends[index], self.space[index], self.sag[index], self.owner[index])

    def split(self, parts: int) -> Pieces:
        """Each piece as so many, one after the other."""
        shares = np.linspace(0.0, 1.0, parts + 1)
        start, course = self.ends[:, :1], self.ends[:, 1:] - self.ends[:, :1]
        marks = start + course * shares[None, :, None]
        marks[:, -1] = self.ends[:, 1]
        ends = np.stack([marks[:, :-1], marks[:, 1:]], axis=2).reshape(-1, 2, 2)
        return Pieces.between(ends, np.repeat(self.owner, parts))

    def at(self, share: Array) -> Array:
        """Longitude and latitude at a share of each piece, (n, 2)."""
        return self.ends[:, 0] + (self.ends[:, 1] - self.ends[:, 0]) * share[:, None]


def pieces_of(shapes: Array) -> Pieces:
    """The outlines (of areas: all rings) of an array of shapes in CRS84 as pieces of at most a degree."""
    parts, owner = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    while (shapely.get_type_id(parts) >= 4).any():  # a collection may hold collections
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    areas = shapely.get_type_id(parts) == 3
    rings, inner = shapely.get_rings(parts[areas], return_index=True)
    lines = np.concatenate([parts[~areas], rings])
    owner = np.concatenate([owner[~areas], owner[areas][inner]])
    coords, line = shapely.get_coordinates(lines, return_index=True)
    if not len(coords):
        return Pieces.between(np.zeros((0, 2, 2)), np.zeros(0, dtype=np.intp))
    point = shapely.get_type_id(lines)[line] == 0
    follows = np.append(line[1:] == line[:-1], False)
    first = np.flatnonzero(follows | point)
    second = np.where(point[first], first, first + 1)
    ends, owner = np.stack([coords[first], coords[second]], axis=1), owner[line[first]]
    order = np.argsort(owner, kind="stable")
    return _shortened(ends[order], owner[order])


def _shortened(ends: Array, owner: Array) -> Pieces:
    span = np.abs(ends[:, 1] - ends[:, 0]).max(axis=1)
    counts = np.maximum(np.ceil(span / _STEP), 1.0).astype(np.intp)
    if counts.max() > 1:
        which = np.repeat(np.arange(len(ends)), counts)
        place = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        share = np.stack([place, place + 1], axis=1) / counts[which][:, None]
        start, course = ends[which, :1], ends[which, 1:] - ends[which, :1]
        ends, owner = start + course * share[:, :, None], owner[which]
    return Pieces.between(ends, owner)


def space_of(lonlat: Array) -> Array:
    """Places in metres from the centre of the Earth, (n, 3)."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    level = np.sin(lat)
    normal = MAJOR / np.sqrt(1.0 - _ECCENTRICITY2 * level**2)
    flat = normal * np.cos(lat)
    return np.stack([flat * np.cos(lon), flat * np.sin(lon), normal * (1.0 - _ECCENTRICITY2) * level], axis=1)


def chords(a: Pieces, b: Pieces) -> tuple[Array, Array, Array]:
    """Shortest distances of chords pair by pair, in metres, and at which share of each chord they are.

    Ericson, "Real-Time Collision Detection" (2005), section 5.1.9.
    """
    p, q = a.space[:, 0], b.space[:, 0]
    u, v, w = a.space[:, 1] - p, b.space[:, 1] - q, p - q
    uu, vv, uv = _dot(u, u), _dot(v, v), _dot(u, v)
    uw, vw = _dot(u, w), _dot(v, w)
    area = uu * vv - uv * uv
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.where(area > 1e-12 * uu * vv, np.clip((uv * vw - uw * vv) / area, 0.0, 1.0), 0.0)
        t = np.where(vv > 0.0, np.clip((uv * s + vw) / vv, 0.0, 1.0), 0.0)
        s = np.where(uu > 0.0, np.clip((uv * t - uw) / uu, 0.0, 1.0), 0.0)
    gap = w + u * s[:, None] - v * t[:, None]
    return np.sqrt(_dot(gap, gap)), s, t


def _dot(a: Array, b: Array) -> Array:
    return np.einsum("ij,ij->i", a, b)
