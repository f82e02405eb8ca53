"""Questions about places themselves: positions, figures, relations, what the gazetteer lacks; topics stay topics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.home import Home
from nlq.answer import Answer, answer
from nlq.engine import Engine


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


def _ask(home: Home, engine: Engine, text: str) -> Answer:
    return answer(home, engine.read(text, reference_date="2025-05-01"))


def test_where_a_place_lies(builtin_home: Home, engine: Engine) -> None:
    found = _ask(builtin_home, engine, "Where is Lake Como?")
    assert found.kind == "value" and found.target == "place"
    assert 45.8 < found.rows[0]["lat"] < 46.3 and 9 < found.rows[0]["lon"] < 9.5
    assert "Italy" in str(found.value)
    assert found.understood == "Where Lake Como lies."


def test_a_town_that_the_graph_does_not_hold(builtin_home: Home, engine: Engine) -> None:
    found = _ask(builtin_home, engine, "How many people live in Sion, Switzerland?")
    assert found.kind == "value" and 20_000 < found.value < 60_000
    assert "VALUES" in found.sparql and any("gazetteer" in note for note in found.assumptions)


def test_distance(builtin_home: Home, engine: Engine) -> None:
    found = _ask(builtin_home, engine, "how far is Berlin from Prague")
    assert found.unit == "km" and 270 < found.value < 290


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Is Oslo north of Rome?", True),
        ("Does Austria border Portugal?", False),
        ("Is Lake Como in Italy?", True),
        ("Is Paris within 500 km of London?", True),
        ("Is Chad larger than Belgium?", True),
        ("Is Sumatra an island?", True),
    ],
)
def test_yes_or_no(builtin_home: Home, engine: Engine, text: str, truth: bool) -> None:
    found = _ask(builtin_home, engine, text)
    assert found.kind == "yesno" and found.value is truth


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("How many restaurants are there in Lisbon?", "restaurants"),
        ("Which hospitals are in Accra?", "hospitals"),
        ("What is the currency of Japan?", "currency"),
    ],
)
def test_what_the_gazetteer_has_not(builtin_home: Home, engine: Engine, text: str, word: str) -> None:
    found = _ask(builtin_home, engine, text)
    assert found.kind == "refusal"
    assert word in found.reason and "it has" in found.reason


def test_a_figure_that_is_not_known(builtin_home: Home, engine: Engine) -> None:
    found = _ask(builtin_home, engine, "How deep is Mont Blanc?")
    assert found.value is None and "does not know" in found.reason


@pytest.mark.parametrize(
    "text",
    ["volcanoes in Italy", "population data of Ghana", "lakes in Sentinel-2 images of Finland", "roads in Kenya"],
)
def test_topics_stay_topics(engine: Engine, text: str) -> None:
    assert engine.read(text).target in ("dataset", "product")


def test_what_lies_near_a_river_is_named_before_it_is_measured(builtin_home: Home, engine: Engine) -> None:
    found = _ask(builtin_home, engine, "Which capitals lie along the Danube?")
    names = {row["name"] for row in found.rows}
    assert {"Vienna", "Bratislava", "Budapest", "Belgrade"} <= names
    assert "Madrid" not in names
    assert "VALUES ?feature" in found.sparql


@pytest.mark.parametrize("text", ["Sentinel-2 scenes of 14.99, 37.75 in May 2023", "Landsat 8 near -3.70, 40.42"])
def test_lone_decimals_are_a_point(engine: Engine, text: str) -> None:
    place = engine.read(text, reference_date="2025-05-01").to_dict()["place"]
    assert place is not None and "point" in place


def test_the_nearest_place_of_a_kind_for_scenes(engine: Engine) -> None:
    place = engine.read("Sentinel-2 of the airport nearest to Geneva in 2022").to_dict()["place"]
    assert place["type"] == "airport" and place["order"] == {"by": "distance", "dir": "asc"} and place["limit"] == 1
