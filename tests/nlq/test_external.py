"""The questions of others: understood or refused as a person labelled them.

The texts stay in the shared folder beside the checkout; the labels are ours and are kept by the id of the question.
A word in `told` must be part of the interpretation or be named among the unused words, assumptions or the reason.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kg.home import Home
from nlq.engine import Engine
from nlq.question import Question
from tests.corpora import shared

LABELS: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("external_labels.jsonl").read_text("utf-8").splitlines()
    if line.strip()
]
FILES = ("eo_search_questions.jsonl", "inpe_bdc_prompts.jsonl")
ASKED_ON = date(2026, 6, 15)
FLOOR = 0.90


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


@pytest.fixture(scope="module")
def judge() -> Any:
    """The judge of the public set."""
    spec = importlib.util.spec_from_file_location("shared_score", shared("questions", "score.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.judge


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    lines = [
        json.loads(line)
        for name in FILES
        for line in shared("questions", "external", name).read_text("utf-8").splitlines()
        if line.strip()
    ]
    return {one["id"]: one["question"] for one in lines}


def _misses(engine: Engine, judge: Any, texts: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label in LABELS:
        text = texts[label["id"]]
        question = engine.read(text, reference_date=ASKED_ON)
        line = {"expect": {}, "accept": [], **label, "question": text}
        prediction = {
            "interpretation": question.to_dict(),
            "answerable": question.answerable,
            "clarify": question.clarify,
        }
        wrong = judge(line, prediction)[0] or [f"silent about {one}" for one in _silent(label, question)]
        if wrong:
            found[label["id"]] = ", ".join(wrong)
    return found


def _silent(label: dict[str, Any], question: Question) -> list[str]:
    parts = [json.dumps(question.to_dict(), ensure_ascii=False), *question.unused, *question.assumptions]
    said = " ".join([*parts, question.reason]).casefold()
    return [one for one in label.get("told", ()) if one.casefold() not in said]


def test_every_question_has_one_label(texts: dict[str, str]) -> None:
    assert sorted(texts) == sorted(one["id"] for one in LABELS)
    assert not any(len(text) > 40 and text in str(label) for label in LABELS for text in [texts[label["id"]]])


def test_most_questions_of_others_are_understood(engine: Engine, judge: Any, texts: dict[str, str]) -> None:
    misses = _misses(engine, judge, texts)
    right = 1 - len(misses) / len(LABELS)
    assert right >= FLOOR, f"{right:.1%}: {misses}"


def test_no_answerable_question_of_others_is_refused(engine: Engine, texts: dict[str, str]) -> None:
    refused = {
        label["id"]: question.reason
        for label in LABELS
        if label["answerable"] and not (question := engine.read(texts[label["id"]], reference_date=ASKED_ON)).answerable
    }
    assert not refused
