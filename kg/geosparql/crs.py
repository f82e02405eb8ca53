"""Coordinate reference systems by IRI, and shapes from one to the other.

Coordinates of shapes are kept with the easterly axis first, whatever the authority's order; only literals are read
and written in that order. So CRS84 and EPSG:4326 share one plane.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

CRS84_IRI = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_WGS84 = "WGS 84 longitude and latitude"
_FORMS = (
    re.compile(r"https?://www\.opengis\.net/def/crs/([A-Za-z]+)(?:/[\w.]+)?/(\w+)"),
    re.compile(r"urn:(?:ogc|x-ogc|opengis):def:crs:([A-Za-z]+)(?::[\w.]*)?:(\w+)", re.IGNORECASE),
    re.compile(r"(EPSG|OGC|CRS|ESRI|IGNF):(\w+)", re.IGNORECASE),
    re.compile(r"https?://www\.opengis\.net/gml/srs/(epsg)\.xml#(\d+)", re.IGNORECASE),
)
_AUTHORITIES = {"EPSG", "OGC", "ESRI", "IGNF", "IAU", "CRS"}


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate reference system.

    Attributes:
        iri: as it was written.
        plane: two with the same plane have the same positions at the same (easterly axis first) coordinates.
        authority: name and code that pyproj knows, such as ("EPSG", "32633").
        swapped: whether its coordinates come with the northerly axis first.
        geographic: whether its coordinates are angles.
        metres: metres in a unit of its coordinates; 0 where they are angles.
        axes: how many axes it has.
        named: whether the literal said so; CRS84 need not be named, and results name it where their argument did.
    """

    iri: str
    plane: str
    authority: tuple[str, str]
    swapped: bool = False
    geographic: bool = True
    metres: float = 0.0
    axes: int = 2
    named: bool = True

    @property
    def is_wgs84(self) -> bool:
        """Whether coordinates are those of CRS84, perhaps in another order."""
        return self.plane == _WGS84


CRS84 = Crs(CRS84_IRI, _WGS84, ("OGC", "CRS84"), named=False)


@lru_cache(maxsize=512)
def crs_of(iri: str) -> Crs:
    """The system that an IRI, URN or `AUTHORITY:code` names; CRS84 for an empty text.

    Raises:
        GeometryError: nobody knows it.
    """
    if not iri:
        return CRS84
    name, code = _named(iri)
    if (name, code) in (("OGC", "CRS84"), ("CRS", "84"), ("OGC", "84")):
        return Crs(iri, _WGS84, ("OGC", "CRS84"))
    # The oldest form has longitude first by convention, whatever the authority says.
    eastward = "gml/srs/epsg.xml" in iri
    if (name, code) == ("EPSG", "4326"):
        return Crs(iri, _WGS84, ("EPSG", "4326"), swapped=not eastward)
    found = _pyproj(name, code)
    axes = found.axis_info
    if len(axes) < 2 or found.is_geocentric or found.is_vertical:
        raise GeometryError(f"<{iri[:100]}> has no two horizontal axes.", "Use a geographic or projected system.")
    swapped = axes[0].direction.lower() in _NORTHERLY and axes[1].direction.lower() in _EASTERLY and not eastward
    metres = 0.0 if found.is_geographic else float(axes[0].unit_conversion_factor)
    wgs84 = (name, code) in (("EPSG", "4979"), ("OGC", "CRS84H"))
    plane = _WGS84 if wgs84 else f"{name}:{code}"
    return Crs(iri, plane, (name, code), swapped, bool(found.is_geographic), metres, min(len(axes), 3))


_NORTHERLY, _EASTERLY = {"north", "south"}, {"east", "west"}


def _named(iri: str) -> tuple[str, str]:
    for form in _FORMS:
        found = form.fullmatch(iri.strip())
        if found is not None and found[1].upper() in _AUTHORITIES:
            return found[1].upper(), found[2].upper()
    raise GeometryError(
        f"The coordinate reference system <{iri[:100]}> is unknown.",
        "Use one such as <http://www.opengis.net/def/crs/EPSG/0/4326>.",
    )


@lru_cache(maxsize=64)
def _pyproj(name: str, code: str) -> Any:  # noqa: ANN401 - pyproj is imported when needed
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_authority(name, code)
    except CRSError as error:
        raise GeometryError(
            f"The coordinate reference system {name}:{code} is unknown.", "Use one of OGC or EPSG."
        ) from error


@lru_cache(maxsize=64)
def _transformer(source: Crs, target: Crs) -> Any:  # noqa: ANN401
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        # always_xy=False: coordinates come in the order that the authority gives its axes.
        return Transformer.from_crs(_pyproj(*source.authority), _pyproj(*target.authority), always_xy=False)
    except ProjError as error:
        raise GeometryError(f"There is no way from <{source.iri[:80]}> to <{target.iri[:80]}>.", "") from error


def swap(shape: BaseGeometry) -> BaseGeometry:
    """The shape with its first two coordinates exchanged; heights and measures stay."""
    return mapped(shape, lambda c: c[:, [1, 0, *range(2, c.shape[1])]])


def mapped(shape: BaseGeometry, change: Callable[[Any], Any]) -> BaseGeometry:
    """The shape with other coordinates: `change` gets an array (n, 2 to 4) and returns one alike."""
    import shapely

    z, m = bool(shapely.has_z(shape)), bool(shapely.has_m(shape))
    coords = shapely.get_coordinates(shape, include_z=z, include_m=m)
    if not len(coords):
        return shape
    changed = change(coords)
    if not m:
        return shapely.transform(shape, lambda _: changed, include_z=z)
    # Shapely cannot set measures; as text every position is a group of numbers.
    rows = iter(changed.tolist())
    text = shapely.to_wkt(shape, rounding_precision=-1, output_dimension=4)
    position = re.compile(rf"[-+.\d][-+.\deE]*(?: [-+.\d][-+.\deE]*){{{coords.shape[1] - 1}}}")
    return shapely.from_wkt(position.sub(lambda _: " ".join(map(repr, next(rows))), text))


def convert(shape: BaseGeometry, source: Crs, target: Crs) -> BaseGeometry:
    """The shape in another system, vertex by vertex; both with the easterly axis first.

    Raises:
        GeometryError: a position has no counterpart there.
    """
    import numpy as np
    from pyproj.exceptions import ProjError

    if source.plane == target.plane:
        return shape
    way = _transformer(source, target)
    solid = source.axes == 3 and target.axes == 3

    def change(c: Any) -> Any:  # noqa: ANN401
        first, second = (c[:, 1], c[:, 0]) if source.swapped else (c[:, 0], c[:, 1])
        given = (first, second, c[:, 2]) if solid and c.shape[1] > 2 else (first, second)
        moved = way.transform(*given, errcheck=True)
        x, y = (moved[1], moved[0]) if target.swapped else (moved[0], moved[1])
        return np.column_stack([x, y, *(moved[2:]), *c[:, 2 + len(moved[2:]) :].T])

    try:
        found = mapped(shape, change)
    except ProjError as error:
        raise GeometryError(f"A position does not exist in <{target.iri[:100]}>.", "Use another system.") from error
    import shapely

    if not np.isfinite(shapely.get_coordinates(found)).all():
        raise GeometryError(f"A position does not exist in <{target.iri[:100]}>.", "Use another system.")
    return found
