"""Reads the imports between rooms from the sources."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {"ontology": 1, "kg": 2, "nlq": 3, "ingest": 3, "training": 3, "api": 4, "earthdex": 4}


@cache
def modules(room: str) -> tuple[Path, ...]:
    """The Python files of a room."""
    return tuple(sorted((ROOT / room).rglob("*.py")))


@cache
def imported(path: Path) -> tuple[tuple[int, str], ...]:
    """(line, dotted module) of every import of a file, also those inside functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.append((node.lineno, node.module))
    return tuple(found)


@cache
def arrows() -> frozenset[tuple[str, str]]:
    """(importing room, imported room) for all imports that cross rooms."""
    return frozenset(
        (room, name.split(".")[0])
        for room in FLOORS
        for path in modules(room)
        for _, name in imported(path)
        if name.split(".")[0] in FLOORS and name.split(".")[0] != room
    )
