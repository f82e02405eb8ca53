"""What in a set of statements contradicts what: the words behind a reasoner's bare "inconsistent".

Types are followed up the classes and through domains and ranges; a thing of two disjoint classes and a literal outside
the range of its property are contradictions. This finds those that records can make, not all that OWL knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation

from ontology.namespaces import expand, shorten
from ontology.terms import XSD, Literal, Term, Triple

_TYPE = expand("rdf:type")
_NIL = expand("rdf:nil")
_NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float", "nonNegativeInteger", "positiveInteger")}


class _Axioms:
    """Classes above each class, domains, ranges and disjoint groups of a set of statements."""

    def __init__(self, statements: Sequence[Triple]) -> None:
        self.above: dict[str, set[str]] = defaultdict(set)
        self.domain: dict[str, set[str]] = defaultdict(set)
        self.range: dict[str, set[str]] = defaultdict(set)
        self.groups: list[frozenset[str]] = []
        first: dict[str, str] = {}
        rest: dict[str, str] = {}
        heads: list[str] = []
        for s, p, o in statements:
            if p == expand("rdfs:subClassOf"):
                self.above[str(s)].add(str(o))
            elif p == expand("rdfs:domain"):
                self.domain[str(s)].add(str(o))
            elif p == expand("rdfs:range"):
                self.range[str(s)].add(str(o))
            elif p == expand("owl:disjointWith"):
                self.groups.append(frozenset((str(s), str(o))))
            elif p == expand("owl:members"):
                heads.append(str(o))
            elif p == expand("rdf:first"):
                first[str(s)] = str(o)
            elif p == expand("rdf:rest"):
                rest[str(s)] = str(o)
        for head in heads:
            members, at, seen = set(), head, set()
            while at in first and at != _NIL and at not in seen:
                seen.add(at)
                members.add(first[at])
                at = rest.get(at, _NIL)
            self.groups.append(frozenset(members))

    def ancestors(self, name: str) -> set[str]:
        """A class and all classes above it."""
        found, todo = {name}, [name]
        while todo:
            for one in self.above.get(todo.pop(), ()):
                if one not in found:
                    found.add(one)
                    todo.append(one)
        return found


def find_contradictions(statements: Iterable[Triple]) -> list[str]:
    """Sentences about the contradictions in statements and the axioms among them; empty where none is seen."""
    every = list(statements)
    axioms = _Axioms(every)
    return [*_wrong_literals(every, axioms), *_two_classes(every, axioms)]


def _wrong_literals(statements: Sequence[Triple], axioms: _Axioms) -> Iterator[str]:
    for s, p, o in statements:
        for wanted in sorted(axioms.range.get(str(p), ())):
            if isinstance(o, Literal):
                if wanted.startswith(XSD) and not _fits(o, wanted):
                    yield f"{shorten(s)} has the {shorten(p)} '{o.value}', which is no {shorten(wanted)}."
                elif not wanted.startswith(XSD):
                    yield f"{shorten(s)} has the {shorten(p)} '{o.value}', which is a text and no {shorten(wanted)}."
            elif wanted.startswith(XSD):
                yield f"{shorten(s)} has the {shorten(p)} {shorten(str(o))}, which is a thing and no {shorten(wanted)}."


def _fits(value: Literal, wanted: str) -> bool:
    """Whether a literal is in the value space of a datatype; datatypes not known here fit."""
    if wanted == XSD + "string":
        return value.language is None and value.datatype == wanted
    if wanted == XSD + "boolean":
        return value.datatype == wanted
    if wanted not in _NUMBERS:
        return True
    if value.datatype not in _NUMBERS:
        return False
    try:
        number = Decimal(value.value)
    except InvalidOperation:
        return False
    if wanted in (XSD + "nonNegativeInteger", XSD + "positiveInteger") and number < 0:
        return False
    return "nteger" not in wanted or number == number.to_integral_value()


def _two_classes(statements: Sequence[Triple], axioms: _Axioms) -> Iterator[str]:
    reasons: dict[Term, dict[str, str]] = defaultdict(dict)
    for s, p, o in statements:
        if p == _TYPE:
            reasons[s].setdefault(str(o), "by its type")
        for name in axioms.domain.get(str(p), ()):
            reasons[s].setdefault(name, f"since it has {shorten(p)}")
        if not isinstance(o, Literal):
            for name in axioms.range.get(str(p), ()):
                reasons[o].setdefault(name, f"since it is the {shorten(p)} of {shorten(str(s))}")
    for thing, classes in reasons.items():
        full: dict[str, tuple[str, str]] = {}
        for name, why in classes.items():
            for above in sorted(axioms.ancestors(name)):
                full.setdefault(above, (name, why))
        for group in axioms.groups:
            both = sorted(group & full.keys())
            if len(both) > 1:
                said = " and ".join(f"{shorten(name)} ({full[name][1]})" for name in both[:2])
                yield f"{shorten(str(thing))} is both {said}, and nothing can be both."
                break
