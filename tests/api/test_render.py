"""What people see in a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.commands.render import clean, render_added, render_answer, render_problems, render_record, shown

ANSWER: dict[str, Any] = {
    "kind": "list",
    "found": 2,
    "understood": "datasets about crop type",
    "rows": [
        {"iri": "x:a", "name": "Alpha", "kind": "dataset", "resolution_m": 10, "sensor": ["Sentinel-1", "Sentinel-2"]},
        {"iri": "x:b", "name": "Beta [bold]", "kind": "dataset", "resolution_m": 0.5, "sensor": []},
    ],
    "assumptions": ["near = within 5 km"],
    "unused": ["pretty"],
    "suggestions": ["earthdex show Alpha"],
    "sparql": "SELECT ?x WHERE {\n  ?x a ed:TrainingDataset\n}",
}


def test_an_answer_shows_all_it_owes(capsys: pytest.CaptureFixture[str]) -> None:
    render_answer(ANSWER, show_sparql=True)
    said = capsys.readouterr()
    for part in ("datasets about crop type", "Alpha", "Beta [bold]", "Sentinel-1, Sentinel-2", "resolution (m)", "0.5"):
        assert part in said.out
    for part in ("near = within 5 km", "pretty", "earthdex show Alpha", ANSWER["sparql"]):
        assert part in said.out
    assert "x:a" not in said.out
    assert not said.err


def test_hidden_rows_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    render_answer({**ANSWER, "found": 1234}, limit=1)
    out = capsys.readouterr().out
    assert "1 of 1,234 shown" in out
    assert "Beta" not in out


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [("yesno", True, "Yes."), ("yesno", False, "No."), ("yesno", None, "Unknown."), ("count", 46697, "46,697")],
)
def test_short_answers(kind: str, value: object, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    render_answer({"kind": kind, "value": value, "found": 1, "rows": []})
    assert said in capsys.readouterr().out


def test_a_refusal_gives_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    render_answer({"kind": "refusal", "found": 0, "rows": [], "reason": "Landsat 9 was launched in 2021."})
    assert "Landsat 9 was launched in 2021." in capsys.readouterr().out


def test_disputed_facts_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    values = [
        {"value": "27000", "iri": None, "sources": ["paper A"]},
        {"value": "27597", "iri": None, "sources": ["card B"]},
    ]
    record = {
        "name": "X",
        "kind": "dataset",
        "facts": {"num_samples": {"unit": None, "disputed": True, "values": values}},
    }
    render_record(record)
    out = capsys.readouterr().out
    assert "27,000 [1]  or  27,597 [2]" in out
    assert "sources disagree" in out
    assert "[1] paper A" in out


def test_problems_name_place_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    render_problems(
        [{"path": "a.yaml", "line": 3, "message": "Unknown key 'sensr'.", "remedy": "Did you mean sensor?"}]
    )
    assert "a.yaml:3: Unknown key 'sensr'. Did you mean sensor?" in capsys.readouterr().out
    render_problems([])
    assert "No problems." in capsys.readouterr().out


def test_added_names_every_skip(capsys: pytest.CaptureFixture[str]) -> None:
    render_added({"scenes": 12252, "datasets": 0, "repaired": {"closed a ring": 3}, "skipped": {"no time": 2}})
    out = capsys.readouterr().out
    assert "12,252 scenes" in out
    assert "closed a ring" in out
    assert "no time" in out


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text())
def test_nothing_reaches_the_terminal_that_it_would_obey(text: str) -> None:
    out = clean(text)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\n" not in out


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_json_value_can_be_shown(value: object) -> None:
    assert isinstance(shown(value), str)
    json.dumps(shown(value))
