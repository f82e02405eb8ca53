"""From names, answers, queries and scenes to plans, locks and pictures, over real pixels and the real catalogue."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kg.home import Home, open_home
from ontology.errors import GeometryError, NotFound, QueryError, RecordError
from tests.corpora import corpus
from tests.house.imports import ROOT
from training.freeze import freeze
from training.io import OpenBytes, open_bytes
from training.palette import colours
from training.plan import plan
from training.preview import preview
from training.provenance import lock_iri, publish, to_turtle
from training.select.area import area_of
from training.select.choose import select_answer, select_names, select_sparql
from training.select.headers import bbox_of
from training.select.lock import Lock
from training.select.verify import verify
from training.types import Grid, Recipe

EUROSAT = "https://w3id.org/earthdex/dataset/eurosat"


@pytest.fixture(scope="module")
def data() -> Iterator[OpenBytes]:
    with open_bytes(allow_private=True) as opened:
        yield opened


def test_a_plan_of_real_chips(builtin_home: Home, data: OpenBytes) -> None:
    chosen = select_names(builtin_home, ["EuroSAT"], root=corpus("rasters", "eurosat-small"), data=data)
    made = plan(builtin_home, chosen, Recipe(), data).to_dict()
    assert (made["items"], made["chips"], made["chip_size"]) == (6, 6, [13, 64, 64])
    counts = {one["name"]: one["count"] for one in made["classes"] if one["count"]}
    assert counts == {"Annual Crop": 3, "Forest": 3}
    assert sum(one["count"] for one in made["countries"]) == 6
    assert made["stored_bytes"] == sum(
        path.stat().st_size for path in corpus("rasters", "eurosat-small").rglob("*.tif")
    )
    assert made["raw_bytes"] == 6 * 13 * 64 * 64 * 2
    assert made["licences"]["uses"]["commercial"] == "allowed"
    assert json.dumps(made)


def test_every_key_of_a_plan_is_documented(builtin_home: Home, data: OpenBytes) -> None:
    chosen = select_names(builtin_home, ["EuroSAT"], root=corpus("rasters", "eurosat-small"), data=data)
    made = plan(builtin_home, chosen, Recipe(), data).to_dict()
    page = (ROOT / "docs" / "reference" / "plan-json.md").read_text(encoding="utf-8")
    rows = {name for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", page, re.M) for name in re.findall(r"\w+", row)}
    assert rows == set(made)
    inner = {*made["sources"][0], *made["licences"], *made["recipe"], *made["classes"][0]}
    assert all(f"`{name}`" in page for name in inner)


def test_a_plan_over_http_reads_headers_alone(
    builtin_home: Home, data: OpenBytes, serve_folder: Callable[[Path], str]
) -> None:
    root = serve_folder(corpus("rasters", "sen1floods11"))
    chosen = select_names(builtin_home, ["Sen1Floods11"], root=root, data=data)
    made = plan(builtin_home, chosen, Recipe(sampling="grid", size=100), data)
    assert (made.items, made.chips, made.size) == (1, 25, (15, 100, 100))
    assert made.balance == "unknown"
    assert made.uncovered == pytest.approx(1 - 500**2 / 512**2, abs=1e-4)
    seen = plan(builtin_home, chosen, Recipe(), data, look=True)
    shares = {one.name: one.share for one in seen.classes}
    assert shares["water"] == pytest.approx(0.267, abs=0.001)
    assert "-1 (not in the scheme)" in shares


def test_bands_have_the_names_of_the_catalogue(builtin_home: Home, data: OpenBytes) -> None:
    chosen = select_names(builtin_home, ["Sen1Floods11"], root=corpus("rasters", "sen1floods11"), data=data)
    lock = freeze(builtin_home, chosen, Recipe(), data)
    assert lock.items[0].parts[0].names == ("VV", "VH")
    assert lock.items[0].parts[1].names[:9] == ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A")


def test_what_cannot_be_had_is_told(builtin_home: Home, data: OpenBytes, tmp_path: Path) -> None:
    chosen = select_names(builtin_home, ["EuroSAT"], root=tmp_path / "none", data=data)
    made = plan(builtin_home, chosen, Recipe(), data)
    assert (made.items, made.chips) == (0, 0)
    assert "no folder" in made.problems[0]
    with pytest.raises(RecordError, match="Nothing of the selection"):
        freeze(builtin_home, chosen, Recipe(), data)


def test_a_damaged_file_is_unreachable_and_the_others_are_not(
    builtin_home: Home, data: OpenBytes, tmp_path: Path
) -> None:
    root = tmp_path / "eurosat"
    shutil.copytree(corpus("rasters", "eurosat-small"), root)
    (root / "Forest" / "Forest_9.tif").write_bytes(b"II*\0nothing")
    chosen = select_names(builtin_home, ["EuroSAT"], root=root, data=data)
    made = plan(builtin_home, chosen, Recipe(sampling="grid", size=32), data)
    assert (made.items, made.chips) == (6, 24)
    assert made.unreachable[0][0].endswith("Forest_9.tif")
    lock = freeze(builtin_home, chosen, Recipe(sampling="grid", size=32), data)
    assert len(lock.items) == 6
    assert "Forest_9" in lock.content["problems"][-1]


def test_few_headers_stand_for_all(builtin_home: Home, data: OpenBytes) -> None:
    chosen = select_names(builtin_home, ["EuroSAT"], root=corpus("rasters", "eurosat-small"), data=data)
    made = plan(builtin_home, chosen, Recipe(sampling="grid", size=32), data, most=2)
    assert (made.items, made.chips, made.looked, made.estimated) == (6, 24, 2, True)
    assert {one.name: one.count for one in made.classes if one.count} == {"Annual Crop": 3, "Forest": 3}


def test_an_archive_is_read_in_place(builtin_home: Home, data: OpenBytes, tmp_path: Path) -> None:
    root = corpus("rasters", "eurosat-small")
    with zipfile.ZipFile(tmp_path / "chips.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(root.rglob("*.tif")):
            packed.write(path, f"ds/{path.relative_to(root)}")
    for place in (tmp_path / "chips.zip", tmp_path):
        chosen = select_names(builtin_home, ["EuroSAT"], root=place, data=data)
        lock = freeze(builtin_home, chosen, Recipe(), data)
        assert lock.content["items"]["href"][0] == "chips.zip!/ds/AnnualCrop/AnnualCrop_1.tif"
    assert verify(lock, data).same == 6


def test_an_answer_and_a_query_select(builtin_home: Home, data: OpenBytes) -> None:
    root = {"eurosat": corpus("rasters", "eurosat-small")}
    answer = {"kind": "list", "rows": [{"iri": EUROSAT}, {"iri": "https://w3id.org/earthdex/place/country/AT"}]}
    chosen = select_answer(builtin_home, answer, text="EuroSAT", root=root, data=data)
    assert (chosen.datasets, chosen.query) == ((EUROSAT,), "EuroSAT")
    query = f"SELECT ?d ?n WHERE {{ VALUES ?d {{ <{EUROSAT}> }} ?d dct:title ?n }}"
    chosen = select_sparql(builtin_home, query, root=root, data=data)
    assert (chosen.datasets, len(chosen.items), chosen.sparql) == ((EUROSAT,), 6, query)
    with pytest.raises(NotFound, match="trained with"):
        select_sparql(builtin_home, "SELECT ?p WHERE { ?p a foaf:Agent } LIMIT 3", data=data)
    with pytest.raises(QueryError, match="SELECT"):
        select_sparql(builtin_home, "ASK { ?s ?p ?o }", data=data)
    with pytest.raises(NotFound):
        select_answer(builtin_home, {"kind": "refusal", "rows": [], "reason": "No."}, data=data)


def test_several_datasets_stand_side_by_side(builtin_home: Home, data: OpenBytes) -> None:
    root = {"eurosat": corpus("rasters", "eurosat-small"), "hls-burn-scars": corpus("rasters", "burn-scars")}
    chosen = select_names(builtin_home, ["EuroSAT", "HLS Burn Scars"], root=root, data=data)
    assert len(chosen.items) == 10
    assert any("merge them first" in one for one in chosen.problems)
    lock = freeze(builtin_home, chosen, Recipe(sampling="grid", size=32), data)
    assert {one.dataset for one in lock.items} == set(chosen.datasets)
    moved = lock.at("/elsewhere")
    assert moved.items[0].parts[0].href.startswith("/elsewhere/eurosat/")
    assert moved.items[-1].parts[0].href.startswith("/elsewhere/hls-burn-scars/")


@pytest.fixture(scope="module")
def landsat(builtin_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    from ingest.add import add_sources

    item = corpus("rasters", "landsat-c2-l2") / "LC08_L2SP_017036_20130419_20200913_02_T2_SR_stac.json"
    path = tmp_path_factory.mktemp("landsat") / "home"
    shutil.copytree(builtin_path, path, ignore=shutil.ignore_patterns("*.partial"))
    add_sources([str(item)], path)
    with open_home(path) as home:
        yield home


def test_scenes_of_the_graph_are_cut_to_an_area(landsat: Home, data: OpenBytes) -> None:
    root = corpus("rasters", "landsat-c2-l2")
    query = "SELECT ?s WHERE { ?s a ed:Scene }"
    recipe = Recipe(sampling="grid", size=64)
    chosen = select_sparql(landsat, query, root=root, data=data)
    (item,) = chosen.items
    assert [part.names for part in item.parts] == [(f"B{n}",) for n in range(1, 8)]
    whole = freeze(landsat, chosen, recipe, data)
    assert (whole.count, whole.items[0].time) == (64, "2013-04-19T00:00:00Z")
    west, south, east, north = bbox_of(whole.items[0].grid) or (0, 0, 0, 0)
    half = area_of(f"{west - 1},{south - 1},{(west + east) / 2},{north + 1}")
    cut = freeze(landsat, chosen, recipe, data, area=half)
    assert 0 < cut.count < whole.count
    assert plan(landsat, chosen, recipe, data, area=half).chips == cut.count
    columns = {row[2] for row in cut.chips(range(cut.count)).tolist()}
    assert max(columns) < 300
    reread = Lock.from_dict(json.loads(cut.to_bytes()))
    assert reread.chips(range(cut.count)).tolist() == cut.chips(range(cut.count)).tolist()
    assert not select_sparql(landsat, query, root=root, data=data, area=area_of("Austria").geometry).items


def test_areas() -> None:
    assert area_of("Austria").iri.endswith("country/AT")
    assert area_of("1,2,3,4").geometry.bounds == (1, 2, 3, 4)
    assert area_of('{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}').geometry.area == 0.5
    for text, error in (("Nowhereland Xyz", NotFound), ("x.geojson", NotFound), ("{", GeometryError)):
        with pytest.raises(error):
            area_of(text)


def test_boxes_of_grids_in_degrees() -> None:
    def grid(crs: str, x: float, y: float, step: float) -> Grid:
        return Grid(crs, (step, 0.0, x, 0.0, -step, y), 100, 100)

    west, south, east, north = bbox_of(grid("EPSG:32633", 5e5, 5.3e6, 10.0)) or (0, 0, 0, 0)
    assert (14.9 < west < 15.1, 47 < south < north < 48.1, 15 < east < 15.1) == (True, True, True)
    box = bbox_of(grid("EPSG:32660", 8e5, 0.0, 1000.0))
    assert box is not None
    assert box[0] > box[2]  # across the antimeridian
    assert bbox_of(grid("", 0, 0, 1)) is None
    assert bbox_of(grid("EPSG:999999", 0, 0, 1)) is None


def test_the_same_options_give_the_same_file(builtin_home: Home, data: OpenBytes, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus("rasters", "eurosat-small"), copy)
    made = []
    for root in (corpus("rasters", "eurosat-small"), copy):
        chosen = select_names(builtin_home, ["EuroSAT"], root=root, data=data)
        options = {"fractions": {"train": 0.5, "test": 0.5}, "seed": 1}
        made.append(
            freeze(
                builtin_home,
                chosen,
                Recipe(seed=1),
                data,
                split="random",
                split_options=options,
                statistics=True,
                weights="inverse",
            ).to_bytes()
        )
    assert made[0] == made[1]
    content = json.loads(made[0])
    assert content["statistics"]["fold"] == "train"
    assert set(content["weights"]) == {"0", "1"}
    assert content["split"]["folds"] == ["train", "test"]


def test_files_that_changed_or_went_are_found(builtin_home: Home, data: OpenBytes, tmp_path: Path) -> None:
    root = tmp_path / "eurosat"
    shutil.copytree(corpus("rasters", "eurosat-small"), root)
    lock = freeze(builtin_home, select_names(builtin_home, ["EuroSAT"], root=root, data=data), Recipe(), data)
    (root / "Forest" / "Forest_1.tif").unlink()
    changed = root / "Forest" / "Forest_2.tif"
    changed.write_bytes(changed.read_bytes()[:-1] + b"\1")
    with open_bytes() as fresh:
        found = verify(lock, fresh)
    assert (found.files, found.same) == (6, 4)
    assert [Path(href).name for href, _ in found.changed] == ["Forest_2.tif"]
    assert [Path(href).name for href, _ in found.missing] == ["Forest_1.tif"]


def test_a_lock_is_published_once(builtin_home: Home, data: OpenBytes, tmp_path: Path) -> None:
    chosen = select_names(builtin_home, ["EuroSAT"], root=corpus("rasters", "eurosat-small"), data=data)
    lock = freeze(builtin_home, chosen, Recipe(), data, split="random", split_options={"seed": 0})
    assert "prov:wasDerivedFrom" in to_turtle(lock)
    iri, version = publish(lock, tmp_path)
    assert publish(lock, tmp_path) == (iri, version)
    with open_home(tmp_path) as home:
        query = f"ASK {{ <{lock_iri(lock)}> prov:wasGeneratedBy/prov:used <{EUROSAT}> }}"
        assert home.query("PREFIX prov: <http://www.w3.org/ns/prov#> " + query) is True


def test_pictures_of_chips_and_masks(builtin_home: Home, data: OpenBytes, tmp_path: Path) -> None:
    chosen = select_names(builtin_home, ["EuroSAT"], root=corpus("rasters", "eurosat-small"), data=data)
    seen = preview(freeze(builtin_home, chosen, Recipe(), data, checksums=False), data, number=4)
    assert [one.caption for one in seen.tiles[:2]] in (["Annual Crop", "Forest"], ["Forest", "Annual Crop"])
    assert seen.title.endswith("bands B04, B03, B02")
    seen.write(tmp_path / "x.png")
    with Image.open(io.BytesIO(seen._repr_png_())) as picture:
        assert picture.size == seen.image().size
    assert (tmp_path / "x.png").read_bytes() == seen.png()
    seen.write(tmp_path / "x.html")
    assert (tmp_path / "x.html").read_text().count(seen._repr_html_()) == 1
    chosen = select_names(builtin_home, ["Sen1Floods11"], root=corpus("rasters", "sen1floods11"), data=data)
    lock = freeze(builtin_home, chosen, Recipe(sampling="grid", size=128), data, checksums=False)
    seen = preview(lock, data, number=3)
    assert [name for name, _ in seen.legend] == ["water"]
    plain = preview(lock, data, number=3, bands=["VV"])
    assert all((np.ptp(one.resized(32).astype(int), axis=2) == 0).mean() > 0.1 for one in plain.tiles)
    with pytest.raises(NotFound, match="no band"):
        preview(lock, data, bands=["B99"])


def test_classes_have_colours_of_their_own() -> None:
    names = {number: f"class {number}" for number in range(60)} | {60: "not water", 61: "water"}
    found = colours(names)
    assert len(set(found.values())) == len(names)
    assert found[61] == (0, 114, 178)
