"""Statistics: exact for integers, whatever the order and the pieces; nodata and NaN left out."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ontology.errors import EarthdexError
from tests.corpora import corpus
from training.care.moments import Moments
from training.care.statistics import BandStatistics, Gathering, statistics
from training.care.weights import class_weights
from training.types import Batch

_WHOLE = st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.int64, np.uint64])


@given(_WHOLE.flatmap(lambda kind: hnp.arrays(kind, st.integers(1, 50))), st.integers(0, 50))
@hypothesis_settings(max_examples=80)
def test_integers_are_exact_in_any_pieces(values: np.ndarray, cut: int) -> None:
    one, other = Moments(values.dtype), Moments(values.dtype)
    one.add(values[:cut])
    other.add(values[cut:])
    other.merge(one)
    plain = [int(value) for value in values]
    assert (other.count, other.low, other.high) == (len(plain), min(plain), max(plain))
    assert other.mean() == float(Fraction(sum(plain), len(plain)))
    total, squares = sum(plain), sum(value * value for value in plain)
    n = len(plain)
    assert other._whole_sums() == (total, squares)
    assert other.deviation() ** 2 == pytest.approx((squares * n - total**2) / n**2, rel=1e-12, abs=1e-300)
    for share in (0, 10, 50, 99, 100):
        exact = sorted(plain)[max(1, -(-share * n // 100)) - 1]
        if other.is_small:
            assert other.percentile(share) == exact
        else:
            assert other.percentile(share) == pytest.approx(exact, rel=0.01, abs=1e-9)


@given(
    hnp.arrays(np.float32, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32) | st.just(np.float32("nan"))),
    st.lists(st.integers(0, 60), max_size=3),
)
@hypothesis_settings(max_examples=80)
def test_floats_are_as_near_as_sums_are(values: np.ndarray, cuts: list[int]) -> None:
    whole = Moments(values.dtype)
    for part in np.split(values, sorted(cuts)):
        piece = Moments(values.dtype)
        piece.add(part)
        whole.merge(piece)
    real = values[np.isfinite(values)].astype(np.float64)
    assert whole.count == len(real)
    if not len(real):
        assert np.isnan(whole.mean())
        return
    assert whole.mean() == pytest.approx(real.mean(), rel=1e-9, abs=1e-9)
    assert whole.deviation() == pytest.approx(real.std(), rel=1e-6, abs=1e-6)
    middle = np.sort(real)[(len(real) + 1) // 2 - 1]
    assert whole.percentile(50) == pytest.approx(middle, rel=0.01, abs=1e-30)


def _batch(image: np.ndarray, valid: np.ndarray | None = None, **targets: np.ndarray) -> Batch:
    shape = (len(image), *image.shape[-2:])
    return Batch(image, np.ones(shape, bool) if valid is None else valid, np.arange(len(image)), **targets)


def test_nodata_is_left_out_and_masks_are_counted() -> None:
    image = np.arange(2 * 3 * 4 * 4, dtype=np.uint16).reshape(2, 3, 4, 4)
    valid = np.ones((2, 4, 4), bool)
    valid[0, :2] = False
    mask = np.zeros((2, 4, 4), np.uint8)
    mask[1, 0] = 7
    mask[0, 3] = 255
    found = statistics([_batch(image, valid, mask=mask)], bands=("B04", "B03", "B11"))
    expected = np.moveaxis(image, 1, 0)[:, valid]
    assert found.count == (24, 24, 24)
    assert found.mean == pytest.approx(expected.mean(axis=1))
    assert found.std == pytest.approx(expected.std(axis=1))
    assert found.classes == {0: 4 + 12, 7: 4}
    assert found.present == {0: 2, 7: 1}
    assert found.presence == {0: 20, 7: 16}
    again = BandStatistics.from_dict(json.loads(json.dumps(found.to_dict(), sort_keys=True)))
    assert again == found


def test_workers_give_what_one_gives() -> None:
    rng = np.random.default_rng(0)
    batches = [
        _batch(rng.integers(0, 10_000, (4, 2, 8, 8), dtype=np.uint16), label=rng.integers(0, 3, 4)) for _ in range(6)
    ]
    alone = statistics(batches)
    workers = [Gathering() for _ in range(3)]
    for number, batch in enumerate(batches):
        workers[number % 3].add(batch)
    merged = Gathering()
    for one in reversed(workers):
        merged.merge(one)
    assert merged.result() == alone
    assert sum(alone.classes.values()) == 24


def test_series_of_scenes_and_of_pixels() -> None:
    series = np.ones((2, 5, 3, 4, 4), np.float32)
    valid = np.ones((2, 4, 4), bool)
    valid[0, 0, 0] = False
    found = statistics([Batch(series, valid, np.arange(2))])
    assert found.count == ((32 - 1) * 5,) * 3
    pixels = Batch(np.ones((6, 3, 9), np.int16), np.ones((6, 9), bool), np.arange(6))
    assert statistics([pixels]).count == (54,) * 3


def test_what_cannot_be_counted_is_said() -> None:
    with pytest.raises(EarthdexError, match="No pixel was read"):
        statistics([])
    gathering = Gathering()
    gathering.add(_batch(np.zeros((1, 2, 2, 2), np.uint8)))
    with pytest.raises(EarthdexError, match="3 bands of uint8"):
        gathering.add(_batch(np.zeros((1, 3, 2, 2), np.uint8)))
    with pytest.raises(EarthdexError, match="no statistics"):
        Moments(np.dtype(complex))
    with pytest.raises(EarthdexError, match="no band statistics"):
        BandStatistics.from_dict({"bands": 3})


def test_real_chips_agree_with_numpy() -> None:
    rasterio = pytest.importorskip("rasterio")
    paths = sorted(corpus("rasters", "eurosat-small").glob("*/*.tif"))
    images = []
    for path in paths:
        with rasterio.open(path) as source:
            images.append(source.read())
    stack = np.stack(images)
    found = statistics([_batch(stack[:4]), _batch(stack[4:])])
    flat = np.moveaxis(stack, 1, 0).reshape(stack.shape[1], -1).astype(np.float64)
    assert found.mean == pytest.approx(flat.mean(axis=1), rel=1e-13)
    assert found.std == pytest.approx(flat.std(axis=1), rel=1e-10)
    assert found.percentiles[50.0] == tuple(np.percentile(flat, 50, axis=1, method="inverted_cdf"))


def test_class_weights() -> None:
    counts = {0: 900, 1: 90, 2: 10, 3: 0}
    inverse = class_weights(counts)
    assert inverse[3] == 0
    assert [inverse[value] * counts[value] for value in (0, 1, 2)] == pytest.approx([1000 / 3] * 3)
    effective = class_weights(counts, "effective", beta=0.99)
    assert sum(effective.values()) == pytest.approx(3)
    raw = {value: (1 - 0.99) / (1 - 0.99**count) for value, count in counts.items() if count}
    assert effective[2] / effective[0] == pytest.approx(raw[2] / raw[0])
    flat = class_weights(counts, "effective", beta=0.0)
    assert flat[0] == flat[2] == 1
    median = class_weights({0: 50, 1: 30}, "median", presence={0: 100, 1: 30})
    assert median == pytest.approx({0: 0.75 / 0.5, 1: 0.75})
    for wrong in ({}, {0: 0}, {0: -1, 1: 2}):
        with pytest.raises(EarthdexError, match="No class occurs"):
            class_weights(wrong)
    with pytest.raises(EarthdexError, match="beta"):
        class_weights(counts, "effective", beta=1.0)
