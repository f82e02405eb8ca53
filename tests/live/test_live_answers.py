"""Scenes of an archive answer as if they were local: every query is run on a catalogue that holds the same items."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ingest.live.manage import add_source, switch
from ingest.live.tier import open_live
from kg.home import Home, open_home
from kg.solutions import Solutions
from nlq.ask import ask
from ontology.errors import QueryTooLarge
from ontology.namespaces import sparql_prologue

_S = "https://w3id.org/earthdex/sensor/"
_DATE = '"{}T00:00:00Z"^^xsd:dateTime'
_WEST = '"POLYGON((-125 30, -100 30, -100 50, -125 50, -125 30))"^^geo:wktLiteral'
_EUROPE = '"POLYGON((0 40, 20 40, 20 60, 0 60, 0 40))"^^geo:wktLiteral'
_POINT = '"POINT(-122.4 37.8)"^^geo:wktLiteral'
_NAMED = "?s a ed:Scene ; dct:identifier ?id ."
_FOOT = "?s geo:hasGeometry/geo:asWKT ?wkt ."

QUERIES = {
    "mission": f"SELECT ?s {{ {_NAMED} ?s ed:mission <{_S}sentinel-2> }}",
    "two missions": f"SELECT ?s ?m {{ VALUES ?m {{ <{_S}sentinel-2> <{_S}sentinel-1> }} ?s ed:mission ?m }}",
    "mission by operator": "SELECT ?s ?m { ?s a ed:Scene ; ed:mission ?m . ?m ed:operator ?o }",
    "platform": f"SELECT ?s ?c {{ ?s ed:platform <{_S}landsat-9> OPTIONAL {{ ?s ed:cloudCover ?c }} }}",
    "clouds": f"SELECT ?s ?c {{ ?s ed:mission <{_S}landsat> ; ed:cloudCover ?c FILTER(?c < 10) }}",
    "clouds or none": "SELECT ?s { ?s a ed:Scene ; ed:mission ?m OPTIONAL { ?s ed:cloudCover ?c } "
    f"FILTER(?m = <{_S}landsat> && (!BOUND(?c) || ?c < 5)) }}",
    "cloud range": f"SELECT ?s {{ ?s ed:mission <{_S}sentinel-2> ; ed:cloudCover ?c FILTER(?c >= 20 && ?c <= 60) }}",
    "time": f"SELECT ?s ?t {{ ?s sosa:resultTime ?t FILTER(?t >= {_DATE.format('2021-10-01')} "
    f"&& ?t < {_DATE.format('2021-12-01')}) }}",
    "year": "SELECT ?s { ?s sosa:resultTime ?t FILTER(YEAR(?t) = 2022) }",
    "latest": f"SELECT ?s ?t {{ ?s ed:mission <{_S}landsat> ; sosa:resultTime ?t }} ORDER BY DESC(?t) ?s LIMIT 7",
    "oldest": "SELECT ?s ?t { ?s a ed:Scene ; sosa:resultTime ?t } ORDER BY ?t ?s LIMIT 5",
    "latest with few clouds": f"SELECT ?s ?t {{ ?s ed:mission <{_S}landsat> ; sosa:resultTime ?t ; ed:cloudCover ?c "
    "FILTER(?c < 1) } ORDER BY DESC(?t) ?s LIMIT 3",
    "least clouds": f"SELECT ?s ?c {{ ?s ed:mission <{_S}landsat> ; ed:cloudCover ?c }} "
    "ORDER BY ?c ?s LIMIT 4 OFFSET 2",
    "polygon": f"SELECT ?s {{ {_NAMED} {_FOOT} FILTER(geof:sfIntersects(?wkt, {_WEST})) }}",
    "within": f"SELECT ?s {{ {_NAMED} {_FOOT} FILTER(geof:sfWithin(?wkt, {_WEST})) }}",
    "contains": f"SELECT ?s {{ {_NAMED} {_FOOT} FILTER(geof:sfContains(?wkt, {_POINT})) }}",
    "disjoint": f"SELECT ?s {{ ?s ed:mission <{_S}sentinel-1> . {_FOOT} FILTER(geof:sfDisjoint(?wkt, {_WEST})) }}",
    "distance": f"SELECT ?s {{ {_NAMED} {_FOOT} FILTER(geof:distance(?wkt, {_POINT}, uom:metre) < 150000) }}",
    "identifier": 'SELECT ?s ?t { ?s dct:identifier "LC08_L2SP_045034_20201222_02_T1" ; sosa:resultTime ?t }',
    "orbit": 'SELECT ?s { ?s ed:orbitDirection "descending" ; ed:mission ?m }',
    "count": f"SELECT (COUNT(?s) AS ?n) {{ ?s a ed:Scene ; ed:mission <{_S}landsat> }}",
    "groups": "SELECT ?m (COUNT(?s) AS ?n) { ?s a ed:Scene ; ed:mission ?m } GROUP BY ?m",
    "mean": f"SELECT (AVG(?c) AS ?mean) (MAX(?c) AS ?most) {{ ?s ed:mission <{_S}landsat> ; ed:cloudCover ?c }}",
    "union": f"SELECT ?s {{ {{ ?s ed:mission <{_S}sentinel-1> }} UNION {{ ?s ed:platform <{_S}sentinel-2b> }} }}",
    "minus": f"SELECT ?s {{ ?s ed:mission <{_S}sentinel-2> MINUS {{ ?s ed:cloudCover ?c FILTER(?c > 50) }} }}",
    "pairs": f"SELECT ?a ?b {{ ?a ed:mission <{_S}sentinel-1> ; ed:relativeOrbit ?o . "
    f"?b ed:mission <{_S}sentinel-2> ; ed:relativeOrbit ?o }}",
    "each region": "SELECT ?r (COUNT(?s) AS ?n) { ?r ed:placeKind ?k ; ed:countryCode 'US' . "
    "?r geo:hasGeometry/geo:asWKT ?area . ?s a ed:Scene . "
    f"{_FOOT} FILTER(geof:sfIntersects(?wkt, ?area)) }} GROUP BY ?r",
    "any of two areas": f"SELECT DISTINCT ?s {{ VALUES ?area {{ {_WEST} {_EUROPE} }} {_NAMED} {_FOOT} "
    "FILTER(geof:sfIntersects(?wkt, ?area)) }",
    "nearest": f"SELECT ?s {{ {_NAMED} {_FOOT} }} ORDER BY geof:distance(?wkt, {_POINT}, uom:metre) ?s LIMIT 3",
    "ask": f"ASK {{ ?s ed:mission <{_S}sentinel-1> ; ed:orbitDirection 'ascending' }}",
    "ask in vain": f"ASK {{ ?s ed:mission <{_S}envisat> }}",
    "describe": "DESCRIBE <https://w3id.org/earthdex/scene/landsat-8-c2-l2/LC08_L2SP_045034_20201222_02_T1>",
    "dcat only": "SELECT ?d { ?d a ed:TrainingDataset } LIMIT 3",
}


def _bag(result: object) -> object:
    if isinstance(result, bool):
        return result
    if isinstance(result, Solutions):
        return Counter(result.rows)
    triples = getattr(result, "triples", ())
    return Counter(one for one in triples if not str(one[1]).endswith(("/source", "#ingestionTime")))


@pytest.mark.parametrize("name", QUERIES)
def test_an_archive_answers_as_a_local_catalogue(name: str, live_home: Home, local_home: Home) -> None:
    query = sparql_prologue(QUERIES[name]) + QUERIES[name]
    live = live_home.query(query)
    assert _bag(live) == _bag(local_home.query(query))
    if name not in ("dcat only", "ask in vain") and not isinstance(live, bool):
        assert len(live)
        assert live.sources
        assert live.sources[0].startswith("Test Archive (")


@pytest.mark.parametrize("name", ["clouds", "latest", "polygon", "count"])
def test_a_worker_asks_through_its_parent(name: str, live_home: Home, local_home: Home) -> None:
    query = sparql_prologue(QUERIES[name]) + QUERIES[name]
    found = live_home.query(query, timeout=60.0)
    assert _bag(found) == _bag(local_home.query(query))
    assert not isinstance(found, bool)
    assert found.sources


@pytest.mark.parametrize("name", ["clouds", "latest", "platform", "distance", "orbit"])
def test_an_api_without_extensions_answers_the_same(
    name: str, plain_archive: str, root: Path, local_home: Home
) -> None:
    source = add_source(root, plain_archive, name="plain")
    assert source.abilities is not None
    assert not source.abilities.filter
    query = sparql_prologue(QUERIES[name]) + QUERIES[name]
    with open_home(root) as home:
        home.live = open_live(root)
        assert _bag(home.query(query)) == _bag(local_home.query(query))


QUESTIONS = (
    "Landsat scenes from 2021 with less than 5 % cloud",
    "latest Landsat scene",
    "how many Sentinel-2 scenes are there?",
    "Which scene had the least clouds in 2020?",
    "Sentinel-2 scenes over Etna in March 2024",
    "Landsat scenes over California in December 2020",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_are_answered_as_if_local(question: str, live_home: Home, local_home: Home) -> None:
    live, local = ask(live_home, question), ask(local_home, question)
    assert [one["iri"] for one in live.rows if "iri" in one] == [one["iri"] for one in local.rows if "iri" in one]
    assert (live.value, live.found, live.kind) == (local.value, local.found, local.kind)
    assert any(one.startswith("Test Archive") for one in live.sources)
    assert live.to_dict()["sources"] == list(live.sources)
    assert not local.sources


def test_questions_on_datasets_ask_no_source(live_home: Home) -> None:
    assert not ask(live_home, "crop type datasets in Austria").sources


def test_each_scene_names_the_address_of_its_record(live_home: Home, archive: str) -> None:
    query = f"SELECT ?s ?from {{ ?s ed:mission <{_S}sentinel-1> ; dct:source ?from }}"
    found = live_home.query(sparql_prologue(query) + query)
    assert isinstance(found, Solutions)
    assert found.rows
    assert all(str(row[1]).startswith(f"{archive}/collections/") for row in found.rows)


def test_a_scene_that_is_also_local_counts_once_and_its_record_wins(archive: str, root: Path, items: Path) -> None:
    from ingest.add import add_sources

    lines = [line for line in items.read_text(encoding="utf-8").splitlines() if '"sentinel-2-l2a"' in line]
    mine = root.parent / "mine.ndjson"
    mine.write_text("\n".join(lines[:5]), encoding="utf-8")
    add_sources([mine], root)
    add_source(root, archive, name="archive", collections=("sentinel-2-l2a",))
    query = "SELECT ?s ?from { ?s a ed:Scene ; dct:source ?from ; ed:mission ?m }"
    with open_home(root) as home:
        local = home.query(sparql_prologue(query) + query)
        home.live = open_live(root)
        both = home.query(sparql_prologue(query) + query)
    assert isinstance(local, Solutions)
    assert isinstance(both, Solutions)
    assert len({row[0] for row in both.rows}) == len(both.rows) > len(local.rows) > 0
    assert set(local.rows) <= set(both.rows)


def test_two_sources_that_hold_the_same_count_once(archive: str, plain_archive: str, root: Path) -> None:
    query = f"SELECT (COUNT(?s) AS ?n) {{ ?s ed:mission <{_S}sentinel-2> }}"
    add_source(root, archive, name="first")
    with open_home(root) as home:
        home.live = open_live(root)
        once = home.query(sparql_prologue(query) + query)
        add_source(root, plain_archive, name="second")
        home.live = open_live(root)
        twice = home.query(sparql_prologue(query) + query)
    assert isinstance(once, Solutions)
    assert isinstance(twice, Solutions)
    assert once.rows == twice.rows
    assert len(twice.sources) == 2


def test_too_many_scenes_end_in_an_error_that_names_the_source(
    archive: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARTHDEX_LIVE_SCENES", "100")
    add_source(root, archive, name="archive")
    query = sparql_prologue(QUERIES["groups"]) + QUERIES["groups"]
    with open_home(root) as home:
        home.live = open_live(root)
        for seconds in (None, 60.0):
            with pytest.raises(QueryTooLarge, match="Test Archive has more than 100 scenes") as told:
                home.query(query, timeout=seconds)
            assert "time, place" in told.value.remedy
        # the first rows by time need no more than these
        query = sparql_prologue(QUERIES["latest"]) + QUERIES["latest"]
        found = home.query(query)
        assert not isinstance(found, bool)
        assert len(found) == 7


def test_answers_are_kept_and_serve_when_the_source_is_gone(
    archive: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.live import proxy as faults

    query = sparql_prologue(QUERIES["clouds"]) + QUERIES["clouds"]
    with faults.proxy(archive) as between, open_home(root) as home:
        add_source(root, between.address, name="archive")
        home.live = open_live(root)
        first, again = home.query(query), home.query(query)
        assert between.seen.searches == 1
        assert not isinstance(first, bool)
        assert not isinstance(again, bool)
        assert "(live)" in first.sources[0]
        assert "asked a short while ago" in again.sources[0]
        monkeypatch.setattr("ingest.live.tier._YOUNG", 0.0)
        monkeypatch.setenv("EARTHDEX_LIVE_EXPIRY", "0")
        between.fault = faults.status(500)
        home.live = open_live(root)
        offline = home.query(query)
        assert not isinstance(offline, bool)
        assert _bag(offline) == _bag(first)
        assert "(offline)" in offline.sources[0]
        assert "status 500" in offline.sources[0]


def test_the_explanation_tells_what_was_asked(live_home: Home) -> None:
    steps = live_home.explain(sparql_prologue(QUERIES["clouds"]) + QUERIES["clouds"]).steps
    pushed = " ".join(text for one in steps if one.where == "live" for text in one.pushed)
    assert "eo:cloud_cover" in pushed
    assert "collections" in pushed


def test_without_a_source_nothing_changes(archive: str, root: Path) -> None:
    add_source(root, archive, name="archive")
    switch(root, "archive", False)
    assert open_live(root) is None
