"""Terms as a server gives them and takes them.

A blank node has a name only within one answer. So those of the catalogue go to a server as IRIs (RDF 1.1 Concepts,
section 3.5: skolem IRIs) and become blank nodes again when they are read. A server that keeps no literal as it was
written is handed the value inside a datatype of ours, which holds the true one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from kg.nquads import term as plain_text
from ontology.namespaces import BASE
from ontology.terms import IRI, RDF_LANG_STRING, XSD, BNode, Literal, Term

GENID = "urn:earthdex:genid:"
EXACT = BASE + "exact/"
_LABEL = re.compile(r"[A-Za-z0-9]+")
_ODD = re.compile(r'[<>"{}|^`\\\x00-\x20]')


def skolem(node: BNode) -> IRI:
    """The IRI that stands for a blank node on a server."""
    return IRI(GENID + quote(node, safe=""))


def wrapped(value: Literal) -> Literal:
    """A literal inside a datatype that no server touches."""
    return Literal(value.value, EXACT + quote(value.datatype, safe=""))


def unwrapped(value: Literal) -> Literal:
    """The literal that `wrapped` held; any other as it is."""
    if not value.datatype.startswith(EXACT):
        return value
    return Literal(value.value, unquote(value.datatype.removeprefix(EXACT)))


def text_of(term: Term, encode: Callable[[Literal], Literal] | None = None) -> str:
    """A term in SPARQL, as a server takes it.

    Raises:
        RecordError: no valid term.
    """
    if isinstance(term, BNode):
        return plain_text(skolem(term))
    if isinstance(term, Literal) and encode is not None:
        term = encode(term)
    return plain_text(term)


def read_term(found: Any, own_label: Callable[[str], BNode]) -> Term:  # noqa: ANN401 - JSON
    """A term of SPARQL 1.1 Query Results JSON.

    Args:
        found: the JSON object.
        own_label: what a server's label of a blank node becomes.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    kind, value = found["type"], found["value"]
    if not isinstance(value, str):
        raise TypeError("a value that is no text")
    if kind == "uri":
        if value.startswith(GENID):
            return BNode(unquote(value.removeprefix(GENID)))
        if value.startswith("nodeID://"):
            return own_label(value)
        if _ODD.search(value):
            raise ValueError("no IRI")
        return IRI(value)
    if kind == "bnode":
        return own_label(value)
    if kind not in ("literal", "typed-literal"):
        raise ValueError("no kind of term")
    language = found.get("xml:lang")
    if language:
        return Literal(value, RDF_LANG_STRING, str(language))
    datatype = found.get("datatype") or XSD + "string"
    if not isinstance(datatype, str) or _ODD.search(datatype):
        raise ValueError("no datatype")
    return unwrapped(Literal(value, datatype))


def local_label(label: str) -> BNode:
    """A label that is valid in any syntax, for one that a server made."""
    return BNode("s" + label.encode("utf-8", "replace").hex())


def server_label(node: BNode) -> str | None:
    """The server's own label behind `local_label`; None where the node is one of ours."""
    if not (node.startswith("s") and _LABEL.fullmatch(node)):
        return None
    try:
        return bytes.fromhex(node[1:]).decode()
    except ValueError:
        return None
