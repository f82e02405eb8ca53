"""The SHACL shapes of the ontology over records, with each finding brought back to the line of its key.

The plain checks (`ingest.check_facts`) find what contributors get wrong and can say what was meant; the shapes guard
what the graph relies on, whatever wrote the triples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ingest.names import Names
from ingest.problems import Problem
from ingest.quads import to_triples
from ingest.reader import Record
from ingest.schema import KEYS
from ontology.namespaces import PREFIXES, expand
from ontology.taxonomy import shapes_path
from ontology.terms import IRI, BNode, Literal, Term

if TYPE_CHECKING:
    from rdflib import Graph

_PARTS = {
    "class": "class_label",
    "distribution": "distribution",
    "evaluation": "evaluation",
    "loader": "loader",
    "period": "time_start",
    "place": "coverage",
    "split": "split",
}
_REMEDY = "Compare with the record reference, `docs/reference/records.md`."


def check_shapes(records: Iterable[Record], names: Names) -> list[Problem]:
    """What the shapes say about records; see `ontology.taxonomy.shapes_path`.

    Args:
        records: records whose form is right.
        names: turns names into IRIs.
    """
    by_iri = {str(record.iri): record for record in records}
    triples = (quad[:3] for record in by_iri.values() for quad in to_triples(record, names) if quad[3] is None)
    # one value may break a shape in two ways that read the same
    return list(dict.fromkeys(_problem(by_iri, finding) for finding in violations(triples)))


def violations(triples: Iterable[tuple[IRI | BNode, IRI, Term]]) -> Iterator[tuple[str, str, str, str]]:
    """Findings of the shapes over triples: (focus node, path, value, message), sorted."""
    import pyshacl
    import rdflib

    data = rdflib.Graph()
    for subject, predicate, value in triples:
        data.add((_node(subject), rdflib.URIRef(predicate), _node(value)))
    shapes = rdflib.Graph().parse(shapes_path(), format="turtle")
    conforms, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)
    if not conforms:
        yield from sorted(_findings(report))


def _node(term: Term) -> Any:  # noqa: ANN401 (rdflib is untyped here)
    import rdflib

    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype))
    return rdflib.BNode(term) if isinstance(term, BNode) else rdflib.URIRef(term)


def _findings(report: Graph) -> Iterator[tuple[str, str, str, str]]:
    import rdflib

    shacl = rdflib.Namespace(PREFIXES["sh"])
    for finding in report.subjects(rdflib.RDF.type, shacl.ValidationResult):
        # a shape that refers to another repeats what that one found, with details
        if any(report.objects(finding, shacl.detail)):
            continue
        found = (report.value(finding, shacl[name]) for name in ("focusNode", "resultPath", "value", "resultMessage"))
        focus, path, value, message = ("" if one is None else str(one) for one in found)
        yield focus, path, value, message


def _problem(records: dict[str, Record], finding: tuple[str, str, str, str]) -> Problem:
    focus, path, value, message = finding
    iri = next((iri for iri in records if focus == iri or focus.startswith(iri + "/")), "")
    record = records.get(iri)
    if record is None:
        return Problem(next(iter(records.values())).origin, 0, 0, f"{focus}: {message}", _REMEDY, "shape")
    key = _key(record, focus.removeprefix(iri).strip("/").split("/")[0], path)
    line, column = record.keys.get(key, (1, 1))
    for fact in record.all(key):
        if str(fact.value) == value:
            line, column = fact.line, fact.column
    return Problem(record.origin, line, column, message, _REMEDY, "shape")


def _key(record: Record, part: str, path: str) -> str:
    if part:
        return _PARTS.get(part, part)
    keys = (name for name, key in KEYS.items() if record.kind in key.kinds and key.predicate)
    return next((name for name in keys if expand(KEYS[name].predicate) == path), "id")
