"""Which server answers: by the header that it sends, else by a few questions whose answers are known."""

from __future__ import annotations

import json
from typing import Any

from kg.remote.answers import SELECT_TYPES
from kg.remote.client import Client
from kg.remote.dialect import Dialect
from kg.remote.servers import BY_NAME
from ontology.errors import QueryError

_SIGNS = {"virtuoso": "virtuoso", "oxigraph": "oxigraph", "fuseki": "fuseki", "graphdb": "graphdb", "qlever": "qlever"}

# each answers true on a server that keeps to SPARQL 1.1; they need no data
_EXAMINATION = (
    "ASK {}",
    "ASK { VALUES (?a ?b) { (1 UNDEF) (UNDEF 2) } FILTER(!BOUND(?a) && ?b = 2) }",
    "ASK { VALUES ?a { 1 } OPTIONAL { VALUES (?a ?b) { (2 3) } } FILTER(!BOUND(?b)) }",
    "ASK { VALUES ?a { 1 2 } MINUS { VALUES ?a { 2 } } FILTER(?a = 1) }",
    "ASK { { SELECT (COUNT(*) AS ?n) (MAX(?a) AS ?most) { VALUES ?a { 1 2 3 } } } FILTER(?n = 3 && ?most = 3) }",
    "ASK { { SELECT ?k (SUM(?v) AS ?s) { VALUES (?k ?v) { ('a' 1) ('a' 2) ('b' 5) } } GROUP BY ?k"
    " HAVING (SUM(?v) < 4) } FILTER(?s = 3) }",
    "ASK { BIND(true AS ?t) FILTER(?t && STR(?t) = 'true'"
    " && DATATYPE(?t) = <http://www.w3.org/2001/XMLSchema#boolean>) }",
    "ASK { BIND('a'@en-GB AS ?l) FILTER(LANGMATCHES(LANG(?l), 'en') && STRLEN(?l) = 1 && 'a' != ?l) }",
    "ASK { BIND('2018-03-01T10:00:00Z'^^<http://www.w3.org/2001/XMLSchema#dateTime> AS ?d)"
    " FILTER(?d < '2018-03-01T12:30:00+02:00'^^<http://www.w3.org/2001/XMLSchema#dateTime> && YEAR(?d) = 2018) }",
    "ASK { VALUES ?a { 1 } FILTER NOT EXISTS { VALUES ?a { 2 } } }",
)


def detect(client: Client) -> Dialect:
    """The dialect of a server.

    A server that no header names is trusted with whole queries if it passes the examination.

    Raises:
        EarthdexError: it cannot be asked at all.
    """
    headers, passed = _asked(client, _EXAMINATION[0])
    said = " ".join(f"{name}: {value}" for name, value in headers.items()).casefold()
    for name, sign in _SIGNS.items():
        if sign in said:
            return BY_NAME[name]()
    return Examined(passed and all(_passes(client, one) for one in _EXAMINATION[1:]))


class Examined(Dialect):
    """A server without a name: trusted or not by how it answered."""

    def __init__(self, trusted: bool) -> None:
        self.trusted = trusted


def _asked(client: Client, sparql: str) -> tuple[dict[str, str], bool]:
    reply = client.query(sparql, SELECT_TYPES)
    try:
        found: Any = json.loads(reply.body)
        return dict(reply.headers), found["boolean"] is True
    except (ValueError, KeyError, TypeError):
        return dict(reply.headers), False


def _passes(client: Client, sparql: str) -> bool:
    try:
        return _asked(client, sparql)[1]
    except QueryError:
        return False
