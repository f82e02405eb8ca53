"""Records as JSON-LD: under the bundled context every catalogue record is the RDF that the reader of records writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.quads import to_triples
from ingest.schema import KEYS, keys_for
from ontology.jsonld import document, make_context, write_context
from ontology.namespaces import expand
from ontology.properties import PROPERTIES
from ontology.taxonomy import context, context_path
from tests.ontology.known import FILES, Known, records

# rdflib warns of its own coming changes
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
# where JSON-LD has nodes or values of its own: places are looked up in the gazetteer, files may have blank nodes, and
# the order of a list is in the JSON, not in its triples
OTHER = {
    expand(name)
    for name in (
        *("dct:spatial", "dcat:distribution", "dqv:hasQualityMeasurement", "ed:loader", "rdf:type", "ed:bandOrder"),
    )
}


NAMES = Known.of_catalogue()


def load(path: Path) -> dict[str, Any]:
    import yaml

    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader"))  # noqa: B009
    return loaded


def comparable(rows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without what differs on purpose; 10.0 and 10 are one number."""
    return {(p, f"{float(o):g}" if o.replace(".", "", 1).isdigit() else o) for p, o in rows if p not in OTHER}


def graph_of(made: dict[str, Any]) -> Any:
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=json.dumps({**made, "@context": context()["@context"]}, default=str), format="json-ld")
    return graph


def test_the_stored_context_is_the_one_that_the_tables_give(tmp_path: Path) -> None:
    assert context() == make_context(), "run ontology.jsonld.write_context()"
    write_context(tmp_path / "context.jsonld")
    assert (tmp_path / "context.jsonld").read_text() == context_path().read_text()
    assert context_path().stat().st_size < 500_000


@pytest.mark.parametrize("name", sorted({name for kind in ("dataset", "model") for name in keys_for(kind)}))  # type: ignore[arg-type]
def test_every_key_of_records_is_in_the_context_with_the_property_of_the_table(name: str) -> None:
    terms = context()["@context"]
    if name in ("time_start", "time_end"):
        assert name in terms["period"]["@context"]
        return
    assert name in terms
    term = terms[name]
    predicate = term["@id"] if isinstance(term, dict) else term
    if name in PROPERTIES:
        assert expand(predicate) == expand(PROPERTIES[name].path.split("/")[0].split("|")[0])
    elif name in KEYS:
        assert expand(predicate) == expand(KEYS[name].predicate)


@pytest.mark.slow
def test_every_record_is_the_same_rdf_both_ways() -> None:
    import rdflib

    assert len(FILES) > 300
    bodies = [{k: v for k, v in document(load(path)).items() if k != "@context"} for path in FILES]
    graph = graph_of({"@graph": bodies})
    wrong: list[str] = []
    for record in records():
        mine = {(str(p), str(o)) for p, o in graph.predicate_objects(rdflib.URIRef(record.iri))}
        theirs = {(str(p), str(o)) for s, p, o, g in to_triples(record, NAMES) if g is None and s == record.iri}
        wrong += [f"{record.id}: {p} {o}" for p, o in sorted(comparable(theirs) - comparable(mine))]
    assert not wrong, "\n".join(wrong)


def test_a_plain_record_needs_no_help() -> None:
    """What the record reference shows is RDF under the context as it stands."""
    import rdflib

    made = {
        "@id": "dataset/mine",
        "id": "mine",
        "type": "dataset",
        "name": "Mine",
        "description": "Images of fields.",
        "topic": ["crop type", "floods"],
        "sensor": ["Sentinel-2"],
        "resolution_m": 10,
        "num_samples": 27000,
        "class_label": [{"name": "Annual Crop", "value": 0, "close_match": "worldcover/40"}],
        "license": "MIT",
        "source": {"paper": "https://example.org"},
    }
    graph = graph_of(made)
    me = rdflib.URIRef("https://w3id.org/earthdex/dataset/mine")
    assert (
        me,
        rdflib.URIRef(expand("dcat:theme")),
        rdflib.URIRef("https://w3id.org/earthdex/topic/crop-type"),
    ) in graph
    assert (me, rdflib.URIRef(expand("dct:license")), rdflib.URIRef("http://spdx.org/licenses/MIT")) in graph
    label = graph.value(me, rdflib.URIRef(expand("ed:labelClass")))
    match = graph.value(label, rdflib.URIRef(expand("skos:closeMatch")))
    assert str(match) == "https://w3id.org/earthdex/class/worldcover/40"
    assert graph.value(me, rdflib.URIRef(expand("ed:sampleCount"))).toPython() == 27000
    assert "paper" not in graph.serialize(format="nt")


def test_short_forms_are_spelled_out() -> None:
    made = document(
        {
            "id": "x",
            "type": "model",
            "name": {"value": "X", "source": "paper"},
            "trained_on": ["eurosat", {"name": "ImageNet", "url": "https://image-net.org"}],
            "num_classes": [{"value": 10, "source": "paper"}, {"value": 11, "source": "card"}],
            "time_start": "2018-02",
            "time_end": "2020-02",
            "size_mb": 1.5,
            "coverage": ["global"],
            "input_sensor": ["Landsat-7"],
            "input_band": ["B4"],
            "evaluation": [{True: "eurosat", "metric": "F1", "value": 0.9, "source": "paper"}],
            "loader": {"torchgeo": "X", "source": "package"},
            "distribution": [{"url": "https://x.org/x", "checksum": "md5:d41d8cd98f00b204e9800998ecf8427e"}],
            "source": "https://example.org",
        }
    )
    assert made["@id"] == "model/x"
    assert made["name"] == "X"
    assert made["trained_on"] == ["dataset/eurosat", "mention/imagenet"]
    assert made["num_classes"] == [10, 11]
    assert made["period"] == {"@id": "model/x/period", "time_start": ["2018-02-01"], "time_end": ["2020-02-29"]}
    assert made["size_mb"] == 1_500_000
    assert made["global_extent"] is True
    assert made["input_band"] == "Landsat-7 B4"
    assert made["evaluation"] == {"on": "dataset/eurosat", "metric": "F1", "value": 0.9}
    assert made["loader"] == {"library": "torchgeo", "name": "X"}
    assert made["distribution"]["checksum"]["digest"] == "d41d8cd98f00b204e9800998ecf8427e"
    assert "source" not in made
