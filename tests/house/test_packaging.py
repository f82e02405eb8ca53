"""The built wheel: one top-level name, every room inside, and it answers a question in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hatch_build import reroot
from tests.house.imports import ROOT


def test_imports_between_rooms_move_below_earthdex() -> None:
    source = (
        "from kg.store import Store\nimport os\n\ndef f():\n    from ontology.terms import (\n        IRI,\n    )\n"
    )
    moved = reroot(source)
    assert "from earthdex.kg.store import Store" in moved
    assert "    from earthdex.ontology.terms import (" in moved
    assert "import os" in moved


def test_look_alikes_stay_as_they_are() -> None:
    source = 'from kgtools import x\nfrom .kg import y\ntext = "from kg.store import Store"\n'
    assert reroot(source) == source


def test_a_plain_import_of_a_room_is_refused() -> None:
    with pytest.raises(ValueError, match="write `from kg"):
        reroot("import kg.store\n")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # what it builds with is installed here too: an environment of its own for the build takes half a minute
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return next(folder.glob("earthdex-*.whl"))


@pytest.mark.slow
def test_the_only_top_level_name_is_earthdex(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"earthdex"}


@pytest.mark.slow
def test_the_web_pages_come_with_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"earthdex/api/web/static/manifest.json", "earthdex/api/web/templates/base.html"} <= names
    assert any(name.startswith("earthdex/api/web/static/main.") and name.endswith(".js.br") for name in names)
    assert not any("/source/" in name or "node_modules" in name for name in names if "/api/web/" in name)


@pytest.mark.slow
def test_the_wheel_stays_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
    gazetteer = next(size for name, size in sizes.items() if name.endswith("gazetteer.sqlite"))
    assert gazetteer <= 12_000_000
    assert wheel.stat().st_size <= 20_000_000


@pytest.mark.slow
def test_the_installed_wheel_answers_a_question(wheel: Path, tmp_path: Path) -> None:
    """Installed beside, not over, this environment's packages: the checkout is out of reach."""
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    script = (
        "import sys; sys.path[:] = [p for p in sys.path if not p.endswith('site-packages')];"
        f"sys.path[:0] = [{str(site)!r}, {packages!r}];"
        "import earthdex; assert 'site/earthdex' in earthdex.__file__.replace(chr(92), '/');"
        "a = earthdex.ask('crop type datasets with Sentinel-2 time series in Austria');"
        "print([row['name'] for row in a.to_dict()['rows']])"
    )
    environment = {**os.environ, "EARTHDEX_HOME": str(tmp_path / "home"), "PYTHONPATH": ""}
    # -S: no site directories, so that the editable install's path entry is not read either
    command = [sys.executable, "-S", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "TimeSen2Crop" in done.stdout
