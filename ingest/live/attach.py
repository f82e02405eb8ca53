"""Joins an open catalogue with its live tier; costs one look at the disk where no source was ever switched on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.home import Home


def with_live(home: Home) -> Home:
    """The catalogue, whose queries see the scenes of the sources that are switched on.

    Raises:
        StoreCorrupt: the list of sources is damaged.
        StoreError: a setting is no number.
    """
    if live_mark(home.path):
        from ingest.live.tier import open_live

        home.live = open_live(home.path)
    return home


def live_mark(root: Path) -> int:
    """Changes with the list of sources; 0 where there is none."""
    with suppress(OSError):
        return (root / "live" / "sources.json").stat().st_mtime_ns
    return 0
