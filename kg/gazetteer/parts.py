"""Parts of places by direction - `northern Italy`, `the south-west of France`, `central Asia` - and qualified names.

A part is a place of its own, made when it is asked for: `part/north/country/IT`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kg.gazetteer.names import fold
from kg.gazetteer.place import STEM, Place

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SIDES = ("north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "central")
_ADJECTIVES = {
    **{side: side for side in SIDES},
    **{f"{side}ern": side for side in SIDES[:-1]},
    **{f"{a} {b}": a + b for a in ("north", "south") for b in ("east", "west")},
    **{f"{a} {b}ern": a + b for a in ("north", "south") for b in ("east", "west")},
    **{f"{a}ern {b}ern": a + b for a in ("north", "south") for b in ("east", "west")},
    "middle": "central",
}
# Parts make sense of wide places only.
_WIDE = frozenset(
    ["country", "continent", "state", "region", "island", "archipelago", "sea", "ocean", "desert", "peninsula", "basin",
     "gulf", "forest", "plain", "plateau", "mountain range", "national park", "lake", "valley"]
)  # fmt: skip
_QUALIFIER = re.compile(r"^\s*(?P<name>[^,()]+?)\s*(?:,\s*(?P<comma>.+?)|\(\s*(?P<bracket>[^()]+?)\s*\))\s*$")


def is_direction(word: str) -> bool:
    """Whether a folded word is a direction: `northern`, `west`, or an article before one."""
    return word in _ADJECTIVES or word == "the"


def split_qualifier(name: str) -> tuple[str, str]:
    """`Paris, Texas` -> (`Paris`, `Texas`); without a qualifier the second is empty."""
    match = _QUALIFIER.match(name)
    return (match["name"], match["comma"] or match["bracket"]) if match else (name, "")


def direction_at(tokens: Sequence[str], start: int) -> tuple[str, int]:
    """The direction that begins at a token and the token after it: `northern`, `the north of`, `south - west`.

    Returns:
        (side, next token); the side is empty where there is none.
    """
    words: list[tuple[str, int]] = []
    for at in range(start, min(len(tokens), start + 7)):
        words += [(word, at + 1) for word in fold(tokens[at][:40])]
    first = 1 if words and words[0][0] == "the" else 0
    for size in (2, 1):
        text = " ".join(word for word, _ in words[first : first + size])
        side = _ADJECTIVES.get(text)
        if side is None or len(words) < first + size:
            continue
        after = first + size
        if len(words) > after + 1 and words[after][0] == "part":
            after += 1
        if after < len(words) and words[after][0] == "of":
            after += 1
        elif first and not text.endswith("ern") and text not in ("central", "middle"):
            continue
        return side, words[after - 1][1]
    return "", start


def split_direction(name: str) -> tuple[str, str]:
    """`northern Italy` -> (`north`, `Italy`); without a direction the first is empty."""
    tokens = name.split()
    side, at = direction_at(tokens, 0)
    return (side, " ".join(tokens[at:])) if side and at < len(tokens) else ("", name)


def part_ref(side: str, ref: str) -> str:
    """The reference of a part."""
    return f"part/{side}/{ref}"


def is_part(ref: str) -> bool:
    """Whether a reference is that of a part."""
    return ref.startswith("part/")


def split_ref(ref: str) -> tuple[str, str]:
    """(side, reference of the whole); the side is empty where the reference is not that of a part."""
    head, _, rest = ref.removeprefix("part/").partition("/")
    return (head, rest) if is_part(ref) and head in SIDES and rest and not is_part(rest) else ("", ref)


def made(side: str, whole: Place, shape: BaseGeometry | None) -> Place | None:
    """The part of a place; None where the place is too small to have parts."""
    if whole.kind not in _WIDE or shape is None:
        return None
    area = cut(shape, side)
    if area is None:
        return None
    point = area.representative_point()
    west, south, east, north = area.bounds
    words = {"central": "Central"}.get(side, side.capitalize() + "ern")
    return replace(
        whole, iri=STEM + part_ref(side, whole.ref), name=f"{words} {whole.name}", kind="region", word="part",
        lon=point.x, lat=point.y, bbox=(west, south, east, north), population=None, area_km2=None, elevation_m=None,
        length_km=None, depth_m=None, approximate=True, is_capital=False, importance=max(0, whole.importance - 20),
    )  # fmt: skip


def cut(shape: BaseGeometry, side: str) -> BaseGeometry | None:
    """The part of an outline: the half or quarter of the box of its largest polygon on that side.

    For `central` it is the middle half of its height and width.
    """
    import shapely

    polygons = [one for one in getattr(shape, "geoms", [shape]) if one.area]
    if not polygons:
        return None
    west, south, east, north = max(polygons, key=lambda one: one.area).bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    if side == "central":
        quarter_x, quarter_y = (east - west) / 4, (north - south) / 4
        window = shapely.box(west + quarter_x, south + quarter_y, east - quarter_x, north - quarter_y)
    else:
        window = shapely.box(
            middle_x if "east" in side else -180,
            middle_y if "north" in side else -90,
            middle_x if "west" in side else 180,
            middle_y if "south" in side else 90,
        )
    inside = shapely.make_valid(shapely.make_valid(shape).intersection(window))
    areas = [one for one in getattr(inside, "geoms", [inside]) if one.area]
    flat = [part for one in areas for part in getattr(one, "geoms", [one]) if part.area]
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)
