"""Answers on a small graph: every form, the evidence, the sources, what is unknown, and why an answer is empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kg.solutions import Solutions
from nlq.answer import Answer, answer
from nlq.question import Compare, Filter, Having, NamedPlace, Order, PlaceClass, Question
from tests.nlq.small import SmallHome, small_home

ALAND = NamedPlace("Aland", "https://w3id.org/earthdex/place/country/AA")
BELAND = NamedPlace("Beland", "https://w3id.org/earthdex/place/country/BB")


@pytest.fixture(scope="module")
def home() -> SmallHome:
    return small_home()


def _ask(home: SmallHome, **slots: Any) -> Answer:
    return answer(home, Question("a question", **slots))


def _names(found: Answer) -> list[str]:
    return [row["name"] for row in found.rows]


def test_a_list_has_names_kinds_and_useful_columns(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("topic", "=", "crop type"),))
    assert found.kind == "list" and found.found == 1 and found.target == "dataset"
    row = found.rows[0]
    assert row["name"] == "AlphaCrop" and row["kind"] == "dataset" and row["iri"].endswith("/dataset/alpha")
    assert row["license"] == "CC-BY-4.0" and row["sensor"] == ["Sentinel-2A"] and row["resolution_m"] == 10
    assert found.understood == "Datasets about crop type."
    assert found.version == "test" and found.ms > 0


def test_the_query_of_an_answer_runs_as_it_is_and_finds_the_rows(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("sensor", "contains", "Sentinel-2"),))
    again = home.query(found.sparql)
    assert isinstance(again, Solutions)
    assert [str(row[0]) for row in again.rows] == [row["iri"] for row in found.rows]


def test_broader_words_find_narrower_things(home: SmallHome) -> None:
    assert _names(_ask(home, target="dataset", filters=(Filter("topic", "=", "building"),))) == ["GammaBuildings"]
    sentinel = _ask(home, target="dataset", filters=(Filter("sensor", "contains", "Sentinel"),))
    assert sorted(_names(sentinel)) == ["AlphaCrop", "BetaFlood", "DeltaLake"]
    maize = _ask(home, target="dataset", filters=(Filter("class_label", "contains", "maize"),))
    assert _names(maize) == ["AlphaCrop"]


def test_touching_is_not_lying_in_and_global_counts_everywhere(home: SmallHome) -> None:
    assert _names(_ask(home, target="dataset", places=(ALAND,), relation="intersects")) == [
        "DeltaLake",
        "AlphaCrop",
        "GammaBuildings",
    ]


def test_commercial_use_is_three_valued(home: SmallHome) -> None:
    allowed = _names(_ask(home, target="dataset", filters=(Filter("commercial_use", "=", True),)))
    ruled_out = _names(_ask(home, target="dataset", filters=(Filter("commercial_use", "=", False),)))
    assert sorted(allowed) == ["AlphaCrop", "DeltaLake"] and ruled_out == ["BetaFlood"]


def test_values_of_a_fact_stand_side_by_side_with_their_sources(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("name", "=", "AlphaCrop"),), returns=("num_samples",))
    assert found.kind == "value" and found.value == [1000, 1200] and found.unit == "samples"
    assert [(row["value"], row["sources"], row["disputed"]) for row in found.rows] == [
        (1000, ["the paper"], True),
        (1200, ["the web page"], True),
    ]
    assert any("disagree" in one for one in found.assumptions)


def test_a_value_is_in_the_unit_of_its_property(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("name", "=", "AlphaCrop"),), returns=("size_gb",))
    assert found.value == 2 and found.unit == "GB" and found.rows[0]["unit"] == "GB"


def test_an_unknown_value_is_said_to_be_unknown(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("name", "=", "AlphaCrop"),), returns=("doi",))
    assert found.kind == "value" and found.found == 0 and found.value is None
    assert found.reason == "The catalogue does not know the DOI of AlphaCrop."


def test_an_unknown_name_gets_the_nearest_ones(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("name", "=", "Alpha Corp"),), returns=("doi",))
    assert "holds no dataset called Alpha Corp" in found.reason and "AlphaCrop" in found.suggestions[0]


def test_counts_and_calculations(home: SmallHome) -> None:
    flood = _ask(home, target="dataset", filters=(Filter("topic", "=", "flood"),), aggregate="count")
    assert (flood.kind, flood.value, flood.found) == ("count", 2, 2)
    total = _ask(home, target="dataset", aggregate="sum(size_gb)")
    assert (total.kind, total.value, total.unit, total.found) == ("value", 2.5, "GB", 2)
    largest = _ask(home, target="dataset", aggregate="max(num_samples)")
    assert largest.value == 1200


def test_superlatives_rank_only_what_is_known(home: SmallHome) -> None:
    most = _ask(home, target="dataset", order=Order("num_images", "desc"), limit=1)
    assert _names(most) == ["BetaFlood"] and most.rows[0]["num_images"] == 5000
    assert any("is known" in one for one in most.assumptions)
    second = _ask(home, target="dataset", order=Order("num_images", "desc"), limit=1, offset=1)
    assert _names(second) == ["AlphaCrop"]


def test_yes_has_evidence(home: SmallHome) -> None:
    found = _ask(
        home,
        target="dataset",
        filters=(Filter("name", "=", "GammaBuildings"), Filter("derived_from", "contains", "AlphaCrop")),
        aggregate="ask",
    )
    assert found.kind == "yesno" and found.value is True and _names(found) == ["GammaBuildings"]


def test_no_and_unknown_differ(home: SmallHome) -> None:
    no = _ask(
        home,
        target="dataset",
        filters=(Filter("name", "=", "AlphaCrop"), Filter("sensor", "contains", "Sentinel-1")),
        aggregate="ask",
    )
    assert no.value is False and [row["value"] for row in no.rows] == ["Sentinel-2A"]
    unknown = _ask(
        home,
        target="dataset",
        filters=(Filter("name", "=", "AlphaCrop"), Filter("derived_from", "contains", "BetaFlood")),
        aggregate="ask",
    )
    assert unknown.value is None and "does not know" in unknown.reason


def test_groups(home: SmallHome) -> None:
    found = _ask(home, target="dataset", group_by=("license",), aggregate="count")
    assert found.kind == "groups"
    assert [(row["license"], row["count"]) for row in found.rows] == [("CC-BY-4.0", 2), ("CC-BY-NC-4.0", 1)]
    years = _ask(home, target="product", group_by=("year",), aggregate="count")
    assert [(row["year"], row["count"]) for row in years.rows] == [(2019, 2), (2020, 1)]


@pytest.mark.parametrize(("op", "value"), [("<", True), (">", False), ("=", False)])
def test_comparisons_show_both_values(home: SmallHome, op: str, value: bool) -> None:
    pair = (Filter("name", "in", ("AlphaCrop", "BetaFlood")),)
    compare = Compare("AlphaCrop", "num_images", op, "BetaFlood")
    found = _ask(home, target="dataset", filters=pair, aggregate="ask", compare=compare)
    assert found.kind == "yesno" and found.value is value
    assert [(row["name"], row["value"]) for row in found.rows] == [("AlphaCrop", 900), ("BetaFlood", 5000)]


def test_a_comparison_with_an_unknown_value_is_undecided(home: SmallHome) -> None:
    compare = Compare("AlphaCrop", "num_images", ">", "GammaBuildings")
    found = _ask(home, target="dataset", aggregate="ask", compare=compare)
    assert found.value is None and "number of images of GammaBuildings" in found.reason


def test_scenes_come_newest_first_with_their_columns(home: SmallHome) -> None:
    found = _ask(home, target="product", filters=(Filter("mission", "=", "Sentinel-2"),))
    assert _names(found) == ["S2A_2", "S2A_1"]
    row = found.rows[1]
    assert row["platform"] == "Sentinel-2A" and row["cloud_cover"] == 5.0
    assert row["acquisition_time"].startswith("2019-07-01T10:00")


def test_places_themselves(home: SmallHome) -> None:
    found = _ask(home, places=(PlaceClass("city", within=BELAND),))
    assert found.target == "place" and _names(found) == ["Btown"] and found.rows[0]["kind"] == "city"


def test_an_empty_answer_names_the_condition_that_emptied_it(home: SmallHome) -> None:
    found = _ask(
        home,
        target="product",
        filters=(Filter("mission", "=", "Sentinel-2"), Filter("cloud_cover", "<=", 1)),
        places=(ALAND,),
        relation="intersects",
        times=(("2019-01-01", "2019-12-31"),),
    )
    assert found.found == 0 and [(one.condition, one.found) for one in found.relaxed] == [
        ("with cloud cover at most 1 %", 1)
    ]
    assert "cloud cover" in found.reason and found.suggestions


def test_an_empty_answer_without_a_single_culprit_names_what_matches_nothing(home: SmallHome) -> None:
    filters = (Filter("num_classes", ">", 7), Filter("num_images", ">", 10**9), Filter("topic", "=", "flood"))
    found = _ask(home, target="dataset", filters=filters)
    assert found.found == 0 and not found.relaxed
    assert "number of images above 1,000,000,000" in found.reason


def test_refusals_and_questions_back(home: SmallHome) -> None:
    refused = _ask(home, answerable=False, reason="Sentinel-9 does not exist.")
    assert (refused.kind, refused.reason, refused.rows) == ("refusal", "Sentinel-9 does not exist.", ())
    assert refused.suggestions
    asked = _ask(home, clarify=True, reason="Which Victoria?")
    assert (asked.kind, asked.reason) == ("clarify", "Which Victoria?")
    senseless = _ask(home, target="model", filters=(Filter("orbit_direction", "=", "ascending"),))
    assert senseless.kind == "refusal" and "no property 'orbit direction'" in senseless.reason


def test_having(home: SmallHome) -> None:
    found = _ask(home, target="dataset", having=Having("sensor", ">=", 2))
    assert _names(found) == ["BetaFlood"]


def test_the_json_form_is_the_documented_one(home: SmallHome) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "answer-json.md"
    table = page.read_text(encoding="utf-8").split("## Kinds")[0]
    documented = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(documented) == sorted(_ask(home, target="dataset").to_dict())
