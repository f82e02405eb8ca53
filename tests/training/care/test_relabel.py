"""Merged classes in use: labels of locked chips, masks of batches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

from api.commands.cli import app
from ontology.errors import EarthdexError
from tests.corpora import corpus
from tests.training.care.make import item
from training.care.relabel import relabel_batch, relabelled
from training.distributions import label_classes
from training.select.lock import Lock
from training.select.selection import Selection, Source
from training.types import Batch, Part

if TYPE_CHECKING:
    from kg.home import Home

_EUROSAT = "https://w3id.org/earthdex/dataset/eurosat"
_MERCED = "https://w3id.org/earthdex/dataset/uc-merced"


def _chips(home: Home, iri: str) -> list[object]:
    classes = label_classes(home, iri)
    return [
        item(f"{iri[-3:]}-{one.value}", dataset=iri, label=one.value, parts=(Part("image", f"{one.value}.tif"),))
        for one in classes
    ]


def test_chips_of_two_data_sets_share_their_classes(builtin_home: Home) -> None:
    sources = (Source(_EUROSAT, "eurosat", "EuroSAT"), Source(_MERCED, "uc-merced", "UC Merced"))
    items = tuple(_chips(builtin_home, _EUROSAT) + _chips(builtin_home, _MERCED))
    chosen = Selection("q", "v", sources, items)  # type: ignore[arg-type]
    made = relabelled(builtin_home, chosen, "worldcover")
    names = {one.value: one.name for one in made.classes}
    forests = [one for one in made.items if names[one.label or 0] == "Tree cover"]
    assert {one.dataset for one in forests} == {_EUROSAT, _MERCED}
    assert any("items have no class in class/worldcover" in one for one in made.problems)
    assert any("River, Sea & Lake are all" in one for one in made.problems)


def test_masks_are_refused_before_locking_and_turned_in_batches(builtin_home: Home) -> None:
    masked = item(1, dataset=_EUROSAT, parts=(Part("image", "a.tif"), Part("label", "b.tif")))
    sources = (Source(_EUROSAT, "eurosat", "EuroSAT"), Source(_MERCED, "uc-merced", "UC Merced"))
    with pytest.raises(EarthdexError, match="Masks keep"):
        relabelled(builtin_home, Selection("q", "v", sources, (masked,)))
    items = tuple(item(n, dataset=iri, parts=(Part("image", f"{n}.tif"),)) for n, iri in enumerate((_EUROSAT, _MERCED)))
    lock = Lock.freeze(Selection("q", "v", sources, items))
    mask = np.array([[[0, 1], [7, 255]], [[0, 1], [7, 255]]], dtype=np.uint8)
    batch = Batch(np.zeros((2, 1, 2, 2)), np.ones((2, 2, 2), bool), np.arange(2), mask=mask)
    tables = {_EUROSAT: np.array([3, 4]), _MERCED: np.array([5, 255, 0, 0, 0, 0, 0, 6])}
    made = relabel_batch(batch, lock, tables)
    assert made.mask is not None
    assert made.mask.tolist() == [[[3, 4], [255, 255]], [[5, 255], [6, 255]]]
    assert made.mask.dtype == mask.dtype


def test_lock_into_a_scheme(builtin_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EARTHDEX_HOME", str(builtin_path))
    root = tmp_path / "eurosat"
    shutil.copytree(corpus("rasters", "eurosat-small"), root)
    lock = str(tmp_path / "earthdex.lock")
    done = CliRunner().invoke(app, ["lock", "EuroSAT", "--root", str(root), "--into", "class/worldcover", "-o", lock])
    assert done.exit_code == 0, done.output
    content = json.loads(Path(lock).read_text(encoding="utf-8"))
    named = {one["value"]: one["name"] for one in content["classes"]}
    labels = [one.label for one in Lock.read(lock, root=root).items[:]]
    assert sorted(named[one] for one in labels if one is not None) == ["Cropland"] * 3 + ["Tree cover"] * 3
