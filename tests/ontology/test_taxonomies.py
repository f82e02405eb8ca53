"""The concept schemes: complete, free of ambiguity, and linked to one another."""

from __future__ import annotations

from collections import defaultdict

import pytest

from ontology.bands import parse_bands
from ontology.concepts import CLASS_SCHEMES, TAXONOMIES, Concept, label_key, parse_scheme, read_table
from ontology.errors import RecordError
from ontology.namespaces import BASE, expand
from ontology.properties import PROPERTIES
from ontology.sensors import parse_sensors
from ontology.taxonomy import schemes, taxonomy_triples
from ontology.terms import IRI, XSD, Literal

SCHEMES = {scheme.name: scheme for scheme in schemes()}
CONCEPTS = {one.iri: one for scheme in SCHEMES.values() for one in scheme.concepts}
MATCHES = [(one, predicate, target) for one in CONCEPTS.values() for predicate, target in one.matches]


def names(one: Concept) -> set[str]:
    return {label_key(text) for text in (one.label, *one.alt)}


@pytest.mark.parametrize("name", SCHEMES)
def test_every_concept_has_a_definition_and_an_iri_of_its_own(name: str) -> None:
    concepts = SCHEMES[name].concepts
    assert concepts
    assert len({one.iri for one in concepts}) == len(concepts)
    assert not [one.label for one in concepts if len(one.definition) < 4]
    assert SCHEMES[name].title
    assert SCHEMES[name].about


@pytest.mark.parametrize("name", SCHEMES)
def test_no_two_concepts_of_a_scheme_share_a_label_or_synonym(name: str) -> None:
    owners: dict[str, list[str]] = defaultdict(list)
    for one in SCHEMES[name].concepts:
        for text in names(one):
            owners[text].append(one.label)
    assert not {text: who for text, who in owners.items() if len(who) > 1}


def test_every_reference_between_concepts_resolves() -> None:
    missing = [
        (one.label, str(target))
        for one in CONCEPTS.values()
        for target in (*one.broader, *one.related, *(target for _, target in one.matches))
        if target not in CONCEPTS
    ]
    missing += [
        (one.label, str(value))
        for one in CONCEPTS.values()
        for _, value in one.facts
        if isinstance(value, IRI) and value.startswith(BASE) and value not in CONCEPTS
    ]
    assert not missing


def test_no_concept_is_broader_than_itself() -> None:
    def above(iri: IRI, seen: tuple[IRI, ...]) -> None:
        assert iri not in seen, f"circle through {iri}"
        for other in CONCEPTS[iri].broader:
            above(other, (*seen, iri))

    for iri in CONCEPTS:
        above(iri, ())


def test_related_is_not_also_broader() -> None:
    """SKOS declares the two disjoint."""
    wrong = [one.label for one in CONCEPTS.values() if set(one.related) & set(one.broader)]
    assert not wrong


def test_matches_lead_into_other_schemes_and_do_not_contradict_one_another() -> None:
    kinds: dict[tuple[IRI, IRI], set[str]] = defaultdict(set)
    for one, predicate, target in MATCHES:
        assert CONCEPTS[target].scheme != one.scheme, one.label
        kinds[one.iri, target].add(predicate)
    exact, broad, narrow = expand("skos:exactMatch"), expand("skos:broadMatch"), expand("skos:narrowMatch")
    for (one, other), found in kinds.items():
        assert len(found) == 1, (one, other)
        back = kinds.get((other, one), set())
        # exactMatch and closeMatch hold both ways; broadMatch one way is narrowMatch the other way
        assert not (exact in found and back & {broad, narrow}), (one, other)
        assert not (broad in found and broad in back), (one, other)


def test_the_four_class_schemes_hang_together() -> None:
    linked = {frozenset((one.scheme, CONCEPTS[target].scheme)) for one, _, target in MATCHES}
    reached, todo = {"class/corine"}, ["class/corine"]
    while todo:
        at = todo.pop()
        for pair in linked:
            if at in pair:
                fresh = pair - reached
                reached |= fresh
                todo += fresh
    assert {f"class/{name}" for name in CLASS_SCHEMES} <= reached
    assert len(MATCHES) >= 60


def test_there_is_as_much_as_was_promised() -> None:
    types = defaultdict(int)
    for one in SCHEMES["sensor"].concepts:
        types[one.types[0]] += 1
    assert types["ed:Mission"] + types["ed:MissionFamily"] >= 60
    assert types["sosa:Platform"] >= 40
    assert types["sosa:Sensor"] >= 50
    hcat = [one for one in SCHEMES["class/hcat"].concepts if one.notation]
    assert len(hcat) >= 60
    assert all(len(one.notation) == 10 and one.notation.isdigit() for one in hcat)
    assert len(SCHEMES["class/worldcover"].concepts) == 11
    assert len(SCHEMES["class/corine"].concepts) >= 44 + 15 + 5


def test_hcat_follows_its_codes() -> None:
    """A code's zeros name the group above it, where the subset holds that group."""
    by_code = {one.notation: one for one in SCHEMES["class/hcat"].concepts if one.notation}
    for code, one in by_code.items():
        groups = [code[:cut].ljust(10, "0") for cut in (8, 6, 4)]
        nearest = next((by_code[group].iri for group in groups if group != code and group in by_code), None)
        assert nearest is None or nearest in one.broader, code


def test_sensors_have_kinds_bands_and_lives() -> None:
    kind, band, start, end = (
        expand(name) for name in ("ed:sensorKind", "ed:band", "schema:startDate", "schema:endDate")
    )
    for one in SCHEMES["sensor"].concepts:
        facts = defaultdict(list)
        for predicate, value in one.facts:
            facts[predicate].append(value)
        if "ed:MissionFamily" not in one.types and one.label not in ("ISS", "Swarm"):
            assert facts[kind], one.label
        assert len(facts[start]) <= 1
        if facts[end]:
            assert str(facts[start][0]) <= str(facts[end][0]), one.label
        assert all(isinstance(value, Literal) and value.datatype == XSD + "date" for value in facts[start])
    bands = dict.fromkeys(
        one.label for one in SCHEMES["sensor"].concepts if any(predicate == band for predicate, _ in one.facts)
    )
    assert {"Sentinel-1", "Sentinel-2", "Sentinel-3", "Landsat-8", "Landsat-5", "MODIS", "WorldView-3"} <= set(bands)


def test_bands_have_plausible_numbers() -> None:
    centre, width = expand("ed:centreWavelengthNm"), expand("ed:bandwidthNm")
    counts: dict[str, int] = defaultdict(int)
    for one in SCHEMES["band"].concepts:
        facts = dict(one.facts)
        if "ed:Band" in one.types:
            counts[one.iri.split("/")[-2]] += 1
            assert one.broader
        if centre in facts:
            assert 350 <= float(str(facts[centre])) <= 15_000, one.label
            assert 0 < float(str(facts[width])) < 3_000, one.label
    assert counts["sentinel-2"] == 13
    assert counts["sentinel-3"] == 21 + 9
    assert counts["landsat-8"] == counts["landsat-9"] == 11


@pytest.mark.parametrize("row", [row for row in PROPERTIES.values() if row.scheme], ids=lambda row: row.name)
def test_every_property_that_chooses_from_a_scheme_has_it(row: object) -> None:
    assert getattr(row, "scheme") in SCHEMES  # noqa: B009


def test_triples_are_stable_and_unique() -> None:
    first = list(taxonomy_triples())
    assert len(first) == len(set(first))
    assert first == list(taxonomy_triples())


def test_damaged_tables_are_named() -> None:
    head = {"scheme": "x", "title": "X", "about": "x"}
    with pytest.raises(RecordError, match="no concept 'nowhere'"):
        parse_scheme({**head, "concepts": {"a": {"def": "d", "broader": "nowhere"}}}, "x.yaml")
    with pytest.raises(RecordError, match="unknown key 'colour'"):
        parse_scheme({**head, "concepts": {"a": {"def": "d", "colour": "red"}}}, "x.yaml")
    with pytest.raises(RecordError, match="sensor 'Nobody'"):
        parse_sensors({**head, "concepts": {"a": {"is": "mission", "def": "d", "in": "Nobody"}}}, {})
    with pytest.raises(RecordError, match="no common name 'mauve'"):
        parse_bands({**head, "common": {"red": {"def": "d"}}, "sets": {"S": {"of": ["S"], "bands": {"B1": ["mauve"]}}}})
    with pytest.raises(RecordError, match="is like 'T'"):
        parse_bands({**head, "common": {"red": {"def": "d"}}, "sets": {"S": {"of": ["S"], "like": "T"}}})


def test_tables_are_read_or_refused() -> None:
    assert read_table(TAXONOMIES / "topic.yaml")["scheme"] == "topic"
    with pytest.raises(RecordError, match="cannot be read"):
        read_table(TAXONOMIES / "missing.yaml")
