"""Cells of columns as terms, a column at a time; terms of values that come again are made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

from kg.virtual import Attribute, double_text, moment_text
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term

Column: TypeAlias = list[Term | None]
Maker: TypeAlias = Callable[[Sequence[Any]], Column]

_KEPT = 50_000
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_000_000  # of the years 1 to 9999


@cache
def _term_of(attribute: Attribute) -> Callable[[Any], Term | None]:
    return lru_cache(maxsize=_KEPT)(lambda value: None if value is None or value == "" else attribute.term(value))


def of_attribute(attribute: Attribute) -> Maker:
    """Values of a single-valued column (moments: microseconds)."""
    term = _term_of(attribute)
    if attribute.kind == "boolean":
        return lambda cells: [Literal.of(True) if one else None for one in cells]
    return _moments if attribute.kind == "moment" else lambda cells: list(map(term, cells))


class _Moments:
    """Makes the terms of moments; those that are new are written together, which is much faster."""

    def __init__(self) -> None:
        self._made: dict[Any, Literal | None] = {None: None}

    def __call__(self, cells: Sequence[int | None]) -> Column:
        made = self._made
        try:
            return list(map(made.__getitem__, cells))
        except KeyError:
            fresh = set(cells).difference(made)
        if len(made) + len(fresh) > _KEPT:
            made = self._made = {None: None}  # others may still read the old one
            fresh = set(cells) - {None}
        made.update(self._written(fresh))
        return list(map(made.__getitem__, cells))

    @staticmethod
    def _written(micros: set[Any]) -> dict[Any, Literal]:
        import numpy as np

        seconds = [one for one in micros if one % 1_000_000 == 0 and _EARLIEST <= one <= _LATEST]
        texts = np.datetime_as_string(np.array(seconds, "M8[us]"), unit="s").tolist()
        made = {one: Literal(f"{text}Z", XSD + "dateTime") for one, text in zip(seconds, texts, strict=True)}
        return made | {one: Literal(moment_text(one), XSD + "dateTime") for one in micros if one not in made}


_moments = _Moments()


def members(attribute: Attribute, value: Sequence[Any] | None) -> list[Term]:
    """Different members of one list."""
    term = _term_of(attribute)
    found = (term(one) for one in dict.fromkeys(value or ()))
    return [one for one in found if one is not None]


def iris(cells: Sequence[str]) -> Column:
    """Texts of IRIs, some of which are IRIs already."""
    return list(cells) if set(map(type, cells)) == {IRI} else list(map(IRI, cells))  # type: ignore[arg-type]


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
