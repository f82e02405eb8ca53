"""Geometries as small blobs: coordinates on a grid of 1e-4 degree (at most 11 m), differences, deflate.

Only points, lines and polygons (also several) occur in a gazetteer. Coordinates are lon/lat in degrees (CRS84).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

GRID = 10_000
_POINT, _LINE, _POLYGON = 1, 2, 3


def encode(geometry: BaseGeometry) -> bytes:
    """A point, line or polygon, or several of one of them, as a blob.

    Raises:
        ValueError: the geometry is empty or of another type.
    """
    import numpy as np

    parts = list(getattr(geometry, "geoms", [geometry]))
    names = {part.geom_type for part in parts}
    if len(names) != 1 or geometry.is_empty:
        raise ValueError(f"cannot store a geometry of types {sorted(names)}")
    tag = {"Point": _POINT, "LineString": _LINE, "LinearRing": _LINE, "Polygon": _POLYGON}.get(names.pop())
    if tag is None:
        raise ValueError(f"cannot store a {geometry.geom_type}")
    shape: list[int] = [tag, len(parts)]
    runs: list[Any] = []
    for part in parts:
        rings = [part.exterior, *part.interiors] if tag == _POLYGON else [part]
        if tag == _POLYGON:
            shape.append(len(rings))
        for ring in rings:
            run = np.rint(np.asarray(ring.coords)[:, :2] * GRID).astype("<i4")
            shape.append(len(run))
            runs.append(run)
    points = np.concatenate(runs)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), "<i4")).astype("<i4").T
    # Bytes of equal weight lie side by side, which deflate likes best.
    planes = np.ascontiguousarray(steps).view(np.uint8).reshape(-1, 4).T
    head = struct.pack(f"<I{len(shape)}I", len(shape), *shape)
    return zlib.compress(head + np.ascontiguousarray(planes).tobytes(), 9)


def decode(blob: bytes) -> BaseGeometry:
    """The geometry of a blob.

    Raises:
        ValueError: the blob is damaged.
    """
    import shapely

    tag, parts = _parts(blob)
    try:
        if tag == _POLYGON:
            made = [shapely.Polygon(rings[0], rings[1:]) for rings in parts]
        elif tag == _LINE:
            made = [shapely.LineString(rings[0]) for rings in parts]
        else:
            made = [shapely.Point(rings[0][0]) for rings in parts]
    except shapely.errors.GEOSException as error:
        raise ValueError(f"damaged geometry: {error}") from error
    if len(made) == 1:
        return made[0]
    several = {_POLYGON: shapely.MultiPolygon, _LINE: shapely.MultiLineString, _POINT: shapely.MultiPoint}
    return several[tag](made)


def decode_wkt(blob: bytes) -> str:
    """The geometry of a blob as WKT with four decimals, all that it holds; far faster than by way of `decode`.

    Raises:
        ValueError: the blob is damaged.
    """
    tag, parts = _parts(blob)
    if tag == _POLYGON:
        texts = ["(" + ", ".join(ring_text(ring.ravel().tolist()) for ring in rings) + ")" for rings in parts]
    else:
        texts = [ring_text(rings[0].ravel().tolist()) for rings in parts]
    name = {_POLYGON: "POLYGON", _LINE: "LINESTRING"}.get(tag, "POINT")
    return f"{name} {texts[0]}" if len(texts) == 1 else f"MULTI{name} ({', '.join(texts)})"


def ring_text(flat: list[float]) -> str:
    """Numbers x, y, x, y ... of at most four decimals as `(x y, x y)`."""
    return "(" + ", ".join(["%.9g %.9g"] * (len(flat) // 2)) % tuple(flat) + ")"


def _parts(blob: bytes) -> tuple[int, list[list[Any]]]:
    """The type of a blob and, for each part, its rings: arrays of (n, 2) in degrees."""
    import numpy as np

    try:
        data = zlib.decompress(blob)
        (count,) = struct.unpack_from("<I", data)
        shape = iter(struct.unpack_from(f"<{count}I", data, 4))
        planes = np.frombuffer(data, np.uint8, offset=4 + 4 * count).reshape(4, -1)
        steps = np.ascontiguousarray(planes.T).view("<i4").reshape(2, -1)
        points = np.cumsum(steps.T, axis=0, dtype=np.int64) / GRID
        tag, number = next(shape), next(shape)
        at = 0
        parts = []
        for _ in range(number):
            rings = []
            for _ in range(next(shape) if tag == _POLYGON else 1):
                size = next(shape)
                rings.append(points[at : at + size])
                at += size
            parts.append(rings)
    except (zlib.error, struct.error, StopIteration) as error:
        raise ValueError(f"damaged geometry: {error}") from error
    return tag, parts
