"""What clients of others make of the API: pystac-client walks it, pystac validates what it finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pystac
import pystac_client
import pytest

from api.stac.items import item
from api.stac.links import Links
from api.stac.shelf import Shelf
from ingest.stac_item import scene_of
from kg.columns import COLUMN_TYPES, micros
from ontology.records import Scene


@pytest.fixture(scope="module")
def client(stac_http: httpx.Client) -> pystac_client.Client:
    return pystac_client.Client.open(f"{stac_http.base_url}/stac")


def _valid(thing: pystac.Item | pystac.Collection) -> None:
    """Valid by the core schemas, which pystac carries; those of extensions are on the web."""
    value: dict[str, Any] = thing.to_dict(include_self_link=True, transform_hrefs=False)
    assert len(value["stac_extensions"]) == len(set(value["stac_extensions"]))
    assert all(one["href"].startswith(("http://", "https://")) for one in value["links"])
    value["stac_extensions"] = []
    kind = pystac.Item if isinstance(thing, pystac.Item) else pystac.Collection
    kind.from_dict(value).validate()


def test_every_collection_is_valid(client: pystac_client.Client, stac_shelf: Shelf) -> None:
    found = list(client.get_collections())
    assert [one.id for one in found] == list(stac_shelf.collections)
    assert {"models", "sentinel-2-l2a", "LANDSAT/C02 L2", "eurosat"} <= {one.id for one in found}
    for one in found[:: len(found) // 15]:
        _valid(one)


def test_every_scene_comes_once_and_is_valid(client: pystac_client.Client, stac_scenes: list[Scene]) -> None:
    found = list(client.search(collections=sorted({one.collection for one in stac_scenes}), limit=150).items())
    assert len(found) == len({(one.collection_id, one.id) for one in found})
    assert len(found) == sum(one.start_time is not None for one in stac_scenes)
    for one in found[::25]:
        _valid(one)
        assert set(one.assets) == {"B02"}  # nobody else reaches the other one


def test_models_are_valid_items(client: pystac_client.Client, stac_shelf: Shelf) -> None:
    found = list(client.search(collections=["models"], limit=100, method="GET").items())
    assert len(found) == len(stac_shelf.models) > 100
    for one in found[::25]:
        _valid(one)
    assert any("/mlm/" in each for one in found for each in one.stac_extensions)


def test_a_search_of_a_client(client: pystac_client.Client, stac_scenes: list[Scene]) -> None:
    wanted = {
        one.id
        for one in stac_scenes
        if one.start_time and one.cloud_cover is not None and one.cloud_cover < 20 and one.platform == "sentinel-2a"
    }
    text = client.search(filter="eo:cloud_cover < 20 AND platform = 'sentinel-2a'", sortby="-datetime", limit=7)
    assert {one.id for one in text.items()} == wanted
    assert text.matched() == len(wanted)
    tree = {
        "op": "and",
        "args": [
            {"op": "<", "args": [{"property": "eo:cloud_cover"}, 20]},
            {"op": "=", "args": [{"property": "platform"}, "sentinel-2a"]},
        ],
    }
    assert {one.id for one in client.search(filter=tree, limit=50).items()} == wanted


def test_identifiers_with_slashes_and_spaces(client: pystac_client.Client, stac_scenes: list[Scene]) -> None:
    scene = next(one for one in stac_scenes if "/" in one.id and " " in one.collection and one.start_time)
    collection = client.get_collection(scene.collection)
    assert collection is not None
    assert collection.id == scene.collection
    item = next(iter(client.search(collections=[scene.collection], ids=[scene.id]).items()))
    address = item.get_self_href()
    assert address is not None
    found = httpx.get(address).json()
    assert (found["collection"], found["id"]) == (scene.collection, scene.id)
    queryables = httpx.get(f"{collection.get_self_href()}/queryables").json()
    assert {"landsat:wrs_path", "datetime"} <= set(queryables["properties"])
    assert "sar:polarizations" not in queryables["properties"]
    assert httpx.get(f"{address}x").status_code == 404


def test_gdal_makes_a_mosaic_of_items(
    tmp_path: Path, stac_http: httpx.Client, serve_folder: Callable[[Path], str]
) -> None:
    """Items with the projection of their assets make a mosaic (driver STACIT)."""
    rasterio = pytest.importorskip("rasterio")
    grid = rasterio.transform.Affine(10.0, 0.0, 500_000.0, 0.0, -10.0, 5_400_000.0)
    folder = tmp_path / "pixels"
    folder.mkdir()
    size = {"width": 200, "height": 100, "count": 1, "dtype": "uint16", "crs": "EPSG:32633", "transform": grid}
    with rasterio.open(folder / "B02.tif", "w", driver="GTiff", **size) as file:
        file.write(np.full((1, 100, 200), 7, np.uint16))
    original = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "S2A_1",
        "collection": "c",
        "stac_extensions": ["https://stac-extensions.github.io/projection/v1.1.0/schema.json"],
        "geometry": {"type": "Polygon", "coordinates": [[[15, 48], [16, 48], [16, 49], [15, 49], [15, 48]]]},
        "properties": {"datetime": "2020-01-01T00:00:00Z", "proj:epsg": 32633, "platform": "sentinel-2a"},
        "links": [],
        "assets": {
            "B02": {
                "href": f"{serve_folder(folder)}/B02.tif",
                "type": "image/tiff; application=geotiff; profile=cloud-optimized",
                "proj:shape": [100, 200],
                "proj:transform": [10.0, 0.0, 500_000.0, 0.0, -10.0, 5_400_000.0],
            }
        },
    }
    scene, _ = scene_of(original)
    row = {name: getattr(scene, name) for name in COLUMN_TYPES}
    row |= {name: micros(row[name]) for name, kind in COLUMN_TYPES.items() if kind == "TIMESTAMPTZ" and row[name]}
    made = item(row, (scene.assets, scene.original), Links(str(stac_http.base_url)))
    assert any("projection" in one for one in made["stac_extensions"])
    path = tmp_path / "found.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [made]}), encoding="utf-8")
    with rasterio.open(f'STACIT:"{path}":asset=B02') as mosaic:
        assert (mosaic.width, mosaic.height, mosaic.crs.to_epsg()) == (200, 100, 32633)
        assert int(mosaic.read(1)[50, 100]) == 7
