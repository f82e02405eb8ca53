"""What clients of others make of the API: pystac-client walks it, pystac validates what it finds."""

from __future__ import annotations

from typing import Any

import httpx
import pystac
import pystac_client
import pytest

from api.stac.shelf import Shelf
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
