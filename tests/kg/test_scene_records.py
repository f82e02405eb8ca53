"""Assets and records of scenes beside large parts: the same as in the parts, and no loss where files are damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.home import open_home, open_writer
from kg.scenes import records
from kg.scenes.records import SUFFIX, records_of
from ontology.records import Scene


def _scene(number: int, collection: str = "a/ä") -> Scene:
    when = datetime(2020, 1, 1, 0, 0, number % 60, tzinfo=UTC)
    nothing = number % 5 == 0
    return Scene(
        id=f"scene {number}",
        collection=collection,
        start_time=when,
        end_time=when,
        assets="{}" if nothing else json.dumps({"B02": {"href": f"https://example.org/{number}.tif"}}),
        original="" if nothing else json.dumps({"id": f"{number}", "text": "ü\u2028" if number == 7 else "x" * number}),
    )


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part counts as large."""
    monkeypatch.setattr(records, "_SMALL", 0)


@pytest.mark.usefixtures("large")
def test_the_same_as_in_the_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_BLOB", 2_000)  # several arrays
    scenes = [_scene(number) for number in range(300)]
    with open_writer(tmp_path) as writer:
        writer.add_scenes(scenes)
        writer.publish()
    files = list((tmp_path / "scenes").glob(f"*{SUFFIX}"))
    assert len(files) == 1
    keys = [(one.collection, one.id) for one in scenes]
    with open_home(tmp_path) as home:
        found = records_of(home.scenes, keys)
        assert found == {(one.collection, one.id): (one.assets, one.original) for one in scenes}
        assert records_of(home.scenes, []) == {}
        records._open.clear()
        files[0].write_bytes(files[0].read_bytes()[:-10])  # not whole: the part itself is asked
        assert records_of(home.scenes, keys) == found


@pytest.mark.usefixtures("large")
def test_parts_with_and_without_a_file(tmp_path: Path) -> None:
    with open_writer(tmp_path) as writer:
        writer.add_scenes([_scene(number) for number in range(10)])
        writer.publish()
        writer.add_scenes([_scene(number, "b") for number in range(10)])
        writer.publish()
    records._open.clear()
    with open_home(tmp_path) as home:
        keys = [("a/ä", "scene 1"), ("b", "scene 2"), ("b", "scene 5")]
        whole = records_of(home.scenes, keys)
        assert "1.tif" in whole[keys[0]][0] and "2.tif" in whole[keys[1]][0]
        assert whole[keys[2]] == ("{}", "")
        records._open.clear()
        next((tmp_path / "scenes").glob(f"*{SUFFIX}")).unlink()
        assert records_of(home.scenes, keys) == whole
    with open_writer(tmp_path) as writer:
        writer.remove_scenes(collections=["b"])
        writer.publish()
    parts = {one.stem for one in (tmp_path / "scenes").glob("*.parquet")}
    assert {one.stem for one in (tmp_path / "scenes").glob(f"*{SUFFIX}")} <= parts  # pruned with their parts
