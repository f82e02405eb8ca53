"""The 24 topological relations of GeoSPARQL over many geometries at once (OGC 22-047r1, clause 9).

Each is found in two steps: a predicate that a spatial index answers and that the relation implies, then the relation's
own pattern of the dimensionally extended nine-intersection model on what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_INVERSE = {"within": "contains", "contains": "within", "covers": "covered_by", "covered_by": "covers"}


@dataclass(frozen=True, slots=True)
class Relation:
    """How a relation is found.

    Attributes:
        predicate: shapely's predicate that it implies; empty for relations of things apart.
        pattern: its pattern of the model; empty where the predicate says all, `=` for equality of point sets.
    """

    predicate: str
    pattern: str = ""

    @property
    def inverse(self) -> str:
        """The predicate with its sides exchanged."""
        return _INVERSE.get(self.predicate, self.predicate)


RELATIONS: dict[str, Relation] = {
    "sfEquals": Relation("covers", "="),
    "sfDisjoint": Relation("", "FF*FF****"),
    "sfIntersects": Relation("intersects"),
    "sfTouches": Relation("touches"),
    "sfCrosses": Relation("crosses"),
    "sfWithin": Relation("within"),
    "sfContains": Relation("contains"),
    "sfOverlaps": Relation("overlaps"),
    "ehEquals": Relation("covers", "="),
    "ehDisjoint": Relation("", "FF*FF****"),
    "ehMeet": Relation("touches"),
    "ehOverlap": Relation("intersects", "T*T***T**"),
    "ehCovers": Relation("covers", "T*TFT*FF*"),
    "ehCoveredBy": Relation("covered_by", "TFF*TFT**"),
    "ehInside": Relation("covered_by", "TFF*FFT**"),
    "ehContains": Relation("covers", "T*TFF*FF*"),
    "rcc8eq": Relation("covers", "TFFFTFFFT"),
    "rcc8dc": Relation("", "FFTFFTTTT"),
    "rcc8ec": Relation("touches", "FFTFTTTTT"),
    "rcc8po": Relation("intersects", "TTTTTTTTT"),
    "rcc8tppi": Relation("covers", "TTTFTTFFT"),
    "rcc8tpp": Relation("covered_by", "TFFTTFTTT"),
    "rcc8ntpp": Relation("covered_by", "TFFTFFTTT"),
    "rcc8ntppi": Relation("covers", "TTTFFTFFT"),
}
"""All relations by local name."""


def matches(relation: Relation, left: Any, right: Any) -> Any:  # noqa: ANN401 - arrays of geometries and bool
    """Which pairs have the relation, of pairs that have its predicate.

    Args:
        relation: one of `RELATIONS`.
        left: array of geometries, the relation's subjects.
        right: array of as many geometries, its objects; all in one coordinate reference system.
    """
    import numpy as np
    import shapely

    if not relation.pattern:
        return np.ones(np.shape(left), dtype=bool)
    if relation.pattern == "=":
        return shapely.equals(left, right)
    return shapely.relate_pattern(left, right, relation.pattern)
