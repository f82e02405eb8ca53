"""Monthly composites against a plain numpy oracle, over generated Sentinel-2 scenes and the real Landsat cut."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from ontology.errors import EarthdexError
from tests.corpora import corpus
from training.composites import CompositeRecipe, Composites, clear_pixels, monthly_median, months_between
from training.io import open_bytes
from training.types import Item, Part

SIDE = 48
RECIPE = CompositeRecipe(months=("2021-11", "2021-12", "2022-01", "2022-02"), size=16, batch_size=4, seed=1)
# day, processing offset, how far the scene's grid is moved in pixels
SCENES = (
    ("2021-11-03", 0, 0),
    ("2021-11-13", 0, 4),
    ("2021-12-05", 0, 0),
    ("2022-02-01", -1000, 0),
    ("2022-02-11", -1000, -3),
    ("2022-02-21", -1000, 0),
)


def write(path: Path, values: np.ndarray, moved: int, crs: str = "EPSG:32633") -> None:
    transform = Affine(10, 0, 500_000 + 10 * moved, 0, -10, 5_300_000 - 10 * moved)
    options = {"driver": "GTiff", "crs": crs, "transform": transform, "nodata": 0, "compress": "deflate"}
    count, height, width = values.shape
    with rasterio.open(path, "w", count=count, height=height, width=width, dtype=values.dtype, **options) as file:
        file.write(values)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    """Six scenes of two bands with clouds, nodata and shifted footprints."""
    root = tmp_path_factory.mktemp("scenes")
    random = np.random.default_rng(0)
    items = []
    for number, (day, offset, moved) in enumerate(SCENES):
        values = random.integers(1, 9000, (2, SIDE, SIDE)).astype(np.uint16) - np.uint16(0)
        values[:, random.random((SIDE, SIDE)) < 0.1] = 0
        layer = random.choice(12, (1, SIDE, SIDE)).astype(np.uint8)
        write(root / f"{number}.tif", values, moved)
        write(root / f"{number}_scl.tif", layer, moved)
        items.append(
            Item(
                f"https://example.org/scene/{number}",
                "https://example.org/scenes",
                (
                    Part("image", str(root / f"{number}.tif"), scale=1e-4, offset=offset * 1e-4),
                    Part("scl", str(root / f"{number}_scl.tif")),
                ),
                time=f"{day}T10:00:00Z",
            )
        )
    return items


def oracle(items: list[Item], row: int, column: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The same by loops over pixels and `np.median`."""
    image = np.zeros((4, 2, size, size), np.float64)
    seen = np.zeros((4, size, size), bool)
    opened = []
    for item, (_, _, moved) in zip(items, SCENES, strict=True):
        with rasterio.open(item.parts[0].href) as values, rasterio.open(item.parts[1].href) as layer:
            opened.append((item, moved, values.read(), layer.read(1)))
    for at, month in enumerate(RECIPE.months):
        for y in range(size):
            for x in range(size):
                held = []
                for item, moved, values, layer in opened:
                    r, c = row + y - moved, column + x - moved
                    if item.time[:7] != month or not (0 <= r < SIDE and 0 <= c < SIDE):
                        continue
                    if layer[r, c] in (2, 4, 5, 6, 7, 11) and (values[:, r, c] != 0).all():
                        held.append(values[:, r, c] * 1e-4 + item.parts[0].offset)
                if held:
                    image[at, :, y, x], seen[at, y, x] = np.median(held, axis=0), True
    return image, seen


def test_composites_are_the_medians_of_clear_pixels(scenes: list[Item]) -> None:
    composites = Composites(scenes, RECIPE, open_bytes())
    assert len(composites) == 3
    numbers = []
    for batch in composites.batches(0):
        assert batch.image.shape[1:] == (4, 2, 16, 16)
        for place, number in enumerate(batch.index.tolist()):
            image, seen = oracle(scenes, number // 3 * 16, number % 3 * 16, 16)
            assert np.array_equal(batch.valid[place], seen)
            assert np.allclose(batch.image[place], image, atol=1e-6)
            assert not batch.valid[place][2].any()  # January saw nothing
        numbers += batch.index.tolist()
    assert sorted(numbers) == list(range(9))
    again = Composites(scenes[::-1], RECIPE, open_bytes())
    assert again.batch(0, 1).image.tobytes() == composites.batch(0, 1).image.tobytes()
    assert [one.tolist() for one in composites.numbers(0)] != [one.tolist() for one in composites.numbers(1)]
    assert composites.grid(4).transform[2::3] == (500_160.0, 5_299_840.0)


def test_a_scene_that_cannot_be_read_is_left_out_and_told(scenes: list[Item], tmp_path: Path) -> None:
    (tmp_path / "cut.tif").write_bytes(Path(scenes[0].parts[0].href).read_bytes()[:300])
    write(tmp_path / "far.tif", np.ones((2, 8, 8), np.uint16), 0, "EPSG:32632")
    for bad in ("cut.tif", "far.tif", "none.tif"):
        broken = replace(scenes[1], parts=(replace(scenes[1].parts[0], href=str(tmp_path / bad)), scenes[1].parts[1]))
        composites = Composites([scenes[0], broken, *scenes[2:]], RECIPE, open_bytes())
        without = Composites([scenes[0], *scenes[2:]], RECIPE, open_bytes())
        assert composites.batch(0, 0).image.tobytes() == without.batch(0, 0).image.tobytes()
        assert [one.iri for one in composites.report.skipped] == [scenes[1].iri]


def test_chips_that_see_too_few_months_are_left_out(scenes: list[Item]) -> None:
    few = Composites(scenes[:2], replace(RECIPE, least=2), open_bytes())
    batch = few.batch(0, 0)
    assert batch.image.shape == (0, 4, 2, 16, 16)
    assert len(batch.skipped) == 4


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_medians(count: int) -> None:
    random = np.random.default_rng(count)
    images = [random.random((2, 4, 4), np.float32) for _ in range(count)]
    found, seen = monthly_median(images, [np.ones((4, 4), bool)] * count, (2, 4, 4))
    assert np.allclose(found, np.median(images, axis=0))
    assert seen.all()


def test_landsat_reflectances_without_clouds() -> None:
    root = corpus("rasters", "landsat-c2-l2")
    name = "LC08_L2SP_017036_20130419_20200913_02_T2"
    bands = tuple(
        Part("image", str(root / f"{name}_SR_B{band}.TIF"), names=(f"B{band}",), scale=2.75e-5, offset=-0.2)
        for band in (4, 5)
    )
    quality = Part("qa_pixel", str(root / f"{name}_QA_PIXEL.TIF"))
    item = Item("https://example.org/landsat", "https://example.org/c2", (*bands, quality), time="2013-04-19")
    recipe = CompositeRecipe(months=("2013-04", "2013-05"), size=128, batch_size=4, shuffle=False)
    composites = Composites([item], recipe, open_bytes())
    with rasterio.open(quality.href) as file:
        bits = file.read(1)
    clear = (bits & 0b11111) == 0
    batch = composites.batch(0, 0)
    for place, number in enumerate(batch.index.tolist()):
        row, column = divmod(number, 4)
        window = slice(row * 128, row * 128 + 128), slice(column * 128, column * 128 + 128)
        valid = clear[window].copy()
        for channel, part in enumerate(bands):
            with rasterio.open(part.href) as file:
                stored = file.read(1)[window]
            valid &= stored != 0
            where = batch.valid[place][0]
            assert np.allclose(batch.image[place][0, channel][where], (stored * 2.75e-5 - 0.2)[where], atol=1e-5)
        assert np.array_equal(batch.valid[place][0], valid)
        assert not batch.valid[place][1].any()
    assert clear.mean() < 1


def test_composites_are_read_by_the_adapters(scenes: list[Item]) -> None:
    torch = pytest.importorskip("torch")
    from tests.training.adapters.made import made_lock
    from training.adapters.source import Source
    from training.adapters.torch_loader import Loader
    from training.adapters.torch_stream import Batches

    source = Source(made_lock(), make=partial(Composites, scenes, RECIPE, open_bytes()))
    batches = list(Loader(Batches(source)))
    assert sorted(torch.cat([one["index"] for one in batches]).tolist()) == list(range(9))
    assert batches[0]["image"].shape == (4, 4, 2, 16, 16)
    assert batches[0]["valid"].shape == (4, 4, 16, 16)
    pytest.importorskip("xarray")
    from training.adapters.xarray import xarray_chips

    chip = next(xarray_chips(source))
    assert chip["image"].dims == ("time", "band", "y", "x")
    assert str(chip["time"].values[1])[:10] == "2021-12-01"
    assert chip["valid"].dims == ("time", "y", "x")


def test_layers_and_months() -> None:
    assert months_between("2020-11", "2021-02") == ("2020-11", "2020-12", "2021-01", "2021-02")
    with pytest.raises(EarthdexError, match="before"):
        months_between("2021-01", "2020-12")
    with pytest.raises(EarthdexError, match="no months"):
        months_between("spring", "2020-12")
    classes = np.arange(12)
    assert np.flatnonzero(clear_pixels(classes, "scl")).tolist() == [2, 4, 5, 6, 7, 11]
    assert np.flatnonzero(clear_pixels(classes, "scl", snow=False)).tolist() == [2, 4, 5, 6, 7]
    assert clear_pixels(np.array([0, 1, 2, 4, 8, 16, 32, 64], np.uint16), "qa_pixel").tolist() == [True] + [
        False
    ] * 5 + [
        True,
        True,
    ]
