"""New geometries from geometries: hulls, set operations, buffers. Planar in the system of the first one.

Results are literals of the first one's kind, in its system.
"""

from __future__ import annotations

from collections.abc import Callable

import shapely

from kg.geosparql.access import number_of
from kg.geosparql.buffers import buffer as geodesic_buffer
from kg.geosparql.crs import CRS84, convert
from kg.geosparql.measures import radius_in
from kg.geosparql.shape import Shape, shape_of
from kg.geosparql.units import METRE, Unit, unit_of
from ontology.errors import GeometryError
from ontology.terms import Term

_QUADRANT = 16
_CONCAVITY = 0.5  # where no target is given


def _of_one(change: Callable[[shapely.Geometry], shapely.Geometry]) -> Callable[[Term], Term]:
    def function(a: Term) -> Term:
        shape = shape_of(a)
        return shape.literal(change(shape.sound))

    return function


def _of_two(change: Callable[..., shapely.Geometry]) -> Callable[[Term, Term], Term]:
    def function(a: Term, b: Term) -> Term:
        one, other = shape_of(a), shape_of(b)
        try:
            return one.literal(change(one.sound, other.within(one.crs)))
        except shapely.errors.GEOSException as error:
            raise GeometryError(f"The geometries cannot be overlaid: {str(error)[:100]}.", "") from error

    return function


def _boundary(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type == "GeometryCollection":
        return shapely.union_all([_boundary(part) for part in shape.geoms]) if len(shape.geoms) else shape
    return shapely.boundary(shape)


def concave_hull(a: Term, target: Term | None = None) -> Term:
    """The concave hull; the target is the share of the convex hull to aim at, 0 to 1 or in percent to 100.

    Without it, edges half as long as the longest possible stay.
    """
    shape = shape_of(a)
    ratio = _CONCAVITY if target is None else number_of(target)
    ratio = ratio / 100.0 if ratio > 1.0 else ratio
    if not 0.0 <= ratio <= 1.0:
        raise GeometryError(f"A concave hull of {ratio:g} of the convex hull does not exist.", "Use 0 to 1.")
    return shape.literal(concave(shape.sound, ratio))


def concave(shape: shapely.Geometry, ratio: float = _CONCAVITY) -> shapely.Geometry:
    """The concave hull of a shape's vertices; of points on one line their convex hull."""
    points = shapely.multipoints(shapely.get_coordinates(shape))
    hull = shapely.convex_hull(points)
    return shapely.concave_hull(points, ratio=ratio) if shapely.get_dimensions(hull) == 2 else hull


def _buffer(shape: Shape, radius: float, unit: Unit) -> Term:
    way, size = radius_in(shape, radius, unit)
    if way == "planar":
        return shape.literal(shapely.buffer(shape.sound, size, quad_segs=_QUADRANT))
    found = geodesic_buffer(shape.crs84, size)
    return shape.literal(found if shape.crs.is_wgs84 else convert(found, CRS84, shape.crs))


def buffer(a: Term, radius: Term, unit: Term) -> Term:
    """All places within a distance: geodesic for lengths in a geographic system, planar else."""
    return _buffer(shape_of(a), number_of(radius), unit_of(str(unit)))


def metric_buffer(a: Term, radius: Term) -> Term:
    """All places within a distance in metres."""
    return _buffer(shape_of(a), number_of(radius), METRE)


SHAPING: dict[str, Callable[..., Term]] = {
    "boundary": _of_one(_boundary),
    "boundingCircle": _of_one(shapely.minimum_bounding_circle),
    "centroid": _of_one(shapely.centroid),
    "convexHull": _of_one(shapely.convex_hull),
    "envelope": _of_one(shapely.envelope),
    "concaveHull": concave_hull,
    "buffer": buffer,
    "metricBuffer": metric_buffer,
    "intersection": _of_two(shapely.intersection),
    "union": _of_two(shapely.union),
    "difference": _of_two(shapely.difference),
    "symDifference": _of_two(shapely.symmetric_difference),
}
"""Functions that make geometries, by `geof:` name."""
