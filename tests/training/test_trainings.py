"""The trainings of the documentation run from their question to their figures, in a small form."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.corpora import corpus
from tests.house.imports import ROOT


def training(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / "tutorial" / "trainings" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def _catalogue(builtin_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHDEX_HOME", str(builtin_path))


def learns(figures: dict[str, Any]) -> bool:
    losses = figures["losses"]
    return bool(losses[-1] < losses[0])


@pytest.mark.usefixtures("_catalogue")
def test_land_cover() -> None:
    pytest.importorskip("sklearn")
    figures = training("land_cover").main(corpus("rasters", "eurosat-small"), trees=20)
    assert "EuroSAT" in figures["found"]
    assert figures["chips"] == 6
    assert figures["accuracy"] > figures["most common class"]


@pytest.mark.usefixtures("_catalogue")
def test_water(tmp_path: Path) -> None:
    picture = tmp_path / "water.png"
    figures = training("water_unet").main(corpus("rasters", "sen1floods11"), epochs=2, width=4, picture=picture)
    assert "Sen1Floods11" in figures["found"]
    assert learns(figures)
    assert min(figures["chips"].values()) >= 8
    assert 0 <= figures["IoU of water"] <= 1
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("_catalogue")
def test_crop_types(tmp_path: Path) -> None:
    figures = training("crop_type_lstm").main(tmp_path, fields=40, epochs=12)
    assert "TimeSen2Crop" in figures["found"]
    assert figures["series"] == {"train": 240, "test": 120}
    assert learns(figures)
    assert figures["accuracy"] > 1 / 6
