"""The same questions have the same answers from the folder, from an Oxigraph server and from Virtuoso."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.home import Home
from nlq.ask import ask
from tests.corpora import shared

QUESTIONS = (
    "Which datasets are about crop types in Austria?",
    "Crop type datasets with Sentinel-2 time series, free for commercial use",
    "How many datasets are there?",
    "How many models were trained on BigEarthNet?",
    "Which models were trained on SEN12MS?",
    "Datasets about floods with SAR images",
    "Land cover datasets for Europe with more than 10,000 samples",
    "Datasets published since 2021 about buildings",
    "Who published EuroSAT?",
    "What is the spatial resolution of SpaceNet 1?",
    "Which licence does BigEarthNet have?",
    "Is EuroSAT free for commercial use?",
    "Datasets per modality",
    "How many datasets for each topic?",
    "Datasets that show Germany",
    "Datasets that cover the whole world",
    "Wildfire datasets with labels as masks",
    "Datasets for semantic segmentation with at most 1 m resolution",
    "Object detection datasets of ships",
    "Models for cloud detection with PyTorch weights",
    "Foundation models trained on Sentinel-1 and Sentinel-2",
    "Datasets without a licence",
    "The five largest datasets by number of samples",
    "Newest datasets about deforestation",
    "Datasets with the class maize",
    "Which datasets have the bands B02 and B08?",
    "Volcanoes in Italy",
    "Lakes in Switzerland above 400 m",
    "Cities in Austria with more than 100,000 inhabitants",
    "How high is Etna?",
    "Which countries border Austria?",
    "Which instruments does Sentinel-3 carry?",
    "When was Sentinel-2A launched?",
    "Hyperspectral missions",
    "Datasets near Vienna",
    "Building footprint datasets in Africa",
    "Change detection datasets not from Sentinel-2",
    "Datasets on Hugging Face",
    "Models with more than 100 million parameters",
    "Datasets made from Landsat 8 about water",
    "Datasets like EuroSAT",
    "Sea ice datasets",
    "Datasets about the weather of tomorrow",
    "Which datasets show Atlantis?",
)
_CHANGES = ("version", "ms", "sources")


def _answer(home: Home, text: str) -> dict[str, Any]:
    found = ask(home, text, reference_date="2026-06-01").to_dict()
    return {key: value for key, value in found.items() if key not in _CHANGES}


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_has_the_same_answer_everywhere(text: str, builtin_home: Home, remote_home: Home) -> None:
    assert _answer(remote_home, text) == _answer(builtin_home, text)


def test_questions_of_others_too(builtin_home: Home, remote_home: Home) -> None:
    lines = shared("questions", "dev_questions.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [str(json.loads(line)["question"]) for line in lines]
    different = [text for text in texts[::8] if _answer(remote_home, text) != _answer(builtin_home, text)]
    assert not different
