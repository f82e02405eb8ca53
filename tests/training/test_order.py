"""The order of an epoch: each chip once, the same everywhere, near its neighbours, well mixed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.rasters import Held, geotiff, lock_of, smooth
from training.order import batch_numbers, chip_cells, mixed
from training.types import Grid, Item, Part, Recipe
from training.windows import cells, crop_starts, noise

GRID = Grid("EPSG:32633", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), 2048, 3000)


def scenes(count: int) -> list[Item]:
    base = "https://example.org/data"
    return [Item(f"{base}/item/{n}", base, (Part("image", f"{n}.tif"),), grid=GRID) for n in range(count)]


def test_numbers_are_the_same_on_every_machine() -> None:
    assert noise([0, 1, 2], 7, 1).tolist() == noise(np.arange(3), 7, 1).tolist()
    assert [round(float(one), 9) for one in noise([0, 1, 2], 0, 0)] == [0.971102083, 0.277832873, 0.902601032]
    assert noise([5], 1, 2)[0] != noise([5], 2, 1)[0]
    many = noise(np.arange(100_000), 3)
    assert many.min() >= 0 and many.max() < 1 and abs(many.mean() - 0.5) < 0.01
    assert np.histogram(many, 10)[0].min() > 9_500


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=300),
    st.integers(0, 2**63),
    st.integers(0, 1000),
    st.sampled_from([0, 1, 16, 1000]),
)
def test_mixing_keeps_every_chip_and_groups_near(groups: list[int], seed: int, epoch: int, window: int) -> None:
    of = np.asarray(groups)
    order = mixed(of, seed, epoch, window)
    assert sorted(order.tolist()) == list(range(len(of)))
    assert order.tolist() == mixed(of, seed, epoch, window).tolist()
    for group in set(groups):
        where = np.flatnonzero(of[order] == group)
        assert where[-1] - where[0] < len(where) + 2 * window + 1


def test_batches_of_a_lock() -> None:
    lock = lock_of(scenes(3), Recipe(sampling="grid", size=256, batch_size=10))
    batches = batch_numbers(lock, epoch=0)
    assert sorted(np.concatenate(batches).tolist()) == list(range(lock.count))
    assert [len(one) for one in batches[:-1]] == [10] * (len(batches) - 1)
    assert len(batch_numbers(lock, epoch=0, drop_last=True)) == lock.count // 10
    plain = batch_numbers(lock, epoch=0, shuffle=False)
    assert np.concatenate(plain).tolist() == list(range(lock.count))
    other = batch_numbers(lock, epoch=1)
    assert not all((a == b).all() for a, b in zip(batches, other, strict=True))


def test_random_crops_share_blocks_only_within_a_cell() -> None:
    lock = lock_of(scenes(2), Recipe(sampling="random", size=200, per_epoch=600))
    numbers = np.arange(lock.count)
    reached = np.zeros((GRID.height, GRID.width), dtype=bool)
    for epoch in range(4):
        rows = lock.chips(numbers, epoch)
        assert (rows[:, 1] >= 0).all() and (rows[:, 1] + 200 <= GRID.height).all()
        assert (rows[:, 2] >= 0).all() and (rows[:, 2] + 200 <= GRID.width).all()
        of = chip_cells(lock, numbers, epoch)
        users: dict[tuple[int, int, int], set[int]] = {}
        for cell, (at, row, column, _, _) in zip(of.tolist(), rows.tolist(), strict=True):
            for down in range(row // 512, (row + 199) // 512 + 1):
                for across in range(column // 512, (column + 199) // 512 + 1):
                    users.setdefault((at, down, across), set()).add(cell)
            if at == 0:
                reached[row : row + 200, column : column + 200] = True
        assert sum(map(len, users.values())) <= 1.1 * len(users)
    assert reached.mean() > 0.97


@given(st.integers(1, 5000), st.integers(1, 1500), st.integers(0, 2**32), st.integers(0, 50))
def test_crops_lie_inside(length: int, size: int, seed: int, epoch: int) -> None:
    size = min(size, length)
    number = np.arange(50)
    many = np.full(50, length)
    start = crop_starts(many, number % 3, number, size=size, seed=seed, epoch=epoch, axis=0)
    assert (start >= 0).all() and (start + size <= length).all()
    of = cells(number % 3, start, start, many, many, size=size, seed=seed, epoch=epoch, moving=True)
    assert len(of) == 50


def test_chips_that_share_a_block_stand_together() -> None:
    from dataclasses import replace

    items = [replace(one, block=side) for one, side in zip(scenes(3), (512, 0, 384), strict=True)]
    lock = lock_of(items, Recipe(sampling="grid", size=256))
    assert [one.block for one in lock.items] == [512, 0, 384]
    numbers = np.arange(lock.count)
    rows, of = lock.chips(numbers), chip_cells(lock, numbers, 0)
    for item, side in enumerate((512, 1024, 1024)):
        mine = rows[:, 0] == item
        expected = rows[mine, 1] // side << 16 | rows[mine, 2] // side
        assert len(np.unique(of[mine])) == len(np.unique(expected))
    small = lock_of([replace(one, block=128) for one in scenes(1)], Recipe(sampling="grid", size=256))
    assert len(np.unique(chip_cells(small, np.arange(small.count), 0))) == small.count


def test_blocks_of_files_that_lie_on_one_another() -> None:
    from training.select.headers import block_of
    from training.tiff.header import header

    def tiled(side: int, width: int, height: int) -> bytes:
        return geotiff(smooth(1, height, width), tiled=True, blockxsize=side, blockysize=side)

    files = {"fine": tiled(128, 400, 300), "coarse": tiled(64, 200, 150), "odd": tiled(48, 400, 300)}
    held = Held({**files, "other": tiled(64, 170, 150), "strips": geotiff(smooth(1, 300, 400))})
    heads = {name: header(held, name) for name in held.files}
    for names, side in (("fine", 128), ("fine coarse", 128), ("fine odd", 384), ("fine other", 0), ("fine strips", 0)):
        assert block_of([heads[name] for name in names.split()], heads["fine"]) == side
