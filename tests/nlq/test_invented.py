"""Vocabulary comes from the graph: what is added is asked about at once, by its synonyms too, with no line of code.

Every name here is invented: a topic, a mission and its spacecraft, a dataset with its classes, publisher and model,
and places.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.add import add_sources
from ingest.report import AddReport
from kg.home import Home, open_home
from nlq.answer import Answer
from nlq.ask import ask

_DATASET = """
id: zorblax-moss
type: dataset
name: ZorblaxMoss
alias: [ZBX-Moss, Zorblax Moss Benchmark]
description: Moss that creeps, seen by GlimmerSat.
topic: [moss creep]
task: [semantic segmentation]
sensor: [GlimmerSat-1]
resolution_m: 4
num_classes: 3
class_label: [Blunderwort, {name: Quagmoss, alias: swamp fluff}, bare rock]
publication_year: 2024
license: MIT
publisher: {name: Institute of Frobnication, alias: Frobnication Institute}
coverage: [Austria]
source: {docs: "https://example.org/zorblax"}
"""
_MODEL = """
id: frobnet
type: model
name: FrobNet
alias: [Frobulator]
description: Finds moss that creeps.
topic: [moss creep]
model_type: task model
architecture: [U-Net]
trained_on: [zorblax-moss]
num_parameters: 1500000
license: Apache-2.0
source: {docs: "https://example.org/frobnet"}
"""
_WORDS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ed: <https://w3id.org/earthdex/ns#> .
@prefix sosa: <http://www.w3.org/ns/sosa/> .
@prefix sensor: <https://w3id.org/earthdex/sensor/> .
<https://w3id.org/earthdex/topic/moss-creep> a skos:Concept ;
  skos:inScheme <https://w3id.org/earthdex/topic> ; skos:broader <https://w3id.org/earthdex/topic/vegetation> ;
  skos:prefLabel "moss creep"@en ; skos:altLabel "bryophyte expansion"@en , "crawling moss"@en .
sensor:glimmersat a skos:Concept , ed:Mission ; skos:inScheme <https://w3id.org/earthdex/sensor> ;
  skos:prefLabel "GlimmerSat"@en ; skos:altLabel "Glimmer"@en .
sensor:glimmersat-1 a skos:Concept , sosa:Platform ; skos:inScheme <https://w3id.org/earthdex/sensor> ;
  skos:prefLabel "GlimmerSat-1"@en ; skos:altLabel "GS-1"@en ; skos:broader sensor:glimmersat .
"""
_RING = [[11, 47], [11.4, 47], [11.4, 47.4], [11, 47.4], [11, 47]]


def _place(name: str, kind: str, **more: str) -> dict[str, object]:
    properties = {"name": name, "place_kind": kind, **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [_RING]}}


@pytest.fixture(scope="module")
def added(builtin_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AddReport]:
    """A catalogue to which all of it has been added, and the report."""
    folder = tmp_path_factory.mktemp("invented")
    places = [_place("Gnarlwood", "forest", alias="Gnarl Forest; Knarrwald"), _place("Lake Blimp", "lake")]
    for name, text in {
        "zorblax-moss.yaml": _DATASET,
        "frobnet.yaml": _MODEL,
        "words.ttl": _WORDS,
        "places.geojson": json.dumps({"type": "FeatureCollection", "features": places}),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    home = folder / "home"
    shutil.copytree(builtin_path, home, ignore=shutil.ignore_patterns("*.partial"))
    names = ("zorblax-moss.yaml", "frobnet.yaml", "words.ttl", "places.geojson")
    return home, add_sources([str(folder / one) for one in names], home)


@pytest.fixture(scope="module")
def home(added: tuple[Path, AddReport]) -> Iterator[Home]:
    with open_home(added[0]) as opened:
        yield opened


def _names(found: Answer) -> list[str]:
    return [str(row.get("name")) for row in found.rows]


def test_nothing_is_skipped(added: tuple[Path, AddReport]) -> None:
    assert not added[1].skipped


@pytest.mark.parametrize(
    "text",
    [
        "Which datasets are about moss creep?",
        "bryophyte expansion datasets",
        "datasets about crawling moss in Austria",
        "training data with GlimmerSat-1 imagery",
        "GS-1 training data",
        "datasets from the GlimmerSat mission",
        "datasets on vegetation with Glimmer imagery",
        "datasets with the class Quagmoss",
        "datasets with a class for swamp fluff",
        "datasets with a blunderwort class",
        "datasets published by the Institute of Frobnication",
        "datasets that FrobNet was trained on",
    ],
)
def test_the_dataset_is_found(home: Home, text: str) -> None:
    found = ask(home, text)
    assert _names(found) == ["ZorblaxMoss"], (found.understood, found.reason, found.unused)
    assert not found.unused


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("How many classes does ZBX-Moss have?", 3),
        ("What is the resolution of the Zorblax Moss Benchmark?", 4),
        ("Under which licence is Frobulator?", "Apache-2.0"),
        ("How many parameters does FrobNet have?", 1_500_000),
    ],
)
def test_facts_are_looked_up_by_any_name(home: Home, text: str, value: object) -> None:
    found = ask(home, text)
    assert found.value in (value, [value]), (found.understood, found.reason)


@pytest.mark.parametrize("text", ["models trained on ZorblaxMoss", "moss creep models", "crawling moss U-Net models"])
def test_the_model_is_found(home: Home, text: str) -> None:
    assert _names(ask(home, text)) == ["FrobNet"]


def test_scenes_of_the_mission_are_asked_for(home: Home) -> None:
    found = ask(home, "Glimmer images of Rome in May 2022")
    assert found.target == "product" and not found.unused
    assert {"property": "mission", "op": "=", "value": "GlimmerSat"} in found.interpretation["filters"]


@pytest.mark.parametrize("name", ["Gnarlwood", "Gnarl Forest", "Knarrwald", "Lake Blimp"])
def test_places_are_known_by_their_names(home: Home, name: str) -> None:
    found = ask(home, f"Sentinel-2 images of {name} in May 2023")
    assert found.interpretation["place"] in ("Gnarlwood", "Gnarl Forest", "Knarrwald", "Lake Blimp")
    assert not found.unused and "/concept/unknown" not in found.sparql
    assert "BigEarthNet" in _names(ask(home, f"datasets in {name}"))


def test_before_they_are_added_nothing_is_known_of_them(builtin_home: Home) -> None:
    for text in ("datasets about crawling moss", "Sentinel-2 images of Gnarlwood", "How many classes has ZBX-Moss?"):
        found = ask(builtin_home, text)
        assert found.unused or found.reason or found.assumptions, text
        assert "ZorblaxMoss" not in _names(found)
