"""Property paths (SPARQL 1.1, section 9)."""

from __future__ import annotations

from kg.sparql.cursor import RDF, Cursor
from kg.sparql.syntax import Alternative, Inverse, Negated, Path, Repeat, Sequence
from ontology.terms import IRI

TYPE = IRI(RDF + "type")


def read_path(cursor: Cursor) -> Path:
    """`a|b`. Raises QuerySyntaxError where no path is."""
    parts = [_sequence(cursor)]
    while cursor.mark("|"):
        parts.append(_sequence(cursor))
    return parts[0] if len(parts) == 1 else Alternative(tuple(parts))


def _sequence(cursor: Cursor) -> Path:
    parts = [_step(cursor)]
    while cursor.mark("/"):
        parts.append(_step(cursor))
    if len(parts) == 1:
        return parts[0]
    flat = [inner for one in parts for inner in (one.parts if isinstance(one, Sequence) else (one,))]
    return Sequence(tuple(flat))


def _step(cursor: Cursor) -> Path:
    if cursor.mark("^"):
        return Inverse(_step(cursor))
    if cursor.mark("!"):
        return _negated(cursor)
    if cursor.mark("("):
        found = read_path(cursor)
        cursor.expect(")")
    else:
        found = _predicate(cursor)
    mark = cursor.mark("*", "+", "?")
    return Repeat(found, mark) if mark else found


def _predicate(cursor: Cursor) -> IRI:
    token = cursor.peek()
    if token.kind == "word" and token.text == "a":
        cursor.next()
        return TYPE
    return cursor.iri()


def _negated(cursor: Cursor) -> Negated:
    forward: list[IRI] = []
    backward: list[IRI] = []

    def one() -> None:
        (backward if cursor.mark("^") else forward).append(_predicate(cursor))

    if cursor.mark("("):
        one()
        while cursor.mark("|"):
            one()
        cursor.expect(")")
    else:
        one()
    return Negated(tuple(forward), tuple(backward))


def predicates(path: Path) -> set[IRI] | None:
    """All predicates that a path may follow; None where it may follow any."""
    match path:
        case IRI():
            return {path}
        case Inverse(inner) | Repeat(inner):
            return predicates(inner)
        case Sequence(parts) | Alternative(parts):
            found: set[IRI] = set()
            for part in parts:
                one = predicates(part)
                if one is None:
                    return None
                found |= one
            return found
    return None
