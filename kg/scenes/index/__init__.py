"""The columns of scenes as arrays in files beside the Parquet parts: what most plans ask, in about a millisecond."""

from __future__ import annotations

from kg.scenes.index.part import Part
from kg.scenes.index.table import IndexedTable

__all__ = ["IndexedTable", "Part"]
