"""The columns of scenes as arrays in files beside the Parquet parts: what most plans ask, in about a millisecond.

The writer makes an index for every part it publishes, and joins those of many parts. Where one is absent or not whole,
it is made in memory if the part is small; the table is left to the engine otherwise, until the next version is
published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.scenes.index.build import Findings, build, build_and_check, index_path
from kg.scenes.index.file import Damaged
from kg.scenes.index.joins import join_parts, joins_of, opened
from kg.scenes.index.part import Part
from kg.scenes.index.table import IndexedTable
from ontology.errors import StoreCorrupt

if TYPE_CHECKING:
    from kg.columns import Engine

__all__ = [
    "Damaged",
    "Findings",
    "IndexedTable",
    "Part",
    "build",
    "build_and_check",
    "index_path",
    "join_parts",
    "joins_of",
    "lacking",
    "open_index",
]

_SMALL = 4_000_000  # bytes of a part: its index takes as long as a query


def lacking(parts: Sequence[Path]) -> list[Path]:
    """The parts whose index is absent, not whole, or of another format."""
    return [part for part in parts if Part.open(index_path(part), part) is None]


def open_index(parts: Sequence[Path], engine: Callable[[], Engine]) -> IndexedTable | None:
    """The index of a table, of many parts together where it has been made; None where a large part has none."""
    joined, rest = opened(parts)
    found = [one for one, _ in joined]
    for part in rest:
        one = Part.open(index_path(part), part)
        if one is None:
            if not part.exists():
                raise StoreCorrupt(
                    f"A part of the scenes table is missing: {part}.", "Add the scenes again with `earthdex add`."
                )
            if part.stat().st_size > _SMALL:
                return None
            one = Part(build(engine(), part))
        found.append(one)
    return IndexedTable(found)
