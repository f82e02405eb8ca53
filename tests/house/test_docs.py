"""Documentation is bound to code: commands, options, routes and settings are described, snippets run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.commands.cli import app
from api.serve.app import create_app
from api.serve.settings import Settings
from tests.house.imports import FLOORS, ROOT, modules


def _page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def _commands() -> dict[str, list[str]]:
    group = typer.main.get_command(app)
    return {
        name: [option for one in command.params for option in one.opts if option.startswith("--")]
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("command", sorted(_commands()))
def test_every_command_and_option_is_documented(command: str) -> None:
    section = re.search(rf"^## `earthdex {command}\b.*?(?=^## |\Z)", _page("command-line.md"), re.M | re.S)
    assert section, f"docs/reference/command-line.md has no section on {command}"
    missing = [option for option in _commands()[command] if f"`{option}" not in section[0]]
    assert not missing


def test_no_documented_command_is_gone() -> None:
    documented = set(re.findall(r"^## `earthdex (\w+)", _page("command-line.md"), re.M))
    assert documented == set(_commands())


def _paths(routes: Iterable[Any]) -> set[str]:
    """The paths of an application, those of its parts among them."""
    found: set[str] = set()
    for route in routes:
        part = getattr(route, "original_router", None)
        found |= _paths(part.routes) if part is not None else {route.path}
    return found


def test_every_route_is_documented() -> None:
    paths = _paths(create_app(Path("unused")).routes)
    assert {"/ask", "/sparql", "/health"} <= paths
    assert not [path for path in paths if path not in _page("http.md")]


def test_every_setting_is_documented() -> None:
    sources = [path for room in FLOORS for path in modules(room)] + [ROOT / "tests" / "corpora.py"]
    used = {
        name for path in sources for name in re.findall(r"\bEARTHDEX_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    missing = [name for name in sorted(used) if f"`{name}`" not in _page("settings.md")]
    assert not missing


def test_every_setting_of_the_service_is_documented() -> None:
    names = [f"EARTHDEX_SERVE_{one.name.upper()}" for one in fields(Settings)]
    assert not [name for name in names if f"`{name}`" not in _page("settings.md")]


def _snippets(language: str) -> list[tuple[str, str]]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        (f"{page.relative_to(ROOT)}#{number}", code)
        for page in pages
        for number, code in enumerate(re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S))
    ]


@pytest.mark.parametrize(("where", "code"), _snippets("python"), ids=lambda value: value if "#" in value else "")
def test_every_python_snippet_runs(where: str, code: str, builtin_path: Path, tmp_path: Path) -> None:
    environment = {"EARTHDEX_HOME": str(builtin_path), "PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path)}
    command = [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, f"{where}: {done.stderr[-2000:]}"


# what a snippet shows but this test leaves to others: set-up (CI runs it), servers, and downloads from elsewhere
_ELSEWHERE = re.compile(r"^(make |pip |git |cd |earthdex (serve|fetch)|earthdex add path/)")


@pytest.mark.parametrize(("where", "code"), _snippets("sh"), ids=lambda value: value if "#" in value else "")
def test_every_command_in_a_snippet_runs(where: str, code: str, builtin_path: Path, tmp_path: Path) -> None:
    """Runs each line; an example may find nothing (3) or be refused (4), but may not fail or be wrong usage."""
    environment = {"EARTHDEX_HOME": str(builtin_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    for line in code.strip().splitlines():
        if not line.strip() or line.startswith("#") or _ELSEWHERE.match(line) or "<" in line:
            continue
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
        )
        assert done.returncode in (0, 3, 4), f"{where}: {line}\n{done.stdout[-500:]}{done.stderr[-1500:]}"


def test_every_key_of_a_record_is_documented() -> None:
    from ingest.schema import keys_for

    page = _page("records.md")
    missing = [key for kind in ("dataset", "model") for key in keys_for(kind) if f"`{key}`" not in page]
    assert not missing
