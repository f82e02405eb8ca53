"""The rows of an answer as a page shows them: in order, with description and outline, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.web.asked import Asked
from api.web.facets import Facet, facets_of, scene_facets
from api.web.graph import one_of, rows
from api.web.shapes import EARTH, Shape, place_shapes, shape_of_wkt, window
from api.web.words import shown_value
from nlq.wording import label
from ontology.properties import PROPERTIES

if TYPE_CHECKING:
    from kg.home import Home

PER_PAGE = 25
MOST = 500
_WHOLE = 330.0  # degrees across, from which on an outline says no more than that it is everywhere
_RECORDS = ("dataset", "model")
_PLAIN_MEASURES = ("license", "sensor", "architecture", "input_sensor", "publication_year", "platform", "framework",
                   "acquisition_time", "mission", "product_type")  # fmt: skip


@dataclass(slots=True)
class Item:
    """One row.

    Attributes:
        iri: what it is.
        name: its name.
        kind: dataset, model, product or the kind of a place.
        text: its description.
        facts: (property, words for it, value as shown) beside the name.
        shapes: numbers of its outlines in `Results.outlines`.
        is_global: it covers the whole Earth.
        places: names of where it is.
        row: the row of the answer.
    """

    iri: str
    name: str
    kind: str
    text: str = ""
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    is_global: bool = False
    places: list[str] = field(default_factory=list)
    row: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Results:
    """What a page shows of a list.

    Attributes:
        items: the rows of this page.
        held: how many rows there are to page through.
        pages: how many pages.
        columns: properties that rows show.
        outlines: every outline once.
        names: the name of each outline.
        asked_shapes: numbers of the outlines of places that the question names.
        view: x, y, width, height of the part of the map to show.
        facets: what the rows can be narrowed by.
    """

    items: list[Item] = field(default_factory=list)
    held: int = 0
    pages: int = 1
    columns: list[str] = field(default_factory=list)
    outlines: list[Shape] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    asked_shapes: list[int] = field(default_factory=list)
    view: tuple[float, float, float, float] = (-180.0, -88.0, 360.0, 160.0)
    facets: list[Facet] = field(default_factory=list)

    @property
    def has_map(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.outlines)


def results_of(home: Home, answer: dict[str, Any], asked: Asked) -> Results:
    """The page of an answer's rows.

    Args:
        home: the catalogue that answered.
        answer: the answer.
        asked: the state of the page.
    """
    held = [row for row in answer["rows"] if row.get("iri") and row.get("name") is not None]
    if asked.sort:
        held = in_order(held, asked.sort)
    found = Results(held=len(held), pages=max(1, -(-len(held) // PER_PAGE)), columns=list(answer["columns"]))
    start = (min(asked.page, found.pages) - 1) * PER_PAGE
    found.items = [_item(row, found.columns) for row in held[start : start + PER_PAGE]]
    _describe(home, found)
    _draw(home, found, answer)
    if answer["kind"] == "list":
        iris = [str(row["iri"]) for row in held]
        # rows of scenes hold what scenes are narrowed by; counts of a part of them would be wrong
        whole = answer["target"] != "product" or len(held) >= answer["found"]
        found.facets = scene_facets(held) if answer["target"] == "product" else facets_of(home, iris, answer)
        found.facets = found.facets if whole else []
    return found


def in_order(held: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Rows sorted by a column; those where it is unknown stand last, either way."""
    name, falls = sort.removeprefix("-"), sort.startswith("-")

    def value(row: dict[str, Any]) -> Any:  # noqa: ANN401
        one = row.get(name)
        return one[0] if isinstance(one, list) and one else one

    known = [row for row in held if value(row) not in (None, "", [])]
    rest = [row for row in held if value(row) in (None, "", [])]
    if all(isinstance(value(row), (int, float)) for row in known):
        known.sort(key=value, reverse=falls)
    else:
        known.sort(key=lambda row: str(value(row)).casefold(), reverse=falls)
    return known + rest


def _item(row: dict[str, Any], columns: list[str]) -> Item:
    facts = []
    for name in columns:
        if name == "name" or row.get(name) in (None, [], ""):
            continue
        value = row[name]
        one = PROPERTIES.get(name)
        words = "" if name in _PLAIN_MEASURES or (one is not None and one.unit in ("classes", "samples", "images",
            "bands", "parameters", "objects", "countries")) else label(name)  # fmt: skip
        text = shown_value(name, value)
        if not words and one is not None and one.unit in ("classes", "samples", "images", "bands", "parameters",
                                                          "objects", "countries"):  # fmt: skip
            text = f"{text} {one.unit}"
        facts.append((name, words, text))
    return Item(str(row["iri"]), str(row["name"]), str(row.get("kind", "")), facts=facts, row=row)


def _describe(home: Home, found: Results) -> None:
    """Adds descriptions."""
    wanted = {one.iri: one for one in found.items if one.kind in _RECORDS}
    if not wanted:
        return
    body = f"SELECT ?record ?text WHERE {{ {one_of('?record', wanted)} ?record dct:description ?text }}"
    for iri, text in rows(home, body):
        wanted[str(iri)].text = str(text)


def _draw(home: Home, found: Results, answer: dict[str, Any]) -> None:
    """Adds outlines of the rows and of the places asked for."""
    numbers: dict[str, int] = {}

    def number(key: str, name: str, shape: Shape) -> int:
        if key not in numbers:
            numbers[key] = len(found.outlines)
            found.outlines.append(shape)
            found.names.append(name)
        return numbers[key]

    wanted = {one.iri: one for one in found.items}
    records = [one.iri for one in found.items if one.kind == "dataset"]
    scenes = [one.iri for one in found.items if one.kind == "product"]
    places = [one.iri for one in found.items if "/place/" in one.iri]
    where: list[tuple[str, str]] = [(iri, iri) for iri in places]
    if records:
        body = f"SELECT ?record ?place WHERE {{ {one_of('?record', records)} ?record dct:spatial ?place }} LIMIT 3000"
        where += [(str(record), str(place)) for record, place in rows(home, body)]
    asked_for = [iri for one in answer["conditions"] if one["state"] != "left_out" for iri in one["iris"][:1]]
    shapes = place_shapes(home, [place for _, place in where] + asked_for)
    for record, place in where:
        if place.endswith(EARTH):
            wanted[record].is_global = True
        elif place in shapes:
            name, shape = shapes[place]
            if _wide(shape.bbox) > _WHOLE and shape.bbox[3] - shape.bbox[1] > _WHOLE / 3:
                wanted[record].is_global = True
                continue
            wanted[record].shapes.append(number(place, name, shape))
            wanted[record].places.append(name)
    if scenes:
        # told to be scenes, they are looked up in the table of scenes alone
        values = one_of("?scene", scenes)
        body = f"SELECT ?scene ?wkt WHERE {{ {values} ?scene a ed:Scene ; geo:hasGeometry/geo:asWKT ?wkt }}"
        for iri, wkt in rows(home, body, scenes=True):
            drawn_scene = shape_of_wkt(str(wkt))
            if drawn_scene is None or str(iri) not in wanted:
                continue
            if _wide(drawn_scene.bbox) > _WHOLE:
                wanted[str(iri)].is_global = True
            else:
                wanted[str(iri)].shapes.append(number(str(iri), wanted[str(iri)].name, drawn_scene))
    drawn = [one.bbox for one in found.outlines]
    found.asked_shapes = [number(iri, *shapes[iri]) for iri in asked_for if iri in shapes]
    # the place asked for is what people look for: shapes that reach far beyond it do not widen the map
    asked_boxes = [found.outlines[one].bbox for one in found.asked_shapes]
    if asked_boxes and not scenes:
        near = [box for box in drawn if _wide(box) <= 3 * max(_wide(one) for one in asked_boxes)]
        found.view = window(asked_boxes + [box for box in near if any(_meet(box, one) for one in asked_boxes)])
    else:
        found.view = window(drawn or asked_boxes)


def _wide(box: tuple[float, float, float, float]) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _meet(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return box[0] <= other[2] and other[0] <= box[2] and box[1] <= other[3] and other[1] <= box[3]
