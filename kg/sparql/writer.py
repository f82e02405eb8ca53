"""Parts of a query as text again."""

from __future__ import annotations

from collections.abc import Iterable

from kg.nquads import term as literal_text
from kg.sparql.syntax import Alternative, Inverse, Negated, Node, Path, Repeat, Sequence, Triple, Values, Var
from ontology.terms import IRI


def node_text(node: Node) -> str:
    """A term; variables for blank nodes get names of their own."""
    if isinstance(node, Var):
        return f"?{variable_name(node.name)}"
    return literal_text(node)


def variable_name(name: str) -> str:
    """A name that SPARQL allows: those of blank nodes begin with `_:`."""
    return f"blank_{name[2:].encode().hex()}" if name.startswith("_:") else name


def path_text(path: Path | Var) -> str:
    """A property path or predicate variable."""
    match path:
        case Var():
            return node_text(path)
        case IRI():
            return f"<{path}>"
        case Inverse(inner):
            return f"^({path_text(inner)})"
        case Sequence(parts):
            return "/".join(f"({path_text(one)})" for one in parts)
        case Alternative(parts):
            return "|".join(f"({path_text(one)})" for one in parts)
        case Repeat(inner, mark):
            return f"({path_text(inner)}){mark}"
        case Negated(forward, backward):
            return f"!({'|'.join([*(f'<{one}>' for one in forward), *(f'^<{one}>' for one in backward)])})"
    return ""


def triple_text(triple: Triple) -> str:
    """A triple pattern with its full stop."""
    return f"{node_text(triple.subject)} {path_text(triple.path)} {node_text(triple.value)} ."


def values_text(values: Values) -> str:
    """A VALUES block."""
    names = " ".join(node_text(one) for one in values.variables)
    rows = " ".join(
        f"({' '.join('UNDEF' if cell is None else node_text(cell) for cell in row)})" for row in values.rows
    )
    return f"VALUES ({names}) {{ {rows} }}"


def inline(name: str, terms: Iterable[Node]) -> str:
    """`VALUES ?name { ... }`."""
    return f"VALUES ?{variable_name(name)} {{ {' '.join(map(node_text, terms))} }}"
