"""Country polygons from TopoJSON: arcs are thinned once each, so that neighbours keep their borders in common."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from kg.gazetteer.distil_shapes import Ring, as_area, polygons_of, valid

# Largest distance of the thinned line from the true one, degrees: borders, coasts.
_BORDER, _COAST = 0.012, 0.02
# Small islands keep their form: the distance is at most this share of an arc's extent.
_SHARE = 0.03


class Topology:
    """A quantised TopoJSON file (github.com/topojson/topojson-specification), lon/lat in degrees.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._data = json.loads(path.read_text(encoding="utf-8"))
        (scale_x, scale_y), (move_x, move_y) = self._data["transform"]["scale"], self._data["transform"]["translate"]
        whole = []
        for arc in self._data["arcs"]:
            points = np.cumsum(np.asarray(arc, dtype=np.int64)[:, :2], axis=0)
            whole.append(points * [scale_x, scale_y] + [move_x, move_y])
        self._arcs = self._thinned(whole, self._shared())

    def _shared(self) -> set[int]:
        """Arcs that two countries have in common."""
        seen: dict[int, int] = {}
        for feature in self._data["objects"]["countries"]["geometries"]:
            for group in _groups(feature):
                for index in (i for ring in group for i in ring):
                    arc = index if index >= 0 else ~index
                    seen[arc] = seen.get(arc, 0) + 1
        return {arc for arc, uses in seen.items() if uses > 1}

    @staticmethod
    def _thinned(arcs: list[Any], shared: set[int]) -> list[Ring]:
        lines = np.array([shapely.LineString(one if len(one) > 1 else [one[0], one[0]]) for one in arcs], dtype=object)
        west, south, east, north = shapely.bounds(lines).T
        # Near the poles a degree of longitude is short, and coasts are long and ragged.
        squeeze = np.cos(np.radians(np.minimum(80.0, np.abs((south + north) / 2)))) ** 0.5
        most = np.array([_BORDER if at in shared else _COAST for at in range(len(arcs))])
        extent = np.maximum(east - west, north - south)
        large = np.where(extent > 3, 1.5, 1.0)
        tolerance = np.minimum(most * large / squeeze, _SHARE * extent)
        thin = shapely.simplify(lines, tolerance, preserve_topology=False)
        out: list[Ring] = []
        for before, after in zip(arcs, thin, strict=True):
            points = shapely.get_coordinates(after)
            if len(points) < 4 and len(before) >= 4 and (before[0] == before[-1]).all():
                points = before  # an island that would vanish
            out.append([(float(x), float(y)) for x, y in np.round(points, 4)])
        return out

    def layer(self, name: str) -> Iterator[tuple[str | None, str, BaseGeometry]]:
        """(ISO numeric code, name, area) of each feature of a layer."""
        for feature in self._data["objects"][name]["geometries"]:
            polygons = [p for group in _groups(feature) for p in _cut([self._ring(one) for one in group])]
            if not polygons:
                continue
            whole = as_area(MultiPolygon(polygons))
            area = whole if whole.is_valid else as_area(shapely.union_all(polygons))
            yield feature.get("id"), feature.get("properties", {}).get("name", ""), area

    def _ring(self, indices: list[int]) -> Ring:
        out: Ring = []
        for index in indices:
            arc = self._arcs[index] if index >= 0 else self._arcs[~index][::-1]
            out.extend(arc[1:] if out else arc)
        return out


def _groups(feature: dict[str, Any]) -> Iterator[list[list[int]]]:
    """The polygons of a feature as rings of arc numbers."""
    members = feature["geometries"] if feature["type"] == "GeometryCollection" else [feature]
    for member in members:
        if member["type"] == "MultiPolygon":
            yield from member["arcs"]
        elif member["type"] == "Polygon":
            yield member["arcs"]


def _unwrap(ring: Ring) -> Ring:
    """The ring with longitudes that run on past 180 instead of jumping to -180."""
    shift = 0.0
    out = [ring[0]]
    for (x0, _), (x1, y1) in pairwise(ring):
        if x1 - x0 > 180:
            shift -= 360
        elif x1 - x0 < -180:
            shift += 360
        out.append((x1 + shift, y1))
    return out


def _cut(rings: list[Ring]) -> list[Polygon]:
    """A polygon whose rings may cross the antimeridian or go round a pole, as polygons within -180..180."""
    rings = [one for one in rings if len(set(one)) > 2]  # the quantisation makes dots of the smallest islands
    if not rings:
        return []
    if all(abs(b[0] - a[0]) <= 180 for one in rings for a, b in pairwise(one)):
        return polygons_of(valid(Polygon(rings[0], rings[1:])))
    outer = _unwrap(rings[0])
    turn = outer[-1][0] - outer[0][0]
    if abs(turn) > 180:  # round the pole: close the ring along it
        pole = -90.0 if sum(y for _, y in outer) < 0 else 90.0
        outer = [*outer, (outer[-1][0], pole), (outer[0][0], pole), outer[0]]
    whole = shapely.make_valid(Polygon(outer))
    for hole in rings[1:]:
        whole = whole.difference(shapely.make_valid(Polygon(_unwrap(hole))))
    out: list[Polygon] = []
    for turn_number in range(-2, 3):
        west = -180 + 360 * turn_number
        part = whole.intersection(box(west, -90, west + 360, 90))
        out.extend(polygons_of(shapely.transform(part, lambda xy, w=west: xy - [w + 180, 0])))
    return out
