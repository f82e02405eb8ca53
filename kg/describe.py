"""One record with all its facts, the sources of each, and where the sources disagree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.solutions import Solutions
from ontology.errors import NotFound
from ontology.namespaces import BASE, PREFIXES, expand, sparql_prologue
from ontology.properties import Property, Target, properties_of
from ontology.terms import IRI, Literal, Term

if TYPE_CHECKING:
    from kg.home import Home

PROVENANCE = BASE + "graph/provenance"
_TYPES: dict[str, Target] = {
    PREFIXES["dcat"] + "Dataset": "dataset",
    PREFIXES["it6"] + "MachineLearningModel": "model",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property.

    Attributes:
        text: the value as people read it, in the unit of the property.
        iri: what it stands for, where it is a thing of the graph.
        sources: citations of those who say so.
    """

    text: str
    iri: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """All values of one property; `disputed` where sources give a single-valued property several values."""

    property: str
    values: tuple[Value, ...]
    unit: str = ""
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """A dataset or model with its facts."""

    iri: str
    kind: str
    name: str
    description: str
    facts: tuple[Fact, ...]

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `earthdex show --json`."""
        return {
            "iri": self.iri,
            "kind": self.kind,
            "name": self.name,
            "description": self.description,
            "facts": {
                fact.property: {
                    "unit": fact.unit or None,
                    "disputed": fact.disputed,
                    "values": [
                        {"value": one.text, "iri": one.iri or None, "sources": list(one.sources)} for one in fact.values
                    ],
                }
                for fact in self.facts
            },
        }


def _key(text: str) -> str:
    return "".join(re.findall(r"\w+", text.replace("+", " plus ").casefold())).replace("_", "")


def _rows(home: Home, body: str) -> tuple[tuple[Term | None, ...], ...]:
    found = home.query(sparql_prologue(body) + body)
    return found.rows if isinstance(found, Solutions) else ()


def names(home: Home) -> list[tuple[str, str, str]]:
    """(IRI, kind, name) of every dataset and model, a row for each of their names and identifiers."""
    body = """SELECT ?record ?type ?name WHERE {
  VALUES ?type { dcat:Dataset it6:MachineLearningModel }
  ?record a ?type ; dct:title|skos:altLabel|dct:identifier ?name .
}"""
    return [(str(record), _TYPES[str(kind)], str(name)) for record, kind, name in _rows(home, body)]


def find(home: Home, name: str) -> tuple[str, str]:
    """(IRI, kind) of the dataset or model of that name, alias, identifier or IRI.

    Spaces, hyphens and case do not matter.

    Raises:
        NotFound: with the nearest names.
    """
    rows = names(home)
    wanted = _key(name)
    for iri, kind, label in rows:
        if iri == name or _key(label) == wanted:
            return iri, kind
    from rapidfuzz import fuzz, process

    labels = sorted({label for _, _, label in rows})
    near = [label for label, _, _ in process.extract(name, labels, scorer=fuzz.WRatio, limit=3, score_cutoff=70)]
    remedy = f"Did you mean {', '.join(near)}?" if near else "`earthdex ask` finds records by what they are about."
    raise NotFound(f"The catalogue holds no dataset or model named {name[:100]!r}.", remedy)


def _scaled(prop: Property, term: Term) -> str:
    if prop.scale != 1 and isinstance(term, Literal):
        value = term.to_python()
        if isinstance(value, (int, float)):
            return f"{value / prop.scale:g}"
    return str(term)


def _first_and_rest(path: str) -> tuple[str, str]:
    """The first step of a property path and what follows it."""
    first, _, rest = path.partition("/") if "|" not in path else (path, "", "")
    return first, rest


def _values(home: Home, iri: str, props: tuple[Property, ...]) -> list[tuple[Property, Term, Term, str]]:
    """(property, node of the first step, value, label of the value) of all values, classes in their own order."""
    parts = []
    for row_number, prop in enumerate(props):
        first, rest = _first_and_rest(prop.path)
        tail = f" ?node {rest} ?value ." if rest else " BIND(?node AS ?value)"
        parts.append(f"{{ BIND({row_number} AS ?row) <{iri}> {first} ?node .{tail} }}")
    body = (
        "SELECT DISTINCT ?row ?node ?value ?label ?number WHERE {\n"
        + "\nUNION ".join(parts)
        + "\nOPTIONAL { ?value skos:prefLabel|dct:title|rdfs:label|foaf:name ?label }"
        + "\nOPTIONAL { ?value ed:classValue ?number }\n}"
    )
    found = []
    for row, node, value, label, number in _rows(home, body):
        if isinstance(row, Literal) and node is not None and value is not None:
            prop = props[int(row.value)]
            text = str(label) if label is not None else _scaled(prop, value)
            rank = int(str(number)) if number is not None else -1
            found.append((rank, prop, node, value, text))
    found.sort(key=lambda one: (one[0], natural(one[4])))
    return [one[1:] for one in found]


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that reads numbers inside a text as numbers: `B2` before `B11`."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", text)]


def _sources(home: Home, iri: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Citations by (predicate IRI, object text)."""
    body = f"""SELECT ?predicate ?object ?source WHERE {{
  GRAPH <{PROVENANCE}> {{
    ?statement rdf:subject <{iri}> ; rdf:predicate ?predicate ; rdf:object ?object ; dct:source ?source .
  }}
}}"""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for predicate, value, source in _rows(home, body):
        key = (str(predicate), str(value))
        if str(source) not in found.get(key, ()):
            found[key] = (*found.get(key, ()), str(source))
    return found


def describe(home: Home, name: str) -> Description:
    """Everything the graph says about a dataset or model, with sources.

    Args:
        home: an open catalogue.
        name: name, alias, identifier or IRI.

    Raises:
        NotFound: no such record.
    """
    iri, kind = find(home, name)
    props = tuple(one for one in properties_of("model" if kind == "model" else "dataset") if one.name != "name")
    sources = _sources(home, iri)
    grouped: dict[str, dict[str, Value]] = {}
    for prop, node, value, text in _values(home, iri, props):
        first = _first_and_rest(prop.path)[0]
        cited = () if first.startswith("^") else sources.get((expand(first), str(node)), ())
        thing = str(value) if isinstance(value, IRI) else ""
        grouped.setdefault(prop.name, {}).setdefault(text, Value(text, thing, cited))
    facts = tuple(
        Fact(one.name, tuple(grouped[one.name].values()), one.unit, not one.many and len(grouped[one.name]) > 1)
        for one in props
        if one.name in grouped
    )
    head = _rows(
        home, f"SELECT ?title ?text WHERE {{ <{iri}> dct:title ?title OPTIONAL {{ <{iri}> dct:description ?text }} }}"
    )
    title = str(head[0][0]) if head else name
    text = str(head[0][1] or "") if head else ""
    return Description(iri, kind, title, text, facts)
