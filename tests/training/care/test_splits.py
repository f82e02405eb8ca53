"""Splits: what they promise holds for any units, near the dateline and the poles too."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyproj import Geod

from ontology.errors import EarthdexError
from tests.training.care.make import box_item, field, item, utm_item
from training.care.blocks import EARTH_AREA, Blocks
from training.care.nearness import least_metres
from training.care.sampling import draw_by_class
from training.care.splits import Split, split_items
from training.care.units import to_degrees, units_of
from training.types import Chip, Grid, Item

GEOD = Geod(ellps="WGS84")

# corners of the world where longitudes misbehave, and an ordinary one
_SITES = st.sampled_from([(16.0, 48.0), (179.9, -17.0), (-179.99, 66.0), (10.0, 89.6), (-70.0, -89.5), (0.0, 0.0)])


@st.composite
def clusters(draw: st.DrawFn) -> list[Item]:
    """Items crowded around one or two sites, some of them parts of one scene."""
    items = []
    for cluster in range(draw(st.integers(1, 2))):
        lon, lat = draw(_SITES)
        for number in range(draw(st.integers(3, 12))):
            x = lon + draw(st.floats(-0.5, 0.5))
            y = min(89.99, max(-90.0, lat + draw(st.floats(-0.3, 0.3))))
            scene = draw(st.sampled_from(["", "", f"scene-{cluster}", "scene-x"]))
            items.append(box_item(f"{cluster}-{number}", x, y, draw(st.sampled_from([0.001, 0.01, 0.05])), scene=scene))
    return items


def _edge(item: Item, steps: int = 4) -> np.ndarray:
    """Points along the outline of an item, degrees."""
    assert item.bbox is not None
    west, south, east, north = item.bbox
    east = east + 360 if east < west else east
    u = np.linspace(0, 1, steps)
    lon = np.concatenate(
        [west + u * (east - west), np.full(steps, east), east - u * (east - west), np.full(steps, west)]
    )
    lat = np.concatenate(
        [np.full(steps, south), south + u * (north - south), np.full(steps, north), north - u * (north - south)]
    )
    return np.stack([lon, lat], axis=1)


def _nearest(one: Item, other: Item) -> float:
    """The least geodesic distance between points of two outlines: never less than the true distance."""
    a, b = _edge(one), _edge(other)
    left, right = np.repeat(a, len(b), axis=0), np.tile(b, (len(a), 1))
    _, _, metres = GEOD.inv(left[:, 0], left[:, 1], right[:, 0], right[:, 1])
    return float(np.min(metres))


@given(clusters(), st.sampled_from([0.0, 500.0, 5_000.0]), st.sampled_from([1_000.0, 20_000.0]), st.integers(0, 3))
@hypothesis_settings(max_examples=60)
def test_folds_keep_their_distance_and_their_scenes(items: list[Item], buffer: float, block: float, seed: int) -> None:
    try:
        split = split_items(
            items, "blocks", fractions={"train": 0.6, "test": 0.4}, block_m=block, buffer_m=buffer, seed=seed
        )
    except EarthdexError as error:
        assert "blocks for 2 folds" in error.message
        return
    for left in split["train"]:
        for right in split["test"]:
            assert _nearest(items[left], items[right]) >= buffer
            assert not items[left].scene or items[left].scene != items[right].scene


@given(clusters(), st.sampled_from(["blocks", "scene", "tile", "random", "stratified"]), st.integers(0, 5))
@hypothesis_settings(max_examples=60)
def test_every_unit_is_in_one_fold_or_left_out_with_a_reason(items: list[Item], method: str, seed: int) -> None:
    try:
        split = split_items(items, method, fractions={"train": 0.5, "test": 0.5}, seed=seed)  # type: ignore[arg-type]
    except EarthdexError:
        return
    everything = np.concatenate([*split.values(), *(one.numbers for one in split.dropped)])
    assert sorted(everything.tolist()) == list(range(len(items)))
    assert all(one.reason for one in split.dropped)


@given(clusters(), st.sampled_from(["blocks", "scene", "random", "stratified"]), st.integers(0, 5), st.randoms())
@hypothesis_settings(max_examples=60)
def test_the_order_of_units_does_not_matter(items: list[Item], method: str, seed: int, rng: random.Random) -> None:
    def folds(units: list[Item]) -> dict[str, set[str]]:
        split = split_items(units, method, fractions={"train": 0.5, "test": 0.5}, seed=seed)  # type: ignore[arg-type]
        return {name: {units[one].iri for one in numbers} for name, numbers in split.items()}

    mixed = list(items)
    rng.shuffle(mixed)
    try:
        first = folds(items)
    except EarthdexError:
        return
    assert folds(mixed) == first


@given(st.integers(0, 50), st.sampled_from([{"a": 0.5, "b": 0.5}, {"a": 0.8, "b": 0.1, "c": 0.1}]))
@hypothesis_settings(max_examples=30)
def test_fractions_are_met_to_within_the_heaviest_group(seed: int, fractions: dict[str, float]) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 30, 60)
    items = [item(f"{group}-{n}", scene=f"s{group}") for group, size in enumerate(sizes) for n in range(size)]
    split = split_items(items, "scene", fractions=fractions, seed=seed)
    for name, share in fractions.items():
        assert abs(len(split[name]) - share * len(items)) <= sizes.max() * (len(fractions) - 1)


def test_seeds_differ() -> None:
    items = field(200)
    one = split_items(items, seed=1, buffer_m=0)
    other = split_items(items, seed=2, buffer_m=0)
    assert set(one["test"].tolist()) != set(other["test"].tolist())


@given(
    st.floats(-180, 179.99),
    st.floats(-90, 89.9),
    st.floats(-180, 179.99),
    st.floats(-90, 89.9),
    st.floats(0, 0.1),
    st.floats(0, 0.1),
)
@example(-179.99999999999997, 0.0, -180.0, 0.0625, 0.0625, 0.0)
@example(-179.99999999999997, 0.0, -180.0, 0.0, 0.0, 0.0)
def test_the_bound_of_a_distance_is_below_it_and_near_it(
    x1: float, y1: float, x2: float, y2: float, size1: float, size2: float
) -> None:
    one, other = box_item(1, x1, y1, size1), box_item(2, x2, y2, size2)
    boxes = units_of([one, other]).boxes
    bound = float(least_metres(boxes[:1], boxes[1:])[0])
    sampled = _nearest(one, other)
    assert bound <= sampled + 1e-6
    apart = sampled - 1.2 * 111_000 * (size1 + size2)
    # below, rounding is worth more
    if 20.0 < apart < 1e7:
        assert bound >= 0.98 * apart


def test_blocks_have_one_area_everywhere() -> None:
    grid = Blocks(200_000)
    assert grid.area_m2 == pytest.approx(4e10, rel=0.02)
    rng = np.random.default_rng(0)
    z = rng.uniform(-1, 1, 400_000)
    lon, lat = rng.uniform(-180, 180, len(z)), np.degrees(np.arcsin(z))
    counts = np.bincount(grid.of(lon, lat), minlength=len(grid))
    expected = len(z) / len(grid)
    assert counts.min() > 0.3 * expected
    assert counts.max() < 2.0 * expected
    assert pytest.approx(5.1006562e14, rel=1e-6) == EARTH_AREA
    for point in ((-180.0, 10.0), (180.0, 10.0), (0.0, 90.0), (0.0, -90.0)):
        number = int(grid.of(np.array([point[0]]), np.array([point[1]]))[0])
        assert 0 <= number < len(grid)
    assert grid.of(np.array([180.0]), np.array([5.0])) == grid.of(np.array([-180.0]), np.array([5.0]))


def test_chips_of_one_raster_are_split_by_blocks_only_when_asked() -> None:
    raster = utm_item(1, 500_000, 5_300_000, 4_096, scene="S2A")
    chips = [
        (raster, Chip(n, 0, row, column, 256, 256))
        for n, (row, column) in enumerate((r, c) for r in range(0, 4096, 256) for c in range(0, 4096, 256))
    ]
    with pytest.raises(EarthdexError, match="blocks for 3 folds"):
        split_items(chips, block_m=5_000)
    split = split_items(chips, block_m=5_000, buffer_m=0, scenes="free")
    assert sum(map(len, split.values())) == len(chips)  # neighbours touch, but do not overlap
    nearer = split_items(chips, block_m=5_000, buffer_m=500, scenes="free")
    assert nearer.dropped
    assert "500 m" in nearer.dropped[0].reason
    assert len(nearer["test"]) == len(split["test"])


def test_grids_in_any_crs_have_footprints() -> None:
    units = units_of(
        [
            utm_item(1, 500_000, 5_300_000),
            item(2, grid=Grid("EPSG:3413", (1_000.0, 0.0, -50_000.0, 0.0, -1_000.0, 50_000.0), 100, 100)),
            item(3, grid=Grid("EPSG:32601", (10.0, 0.0, 340_000.0, 0.0, -10.0, 7_000_000.0), 2_000, 2_000)),
            item(4, grid=Grid('LOCAL_CS["moon"]', (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 10, 10)),
            item(5),
        ]
    )
    assert units.placed.tolist() == [True, True, True, False, False]
    assert units.boxes[1].tolist()[0::2] == [-180.0, 180.0]
    assert units.boxes[1, 3] == 90.0
    assert units.boxes[2, 2] > 180.0 > units.boxes[2, 0] > 170


@given(
    st.sampled_from(
        ["EPSG:32633", "EPSG:32601", "EPSG:32760", "EPSG:3413", "EPSG:3031", "EPSG:3857", "EPSG:4326", "EPSG:6933"]
    ),
    st.floats(-0.9, 0.9),
    st.floats(-0.9, 0.9),
    st.sampled_from([0.0001, 0.01, 0.1]),
    st.floats(0, 360),
    st.integers(0, 100),
)
def test_the_box_of_a_window_holds_every_point_of_it(
    crs: str, x: float, y: float, size: float, turned: float, seed: int
) -> None:
    reach = {"EPSG:4326": (180.0, 90.0), "EPSG:3857": (2e7, 2e7), "EPSG:6933": (1.7e7, 7e6)}
    span = reach.get(crs, (4e6, 4e6) if crs in ("EPSG:3413", "EPSG:3031") else (3e5, 9e6))
    middle = (5e5, 1e7 if crs == "EPSG:32760" else 0.0) if crs.startswith("EPSG:32") else (0.0, 0.0)
    if crs == "EPSG:32760":
        y = -abs(y)
    pixel = size * min(span) / 100
    cos, sin = np.cos(np.radians(turned)) * pixel, np.sin(np.radians(turned)) * pixel
    grid = Grid(crs, (cos, -sin, middle[0] + x * span[0], sin, cos, middle[1] + y * span[1]), 100, 100)
    units = units_of([item(1, grid=grid)])
    if not units.placed[0]:
        return
    west, south, east, north = units.boxes[0]
    u, v = np.random.default_rng(seed).uniform(0, 100, (2, 60))
    a, b, c, d, e, f = grid.transform
    transform = to_degrees(crs)
    assert transform is not None
    lon, lat = transform.transform(a * u + b * v + c, d * u + e * v + f)
    good = np.isfinite(lon) & np.isfinite(lat)
    assert ((south - 1e-6 <= lat) & (lat <= north + 1e-6))[good].all()
    assert (((lon - west + 1e-6) % 360 <= east - west + 2e-6) | (np.abs(lat) > 89.9999))[good].all()


def test_time_is_cut_between_days() -> None:
    items = [item(n, time=f"2018-{1 + n % 12:02d}-{1 + n % 28:02d}T10:00:00Z") for n in range(300)]
    split = split_items(items, "time", cuts=["2018-09", "2018-11-01"])
    months = {name: {items[one].time[5:7] for one in numbers} for name, numbers in split.items()}
    assert months == {
        "train": {f"{n:02d}" for n in range(1, 9)},
        "validation": {"09", "10"},
        "test": {"11", "12"},
    }
    fair = split_items(items, "time", gap_days=5)
    ends = [max(items[one].time[:10] for one in fair[name]) for name in ("train", "validation")]
    starts = [min(items[one].time[:10] for one in fair[name]) for name in ("validation", "test")]
    assert all(
        np.datetime64(start) - np.datetime64(end) >= np.timedelta64(5, "D")
        for end, start in zip(ends, starts, strict=True)
    )
    years = split_items([*items, item("x")], "time", folds={"train": ["2018-01/2018-06"], "test": ["2018-08"]})
    assert {one.reason: len(one.numbers) for one in years.dropped}["its time is not known"] == 1


def test_regions_by_code_shape_or_chance() -> None:
    import shapely

    items = [item(n, country="AT" if n % 3 else "DE") for n in range(30)] + [item("x")]
    split = split_items(items, "region", folds={"test": ["at"]})
    assert len(split["test"]) == 20
    assert len(split["train"]) == 10
    assert split.dropped[0].reason == "its country is not known"
    placed = field(50)
    shape = shapely.box(16.4, 47, 18, 50)
    inside = split_items(placed, "region", folds={"test": [shape]})
    assert len(inside["test"]) == sum((one.bbox[0] + one.bbox[2]) / 2 > 16.4 for one in placed if one.bbox)
    west = {"type": "Polygon", "coordinates": [[[16.4, 47], [18, 47], [18, 50], [16.4, 50], [16.4, 47]]]}
    same = split_items(placed, "region", folds={"test": [west]})
    assert same["test"].tolist() == inside["test"].tolist()
    chance = split_items([item(n, country=f"A{chr(65 + n % 20)}") for n in range(200)], "region")
    assert sum(map(len, chance.values())) == 200


def test_classes_keep_their_shares() -> None:
    rng = np.random.default_rng(1)
    items = [item(n, label=int(rng.choice(4, p=[0.7, 0.2, 0.08, 0.02])), scene=f"s{n // 5}") for n in range(2_000)]
    split = split_items(items, "stratified", fractions={"train": 0.8, "test": 0.2})
    labels = np.array([one.label for one in items])
    for value in range(4):
        assert np.mean(labels[split["test"]] == value) == pytest.approx(np.mean(labels == value), abs=0.01)
    assert not {items[n].scene for n in split["train"]} & {items[n].scene for n in split["test"]}


def test_the_publishers_folds() -> None:
    items = [item(n, fold=["train", "Val", "testing", ""][n % 4]) for n in range(40)]
    split = split_items(items, "publisher")
    assert {name: len(numbers) for name, numbers in split.items()} == {"train": 10, "validation": 10, "test": 10}
    with pytest.raises(EarthdexError, match="names no folds"):
        split_items([item(1)], "publisher")


def test_tiles_stay_together_through_the_seasons() -> None:
    names = [
        f"S2A_MSIL2A_2018{month:02d}01T100031_N0207_R122_T33U{letter}P_2018{month:02d}01T120000.SAFE"
        for month in range(1, 7)
        for letter in "VWX"
    ]
    items = [item(n, scene=name) for n, name in enumerate(names)]
    split = split_items(items, "tile", fractions={"train": 0.6, "test": 0.4})
    tiles = {name: {names[one].split("_T")[1][:5] for one in numbers} for name, numbers in split.items()}
    assert not tiles["train"] & tiles["test"]


def test_odd_places_are_unknown_or_whole() -> None:
    nan, inf = float("nan"), float("inf")
    grids = [
        Grid("EPSG:999999", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 10, 10),
        Grid("no such thing", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 10, 10),
        Grid("EPSG:32633", (nan, 0.0, 0.0, 0.0, -1.0, 0.0), 10, 10),
        Grid("EPSG:32633", (1e300, 0.0, 0.0, 0.0, -1e300, 0.0), 10, 10),
        Grid("IAU_2015:30100", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 10, 10),
    ]
    lost = [item(n, grid=grid) for n, grid in enumerate(grids)]
    lost += [item("nan", bbox=(nan, 0, 1, 1)), item("inf", bbox=(inf, 0, 1, 1)), item("upside", bbox=(0, 50, 1, 40))]
    assert not units_of(lost).placed.any()
    whole = units_of([item("w", bbox=(-1000, 0, 1000, 10)), item("v", bbox=(-180, -90, 180, 90))]).boxes
    assert (whole[:, 2] - whole[:, 0] == 360).all()
    assert units_of([item("o", bbox=(10, 45, 11, 46), grid=grids[1])]).boxes[0].tolist() == [10, 45, 11, 46]


def test_bad_options_are_said() -> None:
    items = field(10)
    for wrong, message in (
        ({"method": "magic"}, "no split by 'magic'"),
        ({"fractions": {"train": 0.9}}, "no split"),
        ({"fractions": {"train": 0.9, "test": float("nan")}}, "no split"),
        ({"blocksize": 3}, "no option 'blocksize'"),
        ({"block_m": 1.0}, "cannot be made"),
        ({"buffer_m": -1.0}, "buffer"),
        ({"method": "time", "cuts": ["yesterday"]}, "no period"),
        ({"method": "region", "folds": {"test": ["Austria"]}}, "no country code"),
    ):
        with pytest.raises(EarthdexError, match=message):
            split_items(items, **wrong)  # type: ignore[arg-type]
    with pytest.raises(EarthdexError, match="nothing to split"):
        split_items([])


def test_a_split_tells_what_it_did() -> None:
    split = split_items([*field(100), item("x")], seed=3)
    assert isinstance(split, Split)
    told = split.to_dict()
    assert told["folds"].keys() == {"train", "validation", "test"}
    assert sum(told["folds"].values()) + sum(one["units"] for one in told["dropped"]) == 101
    assert "left out: 1, its place is not known" in split.text()


@given(st.lists(st.integers(0, 4), max_size=60), st.integers(0, 80), st.sampled_from(["proportional", "equal"]))
def test_chips_are_drawn_by_class(labels: list[int], size: int, how: str) -> None:
    keys = [f"chip {n}" for n in range(len(labels))]
    drawn = draw_by_class(labels, keys, size, how=how, least=0)  # type: ignore[arg-type]
    assert len(drawn) == min(size, len(labels)) == len(set(drawn.tolist()))
    for value in set(labels):
        share, got = labels.count(value), sum(labels[one] == value for one in drawn)
        if how == "proportional":
            assert abs(got - len(drawn) * share / len(labels)) < 1
        else:
            others = [sum(labels[n] == other for n in drawn) for other in set(labels)]
            assert got == share or got >= max(others) - 1


def test_a_draw_keeps_rare_classes() -> None:
    labels = [0] * 990 + [1] * 10
    keys = [str(n) for n in range(1_000)]
    drawn = draw_by_class(labels, keys, 20, least=3)
    assert sum(labels[one] for one in drawn) == 3
    with pytest.raises(EarthdexError, match="too few"):
        draw_by_class(labels, keys, 3, least=3)
