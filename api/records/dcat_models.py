"""Models as MLDCAT-AP 3.1 wants them."""

from __future__ import annotations

from api.records.citation import bibtex
from api.records.triples import NOT_STATED, Graph, checksum, concept, english, resource, rights, text
from kg.record import Named, Record
from ontology.namespaces import BASE, expand
from ontology.terms import IRI, XSD, Literal

_BIRO = "http://purl.org/spar/biro/BibliographicReference"


def is_full_model(record: Record) -> bool:
    """Whether all that MLDCAT-AP demands of a model is known: when it was made, from what data, and its file."""
    known = record.values.get("ed:publicationYear") and record.named("it6:trainedOn")
    return record.kind == "model" and bool(known) and any(one.url for one in record.files)


def write_model(graph: Graph, thing: IRI, record: Record, full: frozenset[str]) -> None:
    """Adds what is particular to a model; `full` are the IRIs of models that are written as such."""
    files = [one for one in record.files if one.url]
    graph.add(thing, ("rdf:type", expand("it6:MachineLearningModel" if is_full_model(record) else "dcat:Resource")))
    graph.add(thing, ("dcat:version", text(record.value("dcat:version") or NOT_STATED)))
    for year in record.values.get("ed:publicationYear", ())[:1]:
        graph.add(thing, ("dct:created", Literal(year, XSD + "gYear")))
    for one in record.named("it6:trainedOn"):
        graph.add(thing, ("it6:trainedOn", IRI(one.iri)))
    for one in record.named("it6:fineTunedFrom")[:1]:
        graph.add(thing, ("it6:fineTunedFrom" if one.iri in full else "dct:source", IRI(one.iri)))
    for number in record.values.get("ed:parameterCount", ())[:1]:
        graph.add(thing, ("it6:totalNumberOfParameters", Literal(number, XSD + "nonNegativeInteger")))
    for one in record.named("ed:architecture"):
        graph.add(thing, ("it6:modelArchitecture", english(one.name)))
    if record.scores:
        told = "; ".join(f"{one.metric} {one.value}{f' on {one.on}' if one.on else ''}" for one in record.scores)
        graph.add(thing, ("it6:evaluationResults", english(told)))
    for file in files:
        name = file.title or file.url.rsplit("/", 1)[-1] or record.title
        pairs: list[tuple[str, IRI | Literal]] = [
            ("dct:title", english(name)),
            ("dct:identifier", text(file.url)),
            ("it6:url", resource(graph, file.url, name)),
            *checksum(graph, file),
        ]
        frame = file.format or next(iter(record.named("ed:framework")), None)
        form = (
            concept(graph, frame, "format", "Formats")
            if frame
            else concept(graph, Named(f"{BASE}format/other", NOT_STATED), "format", "Formats")
        )
        graph.add(thing, ("it6:hasFile", graph.typed(file.iri, "it6:File", *pairs, ("dct:format", form))))
    cited = graph.add(
        IRI(f"{record.iri}/citation"),
        ("rdf:type", IRI(_BIRO)),
        ("dct:bibliographicCitation", text(bibtex(record))),
        ("dct:format", concept(graph, Named(f"{BASE}format/bibtex", "BibTeX"), "format", "Formats")),
    )
    graph.add(thing, ("it6:hasBibliographicReference", cited))
    for name, value in rights(graph, record):
        graph.add(thing, (name, value))
