"""Water on Sentinel-2 chips with a small U-Net, from one question.

python docs/tutorial/trainings/water_unet.py --root sen1floods11 --picture water.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import nn

import earthdex
from earthdex.adapters import Flips, Scale, torch_loader

QUESTION = "flood datasets with Sentinel-1 and Sentinel-2 chips labelled by hand"
DATASET = "Sen1Floods11"
IGNORE = 255


def block(inside: int, outside: int) -> nn.Sequential:
    """Two convolutions with normalisation."""
    layers: list[nn.Module] = []
    for channels in (inside, outside):
        layers += [nn.Conv2d(channels, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Three levels after Ronneberger, Fischer and Brox (2015), with few channels."""

    def __init__(self, bands: int, classes: int, width: int = 16) -> None:
        """A network for images of `bands` channels."""
        super().__init__()
        self.first, self.second = block(bands, width), block(width, 2 * width)
        self.bottom = block(2 * width, 4 * width)
        self.up_second = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.up_first = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.left_second, self.left_first = block(4 * width, 2 * width), block(2 * width, width)
        self.last = nn.Conv2d(width, classes, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Scores (n, classes, height, width)."""
        fine = self.first(image)
        middle = self.second(nn.functional.max_pool2d(fine, 2))
        coarse = self.bottom(nn.functional.max_pool2d(middle, 2))
        middle = self.left_second(torch.cat([self.up_second(coarse), middle], 1))
        out: torch.Tensor = self.last(self.left_first(torch.cat([self.up_first(middle), fine], 1)))
        return out


def overlap(model: nn.Module, loader: Any) -> tuple[float, float]:  # noqa: ANN401
    """(intersection over union of water, share of pixels that are right) over all labelled pixels."""
    both = either = right = known = 0
    model.eval()
    with torch.no_grad():
        for batch in loader:
            guess, mask = model(batch["image"]).argmax(1), batch["mask"].long()
            seen = mask != IGNORE
            both += int(((guess == 1) & (mask == 1)).sum())
            either += int((((guess == 1) | (mask == 1)) & seen).sum())
            right += int(((guess == mask) & seen).sum())
            known += int(seen.sum())
    return both / max(either, 1), right / max(known, 1)


def main(
    root: str | Path,
    *,
    epochs: int = 20,
    width: int = 16,
    block_m: float = 1300.0,
    picture: str | Path = "",
    seed: int = 0,
) -> dict[str, Any]:
    """Asks, locks with folds of blocks apart from one another, trains, and measures on the test fold."""
    answer = earthdex.ask(QUESTION)
    lock = earthdex.lock(
        DATASET,
        root=root,
        patterns={"image": "S2/*_S2Hand.tif"},
        size=64,
        batch_size=8,
        seed=seed,
        ignore=IGNORE,
        split="blocks",
        split_options={"block_m": block_m, "buffer_m": 0, "scenes": "apart", "fractions": {"train": 0.7, "test": 0.3}},
    )
    torch.manual_seed(seed)
    model = UNet(13, 2, width)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    train = torch_loader(lock, split="train", transforms=[Flips(), Scale(1e-4)])
    test = torch_loader(lock, split="test", transforms=[Scale(1e-4)])
    losses = []
    for _ in range(epochs):
        model.train()
        held = []
        for batch in train:
            loss = nn.functional.cross_entropy(model(batch["image"]), batch["mask"].long(), ignore_index=IGNORE)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            held.append(float(loss.detach()))
        losses.append(sum(held) / len(held))
    water, right = overlap(model, test)
    if picture:
        earthdex.preview(lock, split="test").write(picture)
    return {
        "found": [row["name"] for row in answer.rows],
        "lock": lock.digest,
        "chips": {fold: len(lock.numbers(fold)) for fold in ("train", "test")},
        "losses": losses,
        "IoU of water": water,
        "accuracy": right,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--picture", default="")
    given = parser.parse_args()
    for name, value in main(given.root, epochs=given.epochs, picture=given.picture).items():
        print(f"{name}: {value}")
