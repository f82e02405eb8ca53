"""Conditions on footprints: what the cells of a part say, and what decides without making shapes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kg.scenes.index.cells import IN, MAYBE, OUT
from kg.scenes.index.file import Array
from kg.scenes.index.look import Look
from kg.scenes.index.nearby import circles, near
from kg.scenes.index.quads import Holding, Meeting
from kg.scenes.spatial import Spatial, boxes_of, hits
from kg.scenes.terms import Boxes

if TYPE_CHECKING:
    from kg.scenes.index.part import Part

_MOST = 500_000  # rows that are looked at together


class Condition:
    """A condition on footprints, prepared for all parts.

    Args:
        one: the condition.
    """

    def __init__(self, one: Spatial) -> None:
        self._one = one
        self._around = Boxes(tuple(boxes_of(one)))
        self._quads = _proofs(one)

    def hits(self, look: Look) -> Array:
        """Which footprints meet the condition: their boxes and corners tell where they can, shapely where not."""
        one = self._one
        if one.relation == "disjoint":
            return np.asarray(hits([one], look.shapes(np.arange(look.count))))
        found = look.meeting(self._around)
        open_ = np.flatnonzero(found)
        if self._quads is not None and len(open_):
            quads = open_[look.quads(open_)]
            said = self._quads.said(look.corners(quads))
            found[quads[said == OUT]] = False
            decided = np.zeros(look.count, bool)
            decided[quads[said != MAYBE]] = True
            open_ = open_[~decided[open_]]
        if len(open_):
            shapes = look.shapes(open_)
            found[open_] = near(one, shapes) if one.relation == "distance" else hits([one], shapes)
        return found


class Area:
    """A condition on the footprints of one part.

    Args:
        part: the index.
        one: the condition.

    Attributes:
        judged: OUT, MAYBE or IN for each cell.
    """

    def __init__(self, part: Part, one: Spatial) -> None:
        self.part, self.condition = part, _condition(one)
        self.judged = part.cells.judge(one)

    def met(self, rows: Array) -> Array:
        """Rows whose footprint meets the condition."""
        return met([self], [rows])[0]


def met(areas: Sequence[Area], rows: Sequence[Array]) -> list[Array]:
    """Rows of some parts whose footprint meets a condition; itself it decides only where the cell does not.

    Args:
        areas: the condition for each part.
        rows: of each part.
    """
    if any(len(own) > _MOST for own in rows):
        return _step_by_step(areas, rows)
    said = [area.judged[area.part.cells.code[own]] for area, own in zip(areas, rows, strict=True)]
    kept = [one == IN for one in said]
    open_ = [np.flatnonzero(one == MAYBE) for one in said]
    first = 0
    while first < len(areas):  # as many parts together as are not too many rows
        last, count = first + 1, len(open_[first])
        while last < len(areas) and count + len(open_[last]) <= _MOST:
            count += len(open_[last])
            last += 1
        if count:
            chosen = [(areas[at].part.footprints, rows[at][open_[at]]) for at in range(first, last) if len(open_[at])]
            found = areas[first].condition.hits(Look(chosen))
            for at in range(first, last):
                own, found = found[: len(open_[at])], found[len(open_[at]) :]
                kept[at][open_[at][own]] = True
        first = last
    return [own[keep] for own, keep in zip(rows, kept, strict=True)]


def _step_by_step(areas: Sequence[Area], rows: Sequence[Array]) -> list[Array]:
    """The same of so many rows that what is looked at of them would take much memory."""
    found = []
    for area, own in zip(areas, rows, strict=True):
        steps = [met([area], [own[at : at + _MOST]])[0] for at in range(0, len(own), _MOST)]
        found.append(np.concatenate(steps) if steps else own)
    return found


@lru_cache(maxsize=256)
def _condition(one: Spatial) -> Condition:
    return Condition(one)


def _proofs(one: Spatial) -> Meeting | Holding | None:
    """What tells of a quadrilateral by its corners whether it meets a condition; None: nothing does."""
    shape, rings = one.geometry, circles(one)
    if shape.is_empty:
        return None
    if rings is not None:
        return Meeting(*rings)
    if one.relation == "intersects":
        return Meeting(shape, shape)
    return Holding(shape) if one.relation == "within" else None
