"""Transforms against plain numpy, and that what is random depends on seed, epoch and chip alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import NotFound, RasterError
from tests.training.adapters.made import made_lock
from training.adapters.transforms import Bands, Flips, Index, Normalise, Scale
from training.select.lock import Lock
from training.types import Batch


def made(numbers: list[int], *, height: int = 6, width: int = 6, epoch: int = 0) -> Batch:
    image = np.stack([np.random.default_rng(one).integers(0, 99, (3, height, width)) for one in numbers]).astype(
        np.uint16
    )
    boxes = [np.asarray([[1, 2, 3, 6, 1]], np.float32) for _ in numbers]
    return Batch(image, image[:, 0] > 5, np.asarray(numbers), None, image[:, 1].astype(np.uint8), boxes, epoch)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12, unique=True), st.integers(0, 9), st.randoms())
def test_flips_move_all_parts_of_a_chip_together_wherever_it_stands(
    numbers: list[int], epoch: int, random: object
) -> None:
    batch = made(numbers, epoch=epoch)
    done = Flips()(batch, 7)
    forms = []
    for place, number in enumerate(numbers):
        (form,) = Flips()(made([number], epoch=epoch), 7).image
        assert np.array_equal(done.image[place], form)
        assert np.array_equal(done.valid[place], done.image[place, 0] > 5)
        assert np.array_equal(done.mask[place], done.image[place, 1])
        forms.append(form)
        # a box holds the same pixels as before
        x0, y0, x1, y1 = done.boxes[place][0, :4].astype(int)
        assert sorted(done.image[place, 2, y0:y1, x0:x1].ravel()) == sorted(batch.image[place, 2, 2:6, 1:3].ravel())
    assert np.array_equal(batch.image, made(numbers).image)


def test_all_eight_forms_come_about_equally_often() -> None:
    one = made([1]).image[0]
    forms = {
        form.tobytes()
        for turned in (one, np.rot90(one, axes=(1, 2)), np.rot90(one, 2, (1, 2)), np.rot90(one, 3, (1, 2)))
        for form in (np.ascontiguousarray(turned), np.ascontiguousarray(turned[..., ::-1]))
    }
    counts: dict[bytes, int] = {}
    for epoch in range(400):
        found = Flips()(made([1], epoch=epoch), 0).image[0].tobytes()
        counts[found] = counts.get(found, 0) + 1
    assert counts.keys() == forms
    assert min(counts.values()) > 25
    wide = {Flips()(made([1], width=4, epoch=epoch), 0).image.shape for epoch in range(20)}
    assert wide == {(1, 3, 6, 4)}


def test_normalise_fills_what_is_not_valid() -> None:
    batch = made([1, 2])
    done = Normalise((1.0, 2.0, 3.0), (2.0, 4.0, 8.0), fill=-9)(batch, 0)
    wanted = (batch.image - np.array([1, 2, 3]).reshape(1, 3, 1, 1)) / np.array([2, 4, 8]).reshape(1, 3, 1, 1)
    assert np.allclose(done.image, np.where(batch.valid[:, None], wanted, -9))
    assert done.image.dtype == np.float32
    with pytest.raises(RasterError, match="2 values for 3 channels"):
        Normalise((1.0, 2.0), (1.0, 1.0))(batch, 0)
    lock = made_lock()
    with pytest.raises(NotFound, match="statistics"):
        Normalise.of(lock)
    # not in the order of their names: a lock sorts the keys of its objects, so they are a list
    rows = [{"name": name, "mean": place, "std": place + 1.0} for place, name in enumerate(("B04", "B08", "B03"))]
    content = {key: value for key, value in lock.content.items() if key != "digest"}
    known = Lock.from_dict({**content, "statistics": {"bands": rows}})
    assert Normalise.of(known) == Normalise((0.0, 1.0, 2.0), (1.0, 2.0, 3.0))


def test_bands_indices_and_scale() -> None:
    batch = made([3])
    names = ("B04", "B08", "B03")
    index = Index.named("ndvi", names)
    assert (index.a, index.b) == (1, 0)
    red, near = batch.image[:, 0].astype(float), batch.image[:, 1].astype(float)
    done = index(batch, 0)
    assert np.allclose(
        done.image[:, 3], np.divide(near - red, near + red, out=np.zeros_like(red), where=near + red > 0)
    )
    assert index.names(names) == (*names, "ndvi")
    assert np.array_equal(Bands((2, 0))(batch, 0).image, batch.image[:, [2, 0]])
    assert np.allclose(Scale(0.5, 1)(batch, 0).image, batch.image * 0.5 + 1)
    series = replace(batch, image=batch.image[:, :, 0], valid=batch.valid[:, 0])
    assert index(series, 0).image.shape == (1, 4, 6)
    scenes = replace(batch, image=np.stack([batch.image] * 2, 1), valid=np.stack([batch.valid] * 2, 1))
    assert np.array_equal(index(scenes, 0).image[:, 1], done.image)
    assert Normalise((0.0,), (1.0,), fill=-1)(scenes, 0).image.min() == -1
    for wrong in (lambda: Index.named("ndvi", ("VV",)), lambda: Index.named("x", names), lambda: Bands((5,))(batch, 0)):
        with pytest.raises(RasterError):
            wrong()
    with pytest.raises(RasterError, match="mirrored"):
        Flips()(series, 0)
