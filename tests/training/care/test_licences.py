"""Licence algebra: never allowed where unknown, duties and conflicts of the mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import NotFound
from ontology.vocabulary import Vocabulary
from training.care.licences import USES, Licensed, combine_licences
from training.care.records import licensed

if TYPE_CHECKING:
    from kg.home import Home

_IDS = [one.label for one in Vocabulary.load().concepts("licence")]


def mix(*licences: str) -> list[Licensed]:
    return [Licensed(f"set {number}", (one,) if one else ()) for number, one in enumerate(licences)]


@given(st.lists(st.sampled_from([*_IDS, "", "whatever the moon says"]), max_size=5), st.sampled_from(["", *_IDS]))
def test_more_in_the_mix_never_allows_more(licences: list[str], added: str) -> None:
    rank = {"forbidden": 0, "unknown": 1, "allowed": 2}
    before, after = combine_licences(mix(*licences)), combine_licences(mix(*licences, added))
    for use in USES:
        if licences:
            assert rank[after.uses[use]] <= rank[before.uses[use]]
        if "" in [*licences, added]:
            assert after.uses[use] != "allowed"


@given(st.lists(st.sampled_from(_IDS), min_size=1, max_size=4), st.randoms())
def test_the_order_does_not_matter(licences: list[str], rng: object) -> None:
    things = mix(*licences)
    assert combine_licences(things).to_dict() == combine_licences(reversed(things)).to_dict()


def test_permissive_licences_allow_all_and_oblige_to_naming() -> None:
    verdict = combine_licences(mix("CC-BY-4.0", "MIT", "CC0-1.0"))
    assert set(verdict.uses.values()) == {"allowed"}
    assert verdict.duties == ("name the makers (CC-BY-4.0): set 0", "name the makers (MIT): set 1")
    assert not verdict.conflicts
    assert not verdict.unknowns


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"),
        ("CC-BY-SA-4.0", "ODbL-1.0"),
        ("CC-BY-SA-4.0", "CC-BY-NC-4.0"),
        ("CC-BY-SA-4.0", "CC-BY-ND-4.0"),
        ("GPL-2.0-only", "GPL-3.0-only"),
        ("CC-BY-SA-3.0", "GPL-3.0-only"),
    ],
)
def test_licences_that_cannot_both_be_met(one: str, other: str) -> None:
    verdict = combine_licences(mix(one, other))
    assert len(verdict.conflicts) == 1
    assert verdict.uses["share_model"] == "forbidden"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CC-BY-SA-3.0", "CC-BY-SA-4.0"),
        ("CC-BY-SA-4.0", "GPL-3.0-only"),
        ("CC-BY-SA-4.0", "CC-BY-4.0"),
        ("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0"),
        ("GPL-2.0-or-later", "AGPL-3.0-only"),
        ("ODbL-1.0", "ODC-By-1.0"),
    ],
)
def test_licences_that_can(one: str, other: str) -> None:
    assert not combine_licences(mix(one, other)).conflicts


def test_reasons_name_the_thing_and_the_licence() -> None:
    verdict = combine_licences([Licensed("LoveDA", ("CC-BY-NC-SA-4.0",)), Licensed("EuroSAT", ("MIT",))])
    assert verdict.uses["commercial"] == "forbidden"
    assert "LoveDA: CC-BY-NC-SA-4.0 forbids commercial use" in verdict.text()
    assert "no legal advice" in verdict.text()


def test_unknown_is_never_allowed() -> None:
    for text in ("", "LicenseRef-proprietary", "see the website", "LicenseRef-fMoW"):
        verdict = combine_licences(mix("MIT", text))
        assert verdict.uses["commercial"] == "unknown"
        assert verdict.unknowns
    assert set(combine_licences([]).uses.values()) == {"unknown"}


def test_records_of_the_catalogue(builtin_home: Home) -> None:
    things = licensed(builtin_home, ["eurosat", "Open Buildings", "BRIGHT", "resnet18-sentinel2-all-moco"])
    assert [one.kind for one in things] == ["data", "data", "data", "weights"]
    verdict = combine_licences(things)
    assert verdict.uses["commercial"] == "forbidden"  # one of BRIGHT's two licences forbids it
    assert any("ODbL-1.0" in one for one in verdict.conflicts)
    with pytest.raises(NotFound):
        licensed(builtin_home, ["no such thing"])


def test_what_weights_were_trained_on_is_told() -> None:
    weights = Licensed(
        "net", ("MIT",), kind="weights", made_from=(("LoveDA", ("CC-BY-NC-SA-4.0",)), ("open", ("MIT",)))
    )
    verdict = combine_licences([weights])
    assert verdict.uses["commercial"] == "allowed"
    assert verdict.unknowns == ("net: whether it is bound by LoveDA (CC-BY-NC-SA-4.0), which it was made from",)
