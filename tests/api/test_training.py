"""`earthdex plan`, `lock` and `preview` as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import earthdex
from api.commands.cli import app
from tests.corpora import corpus

runner = CliRunner()


@pytest.fixture(autouse=True)
def _home(builtin_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHDEX_HOME", str(builtin_path))


def run(*words: str, code: int = 0) -> str:
    done = runner.invoke(app, list(words))
    assert done.exit_code == code, f"{done.output}\n{done.exception!r}"
    return done.stdout


def test_plan_lock_verify_and_preview(tmp_path: Path) -> None:
    root = str(corpus("rasters", "eurosat-small"))
    assert "Annual Crop" in run("plan", "EuroSAT", "--root", root)
    assert json.loads(run("plan", "EuroSAT", "--root", root, "--json"))["chips"] == 6
    file = tmp_path / "earthdex.lock"
    made = json.loads(run("lock", "EuroSAT", "--root", root, "--size", "32", "-o", str(file), "--json"))
    assert (made["chips"], made["items"]) == (24, 6)
    again = tmp_path / "again.lock"
    run("lock", "EuroSAT", "--root", root, "--size", "32", "--output", str(again))
    assert file.read_bytes() == again.read_bytes()
    assert json.loads(run("lock", "verify", str(file), "--root", root, "--json"))["same"] == 6
    run("lock", "verify", str(file), "--root", str(tmp_path), code=1)
    assert "prov:Entity" in run("lock", "publish", str(file), "--print")
    picture = tmp_path / "x.png"
    run("preview", str(file), "--root", root, "-n", "2", "-o", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "▀" in run("preview", "EuroSAT", "--root", root, "-n", "2")


def test_nothing_to_train_with_is_an_exit_code_of_its_own(tmp_path: Path) -> None:
    assert "no folder" in run("plan", "EuroSAT", "--root", str(tmp_path / "none"), code=3)


def test_wrong_options_are_told() -> None:
    for words in (
        ("plan", "EuroSAT", "--stride", "5"),
        ("plan", "EuroSAT", "--pattern", "image"),
        ("plan", "EuroSAT", "--crs", "x", "--resolution", "-1"),
    ):
        assert runner.invoke(app, list(words)).exit_code == 2


def test_the_same_in_python(tmp_path: Path) -> None:
    root = corpus("rasters", "eurosat-small")
    assert earthdex.plan("EuroSAT", root=root).chips == 6
    lock = earthdex.lock("EuroSAT", root=root, size=32, seed=7)
    assert (lock.count, lock.recipe.seed, lock.recipe.sampling) == (24, 7, "grid")
    lock.write(tmp_path / "a.lock")
    assert earthdex.open_lock(tmp_path / "a.lock", root=root).digest == lock.digest
    assert len(earthdex.preview(lock, number=2).tiles) == 2
