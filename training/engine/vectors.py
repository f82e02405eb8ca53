"""Vector labels of items, burnt into the masks of their chips and given as boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy.typing as npt

from ontology.errors import EarthdexError
from training.distributions import LabelClass
from training.engine.fill import Failures, Slot
from training.engine.planes import Source
from training.types import Array, Bytes

if TYPE_CHECKING:
    from training.layouts.vector import Boxes, VectorLabels


class Vectors:
    """The vector labels of a lock's items.

    Args:
        data: where bytes come from.
        classes: the scheme.
        ignore: value where nothing is labelled.
        dtype: of masks.
    """

    def __init__(self, data: Bytes, classes: Iterable[LabelClass], ignore: int, dtype: npt.DTypeLike) -> None:
        from training.layouts.vector import LabelFiles

        self._files = LabelFiles(data, list(classes))
        self._ignore, self._dtype = ignore, dtype
        self.unknown: Counter[str] = Counter()
        self._told: set[str] = set()

    def _of(self, source: Source) -> VectorLabels:
        plane = source.planes[0]
        href = source.vector.href if source.vector is not None else ""
        found = self._files.of(href, image=plane.part.href, source=plane.header.grid)
        if found.unknown and source.item.iri not in self._told and len(self._told) < 100_000:
            self._told.add(source.item.iri)
            self.unknown.update(found.unknown)
        return found

    def mask(self, source: Source, row: int, column: int, height: int, width: int) -> Array:
        """(height, width) class values. Raises FetchError, RasterError."""
        mask: Array = self._of(source).mask(
            source.grid, row, column, height, width, ignore=self._ignore, dtype=self._dtype
        )
        return mask

    def boxes(self, source: Source, row: int, column: int, height: int, width: int) -> Boxes:
        """(k, 5) left, top, right, bottom in pixels of the chip, class value. Raises FetchError, RasterError."""
        return self._of(source).boxes(source.grid, row, column, height, width)

    def fill(self, source: Source, slots: Sequence[Slot], failures: Failures) -> None:
        """Burns the labels of an item into the masks of its chips."""
        for slot in slots:
            if slot.batch.mask is None:
                continue
            try:
                slot.batch.mask[slot.at] = self.mask(source, slot.row, slot.column, slot.height, slot.width)
            except EarthdexError as error:
                failures.add(slot, source.vector.href if source.vector is not None else "", error)
