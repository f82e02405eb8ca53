"""From a selection to batches: what plan and lock promise is what the reader gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.add import add_sources
from kg.home import Home, open_home
from ontology.errors import NotFound
from tests.corpora import corpus
from training.engine.reader import Reader
from training.freeze import freeze
from training.io import OpenBytes, open_bytes
from training.plan import plan
from training.select.choose import select_names, select_sparql
from training.select.headers import bbox_of
from training.select.lock import Lock
from training.types import Batch, Recipe

SCENES = "SELECT ?s WHERE { ?s a ed:Scene }"


@pytest.fixture(scope="module")
def data() -> Iterator[OpenBytes]:
    with open_bytes() as opened:
        yield opened


def batches(lock: Lock, data: OpenBytes) -> list[Batch]:
    reader = Reader(lock, data)
    found = list(reader.batches(0))
    assert not reader.report.skipped
    return found


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(batch_size=3),
        Recipe(sampling="grid", size=100, stride=50, batch_size=5),
        Recipe(sampling="random", size=64, per_epoch=11, batch_size=4),
        Recipe(sampling="grid", size=32, crs="EPSG:5070", resolution=60.0, batch_size=7),
        Recipe(sampling="grid", size=128, bands=(3, 1), batch_size=2),
    ],
)
def test_a_plan_counts_what_is_read(recipe: Recipe, builtin_home: Home, data: OpenBytes) -> None:
    chosen = select_names(builtin_home, ["HLS Burn Scars"], root=corpus("rasters", "burn-scars"), data=data)
    made = plan(builtin_home, chosen, recipe, data)
    lock = freeze(builtin_home, chosen, recipe, data, checksums=False)
    found = batches(lock, data)
    assert sum(len(one.index) for one in found) == lock.count == made.chips
    assert made.size is not None
    assert all(one.image.shape[1:] == made.size for one in found)
    assert sorted(np.concatenate([one.index for one in found]).tolist()) == list(range(lock.count))


def test_scenes_with_labels_drawn_on_a_map(builtin_path: Path, data: OpenBytes, tmp_path: Path) -> None:
    source = corpus("rasters", "landsat-c2-l2")
    home, root = tmp_path / "home", tmp_path / "scenes"
    shutil.copytree(builtin_path, home, ignore=shutil.ignore_patterns("*.partial"))
    add_sources([str(source / "LC08_L2SP_017036_20130419_20200913_02_T2_SR_stac.json")], home)
    root.mkdir()
    for path in source.glob("*_SR_B?.TIF"):
        shutil.copy(path, root)
    with open_home(home) as opened:
        bare = freeze(opened, select_sparql(opened, SCENES, root=root, data=data), Recipe(), data)
        west, south, east, north = bbox_of(bare.items[0].grid) or (0, 0, 0, 0)
        middle = (west + east) / 2
        ring = [[west, south], [middle, south], [middle, north], [west, north], [west, south]]
        field = {
            "type": "Feature",
            "properties": {"class": "1"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        (root / "fields.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [field]}))
        chosen = select_sparql(opened, SCENES, root=root, labels="fields.geojson", data=data)
        lock = freeze(opened, chosen, Recipe(sampling="grid", size=128, batch_size=16), data)
        (batch,) = batches(lock, data)
        assert batch.mask is not None
        assert 0.45 < float((batch.mask == 1).mean()) < 0.55
        with pytest.raises(NotFound, match="below"):
            select_sparql(opened, SCENES, root=root, labels="../home/current", data=data)


def test_another_seed_gives_other_crops(builtin_home: Home, data: OpenBytes) -> None:
    chosen = select_names(builtin_home, ["HLS Burn Scars"], root=corpus("rasters", "burn-scars"), data=data)
    recipe = Recipe(sampling="random", size=64, per_epoch=20)
    one, same, other = (
        freeze(builtin_home, chosen, made, data, checksums=False).chips(range(20)).tolist()
        for made in (recipe, recipe, replace(recipe, seed=1))
    )
    assert one == same
    assert one != other
