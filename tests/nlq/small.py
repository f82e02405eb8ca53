"""A small graph for the tests of answers: a few datasets, models, places and scenes, written as Turtle."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.oxigraph import OxigraphStore
from kg.solutions import Result
from ontology.namespaces import PREFIXES

CONCEPTS = """
topic:crop-type skos:inScheme <https://w3id.org/earthdex/topic> ; skos:prefLabel "crop type"@en ; skos:altLabel "crops"@en .
topic:flood skos:inScheme <https://w3id.org/earthdex/topic> ; skos:prefLabel "flood"@en ; skos:altLabel "flooding"@en .
topic:building skos:inScheme <https://w3id.org/earthdex/topic> ; skos:prefLabel "building"@en .
topic:building-footprint skos:inScheme <https://w3id.org/earthdex/topic> ; skos:prefLabel "building footprint"@en ;
  skos:broader topic:building .
task:segmentation skos:inScheme <https://w3id.org/earthdex/task> ; skos:prefLabel "semantic segmentation"@en .
temporal:time-series skos:inScheme <https://w3id.org/earthdex/temporal> ; skos:prefLabel "time series"@en .
sensor:sentinel skos:inScheme <https://w3id.org/earthdex/sensor> ; skos:prefLabel "Sentinel"@en .
sensor:sentinel-1 skos:inScheme <https://w3id.org/earthdex/sensor> ; skos:prefLabel "Sentinel-1"@en ; skos:broader sensor:sentinel .
sensor:sentinel-2 skos:inScheme <https://w3id.org/earthdex/sensor> ; skos:prefLabel "Sentinel-2"@en ; skos:broader sensor:sentinel .
sensor:sentinel-2a skos:inScheme <https://w3id.org/earthdex/sensor> ; skos:prefLabel "Sentinel-2A"@en ; skos:broader sensor:sentinel-2 .
sensor:landsat-8 skos:inScheme <https://w3id.org/earthdex/sensor> ; skos:prefLabel "Landsat-8"@en ; skos:altLabel "L8"@en .
metric:miou skos:inScheme <https://w3id.org/earthdex/metric> ; skos:prefLabel "mIoU"@en .
metric:rmse skos:inScheme <https://w3id.org/earthdex/metric> ; skos:prefLabel "RMSE"@en .
arch:u-net skos:inScheme <https://w3id.org/earthdex/architecture> ; skos:prefLabel "U-Net"@en .
arch:vit skos:inScheme <https://w3id.org/earthdex/architecture> ; skos:prefLabel "ViT"@en .
arch:vit-small skos:inScheme <https://w3id.org/earthdex/architecture> ; skos:prefLabel "ViT-Small"@en ; skos:broader arch:vit .
hcat:maize skos:inScheme <https://w3id.org/earthdex/class/hcat> ; skos:prefLabel "Grain maize"@en ; skos:altLabel "maize"@en, "corn"@en .
corine:4 skos:inScheme <https://w3id.org/earthdex/class/corine> ; skos:prefLabel "Wetlands"@en .
corine:411 skos:inScheme <https://w3id.org/earthdex/class/corine> ; skos:prefLabel "Inland marshes"@en ; skos:broader corine:4 .
kind:country skos:inScheme <https://w3id.org/earthdex/place-kind> ; skos:prefLabel "country"@en .
kind:city skos:inScheme <https://w3id.org/earthdex/place-kind> ; skos:prefLabel "city"@en .
kind:lake skos:inScheme <https://w3id.org/earthdex/place-kind> ; skos:prefLabel "lake"@en .
"""

PLACES = """
place:earth a geo:Feature ; rdfs:label "Earth" ; ed:areaKm2 510072000 .
<https://w3id.org/earthdex/place/country/AA> a geo:Feature ; rdfs:label "Aland" ; ed:placeKind kind:country ; ed:areaKm2 1000 ;
  geo:hasGeometry [ geo:asWKT "POLYGON((0 0,10 0,10 10,0 10,0 0))"^^geo:wktLiteral ] .
<https://w3id.org/earthdex/place/country/BB> a geo:Feature ; rdfs:label "Beland" ; ed:placeKind kind:country ; ed:areaKm2 900 ;
  geo:hasGeometry [ geo:asWKT "POLYGON((10 0,20 0,20 10,10 10,10 0))"^^geo:wktLiteral ] .
<https://w3id.org/earthdex/place/city/1> a geo:Feature ; rdfs:label "Acity" ; ed:placeKind kind:city ; ed:population 500000 ;
  geo:sfWithin <https://w3id.org/earthdex/place/country/AA> ;
  geo:hasGeometry [ geo:asWKT "POLYGON((5 5,5.2 5,5.2 5.2,5 5.2,5 5))"^^geo:wktLiteral ] .
<https://w3id.org/earthdex/place/city/2> a geo:Feature ; rdfs:label "Btown" ; ed:placeKind kind:city ; ed:population 20000 ;
  geo:sfWithin <https://w3id.org/earthdex/place/country/BB> ;
  geo:hasGeometry [ geo:asWKT "POLYGON((15 5,15.1 5,15.1 5.1,15 5.1,15 5))"^^geo:wktLiteral ] .
<https://w3id.org/earthdex/place/feature/lake> a geo:Feature ; rdfs:label "Long Lake" ; ed:placeKind kind:lake ; ed:areaKm2 200 ;
  geo:sfWithin <https://w3id.org/earthdex/place/country/AA> , <https://w3id.org/earthdex/place/country/BB> ;
  geo:hasGeometry [ geo:asWKT "POLYGON((9 7,11 7,11 8,9 8,9 7))"^^geo:wktLiteral ] .
"""

DATASETS = """
d:alpha a dcat:Dataset, ed:TrainingDataset ; dct:identifier "alpha" ; dct:title "AlphaCrop" ; dcat:theme topic:crop-type ;
  ed:sensor sensor:sentinel-2a ; ed:temporalStructure temporal:time-series ; ed:task task:segmentation ;
  dct:spatial <https://w3id.org/earthdex/place/country/AA> ; dcat:spatialResolutionInMeters 10, 20, 60 ;
  dct:temporal [ dcat:startDate "2018-01-01"^^xsd:date ; dcat:endDate "2018-12-31"^^xsd:date ] ;
  dct:license <http://spdx.org/licenses/CC-BY-4.0> ; ed:sampleCount 1000, 1200 ; ed:imageCount 900 ; ed:totalByteSize 2000000000 ;
  ed:publicationYear 2020 ; dct:publisher [ foaf:name "European Space Agency" ; skos:altLabel "ESA" ] ;
  ed:labelClass <https://w3id.org/earthdex/dataset/alpha/class/corn> ; ed:split [ dct:title "train" ], [ dct:title "test" ] .
<https://w3id.org/earthdex/dataset/alpha/class/corn> skos:prefLabel "Corn"@en ; skos:closeMatch hcat:maize .
d:beta a dcat:Dataset, ed:TrainingDataset ; dct:identifier "beta" ; dct:title "BetaFlood" ; skos:altLabel "Beta-Flood v1" ;
  dcat:theme topic:flood ; ed:sensor sensor:sentinel-1, sensor:sentinel-2 ; ed:task task:segmentation ;
  dct:spatial <https://w3id.org/earthdex/place/country/BB> ; dcat:spatialResolutionInMeters 10.0 ;
  dct:temporal [ dcat:startDate "2019-05-01"^^xsd:date ] ; dct:license <http://spdx.org/licenses/CC-BY-NC-4.0> ;
  ed:imageCount 5000 ; ed:totalByteSize 500000000 ; ed:publicationYear 2021 ; bibo:doi "10.1/beta" ; ed:split [ dct:title "train" ] ;
  ed:labelClass <https://w3id.org/earthdex/dataset/beta/class/marsh> .
<https://w3id.org/earthdex/dataset/beta/class/marsh> skos:prefLabel "Marsh"@en ; skos:closeMatch corine:411 .
d:gamma a dcat:Dataset, ed:TrainingDataset ; dct:identifier "gamma" ; dct:title "GammaBuildings" ; dcat:theme topic:building-footprint ;
  ed:sensor sensor:landsat-8 ; dct:spatial place:earth ; ed:globalExtent true ; dcat:spatialResolutionInMeters 30 ;
  dct:temporal [ dcat:endDate "2010-12-31"^^xsd:date ] ; ed:publicationYear 2011 ; prov:wasDerivedFrom d:alpha .
d:delta a dcat:Dataset, ed:TrainingDataset ; dct:identifier "delta" ; dct:title "DeltaLake" ; dcat:theme topic:flood ;
  ed:sensor sensor:sentinel-2 ; dct:spatial <https://w3id.org/earthdex/place/feature/lake> ; ed:imageCount 50 ;
  dct:license <http://spdx.org/licenses/CC-BY-4.0> ; dct:description "Pictures of glaciers and lakes." .
<http://spdx.org/licenses/CC-BY-4.0> spdx:licenseId "CC-BY-4.0" ; ed:permitsCommercialUse true .
<http://spdx.org/licenses/CC-BY-NC-4.0> spdx:licenseId "CC-BY-NC-4.0" ; ed:permitsCommercialUse false .
"""

MODELS = """
m:one a it6:MachineLearningModel ; dct:identifier "one" ; dct:title "ModelOne" ; ed:architecture arch:u-net ;
  ed:sensor sensor:sentinel-2 ; ed:parameterCount 1000000 ; it6:trainedOn d:alpha ;
  dqv:hasQualityMeasurement [ ed:evaluatedOn d:beta ; dqv:isMeasurementOf metric:miou ; dqv:value 50.5 ],
    [ ed:evaluatedOn d:alpha ; dqv:isMeasurementOf metric:rmse ; dqv:value 3.5 ] .
m:two a it6:MachineLearningModel ; dct:identifier "two" ; dct:title "ModelTwo" ; ed:architecture arch:vit-small ;
  ed:sensor sensor:sentinel-1 ; ed:parameterCount 22000000 ; it6:trainedOn <https://w3id.org/earthdex/mention/imagenet> ;
  dqv:hasQualityMeasurement [ ed:evaluatedOn d:beta ; dqv:isMeasurementOf metric:miou ; dqv:value 60 ] .
m:three a it6:MachineLearningModel ; dct:identifier "three" ; dct:title "ModelThree-base" ; ed:architecture arch:vit .
<https://w3id.org/earthdex/mention/imagenet> dct:title "ImageNet" .
"""

SCENES = """
scene:s1 a ed:Scene ; dct:identifier "S2A_1" ; ed:mission sensor:sentinel-2 ; ed:platform sensor:sentinel-2a ; ed:cloudCover 5.0 ;
  sosa:resultTime "2019-07-01T10:00:00Z"^^xsd:dateTime ; ed:processingLevel "L2A" ;
  geo:hasGeometry [ geo:asWKT "POLYGON((4.5 4.5,5.5 4.5,5.5 5.5,4.5 5.5,4.5 4.5))"^^geo:wktLiteral ] .
scene:s2 a ed:Scene ; dct:identifier "S2A_2" ; ed:mission sensor:sentinel-2 ; ed:platform sensor:sentinel-2a ; ed:cloudCover 80.0 ;
  sosa:resultTime "2019-12-31T23:30:00Z"^^xsd:dateTime ; ed:processingLevel "L1C" ;
  geo:hasGeometry [ geo:asWKT "POLYGON((14.5 4.5,15.5 4.5,15.5 5.5,14.5 5.5,14.5 4.5))"^^geo:wktLiteral ] .
scene:s3 a ed:Scene ; dct:identifier "S1A_1" ; ed:mission sensor:sentinel-1 ; ed:polarisation "VV", "VH" ;
  sosa:resultTime "2020-01-01T00:00:00Z"^^xsd:dateTime ; ed:orbitDirection "ascending" ;
  geo:hasGeometry [ geo:asWKT "POLYGON((9.5 7.2,10.5 7.2,10.5 7.8,9.5 7.8,9.5 7.2))"^^geo:wktLiteral ] .
"""

SOURCES = """
INSERT DATA { GRAPH <https://w3id.org/earthdex/graph/provenance> {
  <urn:s1> a rdf:Statement ; rdf:subject d:alpha ; rdf:predicate ed:sampleCount ; rdf:object 1000 ; dct:source "the paper" .
  <urn:s2> a rdf:Statement ; rdf:subject d:alpha ; rdf:predicate ed:sampleCount ; rdf:object 1200 ; dct:source "the web page" .
} }
"""

_BASE = "https://w3id.org/earthdex/"
_OWN = {
    "topic": "topic/", "task": "task/", "temporal": "temporal/", "sensor": "sensor/", "metric": "metric/",
    "arch": "architecture/", "hcat": "class/hcat/", "corine": "class/corine/", "kind": "place-kind/", "place": "place/",
    "d": "dataset/", "m": "model/", "scene": "scene/test/",
}  # fmt: skip


def prologue(form: str) -> str:
    """Prefix lines in Turtle (`@prefix`) or SPARQL (`PREFIX`)."""
    known = PREFIXES | {name: _BASE + stem for name, stem in _OWN.items()}
    if form == "sparql":
        return "".join(f"PREFIX {name}: <{stem}>\n" for name, stem in known.items())
    return "".join(f"@prefix {name}: <{stem}> .\n" for name, stem in known.items())


@dataclass(eq=False)
class SmallHome:
    """Stands in for `kg.home.Home`: scenes are plain triples of the same store."""

    graph: OxigraphStore
    version: str = "test"
    notes: list[str] = field(default_factory=list)

    def query(self, sparql: str) -> Result:
        return self.graph.query(sparql)


def small_home(extra: str = "") -> SmallHome:
    """A new home with everything above and `extra` Turtle."""
    store = OxigraphStore.memory()
    turtle = prologue("turtle") + CONCEPTS + PLACES + DATASETS + MODELS + SCENES + extra
    store.load(turtle.encode(), "text/turtle")
    store.update(prologue("sparql") + SOURCES)
    return SmallHome(store)
