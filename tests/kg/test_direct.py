"""Queries that are answered from columns alone give what one plain store gives, and do so without a store in memory."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.home import Home, open_home
from kg.oxigraph import OxigraphStore
from kg.planner import areas, direct, fill, finish, nearest, planner
from kg.solutions import Solutions
from ontology.errors import QueryTooLarge
from tests.kg import queries, world
from tests.kg.test_planner import comparable

_AREA = '"POLYGON((3 3,9 3,9 9,3 9,3 3))"^^geo:wktLiteral'
_POINT = '"POINT(8 8)"^^geo:wktLiteral'
_COUNTRY = "?r ed:placeKind <place-kind/country> ; geo:hasGeometry/geo:asWKT ?a"

DIRECT = rf"""
SELECT ?s ?t ?c {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:cloudCover ?c FILTER(?c < 20) }}
SELECT ?c {{ ?s a ed:Scene ; ed:collection ?c }}
SELECT DISTINCT ?c {{ ?s a ed:Scene ; ed:collection ?c }}
SELECT DISTINCT ?c ?o {{ ?s a ed:Scene ; ed:collection ?c ; ed:orbitDirection ?o }} ORDER BY ?c DESC(?o)
SELECT DISTINCT ?s ?b {{ ?s a ed:Scene ; ed:band ?b }}
SELECT ?b {{ ?s a ed:Scene ; ed:band ?b }}
SELECT ?s ?b ?p {{ ?s a ed:Scene OPTIONAL {{ ?s ed:band ?b }} OPTIONAL {{ ?s ed:polarisation ?p }} }}
SELECT ?s {{ ?s a ed:Scene OPTIONAL {{ ?s ed:polarisation ?p }} }}
SELECT DISTINCT ?s {{ ?s a ed:Scene OPTIONAL {{ ?s ed:polarisation ?p }} }}
SELECT ?s ?n ?f {{ ?s a ed:Scene ; ed:relativeOrbit 7 ; geo:hasGeometry ?n . ?n geo:asWKT ?f }}
SELECT ?s ?f {{ ?s a ed:Scene ; ed:relativeOrbit 7 OPTIONAL {{ ?s geo:hasGeometry/geo:asWKT ?f }} }}
SELECT ?s ?g {{ ?s a ed:Scene ; ed:globalExtent ?g }}
SELECT ?s ?y ?l {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:productType ?k BIND(YEAR(?t) AS ?y) BIND(LCASE(?k) AS ?l) }}
SELECT ?s (MONTH(?t) AS ?m) (?k AS ?kind) {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:productType ?k }} ORDER BY ?m ?s LIMIT 9
SELECT ?s ?l {{ ?s a ed:Scene ; ed:platform ?p . ?p skos:prefLabel ?l }}
SELECT ?s ?p ?l {{ ?s a ed:Scene ; ed:platform ?p . OPTIONAL {{ ?p skos:prefLabel ?l }} }}
SELECT ?s ?x {{ ?s a ed:Scene ; ed:platform ?p . ?p skos:broader+ ?x }}
SELECT ?s {{ ?s a ed:Scene ; ed:platform ?p . ?p skos:broader+ ?x }}
SELECT DISTINCT ?s {{ ?s a ed:Scene ; ed:platform ?p . ?p skos:broader+ ?x }}
SELECT ?s ?p {{ VALUES ?p {{ <sensor/sentinel-2a> <sensor/sentinel-2b> <sensor/sentinel-2a> }} ?s a ed:Scene ; ed:platform ?p }}
SELECT ?s ?d {{ ?s a ed:Scene ; ed:relativeOrbit 7 . ?d a ed:TrainingDataset }}
SELECT ?s ?t {{ ?s a ed:Scene ; sosa:resultTime ?t }} ORDER BY DESC(?t) ?s LIMIT 5 OFFSET 3
SELECT ?s ?b {{ ?s a ed:Scene ; ed:band ?b ; sosa:resultTime ?t }} ORDER BY ?t LIMIT 0
SELECT ?s ?nothing {{ ?s a ed:Scene ; ed:relativeOrbit 7 }}
SELECT ?s {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfWithin(?f, {_AREA})) }}
SELECT ?s ?d {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f BIND(geof:distance(?f, {_POINT}, uom:metre) AS ?d) FILTER(?d < 400000) }}
SELECT ?s (geof:distance(?f, {_POINT}, uom:kilometre) AS ?d) {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f }} ORDER BY ?d ?s LIMIT 40
SELECT ?s {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f }} ORDER BY DESC(geof:distance(?f, {_POINT}, uom:metre)) ?s LIMIT 7
SELECT ?s {{ ?s a ed:Scene ; ed:relativeOrbit 7 ; geo:hasGeometry/geo:asWKT ?f }} ORDER BY geof:distance(?f, {_POINT}, uom:metre) ?s
SELECT ?s ?f {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . ?r rdfs:label "Aland" ; geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfWithin(?f, ?a)) }}
SELECT ?s ?r {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfIntersects(?f, ?a)) }}
SELECT ?s ?r {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfIntersects(?f, ?a)) }} OFFSET 500
SELECT ?r (COUNT(?s) AS ?n) {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfIntersects(?f, ?a)) }} GROUP BY ?r
SELECT ?r ?p (COUNT(*) AS ?n) {{ ?s a ed:Scene ; ed:platform ?p ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfWithin(?f, ?a)) }} GROUP BY ?r ?p
SELECT ?b (COUNT(DISTINCT ?s) AS ?n) {{ ?s a ed:Scene ; ed:band ?b ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfContains(?a, ?f)) }} GROUP BY ?r ?b
SELECT (COUNT(*) AS ?n) {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfIntersects(?f, ?a)) }}
SELECT ?r (COUNT(*) AS ?n) {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfDisjoint(?f, ?a)) }} GROUP BY ?r HAVING(COUNT(*) > 100) ORDER BY DESC(?n) ?r
SELECT ?r (COUNT(DISTINCT ?s) AS ?n) {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:distance(?f, ?a, uom:metre) < 200000) }} GROUP BY ?r
SELECT DISTINCT ?s ?t {{ ?s a ed:Scene ; sosa:resultTime ?t ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfIntersects(?f, ?a)) }} ORDER BY ?t ?s LIMIT 50
SELECT DISTINCT ?s {{ ?s a ed:Scene ; ed:mission <sensor/sentinel-2> ; geo:hasGeometry/geo:asWKT ?f . VALUES ?r {{ <place/country/AA> <place/country/CC> }} ?r geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfWithin(?f, ?a)) }} ORDER BY ?s
SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfContains(?a, ?f)) }}
SELECT ?p (COUNT(DISTINCT ?s) AS ?n) {{ ?s a ed:Scene ; ed:platform ?p ; geo:hasGeometry/geo:asWKT ?f . {_COUNTRY} FILTER(geof:sfDisjoint(?f, ?a)) }} GROUP BY ?p
SELECT * {{ ?s a ed:Scene ; ed:relativeOrbit 7 ; ed:platform ?p . ?p skos:prefLabel ?l OPTIONAL {{ ?s ed:cloudCover ?c }} FILTER NOT EXISTS {{ ?s ed:mgrsTile ?x }} }}
SELECT * {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f FILTER(geof:sfWithin(?f, {_AREA})) }}
SELECT ?o (COUNT(?s) AS ?n) {{ ?s a ed:Scene ; ed:relativeOrbit ?o }} GROUP BY ?o ORDER BY DESC(?n) ?o LIMIT 5 OFFSET 2
SELECT ?k ?p (MIN(?t) AS ?first) {{ ?s a ed:Scene ; sosa:resultTime ?t ; ed:platform ?p ; ed:productType ?k }} GROUP BY ?k ?p HAVING(COUNT(*) > 5) ORDER BY ?first LIMIT 6
SELECT ?c (COUNT(*) AS ?n) {{ ?s a ed:Scene ; ed:cloudCover ?c }} GROUP BY ?c HAVING(?c > 50) ORDER BY ?c LIMIT 20
ASK {{ ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c > 99) }}
""".strip().splitlines()

OTHERS = r"""
SELECT ?s ?y { BIND(YEAR(?t) AS ?y) ?s a ed:Scene ; sosa:resultTime ?t }
SELECT ?s ?c { OPTIONAL { ?s ed:cloudCover ?c } ?s a ed:Scene }
SELECT ?s ?x { ?s a ed:Scene { ?s ed:platform <sensor/sentinel-2a> } UNION { ?s ed:mission <sensor/sentinel-2> } }
SELECT ?s ?k { ?s a ed:Scene ; ed:platform ?p MINUS { ?s ed:relativeOrbit 7 } }
SELECT ?s ?t { ?s a ed:Scene ; sosa:resultTime ?t ; ed:platform ?p . ?p skos:prefLabel ?l } ORDER BY ?l ?s
SELECT ?s ?c ?d { ?s a ed:Scene OPTIONAL { ?s ed:cloudCover ?c } OPTIONAL { ?s ed:relativeOrbit ?d FILTER(?d > ?c) } }
SELECT ?s ?a ?b { ?s a ed:Scene ; ed:productType ?a ; ed:tileId ?a }
SELECT ?c (COUNT(*) AS ?n) { ?s a ed:Scene ; ed:cloudCover ?c } GROUP BY ?c HAVING(?n = 1)
SELECT ?r (COUNT(DISTINCT ?p) AS ?n) { ?s a ed:Scene ; ed:platform ?p ; geo:hasGeometry/geo:asWKT ?f . ?r ed:placeKind <place-kind/country> ; geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a)) } GROUP BY ?r
SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f . ?r ed:placeKind <place-kind/country> ; geo:hasGeometry/geo:asWKT ?a FILTER(geof:sfIntersects(?f, ?a)) }
""".strip().splitlines()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    path = tmp_path_factory.mktemp("world")
    world.make_home(path, world.scenes())
    with open_home(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain() -> OxigraphStore:
    return world.plain_store(world.scenes())


@pytest.mark.parametrize("line", [*DIRECT, *OTHERS])
def test_it_finds_the_same_as_one_store(line: str, home: Home, plain: OxigraphStore) -> None:
    query = queries.PROLOGUE + line
    wanted = plain.query(query)
    for _ in range(2):  # planned, and from what is kept of it
        found = home.query(query)
        if "OFFSET 500" in line:  # which ones is not said
            assert isinstance(found, Solutions)
            assert len(found.rows) == len(wanted)  # type: ignore[arg-type]
            continue
        ordered = "ORDER BY" in line and "LIMIT" in line
        assert comparable(found, ordered=ordered) == comparable(wanted, ordered=ordered), str(home.explain(query))


@pytest.mark.parametrize("line", DIRECT)
def test_it_needs_no_store_in_memory(line: str, home: Home) -> None:
    told = str(home.explain(queries.PROLOGUE + line, rules=False))
    assert "memory" not in told, told


def test_the_nearest_are_found_in_ever_wider_circles(
    home: Home, plain: OxigraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "_FIRST", 1_000.0)
    for limit in (1, 17, 1_000):
        query = f"{queries.PROLOGUE} SELECT ?s {{ ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f }} "
        query += f"ORDER BY geof:distance(?f, {_POINT}, uom:metre) ?s LIMIT {limit}"
        assert comparable(home.query(query), ordered=True) == comparable(plain.query(query), ordered=True)


def test_what_is_too_much_names_its_cause(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "MOST_ROWS", 100)
    monkeypatch.setattr(nearest, "_MOST", 50)
    with pytest.raises(QueryTooLarge, match=r"\?s is a scene of start_time known"):
        home.query(queries.PROLOGUE + "SELECT ?s ?t { ?s a ed:Scene ; sosa:resultTime ?t }")
    with pytest.raises(QueryTooLarge, match="several values of"):
        home.query(
            queries.PROLOGUE + "SELECT ?s ?dataset { ?s a ed:Scene ; ed:platform <sensor/sentinel-2a> . "
            "?dataset a ed:TrainingDataset ; ed:band ?b . ?any skos:prefLabel ?label }"
        )
    with pytest.raises(QueryTooLarge, match="by distance"):
        home.query(
            queries.PROLOGUE + "SELECT ?s { ?s a ed:Scene ; geo:hasGeometry/geo:asWKT ?f } "
            f"ORDER BY geof:distance(?f, {_POINT}, uom:metre)"
        )
    with pytest.raises(QueryTooLarge, match="more than 7 results"):
        home.query(queries.PROLOGUE + "SELECT ?s { ?s a ed:Scene ; ed:relativeOrbit ?o FILTER(?o < 9) }", max_rows=7)


def test_many_groups_are_ordered_without_the_store(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finish, "MOST", 3)
    query = "SELECT ?o (COUNT(?s) AS ?n) { ?s a ed:Scene ; ed:relativeOrbit ?o } GROUP BY ?o ORDER BY DESC(?n) ?o"
    found = home.query(queries.PROLOGUE + query)
    assert isinstance(found, Solutions)
    assert len(found) > 3
    monkeypatch.setattr(finish, "_keys", lambda _: None)
    with pytest.raises(QueryTooLarge, match=r"\?n, \?o are of several types"):
        home.query(queries.PROLOGUE + query)


def test_many_areas_are_left_to_the_store(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "MOST_LISTED", 2)
    query = next(one for one in DIRECT if one.startswith("SELECT ?s ?r"))
    home._planners.clear()
    assert "memory" in str(home.explain(queries.PROLOGUE + query))
    home._planners.clear()


def test_steps_tell_what_went_where(home: Home) -> None:
    told = home.explain(queries.PROLOGUE + "SELECT ?s ?c { ?s a ed:Scene ; ed:cloudCover ?c FILTER(?c < 20) }")
    data = told.to_dict()
    assert data["rows"] == told.rows > 0
    columns = next(one for one in data["steps"] if one["where"] == "columns")
    assert "cloud_cover < 20" in columns["what"]
    assert columns["rows_out"] == data["rows"]
    assert columns["ms"] >= 0
    assert columns["depth"] == 1


def test_a_wrong_query_is_refused_though_columns_could_answer(home: Home, tmp_path: Path) -> None:
    from ontology.errors import QuerySyntaxError

    with pytest.raises(QuerySyntaxError):
        home.query(queries.PROLOGUE + "SELECT ?s { ?s a ed:Scene BIND(1 AS ?s) }")


def test_too_many_triples_of_the_graph_name_the_pattern(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "MOST_GRAPH", 2)
    with pytest.raises(QueryTooLarge, match=r"more than 2 triples of the graph, by the pattern \?m .*prefLabel"):
        home.query(
            queries.PROLOGUE + "SELECT ?s ?l { ?s a ed:Scene ; ed:mission ?m . ?m skos:prefLabel ?l } ORDER BY ?l"
        )


def test_what_is_kept_of_queries_is_bounded(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_MOST_KEPT", 500)
    lines = [line for line in DIRECT if "country" in line]
    for line in lines:
        home.query(queries.PROLOGUE + line)
    held = next(iter(home._planners.values()))._kept
    assert 0 < len(held) < len(lines)
