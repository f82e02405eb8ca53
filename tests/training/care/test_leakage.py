"""Leakage: area, scenes, days and pixels that two sets share; unknown where it could not be checked."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import box

from ontology.errors import EarthdexError
from tests.corpora import corpus
from tests.training.care.make import box_item, field, item, utm_item
from training.care.duplicates import Fingerprints, find_duplicates
from training.care.leakage import leakage
from training.care.nearness import least_metres
from training.care.overlap import candidates
from training.care.splits import split_items

GEOD = Geod(ellps="WGS84")


@given(st.integers(0, 1_000), st.sampled_from([(16.0, 48.0), (179.98, -17.0), (0.0, 0.0), (-180.0, 70.0)]))
@hypothesis_settings(max_examples=25)
def test_overlaps_agree_with_plain_boxes(seed: int, site: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    sets = [
        [
            (site[0] + float(x), site[1] + float(y), 0.02)
            for x, y in rng.integers(-5, 5, (count, 2)) / 100.0 + rng.choice([0.0, 0.005], (count, 2))
        ]
        for count in (6, 5)
    ]
    a, b = (
        [box_item(f"{name}{n}", *place) for n, place in enumerate(one)] for name, one in zip("ab", sets, strict=True)
    )
    told = leakage(a, b).comparisons[0]
    plain = [[box(x, y, x + size, y + size) for x, y, size in one] for one in sets]
    shared = [[one.intersection(other).area > 1e-9 for one in plain[0]] for other in plain[1]]
    assert told.findings["space"].right == sum(any(row) for row in shared)
    assert told.findings["space"].left == sum(any(column) for column in zip(*shared, strict=True))
    both = box(0, 0, 0, 0)
    for one in plain[0]:
        for other in plain[1]:
            both = both.union(one.intersection(other))
    area = abs(GEOD.geometry_area_perimeter(both)[0]) / 1e6 if both.area else 0.0
    assert told.area_km2 == pytest.approx(area, rel=2e-4, abs=1e-4)


@given(
    st.integers(0, 500),
    st.sampled_from([0.001, 0.1, 0.9]),
    st.sampled_from([(0.0, 0.0), (180.0, 89.0), (-180.0, -60.0)]),
)
@hypothesis_settings(max_examples=20)
def test_the_coarse_grid_loses_no_box_that_meets_another(seed: int, size: float, site: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    sets = []
    for _ in range(2):
        corner = rng.uniform(-8 * size, 8 * size, (6_000, 2)) + site
        corner[:, 0] = (corner[:, 0] + 180) % 360 - 180
        corner[:, 1] = np.clip(corner[:, 1], -90, 90 - size)
        wide = rng.uniform(0, size, (6_000, 2))
        sets.append(np.concatenate([corner, corner + wide], axis=1))
    sets[0][0] = np.nan
    kept = candidates(sets[0], sets[1])
    left = np.isnan(kept[0][:, 0])
    assert left[0]
    for number in np.flatnonzero(left)[1:50].tolist():
        assert not (least_metres(np.repeat(sets[0][number : number + 1], 6_000, axis=0), sets[1]) == 0).any()


def test_neighbours_share_nothing_and_halves_share_half() -> None:
    chips = [utm_item(n, 500_000 + 640 * n, 5_300_000) for n in range(4)]
    told = leakage(chips[::2], chips[1::2]).comparisons[0]
    assert told.findings["space"].answer == "no"
    half = leakage(chips[:1], [utm_item("x", 500_320, 5_300_000)]).comparisons[0]
    assert half.area_km2 == pytest.approx(0.32 * 0.64, rel=2e-3)
    near = leakage(chips[:1], chips[3:], near_m=2_000).comparisons[0]
    assert near.findings["near"].answer == "yes"
    assert near.findings["space"].answer == "no"


def test_points_are_shared_by_being_there() -> None:
    point, same, inside = (item(n, bbox=(16.0, 48.0, 16.0, 48.0)) for n in range(3))
    assert leakage([point], [same]).comparisons[0].findings["space"].answer == "yes"
    assert leakage([point], [box_item("x", 15.99, 47.99)]).comparisons[0].findings["space"].answer == "yes"
    assert leakage([inside], [item("y", bbox=(16.0, 48.1, 16.0, 48.1))]).comparisons[0].findings["space"].answer == "no"
    split = split_items([point, same], "random", fractions={"a": 0.5, "b": 0.5}, buffer_m=0)
    assert sum(map(len, split.values())) == 1


def test_the_same_place_on_the_same_day() -> None:
    one = [box_item(n, 16, 48, time=f"2018-06-{n + 1:02d}") for n in range(10)]
    other = [box_item(f"x{n}", 16.01, 48, time=f"2018-06-{n + 8:02d}T10:00:00Z") for n in range(10)]
    assert leakage(one, other).comparisons[0].findings["date"].right == 3
    assert leakage(one, other, near_days=2).comparisons[0].findings["date"].right == 5
    assert leakage(one, other).comparisons[0].findings["date"].left == 3
    far = [box_item(f"x{n}", 20, 48, time=f"2018-06-{n + 1:02d}") for n in range(10)]
    assert leakage(one, far).comparisons[0].findings["date"].answer == "no"


def test_one_acquisition_under_two_names() -> None:
    a = item(1, scene="S2A_MSIL1C_20180601T100031_N0206_R122_T33UXP_20180601T120000.SAFE")
    b = item(2, scene="S2A_MSIL2A_20180601T100031_N0500_R122_T33UXP_20230101T000000")
    c = item(3, scene="S2A_MSIL2A_20180611T100031_N0500_R122_T33UXP_20230101T000000")
    assert leakage([a], [b]).comparisons[0].findings["scene"].answer == "yes"
    assert leakage([a], [c]).comparisons[0].findings["scene"].answer == "no"


def test_what_cannot_be_checked_is_unknown_not_no() -> None:
    told = leakage([item(1)], [box_item(2, 16, 48)]).comparisons[0]
    assert told.answer == "unknown"
    assert told.findings["space"].unchecked == 1
    assert told.findings["scene"].answer == "unknown"


def test_folds_of_a_split_and_of_the_publisher() -> None:
    items = field(300)
    careful = split_items(items, block_m=10_000, buffer_m=1_000)
    clean = leakage(items, careful, near_m=1_000)
    assert len(clean.comparisons) == 3
    assert {one.findings["space"].answer for one in clean.comparisons} == {"no"}
    assert {one.findings["near"].answer for one in clean.comparisons} == {"no"}
    careless = split_items(items, "random")
    assert leakage(items, careless).answer == "yes"
    published = [box_item(n, 16, 48, fold=("train", "test")[n % 2]) for n in range(4)]
    told = leakage(published)
    assert told.answer == "yes"
    assert "test (2) and train (2): yes" in told.text()
    json.dumps(told.to_dict())
    with pytest.raises(EarthdexError, match="names no folds"):
        leakage(items)


def _pictures(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(count, 2, 16, 16))
    fine = np.kron(coarse, np.ones((4, 4))) + 0.1 * rng.normal(size=(count, 2, 64, 64))
    return (fine * 400 + 3_000).astype(np.uint16)


def test_pixels_alike_are_found_whatever_was_done_to_them() -> None:
    rng = np.random.default_rng(1)
    images = _pictures(60)
    changed = images.copy().astype(float)
    changed[1] = changed[1] * 1.7 - 500
    changed[2] += rng.normal(scale=8, size=changed[2].shape)
    changed[3] = changed[3][:, ::2, ::2].repeat(2, 1).repeat(2, 2)
    one = Fingerprints.of(images)
    same = find_duplicates(one, Fingerprints.of(images[:1]))
    assert same.exact.tolist() == [[0, 0]]
    for number in (1, 2, 3):
        found = find_duplicates(one, Fingerprints.of(changed[number : number + 1].astype(np.uint16)))
        assert [number, 0] in found.near.tolist(), number
        assert len(found.near) == 1
    turned = Fingerprints.of(np.rot90(images[5:6], axes=(2, 3)))
    assert not len(find_duplicates(one, turned).near)
    assert find_duplicates(one, turned, turned=True).near.tolist() == [[5, 0]]
    assert not len(find_duplicates(one).near)
    double = Fingerprints.joined([one, Fingerprints(one.exact[:2], one.bits[:2], one.small[:2], np.array([60, 61]))])
    assert find_duplicates(double).exact.tolist() == [[0, 60], [1, 61]]


def test_flat_chips_are_no_lookalikes() -> None:
    flat = np.stack([np.full((1, 32, 32), value, np.uint8) for value in range(10)])
    found = find_duplicates(Fingerprints.of(flat))
    assert not len(found.near)
    assert not len(found.exact)
    assert len(find_duplicates(Fingerprints.of(np.zeros((3, 1, 8, 8), np.uint8))).exact) == 3


def test_real_chips_are_told_apart() -> None:
    rasterio = pytest.importorskip("rasterio")
    images = []
    for path in sorted(corpus("rasters", "eurosat-small").glob("*/*.tif")):
        with rasterio.open(path) as source:
            images.append(source.read())
    stack = np.stack(images)
    prints = Fingerprints.of(stack)
    assert not len(find_duplicates(prints).near)
    darker = Fingerprints.of((stack * 0.8 + 20).astype(np.uint16))
    assert find_duplicates(prints, darker).near.tolist() == [[n, n] for n in range(len(stack))]


def test_pixels_of_folds() -> None:
    images = _pictures(6)
    images[5] = images[0]
    items = [item(n, scene=f"s{n}") for n in range(6)]
    told = leakage(items, {"train": [3, 0, 1], "test": [5, 2]}, prints=Fingerprints.of(images)).comparisons[0]
    assert told.findings["duplicate"].examples[0][:2] == (items[0].iri, items[5].iri)
    assert told.findings["lookalike"].answer == "no"
    missing = leakage(items, {"train": [1], "test": [2, 3]}, prints=Fingerprints.of(images[:3])).comparisons[0]
    assert missing.findings["duplicate"].answer == "unknown"
