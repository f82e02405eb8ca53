"""WKT and GeoJSON text as shapes, and back; nesting is bounded before a recursive parser sees it."""

from __future__ import annotations

import json
import re
import warnings
from typing import TYPE_CHECKING

from ontology.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_DEPTH = 64
_SURFACES = {"TRIANGLE": "POLYGON", "TIN": "MULTIPOLYGON", "POLYHEDRALSURFACE": "MULTIPOLYGON"}
_SURFACE = re.compile(r"\s*(TRIANGLE|TIN|POLYHEDRALSURFACE)\b", re.IGNORECASE)


def read_wkt(text: str) -> tuple[BaseGeometry, str, str]:
    """A geometry of `geo:wktLiteral`: its shape with coordinates as written, its CRS ("": none) and a name.

    The name is that of a kind of surface that shapely holds as polygons: "Triangle", "TIN", "PolyhedralSurface", or "".

    Raises:
        GeometryError: it does not parse, or is nested too deep.
    """
    import shapely

    text, system = text.strip(), ""
    if text.startswith("<"):
        system, mark, text = text[1:].partition(">")
        if not mark:
            raise GeometryError(f"The CRS of {text[:60]!r} does not end.", "Close it with >.")
        text = text.strip()
    if not text:
        return shapely.GeometryCollection(), system, ""
    check_depth(text, "(", ")")
    name, surface = "", _SURFACE.match(text)
    if surface is not None:
        name = {"TRIANGLE": "Triangle", "TIN": "TIN"}.get(surface[1].upper(), "PolyhedralSurface")
        text = _SURFACES[surface[1].upper()] + text[surface.end() :]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of numbers beyond doubles, which are refused later
            return shapely.from_wkt(text), system, name
    except (shapely.errors.GEOSException, NotImplementedError) as error:
        raise GeometryError(f"The geometry {text[:80]!r} does not parse: {_reason(error)}.", "Correct it.") from error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()).rpartition("Exception: ")[2][:120].rstrip(".")


def check_depth(text: str, opened: str, closed: str) -> None:
    """Raises GeometryError where brackets stand too deep in each other for a parser that recurses."""
    if text.count(opened) <= _DEPTH:
        return
    import numpy as np

    codes = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
    marks = codes[(codes == ord(opened)) | (codes == ord(closed))]
    depth = np.where(marks == ord(opened), 1, -1).cumsum().max(initial=0)
    if depth > _DEPTH:
        raise GeometryError(f"A geometry nested {depth:,} levels deep is refused.", f"Nest at most {_DEPTH}.")


def write_wkt(shape: BaseGeometry, system: str) -> str:
    """A shape as WKT with all its digits, Z and M; a CRS prefix where a system is given."""
    import shapely

    text: str = shapely.to_wkt(shape, rounding_precision=-1, output_dimension=4)
    return f"<{system}> {text}" if system else text


def read_geojson(text: str) -> BaseGeometry:
    """A GeoJSON geometry, or that of a Feature (RFC 7946).

    Raises:
        GeometryError: it does not parse, is nested too deep, or names another CRS than the one GeoJSON has.
    """
    import shapely

    check_depth(text, "[", "]")
    check_depth(text, "{", "}")
    try:
        found = json.loads(text)
        if isinstance(found, dict) and "84" not in str(found.get("crs") or "84"):
            raise GeometryError("GeoJSON of another CRS than CRS84 is refused.", "Use a geo:wktLiteral with its CRS.")
        if isinstance(found, dict) and "geometry" in found:
            found = found["geometry"]
        if found is None:
            return shapely.GeometryCollection()
        if isinstance(found, dict) and str(found.get("type", "")).startswith("Feature"):
            raise GeometryError("A GeoJSON FeatureCollection is no geometry.", "Give one geometry.")
        return shapely.from_geojson(json.dumps(found))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise GeometryError(f"The GeoJSON {text[:60]!r} is no geometry: {_reason(error)}.", "Correct it.") from error


def write_geojson(shape: BaseGeometry) -> str:
    """A shape in CRS84 as a GeoJSON geometry."""
    import shapely

    text: str = shapely.to_geojson(shape)
    return text
