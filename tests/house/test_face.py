"""The public face: its names, and that importing it costs little."""

from __future__ import annotations

import subprocess
import sys

import pytest

import earthdex


def test_every_public_name_is_there_and_documented() -> None:
    for name in earthdex.__all__:
        value = getattr(earthdex, name)
        assert name == "__version__" or value.__doc__


def test_an_unknown_name_says_what_there_is() -> None:
    with pytest.raises(AttributeError, match=r"public names: .*ask"):
        earthdex.aks  # noqa: B018


def test_importing_the_face_imports_none_of_the_heavy_packages() -> None:
    script = (
        "import sys, earthdex;"
        "heavy = {'spacy', 'torch', 'rdflib', 'duckdb', 'pyoxigraph', 'fastapi', 'rasterio', 'numpy'};"
        "heavy &= set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_asking_needs_no_torch() -> None:
    script = (
        "import sys; sys.modules['torch'] = None; sys.modules['rasterio'] = None;"
        "from nlq.ask import ask; from api.commands.cli import app"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
