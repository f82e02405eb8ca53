"""Reading geometries from outside into plain coordinate arrays, before anything is believed about them.

GEOS recurses over nested collections and kills the process on hostile input, and it refuses open rings; so WKB and
GeoJSON are read here with bounded depth and size, and only WKT that was found shallow goes through GEOS.
Formats: RFC 7946 (GeoJSON), OGC 06-103r4 (WKT, WKB; ISO and EWKB dimension flags), GeoSPARQL 1.1 CRS prefixes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ontology.errors import GeometryError

Coords = NDArray[np.float64]

MAX_DEPTH = 16
MAX_BYTES = 64_000_000
MAX_POSITIONS = 2_000_000
MAX_PARTS = 200_000
_LONLAT_REMEDY = "Give longitude and latitude in degrees (WGS 84, CRS84)."


@dataclass(slots=True)
class Parts:
    """The simple parts of a geometry: (n, 2) arrays of longitude, latitude in degrees, as written.

    Attributes:
        points: (1, 2) arrays.
        lines: (n, 2) arrays.
        polygons: lists of rings, the shell first.
        boxes: (west, south, east, north) of bounding boxes; west > east crosses the antimeridian.
        repairs: what had to be mended while reading.
    """

    points: list[Coords] = field(default_factory=list)
    lines: list[Coords] = field(default_factory=list)
    polygons: list[list[Coords]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    def arrays(self) -> Iterator[Coords]:
        """Every coordinate array."""
        yield from self.points
        yield from self.lines
        for rings in self.polygons:
            yield from rings

    def mend(self, repair: str) -> None:
        """Notes a repair once."""
        if repair not in self.repairs:
            self.repairs.append(repair)

    def add(self, kind: str, arrays: list[Coords]) -> None:
        """Adds a Point, LineString or Polygon; arrays without a position are dropped."""
        arrays = [array for array in arrays if len(array)]
        if not arrays:
            self.mend("dropped empty parts")
        elif kind == "Polygon":
            self.polygons.append(arrays)
        else:
            (self.points if kind == "Point" else self.lines).extend(arrays)


def read(value: Any) -> Parts:  # noqa: ANN401 - anything may come from outside
    """Reads a GeoJSON mapping, WKT, WKB/EWKB or bbox list into parts.

    Raises:
        GeometryError: when the value is no geometry, is too large or too deep, or is in another CRS.
    """
    parts = Parts()
    if value is None:
        raise GeometryError("The geometry is null.", "Give a geometry or a bbox.")
    if isinstance(value, BaseGeometry):
        value = shapely.to_wkb(value)
    if isinstance(value, Mapping):
        _read_geojson(value, parts)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        _read_wkb(bytes(value), parts)
    elif isinstance(value, str):
        _read_text(value, parts)
    elif isinstance(value, (Sequence, np.ndarray)):
        _read_bbox(list(value), parts)
    else:
        raise GeometryError(f"A {type(value).__name__} is not a geometry.", "Give GeoJSON, WKT, WKB or a bbox.")
    if sum(len(array) for array in parts.arrays()) > MAX_POSITIONS:
        raise GeometryError(f"The geometry has more than {MAX_POSITIONS:,} positions.", "Simplify it first.")
    return parts


def _positions(values: Any, parts: Parts) -> Coords:  # noqa: ANN401
    """Positions of a GeoJSON line or ring; heights are dropped, positions that are no numbers too."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise GeometryError("Coordinates are not a list of positions.", _LONLAT_REMEDY)
    if len(values) > MAX_POSITIONS:
        raise GeometryError(f"The geometry has more than {MAX_POSITIONS:,} positions.", "Simplify it first.")
    rows: list[tuple[float, float]] = []
    for position in values:
        if not isinstance(position, Sequence) or isinstance(position, str) or len(position) < 2:
            raise GeometryError("A position is not a list of longitude and latitude.", _LONLAT_REMEDY)
        if len(position) > 2:
            parts.mend("dropped heights")
        x, y = position[0], position[1]
        if isinstance(x, (list, dict)) or isinstance(y, (list, dict)):
            raise GeometryError("Coordinates are nested too deep for their type.", "See RFC 7946, section 3.1.")
        rows.append((_number(x), _number(y)))
    return _finite(np.array(rows, dtype=np.float64).reshape(-1, 2), parts)


def _number(value: Any) -> float:  # noqa: ANN401
    try:
        return float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _finite(array: Coords, parts: Parts) -> Coords:
    good = np.isfinite(array).all(axis=1)
    if not good.all():
        parts.mend("dropped positions that are not finite numbers")
        array = array[good]
    # A tenth of a millimetre keeps denormal numbers out of the predicates; what is clipped is refused later.
    return np.asarray(np.round(np.clip(array, -1e12, 1e12), 9) + 0.0, dtype=np.float64)


def _read_geojson(value: Mapping[str, Any], parts: Parts) -> None:
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise GeometryError(f"Geometry collections are nested deeper than {MAX_DEPTH}.", "Flatten them.")
        if item is None:
            parts.mend("dropped empty parts")
            continue
        if not isinstance(item, Mapping):
            raise GeometryError("A geometry is not an object.", "See RFC 7946, section 3.1.")
        kind = item.get("type")
        if kind == "Feature":
            stack.append((item.get("geometry"), depth + 1))
        elif kind in ("GeometryCollection", "FeatureCollection"):
            members = item.get("geometries" if kind == "GeometryCollection" else "features")
            if not isinstance(members, Sequence) or isinstance(members, str):
                raise GeometryError(f"A {kind} has no list of members.", "See RFC 7946, section 3.1.")
            stack.extend((member, depth + 1) for member in reversed(members))
        else:
            _read_simple(str(kind), item.get("coordinates"), parts)


def _read_simple(kind: str, coordinates: Any, parts: Parts) -> None:  # noqa: ANN401
    single = kind.removeprefix("Multi")
    if single not in ("Point", "LineString", "Polygon"):
        raise GeometryError(f"{kind[:40]!r} is not a GeoJSON geometry type.", "See RFC 7946, section 3.1.")
    if not isinstance(coordinates, Sequence) or isinstance(coordinates, str):
        raise GeometryError(f"A {kind} has no list of coordinates.", "See RFC 7946, section 3.1.")
    if not coordinates:
        parts.mend("dropped empty parts")
        return
    members = coordinates if kind != single else [coordinates]
    for member in members:
        if single == "Point":
            parts.add("Point", [_positions([member], parts)])
        elif single == "LineString":
            parts.add("LineString", [_positions(member, parts)])
        elif not isinstance(member, Sequence) or isinstance(member, str):
            raise GeometryError("A polygon is not a list of rings.", "See RFC 7946, section 3.1.6.")
        else:
            parts.add("Polygon", [_positions(ring, parts) for ring in member])


def _read_bbox(values: list[Any], parts: Parts) -> None:
    if len(values) not in (4, 6):
        raise GeometryError(f"A bbox has 4 or 6 numbers, not {len(values)}.", "Give west, south, east, north.")
    if len(values) == 6:
        parts.mend("dropped heights")
        values = [values[0], values[1], values[3], values[4]]
    west, south, east, north = (_number(value) for value in values)
    if not np.isfinite([west, south, east, north]).all():
        raise GeometryError("A bbox holds something that is not a finite number.", "Give west, south, east, north.")
    parts.boxes.append((west, south, east, north))


def _read_text(text: str, parts: Parts) -> None:
    if len(text) > MAX_BYTES:
        raise GeometryError(f"The geometry is longer than {MAX_BYTES:,} characters.", "Simplify it first.")
    text = text.strip()
    swap = False
    if match := re.match(r"<([^>]*)>\s*", text):
        swap = _latitude_first(match[1])
        text = text[match.end() :]
    elif match := re.match(r"SRID\s*=\s*(\d+)\s*;\s*", text, re.IGNORECASE):
        _require_wgs84(int(match[1]))
        text = text[match.end() :]
    if re.fullmatch(r"(?:[0-9A-Fa-f]{2}){9,}", text):
        _read_wkb(bytes.fromhex(text), parts)
    else:
        data = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
        depth = np.cumsum((data == 40).astype(np.int64) - (data == 41))
        if depth.size and depth.max() > MAX_DEPTH:
            raise GeometryError(f"The WKT is nested deeper than {MAX_DEPTH}.", "Flatten its collections.")
        try:
            geometry = shapely.from_wkt(text, on_invalid="fix")
        except (shapely.errors.GEOSException, ValueError) as error:
            raise GeometryError(f"The WKT cannot be read: {str(error)[:120]}.", "See OGC 06-103r4.") from error
        if geometry is None:
            raise GeometryError(f"{text[:40]!r} is not WKT.", "Give GeoJSON, WKT, WKB or a bbox.")
        _read_wkb(shapely.to_wkb(geometry, output_dimension=2), parts)
        if geometry.has_z:
            parts.mend("dropped heights")
    if swap:
        _swap(parts)
        parts.mend("turned latitude-longitude into longitude-latitude")


def _swap(parts: Parts) -> None:
    parts.points = [array[:, ::-1] for array in parts.points]
    parts.lines = [array[:, ::-1] for array in parts.lines]
    parts.polygons = [[ring[:, ::-1] for ring in rings] for rings in parts.polygons]


def _latitude_first(crs: str) -> bool:
    """Whether a CRS IRI of GeoSPARQL means latitude first; raises for a CRS that is not WGS 84."""
    if crs.rstrip("/").endswith("CRS84"):
        return False
    if re.search(r"EPSG[/:](?:[^/:]*[/:])?4326/?$", crs, re.IGNORECASE):
        return True
    raise GeometryError(f"The geometry is in the CRS {crs[:120]}.", _LONLAT_REMEDY)


def _require_wgs84(srid: int) -> None:
    if srid not in (0, 4326):
        raise GeometryError(f"The geometry is in the CRS EPSG:{srid}.", _LONLAT_REMEDY)


def _read_wkb(data: bytes, parts: Parts) -> None:
    """Walks WKB without recursion. `pending` counts the members that open collections still expect."""
    if len(data) > MAX_BYTES:
        raise GeometryError(f"The geometry is larger than {MAX_BYTES:,} bytes.", "Simplify it first.")
    try:
        offset, pending, seen = 0, [1], 0
        while pending:
            if not pending[-1]:
                pending.pop()
                continue
            pending[-1] -= 1
            seen += 1
            if seen > MAX_PARTS:
                raise GeometryError(f"The geometry has more than {MAX_PARTS:,} parts.", "Simplify it first.")
            order = "<" if data[offset] == 1 else ">"
            (code,) = struct.unpack_from(order + "I", data, offset + 1)
            offset += 5
            if code & 0x20000000:
                _require_wgs84(struct.unpack_from(order + "I", data, offset)[0])
                offset += 4
            kind = (code & 0xFFFF) % 1000
            thousands = (code & 0xFFFF) // 1000
            dims = 2 + (bool(code & 0x80000000) or thousands in (1, 3)) + (bool(code & 0x40000000) or thousands >= 2)
            if dims > 2:
                parts.mend("dropped heights")
            if kind in (4, 5, 6, 7):
                (count,) = struct.unpack_from(order + "I", data, offset)
                offset += 4
                if len(pending) > MAX_DEPTH:
                    raise GeometryError(f"The WKB is nested deeper than {MAX_DEPTH}.", "Flatten its collections.")
                pending.append(count)
                continue
            offset = _read_wkb_simple(kind, data, offset, order, dims, parts)
    except (struct.error, IndexError, ValueError) as error:
        raise GeometryError("The WKB is cut short or is not WKB.", "Export the geometry again.") from error


def _read_wkb_simple(kind: int, data: bytes, offset: int, order: str, dims: int, parts: Parts) -> int:
    def run(count: int, at: int) -> tuple[Coords, int]:
        array = np.frombuffer(data, dtype=order + "f8", count=count * dims, offset=at) if count else np.empty(0)
        array = array.reshape(-1, dims)[:, :2].astype(np.float64)
        if kind == 1 and np.isnan(array).all():
            return np.empty((0, 2)), at + 8 * count * dims  # POINT EMPTY
        return _finite(array, parts), at + 8 * count * dims

    if kind == 1:
        array, offset = run(1, offset)
        parts.add("Point", [array])
        return offset
    (count,) = struct.unpack_from(order + "I", data, offset)
    offset += 4
    if kind == 2:
        array, offset = run(count, offset)
        parts.add("LineString", [array])
        return offset
    if kind != 3:
        raise GeometryError(f"WKB geometry type {kind} is not supported.", "Use points, lines or polygons.")
    rings: list[Coords] = []
    for _ in range(count):
        (size,) = struct.unpack_from(order + "I", data, offset)
        array, offset = run(size, offset + 4)
        rings.append(array)
    parts.add("Polygon", rings)
    return offset
