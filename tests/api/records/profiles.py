"""What DCAT-AP 3, GeoDCAT-AP 3 and MLDCAT-AP 3.1 demand of the classes that we write, as SHACL.

Restated here as a table from the texts of the profiles, for their own shapes may not lie in this repository: class,
property, how many at least, how many at most (0: any number), and what the value is: `literal`, `node`, `iri`, `date`,
a datatype or a class.
"""

from __future__ import annotations

from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from ontology.namespaces import PREFIXES, expand

SH = Namespace("http://www.w3.org/ns/shacl#")
XSD = "http://www.w3.org/2001/XMLSchema#"
WKT = PREFIXES["geo"] + "wktLiteral"
_RULES = """
dcat:Catalog dct:title 1 0 literal
dcat:Catalog dct:description 1 0 literal
dcat:Catalog dct:publisher 1 1 foaf:Agent
dcat:Catalog dct:language 0 0 dct:LinguisticSystem
dcat:Catalog dct:license 0 1 dct:LicenseDocument
dcat:Catalog foaf:homepage 0 1 foaf:Document
dcat:Catalog dcat:dataset 1 0 dcat:Dataset
dcat:Catalog dcat:service 0 0 dcat:DataService
foaf:Agent foaf:name 1 0 literal
foaf:Agent dct:type 0 1 node
skos:Concept skos:prefLabel 1 0 literal
skos:ConceptScheme dct:title 1 0 literal
spdx:Checksum spdx:algorithm 1 1 spdx:ChecksumAlgorithm
spdx:Checksum spdx:checksumValue 1 1 xsd:hexBinary
dcat:DataService dct:title 1 0 literal
dcat:DataService dcat:endpointURL 1 0 dcat:Resource
dcat:DataService dcat:endpointDescription 0 0 node
dcat:DataService dct:conformsTo 0 0 dct:Standard
dcat:DataService dct:publisher 0 1 foaf:Agent
dcat:Dataset dct:title 1 0 literal
dcat:Dataset dct:description 1 0 literal
dcat:Dataset dct:identifier 0 0 literal
dcat:Dataset dct:accessRights 0 1 dct:RightsStatement
dcat:Dataset dct:creator 0 0 foaf:Agent
dcat:Dataset dct:publisher 0 1 foaf:Agent
dcat:Dataset dcat:distribution 0 0 dcat:Distribution
dcat:Dataset dct:spatial 0 0 dct:Location
dcat:Dataset dct:temporal 0 0 dct:PeriodOfTime
dcat:Dataset dct:language 0 0 dct:LinguisticSystem
dcat:Dataset it6:collectionDate 1 1 literal
dcat:Dataset dct:contributor 0 0 foaf:Agent
dcat:Dataset dct:source 0 0 dcat:Dataset
dcat:Dataset dcat:landingPage 0 0 foaf:Document
dcat:Dataset foaf:page 0 0 foaf:Document
dcat:Dataset dcat:keyword 0 0 literal
dcat:Dataset dcat:theme 0 0 skos:Concept
dcat:Dataset dct:issued 0 1 date
dcat:Dataset dcat:version 0 1 literal
dcat:Dataset dcat:spatialResolutionInMeters 0 1 xsd:decimal
dcat:Distribution dcat:accessURL 1 0 dcat:Resource
dcat:Distribution dcat:downloadURL 0 0 dcat:Resource
dcat:Distribution dqv:hasQualityMeasurement 1 0 dqv:QualityMeasurement
dqv:QualityMeasurement dqv:value 1 1 literal
dqv:QualityMeasurement dct:type 1 1 it6:DataQuality
dqv:QualityMeasurement dqv:isMeasurementOf 1 1 dqv:Metric
it6:DataQuality dct:title 1 1 literal
it6:DataQuality dct:identifier 1 1 literal
dqv:Metric dqv:expectedDataType 1 1 rdfs:Datatype
dqv:Metric dqv:inDimension 1 0 dqv:Dimension
dqv:Metric skos:definition 1 0 literal
dcat:Resource dct:title 1 0 literal
dcat:Resource dct:description 1 0 literal
dcat:Distribution dct:title 0 0 literal
dcat:Distribution dcat:byteSize 0 1 xsd:nonNegativeInteger
dcat:Distribution spdx:checksum 0 1 spdx:Checksum
dcat:Distribution dct:format 0 1 dct:MediaTypeOrExtent
dcat:Distribution dcat:mediaType 0 1 dct:MediaType
dcat:Distribution dct:license 0 1 dct:LicenseDocument
dcat:Distribution dct:rights 0 1 dct:RightsStatement
dct:Location dcat:bbox 0 1 wkt
dct:Location dcat:centroid 0 1 wkt
dct:PeriodOfTime dcat:startDate 0 1 date
dct:PeriodOfTime dcat:endDate 0 1 date
it6:MachineLearningModel dct:title 1 0 literal
it6:MachineLearningModel dct:identifier 1 1 literal
it6:MachineLearningModel dcat:version 1 1 literal
it6:MachineLearningModel dct:created 1 1 date
it6:MachineLearningModel it6:trainedOn 1 0 dcat:Dataset
it6:MachineLearningModel it6:hasFile 1 0 it6:File
it6:MachineLearningModel it6:fineTunedFrom 0 1 it6:MachineLearningModel
it6:MachineLearningModel it6:totalNumberOfParameters 0 0 xsd:nonNegativeInteger
it6:MachineLearningModel it6:modelArchitecture 0 0 literal
it6:MachineLearningModel it6:evaluationResults 0 1 literal
it6:MachineLearningModel dct:creator 0 0 foaf:Agent
it6:MachineLearningModel dcat:keyword 0 0 literal
it6:File dct:title 1 1 literal
it6:File dct:identifier 1 1 literal
it6:File it6:url 1 1 dcat:Resource
it6:File dct:format 1 1 skos:Concept
it6:File spdx:checksum 0 1 spdx:Checksum
"""
_DATES = ("date", "dateTime", "gYear", "gYearMonth")


def shapes() -> Graph:
    """The table as SHACL."""
    graph = Graph()
    known: dict[str, BNode] = {}
    for line in _RULES.split("\n"):
        if not line:
            continue
        target, path, least, most, kind = line.split()
        if target not in known:
            known[target] = BNode()
            graph.add((known[target], RDF.type, SH.NodeShape))
            graph.add((known[target], SH.targetClass, URIRef(expand(target))))
        rule = BNode()
        graph.add((known[target], SH.property, rule))
        graph.add((rule, SH.path, URIRef(expand(path))))
        if least != "0":
            graph.add((rule, SH.minCount, Literal(int(least))))
        if most != "0":
            graph.add((rule, SH.maxCount, Literal(int(most))))
        if kind == "date":
            any_of = [BNode() for _ in _DATES]
            for node, name in zip(any_of, _DATES, strict=True):
                graph.add((node, SH.datatype, URIRef(XSD + name)))
            head = BNode()
            Collection(graph, head, any_of)
            graph.add((rule, SH["or"], head))
        elif kind in ("literal", "node"):
            graph.add((rule, SH.nodeKind, SH.Literal if kind == "literal" else SH.BlankNodeOrIRI))
        elif kind == "wkt":
            graph.add((rule, SH.datatype, URIRef(WKT)))
        elif kind.startswith("xsd:"):
            graph.add((rule, SH.datatype, URIRef(XSD + kind[4:])))
        else:
            graph.add((rule, SH["class"], URIRef(expand(kind))))
    return graph
