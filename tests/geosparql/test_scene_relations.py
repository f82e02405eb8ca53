"""Scenes on either side of a spatial relation answer as their footprints do in the function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from kg.home import Home, open_home
from kg.oxigraph import OxigraphStore
from kg.solutions import Solutions
from ontology.namespaces import BASE
from tests.kg.world import make_home, plain_store, scenes

AREA = f"<{BASE}place/country/AA>"
LAKE = f"<{BASE}place/feature/lake>"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, OxigraphStore]]:
    found = scenes(120)
    path = tmp_path_factory.mktemp("scene-relations")
    make_home(path, found)
    with open_home(path) as home:
        yield home, plain_store(found)


def _rows(result: object) -> Counter[tuple[object, ...]]:
    assert isinstance(result, Solutions)
    return Counter(result.rows)


SHAPE = "geo:hasGeometry/geo:asWKT"

# as a property, and as the function over the same triples in one plain store
PAIRS = [
    (
        f"SELECT ?s WHERE {{ ?s a ed:Scene ; geo:sfWithin {AREA} }}",
        f"SELECT ?s WHERE {{ ?s a ed:Scene ; {SHAPE} ?w . {AREA} {SHAPE} ?a FILTER(geof:sfWithin(?w, ?a)) }}",
    ),
    (
        f"SELECT ?s WHERE {{ ?s a ed:Scene ; ed:mission ?m . {AREA} geo:sfOverlaps ?s "
        "FILTER(CONTAINS(STR(?m), '2')) }",
        f"SELECT ?s WHERE {{ ?s a ed:Scene ; ed:mission ?m ; {SHAPE} ?w . {AREA} {SHAPE} ?a "
        "FILTER(geof:sfOverlaps(?a, ?w) && CONTAINS(STR(?m), '2')) }",
    ),
    (
        "SELECT ?s ?p WHERE { ?s a ed:Scene ; geo:sfIntersects ?p . ?p ed:placeKind ?k }",
        f"SELECT ?s ?p WHERE {{ ?s a ed:Scene ; {SHAPE} ?w . ?p ed:placeKind ?k ; {SHAPE} ?a "
        "FILTER(geof:sfIntersects(?w, ?a)) }",
    ),
    (
        "SELECT ?s ?l WHERE { ?s a ed:Scene . ?p rdfs:label 'Long Lake' ; geo:sfIntersects ?s ; rdfs:label ?l }",
        f"SELECT ?s ?l WHERE {{ ?s a ed:Scene ; {SHAPE} ?w . ?p rdfs:label 'Long Lake' ; {SHAPE} ?a ; rdfs:label ?l "
        "FILTER(geof:sfIntersects(?a, ?w)) }",
    ),
    (
        f"SELECT ?x WHERE {{ ?x geo:sfIntersects {LAKE} ; a ?any }}",
        f"SELECT ?x WHERE {{ {{ ?x a ?any ; {SHAPE} ?w }} UNION {{ ?x geo:asWKT ?w ; a ?any }} {LAKE} {SHAPE} ?a "
        "FILTER(geof:sfIntersects(?w, ?a)) }",
    ),
    (
        "SELECT (COUNT(*) AS ?n) WHERE { ?s a ed:Scene OPTIONAL { ?s geo:sfWithin ?p . ?p rdfs:label 'Aland' } }",
        f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s a ed:Scene OPTIONAL {{ ?s {SHAPE} ?w . ?p {SHAPE} ?a ; "
        "rdfs:label 'Aland' FILTER(geof:sfWithin(?w, ?a)) } }",
    ),
    (
        f"SELECT ?s WHERE {{ ?s a ed:Scene FILTER NOT EXISTS {{ ?s geo:sfDisjoint {AREA} }} }}",
        f"SELECT ?s WHERE {{ ?s a ed:Scene FILTER NOT EXISTS {{ ?s {SHAPE} ?w . {AREA} {SHAPE} ?a "
        "FILTER(geof:sfDisjoint(?w, ?a)) } }",
    ),
]


@pytest.mark.parametrize(("property_form", "function_form"), PAIRS)
def test_relations_of_scenes(property_form: str, function_form: str, stores: tuple[Home, OxigraphStore]) -> None:
    home, plain = stores
    found = _rows(home.query(property_form, rules=True))
    assert found == _rows(plain.query(function_form))
    assert found


def test_a_scene_that_is_named(stores: tuple[Home, OxigraphStore]) -> None:
    home, plain = stores
    rows = _rows(plain.query(f"SELECT ?s WHERE {{ ?s a ed:Scene ; {SHAPE} ?w }} ORDER BY ?s LIMIT 5"))
    for (scene,) in rows:
        for name in ("sfIntersects", "sfDisjoint"):
            for property_form, call in (
                (f"<{scene}> geo:{name} ?p", f"geof:{name}(?w, ?a)"),
                (f"?p geo:{name} <{scene}>", f"geof:{name}(?a, ?w)"),
            ):
                wanted = f"<{scene}> {SHAPE} ?w . ?p {SHAPE} ?a ; rdfs:label ?l FILTER({call})"
                found = _rows(home.query(f"SELECT ?p WHERE {{ {property_form} . ?p rdfs:label ?l }}", rules=True))
                assert found == _rows(plain.query(f"SELECT ?p WHERE {{ {wanted} }}"))


def test_two_scenes(stores: tuple[Home, OxigraphStore]) -> None:
    home, plain = stores
    query = "SELECT ?s ?t WHERE { ?s a ed:Scene ; geo:sfTouches|geo:sfOverlaps ?t . ?t a ed:Scene }"
    found = home.query(query, rules=True)
    wanted = plain.query(
        f"SELECT DISTINCT ?s ?t WHERE {{ ?s a ed:Scene ; {SHAPE} ?v . ?t a ed:Scene ; {SHAPE} ?w "
        "FILTER(geof:sfTouches(?v, ?w) || geof:sfOverlaps(?v, ?w)) }"
    )
    assert _rows(found) == _rows(wanted)
