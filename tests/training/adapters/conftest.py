"""A lock over real pixels that all adapters read, and what it must give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.corpora import corpus
from training.adapters.source import Source
from training.adapters.transforms import Flips, Scale
from training.distributions import LabelClass
from training.io import open_bytes
from training.layouts import read_layout
from training.select.headers import read_headers
from training.select.lock import Lock
from training.select.selection import Selection
from training.select.selection import Source as Origin
from training.select.split import Split
from training.types import Array, Batch, Recipe

DATASET = "https://w3id.org/earthdex/dataset/sen1floods11"
TRANSFORMS = (Flips(), Scale(1e-4))


@pytest.fixture(scope="session")
def flood() -> Lock:
    """64 chips of 64 x 64 pixels with 13 bands and a mask of water, in two folds."""
    root = corpus("rasters", "sen1floods11")
    files = [str(path) for path in sorted(root.rglob("*.tif"))]
    classes = (LabelClass("no water", 0, f"{DATASET}/class/land"), LabelClass("water", 1, f"{DATASET}/class/water"))
    layout = read_layout(root, files, dataset=DATASET, classes=classes, patterns={"image": "S2/*_S2Hand.tif"})
    items = read_headers(layout.items, open_bytes()).items
    selection = Selection("flood", "1", (Origin(DATASET, "sen1floods11", "Sen1Floods11", str(root)),), items, classes)
    recipe = Recipe(sampling="grid", size=64, batch_size=12, seed=5)
    # every fourth chip validates: neighbours, which is enough to see that folds are kept apart
    folds = {"train": np.flatnonzero(np.arange(64) % 4), "validation": np.arange(0, 64, 4)}
    return Lock.freeze(selection, recipe, split=Split.of_numbers(folds, 64, of="chips", method="test"))


@pytest.fixture(scope="session")
def flood_file(flood: Lock, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lock as a file; its data are found by root."""
    path = tmp_path_factory.mktemp("lock") / "earthdex.lock"
    flood.write(path)
    return path


@pytest.fixture(scope="session")
def flood_root() -> Path:
    """Where the lock's files lie."""
    return corpus("rasters", "sen1floods11")


@pytest.fixture(scope="session")
def wanted(flood: Lock) -> list[Batch]:
    """The first epoch of the training fold, transformed."""
    return list(Source(flood, split="train", transforms=TRANSFORMS).batches(0))


def same(found: Iterator[Array] | list[Array], batches: list[Batch], key: str = "image") -> bool:
    """Whether arrays hold the same bytes as the batches do."""
    mine = [np.ascontiguousarray(one) for one in found]
    others = [getattr(batch, key) for batch in batches]
    return [(one.dtype, one.tobytes()) for one in mine] == [(one.dtype, one.tobytes()) for one in others]
