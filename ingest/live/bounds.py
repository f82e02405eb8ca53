"""What tests on scenes imply: which collections, moments, places and identifiers can meet them at all.

Each function gives bounds that hold for every scene that meets the test, never fewer: what it does not understand
bounds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingest.live.sources import Holding
from ingest.stac_sensors import sensors
from kg.live import LiveRequest
from kg.scenes import Spatial, boxes
from kg.scenes.terms import (
    FLIPPED,
    All,
    AnyOf,
    Apply,
    Boxes,
    Column,
    Compare,
    Const,
    Either,
    Known,
    Scalar,
    SceneIn,
    Test,
)
from kg.virtual import scene_key
from ontology.namespaces import BASE

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_SENSOR = BASE + "sensor/"
_MOST_VERTICES = 400
_LONGEST = 32 * 86_400e6  # composites of a month end long after they begin
Period = tuple[float, float]
ALWAYS: Period = (-math.inf, math.inf)


def compared(test: Test) -> tuple[str, Scalar, Any] | None:
    """(operator, scalar, value) of a comparison with a given value, that value on the right."""
    if not isinstance(test, Compare):
        return None
    if isinstance(test.right, Const):
        return test.op, test.left, test.right.value
    if isinstance(test.left, Const):
        return FLIPPED[test.op], test.right, test.left.value
    return None


def equals(test: Test) -> tuple[str, tuple[Any, ...]] | None:
    """(column, values) of a test that the column has one of the values."""
    if isinstance(test, AnyOf):
        return test.column, test.values
    found = compared(test)
    if found is None or found[0] != "=":
        return None
    _, scalar, value = found
    if isinstance(scalar, Column):
        return scalar.name, (value,)
    if isinstance(scalar, Apply) and scalar.name == "sensor iri" and isinstance(scalar.args[0], Column):
        return scalar.args[0].name, (str(value).removeprefix(_SENSOR),)
    return None


def keys(test: Test) -> frozenset[tuple[str, str]] | None:
    """(collection, identifier) pairs, one of which a scene has; None: any."""
    if isinstance(test, SceneIn):
        return frozenset(test.keys)
    found = compared(test)
    if found is not None and found[0] == "=" and isinstance(found[1], Apply) and found[1].name == "scene iri":
        key = scene_key(str(found[2]))
        return frozenset() if key is None else frozenset([key])
    if isinstance(test, All):
        known = [one for one in map(keys, test.parts) if one is not None]
        return frozenset.intersection(*known) if known else None
    if isinstance(test, Either):
        each = [keys(one) for one in test.parts]
        return None if any(one is None for one in each) else frozenset().union(*(one for one in each if one))
    return None


def identifiers(test: Test) -> frozenset[str] | None:
    """Identifiers, one of which a scene has; None: any."""
    named = keys(test)
    if named is not None:
        return frozenset(one for _, one in named)
    found = equals(test)
    if found is not None and found[0] == "id":
        return frozenset(map(str, found[1]))
    if isinstance(test, All):
        known = [one for one in map(identifiers, test.parts) if one is not None]
        return frozenset.intersection(*known) if known else None
    if isinstance(test, Either):
        each = [identifiers(one) for one in test.parts]
        return None if any(one is None for one in each) else frozenset().union(*(one for one in each if one))
    return None


def may_hold(test: Test, holding: Holding) -> bool:
    """Whether a scene of a collection can meet a test."""
    if isinstance(test, All):
        return all(may_hold(one, holding) for one in test.parts)
    if isinstance(test, Either):
        return any(may_hold(one, holding) for one in test.parts)
    named = keys(test)
    if named is not None:
        return any(one == holding.id for one, _ in named)
    found = equals(test)
    if found is None:
        return True
    column, values = found
    if column == "collection":
        return holding.id in values
    if column == "mission" and holding.missions is not None:
        return any(one in holding.missions for one in values)
    if column == "instrument" and holding.instruments is not None:
        return any(one in holding.instruments for one in values)
    if column == "platform" and holding.platforms is not None:
        return any(sensors().platform(one) in values for one in holding.platforms)
    if column == "platform" and holding.missions is not None:
        return any(sensors().mission_of(str(one)) in (None, *holding.missions) for one in values)
    return True


def period(test: Test) -> Period:
    """First and last moment (microseconds since 1970) that a scene may begin at, if it lasts 32 days at most."""
    if isinstance(test, All):
        each = [period(one) for one in test.parts]
        return max([ALWAYS[0], *(one[0] for one in each)]), min([ALWAYS[1], *(one[1] for one in each)])
    if isinstance(test, Either):
        each = [one for one in map(period, test.parts) if one[0] <= one[1]]
        return (min(one[0] for one in each), max(one[1] for one in each)) if each else (math.inf, -math.inf)
    found = compared(test)
    if found is None:
        return ALWAYS
    op, scalar, value = found
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ALWAYS
    if isinstance(scalar, Apply) and scalar.name == "year" and scalar.args in _TIMES:
        low, high = _limits(op, value)
        low = low if math.isinf(low) else _year(math.ceil(low))
        high = high if math.isinf(high) else _year(math.floor(high) + 1)
        return (low - _LONGEST if scalar.args == _TIMES[1] else low), high
    if not isinstance(scalar, Column) or scalar.name not in ("start_time", "end_time"):
        return ALWAYS
    low, high = _limits(op, float(value))
    return (low - _LONGEST if scalar.name == "end_time" else low), high


_TIMES = ((Column("start_time"),), (Column("end_time"),))


def _limits(op: str, value: float) -> Period:
    if op in ("<", "<="):
        return -math.inf, value
    if op in (">", ">="):
        return value, math.inf
    return (value, value) if op == "=" else ALWAYS


def _year(number: float) -> float:
    if not 1 <= number <= 9999:
        return -math.inf if number < 1 else math.inf
    return datetime(int(number), 1, 1, tzinfo=UTC).timestamp() * 1e6


def area(test: Test, spatial: Iterable[Spatial]) -> BaseGeometry | None:
    """The smallest known geometry that the footprint must meet; None: anywhere."""
    found = [one for one in (_boxed(test), *map(_shape, spatial)) if one is not None]
    return min(found, key=lambda one: float(one.area)) if found else None


def _shape(one: Spatial) -> BaseGeometry | None:
    import shapely

    if one.relation == "disjoint":
        return None
    if one.relation == "distance":
        return _union(boxes(one.geometry, one.metres))
    shape = one.geometry
    if shapely.get_num_coordinates(shape) <= _MOST_VERTICES and shape.geom_type != "GeometryCollection":
        return shape
    # an outline that holds the shape: APIs refuse long ones; both sides of the antimeridian stay apart
    return shapely.union_all([one.convex_hull for one in _halves(shape)])


def _halves(shape: BaseGeometry) -> list[BaseGeometry]:
    import shapely

    halves = [shapely.box(-180, -90, 0, 90), shapely.box(0, -90, 180, 90)]
    west, _, east, _ = shape.bounds
    if east - west <= 180.0:
        return [shape]
    return [half for one in halves if not (half := shapely.intersection(shape, one)).is_empty]


def _boxed(test: Test) -> BaseGeometry | None:
    if isinstance(test, Boxes):
        return _union(test.boxes)
    if isinstance(test, All):
        found = [one for one in map(_boxed, test.parts) if one is not None]
        return min(found, key=lambda one: float(one.area)) if found else None
    if isinstance(test, Either):
        each = [_boxed(one) for one in test.parts]
        if not each or any(one is None for one in each):
            return None
        import shapely

        return shapely.union_all(each)
    return None


def _union(around: Iterable[tuple[float, float, float, float]]) -> BaseGeometry:
    import shapely

    return shapely.union_all([shapely.box(*one) for one in around])


def is_exact(request: LiveRequest, holdings: Sequence[Holding]) -> bool:
    """Whether every scene of some collections near the area of a request meets all its conditions.

    That is sure for missions and collections, which follow from the collection, and for one plain area. All others
    depend on how a record is read.
    """
    plain = all(
        one.relation == "intersects" and _shape(one) is one.geometry for one in request.spatial
    ) and len(request.spatial) <= 1  # fmt: skip
    return plain and all(_follows(test, one) for test in request.where for one in holdings)


def _follows(test: Test, holding: Holding) -> bool:
    if isinstance(test, All):
        return all(_follows(one, holding) for one in test.parts)
    if isinstance(test, Known):
        return test.column in ("collection", "id", "source", "geometry") or (
            test.column == "mission" and _named_mission(holding) is not None
        )
    column, values = equals(test) or ("", ())
    if column == "collection":
        return holding.id in values
    return column == "mission" and _named_mission(holding) in values


def _named_mission(holding: Holding) -> str | None:
    """The mission that the collection's identifier names, so that also records that name none are of it."""
    found = sensors().read((), (), None, (holding.id,)).mission
    return found if holding.missions == (found,) else None
