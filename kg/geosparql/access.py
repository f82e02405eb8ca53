"""What a geometry is: system, kind, dimensions, emptiness, parts, bounds."""

from __future__ import annotations

from collections.abc import Callable

import shapely

from kg.geosparql.crs import crs_of
from kg.geosparql.shape import Shape, shape_of, write
from ontology.errors import GeometryError
from ontology.terms import WKT_LITERAL, XSD, Literal, Term

_SF = "http://www.opengis.net/ont/sf#"
_ANY_URI = XSD + "anyURI"


def number_of(term: Term) -> float:
    """The value of a number.

    Raises:
        GeometryError: it is none.
    """
    value = term.to_python() if isinstance(term, Literal) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise GeometryError(f"{str(term)[:50]!r} is no number.", "")
    return float(value)


def get_srid(a: Term) -> Term:
    """IRI of the coordinate reference system, as it was written."""
    return Literal(shape_of(a).crs.iri, _ANY_URI)


def geometry_type(a: Term) -> Term:
    """IRI of the simple-features class, such as sf:Polygon."""
    shape = shape_of(a)
    return Literal(_SF + (shape.name or shape.geometry.geom_type), _ANY_URI)


def dimension(a: Term) -> Term:
    """Topological dimension: 0 to 2; that of the largest part; 0 for an empty collection."""
    return Literal.of(max(int(shapely.get_dimensions(shape_of(a).geometry)), 0))


def coordinate_dimension(a: Term) -> Term:
    """Numbers in a position: 2 to 4."""
    shape = shape_of(a).geometry
    return Literal.of(2 + bool(shapely.has_z(shape)) + bool(shapely.has_m(shape)))


def spatial_dimension(a: Term) -> Term:
    """Numbers in a position that say where it is: 2 or 3."""
    return Literal.of(2 + bool(shapely.has_z(shape_of(a).geometry)))


def is_3d(a: Term) -> Term:
    """Whether positions have a Z."""
    return Literal.of(bool(shapely.has_z(shape_of(a).geometry)))


def is_measured(a: Term) -> Term:
    """Whether positions have an M."""
    return Literal.of(bool(shapely.has_m(shape_of(a).geometry)))


def is_empty(a: Term) -> Term:
    """Whether it has no position."""
    return Literal.of(bool(shape_of(a).geometry.is_empty))


def is_simple(a: Term) -> Term:
    """Whether it neither crosses nor touches itself; polygons are simple where they are valid."""
    shape = shape_of(a).geometry
    if shapely.get_dimensions(shape) == 2:
        return Literal.of(bool(shapely.is_valid(shape)))
    if shape.geom_type == "GeometryCollection":
        return Literal.of(all(bool(shapely.is_simple(part)) for part in shape.geoms))
    return Literal.of(bool(shapely.is_simple(shape)))


def num_geometries(a: Term) -> Term:
    """Parts of a collection; 1 for a single geometry, 0 for an empty one."""
    shape = shape_of(a).geometry
    return Literal.of(0 if shape.is_empty else int(shapely.get_num_geometries(shape)))


def geometry_n(a: Term, index: Term) -> Term:
    """The part of a collection at a place, counted from 1 as in simple features; a single geometry is its own first.

    Raises:
        GeometryError: it has no such part.
    """
    shape, place = shape_of(a), number_of(index)
    count = int(shapely.get_num_geometries(shape.geometry))
    if place != int(place) or not 1 <= place <= count:
        raise GeometryError(f"A geometry with {count} parts has none at {place:g}.", "Count from 1.")
    return shape.literal(shapely.get_geometry(shape.geometry, int(place) - 1))


def _bound(axis: int, largest: bool) -> Callable[[Term], Term]:
    def bound(a: Term) -> Term:
        shape = shape_of(a)
        if axis == 2 and not shapely.has_z(shape.geometry):
            raise GeometryError("A geometry without Z has no bounds in Z.", "Test geof:is3D first.")
        coords = shapely.get_coordinates(shape.geometry, include_z=axis == 2)
        if not len(coords):
            raise GeometryError("An empty geometry has no bounds.", "Test geof:isEmpty first.")
        column = coords[:, axis]
        return Literal.of(float(column.max() if largest else column.min()))

    return bound


def transform(a: Term, system: Term) -> Term:
    """The geometry in another system, as a literal of the same kind.

    Raises:
        GeometryError: unknown system, a position that does not exist there, or a kind of literal that is always CRS84.
    """
    shape, target = shape_of(a), crs_of(str(system))
    return (
        converted(shape, shape.kind, str(system)) if target.plane != shape.crs.plane else _renamed(shape, str(system))
    )


def _renamed(shape: Shape, system: str) -> Term:
    return write(shape.geometry, crs_of(system), shape.kind, shape.namespace)


def converted(shape: Shape, kind: str, system: str) -> Term:
    """The geometry in another system as a literal of some kind."""
    from kg.geosparql.crs import convert
    from kg.geosparql.shape import GEOJSON_LITERAL, KML_LITERAL

    target = crs_of(system)
    if kind in (GEOJSON_LITERAL, KML_LITERAL) and not target.is_wgs84:
        raise GeometryError("GeoJSON and KML are always in CRS84.", "Use geof:asWKT first.")
    return write(convert(shape.geometry, shape.crs, target), target, kind, shape.namespace)


def as_wkt(a: Term) -> Term:
    """The geometry as `geo:wktLiteral` in its own system."""
    shape = shape_of(a)
    return write(shape.geometry, shape.crs, WKT_LITERAL)


def as_gml(a: Term, profile: Term | None = None) -> Term:
    """The geometry as `geo:gmlLiteral` in its own system; the profile may name GML 2, 3.1 or 3.2 (the default)."""
    from kg.geosparql.gml_write import GML32
    from kg.geosparql.shape import GML_LITERAL

    shape, text = shape_of(a), str(profile or "")
    namespace = shape.namespace or GML32
    if text and "3.2" not in text and ("gml/3" in text or text.endswith("/gml") or "3.1" in text or "2." in text):
        namespace = "http://www.opengis.net/gml"
    elif text:
        namespace = GML32
    return write(shape.geometry, shape.crs, GML_LITERAL, namespace)


def as_geojson(a: Term) -> Term:
    """The geometry as `geo:geoJSONLiteral`, in CRS84."""
    from kg.geosparql.shape import GEOJSON_LITERAL

    shape = shape_of(a)
    return write(shape.geometry, shape.crs, GEOJSON_LITERAL)


def as_kml(a: Term) -> Term:
    """The geometry as `geo:kmlLiteral`, in CRS84."""
    from kg.geosparql.shape import KML_LITERAL

    shape = shape_of(a)
    return write(shape.geometry, shape.crs, KML_LITERAL)


def as_dggs(a: Term, datatype: Term) -> Term:
    """Always an error: cells of a grid are defined by its own software.

    Raises:
        GeometryError: always.
    """
    raise GeometryError(f"Geometries are not written as {str(datatype)[:80]}.", "Use geof:asWKT.")


ACCESS: dict[str, Callable[..., Term]] = {
    **{f"{side}{name}": _bound(axis, side == "max") for axis, name in enumerate("XYZ") for side in ("min", "max")},
    "getSRID": get_srid,
    "geometryType": geometry_type,
    "geometryN": geometry_n,
    "numGeometries": num_geometries,
    "dimension": dimension,
    "coordinateDimension": coordinate_dimension,
    "spatialDimension": spatial_dimension,
    "is3D": is_3d,
    "isMeasured": is_measured,
    "isEmpty": is_empty,
    "isSimple": is_simple,
    "transform": transform,
    "asWKT": as_wkt,
    "asGML": as_gml,
    "asGeoJSON": as_geojson,
    "asKML": as_kml,
    "asDGGS": as_dggs,
}
"""These functions by `geof:` name."""
