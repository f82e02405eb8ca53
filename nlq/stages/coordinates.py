"""Coordinates as marks: points and boxes, with words, signs, hemispheres or alone."""

from __future__ import annotations

import re

from nlq.question import Box, Point
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

_NUM = r"[+-]?\d{1,3}(?:\.\d+)?"
_SIDE = r"(?:n|s|e|w|north|south|east|west)"
_DEG = r"\s?(?:°|º|deg(?:rees?)?\.?)?\s?"
_PAIR = regex(
    rf"(?<![\w.])(?P<a>{_NUM}){_DEG}(?P<sa>{_SIDE})\b\.?,?\s?(?:and\s|by\s|/\s?)?(?P<b>{_NUM}){_DEG}(?P<sb>{_SIDE})\b"
)
# two opposite corners: `the box from 20.5 W, 63.3 N to 18 W, 64 N`
_CORNERS = regex(
    r"\b(?:bbox|bounding box|box|extent|rectangle|area|bounds|window)\s"
    r"(?:of |is |spanned by |from |between |reaching )*"
    + _PAIR.pattern.replace("<", "<p").replace("(?<p!", "(?<!")
    + r"\s?(?:to|and|until|-|through)\s?"
    + _PAIR.pattern.replace("<", "<q").replace("(?<q!", "(?<!")
)
_NAMED = regex(
    rf"\b(?:lat(?:itude)?)\s?[:=]?\s?(?P<lat>{_NUM})\s?°?,?\s?(?:and\s)?(?:lon(?:g|gitude)?"
    rf"|lng)\s?[:=]?\s?(?P<lon>{_NUM})"
    rf"|\b(?:lon(?:g|gitude)?|lng)\s?[:=]?\s?(?P<lon2>{_NUM})\s?°?,?\s?(?:and\s)?(?:lat(?"
    rf":itude)?)\s?[:=]?\s?(?P<lat2>{_NUM})"
)
_BARE = regex(
    r"\b(?:point|coordinates?|location|position|at|pt|lon/lat"
    rf"|pos)\s?(?:of\s)?[:=]?\s?[\[(]?\s?(?P<a>{_NUM})\s?[,; ]\s?(?P<b>{_NUM})(?![\d.]|\s?,\s?-?\d"
    r"|\s?%)\s?[\])]?"
)
# two decimals with nothing that says what they are: `scenes of 14.99, 37.75`
_LONE = regex(
    r"(?:(?<=of )|(?<=over )|(?<=at )|(?<=near )|(?<=around )|(?<=for )|(?<=in )|(?<=from )|(?<=to )|^|(?<=, ))"
    r"[(\[]?(?P<a>[+-]?\d{1,3}\.\d+)\s?,\s?(?P<b>[+-]?\d{1,3}\.\d+)(?![\d.]|\s?,\s?[+-]?\d|\s?(?:[%°]|(?:m|km|cm|gb|mb|deg)\b))[)\]]?"
)
_WKT = regex(rf"point\s?\(\s?(?P<a>{_NUM})\s(?P<b>{_NUM})\s?\)")
_BOX = regex(
    r"(?:(?:bbox|bounding box|box|extent|rectangle|area|bounds|aoi|envelope)\s?(?:of\s"
    rf"|is\s)?[:=]?\s?)?[\[(]?\s?(?P<w>{_NUM})\s?,\s?(?P<s>{_NUM})\s?,\s?(?P<e>{_NUM})\s?,\s?(?P<n>{_NUM})(?!"
    r"\d)\s?[\])]?"
    r"|(?:bbox|bounding box|box|extent|bounds)\s?(?:of\s"
    rf"|is\s)?[:=]?\s?[\[(]?\s?(?P<w2>{_NUM})\s(?P<s2>{_NUM})\s(?P<e2>{_NUM})\s(?P<n2>"
    rf"{_NUM})(?!\d)\s?[\])]?"
)
_RANGE = (
    rf"(?:from |between )?(?P<@1>{_NUM}){_DEG}(?P<@s1>{_SIDE})?\s?(?:to|and|-|until"
    rf"|through)\s?(?P<@2>{_NUM}){_DEG}(?P<@s2>{_SIDE}|longitude|latitude)?"
)
_RANGES = regex(
    r"(?:(?:the )?(?:area|box|region|rectangle|window|extent|bbox) )?(?:lon(?:g|gitude)?s? )?"
    + _RANGE.replace("@", "x")
    + r"(?: (?:longitude|lon))?\s?(?:,|and|by|/|x)?\s?(?:and )?(?:lat(?:itude)?s? )?"
    + _RANGE.replace("@", "y")
    + r"(?: (?:latitude|lat))?(?!\w)"
)
_LATLON = frozenset("ns")


def read_coordinates(reading: Reading) -> None:
    """Mark boxes and points."""
    for pattern, reader in (
        (_BOX, _box),
        (_RANGES, _ranges),
        (_CORNERS, _corners),
        (_PAIR, _pair),
        (_NAMED, _named),
        (_WKT, _wkt),
        (_BARE, _bare),
        (_LONE, _bare),
    ):
        for match in pattern.finditer(reading.norm):
            start, end = reading.span_of(match)
            if not reading.is_free(start, end):
                continue
            found = reader(match, reading)
            if found is not None:
                reading.mark(start, end, "point" if isinstance(found, Point) else "box", found)


def _signed(text: str, side: str | None) -> float:
    value = float(text)
    return -abs(value) if side and side[0] in "sw" else value


def _fits(reading: Reading, lon: float, lat: float) -> bool:
    if abs(lat) > 90 or abs(lon) > 180:
        reading.draft.refuse(
            f"The coordinates {lon:g}, {lat:g} do not exist: longitude goes to 180, latitude to 90 degrees."
        )
        return False
    return True


def _point(reading: Reading, lon: float, lat: float) -> Point | None:
    return Point(lon, lat) if _fits(reading, lon, lat) else None


def _pair(match: re.Match[str], reading: Reading) -> Point | None:
    a, b = _signed(match["a"], match["sa"]), _signed(match["b"], match["sb"])
    if (match["sa"][0] in _LATLON) == (match["sb"][0] in _LATLON):
        return None
    return _point(reading, b, a) if match["sa"][0] in _LATLON else _point(reading, a, b)


def _corners(match: re.Match[str], reading: Reading) -> Box | None:
    lons: list[float] = []
    lats: list[float] = []
    for side in "pq":
        for one in "ab":
            letter = match[f"{side}s{one}"]
            (lats if letter[0] in _LATLON else lons).append(_signed(match[f"{side}{one}"], letter))
    if len(lons) != 2 or not all(_fits(reading, lon, lat) for lon, lat in zip(lons, lats, strict=True)):
        return None
    return Box(lons[0], min(lats), lons[1], max(lats))


def _named(match: re.Match[str], reading: Reading) -> Point | None:
    return _point(reading, float(match["lon"] or match["lon2"]), float(match["lat"] or match["lat2"]))


def _wkt(match: re.Match[str], reading: Reading) -> Point | None:
    return _point(reading, float(match["a"]), float(match["b"]))


def _bare(match: re.Match[str], reading: Reading) -> Point | None:
    a, b = float(match["a"]), float(match["b"])
    if "." not in match["a"] + match["b"] and "point" not in match[0] and "coord" not in match[0]:
        return None
    if abs(b) > 90 >= abs(a):
        a, b = b, a
    reading.draft.assume("coordinates without a direction are longitude, latitude")
    return _point(reading, a, b)


def _box(match: re.Match[str], reading: Reading) -> Box | None:
    values = [float(match[one] if match[one] is not None else match[one + "2"]) for one in "wsen"]
    west, south, east, north = values
    if not (_fits(reading, west, south) and _fits(reading, east, north)):
        return None
    return Box(west, min(south, north), east, max(south, north))


def _ranges(match: re.Match[str], reading: Reading) -> Box | None:
    group = match.groupdict()
    sides = [(group[f"{axis}s1"] or group[f"{axis}s2"] or "")[:1] for axis in "xy"]
    text = match[0]
    if not any(sides) and not ("lon" in text and "lat" in text):
        return None
    if (sides[0] in ("n", "s")) == (sides[1] in ("n", "s")) and all(sides) and "l" not in sides:
        return None
    pairs = []
    for axis, side in zip("xy", sides, strict=True):
        first, last = group[f"{axis}s1"] or group[f"{axis}s2"], group[f"{axis}s2"]
        keep = [one if one and one[0] in "nsew" else None for one in (first, last)]
        pairs.append((_signed(group[f"{axis}1"], keep[0] or side), _signed(group[f"{axis}2"], keep[1] or side)))
    lon, lat = (pairs[1], pairs[0]) if sides[0] in ("n", "s") or text.startswith("lat") else (pairs[0], pairs[1])
    if not (_fits(reading, lon[0], min(lat)) and _fits(reading, lon[1], max(lat))):
        return None
    return Box(lon[0], min(lat), lon[1], max(lat))
