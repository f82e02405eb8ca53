"""GML 2, 3.1 and 3.2 geometry elements (OGC 02-069, 03-105r1, 07-036) read as shapes, coordinates as written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from kg.geosparql.xmltree import Element, read_xml
from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_SEGMENTS = ("LineStringSegment", "GeodesicString", "Geodesic", "LinearRing", "LineString")
_PATCHES = ("PolygonPatch", "Rectangle", "Triangle", "Polygon")
_LINES = ("LineString", "Curve", "CompositeCurve", "OrientableCurve", "LinearRing", "Ring")


def read_gml(text: str, axes: Callable[[str], int]) -> tuple[BaseGeometry, str, str]:
    """A geometry of GML.

    Args:
        text: one geometry element.
        axes: how many axes the system of a `srsName` has.

    Returns:
        The shape with coordinates in the order of the text, its `srsName` ("" for none), and its namespace.

    Raises:
        GeometryError: malformed, or with arcs, splines or links, which are not read.
    """
    root = read_xml(text, "GML")
    system = root.find("srsName")
    return _Reader(axes(system) if system else 2).geometry(root), system, root.namespace


class _Reader:
    def __init__(self, axes: int) -> None:
        self._axes = axes
        self._kinds: dict[str, Callable[[Element], BaseGeometry]] = {
            "Point": self._point,
            **dict.fromkeys(_LINES, self._line),
            **dict.fromkeys(_PATCHES, self._polygon),
            **dict.fromkeys(("Surface", "PolyhedralSurface", "TriangulatedSurface", "Tin"), self._surface),
            "CompositeSurface": self._composite,
            "OrientableSurface": lambda one: self.geometry(_only(one, "baseSurface")),
            "Envelope": self._envelope,
            "Box": self._envelope,
            "MultiPoint": self._points,
            **dict.fromkeys(("MultiLineString", "MultiCurve"), self._lines),
            **dict.fromkeys(("MultiPolygon", "MultiSurface"), self._polygons),
            **dict.fromkeys(("MultiGeometry", "GeometryCollection"), self._collection),
        }

    def geometry(self, one: Element) -> BaseGeometry:
        """The shape of a geometry element."""
        reader = self._kinds.get(one.name)
        if reader is None:
            raise GeometryError(f"The GML element {one.name!r} is not read.", "Use points, lines, polygons or multis.")
        try:
            return reader(one)
        except (shapely.errors.GEOSException, ValueError, TypeError) as error:
            raise GeometryError(f"The GML {one.name} is no geometry: {str(error)[:100]}.", "Correct it.") from error

    # --- positions ---------------------------------------------------------------------------------------------

    def _coords(self, one: Element) -> Any:  # noqa: ANN401 - array (n, 2 or 3)
        """The positions right below an element, in whatever form."""
        size = one.attributes.get("srsDimension", "")
        found = []
        for child in one.children:
            declared = child.attributes.get("srsDimension", size)
            if child.name == "posList":
                found.append(_grouped(_numbers(child.text), int(declared) if declared.isdigit() else self._axes))
            elif child.name == "pos":
                found.append(_numbers(child.text)[None, :])
            elif child.name == "coordinates":
                found.append(_tuples(child))
            elif child.name == "coord":
                found.append(np.asarray([[float(axis.text) for axis in child.children]]))
            elif child.name in ("pointProperty", "pointRep"):
                found.append(shapely.get_coordinates(self.geometry(_only(child)), include_z=None))
        found = [part for part in found if part.size]
        if not found:
            return np.zeros((0, 2))
        if len({part.shape[1] for part in found}) > 1 or found[0].shape[1] not in (2, 3):
            raise GeometryError(f"Positions of a GML {one.name} have not 2 or 3 numbers each.", "Set srsDimension.")
        return np.concatenate(found)

    def _point(self, one: Element) -> BaseGeometry:
        coords = self._coords(one)
        if len(coords) > 1:
            raise GeometryError("A GML Point has more than one position.", "Use MultiPoint.")
        return shapely.points(coords[0]) if len(coords) else shapely.Point()

    def _points(self, one: Element) -> BaseGeometry:
        members = self._members(one, "pointMember", "pointMembers")
        return shapely.multipoints(members) if members else shapely.MultiPoint()

    def _line(self, one: Element) -> BaseGeometry:
        return shapely.linestrings(coords) if len(coords := self._course(one)) else shapely.LineString()

    def _course(self, one: Element) -> Any:  # noqa: ANN401
        """The positions along a curve of any kind."""
        if one.name == "OrientableCurve":
            course = self._course(_only(one, "baseCurve"))
            return course[::-1] if one.attributes.get("orientation") == "-" else course
        if one.name == "Curve":
            holder = one.child("segments")
            return _joined([self._segment(part) for part in holder.children] if holder is not None else [])
        if one.name in ("CompositeCurve", "Ring"):
            members = one.named("curveMember", "curveMembers")
            return _joined([self._course(part) for member in members for part in _linked(member).children])
        return self._coords(one)

    def _segment(self, one: Element) -> Any:  # noqa: ANN401
        if one.name not in _SEGMENTS:
            raise GeometryError(f"GML curves with {one.name} are not read.", "Use LineStringSegment.")
        return self._coords(one)

    # --- areas -------------------------------------------------------------------------------------------------

    def _polygon(self, one: Element) -> BaseGeometry:
        outer = one.named("exterior", "outerBoundaryIs")
        if not outer:
            return shapely.Polygon()
        inner = one.named("interior", "innerBoundaryIs")
        shell, *holes = [self._course(_only(ring)) for ring in [*outer[:1], *inner]]
        return shapely.Polygon(shell, holes)

    def _surface(self, one: Element) -> BaseGeometry:
        holder = one.child("patches", "polygonPatches", "trianglePatches")
        patches = [self.geometry(part) for part in holder.children] if holder is not None else []
        return _merged(patches)

    def _composite(self, one: Element) -> BaseGeometry:
        return _merged([part for member in self._members(one, "surfaceMember", "surfaceMembers")
                        for part in shapely.get_parts(member)])  # fmt: skip

    def _envelope(self, one: Element) -> BaseGeometry:
        lower, upper = one.child("lowerCorner"), one.child("upperCorner")
        if lower is not None and upper is not None:
            corners = [_numbers(lower.text), _numbers(upper.text)]
        else:
            corners = list(self._coords(one))
        if not corners:
            return shapely.Polygon()
        if len(corners) != 2 or any(len(corner) < 2 for corner in corners):
            raise GeometryError("A GML envelope needs two corners.", "Give lowerCorner and upperCorner.")
        (a, b), (c, d) = corners[0][:2], corners[1][:2]
        return shapely.Polygon([(a, b), (c, b), (c, d), (a, d), (a, b)])

    # --- collections -------------------------------------------------------------------------------------------

    def _members(self, one: Element, *names: str) -> list[BaseGeometry]:
        return [self.geometry(part) for member in one.named(*names) for part in _linked(member).children]

    def _lines(self, one: Element) -> BaseGeometry:
        found = self._members(one, "lineStringMember", "curveMember", "curveMembers")
        return (
            shapely.multilinestrings([shapely.LineString(part) for part in found])
            if found
            else shapely.MultiLineString()
        )

    def _polygons(self, one: Element) -> BaseGeometry:
        found = self._members(one, "polygonMember", "surfaceMember", "surfaceMembers")
        parts = [part for shape in found for part in shapely.get_parts(shape)]
        return shapely.multipolygons(parts) if parts else shapely.MultiPolygon()

    def _collection(self, one: Element) -> BaseGeometry:
        names = ("geometryMember", "geometryMembers", "pointMember", "lineStringMember", "polygonMember")
        return shapely.geometrycollections(self._members(one, *names))


def _merged(patches: list[BaseGeometry]) -> BaseGeometry:
    if not patches:
        return shapely.Polygon()
    return patches[0] if len(patches) == 1 else shapely.multipolygons(patches)


def _joined(courses: Iterable[Any]) -> Any:  # noqa: ANN401
    """Courses one after the other; where one ends as the next begins, the position is there once."""
    found: list[Any] = []
    for course in courses:
        if found and len(course) and np.array_equal(found[-1][-1], course[0]):
            course = course[1:]
        if len(course):
            found.append(course)
    return np.concatenate(found) if found else np.zeros((0, 2))


def _only(one: Element, *names: str) -> Element:
    """The one element in a property, or in the property of this name."""
    holder = one.child(*names) if names else one
    if holder is None or not _linked(holder).children:
        raise GeometryError(f"The GML {one.name} is empty.", "Correct it.")
    return holder.children[0]


def _linked(one: Element) -> Element:
    if "href" in one.attributes and not one.children:
        raise GeometryError("GML that links to geometry elsewhere is not read.", "Put the geometry in place.")
    return one


def _numbers(text: str) -> Any:  # noqa: ANN401
    return np.asarray([float(number) for number in text.split()])


def _grouped(numbers: Any, size: int) -> Any:  # noqa: ANN401
    if size < 2 or len(numbers) % size:
        raise GeometryError(f"A posList of {len(numbers)} numbers is not made of {size}.", "Set srsDimension.")
    return numbers.reshape(-1, size)


def _tuples(one: Element) -> Any:  # noqa: ANN401
    """GML 2 coordinates: tuples apart by `ts`, numbers by `cs`, with `decimal` marks."""
    cs, ts = one.attributes.get("cs", ","), one.attributes.get("ts", " ")
    mark = one.attributes.get("decimal", ".")
    groups = one.text.split() if not ts.strip() else one.text.split(ts)
    parts = [group.split(cs) if cs.strip() else group.split() for group in groups if group.strip()]
    if len({len(part) for part in parts}) > 1:
        raise GeometryError("GML coordinates have not the same size.", "Correct them.")
    return np.asarray([[float(number.replace(mark, ".")) for number in part] for part in parts])
