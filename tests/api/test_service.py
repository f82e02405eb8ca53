"""The service over a real catalogue, on a real server on loopback."""

from __future__ import annotations

import httpx
import pytest

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?d a <https://w3id.org/earthdex/ns#TrainingDataset> }"


def test_health(http: httpx.Client) -> None:
    reply = http.get("/health")
    assert reply.status_code == 200
    assert reply.json()["status"] == "ok"
    assert reply.json()["version"]


def test_ask(http: httpx.Client) -> None:
    reply = http.get("/ask", params={"q": "crop type datasets with Sentinel-2 time series in Austria", "limit": 3})
    body = reply.json()
    assert reply.status_code == 200
    assert body["kind"] == "list"
    assert len(body["rows"]) <= 3
    assert "SELECT" in body["sparql"]


def test_sparql_by_get_and_both_posts(http: httpx.Client) -> None:
    replies = [
        http.get("/sparql", params={"query": COUNT}),
        http.post("/sparql", content=COUNT, headers={"content-type": "application/sparql-query"}),
        http.post("/sparql", data={"query": COUNT}),
    ]
    values = {reply.json()["results"]["bindings"][0]["n"]["value"] for reply in replies}
    assert len(values) == 1
    assert int(values.pop()) >= 150


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/turtle;q=0.1, text/tab-separated-values", "text/tab-separated-values"),
        ("*/*", "application/sparql-results+json"),
    ],
)
def test_the_format_is_the_one_asked_for(http: httpx.Client, accept: str, media: str) -> None:
    reply = http.get("/sparql", params={"query": COUNT}, headers={"accept": accept})
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(media)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT ?x WHERE { ?x", 400),
        ("DELETE WHERE { ?s ?p ?o }", 403),
        ("INSERT DATA { <a:b> <a:c> <a:d> }", 403),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403),
        ("LOAD <http://127.0.0.1:9/>", 403),
    ],
)
def test_bad_and_forbidden_queries_are_problem_documents(http: httpx.Client, query: str, status: int) -> None:
    reply = http.get("/sparql", params={"query": query})
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert reply.json()["remedy"]


def test_large_bodies_are_refused_while_they_are_read(http: httpx.Client) -> None:
    reply = http.post("/sparql", content=b" " * 1_100_000, headers={"content-type": "application/sparql-query"})
    assert reply.status_code == 413


@pytest.mark.parametrize(
    "q", ["", "x" * 3_000, "\x00\x01\xff", "🛰️🌋", "مرحبا", "'; DROP TABLE x; --", "SELECT * { ?s ?p ?o }"]
)
def test_hostile_questions_are_answered_or_refused(http: httpx.Client, q: str) -> None:
    reply = http.get("/ask", params={"q": q})
    assert reply.status_code in (200, 422)
