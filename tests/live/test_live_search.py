"""Conditions on scenes as a search: what is pushed down, and that no scene that meets them is left out."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely

from ingest.live.bounds import ALWAYS, may_hold, period
from ingest.live.describe import holding_of
from ingest.live.search import as_parameters, search_of
from ingest.live.sources import BUILTIN, Abilities, Holding, Registry, Source, new_source
from kg.live import LiveRequest
from kg.scenes import Spatial
from kg.scenes.terms import (
    NEVER,
    All,
    AnyOf,
    Apply,
    Boxes,
    Column,
    Compare,
    Const,
    Either,
    Known,
    Not,
    NotTrue,
    Order,
    SceneIn,
    Test,
)
from ontology.errors import NotFound, RecordError, StoreCorrupt

_ABLE = Abilities(filter=True, sort=True)
_S2 = Holding("s2", ("sentinel-2",), ("msi",), ("Sentinel-2A", "sentinel-2b"))
_S1 = Holding("s1", ("sentinel-1",), None, None)
_SOURCE = Source("a", "https://stac.example.org", enabled=True, holdings=(_S2, _S1), abilities=_ABLE)


def _body(
    *where: Test, spatial: tuple[Spatial, ...] = (), source: Source = _SOURCE, **more: object
) -> dict[str, object]:
    found = search_of(LiveRequest(where, spatial, **more), source)  # type: ignore[arg-type]
    assert found is not None
    return found.body


def _micros(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def test_missions_and_spacecraft_choose_collections() -> None:
    assert _body(AnyOf("mission", ("sentinel-2", "sentinel-2a")))["collections"] == ["s2"]
    assert _body(AnyOf("platform", ("sentinel-1a",)))["collections"] == ["s1"]
    assert _body(AnyOf("instrument", ("msi",))).get("collections") is None  # nobody knows what s1 carries
    assert _body(Compare("=", Column("collection"), Const("s1")))["collections"] == ["s1"]
    iri = "https://w3id.org/earthdex/sensor/sentinel-2"
    assert _body(Compare("=", Const(iri), Apply("sensor iri", (Column("mission"),))))["collections"] == ["s2"]
    assert search_of(LiveRequest((AnyOf("mission", ("envisat",)),)), _SOURCE) is None
    assert search_of(LiveRequest((NEVER,)), _SOURCE) is None


def test_the_collections_that_the_user_chose_are_always_named() -> None:
    chosen = Source("a", "https://stac.example.org", collections=("x",), holdings=(Holding("x"),))
    assert _body(source=chosen)["collections"] == ["x"]
    assert "collections" not in _body()


def test_times_become_an_interval() -> None:
    first, last = _micros("2024-03-01"), _micros("2024-04-01")
    where = (Compare(">=", Column("start_time"), Const(first)), Compare("<", Column("start_time"), Const(last)))
    assert _body(*where)["datetime"] == "2024-02-29T23:00:00Z/2024-04-01T01:00:00Z"
    assert _body(where[0])["datetime"] == "2024-02-29T23:00:00Z/.."
    year = Compare("=", Apply("year", (Column("start_time"),)), Const(2021))
    assert _body(year)["datetime"] == "2020-12-31T23:00:00Z/2022-01-01T01:00:00Z"
    assert search_of(LiveRequest((where[0], Compare("<", Column("start_time"), Const(first - 1)))), _SOURCE) is None
    early = Either((Compare("<", Column("end_time"), Const(first)), Compare("=", Column("start_time"), Const(last))))
    assert _body(early)["datetime"] == "../2024-04-01T01:00:00Z"
    assert period(Not(where[0])) == ALWAYS
    assert "datetime" not in _body(Compare("<", Column("start_time"), Const(10**30)))


def test_identifiers_are_named() -> None:
    assert _body(SceneIn((("s2", "a"), ("s2", "b")))) == {"collections": ["s2"], "ids": ["a", "b"]}
    iri = "https://w3id.org/earthdex/scene/s1/x%20y"
    assert _body(Compare("=", Apply("scene iri"), Const(iri))) == {"collections": ["s1"], "ids": ["x y"]}
    assert _body(AnyOf("id", ("a",)), AnyOf("id", ("a", "b")))["ids"] == ["a"]
    assert "ids" not in _body(AnyOf("id", tuple(map(str, range(1_000)))))
    assert "ids" not in _body(Either((AnyOf("id", ("a",)), Known("cloud_cover"))))


def test_geometry_is_sent_whole_or_as_an_outline_that_holds_it() -> None:
    box = shapely.box(14, 37, 15, 38)
    body = _body(spatial=(Spatial("within", box),))
    assert shapely.from_geojson(json.dumps(body["intersects"])).equals(box)
    shore = shapely.Point(0, 0).buffer(5, quad_segs=500)
    sent = shapely.from_geojson(json.dumps(_body(spatial=(Spatial("intersects", shore),))["intersects"]))
    assert sent.buffer(1e-9).covers(shore)
    near = _body(spatial=(Spatial("distance", shapely.Point(179.9, 0), 50_000),))
    around = shapely.from_geojson(json.dumps(near["intersects"]))
    assert around.intersects(shapely.Point(-179.9, 0.1))
    assert "intersects" not in _body(spatial=(Spatial("disjoint", box),))
    boxes = Either((Boxes(((0, 0, 1, 1),)), Boxes(((2, 2, 3, 3),))))
    assert shapely.from_geojson(json.dumps(_body(boxes)["intersects"])).area == pytest.approx(2)
    small = _body(boxes, spatial=(Spatial("intersects", shapely.box(0, 0, 0.5, 0.5)),))
    assert shapely.from_geojson(json.dumps(small["intersects"])).area == pytest.approx(0.25)


def test_filters_pass_by_what_an_item_does_not_state() -> None:
    cloud = Compare("<", Column("cloud_cover"), Const(10.0))
    said = {"op": "<", "args": [{"property": "eo:cloud_cover"}, 10.0]}
    unknown = {"op": "isNull", "args": [{"property": "eo:cloud_cover"}]}
    assert _body(Known("cloud_cover"), cloud)["filter"] == {"op": "or", "args": [said, unknown]}
    assert _body(cloud)["filter-lang"] == "cql2-json"
    assert "filter" not in _body(cloud, source=Source("a", "https://x.example", abilities=Abilities()))
    assert "filter" not in _body(Compare("<=", Column("cloud_cover"), Const(100)))  # shares are clipped
    assert "filter" not in _body(Not(cloud))
    assert "filter" not in _body(NotTrue(cloud))
    assert "filter" not in _body(Either((cloud, Known("band"))))
    platform = _body(AnyOf("platform", ("sentinel-2a",)), AnyOf("mission", ("sentinel-2",)))
    assert '"Sentinel-2A"' in json.dumps(platform["filter"])
    assert "filter" not in _body(AnyOf("platform", ("sentinel-1a",)))  # nobody knows how s1 writes it


def test_order_is_sent_where_only_the_first_rows_are_needed() -> None:
    latest = (Order(Column("start_time"), True), Order(Column("id")))
    assert _body(order=latest, limit=5)["sortby"] == [{"field": "properties.datetime", "direction": "desc"}]
    assert "sortby" not in _body(order=latest)
    assert "sortby" not in _body(order=(Order(Column("cloud_cover")),), limit=5)
    assert "sortby" not in _body(order=latest, limit=5, source=Source("a", "https://x.example"))


def test_a_search_as_parameters_of_a_get() -> None:
    body = _body(
        AnyOf("mission", ("sentinel-2",)),
        SceneIn((("s2", "a"),)),
        spatial=(Spatial("within", shapely.box(0, 0, 1, 1)),),
    )
    made = as_parameters({**body, "limit": 5, "sortby": [{"field": "properties.datetime", "direction": "desc"}]})
    assert made["collections"] == "s2"
    assert made["sortby"] == "-properties.datetime"
    assert json.loads(made["intersects"])["type"] == "Polygon"


def test_summaries_say_what_a_collection_holds() -> None:
    landsat = holding_of("x", {"platform": ["landsat-8", "landsat-9"], "instruments": ["oli", "tirs"]})
    assert landsat == Holding("x", ("landsat",), ("oli", "tirs"), ("landsat-8", "landsat-9"))
    assert holding_of("sentinel-2-l2a", {}).missions == ("sentinel-2",)
    assert holding_of("things", {}).missions is None
    assert holding_of("things", {"platform": ["sentinel-2a", "balloon"]}).missions is None
    assert holding_of("things", {"platform": 7, "instruments": {"a": 1}}) == Holding("things")


_KINDS: list[Test] = [
    AnyOf("mission", ("sentinel-2",)),
    AnyOf("platform", ("sentinel-2a", "landsat-8")),
    Compare("<", Column("cloud_cover"), Const(30.0)),
    Compare(">=", Column("start_time"), Const(1_600_000_000_000_000)),
    Compare("=", Apply("year", (Column("start_time"),)), Const(2021)),
    AnyOf("orbit_direction", ("descending",)),
    Known("cloud_cover"),
    Boxes(((-125.0, 30.0, -100.0, 50.0),)),
    AnyOf("tile_id", ("33SVB",)),
]


def _any_test(rng: random.Random, depth: int) -> Test:
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(_KINDS)
    parts = tuple(_any_test(rng, depth - 1) for _ in range(rng.randint(1, 3)))
    return rng.choice([All(parts), Either(parts), Not(parts[0]), NotTrue(parts[0])])


@pytest.mark.parametrize("seed", range(40))
def test_no_scene_that_meets_a_test_is_bounded_away(seed: int) -> None:
    """Made-up scenes, decided by DuckDB, against the bounds of random tests."""
    rng = random.Random(seed)
    from kg.liveparts import write_part
    from kg.scenes import Plan, SceneTable
    from ontology.records import Scene

    scenes = [
        Scene(
            str(number), holding.id, mission, platform,
            cloud_cover=rng.choice([None, 0.0, 20.0, 80.0]),
            start_time=datetime(rng.randint(2018, 2023), 6, 1, tzinfo=UTC),
            geometry=shapely.box(west := rng.choice([-120.0, 10.0]), 40, west + 1, 41).wkb,
        )
        for number, (holding, mission, platform) in enumerate(
            rng.choice([(_S2, "sentinel-2", "sentinel-2a"), (_S2, "sentinel-2", None), (_S1, "sentinel-1", None)])
            for _ in range(60)
        )
    ]  # fmt: skip
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.parquet"
        write_part(scenes, part)
        table = SceneTable([part])
        for _ in range(5):
            test = _any_test(rng, 3)
            rows = table.run(Plan((Column("collection"), Column("start_time")), (test,)))
            first, last = period(test)
            for name, moment in rows:
                assert may_hold(test, _S2 if name == "s2" else _S1)
                assert first <= moment <= last
            assert not rows or search_of(LiveRequest((test,)), _SOURCE) is not None
        table.close()


# --- the list of sources -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example", "x.example", "https://", "https://u:p@x.example", "https://x.example?key=1", "http://[::"],
)
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(RecordError):
        new_source(url)


def test_a_source_is_named_by_its_host_and_kept(tmp_path: Path) -> None:
    registry = Registry.open(tmp_path)
    assert [one.name for one in registry.sources.values()] == [one.name for one in BUILTIN]
    assert not registry.enabled
    registry.put(new_source("https://stac.example.org/v1/", key_env="KEY", collections=("a",)))
    read = Registry.open(tmp_path).get("stac.example.org")
    assert (read.url, read.enabled, read.collections) == ("https://stac.example.org/v1", True, ("a",))
    registry.remove("stac.example.org")
    assert not (tmp_path / "live" / "sources.json").exists()
    with pytest.raises(NotFound, match="no source 'x'"):
        registry.get("x")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"sources": [1]}', '{"sources": [{"name": "a", "url": "file:///x"}]}']
)
def test_a_damaged_list_is_said_to_be(tmp_path: Path, text: str) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "sources.json").write_text(text)
    with pytest.raises((StoreCorrupt, RecordError)):
        Registry.open(tmp_path)
