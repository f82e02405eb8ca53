"""The scenes tier on a Spark cluster: the same GeoParquet and the same plans (the only module that knows pyspark).

Spark reads the files, prunes them by their partitions and statistics, and runs the statement; footprints are tested on
the cluster by the same code as here, in vectorised functions over Arrow batches, so the workers' Python needs earthdex
as well.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from kg.scenes.partitions import Partitions
from kg.scenes.plan import Plan
from kg.scenes.spatial import Spatial, box_test, hits, met_in
from kg.scenes.sql import Dialect, Statement
from kg.scenes.table import SceneTable
from kg.scenes.terms import NEVER, Column, Member, Test
from ontology.errors import QueryError, QueryTooLarge, StoreError

_MOST_ROWS = 2_000_000
_VIEW = "scenes"


class SparkDialect(Dialect):
    """How Spark SQL writes what DuckDB writes otherwise.

    Args:
        mark: what names of parameters begin with, where two statements become one.
    """

    def __init__(self, mark: str = "") -> None:
        self.mark = mark

    def parameter(self, name: str) -> str:
        """The placeholder of a parameter."""
        return f":{self.mark}{name}"

    def named(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Parameters by the names that they have here."""
        return {self.mark + name: value for name, value in parameters.items()}

    def double(self, value: float) -> str:
        """A number of our own as text."""
        return f"CAST('{value!r}' AS DOUBLE)"

    def as_double(self, sql: str) -> str:
        """A number in double precision."""
        return f"CAST({sql} AS DOUBLE)"

    def as_bigint(self, sql: str) -> str:
        """A whole number of 64 bits."""
        return f"CAST({sql} AS BIGINT)"

    def micros(self, column: str) -> str:
        """Microseconds since 1970 of a moment."""
        return f"unix_micros({column})"

    def moment(self, micros: str) -> str:
        """A moment, as columns hold it, of microseconds since 1970."""
        return f"timestamp_micros({micros})"

    def calendar(self, part: str, micros: str) -> str:
        """Year, month, day, hour or minute, in UTC, of microseconds since 1970."""
        return f"{part}(timestamp_micros({micros}))"

    def url(self, text: str) -> str:
        """A text as it stands in an IRI: Java's encoder differs from RFC 3986 in three characters."""
        return f"replace(replace(replace(url_encode({text}), '+', '%20'), '*', '%2A'), '%7E', '~')"

    def text(self, value: str) -> str:
        """A text of our own."""
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def one_of(self, value: str, values: str) -> str:
        """Whether a value is in a list parameter; unknown where the value is."""
        return f"array_contains({values}, {value})"

    def shares(self, column: str, values: str) -> str:
        """Whether a list column has a member of a list parameter; unknown where the column is."""
        return f"arrays_overlap({column}, {values})"

    def moments(self, values: str) -> str:
        """A list parameter of microseconds as moments."""
        return f"transform({values}, x -> timestamp_micros(x))"

    def length(self, column: str) -> str:
        """Number of members of a list."""
        return f"size({column})"

    def text_test(self, op: str, text: str, part: str) -> str:
        """A text contains, starts or ends with another."""
        return f"{ {'contains': 'contains', 'starts': 'startswith', 'ends': 'endswith'}[op] }({text}, {part})"

    def members(self, column: str) -> str:
        """Each different member of a list: the FROM item has them in rows of their own."""
        return f"_member_{column}"

    def sum_count(self, value: str, distinct: str) -> str:
        """Exact sum and count as a pair."""
        return f"array(CAST(sum({distinct}{value}) AS DECIMAL(38,0)), CAST(count({distinct}{value}) AS DECIMAL(38,0)))"

    def scenes_in(self, keys: str) -> str:
        """Whether the scene is one of a list parameter of pairs."""
        return f"exists({keys}, k -> k[0] = collection AND k[1] = id)"


class SparkTable(SceneTable):
    """The scenes of a table on a Spark cluster, for reading. Safe for threads.

    Args:
        master: address of the cluster, `spark://host:port` (or `local[2]`).
        table: GeoParquet files, or a folder that `kg.scenes.partitions.export` wrote, readable by the cluster under
            the same name; a URL such as `s3a://bucket/scenes` where Spark is set up for it.
    """

    def __init__(self, master: str, table: Sequence[Path] | str) -> None:
        names = [table] if isinstance(table, str) else [str(one) for one in table]
        super().__init__([Path(one) for one in names])
        self._master, self._names = master, names
        self._session: Any = None
        self._lock = threading.Lock()
        folder = Path(names[0]) if len(names) == 1 and "://" not in names[0] else None
        self._partitions = Partitions.read(folder) if folder is not None and folder.is_dir() else None

    @property
    def session(self) -> Any:  # noqa: ANN401
        """The session, started when first needed.

        Raises:
            StoreError: pyspark is absent, or the cluster cannot be reached.
        """
        with self._lock:
            if self._session is None:
                self._session = _session(self._master)
                try:
                    self._session.read.parquet(*self._names).createOrReplaceTempView(_VIEW)
                except Exception as error:
                    raise _why(error, self._master) from error
            return self._session

    def close(self) -> None:
        """Ends the session."""
        with self._lock:
            if self._session is not None:
                self._session.stop()
                self._session = None
        super().close()

    def run(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan, as `SceneTable.run` has them; over no files at all it is run here.

        Raises:
            QueryTooLarge: more rows than fit here.
            StoreError: the cluster failed.
        """
        if not self.parts:
            return super().run(plan)
        table, parameters = self._from(plan)
        if plan.spatial:
            name = f"hits_{threading.get_ident()}"
            self.session.udf.register(name, _tester(plan.spatial))
            table = f"(SELECT * FROM {table} WHERE {name}(geometry))"
        return self._rows(replace(plan, where=(), spatial=()), table, parameters)

    def of_areas(self, where: Sequence[Test], areas: Iterable[Spatial]) -> SceneTable:
        """A table that counts the scenes of each of these areas in one job."""
        return _Areas(self, tuple(where), list(areas)) if self.parts else self

    def by_area(self, plan: Plan, areas: Sequence[Spatial]) -> list[tuple[Any, ...]]:
        """Rows of an aggregating plan for each area that has scenes; the number of the area comes last."""
        table, parameters = self._from(replace(plan, spatial=()))
        name = f"areas_{threading.get_ident()}"
        self.session.udf.register(name, _numberer(areas))
        table = f"(SELECT *, explode({name}(geometry)) AS _area FROM {table} WHERE geometry IS NOT NULL)"
        grouped = replace(plan, where=(), spatial=(), group=(*plan.group, len(plan.select)))
        return self._rows(grouped, table, parameters, ("_area",))

    def _rows(
        self, plan: Plan, table: str, parameters: dict[str, Any], extra: tuple[str, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """Runs what is left of a plan over a FROM item."""
        for one in plan.select:
            if isinstance(one, Member):
                table = f"(SELECT *, explode(array_distinct({one.column})) AS _member_{one.column} FROM {table})"
        dialect = SparkDialect("outer_")
        made = Statement(plan, table, dialect, extra)
        try:
            rows = self.session.sql(made.sql, args=parameters | dialect.named(made.parameters)).take(_MOST_ROWS + 1)
        except Exception as error:
            raise _why(error, self._master) from error
        if len(rows) > _MOST_ROWS:
            raise QueryTooLarge(f"The query finds more than {_MOST_ROWS:,} scenes.", "Add conditions or a LIMIT.")
        return [tuple(map(_python, row)) for row in rows]

    def _from(self, plan: Plan) -> tuple[str, dict[str, Any]]:
        """The FROM item: all that the files themselves decide comes before footprints are read."""
        words = Statement(Plan((Column("id"),)), _VIEW, SparkDialect())
        where = self._partitions.pruned(plan) if self._partitions is not None else []
        where += [words.test(one) for one in (*plan.where, *map(box_test, plan.spatial))]
        table = f"(SELECT * FROM {_VIEW} WHERE {' AND '.join(f'({one})' for one in where)})" if where else _VIEW
        return table, words.parameters


class _Areas(SceneTable):
    """Statements about one of many areas, answered for all of them at once; all else is the table's own."""

    def __init__(self, table: SparkTable, where: tuple[Test, ...], areas: list[Spatial]) -> None:
        super().__init__(table.parts)
        self._table, self._where, self._areas = table, where, areas
        self._made: dict[Plan, dict[int, list[tuple[Any, ...]]]] = {}

    def run(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Rows of a plan."""
        at = next((number for number, one in enumerate(self._areas) if plan.spatial == (one,)), None)
        if at is None or not plan.aggregate or plan.where != self._where or plan.order or plan.limit is not None:
            return self._table.run(plan)
        key = replace(plan, spatial=())
        if key not in self._made:
            found: dict[int, list[tuple[Any, ...]]] = {}
            for row in self._table.by_area(key, self._areas):
                found.setdefault(int(row[-1]), []).append(row[:-1])
            self._made[key] = found
        if at in self._made[key] or plan.group:
            return self._made[key].get(at, [])
        return self._table.run(replace(plan, where=(NEVER,), spatial=()))  # aggregates of nothing


def _session(master: str) -> Any:  # noqa: ANN401
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise StoreError("pyspark is not installed.", "Run `pip install 'earthdex[spark]'`.") from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    made = (
        SparkSession.builder.master(master)
        .appName("earthdex")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.sql.parquet.aggregatePushdown", "true")
    )
    try:
        session = made.getOrCreate()
    except Exception as error:
        raise _why(error, master) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _tester(tests: tuple[Spatial, ...]) -> Any:  # noqa: ANN401
    """A function of footprints (WKB) for the cluster's Python workers."""
    import pyarrow as pa
    import shapely
    from pyspark.sql.functions import arrow_udf

    told = [(one.relation, shapely.to_wkb(one.geometry), one.metres, one.strict) for one in tests]

    def test(footprints):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - annotated below
        import numpy as np

        conditions = [Spatial(relation, shapely.from_wkb(shape), m, strict) for relation, shape, m, strict in told]
        shapes = shapely.from_wkb(np.asarray(footprints.to_pylist(), dtype=object))
        return pa.array(hits(conditions, shapes))

    # pyspark wants the classes themselves, not their names as this module's annotations are
    test.__annotations__ = {"footprints": pa.Array, "return": pa.Array}
    return arrow_udf(test, "boolean")


def _numberer(areas: Sequence[Spatial]) -> Any:  # noqa: ANN401
    """A function of footprints (WKB) that gives the numbers of the areas that they meet."""
    import pyarrow as pa
    import shapely
    from pyspark.sql.functions import arrow_udf

    told = [(one.relation, shapely.to_wkb(one.geometry), one.metres, one.strict) for one in areas]

    def number(footprints):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - annotated below
        import numpy as np

        shapes = shapely.from_wkb(np.asarray(footprints.to_pylist(), dtype=object))
        tree = shapely.STRtree(shapes)
        met: list[list[int]] = [[] for _ in shapes]
        for at, (relation, shape, metres, strict) in enumerate(told):
            one = Spatial(relation, shapely.from_wkb(shape), metres, strict)
            for place in met_in(tree, one):
                met[place].append(at)
        return pa.array(met, pa.list_(pa.int32()))

    number.__annotations__ = {"footprints": pa.Array, "return": pa.Array}
    return arrow_udf(number, "array<int>")


def _python(value: Any) -> Any:  # noqa: ANN401
    """A cell as DuckDB would give it."""
    if isinstance(value, bytearray):
        return bytes(value)
    if isinstance(value, list):
        return [_python(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _why(error: Exception, master: str) -> StoreError | QueryError:
    text = " ".join(str(error).split())[:300]
    if "PATH_NOT_FOUND" in text or "Path does not exist" in text:
        return StoreError(
            f"The cluster at {master} does not see the scenes: {text}.",
            "Set EARTHDEX_SCENES_TABLE to a folder that all its machines see (`earthdex scenes export`).",
        )
    return StoreError(f"Spark at {master} failed: {text}.", "Check that the cluster runs and has earthdex installed.")
