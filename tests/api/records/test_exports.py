"""The catalogue as DCAT, Croissant and OGC API - Records, read by others' tools."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
import shapely
from rdflib import Graph
from rdflib.namespace import DCAT, RDF

from api.records.bands import waves
from api.records.croissant import croissant
from api.records.dcat import catalogue
from api.records.shelf import Shelf, Shelves
from kg.home import Home
from kg.results import render
from kg.solutions import Triples
from tests.api.records.profiles import shapes

ITEMS = "/records/collections/catalogue/items"


@pytest.fixture(scope="module")
def shelf(builtin_home: Home) -> Shelf:
    return Shelves().of(builtin_home)


@pytest.fixture(scope="module")
def written(shelf: Shelf) -> Graph:
    triples = catalogue(shelf.records, shelf.places, "http://localhost:8000", shelf.version)
    return Graph().parse(data=render(Triples(triples), "ntriples"), format="nt")


def test_the_catalogue_meets_its_profiles(written: Graph) -> None:
    import pyshacl

    conforms, _, text = pyshacl.validate(written, shacl_graph=shapes(), inference="none")
    assert conforms, text[:3000]


def test_the_shapes_see_what_is_missing() -> None:
    import pyshacl

    bare = "<a:d> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/publisher> <a:p> ."
    conforms, _, text = pyshacl.validate(Graph().parse(data=bare, format="turtle"), shacl_graph=shapes())
    assert not conforms
    assert text.count("Constraint Violation") >= 4


def test_the_catalogue_holds_every_record(written: Graph, shelf: Shelf) -> None:
    models = set(written.subjects(RDF.type, None)) & {
        s for s in written.subjects() if "/model/" in str(s) and str(s).count("/") == 5
    }
    assert {str(one) for one in models} == {one.iri for one in shelf.records if one.kind == "model"}
    listed = {str(one) for one in written.objects(None, DCAT.dataset)}
    assert listed == {one.iri for one in shelf.records if one.kind == "dataset"}


@pytest.mark.filterwarnings("ignore")
def test_mlcroissant_accepts_every_dataset(shelf: Shelf, builtin_home: Home) -> None:
    import mlcroissant

    logging.getLogger("absl").setLevel(logging.ERROR)
    for kept in shelf.kept:
        if kept.record.kind == "dataset":
            document = croissant(kept.record, kept.outline, waves(builtin_home, kept.record), "http://localhost:8000")
            read = mlcroissant.Dataset(jsonld=document)
            assert not read.metadata.ctx.issues.errors, kept.id
            assert json.dumps(document, allow_nan=False)


@pytest.mark.filterwarnings("ignore")
def test_croissant_gives_classes_bands_and_place(http: httpx.Client) -> None:
    import mlcroissant

    document = http.get("/dataset/eurosat/croissant.json").json()
    rows = list(mlcroissant.Dataset(jsonld=document).records("classes"))
    assert rows[1] == {"classes/value": 1, "classes/name": "Forest"}
    assert document["geocr:bandConfiguration"]["geocr:bandNamesList"][:2] == ["B01", "B02"]
    assert document["geocr:spectralBandMetadata"][1]["geocr:centerWavelength"]["unitText"] == "nm"
    assert "box" in document["spatialCoverage"][0]["geo"]
    assert http.get("/dataset/nothing/croissant.json").status_code == 404


@pytest.mark.parametrize(
    ("path", "accept", "media", "form"),
    [
        ("/catalog.ttl", "", "text/turtle", "turtle"),
        ("/catalog", "application/rdf+xml", "application/rdf+xml", "xml"),
        ("/catalog.jsonld", "", "application/ld+json", "json-ld"),
        ("/dataset/eurosat/dcat.ttl", "", "text/turtle", "turtle"),
    ],
)
def test_rdf_in_every_format(http: httpx.Client, path: str, accept: str, media: str, form: str) -> None:
    reply = http.get(path, headers={"accept": accept or "*/*"})
    assert reply.headers["content-type"].startswith(media)
    # the whole catalogue is parsed once above; here its beginning and its size tell enough for the slow parsers
    if path.startswith("/dataset"):
        assert len(Graph().parse(data=reply.text, format=form)) > 50
    else:
        assert str(http.base_url) in reply.text
        assert len(reply.content) > 1_000_000
    assert "invalid" not in reply.text


def test_citations_over_http(http: httpx.Client) -> None:
    assert http.get("/dataset/eurosat/citation.bib").text.startswith("@misc{eurosat2018,")
    assert http.get("/dataset/eurosat/citation.json").json()["type"] == "dataset"
    assert http.get("/model/nothing/citation.bib").status_code == 404


def _found(http: httpx.Client, **parameters: Any) -> dict[str, Any]:
    reply = http.get(ITEMS, params=parameters)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    assert found["numberReturned"] == len(found["features"])
    return found


def test_the_links_of_the_records_lead_on(http: httpx.Client) -> None:
    todo, seen = [str(http.base_url.join("/records"))], set()
    while todo:
        at = todo.pop()
        seen.add(at)
        body = http.get(at).json()
        links = [*body.get("links", []), *(one for each in body.get("collections", []) for one in each["links"])]
        for one in links:
            own = one["href"].startswith(str(http.base_url)) and "/records" in one["href"]
            if own and one["rel"] not in ("next",) and one["href"] not in seen:
                todo.append(one["href"])
    assert len(seen) >= 5


def test_owslib_finds_records(http: httpx.Client) -> None:
    from owslib.ogcapi.records import Records

    client = Records(str(http.base_url.join("/records")))
    assert client.records() == ["catalogue"]
    found = client.collection_items("catalogue", q="flood", bbox=[60, 20, 80, 40], limit=2)
    assert len(found["features"]) == 2 <= found["numberMatched"]
    assert client.collection_item("catalogue", "dataset:eurosat")["properties"]["title"] == "EuroSAT"


def test_pages_hold_each_record_once(http: httpx.Client) -> None:
    seen: list[str] = []
    href = f"{ITEMS}?limit=100"
    while href:
        page = http.get(href).json()
        seen += [one["id"] for one in page["features"]]
        href = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == page["numberMatched"] >= 329


def test_searching(http: httpx.Client, shelf: Shelf) -> None:
    floods = _found(http, q="flood,burn scar", limit=1000)
    assert {one["id"] for one in floods["features"]} == {
        one.id for one in shelf.kept if "flood" in one.text or "burn scar" in one.text
    }
    assert all(one["properties"]["type"] == "model" for one in _found(http, type="model")["features"])
    here = shapely.box(29, -3, 31, -1)
    rwanda = _found(http, bbox="29,-3,31,-1", type="dataset", limit=1000)
    assert {one["id"] for one in rwanda["features"]} == {
        one.id
        for one in shelf.kept
        if one.outline is not None and one.outline.intersects(here) and one.record.kind == "dataset"
    }
    assert "dataset:rwanda-field-boundary" in {one["id"] for one in rwanda["features"]}
    assert _found(http, bbox="170,-50,-170,-10")["numberMatched"] > 0
    pastis = _found(http, datetime="2019-05/2019-06", q="pastis")
    assert pastis["features"][0]["time"]["interval"] == ["2018-09-01", "2019-11-30"]
    assert _found(http, datetime="../2018-08-31", q="pastis")["numberMatched"] == 0
    by_doi = _found(http, externalIds="https://w3id.org/earthdex/dataset/eurosat")
    assert [one["id"] for one in by_doi["features"]] == ["dataset:eurosat"]
    one = http.get(f"{ITEMS}/dataset:eurosat").json()
    assert one["properties"]["license"] == "MIT"
    assert {each["rel"] for each in one["links"]} >= {"self", "collection", "alternate", "license", "enclosure"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ITEMS}?bbox=1,2,3", 400),
        (f"{ITEMS}?bbox=a,b,c,d", 400),
        (f"{ITEMS}?bbox=0,50,1,40", 400),
        (f"{ITEMS}?bbox=nan,0,1,1", 400),
        (f"{ITEMS}?datetime=yesterday", 400),
        (f"{ITEMS}?datetime=2020/2019", 400),
        (f"{ITEMS}?datetime=0000", 400),
        (f"{ITEMS}?datetime=9999-12-31T23:59:59-23:59", 400),
        (f"{ITEMS}?colour=red", 400),
        (f"{ITEMS}?limit=0", 422),
        (f"{ITEMS}/dataset:nothing", 404),
        (f"{ITEMS}/nothing", 404),
        ("/records/collections/other", 404),
    ],
)
def test_what_is_wrong_is_told(http: httpx.Client, path: str, status: int) -> None:
    reply = http.get(path)
    assert reply.status_code == status
    assert reply.headers["content-type"].startswith("application/problem+json")


def test_a_host_that_is_none_writes_no_catalogue(http: httpx.Client) -> None:
    reply = http.get("/catalog.ttl", headers={"host": 'a> <b> "c'})
    assert reply.status_code == 400 or "<b>" not in reply.text
