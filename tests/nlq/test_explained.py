"""What each word of a question became, in the question, in the query and on a terminal."""

from __future__ import annotations

import json

import pytest

from api.commands.explain import render_explained
from kg.home import Home
from nlq.answers.parts import Part, parts
from nlq.ask import ask, engine_of
from nlq.roles import ROLES
from tests.nlq.test_read import LINES

TEXT = (
    "The five newest crop type datasets with Sentinel-2 and Landsat imagery in Austria since 2018, with frumious masks"
)


def _by_slot(found: tuple[Part, ...]) -> dict[str, tuple[str, str]]:
    return {one.slot: (one.role, one.text) for one in found if one.slot}


def test_each_word_has_its_role(builtin_home: Home) -> None:
    found = ask(builtin_home, TEXT)
    told = _by_slot(found.parts)
    assert told["target"] == ("target", "datasets")
    assert told["topic"] == ("filter", "crop type")
    assert told["place"] == ("place", "Austria")
    assert told["time"][0] == "time" and "2018" in told["time"][1]
    assert told["order"][0] == told["limit"][0] == "order"
    assert told["unused"] == ("unused", "frumious masks")
    became = {one.slot: one.became for one in found.parts}
    assert became["topic"] == "about crop type"
    assert "Austria" in became["place"] and "2018" in became["time"]


def test_the_query_names_the_words_of_its_patterns(builtin_home: Home) -> None:
    comments = [line.strip() for line in ask(builtin_home, TEXT).sparql.splitlines() if line.strip().startswith("# ")]
    assert "# target: datasets, from “datasets”" in comments
    assert "# filter: topic = crop type, from “crop type”" in comments
    assert any(line.startswith("# filter: sensor") and "from “Sentinel-2” and “Landsat”" in line for line in comments)
    assert any(line.startswith("# place: intersects Austria, from “") for line in comments)
    assert any(line.startswith("# time: ") and "2018”" in line for line in comments)
    assert any(line.startswith("# order: ") and "newest”" in line for line in comments)


def test_conditions_on_one_property_name_their_own_words(builtin_home: Home) -> None:
    found = ask(builtin_home, "wildfire datasets that are not about land cover")
    comments = [line for line in found.sparql.splitlines() if "# filter: topic" in line]
    assert len(comments) == 2
    assert all(("“wildfire”" in line) != ("land cover”" in line) for line in comments), comments


def test_the_parts_are_the_question(builtin_home: Home) -> None:
    engine = engine_of(builtin_home)
    for line in LINES[::7]:
        question = engine.read(line["question"], context=tuple(line.get("context") or ()))
        found = parts(question)
        assert "".join(one.text for one in found) == question.text
        assert all(question.text[one.start : one.end] == one.text for one in found)
        assert {one.role for one in found} <= {*ROLES, ""}


@pytest.mark.parametrize("coloured", [False, True])
def test_what_a_terminal_shows(
    coloured: bool, builtin_home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1") if coloured else monkeypatch.delenv("FORCE_COLOR", raising=False)
    answer = ask(builtin_home, TEXT)
    data = json.loads(json.dumps(answer.to_dict() | {"plan": builtin_home.explain(answer.sparql).to_dict()}))
    render_explained(data)
    said = capsys.readouterr().out
    assert ("\x1b[" in said) is coloured
    assert ("[crop type|topic]" in said) is not coloured
    for part in ("Plan", "graph", "frumious masks", "about crop type"):
        assert part in said
    if not coloured:
        assert answer.sparql.rstrip() in said


def test_a_refusal_is_explained_without_a_query(builtin_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    data = ask(builtin_home, "Will it rain in Vienna tomorrow?").to_dict() | {"plan": None}
    render_explained(data)
    assert "Not answerable" in capsys.readouterr().out
