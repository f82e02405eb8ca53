"""The column engine of the scenes tier: the only module that knows DuckDB.

Tables are GeoParquet 1.1 files (geoparquet.org/releases/v1.1.0): WKB geometry in CRS84, a `bbox` covering column that
readers can prune by, `geo` metadata, zstd. Nothing is loaded from the network: extensions are switched off.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import shapely

from ontology.errors import DiskFull, EarthdexError, GeometryError, QueryError, QueryTooLarge, StoreCorrupt, StoreError
from ontology.records import Scene

_TEXT, _LIST, _INT, _FLOAT, _TIME, _BLOB, _BOOL = (
    "VARCHAR", "VARCHAR[]", "INTEGER", "DOUBLE", "TIMESTAMPTZ", "BLOB", "BOOLEAN",
)  # fmt: skip
_ROW_GROUP = 20_480


def _column_type(name: str, annotation: str) -> str:
    if "tuple" in annotation:
        return _LIST
    kinds = {"int": _INT, "float": _FLOAT, "datetime": _TIME, "bytes": _BLOB, "bool": _BOOL, "str": _TEXT}
    return kinds[annotation.split(" |")[0]]


COLUMN_TYPES: dict[str, str] = {one.name: _column_type(one.name, str(one.type)) for one in fields(Scene)}
"""SQL type of each column of a scenes table (the fields of `Scene`); the table also has `bbox`."""

_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {
        "geometry": {
            "encoding": "WKB",
            "geometry_types": [],
            "covering": {"bbox": {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}},
        }
    },
}


def quote(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def table_of(parts: Sequence[Path]) -> str:
    """A FROM item over Parquet files; `file_row_number` and `file_index` name a row."""
    files = ", ".join(quote(str(one)) for one in parts)
    return f"read_parquet([{files}], file_row_number=true, filename=true, hive_partitioning=false)"


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of a moment; one without a zone is UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment(value: int) -> datetime:
    """The moment, in UTC, of microseconds since 1970."""
    return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)


class Engine:
    """An in-process DuckDB. Each thread works with its own cursor.

    Args:
        memory_mb: memory that queries may use.
        spill: folder for what does not fit; None: such queries fail.
    """

    def __init__(self, memory_mb: int = 1024, spill: Path | None = None) -> None:
        self._base = duckdb.connect(
            ":memory:",
            config={
                "threads": 2,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(spill) if spill else "",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        # settings of the extensions that are built in: known only once the engine runs
        self._base.execute("SET GLOBAL enable_geoparquet_conversion = false")
        self._base.execute("SET GLOBAL TimeZone = 'UTC'")
        # DuckDB 2.0 fails to bind `file_index` when it fetches the columns of a LIMIT late from a filtered file
        self._base.execute("SET GLOBAL disabled_optimizers = 'late_materialization'")
        self._local = threading.local()

    def _cursor(self) -> Any:  # noqa: ANN401
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._base.cursor()
        return cursor

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises QueryTooLarge, StoreCorrupt, DiskFull or QueryError."""
        with _engine_errors():
            found: list[tuple[Any, ...]] = self._cursor().execute(sql, _used(sql, parameters)).fetchall()
            return found

    def chunks(self, sql: str, parameters: dict[str, Any], size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a statement in lists of at most `size`; the engine works on only as far as it is read."""
        with _engine_errors():
            cursor = self._base.cursor()
            try:
                cursor.execute(sql, _used(sql, parameters))
                while rows := cursor.fetchmany(size):
                    yield rows
            finally:
                cursor.close()

    def arrow(self, sql: str) -> object:
        """The rows of a SELECT as an Arrow C stream (a capsule); see `kg.scenes.index.arrow`."""
        with _engine_errors():
            return self._cursor().sql(sql).__arrow_c_stream__()

    def stage(self, scenes: Sequence[Scene]) -> None:
        """Puts scenes into the temporary table `stage`, replacing what it held.

        Raises:
            GeometryError: a footprint is no WKB.
        """
        columns: dict[str, Any] = {
            name: [_plain(getattr(one, name), kind) for one in scenes] for name, kind in COLUMN_TYPES.items()
        }
        shapes = shapely.from_wkb(columns["geometry"], on_invalid="ignore")
        for scene, shape in zip(scenes, shapes, strict=True):
            if shape is None and scene.geometry is not None:
                raise GeometryError(f"The footprint of scene {scene.id!r} is no WKB.", "Normalise it before adding.")
        bounds = shapely.bounds(shapes)
        for number, side in enumerate(("xmin", "ymin", "xmax", "ymax")):
            columns["_" + side] = [None if np.isnan(one) else float(one) for one in bounds[:, number]]
        items = [_unnest(name, kind) for name, kind in COLUMN_TYPES.items()]
        box = ", ".join(f"unnest($_{side}::DOUBLE[]) AS _{side}" for side in ("xmin", "ymin", "xmax", "ymax"))
        packed = (
            "CASE WHEN _xmin IS NULL THEN NULL ELSE struct_pack(xmin := _xmin, ymin := _ymin, "
            "xmax := _xmax, ymax := _ymax) END AS bbox"
        )
        self.rows(
            f"CREATE OR REPLACE TEMP TABLE stage AS SELECT {', '.join(COLUMN_TYPES)}, {packed} "
            f"FROM (SELECT {', '.join(items)}, {box})",
            columns,
        )

    def write(self, select: str, path: Path) -> None:
        """Writes the rows of a SELECT as a GeoParquet file that is on disk when this returns."""
        geo = quote(json.dumps(_GEO))
        self.rows(
            f"COPY ({select}) TO {quote(str(path))} (FORMAT parquet, COMPRESSION zstd, "
            f"ROW_GROUP_SIZE {_ROW_GROUP}, KV_METADATA {{geo: {geo}}})"
        )
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def write_partitions(self, select: str, folder: Path, by: Sequence[str]) -> None:
        """Writes the rows of a SELECT as GeoParquet files in folders named by the values of some columns."""
        geo = quote(json.dumps(_GEO))
        self.rows(
            f"COPY ({select}) TO {quote(str(folder))} (FORMAT parquet, COMPRESSION zstd, "
            f"PARTITION_BY ({', '.join(by)}), ROW_GROUP_SIZE {_ROW_GROUP}, KV_METADATA {{geo: {geo}}}, "
            "OVERWRITE_OR_IGNORE)"
        )

    def close(self) -> None:
        """Ends the engine."""
        self._base.close()


def _used(sql: str, parameters: dict[str, Any] | None) -> dict[str, Any]:
    """The parameters that a statement names: the engine refuses any other."""
    return {name: (parameters or {})[name] for name in set(re.findall(r"\$(\w+)", sql)) if name in (parameters or {})}


def _unnest(name: str, kind: str) -> str:
    if kind == _TIME:
        return f"make_timestamp(unnest(${name}::BIGINT[]))::TIMESTAMPTZ AS {name}"
    return f"unnest(${name}::{kind}[]) AS {name}"


def _plain(value: Any, kind: str) -> Any:  # noqa: ANN401
    if value is None:
        return None
    if kind == _TIME:
        return micros(value)
    return list(value) if kind == _LIST else value


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except EarthdexError:
        raise
    except duckdb.OutOfMemoryException as error:
        raise QueryTooLarge("The query needs too much memory.", "Add conditions or a LIMIT.") from error
    except duckdb.IOException as error:
        text = str(error)
        if any(one in text for one in ("No space left", "File too large", "quota exceeded")):
            raise DiskFull("No space is left for the scenes.", "Free space and run the command again.") from error
        raise StoreCorrupt(f"A scenes table cannot be read: {text[:200]}.", _REMEDY) from error
    except (duckdb.InvalidInputException, duckdb.InternalException, duckdb.SerializationException) as error:
        text = str(error)
        if "arquet" in text or isinstance(error, duckdb.InternalException):
            raise StoreCorrupt(f"A scenes table cannot be read: {text[:200]}.", _REMEDY) from error
        raise QueryError(f"The scenes cannot be queried: {text[:200]}.", "") from error
    except duckdb.DataError as error:
        raise QueryError(f"A value of the query does not fit: {str(error)[:200]}.", "") from error
    except duckdb.Error as error:
        raise StoreError(f"The scenes tier failed: {str(error)[:200]}.", "") from error


_REMEDY = "Remove that file's version and add the scenes again with `earthdex add`."
