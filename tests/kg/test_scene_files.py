"""GeoParquet files of the table's own schema become parts of it; any other is refused, and nothing is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from kg.columns import Engine
from kg.home import open_home, open_writer
from kg.scenewriter import SceneCounts
from ontology.errors import EarthdexError, RecordError
from ontology.records import Scene
from tests.kg import world

SCENES = world.scenes(60)


def write(path: Path, scenes: list[Scene], select: str = "SELECT * FROM stage") -> Path:
    engine = Engine()
    engine.stage(scenes)
    engine.write(select, path)
    engine.close()
    return path


def add(home: Path, *paths: Path) -> SceneCounts:
    with open_writer(home) as writer:
        counts = writer.add_scene_files(paths)
        writer.publish()
    return counts


def held(home: Path) -> list[Scene]:
    with open_home(home) as opened:
        found = [opened.scenes.get(one["collection"], one["id"]) for one in opened.scenes.select(("collection", "id"))]
        assert opened.scenes.index is not None
    return sorted((Scene(**one) for one in found), key=lambda one: one.id)


def test_files_become_parts(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.parquet", SCENES[:40]), write(tmp_path / "b.parquet", SCENES[40:])]
    steps: list[tuple[str, int, int]] = []
    with open_writer(tmp_path / "home") as writer:
        counts = writer.add_scene_files(files, lambda *step: steps.append(step))
        writer.publish()
    assert counts == SceneCounts(60, 0, 0)
    assert steps[-1] == ("files", 2, 2)
    assert held(tmp_path / "home") == sorted(SCENES, key=lambda one: one.id)
    assert all(one.exists() for one in files)  # they stay where they are


def test_the_last_of_scenes_with_one_name_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    add(home, write(tmp_path / "a.parquet", SCENES[:30]))
    later = [replace(one, cloud_cover=1.25) for one in SCENES[20:40]]
    again = [replace(later[5], cloud_cover=2.5), replace(later[15], cloud_cover=2.5)]
    counts = add(home, write(tmp_path / "b.parquet", [*later, again[0]]), write(tmp_path / "c.parquet", again[1:]))
    assert counts == SceneCounts(10, 10, 2)
    wanted = {one.id: one for one in (*SCENES[:20], *later, *again)}
    assert held(home) == [wanted[key] for key in sorted(wanted)]


def test_columns_in_another_order_and_large_files_are_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.scenewriter._MOST", 25)
    monkeypatch.setattr("kg.scenewriter._SMALL", 0)
    turned = write(tmp_path / "a.parquet", SCENES, "SELECT bbox, * EXCLUDE (bbox) FROM stage")
    assert add(tmp_path / "home", turned) == SceneCounts(60, 0, 0)
    assert len(list((tmp_path / "home" / "scenes").glob("*.parquet"))) == 3
    assert held(tmp_path / "home") == sorted(SCENES, key=lambda one: one.id)


def _geo(text: str) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        duckdb.sql(f"COPY (SELECT * FROM '{path}') TO '{path}2' (FORMAT parquet, KV_METADATA {{geo: '{text}'}})")
        Path(f"{path}2").replace(path)

    return rewrite


def _with(select: str) -> Callable[[Path], None]:
    def rewrite(path: Path) -> None:
        engine = Engine()
        engine.write(f"SELECT {select} FROM read_parquet('{path}')", Path(f"{path}2"))
        engine.close()
        Path(f"{path}2").replace(path)

    return rewrite


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _holed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[2000:4000] = bytes(2000)
    path.write_bytes(data)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (_cut, "not whole"),
    "a hole in the middle": (_holed, "damaged|not whole"),
    "text": (lambda path: path.write_text("id,collection"), "not Parquet"),
    "empty": (lambda path: path.write_bytes(b""), "not Parquet"),
    "absent": (lambda path: path.unlink(), "not Parquet"),
    "no bbox": (_with("* EXCLUDE (bbox)"), "no column 'bbox'"),
    "another column": (_with("*, 1 AS extra"), "'extra'"),
    "another type": (_with("* REPLACE (cloud_cover::VARCHAR AS cloud_cover)"), "'cloud_cover'"),
    "no geo": (_geo("x"), "does not say"),
    "native geometry": (
        _geo('{"primary_column": "geometry", "columns": {"geometry": {"encoding": "polygon"}}}'),
        "not WKB",
    ),
    "another system": (
        _geo(
            '{"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", '
            '"crs": {"id": {"authority": "EPSG", "code": 3857}}}}}'
        ),
        "EPSG:3857",
    ),
    "mixed encodings": (
        _with("* REPLACE (CASE WHEN id < 'P0030' THEN geometry ELSE 'POLYGON((0 0,1 0,1 1,0 0))'::BLOB END "
              "AS geometry)"), "no WKB"),
    "no names": (_with("* REPLACE (nullif(id, 'P0003 x/1') AS id)"), "no id"),
    "no collections": (_with("* REPLACE (nullif(collection, 'one') AS collection)"), "no collection"),
    "foreign boxes": (
        _with("* REPLACE ({'xmin': 1e0, 'ymin': 1e0, 'xmax': 2e0, 'ymax': 2e0} AS bbox)"), "bounding boxes"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_other_files_are_refused_and_nothing_is_added(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "home"
    add(home, write(tmp_path / "a.parquet", SCENES[:5]))
    before = sorted((home / "scenes").iterdir())
    good, bad = write(tmp_path / "b.parquet", SCENES[5:10]), write(tmp_path / "c.parquet", SCENES)
    spoil, said = BAD[kind]
    spoil(bad)
    with open_writer(home) as writer:
        with pytest.raises(EarthdexError, match=said) as caught:
            writer.add_scene_files([good, bad])
        assert isinstance(caught.value, RecordError) and caught.value.remedy
        writer.publish()
    assert sorted((home / "scenes").iterdir()) == before
    assert len(held(home)) == 5


def test_footprints_beyond_the_earth_are_refused(tmp_path: Path) -> None:
    import shapely

    path = write(tmp_path / "a.parquet", [replace(SCENES[1], geometry=shapely.box(179, 0, 181, 1).wkb)])
    with pytest.raises(RecordError, match="beyond"):
        add(tmp_path / "home", path)


def test_a_file_of_the_tables_own_columns_is_added_whole(tmp_path: Path) -> None:
    from ingest.add import add_sources

    path = write(tmp_path / "a.parquet", SCENES)
    report = add_sources([str(path)], tmp_path / "home")
    assert (report.scenes, report.read) == (60, 60)
    _cut(path)
    path.rename(tmp_path / "b.parquet")
    report = add_sources([str(tmp_path / "b.parquet")], tmp_path / "home")
    assert report.scenes == 0 and len(report.problems) == 1
