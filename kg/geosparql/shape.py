"""Geometry literals as shapes with a CRS and a kind, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.geosparql.cache import SizedCache
from kg.geosparql.crs import CRS84, Crs, convert, crs_of, swap
from ontology.errors import GeometryError
from ontology.namespaces import PREFIXES
from ontology.terms import WKT_LITERAL, Literal, Term

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_GEO = PREFIXES["geo"]
GML_LITERAL, GEOJSON_LITERAL, KML_LITERAL = _GEO + "gmlLiteral", _GEO + "geoJSONLiteral", _GEO + "kmlLiteral"
LITERALS = (WKT_LITERAL, GML_LITERAL, GEOJSON_LITERAL, KML_LITERAL)
MAX_TEXT = 8 * 2**20
_WORTH_AN_INDEX = 24  # vertices
_CACHED = 64 * 2**20


@dataclass(slots=True, eq=False)
class Shape:
    """A geometry literal, read.

    Attributes:
        geometry: as written, but with the easterly axis first.
        crs: what its coordinates mean.
        kind: datatype of the literal; results of functions are of the same.
        namespace: of GML, kept for results.
        name: "Triangle", "TIN" or "PolyhedralSurface" where it is one, which `geometry` holds as polygons.
    """

    geometry: BaseGeometry
    crs: Crs
    kind: str = WKT_LITERAL
    namespace: str = ""
    name: str = ""
    _sound: BaseGeometry | None = field(default=None, repr=False)
    _crs84: BaseGeometry | None = field(default=None, repr=False)
    _size: int = field(default=-1, repr=False)

    @property
    def sound(self) -> BaseGeometry:
        """Valid, so that it can be computed with; on WGS 84 also with longitudes in -180..180."""
        if self._sound is None:
            self._sound = _sound(self.geometry, self.crs)
        return self._sound

    @property
    def crs84(self) -> BaseGeometry:
        """`sound` in CRS84, prepared where it is large: one geometry of a query meets many others."""
        if self._crs84 is None:
            self._crs84 = self.sound if self.crs.is_wgs84 else _sound(convert(self.geometry, self.crs, CRS84), CRS84)
        return self._crs84

    @property
    def size(self) -> int:
        """Number of vertices."""
        if self._size < 0:
            import shapely

            self._size = int(shapely.get_num_coordinates(self.geometry))
        return self._size

    def within(self, crs: Crs) -> BaseGeometry:
        """`sound` in a system."""
        if crs.plane == self.crs.plane:
            return self.sound
        return self.crs84 if crs.is_wgs84 else _sound(convert(self.geometry, self.crs, crs), crs)

    def literal(self, geometry: BaseGeometry) -> Literal:
        """Another geometry in this one's system, as a literal of its kind."""
        return write(geometry, self.crs, self.kind, self.namespace)


def _sound(geometry: BaseGeometry, crs: Crs) -> BaseGeometry:
    import shapely

    found = geometry
    if not shapely.is_valid(found):
        _check_tangle(found)
        found = shapely.make_valid(found, method="structure", keep_collapsed=True)
    if crs.is_wgs84 and not found.is_empty:
        west, _, east, _ = found.bounds
        if west < -180.0 or east > 180.0:
            found = _brought_home(found)
    if shapely.get_num_coordinates(found) >= _WORTH_AN_INDEX:
        shapely.prepare(found)
    return found


def _check_tangle(geometry: BaseGeometry) -> None:
    """Raises GeometryError for outlines that cross themselves so often that a repair would not end."""
    import shapely

    from kg.geometry import tangle

    parts = shapely.get_parts(geometry)
    areas = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if any(tangle(part) > 100_000 + 20 * shapely.get_num_coordinates(part) for part in areas):
        raise GeometryError("An outline crosses itself too often to be repaired.", "Correct the polygon.")


def _brought_home(geometry: BaseGeometry) -> BaseGeometry:
    """Longitudes beyond 180 degrees are the same positions some turns back."""
    import math

    import shapely

    west, _, east, _ = geometry.bounds
    if east - west > 1080.0 or abs(west) > 3600.0:
        raise GeometryError("Longitudes run over several turns of the Earth.", "Give them in -180..180 degrees.")
    pieces = []
    for turn in range(math.floor((west + 180.0) / 360.0), math.ceil((east - 180.0) / 360.0) + 1):
        world = shapely.box(360.0 * turn - 180.0, -1000.0, 360.0 * turn + 180.0, 1000.0)
        piece = shapely.intersection(geometry, world)
        if not piece.is_empty and shapely.get_dimensions(piece) == shapely.get_dimensions(geometry):
            pieces.append(shapely.transform(piece, lambda c, by=turn: c - [360.0 * by, 0.0]))
    return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)


def _read(key: tuple[str, str]) -> Shape:
    text, datatype = key
    if len(text) > MAX_TEXT:
        raise GeometryError(f"A geometry literal of {len(text):,} characters is too large.", "Simplify it.")
    found = _read_kind(text, datatype)
    import numpy as np
    import shapely

    if not np.isfinite(shapely.get_coordinates(found.geometry)).all():
        raise GeometryError(f"The geometry {text[:60]!r} has a coordinate that is no number.", "Correct it.")
    if found.crs.swapped:
        found.geometry = swap(found.geometry)
    return found


def _read_kind(text: str, datatype: str) -> Shape:
    from kg.geosparql import wkt

    if datatype == WKT_LITERAL:
        geometry, system, name = wkt.read_wkt(text)
        return Shape(geometry, crs_of(system), WKT_LITERAL, "", name)
    if datatype in LITERALS and not text.strip():
        import shapely

        return Shape(shapely.GeometryCollection(), CRS84, datatype)
    if datatype == GML_LITERAL:
        from kg.geosparql.gml import read_gml

        geometry, system, namespace = read_gml(text, lambda iri: crs_of(iri).axes)
        return Shape(geometry, crs_of(system), GML_LITERAL, namespace)
    if datatype == GEOJSON_LITERAL:
        return Shape(wkt.read_geojson(text), CRS84, GEOJSON_LITERAL)
    if datatype == KML_LITERAL:
        from kg.geosparql.kml import read_kml

        return Shape(read_kml(text), CRS84, KML_LITERAL)
    if "dggsliteral" in datatype.lower():
        raise GeometryError("Geometries of discrete global grids are not read.", "Use geo:wktLiteral.")
    raise GeometryError(f"{datatype} is no geometry literal that is read here.", "Use geo:wktLiteral.")


_cached: SizedCache[tuple[str, str], Shape] = SizedCache(_read, lambda key: len(key[0]) * 8 + 2000, 4 * _CACHED)


def shape_of(term: Term) -> Shape:
    """The shape of a geometry literal; the last ones are kept.

    Raises:
        GeometryError: no geometry literal, malformed, or of an unknown CRS.
    """
    if not isinstance(term, Literal):
        raise GeometryError("A geometry function was given something that is no literal.", "Use geo:asWKT.")
    return _cached((term.value, term.datatype))


def geometry(term: Term) -> BaseGeometry:
    """The shape of a geometry literal in CRS84, valid. Raises GeometryError as `shape_of`."""
    return shape_of(term).crs84


def wgs84_geometry(term: Term) -> BaseGeometry:
    """As `geometry`, of literals in WGS 84 only: in these, columns of footprints and functions mean the same.

    Raises:
        GeometryError: as `shape_of`, or of another system, in which functions compute otherwise.
    """
    shape = shape_of(term)
    if not shape.crs.is_wgs84:
        raise GeometryError(f"<{shape.crs.iri[:100]}> is not the system of footprints.", "")
    return shape.crs84


def write(shape: BaseGeometry, crs: Crs, kind: str = WKT_LITERAL, namespace: str = "") -> Literal:
    """A shape in a system as a literal; GeoJSON and KML are always in CRS84.

    Args:
        shape: with the easterly axis first.
        crs: of its coordinates.
        kind: datatype of the literal.
        namespace: of GML.
    """
    from kg.geosparql import wkt

    if kind in (GEOJSON_LITERAL, KML_LITERAL):
        there = convert(shape, crs, CRS84)
        if kind == GEOJSON_LITERAL:
            return Literal(wkt.write_geojson(there), kind)
        from kg.geosparql.kml import write_kml

        return Literal(write_kml(there), kind)
    written = swap(shape) if crs.swapped else shape
    if kind == GML_LITERAL:
        from kg.geosparql.gml_write import GML32, write_gml

        return Literal(write_gml(written, crs.iri, namespace or GML32), kind)
    return Literal(wkt.write_wkt(written, crs.iri if crs.named else ""), WKT_LITERAL)


def wkt(shape: BaseGeometry) -> Literal:
    """A shape in CRS84 as `geo:wktLiteral`, with all its digits."""
    return write(shape, CRS84)
