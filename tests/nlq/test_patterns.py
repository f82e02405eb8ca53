"""Patterns that are compiled late and kept compiled: the same as Python's own, whatever the file holds."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nlq.answer
import nlq.engine
from nlq.sheet import patterns
from nlq.sheet.patterns import Regex, compiled, keep_patterns, recall_patterns, regex
from nlq.sheet.reading import Rule

_SOME = [
    ("a|b", 0),
    (r"(?P<name>\w+)(?P<sign>[+-])?(x)", re.IGNORECASE),
    (r"(?<!\d)\d{2,4}?(?=\s|$)(?:ä|[^\W_])+", 0),
    (r"(?s:.)(?i:é|\u0130)", re.MULTILINE),
    (r"(a)|(?P<last>b(?P<inner>c))", re.DOTALL),
]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process has compiled stands aside."""
    monkeypatch.setattr(patterns, "_kept", {})
    monkeypatch.setattr(patterns, "_new", {})
    monkeypatch.setattr(patterns, "_ENOUGH", 1)


def _all() -> list[tuple[str, int]]:
    held = [(one.pattern, one._flags) for one in gc.get_objects() if type(one) is Regex]
    return [*_SOME, *held, *((one._text, 0) for one in gc.get_objects() if type(one) is Rule)]


@pytest.mark.usefixtures("alone")
def test_kept_patterns_are_those_that_python_compiles(tmp_path: Path) -> None:
    every = _all()
    assert len(every) > 400, (nlq.engine, nlq.answer)
    for text, flags in every:
        compiled(text, flags)
    keep_patterns(tmp_path / "patterns.bin")
    patterns._kept.clear()
    recall_patterns(tmp_path / "patterns.bin")
    assert len(patterns._kept) == len(set(every))
    for text, flags in every[:: max(1, len(every) // 60)]:
        plain = re.compile(text, flags)
        found = compiled(text, flags)
        assert found == plain
        assert (found.groups, found.groupindex, found.flags) == (plain.groups, plain.groupindex, plain.flags)
    assert not patterns._new, "all came from the file"


@pytest.mark.usefixtures("alone")
def test_damaged_files_of_patterns_are_as_good_as_none(tmp_path: Path) -> None:
    file = tmp_path / "patterns.bin"
    for text, flags in _SOME:
        compiled(text, flags)
    keep_patterns(file)
    whole = file.read_bytes()
    head = json.loads(whole.split(b"\n", 1)[0])
    codes = whole.split(b"\n", 1)[1]
    wrong = [
        b"",
        b"[]\n",
        whole[:-8],
        whole[5:],
        b"{" + whole,
        json.dumps({**head, "made_by": "another"}).encode() + b"\n" + codes,
        json.dumps({**head, "patterns": [["a|b"]]}).encode() + b"\n" + codes,
        json.dumps({**head, "patterns": [[*one[:2], 0, 8, *one[4:]] for one in head["patterns"]]}).encode()
        + b"\n"
        + codes,
        json.dumps(head).encode() + b"\n" + b"\xff" * len(codes),
        json.dumps({**head, "patterns": [[*one[:4], "x", None, [], {}] for one in head["patterns"]]}).encode()
        + b"\n"
        + codes,
    ]
    for bad in wrong:
        patterns._kept.clear()
        file.write_bytes(bad)
        recall_patterns(file)
        for text, flags in _SOME:
            assert compiled(text, flags) == re.compile(text, flags), bad[:60]


def test_a_pattern_is_compiled_by_its_first_use() -> None:
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.search("(")
    right = regex(r"\d+")
    assert right.pattern == r"\d+" and right.sub("n", "a1b22") == "anbn"
    assert [one[0] for one in right.finditer("1 22")] == ["1", "22"]


def test_what_one_process_compiles_the_next_one_reads(builtin_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "patterns.bin"
    code = (
        "from pathlib import Path; from kg.home import open_home; from nlq.engine import Engine;"
        "from nlq.sheet import patterns;"
        f"engine = Engine.open(open_home({str(builtin_path)!r})); file = Path({str(file)!r});"
        "patterns._kept.clear(); patterns.recall_patterns(file); print(len(patterns._kept));"
        "engine._patterns = file; engine.read('Sentinel-2 scenes in Austria last May'); print(len(patterns._new))"
    )
    (kept, new), (kept_next, new_next) = (
        map(
            int, subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        )
        for _ in range(2)
    )
    assert (kept, new) == (0, 0), "nothing was kept, all was written"
    assert kept_next > 100 and new_next < patterns._ENOUGH
