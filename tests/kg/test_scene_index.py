"""The index of scenes answers as the engine does, and only what it was made for."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st

from kg.columns import Engine
from kg.home import open_home, open_writer
from kg.scenes import SceneTable, Spatial
from kg.scenes.index import Part, build, index_path
from kg.scenes.index.file import Arrays, Damaged
from kg.scenes.index.texts import Texts
from kg.scenes.plan import Plan
from kg.scenes.terms import All, AnyOf, Apply, Column, Compare, Const, Figure, Known, Order, SceneIn, Test
from ontology.records import Scene
from tests.kg import world
from tests.kg.scene_plans import plans, table

Row = tuple[Any, ...]


def table_of(folder: Path, parts: list[list[Scene]], engine: Engine) -> SceneTable:
    paths = []
    for number, scenes in enumerate(parts):
        engine.stage(scenes)
        path = folder / f"{number}.parquet"
        path.unlink(missing_ok=True)
        engine.write("SELECT * FROM stage", path)
        paths.append(path)
    return SceneTable(paths)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> list[SceneTable]:
    return [table_of(tmp_path_factory.mktemp("table"), table(seed), engine) for seed in range(9)]


@settings(max_examples=400, deadline=None)
@given(number=st.integers(0, 8), asked=plans())
def test_the_index_answers_as_the_engine(number: int, asked: Plan, made: list[SceneTable]) -> None:
    judge(made[number], asked)


def judge(table: SceneTable, asked: Plan) -> None:
    """Compares the answers of the index and of the engine."""
    index = table.index
    found = None if index is None else index.run(asked)
    if found is None:
        event("left to the engine")
        return
    event("answered")
    wanted = table.run_by_engine(asked)
    assert len(found) == len(wanted), (found, wanted)
    keys = [key_of(asked, row) for row in found]
    if asked.order:
        assert close(keys, [key_of(asked, row) for row in wanted]), (found, wanted)
    if asked.limit is None and not asked.offset:
        assert close(*(sorted(rows, key=lambda row: (repr(rounded(row)), repr(row))) for rows in (found, wanted))), (
            found,
            wanted,
        )
        return
    # which of equal rows a limit leaves is open: each row must be one of the whole result
    everything = table.run_by_engine(Plan(asked.select, asked.where, asked.spatial, asked.group, asked.aggregate,
                                          distinct=asked.distinct))  # fmt: skip
    rest = [rounded(row) for row in everything]
    for row in found:
        rest.remove(rounded(row))


def key_of(asked: Plan, row: Row) -> Row:
    """What a row is ordered by, as far as it holds it."""
    return tuple(row[asked.select.index(one.value)] for one in asked.order if one.value in asked.select)


def rounded(cell: Any) -> Any:
    if isinstance(cell, (list, tuple)):
        return tuple(map(rounded, cell))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return 0.0 if abs(cell) < 1e-6 else float(f"{float(cell):.9g}")
    return cell


def close(a: Any, b: Any) -> bool:
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)
    return bool(a == b)


def test_a_count_within_an_area_is_of_the_scenes_named(made: list[SceneTable]) -> None:
    near = Spatial("intersects", shapely.box(0, 0, 0.5, 0.5))
    for named in (SceneIn(()), SceneIn((("S", "nothing"),))):
        for one in made:
            plan = Plan((Figure("count"),), (named,), (near,), aggregate=True)
            assert one.index is not None and one.index.run(plan) == one.run_by_engine(plan)


def test_scenes_are_found_by_identifiers_that_mostly_differ(home: Path) -> None:
    """Identifiers that are stored as texts are looked up by their hashes: several, absent ones, and with conditions."""
    with open_home(home) as opened:
        table = opened.scenes
        part = table.index._parts[0] if table.index is not None else None
        assert part is not None and isinstance(part.column("id"), Texts)
        ids = [str(one) for (one,) in table.run_by_engine(Plan((Column("id"),)))]
        later = Compare(">", Column("start_time"), Const(int(part.starts[100])))
        for values in (ids[:1], ids[3:20], ["nothing"], ["nothing", ids[7]], [ids[5], ids[5]]):
            for more in ((), (later,)):
                asked = Plan((Column("id"),), (AnyOf("id", tuple(values)), *more), order=(Order(Column("id")),))
                assert table.index is not None and table.index.run(asked) == table.run_by_engine(asked)


# --- files -----------------------------------------------------------------------------------------------------

BY_TIME = Plan((Column("id"), Column("start_time")), order=(Order(Column("start_time")),), limit=20)
ALL = Plan((Figure("count"),), aggregate=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_writer(tmp_path) as writer:
        writer.add_scenes(world.scenes(200))
        writer.publish()
    return tmp_path


def test_the_writer_makes_an_index_for_every_part(home: Path) -> None:
    parts = list((home / "scenes").glob("*.parquet"))
    assert parts and all(Part.open(index_path(part), part) is not None for part in parts)
    with open_home(home) as opened:
        assert opened.scenes.index is not None
        assert opened.scenes.run(ALL) == [(200,)]
        assert opened.scenes._open_engine is None  # not even started


def test_an_index_goes_with_its_part(home: Path) -> None:
    before = {one.stem for one in (home / "scenes").iterdir()}
    with open_writer(home) as writer:
        writer.add_scenes([replace(one, cloud_cover=3.5) for one in world.scenes(200)])
        writer.publish()
    after = sorted((home / "scenes").iterdir())
    assert [one.suffix for one in after] == [".columns", ".parquet"]
    assert before.isdisjoint({one.stem for one in after})


@pytest.mark.parametrize("damage", ["none", "short", "long", "flipped", "empty", "other", "absent", "header"])
def test_an_index_that_is_not_whole_is_not_used(home: Path, damage: str) -> None:
    with open_home(home) as opened:
        wanted = opened.scenes.run(BY_TIME)
    path = next((home / "scenes").glob("*.columns"))
    data = path.read_bytes()
    other = Arrays.open(path)
    match damage:
        case "short":
            path.write_bytes(data[:-100])
        case "long":
            path.write_bytes(data + b"0")
        case "flipped":
            path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
        case "empty":
            path.write_bytes(b"")
        case "other":
            other.header["part"] += 1
            other.write(path)
        case "header":
            del other.header["columns"]
            other.write(path)
        case "absent":
            path.unlink()
    part = path.with_suffix(".parquet")
    assert (Part.open(path, part) is not None) == (damage == "none")
    with open_home(home) as opened:
        assert opened.scenes.run(BY_TIME) == wanted
    with open_writer(home) as writer:  # the next version has a whole one
        writer.add_scenes([replace(world.scenes(1)[0], id="another one")])
        writer.publish()
    assert all(Part.open(index_path(one), one) for one in (home / "scenes").glob("*.parquet"))


def test_an_index_of_another_format_is_made_anew_without_a_new_version(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = next((home / "scenes").glob("*.columns"))
    old = Arrays.open(path)
    old.header["format"] -= 1
    old.write(path)
    monkeypatch.setattr("kg.scenes.index._SMALL", 10)
    with open_home(home) as opened:
        version = opened.version
        assert opened.scenes.index is None
    with open_writer(home) as writer:
        assert writer.publish() == version
        assert writer.renew_indexes() == 0
    with open_home(home) as opened:
        assert opened.version == version and opened.scenes.index is not None
        assert opened.scenes.run(ALL) == [(200,)]


def test_a_large_part_without_an_index_is_left_to_the_engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    next((home / "scenes").glob("*.columns")).unlink()
    monkeypatch.setattr("kg.scenes.index._SMALL", 10)
    with open_home(home) as opened:
        assert opened.scenes.index is None
        assert opened.scenes.run(ALL) == [(200,)]


def test_what_is_not_whole_cannot_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.columns"
    Arrays({"rows": 1}, {"a": np.arange(5), "b": np.zeros((0, 4))}).write(path)
    read = Arrays.open(path)
    assert read["a"].tolist() == [0, 1, 2, 3, 4] and read["b"].shape == (0, 4) and read.header == {"rows": 1}
    for end in range(0, path.stat().st_size, 7):
        (tmp_path / "b.columns").write_bytes(path.read_bytes()[:end])
        with pytest.raises(Damaged):
            Arrays.open(tmp_path / "b.columns")


def test_identifiers_and_footprints_come_back_as_they_were(engine: Engine, tmp_path: Path) -> None:
    scenes = [one for part in table(20) for one in part] + world.scenes(300)
    scenes += [replace(scenes[0], id=text) for text in ("", "\n", "a" * 5000, "\u00e9" * 40, "S2A_MSIL2A_000X", "'")]
    [part] = table_of(tmp_path, [scenes], engine).parts
    opened = Part(build(engine, part))
    frame = slice(0, opened.rows)
    texts = Texts(opened.arrays, "id")
    ids = texts.take(frame)
    order = sorted(range(len(scenes)), key=lambda at: scenes[at].start_time or datetime.max.replace(tzinfo=UTC))
    assert ids == [scenes[at].id for at in order]
    assert opened.footprints.wkb(frame) == [scenes[at].geometry for at in order]
    for text in ("", "\n", "a" * 5000, "S2A_MSIL2A_000X", "'", "S2A_MSIL2A_0004"):
        rows = texts.find([text])
        assert [at for at, one in enumerate(ids) if one == text] == [at for at in rows.tolist() if ids[at] == text]


def test_threads_share_an_index(home: Path) -> None:
    asked = [replace(BY_TIME, offset=number % 7, where=(known("platform", number),)) for number in range(64)]
    with open_home(home) as opened:
        alone = [opened.scenes.run_by_engine(one) for one in asked]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(opened.scenes.run, asked))
    assert [[time for _, time in rows] for rows in together] == [[time for _, time in rows] for rows in alone]


def known(column: str, number: int) -> Test:
    texts = ("sentinel-1a", "sentinel-2a", "landsat-8")
    return All((Known(column), Compare("=", Column(column), Const(texts[number % 3]))))


def test_a_table_without_scenes_with_times_or_footprints(engine: Engine, tmp_path: Path) -> None:
    bare = [replace(one, start_time=None, end_time=None, geometry=None) for one in world.scenes(5)]
    made = table_of(tmp_path, [bare], engine)
    assert made.index is not None
    for asked in (BY_TIME, ALL, replace(BY_TIME, where=(Compare(">", Column("start_time"), Const(0)),))):
        assert made.index.run(asked) == made.run_by_engine(asked) or asked is BY_TIME


def test_the_engine_limits_rows_of_a_condition_on_many_files(made: list[SceneTable]) -> None:
    either = Apply("coalesce", (Column("tile_id"), Column("platform"), Const("none")))
    plan = Plan((Column("id"), Column("geometry")), (Compare("=", either, Const("a")),), limit=1, offset=2)
    assert made[0].run_by_engine(plan) == []  # DuckDB 2.0 failed to bind its own columns
