"""The lock: the same bytes for the same selection, the same items back, and nothing hostile gets through."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.errors import NotFound, RecordError
from tests.house.imports import ROOT
from training.distributions import LabelClass
from training.select.chips import chip_table
from training.select.lock import Lock
from training.select.recipe import recipe_from_dict, recipe_to_dict
from training.select.selection import Selection, Source
from training.select.split import Split
from training.select.values import canonical
from training.types import Grid, Item, Part, Recipe

DATASET = "https://example.org/d"
LICENCE = "http://spdx.org/licenses/MIT"


def item(number: int, **changes: Any) -> Item:
    values: dict[str, Any] = {
        "iri": f"{DATASET}/item/x_{number}.tif",
        "dataset": DATASET,
        "parts": (
            Part(
                "s2", f"/data/d/S2/x {number}.tif", (2, 1), ("B04", "B03"), f"md5:{number:032x}", 10 + number, 0.5, -1.0
            ),
            Part("label", f"/data/d/L/x {number}.tif", nodata=float(number % 2)),
        ),
        "label": number % 3 or None,
        "fold": ("train", "test", "")[number % 3],
        "time": f"2018-03-{number % 28 + 1:02}",
        "bbox": (179.5, -1.25, -179.5, 1 / 3 + number),
        "grid": Grid("EPSG:32633", (10.0, 0.0, 5e5 + number, 0.0, -10.0, 5e6), 100 + number % 5, 90),
        "scene": "33UUP",
        "country": "AT",
    }
    return Item(**{**values, **changes})


def selection(count: int = 7, root: str = "/data/d", **changes: Any) -> Selection:
    source = Source(DATASET, "d", "D", root, (LICENCE,))
    classes = (LabelClass("water", 1, f"{DATASET}/class/water"), LabelClass("land", 2, f"{DATASET}/class/land"))
    return Selection("question", "v1", (source,), tuple(map(item, range(count))), classes, **changes)


def test_items_come_back_as_they_were(tmp_path: Path) -> None:
    chosen = selection()
    lock = Lock.freeze(chosen, Recipe(seed=3))
    lock.write(tmp_path / "a.lock")
    read = Lock.read(tmp_path / "a.lock", root="/data/d")
    assert tuple(read.items) == chosen.items
    assert (read.recipe, read.classes, read.digest) == (Recipe(seed=3), chosen.classes, lock.digest)
    assert read.sources == chosen.sources
    assert read.items[-1] == chosen.items[-1]
    assert read.items[1:3] == list(chosen.items[1:3])


def test_the_same_selection_gives_the_same_bytes_wherever_it_lies(tmp_path: Path) -> None:
    here = Lock.freeze(selection())
    moved = [
        Item(
            **{
                **{name: getattr(one, name) for name in Item.__slots__},
                "parts": tuple(_moved(part) for part in one.parts),
            }
        )
        for one in selection().items
    ]
    there = selection(root="/elsewhere")
    there = Selection(there.query, there.version, there.sources, tuple(moved), there.classes)
    assert Lock.freeze(there).to_bytes() == here.to_bytes()
    assert b"/data" not in here.to_bytes()
    assert str(tmp_path).encode() not in here.to_bytes()
    here.write(tmp_path / "a.lock")
    assert Lock.read(tmp_path / "a.lock").to_bytes() == (tmp_path / "a.lock").read_bytes()


def _moved(part: Part) -> Part:
    return replace(part, href=part.href.replace("/data/d", "/elsewhere"))


def test_roots_elsewhere(tmp_path: Path) -> None:
    lock = Lock.freeze(selection())
    assert lock.at("/x/").items[0].parts[0].href == "/x/S2/x 0.tif"
    assert lock.at("https://h.org/d").items[0].parts[0].href == "https://h.org/d/S2/x%200.tif"
    assert lock.at({"d": "s3://b/d"}).items[0].parts[0].href == "s3://b/d/S2/x%200.tif"
    with pytest.raises(NotFound, match="no source"):
        lock.at({"other": "/x"})
    (tmp_path / "d").mkdir()
    lock.write(tmp_path / "a.lock")
    assert Lock.read(tmp_path / "a.lock").items[0].parts[0].href == str(tmp_path / "d" / "S2/x 0.tif")


def test_members_of_archives_and_urls_keep_their_names() -> None:
    parts = (Part("image", "/data/d/a.zip!/in/x.tif"), Part("image", "https://h.org/y.tif?token=1"))
    chosen = selection(1)
    lock = Lock.freeze(Selection("q", "v", chosen.sources, (item(0, parts=parts),), chosen.classes))
    assert lock.content["items"]["href"] == ["a.zip!/in/x.tif", "https://h.org/y.tif?token=1"]
    assert tuple(lock.items[0].parts) == parts


def test_items_that_a_lock_cannot_name_are_left_out_and_told() -> None:
    bad = item(1, parts=(Part("image", "/data/d/x\udcff.tif"),))
    outside = item(2, parts=(Part("image", "/etc/passwd"),))
    chosen = selection()
    lock = Lock.freeze(Selection("q", "v", chosen.sources, (item(0), bad, outside), chosen.classes))
    assert len(lock.items) == 1
    assert "2 items" in lock.content["problems"][-1]


def test_folds_of_the_publisher_are_the_split() -> None:
    lock = Lock.freeze(selection())
    assert lock.split is not None
    assert lock.split.folds == ("train", "test")
    assert lock.numbers("train").tolist() == [0, 3, 6]
    assert lock.numbers("test").tolist() == [1, 4]
    assert lock.numbers().tolist() == list(range(7))
    with pytest.raises(NotFound, match="train, test"):
        lock.numbers("validation")


def test_folds_of_items_are_folds_of_their_chips() -> None:
    lock = Lock.freeze(selection(), Recipe(sampling="grid", size=45))
    assert lock.count == 7 * 2 * 2
    items = lock.chips(lock.numbers("test"))[:, 0]
    assert set(items.tolist()) == {1, 4}


def test_windows_tile_an_item_in_rows() -> None:
    table = chip_table([90, 30, 45], [100, 100, 45], Recipe(sampling="grid", size=40, stride=20))
    assert np.diff(table.offsets).tolist() == [3 * 4, 0, 1]
    assert table.chips([0, 1, 4, 12]).tolist() == [
        [0, 0, 0, 40, 40],
        [0, 0, 20, 40, 40],
        [0, 20, 0, 40, 40],
        [2, 0, 0, 40, 40],
    ]
    with pytest.raises(IndexError):
        table.chips([13])


@settings(max_examples=40)
@given(
    heights=st.lists(st.integers(1, 3000), min_size=1, max_size=5),
    size=st.integers(1, 700),
    per_epoch=st.integers(0, 300),
    seed=st.integers(0, 2**40),
    epoch=st.integers(0, 3),
)
def test_random_crops_lie_inside_and_are_as_many_as_asked(
    heights: list[int], size: int, per_epoch: int, seed: int, epoch: int
) -> None:
    widths = [height + 7 for height in reversed(heights)]
    recipe = Recipe(sampling="random", size=size, per_epoch=per_epoch, seed=seed)
    table = chip_table(heights, widths, recipe)
    fitting = [min(h, w) >= size for h, w in zip(heights, widths, strict=True)]
    if any(fitting) and per_epoch:
        assert table.count == per_epoch
    rows = table.chips(np.arange(table.count), epoch)
    assert (rows[:, 1] + size <= np.array(heights)[rows[:, 0]]).all()
    assert (rows[:, 2] + size <= np.array(widths)[rows[:, 0]]).all()
    assert (rows[:, 1:3] >= 0).all()
    assert (table.chips(np.arange(table.count), epoch) == rows).all()


def test_kept_windows_survive_the_file(tmp_path: Path) -> None:
    kept = [np.array([0, 3], np.int64), None, *[np.array([1], np.int64)] * 5]
    lock = Lock.freeze(selection(), Recipe(sampling="grid", size=45), windows=kept)
    assert lock.count == 2 + 4 + 5
    lock.write(tmp_path / "a.lock")
    read = Lock.read(tmp_path / "a.lock", root="/data/d")
    assert read.chips(range(3)).tolist() == lock.chips(range(3)).tolist()
    assert lock.chips([1]).tolist() == [[0, 45, 45, 45, 45]]


def test_a_split_of_chips() -> None:
    split = Split.of_numbers({"a": [0, 2], "b": [1]}, 28, of="chips", method="blocks")
    lock = Lock.freeze(selection(), Recipe(sampling="grid", size=45), split=split)
    assert lock.numbers("a").tolist() == [0, 2]
    with pytest.raises(RecordError, match="another"):
        Split.of_numbers({"a": [0, 1], "b": [1]}, 3)


def test_grids_that_are_needed_and_not_known() -> None:
    chosen = selection(1)
    bare = Selection("q", "v", chosen.sources, (item(0, grid=None),), ())
    assert Lock.freeze(bare).count == 1
    with pytest.raises(RecordError, match="headers"):
        Lock.freeze(bare, Recipe(sampling="grid", size=8))
    with pytest.raises(RecordError, match="no chips"):
        Lock.freeze(selection(), Recipe(sampling="grid", size=4000))


@pytest.mark.parametrize(
    "wrong",
    [
        {"sampling": "sideways"},
        {"size": -1},
        {"size": True},
        {"size": 1.5},
        {"bands": [0]},
        {"bands": "B04"},
        {"dtype": "object"},
        {"resolution": float("inf")},
        {"resampling": "magic"},
        {"shuffle": 1},
        {"seed": 1 << 70},
        {"unknown": 1},
        {"sampling": "grid", "size": 0},
        {"batch_size": 0},
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        recipe_from_dict({**recipe_to_dict(Recipe()), **wrong})


def content() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(canonical(Lock.freeze(selection()).content))
    return made


def test_a_changed_lock_is_refused() -> None:
    changed = content()
    changed["query"] = "another"
    with pytest.raises(RecordError, match="digest"):
        Lock.from_dict(changed)


_HREFS = [
    *("/etc/passwd", "../x.tif", "a/../../x.tif", "file:///etc/passwd", "C:/x.tif", "a\\b.tif", "", "a//b", "~/x", "."),
    *(
        "a.zip!/../x",
        "a.zip!//x",
        "ftp://h/x",
        "http://",
        "https://h.org/../../x",
        "x\n/etc/passwd",
        "/vsicurl/x",
        "..",
        5,
    ),
    *("a/./b", "x\0y", "vsi:x", None, "javascript:x", "x" * 5000, "\udcff", "a\u202eb"),
]


@pytest.mark.parametrize("href", _HREFS, ids=range(len(_HREFS)))
def test_paths_that_reach_elsewhere_are_refused(href: Any) -> None:
    hostile = content()
    del hostile["digest"]
    hostile["items"]["href"][3] = href
    with pytest.raises(RecordError):
        Lock.from_dict(hostile)


_EDITS: list[tuple[str, Any]] = [
    ("items.count", 10**12),
    ("items.count", -1),
    ("items.count", True),
    ("items.count", 8),
    ("items.kind", {"all": 7}),
    ("items.dataset", [9] * 7),
    ("items.dataset", {"all": -1}),
    ("items.label", ["x"] * 7),
    ("items.label", {"values": [1], "codes": [0] * 6}),
    ("items.fold", {"values": ["a"], "codes": [1] * 7}),
    ("items.fold", {"values": ["a"], "codes": [0.0] * 7}),
    ("items.west", ["1"] * 7),
    ("items.west", [10**400] * 7),
    ("items.a", {"all": 1e300}),
    ("items.width", {"all": 1 << 40}),
    ("items.width", {"all": 1.5}),
    ("items.time", {"all": "yesterday"}),
    ("items.checksum", {"all": "sha256:xyz"}),
    ("items.size", {"all": -2}),
    ("items.kinds", [[{"role": "../x"}]]),
    ("items.kinds", [[{"role": "s2", "bands": [0]}, {"role": "label"}]]),
    ("items.kinds", {}),
    ("items", []),
    ("items", None),
    ("chips", 8),
    ("chips", "7"),
    ("classes", [{"value": 1.5, "name": "x", "iri": "urn:x"}]),
    ("classes", [{"value": 1, "name": "x", "iri": "no iri>"}]),
    ("sources", []),
    ("sources", [{"iri": "urn:x", "id": "../up", "name": "x", "root": "", "licences": []}]),
    ("sources", [{"iri": "urn:x", "id": "x", "name": "x", "root": "file:///etc", "licences": []}]),
    ("split", {"method": "", "options": {}, "of": "items", "folds": ["a"], "membership": "00"}),
    ("split", {"method": "", "options": {}, "of": "items", "folds": ["a"], "membership": "1111111"}),
    ("split", {"method": "", "options": {}, "of": "all", "folds": [], "membership": ""}),
    ("recipe", {"sampling": "grid", "size": 1, "stride": 1}),
    ("recipe", None),
    ("windows", ["AAAA"] * 7),
    ("format", "earthdex.lock/2"),
    ("format", 1),
    ("query", 5),
    ("query", "\x1b[2J"),
    ("models", "urn:x"),
    ("more", 1),
]


@pytest.mark.parametrize(("path", "value"), _EDITS, ids=[f"{path}={str(value)[:30]}" for path, value in _EDITS])
def test_hostile_content_is_refused(path: str, value: Any) -> None:
    hostile = content()
    del hostile["digest"]
    holder: Any = hostile
    *above, last = path.split(".")
    for one in above:
        holder = holder[one]
    holder[last] = value
    with pytest.raises(RecordError):
        Lock.from_dict(hostile)


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", "5", "{}", "[" * 100_000, '{"format": "earthdex.lock/1"}', "NaN", "\xff"]
)
def test_what_is_no_lock_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.lock").write_bytes(text.encode("latin-1"))
    with pytest.raises(RecordError):
        Lock.read(tmp_path / "x.lock")
    with pytest.raises(NotFound):
        Lock.read(tmp_path / "none.lock")


def test_every_key_of_a_lock_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "lock.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(\w+)`", page))
    made = content()
    written = {*made, *made["items"], *made["recipe"], *made["split"], "chip_width", "chip_height", "block"}
    assert not written - documented
    rows = set(re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", page, re.M))
    assert not {name for row in rows for name in re.findall(r"\w+", row)} - written
