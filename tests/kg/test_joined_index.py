"""The indexes of many parts as one: it answers as the engine does, and serves as long as its parts are the table's."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.columns import COLUMN_TYPES, Engine
from kg.home import open_home, open_writer
from kg.scenes import SceneTable
from kg.scenes.index import IndexedTable, Part, build, index_path, join_parts, joins_of
from kg.scenes.index.cells import grid
from kg.scenes.plan import Plan
from kg.scenes.terms import AnyOf, Column, Figure, Order
from ontology.records import Scene
from tests.kg import world
from tests.kg.scene_plans import plans, table
from tests.kg.test_scene_index import BY_TIME, judge, table_of

_SEEDS = (0, 2, 4, 5)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Few and small parts are joined; of many rows few are held at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.scenes.index.joins._FEWEST", 2)
        patch.setattr("kg.scenes.index.joins._LEAST", 0)
        patch.setattr("kg.scenes.index.groups.LARGEST_STEP", 30)
        patch.setattr("kg.scenes.index.areas._MOST", 20)
        patch.setattr("kg.scenewriter._SMALL", 0)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[SceneTable]:
    """Tables whose parts are all joined."""
    engine, found = Engine(), []
    for seed in _SEEDS:
        # other parts have other layouts of identifiers, values and kinds of columns
        parts = [*table(seed), *table(seed + 1), [world.scenes(9 + seed)[-1]]]
        one = table_of(tmp_path_factory.mktemp("table"), parts, engine)
        for part in one.parts:
            build(engine, part).write(index_path(part))
        assert join_parts(one.parts) == 1
        found.append(one)
    return found


@settings(max_examples=80, deadline=None)
@given(number=st.sampled_from(range(len(_SEEDS))), asked=plans())
def test_a_joined_index_answers_as_the_engine(number: int, asked: Plan, made: list[SceneTable]) -> None:
    judge(made[number], asked)


def test_every_scene_comes_back_as_it_was(made: list[SceneTable]) -> None:
    for one in made:
        index = one.index
        assert index is not None and len(index._parts) == 1
        known = index._parts[0].names - {"assets", "original"} | {"geometry"}
        plan = Plan(tuple(Column(name) for name in COLUMN_TYPES if name in known))
        apart = IndexedTable([Part.open(index_path(part), part) or Part(build(one.engine, part)) for part in one.parts])
        found, wanted = index.run(plan), apart.run(plan)
        assert found is not None and wanted is not None
        assert Counter(map(repr, found)) == Counter(map(repr, wanted))
        times = Plan((Column("start_time"),), order=(Order(Column("start_time"), unknown_last=True),))
        assert index.run(times) == one.run_by_engine(times)


def test_texts_that_mostly_differ_in_one_part_only_are_joined(tmp_path: Path) -> None:
    engine, scenes = Engine(), world.scenes(20)
    many = [
        replace(scenes[at % 20], id=f"many{at}", tile_id=f"T{at % 1200:05}" if at % 7 else None) for at in range(1500)
    ]
    one = table_of(tmp_path, [many, [replace(each, tile_id="T00003") for each in scenes]], engine)
    parts = []
    for part in one.parts:
        build(engine, part).write(index_path(part))
        parts.append(Part.open(index_path(part), part))
    assert [each.arrays.header["columns"]["tile_id"]["as"] for each in parts if each] == ["texts", "coded"]
    assert join_parts(one.parts) == 1
    for asked in (
        Plan((Column("id"), Column("tile_id"))),
        Plan((Column("tile_id"), Figure("count")), group=(0,), aggregate=True),
        Plan((Column("id"),), (AnyOf("tile_id", ("T00003", "T01199")),)),
    ):
        found = one.index.run(asked) if one.index is not None else None
        assert found and sorted(map(repr, found)) == sorted(map(repr, one.run_by_engine(asked)))


def test_rows_of_many_cells_are_in_order() -> None:
    rng = np.random.default_rng(3)
    code = rng.integers(0, 70_000, 200_000).astype(np.uint32)
    made = grid(code, np.arange(70_000), np.zeros((4, 70_000)))
    assert (made["cell:rows"] == np.argsort(code, kind="stable")).all()
    assert (np.diff(made["cell:ends"]) == np.bincount(code, minlength=70_000)).all()


# --- in a catalogue ----------------------------------------------------------------------------------------------

COUNT = Plan((Figure("count"),), aggregate=True)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four parts that came one by one."""
    path = tmp_path_factory.mktemp("home")
    scenes = world.scenes(200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.scenes.index.joins._FEWEST", 4)
        for number in range(4):
            with open_writer(path) as writer:
                writer.add_scenes(scenes[number * 50 : number * 50 + 50])
                writer.publish()
            assert len(joined(path)) == (number == 3)
    return path


@pytest.fixture
def home(loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kg.scenes.index.joins._FEWEST", 4)
    return shutil.copytree(loaded, tmp_path / "home")


def joined(home: Path) -> list[Path]:
    return list((home / "scenes").glob("*.joined"))


def everything(home: Path) -> tuple[list[tuple[object, ...]], int, int]:
    """The first scenes, how many there are, and of how many indexes they are."""
    with open_home(home) as opened:
        index = opened.scenes.index
        assert index is not None
        return opened.scenes.run(BY_TIME), int(opened.scenes.run(COUNT)[0][0]), len(index._parts)


def test_parts_that_come_one_by_one_are_joined(home: Path) -> None:
    rows, count, indexes = everything(home)
    assert (len(rows), count, indexes) == (20, 200, 1)
    with open_writer(home) as writer:  # one more part has its own
        writer.add_scenes([replace(world.scenes(1)[0], id="another")])
        writer.publish()
    assert everything(home)[1:] == (201, 2)
    assert len(joined(home)) == 1


def test_a_joined_index_goes_with_its_parts(home: Path) -> None:
    [before] = joined(home)
    scene: Scene = world.scenes(200)[7]
    with open_home(home) as old:
        assert old.scenes.run(COUNT) == [(200,)]
        with open_writer(home) as writer:
            writer.remove_scenes([(scene.collection, scene.id)])
            writer.publish()
        assert everything(home)[1:] == (199, 1)  # of four parts again, one of which is new
        assert old.scenes.run(COUNT) == [(200,)]  # whoever reads the old version has its index
        assert before.exists()
    with open_writer(home) as writer:
        writer.add_scenes([scene])
        writer.publish()
    assert not before.exists()
    assert everything(home)[1:] == (200, 2)
    assert len(joined(home)) == 1


@pytest.mark.parametrize("damage", ["short", "flipped", "empty", "gone", "format", "draft"])
def test_without_a_whole_joined_index_parts_have_their_own(home: Path, damage: str) -> None:
    wanted = everything(home)[0]
    [path] = joined(home)
    data = path.read_bytes()
    match damage:
        case "short":
            path.write_bytes(data[:-9])
        case "flipped":
            path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
        case "format":
            other = Part.open_joined(path)
            assert other is not None
            other.arrays.header["format"] -= 1
            other.arrays.write(path)
        case "draft":  # a writer was killed while it wrote
            path.rename(path.with_name(path.name + ".draft"))
    assert joins_of(home / "scenes", [one.name for one in (home / "scenes").glob("*.parquet")]) == []
    assert everything(home) == (wanted, 200, 4)
    with open_writer(home) as writer:
        writer.add_scenes([replace(world.scenes(1)[0], id="another")])
        writer.publish()
    assert everything(home)[1:] == (201, 1)
    assert [one.name for one in (home / "scenes").iterdir() if one.suffix == ".draft"] == []
    assert len(joined(home)) == 1


def test_no_room_for_a_joined_index_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    joined(home)[0].unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kg.scenes.index.joins.write_arrays", full)
    with open_writer(home) as writer:
        writer.add_scenes([replace(world.scenes(1)[0], id="another")])
        writer.publish()
    assert everything(home)[1:] == (201, 5)
