"""Conditions of a question are left out and added by their keys."""

from __future__ import annotations

import pytest

from kg.home import Home
from nlq.ask import ask
from ontology.errors import QueryError

CROPS = "crop type datasets with Sentinel-2 time series in Austria"


def test_each_condition_has_a_key_and_the_words_that_made_it(builtin_home: Home) -> None:
    found = ask(builtin_home, CROPS).conditions
    assert [one.key for one in found] == ["topic", "sensor", "temporal", "place"]
    assert [one.words for one in found] == [("crop type",), ("Sentinel-2",), ("time series",), ("Austria",)]
    assert found[3].iris[0].endswith("/place/country/AT")


def test_what_is_left_out_is_left_out(builtin_home: Home) -> None:
    whole, less = ask(builtin_home, CROPS), ask(builtin_home, CROPS, without=("place", "temporal"))
    assert less.found > whole.found
    assert {one.key for one in less.conditions if one.state == "left_out"} == {"place", "temporal"}
    assert "Austria" not in less.understood
    assert "country/AT" not in less.sparql


def test_what_is_added_narrows(builtin_home: Home) -> None:
    wide = ask(builtin_home, "datasets with Sentinel-2")
    narrow = ask(builtin_home, "datasets with Sentinel-2", also=("resolution_m<=10", "place=Germany", "time=2018/"))
    assert 0 < narrow.found < wide.found
    assert [one.key for one in narrow.conditions] == ["sensor", "resolution_m<=10", "place=Germany", "time=2018/"]
    assert {row["iri"] for row in narrow.rows} <= {row["iri"] for row in wide.rows}


def test_a_count_becomes_a_list(builtin_home: Home) -> None:
    assert ask(builtin_home, "how many models run on PyTorch?", without=("aggregate",)).kind == "list"


def test_keys_tell_conditions_on_one_property_apart(builtin_home: Home) -> None:
    found = ask(builtin_home, "datasets larger than 1 GB and smaller than 10 GB")
    keys = [one.key for one in found.conditions]
    assert len(set(keys)) == len(keys) > 0


@pytest.mark.parametrize(
    "also", ["", "sensor", "nonsense=1", "size_gb<=many", "license<5", "time=never", "place=Qwxyzzy", "order=license"]
)
def test_what_cannot_be_added_is_told(builtin_home: Home, also: str) -> None:
    with pytest.raises(QueryError):
        ask(builtin_home, "datasets with Sentinel-2", also=(also,))
