"""Kinds of place in questions about scenes: holders, neighbours, sides, sizes and ranks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.home import Home
from nlq.engine import Engine

KINDS: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("place_kinds.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


def _plain(place: Any) -> Any:
    if isinstance(place, dict):
        return {name: value.split(",")[0] if isinstance(value, str) else _plain(value) for name, value in place.items()}
    return [_plain(one) for one in place] if isinstance(place, list) else place


def _near(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return bool(abs(found - wanted) < 0.01)
    if isinstance(wanted, dict):
        return set(found) == set(wanted) and all(_near(found[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_near, found, wanted))
    return bool(found == wanted)


@pytest.mark.parametrize("line", KINDS, ids=[line["words"] for line in KINDS])
def test_kinds_of_place(engine: Engine, line: dict[str, Any]) -> None:
    question = engine.read(f"Sentinel-2 scenes of {line['words']}, June 2020")
    found = question.to_dict()
    assert question.answerable, question.reason
    assert found["target"] == "product"
    assert [one["property"] for one in found["filters"]] == ["mission"]
    assert _near(_plain(found["place"]), line["place"]), found["place"]


def test_the_third_largest_island_is_named(engine: Engine) -> None:
    found = engine.read("Sentinel-2 scenes of the third largest island of Greece").to_dict()
    assert found["place"].split(",")[0] == "Lesbos"
