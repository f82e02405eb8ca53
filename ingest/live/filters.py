"""Tests on scenes as a CQL2 filter (OGC 21-065r2, JSON encoding) that leaves every scene that meets them.

A property that an item lacks is passed by, since what it stands for may be written elsewhere in the item; what has
no counterpart among the properties of STAC is not sent. The tests themselves decide afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ingest.live.bounds import compared, equals
from ingest.live.sources import Holding
from ingest.stac_sensors import sensors
from kg.scenes.terms import All, Column, Either, Test

_MOST_VALUES = 200
_NUMBERS = {
    "cloud_cover": "eo:cloud_cover",
    "snow_cover": "eo:snow_cover",
    "relative_orbit": "sat:relative_orbit",
    "absolute_orbit": "sat:absolute_orbit",
    "sun_elevation": "view:sun_elevation",
    "incidence_angle": "view:incidence_angle",
}
_ORBITS = ("ascending", "descending")


def cql2(tests: Sequence[Test], holdings: Sequence[Holding]) -> dict[str, Any] | None:
    """The filter for tests that must all be true; None where nothing can be filtered.

    Args:
        tests: the tests.
        holdings: the collections that are searched.
    """
    return _fragment(All(tuple(tests)), holdings)


def _fragment(test: Test, holdings: Sequence[Holding]) -> dict[str, Any] | None:
    if isinstance(test, All):
        parts = [one for each in test.parts if (one := _fragment(each, holdings)) is not None]
        return _joined("and", parts) if parts else None
    if isinstance(test, Either):
        each = [_fragment(one, holdings) for one in test.parts]
        known = [one for one in each if one is not None]
        return _joined("or", known) if known and len(known) == len(each) else None
    found = compared(test)
    if found is not None and isinstance(found[1], Column) and found[1].name in _NUMBERS:
        op, column, value = found[0], found[1].name, found[2]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or op == "!=":
            return None
        # shares are clipped to 0..100 when they are read: a bound at either end says nothing about the item
        if column.endswith("cover") and not 0 < value < 100:
            return None
        return _or_unknown(_NUMBERS[column], {"op": op, "args": [_property(_NUMBERS[column]), value]})
    same = equals(test)
    if same is None or not same[1] or len(same[1]) > _MOST_VALUES:
        return None
    return _texts(*same, holdings)


def _texts(column: str, values: Sequence[Any], holdings: Sequence[Holding]) -> dict[str, Any] | None:
    if column in _NUMBERS and not column.endswith("cover"):
        numbers = [one for one in values if isinstance(one, (int, float)) and not isinstance(one, bool)]
        return _or_unknown(_NUMBERS[column], _among(_NUMBERS[column], numbers)) if numbers else None
    if column == "orbit_direction" and all(one in _ORBITS for one in values):
        spelled = [way for one in values for way in (one, one.upper(), one.capitalize())]
        return _or_unknown("sat:orbit_state", _among("sat:orbit_state", spelled))
    if column == "platform":
        spelled = [way for one in holdings for way in one.platforms or () if sensors().platform(way) in (None, *values)]
        # only where each collection says how its items write it
        complete = bool(holdings) and all(one.platforms for one in holdings)
        return (
            _or_unknown("platform", _among("platform", list(dict.fromkeys(spelled)))) if complete and spelled else None
        )
    if column == "tile_id" and all(re.fullmatch(r"\d\d[A-Z]{3}", str(one)) for one in values):
        codes = [f"MGRS-{code}" for one in values for code in dict.fromkeys((one, str(one).lstrip("0")))]
        return _or_unknown("grid:code", _among("grid:code", codes))
    return None


def _joined(op: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {"op": op, "args": parts}


def _property(name: str) -> dict[str, str]:
    return {"property": name}


def _among(name: str, values: Sequence[Any]) -> dict[str, Any]:
    if len(values) == 1:
        return {"op": "=", "args": [_property(name), values[0]]}
    return _joined("or", [{"op": "=", "args": [_property(name), one]} for one in values])


def _or_unknown(name: str, test: dict[str, Any]) -> dict[str, Any]:
    return {"op": "or", "args": [test, {"op": "isNull", "args": [_property(name)]}]}
