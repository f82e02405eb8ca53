"""Streams over real rasters served from loopback, with classes from the real catalogue."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch

from kg.home import Home
from ontology.errors import NotFound, RasterError
from tests.corpora import corpus
from training.stream import stream

Serve = Callable[[Path], str]


def test_eurosat_chips_over_http_carry_the_classes_of_the_graph(builtin_home: Home, serve_folder: Serve) -> None:
    root = serve_folder(corpus("rasters", "eurosat-small"))
    batches = stream("EuroSAT", home=builtin_home, root=root, batch_size=4, seed=1)
    names = {one.value: one.name for one in batches.classes}
    assert len(names) == 10
    seen: dict[str, int] = {}
    for batch in batches:
        assert batch["image"].shape[1:] == (13, 64, 64)
        assert batch["image"].dtype == torch.uint16
        assert batch["label"].dtype == torch.int64
        seen |= dict(zip(batch["href"], batch["label"].tolist(), strict=True))
    assert len(seen) == 6
    for href, value in seen.items():
        folder = href.rsplit("/", 2)[1]
        assert names[value].replace(" ", "").casefold() == folder.casefold()
    assert batches.report.skipped == []


def test_pixels_are_those_of_the_file(builtin_home: Home) -> None:
    root = corpus("rasters", "eurosat-small")
    for batch in stream("EuroSAT", home=builtin_home, root=root, batch_size=2, bands=[4, 3, 2]):
        for image, href in zip(batch["image"], batch["href"], strict=True):
            with rasterio.open(href) as source:
                assert np.array_equal(image.numpy(), source.read([4, 3, 2]))


def test_flood_pairs_over_http(builtin_home: Home, serve_folder: Serve) -> None:
    root = serve_folder(corpus("rasters", "sen1floods11"))
    batches = stream("Sen1Floods11", home=builtin_home, root=root, image="S1/*_S1Hand.tif", batch_size=1)
    (batch,) = batches
    assert batch["image"].shape == (1, 2, 512, 512)
    assert batch["mask"].shape == (1, 512, 512)
    assert set(batch["mask"].unique().tolist()) <= {-1, 0, 1}
    values = {one.value for one in batches.classes}
    assert {0, 1} <= values


def test_several_images_for_one_mask_ask_which_is_meant(builtin_home: Home) -> None:
    with pytest.raises(NotFound, match="Several images share one mask"):
        stream("Sen1Floods11", home=builtin_home, root=corpus("rasters", "sen1floods11"))


def test_burn_scar_pairs_over_http(builtin_home: Home, serve_folder: Serve) -> None:
    root = serve_folder(corpus("rasters", "burn-scars"))
    (first, second) = stream("HLS Burn Scars", home=builtin_home, root=root, batch_size=2, seed=3)
    assert first["image"].shape == second["image"].shape == (2, 10, 224, 224)
    assert first["mask"].dtype == torch.int64
    assert len({*first["href"], *second["href"]}) == 4


def test_a_small_model_learns_water_from_a_real_scene(builtin_home: Home) -> None:
    root = corpus("rasters", "sen1floods11")
    batches = stream("Sen1Floods11", home=builtin_home, root=root, image="S2/*_S2Hand.tif", batch_size=1)
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.BatchNorm2d(13), torch.nn.Conv2d(13, 8, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1)
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(15):
        for batch in batches:
            pixels = torch.where(batch["valid"].unsqueeze(1), batch["image"].float(), 0.0)
            loss = torch.nn.functional.cross_entropy(model(pixels), batch["mask"], ignore_index=-1)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_the_same_seed_gives_the_same_batches_and_epochs_differ(builtin_home: Home) -> None:
    root = corpus("rasters", "eurosat-small")

    def order(seed: int) -> list[list[str]]:
        batches = stream("EuroSAT", home=builtin_home, root=root, batch_size=6, seed=seed)
        return [href for _ in range(3) for href in [next(iter(batches))["href"]]] and [
            batch["href"] for _ in range(3) for batch in batches
        ]

    assert order(5) == order(5)
    assert order(5) != order(6)
    epochs = order(5)
    assert epochs[0] != epochs[1]
    assert sorted(epochs[0]) == sorted(epochs[1])


def test_it_stands_behind_a_dataloader(builtin_home: Home) -> None:
    batches = stream("EuroSAT", home=builtin_home, root=corpus("rasters", "eurosat-small"), batch_size=3)
    loaded = list(torch.utils.data.DataLoader(batches, batch_size=None))
    assert [len(batch["label"]) for batch in loaded] == [3, 3]
    assert len(batches) == 2


def test_dataloader_workers_share_the_samples(builtin_home: Home) -> None:
    batches = stream("EuroSAT", home=builtin_home, root=corpus("rasters", "eurosat-small"), batch_size=2)
    loader = torch.utils.data.DataLoader(batches, batch_size=None, num_workers=2, multiprocessing_context="spawn")
    hrefs = [href for batch in loader for href in batch["href"]]
    assert len(hrefs) == len(set(hrefs)) == 6


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """Six good chips and five bad ones, each bad in its own way."""
    root = tmp_path / "chips"
    shutil.copytree(corpus("rasters", "eurosat-small"), root)
    forest = root / "Forest"
    whole = (forest / "Forest_1.tif").read_bytes()
    (forest / "cut.tif").write_bytes(whole[: len(whole) // 3])
    (forest / "text.tif").write_text("not a raster")
    (forest / "empty.tif").write_bytes(b"")
    (forest / "vrt.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    shutil.copy(corpus("rasters", "edge-cases", "cog_rgba.tif"), forest / "rgba.tif")
    return root


def test_bad_chips_are_left_out_and_reported(builtin_home: Home, spoiled: Path) -> None:
    batches = stream("EuroSAT", home=builtin_home, root=spoiled, batch_size=4, shuffle=False)
    read = [href for batch in batches for href in batch["href"]]
    assert len(read) == 6
    assert batches.report.read == 6
    assert {Path(href).name for href, _ in batches.report.skipped} == {
        "cut.tif",
        "text.tif",
        "empty.tif",
        "vrt.tif",
        "rgba.tif",
    }
    assert all(reason for _, reason in batches.report.skipped)


def test_strict_mode_stops_at_the_first_bad_chip_and_names_it(builtin_home: Home, spoiled: Path) -> None:
    with pytest.raises(RasterError, match=r"\.tif"):
        list(stream("EuroSAT", home=builtin_home, root=spoiled, strict=True))


def test_a_mask_of_another_size_is_left_out(builtin_home: Home, tmp_path: Path) -> None:
    shutil.copy(corpus("rasters", "sen1floods11", "S2", "Spain_7370579_S2Hand.tif"), tmp_path / "a_image.tif")
    shutil.copy(corpus("rasters", "burn-scars", "segmentation_test_0_label.tif"), tmp_path / "a_mask.tif")
    batches = stream("Sen1Floods11", home=builtin_home, root=tmp_path)
    assert list(batches) == []
    assert "same grid" not in batches.report.skipped[0][0]
    assert "pixels" in batches.report.skipped[0][1]


def test_folders_that_are_no_class_are_named(builtin_home: Home, tmp_path: Path) -> None:
    (tmp_path / "Moon").mkdir()
    (tmp_path / "Moon" / "a.tif").write_bytes(b"II*\0")
    with pytest.raises(NotFound, match="Moon"):
        stream("EuroSAT", home=builtin_home, root=tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    from training.io.download import client
    from training.io.listing import list_files

    outside = tmp_path / "outside.tif"
    outside.write_bytes(b"secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.tif").symlink_to(outside)
    with client() as http:
        assert list_files(root, http) == []
