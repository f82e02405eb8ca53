"""`/ask` in each of its formats, by GET and POST, and talks of several questions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import httpx
import pytest
import shapely.geometry

from api.questions.formats import as_csv
from api.questions.sessions import MOST_QUESTIONS, Sessions
from ontology.errors import QueryError

Q = "crop type datasets in Austria"


def test_all_formats_hold_the_same_rows(http: httpx.Client) -> None:
    answer = http.get("/ask", params={"q": Q, "limit": 3}).json()
    iris = [row["iri"] for row in answer["rows"]]
    places = http.get("/ask", params={"q": Q, "limit": 3}, headers={"accept": "application/geo+json"})
    assert places.headers["content-type"].startswith("application/geo+json")
    features = places.json()
    assert [one["id"] for one in features["features"]] == iris
    assert (features["numberMatched"], features["numberReturned"]) == (answer["found"], 3)
    assert features["summary"]["sparql"] == answer["sparql"]
    table = http.get("/ask", params={"q": Q, "limit": 3, "format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert [row["iri"] for row in csv.DictReader(io.StringIO(table.text))] == iris
    posted = http.post("/ask", json={"q": Q, "limit": 3}).json()
    assert [row["iri"] for row in posted["rows"]] == iris


def test_lines_end_with_the_summary(http: httpx.Client) -> None:
    reply = http.get("/ask", params={"q": Q}, headers={"accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert all(set(one) == {"row"} for one in lines[:-1])
    assert lines[-1]["summary"]["returned"] == len(lines) - 1
    assert "rows" not in lines[-1]["summary"]


def test_outlines_are_where_the_things_are(http: httpx.Client) -> None:
    reply = http.get("/ask", params={"q": "datasets that cover only Rwanda", "format": "geojson"}).json()
    shapes = [shapely.geometry.shape(one["geometry"]) for one in reply["features"] if one["geometry"]]
    assert shapes
    kigali = shapely.Point(30.06, -1.94)
    assert any(one.contains(kigali) for one in shapes)
    lake = http.get("/ask", params={"q": "where is Lake Constance", "format": "geojson"}).json()
    assert lake["type"] == "FeatureCollection"


def test_a_refusal_is_no_table(http: httpx.Client) -> None:
    asked = {"q": "What is the meaning of life?"}
    assert http.get("/ask", params=asked).json()["kind"] in ("refusal", "clarify")
    table = http.get("/ask", params={**asked, "format": "csv"})
    assert table.status_code == 422
    assert table.headers["content-type"].startswith("application/problem+json")
    lines = http.get("/ask", params={**asked, "format": "ndjson"}).text.splitlines()
    assert json.loads(lines[-1])["summary"]["kind"] in ("refusal", "clarify")


def test_what_a_spreadsheet_would_run_is_text() -> None:
    row = {"name": "=HYPERLINK(1)", "iri": "https://a/b", "value": -5, "many": ["@x", "y"], "no": None, "yes": True}
    found = as_csv({"kind": "list", "rows": [row], "columns": ["value"], "found": 1})
    assert next(csv.DictReader(io.StringIO(found))) == {
        "name": "'=HYPERLINK(1)",
        "iri": "https://a/b",
        "value": "-5",
        "many": "'@x; y",
        "no": "",
        "yes": "true",
    }


def test_a_talk_over_several_requests(http: httpx.Client) -> None:
    begun = http.post("/sessions")
    assert begun.status_code == 201
    first = http.get("/ask", params={"q": Q, "session": begun.json()["session"]}).json()
    second = http.post("/ask", json={"q": "and in France?", "session": first["session"]})
    body = second.json()
    assert body["interpretation"]["place"] == "France"
    assert any(one["property"] == "topic" for one in body["interpretation"]["filters"])
    assert second.headers["earthdex-session"] == body["session"] != first["session"]
    again = http.get("/ask", params={"q": "and in Spain?", "session": first["session"]}).json()
    assert again["interpretation"]["place"] == "Spain"


@pytest.mark.parametrize("session", ["", "x", "AAAA", "é" * 30, "A" * 4000, "a=b"])
def test_sessions_cannot_be_made_up(http: httpx.Client, session: str) -> None:
    reply = http.get("/ask", params={"q": Q, "session": session or "-"})
    assert reply.status_code in (400, 422)
    assert reply.json()["remedy"]


def test_sessions_end_and_belong_to_their_catalogue(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "service")
    made = sessions.make(["a", "b"])
    assert Sessions(tmp_path / "service").read(made) == ["a", "b"]
    assert (tmp_path / "service" / "sessions.key").stat().st_mode & 0o077 == 0
    with pytest.raises(QueryError, match="over"):
        Sessions(tmp_path / "other").read(made)
    with pytest.raises(QueryError, match="over"):
        sessions.read(made[:-2] + ("A" if made[-2] != "A" else "B") + made[-1])
    over = Sessions(tmp_path / "service", seconds=-1)
    with pytest.raises(QueryError, match="over"):
        over.read(over.make(["a"]))
    kept = sessions.read(sessions.make([f"question {number}" for number in range(100)]))
    assert kept == [f"question {number}" for number in range(100 - MOST_QUESTIONS, 100)]
    assert sessions.read(sessions.make(["x" * 20_000])) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"q": 1}', "application/json", 400),
        (b'{"q": "a", "limit": 0}', "application/json", 400),
        (b'{"q": "a", "colour": "red"}', "application/json", 400),
        (b"q=a", "application/x-www-form-urlencoded", 415),
        (b'{"q": "' + b"a" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
def test_wrong_bodies_are_problems(http: httpx.Client, body: bytes, kind: str, status: int) -> None:
    reply = http.post("/ask", content=body, headers={"content-type": kind})
    assert reply.status_code == status
    assert reply.headers["content-type"].startswith("application/problem+json")


def test_formats_that_are_not_offered(http: httpx.Client) -> None:
    assert http.get("/ask", params={"q": Q}, headers={"accept": "image/png"}).status_code == 406


def test_an_answer_that_is_known_is_not_sent_again(http: httpx.Client) -> None:
    first = http.get("/ask", params={"q": Q})
    again = http.get("/ask", params={"q": Q}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
