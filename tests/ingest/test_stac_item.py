"""STAC items of all versions as scenes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely

from ingest.mgrs import tile_wkb
from ingest.stac_item import Context, scene_of
from ontology.errors import RecordError
from ontology.records import Scene
from tests.corpora import corpus
from tests.ingest.stac import SQUARE, item


def scene(value: dict[str, Any]) -> Scene:
    return scene_of(value)[0]


def test_the_fields_of_a_sentinel_2_item() -> None:
    found = scene(
        item(
            "S2A_MSIL2A_20190501T100031_R122_T33SVB_20190501T131313",
            **{
                "platform": "Sentinel-2A",
                "constellation": "Sentinel 2",
                "instruments": ["msi"],
                "eo:cloud_cover": 12.5,
                "s2:vegetation_percentage": 40,
                "s2:mean_solar_zenith": 30.0,
                "sat:orbit_state": "descending",
                "sat:relative_orbit": 122,
                "created": "2019-05-02T00:00:00Z",
                "gsd": 10,
            },
        )
    )
    assert (found.mission, found.platform, found.instrument) == ("sentinel-2", "sentinel-2a", ("msi",))
    assert (found.product_type, found.processing_level, found.tile_id) == ("S2MSI2A", "L2A", "33SVB")
    assert (found.cloud_cover, found.vegetation_percentage, found.sun_elevation) == (12.5, 40.0, 60.0)
    assert (found.orbit_direction, found.relative_orbit, found.resolution_m) == ("descending", 122, 10.0)
    assert found.start_time == found.end_time == datetime(2019, 5, 1, 10, tzinfo=UTC)
    assert found.ingestion_time == datetime(2019, 5, 2, tzinfo=UTC)
    assert "sentinel-2/b04" in found.band
    assert "near-infrared" in found.band
    assert "sentinel-2/b10" not in found.band  # not part of Level-2A


@pytest.mark.parametrize(
    ("fields", "mission", "platform", "instruments"),
    [
        ({"platform": "S2A"}, "sentinel-2", "sentinel-2a", ("msi",)),
        ({"platform": "SENTINEL-2A"}, "sentinel-2", "sentinel-2a", ("msi",)),
        ({"platform": "sentinel2b", "instruments": ["MSI"]}, "sentinel-2", "sentinel-2b", ("msi",)),
        ({"constellation": "Sentinel 1"}, "sentinel-1", None, ("c-sar",)),
        ({"platform": "LANDSAT_8", "instruments": ["OLI_TIRS"]}, "landsat", "landsat-8", ("oli", "tirs")),
        ({"platform": "LC08"}, "landsat", "landsat-8", ()),
        ({"platform": "landsat-5,landsat-7", "instruments": ["tm,etm+"]}, "landsat", None, ("tm", "etm-plus")),
        ({"eo:platform": "landsat-7", "eo:instrument": "ETM"}, "landsat", "landsat-7", ("etm-plus",)),
        ({"platform": "terra", "instruments": ["modis"]}, "terra", "terra", ("modis",)),
        ({"platform": "WV02"}, "worldview-2", "worldview-2", ()),
        ({"platform": "GOES-18", "instruments": ["ABI"]}, "goes", "goes-18", ("abi",)),
        ({"platform": "sentinel-1a, sentinel-2a", "instruments": ["c-sar", "msi"]}, None, None, ("c-sar", "msi")),
        ({"platform": ""}, None, None, ()),
        ({"platform": "UNKNOWN"}, None, None, ()),
        ({"platform": "cool_sat2"}, None, "cool-sat2", ()),
    ],
)
def test_spellings_of_missions_and_spacecraft(
    fields: dict[str, Any], mission: str | None, platform: str | None, instruments: tuple[str, ...]
) -> None:
    found = scene(item(**fields))
    assert (found.mission, found.platform, found.instrument) == (mission, platform, instruments)


def test_old_field_names_and_the_collection_of_the_link() -> None:
    value = item("old", **{"eo:gsd": 20, "eo:sun_elevation": 12.0, "sar:pass_direction": "ASCENDING"})
    value["stac_version"] = "0.7.0"
    del value["collection"]
    value["links"] = [{"rel": "collection", "href": "../my-things/collection.json"}]
    found, repairs = scene_of(value)
    assert (found.resolution_m, found.sun_elevation, found.orbit_direction) == (20.0, 12.0, "ascending")
    assert found.collection == "my-things"
    assert "collection: took the name from the link" in repairs


@pytest.mark.parametrize(
    ("fields", "start", "end", "repair"),
    [
        ({"datetime": None, "start_datetime": "2019-01-01T00:00:00Z", "end_datetime": "2019-02-01T00:00:00Z"},
         "2019-01-01 00:00", "2019-02-01 00:00", ""),
        ({"datetime": None, "start_datetime": "2019-02-01T00:00:00Z", "end_datetime": "2019-01-01T00:00:00Z"},
         "2019-01-01 00:00", "2019-02-01 00:00", "time: swapped start and end"),
        ({"datetime": "2015-07-10"}, "2015-07-10 00:00", "2015-07-10 23:59", "time: read a day as all of it"),
        ({"datetime": "2019-05-01 10:00:00"}, "2019-05-01 10:00", "2019-05-01 10:00",
         "time: read a time without a zone as UTC"),
        ({"datetime": "2019-05-01T12:00:00+02:00"}, "2019-05-01 10:00", "2019-05-01 10:00", ""),
        ({"datetime": "2020-11-12T19:34:47.8741569+00:00"}, "2020-11-12 19:34", "2020-11-12 19:34", ""),
        ({"datetime": "yesterday"}, None, None, "time: dropped a time that cannot be read"),
    ],
)  # fmt: skip
def test_times(fields: dict[str, Any], start: str | None, end: str | None, repair: str) -> None:
    found, repairs = scene_of(item(**fields))
    assert (found.start_time.strftime("%Y-%m-%d %H:%M") if found.start_time else None) == start
    assert (found.end_time.strftime("%Y-%m-%d %H:%M") if found.end_time else None) == end
    assert not repair or repair in repairs


def test_a_footprint_comes_from_geometry_bbox_tile_or_stays_unknown() -> None:
    value = item("S2B_20EPT_20250731_0_L2A")
    assert shapely.from_wkb(scene(value).geometry).bounds == (14.0, 37.0, 15.0, 38.0)
    value["geometry"] = None
    found, repairs = scene_of(value)
    assert shapely.from_wkb(found.geometry).bounds == (14.0, 37.0, 15.0, 38.0)
    assert "footprint: took the bbox, there is no geometry" in repairs
    del value["bbox"]
    tile = shapely.to_wkb(shapely.box(1.0, 2.0, 3.0, 4.0))
    assert scene_of(value, Context(tiles={"20EPT": tile}))[0].geometry == tile
    found, repairs = scene_of(value)
    assert found.geometry == tile_wkb("20EPT")
    assert "footprint: computed from the tile's name" in repairs
    value["id"] = "no-tile"
    found, repairs = scene_of(value)
    assert found.geometry is None
    assert "footprint: kept without one" in repairs


def test_a_latitude_first_polygon_is_turned_only_where_the_bbox_proves_it() -> None:
    value = item()
    value["geometry"] = {"type": "Polygon", "coordinates": [[[b, a] for a, b in SQUARE["coordinates"][0]]]}
    found, repairs = scene_of(value)
    assert shapely.from_wkb(found.geometry).bounds == (14.0, 37.0, 15.0, 38.0)
    assert "footprint: turned latitude-longitude into longitude-latitude" in repairs
    del value["bbox"]
    assert shapely.from_wkb(scene(value).geometry).bounds == (37.0, 14.0, 38.0, 15.0)


def test_the_antimeridian_and_the_whole_world() -> None:
    value = item()
    value["geometry"], value["bbox"] = None, [170.0, -20.0, -170.0, -10.0]
    shape = shapely.from_wkb(scene(value).geometry)
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == pytest.approx(200.0)
    value["bbox"] = [-180.0, -90.0, 180.0, 90.0]
    assert scene(value).is_global
    assert not scene(item()).is_global


def test_values_out_of_range_are_unknown_and_told() -> None:
    found, repairs = scene_of(item(**{"eo:cloud_cover": -9999, "view:sun_elevation": "high", "gsd": -1}))
    assert (found.cloud_cover, found.sun_elevation, found.resolution_m) == (None, None, None)
    assert "cloud_cover: dropped a value out of range" in repairs


def test_addresses_of_assets_become_absolute_where_the_record_tells_from_where() -> None:
    value = item()
    assert json.loads(scene(value).assets)["data"]["href"] == "./data.tif"
    local = scene_of(value, Context(base="/data/items/scene.json"))[0]
    assert json.loads(local.assets)["data"]["href"] == "/data/items/data.tif"
    value["links"] = [{"rel": "self", "href": "https://example.com/items/scene.json"}]
    assert json.loads(scene(value).assets)["data"]["href"] == "https://example.com/items/data.tif"


def test_an_identifier_with_odd_characters_is_a_valid_iri() -> None:
    found = scene(item("a b\\c:d/é\x00<>"))
    assert found.id == "a b\\c:d/é<>"
    assert " " not in found.iri
    assert "\\" not in found.iri


@pytest.mark.parametrize("value", [{}, {"id": None}, {"id": ["a"]}, {"id": "a", "properties": {}}])
def test_an_item_that_says_nothing_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        scene_of(value)


def test_tiles_computed_from_their_names_are_those_of_the_published_table() -> None:
    from kg.parquet import ParquetTable

    table = ParquetTable(corpus("scenes-sentinel2-cloudsen12", "mgrs_tiles_opera_apache2.parquet"))
    worst, number = 1.0, 0
    for line, row in table.rows():
        if line % 97:
            continue
        computed, published = shapely.from_wkb(tile_wkb(row["mgrs_tile_id"])), shapely.from_wkb(row["geometry"])
        if not published.is_valid or published.bounds[2] - published.bounds[0] > 20:
            continue
        number += 1
        # the published outlines have straight edges, which differ near the poles
        worst = min(worst, computed.intersection(published).area / computed.union(published).area)
    assert number > 150
    assert worst > 0.97


@pytest.mark.parametrize("tile", ["", "00ABC", "61XAA", "33SVZ", "33IVB", "1A", "33SVBB"])
def test_names_that_are_no_tiles(tile: str) -> None:
    assert tile_wkb(tile) is None
