"""What follows from one statement by RDFS, given the schema in full (rules rdfs2, 3, 7 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.rules.vocabulary import DOMAIN, LITERALS, RANGE, SUB_CLASS, SUB_PROPERTY
from ontology.namespaces import BASE, PREFIXES, expand
from ontology.terms import IRI, BNode, Literal, Triple

if TYPE_CHECKING:
    from kg.rules.entailment import Schema

_TYPE = expand("rdf:type")
_SCHEMA = frozenset({SUB_CLASS, SUB_PROPERTY, DOMAIN, RANGE})
_DATATYPES = (PREFIXES["xsd"], PREFIXES["rdfs"] + "Literal", *(PREFIXES["geo"] + one for one in LITERALS))


def is_schema(statement: Triple, schema: Schema) -> bool:
    """Whether a statement is about classes and properties, or implies one that is."""
    predicate = statement[1]
    return predicate in _SCHEMA or not _SCHEMA.isdisjoint(schema.properties.get(predicate, ()))


def of(statement: Triple, schema: Schema) -> Iterator[Triple]:
    """What follows from a statement that is not about the schema; it may be stated, too, and come twice."""
    subject, predicate, value = statement
    kinds: set[IRI] = set()
    for name in (predicate, *schema.properties.get(predicate, ())):
        # types of the catalogue's own places are stated: see `kg.rules.entailment`
        own = predicate.startswith(PREFIXES["geo"]) and not isinstance(subject, BNode) and subject.startswith(BASE)
        if own:
            continue
        if name != predicate:
            yield subject, name, value
        kinds |= schema.domains.get(name, set())
        if not isinstance(value, Literal):
            yield from ((value, _TYPE, one) for one in schema.ranges.get(name, ()) if not one.startswith(_DATATYPES))
    if predicate == _TYPE and isinstance(value, IRI):
        kinds |= schema.classes.get(value, set()) - {value}
    yield from ((subject, _TYPE, one) for one in kinds if not one.startswith(_DATATYPES))
