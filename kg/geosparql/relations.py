"""Topological relations of GeoSPARQL 1.1 (clause 9): simple features, Egenhofer, RCC8, and `relate` by a pattern.

They are planar in the system of the first geometry, on which the second is brought. Where the standard's pattern asks
for boundaries that meet (equality), shapes without a boundary, such as points, count as meeting it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kg.geosparql.shape import shape_of
from ontology.errors import GeometryError
from ontology.terms import Literal, Term

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SIMPLE: dict[str, str] = {
    "sfIntersects": "intersects",
    "sfWithin": "within",
    "sfContains": "contains",
    "sfDisjoint": "disjoint",
    "sfEquals": "equals",
    "sfTouches": "touches",
    "sfOverlaps": "overlaps",
    "sfCrosses": "crosses",
}
"""Simple-features relations by `geof:` name: shapely's name, which says the same for every pair of dimensions."""

EGENHOFER: dict[str, tuple[str, ...]] = {
    "ehEquals": ("T*F**FFF*",),
    "ehDisjoint": ("FF*FF****",),
    "ehMeet": ("FT*******", "F**T*****", "F***T****"),
    "ehOverlap": ("T*T***T**",),
    "ehCovers": ("T*TFT*FF*",),
    "ehCoveredBy": ("TFF*TFT**",),
    "ehInside": ("TFF*FFT**",),
    "ehContains": ("T*TFF*FF*",),
}
"""Egenhofer relations: DE-9IM patterns, one of which must fit."""

RCC8: dict[str, tuple[str, ...]] = {
    "rcc8eq": ("TFFFTFFFT",),
    "rcc8dc": ("FFTFFTTTT",),
    "rcc8ec": ("FFTFTTTTT",),
    "rcc8po": ("TTTTTTTTT",),
    "rcc8tppi": ("TTTFTTFFT",),
    "rcc8tpp": ("TFFTTFTTT",),
    "rcc8ntpp": ("TFFTFFTTT",),
    "rcc8ntppi": ("TTTFFTFFT",),
}
"""RCC8 relations, defined between areas only: DE-9IM patterns, one of which must fit."""

_PATTERN = re.compile(r"[TF*012]{9}", re.IGNORECASE)
_TURNED = {"within": "contains", "contains": "within"}
_TRUE, _FALSE = Literal.of(True), Literal.of(False)


def _pair(a: Term, b: Term) -> tuple[BaseGeometry, BaseGeometry]:
    one, other = shape_of(a), shape_of(b)
    return one.sound, other.within(one.crs)


def _simple(name: str) -> Callable[[Term, Term], Term]:
    def relation(a: Term, b: Term) -> Term:
        one, other = shape_of(a), shape_of(b)
        here, there = one.sound, other.within(one.crs)
        # the index of the larger one is used, which is often met by many
        found = turned(there, here) if other.size > one.size else test(here, there)
        return _TRUE if found else _FALSE

    import shapely

    test, turned = getattr(shapely, name), getattr(shapely, _TURNED.get(name, name))

    return relation


def _by_patterns(patterns: tuple[str, ...]) -> Callable[[Term, Term], Term]:
    import shapely

    def relation(a: Term, b: Term) -> Term:
        one, other = _pair(a, b)
        return _TRUE if any(shapely.relate_pattern(one, other, pattern) for pattern in patterns) else _FALSE

    return relation


def relate(a: Term, b: Term, pattern: Term) -> Term:
    """Whether a DE-9IM pattern fits two geometries.

    Raises:
        GeometryError: the pattern has not nine of `T F * 0 1 2`.
    """
    import shapely

    return _TRUE if shapely.relate_pattern(*_pair(a, b), check_pattern(str(pattern))) else _FALSE


def check_pattern(text: str) -> str:
    """A DE-9IM pattern in capitals. Raises GeometryError where it is none."""
    if not _PATTERN.fullmatch(text):
        raise GeometryError(f"{text[:40]!r} is no DE-9IM pattern.", "Give nine of T, F, *, 0, 1, 2.")
    return text.upper()


def relations() -> dict[str, Callable[..., Term]]:
    """All relations by `geof:` name."""
    return {
        **{name: _simple(python) for name, python in SIMPLE.items()},
        **{name: _by_patterns(patterns) for name, patterns in (EGENHOFER | RCC8).items()},
        "relate": relate,
    }
