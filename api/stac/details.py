"""The assets of scenes, and their records as they were read."""

from __future__ import annotations

from collections.abc import Sequence

from kg.scenes import Plan, SceneTable
from kg.scenes.terms import Column, SceneIn

_SELECT = tuple(map(Column, ("collection", "id", "assets", "original")))


def details(table: SceneTable, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Assets and record (JSON, as text) of some scenes, by (collection, identifier)."""
    if not keys or table.is_empty:
        return {}
    rows = table.run(Plan(_SELECT, (SceneIn(tuple(keys)),)))
    return {(one[0], one[1]): (one[2] or "", one[3] or "") for one in rows}
