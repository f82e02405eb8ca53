"""The gazetteer: names of places -> places with outlines, offline.

The packaged file is distilled when earthdex is built (`distil.py`); importers write a second, finer one into the
catalogue's folder, which is laid over the first.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.gazetteer.engine import Gazetteer
    from kg.gazetteer.place import Match, Place

__all__ = ["Gazetteer", "Match", "Place", "imported_file", "open_gazetteer", "packaged_file"]

_open: dict[tuple[str, str, int], Gazetteer] = {}
_lock = threading.Lock()


def packaged_file() -> Path:
    """The file that ships with earthdex."""
    return Path(__file__).resolve().parent / "data" / "gazetteer.sqlite"


def imported_file(home: Path | None = None) -> Path:
    """The file that importers write.

    Args:
        home: the catalogue's folder; None means `EARTHDEX_HOME`, else the user's data folder.
    """
    if home is None:
        from kg.layout import default_path

        home = default_path()
    return home / "places.sqlite"


def open_gazetteer(path: Path | None = None) -> Gazetteer:
    """The gazetteer: the packaged places and, over them, those that were imported into a catalogue's folder.

    Opening takes milliseconds: nothing is loaded whole. The same object is returned while the files stay the same.

    Args:
        path: the catalogue's folder; None means `EARTHDEX_HOME`, else the user's data folder.

    Raises:
        StoreError: a file is missing, damaged or of another version.
    """
    from kg.gazetteer.engine import Gazetteer
    from kg.gazetteer.layer import Layer

    finer = imported_file(path)
    try:
        changed = finer.stat().st_mtime_ns
    except OSError:
        changed = 0
    with _lock:
        at = (str(packaged_file()), str(finer), changed)
        found = _open.get(at)
        if found is None:
            layers = [Layer(one) for one in ([finer, packaged_file()] if changed else [packaged_file()])]
            found = _open[at] = Gazetteer(layers)
        return found


def __getattr__(name: str) -> object:
    if name in ("Match", "Place"):
        from kg.gazetteer import place

        return getattr(place, name)
    if name == "Gazetteer":
        from kg.gazetteer.engine import Gazetteer

        return Gazetteer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
