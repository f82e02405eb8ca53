"""Cells of columns as terms, a column at a time; terms of values that come again are made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

from kg.virtual import Attribute, double_text
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term

Column: TypeAlias = list[Term | None]
Maker: TypeAlias = Callable[[Sequence[Any]], Column]

_KEPT = 50_000


@cache
def _term_of(attribute: Attribute) -> Callable[[Any], Term | None]:
    return lru_cache(maxsize=_KEPT)(lambda value: None if value is None or value == "" else attribute.term(value))


def of_attribute(attribute: Attribute) -> Maker:
    """Values of a single-valued column (moments: microseconds)."""
    term = _term_of(attribute)
    if attribute.kind == "boolean":
        return lambda cells: [Literal.of(True) if one else None for one in cells]
    return lambda cells: list(map(term, cells))


def members(attribute: Attribute, value: Sequence[Any] | None) -> list[Term]:
    """Different members of one list."""
    term = _term_of(attribute)
    found = (term(one) for one in dict.fromkeys(value or ()))
    return [one for one in found if one is not None]


def iris(cells: Sequence[str]) -> Column:
    """Texts of IRIs."""
    return list(map(IRI, cells))


def texts(cells: Sequence[str | None]) -> Column:
    """Plain literals."""
    return [None if one is None else Literal(one) for one in cells]


def integers(cells: Sequence[float | None]) -> Column:
    """Whole numbers."""
    return [None if one is None else _integer(int(one)) for one in cells]


@lru_cache(maxsize=1024)
def _integer(value: int) -> Literal:
    return Literal.of(value)


def doubles(cells: Sequence[float]) -> Column:
    """Numbers in double precision."""
    return [Literal(double_text(one), XSD + "double") for one in cells]


def footprints(cells: Sequence[bytes | None]) -> Column:
    """Footprints (WKB) as WKT with all their digits."""
    import numpy as np
    import shapely

    if not cells:
        return []
    written = shapely.to_wkt(shapely.from_wkb(np.asarray(cells, dtype=object)), rounding_precision=-1)
    return [None if one is None else Literal(one, WKT_LITERAL) for one in written]
