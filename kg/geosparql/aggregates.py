"""Aggregates over geometries (GeoSPARQL 1.1, clause 8.8): one geometry from those of a group.

The first geometry of a group gives system and kind of the result; the others are brought into its system. A group
without geometries has no result, as with SPARQL's own MIN and MAX.
"""

from __future__ import annotations

from collections.abc import Callable

import shapely

from kg.geosparql.shape import Shape, shape_of
from kg.geosparql.shaping import concave
from ontology.errors import GeometryError
from ontology.terms import Term

_MOST = 200_000


def _together(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    return shapely.geometrycollections(shapes)


def _bounding_circle(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    return shapely.minimum_bounding_circle(shapely.multipoints(shapely.get_coordinates(shapes)))


def _centroid(shapes: list[shapely.Geometry]) -> shapely.Geometry:
    return shapely.centroid(shapely.union_all(shapes))


AGGREGATES: dict[str, Callable[[list[shapely.Geometry]], shapely.Geometry]] = {
    "aggBoundingBox": lambda shapes: shapely.envelope(_together(shapes)),
    "aggBoundingCircle": _bounding_circle,
    "aggCentroid": _centroid,
    "aggConcaveHull": lambda shapes: concave(_together(shapes)),
    "aggConvexHull": lambda shapes: shapely.convex_hull(_together(shapes)),
    "aggUnion": shapely.union_all,
}
"""Aggregates by `geof:` name."""


class Gathered:
    """The geometries of one group."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._first: Shape | None = None
        self._shapes: list[shapely.Geometry] = []

    def add(self, term: Term) -> None:
        """Takes one geometry.

        Raises:
            GeometryError: it is none, or there are too many.
        """
        shape = shape_of(term)
        self._first = self._first or shape
        if len(self._shapes) >= _MOST:
            raise GeometryError(f"A group has more than {_MOST:,} geometries.", "Group by more.")
        self._shapes.append(shape.within(self._first.crs))

    def result(self) -> Term | None:
        """The one geometry; None for an empty group."""
        if self._first is None:
            return None
        return self._first.literal(AGGREGATES[self._name](self._shapes))
