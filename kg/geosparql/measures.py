"""Areas, lengths and distances with units: on the ellipsoid where coordinates are angles, planar where they are not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import shapely

from kg.geosparql.crs import CRS84, Crs
from kg.geosparql.nearest import distance, geod
from kg.geosparql.shape import Shape, shape_of
from kg.geosparql.units import METRE, Unit, square_metres_of, unit_of
from ontology.errors import GeometryError
from ontology.namespaces import PREFIXES
from ontology.terms import IRI, Literal, Term

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MINOR, _E = 6_356_752.314245179, 0.08181919084262149  # WGS 84
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_METRE = IRI(PREFIXES["uom"] + "metre")
_LONGEST = 1.0  # degrees of an edge that is integrated at once


def square_metres(shape: BaseGeometry) -> float:
    """Area on the WGS 84 ellipsoid of a shape in CRS84, whose edges are straight in longitude and latitude.

    The integral of the area between equator and edge (Snyder, USGS PP 1395, equation 3-12), so that poles and the
    whole world are nothing special.
    """
    total = 0.0
    for part in _areas(shape):
        shell, *holes = [_under(ring) for ring in shapely.get_rings(part)]
        total += shell - sum(holes)
    return total


def _areas(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]


def _under(ring: BaseGeometry) -> float:
    coords = np.radians(shapely.get_coordinates(shapely.segmentize(ring, _LONGEST)))
    turn, middle = np.diff(coords[:, 0]), (coords[1:, 1] + coords[:-1, 1]) / 2
    half = np.diff(coords[:, 1]) / 2
    level = np.sin(middle[:, None] + half[:, None] * _NODES)
    zone = level / (1.0 - (_E * level) ** 2) + np.arctanh(_E * level) / _E
    return abs(float((turn * (zone @ _WEIGHTS)).sum())) / 2 * _MINOR**2 / 2


def metres_along(shape: BaseGeometry) -> float:
    """Length of lines and outlines in CRS84 on the WGS 84 ellipsoid: geodesics from vertex to vertex.

    Edges of half the world or more have no one geodesic; they are followed in longitude and latitude.
    """
    total = 0.0
    for line in _lines(shape):
        coords = shapely.get_coordinates(line)
        if len(coords) > 1 and np.abs(np.diff(coords[:, 0])).max() >= 180.0:
            coords = shapely.get_coordinates(shapely.segmentize(line, _LONGEST))
        total += float(geod().line_length(coords[:, 0], coords[:, 1]))
    return total


def _lines(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shape)
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    found: list[BaseGeometry] = []
    for part in parts:
        if part.geom_type in ("LineString", "LinearRing"):
            found.append(part)
        elif part.geom_type == "Polygon":
            found.extend(shapely.get_rings(part))
    return found


# --- by unit -----------------------------------------------------------------------------------------------------


def _is_planar(crs: Crs) -> bool:
    return not crs.geographic


def _length(shape: Shape, unit: Unit, only_areas: bool) -> float:
    if unit.kind == "area":
        raise GeometryError("A length is asked for in a unit of area.", "Use uom:metre.")
    if unit.kind == "angle":
        return _flat_length(shape.within(CRS84), only_areas) / unit.size
    if _is_planar(shape.crs):
        return _flat_length(shape.sound, only_areas) * shape.crs.metres / unit.size
    return metres_along(_outline(shape.crs84, only_areas)) / unit.size


def _flat_length(shape: BaseGeometry, only_areas: bool) -> float:
    return float(_outline(shape, only_areas).length)


def _outline(shape: BaseGeometry, only_areas: bool) -> BaseGeometry:
    return shapely.geometrycollections(_areas(shape)) if only_areas else shape


def _area(shape: Shape, size: float) -> float:
    if _is_planar(shape.crs):
        return float(shape.sound.area) * shape.crs.metres**2 / size
    return square_metres(shape.crs84) / size


def area(a: Term, unit: Term = _METRE) -> Term:
    """Area in a unit of area, or the square of a unit of length or angle; 0 for points and lines."""
    shape, one = shape_of(a), unit_of(str(unit))
    if one.kind == "angle":
        return Literal.of(float(shape.within(CRS84).area) / one.size**2)
    return Literal.of(_area(shape, square_metres_of(unit)))


def metric_area(a: Term) -> Term:
    """Area in square metres."""
    return Literal.of(_area(shape_of(a), 1.0))


def length(a: Term, unit: Term = _METRE) -> Term:
    """Length of lines, of areas their perimeter, in a unit."""
    return Literal.of(_length(shape_of(a), unit_of(str(unit)), only_areas=False))


def metric_length(a: Term) -> Term:
    """Length of lines, of areas their perimeter, in metres."""
    return Literal.of(_length(shape_of(a), METRE, only_areas=False))


def perimeter(a: Term, unit: Term = _METRE) -> Term:
    """Length of the outlines of areas, holes included, in a unit; 0 for points and lines."""
    return Literal.of(_length(shape_of(a), unit_of(str(unit)), only_areas=True))


def metric_perimeter(a: Term) -> Term:
    """Length of the outlines of areas, holes included, in metres."""
    return Literal.of(_length(shape_of(a), METRE, only_areas=True))


_AROUND = 4.1e7  # metres, round the Earth


def _distance(one: Shape, other: Shape, unit: Unit) -> float:
    if one.geometry.is_empty or other.geometry.is_empty:
        raise GeometryError("An empty geometry has no distance.", "Test geof:isEmpty first.")
    if unit.kind == "area":
        raise GeometryError("A distance is asked for in a unit of area.", "Use uom:metre.")
    if unit.kind == "angle":
        return float(shapely.distance(one.within(CRS84), other.within(CRS84))) / unit.size
    if _is_planar(one.crs):
        return float(shapely.distance(one.sound, other.within(one.crs))) * one.crs.metres / unit.size
    found = distance(one.crs84, other.crs84)
    if not found < _AROUND:  # nor where it is no number
        raise GeometryError("A position lies beyond the poles.", "Give latitudes in -90..90 degrees.")
    return found / unit.size


def distance_in(a: Term, b: Term, unit: Term) -> Term:
    """Shortest distance: geodesic for a geographic first system, planar for a projected one and for units of angle."""
    return Literal.of(_distance(shape_of(a), shape_of(b), unit_of(str(unit))))


def metric_distance(a: Term, b: Term) -> Term:
    """Shortest distance in metres."""
    return Literal.of(_distance(shape_of(a), shape_of(b), METRE))


def radius_in(shape: Shape, radius: float, unit: Unit) -> tuple[str, float]:
    """How a buffer is made: ("planar", radius in units of the system) or ("geodesic", metres)."""
    if unit.kind == "area" or not math.isfinite(radius):
        raise GeometryError("A radius needs a finite number and a unit of length.", "Use uom:metre.")
    if unit.kind == "angle" and shape.crs.geographic:
        return "planar", radius * unit.size
    if unit.kind == "angle":
        raise GeometryError("A radius in degrees does not fit a projected system.", "Use uom:metre.")
    if _is_planar(shape.crs):
        return "planar", radius * unit.size / shape.crs.metres
    return "geodesic", radius * unit.size


MEASURES: dict[str, Callable[..., Term]] = {
    "area": area,
    "distance": distance_in,
    "length": length,
    "metricArea": metric_area,
    "metricDistance": metric_distance,
    "metricLength": metric_length,
    "metricPerimeter": metric_perimeter,
    "perimeter": perimeter,
}
"""These functions by `geof:` name."""
