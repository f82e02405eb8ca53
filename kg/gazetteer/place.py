"""A place of the gazetteer, a candidate for a name, and the kinds of place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ontology.namespaces import BASE

STEM = BASE + "place/"

# What the tables call a kind -> the concept of the scheme `place-kind` (its preferred label).
_ADMIN1 = (
    "state", "province", "department", "governorate", "county", "district", "division", "canton", "prefecture",
    "oblast", "voivodeship", "emirate", "parish", "nation", "autonomous community",
)  # fmt: skip
KINDS: dict[str, str] = {
    **dict.fromkeys(_ADMIN1, "state"),
    "islands": "archipelago", "island group": "archipelago", "river basin": "basin", "river delta": "delta",
    "rainforest": "forest", "ice sheet": "ice cap", "ice field": "ice cap", "icefield": "ice cap",
    "channel": "strait", "bight": "bay", "national reserve": "protected area", "nature reserve": "protected area",
    "canyon": "valley", "salt pan": "salt flat", "country group": "region", "historical region": "region",
    "cultural region": "region", "massif": "mountain range", "peak": "mountain", "harbour": "port",
    "power station": "power plant", "swamp": "wetland", "marsh": "wetland", "lowland": "plain", "highlands": "plateau",
    "town": "city", "village": "city",
}  # fmt: skip


def canonical_kind(kind: str) -> str:
    """The label of the concept for a kind as the tables say it: `voivodeship` -> `state`."""
    return KINDS.get(kind, kind)


@dataclass(frozen=True, slots=True)
class Place:
    """A place.

    Attributes:
        iri: its identifier in the graph.
        name: English name where one is in use.
        kind: label in the scheme `place-kind`.
        word: what the kind is called there (`voivodeship`), else the kind.
        lon: longitude of a point in it, degrees (CRS84).
        lat: latitude, degrees.
        bbox: west, south, east, north in degrees; west > east where it crosses the antimeridian.
        country: ISO 3166-1 code, where it lies in one country.
        admin1: code of the first-level area (`US.GA`).
        population: inhabitants.
        area_km2: area.
        elevation_m: height of the highest point.
        length_km: length of a river.
        depth_m: greatest depth.
        radius_km: radius of the circle that stands for it, where no outline is known.
        importance: standing among places of its name, 0 to 1000.
        is_capital: the seat of a country's government.
        approximate: the outline is only roughly known.
    """

    iri: str
    name: str
    kind: str
    word: str
    lon: float
    lat: float
    bbox: tuple[float, float, float, float]
    country: str | None = None
    admin1: str | None = None
    population: int | None = None
    area_km2: float | None = None
    elevation_m: float | None = None
    length_km: float | None = None
    depth_m: float | None = None
    radius_km: float | None = None
    importance: int = 0
    is_capital: bool = False
    approximate: bool = False

    @property
    def ref(self) -> str:
        """The last part of the IRI: `country/AT`."""
        return self.iri.removeprefix(STEM)


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate for a name.

    Attributes:
        place: the place.
        score: 0 to 1; the best candidate comes first, near scores mean that the name is ambiguous.
        role: how the name came to it: `name`, `alias`, `foreign`, `bare` (without its kind word) or `adjective`.
        distance: letters that differ from what was asked for; 0 unless the match is fuzzy.
    """

    place: Place
    score: float
    role: str = "name"
    distance: int = 0


def city_radius_km(population: int | None) -> float:
    """Radius of the circle that stands for a city.

    The circle holds the population at 2,000 people per square kilometre, the order of magnitude of built-up areas with
    their surroundings worldwide; never below 1.5 km, never above 40 km.
    """
    return round(min(40.0, max(1.5, math.sqrt((population or 0) / 2000 / math.pi))), 2)


def circle_bbox(lon: float, lat: float, radius_km: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a circle in degrees; a circle over a pole spans all longitudes."""
    up = radius_km / 111.195
    south, north = max(-90.0, lat - up), min(90.0, lat + up)
    across = up / max(0.02, math.cos(math.radians(lat)))
    if across >= 180 or abs(lat) + up >= 90:
        return -180.0, south, 180.0, north
    west, east = lon - across, lon + across
    return (west + 360 if west < -180 else west), south, (east - 360 if east > 180 else east), north
