"""Queries of questions: standard, readable, safe against anything in a name, and the same for the same question."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from kg.solutions import Solutions
from nlq.answers.explain import understood
from nlq.compile.names import Names
from nlq.compile.query import compile_count, compile_question
from nlq.question import Box, Filter, Having, NamedPlace, Order, PlaceClass, Point, Question, SameAreaAs, ValueOf
from ontology.errors import NotAnswerable
from ontology.properties import PROPERTIES
from tests.nlq.small import SmallHome, small_home

ALAND = NamedPlace("Aland", "https://w3id.org/earthdex/place/country/AA")
BELAND = NamedPlace("Beland", "https://w3id.org/earthdex/place/country/BB")
ACITY = NamedPlace("Acity", "https://w3id.org/earthdex/place/city/1")


@pytest.fixture(scope="module")
def home() -> SmallHome:
    return small_home()


@pytest.fixture(scope="module")
def names(home: SmallHome) -> Names:
    return Names(home.graph)


def _run(home: SmallHome, names: Names, question: Question) -> list[str]:
    found = home.query(compile_question(question, names).sparql)
    assert isinstance(found, Solutions)
    return [str(row[0]).rsplit("/", 1)[1] for row in found.rows]


SCENES = [
    ({"filters": (Filter("mission", "=", "Sentinel"),)}, ["s3", "s2", "s1"]),
    ({"filters": (Filter("platform", "=", "Sentinel-2A"), Filter("cloud_cover", "<=", 10))}, ["s1"]),
    ({"filters": (Filter("mission", "!=", "Sentinel-2"),)}, ["s3"]),
    ({"filters": (Filter("polarisation", "=", "VV+VH"),)}, ["s3"]),
    ({"filters": (Filter("processing_level", "in", ("L1C", "L2A")),)}, ["s2", "s1"]),
    ({"times": (("2019-12-31", "2019-12-31"),)}, ["s2"]),
    ({"times": (("2020-01-01", None),)}, ["s3"]),
    ({"times": (("2019-01-01", "2019-12-31"),), "months": (6, 7)}, ["s1"]),
    ({"times": (("2019-07-01", "2019-07-01"), ("2020-01-01", "2020-01-01"))}, ["s3", "s1"]),
    ({"time_same_as": "AlphaCrop"}, []),
    ({"places": (ALAND,), "relation": "intersects"}, ["s3", "s1"]),
    ({"places": (ALAND,), "relation": "within"}, ["s1"]),
    ({"places": (ALAND, BELAND), "place_op": "and", "relation": "intersects"}, ["s3"]),
    ({"places": (ALAND,), "relation": "disjoint"}, ["s2"]),
    ({"places": (Point(5.0, 5.0),), "relation": "intersects"}, ["s1"]),
    ({"places": (Box(14.0, 4.0, 16.0, 6.0),), "relation": "within"}, ["s2"]),
    ({"places": (ACITY,), "relation": "distance", "distance_km": 100.0}, ["s1"]),
    ({"places": (SameAreaAs("DeltaLake"),), "relation": "intersects"}, ["s3"]),
    (
        {"places": (PlaceClass("city", filters=(Filter("population", ">", 100_000),)),), "relation": "intersects"},
        ["s1"],
    ),
    ({"places": (PlaceClass("lake", within=ALAND),), "relation": "intersects"}, ["s3"]),
    ({"order": Order("cloud_cover", "asc"), "limit": 1}, ["s1"]),
    ({"order": Order("cloud_cover", "asc"), "limit": 1, "offset": 1}, ["s2"]),
    ({"order": Order("acquisition_time", "asc")}, ["s1", "s2", "s3"]),
]


@pytest.mark.parametrize(("slots", "expected"), SCENES)
def test_scenes(home: SmallHome, names: Names, slots: dict[str, object], expected: list[str]) -> None:
    question = Question("scenes", target="product", **slots)  # type: ignore[arg-type]
    if slots.get("time_same_as"):
        assert compile_question(question, names).sparql
        return
    assert _run(home, names, question) == expected


RECORDS = [
    ("dataset", {"filters": (Filter("name", "contains", "flood"),)}, ["beta"]),
    ("dataset", {"filters": (Filter("name", "!=", "BetaFlood"), Filter("topic", "=", "flooding"))}, ["delta"]),
    ("dataset", {"filters": (Filter("sensor", "not_only", "Sentinel-2"),)}, ["beta", "gamma"]),
    ("dataset", {"filters": (Filter("sensor", "not_contains", "Sentinel"),)}, ["gamma"]),
    ("dataset", {"filters": (Filter("license", "not_contains", "CC-BY-4.0"),)}, ["beta"]),
    ("dataset", {"filters": (Filter("num_images", ">", ValueOf("num_images", "AlphaCrop")),)}, ["beta"]),
    ("dataset", {"filters": (Filter("size_gb", "<=", 1),)}, ["beta"]),
    ("dataset", {"filters": (Filter("publisher", "=", "ESA"),)}, ["alpha"]),
    ("dataset", {"filters": (Filter("class_label", "contains", "wetland"),)}, ["beta"]),
    ("dataset", {"filters": (Filter("class_label", "not_contains", "wetland"),)}, ["alpha"]),
    ("dataset", {"filters": (Filter("topic", "=", "glacier"),)}, ["delta"]),
    ("dataset", {"filters": (Filter("trained_model", "contains", "ModelOne"),)}, ["alpha"]),
    ("dataset", {"filters": (Filter("coverage", "not_intersects", "Aland"),), "places": ()}, None),
    ("dataset", {"places": (BELAND,), "relation": "within"}, ["beta"]),
    ("dataset", {"times": (("2011-01-01", "2018-06-30"),), "time_relation": "intersects"}, ["alpha"]),
    ("dataset", {"times": ((None, "2015-12-31"),), "time_relation": "within"}, ["gamma"]),
    ("dataset", {"times": (("2018-03-01", "2018-05-31"),), "time_relation": "contains"}, ["alpha"]),
    ("model", {"filters": (Filter("architecture", "contains", "ViT"),)}, ["three", "two"]),
    ("model", {"filters": (Filter("trained_on", "contains", "ImageNet"),)}, ["two"]),
    ("model", {"filters": (Filter("trained_on", "not_exists"),)}, ["three"]),
    (
        "model",
        {
            "filters": (
                Filter("evaluated_on", "contains", "BetaFlood"),
                Filter("metric", "=", "mIoU"),
                Filter("metric_value", ">", 55),
            )
        },
        ["two"],
    ),
    ("model", {"having": Having("evaluated_on", ">=", 2)}, ["one"]),
    ("model", {"places": (ALAND,), "relation": "intersects"}, ["one"]),
]


@pytest.mark.parametrize(("target", "slots", "expected"), RECORDS)
def test_records(
    home: SmallHome, names: Names, target: str, slots: dict[str, object], expected: list[str] | None
) -> None:
    question = Question("records", target=target, **slots)  # type: ignore[arg-type]
    if expected is None:
        assert "MINUS" in compile_question(question, names).sparql
        return
    assert sorted(_run(home, names, question)) == sorted(expected)


@pytest.mark.parametrize("slots", [one for one, _ in SCENES] + [one for _, one, _ in RECORDS])
def test_queries_are_standard_sparql_and_every_part_has_a_comment(names: Names, slots: dict[str, object]) -> None:
    for target in ("product", "dataset", "model"):
        try:
            query = compile_question(Question("a question", target=target, **slots), names)  # type: ignore[arg-type]
        except NotAnswerable:
            continue
        prepareQuery(query.sparql)
        assert "\n  # " in query.sparql


@pytest.mark.parametrize("name", sorted(PROPERTIES))
@pytest.mark.parametrize("target", ["dataset", "model", "product", "any"])
def test_every_property_can_be_asked_for_or_is_refused_with_a_reason(
    home: SmallHome, names: Names, name: str, target: str
) -> None:
    prop = PROPERTIES[name]
    value: object = {"integer": 5, "number": 1.5, "date": "2020-01-01", "boolean": True}.get(prop.kind, "something")
    for one in (Filter(name, "=", value), Filter(name, "exists"), Filter(name, "not_exists")):  # type: ignore[arg-type]
        question = Question("a question", target=target, filters=(one,))
        try:
            query = compile_question(question, names)
        except NotAnswerable as error:
            assert error.message and error.remedy
            continue
        assert isinstance(home.query(query.sparql), Solutions)
        assert understood(question).endswith(".")


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=60), name=st.sampled_from(["topic", "name", "publisher", "class_label", "keyword", "doi"]))
def test_no_text_of_a_question_is_read_as_sparql(text: str, name: str) -> None:
    home, names = _shared()
    question = Question(text, target="dataset", filters=(Filter(name, "=", text),))
    sparql = compile_question(question, names, title=text).sparql
    found = home.query(sparql)
    assert isinstance(found, Solutions)
    counted = home.query(compile_count(question, names).sparql)
    assert isinstance(counted, Solutions) and str(counted.rows[0][0]) == str(len(found.rows))


@pytest.mark.parametrize(
    "text", ['" } DROP ALL #', "x\\", "a\nb", "\ud800", "?s ?p ?o", "{" * 50, "'; --", "é" * 30, "<http://x>"]
)
def test_hostile_names(text: str) -> None:
    home, names = _shared()
    sparql = compile_question(Question(text, target="dataset", filters=(Filter("name", "=", text),)), names).sparql
    assert isinstance(home.query(sparql), Solutions)
    assert not re.search(r"^\s*(DROP|INSERT|DELETE|LOAD|SERVICE)\b", sparql, re.M)


_held: list[tuple[SmallHome, Names]] = []


def _shared() -> tuple[SmallHome, Names]:
    if not _held:
        home = small_home()
        _held.append((home, Names(home.graph)))
    return _held[0]


def test_the_same_question_gives_the_same_query(names: Names) -> None:
    question = Question("q", target="dataset", filters=(Filter("topic", "=", "flood"),), places=(ALAND,))
    assert compile_question(question, names).sparql == compile_question(question, names).sparql
