"""RDFS entailment: what statements imply by rules rdfs2, 3, 5, 7, 9 and 11 (RDF 1.1 Semantics, section 9.2.1).

What follows is laid down in a graph of its own beside the statements, and holds nothing that was stated. Queries from
outside read both as one graph; queries of our own making read statements only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.oxigraph import OxigraphStore
from kg.rules.vocabulary import DOMAIN, LITERALS, RANGE, SUB_CLASS, SUB_PROPERTY, axioms
from kg.solutions import Solutions
from ontology.errors import RecordError
from ontology.namespaces import BASE, PREFIXES, expand
from ontology.terms import IRI, Term, Triple

ENTAILED = IRI(BASE + "graph/entailed")
"""The named graph of what follows from the default graph."""

_SCHEMA = (SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE)
_TYPE = expand("rdf:type")
_ROUNDS = 10
_DATATYPES = (PREFIXES["xsd"], PREFIXES["rdfs"] + "Literal", *(PREFIXES["geo"] + one for one in LITERALS))
_MOST_SCHEMA = 100_000


@dataclass(slots=True)
class Schema:
    """What classes and properties imply, closed under transitivity.

    Attributes:
        classes: all classes above a class.
        properties: all properties above a property.
        domains, ranges: all classes of the subject and of the value of a property.
    """

    classes: dict[IRI, set[IRI]] = field(default_factory=dict)
    properties: dict[IRI, set[IRI]] = field(default_factory=dict)
    domains: dict[IRI, set[IRI]] = field(default_factory=dict)
    ranges: dict[IRI, set[IRI]] = field(default_factory=dict)

    @classmethod
    def of(cls, statements: Iterable[Triple]) -> Schema:
        """The schema that statements about classes and properties make; those about blank nodes say nothing here."""
        direct: dict[IRI, dict[IRI, set[IRI]]] = {one: defaultdict(set) for one in _SCHEMA}
        for subject, predicate, value in statements:
            if predicate in direct and isinstance(subject, IRI) and isinstance(value, IRI):
                direct[predicate][subject].add(value)
        classes, properties = _closed(direct[SUB_CLASS]), _closed(direct[SUB_PROPERTY])
        found = cls(classes, properties)
        for target, given in ((found.domains, direct[DOMAIN]), (found.ranges, direct[RANGE])):
            for name in {*given, *(one for one, above in properties.items() if above & given.keys())}:
                kinds = set().union(*(given.get(one, ()) for one in (name, *properties.get(name, ()))))
                target[name] = kinds.union(*(classes.get(one, ()) for one in kinds))
        return found

    def statements(self) -> Iterator[Triple]:
        """rdfs5 and rdfs11: the hierarchy in full."""
        for relation, table in ((SUB_CLASS, self.classes), (SUB_PROPERTY, self.properties)):
            for name, above in table.items():
                yield from ((name, relation, one) for one in above)


def _closed(direct: dict[IRI, set[IRI]]) -> dict[IRI, set[IRI]]:
    """All that stands above each, however far; itself only where it is above itself."""
    found: dict[IRI, set[IRI]] = {}
    for name in list(direct):
        above: set[IRI] = set()
        waiting = list(direct[name])
        while waiting:
            one = waiting.pop()
            if one not in above:
                above.add(one)
                waiting += direct.get(one, ())
        found[name] = above
    return found


def entail(store: OxigraphStore) -> int:
    """Lays down all that follows from the default graph and the GeoSPARQL vocabulary, in place of what was there.

    Returns:
        Number of statements that follow.

    Raises:
        RecordError: more statements about classes and properties than can be reasoned with.
    """
    store.remove_graph(ENTAILED)
    store.extend((one for one in axioms() if not _stated(store, one)), ENTAILED)
    before = -1
    for _ in range(_ROUNDS):
        schema = Schema.of(schema_statements(store))
        store.extend((one for one in schema.statements() if not _stated(store, one)), ENTAILED)
        _derive(store, schema)
        now = len(store)
        # another round only where what follows may itself be schema: `my:under rdfs:subPropertyOf rdfs:subClassOf`
        if now == before or not _is_reflective(schema):
            break
        before = now
    return sum(1 for _ in store.matching(graph=ENTAILED)) if len(store) < _MOST_SCHEMA else _count(store)


def _count(store: OxigraphStore) -> int:
    found = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{ENTAILED}> {{ ?s ?p ?o }} }}")
    return int(str(found.rows[0][0])) if isinstance(found, Solutions) else 0


def _stated(store: OxigraphStore, triple: Triple) -> bool:
    return any(True for _ in store.matching(*triple))


def schema_statements(store: OxigraphStore) -> list[Triple]:
    """All that is stated, or follows, about classes and properties. Raises RecordError where it is too much."""
    found: list[Triple] = []
    for predicate in _SCHEMA:
        for graph in (None, ENTAILED):
            for subject, _, value, _ in store.matching(predicate=predicate, graph=graph):
                found.append((subject, predicate, value))
                if len(found) > _MOST_SCHEMA:
                    raise RecordError(
                        f"The graph holds more than {_MOST_SCHEMA:,} statements about classes and properties.",
                        "Add the data without that ontology.",
                    )
    return found


def _is_reflective(schema: Schema) -> bool:
    own = {*_SCHEMA, _TYPE}
    return any(above & own for above in schema.properties.values()) or bool(own & schema.domains.keys())


def _derive(store: OxigraphStore, schema: Schema) -> None:
    """rdfs7, then rdfs2, 3 and 9 in one step for each class."""
    used, kinds = _used(store, "?x", "?any ?x ?other"), _used(store, "?x", f"?any <{_TYPE}> ?x")
    below = _turned(schema.properties, used)
    for name, names in below.items():
        _insert(store, f"?s <{name}> ?o", [f"?s <{one}> ?o{_not_records(one)}" for one in names if one != name])
        used.add(name)
    types, subjects, values = (
        _turned(schema.classes, kinds),
        _turned(schema.domains, used),
        _turned(schema.ranges, used),
    )
    for kind in {*types, *subjects, *values}:
        if kind.startswith(_DATATYPES):
            continue
        parts = [f"?s <{_TYPE}> <{one}>" for one in types.get(kind, ()) if one != kind]
        parts += [f"?s <{one}> ?any{_not_records(one)}" for one in subjects.get(kind, ())]
        parts += [f"?any <{one}> ?s FILTER(!isLiteral(?s)){_not_records(one)}" for one in values.get(kind, ())]
        _insert(store, f"?s <{_TYPE}> <{kind}>", parts)


def _not_records(predicate: IRI) -> str:
    """Leaves the catalogue's own places out of the GeoSPARQL vocabulary's own property rules.

    Their types are stated, and a country's geometry is not the middle that `geo:hasCentroid` gives it.
    """
    return f' FILTER(isBlank(?s) || !STRSTARTS(STR(?s), "{BASE}"))' if predicate.startswith(PREFIXES["geo"]) else ""


def _turned(above: dict[IRI, set[IRI]], used: set[IRI]) -> dict[IRI, list[IRI]]:
    """What is below each, of all that is used."""
    found: dict[IRI, list[IRI]] = defaultdict(list)
    for name in sorted(used & above.keys()):
        for one in above[name]:
            found[one].append(name)
    return found


def _used(store: OxigraphStore, name: str, pattern: str) -> set[IRI]:
    text = f"SELECT DISTINCT {name} WHERE {{ {{ {pattern} }} UNION {{ GRAPH <{ENTAILED}> {{ {pattern} }} }} }}"
    found = store.query(text)
    cells: list[Term | None] = [row[0] for row in found.rows] if isinstance(found, Solutions) else []
    return {one for one in cells if isinstance(one, IRI)}


def _insert(store: OxigraphStore, head: str, parts: list[str]) -> None:
    """Inserts what patterns imply; each may match statements or what followed before."""
    if not parts:
        return
    both = (f"{{ {one} }} UNION {{ GRAPH <{ENTAILED}> {{ {one} }} }}" for one in parts)
    names = "?s ?o" if "?o" in head else "?s"
    body = f"{{ SELECT DISTINCT {names} WHERE {{ {' UNION '.join(both)} }} }}"
    # looking up each one costs more than finding it: only where there is anything to find
    new = f"FILTER NOT EXISTS {{ {head} }}" if store.query(f"ASK {{ {head} }}") else ""
    store.update(f"INSERT {{ GRAPH <{ENTAILED}> {{ {head} }} }} WHERE {{ {body} {new} }}")
