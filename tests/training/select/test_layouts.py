"""How files become items: names alone decide, and what they leave open is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.home import Home
from ontology.errors import FetchError, NotFound
from tests.corpora import corpus
from training.distributions import LabelClass, label_classes
from training.io.listing import list_files
from training.layouts import Layout, lay_out, read_layout
from training.layouts.words import band_key, day_of, fold_of, role_of, tile_of
from training.types import Item

DATASET = "https://example.org/d"
CLASSES = (LabelClass("Annual Crop", 0, ""), LabelClass("Forest", 1, ""), LabelClass("Sea & Lake", 9, ""))


def layout(*paths: str, lists: dict[str, str] | None = None, **options: Any) -> Layout:
    texts = lists or {}
    pairs = [(f"/d/{one}", one) for one in (*paths, *texts)]
    read = (lambda href: texts[href.removeprefix("/d/")].encode()) if texts else None
    options.setdefault("classes", CLASSES)
    return lay_out(pairs, dataset=DATASET, read=read, **options)


def roles(item: Item) -> list[tuple[str, str]]:
    return [(part.role, part.href.removeprefix("/d/")) for part in item.parts]


def test_real_chips_in_class_folders(builtin_home: Home) -> None:
    root = corpus("rasters", "eurosat-small")
    classes = label_classes(builtin_home, "EuroSAT")
    found = read_layout(root, list_files(root, None), dataset=DATASET, classes=classes)  # type: ignore[arg-type]
    assert [one.label for one in found.items] == [0, 0, 0, 1, 1, 1]
    assert found.items[0].iri == f"{DATASET}/item/AnnualCrop/AnnualCrop_1.tif"
    assert not found.problems


def test_real_sensors_and_their_label_come_together() -> None:
    root = corpus("rasters", "sen1floods11")
    (item,) = read_layout(root, list_files(root, None), dataset=DATASET).items  # type: ignore[arg-type]
    assert [part.role for part in item.parts] == ["s1", "s2", "label"]


def test_real_inputs_and_labels_side_by_side() -> None:
    root = corpus("rasters", "burn-scars")
    items = read_layout(root, list_files(root, None), dataset=DATASET).items  # type: ignore[arg-type]
    assert len(items) == 4
    assert all([part.role for part in one.parts] == ["image", "label"] for one in items)


def test_real_bands_of_one_scene_come_together() -> None:
    root = corpus("rasters", "landsat-c2-l2")
    items = read_layout(root, list_files(root, None), dataset=DATASET).items  # type: ignore[arg-type]
    (scene,) = [one for one in items if len(one.parts) == 7]
    assert [part.names[0] for part in scene.parts] == [f"B{n}" for n in range(1, 8)]
    assert scene.time == "2013-04-19"


def test_one_file_a_band_in_a_folder_a_patch() -> None:
    patch = "BigEarthNet-S2/T33UUP/S2A_MSIL2A_20170613T101031_N9999_R022_T33UUP_26_57"
    name = patch.rpartition("/")[2]
    paths = [f"{patch}/{name}_{band}.tif" for band in ("B12", "B8A", "B02", "B08", "B01", "B11")]
    reference = patch.replace("BigEarthNet-S2", "Reference_Maps")
    found = layout(*paths, f"{reference}/{name}_reference_map.tif", classes=())
    (item,) = found.items
    assert [part.names[0] for part in item.parts[:-1]] == ["B01", "B02", "B08", "B8A", "B11", "B12"]
    assert item.parts[-1].role == "label"
    assert item.time == "2017-06-13T10:10:31Z"
    assert item.scene == "33UUP/2017-06-13"


def test_the_catalogue_gives_the_order_of_one_band_files() -> None:
    found = layout("a/p_B02.tif", "a/p_B8A.tif", "a/p_B11.tif", classes=(), bands=("B11", "B2", "B8A"))
    assert [part.names[0] for part in found.items[0].parts] == ["B11", "B2", "B8A"]


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/a.tif", "labels/a.tif"),
        ("a_image.tif", "a_mask.tif"),
        ("scene_1/image.tif", "scene_1/mask.tif"),
        ("data/images/x_7.TIF", "data/annotations/x_7.tif"),
        ("train/img/x.tiff", "train/gt/x.tif"),
        ("imagery/x.tif", "somewhere/else/labels/x.tif"),
        ("S2/Spain_7_S2Hand.tif", "Labels/Spain_7_LabelHand.tif"),
        ("ä ö/Bild 1 image.tif", "ä ö/Bild 1 mask.tif"),
        ("x.tif", "x_ground_truth.tif"),
    ],
)
def test_images_and_their_masks(image: str, label: str) -> None:
    (item,) = layout(image, label).items
    assert [path for _, path in roles(item)] == [image, label]


def test_same_names_in_different_folders_stay_apart() -> None:
    paths = [f"{area}/{kind}/{n}.tif" for area in ("north", "south") for kind in ("images", "masks") for n in (1, 2)]
    items = layout(*paths).items
    assert len(items) == 4
    assert all({href.split("/")[0] for _, href in roles(one)} in ({"north"}, {"south"}) for one in items)


def test_same_names_in_different_folds_stay_apart() -> None:
    paths = [f"{kind}/{fold}/1.tif" for kind in ("images", "labels") for fold in ("train", "test")]
    assert [(one.fold, len(one.parts)) for one in layout(*paths).items] == [("test", 2), ("train", 2)]


def test_before_and_after_with_a_label() -> None:
    (item,) = layout("before/x.tif", "after/x.tif", "label/x.tif").items
    assert [role for role, _ in roles(item)] == ["t1", "t2", "label"]


def test_two_images_of_one_kind_for_one_mask_are_not_guessed() -> None:
    with pytest.raises(NotFound, match=r"several images of one kind.*image="):
        layout("x_image.tif", "x_input.tif", "x_mask.tif")
    items = layout("x_image.tif", "x_input.tif", "x_mask.tif", patterns={"image": "*_input.tif"}).items
    assert roles(items[0]) == [("image", "x_input.tif"), ("label", "x_mask.tif")]


def test_two_masks_for_one_image_are_not_guessed() -> None:
    found = layout("x_image.tif", "x_mask.tif", "x_label.tif", "y_image.tif", "y_mask.tif")
    assert len(found.items) == 1
    assert "several labels" in found.problems[0]


def test_a_folder_that_is_no_class_is_told_and_left_out() -> None:
    found = layout("Forest/a.tif", "Moon/b.tif", "sea lake/c.tif")
    assert [one.label for one in found.items] == [1, 9]
    assert "Moon" in found.problems[0]


def test_no_folder_is_a_class() -> None:
    with pytest.raises(NotFound, match="Moon"):
        layout("Moon/a.tif")


def test_folders_are_classes_where_the_catalogue_knows_none() -> None:
    found = layout("train/B/1.tif", "train/A/1.tif", "val/A/2.tif", classes=())
    assert [(one.name, one.value) for one in found.classes] == [("A", 0), ("B", 1)]
    assert sorted((one.fold, one.label) for one in found.items) == [("train", 0), ("train", 1), ("validation", 0)]


def test_an_empty_folder_and_one_without_rasters() -> None:
    for paths in ((), ("readme.txt", "a.pdf")):
        with pytest.raises(NotFound, match="GeoTIFF"):
            layout(*paths)


def test_hidden_files_and_sidecars_are_passed_over() -> None:
    found = layout("Forest/a.tif", "Forest/.a.tif", "__MACOSX/Forest/a.tif", "Forest/a.tif.aux.xml", "Forest/._b.tif")
    assert len(found.items) == 1


def test_geojson_beside_an_image() -> None:
    (item,) = layout("img/x.tif", "labels/x.geojson").items
    assert roles(item) == [("image", "img/x.tif"), ("vector", "labels/x.geojson")]


FLOODS = tuple(f"{kind}Hand/{name}_{kind}Hand.tif" for name in ("A_1", "B_2", "C_3") for kind in ("S1", "Label"))


def test_lists_of_a_publisher_give_folds() -> None:
    lists = {
        "splits/flood_train_data.csv": "A_1_S1Hand.tif,A_1_LabelHand.tif\n",
        "splits/flood_test_data.csv": "B_2_S1Hand.tif,B_2_LabelHand.tif\nZ_9_S1Hand.tif,Z_9_LabelHand.tif\n",
    }
    found = layout(*FLOODS, lists=lists)
    assert [one.fold for one in found.items] == ["train", "test", ""]
    assert any("Z_9" in one and "not there" in one for one in found.problems)
    assert any("no fold" in one for one in found.problems)


def test_a_table_with_a_column_of_folds_and_classes() -> None:
    lists = {"meta.csv": "filename;label;split\nx1.jpg;Forest;train\nx2.jpg;9;val\nx3.jpg;Moon;test\n"}
    found = layout("img/x1.tif", "img/x2.tif", "img/x3.tif", lists=lists)
    assert [(one.label, one.fold) for one in found.items] == [(1, "train"), (9, "validation"), (None, "test")]
    assert any("Moon" in one for one in found.problems)


def test_lists_in_json_and_text_with_paths() -> None:
    lists = {"split.json": '{"train": ["Forest/a.tif"], "test": ["b"]}', "val.txt": "./Forest/c\n# no comment\n"}
    found = layout("Forest/a.tif", "Forest/b.tif", "Forest/c.tif", lists=lists)
    assert [one.fold for one in found.items] == ["train", "test", "validation"]


def test_a_file_in_two_lists_is_told() -> None:
    found = layout("Forest/a.tif", lists={"train.txt": "a.tif", "test.txt": "a.tif"})
    assert any("two folds" in one for one in found.problems)


def test_hostile_lists_do_no_harm() -> None:
    lists = {"train.json": "[" * 100_000, "val.csv": '"' + "x" * 200_000, "test.txt": "\0\x01 ../../etc/passwd"}
    assert len(layout("Forest/a.tif", lists=lists).items) == 1


def test_words_of_names() -> None:
    assert [role_of(one) for one in ("LabelHand", "S1OtsuLabelHand", "S2Hand", "S2A", "gt", "Spain")] == [
        *("label", "label", "s2", "s2", "label", ""),
    ]
    assert [fold_of(one) for one in ("Train", "val", "testing", "tests")] == ["train", "validation", "test", ""]
    assert band_key("Sentinel-2 B04") == band_key("B4") == band_key("b04") == "b4"
    assert (day_of("x_20180315_y"), day_of("12345678"), day_of("2018-13-01")) == ("2018-03-15", "", "")
    assert (tile_of("S2A_T33UUP_x"), tile_of("IMG33UUPX")) == ("33UUP", "")


@given(st.permutations([f"{kind}/{name}.tif" for kind in ("images", "masks", "S1") for name in "abcd"]))
def test_the_order_of_files_does_not_matter(paths: list[str]) -> None:
    found = layout(*paths)
    assert [one.iri for one in found.items] == [one.iri for one in layout(*sorted(paths)).items]
    assert all([role for role, _ in roles(one)] == ["image", "s1", "label"] for one in found.items)


def test_links_are_not_followed_and_circles_end(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "Forest").mkdir(parents=True)
    (root / "Forest" / "a.tif").write_bytes(b"II*\0")
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "Forest" / "b.tif").symlink_to(tmp_path / "elsewhere.tif")
    assert list_files(root, None) == [str(root / "Forest" / "a.tif")]  # type: ignore[arg-type]


def test_more_files_than_wanted_end_with_a_clear_error(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.tif").touch()
    with pytest.raises(FetchError, match="More than 3 files"):
        list_files(tmp_path, None, limit=3)  # type: ignore[arg-type]


def test_names_that_are_no_text_are_left_out_of_locks_not_of_listings(tmp_path: Path) -> None:
    strange = os.fsdecode(os.fsencode(str(tmp_path)) + b"/Forest_\xff.tif")
    Path(strange).write_bytes(b"II*\0")
    assert list_files(tmp_path, None) == [strange]  # type: ignore[arg-type]


def test_one_coco_file_labels_the_images_it_names() -> None:
    coco = '{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "in/b.tif"}], "annotations": []}'
    found = layout("images/a.tif", "images/b.tif", "images/c.tif", lists={"annotations/instances.json": coco})
    assert [roles(one)[-1] for one in found.items] == [("vector", "annotations/instances.json")] * 2
    assert any("1 images have no label" in one for one in found.problems)


def test_each_fold_has_its_coco_file() -> None:
    lists = {
        f"annotations/{fold}.json": '{"images": [{"file_name": "a.tif"}], "annotations": []}'
        for fold in ("train", "val")
    }
    found = layout("train/a.tif", "val/a.tif", lists=lists)
    assert [(one.fold, roles(one)[-1][1]) for one in found.items] == [
        ("train", "annotations/train.json"),
        ("validation", "annotations/val.json"),
    ]


def test_one_geojson_labels_the_scenes_beside_it() -> None:
    found = layout("scenes/x.tif", "scenes/y.tif", "labels/fields.geojson", "scenes/meta.json", classes=())
    assert [roles(one)[-1] for one in found.items] == [("vector", "labels/fields.geojson")] * 2
