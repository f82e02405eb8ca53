"""GeoParquet files of the scenes table's own schema from outside: what must hold before they become parts of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kg.columns import COLUMN_TYPES, Engine, quote, table_of
from kg.scenes.index import Findings, Part
from kg.scenes.index.frames import Rows
from kg.scenes.index.texts import Texts
from ontology.errors import EarthdexError, RecordError

_BBOX = "STRUCT(xmin DOUBLE, ymin DOUBLE, xmax DOUBLE, ymax DOUBLE)"
_KINDS = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
_CRS84 = {"OGC:CRS84", "CRS84"}

Key = tuple[str, str]


def check_file(engine: Engine, path: Path) -> tuple[int, bool]:
    """(rows, whether the columns stand in the table's own order) of a file of the table's schema.

    Raises:
        RecordError: it is no whole Parquet file, has another schema, or another encoding of footprints.
    """
    try:
        described = engine.rows(f"DESCRIBE SELECT * FROM read_parquet({quote(str(path))}, hive_partitioning=false)")
        rows = int(engine.rows(f"SELECT count(*) FROM {table_of([path])}")[0][0])
        kept = engine.rows(f"SELECT value FROM parquet_kv_metadata({quote(str(path))}) WHERE key = 'geo'::BLOB")
    except EarthdexError as error:
        raise RecordError(f"{path.name} is not Parquet, or not whole", "Export or copy the file again.") from error
    found = {str(row[0]): str(row[1]) for row in described}
    wanted = {name: _KINDS.get(kind, kind) for name, kind in COLUMN_TYPES.items()} | {"bbox": _BBOX}
    if missing := [name for name in wanted if name not in found]:
        raise RecordError(f"{path.name} has no column {', '.join(map(repr, missing[:5]))}", _OWN)
    if foreign := [name for name in found if name not in wanted]:
        raise RecordError(f"{path.name} has other columns, such as {foreign[0][:80]!r}", _OWN)
    if other := [name for name, kind in wanted.items() if found[name] != kind]:
        name = other[0]
        raise RecordError(f"Column {name!r} of {path.name} is {found[name]}, not {wanted[name]}", _OWN)
    _check_geometry(path, kept[0][0] if kept else None)
    return rows, list(found) == list(wanted)


_OWN = "Write the file with the scenes table's own columns, or add it as stac-geoparquet."


def is_own(columns: Sequence[str]) -> bool:
    """Whether a file has the columns of the scenes table."""
    return {*COLUMN_TYPES, "bbox"} == set(columns)


def _check_geometry(path: Path, metadata: bytes | None) -> None:
    try:
        read: dict[str, Any] = json.loads(metadata or b"")
        column = read["columns"][read["primary_column"]]
        encoding, crs = column["encoding"], column.get("crs", "OGC:CRS84")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RecordError(f"{path.name} does not say how its footprints are written", _GEO) from None
    if read["primary_column"] != "geometry" or encoding != "WKB":
        raise RecordError(f"The footprints of {path.name} are {str(encoding)[:40]!r}, not WKB", _GEO)
    if isinstance(crs, dict):
        named = crs.get("id")
        crs = f"{named.get('authority')}:{named.get('code')}" if isinstance(named, dict) else crs.get("name")
    if crs not in _CRS84:
        raise RecordError(f"The footprints of {path.name} are in {str(crs)[:80]}, not in CRS84", _GEO)


_GEO = "Write GeoParquet 1.x with WKB in OGC:CRS84 (longitude, latitude)."


def check_rows(path: Path, found: Findings) -> None:
    """Checks what only the rows tell.

    Args:
        path: the file, for messages.
        found: what was seen while its index was made.

    Raises:
        RecordError: scenes without name, footprints that are no WKB or not on the Earth, boxes that are not theirs.
    """
    for name in ("id", "collection"):
        if count := found.unknown.get(name, 0):
            raise RecordError(f"{count:,} scenes of {path.name} have no {name}", "Give every scene its name.")
    if found.unreadable:
        count = found.unreadable
        raise RecordError(f"{count:,} footprints of {path.name} are no WKB", "Normalise them before adding.")
    if found.foreign:
        count = found.foreign
        raise RecordError(f"The bounding boxes of {count:,} scenes of {path.name} are not those of their footprints",
                          "Write xmin, ymin, xmax and ymax of each footprint into `bbox`.")  # fmt: skip
    least, most = found.least, found.most
    if least[0] < -180.0 or most[2] > 180.0 or least[1] < -90.0 or most[3] > 90.0:
        raise RecordError(f"Footprints of {path.name} reach beyond 180 or 90 degrees", "Normalise them before adding.")


def repeated(parts: Sequence[Part]) -> set[Key]:
    """Names (collection, identifier) that several rows of some parts share."""
    hashes = np.concatenate([_texts(part).hashes for part in parts]) if parts else np.zeros(0, np.uint32)
    ordered = np.sort(hashes)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(again):
        return set()
    seen: set[Key] = set()
    found: set[Key] = set()
    table = np.zeros(65_536, bool)
    table[again & np.uint32(0xFFFF)] = True
    for part in parts:
        own = _texts(part).hashes
        near = np.flatnonzero(table[own & np.uint32(0xFFFF)])
        rows = near[np.isin(own[near], again)]
        collections = Rows(part, rows).column("collection").python()
        for collection, identifier in zip(collections, _texts(part).take(rows), strict=True):
            key = (str(collection), str(identifier))
            (found if key in seen else seen).add(key)
    return found


def _texts(part: Part) -> Texts:
    column = part.column("id")
    if not isinstance(column, Texts):
        raise RecordError("An index has no identifiers", "Add the file again.")
    return column
