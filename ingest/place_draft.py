"""A place as an outside table tells it, and its marriage with the place that the gazetteer has already."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.gazetteer.distil_names import ALIAS, FOREIGN, MAIN, with_kind_words
from kg.gazetteer.distil_shapes import area_km2, as_area, bbox_of, coarse, valid, within_world
from kg.gazetteer.names import key
from kg.gazetteer.place import Place
from kg.gazetteer.writer import PlaceRow
from ontology.namespaces import slug

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from kg.gazetteer.engine import Gazetteer

_MOST_POINTS = 12_000
# Kinds that different tables call the same thing by.
_ALIKE = (
    frozenset({"mountain", "volcano"}),
    frozenset({"lake", "reservoir", "lagoon"}),
    frozenset({"sea", "gulf", "bay", "strait", "sound", "fjord", "ocean", "lagoon"}),
    frozenset({"island", "archipelago", "atoll"}),
    frozenset({"forest", "national park", "protected area"}),
    frozenset(
        {"region", "desert", "plateau", "plain", "basin", "valley", "peninsula", "coast", "delta", "geoarea", "wetland",
         "mountain range", "tundra", "isthmus", "cape"}
    ),
)  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A place of an outside table.

    Attributes:
        name: its English name where the table has one.
        kind: label of the scheme `place-kind`.
        lon: longitude of a point in it.
        lat: latitude.
        aliases: other spellings in use in English or locally.
        foreign: names in other languages.
        shape: outline or course.
        ref: reference, where the table tells which place it is; else it is looked for by name, kind and position.
        word: local word for the kind.
        codes: outside identifiers.
        country: ISO 3166-1 code.
        admin1: code of the first-level area within the country.
        figures: `population`, `elevation`, `area`, `length`, `depth`, `radius`.
        importance: standing, 0 to 1000; None: by kind and figures.
        capital: seat of a country's government.
        fresh: reference it gets where the gazetteer has no such place.
    """

    name: str
    kind: str
    lon: float
    lat: float
    aliases: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    shape: BaseGeometry | None = None
    ref: str = ""
    word: str = ""
    codes: tuple[str, ...] = ()
    country: str = ""
    admin1: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    importance: float | None = None
    capital: bool = False
    fresh: str = ""


def find(gazetteer: Gazetteer, draft: Draft) -> Place | None:
    """The place of the gazetteer that a draft is about: same name, like kind, near enough."""
    if draft.ref:
        return gazetteer.get(draft.ref)
    best: tuple[float, Place] | None = None
    for text in dict.fromkeys([draft.name, *draft.aliases]):
        for match in gazetteer.lookup(text, 30):
            place = match.place
            if match.role == "adjective":
                continue
            if not _alike(place.kind, draft.kind):
                continue
            away = _degrees_between(place, draft)
            if away <= _reach(place, draft) and (best is None or away < best[0]):
                best = (away, place)
    return best[1] if best else None


def _alike(one: str, other: str) -> bool:
    return one == other or any(one in group and other in group for group in _ALIKE)


def _degrees_between(place: Place, draft: Draft) -> float:
    """How far the nearest of point and box of a place is from the draft's point or box, in degrees."""
    west, south, east, north = place.bbox
    lon, lat = draft.lon, draft.lat
    if west <= east:
        across = max(west - lon, lon - east, 0.0)
    else:
        across = 0.0 if lon >= west or lon <= east else min(west - lon, lon - east)
    to_box = math.hypot(across * math.cos(math.radians(lat)), max(south - lat, lat - north, 0.0))
    if draft.shape is None:
        return to_box
    import shapely

    return min(to_box, float(draft.shape.distance(shapely.Point(place.lon, place.lat))))


def _reach(place: Place, draft: Draft) -> float:
    if draft.kind in ("city", "mountain", "volcano", "dam", "airport"):
        return 0.3
    return 1.0 if draft.shape is not None and place.approximate else 0.7


def tidy(shape: BaseGeometry) -> BaseGeometry:
    """A geometry within the world, valid, of at most some thousand points.

    Raises:
        ValueError: nothing is left of it, or it is of several kinds.
    """
    import shapely

    shape = within_world(valid(shapely.force_2d(shape)))
    if shape.geom_type == "GeometryCollection" or "Polygon" in shape.geom_type:
        shape = as_area(shape)
        tolerance = 0.005
        while shapely.get_num_coordinates(shape) > _MOST_POINTS and tolerance < 0.1:
            shape = coarse(shape, tolerance)
            tolerance *= 1.5
    if shape.is_empty:
        raise ValueError("an empty geometry")
    return shape


def join(draft: Draft, other: Draft) -> None:
    """Takes up a second row about the same place: pieces of a river, parts of a province."""
    import shapely

    if key(draft.name) == key(other.name):
        draft.aliases += [text for text in other.aliases if text not in draft.aliases]
        draft.foreign += [text for text in other.foreign if text not in draft.foreign]
    if other.shape is None:
        return
    if draft.shape is None:
        draft.shape = other.shape
    elif draft.shape.area and other.shape.area:
        draft.shape = as_area(shapely.union_all([draft.shape, other.shape]))
    elif not draft.shape.area and not other.shape.area:
        parts = [part for one in (draft.shape, other.shape) for part in getattr(one, "geoms", [one])]
        draft.shape = shapely.MultiLineString(parts)


def row_of(draft: Draft, known: Place | None, holders: tuple[str, ...] = ()) -> PlaceRow:
    """The row to write: what the gazetteer knows already stays, the outline is the new one.

    Args:
        draft: the place of the table.
        known: the same place in the gazetteer; None where it has none.
        holders: references of the countries that the place lies in, for a new place.
    """
    shape = draft.shape if draft.shape is not None and draft.shape.geom_type != "Point" else None
    lon, lat = (known.lon, known.lat) if known else (draft.lon, draft.lat)
    figures = dict(draft.figures)
    if shape is not None and shape.area and "area" not in figures:
        figures["area"] = round(area_km2(shape), 1)
    names = [(text, ALIAS) for text in draft.aliases] + [(text, FOREIGN) for text in draft.foreign]
    keys: list[tuple[str, int]] = []
    if known is None:
        names += [(draft.name, MAIN)]
        keys = [(made, max(ALIAS, role)) for made, role in with_kind_words(key(draft.name), draft.kind)]
        importance = draft.importance if draft.importance is not None else _importance(draft, figures)
    else:
        names += [(draft.name, ALIAS)]
        figures |= {
            name: value
            for name, value in (
                ("population", known.population), ("area", known.area_km2), ("elevation", known.elevation_m),
                ("length", known.length_km), ("depth", known.depth_m),
            ) if value is not None
        }  # fmt: skip
        importance = known.importance
    other = dict(figures) | {
        "country": (known.country if known else draft.country) or "",
        "admin1": (known.admin1.partition(".")[2] if known and known.admin1 else draft.admin1) or "",
        "importance": round(importance),
        "capital": int(known.is_capital if known else draft.capital),
        "approximate": int(known.approximate if known and shape is None else shape is None and draft.kind != "city"),
    }
    if known is not None and shape is None and known.radius_km is not None and known.kind != "city":
        other["radius"] = known.radius_km
    return PlaceRow(
        ref=known.ref if known else own_ref(draft),
        name=known.name if known else draft.name,
        kind=known.word if known else draft.word or draft.kind,
        lon=lon, lat=lat, names=names, keys=keys, shape=shape,
        bbox=bbox_of(shape) if shape is not None else (known.bbox if known else None),
        codes=draft.codes, parents=holders if known is None else (), other=other,
    )  # fmt: skip


def own_ref(draft: Draft) -> str:
    """The reference that a new place gets: its name and the degree it lies in, so that namesakes differ."""
    if draft.fresh:
        return draft.fresh
    where = f"{abs(draft.lat):.0f}{'s' if draft.lat < 0 else 'n'}{abs(draft.lon):.0f}{'w' if draft.lon < 0 else 'e'}"
    return f"feature/{slug(draft.name) or 'place'}-{slug(draft.kind)}-{where}"


_BASE = {
    "ocean": 780.0, "sea": 720.0, "river": 600.0, "gulf": 640.0, "bay": 580.0, "strait": 590.0, "lake": 560.0,
    "desert": 600.0, "mountain range": 590.0, "national park": 580.0, "city": 300.0, "state": 450.0, "county": 420.0,
    "country": 700.0,
}  # fmt: skip


def _importance(draft: Draft, figures: dict[str, float]) -> float:
    """Standing of a new place, below that of the packaged ones of its kind."""
    if draft.kind in ("city", "county", "state"):
        return _BASE[draft.kind] + 45 * math.log10(max(10.0, figures.get("population", 0)))
    if draft.kind in ("mountain", "volcano"):
        return 520 + max(0.0, figures.get("elevation", 500.0)) / 60
    return _BASE.get(draft.kind, 540.0) + 8 * math.log10(max(1.0, figures.get("area", 1.0)))
