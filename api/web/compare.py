"""`/compare?iri=..&iri=..`: up to four records side by side, with their differences marked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.serve.service import Service
from api.web.frame import Frame
from api.web.record import Kept
from api.web.record_data import Record
from api.web.words import figure
from kg.describe import names
from kg.home import Home
from nlq.wording import label
from ontology.errors import NotFound
from ontology.properties import PROPERTIES

MOST = 4
_MOST_VALUES = 24
_LAST = ("band", "input_band", "class_label", "coverage")
_LEFT_OUT = ("keyword", "paper", "homepage", "doi", "metric", "metric_value", "commercial_use")


@dataclass(frozen=True, slots=True)
class Row:
    """A property of all compared records: for each the values, and whether no other one has that value."""

    title: str
    cells: tuple[tuple[tuple[str, bool], ...], ...]
    differs: bool


def table_of(records: list[Record]) -> list[Row]:
    """The rows of the comparison; what none of them has is left out."""
    known = [{fact.property: [figure(one.text, fact.property) for one in fact.values] for fact in one.about.facts}
             for one in records]  # fmt: skip
    for one, held in zip(records, known, strict=True):
        if "license" in held and one.licences:
            held["licence in words"] = [text.partition(": ")[2] or text for text in one.licences[:-1]]
        if one.is_global:
            held.setdefault("coverage", ["Earth"])
    wanted = [name for name in PROPERTIES if name not in _LEFT_OUT and any(name in held for held in known)]
    if "license" in wanted:
        wanted.insert(wanted.index("license") + 1, "licence in words")
    wanted.sort(key=lambda name: name in _LAST)
    found = []
    for name in wanted:
        values = [held.get(name, []) for held in known]
        counted = Counter(text for cell in values for text in {one.casefold() for one in cell})
        differs = len({tuple(sorted(one.casefold() for one in cell)) for cell in values}) > 1
        cells = tuple(
            tuple((text, len(records) > 1 and counted[text.casefold()] == 1) for text in cell[:_MOST_VALUES])
            + (((f"and {len(cell) - _MOST_VALUES} more", False),) if len(cell) > _MOST_VALUES else ())
            for cell in values
        )
        found.append(Row(label(name), cells, differs))
    return found


def routes(service: Service, frame: Frame) -> APIRouter:
    """The route of comparisons."""
    router, kept = APIRouter(), Kept()

    @router.get("/compare", include_in_schema=False)
    @frame.guarded
    async def compare(
        *, request: Request, iri: Annotated[list[str] | None, Query(max_length=20, description="Names or IRIs.")] = None
    ) -> Response:
        """Records side by side."""
        asked = list(dict.fromkeys(one.strip()[:400] for one in iri or () if one.strip()))[:MOST]

        def read(home: Home) -> tuple[list[Record], list[str], list[str]]:
            found: dict[str, Record] = {}
            missing = []
            for one in asked:
                try:
                    record, _ = kept.read(home, one)
                    found[record.about.iri] = record
                except NotFound:
                    missing.append(one)
            every = sorted({name for _, _, name in names(home)}, key=str.casefold) if len(asked) < MOST else []
            return list(found.values()), missing, every[:1500]

        records, missing, known = await service.read(request, read)
        iris = [one.about.iri for one in records]
        path = f"{frame.root(request)}/compare"
        without = [f"{path}?{urlencode([('iri', other) for other in iris if other != one])}" for one in iris]
        title = " and ".join(one.about.name for one in records) if records else "Compare"
        return frame.page(
            request,
            "compare.html",
            title=title,
            records=records,
            table=table_of(records),
            missing=missing,
            known=known,
            without=without,
        )

    return router
