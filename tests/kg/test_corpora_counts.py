"""Counts over real scenes, against computations that share nothing with the catalogue but the files and the areas.

Footprints are read from the corpora as they lie there, tested with plain shapely, and distances are taken in a
projection round the point that keeps them. Scenes whose tile has no polygon in the corpus are left out of both sides.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from kg.gazetteer import open_gazetteer
from kg.home import Home, open_home, open_writer
from kg.nquads import Quad
from kg.solutions import Solutions
from ontology.namespaces import expand
from ontology.terms import IRI, WKT_LITERAL, Literal
from tests.corpora import corpus

pytestmark = pytest.mark.slow

_PREFIXES = (
    "PREFIX ed: <https://w3id.org/earthdex/ns#> PREFIX geo: <http://www.opengis.net/ont/geosparql#> "
    "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> PREFIX sosa: <http://www.w3.org/ns/sosa/> "
    "PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/> PREFIX dct: <http://purl.org/dc/terms/> "
    "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
)
_PLACE = "https://w3id.org/earthdex/place/"
REGION = IRI("https://example.org/Region")
SICILY, DANUBE, SVALBARD = (IRI(_PLACE + one) for one in ("admin1/IT.15", "feature/danube", "feature/svalbard"))


@dataclass(frozen=True, slots=True)
class Known:
    """A scene as the corpus has it: identifier, first ten digits of its time as `2019-02-12`, footprint."""

    id: str
    day: str
    shape: BaseGeometry


def rows_of(sql: str) -> list[tuple[Any, ...]]:
    return list(duckdb.connect().execute(sql).fetchall())


@lru_cache(maxsize=1)
def tiles() -> dict[str, BaseGeometry]:
    path = corpus("scenes-sentinel2-cloudsen12", "mgrs_tiles_opera_apache2.parquet")
    rows = rows_of(f"SELECT mgrs_tile_id, geometry FROM '{path}'")
    return {name: shapely.from_wkb(bytes(data)) for name, data in rows}


@lru_cache(maxsize=1)
def sentinel2() -> tuple[Known, ...]:
    path = corpus("scenes-sentinel2-cloudsen12", "cloudSEN12_dataset.csv")
    with path.open(encoding="utf-8", newline="") as file:
        names = sorted({row["S2id"] for row in csv.DictReader(file)})
    return tuple(
        Known(one, f"{one[:4]}-{one[4:6]}-{one[6:8]}", tiles()[one[-5:]]) for one in names if one[-5:] in tiles()
    )


@lru_cache(maxsize=1)
def sentinel1() -> tuple[Known, ...]:
    files = sorted(corpus("scenes-sentinel1-opera").glob("*.parquet"))
    found: dict[str, Known] = {}
    for path in files:
        for name, data in rows_of(f"SELECT opera_id, geometry FROM '{path}'"):
            day = re.search(r"_(\d{4})(\d\d)(\d\d)T", name)
            if day is not None:
                found[name] = Known(name, "-".join(day.groups()), shapely.from_wkb(bytes(data)))
    return tuple(found.values())


@lru_cache(maxsize=1)
def regions() -> dict[IRI, BaseGeometry]:
    """Two hundred uneven areas, most of them where there are scenes."""
    rng = np.random.default_rng(11)
    scenes = (*sentinel1(), *sentinel2())
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    found = {}
    for number, at in enumerate(rng.integers(0, len(scenes), 200)):
        x, y = scenes[at].shape.centroid.coords[0]
        far = (0.2 + 2 * rng.random()) * (1 + 0.3 * np.sin(3 * angles + 6 * rng.random()))
        ring = np.stack((x + far * np.cos(angles), y + far * np.sin(angles)), axis=1)
        found[IRI(f"https://example.org/region/{number}")] = shapely.Polygon(
            np.round(ring.clip((-180, -90), (180, 90)), 4)
        )
    return found


@pytest.fixture(scope="module")
def home(real_scenes: tuple[Path, object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path: Path = tmp_path_factory.mktemp("real") / "home"
    shutil.copytree(real_scenes[0], path, ignore=shutil.ignore_patterns("*.partial"))
    with open_writer(path) as writer:
        kind, geometry, wkt = (IRI(expand(one)) for one in ("rdf:type", "geo:hasGeometry", "geo:asWKT"))
        quads: list[Quad] = []
        for name, shape in regions().items():
            text = Literal(shapely.to_wkt(shape, rounding_precision=-1), WKT_LITERAL)
            node = IRI(f"{name}/geometry")
            quads += [(name, kind, REGION, None), (name, geometry, node, None), (node, wkt, text, None)]
        writer.add_graph(quads, "test:regions")
        writer.publish()
    with open_home(path) as opened:
        yield opened


def asked(home: Home, body: str, mission: str) -> set[str]:
    """Identifiers of the scenes that meet conditions, without those whose footprint only we computed."""
    found = home.query(
        f"{_PREFIXES} SELECT ?id {{ ?s a ed:Scene ; ed:mission <https://w3id.org/earthdex/sensor/{mission}> ; "
        f"dct:identifier ?id ; sosa:resultTime ?t ; geo:hasGeometry/geo:asWKT ?w . {body} }}"
    )
    if not isinstance(found, Solutions):
        raise TypeError(found)
    names = {unquote(str(getattr(row[0], "value", row[0]))) for row in found}
    if mission == "sentinel-2":
        return {one for one in names if not one.startswith("S2") and one[-5:] in tiles()}
    return names


def literal(shape: BaseGeometry) -> str:
    return f'"{shapely.to_wkt(shape, rounding_precision=-1)}"^^geo:wktLiteral'


def place(iri: IRI) -> BaseGeometry:
    shape = open_gazetteer().geometry(iri)
    if shape is None:
        pytest.fail(f"no geometry of {iri}")
    return shape


def meeting(scenes: tuple[Known, ...], area: BaseGeometry) -> set[str]:
    return {one.id for one in scenes if area.intersects(one.shape)}


def near(scenes: tuple[Known, ...], lon: float, lat: float, metres: float) -> set[str]:
    """Those within a distance of a point: in this projection, distances from its centre are true."""
    project = Transformer.from_crs(
        "OGC:CRS84", f"+proj=aeqd +lon_0={lon} +lat_0={lat} +datum=WGS84 +units=m", always_xy=True
    ).transform
    close = [one for one in scenes if one.shape.distance(shapely.Point(lon, lat)) < 3]

    def moved(points: Any) -> Any:
        return np.column_stack(project(points[:, 0], points[:, 1]))

    shapes = [shapely.transform(shapely.segmentize(one.shape, 0.01), moved) for one in close]
    return {one.id for one, shape in zip(close, shapes, strict=True) if shape.distance(shapely.Point(0, 0)) < metres}


@pytest.mark.parametrize(("iri", "count"), [(SICILY, 68), (SVALBARD, 15), (DANUBE, 183)])
def test_scenes_over_named_places(home: Home, iri: IRI, count: int) -> None:
    area = place(iri)
    wanted = meeting(sentinel2(), area)
    assert len(wanted) == count
    assert asked(home, f"FILTER(geof:sfIntersects(?w, {literal(area)}))", "sentinel-2") == wanted


def test_the_danube_as_natural_earth_draws_it_meets_five_more(home: Home) -> None:
    """188 rather than 183, all five of one tile, whose lower right corner is off our coarser line by 7 km."""
    path = corpus("naturalearth", "ne_10m_rivers_lake_centerlines.parquet")
    rows = rows_of(f"SELECT geometry FROM '{path}' WHERE name_en = 'Danube' OR name LIKE '%Duna'")
    river = shapely.union_all([shapely.from_wkb(bytes(row[0])) for row in rows])
    wanted = meeting(sentinel2(), river)
    assert len(wanted) == 188
    assert asked(home, f"FILTER(geof:sfIntersects(?w, {literal(river)}))", "sentinel-2") == wanted
    assert {one[-5:] for one in wanted - meeting(sentinel2(), place(DANUBE))} == {"35TMK"}


@pytest.mark.parametrize("mission", ["sentinel-1", "sentinel-2"])
def test_counts_by_year(home: Home, mission: str) -> None:
    found = home.query(
        f"{_PREFIXES} SELECT ?id ?y {{ ?s ed:mission <https://w3id.org/earthdex/sensor/{mission}> ; "
        "dct:identifier ?id ; sosa:resultTime ?t BIND(YEAR(?t) AS ?y) }"
    )
    if not isinstance(found, Solutions):
        raise TypeError(found)
    cells = [[str(getattr(cell, "value", cell)) for cell in row] for row in found]
    scenes = sentinel1() if mission == "sentinel-1" else sentinel2()
    known = {one.id for one in scenes}
    assert Counter(year for name, year in cells if name in known) == Counter(one.day[:4] for one in scenes)
    if mission == "sentinel-1":
        assert len(cells) == 12_252
        platforms = home.query(f"{_PREFIXES} SELECT ?p (COUNT(?s) AS ?n) {{ ?s ed:platform ?p ; "
                               "ed:mission <https://w3id.org/earthdex/sensor/sentinel-1> } GROUP BY ?p")  # fmt: skip
        if not isinstance(platforms, Solutions):
            raise TypeError(platforms)
        counted = {str(row[0])[-2:].upper(): int(str(getattr(row[1], "value", row[1]))) for row in platforms}
        assert counted == dict(Counter(re.findall(r"_S(1[ABCD])_", " ".join(known))))


@pytest.mark.parametrize(
    ("mission", "lon", "lat"),
    [
        ("sentinel-2", 14.995, 37.748),
        ("sentinel-2", 16.37, 48.21),
        ("sentinel-1", -70.67, -33.45),
        ("sentinel-1", -118.2, 34.1),
    ],
)
def test_within_fifty_kilometres(home: Home, mission: str, lon: float, lat: float) -> None:
    wanted = near(sentinel2() if mission == "sentinel-2" else sentinel1(), lon, lat, 50_000)
    point = literal(shapely.Point(lon, lat))
    assert asked(home, f"FILTER(geof:distance(?w, {point}, uom:metre) < 50000)", mission) == wanted


def test_a_month_in_a_country_in_order_of_time(home: Home) -> None:
    area = place(IRI(_PLACE + "country/BR"))
    wanted = {one.id for one in sentinel2() if one.day.startswith("2019-07") and area.intersects(one.shape)}
    months = 'FILTER(?t >= "2019-07-01T00:00:00Z"^^xsd:dateTime && ?t < "2019-08-01T00:00:00Z"^^xsd:dateTime)'
    assert asked(home, f"{months} FILTER(geof:sfIntersects(?w, {literal(area)}))", "sentinel-2") == wanted
    assert len(wanted) > 20


@pytest.mark.parametrize("mission", ["sentinel-1", "sentinel-2"])
def test_boxes_all_over_the_world(home: Home, mission: str) -> None:
    rng = np.random.default_rng(3)
    scenes = sentinel1() if mission == "sentinel-1" else sentinel2()
    tree = shapely.STRtree([one.shape for one in scenes])
    for at in rng.integers(0, len(scenes), 12):
        x, y = scenes[at].shape.centroid.coords[0]
        area = shapely.box(*np.round((x - rng.random(), y - rng.random(), x + rng.random(), y + rng.random()), 4))
        wanted = {scenes[one].id for one in tree.query(area, predicate="intersects")}
        assert asked(home, f"FILTER(geof:sfIntersects(?w, {literal(area)}))", mission) == wanted


def test_scenes_of_regions_of_the_graph(home: Home) -> None:
    """Over all scenes: footprints that the import computed itself are those of the catalogue on both sides."""
    from kg.scenes import Spatial

    found = home.query(
        f"{_PREFIXES} SELECT ?r (COUNT(?s) AS ?n) {{ ?r a <{REGION}> ; geo:hasGeometry/geo:asWKT ?a . "
        "?s a ed:Scene ; ed:mission ?m ; geo:hasGeometry/geo:asWKT ?w FILTER(geof:sfIntersects(?w, ?a)) } GROUP BY ?r"
    )
    if not isinstance(found, Solutions):
        raise TypeError(found)
    counted = {str(row[0]): int(str(getattr(row[1], "value", row[1]))) for row in found}
    tree = shapely.STRtree([one.shape for one in (*sentinel1(), *sentinel2())])
    extra = home.scenes.select(("id", "tile_id", "geometry"), where=())
    others = [
        shapely.from_wkb(row["geometry"])
        for row in extra
        if row["geometry"] and (row["id"].startswith("S2") or (row["tile_id"] and row["tile_id"] not in tiles()))
    ]
    more = shapely.STRtree(others)
    wanted = {
        str(name): len(tree.query(area, predicate="intersects")) + len(more.query(area, predicate="intersects"))
        for name, area in regions().items()
    }
    assert counted == {name: count for name, count in wanted.items() if count}
    assert sum(wanted.values()) > 20_000
    name, area = next(iter(regions().items()))
    assert home.scenes.count(spatial=Spatial("intersects", area)) == wanted[str(name)]


def test_platform_month_and_cloud(home: Home) -> None:
    path = corpus("scenes-sentinel2-cloudsen12", "s2_cloud_catalogue_classification_tags.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["scene"], float(row["cloud_percent"])) for row in csv.DictReader(file)]
    wanted = [name for name, cloud in rows if re.match(r"S2A_MSIL1C_20180[67]", name) and cloud < 20]
    found = home.query(
        f"{_PREFIXES} SELECT ?id ?t {{ ?s a ed:Scene ; dct:identifier ?id ; sosa:resultTime ?t ; ed:cloudCover ?c ; "
        "ed:platform <https://w3id.org/earthdex/sensor/sentinel-2a> FILTER(?c < 20 && "
        '?t >= "2018-06-01T00:00:00Z"^^xsd:dateTime && ?t < "2018-08-01T00:00:00Z"^^xsd:dateTime) } ORDER BY ?t'
    )
    if not isinstance(found, Solutions):
        raise TypeError(found)
    names = [str(getattr(row[0], "value", row[0])) for row in found]
    assert len(names) > 5
    assert [name[11:26] for name in names] == sorted(name[11:26] for name in wanted)
    assert sorted(names) == sorted(wanted)
