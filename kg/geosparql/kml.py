"""KML geometry elements (OGC 12-007r2), read and written: longitude, latitude and altitude of WGS 84."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from kg.geosparql.gml_write import numbers
from kg.geosparql.xmltree import Element, read_xml
from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

NAMESPACE = "http://www.opengis.net/kml/2.2"


def read_kml(text: str) -> BaseGeometry:
    """A geometry of KML.

    Raises:
        GeometryError: malformed, or a model or track.
    """
    return _geometry(read_xml(text, "KML"))


def _geometry(one: Element) -> BaseGeometry:
    try:
        if one.name == "Point":
            coords = _coords(one)
            return shapely.points(coords[0]) if coords else shapely.Point()
        if one.name == "LineString":
            return shapely.LineString(_coords(one))
        if one.name == "LinearRing":
            return shapely.LinearRing(_coords(one))
        if one.name == "Polygon":
            return _polygon(one)
        if one.name == "MultiGeometry":
            return _multi([_geometry(part) for part in one.children])
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        raise GeometryError(f"The KML {one.name} is no geometry: {str(error)[:100]}.", "Correct it.") from error
    raise GeometryError(f"The KML element {one.name!r} is not read.", "Use Point, LineString, Polygon, MultiGeometry.")


def _polygon(one: Element) -> BaseGeometry:
    outer = one.child("outerBoundaryIs")
    if outer is None:
        return shapely.Polygon()
    rings = [_coords(ring) for edge in [outer, *one.named("innerBoundaryIs")] for ring in edge.named("LinearRing")]
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()


def _multi(parts: list[BaseGeometry]) -> BaseGeometry:
    """KML has one kind of collection: parts of one kind are its simple-features counterpart."""
    kinds = {part.geom_type for part in parts}
    if kinds == {"Point"}:
        return shapely.MultiPoint(parts)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(parts)
    return shapely.MultiPolygon(parts) if kinds == {"Polygon"} else shapely.GeometryCollection(parts)


def _coords(one: Element) -> list[list[float]]:
    holder = one.child("coordinates")
    rows = [[float(number) for number in row.split(",")] for row in (holder.text.split() if holder else [])]
    if len({len(row) for row in rows}) > 1 or any(len(row) not in (2, 3) for row in rows):
        raise GeometryError("KML coordinates are tuples of 2 or 3 numbers.", "Write lon,lat lon,lat.")
    return rows


def write_kml(shape: BaseGeometry) -> str:
    """A shape in CRS84 as one KML element; "" for an empty one."""
    return "" if shape.is_empty else _element(shape, f' xmlns="{NAMESPACE}"')


def _element(shape: BaseGeometry, head: str = "") -> str:
    kind = shape.geom_type
    if kind in ("Point", "LineString", "LinearRing"):
        rows = " ".join(",".join(row) for row in numbers(shape))
        return f"<{kind}{head}><coordinates>{rows}</coordinates></{kind}>"
    if kind == "Polygon":
        edges = [("outerBoundaryIs", shape.exterior), *(("innerBoundaryIs", ring) for ring in shape.interiors)]
        return f"<Polygon{head}>{''.join(f'<{name}>{_element(ring)}</{name}>' for name, ring in edges)}</Polygon>"
    body = "".join(_element(part) for part in shape.geoms if not part.is_empty)
    return f"<MultiGeometry{head}>{body}</MultiGeometry>"
