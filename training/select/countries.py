"""In which country a place lies, by the outlines of the gazetteer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt


@lru_cache(maxsize=1)
def _outlines() -> tuple[Any, tuple[str, ...]]:
    import shapely

    from kg.gazetteer import open_gazetteer

    places = open_gazetteer()
    shapes, codes = [], []
    for one in places.of_kind("country"):
        shape = places.geometry(one.iri)
        if shape is not None and one.country:
            shapes.append(shape)
            codes.append(one.country)
    for shape in shapes:
        shapely.prepare(shape)
    return shapely.STRtree(shapes), tuple(codes)


def countries(longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> list[str]:
    """ISO 3166-1 codes of points in degrees (CRS84), empty at sea; the first by code where several claim a point."""
    import shapely

    lon, lat = np.asarray(longitudes, float), np.asarray(latitudes, float)
    tree, codes = _outlines()
    found = [""] * len(lon)
    points, shapes = tree.query(shapely.points(lon, lat), predicate="intersects")
    for point, shape in zip(points.tolist(), shapes.tolist(), strict=True):
        code = codes[shape]
        if not found[point] or code < found[point]:
            found[point] = code
    return found
