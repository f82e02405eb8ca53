"""The footprint of a record: its geometry, else its bbox, else the tile that it fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ingest.mgrs import tile_wkb
from ingest.stac_values import Repairs
from kg.geometry import Footprint, normalise
from ontology.errors import GeometryError


@dataclass(frozen=True, slots=True)
class Shape:
    """A footprint as WKB in CRS84, or None."""

    wkb: bytes | None
    is_global: bool = False


def footprint(
    geometry: Any,  # noqa: ANN401 - anything may come from outside
    bbox: Any,  # noqa: ANN401
    tile: str | None,
    tiles: Mapping[str, bytes | str] | None,
    repairs: Repairs,
) -> Shape:
    """The footprint of a record.

    Args:
        geometry: GeoJSON geometry, WKB or WKT.
        bbox: list of 4 or 6 numbers.
        tile: MGRS tile that the record fills.
        tiles: outline (WKB or WKT) by MGRS tile, asked where the record has neither geometry nor bbox.
        repairs: takes what was mended.
    """
    if geometry is not None:
        try:
            found = _turned(normalise(geometry), geometry, bbox, repairs)
        except GeometryError as error:
            repairs.append(f"footprint: geometry dropped ({_reason(error)})")
        else:
            repairs.extend(f"footprint: {repair}" for repair in found.repairs)
            return Shape(found.wkb, found.is_global)
    if bbox is not None:
        try:
            box = normalise(bbox)
        except GeometryError as error:
            repairs.append(f"footprint: bbox dropped ({_reason(error)})")
        else:
            repairs.append("footprint: took the bbox, there is no geometry")
            repairs.extend(f"footprint: {repair}" for repair in box.repairs)
            return Shape(box.wkb, box.is_global)
    if tile is not None:
        outline = tiles.get(tile) if tiles else None
        known = tile_shape(outline) if outline is not None else None
        if known is not None:
            return Shape(known)
        computed = tile_wkb(tile)
        if computed is not None:
            repairs.append("footprint: computed from the tile's name")
            return Shape(computed)
    repairs.append("footprint: kept without one")
    return Shape(None)


def _turned(found: Footprint, geometry: Any, bbox: Any, repairs: Repairs) -> Footprint:  # noqa: ANN401
    """Turns a geometry that was written latitude first: only where the bbox proves it."""
    if not isinstance(bbox, (list, tuple)) or len(bbox) not in (4, 6) or not isinstance(geometry, Mapping):
        return found
    try:
        box = normalise(list(bbox)).geometry
    except GeometryError:
        return found
    if found.geometry.distance(box) <= 0.01:
        return found
    swapped = _swap(geometry)
    if swapped is None:
        return found
    try:
        other = normalise(swapped)
    except GeometryError:
        return found
    if other.geometry.distance(box) > 0.01:
        return found
    repairs.append("footprint: turned latitude-longitude into longitude-latitude")
    return other


def _swap(geometry: Mapping[str, Any]) -> dict[str, Any] | None:
    """GeoJSON with its coordinates turned round; None where it is no simple geometry."""
    depth = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiLineString": 2, "MultiPolygon": 3}.get(
        str(geometry.get("type"))
    )
    if depth is None:
        return None

    def turn(value: Any, level: int) -> Any:  # noqa: ANN401
        if level == 0:
            return [value[1], value[0]]
        return [turn(one, level - 1) for one in value]

    try:
        return {"type": geometry["type"], "coordinates": turn(geometry["coordinates"], depth)}
    except (TypeError, IndexError, KeyError):
        return None


def _reason(error: GeometryError) -> str:
    """The kind of error without the values in it, so that it can be counted."""
    text = error.message
    for words, reason in (
        ("null", "null"),
        ("empty", "empty"),
        ("not degrees", "not in degrees"),
        ("CRS", "not in degrees"),
        ("more than once", "more than once round the Earth"),
        ("nested", "nested too deep"),
        ("more than", "too large"),
        ("larger than", "too large"),
        ("longer than", "too large"),
    ):
        if words in text:
            return reason
    return "not readable"


@lru_cache(maxsize=50_000)
def tile_shape(outline: bytes | str) -> bytes | None:
    """The normalised WKB of a tile's polygon; None where it is none."""
    try:
        return normalise(outline).wkb
    except GeometryError:
        return None
