"""Places near a place, looked up before a query runs: the query then measures few exact distances.

A distance to a long river costs a store tens of milliseconds, and there are thousands of towns. The gazetteer tells
which ones can be near at all; the query names them and measures.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from kg.gazetteer import open_gazetteer
from ontology.errors import EarthdexError

_MARGIN = 1.06
_KM_OF_DEGREE = 110.57
_LARGE = 100_000
MOST = 400


def candidates(iri: str, kilometres: float, kinds: frozenset[str] | None, folder: Path | None) -> list[str] | None:
    """IRIs of the places of a kind that may lie within a distance of a place; None where that cannot be told.

    The outline is widened in degrees that are scaled at the latitude farthest from the equator, with a margin of six
    percent; not told near the poles, across the antimeridian and where there are too many.

    Args:
        iri: the place that others are near.
        kilometres: the distance.
        kinds: labels of the kind and its narrower ones; None for any.
        folder: the catalogue's folder; None for the default one.
    """
    try:
        gazetteer = open_gazetteer(folder)
        shape: Any = gazetteer.geometry(iri)
    except EarthdexError:
        return None
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    reach = kilometres * _MARGIN / _KM_OF_DEGREE
    highest = max(abs(south - reach), abs(north + reach))
    if highest > 80 or east - west > 180:
        return None
    from shapely import affinity, box, prepare

    stretch = math.cos(math.radians(highest))
    if west - reach / stretch < -180 or east + reach / stretch > 180:
        return None
    plain = affinity.scale(shape, xfact=stretch, yfact=1.0, origin=(0, 0)).simplify(reach * 0.02)
    wide = affinity.scale(plain.buffer(reach * 1.05, quad_segs=4), xfact=1 / stretch, yfact=1.0, origin=(0, 0))
    prepare(wide)
    bounds = wide.bounds
    found = []
    for place in gazetteer.meeting(bounds, _LARGE):
        if kinds is not None and place.kind not in kinds and not (place.is_capital and "capital" in kinds):
            continue
        left, low, right, high = place.bbox
        if left > right or wide.intersects(box(left, low, right, high)):
            found.append(place.iri)
    return found if len(found) <= MOST else None


def inside(iri: str, kinds: frozenset[str], folder: Path | None) -> list[str] | None:
    """IRIs of the places of a kind that may lie in a place; None where that cannot be told or they are too many.

    Args:
        iri: the place that holds them.
        kinds: labels of the kind and its narrower ones.
        folder: the catalogue's folder; None for the default one.
    """
    try:
        gazetteer = open_gazetteer(folder)
        holder = gazetteer.get(iri)
    except EarthdexError:
        return None
    if holder is None:
        return None
    west, south, east, north = holder.bbox
    if west > east:
        west, east = -180.0, 180.0
    found = [one.iri for one in gazetteer.meeting((west, south, east, north), _LARGE) if one.kind in kinds]
    return found if 0 < len(found) <= MOST else None


def nearest(iri: str, count: int, kinds: frozenset[str], folder: Path | None) -> list[str] | None:
    """IRIs among which the nearest places of a kind are; None where that cannot be told.

    The circle is doubled until enough middles lie well inside of it: what is nearer still meets it, too.

    Args:
        iri: the place that others are near.
        count: how many of the nearest are looked for.
        kinds: labels of the kind and its narrower ones.
        folder: the catalogue's folder; None for the default one.
    """
    try:
        gazetteer = open_gazetteer(folder)
        centre = gazetteer.get(iri)
    except EarthdexError:
        return None
    if centre is None:
        return None
    for kilometres in (50.0, 100.0, 200.0, 400.0, 800.0):
        found = candidates(iri, kilometres, kinds, folder)
        if found is None:
            return None
        known = [place for one in found if one != iri and (place := gazetteer.get(one)) is not None]
        near = [one for one in known if _km(one.lat, one.lon, centre.lat, centre.lon) < kilometres * _WELL_INSIDE]
        if len(near) >= count:
            return found
    return None


_WELL_INSIDE = 0.9
_EARTH_KM = 6371.0


def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Kilometres between two points on a sphere."""
    one, two = math.radians(lat), math.radians(other_lat)
    half = math.sin((two - one) / 2) ** 2
    half += math.cos(one) * math.cos(two) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


__all__ = ["MOST", "candidates", "inside", "nearest"]
