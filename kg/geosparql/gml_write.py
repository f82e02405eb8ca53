"""Shapes as GML elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from kg.geosparql.xmltree import escaped
from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

GML32 = "http://www.opengis.net/gml/3.2"
_MEMBERS = {
    "MultiPoint": ("MultiPoint", "pointMember"),
    "MultiLineString": ("MultiCurve", "curveMember"),
    "MultiPolygon": ("MultiSurface", "surfaceMember"),
    "GeometryCollection": ("MultiGeometry", "geometryMember"),
}


def numbers(shape: BaseGeometry) -> list[list[str]]:
    """The numbers of each position (2 or 3), with all their digits."""
    coords = shapely.get_coordinates(shape, include_z=bool(shapely.has_z(shape)))
    return [[_number(value) for value in row] for row in coords.tolist()]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def write_gml(shape: BaseGeometry, system: str, namespace: str = GML32) -> str:
    """A shape as one GML element; "" for an empty one, which GeoSPARQL reads as an empty geometry.

    Args:
        shape: with coordinates in the order that its system's authority gives the axes.
        system: `srsName`.
        namespace: of GML; the one of 3.2 by default.

    Raises:
        GeometryError: GML has no counterpart.
    """
    if shape.is_empty:
        return ""
    head = f' xmlns:gml="{escaped(namespace)}" srsName="{escaped(system)}"'
    return _element(shape, head)


def _element(shape: BaseGeometry, head: str = "") -> str:
    size = ' srsDimension="3"' if shapely.has_z(shape) else ""
    kind = shape.geom_type
    if kind == "Point":
        return f"<gml:Point{head}><gml:pos{size}>{_flat(shape)}</gml:pos></gml:Point>"
    if kind in ("LineString", "LinearRing"):
        return f"<gml:{kind}{head}><gml:posList{size}>{_flat(shape)}</gml:posList></gml:{kind}>"
    if kind == "Polygon":
        rings = [("exterior", shape.exterior), *(("interior", ring) for ring in shape.interiors)]
        body = "".join(f"<gml:{name}>{_element(ring)}</gml:{name}>" for name, ring in rings)
        return f"<gml:Polygon{head}>{body}</gml:Polygon>"
    if kind not in _MEMBERS:
        raise GeometryError(f"A {kind} has no GML form.", "")
    name, member = _MEMBERS[kind]
    parts = [_element(part) for part in shape.geoms if not part.is_empty]
    body = "".join(f"<gml:{member}>{part}</gml:{member}>" for part in parts)
    return f"<gml:{name}{head}>{body}</gml:{name}>"


def _flat(shape: BaseGeometry) -> str:
    return " ".join(" ".join(row) for row in numbers(shape))
