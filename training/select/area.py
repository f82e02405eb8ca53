"""Areas: places by name, GeoJSON or boxes; and the windows of items that lie in one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.gazetteer import open_gazetteer
from kg.geometry import normalise
from ontology.errors import GeometryError, NotFound
from training.select.chips import Numbers
from training.select.headers import to_degrees
from training.types import Grid, Item, Recipe

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the Earth.

    Attributes:
        name: as it was asked for.
        geometry: polygons in degrees (CRS84), cut at the antimeridian.
        iri: of the place, where it is one of the gazetteer.
    """

    name: str
    geometry: BaseGeometry
    iri: str = ""


def area_of(text: str, home: Path | None = None) -> Area:
    """The area that a text means: a GeoJSON file or text, `west,south,east,north`, or the name of a place.

    Args:
        text: what was asked for.
        home: the catalogue's folder, for places of one's own.

    Raises:
        NotFound: no such place; the message names the nearest ones.
        GeometryError: no polygon.
    """
    stripped = text.strip()
    numbers = stripped.split(",")
    if len(numbers) == 4 and all(_is_number(one) for one in numbers):
        return Area(stripped, normalise([float(one) for one in numbers]).geometry)
    if stripped.startswith("{"):
        return Area("the given polygon", _geojson(stripped))
    if stripped.lower().endswith((".geojson", ".json")):
        path = Path(stripped)
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            raise NotFound(
                f"There is no GeoJSON file {stripped[:200]}.", "Give a file, a place or west,south,east,north."
            )
        return Area(path.name, _geojson(path.read_text(encoding="utf-8", errors="replace")))
    places = open_gazetteer(home)
    found = places.lookup(stripped, 1)
    if not found:
        near = ", ".join(one.place.name for one in places.fuzzy(stripped, 3))
        raise NotFound(f"There is no place {stripped[:80]!r}.", f"Nearest: {near}." if near else "Give a GeoJSON file.")
    shape = places.geometry(found[0].place.iri)
    if shape is None:
        raise NotFound(f"The outline of {found[0].place.name} is not known.", "Give a GeoJSON file.")
    return Area(found[0].place.name, shape, found[0].place.iri)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _geojson(text: str) -> BaseGeometry:
    import shapely

    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GeometryError("The area is no GeoJSON.", "Give a Polygon, a Feature or a FeatureCollection.") from error
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        features = found.get("features")
        shapes = [normalise(one).geometry for one in features] if isinstance(features, list) else []
        if not shapes:
            raise GeometryError("The area has no features.", "Give at least one polygon.")
        shape = shapely.union_all(shapes)
    else:
        shape = normalise(found).geometry
    if shape.area == 0:
        raise GeometryError("The area is no polygon.", "Give a Polygon or MultiPolygon.")
    return shape


def in_area(items: Sequence[Item], area: BaseGeometry) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(items,) whether their box overlaps an area; False where it is not known."""
    import shapely

    shapely.prepare(area)
    found = np.zeros(len(items), bool)
    for at, one in enumerate(items):
        if one.bbox is not None:
            found[at] = any(area.intersects(box) and not area.touches(box) for box in boxes(one.bbox))
    return found


def boxes(bbox: tuple[float, float, float, float]) -> list[Any]:
    """A box in degrees as polygons, two across the antimeridian."""
    import shapely

    west, south, east, north = bbox
    if west <= east:
        return [shapely.box(west, south, east, north)]
    return [shapely.box(west, south, 180.0, north), shapely.box(-180.0, south, east, north)]


def windows_in(grid: Grid, recipe: Recipe, area: BaseGeometry) -> Numbers | None:
    """Numbers of the windows of a grid whose middle lies in an area; None where all do or the place is not known.

    Args:
        grid: chip grid.
        recipe: with the size and stride of windows.
        area: polygons in degrees (CRS84).
    """
    import shapely

    size, stride = recipe.size, recipe.stride or recipe.size
    rows, columns = (max((length - size) // stride + 1, 0) for length in (grid.height, grid.width))
    if not grid.crs or not rows or not columns:
        return None
    x = np.tile(np.arange(columns) * stride + size / 2, rows)
    y = np.repeat(np.arange(rows) * stride + size / 2, columns)
    a, b, c, d, e, f = grid.transform
    lon, lat = to_degrees(grid.crs).transform(c + a * x + b * y, f + d * x + e * y)
    lon = (np.asarray(lon) + 180.0) % 360.0 - 180.0
    shapely.prepare(area)
    inside = shapely.intersects_xy(area, lon, lat)
    return None if inside.all() else np.flatnonzero(inside).astype(np.int64)
