"""The OWL profile: every own term is declared, labelled, defined and used; the axioms are free of contradiction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ontology.contradictions import find_contradictions
from ontology.errors import EarthdexError, RecordError
from ontology.namespaces import PREFIXES, expand, record_iri, shorten
from ontology.properties import PROPERTIES
from ontology.reasoning import prove, read_turtle, write_closure
from ontology.taxonomy import closure_path, ontology_files, profile_path, shapes_path, taxonomy_triples
from ontology.terms import IRI, XSD, Literal, Triple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ontology", "kg", "nlq", "ingest", "training", "api", "earthdex")
ED = PREFIXES["ed"]
TYPE = expand("rdf:type")
PROFILE = read_turtle([profile_path()])
KINDS = {expand(name) for name in ("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty")}
DECLARED = {str(s): str(o) for s, p, o in PROFILE if p == TYPE and o in KINDS and str(s).startswith(ED)}
THING = record_iri("dataset", "test")


def values(subject: str, predicate: str) -> list[str]:
    return [str(o) for s, p, o in PROFILE if s == subject and p == expand(predicate)]


def used_terms() -> dict[str, str]:
    """Own terms that the code, the tables, the shapes and the documentation name, with a place for each."""
    files = [path for room in ROOMS for end in ("py", "yaml", "ttl") for path in (ROOT / room).rglob(f"*.{end}")]
    found: dict[str, str] = {}
    for path in [*files, *(ROOT / "docs").rglob("*.md")]:
        for match in re.finditer(r"(?<![\w.:])ed:([A-Za-z]\w*)", path.read_text(encoding="utf-8")):
            found.setdefault(ED + match[1], str(path.relative_to(ROOT)))
    return found


def test_every_own_term_that_is_used_is_declared() -> None:
    missing = {shorten(term): where for term, where in used_terms().items() if term not in DECLARED}
    assert not missing


@pytest.mark.parametrize("term", sorted(DECLARED), ids=shorten)
def test_every_own_term_has_one_label_and_one_definition(term: str) -> None:
    assert len(values(term, "rdfs:label")) == 1
    definitions = values(term, "skos:definition")
    assert len(definitions) == 1
    assert definitions[0].endswith((".", "..."))


def test_labels_of_own_terms_differ() -> None:
    for kind in KINDS:
        labels = [label for term, one in DECLARED.items() if one == kind for label in values(term, "rdfs:label")]
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("row", PROPERTIES.values(), ids=lambda row: row.name)
def test_properties_of_the_table_are_of_the_right_kind(row: object) -> None:
    path, kind = getattr(row, "path"), getattr(row, "kind")  # noqa: B009
    if not re.fullmatch(r"ed:\w+", path):
        return
    wanted = "owl:ObjectProperty" if kind in ("concept", "class", "sensor", "record", "place") else None
    assert DECLARED[expand(path)] == expand(wanted or "owl:DatatypeProperty")


def test_outside_terms_are_only_stubs() -> None:
    """What others define is not defined again here."""
    for s, p, _ in PROFILE:
        if p in (expand("skos:definition"), expand("rdfs:label")):
            assert str(s).startswith(ED)


def test_the_stored_closure_is_the_one_that_the_reasoner_infers(tmp_path: Path) -> None:
    fresh = tmp_path / "closure.ttl"
    assert write_closure(fresh) == len(read_turtle([closure_path()]))
    assert fresh.read_text() == closure_path().read_text(), "run ontology.reasoning.write_closure(closure_path())"
    assert set(read_turtle([fresh])) == set(prove())


def test_the_closure_knows_what_a_training_dataset_is() -> None:
    closure = set(read_turtle([closure_path()]))
    above = expand("rdfs:subClassOf")
    for name in ("dcat:Dataset", "dcat:Resource", "prov:Entity"):
        assert (expand("ed:TrainingDataset"), above, expand(name)) in closure
    assert (expand("ed:Scene"), above, expand("geo:SpatialObject")) in closure
    assert all(one != other for one, _, other in closure)


def test_the_concept_schemes_agree_with_the_profile() -> None:
    assert prove(triples=taxonomy_triples()) == prove()


CONTRADICTIONS: dict[str, tuple[list[Triple], str]] = {
    "a thing that is dataset and model": (
        [(THING, TYPE, expand("dcat:Dataset")), (THING, TYPE, expand("it6:MachineLearningModel"))],
        "both .*dcat:Dataset",
    ),
    "a dataset with parameters": (
        [(THING, TYPE, expand("ed:TrainingDataset")), (THING, expand("ed:parameterCount"), Literal.of(3))],
        "since it has ed:parameterCount",
    ),
    "a split whose number of samples is a text": (
        [(IRI(THING + "/split/train"), expand("ed:sampleCount"), Literal("many"))],
        "ed:sampleCount 'many'",
    ),
    "fewer samples than none": (
        [(THING, expand("ed:sampleCount"), Literal.of(-3))],
        "no xsd:nonNegativeInteger",
    ),
    "a topic that is a place": (
        [
            (THING, expand("dcat:theme"), IRI("https://w3id.org/earthdex/place/earth")),
            (IRI("https://w3id.org/earthdex/place/earth"), TYPE, expand("geo:Feature")),
        ],
        "dcat:theme of",
    ),
    "a task that is a text": ([(THING, expand("ed:task"), Literal("segmentation"))], "a text and no skos:Concept"),
    "a flag that is neither true nor false": (
        [(THING, expand("ed:globalExtent"), Literal("perhaps", XSD + "string"))],
        "no xsd:boolean",
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradictory_record_is_refused_by_name(name: str) -> None:
    statements, message = CONTRADICTIONS[name]
    with pytest.raises(EarthdexError, match=message) as caught:
        prove(triples=statements)
    assert caught.value.remedy


def test_a_class_that_nothing_can_be_in_is_refused() -> None:
    impossible = IRI(ED + "Impossible")
    with pytest.raises(EarthdexError, match="ed:Impossible"):
        prove(
            triples=[
                (impossible, TYPE, expand("owl:Class")),
                (impossible, expand("rdfs:subClassOf"), expand("dcat:Dataset")),
                (impossible, expand("rdfs:subClassOf"), expand("it6:MachineLearningModel")),
            ]
        )


def test_good_records_contradict_nothing() -> None:
    record: list[Triple] = [
        (THING, TYPE, expand("dcat:Dataset")),
        (THING, TYPE, expand("ed:TrainingDataset")),
        (THING, expand("ed:sampleCount"), Literal.of(10)),
        (THING, expand("ed:sampleCount"), Literal.of(12)),
        (THING, expand("ed:split"), IRI(THING + "/split/train")),
        (IRI(THING + "/split/train"), expand("ed:sampleCount"), Literal.of(7)),
    ]
    assert not find_contradictions([*PROFILE, *record])
    assert prove(triples=record) == prove()


def test_files_are_there_and_bad_turtle_is_refused(tmp_path: Path) -> None:
    assert all(path.exists() for path in (*ontology_files(), shapes_path()))
    bad = tmp_path / "bad.ttl"
    bad.write_text("<a> <b> ")
    with pytest.raises(RecordError, match="is not Turtle"):
        read_turtle([bad])


def test_a_missing_java_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import owlready2.reasoning

    monkeypatch.setattr(owlready2, "JAVA_EXE", "/nowhere/java")
    with pytest.raises(EarthdexError, match="needs Java"):
        prove()


@pytest.mark.slow
def test_the_whole_catalogue_contradicts_nothing() -> None:
    """All records of the catalogue together with all concept schemes, proved by the reasoner."""
    from ingest.quads import to_triples
    from ingest.reader import read_record
    from tests.ontology.known import FILES, Known

    names = Known.of_catalogue()
    statements: list[Triple] = list(taxonomy_triples())
    for path in FILES:
        record, _ = read_record(path.read_bytes(), str(path))
        assert record is not None
        statements += [(s, p, o) for s, p, o, graph in to_triples(record, names) if graph is None]
    assert len(statements) > 30_000
    assert prove(triples=statements) == prove()
