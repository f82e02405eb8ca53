"""Decoded chips on disk: the same batches, after kills, damage and full disks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.training.rasters import Held, geotiff, item, lock_of, smooth
from tests.training.test_engine import TILED, same
from training.engine.reader import Reader
from training.select.lock import Lock
from training.types import Recipe


@pytest.fixture(scope="module")
def data() -> Held:
    files = {f"s{number}.tif": geotiff(smooth(3, 200, 200, seed=number), nodata=60, **TILED) for number in range(2)}
    label = (smooth(1, 200, 200, "int16", seed=9) % 5).astype("uint8")
    files["label.tif"] = geotiff(label)
    files["cut.tif"] = files["s1.tif"][: len(files["s1.tif"]) // 2]
    return Held(files)


@pytest.fixture
def lock(data: Held) -> Lock:
    names = ["s0.tif", "s1.tif", "cut.tif"]
    items = [item(data, name, ("image", name), ("label", "label.tif")) for name in names]
    return lock_of(items, Recipe(sampling="grid", size=50, batch_size=8))


def pixel_reads(data: Held, act: Callable[[], object]) -> int:
    before = len(data.asked)
    act()
    return sum(1 for _, start, _ in data.asked[before:] if start)


def test_the_second_epoch_reads_no_file(data: Held, lock: Lock, tmp_path: Path) -> None:
    plain = [list(Reader(lock, data).batches(epoch)) for epoch in range(2)]
    reader = Reader(lock, data, cache=tmp_path)
    for epoch in range(2):
        for one, other in zip(plain[epoch], reader.batches(epoch), strict=True):
            same(one, other)
    assert reader.report.skipped_count > 0 and reader.report.cache == ""
    # another process, other threads; only what was damaged is tried again
    again = Reader(lock, data, cache=tmp_path, threads=1)
    good = [one for one in range(lock.count) if lock.chip(one).item < 2]
    reads = pixel_reads(data, lambda: list(again.batches(1)))
    assert reads < len(good)
    for one, other in zip(plain[1], again.batches(1), strict=True):
        same(one, other)


def test_an_epoch_that_was_cut_off_is_gone_on_with(data: Held, lock: Lock, tmp_path: Path) -> None:
    first = Reader(lock, data, cache=tmp_path)
    batches = first.batches(0)
    next(batches)
    del batches, first
    plain = list(Reader(lock, data).batches(0))
    for one, other in zip(plain, Reader(lock, data, cache=tmp_path).batches(0), strict=True):
        same(one, other)


@pytest.mark.parametrize("harm", ["short", "other", "restarted"])
def test_a_cache_that_cannot_be_trusted_costs_no_chips(data: Held, lock: Lock, tmp_path: Path, harm: str) -> None:
    list(Reader(lock, data, cache=tmp_path).batches(0))
    (folder,) = tmp_path.iterdir()
    about = folder / "about.json"
    if harm == "short":
        with (folder / "chips.raw").open("r+b") as file:
            file.truncate(100)
    elif harm == "other":
        about.write_text(about.read_text().replace('"count": ', '"count": 1'))
    else:
        (folder / "complete").unlink(missing_ok=True)
        text = about.read_text()
        at = text.index('"boot": "') + 9
        about.write_text(text[:at] + "x" + text[at + 1 :])
    plain = list(Reader(lock, data).batches(1))
    for one, other in zip(plain, Reader(lock, data, cache=tmp_path).batches(1), strict=True):
        same(one, other)


def test_no_room_is_told_and_costs_no_chips(
    data: Held, lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwritev", full)
    reader = Reader(lock, data, cache=tmp_path)
    for one, other in zip(list(Reader(lock, data).batches(0)), reader.batches(0), strict=True):
        same(one, other)
    assert "No space left" in reader.report.cache
    file = tmp_path / "no-folder"
    file.write_text("")
    blocked = Reader(lock, data, cache=file)
    assert len(list(blocked.batches(0))) == len(blocked) and blocked.report.cache


def test_whole_chips_with_classes(tmp_path: Path) -> None:
    held = Held({f"c{number}.tif": geotiff(smooth(5, 32, 32, seed=number)) for number in range(20)})
    items = [item(held, name, ("image", name), label=at % 3) for at, name in enumerate(held.files)]
    reader = Reader(lock_of(items, Recipe(batch_size=8)), held, cache=tmp_path)
    for epoch in range(3):
        found = list(reader.batches(epoch))
        for batch in found:
            assert batch.label is not None
            np.testing.assert_array_equal(batch.label, batch.index % 3)
            for at, chip in enumerate(batch.index.tolist()):
                np.testing.assert_array_equal(batch.image[at], smooth(5, 32, 32, seed=chip))
