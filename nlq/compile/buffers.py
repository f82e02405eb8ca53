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


__all__ = ["MOST", "candidates"]
