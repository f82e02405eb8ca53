"""Empty answers name the nearest conditions that find something, with what they find."""

from __future__ import annotations

from typing import Any

import pytest

from nlq.answer import Answer, answer
from nlq.answers.nearest import nearer_times
from nlq.question import Filter, NamedPlace, Question
from tests.nlq.small import SmallHome, small_home

ALAND = NamedPlace("Aland", "https://w3id.org/earthdex/place/country/AA")


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Advice is bounded in time; a busy machine must not change what is tested."""
    monkeypatch.setattr("nlq.answer._ADVICE_SECONDS", 60.0)


@pytest.fixture(scope="module")
def home() -> SmallHome:
    return small_home()


def _ask(home: SmallHome, **slots: Any) -> Answer:
    return answer(home, Question("a question", **slots))


def test_the_nearest_number_is_offered_with_its_count(home: SmallHome) -> None:
    found = _ask(
        home,
        target="product",
        filters=(Filter("mission", "=", "Sentinel-2"), Filter("cloud_cover", "<=", 1)),
        places=(ALAND,),
        relation="intersects",
    )
    assert found.found == 0
    near = next(one for one in found.relaxed if "cloud cover" in one.condition)
    assert near.instead.startswith("with cloud cover at most ") and near.instead_found >= 1
    again = float(near.instead.split()[-2])
    more = _ask(
        home,
        target="product",
        filters=(Filter("mission", "=", "Sentinel-2"), Filter("cloud_cover", "<=", again)),
        places=(ALAND,),
        relation="intersects",
    )
    assert more.found == near.instead_found
    assert any(near.instead[1:] in one and "instead of" in one for one in found.suggestions)


def test_a_bound_that_nothing_reaches_alone(home: SmallHome) -> None:
    found = _ask(home, target="dataset", filters=(Filter("num_samples", ">", 10**9),))
    assert found.found == 0
    assert any("number of samples at least" in one for one in found.suggestions)


def test_times_grow_to_months_and_years() -> None:
    question = Question("", target="product", times=(("2021-05-03", "2021-05-03"),))
    wider = [one.times[0] for _, one in nearer_times(question)]
    assert wider == [("2021-05-01", "2021-05-31"), ("2021-01-01", "2021-12-31"), ("2020-01-01", "2022-12-31")]
    winter = Question("", target="product", times=(("2020-12-01", "2021-02-28"),), months=(12, 1, 2))
    texts = [text for text, _ in nearer_times(winter)]
    assert texts[0] == "taken in any month"


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-01", None])
def test_times_at_the_ends_of_the_calendar(start: str | None) -> None:
    end = "9999-12-31" if start != "0001-01-01" else "0001-01-31"
    for text, question in nearer_times(Question("", target="product", times=((start, end),))):
        assert text and question.times
