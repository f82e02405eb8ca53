"""Bad input: an answer or a reason in bounded time, and never a query that the question did not mean."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nlq.stages
from kg.home import Home
from nlq.ask import ask
from nlq.engine import Engine
from nlq.sheet.reading import Rule
from tests.nlq.test_read import TODAY

# wide enough for loaded machines; a rule that runs away takes hours
_SECONDS = 20.0
SAME = "Sentinel-2 images of Rome"
# what is the same question to a person
WRITINGS = {
    "zero width": "Senti\u200bnel-2 ima\u200bges of Ro\u200dme",
    "soft hyphen": "Senti\u00adnel-2 images of Rome",
    "byte order mark": "\ufeffSentinel-2 images of Rome",
    "look-alikes": "Sеntinel-2 imаges of Rоme",
    "full width": "Ｓｅｎｔｉｎｅｌ－２ images of Rome",
    "mathematical": "𝐒𝐞𝐧𝐭𝐢𝐧𝐞𝐥-2 images of Rome",
    "terminal": "\x1b[31mSentinel-2\x1b[0m images of \x1b[1;4mRome",
    "control": "Sentinel-2\x00 images\x07 of\x0c Rome",
    "markup": "<b>Sentinel-2</b> images of <i>Rome</i>",
    "emoji": "🛰️🛰️ Sentinel-2 images of Rome 🌍🔥",
}
REFUSED = {
    "ten thousand words": "crop type datasets " * 5000,
    "megabyte of digits": "1" * 1_000_000,
    "a huge number": "datasets with more than 1" + "0" * 400 + " classes",
    "a huge exponent": "datasets larger than 1e400 GB",
    "year 0": "Sentinel-2 images of Rome in year 0",
    "year 99999": "Sentinel-2 images on 99999-12-31",
    "no such day": "Landsat images on 31 February 2020",
    "no such point": "Landsat images at 999 N 999 E",
    "closing the query": 'Sentinel-2 images of Rome" . } ; DROP ALL ; SELECT * WHERE { ?s ?p "x',
    "an update": 'datasets published by "}) } INSERT DATA { <a> <b> <c> } #',
    "a union": "datasets from 'x\\\" UNION { ?s ?p ?o }'",
    "patterns": "datasets named <http://evil/> ?s ?p ?o",
    "one unknown word": "wrumpel",
    "nesting": "(" * 2000 + "datasets" + ")" * 2000,
    "quotes": '"' * 3000,
    "accents": "S" + "\u0301" * 3000 + "entinel-2",
    "only emoji": "🔥🌊🛰️",
}
LONG = (
    "datasets " + "and " * 490,
    "please " * 300 + "datasets",
    "images of " + ", ".join(["Rome", "Paris", "Lagos", "Lima"] * 40),
    "how far is it " + "from Rome " * 60 + "to Paris",
    "which lakes " + "in which lakes " * 60,
    "EuroSAT and " * 150,
    "datasets not " * 200,
    " ".join(map(str, range(480))),
    "Sentinel-2 " + "," * 3900,
    "a" * 3999,
)


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    found = Engine.open(builtin_home)
    found.read("datasets")
    yield found


@pytest.mark.parametrize("name", WRITINGS)
def test_what_reads_the_same_is_read_the_same(engine: Engine, name: str) -> None:
    found = engine.read(WRITINGS[name], reference_date=TODAY)
    assert found.to_dict() == engine.read(SAME, reference_date=TODAY).to_dict()
    assert not found.unused


def test_letters_taken_for_others_are_told(engine: Engine) -> None:
    told = engine.read(WRITINGS["look-alikes"], reference_date=TODAY).assumptions
    assert any("another script" in one for one in told)


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_question_means_runs_no_query(builtin_home: Home, name: str) -> None:
    started = time.perf_counter()
    found = ask(builtin_home, REFUSED[name], reference_date="2024-11-05")
    assert time.perf_counter() - started < _SECONDS
    assert found.kind in ("refusal", "clarify"), found.understood
    assert found.reason and not found.sparql
    assert all(len(one) <= 110 for one in found.unused)


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_long_repetitions_end(engine: Engine, text: str) -> None:
    started = time.perf_counter()
    engine.read(text, reference_date=TODAY)
    assert time.perf_counter() - started < _SECONDS


def test_no_rule_runs_away_on_repetitions() -> None:
    """Each rule of the sheet, on lines of the same pieces over and over, as no question has them."""
    rules = [one for name, one in _rules()]
    assert len(rules) > 100
    pieces = (
        "and ",
        "the ",
        ", ",
        "of the ",
        "{place} , ",
        "{topic} and ",
        "{record} ",
        "{number} , ",
        "word ",
        "not ",
    )
    for pattern in rules:
        started = time.perf_counter()
        for piece in pieces:
            for _ in pattern.finditer(" " + piece * 120):
                pass
        assert time.perf_counter() - started < _SECONDS, pattern.pattern[:200]


def _rules() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(nlq.stages.__path__):
        for name, value in vars(importlib.import_module(f"{nlq.stages.__name__}.{module.name}")).items():
            if isinstance(value, Rule):
                yield f"{module.name}.{name}", re.compile(value._text)
            elif name.startswith("_ORDERS"):
                yield f"{module.name}.{name}", value


_PIECES = st.sampled_from(
    [
        *(
            "Sentinel-2 ",
            "Rome ",
            "datasets ",
            "images ",
            "of ",
            "10 ",
            "% ",
            "-",
            "'",
            '"',
            "}",
            "{",
            "\\",
            "\n",
            "<",
            ">",
        ),
        *(
            "?s ",
            "FILTER(",
            ")",
            ".",
            ";",
            "# ",
            "1e309 ",
            "0000-00-00 ",
            "99999 ",
            "٣ ",
            "½ ",
            "²",
            "\u202e",
            "\u200b",
        ),
        *("née ", "ß", "İ", "ﬁ", "\ud800", "\x00", "𝟙", "🛰️", "а", "北", "named ", "published by ", "classes ", "not "),
    ]
)


@settings(max_examples=150, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(_PIECES, max_size=25), text=st.text(max_size=30))
def test_any_text_is_answered(builtin_home: Home, pieces: list[str], text: str) -> None:
    found: dict[str, Any] = ask(builtin_home, "".join(pieces) + text, reference_date="2024-11-05").to_dict()
    assert found["kind"] in ("list", "value", "count", "yesno", "groups", "refusal", "clarify")
    assert found["sparql"] or found["reason"]
    assert "".join(one["text"] for one in found["parts"]) == found["question"] or found["kind"] == "refusal"
