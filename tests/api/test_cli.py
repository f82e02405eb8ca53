"""The command line as a process: words, exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.imports import ROOT


def run(home: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EARTHDEX_HOME": str(home)}
    command = [sys.executable, "-m", "earthdex", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, input=stdin, timeout=120
    )


def test_the_readme_question_finds_timesen2crop(builtin_path: Path) -> None:
    done = run(builtin_path, "ask", "crop type datasets with Sentinel-2 time series in Austria")
    assert done.returncode == 0, done.stderr
    assert "TimeSen2Crop" in done.stdout
    assert "Understood" in done.stdout
    assert not done.stderr


def test_json_is_json_and_limited(builtin_path: Path) -> None:
    done = run(builtin_path, "ask", "--json", "--limit", "2", "land cover datasets")
    found = json.loads(done.stdout)
    assert len(found["rows"]) == 2
    assert found["found"] > 2
    assert {"iri", "name", "kind"} <= found["rows"][0].keys()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ask", "flood datasets"), 0),
        (("ask", "Landsat 9 scenes of Seoul from May 2019"), 4),
        (("ask", ""), 4),
        (("ask", "\u202emoc.elpmaxe"), 4),
        (("show", "EuroSAT"), 0),
        (("show", "no such thing at all"), 3),
        (("sparql", "SELECT ?x WHERE {"), 1),
        (("sparql", "INSERT DATA { <a:b> <a:c> <a:d> }"), 1),
        (("sparql", "SELECT ?x WHERE { ?x a <a:nothing> }"), 3),
        (("sparql", "--format", "nonsense", "ASK {}"), 1),
        (("check", "no/such/file.yaml"), 3),
        (("ask", "--limit", "0", "flood"), 2),
        (("nonsense",), 2),
    ],
)
def test_exit_codes(builtin_path: Path, words: tuple[str, ...], code: int) -> None:
    done = run(builtin_path, *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_sparql_from_standard_input_and_file(builtin_path: Path, tmp_path: Path) -> None:
    query = "ASK { ?d a <https://w3id.org/earthdex/ns#TrainingDataset> }"
    file = tmp_path / "q.rq"
    file.write_text(query)
    assert "true" in run(builtin_path, "sparql", "-", "--format", "json", stdin=query).stdout
    assert "true" in run(builtin_path, "sparql", str(file), "--format", "json").stdout


def test_batch_writes_one_line_a_question(builtin_path: Path, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    lines = [{"id": "a", "question": "flood datasets"}, {"id": "b", "question": "What is the weather tomorrow?"}]
    questions.write_text("\n".join(json.dumps(line) for line in lines))
    done = run(builtin_path, "ask", "--batch", str(questions))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in found] == ["a", "b"]
    assert [line["answerable"] for line in found] == [True, False]
    assert found[0]["results"]
    assert found[1]["reason"]
    for line in found:
        assert {"interpretation", "answerable", "sparql", "results", "notes", "ms"} <= line.keys()


def test_a_bad_batch_line_is_named(builtin_path: Path, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "a", "question": "flood"}\nnot json\n')
    done = run(builtin_path, "ask", "--batch", str(questions))
    assert done.returncode == 1
    assert ":2 " in done.stderr


def test_status(builtin_path: Path) -> None:
    counts = json.loads(run(builtin_path, "status", "--json").stdout)["counts"]
    assert counts["datasets"] >= 150
    assert counts["models"] >= 140
    assert counts["scenes"] == 0


def test_a_closed_pipe_is_no_error(builtin_path: Path) -> None:
    environment = {**os.environ, "EARTHDEX_HOME": str(builtin_path)}
    command = f"{sys.executable} -m earthdex sparql 'SELECT * WHERE {{ ?s ?p ?o }} LIMIT 20000' --format csv | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
    ask = f"set -o pipefail; {sys.executable} -m earthdex ask land cover datasets | head -1"
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0
    assert not done.stderr


def test_explain_tells_what_went_where(builtin_path: Path) -> None:
    query = "SELECT ?d { ?d a ed:TrainingDataset }"
    told = run(builtin_path, "sparql", "--explain", query)
    assert told.returncode == 0, told.stderr
    assert "graph" in told.stdout and " ms, version " in told.stdout
    data = json.loads(run(builtin_path, "sparql", "--explain", "--json", query).stdout)
    assert data["rows"] > 100
    assert {"where", "what", "rows_in", "rows_out", "ms", "depth", "pushed", "left"} == data["steps"][0].keys()
