"""`/`: the question box, and the answer to a question."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from api.serve.service import Service
from api.web.asked import MOST_DOWNLOAD, Asked
from api.web.chips import chips_of, readings_of
from api.web.copies import copies_of
from api.web.examples import EXAMPLES
from api.web.frame import Frame
from api.web.headline import headline, title
from api.web.results import MOST, PER_PAGE, Results, results_of
from api.web.shapes import place_names
from kg.home import Home
from kg.status import status
from nlq.wording import label, thing
from ontology.properties import PROPERTIES

_WITHOUT = re.compile(r"Without the condition “(.*)”: (.*)\.?\Z")
_NUMBERS = (
    ("datasets", "training datasets", "/datasets"),
    ("models", "models", "/models"),
    ("imagery collections", "imagery collections", "/datasets"),
    ("scenes", "satellite scenes", ""),
    ("places", "places they cover", ""),
)
_DOWNLOADS = (("csv", "CSV"), ("geojson", "GeoJSON"), ("json", "JSON"), ("ndjson", "JSON, a line each"))
_OWN_DOWNLOADS = (("turtle", "Turtle"), ("stac", "STAC"))
_Many = Annotated[list[str] | None, Query()]


def routes(service: Service, frame: Frame) -> APIRouter:
    """The routes of the question box."""
    router = APIRouter()
    held: dict[str, list[tuple[int, str, str]]] = {}

    async def home_page(request: Request) -> Response:
        def count(home: Home) -> list[tuple[int, str, str]]:
            if home.version not in held:
                counts = status(home)["counts"]
                held.clear()
                held[home.version] = [(counts[key], name, at) for key, name, at in _NUMBERS if counts.get(key)]
            return held[home.version]

        numbers = await service.read(request, count)
        return frame.page(request, "home.html", title="Ask", numbers=numbers, examples=EXAMPLES)

    @router.get("/", include_in_schema=False)
    @frame.guarded
    async def question(
        *,
        request: Request,
        q: Annotated[str, Query(max_length=20_000)] = "",
        after: _Many = None,
        without: _Many = None,
        also: _Many = None,
        sort: Annotated[str, Query(max_length=60)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        view: str = "list",
        edit: Annotated[str, Query(max_length=400)] = "",
        property: Annotated[str, Query(max_length=60)] = "",  # noqa: A002 - name of a form's field
        op: Annotated[str, Query(max_length=2)] = "=",
        value: Annotated[str, Query(max_length=400)] = "",
    ) -> Response:
        """The question box; with `q` the answer."""
        asked = Asked.of(q, after, without, also, sort, page, view)
        root = frame.root(request)
        if not asked.q:
            return await home_page(request)
        if edit and property and value:
            changed = asked.instead(edit, f"{property}{op}{value.strip()}")
            return RedirectResponse(changed.address(f"{root}/"), 303)
        answer = await service.ask(
            request, asked.q, limit=MOST, after=asked.after, without=asked.without, also=asked.also
        )

        def read(home: Home) -> tuple[Results, dict[str, str]]:
            return results_of(home, answer, asked), place_names(home, answer)

        results, names = await service.read(request, read)
        return frame.page(
            request,
            "answer.html",
            **answer_values(frame, request, answer, asked, results, names),
        )

    return router


def answer_values(
    frame: Frame, request: Request, answer: dict[str, Any], asked: Asked, results: Results, names: dict[str, str]
) -> dict[str, Any]:
    """What the template of an answer names.

    Args:
        frame: renders the page.
        request: the request.
        answer: the answer.
        asked: the state of the page.
        results: rows, outlines and facets.
        names: names of places by IRI.
    """
    root = frame.root(request)
    path = f"{root}/"
    chips = chips_of(answer, asked, path)
    start = (min(asked.page, results.pages) - 1) * PER_PAGE
    columns = list(answer["columns"])
    grouped = answer["interpretation"].get("group_by") or []
    measure = "count" if "count" in columns else next(
        (name for name in columns if any(isinstance(row.get(name), (int, float)) for row in answer["rows"])), ""
    )  # fmt: skip
    return {
        "title": title(answer),
        "asked": asked,
        "answer": answer,
        "headline": headline(answer),
        "chips": chips,
        "lists": {chip.list_name: chip.options for chip in chips if chip.list_name},
        "readings": readings_of(answer, asked, path, names),
        "tries": _tries(answer, asked, path),
        "talk": _talk(asked, path),
        "alone": Asked(asked.q).address(path),
        "results": results,
        "first": start + 1,
        "add": lambda text: asked.add(text).address(path),
        "sorts": _sorts(answer, asked, path),
        "views": [(name, asked.but(view=key).address(path), asked.view == key)
                  for key, name in (("list", "List"), ("table", "Table"))],
        "downloads": _downloads(answer, asked, root),
        "pages": _pages(results, asked, path),
        "comparable": any(one.kind in ("dataset", "model") for one in results.items) and len(results.items) > 1,
        "mixed": len({one.kind for one in results.items}) > 1,
        "groups": [(number, one.name, one.shapes) for number, one in enumerate(results.items, 1)],
        "map_label": f"Map of {thing(answer['target'])} found",
        "next_fields": asked.next_fields(answer["understood"]),
        "copies": copies_of(answer, asked, frame.service.base(request)),
        "group_columns": columns,
        "group_words": {"name": label(grouped[0])} if len(grouped) == 1 else {},
        "group_measure": measure,
        "most": max((row[measure] for row in answer["rows"] if isinstance(row.get(measure), (int, float))), default=0),
    }  # fmt: skip


def _downloads(answer: dict[str, Any], asked: Asked, root: str) -> list[tuple[str, str]]:
    """(format, address); what cannot hold all says so, or is not offered."""
    part = answer["found"] > MOST_DOWNLOAD
    more = f" (the first {MOST_DOWNLOAD:,})" if part else ""
    found = [(name + more, asked.download(f"{root}/ask", form)) for form, name in _DOWNLOADS]
    if not part:
        found += [(name, asked.download(f"{root}/download", form)) for form, name in _OWN_DOWNLOADS]
    return found


def _tries(answer: dict[str, Any], asked: Asked, path: str) -> list[tuple[str, str, str]]:
    """(text, address, how many) of what to try: the answer's suggestions, as links where they can be asked."""
    found: list[tuple[str, str, str]] = []
    keys = {str(one["text"]): str(one["key"]) for one in answer["conditions"] if one["state"] != "left_out"}
    for one in answer["relaxed"]:
        key = keys.get(str(one["condition"]))
        if key and one["found"]:
            found.append((f"Without “{one['condition']}”", asked.leave_out(key).address(path), f"{one['found']:,}"))
        if one["instead"]:
            found.append((f"{one['instead']} instead of {one['condition']}", "", f"{one['instead_found']:,}"))
    for text in answer["suggestions"]:
        said = str(text)
        if said.startswith("earthdex ") or (_WITHOUT.match(said) and found):
            continue
        quoted = re.search(r"“([^”]+)”", said)
        if said.startswith("Ask for ") and quoted:
            found += [(one, Asked(one).address(path), "") for one in (quoted[1],)]
        elif not answer["relaxed"]:
            found.append((said, "", ""))
    return found[:8]


def _talk(asked: Asked, path: str) -> list[tuple[str, str]]:
    return [(one, Asked(one, asked.after[:at]).address(path)) for at, one in enumerate(asked.after)]


def _sorts(answer: dict[str, Any], asked: Asked, path: str) -> list[tuple[str, str, bool]]:
    if answer["kind"] != "list" or len(answer["rows"]) < 2:
        return []
    found = [("as found", asked.but(sort="").address(path), not asked.sort)]
    names = ["name", *(name for name in answer["columns"] if name != "name")]
    for name in names:
        prop = PROPERTIES.get(name)
        words = "name" if name == "name" else label(name)
        if prop is not None and prop.kind in ("integer", "number", "date"):
            dated = "year" in name or prop.kind == "date"
            up, down = ("oldest first", "newest first") if dated else ("lowest first", "highest first")
            found.append((f"{words}, {up}", asked.but(sort=name).address(path), asked.sort == name))
            found.append((f"{words}, {down}", asked.but(sort=f"-{name}").address(path), asked.sort == f"-{name}"))
        elif not any(isinstance(row.get(name), dict) for row in answer["rows"][:3]):
            found.append((words, asked.but(sort=name).address(path), asked.sort == name))
    return found


def _pages(results: Results, asked: Asked, path: str) -> list[tuple[str, str]]:
    """(number, address; "" for the one that is shown) of some pages."""
    if results.pages < 2:
        return []
    now = min(asked.page, results.pages)
    wanted = sorted({1, results.pages, *range(max(1, now - 2), min(results.pages, now + 2) + 1)})
    return [(str(one), "" if one == now else asked.but(page=one).address(path)) for one in wanted]
