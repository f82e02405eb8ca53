"""Talks about places, borders, what lies between and beside places, kinds of place in other languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kg.home import Home
from nlq.engine import Engine

HIGHEST = "What is the highest volcano of Ecuador?"
TOP = {"by": "elevation_m", "dir": "desc"}
TALKS: list[tuple[str, str, dict[str, Any]]] = [
    (HIGHEST, "and of Italy?", {"place": {"type": "volcano", "within": "Italy", "order": TOP, "limit": 1}}),
    (HIGHEST, "how high is it?", {"place": "Chimborazo", "return": ["elevation_m"]}),
    ("which lakes are in Finland?", "how many?", {"aggregate": "count"}),
    ("which lakes are in Finland?", "and rivers?", {"place": {"type": "river", "within": "Finland"}}),
    ("Is Oslo north of Stockholm?", "and Helsinki?", {"place": ["Helsinki", "Stockholm"], "relation": "north_of"}),
    ("What is the population of Nairobi?", "and its area?", {"place": "Nairobi", "return": ["area_km2"]}),
    ("", "In Ecuador, highest volcano?", {"place": {"type": "volcano", "within": "Ecuador", "order": TOP, "limit": 1}}),
    ("", "Sentinel-2 of the border between Ghana and Togo", {"place": ["Ghana", "Togo"], "place_op": "and"}),
    ("", "Sentinel-2 between Ghana and Togo", {"place": ["Ghana", "Togo"], "place_op": "and"}),
    ("", "Sentinel-2 between Lyon and Turin", {"place": {"bbox": [4.848, 45.07, 7.687, 45.749]}}),
    ("", "Sentinel-2 images of Lac de Neuchâtel", {"place": "Lake Neuchâtel"}),
    ("", "S1 products but not S2 over Mariupol", {"place": "Mariupol", "relation": "intersects"}),
    ("", "least cloudy Sentinel-2 scene of Crete per month", {"group_by": ["month"], "limit": 1}),
]


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


@pytest.mark.parametrize(("before", "text", "expected"), TALKS, ids=[text for _, text, _ in TALKS])
def test_places_are_understood(engine: Engine, before: str, text: str, expected: dict[str, Any]) -> None:
    found = engine.read(text, (before,) if before else (), "2024-11-05").to_dict()
    assert {name: found.get(name) for name in expected} == expected
