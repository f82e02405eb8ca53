"""Samples as TorchGeo's data sets give them (0.8 and later); TorchGeo itself is not needed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import torch

from ontology.errors import FetchError
from training.adapters.source import Source
from training.adapters.torch_chips import Chips
from training.adapters.torch_stream import tensor
from training.types import Batch, Grid


def grid_bounds(grid: Grid, time: str) -> tuple[slice, slice, slice]:
    """(x, y, time) slices of a grid: start and end with the pixel size as step, as TorchGeo's `bounds`."""
    import pandas as pd

    a, b, c, d, e, f = grid.transform
    xs = [c, c + a * grid.width, c + b * grid.height, c + a * grid.width + b * grid.height]
    ys = [f, f + d * grid.width, f + e * grid.height, f + d * grid.width + e * grid.height]
    # an unknown time is all times, as TorchGeo has it
    start = pd.Timestamp(datetime.fromisoformat(time).replace(tzinfo=None)) if time else pd.Timestamp.min
    end = start if time else pd.Timestamp.max
    x = slice(min(xs), max(xs), (a * a + d * d) ** 0.5)
    return x, slice(min(ys), max(ys), (b * b + e * e) ** 0.5), slice(start, end, 1)


def torchgeo_sample(batch: Batch, place: int, source: Source) -> dict[str, Any]:
    """One chip of a batch as a TorchGeo sample; see `TorchGeoChips`."""
    from pyproj import CRS

    number = int(batch.index[place])
    item = source.item(number, batch.epoch)
    sample: dict[str, Any] = {"image": tensor(batch.image[place]).float()}
    if batch.mask is not None:
        sample["mask"] = tensor(batch.mask[place]).long()
    if batch.label is not None:
        sample["label"] = torch.tensor(int(batch.label[place]))
    if batch.boxes is not None:
        boxes = tensor(batch.boxes[place])
        sample["bbox_xyxy"], sample["label"] = boxes[:, :4].clone(), boxes[:, 4].long()
    grid = source.grid(number, batch.epoch)
    if grid is not None:
        sample["crs"], sample["bounds"] = CRS.from_user_input(grid.crs), grid_bounds(grid, item.time)
    return sample


class TorchGeoChips(Chips):
    """Chips of a lock with the keys that TorchGeo's samplers, transforms, trainers and `stack_samples` know.

    A sample holds `image` float32 (channels, height, width), `mask` int64 (height, width) or `label` int64, `bbox_xyxy`
    (boxes, 4), and where the chip is georeferenced `crs` (pyproj) and `bounds`, slices of x, y and time in its CRS.

    Attributes:
        source: the lock and how it is read.
        numbers: (n,) numbers of the chips in the lock.
    """

    def __getitem__(self, place: int) -> dict[str, Any]:
        """A sample. Raises FetchError where the chip cannot be read."""
        batch = self.source.chip(int(self.numbers[place]), self.epoch)
        if not len(batch.index):
            why = batch.skipped[0].reason if batch.skipped else "it is not there."
            raise FetchError(f"Chip {int(self.numbers[place])} cannot be read: {why}", "Leave it out of the split.")
        return torchgeo_sample(batch, 0, self.source)
