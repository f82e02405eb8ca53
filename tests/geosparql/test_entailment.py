"""RDFS entailment against a naive fixpoint of the rules, and its place in versions of a catalogue."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.add import add_sources
from kg.home import open_home, open_writer
from kg.oxigraph import OxigraphStore
from kg.rules.entailment import ENTAILED, entail
from kg.rules.memory import Graph
from kg.rules.vocabulary import axioms
from kg.solutions import Solutions
from ontology.namespaces import BASE, PREFIXES, expand
from ontology.terms import IRI, BNode, Literal, Triple

EX = "http://example.org/rules#"
TYPE, SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE = map(
    expand, ("rdf:type", "rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range")
)
_DATATYPES = (PREFIXES["xsd"], PREFIXES["rdfs"] + "Literal")


def _iri(name: str) -> IRI:
    return IRI(EX + name)


def naive(statements: set[Triple]) -> set[Triple]:
    """Rules rdfs2, 3, 5, 7, 9 and 11, each over every pair of statements, until nothing new follows."""
    known = set(statements)
    while True:
        new: set[Triple] = set()
        schema = [one for one in known if one[1] in (SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE)]
        for a, rule, b in schema:
            if not isinstance(a, IRI) or not isinstance(b, IRI):
                continue
            for s, p, o in known:
                if rule == DOMAIN and p == a:
                    new.add((s, TYPE, b))
                elif rule == RANGE and p == a and not isinstance(o, Literal):
                    new.add((o, TYPE, b))
                elif rule == SUB_PROPERTY and p == a:
                    new.add((s, b, o))
                elif rule == SUB_CLASS and p == TYPE and o == a:
                    new.add((s, TYPE, b))
                elif rule in (SUB_CLASS, SUB_PROPERTY) and p == rule and o == a:
                    new.add((s, rule, b))
        if new <= known:
            return known
        known |= new


def _random(rng: random.Random) -> set[Triple]:
    classes = [_iri(f"C{number}") for number in range(6)] + [expand("geo:Feature"), expand("sf:Polygon")]
    properties = [_iri(f"p{number}") for number in range(5)] + [expand("geo:hasGeometry"), expand("geo:asWKT")]
    things: list[IRI | BNode] = [*(_iri(f"t{number}") for number in range(6)), BNode("b1"), BNode("b2")]
    found: set[Triple] = set()
    for _ in range(rng.randrange(4, 14)):
        found.add((rng.choice(classes), SUB_CLASS, rng.choice(classes)))
        found.add((rng.choice(properties), SUB_PROPERTY, rng.choice(properties)))
        found.add((rng.choice(properties), rng.choice([DOMAIN, RANGE]), rng.choice(classes)))
        found.add((rng.choice(things), TYPE, rng.choice(classes)))
        found.add((rng.choice(things), rng.choice(properties), rng.choice([*things, Literal("text")])))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_what_follows_is_what_the_rules_say(seed: int) -> None:
    stated = _random(random.Random(seed))
    store = OxigraphStore.memory()
    store.extend(stated)
    entail(store)
    followed = {(s, p, o) for s, p, o, _ in store.matching(graph=ENTAILED)}
    expected = naive(stated | set(axioms())) - stated
    # datatypes are no classes of things: what has a literal as its range says nothing of IRIs
    kinds = {one for one in expected if one[1] == TYPE and (str(one[2]).startswith(_DATATYPES) or _is_literal(one[2]))}
    assert followed == expected - kinds


def _is_literal(kind: object) -> bool:
    return str(kind).startswith(PREFIXES["geo"]) and str(kind).endswith("Literal")


def test_properties_may_lead_to_schema() -> None:
    graph = Graph().add(
        b"""@prefix ex: <http://example.org/rules#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        ex:under rdfs:subPropertyOf rdfs:subClassOf . ex:kind rdfs:subPropertyOf rdf:type .
        ex:Lake ex:under ex:Water . ex:long ex:kind ex:Lake .""",
        "text/turtle",
    )
    assert graph.query(f"ASK {{ <{EX}long> a <{EX}Water> }}") is True
    assert graph.query(f"ASK {{ <{EX}long> a <{EX}Water> }}", rules=False) is False


def test_nothing_is_seen_twice_and_the_graph_of_what_follows_is_not_listed() -> None:
    graph = Graph().add(
        b"""@prefix ex: <http://example.org/rules#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        ex:A rdfs:subClassOf ex:B . ex:B rdfs:subClassOf ex:C . ex:A rdfs:subClassOf ex:C . ex:x a ex:A , ex:B .""",
        "text/turtle",
    )
    for query, count in (("?x a ex:C", 1), ("ex:A rdfs:subClassOf ?x", 2), ("GRAPH ?x { ?s ?p ?o }", 0)):
        found = graph.query(f"PREFIX ex: <{EX}> SELECT ?x WHERE {{ {query} }}")
        assert isinstance(found, Solutions)
        assert len(found.rows) == count, query


# --- in a catalogue ------------------------------------------------------------------------------------------------


def _lakes(home: Path) -> set[str]:
    with open_home(home) as opened:
        found = opened.query(f"SELECT ?x WHERE {{ ?x a <{EX}Water> }}", rules=True)
    assert isinstance(found, Solutions)
    return {str(row[0]).removeprefix(EX) for row in found.rows}


def test_sources_follow_from_one_another_and_go_with_their_source(tmp_path: Path) -> None:
    home, data, schema = tmp_path / "home", tmp_path / "data.ttl", tmp_path / "schema.ttl"
    data.write_text(f"<{EX}long> a <{EX}Lake> . <{EX}pond> a <{EX}Pond> .")
    schema.write_text(f"<{EX}Lake> <{SUB_CLASS}> <{EX}Water> .")
    assert add_sources([data], home).graphs == 1
    assert _lakes(home) == set()
    assert add_sources([schema], home).graphs == 1
    assert _lakes(home) == {"long"}
    assert add_sources([data, schema], home).unchanged == 2
    schema.write_text(f"<{EX}Pond> <{SUB_CLASS}> <{EX}Water> .")
    report = add_sources([schema], home)
    assert (report.graphs, report.updated) == (0, 1)
    assert _lakes(home) == {"pond"}
    with open_writer(home) as writer:
        for key in writer.sources():
            assert writer.remove_source(key)
        writer.publish()
    with open_home(home) as opened:
        assert not opened.graph.has_graph(ENTAILED)


def test_queries_of_our_own_read_statements_only(tmp_path: Path) -> None:
    data = tmp_path / "data.ttl"
    data.write_text(f"<{EX}long> a <{EX}Lake> . <{EX}Lake> <{SUB_CLASS}> <{EX}Water> .")
    add_sources([data], tmp_path / "home")
    query = f"ASK {{ <{EX}long> a <{EX}Water> }}"
    with open_home(tmp_path / "home") as home:
        assert home.query(query) is False
        assert home.query(query, timeout=30.0) is True
        assert home.query(query, timeout=30.0, rules=False) is False


def test_the_setting_switches_rules_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data.ttl"
    data.write_text(f"<{EX}long> a <{EX}Lake> . <{EX}Lake> <{SUB_CLASS}> <{EX}Water> .")
    add_sources([data], tmp_path / "home")
    monkeypatch.setenv("EARTHDEX_REWRITE", "off")
    with open_home(tmp_path / "home") as home:
        assert home.query(f"ASK {{ <{EX}long> a <{EX}Water> }}", timeout=30.0) is False


def test_places_of_the_catalogue_keep_one_geometry() -> None:
    """Their centroids are no geometries of theirs, though `geo:hasCentroid` is below `geo:hasGeometry`."""
    store = OxigraphStore.memory()
    place, foreign = IRI(BASE + "place/country/AT"), _iri("land")
    for one in (place, foreign):
        store.extend([(one, expand("geo:hasCentroid"), IRI(one + "-middle"))])
    entail(store)
    seen = store.with_graph(ENTAILED)
    found = {s for s, _, _, _ in seen.matching(predicate=expand("geo:hasGeometry"))}
    assert found == {foreign}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("broken.ttl", "<urn:a> <urn:b> ", "not RDF that can be read"),
        ("deep.jsonld", '{"@id": "urn:a", "urn:p": ' * 300 + "1" + "}" * 300, "not RDF that can be read"),
        ("bomb.rdf", '<!DOCTYPE x [<!ENTITY a "' + "z" * 400 + '">]><x>&a;</x>', "not RDF that can be read"),
        ("own.nq", f"<urn:a> <urn:b> <urn:c> <{ENTAILED}> .", "not RDF that can be read"),
        ("nothing.xml", "<x/>", "not RDF that can be read"),
    ],
)
def test_hostile_files_are_reported_and_left_out(tmp_path: Path, name: str, text: str, reason: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    good = tmp_path / "good.ttl"
    good.write_text("<urn:a> <urn:b> <urn:c> .")
    report = add_sources([path, good], tmp_path / "home", as_graph=True)
    assert dict(report.skipped) == {reason: 1}
    assert report.graphs == 1


def test_a_folder_of_rdf_is_taken_where_asked(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    (folder / "b.nt").write_text("<urn:d> <urn:b> <urn:c> .\n")
    (folder / "notes.txt").write_text("no RDF")
    assert add_sources([folder], tmp_path / "one").graphs == 0
    assert add_sources([folder], tmp_path / "two", as_graph=True).graphs == 2
