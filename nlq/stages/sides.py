"""Borders, the land between two places, and what lies on one side of a place: `the border of A and B`, `east of X`."""

from __future__ import annotations

import math
from typing import Any

from nlq.question import Box, Point
from nlq.sheet.reading import Found, Mark, Reading, rule
from nlq.stages.places import Places

_LINE = (
    r"(?:borders?|frontiers?|boundar(?:y|ies)|borderlands?|border ?- ?(?:regions?|areas?|zones?|strips?))"
    r"(?: (?:regions?|areas?|zones?|strips?|line|lands?))?"
)
_ALONG = r"(?:(?:crossing|crosses|cross|across|along|straddling|spanning|on both sides of) (?:the )?)?"
_BORDER = rule(
    rf"{_ALONG}{_LINE}(?: (?:between|of|separating|dividing|shared by|where|that|separates|divides|both))+ "
    rf"(?:the )?(\{{place\}}) (?:and|with|from|to|&|/|-) (?:the )?(\{{place\}})",
    rf"{_ALONG}(\{{place\}}) (?:(?:-|/|–|and|&) )?(?:the )?(\{{place\}}) (?:land |common |shared )?{_LINE}",
    rf"(\{{place\}})(?: ' s| s|')? (?:land |common |northern |southern |eastern |western )?{_LINE} (?:with|to) "
    r"(?:the )?(\{place\})",
    r"where (?:the )?(\{place\}) (?:meets|borders|touches|joins|and)(?: on| with)? (?:the )?(\{place\})(?: meet)?",
)
_BETWEEN = rule(r"(?:in |halfway |midway |somewhere |the )*between (?:the )?(\{place\}) and (?:the )?(\{place\})")
_DIRECTION = r"(north|south|east|west)(?:(?: ?- ?| )?(east|west))?(?:ward)?"
_BESIDE = rule(rf"(?:(\{{bound\}}) )?(?:to the |due |just |directly )?{_DIRECTION} (?:of|from) (?:the )?(\{{place\}})")
_PART = frozenset(("in", "over", "for", "of"))  # `in the east of X` is a part of it
_NEXT = 5.0  # degrees that lie beside a place at least
_KM_OF_DEGREE = 111.2


def read_sides(reading: Reading, places: Places, marks: list[Mark]) -> tuple[list[Mark], bool]:
    """Borders become two places at once, what lies between or beside places becomes a box or point.

    Args:
        reading: the question.
        places: the gazetteer, which knows their extents.
        marks: the places that nothing uses yet.

    Returns:
        The places that are left, and whether they hold all at once.
    """
    for found in reading.find_all(_BORDER):
        pair = _pair(found, marks)
        if pair is not None and len(marks) == 2:
            found.use("place")
            return marks, True
    for found in reading.find_all(_BETWEEN):
        pair = _pair(found, marks)
        if pair is None:
            continue
        left, right = (one.value[0].place for one in pair)
        names = f"{reading.words(pair[0].start, pair[0].end)} and {reading.words(pair[1].start, pair[1].end)}"
        if _touch(places, left, right):
            reading.draft.assume(f"between {names} = over both of them, which touch")
            found.use("place")
            return marks, len(marks) == 2
        box = _span(left, right)
        if box is None:
            continue
        reading.draft.assume(f"between {names} = the box from the middle of one to that of the other")
        found.use("place")
        reading.take(pair[1], "place")
        pair[0].value = box
        reading.retag(pair[0], "box")
        marks = [one for one in marks if one is not pair[1]]
    for found in reading.find_all(_BESIDE):
        mark = next((one for one in found.marks(4, "place") if one in marks), None)
        start = found.span()[0]
        before = reading.tokens[start - 1].norm if start else ""
        first = reading.tokens[found.span(2)[0] - 1].norm if found.span(2)[0] else ""
        if mark is None or (first == "the" and "to the" not in found.text()) or before in _PART:
            continue
        _beside(reading, found, mark)
    return marks, False


def _pair(found: Found, marks: list[Mark]) -> tuple[Mark, Mark] | None:
    pair = [one for one in found.marks(0, "place") if one in marks]
    return (pair[0], pair[1]) if len(pair) == 2 else None


def _touch(places: Places, left: Any, right: Any) -> bool:  # noqa: ANN401 - PlaceLike with its extent
    """Whether two places meet, as neighbouring countries do."""
    outline = getattr(places.gazetteer, "geometry", None)
    if outline is None or not all(one.kind in ("country", "state", "region") for one in (left, right)):
        return False
    one, other = outline(left.iri), outline(right.iri)
    return one is not None and other is not None and bool(one.intersects(other))


def _span(left: Any, right: Any) -> Box | None:  # noqa: ANN401
    """The box that two middles span; none across the antimeridian."""
    west, east = sorted((left.lon, right.lon))
    south, north = sorted((left.lat, right.lat))
    if east - west > 180 or (east - west < 0.01 and north - south < 0.01):
        return None
    return Box(*(round(one, 3) for one in (west, south, max(east, west + 0.01), max(north, south + 0.01))))


def _beside(reading: Reading, found: Found, mark: Mark) -> None:
    place: Any = mark.value[0].place
    bound = next(iter(found.marks(1, "bound")), None)
    side = found.text(2)
    sides = {side, found.text(3)} - {""}
    words = reading.words(mark.start, mark.end)
    direction = f"{side}{'' if found.text(3) == '' else found.text(3)}"
    if bound is not None:
        kilometres = float(bound.value[-1].value) / 1000
        if bound.used or bound.value[-1].kind != "length" or bound.info.get("op") != "=":
            return
        value: Box | Point | None = _moved(place, kilometres, sides)
        told = f"{kilometres:g} km {direction} of {words} = of its middle"
        kind = "point"
    else:
        value, reach = _strip(getattr(place, "bbox", None), sides)
        told = f"{direction} of {words} = up to {reach:g} degrees beyond it on that side"
        kind = "box"
    if value is None:
        return
    if bound is not None:
        reading.take(bound, "place")
    reading.draft.assume(told)
    found.use("place")
    mark.value = value
    reading.retag(mark, kind)


def _moved(place: Any, kilometres: float, sides: set[str]) -> Point | None:  # noqa: ANN401
    """The point some way off the middle of a place."""
    share = kilometres / _KM_OF_DEGREE / math.sqrt(len(sides))
    lat = place.lat + share * (("north" in sides) - ("south" in sides))
    lon = place.lon + share * (("east" in sides) - ("west" in sides)) / max(0.05, math.cos(math.radians(place.lat)))
    return Point(round(lon, 4), round(lat, 4)) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _strip(bounds: Any, sides: set[str]) -> tuple[Box | None, float]:  # noqa: ANN401
    """What lies beside a box, as wide as the box itself."""
    if bounds is None or bounds[2] < bounds[0]:
        return None, 0.0
    west, south, east, north = bounds
    reach = round(max(_NEXT, *(size for size in (north - south, east - west) if size < 60), 0.0), 1)
    box = {
        "north": lambda: (west, north, east, min(90.0, north + reach)),
        "south": lambda: (west, max(-90.0, south - reach), east, south),
        "east": lambda: (east, south, min(180.0, east + reach), north),
        "west": lambda: (max(-180.0, west - reach), south, west, north),
    }
    if len(sides) == 1:
        found = box[next(iter(sides))]()
    else:
        tall = next((box[one]() for one in sides if one in ("north", "south")), None)
        wide = next((box[one]() for one in sides if one in ("east", "west")), None)
        if tall is None or wide is None:
            return None, 0.0
        found = (wide[0], tall[1], wide[2], tall[3])
    if found[0] >= found[2] or found[1] >= found[3]:
        return None, 0.0
    return Box(*(round(one, 3) for one in found)), reach
