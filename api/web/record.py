"""`/dataset/<slug>` and `/model/<slug>`: the page of a record."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.records.citation import bibtex
from api.records.schema_org import schema_org
from api.serve.service import Service
from api.web.frame import Frame
from api.web.linked import as_data
from api.web.preview import files_of
from api.web.record_data import Record, record_of
from api.web.shapes import Shape, place_shapes, window
from api.web.spectrum import spectrum_of
from kg.home import Home
from ontology.namespaces import BASE

_MOST_KEPT = 400
_Drawn = tuple[Record, dict[str, tuple[str, Shape]]]


class Kept:
    """Records of one version that were read lately. Safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: OrderedDict[tuple[str, str], _Drawn] = OrderedDict()

    def read(self, home: Home, iri: str) -> _Drawn:
        """A record and the outlines of its places.

        Raises:
            NotFound: no such record.
        """
        key = (home.version, iri)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        record = record_of(home, iri)
        found = record, place_shapes(home, record.places[:200])
        with self._lock:
            self._held[key] = found
            while len(self._held) > _MOST_KEPT:
                self._held.popitem(last=False)
        return found


def routes(service: Service, frame: Frame) -> APIRouter:
    """The routes of records."""
    router, kept = APIRouter(), Kept()

    async def page(request: Request, iri: str) -> Response:
        data = await as_data(service, request, iri)
        if data is not None:
            return data
        record, shapes = await service.read(request, lambda home: kept.read(home, iri))
        values = record_values(record, shapes)
        slug = record.about.iri.rsplit("/", 1)[-1]
        if record.about.kind == "dataset" and files_of(service, slug) is not None:
            values["preview"] = f"{frame.root(request)}/dataset/{slug}/preview.png"
        structured = schema_org(record.facts, service.base(request)) if record.facts is not None else {}
        return frame.page(request, "record.html", structured=structured, **values)

    @router.get("/dataset/{slug}", include_in_schema=False)
    @frame.guarded
    async def dataset(*, request: Request, slug: str) -> Response:
        """A dataset."""
        return await page(request, f"{BASE}dataset/{slug}")

    @router.get("/model/{slug}", include_in_schema=False)
    @frame.guarded
    async def model(*, request: Request, slug: str) -> Response:
        """A model."""
        return await page(request, f"{BASE}model/{slug}")

    return router


def record_values(record: Record, shapes: dict[str, tuple[str, Shape]]) -> dict[str, Any]:
    """What the template of a record names."""
    outlines = [shape for _, shape in shapes.values()]
    names = [name for name, _ in shapes.values()]
    return {
        "title": record.about.name,
        "record": record,
        "about": record.about,
        "spectrum": spectrum_of(record.bands),
        "bibtex": bibtex(record.facts) if record.facts is not None else "",
        "outlines": outlines,
        "names": names,
        "view": window(one.bbox for one in outlines),
        "groups": [(number, name, [number - 1]) for number, name in enumerate(names, 1)],
        "uses": uses_of(record),
        "preview": "",
    }


def uses_of(record: Record) -> list[tuple[str, str]]:
    """(what for, code) of ways to use a record."""
    name = record.about.name.replace('"', "'")
    slug = record.about.iri.rsplit("/", 1)[-1]
    found = []
    if record.about.kind == "dataset":
        if record.files:
            found.append(("Download", f"earthdex fetch {slug}\n"))
        found.append(
            (
                "Training batches",
                f'import earthdex\n\nbatches = earthdex.stream("{slug}", root="{slug}", batch_size=32, seed=0)\n'
                'for batch in batches:\n    batch["image"], batch["label"]\n',
            )
        )
        found.append(("Same batches again, anywhere", f"earthdex plan {slug}\nearthdex lock {slug} --root {slug}\n"))
    for library, path in record.loaders:
        if library == "torchgeo" and path.count("."):
            module, _, kind = path.rpartition(".")
            if kind[:1].isupper():
                found.append(("TorchGeo", f'from {module} import {kind}\n\ndata = {kind}("{slug}", download=True)\n'))
            else:
                found.append(("TorchGeo", f"from {module} import {kind}\n"))
        else:
            found.append((library, path + "\n"))
    found.append(("All facts", f'earthdex show "{name}"\n'))
    return found
