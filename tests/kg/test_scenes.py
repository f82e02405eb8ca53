"""The scenes table: each scene once, valid GeoParquet, found by time, place and properties as a plain scan does."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import shapely

from kg.home import Home, open_home, open_writer
from kg.scenes import Condition, Relation, Spatial
from kg.scenewriter import SceneCounts
from ontology.errors import GeometryError, NotFound, StoreCorrupt
from ontology.records import Scene
from tests.kg import world

SCENES = world.scenes(400)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("scenes")
    with open_writer(path) as writer:
        writer.add_scenes(SCENES)
        writer.publish()
    with open_home(path) as opened:
        yield opened


def add(path: Path, scenes: list[Scene]) -> SceneCounts:
    with open_writer(path) as writer:
        counts = writer.add_scenes(scenes)
        writer.publish()
    return counts


def test_a_scene_comes_back_as_it_was(home: Home) -> None:
    for one in SCENES[:20]:
        row = home.scenes.get(one.collection, one.id)
        assert Scene(**row) == one
    with pytest.raises(NotFound):
        home.scenes.get("one", "nothing")
    with pytest.raises(NotFound, match="no column"):
        home.scenes.select(("nothing",))


def test_each_scene_is_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.scenewriter._BATCH", 7)
    first = SCENES[:30]
    assert add(tmp_path, [*first, *first[:5]]) == SceneCounts(30, 0, 5)
    with open_home(tmp_path) as home:
        version = home.version
    assert add(tmp_path, first) == SceneCounts(0, 0, 30)
    with open_home(tmp_path) as home:
        assert home.version == version
    changed = [replace(first[3], cloud_cover=12.5), replace(first[4], product_type="X"), *SCENES[30:40]]
    assert add(tmp_path, changed) == SceneCounts(10, 2, 0)
    with open_home(tmp_path) as home:
        assert home.scenes.count() == 40
        assert home.scenes.get(first[3].collection, first[3].id)["cloud_cover"] == 12.5
        assert len(home.scenes.parts) == 1


def test_a_version_keeps_its_scenes_while_others_are_added(tmp_path: Path) -> None:
    add(tmp_path, SCENES[:10])
    with open_home(tmp_path) as reader:
        add(tmp_path, [replace(SCENES[0], cloud_cover=1.0), *SCENES[10:20]])
        add(tmp_path, SCENES[20:30])
        assert reader.scenes.count() == 10
        assert Scene(**reader.scenes.get(SCENES[0].collection, SCENES[0].id)) == SCENES[0]
    with open_home(tmp_path) as reader:
        assert reader.scenes.count() == 30


def test_the_files_are_geoparquet(home: Home) -> None:
    for part in home.scenes.parts:
        connection = duckdb.connect()
        raw = connection.execute("SELECT value FROM parquet_kv_metadata(?) WHERE key = 'geo'", [str(part)]).fetchall()
        geo = json.loads(bytes(raw[0][0]))
        assert geo["version"] == "1.1.0"
        column = geo["columns"][geo["primary_column"]]
        assert column["encoding"] == "WKB"
        assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
        names = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{part}'").fetchall()}
        assert {"geometry", "bbox"} <= names
        rows = connection.execute(f"SELECT ST.geometry, ST.bbox FROM '{part}' ST WHERE bbox IS NOT NULL").fetchall()
        for wkb, box in rows[:50]:
            bounds = shapely.from_wkb(bytes(wkb)).bounds if isinstance(wkb, (bytes, bytearray)) else None
            if bounds is not None:
                assert box["xmin"] <= bounds[0] <= bounds[2] <= box["xmax"] + 1e-9
        connection.close()


@pytest.mark.parametrize("relation", ["intersects", "within", "contains", "disjoint", "distance"])
def test_places_are_found_as_a_plain_scan_finds_them(home: Home, relation: Relation) -> None:
    rng = random.Random(relation)
    for _ in range(6):
        x, y = rng.uniform(0, 15), rng.uniform(0, 15)
        size = 0.2 if relation == "contains" else rng.uniform(0.5, 6)
        area = shapely.Point(x, y) if relation == "distance" else shapely.box(x, y, x + size, y + size)
        metres = 150_000.0
        found = {(row["collection"], row["id"]) for row in home.scenes.select(spatial=Spatial(relation, area, metres))}
        wanted = set()
        for one in SCENES:
            if one.geometry is None:
                continue
            shape = shapely.from_wkb(one.geometry)
            if relation == "distance":
                from kg.geosparql.nearest import distance

                hit = distance(shape, area) <= metres
            else:
                hit = getattr(shape, relation)(area)
            if hit:
                wanted.add((one.collection, one.id))
        assert found == wanted
        assert home.scenes.count(spatial=Spatial(relation, area, metres)) == len(wanted)


def test_conditions_time_order_and_groups(home: Home) -> None:
    year = (datetime(2019, 1, 1, tzinfo=UTC), datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC))
    wanted = [one for one in SCENES if one.start_time and one.start_time.year == 2019]
    assert home.scenes.count(time=year) == len(wanted)
    cloudy = sorted(one.cloud_cover for one in SCENES if one.cloud_cover is not None)
    rows = home.scenes.select(("cloud_cover",), order=(("cloud_cover", "asc"),), limit=5, offset=2)
    assert [row["cloud_cover"] for row in rows] == cloudy[2:7]
    assert home.scenes.count((Condition("polarisation", "has", "VH"),)) == sum("VH" in s.polarisation for s in SCENES)
    assert home.scenes.count((Condition("product_type", "in", ("L1C", "L2A")),)) == sum(
        one.product_type in ("L1C", "L2A") for one in SCENES
    )
    assert home.scenes.count((Condition("cloud_cover", "is null"),)) == sum(s.cloud_cover is None for s in SCENES)
    assert dict(home.scenes.group("platform"))["sentinel-2a"] == sum(s.platform == "sentinel-2a" for s in SCENES)
    assert home.scenes.distinct("collection") == ["one", "two"]


def test_no_scenes_at_all(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        writer.publish()
    with open_home(tmp_path) as home:
        assert home.scenes.count() == 0
        assert home.scenes.select() == []
        assert home.scenes.group("platform") == []


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer, pytest.raises(GeometryError):
        writer.add_scenes([Scene("a", "c", geometry=b"no shape")])
    add(tmp_path, SCENES[:5])
    part = next((tmp_path / "scenes").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    with open_home(tmp_path) as home, pytest.raises(StoreCorrupt) as caught:
        home.scenes.count()
    assert "earthdex add" in caught.value.remedy


def test_tens_of_thousands_are_added_in_seconds(tmp_path: Path) -> None:
    many = [replace(SCENES[number % 400], id=f"S{number}") for number in range(20_000)]
    started = time.process_time()
    assert add(tmp_path, many).added == 20_000
    assert time.process_time() - started < 20
