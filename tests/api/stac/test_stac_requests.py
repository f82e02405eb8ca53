"""Requests: what is wrong is refused with 400 and a remedy, links lead on, tokens hold."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ontology.records import Scene

_PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "limit=1.5", "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=0,10,1,-10", "bbox=a,b,c,d",
     "bbox=0,0,nan,1", "bbox=-190,0,1,1", "bbox=0,0,1,1,1,1,1", "datetime=2020-01-01", "datetime=../..", "datetime=/",
     "datetime=2020-02-30T00:00:00Z", "datetime=2021-01-01T00:00:00Z/2020-01-01T00:00:00Z", "token=x", "sortby=nope",
     "sortby=geometry", "filter=nope%3D1", "filter=(", "filter-lang=sql&filter=id%3D1", "filter-crs=EPSG:4326",
     "intersects=x", "intersects=%7B%22type%22:%22Point%22%7D", "bbox=0,0,1,1&bbox=2,2,3,3",
     "intersects=%7B%22type%22:%22Point%22,%22coordinates%22:[0,0]%7D&bbox=0,0,1,1",
     "filter-lang=cql2-json&filter=%7B"],
)  # fmt: skip
def test_what_is_wrong_is_refused(stac_http: httpx.Client, query: str) -> None:
    for path in ("/stac/search", "/stac/collections/sentinel-2-l2a/items"):
        found = stac_http.get(f"{path}?{query}")
        assert (found.status_code, found.headers["content-type"]) == (400, _PROBLEM), found.text
        assert found.json()["remedy"] and found.json()["detail"]


@pytest.mark.parametrize(
    "body",
    ['[]', 'x', '{"limit": "1"}', '{"limit": true}', '{"limit": 0}', '{"bbox": "0,0,1,1"}', '{"bbox": [0, 0, 1, NaN]}',
     '{"bbox": [0, 0, 1e999, 1]}', '{"ids": [1]}', '{"collections": {}}', '{"fields": null}', '{"fields": []}',
     '{"fields": {"include": "id"}}', '{"sortby": "id"}', '{"sortby": [{"field": "id", "direction": "up"}]}',
     '{"filter": 1}', '{"filter": {"op": "="}}', '{"filter": {"op": 1, "args": []}}', '{"token": 1}',
     '{"token": "e30"}',
     '{"datetime": 2020}', '{"intersects": {"type": "Polygon", "coordinates": []}}',
     '{"intersects": {"type": "Point", "coordinates": [0, 100]}}',
     '{"intersects": {"type": "Point", "coordinates": "x"}}',
     '{"intersects": {"type": "Polygon", "coordinates": [[[0, 0], [1, null], [1, 1], [0, 0]]]}}',
     '{"intersects": {"type": "GeometryCollection", "geometries": []}}',
     '{"intersects": ' + '{"type": "GeometryCollection", "geometries": [' * 30 + ']}' * 30 + '}', "[" * 100_000,
     '{"intersects": {"type": "LineString", "coordinates": [' + ",".join(["[0,0],[1,1]"] * 10_500) + "]}}"],
    ids=lambda one: one[:40],
)  # fmt: skip
def test_bodies_that_are_wrong_are_refused(stac_http: httpx.Client, body: str) -> None:
    found = stac_http.post("/stac/search", content=body, headers={"content-type": "application/json"})
    assert (found.status_code, found.headers["content-type"]) == (400, _PROBLEM), found.text
    assert found.json()["remedy"]


def test_what_is_not_there(stac_http: httpx.Client) -> None:
    for path in ("collections/nope", "collections/nope/items", "collections/nope/queryables", "collections/a/b/c/d",
                 "collections/sentinel-2-l2a/items/nope"):  # fmt: skip
        found = stac_http.get(f"/stac/{path}")
        assert (found.status_code, found.headers["content-type"]) == (404, _PROBLEM), path
    assert stac_http.get("/stac/search?collections=nope").json()["numberMatched"] == 0
    assert stac_http.get("/stac/search?unheard=of&limit=1").status_code == 200


def test_every_link_of_the_landing_page_leads_somewhere(stac_http: httpx.Client) -> None:
    landing = stac_http.get("/stac").json()
    for link in landing["links"]:
        found = httpx.request(
            link.get("method", "GET"), link["href"], json={} if link.get("method") == "POST" else None
        )
        assert found.status_code == 200, link
        assert found.headers["content-type"].split(";")[0] == link["type"].split(";")[0], link
    assert set(landing["conformsTo"]) == set(stac_http.get("/stac/conformance").json()["conformsTo"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_hold_every_item_once(stac_http: httpx.Client, stac_scenes: list[Scene], method: str) -> None:
    wanted = sorted(one.id for one in stac_scenes if one.start_time and (one.cloud_cover or 0) > 30)
    body: dict[str, Any] = {"limit": 37, "filter": {"op": ">", "args": [{"property": "eo:cloud_cover"}, 30]}}
    body["sortby"] = [{"field": "sat:relative_orbit", "direction": "desc"}, {"field": "datetime", "direction": "asc"}]
    address = f"{stac_http.base_url}/stac/search"
    if method == "GET":
        query = {"limit": "37", "filter": json.dumps(body["filter"]), "filter-lang": "cql2-json"}
        page = httpx.get(address, params={**query, "sortby": "-sat:relative_orbit,+datetime"})
    else:
        page = httpx.post(address, json=body)
    found: list[str] = []
    while True:
        assert page.status_code == 200
        assert page.json()["numberMatched"] == len(wanted)
        found += [one["id"] for one in page.json()["features"]]
        following = [one for one in page.json()["links"] if one["rel"] == "next"]
        if not following:
            break
        link = following[0]
        assert link.get("method", "GET") == method
        page = httpx.get(link["href"]) if method == "GET" else httpx.post(link["href"], json=link["body"])
    assert sorted(found) == wanted


def test_a_token_of_another_search_is_refused(stac_http: httpx.Client) -> None:
    first = stac_http.post("/stac/search", json={"limit": 1}).json()
    token = next(one["body"]["token"] for one in first["links"] if one["rel"] == "next")
    assert stac_http.post("/stac/search", json={"limit": 5, "token": token}).status_code == 200
    assert stac_http.post("/stac/search", json={"limit": 1, "ids": ["a"], "token": token}).status_code == 400
    for cut in (token[:-3], token[1:], token + "A", "é", "A" * 9_000):
        assert stac_http.post("/stac/search", json={"limit": 1, "token": cut}).status_code == 400


def test_parts_of_items(stac_http: httpx.Client) -> None:
    def first(fields: Any) -> dict[str, Any]:
        body = {"collections": ["sentinel-2-l2a"], "limit": 1, "fields": fields}
        found: dict[str, Any] = stac_http.post("/stac/search", json=body).json()["features"][0]
        return found

    assert set(first({"include": ["id", "properties.platform"]})) == {"id", "properties"}
    assert set(first({"include": ["properties.platform"]})["properties"]) == {"platform"}
    whole = first({"exclude": ["assets", "properties.platform"]})
    assert "assets" not in whole and "platform" not in whole["properties"] and "geometry" in whole
    assert set(first({})["properties"]) == {"datetime"}
    assert "geometry" in first({"include": ["geometry"], "exclude": ["geometry"]})


def test_collections_come_in_pages(stac_http: httpx.Client) -> None:
    address, found = "/stac/collections?limit=50", []
    while address:
        page = stac_http.get(address).json()
        found += [one["id"] for one in page["collections"]]
        address = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
    assert len(found) == len(set(found)) == page["numberMatched"]
    for query in ("limit=0", "limit=x", "token=x"):
        assert stac_http.get(f"/stac/collections?{query}").status_code == 400
