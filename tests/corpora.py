"""Where the real records and pixels for tests lie: beside the checkout, never in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_SHARED = Path(os.environ.get("EARTHDEX_TEST_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared(*parts: str) -> Path:
    """A file or folder beside the checkout; skips the test where it is absent."""
    path = _SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs {'/'.join(parts)} in the folder `shared` beside the checkout (or EARTHDEX_TEST_SHARED)")
    return path


def corpus(*parts: str) -> Path:
    """A real corpus; skips the test where it is absent."""
    return shared("corpora", *parts)
