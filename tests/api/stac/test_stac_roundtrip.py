"""What the STAC API writes, `earthdex add` reads back: scenes, datasets and models."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import shapely

from api.stac.answers import collection
from api.stac.items import item
from api.stac.links import Links
from api.stac.shelf import Shelf
from ingest.add import add_sources
from ingest.known import KnownNames
from ingest.stac_collection import import_collection
from ingest.stac_item import Context, scene_of
from ingest.stac_kind import kind_of_document
from ingest.stac_model import import_model
from kg.columns import COLUMN_TYPES, micros
from kg.home import Home, open_home
from kg.solutions import Solutions
from ontology.errors import RecordError
from ontology.namespaces import BASE, shorten
from ontology.records import Scene
from tests.corpora import corpus

_LINKS = Links("https://catalogue.example.org")
# in STAC under another IRI, or in no field: places as boxes, periods and classes and files as parts of the record
_APART = {"dct:spatial", "dct:temporal", "dcat:distribution", "ed:labelClass", "ed:licenceText", "ed:loader",
          "ed:split", "ed:bandOrder", "ed:band", "skos:note", "rdfs:seeAlso", "dqv:hasQualityMeasurement",
          "prov:wasDerivedFrom", "it6:trainedOn", "it6:fineTunedFrom", "ed:fineTunedOn"}  # fmt: skip


def _written(scene: Scene) -> dict[str, Any]:
    row = {name: getattr(scene, name) for name in COLUMN_TYPES}
    row |= {name: micros(row[name]) for name, kind in COLUMN_TYPES.items() if kind == "TIMESTAMPTZ" and row[name]}
    found: dict[str, Any] = json.loads(json.dumps(item(row, (scene.assets, scene.original), _LINKS), allow_nan=False))
    return found


def _differences(one: Scene, two: Scene) -> set[str]:
    found = {each.name for each in fields(one) if getattr(one, each.name) != getattr(two, each.name)}
    if "geometry" in found and one.geometry and two.geometry:
        left, right = shapely.from_wkb(one.geometry), shapely.from_wkb(two.geometry)
        if shapely.equals(left, right) or shapely.symmetric_difference(left, right).area <= 1e-9 * left.area:
            found.discard("geometry")
    if one.geometry is None and one.tile_id:
        found.discard("geometry")  # reading takes that of the tile
    return found - {"source", "original", "assets"}


def test_made_scenes(stac_scenes: list[Scene]) -> None:
    for scene in stac_scenes:
        if scene.start_time is not None:
            read, _ = scene_of(_written(scene))
            assert _differences(scene, read) <= {"band"}, scene.id


@pytest.mark.parametrize(
    "name",
    ["stactools-packages+sentinel2", "stactools-packages+landsat", "stac-utils+pgstac", "stac-utils+pystac-client"],
)
def test_real_scenes(name: str) -> None:
    seen = 0
    for line in corpus("stac-items", f"{name}.ndjson").read_text(encoding="utf-8").splitlines()[:80]:
        value = json.loads(line)
        try:
            scene, _ = scene_of(value, Context()) if kind_of_document(value) == "item" else (None, ())
        except RecordError:
            continue
        if scene is None or scene.start_time is None:
            continue
        made = _written(scene)
        read, _ = scene_of(made)
        # bands are told by assets, and those in folders are not given
        assert _differences(scene, read) <= {"band"}, scene.id
        assert {key: one["href"] for key, one in json.loads(read.assets).items()} == {
            key: one["href"] for key, one in json.loads(scene.assets).items() if "://" in one["href"]
        }
        seen += 1
    assert seen > 5


def _facts(home: Home, iri: str) -> set[tuple[str, str]]:
    found = home.query(f"SELECT ?p ?o WHERE {{ <{iri}> ?p ?o }}")
    assert isinstance(found, Solutions)
    return {(shorten(str(name)), str(value).removesuffix(".0")) for name, value in found.rows}


def test_datasets_and_models(stac_home: Home, stac_shelf: Shelf) -> None:
    names = KnownNames()
    documents = [collection(stac_shelf, name, _LINKS) for name in stac_shelf.collections]
    documents = [one for one in documents if "earthdex:facts" in one][::6]
    documents += [_LINKS.linked(row["item"]) for row in stac_shelf.models[::6]]
    assert len(documents) > 40
    for one in documents:
        page = next(link["href"] for link in one["links"] if link["rel"] == "alternate")
        iri = BASE + page.removeprefix(_LINKS.base + "/")
        if one["type"] == "Collection":
            assert kind_of_document(one) == "collection"
            made = import_collection(one, "x", names)
        else:
            assert kind_of_document(one) == "model"
            made = import_model(one, "x", "", names)
        new = {(shorten(p), str(o).removesuffix(".0")) for s, p, o, graph in made.quads if s == made.iri and not graph}
        own = _facts(stac_home, iri)
        assert {each for each in own - new if each[0] not in _APART} == set(), iri
        for part in ("ed:labelClass", "dct:temporal"):  # as many, below the new record
            assert sum(each[0] == part for each in own) == sum(each[0] == part for each in new), (iri, part)


def test_the_command_reads_them(tmp_path: Path, stac_shelf: Shelf, stac_scenes: list[Scene]) -> None:
    """A folder with one of each, added as users add it."""
    scene = next(one for one in stac_scenes if one.start_time)
    model = _LINKS.linked(stac_shelf.models[3]["item"])
    documents = {"dataset": collection(stac_shelf, "eurosat", _LINKS), "scene": _written(scene), "model": model}
    folder = tmp_path / "stac"
    folder.mkdir()
    for name, value in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    report = add_sources([folder], tmp_path / "home").to_dict()
    assert [report[one] for one in ("scenes", "datasets", "models")] == [1, 1, 1], report
    assert not report["skipped"]
    with open_home(tmp_path / "home") as home:
        assert home.scenes.get(scene.collection, scene.id)["platform"] == scene.platform
        assert ("dct:title", "EuroSAT") in _facts(home, BASE + "dataset/collection/eurosat")
