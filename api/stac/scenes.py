"""What the scenes table says of its collections: how many scenes, when, where, and by whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.stac.fields import COLUMNS, FIELDS
from kg.columns import table_of
from kg.scenes import Plan, SceneTable
from kg.scenes import terms as t

_MOST_VALUES = 50
# what summaries list, by their name in STAC
_LISTED = ("constellation", "platform", "instruments", "gsd", "product:type", "processing:level", "sat:orbit_state",
           "sar:instrument_mode", "sar:polarizations")  # fmt: skip
_RANGES = ("eo:cloud_cover", "view:sun_elevation")
_COUNTED = tuple(one for one in COLUMNS if one not in ("id", "collection", "geometry"))

Box = tuple[float, float, float, float]
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)


@dataclass(slots=True)
class SceneCollection:
    """The scenes of one collection.

    Attributes:
        id: of the collection.
        scenes: how many have a time.
        first, last: moments in microseconds.
        box: west, south, east, north.
        summaries: as STAC writes them.
        present: columns that have values.
    """

    id: str
    scenes: int
    first: int
    last: int
    box: Box = WORLD
    summaries: dict[str, Any] = field(default_factory=dict)
    present: frozenset[str] = frozenset()


def scene_collections(table: SceneTable) -> dict[str, SceneCollection]:
    """The collections of a table, by their identifiers."""
    if table.is_empty:
        return {}
    collection, start = t.Column("collection"), t.Column("start_time")
    timed = (t.Known("start_time"),)
    figures: list[t.Output] = [collection, t.Figure("count"), t.Figure("min", start)]
    figures.append(t.Figure("max", t.Column("end_time")))
    ranges = [FIELDS[name].column for name in _RANGES]
    figures += [t.Figure(how, t.Column(name)) for name in ranges for how in ("min", "max")]
    found: dict[str, SceneCollection] = {}
    for identifier, scenes, first, last, *bounds in table.run(Plan(tuple(figures), timed, group=(0,), aggregate=True)):
        if identifier is None:
            continue
        one = found[identifier] = SceneCollection(identifier, scenes, first, last if last is not None else first)
        for at, name in enumerate(_RANGES):
            least, most = bounds[2 * at : 2 * at + 2]
            if least is not None:
                one.summaries[name] = {"minimum": least, "maximum": most}
    _list_values(table, timed, found)
    for identifier, box in _boxes(table.parts).items():
        if identifier in found:
            found[identifier].box = box
    return found


def _list_values(table: SceneTable, timed: tuple[t.Test, ...], found: dict[str, SceneCollection]) -> None:
    """Takes the values of columns, where they are few, and which columns have any."""
    present: dict[str, set[str]] = {name: set() for name in found}
    named = {FIELDS[name].column: name for name in _LISTED}
    for column in _COUNTED:
        if column not in named:
            counted = Plan(
                (t.Column("collection"), t.Figure("count")), (*timed, t.Known(column)), group=(0,), aggregate=True
            )
            for identifier, _ in table.run(counted):
                present.get(identifier, set()).add(column)
            continue
        field_ = FIELDS[named[column]]
        key = t.Member(column) if field_.kind == "texts" else t.Column(column)
        plan = Plan((t.Column("collection"), key, t.Figure("count")), timed, group=(0, 1), aggregate=True)
        values: dict[str, list[Any]] = {}
        for identifier, value, _ in table.run(plan):
            if value not in (None, "") and identifier in found:
                values.setdefault(identifier, []).append(value)
        for identifier, each in values.items():
            present[identifier].add(column)
            if len(each) <= _MOST_VALUES:
                found[identifier].summaries[field_.name] = sorted(each)
    for identifier, one in found.items():
        one.present = frozenset(present[identifier])


def _boxes(parts: tuple[Path, ...]) -> dict[str, Box]:
    """The bounding box of each collection, where the parts lie here."""
    from kg.columns import Engine

    if not parts:
        return {}
    engine = Engine()
    try:
        rows = engine.rows(
            "SELECT collection, min(bbox.xmin), min(bbox.ymin), max(bbox.xmax), max(bbox.ymax) "
            f"FROM {table_of(parts)} WHERE bbox IS NOT NULL GROUP BY collection"
        )
    finally:
        engine.close()
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows if None not in row}
