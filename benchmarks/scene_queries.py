"""The queries of the scenes benchmark, each with variants of other constants that no cache has seen.

Variant 0 is the one that is repeated. Each is written once, in GeoSPARQL; `virtuoso` says the same in that server's own
functions, since it knows no `geof:` function of the standard and no distance between a point and a polygon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from benchmarks.scene_generator import land
from benchmarks.scene_shapes import destination

REGIONS = 200
REGION_CLASS = "https://w3id.org/earthdex/benchmark/Region"
_BASE = "https://w3id.org/earthdex/"
_PREFIXES = """PREFIX ed: <https://w3id.org/earthdex/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
_CRAFT = ("sentinel-2a", "landsat-8", "sentinel-2b", "sentinel-3a", "landsat-9")
_MONTHS = ("2022-06", "2021-03", "2019-09", "2023-11", "2020-07", "2018-05", "2024-02")
_COUNTRIES = ("BR", "AU", "US", "IN", "DZ", "KZ", "AR", "CD")
_NAMED = ("France", "Spain", "Germany", "Poland", "Ukraine", "Turkey", "Kenya", "Peru")
_POINTS = ((14.995, 37.748), (2.35, 48.86), (-60.02, -3.1), (77.21, 28.61), (139.7, 35.7), (36.8, -1.3))
_BOX = (1.3, 1.1)  # degrees
NEAR_METRES = 50_000


@dataclass(frozen=True, slots=True)
class Ask:
    """One query as each system needs it.

    Attributes:
        key: its letter in the benchmark.
        sparql: GeoSPARQL.
        ordered: whether the answer is rows in order of time, of which equal times may stand in any order.
        craft: slugs of the platforms that are asked for.
        months: first and last moment asked for (ISO, last not included).
        cloud: the limit of percent.
        area: what the footprint is tested against.
        metres: how near; 0: it meets the area.
        within: whether the footprint lies in the area rather than meets it.
        limit: most rows.
    """

    key: str
    sparql: str
    ordered: bool = False
    craft: tuple[str, ...] = ()
    months: tuple[str, str] | None = None
    cloud: float | None = None
    area: BaseGeometry | None = None
    metres: float = 0.0
    within: bool = False
    limit: int | None = None


TITLES = {
    "a": "platform, month, cloud, first 100 by time",
    "b": "a, in a country of 100 vertices",
    "c": "a small box",
    "d": "count by platform",
    "e": "within 50 km of a point",
    "f": f"{REGIONS} regions x scenes, counted",
    "g": "ESA's multispectral craft inside a named place",
}
TARGET_MS: dict[str, float] = {"a": 5, "b": 5, "c": 15, "d": 5, "e": 15, "g": 5}


def ask(key: str, variant: int = 0) -> Ask:
    """A query by its letter; variants have other constants."""
    return {"a": _a, "b": _b, "c": _c, "d": _d, "e": _e, "f": _f, "g": _g}[key](variant)


def _wkt(shape: BaseGeometry) -> str:
    return f'"{shapely.to_wkt(shape, rounding_precision=-1)}"^^geo:wktLiteral'


def _of(values: Sequence[str], variant: int) -> str:
    return values[variant % len(values)]


def _month(variant: int) -> tuple[str, str]:
    text = _of(_MONTHS, variant)
    year, month = int(text[:4]), int(text[5:])
    later = f"{year + month // 12}-{month % 12 + 1:02d}"
    return f"{text}-01T00:00:00Z", f"{later}-01T00:00:00Z"


def _star(craft: str, months: tuple[str, str], cloud: float, geometry: str = "", extra: str = "") -> str:
    return f"""{_PREFIXES}SELECT ?s ?t ?c WHERE {{
  ?s a ed:Scene ; sosa:resultTime ?t ; ed:platform <{_BASE}sensor/{craft}> ; ed:cloudCover ?c .{geometry}
  FILTER(?t >= "{months[0]}"^^xsd:dateTime && ?t < "{months[1]}"^^xsd:dateTime && ?c < {cloud}){extra}
}} ORDER BY ?t LIMIT 100"""


def _a(variant: int) -> Ask:
    craft, months, cloud = _of(_CRAFT, variant), _month(variant), 20.0 + variant
    return Ask("a", _star(craft, months, cloud), True, (craft,), months, cloud, limit=100)


_AREA = "\n  ?s geo:hasGeometry/geo:asWKT ?w ."


def _b(variant: int) -> Ask:
    craft, months, cloud, area = "sentinel-2a", _month(variant), 20.0 + variant, country(_of(_COUNTRIES, variant))
    test = f"\n  FILTER(geof:sfIntersects(?w, {_wkt(area)}))"
    return Ask("b", _star(craft, months, cloud, _AREA, test), True, (craft,), months, cloud, area, limit=100)


def _c(variant: int) -> Ask:
    west, south = 11.3 + 3.7 * variant % 40, 43.1 + 1.3 * variant % 9
    area = shapely.box(west, south, west + _BOX[0], south + _BOX[1])
    text = f"""{_PREFIXES}SELECT ?s ?t WHERE {{
  ?s a ed:Scene ; sosa:resultTime ?t ; geo:hasGeometry/geo:asWKT ?w .
  FILTER(geof:sfIntersects(?w, {_wkt(area)}))
}}"""
    return Ask("c", text, area=area)


def _d(variant: int) -> Ask:
    name = "n" if not variant else f"n{variant}"
    text = f"{_PREFIXES}SELECT ?p (COUNT(?s) AS ?{name}) WHERE {{ ?s a ed:Scene ; ed:platform ?p }} GROUP BY ?p"
    return Ask("d", text)


def _e(variant: int) -> Ask:
    lon, lat = _POINTS[variant % len(_POINTS)]
    point = shapely.Point(round(lon + 0.001 * variant, 6), lat)
    text = f"""{_PREFIXES}SELECT ?s ?t WHERE {{
  ?s a ed:Scene ; sosa:resultTime ?t ; geo:hasGeometry/geo:asWKT ?w .
  FILTER(geof:distance(?w, {_wkt(point)}, uom:metre) < {NEAR_METRES})
}}"""
    return Ask("e", text, area=point, metres=NEAR_METRES)


def _f(variant: int) -> Ask:
    name = "n" if not variant else f"n{variant}"
    text = f"""{_PREFIXES}SELECT ?r (COUNT(?s) AS ?{name}) WHERE {{
  ?r a <{REGION_CLASS}> ; geo:hasGeometry/geo:asWKT ?a .
  ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?w .
  FILTER(geof:sfIntersects(?w, ?a))
}} GROUP BY ?r"""
    return Ask("f", text)


def _g(variant: int) -> Ask:
    place, cloud, year = _of(_NAMED, variant), 20.0 + variant, 2018 + (variant + 4) % 6
    months = (f"{year}-06-01T00:00:00Z", f"{year}-09-01T00:00:00Z")
    text = f"""{_PREFIXES}SELECT ?s ?t ?c WHERE {{
  ?m ed:operator "ESA" .
  ?p skos:broader ?m ; ed:sensorKind <{_BASE}modality/multispectral> .
  ?place rdfs:label "{place}"@en ; ed:placeKind <{_BASE}place-kind/country> ; geo:hasGeometry/geo:asWKT ?area .
  ?s a ed:Scene ; sosa:resultTime ?t ; ed:platform ?p ; ed:cloudCover ?c ; geo:hasGeometry/geo:asWKT ?w .
  FILTER(?t >= "{months[0]}"^^xsd:dateTime && ?t < "{months[1]}"^^xsd:dateTime && ?c < {cloud})
  FILTER(geof:sfWithin(?w, ?area))
}} ORDER BY ?t LIMIT 100"""
    return Ask("g", text, True, (), months, cloud, country_named(place), within=True, limit=100)


@lru_cache(maxsize=64)
def country(code: str, vertices: int = 100) -> BaseGeometry:
    """The mainland of a country, drawn with at most so many vertices."""
    from kg.gazetteer import open_gazetteer
    from ontology.terms import IRI

    whole = open_gazetteer().geometry(IRI(f"{_BASE}place/country/{code}"))
    if whole is None:
        raise SystemExit(f"the gazetteer has no country {code}")
    main = max(shapely.get_parts(shapely.from_wkb(shapely.to_wkb(whole))), key=lambda part: part.area)
    low, high = 0.0, 5.0
    for _ in range(40):
        middle = (low + high) / 2
        few = len(shapely.simplify(main, middle).exterior.coords) <= vertices
        low, high = (low, middle) if few else (middle, high)
    return shapely.set_precision(shapely.Polygon(shapely.simplify(main, high).exterior), 1e-6)


@lru_cache(maxsize=64)
def country_named(name: str) -> BaseGeometry:
    """The whole polygon of a country, as it stands in the graph."""
    from kg.gazetteer import open_gazetteer

    gazetteer = open_gazetteer()
    found = [one.place for one in gazetteer.lookup(name, 10) if "/place/country/" in one.place.iri]
    shape = gazetteer.geometry(found[0].iri) if found else None
    if shape is None:
        raise SystemExit(f"the gazetteer has no country {name}")
    return shape


@lru_cache(maxsize=1)
def regions() -> dict[str, BaseGeometry]:
    """The regions by IRI: uneven rings of 48 vertices, 200 to 800 km wide, over land and off the antimeridian."""
    rng = np.random.default_rng(7)
    lons, lats = land(rng, 4 * REGIONS)
    made: dict[str, BaseGeometry] = {}
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    for lon, lat in zip(lons, lats, strict=True):
        if len(made) == REGIONS or abs(lat) > 70 or abs(lon) > 168:
            continue
        wave = sum(rng.random() * 0.2 * np.sin(k * angles + rng.random() * 6.28) for k in (2, 3, 5, 7))
        km = np.asarray((90 + 300 * rng.random()) * (1 + wave))
        x, y = destination(np.full(48, lon), np.full(48, lat), angles, km)
        ring = shapely.Polygon(np.round(np.stack((x, y), axis=1)[::-1], 5))
        made[f"{_BASE}benchmark/region/{len(made):03d}"] = ring
    return made


def region_triples() -> list[tuple[str, str, str]]:
    """N-Triples terms of the regions as features."""
    rows = []
    for iri, shape in regions().items():
        node, wkt = f"<{iri}/geometry>", shapely.to_wkt(shape, rounding_precision=-1)
        rows += [
            (f"<{iri}>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", f"<{REGION_CLASS}>"),
            (f"<{iri}>", "<http://www.opengis.net/ont/geosparql#hasGeometry>", node),
            (
                node,
                "<http://www.opengis.net/ont/geosparql#asWKT>",
                f'"{wkt}"^^<http://www.opengis.net/ont/geosparql#wktLiteral>',
            ),
        ]
    return rows
