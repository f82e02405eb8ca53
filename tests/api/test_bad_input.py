"""The worst that a shell or a client can send: one clear message each, the documented code, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.house.imports import ROOT

HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def run(home: Path, *words: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "earthdex", *words]
    variables = {**os.environ, "EARTHDEX_HOME": str(home), **environment}
    return subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env=variables, timeout=120)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("ask", "yesterday", "--reference-date", "2019-02-30"), 2, b"no day of the calendar"),
        (("ask", "flood", "--limit", "9" * 30), 2, b"--limit"),
        (("sparql", "ASK { ?s ?p ?o }", "--timeout", "inf"), 2, b"--timeout"),
        (("check", ""), 2, b"path is empty"),
        (("add", ""), 2, b"path is empty"),
        (("check", "x" * 3000), 1, b"system refused"),
        (("fetch", "EuroSAT", "--target", "/dev/null/x"), 1, b"Cannot make the folder"),
    ],
)
def test_odd_arguments(builtin_path: Path, words: tuple[str, ...], code: int, said: bytes) -> None:
    done = run(builtin_path, *words)
    assert done.returncode == code, done.stderr
    assert said in done.stderr.replace(b"\n", b" ")
    assert b"Traceback" not in done.stderr


def test_bytes_that_are_no_utf8_come_out_as_utf8(builtin_path: Path) -> None:
    done = run(builtin_path, "ask", "--json", b"flood \xff datasets", PYTHONUTF8="0", LC_ALL="POSIX")
    assert done.returncode == 0, done.stderr
    done.stdout.decode("utf-8")


@pytest.mark.parametrize("line", ['{"question": "x", "context": 5}', '{"question": "x", "ref_date": "2019-02-30"}'])
def test_batch_lines_of_the_wrong_type(builtin_path: Path, tmp_path: Path, line: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(line)
    done = run(builtin_path, "ask", "--batch", str(path))
    assert done.returncode == 1
    assert b"questions.jsonl:1" in done.stderr.replace(b"\n", b"")


def test_a_form_with_too_many_fields(http: httpx.Client) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert http.post("/sparql", content=b"a&" * 1000, headers=kind).status_code == 400


def test_formats_and_values_that_are_not_offered(http: httpx.Client) -> None:
    assert http.get("/sparql", params={"query": "ASK {}"}, headers={"accept": "image/png"}).status_code == 406
    reply = http.get("/ask", params={"q": "x", "reference_date": "2019-02-30"})
    assert reply.status_code == 422
    assert "reference_date" in reply.json()["detail"]


def test_health_answers_while_all_query_rooms_are_taken(http: httpx.Client) -> None:
    codes: list[int] = []

    def ask_much() -> None:
        codes.append(httpx.get(f"{http.base_url}/sparql", params={"query": HEAVY}, timeout=60).status_code)

    threads = [threading.Thread(target=ask_much) for _ in range(50)]
    for one in threads:
        one.start()
    time.sleep(1)
    begun = time.monotonic()
    assert http.get("/health", timeout=20).status_code == 200
    assert time.monotonic() - begun < 5
    for one in threads:
        one.join()
    # each is refused at once or stopped in time; none is left without an answer
    assert len(codes) == 50 and set(codes) <= {413, 429, 503, 504}
