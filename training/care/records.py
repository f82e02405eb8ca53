"""What the graph knows of data sets and models, as care needs it: licences, bands, classes, training data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kg.describe import find
from kg.home import Home
from kg.solutions import Solutions
from ontology.namespaces import sparql_prologue
from ontology.terms import Term
from training.care.licences import Licensed


def rows(home: Home, body: str) -> tuple[tuple[Term | None, ...], ...]:
    """Rows of a SELECT query whose prefixes need not be declared."""
    found = home.query(sparql_prologue(body) + body)
    return found.rows if isinstance(found, Solutions) else ()


def record(home: Home, name: str) -> tuple[str, str, str]:
    """(IRI, `dataset` or `model`, title) of a record by name, alias, identifier or IRI.

    Raises:
        NotFound: there is none of that name.
    """
    iri, kind = find(home, name)
    titles = rows(home, f"SELECT ?title WHERE {{ <{iri}> dct:title ?title }} ORDER BY ?title LIMIT 1")
    return iri, kind, str(titles[0][0]) if titles else name


def licensed(home: Home, names: Sequence[str]) -> list[Licensed]:
    """Data sets and models with their licences, in the order given.

    Raises:
        NotFound: there is no such record.
    """
    found = []
    for name in names:
        iri, kind, title = record(home, name)
        body = f"""SELECT ?id ?text WHERE {{
  {{
    <{iri}> dct:license ?licence .
    OPTIONAL {{ ?licence spdx:licenseId ?known }}
    BIND(COALESCE(?known, STR(?licence)) AS ?id)
  }}
  UNION {{ <{iri}> ed:licenceText ?text }}
}} ORDER BY ?id ?text"""
        told = rows(home, body)
        role: Literal["data", "weights"] = "weights" if kind == "model" else "data"
        licences = tuple(dict.fromkeys(str(one) for one, _ in told if one is not None))
        text = "; ".join(dict.fromkeys(str(one) for _, one in told if one is not None))
        found.append(Licensed(title, licences, iri, role, text))
    return found
