"""All Collections of one version of the catalogue, and the Items that are no scenes: made once, kept for the next."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from api.stac.scenes import SceneCollection, scene_collections
from api.stac.select import Row
from kg.home import Home

MODELS = "models"
_MOST_KEPT = 2


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is in one version.

    Attributes:
        version: of the catalogue.
        collections: as JSON without links to the service, by identifier, in order.
        scenes: those that hold scenes.
        models: Items of models, as rows.
    """

    version: str
    collections: dict[str, dict[str, Any]]
    scenes: dict[str, SceneCollection]
    models: tuple[Row, ...] = ()


class Shelves:
    """Keeps the shelves of the last versions. Safe for threads: one makes a shelf, others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Shelf] = {}

    def of(self, home: Home) -> Shelf:
        """The shelf of an open version."""
        key = f"{home.path} {home.version}"
        with self._lock:
            found = self._kept.pop(key, None) or make(home)
            self._kept[key] = found
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return found


def make(home: Home) -> Shelf:
    """The shelf of a version."""
    scenes = scene_collections(home.scenes)
    found = {name: _of_scenes(one) for name, one in scenes.items()}
    return Shelf(home.version, dict(sorted(found.items())), scenes)


def _of_scenes(one: SceneCollection) -> dict[str, Any]:
    return {"id": one.id}
