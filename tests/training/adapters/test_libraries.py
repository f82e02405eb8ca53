"""The same lock in every library: the same bytes, and a small model learns water from real pixels in each."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch

from tests.training.adapters.conftest import TRANSFORMS, same
from training.adapters.source import Source
from training.adapters.tables import sklearn_arrays, sklearn_batches
from training.adapters.torch_chips import Chips, LockOrder, collate
from training.adapters.torch_loader import torch_loader
from training.adapters.transforms import Index, Scale
from training.select.lock import Lock
from training.types import Batch

# water stands out in green against near infrared
GREEN, NIR = 2, 7


def model() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.BatchNorm2d(13), torch.nn.Conv2d(13, 8, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1)
    )


def learn(batches: list[dict[str, torch.Tensor]], steps: int = 16) -> list[float]:
    """Losses of a small model that is shown batches again and again."""
    network = model()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.05)
    losses = []
    for batch in itertools.islice(itertools.cycle(batches), steps):
        image, mask = batch["image"][..., ::2, ::2], batch["mask"][..., ::2, ::2].long()
        loss = torch.nn.functional.cross_entropy(network(image), mask, ignore_index=255)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses


def falling(losses: list[float]) -> bool:
    return sum(losses[-3:]) < 0.8 * sum(losses[:3])


def test_torch(flood_file: Path, flood_root: Path, wanted: list[Batch]) -> None:
    loader = torch_loader(flood_file, split="train", transforms=TRANSFORMS, root=flood_root)
    batches = list(loader)
    for key in ("image", "mask", "valid", "index"):
        assert same([one[key].numpy() for one in batches], wanted, key)
    assert falling(learn(batches))
    chips = Chips(flood_file, split="train", transforms=TRANSFORMS, root=flood_root)
    mapped = torch.utils.data.DataLoader(chips, batch_sampler=LockOrder(chips), collate_fn=collate)
    assert same([next(iter(mapped))["image"].numpy()], wanted[:1])


def test_scikit_learn(flood: Lock, wanted: list[Batch]) -> None:
    from sklearn.linear_model import LogisticRegression, SGDClassifier
    from sklearn.metrics import log_loss

    # rows are pixels in the order of the batches
    chosen = [batch.valid & (batch.mask != 255) for batch in wanted]
    rows = [np.moveaxis(batch.image, 1, 3)[mask] for batch, mask in zip(wanted, chosen, strict=True)]
    table = sklearn_arrays(flood, split="train", transforms=TRANSFORMS)
    assert table.X.tobytes() == np.concatenate(rows).tobytes()
    assert set(np.unique(table.y)) == {0, 1}
    few = sklearn_arrays(flood, split="train", transforms=TRANSFORMS, per_chip=50)
    assert max(np.unique(few.groups, return_counts=True)[1]) <= 50
    fitted = LogisticRegression(max_iter=200).fit(few.X * 10, few.y)
    held_out = sklearn_arrays(flood, split="validation", transforms=[Scale(1e-4)], per_chip=100)
    assert fitted.score(held_out.X * 10, held_out.y) > 0.9
    learner = SGDClassifier(loss="log_loss", random_state=0)
    losses = []
    for epoch in range(2):
        for x, y, _ in sklearn_batches(flood, split="train", transforms=TRANSFORMS, per_chip=200, epoch=epoch):
            learner.partial_fit(x * 10, y, classes=[0, 1])
            losses.append(log_loss(y, learner.predict_proba(x * 10), labels=[0, 1]))
    assert losses[-1] < losses[0]


def test_features_of_chips(flood: Lock) -> None:
    table = sklearn_arrays(
        flood, features=lambda batch: (batch.image.mean((2, 3)), (batch.mask == 1).any((1, 2)).astype(int), batch.index)
    )
    assert table.X.shape == (64, 13)
    with pytest.raises(Exception, match="per_chip"):
        sklearn_arrays(flood, max_bytes=1000)


def test_hugging_face(flood: Lock, wanted: list[Batch]) -> None:
    pytest.importorskip("datasets")
    from training.adapters.huggingface import huggingface_dataset

    stream = huggingface_dataset(flood, split="train", transforms=TRANSFORMS, shards=1)
    assert list(stream.features) == ["index", "image", "valid", "mask"]
    examples = list(stream.with_format("numpy"))
    assert [int(one["index"]) for one in examples] == np.concatenate([batch.index for batch in wanted]).tolist()
    sizes = np.cumsum([len(batch.index) for batch in wanted])[:-1]
    stacked = np.split(np.stack([one["image"] for one in examples]), sizes)
    assert same(stacked, wanted)
    # the library's own formats widen whole numbers
    masks = np.stack([one["mask"] for one in examples]).astype(np.uint8)
    assert same(np.split(masks, sizes), wanted, "mask")
    parts = huggingface_dataset(flood, split="train", transforms=TRANSFORMS, shards=4)
    assert parts.num_shards == 4
    assert sorted(int(one["index"]) for one in parts) == sorted(int(one["index"]) for one in examples)
    loader = torch.utils.data.DataLoader(stream.with_format("torch"), batch_size=12)
    assert falling(learn(list(loader)))


def test_xarray(flood: Lock, flood_root: Path, wanted: list[Batch]) -> None:
    xr = pytest.importorskip("xarray")
    from training.adapters.xarray import xarray_chip, xarray_chips

    chips = list(xarray_chips(flood, split="train", transforms=TRANSFORMS))
    sizes = np.cumsum([len(batch.index) for batch in wanted])[:-1]
    assert same(np.split(np.stack([one["image"].values for one in chips]), sizes), wanted)
    plain = xarray_chip(flood, 9)
    with rasterio.open(next((flood_root / "S2").glob("*.tif"))) as source:
        west, north = source.xy(64, 64, offset="ul")
        pixel = source.transform.a
        assert plain["spatial_ref"].attrs["crs_wkt"]
        assert plain.sizes == {"band": 13, "y": 64, "x": 64}
        assert plain["x"].values[0] == pytest.approx(west + pixel / 2)
        assert plain["y"].values[0] == pytest.approx(north + source.transform.e / 2)
        nearest = plain["image"].sel(x=west + 10.4 * pixel, y=north - 3.6 * pixel, method="nearest")
        assert np.array_equal(nearest, source.read()[:, 64 + 3, 64 + 10])
    stacked = xr.concat(
        [one.drop_vars(["x", "y"]) for one in chips[:24]], dim="chip", coords="minimal", compat="override"
    )
    batch = {"image": torch.tensor(stacked["image"].values), "mask": torch.tensor(stacked["mask"].values)}
    assert falling(learn([batch]))


def test_torchgeo_samples(flood: Lock, wanted: list[Batch]) -> None:
    from training.adapters.torchgeo import TorchGeoChips

    chips = TorchGeoChips(flood, split="train")
    place = {int(number): at for at, number in enumerate(chips.numbers)}
    # the first batch only: chips one by one are slow
    plain = list(itertools.islice(Source(flood, split="train").batches(0), 1))
    samples = [[chips[place[int(number)]] for number in batch.index] for batch in plain]
    assert same([torch.stack([one["image"] for one in batch]).short().numpy() for batch in samples], plain)
    sample = samples[0][0]
    assert (sample["image"].dtype, sample["mask"].dtype) == (torch.float32, torch.int64)
    x, y, _ = sample["bounds"]
    assert x.stop - x.start == pytest.approx(64 * x.step)
    assert y.stop - y.start == pytest.approx(64 * y.step)
    assert sample["crs"].to_epsg() == 4326
    batches = [
        {key: torch.stack([one[key] for one in batch]) * (1e-4 if key == "image" else 1) for key in ("image", "mask")}
        for batch in samples
    ]
    assert falling(learn(batches))


def test_real_torchgeo_takes_the_samples(flood: Lock) -> None:
    try:
        from torchgeo.datasets import stack_samples, unbind_samples
        from torchgeo.transforms import AppendNDWI
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"TorchGeo with torchvision is not installed: {error}")
    from training.adapters.torchgeo import TorchGeoChips

    chips = TorchGeoChips(flood)
    batch: dict[str, Any] = stack_samples([chips[0], chips[1]])
    assert batch["image"].shape == (2, 13, 64, 64)
    ours = TorchGeoChips(flood, transforms=[Index(GREEN, NIR, "ndwi")])[0]["image"][-1]
    theirs = AppendNDWI(index_green=GREEN, index_nir=NIR)(batch["image"])[0, -1]
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert len(unbind_samples(batch)) == 2
