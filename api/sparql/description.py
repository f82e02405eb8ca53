"""What the service offers, as SPARQL 1.1 Service Description says it: an address without a query answers with this."""

from __future__ import annotations

from collections.abc import Iterable

from kg.geosparql.registry import AGGREGATES, GEOF, TAKES
from kg.solutions import Triples
from ontology.terms import IRI, BNode, Literal, Triple

SD = "http://www.w3.org/ns/sparql-service-description#"
_TYPE = IRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
_RDF = ("Turtle", "N-Triples", "N-Quads", "JSON-LD", "RDF_XML")
_ENTAILMENT = IRI("http://www.w3.org/ns/entailment/RDFS")


def description(base: str, graphs: Iterable[str], version: str) -> Triples:
    """The description of the service.

    Args:
        base: address that links begin with.
        graphs: IRIs of the named graphs.
        version: of the catalogue.
    """
    service, data, default = IRI(f"{base}/sparql"), BNode("dataset"), BNode("default")
    found: list[Triple] = [
        (service, _TYPE, _sd("Service")),
        (service, _sd("endpoint"), service),
        (service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        (service, _sd("defaultEntailmentRegime"), _ENTAILMENT),
        (service, _sd("defaultDataset"), data),
        (data, _TYPE, _sd("Dataset")),
        (data, _sd("defaultGraph"), default),
        (data, IRI("http://purl.org/dc/terms/hasVersion"), Literal(version)),
        (default, _TYPE, _sd("Graph")),
    ]
    found += [(service, _sd("resultFormat"), IRI(_FORMATS + one)) for one in (*_RESULTS, *_RDF)]
    found += [(service, _sd("extensionFunction"), IRI(GEOF + one)) for one in sorted(TAKES)]
    found += [(service, _sd("extensionAggregate"), IRI(GEOF + one)) for one in AGGREGATES]
    for number, name in enumerate(graphs):
        node = BNode(f"graph{number}")
        found += [(data, _sd("namedGraph"), node), (node, _TYPE, _sd("NamedGraph")), (node, _sd("name"), IRI(name))]
    writer = IRI(f"{base}/update")
    found += [
        (writer, _TYPE, _sd("Service")),
        (writer, _sd("endpoint"), writer),
        (writer, _sd("supportedLanguage"), _sd("SPARQL11Update")),
    ]
    return Triples(tuple(found))


def _sd(name: str) -> IRI:
    return IRI(SD + name)
