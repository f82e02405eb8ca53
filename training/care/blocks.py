"""A grid of blocks of equal area over the whole Earth.

Latitude is cut into bands about as high as a block is wide; each band holds as many blocks as fit around it, and its
borders lie where its share of the Earth's area says (a reduced grid, as in Gaussian grids of weather models). So every
block of a grid has the same area, at the equator, across the antimeridian and at the poles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ontology.errors import EarthdexError
from training.care.units import Floats, Ints, wrapped

_E = 0.08181919084262149  # eccentricity of WGS 84
_A = 6_378_137.0


def _q(sine: Floats | float) -> Floats:
    es = _E * np.asarray(sine, dtype=float)
    return (1.0 - _E**2) * (es / _E / (1.0 - es**2) + np.arctanh(es) / _E)


_Q_POLE = float(_q(1.0))
EARTH_AREA = 2.0 * math.pi * _A**2 * _Q_POLE  # square metres of the ellipsoid
AUTHALIC_RADIUS = _A * math.sqrt(_Q_POLE / 2.0)


def authalic_sine(lat: Floats) -> Floats:
    """Sine of the authalic latitude: the share of the area between equator and latitude (Snyder, PP 1395, 3-11)."""
    return np.clip(_q(np.sin(np.radians(lat))) / _Q_POLE, -1.0, 1.0)


def to_plane(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Kilometres in the cylindrical equal-area plane: planar areas are areas on the ellipsoid."""
    radius = AUTHALIC_RADIUS / 1000.0
    return np.radians(lon) * radius, authalic_sine(lat) * radius


@dataclass(frozen=True)
class Blocks:
    """Blocks of about `size` metres a side; see the module.

    Raises:
        EarthdexError: the size is below 100 m or above 10,000 km.
    """

    size: float
    _edges: Floats = field(init=False, repr=False, compare=False)
    _counts: Ints = field(init=False, repr=False, compare=False)
    _firsts: Ints = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 100.0 <= self.size <= 10_000_000.0:
            raise EarthdexError(
                f"Blocks of {self.size:g} m cannot be made.", "Give block_m between 100 and 10,000,000 metres."
            )
        bands = max(2, round(math.pi * AUTHALIC_RADIUS / self.size))
        middle = (np.arange(bands) + 0.5) / bands * math.pi - math.pi / 2
        around = np.cos(middle) * 2.0 * math.pi * AUTHALIC_RADIUS / self.size
        counts = np.maximum(1, np.rint(around)).astype(np.int64)
        firsts = np.concatenate([[0], np.cumsum(counts)])
        object.__setattr__(self, "_counts", counts)
        object.__setattr__(self, "_firsts", firsts[:-1])
        object.__setattr__(self, "_edges", firsts[1:-1] / firsts[-1] * 2.0 - 1.0)

    def __len__(self) -> int:
        return int(self._counts.sum())

    @property
    def area_m2(self) -> float:
        """Area of each block."""
        return EARTH_AREA / len(self)

    def of(self, lon: Floats, lat: Floats) -> Ints:
        """Numbers of the blocks that hold points, degrees."""
        band = np.searchsorted(self._edges, authalic_sine(lat), side="right")
        counts = self._counts[band]
        column = np.floor((wrapped(np.asarray(lon, dtype=float)) + 180.0) / 360.0 * counts)
        return self._firsts[band] + np.clip(column.astype(np.int64), 0, counts - 1)
