"""Cells of columns as terms, a column at a time; terms of values that come again are made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias

from kg.virtual import Attribute, double_text, moment_text
from ontology.terms import IRI, WKT_LITERAL, XSD, Literal, Term, literals

Column: TypeAlias = list[Term | None]
Maker: TypeAlias = Callable[[Sequence[Any]], Column]

_KEPT = 50_000
_DATE_TIME = XSD + "dateTime"
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

        numbers = np.fromiter(micros, np.int64, len(micros))
        seconds, rest = np.divmod(numbers, 1_000_000)
        whole = (rest == 0) & (numbers >= _EARLIEST) & (numbers <= _LATEST)
        plain = numbers[whole].tolist()
        made = dict(zip(plain, literals(_texts_of(seconds[whole]), _DATE_TIME), strict=True))
        odd = numbers[~whole].tolist()
        return made | dict(zip(odd, literals(list(map(moment_text, odd)), _DATE_TIME), strict=True))


def _texts_of(seconds: Any) -> list[str]:  # noqa: ANN401 - whole numbers (n,)
    """Moments as xsd:dateTime: a day, a minute and a second are put together, each written once."""
    import numpy as np

    minutes, second = np.divmod(seconds, 60)
    days, minute = np.divmod(minutes, 1440)
    known, which = np.unique(days, return_inverse=True)
    texts = np.datetime_as_string(known.astype("M8[D]")).tolist()
    hours, ends = _clock()
    date, time = map(texts.__getitem__, which.tolist()), map(hours.__getitem__, minute.tolist())
    return list(map("".join, zip(date, time, map(ends.__getitem__, second.tolist()), strict=True)))


@cache
def _clock() -> tuple[list[str], list[str]]:
    """The minutes of a day, and the seconds of a minute."""
    return [f"T{one // 60:02}:{one % 60:02}:" for one in range(1440)], [f"{one:02}Z" for one in range(60)]


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
    return _literals(cells)


def integers(cells: Sequence[float | None]) -> Column:
    """Whole numbers."""
    return [None if one is None else _integer(int(one)) for one in cells]


@lru_cache(maxsize=1024)
def _integer(value: int) -> Literal:
    return Literal.of(value)


def doubles(cells: Sequence[float]) -> Column:
    """Numbers in double precision."""
    return [*literals(list(map(double_text, cells)), XSD + "double")]


def footprints(cells: Sequence[bytes | None]) -> Column:
    """Footprints (WKB) as WKT with all their digits."""
    import numpy as np
    import shapely

    if not cells:
        return []
    written = shapely.to_wkt(shapely.from_wkb(np.asarray(cells, dtype=object)), rounding_precision=-1)
    return _literals(written.tolist(), WKT_LITERAL)


def _literals(cells: Sequence[str | None], datatype: str = XSD + "string") -> Column:
    """Literals of one datatype, None where there is none."""
    made = literals(cells, datatype)  # type: ignore[arg-type]
    return [None if one is None else term for one, term in zip(cells, made, strict=True)] if None in cells else [*made]
