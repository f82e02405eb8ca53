"""The one geometry normaliser: whatever a record calls its footprint becomes valid CRS84 geometry, or an error.

Result: degrees, longitude first, longitudes in -180..180, cut at the antimeridian, rings closed, shells
counter-clockwise (RFC 7946), valid (OGC simple features), two-dimensional. Every mend is named in `repairs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from kg.antimeridian import as_written, cut_home, has_jump, is_literal, nearest_turn, pole_ring, unwrap
from kg.geometry_read import Coords, Parts, read
from ontology.errors import GeometryError

MAX_VERTICES = 50_000
GLOBAL_SHARE = 0.7
_MAX_LON = 720.0
_SLIVER = 1e-13  # square degrees: a millimetre by a metre
_POLE_SLACK = 1.0
_PLAIN_VERTICES = 100
_LONLAT = "Give longitude and latitude in degrees (WGS 84, CRS84)."


@dataclass(frozen=True, slots=True)
class Footprint:
    """A normalised geometry.

    Attributes:
        geometry: valid shapely geometry in CRS84, two-dimensional; areas are Polygon or MultiPolygon.
        repairs: what was mended, in short constant phrases that can be counted.
        is_global: whether it covers at least 70 % of the Earth's surface.
    """

    geometry: BaseGeometry
    repairs: tuple[str, ...] = ()
    is_global: bool = False

    @property
    def wkb(self) -> bytes:
        """The geometry as WKB, little-endian, without SRID."""
        data: bytes = shapely.to_wkb(self.geometry, byte_order=1)
        return data

    @property
    def wkt(self) -> str:
        """The geometry as WKT with 7 decimals (about 1 cm)."""
        text: str = shapely.to_wkt(self.geometry, rounding_precision=7)
        return text


def normalise(value: Any) -> Footprint:  # noqa: ANN401 - anything may come from outside
    """Normalises a footprint.

    Args:
        value: GeoJSON geometry or Feature (a mapping), WKT (GeoSPARQL CRS prefix or SRID allowed), WKB or EWKB (bytes
            or hexadecimal text), a shapely geometry, or a bbox list of 4 or 6 numbers (west > east crosses the
            antimeridian). Longitudes may run over: 0..360 is wrapped.

    Returns:
        The footprint. Of a mixed collection only the parts of the highest dimension are kept.

    Raises:
        GeometryError: null, empty, not a geometry, too large, or not in degrees; the remedy says what to give.
    """
    parts = read(value)
    if (plain := _plain(parts)) is not None:
        return plain
    _check_range(parts)
    _bound_vertices(parts)
    areas = [area for rings in parts.polygons for area in _areas(rings, parts)]
    areas += [area for bounds in parts.boxes for area in _box(bounds, parts)]
    lines = [piece for line in parts.lines for piece in _line(line, parts)]
    points = [_point(array[0], parts) for array in parts.points]
    flat = [*areas, *lines, *points]
    if not flat:
        raise GeometryError("The geometry is empty.", "Give a geometry with at least one position.")
    top = max(shapely.get_dimensions(shape) for shape in flat)
    kept = [shape for shape in flat if shapely.get_dimensions(shape) == top]
    if len(kept) < len(flat):
        parts.mend("kept only the parts of the highest dimension")
    geometry = _merge(kept, int(top), parts)
    return Footprint(geometry, tuple(parts.repairs), top == 2 and area_share(geometry) >= GLOBAL_SHARE)


def _plain(parts: Parts) -> Footprint | None:
    """The footprint of a single ring that needs nothing but perhaps its direction turned; None where it may need more.

    Almost all footprints of scenes are such quadrangles: plain numbers decide in a third of the time what the steps
    for everything else, which give the same, find out with arrays.
    """
    if len(parts.polygons) != 1 or parts.boxes or parts.lines or parts.points or parts.repairs:
        return None
    rings = parts.polygons[0]
    if len(rings) != 1 or not 4 <= len(rings[0]) <= _PLAIN_VERTICES:
        return None
    positions: list[tuple[float, float]] = [(x, y) for x, y in rings[0].tolist()]
    if positions[0] != positions[-1] or len(set(positions)) != len(positions) - 1:
        return None
    before = positions[0][0]
    for x, y in positions:
        if not (-180.0 <= x <= 180.0 and -90.0 <= y <= 90.0 and -180.0 <= x - before <= 180.0):
            return None
        before = x
    polygon = Polygon(rings[0])
    if not polygon.is_valid:
        return None
    if not polygon.exterior.is_ccw:
        parts.mend("rewound to counter-clockwise")
    geometry = orient(as_written(polygon), 1.0)
    return Footprint(geometry, tuple(parts.repairs), area_share(geometry) >= GLOBAL_SHARE)


def area_share(geometry: BaseGeometry) -> float:
    """Share of the Earth's surface (0 to 1) on a sphere, by Lambert's cylindrical equal-area projection."""
    west, south, east, north = geometry.bounds
    whole = (east - west) / 360 * (np.sin(np.radians(north)) - np.sin(np.radians(south))) / 2
    if whole < GLOBAL_SHARE / 4:  # the box is an upper bound: small footprints need no exact figure
        return float(whole)
    dense = shapely.segmentize(geometry, 2.0)
    flat = shapely.transform(dense, lambda xy: np.column_stack([xy[:, 0], np.sin(np.radians(xy[:, 1]))]))
    return float(shapely.area(flat) / 720.0)


def _check_range(parts: Parts) -> None:
    """Latitude-first order (only where it is proven), poles overshot by a pixel, and things that are no degrees."""
    arrays = [array for array in parts.arrays() if len(array)]
    arrays += [np.array([[w, s], [e, n]]) for w, s, e, n in parts.boxes]
    if not arrays:
        return
    every = np.vstack(arrays)
    top_x, top_y = np.abs(every[:, 0]).max(), np.abs(every[:, 1]).max()
    if top_y > 90.0 + _POLE_SLACK and top_x <= 90.0 and top_y <= 360.0:
        parts.mend("turned latitude-longitude into longitude-latitude")
        parts.points = [array[:, ::-1] for array in parts.points]
        parts.lines = [array[:, ::-1] for array in parts.lines]
        parts.polygons = [[ring[:, ::-1] for ring in rings] for rings in parts.polygons]
        parts.boxes = [(s, w, n, e) for w, s, e, n in parts.boxes]
        top_x, top_y = top_y, top_x
    if top_y > 90.0 + _POLE_SLACK or top_x > _MAX_LON:
        raise GeometryError(f"Coordinates up to {top_x:.6g}, {top_y:.6g} are not degrees.", _LONLAT)
    if top_y > 90.0:
        parts.mend("clamped latitudes to the poles")
        for group in (parts.points, parts.lines, *parts.polygons):
            for index, array in enumerate(group):
                group[index] = np.column_stack([array[:, 0], np.clip(array[:, 1], -90.0, 90.0)])
        parts.boxes = [(w, max(-90.0, min(90.0, s)), e, max(-90.0, min(90.0, n))) for w, s, e, n in parts.boxes]


def _bound_vertices(parts: Parts) -> None:
    """Thins outlines of more than 50,000 vertices: onto a coarser and coarser grid, and in the end every k-th."""
    total = sum(len(array) for array in parts.arrays())
    if total <= MAX_VERTICES:
        return
    parts.mend(f"simplified to at most {MAX_VERTICES} vertices")
    most_rings = MAX_VERTICES // 8
    if len(parts.polygons) > most_rings:
        parts.polygons = sorted(parts.polygons, key=lambda rings: -float(np.ptp(rings[0], axis=0).prod()))[:most_rings]
    parts.polygons = [[rings[0], *rings[1:][: most_rings // len(parts.polygons)]] for rings in parts.polygons]
    parts.lines, parts.points = parts.lines[:most_rings], parts.points[:MAX_VERTICES]
    step, budget = 1e-5, MAX_VERTICES // 2
    while step <= 0.1:
        thinned = [[_snap(ring, step) for ring in rings] for rings in parts.polygons]
        lines = [_snap(line, step) for line in parts.lines]
        if sum(map(len, (ring for rings in thinned for ring in rings))) + sum(map(len, lines)) <= budget:
            parts.polygons, parts.lines = thinned, lines
            return
        step *= 2
    stride = -(-total // budget)
    parts.polygons = [[ring[:: max(1, min(stride, len(ring) // 3))] for ring in rings] for rings in parts.polygons]
    parts.lines = [line[:: max(1, min(stride, len(line) - 1))] for line in parts.lines]


def _snap(ring: Coords, step: float) -> Coords:
    """Drops vertices that fall into the same grid cell as the one before; keeps both ends."""
    cells = np.round(ring / step)
    keep = np.ones(len(ring), dtype=bool)
    keep[1:-1] = (np.diff(cells, axis=0) != 0).any(axis=1)[:-1]
    return ring[keep] if keep.sum() >= min(4, len(ring)) else ring


def _clean_ring(ring: Coords, parts: Parts) -> Coords:
    """Closed ring without repeated positions."""
    if len(ring) > 1 and not np.array_equal(ring[0], ring[-1]):
        parts.mend("closed an open ring")
        ring = np.vstack([ring, ring[:1]])
    return _drop_repeats(ring, parts)


def _drop_repeats(line: Coords, parts: Parts) -> Coords:
    keep = np.ones(len(line), dtype=bool)
    keep[1:] = (np.diff(line, axis=0) != 0).any(axis=1)
    if not keep.all() and keep.sum() > 1:
        parts.mend("dropped repeated positions")
    return line[keep]


def _areas(rings: list[Coords], parts: Parts) -> list[BaseGeometry]:
    """The polygons (or the line or point, where degenerate) that a shell and its holes stand for."""
    shell, *holes = [_clean_ring(ring, parts) for ring in rings]
    if len(np.unique(shell, axis=0)) < 3:
        parts.mend("made a degenerate polygon a line or point")
        return _line(shell[: len(np.unique(shell, axis=0))], parts)
    crossing = has_jump(shell) and not is_literal(shell)
    if crossing:
        shell = unwrap(shell)
        turn = shell[-1, 0] - shell[0, 0]
        if abs(turn) > 540.0:
            raise GeometryError("The outline goes more than once round the Earth.", "Split it into several polygons.")
        if abs(turn) > 180.0:
            parts.mend("closed an outline over the pole")
            shell = pole_ring(shell)
    if np.ptp(shell[:, 0]) > 360.0 + 1e-9:
        parts.mend("clamped longitudes to one turn of the Earth")
        shell = np.column_stack([np.clip(shell[:, 0], -180.0, 180.0), shell[:, 1]])
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    inner = [_hole(hole, middle, parts) for hole in holes if len(np.unique(hole, axis=0)) >= 3]
    polygon = Polygon(shell, [ring for ring in inner if len(ring) > 3])
    signed = float(np.dot(shell[:-1, 0] - shell[0, 0], np.roll(shell[:-1, 1], -1) - np.roll(shell[:-1, 1], 1)))
    valid = _valid(polygon, parts)
    if inner and (valid.is_empty or valid.area < _SLIVER):
        parts.mend("dropped holes that leave nothing")
        valid = _valid(Polygon(shell), parts)
    if shapely.get_dimensions(valid) < 2:
        parts.mend("made a degenerate polygon a line or point")
        return [piece for part in shapely.get_parts(valid) for piece in _line(shapely.get_coordinates(part), parts)]
    if signed < 0 and not crossing:
        parts.mend("rewound to counter-clockwise")
    return [piece for part in shapely.get_parts(valid) if isinstance(part, Polygon) for piece in _home(part, parts)]


def _hole(ring: Coords, middle: float, parts: Parts) -> Coords:
    if has_jump(ring) and not is_literal(ring):
        ring = unwrap(ring)
        if abs(ring[-1, 0] - ring[0, 0]) > 180.0:
            ring = pole_ring(ring)
    return nearest_turn(ring, middle)


def _valid(shape: BaseGeometry, parts: Parts) -> BaseGeometry:
    """Makes valid by the structure method; a ball of crossing edges becomes its convex hull, for time is bounded."""
    if shape.is_valid:
        return shape
    if tangle(shape) > 100_000 + 20 * shapely.get_num_coordinates(shape):
        parts.mend("replaced a tangled outline by its convex hull")
        return shape.convex_hull
    fixed = shapely.make_valid(shape, method="structure", keep_collapsed=True)
    parts.mend("made valid (self-intersections)")
    flat = [part for part in shapely.get_parts(fixed) if shapely.get_dimensions(part) == 2 and part.area > _SLIVER]
    if not flat and fixed.geom_type != "GeometryCollection":
        return fixed
    return shapely.multipolygons(flat) if flat else shape.convex_hull


def tangle(shape: BaseGeometry) -> float:
    """Estimated number of pairs of edges whose boxes meet, from a fixed sample of 200 edges."""
    edges = []
    for part in shapely.get_parts(shape):
        for ring in shapely.get_rings(part):
            xy = shapely.get_coordinates(ring)
            edges.append(np.stack([xy[:-1], xy[1:]], axis=1))
    every = np.concatenate(edges)
    tree = shapely.STRtree(shapely.linestrings(every))
    sample = every[:: max(1, len(every) // 200)]
    hits = tree.query(shapely.linestrings(sample))
    return float(hits.shape[1] / len(sample) * len(every) / 2)


def _home(polygon: Polygon, parts: Parts) -> list[BaseGeometry]:
    """A valid polygon in continuous longitudes, cut and moved into -180..180."""
    west, _, east, _ = polygon.bounds
    if west >= -180.0 and east <= 180.0:
        return [polygon]
    pieces = cut_home(polygon)
    parts.mend("split at the antimeridian" if len(pieces) > 1 else "wrapped longitudes into -180..180")
    if east - west >= 359.9:  # the pieces meet where the outline was opened
        pieces = list(shapely.get_parts(shapely.union_all(pieces)))
    return pieces


def _box(bounds: tuple[float, float, float, float], parts: Parts) -> list[BaseGeometry]:
    west, south, east, north = bounds
    if south > north:
        parts.mend("swapped south and north of the bbox")
        south, north = north, south
    if west > east:
        if west - east >= 360.0:
            parts.mend("swapped west and east of the bbox")
            west, east = east, west
        else:
            east += 360.0
    if east - west >= 360.0:
        if east - west > 360.0:
            parts.mend("clamped longitudes to one turn of the Earth")
        west, east = -180.0, 180.0
    if west == east or south == north:
        parts.mend("made a degenerate bbox a line or point")
        return _line(np.array([[west, south], [east, north]]), parts)
    return _home(shapely.box(west, south, east, north), parts)


def _line(line: Coords, parts: Parts) -> list[BaseGeometry]:
    line = _drop_repeats(line, parts)
    if len(line) < 2:
        return [_point(line[0], parts)]
    if has_jump(line):
        line = unwrap(line)
    if line[:, 0].min() >= -180.0 and line[:, 0].max() <= 180.0:
        return [LineString(line)]
    pieces = cut_home(LineString(line))
    parts.mend("split at the antimeridian" if len(pieces) > 1 else "wrapped longitudes into -180..180")
    return pieces


def _point(xy: Coords, parts: Parts) -> BaseGeometry:
    lon = float(xy[0])
    if not -180.0 <= lon <= 180.0:
        parts.mend("wrapped longitudes into -180..180")
        lon = (lon + 180.0) % 360.0 - 180.0
    return Point(lon, float(xy[1]))


def _merge(shapes: list[BaseGeometry], dimension: int, parts: Parts) -> BaseGeometry:
    """One geometry of the parts: duplicates dropped, overlapping areas united, shells counter-clockwise."""
    simple = [part for shape in shapes for part in shapely.get_parts(shape)]
    unique = {shapely.to_wkb(shapely.normalize(part)): part for part in simple}
    if len(unique) < len(simple):
        parts.mend("dropped duplicate parts")
        simple = list(unique.values())
    if dimension < 2:
        if len(simple) == 1:
            return simple[0]
        return shapely.multipoints(simple) if dimension == 0 else shapely.multilinestrings(simple)
    if len(simple) > 1:
        together = shapely.multipolygons(simple)
        if not together.is_valid:
            parts.mend("united overlapping parts")
            if tangle(together) > 100_000 + 20 * shapely.get_num_coordinates(together):
                parts.mend("replaced a tangled outline by its convex hull")
                simple = [together.convex_hull]
            simple = [part for part in shapely.get_parts(shapely.union_all(simple)) if part.area > _SLIVER]
    wound = [orient(as_written(part), 1.0) for part in simple]
    return wound[0] if len(wound) == 1 else shapely.multipolygons(wound)
