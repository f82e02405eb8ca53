"""Vector labels through the engine: masks and boxes of chips, by any way of reading, on any grid."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.training.rasters import Held, geotiff, item, lock_of, smooth
from training.engine.reader import Reader
from training.types import Recipe


def _square(west: float, north: float, side: float, label: object) -> dict[str, Any]:
    ring = [[west, north], [west + side, north], [west + side, north - side], [west, north - side], [west, north]]
    return {"type": "Feature", "properties": {"class": label}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.fixture(scope="module")
def data() -> Held:
    """Two scenes of 128 x 128 pixels of 10 m; labels in the same CRS, and a COCO of both."""
    files = {f"s{number}.tif": geotiff(smooth(2, 128, 128, seed=number)) for number in range(2)}
    corner = (500_000, 5_000_000)
    features = [_square(corner[0] + 100, corner[1] - 200, 300, 1), _square(corner[0] + 600, corner[1] - 600, 200, 2)]
    features.append(_square(corner[0], corner[1], 50, "weed"))
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    found = {"type": "FeatureCollection", "crs": crs, "features": features}
    files["l0.geojson"] = files["l1.geojson"] = json.dumps(found).encode()
    files["bad.geojson"] = b"{"
    boxes = [{"id": n, "image_id": n % 2, "category_id": 1, "bbox": [10 + n, 20, 30, 30]} for n in range(2)]
    coco = {
        "images": [{"id": n, "file_name": f"s{n}.tif"} for n in range(2)],
        "categories": [{"id": 1, "name": "1"}],
        "annotations": boxes,
    }
    files["coco.json"] = json.dumps(coco).encode()
    return Held(files)


def test_masks_and_boxes_of_geojson(data: Held) -> None:
    items = [item(data, str(n), ("image", f"s{n}.tif"), ("vector", f"l{n}.geojson")) for n in range(2)]
    lock = lock_of(items, Recipe(sampling="grid", size=64, batch_size=3), (1, 2))
    reader = Reader(lock, data)
    batches = list(reader.batches(0))
    assert sum(len(one.index) for one in batches) == 8
    for batch in batches:
        assert batch.mask is not None
        assert batch.boxes is not None
        for at, number in enumerate(batch.index.tolist()):
            chip = lock.chip(number)
            alone = reader.chip(number)
            assert alone.mask is not None
            assert np.array_equal(alone.mask[0], batch.mask[at])
            whole = np.full((128, 128), 255)
            whole[20:50, 10:40], whole[60:80, 60:80] = 1, 2
            assert np.array_equal(batch.mask[at], whole[chip.row : chip.row + 64, chip.column : chip.column + 64])
            if (chip.row, chip.column) == (0, 0):
                assert batch.boxes[at].tolist() == [[10, 20, 40, 50, 1]]
            if (chip.row, chip.column) == (64, 64):
                assert batch.boxes[at].tolist() == [[0, 0, 16, 16, 2]]
    assert reader.report.strange == {"weed": 2}


def test_boxes_of_coco_on_a_coarser_grid(data: Held) -> None:
    items = [item(data, str(n), ("image", f"s{n}.tif"), ("vector", "coco.json")) for n in range(2)]
    lock = lock_of(items, Recipe(sampling="grid", size=32, batch_size=8, resolution=20.0, shuffle=False), (1,))
    (batch,) = [one for one in Reader(lock, data).batches(0) if 0 in one.index]
    assert batch.boxes is not None
    assert batch.mask is not None
    at = batch.index.tolist().index(0)
    assert batch.boxes[at].tolist() == [[5, 10, 20, 25, 1]]
    assert (batch.mask[at][10:25, 5:20] == 1).all()


def test_labels_that_cannot_be_read_skip_their_chips(data: Held) -> None:
    items = [item(data, "0", ("image", "s0.tif"), ("vector", "l0.geojson"))]
    items.append(item(data, "1", ("image", "s1.tif"), ("vector", "bad.geojson")))
    reader = Reader(lock_of(items, Recipe(sampling="grid", size=64, batch_size=8), (1, 2)), data)
    batches = list(reader.batches(0))
    assert sum(len(one.index) for one in batches) == 4
    assert {one.href for one in reader.report.skipped} == {"bad.geojson"}
    assert "JSON" in reader.report.skipped[0].reason
