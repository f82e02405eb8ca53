"""Pages of queries, of the ontology and of every IRI: for people, and for programs by content negotiation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
import pytest

from ontology.namespaces import BASE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FORMS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
PEOPLE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
THINGS = {
    "/topic/flood": "flood",
    "/topic": "Topics",
    "/sensor/sentinel-2": "Sentinel-2",
    "/band/sentinel-2/b02": "B02",
    "/place/country/AT": "Austria",
    "/class/worldcover": "ESA WorldCover classes",
    "/dataset/eurosat": "EuroSAT",
}
NOWHERE = ("/nothing", "/topic/no-such", "/a/b/c/d/e/f/g", "/topic/%3Cx%3E", "/dataset/x%3E%20y")


def query(text: str, **more: str) -> str:
    return "/query?" + urlencode({"query": text, **more})


@pytest.mark.parametrize("path", THINGS)
def test_every_thing_has_a_page_and_its_statements(http: httpx.Client, path: str) -> None:
    page = http.get(path, headers=PEOPLE)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert THINGS[path] in page.text
    for media, form in FORMS.items():
        reply = http.get(path, headers={"accept": media})
        assert reply.headers["content-type"].startswith(media)
        assert any(one.subject == ox.NamedNode(BASE + path[1:]) for one in ox.parse(reply.content, format=form))


def test_a_scheme_shows_its_concepts_as_a_tree(http: httpx.Client) -> None:
    page = http.get("/sensor", headers=PEOPLE).text
    below = re.search(r'>Sentinel-2</a><ul class="tree">(.*?)</ul>', page)
    assert below and "Sentinel-2A" in below[1]


@pytest.mark.parametrize(
    "path", ["/nothing", "/topic/no-such", "/a/b/c/d/e/f/g", "/topic/%3Cx%3E", "/dataset/x%3E%20y"]
)
def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(http: httpx.Client, path: str) -> None:
    assert http.get(path, headers=PEOPLE).status_code == 404
    reply = http.get(path, headers={"accept": "text/turtle"})
    assert reply.status_code == 404
    assert "<x>" not in reply.text


def test_the_ontology_for_people_and_programs(http: httpx.Client) -> None:
    page = http.get("/ns", headers=PEOPLE).text
    assert 'id="Scene"' in page and "ed:cloudCover" in page
    turtle = http.get("/ns", headers={"accept": "text/turtle"}).content
    jsonld = http.get("/ontology?format=jsonld").content
    shapes = http.get("/ontology/shapes.ttl").content
    rdf = ((turtle, "text/turtle"), (jsonld, "application/ld+json"), (shapes, "text/turtle"))
    found = [len(list(ox.parse(text, format=FORMS[media]))) for text, media in rdf]
    assert found[0] == found[1] > 300
    assert found[2] > 100
    assert "@context" in http.get("/ontology/context.jsonld").json()
    names = {one["name"] for one in http.get("/ontology/terms.json").json()["terms"]}
    assert {"ed:Scene", "ed:cloudCover", "dct:title", "geof:sfWithin"} <= names


def test_a_query_gives_rows_links_files_and_a_plan(http: httpx.Client) -> None:
    text = f"SELECT ?d ?wkt {{ VALUES ?d {{ <{BASE}place/country/AT> }} ?d geo:hasGeometry/geo:asWKT ?wkt }}"
    page = http.get(query(text, plan="1"), headers=PEOPLE).text
    assert "/place/country/AT" in page
    assert '<figure class="map"' in page
    assert "How it was run" in page
    csv = re.search(r'href="(/sparql\?[^"]*format=csv)"', page)
    assert csv and http.get(csv[1].replace("&amp;", "&")).text.startswith("d,wkt")


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("SELECT ?x WHERE { ?x", 400, "line 1"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403, "SERVICE"),
        ("ASK { <a:b> <a:c> <a:d> }", 200, "No"),
        ("SELECT ?x { BIND('<script>alert(1)</script>' AS ?x) }", 200, "&lt;script&gt;"),
        ("CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 5", 200, "5 triples"),
    ],
)
def test_whatever_is_asked_is_answered_or_refused(http: httpx.Client, text: str, status: int, said: str) -> None:
    reply = http.get(query(text), headers=PEOPLE)
    assert reply.status_code == status
    assert said in reply.text
    assert "<script>alert" not in reply.text


def test_a_browser_at_the_endpoint_comes_to_the_page(http: httpx.Client) -> None:
    reply = http.get("/sparql", headers=PEOPLE)
    assert reply.status_code == 303 and reply.headers["location"].endswith("/query")
    assert http.get("/sparql").headers["content-type"].startswith("text/turtle")


def test_the_examples_run(http: httpx.Client) -> None:
    page = http.get("/query", headers=PEOPLE).text
    links = re.findall(r'href="(/query\?query=[^"]+)"', page)
    assert len(links) >= 5
    for link in links:
        assert http.get(link.replace("&amp;", "&"), headers=PEOPLE).status_code == 200, link


def test_the_editor_completes_and_runs(http: httpx.Client, chromium: Browser) -> None:
    page = chromium.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda one: errors.append(str(one)))
    page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
    page.goto(str(http.base_url) + "/query")
    editor = page.get_by_role("textbox", name="SPARQL query")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("ASK { ?s a ed:TrainingDat", delay=5)
    page.get_by_role("option", name="ed:TrainingDataset").first.wait_for()
    page.wait_for_timeout(150)  # a list that has just opened takes no key yet
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Yes").wait_for()
    assert "TrainingDataset" in page.url
    assert not errors
    page.close()
