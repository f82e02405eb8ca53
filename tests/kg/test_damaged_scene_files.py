"""Damaged GeoParquet files are refused with a reason, or whole enough that index and engine say the same of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from kg.columns import COLUMN_TYPES, Engine
from kg.scenes import SceneTable
from kg.scenes.plan import Plan
from kg.scenes.terms import Column
from kg.scenewriter import SceneWriter
from ontology.errors import EarthdexError, RecordError
from tests.kg import world

Damage = Callable[[bytearray], None]
EVERYTHING = Plan(tuple(Column(name) for name in COLUMN_TYPES if name not in ("assets", "original")))
TYPES = ("VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "BLOB", "VARCHAR[]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@pytest.fixture(scope="module")
def whole(folder: Path) -> bytes:
    engine = Engine()
    engine.stage(world.scenes(60))
    engine.write("SELECT * FROM stage", folder / "whole.parquet")
    engine.close()
    return (folder / "whole.parquet").read_bytes()


places = st.floats(0, 1, exclude_max=True)


@st.composite
def flips(draw: st.DrawFn) -> Damage:
    spots = draw(st.lists(st.tuples(places, st.integers(0, 7)), min_size=1, max_size=4))

    def damage(data: bytearray) -> None:
        for place, bit in spots:
            data[int(place * len(data))] ^= 1 << bit

    return damage


@st.composite
def holes(draw: st.DrawFn) -> Damage:
    place, length = draw(places), draw(st.integers(1, 3000))

    def damage(data: bytearray) -> None:
        first = int(place * len(data))
        last = min(first + length, len(data))
        data[first:last] = bytes(last - first)

    return damage


@st.composite
def cuts(draw: st.DrawFn) -> Damage:
    place = draw(places)

    def damage(data: bytearray) -> None:
        del data[int(place * len(data)) :]

    return damage


@st.composite
def insertions(draw: st.DrawFn) -> Damage:
    place, more = draw(places), draw(st.binary(min_size=1, max_size=9))

    def damage(data: bytearray) -> None:
        first = int(place * len(data))
        data[first:first] = more

    return damage


@settings(max_examples=60, deadline=None)
@given(damage=st.one_of(flips(), flips(), holes(), cuts(), insertions()))
def test_what_is_taken_is_answered_as_by_the_engine(damage: Damage, whole: bytes, folder: Path) -> None:
    data = bytearray(whole)
    damage(data)
    path = folder / "damaged.parquet"
    path.write_bytes(data)
    added = add(path, folder / "scenes")
    if added is None:
        event("refused")
        return
    event("taken")
    assert added.index is not None
    assert rows(added.index.run(EVERYTHING)) == rows(added.run_by_engine(EVERYTHING))
    added.close()


@settings(max_examples=20, deadline=None)
@given(name=st.sampled_from([*COLUMN_TYPES, "bbox"]), kind=st.sampled_from(TYPES))
def test_a_column_of_another_type_is_refused_by_name(name: str, kind: str, whole: bytes, folder: Path) -> None:
    path = folder / "typed.parquet"
    engine = Engine()
    engine.write(f"SELECT * REPLACE (NULL::{kind} AS {name}) FROM read_parquet('{folder / 'whole.parquet'}')", path)
    engine.close()
    writer = SceneWriter(folder / "scenes", [])
    if COLUMN_TYPES.get(name) == kind and name not in ("id", "collection"):
        return
    with pytest.raises(RecordError, match=f"'{name}'|no {name}"):
        writer.add_files([path])
    writer.discard()


def add(path: Path, home: Path) -> SceneTable | None:
    """A table of the file; None where it was refused, which says so and leaves nothing behind."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    writer = SceneWriter(home, [])
    try:
        writer.add_files([path])
        writer.finish()
    except EarthdexError as error:
        assert isinstance(error, RecordError) and error.remedy, error
        writer.discard()
        assert not [one for one in home.iterdir() if one.suffix in (".parquet", ".columns")]
        return None
    table = SceneTable(writer.parts)
    writer.close()
    return table


def rows(found: list[tuple[Any, ...]] | None) -> list[str]:
    assert found is not None
    return sorted(repr([tuple(cell) if isinstance(cell, list) else cell for cell in row]) for row in found)
