"""Crop types of pixel time series with an LSTM, from one question.

    python docs/tutorial/trainings/crop_type_lstm.py tables

The series are made up: a double logistic curve of greenness for each crop, with dates of emergence, peak and harvest
that are usual in Central Europe, and noise, clouds and fields that are early or late. With real series, convert them
with `earthdex series` and give that folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import earthdex
from earthdex.adapters import Scale, torch_loader

QUESTION = "crop type datasets with Sentinel-2 time series in Austria"
DATASET = "TimeSen2Crop"
BANDS = ("B4", "B8", "B11")
# day of the year of greening and of harvest or browning, how fast each goes (days), greenest NDVI
PHENOLOGY = {
    "Winter Wheat": (85, 190, 14, 9, 0.88),
    "Winter Barley": (80, 172, 14, 8, 0.87),
    "Rapeseed": (75, 182, 13, 10, 0.85),
    "Maize": (160, 268, 10, 12, 0.86),
    "Beet": (150, 290, 12, 14, 0.87),
    "Grassland": (70, 310, 25, 22, 0.80),
}


def make_series(path: Path, fields: int, *, late: float, seed: int) -> None:
    """Writes one wide CSV: a row a field, columns `B4_20180105` ... and `label`.

    Args:
        path: of the CSV.
        fields: of each crop.
        late: days that the season of this region lags behind.
        seed: of the noise.
    """
    random = np.random.default_rng(seed)
    days = np.arange(15, 340, 15)
    dates = [str(np.datetime64("2018-01-01") + int(day - 1)).replace("-", "") for day in days]
    rows = [",".join([*(f"{band}_{date}" for band in BANDS for date in dates), "label"])]
    for crop, (green, brown, rise, fall, peak) in PHENOLOGY.items():
        for _ in range(fields):
            moved = late + random.normal(0, 7)
            up = 1 / (1 + np.exp(-(days - green - moved) / rise))
            down = 1 / (1 + np.exp((days - brown - moved) / fall))
            ndvi = 0.15 + (peak + random.normal(0, 0.04) - 0.15) * up * down + random.normal(0, 0.03, len(days))
            near = 0.18 + 0.25 * np.clip(ndvi, 0, 1) + random.normal(0, 0.01, len(days))
            red = near * (1 - ndvi) / (1 + ndvi)
            swir = 0.30 - 0.18 * np.clip(ndvi, 0, 1) + random.normal(0, 0.01, len(days))
            pixels = np.stack([red, near, swir]) * 10_000
            cells = np.round(np.clip(pixels, 1, 10_000)).astype(int).astype(str)
            # a quarter of all dates is cloudy: empty cells are not valid
            cells[:, random.random(len(days)) < 0.25] = ""
            rows.append(",".join([*cells.ravel(), crop]))
    path.write_text("\n".join(rows) + "\n")


class CropLSTM(nn.Module):
    """An LSTM over the dates, with the dates' validity as a channel, and the largest of its states."""

    def __init__(self, bands: int, classes: int, width: int = 48) -> None:
        """A network for series of `bands` channels."""
        super().__init__()
        self.norm = nn.BatchNorm1d(bands)
        self.lstm = nn.LSTM(bands + 1, width, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, series: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """Scores (n, classes) of series (n, bands, dates)."""
        seen = valid.unsqueeze(1).float()
        states, _ = self.lstm(torch.cat([self.norm(series) * seen, seen], 1).transpose(1, 2))
        scores: torch.Tensor = self.head(states.amax(1))
        return scores


def main(folder: Path, *, fields: int = 500, epochs: int = 12, seed: int = 0) -> dict[str, Any]:
    """Asks, makes series of two regions, trains on one and measures on the other, whose season is ten days later."""
    answer = earthdex.ask(QUESTION)
    folder.mkdir(parents=True, exist_ok=True)
    locks = {}
    for name, count, late in (("train", fields, 0.0), ("test", max(20, fields // 4), 10.0)):
        table = folder / f"{name}.csv"
        make_series(table, count, late=late, seed=seed + len(name))
        locks[name] = earthdex.series_lock(DATASET, table, cache=folder / "cache", batch_size=64, seed=seed)
    torch.manual_seed(seed)
    model = CropLSTM(len(BANDS), max(one.value for one in locks["train"].classes) + 1)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    options: dict[str, Any] = {"transforms": [Scale(1e-4)], "cache": folder / "cache"}
    train, test = (torch_loader(locks[name], **options) for name in ("train", "test"))
    losses = []
    for _ in range(epochs):
        held = []
        for batch in train:
            loss = nn.functional.cross_entropy(model(batch["image"], batch["valid"]), batch["label"])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            held.append(float(loss.detach()))
        losses.append(sum(held) / len(held))
    right, known = dict.fromkeys(PHENOLOGY, 0), dict.fromkeys(PHENOLOGY, 0)
    names = {one.value: one.name for one in locks["train"].classes}
    model.eval()
    with torch.no_grad():
        for batch in test:
            guesses = model(batch["image"], batch["valid"]).argmax(1)
            for guess, label in zip(guesses.tolist(), batch["label"].tolist(), strict=True):
                known[names[label]] += 1
                right[names[label]] += guess == label
    return {
        "found": [row["name"] for row in answer.rows],
        "locks": {name: lock.digest for name, lock in locks.items()},
        "series": {name: lock.count for name, lock in locks.items()},
        "losses": losses,
        "accuracy": sum(right.values()) / sum(known.values()),
        "recall": {crop: right[crop] / known[crop] for crop in PHENOLOGY},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    for name, value in main(parser.parse_args().folder).items():
        print(f"{name}: {value}")
