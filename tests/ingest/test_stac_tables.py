"""Tables of scenes: STAC-GeoParquet, Parquet and CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import shapely

from ingest.add import add_sources
from ingest.report import AddReport
from ingest.table_scenes import columns_of, kind_of, open_table
from kg.columns import Engine
from kg.home import open_home
from kg.scenes import Condition, Spatial
from tests.corpora import corpus

IDS = [f"2019{month:02d}01T100031_2019{month:02d}01T100354_T33SVB" for month in range(1, 13)]

RealScenes: TypeAlias = tuple[Path, dict[str, tuple[int, int, int]]]


def add(home: Path, *sources: Path) -> AddReport:
    return add_sources([str(one) for one in sources], home)


def parquet(path: Path, select: str) -> Path:
    engine = Engine()
    engine.rows(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    engine.close()
    return path


def rows(home: Path, *columns: str) -> list[dict[str, Any]]:
    with open_home(home) as opened:
        return opened.scenes.select(columns, order=[("id", "asc")])


def stac_geoparquet(path: Path) -> Path:
    """Two items as stac-geoparquet writes them: structs for assets and bbox, properties as columns, WKB."""
    square = shapely.to_wkb(shapely.box(14, 37, 15, 38), hex=True)
    return parquet(
        path,
        f"""SELECT 'Feature' AS type, '1.0.0' AS stac_version, 'LC08_L2SP_188034_2019050{{n}}_02_T1' || n AS id,
        'landsat-c2-l2' AS collection, unhex('{square}') AS geometry,
        {{'xmin': 14.0, 'ymin': 37.0, 'xmax': 15.0, 'ymax': 38.0}} AS bbox,
        {{'red': {{'href': 'https://example.com/red.tif', 'roles': ['data'],
          'eo:bands': [{{'name': 'B4', 'common_name': 'red'}}]}}}} AS assets,
        [{{'rel': 'self', 'href': 'https://example.com/item.json'}}] AS links,
        TIMESTAMPTZ '2019-05-01 09:30:00+00' + INTERVAL (n) DAY AS datetime, 'landsat-8' AS platform,
        ['oli', 'tirs'] AS instruments, 10.5 * n AS "eo:cloud_cover", '188' AS "landsat:wrs_path"
        FROM range(2) t(n)""",
    )


def test_stac_geoparquet(tmp_path: Path) -> None:
    path = stac_geoparquet(tmp_path / "items.parquet")
    report = add(tmp_path / "home", path)
    assert (report.read, report.scenes, report.skipped) == (2, 2, {})
    first, second = rows(
        tmp_path / "home",
        "collection",
        "platform",
        "instrument",
        "cloud_cover",
        "start_time",
        "wrs_path",
        "band",
        "assets",
    )
    assert first["collection"] == "landsat-c2-l2"
    assert (first["platform"], first["instrument"]) == ("landsat-8", ("oli", "tirs"))
    assert (second["cloud_cover"], second["wrs_path"]) == (10.5, 188)
    assert first["start_time"] == datetime(2019, 5, 1, 9, 30, tzinfo=UTC)
    assert "red" in first["band"]
    assert "https://example.com/red.tif" in first["assets"]
    assert not add(tmp_path / "home", path).changed


def test_a_csv_of_product_identifiers_takes_footprints_from_a_table_of_tiles(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("point,S2id,type\n" + "".join(f"p,{one},high\n" for one in IDS), encoding="utf-8")
    square = shapely.box(14, 37, 15, 38)
    parquet(
        folder / "tiles.parquet",
        f"SELECT '33SVB' AS mgrs_tile_id, unhex('{shapely.to_wkb(square, hex=True)}') AS geometry",
    )
    report = add(tmp_path / "home", folder)
    assert (report.scenes, report.repaired) == (12, {})
    found = rows(tmp_path / "home", "mission", "tile_id", "geometry", "start_time")
    assert {one["mission"] for one in found} == {"sentinel-2"}
    assert {one["tile_id"] for one in found} == {"33SVB"}
    assert all(shapely.from_wkb(one["geometry"]).equals(square) for one in found)


def test_a_csv_with_usual_names_and_wkt(tmp_path: Path) -> None:
    path = tmp_path / "scenes.csv"
    path.write_text(
        "scene_id;acquisition_date;footprint;cloud cover;satellite\n"
        'a;2019-05-01T10:00:00Z;"POLYGON ((14 37, 15 37, 15 38, 14 38, 14 37))";12,5;Sentinel-2A\n'
        'b;2019-05-02T10:00:00Z;"POLYGON ((14 37";3;Sentinel-2B\n'
        ";2019-05-02T10:00:00Z;;;\n",
        encoding="utf-8",
    )
    report = add(tmp_path / "home", path)
    assert report.scenes == 2
    assert report.skipped == {"no identifier": 1}
    found = rows(tmp_path / "home", "id", "platform", "cloud_cover")
    assert [one["platform"] for one in found] == ["sentinel-2a", "sentinel-2b"]
    assert found[1]["cloud_cover"] == 3.0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", b"\x00\x01\x02"),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.csv", b"a,a\n1,2\n"),
        ("a.csv", b'"' * 200_000),
        ("a.parquet", b""),
        ("a.parquet", b"PAR1" + b"\x00" * 100 + b"PAR1"),
        ("a*[b]?.parquet", b"PAR1"),
        ("a.parquet", b"x" * 1000),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    report = add(tmp_path / "home", path)
    assert report.scenes == 0
    assert report.skipped == {"not a table of scenes": 1}


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "a*[1]?'"
    folder.mkdir()
    assert add(tmp_path / "home", stac_geoparquet(tmp_path / "b.parquet").rename(folder / "c.parquet")).scenes == 2


def test_a_damaged_parquet_file_gives_what_can_be_read(tmp_path: Path) -> None:
    path = stac_geoparquet(tmp_path / "items.parquet")
    data = bytearray(path.read_bytes())
    data[40:120] = b"\xff" * 80
    path.write_bytes(data)
    report = add(tmp_path / "home", path)
    assert report.scenes + sum(report.skipped.values()) >= 1


def test_the_kind_of_a_table_is_found_by_what_it_holds(tmp_path: Path) -> None:
    table = open_table(corpus("scenes-sentinel2-cloudsen12", "mgrs_tiles_opera_apache2.parquet"))
    assert kind_of(table, columns_of(table)) == "tiles"
    table = open_table(corpus("scenes-sentinel2-cloudsen12", "cloudSEN12_dataset.csv"))
    assert columns_of(table).names["id"] == "S2id"
    assert kind_of(table, columns_of(table)) == "scenes"


@pytest.mark.slow
def test_all_sentinel_1_bursts(real_scenes: RealScenes) -> None:
    path, counts = real_scenes
    assert counts["scenes-sentinel1-opera"] == (13_579, 12_252, 0)
    with open_home(path) as home:
        assert dict(home.scenes.group("mission"))["sentinel-1"] == 12_252
        columns = ("polarisation", "geometry", "relative_orbit", "tile_id")
        found = home.scenes.select(columns, (Condition("mission", "=", "sentinel-1"),), limit=50)
        assert all(one["geometry"] and one["polarisation"] and one["relative_orbit"] for one in found)
        assert all(one["tile_id"] is None for one in found)


@pytest.mark.slow
def test_all_sentinel_2_scenes_and_those_over_etna_in_2019(real_scenes: RealScenes) -> None:
    folder = corpus("scenes-sentinel2-cloudsen12")
    path, counts = real_scenes
    assert counts["scenes-sentinel2-cloudsen12"][1] == 46_697 + 513
    etna = shapely.Point(14.995, 37.748).buffer(0.15)
    tiles = {row["mgrs_tile_id"]: shapely.from_wkb(row["geometry"]) for _, row in open_table(
        folder / "mgrs_tiles_opera_apache2.parquet").rows()}  # fmt: skip
    lines = (folder / "cloudSEN12_dataset.csv").read_text(encoding="utf-8").splitlines()[1:]
    names = {line.split(",")[1] for line in lines}
    wanted = {
        one for one in names
        if one.startswith("2019") and one[-5:] in tiles and tiles[one[-5:]].intersects(etna)
    }  # fmt: skip
    with open_home(path) as home:
        found = home.scenes.select(
            ("id",),
            spatial=Spatial("intersects", etna),
            time=(datetime(2019, 1, 1, tzinfo=UTC), datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC)),
        )
    assert len(wanted) > 10
    assert {one["id"] for one in found} == wanted
