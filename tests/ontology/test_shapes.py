"""SHACL: a good record conforms, and each kind of mistake is found with a message a person can act on."""

from __future__ import annotations

from typing import Any

import pytest

from ontology.namespaces import PREFIXES
from ontology.taxonomy import shapes_path

# rdflib and pyshacl warn of their own coming changes
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PROLOGUE = "".join(f"@prefix {name}: <{stem}> .\n" for name, stem in PREFIXES.items()) + (
    "@prefix d: <https://w3id.org/earthdex/dataset/> .\n@prefix m: <https://w3id.org/earthdex/model/> .\n"
    "@prefix w: <https://w3id.org/earthdex/> .\n"
)
DATASET = """
d:a a dcat:Dataset, ed:TrainingDataset ; dct:identifier "a" ; dct:title "A" ; dct:description "Images of fields." ;
  dcat:theme <https://w3id.org/earthdex/topic/crop-type> ; ed:sampleCount 10, 12 ; bibo:doi "10.5281/zenodo.1" ;
  dcat:spatialResolutionInMeters 10.0 ; dct:temporal d:period ; ed:split d:train ; dcat:distribution d:file ;
  dct:publisher w:agent ; dct:spatial w:place .
w:agent a foaf:Agent ; foaf:name "Somebody" .
w:place a geo:Feature ; rdfs:label "Somewhere" ; geo:hasGeometry w:shape .
w:shape geo:asWKT "POINT (1 2)"^^geo:wktLiteral .
d:period dcat:startDate "2018-01-01"^^xsd:date ; dcat:endDate "2018-12-31"^^xsd:date .
d:train dct:title "train" ; ed:sampleCount 7 .
d:file a dcat:Distribution ; dcat:downloadURL <https://example.org/a.zip> ; spdx:checksum d:sum .
d:sum spdx:algorithm spdx:checksumAlgorithm_md5 ; spdx:checksumValue "d41d8cd98f00b204e9800998ecf8427e" .
"""
MODEL = """
m:a a it6:MachineLearningModel ; dct:identifier "a" ; dct:title "A" ; dct:description "A network of fields." ;
  ed:modelType <https://w3id.org/earthdex/model-type/backbone> ; it6:trainedOn d:a ;
  dqv:hasQualityMeasurement m:one .
m:one a dqv:QualityMeasurement ; ed:evaluatedOn d:a ; dqv:value 50.5 ;
  dqv:isMeasurementOf <https://w3id.org/earthdex/metric/miou> .
"""
SCENE = """
<https://w3id.org/earthdex/scene/c/1> a ed:Scene ; dct:identifier "1" ; ed:cloudCover 12.5 ; rdfs:label "1" ;
  sosa:resultTime "2019-07-01T10:00:00Z"^^xsd:dateTime ; ed:mission <https://w3id.org/earthdex/sensor/sentinel-2> .
"""


def validate(turtle: str) -> tuple[bool, str]:
    import pyshacl
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=PROLOGUE + turtle, format="turtle")
    result: Any = pyshacl.validate(graph, shacl_graph=str(shapes_path()))
    return bool(result[0]), str(result[2])


def test_the_shapes_are_valid_shacl() -> None:
    import pyshacl
    import rdflib

    conforms, _, text = pyshacl.validate(
        rdflib.Graph().parse(data=PROLOGUE + DATASET, format="turtle"), shacl_graph=str(shapes_path()), meta_shacl=True
    )
    assert conforms, text


@pytest.mark.parametrize("turtle", [DATASET, MODEL, SCENE, DATASET + MODEL + SCENE])
def test_good_records_conform(turtle: str) -> None:
    conforms, text = validate(turtle)
    assert conforms, text


@pytest.mark.parametrize(
    ("turtle", "old", "new", "message"),
    [
        (DATASET, 'dct:title "A" ;', "", "A record needs a name."),
        (DATASET, 'dct:identifier "a"', 'dct:identifier "a", "b"', "one identifier"),
        (DATASET, '"Images of fields."', '"x"', "description of at least ten"),
        (DATASET, "dcat:theme <https://w3id.org/earthdex/topic/crop-type> ;", "", "needs a topic"),
        (DATASET, "topic/crop-type", "task/regression", "scheme topic"),
        (DATASET, "ed:sampleCount 10, 12", 'ed:sampleCount "many"', "number of samples"),
        (DATASET, "ed:sampleCount 10, 12", "ed:sampleCount -1", "number of samples"),
        (DATASET, "10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1", "A DOI starts with 10."),
        (DATASET, "dcat:spatialResolutionInMeters 10.0", "dcat:spatialResolutionInMeters -10.0", "metres above 0"),
        (DATASET, '"2018-01-01"', '"2019-01-01"', "ends before it starts"),
        (DATASET, 'd:train dct:title "train" ;', "d:train", "A split needs a name."),
        (DATASET, "ed:split d:train", "ed:split d:train, d:nameless", "A split needs a name."),
        (DATASET, "https://example.org/a.zip", "urn:x", "A download is a link."),
        (DATASET, "d41d8cd98f00b204e9800998ecf8427e", "none", "hexadecimal"),
        (DATASET, 'foaf:name "Somebody"', 'foaf:nick "S"', "needs a name"),
        (DATASET, ' rdfs:label "Somewhere" ;', "", "A place needs a name."),
        (DATASET, '"POINT (1 2)"^^geo:wktLiteral', '"POINT (1 2)"', "WKT literal"),
        (DATASET, "a dcat:Dataset,", "a it6:MachineLearningModel, dcat:Dataset,", "NotConstraintComponent"),
        (MODEL, "ed:modelType <https://w3id.org/earthdex/model-type/backbone> ;", "", "A model needs a type"),
        (MODEL, "dqv:value 50.5", 'dqv:value "good"', "value of a measurement is a number"),
        (MODEL, "ed:evaluatedOn d:a ;", "", "names the dataset"),
        (SCENE, "ed:cloudCover 12.5", "ed:cloudCover 120", "between 0 and 100"),
        (SCENE, '"2019-07-01T10:00:00Z"^^xsd:dateTime', '"July"', "moment of acquisition"),
    ],
)
def test_each_mistake_is_found(turtle: str, old: str, new: str, message: str) -> None:
    assert old in turtle
    conforms, text = validate(turtle.replace(old, new))
    assert not conforms
    assert message in text
