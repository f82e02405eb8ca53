"""What differs between SPARQL servers: what they can be trusted with, how they page, what they do to literals."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from kg.remote.terms import local_label, server_label, text_of
from ontology.namespaces import BASE
from ontology.terms import IRI, BNode, Literal, Term

CATALOGUE = IRI(BASE + "graph/catalogue")
"""Named graph of the catalogue's triples on servers whose default graph is not a graph of its own."""


class Dialect:
    """A server that keeps to the standards.

    Attributes:
        name: as in `EARTHDEX_STORE_DIALECT`.
        title: as people call it.
        trusted: whether it answers whole queries right. If not, it is asked only for triples that match one pattern,
            and the query is answered here.
        graph: the graph that stands for the default graph; None: the server's default graph.
        page: rows after which it may cut an answer short; 0: it never does.
        values: most terms in one VALUES.
        insert: most triples in one update.
        load: most triples in one request of the graph store.
        stable_nodes: whether its labels of blank nodes mean the same in the next answer.
    """

    name = "generic"
    title = "SPARQL 1.1 server"
    trusted = True
    graph: IRI | None = None
    page = 0
    values = 500
    insert = 5_000
    load = 20_000
    stable_nodes = False

    def update_url(self, endpoint: str, with_user: bool) -> str:
        """The update service that usually goes with a query service."""
        return endpoint

    def data_url(self, endpoint: str, with_user: bool) -> str:
        """The graph store (SPARQL 1.1 Graph Store HTTP Protocol) that usually goes with a query service; "": none."""
        return ""

    def parameters(self, seconds: float) -> Mapping[str, str]:
        """Parameters of a request that pass the limit of time on to the server."""
        return {}

    def flaw(self, headers: Mapping[str, str]) -> str:
        """Why an answer is not the whole one, by its headers; empty where it is."""
        return ""

    def is_own(self, graph: IRI) -> bool:
        """Whether a named graph is the server's own and no data."""
        return False

    def encode(self, value: Literal) -> Literal:
        """A literal as it is stored there."""
        return value

    def normal(self, value: Literal) -> Literal:
        """The literal that a stored one stands for."""
        return value

    def own_label(self, label: str) -> BNode:
        """The node behind a label of a blank node in an answer."""
        return local_label(label)

    def constants(self, term: Term) -> tuple[str, ...] | None:
        """A term as it is written in a pattern, in each form that the server may hold.

        None where no pattern can name it; then all are read, and those that match are chosen here.
        """
        if isinstance(term, BNode):
            return None if server_label(term) is not None else (text_of(term),)
        return (text_of(term, self.encode),)


def sibling(endpoint: str, last: str, other: str) -> str:
    """A URL with the last part of its path replaced, where it is the expected one."""
    parts = urlsplit(endpoint)
    path = parts.path.rstrip("/")
    if path.endswith(last):
        path = path.removesuffix(last) + other
    return urlunsplit((parts.scheme, parts.netloc, path or "/", parts.query, ""))
