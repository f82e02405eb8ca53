"""Areas of a search: bounding boxes and GeoJSON geometries as shapely geometries in CRS84."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.geometry import normalise
from ontology.errors import GeometryError, QueryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_BOX = "Give west,south,east,north in degrees, or with heights between: west,south,low,east,north,high."
_GEOMETRY = "Give a GeoJSON geometry in longitude and latitude (WGS 84)."
_TURNED = "turned latitude-longitude into longitude-latitude"
MOST_POSITIONS = 20_000
"""Positions of a geometry in a request."""
_MOST_MEMBERS = 500
_DEPTH = 8


def box_area(values: Sequence[float]) -> BaseGeometry:
    """The area of a bounding box; one whose west is greater than its east crosses the antimeridian.

    Args:
        values: four numbers, or six, of which the heights do not count.

    Raises:
        QueryError: it is none.
    """
    import shapely

    if len(values) not in (4, 6) or not all(math.isfinite(one) for one in values):
        raise QueryError("The bounding box must have 4 or 6 numbers.", _BOX)
    west, south, east, north = values if len(values) == 4 else (values[0], values[1], values[3], values[4])
    if len(values) == 6 and values[2] > values[5]:
        raise QueryError("The bounding box has its low height above its high one.", _BOX)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise QueryError("The bounding box lies outside of the Earth, or its south lies north of its north.", _BOX)
    if west <= east:
        return _flat(west, south, east, north)
    halves = [_flat(west, south, 180.0, north), _flat(-180.0, south, east, north)]
    return shapely.union_all(halves)


def _flat(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box, or the line or point that it is where it has no width or height."""
    import shapely

    if west < east and south < north:
        return shapely.box(west, south, east, north)
    if west == east and south == north:
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)])


def geojson_area(value: Any) -> BaseGeometry:  # noqa: ANN401 - anything may come from outside
    """The area of a GeoJSON geometry, cut at the antimeridian.

    Raises:
        QueryError: it is none, or too large.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        raise QueryError("The geometry is no GeoJSON geometry.", _GEOMETRY)
    if positions(value) > MOST_POSITIONS:
        raise QueryError(f"The geometry has more than {MOST_POSITIONS:,} positions.", "Simplify it.")
    members = list(_members(value, 0))
    if not members:
        raise QueryError("The geometry is empty.", _GEOMETRY)
    if len(members) > _MOST_MEMBERS:
        raise QueryError(f"The collection has more than {_MOST_MEMBERS} geometries.", "Simplify it.")
    shapes = [_single(one) for one in members]
    if len(shapes) == 1:
        return shapes[0]
    import shapely

    return shapely.union_all(shapes)


def _single(value: Mapping[str, Any]) -> BaseGeometry:
    try:
        found = normalise(value)
    except GeometryError as error:
        raise QueryError(f"The geometry cannot be used: {error.message}", error.remedy or _GEOMETRY) from error
    if _TURNED in found.repairs:
        raise QueryError("The geometry has latitudes beyond 90 degrees.", _GEOMETRY)
    return found.geometry


def _members(value: Any, depth: int) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping) or depth > _DEPTH:
        raise QueryError("The geometry is no GeoJSON geometry, or nested too deep.", _GEOMETRY)
    if value.get("type") != "GeometryCollection":
        if value.get("type") not in _TYPES or not _well_formed(value.get("coordinates"), _TYPES[value["type"]]):
            raise QueryError("The geometry is no GeoJSON geometry.", _GEOMETRY)
        yield value
        return
    listed = value.get("geometries")
    if not isinstance(listed, list):
        raise QueryError("The collection has no `geometries`.", _GEOMETRY)
    for one in listed:
        yield from _members(one, depth + 1)


_TYPES = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def _well_formed(value: Any, depth: int) -> bool:  # noqa: ANN401
    """Whether these are positions in so many lists."""
    if not isinstance(value, list) or not value:
        return False
    if depth:
        return all(_well_formed(one, depth - 1) for one in value)
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in value)
    return numbers and 2 <= len(value) <= 4 and abs(value[0]) <= 360 and abs(value[1]) <= 90


def positions(value: Any) -> int:  # noqa: ANN401
    """About how many positions a GeoJSON value has; counts without recursion, so depth does not matter."""
    waiting, count = [value], 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += [one.get("coordinates"), one.get("geometries")]
        elif isinstance(one, list):
            if one and not isinstance(one[0], (list, Mapping)):
                count += 1
            else:
                waiting += one
    return count


def bounds_of(shape: BaseGeometry) -> list[float]:
    """The bounding box of a shape cut at the antimeridian: west of east where it crosses it (RFC 7946, 5.2)."""
    import shapely

    west, south, east, north = map(float, shape.bounds)
    if west <= -180.0 and east >= 180.0 and shape.geom_type.startswith("Multi"):
        bounds = shapely.bounds(shapely.get_parts(shape))
        left, right = bounds[bounds[:, 0] < 0], bounds[bounds[:, 0] >= 0]
        if len(left) and len(right) and left[:, 2].max() < right[:, 0].min():
            west, east = float(right[:, 0].min()), float(left[:, 2].max())
    return [west, south, east, north]
