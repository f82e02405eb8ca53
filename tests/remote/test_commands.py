"""`EARTHDEX_STORE` on the command line: the whole way from the setting to the answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg.home import Home

SECRET = "Opensesame-42"


def _run(path: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EARTHDEX_HOME": str(path), **settings}
    command = [sys.executable, "-m", "earthdex", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=240)


@pytest.fixture
def url(on_oxigraph: Home, oxigraph_url: str) -> str:
    """An Oxigraph server that holds the catalogue."""
    return f"{oxigraph_url}/query"


def test_a_question_is_answered_from_the_server(url: str, builtin_path: Path) -> None:
    done = _run(builtin_path, "ask", "--json", "How many datasets are there?", EARTHDEX_STORE=url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["found"] == 173 or found["rows"]
    assert "@" in found["version"]


def test_a_query_from_outside_is_answered_through_a_worker(url: str, builtin_path: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?d a ed:TrainingDataset FILTER EXISTS { ?d dct:title ?t } }"
    done = _run(builtin_path, "sparql", "-f", "csv", query, EARTHDEX_STORE=url)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) > 100


def test_the_state_of_the_server_is_told(url: str, builtin_path: Path) -> None:
    done = _run(builtin_path, "store", "status", "--json", EARTHDEX_STORE=url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["dialect"], found["catalogue"]) == ("oxigraph", "complete")
    again = _run(builtin_path, "store", "push", "--json", EARTHDEX_STORE=url)
    assert json.loads(again.stdout)["sent"] == 0


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("", "No server is set"),
        (f"http://anna:{SECRET}@127.0.0.1:9/", "cannot be reached"),
        (SECRET, "not the address"),
    ],
)
def test_what_goes_wrong_is_one_clear_message(setting: str, words: str, builtin_path: Path) -> None:
    done = _run(builtin_path, "store", "status", EARTHDEX_STORE=setting)
    assert done.returncode != 0
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr
