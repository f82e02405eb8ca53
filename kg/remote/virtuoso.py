"""Virtuoso 7 (tested with 7.2.5 of Debian 12).

It is asked for triples of single patterns only, since so much else differs from the standard there: truth values come
back as numbers, `OPTIONAL` and `MINUS` inside one another do not compile or answer wrongly, sorted results end at
10,000 rows, dates and decimals are rewritten, and points lose all but seven digits. Queries run here, over what it
holds. See `docs/how-to/remote-store.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kg.remote.dialect import CATALOGUE, Dialect, sibling
from kg.remote.terms import text_of, wrapped
from ontology.terms import IRI, RDF_LANG_STRING, WKT_LITERAL, XSD, BNode, Literal, Term

_GEOMETRY = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,9})\.[0-9]{0,4}[1-9]")
_DATE = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]")
_MOMENT = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
_KEPT = {XSD + "integer": _INTEGER, XSD + "decimal": _DECIMAL, XSD + "date": _DATE, XSD + "dateTime": _MOMENT}
_LONGEST = 1_000
_OWN = (
    "http://www.openlinksw.com/schemas/",
    "http://www.w3.org/ns/ldp#",
    "http://www.w3.org/2002/07/owl#",
    "http://localuriqaserver/",
    "urn:activitystreams-owl:",
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Virtuoso(Dialect):
    """OpenLink Virtuoso, Open Source or commercial."""

    name = "virtuoso"
    title = "Virtuoso"
    trusted = False
    graph = CATALOGUE  # it has no default graph of its own: that is the union of all
    page = 10_000
    insert = 1_000
    stable_nodes = True

    def update_url(self, endpoint: str, with_user: bool) -> str:
        """`/sparql-auth` asks for user and password, `/sparql` takes updates of anyone who was granted them."""
        return sibling(endpoint, "/sparql", "/sparql-auth") if with_user else endpoint

    def data_url(self, endpoint: str, with_user: bool) -> str:
        """`/sparql-graph-crud-auth` asks for user and password."""
        stem = endpoint if endpoint.rstrip("/").endswith("/sparql") else ""
        return sibling(stem, "/sparql", f"/sparql-graph-crud{'-auth' if with_user else ''}") if stem else ""

    def parameters(self, seconds: float) -> Mapping[str, str]:
        """Milliseconds, after which the answer is cut and says so in a header."""
        return {"timeout": str(max(1_000, int(seconds * 1_000)))}

    def flaw(self, headers: Mapping[str, str]) -> str:
        """An answer that the limit of time cut short carries an SQL state."""
        return headers.get("x-sql-state", "")

    def is_own(self, graph: IRI) -> bool:
        """Those that a new database holds already."""
        return graph.startswith(_OWN)

    def encode(self, value: Literal) -> Literal:
        """Plain text, usual numbers and dates as they are; what would be changed in a datatype of ours."""
        if value.language or value.datatype in (XSD + "string", RDF_LANG_STRING):
            return value
        kept = _KEPT.get(value.datatype)
        return value if kept is not None and kept.fullmatch(value.value) else wrapped(value)

    def normal(self, value: Literal) -> Literal:
        """Truth values and geometries, as others loaded them, in their usual form."""
        if value.datatype == XSD + "boolean":
            return Literal({"1": "true", "0": "false"}.get(value.value, value.value), value.datatype)
        if value.datatype == _GEOMETRY:
            return Literal(value.value, WKT_LITERAL)
        return value

    def constants(self, term: Term) -> tuple[str, ...] | None:
        """IRIs and short texts; numbers and dates may be held in another form."""
        if isinstance(term, BNode):
            return super().constants(term)  # `VALUES ?s { <nodeID://b1> }` finds nothing
        if not isinstance(term, Literal):
            return (text_of(term),)
        if len(term.value) > _LONGEST or _CONTROL.search(term.value):
            return None
        text = text_of(term)
        if term.language:
            return (text,)
        if term.datatype == XSD + "string":
            return text, f"{text}^^<{XSD}string>"
        return None
