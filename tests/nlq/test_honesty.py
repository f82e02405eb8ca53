"""No word that carries meaning is dropped silently: what changes a question changes what is said about it.

Content words of understood questions are deleted, replaced or added. The interpretation, the verdict or the list of
unused words must change; else the word was used by nothing and told by nobody. `EARTHDEX_TEST_QUERIES=5000` tries more.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kg.home import Home
from nlq.engine import Engine
from nlq.lexis.grammar import HEADS, STOP
from nlq.lexis.words import listed
from nlq.question import Question
from nlq.stages.leftovers import QUIET
from ontology.paths import catalogue_dir
from tests.nlq.test_read import LINES

_COUNT = int(os.environ.get("EARTHDEX_TEST_QUERIES", "250"))
_TODAY = "2024-11-05"
# words that say the same as another one elsewhere in the question are told by nothing
_MOST_MISSED = 0.02
_SETTINGS = settings(
    max_examples=_COUNT, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
# words that carry the sentence: what is looked for is clear without them
_CARRIERS = frozenset(
    listed(
        "dataset datasets image images scene scenes product products model models pictures picture photos pics shots "
        "tiles weights label labels labelled labeled annotated annotations annotation licence license licensed class "
        "classes resolution reference belonging level preferably download published disk visual classifier percent "
        "pre-trained pretrained air crowns above-ground i'd degrees network networks samples used trained training "
        "released measured created made taken acquired imagery benchmark benchmarks collection collections pixels "
        "cover coverage sized size wide corpora patches samples instances input pixel pixels terms span reach accept"
    )
)
_HEADS = frozenset(
    word + ending for text in HEADS.values() for word in re.split(r"[| ]", text) for ending in ("", "s", "es")
)
_NONSENSE = ("wrumpel", "zorblaxic", "quontivar", "blirfing")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def _all_lines() -> list[dict[str, Any]]:
    folder = catalogue_dir() / "questions"
    texts = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return [*LINES, *(json.loads(line) for line in texts if line.strip())]


ALL = [line for line in _all_lines() if line.get("answerable", True) and "question" in line]
WELL_SPELT = [line for line in ALL if line.get("style") != "typo"]


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Engine:
    return Engine.open(builtin_home)


def _read(engine: Engine, line: dict[str, Any], text: str) -> Question:
    return engine.read(text, context=tuple(line.get("context") or ()), reference_date=line.get("ref_date") or _TODAY)


def _said(question: Question) -> tuple[object, ...]:
    """What is said of a question: its reading, the verdict, the assumptions, the unused words."""
    reading = json.dumps(question.to_dict(), sort_keys=True, ensure_ascii=False)
    unused = tuple(word for one in question.unused for word in one.split() if word not in STOP)
    return reading, question.answerable, question.clarify, question.assumptions, unused


def _redundant(question: Question, start: int, end: int) -> bool:
    """Whether other words fill the same slot as these: `type` of `crop type`, `2019` of `winter 2019/2020`."""
    mine = [one for one in question.spans if one.start < end and start < one.end]
    if any(one.slot == "unused" for one in mine):
        return False
    return any(
        other.slot == one.slot and (other is not one or other.start < start or end < other.end)
        for one in mine
        for other in question.spans
    )


def _content(text: str) -> list[re.Match[str]]:
    known = STOP | _CARRIERS | QUIET | _HEADS
    return [one for one in _WORD.finditer(text) if not set(re.split(r"\W", one[0].casefold())) <= known]


Change = Callable[[st.DataObject, str, Question], "tuple[str, str] | None"]


def _missed(engine: Engine, lines: list[dict[str, Any]], change: Change) -> tuple[int, list[str]]:
    """How many questions were changed, and the changes that nothing tells of."""
    tried, missed = 0, []

    @_SETTINGS
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        nonlocal tried
        line = data.draw(st.sampled_from(lines))
        before = _read(engine, line, line["question"])
        assume(before.answerable and not before.clarify)
        changed = change(data, line["question"], before)
        if changed is not None:
            tried += 1
            text, word = changed
            if _said(_read(engine, line, text)) == _said(before):
                missed.append(f"{word!r} of {line['question']!r}")

    run()
    return tried, missed


def _deleted(data: st.DataObject, text: str, question: Question) -> tuple[str, str] | None:
    words = [one for one in _content(text) if not _redundant(question, *one.span())]
    if not words:
        return None
    word = data.draw(st.sampled_from(words))
    return text[: word.start()] + text[word.end() :], word[0]


def _replaced(data: st.DataObject, text: str, _: Question) -> tuple[str, str] | None:
    words = _content(text)
    if not words:
        return None
    word = data.draw(st.sampled_from(words))
    return text[: word.start()] + data.draw(st.sampled_from(_NONSENSE)) + text[word.end() :], word[0]


def _inserted(data: st.DataObject, text: str, _: Question) -> tuple[str, str]:
    at = data.draw(st.sampled_from([one.start() for one in _WORD.finditer(text)] or [0]))
    word = data.draw(st.sampled_from(_NONSENSE))
    return f"{text[:at]}{word} {text[at:]}", f"{word} at {at}"


@pytest.mark.parametrize("change", [_deleted, _replaced, _inserted], ids=["deleted", "replaced", "inserted"])
def test_a_changed_word_changes_what_is_said(engine: Engine, change: Change) -> None:
    tried, missed = _missed(engine, WELL_SPELT if change is _deleted else ALL, change)
    assert tried > _COUNT / 3
    assert len(missed) <= _MOST_MISSED * tried, missed


def test_few_words_of_understood_questions_are_unused(engine: Engine) -> None:
    """A long list of carrier words would hide the one that matters."""
    lines = [line for line in LINES if line.get("answerable", True)][::5]
    unused = [_read(engine, line, line["question"]).unused for line in lines]
    assert sum(map(len, unused)) < 0.2 * len(lines)
    assert max(map(len, unused)) <= 6
