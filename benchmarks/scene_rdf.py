"""Scenes of Parquet parts as N-Triples, for systems that hold nothing but triples: the ones that earthdex shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import shapely

from kg.virtual import AS_WKT, ATTRIBUTES, HAS_GEOMETRY, SCENE_CLASS, SCENES, TYPE

GEOSPARQL_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
VIRTUOSO_WKT = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_CHUNK = 50_000
_FILLED = ("id", "collection", "mission", "platform", "product_type", "cloud_cover", "start_time")

Progress = Callable[[str, int, int], None]


def _object(column: str, kind: str) -> str:
    match kind:
        case "sensor":
            return f"'<https://w3id.org/earthdex/sensor/' || {column} || '>'"
        case "number":
            return f"'\"' || {column} || '\"^^<{_XSD}double>'"
        case "moment":
            return f"'\"' || strftime({column}, '%Y-%m-%dT%H:%M:%SZ') || '\"^^<{_XSD}dateTime>'"
        case _:
            return f"'\"' || {column} || '\"'"


def _select(parts: Sequence[Path]) -> str:
    subject = f"'<{SCENES}' || url_encode(collection) || '/' || url_encode(id)"
    lines = [f"s || '> <{TYPE}> <{SCENE_CLASS}> .\n'"]
    for one in ATTRIBUTES.values():
        if one.column in _FILLED:
            text = f"s || '> <{one.predicate}> ' || {_object(one.column, one.kind)} || ' .\n'"
            lines.append(f"coalesce({text}, '')")
    lines.append(f"s || '> <{HAS_GEOMETRY}> ' || s || '#geometry> .\n' || s || '#geometry> <{AS_WKT}> \"'")
    files = ", ".join(f"'{one}'" for one in parts)
    return f"SELECT {' || '.join(lines)}, geometry FROM (SELECT *, {subject} AS s FROM read_parquet([{files}]))"


def chunks(parts: Sequence[Path], datatype: str = GEOSPARQL_WKT) -> Iterator[tuple[bytes, int]]:
    """N-Triples of a few ten thousand scenes at a time, and how many triples they are."""
    engine = duckdb.connect(config={"threads": 1})
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute("SET enable_progress_bar = false; SET enable_geoparquet_conversion = false")
    cursor = engine.execute(_select(parts))
    tail = f'"^^<{datatype}> .\n'
    while rows := cursor.fetchmany(_CHUNK):
        shapes = shapely.from_wkb(np.array([row[1] for row in rows], dtype=object))
        wkts = shapely.to_wkt(shapes, rounding_precision=-1)
        text = "".join([row[0] + wkt + tail for row, wkt in zip(rows, wkts, strict=True)]).encode()
        yield text, text.count(b" .\n")
    engine.close()


def write(
    parts: Sequence[Path], folder: Path, datatype: str = GEOSPARQL_WKT, progress: Progress | None = None
) -> tuple[list[Path], int]:
    """Writes N-Triples files; returns them and the number of triples."""
    folder.mkdir(parents=True, exist_ok=True)
    paths, triples = [], 0
    for number, (text, count) in enumerate(chunks(parts, datatype)):
        path = folder / f"scenes-{number:04d}.nt"
        path.write_bytes(text)
        paths.append(path)
        triples += count
        if progress is not None:
            progress("triples", triples, 0)
    return paths, triples
