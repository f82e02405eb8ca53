"""`geof:` functions that pyoxigraph lacks or answers wrongly: any CRS, geodesic metres, errors that are noticed.

pyoxigraph knows CRS84 only, measures on a sphere, and leaves everything else unbound, so that a FILTER drops rows
without a word (GeoSPARQL 1.1, OGC 22-047r1, sections 8.7 and 9).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from ontology.errors import GeometryError
from ontology.namespaces import PREFIXES
from ontology.terms import WKT_LITERAL, Literal, Term

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_GEO, _GEOF, _UOM = PREFIXES["geo"], PREFIXES["geof"], PREFIXES["uom"]
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_MAX_TEXT = 20_000_000

METRES: dict[str, float] = {
    _UOM + "metre": 1.0,
    _UOM + "meter": 1.0,
    _UOM + "kilometre": 1000.0,
    _UOM + "kilometer": 1000.0,
    "http://www.opengis.net/def/uom/EPSG/0/9001": 1.0,
    "http://www.opengis.net/def/uom/EPSG/0/9036": 1000.0,
    "http://qudt.org/vocab/unit/M": 1.0,
    "http://qudt.org/vocab/unit/KiloM": 1000.0,
    "http://qudt.org/vocab/unit/MI": 1609.344,
}
"""Units of length by IRI, in metres."""


class FunctionErrors:
    """What functions failed on during one query."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, name: str, message: str) -> None:
        """Notes one failed call."""
        key = (name, message[:200])
        if key in self._counts or len(self._counts) < 20:
            self._counts[key] = self._counts.get(key, 0) + 1

    def notes(self) -> tuple[str, ...]:
        """One sentence for each kind of failure."""
        return tuple(
            f"geof:{name} failed {count} time{'s' * (count > 1)}, and rows that needed it are missing: {message}"
            for (name, message), count in self._counts.items()
        )


@lru_cache(maxsize=4096)
def _parsed(text: str, datatype: str) -> BaseGeometry:
    import shapely

    if len(text) > _MAX_TEXT:
        raise GeometryError(f"A geometry literal of {len(text):,} characters is too large.", "Simplify it.")
    try:
        if datatype == _GEO + "geoJSONLiteral":
            return shapely.from_geojson(text)
        if datatype != WKT_LITERAL:
            raise GeometryError(f"{datatype} is no geometry literal that is read here.", "Use geo:wktLiteral.")
        crs, body = _CRS84, text.strip()
        if body.startswith("<"):
            crs, _, body = body[1:].partition(">")
        shape = shapely.from_wkt(body) if body.strip() else shapely.from_wkt("GEOMETRYCOLLECTION EMPTY")
    except shapely.errors.GEOSException as error:
        raise GeometryError(f"The geometry {text[:80]!r} does not parse.", "Correct it.") from error
    shape = shape if crs == _CRS84 else _to_crs84(shape, crs)
    # one geometry of a query meets many others: its index is built once, for whichever side of a relation it is on
    shapely.prepare(shape)
    return shape


def _to_crs84(shape: BaseGeometry, crs: str) -> BaseGeometry:
    import numpy as np
    import shapely
    from pyproj.exceptions import ProjError

    try:
        change = _transformer(crs)
        return shapely.transform(shape, lambda c: np.column_stack(change.transform(c[:, 0], c[:, 1], errcheck=True)))
    except ProjError as error:
        raise GeometryError(f"The coordinate reference system <{crs[:100]}> is unknown or does not fit.", "") from error


@lru_cache(maxsize=64)
def _transformer(crs: str):  # type: ignore[no-untyped-def] # noqa: ANN202 - pyproj is imported when needed
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    known = crs.removeprefix("http://www.opengis.net/def/crs/").split("/")
    if not crs.startswith("http://www.opengis.net/def/crs/") or len(known) != 3:
        raise GeometryError(f"The coordinate reference system <{crs[:100]}> is unknown.", "Use an OGC or EPSG one.")
    try:
        # always_xy=False: coordinates come in the order that the authority gives its axes.
        return Transformer.from_crs(CRS.from_authority(known[0], known[2]), "OGC:CRS84", always_xy=False)
    except CRSError as error:
        raise GeometryError(f"The coordinate reference system <{crs[:100]}> is unknown.", "") from error


def geometry(term: Term) -> BaseGeometry:
    """The shape of a geometry literal in CRS84.

    Raises:
        GeometryError: no geometry literal, malformed, or of an unknown CRS.
    """
    if not isinstance(term, Literal):
        raise GeometryError("A geometry function was given something that is no literal.", "Use geo:asWKT.")
    return _parsed(term.value, term.datatype)


def wkt(shape: BaseGeometry) -> Literal:
    """A shape in CRS84 as `geo:wktLiteral`, with all its digits."""
    import shapely

    return Literal(shapely.to_wkt(shape, rounding_precision=-1), WKT_LITERAL)


def _relation(name: str) -> Callable[..., Term]:
    def relation(a: Term, b: Term) -> Term:
        import shapely

        return Literal.of(bool(getattr(shapely, name)(geometry(a), geometry(b))))

    return relation


def _number(term: Term) -> float:
    value = term.to_python() if isinstance(term, Literal) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise GeometryError(f"{str(term)[:50]!r} is no number.", "")
    return float(value)


def _distance(a: Term, b: Term, unit: Term) -> Term:
    from kg.geodesy import distance

    if str(unit) in (_UOM + "degree", _UOM + "radian"):
        import math

        import shapely

        degrees = float(shapely.distance(geometry(a), geometry(b)))
        return Literal.of(degrees if str(unit).endswith("degree") else math.radians(degrees))
    return Literal.of(distance(geometry(a), geometry(b)) / metres_of(unit))


def metres_of(unit: Term) -> float:
    """Metres in a unit of length. Raises GeometryError for another unit."""
    if str(unit) not in METRES:
        raise GeometryError(f"The unit <{str(unit)[:100]}> is unknown.", "Use uom:metre.")
    return METRES[str(unit)]


def _metric_distance(a: Term, b: Term) -> Term:
    from kg.geodesy import distance

    return Literal.of(distance(geometry(a), geometry(b)))


def _buffer(a: Term, radius: Term, unit: Term) -> Term:
    from kg.geodesy import buffer

    if str(unit) == _UOM + "degree":
        return wkt(geometry(a).buffer(_number(radius)))
    return wkt(buffer(geometry(a), _number(radius) * metres_of(unit)))


def _metric_buffer(a: Term, radius: Term) -> Term:
    from kg.geodesy import buffer

    return wkt(buffer(geometry(a), _number(radius)))


RELATIONS: dict[str, str] = {
    "sfIntersects": "intersects",
    "sfWithin": "within",
    "sfContains": "contains",
    "sfDisjoint": "disjoint",
    "sfEquals": "equals",
    "sfTouches": "touches",
    "sfOverlaps": "overlaps",
    "sfCrosses": "crosses",
}
"""Simple-features relations by `geof:` name: shapely's name."""

GEOF: dict[str, tuple[str, Callable[..., Term]]] = {
    **{name: (_GEOF + name, _relation(python)) for name, python in RELATIONS.items()},
    "distance": (_GEOF + "distance", _distance),
    "metricDistance": (_GEOF + "metricDistance", _metric_distance),
    "buffer": (_GEOF + "buffer", _buffer),
    "metricBuffer": (_GEOF + "metricBuffer", _metric_buffer),
}
"""Custom functions by name: (IRI, function of terms)."""
