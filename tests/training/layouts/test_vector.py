"""Vector labels against point-in-polygon tests done one pixel at a time, and what strangers write into such files."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from ontology.errors import EarthdexError, RasterError
from training.distributions import LabelClass
from training.io import open_bytes
from training.layouts.vector import LabelFiles, VectorLabels
from training.types import Grid

CLASSES = [LabelClass("Maize", 2, "urn:c/maize"), LabelClass("Winter wheat", 12, "urn:c/winter-wheat")]
UTM = Grid("EPSG:32633", (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_300_000.0), 64, 48)


def _labels(path: Path, found: Any, classes: list[LabelClass] | None = None, **more: Any) -> VectorLabels:
    path.write_text(json.dumps(found))
    attribute = more.pop("attribute", "")
    with open_bytes() as data:
        return LabelFiles(data, CLASSES if classes is None else classes, attribute=attribute).of(str(path), **more)


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    found = json.loads(shapely.to_geojson(geometry)) if isinstance(geometry, shapely.Geometry) else geometry
    return {"type": "Feature", "properties": properties, "geometry": found}


def _collection(*features: Any, crs: str = "EPSG:32633") -> dict[str, Any]:
    told = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
    return {"type": "FeatureCollection", "crs": told, "features": list(features)}


def _centres(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    a, _, c, _, e, f = grid.transform
    return np.meshgrid(c + a * (np.arange(grid.width) + 0.5), f + e * (np.arange(grid.height) + 0.5))


POINTS = st.lists(st.tuples(st.integers(-10, 70), st.integers(-10, 60)), min_size=3, max_size=7)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(POINTS, st.sampled_from(["maize", "WINTER_WHEAT", 2, "12", "triffid", None])), max_size=4),
    st.integers(0, 30), st.integers(0, 40), st.integers(1, 18), st.integers(1, 24),
)  # fmt: skip
def test_a_pixel_has_the_class_of_the_last_shape_over_its_centre(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Any], row: int, column: int, height: int, width: int
) -> None:
    values = {"maize": 2, "WINTER_WHEAT": 12, 2: 2, "12": 12, "triffid": 255, None: 255}
    shapes = []
    for points, label in drawn:
        hull = shapely.MultiPoint([(500_000 + 10 * x + 3, 5_300_000 - 10 * y - 4) for x, y in points]).convex_hull
        if hull.area > 0:
            shapes.append((hull, label))
    features = [_feature(shape, crop=label) for shape, label in shapes]
    labels = _labels(
        tmp_path_factory.mktemp("v") / "l.geojson", _collection(*features), attribute="crop" if features else ""
    )
    wanted = np.full((UTM.height, UTM.width), 255)
    x, y = _centres(UTM)
    unsure = np.zeros(wanted.shape, bool)
    for shape, label in shapes:
        wanted[shapely.contains_xy(shape, x, y)] = values[label]
        unsure |= shapely.distance(shape.boundary, shapely.points(x, y)) < 0.01
    got = labels.mask(UTM, row, column, height, width)
    window = (slice(row, row + height), slice(column, column + width))
    assert ((got == wanted[window]) | unsure[window]).all()
    assert got.shape == (height, width)


def test_degrees_are_laid_on_a_projected_grid_with_holes(tmp_path: Path) -> None:
    outer, inner = shapely.box(100, 100, 500, 400), shapely.box(200, 200, 300, 300)
    there = shapely.transform(outer - inner, lambda p: p + np.array([500_003, 5_299_523]))
    back = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True)
    degrees = shapely.transform(there, lambda p: np.column_stack(back.transform(p[:, 0], p[:, 1])))
    found = {"type": "FeatureCollection", "features": [_feature(degrees, classname="Maize")]}
    got = _labels(tmp_path / "l.geojson", found).mask(UTM, 0, 0, 48, 64)
    x, y = _centres(UTM)
    assert (np.asarray(got == 2) == shapely.contains_xy(there, x, y)).mean() > 0.99
    assert got[23, 25] == 255
    wide = _labels(tmp_path / "l.geojson", found).mask(UTM, 0, 0, 48, 64, all_touched=True)
    assert (wide == 2).sum() > (got == 2).sum()


def test_the_background_class_covers_what_no_shape_does(tmp_path: Path) -> None:
    classes = [LabelClass("Background", 0, ""), LabelClass("Building", 1, "")]
    square = _feature(shapely.box(500_000, 5_299_900, 500_100, 5_300_000))
    got = _labels(tmp_path / "l.geojson", _collection(square), classes)
    # a scheme of one class needs no attribute
    assert np.unique(got.mask(UTM, 0, 0, 48, 64), return_counts=True)[1].tolist() == [48 * 64 - 100, 100]
    assert got.boxes(UTM, 0, 0, 48, 64).tolist() == [[0, 0, 10, 10, 1]]


def test_classes_that_are_missing_or_strange_are_ignored_and_told(tmp_path: Path) -> None:
    box = shapely.box(500_000, 5_299_900, 500_100, 5_300_000)
    features = [_feature(box, label="Triffid"), _feature(box), _feature(box, label=2.5), _feature(box, label="maize")]
    labels = _labels(tmp_path / "l.geojson", _collection(*features[:3], features[3]))
    assert labels.unknown == {"Triffid": 1, "None": 1, "2.5": 1}
    assert any("Triffid" in one for one in labels.problems)
    assert any("no class" in one for one in labels.problems)
    with pytest.raises(RasterError, match="nothing"):
        _labels(tmp_path / "l.geojson", _collection(*features), attribute="nothing")


def test_bad_rings_are_mended_or_left_out(tmp_path: Path) -> None:
    x, y = 500_000, 5_300_000

    def ring(*points: tuple[float, float]) -> dict[str, Any]:
        return {"type": "Polygon", "coordinates": [[[x + a, y - b] for a, b in points]]}

    features = [
        _feature(ring((0, 0), (100, 0), (100, 100), (0, 100)), label=2),  # not closed
        _feature(ring((200, 0), (300, 100), (300, 0), (200, 100), (200, 0)), label=2),  # a bow tie
        _feature(ring((0, 0), (1, 1)), label=2),
        _feature(None, label=2),
        _feature({"type": "Polygon", "coordinates": "x"}, label=2),
        _feature({"type": "Polygon", "coordinates": [[[float("nan"), 1], [2, 3], [4, 5], [1, 1]]]}, label=2),
        _feature({"type": "Nonsense", "coordinates": []}, label=2),
        _feature({"type": "Point", "coordinates": [x + 405, y - 5]}, label=12),
        "no feature",
    ]
    labels = _labels(tmp_path / "l.geojson", _collection(*features))
    got = labels.mask(UTM, 0, 0, 48, 64)
    assert (got[:10, :10] == 2).all()
    assert 30 < (got[:10, 20:30] == 2).sum() < 70
    assert got[0, 40] == 12
    assert len(labels.problems) >= 4


def test_labels_elsewhere_or_beyond_a_projection_leave_nothing(tmp_path: Path) -> None:
    far = [_feature(shapely.box(-170, -80, -160, -70), label=2), _feature(shapely.box(-180, -90, 180, 90), label=2)]
    found = {"type": "FeatureCollection", "features": far[:1]}
    assert (_labels(tmp_path / "l.geojson", found).mask(UTM, 0, 0, 48, 64) == 255).all()
    polar = Grid("EPSG:3031", (1000.0, 0.0, 0.0, 0.0, -1000.0, 0.0), 32, 32)
    assert _labels(tmp_path / "l.geojson", found).mask(polar, 0, 0, 32, 32).shape == (32, 32)
    strange = {"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:99999"}}, "features": far[:1]}
    with pytest.raises(RasterError, match="99999"):
        _labels(tmp_path / "l.geojson", strange).mask(UTM, 0, 0, 4, 4)


def _runs(mask: np.ndarray) -> list[int]:
    flat = mask.T.ravel().astype(int)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], flat, [2]])))
    return np.diff(np.concatenate([[0], ends])).tolist()


def _packed(runs: list[int]) -> str:
    """The inverse of COCO's compressed run lengths."""
    out = []
    for number, run in enumerate(runs):
        value, more = run - (runs[number - 2] if number > 2 else 0), True
        while more:
            piece, value = value & 31, value >> 5
            more = value != (-1 if piece & 16 else 0)
            out.append(chr(48 + (piece | 32 if more else piece)))
    return "".join(out)


def _coco(**annotation: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 7, "file_name": "tiles/a.tif", "width": 64, "height": 48}, {"id": 8, "file_name": "b.tif"}],
        "categories": [{"id": 1, "name": "maize"}, {"id": 3, "name": "Winter Wheat"}, {"id": 9, "name": "cow"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, **annotation}],
    }


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=6)
def test_run_lengths_of_coco_are_the_mask(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.kron(rng.integers(0, 2, (12, 16)), np.ones((4, 4), int)).astype(bool)
    mask[rng.integers(0, 48), :] = True
    runs = _runs(mask)
    for counts in (runs, _packed(runs)):
        found = _coco(segmentation={"size": [48, 64], "counts": counts})
        labels = _labels(tmp_path_factory.mktemp("c") / "c.json", found, image="/x/tiles/a.tif")
        assert ((labels.mask(UTM, 0, 0, 48, 64) == 12) == mask).all()


def test_boxes_and_polygons_of_coco(tmp_path: Path) -> None:
    found = _coco(bbox=[10, 5, 20, 10], segmentation=[])
    square = [[40, 20, 60, 20, 60, 40, 40, 40]]
    found["annotations"] += [
        {"id": 2, "image_id": 7, "category_id": 1, "segmentation": square, "bbox": [40, 20, 20, 20]},
        {"id": 3, "image_id": 7, "category_id": 9, "bbox": [0, 0, 5, 5]},
        {"id": 4, "image_id": 7, "category_id": 1, "bbox": [0, 40, 5, 5], "iscrowd": 1},
        {"id": 5, "image_id": 7, "category_id": 1, "bbox": [0, 0, -5, "x"]},
        {"id": 6, "image_id": 8, "category_id": 1, "bbox": [0, 0, 64, 48]},
    ]  # fmt: skip
    labels = _labels(tmp_path / "c.json", found, image=["s3://bucket/tiles/a.tif", "x=1"][0], source=UTM)
    assert labels.boxes(UTM, 0, 0, 48, 64).tolist() == [[10, 5, 30, 15, 12], [40, 20, 60, 40, 2]]
    # a window cuts boxes; slivers are left out
    assert labels.boxes(UTM, 10, 20, 20, 22).tolist() == [[0, 0, 10, 5, 12]]
    assert labels.boxes(UTM, 10, 20, 20, 22, visible=0.0).shape == (2, 5)
    mask = labels.mask(UTM, 0, 0, 48, 64)
    assert (mask[5:15, 10:30] == 12).all()
    assert (mask[40:45, 0:5] == 255).all()
    assert labels.unknown == {"cow": 1}
    # on a grid of half the resolution the boxes keep their place
    half = Grid(UTM.crs, (20.0, 0.0, 500_000.0, 0.0, -20.0, 5_300_000.0), 32, 24)
    assert labels.boxes(half, 0, 0, 24, 32).tolist() == [[5, 2.5, 15, 7.5, 12], [20, 10, 30, 20, 2]]
    with open_bytes() as data:
        files = pickle.loads(pickle.dumps(LabelFiles(data, CLASSES)))
        assert files.of(str(tmp_path / "c.json"), image="b.tif").boxes(UTM, 0, 0, 48, 64).tolist() == [
            [0, 0, 64, 48, 2]
        ]
        with pytest.raises(RasterError, match=r"none\.tif"):
            files.of(str(tmp_path / "c.json"), image="none.tif")


HOSTILE = [
    "", "{", "[]", "null", "{}", '{"type": "FeatureCollection"}', '{"type":"FeatureCollection","features":5}',
    "[" * 100_000, '{"a":' * 50_000, "\0\xff", '{"type": "Feature"}',
    '{"images": 1, "annotations": []}', '{"images": [1], "annotations": [2]}',
    *(
        '{"images": [{"id": 1}], "annotations": [{"image_id": 1, "segmentation": ' + one + "}]}"
        for one in (
            '{"size": [99999999, 99999999], "counts": [1]}', '{"size": [2, 2], "counts": "~~~"}',
            '{"size": [2, 2], "counts": [1, -5]}', '{"size": [2], "counts": [1]}', '[[1, 2, "x", 4, 5, 6]]', '[[1]]',
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_end_in_an_error_or_in_no_labels(text: str, tmp_path: Path) -> None:
    (tmp_path / "l.json").write_text(text)
    with open_bytes() as data:
        try:
            labels = LabelFiles(data, CLASSES).of(str(tmp_path / "l.json"), image="a.tif")
        except EarthdexError as error:
            assert error.remedy
        else:
            assert (labels.mask(UTM, 0, 0, 8, 8) == 255).all()
            assert not len(labels.boxes(UTM, 0, 0, 8, 8))
            assert math.isfinite(len(labels.problems))
