"""Colours of classes: far apart, also for people who see red and green alike."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping

Colour = tuple[int, int, int]

_LEFT_OVER = re.compile(r"(?i)^(not?\b|non\b|un|back|other|nodata|no data|none|clear|negative)")
# Okabe and Ito (2008), "Color universal design", then darker and lighter neighbours of the same hues
_FIRST: tuple[Colour, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
    (120, 94, 240),
    (148, 103, 62),
    (127, 211, 71),
)


# what maps are used to: the first class of such a name gets the colour
_NAMED: tuple[tuple[str, Colour], ...] = (
    ("water|flood|sea|lake|river|ocean|wetland", (0, 114, 178)),
    ("burn|fire|scar|lava", (213, 94, 0)),
    ("forest|tree|wood", (0, 120, 70)),
    ("crop|arable|farm|agricult|cereal|wheat", (240, 200, 40)),
    ("urban|built|building|residential|city|settlement", (204, 90, 130)),
    ("snow|ice|glacier", (150, 225, 245)),
    ("cloud", (225, 225, 235)),
    ("shadow", (70, 60, 100)),
    ("grass|pasture|meadow|shrub|vegetation", (127, 211, 71)),
    ("bare|sand|soil|rock|desert", (170, 125, 80)),
)


def colours(names: Mapping[int, str]) -> dict[int, Colour]:
    """A colour for each class value: what maps are used to for water, forest and the like, else one of its own.

    The golden angle gives hues when the first ten are used up.
    """
    found: dict[int, Colour] = {}
    for pattern, colour in _NAMED:
        named = [one for one in names if one not in found and re.search(pattern, names[one].casefold())]
        first = next((one for one in named if not is_left_over(names[one])), None)
        if first is not None:
            found[first] = colour
    free = iter([one for one in _FIRST if one not in found.values()])
    for at, value in enumerate(names):
        if value not in found:
            found[value] = next(free, None) or _hue(at)
    return found


def is_left_over(name: str) -> bool:
    """Whether a class is what the others are not: `not water`, `background`."""
    return _LEFT_OVER.match(name) is not None


def _hue(at: int) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(at * 0.618034 % 1.0, 0.35 + 0.3 * (at % 3) / 2, 0.75)
    return round(red * 255), round(green * 255), round(blue * 255)
