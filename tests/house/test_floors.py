"""The house keeps its floors: rooms import only from floors below, heavy packages stay in their rooms."""

from __future__ import annotations

import re

import pytest

from tests.house.imports import FLOORS, ROOT, arrows, imported, modules

# package -> (room that may import it, in how many modules; 0 = any number)
ISOLATED = {
    "fastapi": ("api", 0),
    "typer": ("api", 0),
    "torch": ("training", 0),
    "rasterio": ("training", 0),
    "pyoxigraph": ("kg", 1),
    "duckdb": ("kg", 1),
    "SPARQLWrapper": ("kg", 1),
    "owlready2": ("ontology", 1),
    "spacy": ("nlq", 0),
}


@pytest.mark.parametrize("room", FLOORS)
def test_a_room_imports_only_from_floors_below(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for line, name in imported(path)
        if (other := name.split(".")[0]) in FLOORS
        and other != room
        and FLOORS[other] >= FLOORS[room]
        and room != "earthdex"
    ]
    assert not wrong


@pytest.mark.parametrize("package", ISOLATED)
def test_a_heavy_package_stays_in_its_room(package: str) -> None:
    room, most = ISOLATED[package]
    users = {
        path.relative_to(ROOT)
        for one in FLOORS
        for path in modules(one)
        for _, name in imported(path)
        if name.split(".")[0] == package
    }
    assert users, f"nothing imports {package}"
    assert all(path.parts[0] == room for path in users), users
    assert not most or len(users) <= most, users


def test_no_file_holds_two_ideas() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in FLOORS
        for path in modules(room)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert not long


def test_the_picture_in_the_readme_is_true_to_the_imports() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    picture = re.search(r"```mermaid\n(.*?)```", readme, re.S)
    assert picture, "the README holds no mermaid picture of the architecture"
    drawn = set(re.findall(r"^\s*(\w+)\s*-->\s*(\w+)\s*$", picture[1], re.M))
    assert drawn == arrows()
