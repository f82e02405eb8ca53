"""Outlines as paths of a small map: plate carrée in degrees, north up, drawn by the server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from kg.home import Home

EARTH = "place/earth"
_SMALL = 8.0  # degrees across, above which a shape is seen on any map
_STEPS = 90  # parts of its own size to which a small shape is simplified
_FINEST = 0.12  # degrees to which a large one is
_MOST_POINTS = 900
_LEAST_SPAN = 14.0
_MARGIN = 0.12
_RATIO = 1.5  # width to height of the map


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline.

    Attributes:
        path: SVG path data, a unit being a degree and south down.
        bbox: west, south, east, north in degrees.
        dot: a point in it, x and y of the map, drawn where it is too small to be seen.
    """

    path: str
    bbox: tuple[float, float, float, float]
    dot: tuple[float, float] | None = None

    @property
    def size(self) -> float:
        """Degrees across."""
        return max(self.bbox[2] - self.bbox[0], self.bbox[3] - self.bbox[1])


def shape_of(geometry: Any) -> Shape | None:  # noqa: ANN401 - a shapely geometry
    """The shape of a geometry in CRS84; None where there is nothing to draw."""
    if geometry is None or geometry.is_empty:
        return None
    west, south, east, north = geometry.bounds
    if not (-181 <= west <= east <= 181 and -91 <= south <= north <= 91):
        return None
    size = max(east - west, north - south)
    lines: list[str] = []
    points = 0
    if size > 0:
        simple = geometry.simplify(min(size / _STEPS, _FINEST), preserve_topology=False)
        simple = geometry.envelope if simple.is_empty else simple
        digits = 2 if size > 2 else 4
        for ring in _rings(simple):
            if points + len(ring) > _MOST_POINTS and lines:
                break
            points += len(ring)
            lines.append("M" + "L".join(f"{x:.{digits}f} {-y:.{digits}f}" for x, y in ring) + "z")
    middle = geometry.centroid
    dot = (round(middle.x, 3), round(-middle.y, 3)) if size < _SMALL else None
    return Shape("".join(lines), (west, south, east, north), dot)


def _rings(geometry: Any) -> list[list[tuple[float, float]]]:  # noqa: ANN401
    """The outer rings, the largest first."""
    parts = getattr(geometry, "geoms", [geometry])
    found = [list(one.exterior.coords) for one in parts if one.geom_type == "Polygon" and not one.is_empty]
    found.sort(key=lambda ring: -_size(ring))
    return [[(x, y) for x, y, *_ in ring] for ring in found]


def _size(ring: list[tuple[float, ...]]) -> float:
    xs, ys = [one[0] for one in ring], [one[1] for one in ring]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


@lru_cache(maxsize=2000)
def _of_gazetteer(path: Path, iri: str) -> tuple[str, Shape | None]:
    """(name, shape) of a place."""
    from kg.gazetteer import open_gazetteer

    gazetteer = open_gazetteer(path)
    place = gazetteer.get(iri)
    return (place.name, shape_of(gazetteer.geometry(iri))) if place is not None else ("", None)


def place_shapes(home: Home, iris: Iterable[str]) -> dict[str, tuple[str, Shape]]:
    """(name, shape) by IRI of those places that have an outline; the whole Earth has none."""
    found: dict[str, tuple[str, Shape]] = {}
    rest = []
    for iri in dict.fromkeys(iris):
        if iri.endswith(EARTH):
            continue
        name, shape = _of_gazetteer(home.path, iri)
        if shape is not None:
            found[iri] = (name, shape)
        else:
            rest.append(iri)
    for iri, name, text in _in_graph(home, rest[:500]):
        shape = shape_of_wkt(text)
        if shape is not None:
            found.setdefault(iri, (name, shape))
    return found


def _in_graph(home: Home, iris: list[str]) -> list[tuple[str, str, str]]:
    """(IRI, name, WKT) of places that the gazetteer does not hold, such as the extents of collections."""
    from api.web.graph import one_of, rows

    if not iris:
        return []
    body = (
        f"SELECT ?place ?wkt ?name WHERE {{ {one_of('?place', iris)} ?place geo:hasGeometry/geo:asWKT ?wkt "
        "OPTIONAL { ?place rdfs:label ?name } }"
    )
    return [(str(iri), str(name or ""), str(wkt)) for iri, wkt, name in rows(home, body)]


def shape_of_wkt(text: str) -> Shape | None:
    """The shape of a WKT literal; None where it cannot be read."""
    from kg.geometry import normalise
    from ontology.errors import EarthdexError

    try:
        return shape_of(normalise(text).geometry)
    except EarthdexError:
        return None


def window(boxes: Iterable[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """x, y, width and height of the part of the map that shows all boxes; the whole world where there are none."""
    held = list(boxes)
    if not held:
        return (-180.0, -88.0, 360.0, 160.0)
    west, east = min(one[0] for one in held), max(one[2] for one in held)
    south, north = min(one[1] for one in held), max(one[3] for one in held)
    wide = max((east - west) * (1 + 2 * _MARGIN), _LEAST_SPAN)
    high = max((north - south) * (1 + 2 * _MARGIN), _LEAST_SPAN / _RATIO)
    wide, high = max(wide, high * _RATIO), max(high, wide / _RATIO)
    if wide >= 350 or high >= 175:
        return (-180.0, -88.0, 360.0, 160.0)
    x = min(max((west + east) / 2 - wide / 2, -180.0), 180.0 - wide)
    y = min(max(-(south + north) / 2 - high / 2, -90.0), 90.0 - high)
    return (round(x, 3), round(y, 3), round(wide, 3), round(high, 3))


def place_names(home: Home, answer: dict[str, Any]) -> dict[str, str]:
    """Names of the places that an answer's conditions could mean, by IRI, with where they lie."""
    from kg.gazetteer import open_gazetteer

    wanted = [iri for one in answer["conditions"] for iri in one["iris"]]
    if not wanted:
        return {}
    gazetteer = open_gazetteer(home.path)
    found = {}
    for iri in wanted[:20]:
        place = gazetteer.get(iri)
        if place is not None:
            # a country's name tells places of one name apart
            parent = gazetteer.get(f"country/{place.country}") if place.country else None
            inside = f", {parent.name}" if parent is not None and parent.name != place.name else ""
            found[iri] = f"{place.name}{inside}" if place.kind == "city" else f"{place.name}{inside} ({place.kind})"
    return found
