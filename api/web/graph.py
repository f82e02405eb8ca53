"""Short reads of the graph for pages: our own queries over given things, always bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.solutions import Solutions
from ontology.namespaces import sparql_prologue
from ontology.terms import IRI, Literal, Term

if TYPE_CHECKING:
    from kg.home import Home

_PLAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


def rows(home: Home, body: str, *, scenes: bool = False) -> tuple[tuple[Term | None, ...], ...]:
    """Rows of a SELECT of our own making; the prefixes are added here.

    Args:
        home: the catalogue.
        body: the query without prefixes.
        scenes: whether it asks for scenes, which do not lie in the graph.
    """
    text = sparql_prologue(body) + body
    found = home.query(text) if scenes else home.graph.query(text)
    return found.rows if isinstance(found, Solutions) else ()


def one_of(variable: str, iris: Iterable[str]) -> str:
    """`VALUES ?x { <...> }`; what is no IRI is left out."""
    return f"VALUES {variable} {{ {' '.join(f'<{iri}>' for iri in iris if _PLAIN.fullmatch(iri))} }}"


def whole(term: Term | None) -> int:
    """The whole number of a cell; 0 where there is none."""
    value = term.to_python() if isinstance(term, Literal) else 0
    return int(value) if isinstance(value, (int, float)) else 0


__all__ = ["IRI", "Literal", "one_of", "rows", "whole"]
