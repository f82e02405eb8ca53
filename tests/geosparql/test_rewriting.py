"""Spatial relations as properties: any query answers as if every pair that has a relation were stated."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
import shapely

from kg.oxigraph import OxigraphStore
from kg.rules.entailment import entail
from kg.rules.kept import FILE
from kg.rules.memory import Graph
from kg.rules.objects import related_literals
from kg.rules.relations import RELATIONS
from kg.rules.rules import Rules
from kg.solutions import Solutions, Triples
from ontology.errors import QueryTooLarge
from ontology.namespaces import expand
from ontology.terms import IRI, WKT_LITERAL, BNode, Literal, Term, Triple

EX = "http://example.org/world#"
SWAPPED = "<http://www.opengis.net/def/crs/EPSG/0/4326> "
PROLOGUE = f"PREFIX ex: <{EX}>\n"


def _iri(name: str) -> IRI:
    return IRI(EX + name)


def _wkt(shape: shapely.Geometry, rng: random.Random) -> Literal:
    """A shape as a literal, now and then in the system that has latitude first."""
    if rng.random() < 0.2:
        turned = shapely.transform(shape, lambda c: c[:, ::-1])
        return Literal(SWAPPED + shapely.to_wkt(turned), WKT_LITERAL)
    return Literal(shapely.to_wkt(shape), WKT_LITERAL)


def _shape(rng: random.Random) -> shapely.Geometry:
    """A shape on a small grid, so that shapes often touch, equal and hold one another."""
    x, y, width, height = rng.randrange(6), rng.randrange(6), rng.randrange(1, 4), rng.randrange(1, 4)
    kind = rng.random()
    if kind < 0.55:
        return shapely.box(x, y, x + width, y + height)
    if kind < 0.7:
        return shapely.LineString([(x, y), (x + width, y), (x + width, y + height)])
    if kind < 0.85:
        return shapely.Point(x, y)
    return shapely.MultiPolygon([shapely.box(x, y, x + 1, y + 1), shapely.box(x + 2, y, x + 2 + width, y + height)])


def statements(seed: int = 1, count: int = 24) -> list[Triple]:
    """Features with a default geometry, with several geometries or none, geometries alone, and stated relations."""
    rng = random.Random(seed)
    found: list[Triple] = []
    for number in range(count):
        feature = _iri(f"f{number}")
        kind = rng.choice(["Town", "Lake", "Park"])
        found += [
            (feature, expand("rdf:type"), _iri(kind)),
            (feature, _iri("label"), Literal(f"{kind} {number % 5}")),
            (feature, _iri("near"), _iri(f"f{rng.randrange(count)}")),
        ]
        if rng.random() < 0.3:
            found.append((feature, _iri("size"), Literal.of(rng.randrange(5))))
        if number % 8 == 7:
            continue
        node: IRI | BNode = BNode(f"n{number}") if number % 5 == 0 else _iri(f"g{number}")
        link = "geo:hasDefaultGeometry" if number % 3 else "geo:hasGeometry"
        found += [(feature, expand(link), node), (node, expand("geo:asWKT"), _wkt(_shape(rng), rng))]
        if number % 4 == 0:
            other = _iri(f"h{number}")
            found += [(feature, expand("geo:hasGeometry"), other), (other, expand("geo:asWKT"), _wkt(_shape(rng), rng))]
    for name in ("sfWithin", "sfTouches", "ehMeet", "rcc8po"):
        for _ in range(6):
            pair = (_iri(f"f{rng.randrange(count)}"), _iri(f"f{rng.randrange(count + 3)}"))
            found.append((pair[0], expand(f"geo:{name}"), pair[1]))
    return found


def plain_graph(seed: int = 1) -> OxigraphStore:
    """The statements as they are."""
    store = OxigraphStore.memory()
    store.extend(statements(seed))
    return store


def _geometries(store: OxigraphStore) -> dict[Term, list[Literal]]:
    """Literals by object, written plainly from the standard's words."""
    literals: dict[Term, list[Literal]] = {}
    for node, _, literal, _ in store.matching(predicate=expand("geo:asWKT")):
        assert isinstance(literal, Literal)
        literals.setdefault(node, []).append(literal)
    found = dict(literals)
    features = {
        s for s, p, _, _ in store.matching() if p in (expand("geo:hasDefaultGeometry"), expand("geo:hasGeometry"))
    }
    for feature in features:
        nodes = [o for _, _, o, _ in store.matching(feature, expand("geo:hasDefaultGeometry"))]
        nodes = nodes or [o for _, _, o, _ in store.matching(feature, expand("geo:hasGeometry"))]
        found[feature] = [one for node in nodes for one in literals[node]]
    return found


def materialised(seed: int = 1) -> OxigraphStore:
    """The same statements with every relation stated that the function finds, pair by pair."""
    store = plain_graph(seed)
    held = _geometries(store)
    made: list[Triple] = []
    for a, lefts in held.items():
        for b, rights in held.items():
            assert not isinstance(a, Literal)
            for name in RELATIONS:
                if any(related_literals(name, left, right) for left in lefts for right in rights):
                    made.append((a, expand(f"geo:{name}"), b))
    store.extend(made)
    return store


@pytest.fixture(scope="module")
def worlds() -> list[tuple[Rules, OxigraphStore]]:
    return [(Rules(plain_graph(seed)), materialised(seed)) for seed in (1, 2)]


def _multiset(result: object) -> object:
    if isinstance(result, Solutions):
        order = sorted(range(len(result.variables)), key=lambda one: result.variables[one])
        return Counter(tuple(row[one] for one in order) for row in result.rows), tuple(sorted(result.variables))
    return frozenset(result.triples) if isinstance(result, Triples) else result


def _same(worlds: list[tuple[Rules, OxigraphStore]], query: str) -> None:
    for rules, full in worlds:
        text, store = rules.prepare(PROLOGUE + query)
        same = _multiset(store.query(text)) == _multiset(full.query(PROLOGUE + query))
        assert same, query


@pytest.mark.parametrize("name", RELATIONS)
def test_every_relation_between_all_objects(name: str, worlds: list[tuple[Rules, OxigraphStore]]) -> None:
    _same(worlds, f"SELECT ?a ?b WHERE {{ ?a geo:{name} ?b }}")
    for number in (1, 4, 5, 9):
        _same(worlds, f"SELECT ?x WHERE {{ ?x geo:{name} ex:f{number} }}")
        _same(worlds, f"SELECT ?x WHERE {{ ex:f{number} geo:{name} ?x }}")
        _same(worlds, f"SELECT ?x WHERE {{ ?x geo:{name} ex:g{number} . ?x a ex:Lake }}")
        _same(worlds, f"ASK {{ ex:f{number} geo:{name} ex:f{number + 1} }}")


QUERIES = [
    "SELECT * WHERE { ?a geo:sfWithin ?b . ?a a ex:Town . ?b a ex:Park ; ex:label ?l }",
    "SELECT * WHERE { ?a geo:sfIntersects ?b ; geo:sfTouches ?c . ?b ex:size ?n FILTER(?n > 1) }",
    "SELECT ?a WHERE { ?a geo:sfOverlaps [ a ex:Lake ] }",
    "SELECT * WHERE { [ ex:near ?n ] geo:sfContains ?x . ?x ex:label ?l }",
    "SELECT * WHERE { ?a a ex:Town OPTIONAL { ?a geo:sfWithin ?b } }",
    "SELECT * WHERE { ?a a ex:Town OPTIONAL { ?a geo:sfWithin ?b . ?b ex:label ?l } ?b a ex:Park }",
    "SELECT * WHERE { ?a a ex:Town OPTIONAL { ?a geo:sfWithin ?b OPTIONAL { ?b geo:sfMeets ?c } } }",
    "SELECT * WHERE { ?b ex:label 'Park 1' OPTIONAL { ?a ex:size ?n OPTIONAL { ?a geo:sfWithin ?b } } }",
    "SELECT * WHERE { OPTIONAL { ex:f1 ex:size ?n } ?a geo:ehMeet ?b . ?b ex:size ?n }",
    "SELECT ?a WHERE { ?a a ex:Lake MINUS { ?a geo:sfTouches ?b . ?b a ex:Park } }",
    "SELECT ?a WHERE { ?a a ex:Lake FILTER NOT EXISTS { ?a geo:sfTouches ?b . ?b a ex:Park } }",
    "SELECT ?a (EXISTS { ?a geo:sfWithin ?b . ?b a ex:Lake } AS ?in) WHERE { ?a ex:label ?l }",
    "SELECT ?a WHERE { ?a ex:label ?l } ORDER BY EXISTS { ?a geo:sfWithin ex:f2 } ?a",
    "SELECT * WHERE { { ?a geo:sfWithin ?b } UNION { ?a geo:sfContains ?b } ?a a ex:Town . ?b a ex:Lake }",
    "SELECT * WHERE { ?a a ex:Town { ?a geo:sfWithin ?b } { ?b geo:sfTouches ?c } }",
    "SELECT ?l (COUNT(*) AS ?n) WHERE { ?a geo:sfIntersects ?b . ?b ex:label ?l } GROUP BY ?l HAVING(COUNT(*) > 3)",
    "SELECT DISTINCT ?l WHERE { ?a geo:rcc8po/ex:label ?l }",
    "SELECT * WHERE { ?a ^geo:sfWithin/ex:label ?l }",
    "SELECT * WHERE { ?a geo:sfWithin|geo:sfTouches ?b . ?b a ex:Lake }",
    "SELECT * WHERE { ?a ex:near/geo:sfWithin/ex:near ?b }",
    "SELECT * WHERE { VALUES ?a { ex:f1 ex:f2 ex:f3 } ?a geo:sfDisjoint ?b }",
    "SELECT * WHERE { VALUES (?a ?b) { (ex:f1 ex:f2) (UNDEF ex:f3) } ?a geo:sfIntersects ?b }",
    "SELECT * WHERE { ?a geo:sfIntersects ?b FILTER(?a = ex:f1 && ?b != ex:f1) }",
    "SELECT * WHERE { ?a geo:sfIntersects ?b FILTER(?a IN (ex:f1, ex:f4)) }",
    "SELECT * WHERE { BIND(ex:f5 AS ?a) ?a geo:sfIntersects ?b }",
    "SELECT ?a WHERE { ?a geo:sfEquals ?a }",
    "SELECT ?x WHERE { ?x a ex:Park { SELECT ?x (COUNT(?y) AS ?n) WHERE { ?x geo:sfContains ?y } GROUP BY ?x } }",
    "SELECT ?x WHERE { { SELECT * WHERE { ?x geo:sfContains [ a ex:Town ] } } }",
    "CONSTRUCT { ?a ex:in ?b } WHERE { ?a geo:sfWithin ?b . ?b a ex:Park }",
    "CONSTRUCT WHERE { ?a geo:sfWithin ?b . ?b a ex:Park }",
    "ASK { ?a a ex:Town ; geo:sfWithin ?b . ?b a ex:Lake }",
    "ASK { ?a a ex:Nothing ; geo:sfWithin ?b }",
    "SELECT * WHERE { ?a geo:sfIntersects ?b . ?b geo:sfIntersects ?c . ?a a ex:Park . ?c ex:label 'Town 2' }",
    "SELECT * WHERE { ?a a ex:Town . { ?a geo:sfWithin ?b MINUS { ?a geo:sfWithin ?b . ?b a ex:Lake } } }",
    "SELECT * WHERE { ?a geo:sfWithin ?b ; a ex:Town FILTER NOT EXISTS { ?c geo:sfWithin ?b FILTER(?c != ?a) } }",
    "SELECT * WHERE { ?a geo:sfWithin ex:unknown }",
    "SELECT * WHERE { ?a a ex:Town BIND(EXISTS { ?a geo:sfWithin ?b } AS ?e) }",
    "SELECT * WHERE { ?a geo:sfWithin ?b . ?b ex:near ?c . ?c geo:sfTouches ?a }",
    "SELECT * # all of * it\nWHERE { ?a geo:sfWithin [] ; a ex:Lake }",
]


@pytest.mark.parametrize("query", QUERIES)
def test_any_query_sees_relations_as_if_they_were_stated(query: str, worlds: list[tuple[Rules, OxigraphStore]]) -> None:
    _same(worlds, query)


def test_generated_queries(worlds: list[tuple[Rules, OxigraphStore]]) -> None:
    rng = random.Random(7)
    for _ in range(150):
        _same(worlds, "SELECT * WHERE " + _group(rng, 2))


def _group(rng: random.Random, depth: int) -> str:
    names = ["?a", "?b", "?c"]
    parts = []
    for _ in range(rng.randrange(1, 4)):
        s, o = rng.choice(names), rng.choice(names)
        parts.append(
            rng.choice(
                [
                    f"{s} geo:{rng.choice(['sfWithin', 'sfTouches', 'rcc8po', 'ehCovers'])} {o} .",
                    f"{s} geo:sfWithin ex:f{rng.randrange(10)} .",
                    f"{s} a ex:{rng.choice(['Town', 'Lake', 'Park'])} .",
                    f"{s} ex:near {o} .",
                    f"{s} ex:size ?n .",
                ]
            )
        )
    if depth:
        inner = _group(rng, depth - 1)
        extra = rng.choice(["", f"OPTIONAL {inner}", f"MINUS {inner}", inner, f"FILTER NOT EXISTS {inner}"])
        parts.insert(rng.randrange(len(parts) + 1), extra)
    return "{ " + " ".join(parts) + " }"


def test_relations_are_not_walked_any_number_of_times() -> None:
    """`geo:sfWithin+` walks what is stated: places of the catalogue name their parents so."""
    rules = Rules(plain_graph())
    text = "SELECT * WHERE { ?a geo:sfWithin+ ?b }"
    assert rules.prepare(text)[0] == text


def test_a_relation_between_everything_is_refused() -> None:
    store = OxigraphStore.memory()
    store.extend(
        (_iri(f"g{number}"), expand("geo:asWKT"), Literal(f"POINT({number % 100} {number // 100})", WKT_LITERAL))
        for number in range(1000)
    )
    with pytest.raises(QueryTooLarge, match="sfDisjoint"):
        Rules(store).prepare("SELECT * WHERE { ?a geo:sfDisjoint ?b }")


def test_other_graphs_and_functions_are_left_alone() -> None:
    rules = Rules(plain_graph())
    for text in (
        "SELECT * WHERE { GRAPH ?g { ?a geo:sfWithin ?b } }",
        "SELECT * FROM <urn:x> WHERE { ?a geo:sfWithin ?b }",
        "SELECT * WHERE { ?a geo:asWKT ?w FILTER(geof:sfWithin(?w, ?w)) }",
        "CONSTRUCT { ?a geo:sfWithin ?b } WHERE { ?a ex:near ?b }",
    ):
        assert rules.prepare(PROLOGUE + text)[0] == PROLOGUE + text


def test_rules_can_be_switched_off() -> None:
    graph = Graph().add(
        b'<urn:a> <http://www.opengis.net/ont/geosparql#asWKT> "POINT(1 1)"'
        b"^^<http://www.opengis.net/ont/geosparql#wktLiteral> .",
        "text/turtle",
    )
    query = "ASK { <urn:a> geo:sfEquals <urn:a> ; a geo:Geometry }"
    assert graph.query(query) is True
    assert graph.query(query, rules=False) is False


def test_centroids_stand_for_no_feature() -> None:
    store = OxigraphStore.memory()
    land, middle, shape = _iri("land"), _iri("middle"), _iri("shape")
    store.extend(
        [
            (land, expand("geo:hasCentroid"), middle),
            (land, expand("geo:hasGeometry"), shape),
            (middle, expand("geo:asWKT"), Literal("POINT(50 50)", WKT_LITERAL)),
            (shape, expand("geo:asWKT"), Literal("POLYGON((0 0,9 0,9 9,0 9,0 0))", WKT_LITERAL)),
        ]
    )
    entail(store)
    text, graph = Rules(store).prepare("SELECT ?x WHERE { ?x geo:sfWithin " + f"<{shape}> }}")
    found = graph.query(text)
    assert isinstance(found, Solutions)
    assert {row[0] for row in found.rows} == {land, shape}


def test_what_is_no_geometry_is_told() -> None:
    graph = Graph().add(
        b"""@prefix geo: <http://www.opengis.net/ont/geosparql#> .
        <urn:a> geo:asWKT "POINT(1 1)"^^geo:wktLiteral . <urn:b> geo:asWKT "POINT(1"^^geo:wktLiteral .""",
        "text/turtle",
    )
    found = graph.query("SELECT ?x WHERE { ?x geo:sfEquals <urn:a> }")
    assert isinstance(found, Solutions)
    assert found.rows == ((IRI("urn:a"),),)
    assert found.notes == ("1 geometry literal cannot be read and is left out of spatial relations.",)


def test_objects_of_a_version_are_kept_in_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "version" / "graph"
    path.parent.mkdir()
    store = OxigraphStore.open(path)
    store.extend(statements(3))
    store.extend([(_iri("odd"), expand("geo:asWKT"), Literal("POINT(", WKT_LITERAL))])
    store.flush()
    store.close()
    opened = OxigraphStore.read_only(path)
    kept = path.parent / FILE
    queries = [f"SELECT * WHERE {{ ?a geo:{name} ?b }}" for name in ("sfWithin", "sfDisjoint", "rcc8tpp")]

    def answers() -> list[object]:
        rules = Rules(opened)
        found = [_multiset(opened.query(rules.prepare(query)[0])) for query in queries]
        return [*found, rules.objects().unread]

    fresh = answers()
    assert kept.stat().st_size > 1000
    assert answers() == fresh
    whole = kept.read_bytes()
    for damaged in (
        b"",
        whole[:500],
        whole[: len(whole) // 2],
        whole[:3000] + b"\xff" * 64 + whole[3064:],
        b"x" * 5000,
    ):
        kept.write_bytes(damaged)
        assert answers() == fresh
    assert kept.read_bytes()[:2] == b"PK"  # made again
