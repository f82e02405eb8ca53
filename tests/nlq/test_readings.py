"""Other readings of ambiguous names and phrases are offered, and what was assumed is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.home import Home
from nlq.ask import ask
from nlq.engine import Engine
from tests.nlq.test_read import TODAY


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


def _assumed(home: Home, text: str) -> str:
    return " ".join(ask(home, text, reference_date="2024-11-05").assumptions)


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Sentinel-2 images of Toledo", ("Ohio", "Spain")),
        ("Landsat images of Georgia", ("country", "United States")),
        ("images of Vancouver", ("British Columbia", "Washington")),
        ("Sentinel-2 images of Victoria", ("Australia", "British Columbia")),
        ("radar images of Etna", ("by mission", "Sentinel-1")),
        ("corn datasets", ("corn", "class of the labels")),
        ("Landsat datasets", ("Landsat-1", "Landsat-9")),
        ("Sentinel-1 scenes near Vienna", ("within", "km")),
        ("cloud-free images of Rome", ("10 %",)),
    ],
)
def test_what_was_assumed_names_the_other_readings(builtin_home: Home, text: str, others: tuple[str, ...]) -> None:
    said = _assumed(builtin_home, text)
    assert all(one in said for one in others), said


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("high resolution crop type datasets", "high resolution"),
        ("large lakes in Finland on Landsat 8 images", "large"),
        ("radar images of Etna", "radar"),
    ],
)
def test_measures_without_figures_are_told(engine: Engine, text: str, unused: str) -> None:
    assert unused in engine.read(text, reference_date=TODAY).unused


@pytest.mark.parametrize("text", ["EnMAP hyperspectral scenes of Rome", "radar images of Rome by Sentinel-1"])
def test_what_a_mission_says_already_is_not_unused(engine: Engine, text: str) -> None:
    assert not engine.read(text, reference_date=TODAY).unused


def test_one_spacecraft_is_no_family(builtin_home: Home) -> None:
    assert "any of its missions" not in _assumed(builtin_home, "datasets with Landsat 8 imagery")
    assert "any of its missions" not in _assumed(builtin_home, "datasets with Sentinel-2 imagery")
