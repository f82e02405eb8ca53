"""Small parts of the scenes table that hold what a live source answered."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from kg.columns import COLUMN_TYPES, Engine, table_of
from ontology.records import Scene


def write_part(scenes: Sequence[Scene], path: Path) -> None:
    """Writes scenes as one part, which is there as a whole or not at all.

    Raises:
        DiskFull: no space is left.
        GeometryError: a footprint is no WKB.
    """
    engine = Engine(memory_mb=512, spill=path.parent)
    try:
        engine.stage(scenes)
        _write(engine, "SELECT * FROM stage ORDER BY start_time", path)
    finally:
        engine.close()


def without(part: Path, keys: Iterable[tuple[str, str]]) -> Path:
    """A copy of a part without some scenes (collection, identifier); made once for the same scenes."""
    left_out = sorted(set(keys))
    mark = hashlib.blake2b(repr(left_out).encode(), digest_size=8).hexdigest()
    path = part.with_name(f"{part.stem}-{mark}.parquet")
    if not path.exists():
        engine = Engine(memory_mb=512, spill=path.parent)
        try:
            engine.rows(
                "CREATE TEMP TABLE dropped AS SELECT unnest($collections::VARCHAR[]) AS collection, "
                "unnest($ids::VARCHAR[]) AS id",
                {"collections": [one[0] for one in left_out], "ids": [one[1] for one in left_out]},
            )
            columns = ", ".join(COLUMN_TYPES)
            _write(
                engine,
                f"SELECT {columns}, bbox FROM {table_of([part])} t ANTI JOIN dropped d USING (collection, id)",
                path,
            )
        finally:
            engine.close()
    return path


def _write(engine: Engine, select: str, path: Path) -> None:
    draft = path.with_name(f"{uuid.uuid4().hex}.tmp")
    try:
        engine.write(select, draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
