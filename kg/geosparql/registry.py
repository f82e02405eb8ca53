"""The table of `geof:` functions: what each takes and does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ontology.errors import GeometryError
from ontology.namespaces import PREFIXES
from ontology.terms import Term

GEOF = PREFIXES["geof"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of GeoSPARQL.

    Attributes:
        name: after `geof:`.
        takes: its arguments: g geometry, n number, u unit, s coordinate reference system, p pattern, t text; those
            after `|` may be left away.
        call: of terms; raises GeometryError.
    """

    name: str
    takes: str
    call: Callable[..., Term]

    @property
    def least(self) -> int:
        """Fewest arguments."""
        return len(self.takes.split("|")[0])

    @property
    def most(self) -> int:
        """Most arguments."""
        return len(self.takes.replace("|", ""))


_GEOMETRY = (
    "asGeoJSON asKML asWKT boundary boundingCircle centroid convexHull coordinateDimension dimension envelope "
    "geometryType getSRID is3D isEmpty isMeasured isSimple maxX maxY maxZ metricArea metricLength metricPerimeter "
    "minX minY minZ numGeometries spatialDimension"
)
_PAIR = (
    "difference ehContains ehCoveredBy ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap intersection "
    "metricDistance rcc8dc rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi sfContains sfCrosses sfDisjoint "
    "sfEquals sfIntersects sfOverlaps sfTouches sfWithin symDifference union"
)
TAKES: dict[str, str] = {
    **dict.fromkeys(_GEOMETRY.split(), "g"),
    **dict.fromkeys(_PAIR.split(), "gg"),
    "area": "g|u",
    "asDGGS": "gt",
    "asGML": "g|t",
    "buffer": "gnu",
    "concaveHull": "g|n",
    "distance": "ggu",
    "geometryN": "gn",
    "length": "g|u",
    "metricBuffer": "gn",
    "perimeter": "g|u",
    "relate": "ggp",
    "transform": "gs",
}
"""Arguments of each function, as in `Function.takes`; known without importing what computes them."""

AGGREGATES: tuple[str, ...] = (
    "aggBoundingBox", "aggBoundingCircle", "aggCentroid", "aggConcaveHull", "aggConvexHull", "aggUnion",
)  # fmt: skip
"""Names of the aggregates."""


@lru_cache(maxsize=1)
def functions() -> dict[str, Function]:
    """All functions but the aggregates, by name."""
    from kg.geosparql import access, measures
    from kg.geosparql.relations import relations
    from kg.geosparql.shaping import SHAPING

    calls = access.ACCESS | measures.MEASURES | relations() | SHAPING
    return {name: Function(name, takes, calls[name]) for name, takes in TAKES.items()}


def apply(name: str, args: tuple[Term, ...]) -> Term:
    """The result of a function.

    Raises:
        GeometryError: for whatever reason it has none.
    """
    function = functions()[name]
    if not function.least <= len(args) <= function.most:
        raise GeometryError(f"geof:{name} takes {function.most} arguments, not {len(args)}.", "")
    try:
        return function.call(*args)
    except (TypeError, ValueError, ArithmeticError, LookupError, shapely_error()) as error:
        raise GeometryError(f"The geometry cannot be computed with: {str(error)[:150]}.", "Correct it.") from error


@lru_cache(maxsize=1)
def shapely_error() -> type[Exception]:
    """What shapely raises."""
    from shapely.errors import ShapelyError

    found: type[Exception] = ShapelyError
    return found


def names() -> tuple[str, ...]:
    """Names of all functions and aggregates."""
    return (*TAKES, *AGGREGATES)
