"""Scenes that questions are about: some that meet all conditions of an expected interpretation, some that miss one.

Without them most questions about scenes would have an empty answer, which says nothing. Whether a scene belongs to an
answer is for the gold query to say: these are only likely to make a difference.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from nlq.evaluation.canon import is_number
from nlq.evaluation.products import FIRST, LANDSATS, LAST, MAKERS, Facts, Site, flying, life, make
from ontology.namespaces import slug

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kg.gazetteer import Gazetteer, Place
    from ontology.records import Scene

_MEETING = 4
_MOST_PLACES = 3
_NEAR_KM = 5.0
_DEGREE_KM = 111.2
_TEXTS = ("product_type", "processing_level", "timeliness", "sensor_mode", "orbit_direction", "tile_id", "parameter")
_WHOLE = ("relative_orbit", "absolute_orbit", "wrs_path", "wrs_row")
_SHARES = (
    "cloud_cover", "snow_cover", "vegetation_percentage", "water_percentage", "bare_soil_percentage",
    "nodata_percentage", "sun_elevation", "incidence_angle", "resolution_m",
)  # fmt: skip
_FAMILY_OF = {  # what a product must be that has such a property
    "polarisation": "sentinel-1", "sensor_mode": "sentinel-1", "incidence_angle": "sentinel-1",
    "tile_id": "sentinel-2", "parameter": "sentinel-5p", "wrs_path": "landsat", "wrs_row": "landsat",
}  # fmt: skip
_INSTRUMENTS = {
    "msi": "sentinel-2", "c-sar": "sentinel-1", "olci": "sentinel-3", "slstr": "sentinel-3", "tropomi": "sentinel-5p",
    "oli": "landsat", "tirs": "landsat", "oli-2": "landsat", "etm": "landsat", "tm": "landsat", "modis": "modis",
}  # fmt: skip

Slots = Mapping[str, Any]


def witnesses(line: Slots, gazetteer: Gazetteer, seed: int) -> Iterator[Scene]:
    """Scenes for one question about products, taken while their spacecraft flew; none for any other question.

    Args:
        line: a question line.
        gazetteer: finds its places.
        seed: gives other scenes.
    """
    for scene in _made(line, gazetteer, seed):
        first, last = life(scene.platform or "")
        if scene.start_time is None or scene.platform is None or first <= scene.start_time.date() <= last:
            yield scene


def _made(line: Slots, gazetteer: Gazetteer, seed: int) -> Iterator[Scene]:
    expected = line["expect"]
    if expected.get("target") != "product" or not line["answerable"]:
        return
    rng = random.Random(f"{seed} {line['id']}")
    spots = _spots(expected, gazetteer, rng)
    filters = expected.get("filters") or ()
    for number in range(_MEETING):
        lon, lat = spots[number % len(spots)]
        yield _scene(rng, filters, lon, lat, _day(rng, expected))
    lon, lat = spots[0]
    yield _scene(rng, filters, lon, lat, _day(rng, expected, outside=True))
    yield _scene(rng, filters, (lon + rng.uniform(8, 20) + 180) % 360 - 180, max(-70.0, lat - 9), _day(rng, expected))
    for one in filters:
        rest = [other for other in filters if other is not one]
        yield _scene(rng, rest, lon, lat, _day(rng, expected), broken=one)


def _scene(
    rng: random.Random, filters: Sequence[Slots], lon: float, lat: float, day: date, broken: Slots | None = None
) -> Scene:
    given: Facts = {}
    family = ""
    for one in filters:
        family = _condition(rng, one, day, given) or family
    if broken is not None:
        family = _broken(rng, broken, given) or family
    if not family:
        names = [_FAMILY_OF[one["property"]] for one in filters if one["property"] in _FAMILY_OF]
        family = (
            names[0] if names else rng.choice(["sentinel-2", "landsat"] + ["sentinel-1"] * ("cloud_cover" not in given))
        )
    if family == "landsat" and "platform" not in given:
        crafts = flying(LANDSATS, day)
        given["platform"] = rng.choice(crafts or ("landsat-8",))
    level = given.get("processing_level")
    if level in ("L1", "L2") and family in ("sentinel-2", "landsat"):
        given["processing_level"] = {"sentinel-2L1": "L1C", "sentinel-2L2": "L2A", "landsatL1": "L1TP"}.get(
            family + level, "L2SP"
        )
    return make(rng, family, Site(lon, lat, day), given)


def _condition(rng: random.Random, one: Slots, day: date, given: Facts) -> str:
    """Notes a fact that meets a condition; returns the family of missions that it asks for."""
    name, op, value = str(one["property"]), str(one["op"]), one.get("value")
    if op in ("!=", "not_contains", "not_exists", "exists", "same_as") or isinstance(value, Mapping):
        return ""
    if op == "in" and isinstance(value, list):
        value = rng.choice(value)
    if name in _SHARES and is_number(_first(value)):
        given[name] = _number(rng, op, value, name)
    elif name in _WHOLE and is_number(_first(value)):
        given[name] = int(_first(value)) + (1 if op == ">" else -1 if op == "<" else 0)
    elif isinstance(value, str):
        return _text(rng, name, value, day, given)
    return ""


def _text(rng: random.Random, name: str, value: str, day: date, given: Facts) -> str:
    if name in ("mission", "platform"):
        mark = slug(value)
        family = next((one for one in MAKERS if mark.startswith(one)), "")
        if mark in ("terra", "aqua"):
            family = "modis"
        if mark not in MAKERS:
            given["platform"] = mark
        if not family:
            given["mission"] = mark
        elif name == "mission" and mark == family:
            crafts = flying(MAKERS[family][1], day)
            if crafts and family not in ("modis", "sentinel-5p"):
                given["platform"] = rng.choice(crafts)
        return family or mark
    if name == "instrument":
        return _INSTRUMENTS.get(slug(value).removesuffix("-plus"), "")
    if name == "polarisation":
        given["polarisation"] = tuple(one.strip() for one in value.upper().split("+"))
        return "sentinel-1"
    if name in _TEXTS:
        given[name] = value.removeprefix("T") if name == "tile_id" else value
        return "sentinel-3" if value[:3] in ("OL_", "SL_", "SY_") else ""
    return ""


def _first(value: Any) -> Any:  # noqa: ANN401
    return value[0] if isinstance(value, list) and value else value


def _number(rng: random.Random, op: str, value: Any, name: str) -> float:  # noqa: ANN401
    low, high = (0.0, 100.0) if name not in ("sun_elevation", "incidence_angle") else (20.0, 70.0)
    match op:
        case "=":
            return float(_first(value))
        case "<" | "<=":
            return round(rng.uniform(low, 0.99 * float(value)), 2) if value > low else float(value)
        case ">" | ">=":
            return round(rng.uniform(1.01 * float(value), max(high, float(value) * 1.5)), 2)
        case _:
            return round(rng.uniform(float(value[0]), float(value[-1])), 2)


_TURNED = {"<": ">", "<=": ">", ">": "<", ">=": "<"}


def _broken(rng: random.Random, one: Slots, given: Facts) -> str:
    """Notes a fact that misses a condition."""
    name, op, value = str(one["property"]), str(one["op"]), one.get("value")
    if name in _SHARES and op in _TURNED and is_number(value):
        given[name] = _number(rng, _TURNED[op], value, name)
    elif name in _WHOLE and is_number(value):
        given[name] = max(1, int(_first(value)) + rng.choice([-1, 1]))
    elif name == "orbit_direction":
        given[name] = "ascending" if value == "descending" else "descending"
    elif name == "polarisation":
        given[name] = ("HH",) if "HH" not in str(value) else ("VV", "VH")
        return "sentinel-1"
    return ""


# --- when and where ----------------------------------------------------------------------------------------------


def _day(rng: random.Random, expected: Slots, *, outside: bool = False) -> date:
    """A day within the time of a question, or a few weeks before or after it."""
    craft = next(
        (slug(str(one.get("value"))) for one in expected.get("filters") or () if one["property"] == "platform"), ""
    )
    first, last = life(craft)
    first, last = max(first, date(1972, 7, 26)) if craft else FIRST, min(last, LAST)
    time = expected.get("time")
    if not isinstance(time, list) or not time:
        start, end = first, last
    else:
        start_text, end_text = rng.choice(time) if isinstance(time[0], list) else time
        start = date.fromisoformat(start_text[:10]) if start_text else first
        end = date.fromisoformat(end_text[:10]) if end_text else max(last, start)
        if outside:
            away = timedelta(days=rng.randrange(3, 40))
            return start - away if start_text else end + away
    if start > end:
        start = end
    months = expected.get("months") or ()
    for _ in range(60):
        day = start + timedelta(days=rng.randrange((end - start).days + 1))
        if not months or (day.month in months) != outside:
            return day
    return start


def _spots(expected: Slots, gazetteer: Gazetteer, rng: random.Random) -> list[tuple[float, float]]:
    """Points where a scene meets the place of a question, one for each of several places."""
    places = expected.get("place")
    found: list[tuple[float, float]] = []
    distance = expected.get("distance_km") or (_NEAR_KM if expected.get("relation") == "near" else None)
    for one in places if isinstance(places, list) else [places]:
        for lon, lat in _points(one, gazetteer, rng):
            if expected.get("relation") == "disjoint":
                lon, lat = lon + 25, max(-60.0, lat - 10)
            elif distance:
                lat += rng.uniform(-0.5, 0.5) * float(distance) / _DEGREE_KM
            found.append(((lon + 180) % 360 - 180, min(max(lat, -78.0), 82.0)))
    return found or [(rng.uniform(-120, 140), rng.uniform(-35, 60))]


def _points(place: Any, gazetteer: Gazetteer, rng: random.Random) -> list[tuple[float, float]]:  # noqa: ANN401
    if isinstance(place, str):
        return [_inside(one, gazetteer, rng) for one in _named(place, gazetteer)]
    if not isinstance(place, Mapping):
        return []
    if "point" in place:
        return [(place["point"][0], place["point"][1])]
    if "bbox" in place:
        west, south, east, north = place["bbox"]
        return [((west + east) / 2 if west <= east else west, (south + north) / 2)]
    if "type" not in place:
        return []
    within = place.get("within") or (place.get("of") if place["type"] == "capital" else None)
    around = place.get("near") or place.get("of")
    if within or not around:
        found = gazetteer.of_kind(str(place["type"]), within=within, limit=_MOST_PLACES)
        return [_inside(one, gazetteer, rng) for one in found]
    return [_inside(one, gazetteer, rng) for one in _named(str(around), gazetteer)]


def _named(name: str, gazetteer: Gazetteer) -> list[Place]:
    return [one.place for one in gazetteer.lookup(name, limit=1)]


def _inside(place: Place, gazetteer: Gazetteer, rng: random.Random) -> tuple[float, float]:
    """A point in or on a place: its middle, or one at random in its outline."""
    shape: BaseGeometry | None = gazetteer.geometry(place.iri)
    if shape is None or shape.is_empty or rng.random() < 0.5:
        return place.lon, place.lat
    from shapely.geometry import Point

    west, south, east, north = shape.bounds
    for _ in range(20):
        point = Point(rng.uniform(west, east), rng.uniform(south, north))
        if shape.intersects(point):
            return point.x, point.y
    return place.lon, place.lat
