"""Conditions on footprints: their bounding boxes prune, then the footprints themselves decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from kg.scenes.terms import Box, Boxes, Known, Test

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Relation = OneOf["intersects", "within", "contains", "disjoint", "distance"]


@dataclass(frozen=True, slots=True)
class Spatial:
    """A condition on the footprint.

    Attributes:
        relation: of the footprint to the geometry (`within`: the footprint lies within it).
        geometry: shapely geometry in CRS84, cut at the antimeridian.
        metres: greatest geodesic distance, for `distance`.
        strict: whether `distance` must be smaller than `metres`, not just at most.
    """

    relation: Relation
    geometry: BaseGeometry
    metres: float = 0.0
    strict: bool = False


def box_test(one: Spatial) -> Test:
    """Scenes whose bounding box allows the relation."""
    if one.relation == "disjoint":
        return Known("geometry")
    return Boxes(tuple(boxes_of(one)))


def boxes_of(one: Spatial) -> list[Box]:
    """Boxes (west, south, east, north) that hold all places which decide a condition (but for `disjoint`)."""
    return boxes(one.geometry, one.metres if one.relation == "distance" else 0.0)


def boxes(shape: BaseGeometry, metres: float) -> list[tuple[float, float, float, float]]:
    """Boxes (west, south, east, north) that hold all places within a distance of a shape.

    A shape on both sides of the antimeridian gives two boxes rather than one round the world.
    """
    import shapely

    parts = shapely.get_parts(shape)
    halves = [shapely.total_bounds(parts[mask]) for mask in _halves(shape, parts)] if len(parts) > 1 else [shape.bounds]
    found = []
    for west, south, east, north in (tuple(map(float, one)) for one in halves):
        if math.isnan(west):
            continue
        up = metres / 110_000.0
        south, north = max(-90.0, south - up), min(90.0, north + up)
        if metres == 0.0:
            found.append((west, south, east, north))
            continue
        steepest = max(abs(south), abs(north))
        # The widest longitude difference of a spherical cap (not just metres / cos): sin(dlon) = sin(r) / cos(lat).
        r = metres / 6_350_000.0
        ratio = math.sin(min(r, math.pi / 2)) / max(math.cos(math.radians(steepest)), 1e-12)
        aside = 360.0 if ratio >= 1.0 else math.degrees(math.asin(ratio)) * 1.01
        west, east = west - aside, east + aside
        if east - west >= 360.0:
            found.append((-180.0, south, 180.0, north))
            continue
        found.append((max(west, -180.0), south, min(east, 180.0), north))
        if west < -180.0:
            found.append((west + 360.0, south, 180.0, north))
        if east > 180.0:
            found.append((-180.0, south, east - 360.0, north))
    return found


def _halves(shape: BaseGeometry, parts: Any) -> list[Any]:  # noqa: ANN401
    import numpy as np
    import shapely

    west, _, east, _ = shape.bounds
    if not east - west > 180.0:
        return [np.ones(len(parts), dtype=bool)]
    left = shapely.bounds(parts)[:, 0] < 0
    return [mask for mask in (left, ~left) if mask.any()]


def hits(conditions: Sequence[Spatial], shapes: Any) -> Any:  # noqa: ANN401 - arrays of geometries and bool
    """Which footprints (array of shapely geometries) meet all conditions; unknown ones do not."""
    import shapely

    found = ~shapely.is_missing(shapes)
    for one in conditions:
        shapely.prepare(one.geometry)
        if one.relation == "intersects":
            found &= shapely.intersects(one.geometry, shapes)
        elif one.relation == "within":
            found &= shapely.contains(one.geometry, shapes)
        elif one.relation == "contains":
            found &= shapely.within(one.geometry, shapes)
        elif one.relation == "disjoint":
            found &= shapely.disjoint(one.geometry, shapes)
        else:
            found[found] = _near(one, shapes[found])
    return found


def _near(one: Spatial, shapes: Any) -> Any:  # noqa: ANN401
    import numpy as np

    from kg.geosparql.nearest import distances

    if not len(shapes):
        return np.zeros(0, dtype=bool)
    metres = distances(one.geometry, shapes)
    return metres < one.metres if one.strict else metres <= one.metres


def met_in(tree: Any, one: Spatial) -> Any:  # noqa: ANN401 - an STRtree of footprints, an array of numbers
    """Numbers of the footprints of a tree (shapely's STRtree) that meet a condition, ascending."""
    import numpy as np
    import shapely

    shapes = tree.geometries
    if one.relation == "disjoint":
        near = np.arange(len(shapes))
    else:
        near = np.unique(tree.query(np.asarray([shapely.box(*box) for box in boxes_of(one)], dtype=object))[1])
    return near[hits([one], shapes[near])] if len(near) else near
