"""Where the packaged data lies, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path


def catalogue_dir() -> Path:
    """The folder of the built-in catalogue records: a sibling of this room in both layouts."""
    return Path(__file__).resolve().parent.parent / "catalogue"
