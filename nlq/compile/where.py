"""Places of a question as GeoSPARQL: coverage of datasets, footprints of scenes, named areas, points and boxes.

Datasets and models meet a place where the interiors of the geometries meet: countries that only touch do not count.
The geometries are those of the graph (`geo:hasGeometry/geo:asWKT`, CRS84), distances are in metres.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from nlq.compile.frame import Frame
from nlq.compile.places import class_area, is_all
from nlq.compile.text import block, negated, oneof, term, union, wkt
from nlq.question import Box, NamedPlace, PlaceClass, Point, SameAreaAs, Where
from nlq.wording import place_text
from ontology.namespaces import concept_iri
from ontology.terms import IRI

_TYPES = {"dataset": "ed:TrainingDataset", "model": "it6:MachineLearningModel"}
EARTH_KM2 = 510_072_000
_WORDS = ("place", "relation", "distance_km")  # the slots whose words say where
_NEAR_KM = {"city": 10.0, "town": 10.0, "village": 5.0, "port": 10.0, "airport": 10.0, "volcano": 20.0,
            "mountain": 20.0, "lake": 20.0, "river": 10.0, "canal": 10.0, "country": 50.0, "continent": 100.0,
            "sea": 50.0, "ocean": 100.0}  # fmt: skip
_NEAR_ELSE_KM = 25.0
_TESTS = {"within": "sfWithin", "contains": "sfContains", "disjoint": "sfDisjoint", "touches": "sfTouches",
          "crosses": "sfCrosses", "overlaps": "sfOverlaps"}  # fmt: skip


def add_places(frame: Frame) -> None:
    """Writes the patterns of the place slot."""
    question = frame.question
    if not question.places:
        return
    relation = question.relation or "intersects"
    names = [place_text(place) for place in question.places]
    about = f"place: {relation} {(' and ' if question.place_op == 'and' else ' or ').join(names)}"
    if relation == "disjoint":
        frame.say(about, outside(frame, question.places), *_WORDS)
    elif question.place_op == "and" and len(question.places) > 1:
        for place, name in zip(question.places, names, strict=True):
            frame.say(f"place: {relation} {name}", covers(frame, [place], relation), *_WORDS)
    else:
        frame.say(about, covers(frame, question.places, relation), *_WORDS)


def covers(frame: Frame, places: Sequence[Where], relation: str) -> list[str]:
    """Patterns: the thing stands in the relation to at least one of the places."""
    if any(is_all(frame, place) for place in places):
        frame.note("Every dataset and scene lies somewhere on Earth: the place limits nothing.")
        return []
    lines, area = _areas(frame, places)
    frame.area = frame.area or area
    test = _test(frame, relation, places)
    if frame.target == "product":
        frame.footprint = frame.footprint or frame.body.fresh("footprint")
        first = [f"{frame.subject} geo:hasGeometry/geo:asWKT {frame.footprint} ."]
        if any(frame.footprint in line for line in frame.body.lines):
            first = []
        return [*first, *lines, f"FILTER({test(frame.footprint, area)})"]
    place, extent = frame.body.fresh("place"), frame.body.fresh("extent")
    inside = [_inside(frame, place, one) for one in places if isinstance(one, NamedPlace)]
    if relation == "within":
        return _wholly(frame, place, lines, area, inside)
    groups = [_met(frame, place, [f"{place} geo:hasGeometry/geo:asWKT {extent} .", *lines], test(extent, area))]
    if relation == "intersects" and inside:
        groups.append(_recorded(frame, place, inside))
    reach = "?reach" if not frame.reach else ""
    frame.reach = True
    everywhere = [f"{frame.subject} {_global(frame)} true ."]
    if reach:
        for group in groups:
            group += block("OPTIONAL", [f"{place} ed:areaKm2 {reach} ."])
        everywhere.append(f"BIND({EARTH_KM2} AS {reach})")
    return union([*groups, everywhere])


def _met(frame: Frame, place: str, lines: list[str], test: str) -> list[str]:
    """Patterns: the thing has a place that meets the test."""
    question = frame.question
    known = f"{frame.subject} {_spatial(frame)} {place} ."
    by_place = "place" in question.group_by or (question.order is not None and question.order.by == "distance")
    if by_place or frame.target not in _TYPES:
        return [known, *lines, f"FILTER({test})"]
    # many records share their places: each place is compared once
    every = f"?any a {_TYPES[frame.target]} ; {_spatial(frame)} {place} ."
    inner = [f"{{ SELECT DISTINCT {place} WHERE {{ {every} }} }}", *lines, f"FILTER({test})"]
    return [known, f"{{ SELECT DISTINCT {place} WHERE {{", *(f"  {line}" for line in inner), "} }"]


def _recorded(frame: Frame, place: str, inside: list[str]) -> list[str]:
    """Patterns: the thing has a place that is recorded to lie inside.

    Outlines are simplified: an islet may lie outside the outline of the country that it belongs to.
    """
    inner = union([[f"{one} ."] for one in inside])
    known = f"{frame.subject} {_spatial(frame)} {place} ."
    return [known, f"{{ SELECT DISTINCT {place} WHERE {{", *(f"  {line}" for line in inner), "} }"]


def _inside(frame: Frame, place: str, of: NamedPlace) -> str:
    return f"{place} geo:sfWithin+ {term(place_iri(frame, of))}"


def _wholly(frame: Frame, place: str, lines: list[str], area: str, inside: list[str]) -> list[str]:
    """Patterns: every known place of the thing lies inside."""
    known, extent = frame.body.fresh("known"), frame.body.fresh("extent")
    tests = [f"!geof:sfWithin({extent}, {area})"]
    # what is recorded inside counts, though outlines are simplified; but a lake on a border lies in two countries
    shared = f"EXISTS {{ {place} geo:sfWithin ?one , ?two FILTER(?one != ?two) }}"
    tests += [f"{place} != {one.rsplit(' ', 1)[1]} && (NOT EXISTS {{ {one} }} || {shared})" for one in inside]
    beyond = [
        f"{frame.subject} {_spatial(frame)} {place} .",
        f"{place} geo:hasGeometry/geo:asWKT {extent} .",
        *lines,
        f"FILTER({' && '.join(tests)})",
    ]
    return [
        f"{frame.subject} {_spatial(frame)} {known} .",
        *negated([f"{frame.subject} {_global(frame)} true ."]),
        *block("MINUS", beyond),
    ]


def outside(frame: Frame, places: Sequence[Where]) -> list[str]:
    """Patterns: the thing has a known place that does not meet any of the places."""
    lines, area = _areas(frame, places)
    if frame.target == "product":
        frame.footprint = frame.footprint or frame.body.fresh("footprint")
        first = f"{frame.subject} geo:hasGeometry/geo:asWKT {frame.footprint} ."
        if len(places) == 1:
            return [first, *lines, f"FILTER(geof:sfDisjoint({frame.footprint}, {area}))"]
        return [first, *negated([*lines, f"FILTER(geof:sfIntersects({frame.footprint}, {area}))"])]
    frame.note("Records of unknown or global coverage do not count as outside a place.")
    known, place, extent = frame.body.fresh("known"), frame.body.fresh("place"), frame.body.fresh("extent")
    inside = [_inside(frame, place, one) for one in places if isinstance(one, NamedPlace)]
    inner = _met(frame, place, [f"{place} geo:hasGeometry/geo:asWKT {extent} .", *lines], _meets(extent, area))
    return [
        f"{frame.subject} {_spatial(frame)} {known} .",
        *negated([f"{frame.subject} {_global(frame)} true ."]),
        *block("MINUS", inner),
        *(block("MINUS", _recorded(frame, place, inside)) if inside else []),
    ]


def _spatial(frame: Frame) -> str:
    if frame.target == "model":
        frame.note("The area and period of a model are those of its training data.")
        return "(it6:trainedOn|ed:fineTunedOn)/dct:spatial"
    return "dct:spatial"


def _global(frame: Frame) -> str:
    return "(it6:trainedOn|ed:fineTunedOn)/ed:globalExtent" if frame.target == "model" else "ed:globalExtent"


def _meets(one: str, other: str) -> str:
    return f"geof:sfIntersects({one}, {other}) && !geof:sfTouches({one}, {other})"


class _Test:
    """Writes the spatial test of a relation between two geometries."""

    def __init__(self, relation: str, metres: float, scenes: bool, around: str = "") -> None:
        self.relation, self.metres, self.scenes, self.around = relation, metres, scenes, around

    def __call__(self, one: str, other: str) -> str:
        if self.relation in ("distance", "near"):
            # true distances between outlines are dear: what lies outside a box around the place is out at once
            first = f"geof:sfIntersects({one}, {self.around}) && " if self.around else ""
            return f"{first}geof:distance({one}, {other}, uom:metre) <= {self.metres:.0f}"
        if self.relation in _TESTS:
            return f"geof:{_TESTS[self.relation]}({one}, {other})"
        return f"geof:sfIntersects({one}, {other})" if self.scenes else _meets(one, other)


def _test(frame: Frame, relation: str, places: Sequence[Where]) -> _Test:
    metres = 0.0
    if relation == "distance":
        metres = (frame.question.distance_km or 0.0) * 1000
    elif relation == "near":
        kilometres = near_km(frame, places[0])
        metres = kilometres * 1000
        frame.note(f"Near {place_text(places[0])} = within {kilometres:g} km.")
    scenes = frame.target == "product"
    around = "" if scenes or len(places) != 1 or not metres else _box_around(frame, places[0], metres / 1000)
    return _Test(relation, metres, scenes, around)


def _box_around(frame: Frame, place: Where, kilometres: float) -> str:
    """A box that holds all within a distance of a place; empty where it would reach a pole or the antimeridian."""
    match place:
        case NamedPlace():
            bounds = frame.names.bounds(place_iri(frame, place))
        case Point(lon, lat):
            bounds = (lon, lat, lon, lat)
        case Box(west, south, east, north):
            bounds = (west, south, east, north)
        case _:
            bounds = None
    if bounds is None:
        return ""
    west, south, east, north = bounds
    up = kilometres / 110.0
    highest = max(abs(south - up), abs(north + up))
    if highest >= 85:
        return ""
    across = up / math.cos(math.radians(highest))
    west, east = west - across, east + across
    if west < -180 or east > 180 or west > east:
        return ""
    return wkt(box_wkt(Box(_out(west, -1), _out(south - up, -1), _out(east, 1), _out(north + up, 1))))


def _out(degrees: float, side: int) -> float:
    """Rounded outwards to a hundredth of a degree."""
    return round(math.floor(degrees * side * -100) / -100 * side, 2)


def near_km(frame: Frame, place: Where) -> float:
    """The distance that `near` means where none is stated, by the kind of the place, in kilometres."""
    if not isinstance(place, NamedPlace):
        return _NEAR_ELSE_KM
    iri = frame.names.place(place)
    kind = frame.names.place_kind(iri) if iri else ""
    return _NEAR_KM.get(kind.casefold(), _NEAR_ELSE_KM)


def _areas(frame: Frame, places: Sequence[Where]) -> tuple[list[str], str]:
    """Patterns that bind the geometry of any of the places, and the variable or literal that holds it."""
    if len(places) == 1:
        return area_of(frame, places[0])
    if all(isinstance(place, NamedPlace) for place in places):
        found = [place_iri(frame, place) for place in places if isinstance(place, NamedPlace)]
        outlines = {iri: frame.names.outline(iri) for iri in found}
        if any(outlines.values()):
            return _brought_along(frame, outlines)
        where, area = frame.body.fresh("where"), frame.body.fresh("area")
        return [oneof(where, map(term, found)), f"{where} geo:hasGeometry/geo:asWKT {area} ."], area
    area = frame.body.fresh("area")
    groups = []
    for place in places:
        lines, inner = area_of(frame, place)
        groups.append([*lines, f"BIND({inner} AS {area})"])
    return union(groups), area


def _brought_along(frame: Frame, outlines: dict[IRI, str]) -> tuple[list[str], str]:
    """The geometries of places some of which the graph does not hold."""
    where, area = frame.body.fresh("where"), frame.body.fresh("area")
    groups = [
        [oneof(where, [term(iri)]), oneof(area, [wkt(short_wkt(text))])]
        if text
        else [oneof(where, [term(iri)]), f"{where} geo:hasGeometry/geo:asWKT {area} ."]
        for iri, text in outlines.items()
    ]
    return union(groups), area


def short_wkt(text: str) -> str:
    """WKT with five decimals (a metre), as people write it."""
    return re.sub(r"-?\d+\.\d+", lambda match: _degrees(round(float(match[0]), 5)), text).replace(", ", ",")


def place_iri(frame: Frame, place: NamedPlace) -> IRI:
    """The IRI of a named place; unknown names get one that nothing has, and are reported."""
    found = frame.names.place(place)
    if found is None:
        frame.miss(place.name)
        return concept_iri("unknown", place.name)
    return found


def area_of(frame: Frame, place: Where) -> tuple[list[str], str]:
    """Patterns that bind the geometry of a place, and the variable or literal that holds it."""
    match place:
        case NamedPlace():
            iri = place_iri(frame, place)
            outline = frame.names.outline(iri)
            area = frame.body.fresh("area")
            if outline:
                return [oneof(area, [wkt(short_wkt(outline))])], area
            return [f"{term(iri)} geo:hasGeometry/geo:asWKT {area} ."], area
        case Point(lon, lat):
            return [], wkt(f"POINT({_degrees(lon)} {_degrees(lat)})")
        case Box():
            return [], wkt(box_wkt(place))
        case SameAreaAs(name):
            area, same = frame.body.fresh("area"), frame.body.fresh("same")
            iris = frame.names.records(name) or frame.names.family(name)
            if not iris:
                frame.miss(name)
                iris = (concept_iri("unknown", name),)
            return [
                oneof(same, map(term, iris)),
                f"{same} dct:spatial/geo:hasGeometry/geo:asWKT {area} .",
            ], area
        case PlaceClass():
            return class_area(frame, place, area_of)


def _degrees(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")


def box_wkt(box: Box) -> str:
    """A box as WKT; one that crosses the antimeridian becomes two."""
    if box.west > box.east:
        return (
            f"MULTIPOLYGON({_ring(box.west, box.south, 180, box.north)}, {_ring(-180, box.south, box.east, box.north)})"
        )
    return f"POLYGON{_ring(box.west, box.south, box.east, box.north)}"


def _ring(west: float, south: float, east: float, north: float) -> str:
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"(({', '.join(f'{_degrees(x)} {_degrees(y)}' for x, y in corners)}))"
