"""What the ontology page shows: classes, properties and concept schemes, as the graph itself holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.web.graph import rows, whole
from kg.describe import natural
from kg.geosparql.registry import names as function_names
from ontology.namespaces import PREFIXES, shorten

if TYPE_CHECKING:
    from kg.home import Home

NS = PREFIXES["ed"]
_TERMS = """
SELECT ?t ?kind (SAMPLE(?l) AS ?label) (SAMPLE(?d) AS ?text) (GROUP_CONCAT(DISTINCT STR(?a); separator=' ') AS ?above)
  (SAMPLE(?dom) AS ?domain) (SAMPLE(?ran) AS ?range)
WHERE {
  VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty }
  ?t a ?kind FILTER(ISIRI(?t))
  OPTIONAL { ?t rdfs:label ?l }
  OPTIONAL { ?t skos:definition|rdfs:comment ?d }
  OPTIONAL { ?t rdfs:subClassOf|rdfs:subPropertyOf ?a FILTER(ISIRI(?a) && ?a != ?t) }
  OPTIONAL { ?t rdfs:domain ?dom FILTER(ISIRI(?dom)) }
  OPTIONAL { ?t rdfs:range ?ran FILTER(ISIRI(?ran)) }
} GROUP BY ?t ?kind"""
_SCHEMES = """
SELECT ?s (SAMPLE(?l) AS ?name) (SAMPLE(?d) AS ?text) (COUNT(DISTINCT ?c) AS ?n)
WHERE {
  ?s a skos:ConceptScheme
  OPTIONAL { ?s skos:prefLabel|dct:title|rdfs:label ?l }
  OPTIONAL { ?s skos:definition|dct:description ?d }
  OPTIONAL { ?c skos:inScheme ?s }
} GROUP BY ?s"""


@dataclass(frozen=True, slots=True)
class TermRow:
    """A class or property.

    Attributes:
        iri: it.
        short: `ed:Scene`.
        anchor: where it stands on the page.
        label: its name.
        text: its definition.
        kind: class or property.
        above: what it is a kind of, shortened.
        links: domain and range of a property, shortened.
        uses: how often the graph uses it.
    """

    iri: str
    short: str
    anchor: str
    label: str
    text: str
    kind: str
    above: tuple[str, ...] = ()
    links: tuple[str, str] = ("", "")
    uses: int = 0


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """A concept scheme: IRI, name, definition and how many concepts it has."""

    iri: str
    name: str
    text: str
    concepts: int


@dataclass(frozen=True, slots=True)
class Ontology:
    """The whole: own classes and properties, those of others that are used, and the schemes."""

    classes: tuple[TermRow, ...]
    properties: tuple[TermRow, ...]
    others: tuple[TermRow, ...]
    schemes: tuple[SchemeRow, ...]


def ontology_of(home: Home) -> Ontology:
    """Everything the ontology page shows."""
    uses: dict[str, int] = {}
    for body in (
        "SELECT ?t (COUNT(*) AS ?n) WHERE { ?s a ?t } GROUP BY ?t",
        "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    ):
        uses |= {str(one): whole(count) for one, count in rows(home, body)}
    found: dict[str, TermRow] = {}
    for term, kind, label, text, above, domain, reach in rows(home, _TERMS):
        iri = str(term)
        short = shorten(iri)
        found[iri] = TermRow(
            iri=iri,
            short=short,
            anchor=iri.removeprefix(NS) if iri.startswith(NS) else short.replace(":", "-"),
            label=str(label or short.partition(":")[2]),
            text=str(text or ""),
            kind="class" if str(kind).endswith("Class") else "property",
            above=tuple(sorted(shorten(one) for one in str(above or "").split())),
            links=(shorten(str(domain)) if domain else "", shorten(str(reach)) if reach else ""),
            uses=uses.get(iri, 0),
        )
    ours = [one for one in found.values() if one.iri.startswith(NS)]
    others = [one for iri, one in found.items() if not iri.startswith(NS)]
    used = [iri for iri in uses if iri not in found and not iri.startswith(NS) and not shorten(iri).startswith("<")]
    for iri in used:  # terms of other vocabularies that need no axiom of ours
        short = shorten(iri)
        name = short.partition(":")[2]
        guess = "class" if name[:1].isupper() else "property"
        others.append(TermRow(iri, short, short.replace(":", "-"), name, "", guess, uses=uses[iri]))
    schemes = rows(home, _SCHEMES)
    return Ontology(
        tuple(sorted((one for one in ours if one.kind == "class"), key=lambda one: natural(one.short))),
        tuple(sorted((one for one in ours if one.kind == "property"), key=lambda one: natural(one.short))),
        tuple(sorted(others, key=lambda one: natural(one.short))),
        tuple(
            sorted(
                (
                    SchemeRow(str(iri), str(name or str(iri).rsplit("/", 1)[-1]), str(text or ""), whole(count))
                    for iri, name, text, count in schemes
                ),
                key=lambda one: natural(one.name),
            )
        ),
    )


def completions(ontology: Ontology) -> list[dict[str, str]]:
    """Terms for an editor of queries: `name`, `kind` (class, property, function) and `text`."""
    found = [
        {"name": one.short, "kind": one.kind, "text": one.text or one.label}
        for one in (*ontology.classes, *ontology.properties, *ontology.others)
    ]
    found += [{"name": f"geof:{name}", "kind": "function", "text": "GeoSPARQL"} for name in sorted(function_names())]
    return found
