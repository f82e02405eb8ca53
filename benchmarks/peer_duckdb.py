"""DuckDB over the Parquet parts as a peer: SQL on the columns and boxes, then shapely on the footprints that remain.

Its own spatial extension comes from the network only, so footprints are tested as a Python program would. It holds no
graph: what g asks of one is given to it as constants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from benchmarks.peer_virtuoso import circle
from benchmarks.scene_queries import Ask, regions

_ESA_MULTISPECTRAL = ("sentinel-2a", "sentinel-2b", "sentinel-2c", "sentinel-3a", "sentinel-3b")
_IRI = "'https://w3id.org/earthdex/scene/' || url_encode(collection) || '/' || url_encode(id)"
_TIME = "strftime(start_time, '%Y-%m-%dT%H:%M:%SZ')"


def opened(parts: Sequence[Path]) -> Callable[[Ask], list[tuple[Any, ...]]]:
    """What runs a query over the parts."""
    engine = duckdb.connect(config={"threads": 2})
    engine.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET enable_geoparquet_conversion = false")
    files = ", ".join(f"'{one}'" for one in parts)
    engine.execute(f"CREATE VIEW scenes AS SELECT * FROM read_parquet([{files}])")

    def run(one: Ask) -> list[tuple[Any, ...]]:
        if one.key == "d":
            return engine.execute(
                "SELECT platform, count(*) FROM scenes WHERE platform IS NOT NULL GROUP BY platform"
            ).fetchall()
        return _pairs(engine) if one.key == "f" else _rows(engine, one)

    return run


def _rows(engine: Any, one: Ask) -> list[tuple[Any, ...]]:  # noqa: ANN401
    craft = one.craft or (_ESA_MULTISPECTRAL if one.key == "g" else ())
    area = circle(one.area.centroid.x, one.area.centroid.y) if one.area is not None and one.metres else one.area
    where = [f"platform IN ({', '.join(repr(name) for name in craft)})"] if craft else []
    if one.months:
        where.append(f"start_time >= '{one.months[0]}'::TIMESTAMPTZ AND start_time < '{one.months[1]}'::TIMESTAMPTZ")
    if one.cloud is not None:
        where.append(f"cloud_cover < {one.cloud}")
    if area is not None:
        west, south, east, north = area.bounds
        where.append(f"bbox.xmin <= {east} AND bbox.xmax >= {west} AND bbox.ymin <= {north} AND bbox.ymax >= {south}")
    order = " ORDER BY start_time" if one.ordered else ""
    limit = f" LIMIT {one.limit}" if one.limit and area is None else ""
    columns = f"{_IRI}, {_TIME}, cloud_cover" + (", geometry" if area is not None else "")
    found = engine.execute(f"SELECT {columns} FROM scenes WHERE {' AND '.join(where)}{order}{limit}").fetchall()
    if area is None or not found:
        return list(found)
    hits = _tested(area, np.array([row[3] for row in found], dtype=object), one.within)
    return [row[:3] for row, hit in zip(found, hits, strict=True) if hit][: one.limit]


def _tested(area: BaseGeometry, data: Any, within: bool) -> Any:  # noqa: ANN401
    shapely.prepare(area)
    shapes = shapely.from_wkb(data)
    return shapely.contains(area, shapes) if within else shapely.intersects(area, shapes)


def _pairs(engine: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
    areas = regions()
    boxes = np.array([one.bounds for one in areas.values()])
    names = np.array(list(areas), dtype=object)
    table = {"r": np.arange(len(names)), **{side: boxes[:, at] for at, side in enumerate(("w", "s", "e", "n"))}}
    engine.register("areas", table)
    found = engine.execute(
        "SELECT r, geometry FROM scenes, areas WHERE bbox.xmin <= e AND bbox.xmax >= w AND bbox.ymin <= n "
        "AND bbox.ymax >= s"
    ).fetchall()
    which = np.array([row[0] for row in found])
    data = np.array([row[1] for row in found], dtype=object)
    shapes = list(areas.values())
    return [(names[at], int(_tested(shapes[at], data[which == at], False).sum())) for at in range(len(names))]
