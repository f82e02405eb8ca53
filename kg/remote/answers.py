"""SPARQL 1.1 Query Results JSON as solutions; anything else is an error that names the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from kg.remote.terms import read_term
from kg.solutions import Solutions
from ontology.errors import QueryTooLarge, StoreError
from ontology.terms import BNode, Literal, Term

SELECT_TYPES = "application/sparql-results+json, application/json"
GRAPH_TYPES = "application/n-triples, text/plain, text/ntriples"


def read_answer(
    body: bytes, where: str, own_label: Callable[[str], BNode], normal: Callable[[Literal], Literal]
) -> Solutions | bool:
    """The result of a SELECT or ASK.

    Args:
        body: JSON.
        where: the server, as messages show it.
        own_label: what a label of a blank node becomes.
        normal: what a literal of the server stands for.

    Raises:
        StoreError: it is no such result.
    """
    try:
        found = json.loads(body)
        if not isinstance(found, dict):
            raise TypeError("no object")
        if "boolean" in found:
            if not isinstance(found["boolean"], bool):
                raise TypeError("no boolean")
            return found["boolean"]
        names = tuple(_text(one) for one in found["head"]["vars"])
        rows = found["results"]["bindings"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise TypeError("no list of bindings")
        known: dict[tuple[Any, ...], Term] = {}

        def term(cell: Any) -> Term:  # noqa: ANN401 - JSON
            # the same terms come again and again
            key = (cell["type"], cell["value"], cell.get("datatype"), cell.get("xml:lang"))
            made = known.get(key)
            if made is None:
                made = read_term(cell, own_label)
                made = known[key] = normal(made) if isinstance(made, Literal) else made
            return made

        return Solutions(
            names,
            tuple(tuple(term(row[name]) if name in row else None for name in names) for row in rows),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(
            f"{where} answered with something that is no SPARQL result ({type(error).__name__}).",
            "Check that the address is that of its SPARQL service.",
        ) from error


def with_columns(found: Solutions | bool, names: Sequence[str], where: str) -> Solutions:
    """The solutions with these columns in this order.

    Raises:
        StoreError: the answer has others.
    """
    if not isinstance(found, Solutions) or set(found.variables) != set(names):
        raise StoreError(f"{where} answered something else than was asked.", "Check the address of the store.")
    if found.variables == tuple(names):
        return found
    order = [found.variables.index(one) for one in names]
    return Solutions(tuple(names), tuple(tuple(row[at] for at in order) for row in found.rows))


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def bounded(count: int, most: int | None) -> None:
    """Raises QueryTooLarge for more results than are wanted."""
    if most is not None and count > most:
        raise QueryTooLarge(f"The query has more than {most:,} results.", "Add a LIMIT.")
