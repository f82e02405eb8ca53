"""The block-ordered engine against the plain way, and what bad input does to it."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rasterio.transform import Affine

from ontology.errors import FetchError, RasterError
from tests.corpora import corpus
from tests.training.rasters import Held, geotiff, item, lock_of, smooth
from training.engine.reader import Reader
from training.select.lock import Lock
from training.types import Batch, Recipe

TILED = {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate", "predictor": 2}


@pytest.fixture(scope="module")
def data() -> Held:
    """Scenes with labels, a coarser band, and damaged ones."""
    files = {}
    for number in range(3):
        files[f"s{number}.tif"] = geotiff(smooth(4, 300, 260, seed=number), **TILED)
        files[f"planar{number}.tif"] = geotiff(
            smooth(3, 300, 260, "float32", seed=number), interleave="band", tiled=True, blockxsize=128,
            blockysize=128, compress="zstd", predictor=3, nodata=60,
        )  # fmt: skip
        label = (smooth(1, 300, 260, "int16", seed=9 + number) % 5).astype("uint8")
        files[f"label{number}.tif"] = geotiff(label, compress="lzw")
        files[f"coarse{number}.tif"] = geotiff(
            smooth(2, 150, 130, seed=20 + number), **TILED, transform=Affine(20, 0, 500_000, 0, -20, 5_000_000)
        )
    cut = files["s1.tif"]
    files["cut.tif"] = cut[: len(cut) // 2]
    files["text.tif"] = b"no raster"
    files["nodata.tif"] = geotiff(np.full((4, 300, 260), 7, dtype="uint16"), nodata=7, **TILED)
    files["other.tif"] = geotiff(smooth(4, 300, 260, "uint8"), **TILED)
    files["faraway.tif"] = geotiff(smooth(1, 299, 260, "uint8"), origin=(900_000, 100_000))
    return Held(files)


def scenes(data: Held, recipe: Recipe, *roles: tuple[str, str], classes: tuple[int, ...] = ()) -> Lock:
    """Three items of files called as `roles` say, with {} for the number."""
    items = [item(data, str(number), *((role, name.format(number)) for role, name in roles)) for number in range(3)]
    return lock_of(items, recipe, classes)


def same(one: Batch, other: Batch) -> None:
    np.testing.assert_array_equal(one.index, other.index)
    np.testing.assert_array_equal(one.image, other.image)
    np.testing.assert_array_equal(one.valid, other.valid)
    assert one.image.dtype == other.image.dtype
    for name in ("mask", "label"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_array_equal(mine, theirs)
    assert one.skipped == other.skipped


RECIPES = {
    "aligned": Recipe(sampling="grid", size=64, batch_size=7),
    "overlap": Recipe(sampling="grid", size=50, stride=33, batch_size=8, window=20),
    "random": Recipe(sampling="random", size=70, per_epoch=40, batch_size=8, seed=5),
    "bands": Recipe(sampling="grid", size=64, bands=(3, 1), batch_size=8, dtype="float32"),
    "whole": Recipe(batch_size=2),
    "in order": Recipe(sampling="grid", size=100, batch_size=5, shuffle=False),
    "other grid": Recipe(sampling="grid", size=64, batch_size=8, resolution=15.0),
    "other crs": Recipe(sampling="grid", size=40, batch_size=8, crs="EPSG:3035", resolution=25.0),
}
ROLES = {
    "one": [("image", "s{}.tif"), ("label", "label{}.tif")],
    "two": [("s2", "s{}.tif"), ("s1", "planar{}.tif")],
    "mixed": [("s2", "s{}.tif"), ("s2-20m", "coarse{}.tif"), ("label", "label{}.tif")],
}


@pytest.mark.parametrize("roles", ROLES)
@pytest.mark.parametrize("name", RECIPES)
def test_blocks_give_what_chips_read_one_by_one_give(data: Held, name: str, roles: str) -> None:
    recipe = RECIPES[name]
    lock = scenes(data, recipe, *ROLES[roles])
    reader = Reader(lock, data)
    met = []
    for batch in reader.batches(1):
        met.append(batch.index)
        for at, chip in enumerate(batch.index.tolist()):
            plain = reader.chip(chip, epoch=1)
            np.testing.assert_array_equal(batch.image[at], plain.image[0])
            np.testing.assert_array_equal(batch.valid[at], plain.valid[0])
            if batch.mask is not None and plain.mask is not None:
                np.testing.assert_array_equal(batch.mask[at], plain.mask[0])
    assert sorted(np.concatenate(met).tolist()) == list(range(lock.count))
    assert reader.report.skipped_count == 0


@pytest.mark.parametrize("name", ["overlap", "random", "whole"])
def test_the_same_for_any_threads_workers_and_starts(data: Held, name: str) -> None:
    lock = scenes(data, RECIPES[name], *ROLES["one"])
    alone = list(Reader(lock, data, threads=1).batches(2))
    again = Reader(lock, data, threads=3)
    for one, other in zip(alone, again.batches(2), strict=True):
        same(one, other)
    workers = [list(again.batches(2, start=worker, step=2)) for worker in range(2)]
    for number, one in enumerate(alone):
        same(one, workers[number % 2][number // 2])
    asked = len(data.asked)
    rest = list(Reader(lock, data).batches(2, start=len(alone) - 1))
    assert len(rest) == 1
    same(alone[-1], rest[0])
    assert len(data.asked) - asked < 60
    same(alone[1], again.batch(2, 1))
    assert not all((a.index == b.index).all() for a, b in zip(alone, again.batches(3), strict=True))


def test_each_block_is_read_once(data: Held) -> None:
    lock = scenes(data, Recipe(sampling="random", size=70, per_epoch=60, batch_size=8), ("image", "s{}.tif"))
    reader = Reader(lock, data)
    reader.kind  # noqa: B018  (reads the first header)
    data.asked.clear()
    list(reader.batches(0))
    ranges = [one for one in data.asked if one[1] > 0]
    assert len(ranges) == len(set(ranges)) <= 3 * 25


def test_held_batches_keep_their_pixels_and_dropped_ones_are_used_again(data: Held) -> None:
    lock = scenes(data, RECIPES["aligned"], ("image", "s{}.tif"))
    reader = Reader(lock, data)
    held = list(reader.batches(0))
    copies = [one.image.copy() for one in held]
    list(reader.batches(1))
    for one, copy in zip(held, copies, strict=True):
        np.testing.assert_array_equal(one.image, copy)
    places = {one.image.__array_interface__["data"][0] for one in held}
    assert len(places) == len(held)
    del held, one
    assert reader.batch(0, 0).image.__array_interface__["data"][0] in places


def mixed_with(data: Held, *bad: str, role: str = "image") -> list[object]:
    good = [item(data, f"good{number}", ("image", f"s{number}.tif")) for number in range(2)]
    return [*good, *(item(data, name, (role, name)) for name in bad)]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("cut.tif", "damaged"),
        ("text.tif", "not a GeoTIFF"),
        ("missing.tif", "not there"),
        ("nodata.tif", "no valid pixel"),
        ("other.tif", "uint8, the others"),
        ("label0.tif", "1 x 300"),
    ],
)
def test_bad_items_are_left_out_and_told(data: Held, bad: str, why: str) -> None:
    lock = lock_of(mixed_with(data, bad), Recipe(batch_size=2))  # type: ignore[arg-type]
    reader = Reader(lock, data)
    batches = list(reader.batches(0))
    assert sum(len(one.index) for one in batches) == 2 == reader.report.read
    assert reader.report.skipped_count == 1
    skipped = reader.report.skipped[0]
    assert skipped.iri == f"https://example.org/data/item/{bad}" and skipped.href == bad and why in skipped.reason
    strict = Reader(lock, data, strict=True)
    with pytest.raises((RasterError, FetchError), match=bad.split(".")[0]):
        list(strict.batches(0))


def test_damage_spoils_only_the_chips_that_touch_it(data: Held) -> None:
    one = item(data, "cut", ("image", "cut.tif"))
    lock = lock_of([one], Recipe(sampling="grid", size=64, batch_size=4))
    reader = Reader(lock, data)
    list(reader.batches(0))
    assert 0 < reader.report.skipped_count < lock.count
    assert reader.report.read + reader.report.skipped_count == lock.count


def test_labels_elsewhere_and_values_outside_the_scheme(data: Held) -> None:
    apart = item(data, "apart", ("image", "s0.tif"), ("label", "faraway.tif"))
    near = item(data, "near", ("image", "s0.tif"), ("label", "label0.tif"))
    reader = Reader(lock_of([near, apart], Recipe(), classes=(0, 1, 2)), data)
    (batch,) = reader.batches(0)
    assert batch.index.tolist() == [0] and "does not overlap" in batch.skipped[0].reason
    assert batch.mask is not None
    assert set(np.unique(batch.mask)) == {0, 1, 2, 255}
    assert set(reader.report.unknown) == {3, 4}


def test_real_chips_with_labels() -> None:
    held, folder = Held(), corpus("rasters", "sen1floods11")
    parts = [(role, str(next((folder / name).glob("*.tif")))) for role, name in (("s2", "S2"), ("s1", "S1"))]
    label = ("label", str(next((folder / "Labels").glob("*.tif"))))
    lock = lock_of(
        [item(held, "spain", *parts, label)], Recipe(sampling="grid", size=128, batch_size=4), (0, 1), str(folder)
    )
    reader = Reader(lock, held)
    batches = list(reader.batches(0))
    assert {one.image.shape[1:] for one in batches} == {(15, 128, 128)}
    masks = np.concatenate([one.mask for one in batches if one.mask is not None])
    assert set(np.unique(masks)) == {0, 1, 255} and masks.dtype == np.uint8


def test_calibrated_values(data: Held) -> None:
    held = Held()
    path = str(corpus("rasters", "edge-cases", "cog_scale.tif"))
    items = [item(held, "scaled", ("image", path))]
    lock = lock_of(items, Recipe(calibrate=True), root=str(Path(path).parent))
    raw = Reader(lock_of(items, Recipe(), root=str(Path(path).parent)), held).batch(0, 0)
    (batch,) = Reader(lock, held).batches(0)
    from training.tiff.header import header

    one = header(held, path)
    assert batch.image.dtype == np.float32
    expected = raw.image[0].astype(np.float32) * np.asarray(one.scales, dtype=np.float32)[:, None, None]
    np.testing.assert_allclose(batch.image[0], expected + np.asarray(one.shifts)[:, None, None], rtol=1e-6)


def _in_child(reader: Reader, answer: Callable[[object], None]) -> None:
    answer([one.index.tolist() for one in reader.batches(0)])


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_readers_travel_to_workers(data: Held, method: str) -> None:
    lock = scenes(data, RECIPES["aligned"], ("image", "s{}.tif"))
    reader = Reader(lock, Held(data.files))
    expected = [one.index.tolist() for one in reader.batches(0)]
    context = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    child = context.Process(target=_in_child, args=(reader, queue.put))
    child.start()
    assert queue.get() == expected
    child.join(30)
    assert child.exitcode == 0
    assert [one.index.tolist() for one in pickle.loads(pickle.dumps(reader)).batches(0)] == expected


def test_epochs_that_are_given_up_leave_no_arrays_behind(data: Held) -> None:
    lock = scenes(data, Recipe(sampling="grid", size=50, stride=25, batch_size=4), ("image", "s{}.tif"))
    reader = Reader(lock, data)
    list(reader.batches(0))
    whole = len(reader._rings()._image)
    for epoch in range(1, 6):
        next(iter(reader.batches(epoch)))
    list(reader.batches(6))
    assert len(reader._rings()._image) <= whole + 2
    for epoch in range(7, 12):
        reader.batch(epoch, 0)
    reader.batch(12, 0)
    assert len(reader._rings()._image) < whole
