"""The scenes tier on a real Spark cluster gives what the embedded one gives."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
pytest.importorskip("pyarrow", reason="the extra `spark` is not installed")

from kg.columns import micros
from kg.home import Home, open_home
from kg.scenes import Plan, SceneTable, Spatial
from kg.scenes.partitions import Partitions, export
from kg.scenes.spark import SparkTable
from kg.scenes.terms import (
    All,
    AnyOf,
    Apply,
    Boxes,
    Column,
    Compare,
    Const,
    Either,
    Figure,
    If,
    Known,
    Member,
    Not,
    NotNull,
    NotTrue,
    Order,
    SceneIn,
    TextTest,
)
from ontology.errors import StoreError
from tests.kg import world
from tests.spark.cluster import environment, spark_cluster

ID, COLLECTION, TIME, CLOUD = Column("id"), Column("collection"), Column("start_time"), Column("cloud_cover")
RESOLUTION = Column("resolution_m")
KEY = (COLLECTION, ID)
SQUARE = shapely.box(3.3, 3.3, 9.7, 8.1)
SPRING = Const(micros(datetime(2019, 3, 1, tzinfo=UTC)))
SUMMER = Const(micros(datetime(2019, 9, 1, tzinfo=UTC)))
PLANS = {
    "all columns": Plan((*KEY, Column("mission"), Column("relative_orbit"), TIME, Column("end_time"), CLOUD,
                         Column("geometry"), Column("instrument"), Column("polarisation"), Column("is_global"))),
    "iri": Plan((Apply("scene iri"), Apply("sensor iri", (Column("platform"),)))),
    "time": Plan(KEY, (Compare(">=", TIME, SPRING), Compare("<", TIME, SUMMER))),
    "time from the right": Plan(KEY, (Compare("<=", SPRING, TIME),)),
    "top": Plan((TIME, *KEY), (Compare("<", CLOUD, Const(20.0)),), order=(Order(TIME, True), Order(ID)), limit=7),
    "offset": Plan((CLOUD, *KEY), order=(Order(CLOUD), Order(COLLECTION), Order(ID)), limit=60, offset=3),
    "unknown last": Plan((TIME, *KEY), order=(Order(TIME, False, True), Order(ID), Order(COLLECTION))),
    "enums": Plan(KEY, (AnyOf("platform", ("sentinel-2a", "landsat-8")), AnyOf("polarisation", ("VH",)))),
    "moments": Plan(KEY, (AnyOf("end_time", (SPRING.value, SUMMER.value)),)),
    "lists": Plan(KEY, (AnyOf("polarisation", ("VH", "HH")),)),
    "known": Plan(KEY, (Known("polarisation"), Known("orbit_direction"), NotNull(TIME))),
    "not true": Plan(KEY, (NotTrue(Compare(">", CLOUD, Const(50.0))),)),
    "not": Plan(KEY, (Not(Compare(">", CLOUD, Const(50.0))),)),
    "either": Plan(KEY, (Either((Known("is_global"), Compare("=", Column("relative_orbit"), Const(3)))),)),
    "never": Plan(KEY, (Either(()),)),
    "always": Plan(KEY, (All(()),)),
    "scenes": Plan(KEY, (SceneIn((("one", "P0001 x/1"), ("two", "P0001 x/1"), ("one", "P0002 x/1"))),)),
    "texts": Plan(KEY, (TextTest("starts", ID, Const("P00")), TextTest("ends", ID, Const("/1")),
                        TextTest("contains", Apply("lower", (Column("product_type"),)), Const("l")))),
    "boxes": Plan(KEY, (Boxes(((3.0, 3.0, 5.0, 6.0),)),)),
    "within": Plan(KEY, spatial=(Spatial("within", SQUARE),)),
    "intersects": Plan(KEY, (Compare(">=", TIME, SPRING),), spatial=(Spatial("intersects", SQUARE),)),
    "disjoint": Plan(KEY, spatial=(Spatial("disjoint", SQUARE),)),
    "near": Plan(KEY, spatial=(Spatial("distance", shapely.Point(5, 5), 200_000.0),)),
    "count": Plan((Figure("count"),), spatial=(Spatial("intersects", SQUARE),), aggregate=True),
    "groups": Plan((Column("platform"), Figure("count"), Figure("max", TIME), Figure("min", CLOUD)), group=(0,),
                   aggregate=True, order=(Order(Column("platform")),)),
    "members": Plan((Member("polarisation"), Figure("count")), group=(0,), aggregate=True),
    "years": Plan((Apply("year", (TIME,)), Figure("count", CLOUD), Figure("avg", CLOUD), Figure("sum", CLOUD)),
                  group=(0,), aggregate=True),
    "exact mean": Plan((Figure("sum, count", Column("relative_orbit")), Figure("sum", Column("relative_orbit"), True)),
                       aggregate=True),
    "distinct": Plan((Column("product_type"),), distinct=True),
    "case": Plan((If(Compare("<", CLOUD, Const(10.0)), Const("clear"), Const("cloudy")), ID),
                 (Compare("=", Apply("month", (TIME,)), Const(6.0)),)),
    "sums": Plan(KEY, (Compare("<", Apply("+", (CLOUD, Const(1.0))), Apply("*", (RESOLUTION, Const(2.0)))),)),
}  # fmt: skip


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("spark")
    before = dict(os.environ)
    os.environ.update(environment(folder))
    try:
        with spark_cluster(folder) as address:
            yield address
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world")
    world.make_home(path, world.scenes())
    return path


@pytest.fixture(scope="module")
def embedded(folder: Path) -> Iterator[Home]:
    with open_home(folder) as home:
        yield home


@pytest.fixture(scope="module")
def partitioned(embedded: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("table") / "scenes"
    export(embedded.scenes.parts, embedded.scenes.count(), target, embedded.version)
    return target


@pytest.fixture(scope="module")
def table(cluster: str, partitioned: Path) -> Iterator[SparkTable]:
    made = SparkTable(cluster, str(partitioned))
    yield made
    made.close()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    return tuple(map(_cell, value)) if isinstance(value, list) else value


def _rows(table: SceneTable, plan: Plan) -> list[tuple[Any, ...]]:
    return [tuple(map(_cell, row)) for row in table.run(plan)]


@pytest.mark.timeout(600)
def test_every_kind_of_plan_gives_the_same_rows(embedded: Home, table: SparkTable) -> None:
    for name, plan in PLANS.items():
        wanted, found = _rows(embedded.scenes, plan), _rows(table, plan)
        if plan.order:
            assert found == wanted, name
        else:
            assert Counter(found) == Counter(wanted), name


def test_partitions_that_cannot_matter_are_left_out(partitioned: Path) -> None:
    layout = Partitions.read(partitioned)
    assert layout is not None and layout.scenes == 300
    assert {one.name for one in partitioned.glob("year=*")} == {f"year={year}" for year in (0, 2018, 2019, 2020)}
    time = layout.pruned(PLANS["time"])
    assert time == ["year >= 2019 AND year <= 2019"]
    assert layout.pruned(PLANS["within"]) == ["cell IN (-2, 4, 5, 6)"] or "cell IN" in layout.pruned(PLANS["within"])[0]
    assert layout.pruned(PLANS["all columns"]) == []


PREFIXES = """PREFIX ed: <https://w3id.org/earthdex/ns#>
BASE <https://w3id.org/earthdex/>
"""
QUERIES = [
    """SELECT ?s ?t { ?s a ed:Scene ; ed:platform <sensor/sentinel-2a> ; sosa:resultTime ?t ; ed:cloudCover ?c
    FILTER(?t >= "2018-06-01T00:00:00Z"^^xsd:dateTime && ?t < "2020-06-01T00:00:00Z"^^xsd:dateTime && ?c < 70) }
    ORDER BY ?t ?s LIMIT 100""",
    """SELECT ?s ?t { ?s a ed:Scene ; ed:platform <sensor/sentinel-2a> ; sosa:resultTime ?t ;
    geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfIntersects(?f, "POLYGON((2 2,9 3,8 9,1 7,2 2))"^^geo:wktLiteral)) }
    ORDER BY ?t ?s LIMIT 100""",
    """SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f
    FILTER(geof:sfIntersects(?f, "POLYGON((5 5,6 5,6 6,5 6,5 5))"^^geo:wktLiteral)) }""",
    "SELECT ?p (COUNT(*) AS ?n) { ?s a ed:Scene ; ed:platform ?p } GROUP BY ?p",
    """SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f
    FILTER(geof:distance(?f, "POINT(10 10)"^^geo:wktLiteral, uom:metre) < 50000) }""",
    """SELECT ?r (COUNT(?s) AS ?n) { ?r a geo:Feature ; geo:hasGeometry/geo:asWKT ?a . ?s a ed:Scene ;
    geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfIntersects(?f, ?a)) } GROUP BY ?r""",
    """SELECT ?s ?l { ?s a ed:Scene ; ed:platform ?p ; geo:hasGeometry/geo:asWKT ?f . ?p skos:broader ?m .
    ?m skos:prefLabel ?l . <place/country/AA> geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfWithin(?f, ?a)) }""",
]  # a to g of the benchmark


@pytest.mark.timeout(600)
@pytest.mark.parametrize("of", ["partitioned", "files of the catalogue"])
def test_a_catalogue_answers_the_same_over_the_cluster(
    of: str, cluster: str, folder: Path, partitioned: Path, embedded: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARTHDEX_SCENES", cluster)
    if of == "partitioned":
        monkeypatch.setenv("EARTHDEX_SCENES_TABLE", str(partitioned))
    with open_home(folder) as home:
        assert isinstance(home.scenes, SparkTable)
        for query in QUERIES if of == "partitioned" else QUERIES[:2]:
            wanted, found = embedded.query(PREFIXES + query), home.query(PREFIXES + query)
            assert wanted.rows  # type: ignore[union-attr]
            if "ORDER" in query:
                assert found == wanted, query
            else:
                assert Counter(found.rows) == Counter(wanted.rows), query  # type: ignore[union-attr]


def test_a_cluster_that_is_none_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHDEX_SCENES", "http://example.org")
    with pytest.raises(StoreError, match="no cluster"):
        open_home(folder)


def test_files_that_the_cluster_does_not_see_are_named(cluster: str, tmp_path: Path) -> None:
    table = SparkTable(cluster, str(tmp_path / "nowhere"))
    with pytest.raises(StoreError, match="does not see"):
        table.run(PLANS["count"])
    table.close()


def test_a_folder_with_files_is_not_written_into(embedded: Home, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="not empty"):
        export(embedded.scenes.parts, 300, tmp_path)
