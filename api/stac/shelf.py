"""All Collections of one version of the catalogue, and the Items that are no scenes: made once, kept for the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from api.stac.datasets import dataset
from api.stac.extensions import used_extensions
from api.stac.facts import Facts, bands_of, facts_of, places_of, sensor_kinds
from api.stac.models import MODELS, model_row
from api.stac.moments import written
from api.stac.scenes import SceneCollection, scene_collections
from api.stac.select import Row
from kg.home import Home
from ontology.namespaces import BASE, expand

_MOST_KEPT = 2
_IMAGERY = expand("ed:ImageryCollection")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is in one version.

    Attributes:
        version: of the catalogue.
        collections: as JSON without links to their Items, by identifier, in order.
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
        found = self._kept.get(key)
        if found is not None:
            return found
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make(home)
                while len(self._kept) > _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
            return self._kept[key]


def make(home: Home) -> Shelf:
    """The shelf of a version."""
    scenes = scene_collections(home.scenes)
    bands, sensors = bands_of(home), sensor_kinds(home)
    datasets, models = facts_of(home, "dataset"), facts_of(home, "model")
    shapes = _shapes(home, (place for one in datasets.values() for place in one.things("coverage")))
    found: dict[str, dict[str, Any]] = {}
    known = _identifiers(datasets.values(), "dataset", {*scenes, MODELS}, lambda one: _IMAGERY in one.things("imagery"))
    for identifier, facts in known:
        found[identifier] = dataset(facts, identifier, shapes, bands, sensors)
    for identifier, one in scenes.items():
        found[identifier] = _of_scenes(one, found.get(identifier))
    rows = tuple(
        model_row(facts, identifier, bands, sensors)
        for identifier, facts in _identifiers(models.values(), "model", set(), lambda _: False)
    )
    if rows and MODELS not in found:
        found[MODELS] = _of_models(rows)
    return Shelf(home.version, dict(sorted(found.items())), scenes, rows if MODELS not in scenes else ())


def _identifiers(
    records: Iterable[Facts], kind: str, taken: set[str], may_share: Callable[[Facts], bool]
) -> list[tuple[str, Facts]]:
    """Records with identifiers of their own; an imported collection may share that of the scenes it holds."""
    found: dict[str, Facts] = {}
    for one in records:
        name = one.text("identifier") or one.iri.removeprefix(f"{BASE}{kind}/")
        if name in found or (name in taken and not may_share(one)):
            name = f"{kind}/{one.iri.removeprefix(f'{BASE}{kind}/')}"
        found.setdefault(name, one)
    return list(found.items())


def _shapes(home: Home, places: Iterable[str]) -> dict[str, Any]:
    import shapely

    wkt = places_of(home, places)
    texts = [one.rsplit(">", 1)[-1].strip() for one in wkt.values()]
    made = shapely.from_wkt(texts, on_invalid="ignore")
    return {name: one for name, one in zip(wkt, made, strict=True) if one is not None and not shapely.is_empty(one)}


def _of_scenes(one: SceneCollection, described: dict[str, Any] | None) -> dict[str, Any]:
    """The Collection of scenes; what an imported record says of it, but for where and when its scenes are."""
    extent = {
        "spatial": {"bbox": [list(one.box)]},
        "temporal": {"interval": [[written(one.first), written(one.last)]]},
    }
    text = f"{one.scenes:,} scenes of the collection {one.id}."
    found: dict[str, Any] = {
        "type": "Collection",
        "stac_version": "1.1.0",
        "stac_extensions": [],
        "id": one.id,
        "title": one.id,
        "description": text,
        "license": "other",
        "links": [],
        **(described or {}),
        "extent": extent,
        "summaries": {**(described or {}).get("summaries", {}), **one.summaries},
    }
    found.pop("earthdex:unknown", None)
    parts = {**found.get("assets", {}), **found.get("item_assets", {})}
    found["stac_extensions"] = used_extensions({**found["summaries"], **found}, parts, ())
    return found


def _of_models(rows: tuple[Row, ...]) -> dict[str, Any]:
    first = min(one["item"]["properties"]["start_datetime"] for one in rows)
    last = max(one["item"]["properties"]["end_datetime"] for one in rows)
    summaries: dict[str, Any] = {}
    for name in ("mlm:architecture", "mlm:framework", "constellation"):
        values = sorted({one["item"]["properties"][name] for one in rows if name in one["item"]["properties"]})
        if values:
            summaries[name] = values
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "stac_extensions": [],
        "id": MODELS,
        "title": "Models",
        "description": f"{len(rows):,} machine-learning models for Earth observation.",
        "license": "other",
        "extent": {
            "spatial": {"bbox": [[-180.0, -90.0, 180.0, 90.0]]},
            "temporal": {"interval": [[first, last]]},
        },
        "summaries": summaries,
        "links": [],
    }
