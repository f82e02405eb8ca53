"""Bands of latitude and longitude as boxes: `north of 60 degrees latitude`, `south of the equator`, `above 66.5° N`."""

from __future__ import annotations

import re

from nlq.question import Box
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

_NUM = r"(?P<v>\d{1,3}(?:\.\d+)?)"
_DEG = r"\s?(?:°|º|degrees?|deg\.?)"
_LINES = {
    "equator": 0.0, "arctic circle": 66.56, "antarctic circle": -66.56, "tropic of cancer": 23.44,
    "tropic of capricorn": -23.44,
}  # fmt: skip
_DIRECTION = (
    r"(?:to the |lying |located )?(?P<side>north|south|east|west)(?:ward)? of"
    r"|(?P<above>above|beyond|poleward of)|(?P<below>below)"
)
_HEMI = r"\s?(?<![a-z])(?P<hemi>north|south|east|west|n|s|e|w)\b"
_SIDE = regex(
    rf"(?<!\w)(?:{_DIRECTION}) (?:the )?(?:(?P<line>{'|'.join(sorted(_LINES, key=len, reverse=True))})"
    rf"|(?:latitude|longitude|parallel|meridian)? ?{_NUM}(?:{_DEG}?{_HEMI}|{_DEG})(?: (?:latitude|longitude))?"
    rf"|(?:latitude|parallel) {_NUM.replace('<v>', '<v2>')})(?!\w)"
)


def read_latitudes(reading: Reading) -> None:
    """Mark the part of the world on one side of a parallel or meridian as a box."""
    for match in _SIDE.finditer(reading.norm):
        start, end = reading.span_of(match)
        if not reading.is_free(start, end):
            continue
        box = _box(match)
        if box is not None:
            reading.mark(start, end, "box", box)


def _box(match: re.Match[str]) -> Box | None:
    side = match["side"]
    hemi = (match["hemi"] or "")[:1]
    if match["line"]:
        value, hemi = _LINES[match["line"]], "n" if _LINES[match["line"]] >= 0 else "s"
    else:
        value = float(match["v"] or match["v2"])
        value = -value if hemi in ("s", "w") else value
    if side is None:
        # `above 60° N` is nearer to the pole, `below` farther from it
        if hemi not in ("n", "s"):
            return None
        side = "north" if (hemi == "n") == (match["above"] is not None) else "south"
    if side in ("east", "west"):
        if abs(value) > 180 or hemi in ("n", "s"):
            return None
        return Box(value, -90, 180, 90) if side == "east" else Box(-180, -90, value, 90)
    if abs(value) > 90 or hemi in ("e", "w"):
        return None
    return Box(-180, value, 180, 90) if side == "north" else Box(-180, -90, 180, value)
