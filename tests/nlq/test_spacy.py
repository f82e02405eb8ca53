"""The reader as a spaCy pipeline: the same stages, and what is read by itself needs no spaCy."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from kg.home import Home
from nlq.engine import Engine, question_of

TODAY = date(2024, 11, 5)


@pytest.mark.parametrize(
    "text",
    [
        "Sentinel-2 scenes over Lake Constance last month with less than 10 % clouds",
        "models fine-tuned on EuroSAT, not under the GPL",
        "Which countries border Austria?",
        "",
    ],
)
def test_a_spacy_pipeline_reads_as_the_engine_does(builtin_home: Home, text: str) -> None:
    engine = Engine.open(builtin_home)
    nlp = engine.as_spacy(TODAY)
    assert question_of(nlp(text)) == engine.read(text, reference_date=TODAY)


def test_stages_are_components_that_can_be_left_out(builtin_home: Home) -> None:
    nlp = Engine.open(builtin_home).as_spacy(TODAY)
    text = "Sentinel-2 scenes in May 2022"
    assert question_of(nlp(text)).times
    with nlp.select_pipes(disable=["earthdex_dates"]):
        assert not question_of(nlp(text)).times


def test_reading_and_answering_import_no_spacy(builtin_path: Path) -> None:
    code = (
        "import sys; from kg.home import open_home; from nlq.ask import ask;"
        f"ask(open_home({str(builtin_path)!r}), 'datasets of ships'); sys.exit('spacy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
