"""Answers over the built-in catalogue against a second opinion that reads the records directly (`oracle.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nlq.answer import answer
from nlq.question import Box, Filter, Having, NamedPlace, Point, Question
from tests.nlq.oracle import Oracle

if TYPE_CHECKING:
    from kg.home import Home


def _data(*filters: tuple[str, str, Any] | tuple[str, str], **slots: Any) -> Question:
    return Question("", target="dataset", filters=tuple(Filter(*one) for one in filters), **slots)


def _model(*filters: tuple[str, str, Any] | tuple[str, str], **slots: Any) -> Question:
    return Question("", target="model", filters=tuple(Filter(*one) for one in filters), **slots)


def _in(*names: str, **slots: Any) -> dict[str, Any]:
    return {"places": tuple(NamedPlace(name) for name in names), "relation": "intersects", **slots}


QUESTIONS = [
    _data(("topic", "=", "crop type")),
    _data(("topic", "=", "agriculture")),
    _data(("topic", "in", ("flood", "wildfire"))),
    _data(("topic", "=", "building")),
    _data(("topic", "=", "ship")),
    _data(("topic", "=", "sea ice")),
    _data(("topic", "=", "land cover"), ("topic", "not_contains", "crop type")),
    _data(("task", "=", "semantic segmentation"), ("topic", "=", "cloud")),
    _data(("task", "in", ("object detection", "instance segmentation"))),
    _data(("task", "contains_all", ("semantic segmentation", "instance segmentation"))),
    _data(("task", "=", "change detection"), ("sensor", "contains", "Sentinel-2")),
    _data(("temporal", "=", "time series")),
    _data(("temporal", "in", ("bi-temporal", "multi-temporal"))),
    _data(("sensor", "contains", "Sentinel-1")),
    _data(("sensor", "contains", "Landsat")),
    _data(("sensor", "contains", "Landsat"), ("sensor", "not_contains", "Sentinel")),
    _data(("sensor", "contains_all", ("Sentinel-1", "Sentinel-2"))),
    _data(("sensor", "not_only", "Sentinel-2")),
    _data(("sensor", "contains", "WorldView")),
    _data(("sensor", "contains", "MODIS")),
    _data(("sensor", "not_exists")),
    _data(("modality", "contains", "SAR")),
    _data(("modality", "contains", "hyperspectral")),
    _data(("modality", "not_only", "multispectral")),
    _data(("band", "contains", "near infrared")),
    _data(("band", "contains", "red edge"), ("sensor", "contains", "Sentinel-2")),
    _data(("class_label", "contains", "maize")),
    _data(("class_label", "contains", "corn")),
    _data(("class_label", "contains", "wetland")),
    _data(("class_label", "contains", "water")),
    _data(("class_label", "contains", "building")),
    _data(("class_label", "contains", "rapeseed")),
    _data(("topic", "=", "land cover"), ("class_label", "not_contains", "wetland")),
    _data(("license", "=", "CC-BY-4.0")),
    _data(("license", "in", ("MIT", "Apache-2.0"))),
    _data(("commercial_use", "=", True)),
    _data(("commercial_use", "=", False)),
    _data(("commercial_use", "=", True), ("topic", "=", "building")),
    _data(("access", "=", "registration")),
    _data(("publisher", "=", "DFKI")),
    _data(("project", "=", "ExtremeEarth")),
    _data(("format", "contains", "GeoTIFF")),
    _data(("annotation_type", "contains", "point")),
    _data(("annotation_source", "contains", "OpenStreetMap")),
    _data(("split", "contains_all", ("train", "validation", "test"))),
    _data(("resolution_m", "<=", 1)),
    _data(("resolution_m", "<", 0.1)),
    _data(("resolution_m", "between", (1, 5))),
    _data(("resolution_m", ">", 10)),
    _data(("resolution_m", "=", 10)),
    _data(("num_classes", "=", 17)),
    _data(("num_classes", ">=", 40)),
    _data(("num_samples", ">=", 1_000_000)),
    _data(("num_images", "<", 1000)),
    _data(("image_size_px", ">=", 1000), ("task", "=", "object detection")),
    _data(("size_gb", "<=", 2)),
    _data(("publication_year", ">=", 2024)),
    _data(("publication_year", "between", (2015, 2017))),
    _data(("doi", "exists"), ("license", "exists")),
    _data(("homepage", "not_exists")),
    _data(("derived_from", "exists")),
    _data(("trained_model", "exists")),
    _data(**_in("Austria")),
    _data(("topic", "=", "crop type"), ("sensor", "contains", "Sentinel-2"), **_in("Austria")),
    _data(**_in("Germany", "France", place_op="and")),
    _data(**_in("India", "Pakistan", place_op="or")),
    _data(("topic", "=", "building"), **_in("Africa")),
    _data(("topic", "=", "deforestation"), **_in("Brazil")),
    _data(**{**_in("France"), "relation": "within"}),
    _data(**{**_in("Europe"), "relation": "within"}),
    _data(places=(Point(16.37, 48.21),), relation="intersects"),
    _data(places=(Box(10.0, 45.0, 12.0, 47.0),), relation="intersects"),
    _data(times=(("2019-01-01", "2019-12-31"),)),
    _data(times=(("2022-07-01", None),)),
    _data(times=((None, "2015-12-31"),), time_relation="within"),
    _data(times=(("2021-01-01", "2021-12-31"),), time_relation="contains"),
    _data(times=(("2000-01-01", "2000-12-31"), ("2018-01-01", "2018-12-31"))),
    _data(("topic", "=", "flood"), times=(("2019-01-01", "2020-12-31"),), **_in("Asia")),
    _data(having=Having("sensor", ">=", 3)),
    _model(("model_type", "=", "foundation model")),
    _model(("architecture", "contains", "ViT")),
    _model(("architecture", "contains", "ViT-Small")),
    _model(("pretraining", "contains", "MoCo"), ("input_sensor", "contains", "Landsat")),
    _model(("input_sensor", "contains", "Sentinel-1")),
    _model(("sensor", "contains", "Sentinel-2"), ("task", "=", "semantic segmentation")),
    _model(("num_parameters", "<", 30_000_000)),
    _model(("license", "=", "MIT"), ("num_input_bands", "=", 4)),
    _model(("trained_on", "contains", "SSL4EO-S12")),
    _model(("trained_on", "not_exists")),
    _model(("evaluated_on", "contains", "EuroSAT")),
    _model(("evaluated_on", "exists")),
    _model(("framework", "=", "PyTorch"), ("commercial_use", "=", True)),
    _model(("publication_year", "=", 2023)),
    _model(having=Having("evaluated_on", ">=", 3)),
    _model(**_in("France")),
    Question("", target="any", filters=(Filter("topic", "=", "sea ice"),)),
    Question("", target="any", filters=(Filter("license", "=", "Apache-2.0"),)),
]


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: str(one.to_dict()["filters"])[:80])
def test_rows_are_those_of_the_records(question: Question, oracle: Oracle, builtin_home: Home) -> None:
    found = answer(builtin_home, question)
    assert found.kind == "list", found.reason
    identifiers = {row["iri"].rsplit("/", 1)[1] for row in found.rows}
    expected = oracle.select(question)
    assert identifiers == expected, (
        f"missing {sorted(expected - identifiers)}, too many {sorted(identifiers - expected)}\n{found.sparql}"
    )
    assert found.found == len(found.rows) == len(expected)


def test_most_questions_find_something_and_none_finds_everything(oracle: Oracle) -> None:
    found = [len(oracle.select(one)) for one in QUESTIONS]
    assert sum(1 for one in found if one) >= 0.9 * len(found)
    assert all(one < len(oracle.records) for one in found)


@pytest.mark.parametrize("question", QUESTIONS[::7], ids=lambda one: str(one.to_dict()["filters"])[:80])
def test_counts_are_as_many_as_rows(question: Question, builtin_home: Home) -> None:
    from dataclasses import replace

    assert answer(builtin_home, replace(question, aggregate="count")).value == answer(builtin_home, question).found
