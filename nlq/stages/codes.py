"""Codes that name properties of products: tiles, orbits, polarisations, product ids, EPSG codes, DOIs."""

from __future__ import annotations

import re
from collections.abc import Callable

from nlq.lexis.lexicon import Entry
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading

_NUM = r"(?:number |no\.? |nr\.? |# ?|: ?|= ?)?"
RELATIVE_ORBITS = {"Sentinel-1": 175, "Sentinel-2": 143, "Sentinel-3": 385}  # orbits of a repeat cycle
_PATTERNS: list[tuple[str, re.Pattern[str]]] = [
    ("doi", regex(r"\b10\.\d{4,9}/[^\s,;?]+[^\s,;?.]")),
    ("product_id", regex(r"(?<!\w)(?:s[1-6][a-d]p?|l[cteom]0[1-9]|lc[89])_[a-z0-9]+(?:_+[a-z0-9]+){2,}(?!\w)")),
    ("crs", regex(r"\bepsg ?:? ?(?P<v>\d{4,6})\b")),
    ("utm", regex(
        r"\b(?:wgs ?-?84 ?/? ?)?utm ?(?:zone)? ?(?P<v>[1-9]|[1-5]\d|60) ?(?P<h>n|s|north|south)?(?:ern)?\b")),
    ("projection", regex(r"\b(?:wgs ?-?84(?! ?/? ?utm)|(?:pseudo|web) ?-?mercator)\b")),
    ("tile_id", regex(r"(?<!\w)t?(?P<v>\d{2}[c-hj-np-x][a-hj-np-z][a-hj-np-v])(?!\w)")),
    ("pathrow", regex(
        rf"\b(?:wrs ?-? ?2? )?path ?(?:/|and|,|-)? ?row:? {_NUM}(?P<p>\d{{1,4}}) ?(?:/|,|and|-| )? "
        r"?(?P<r>\d{1,4})(?!\w)")),
    ("pathrow", regex(
        rf"\b(?:wrs ?-? ?2? ?,? ?)?path:? {_NUM}(?P<p>\d{{1,4}}) ?(?:,|and|/|-)? ?(?:wrs ?-? ?2? )?row:? "
        rf"{_NUM}(?P<r>\d{{1,4}})(?!\w)")),
    ("pathrow", regex(r"\bp(?P<p>\d{3}) ?/?r(?P<r>\d{2,3})\b")),
    ("pathrow", regex(r"\bwrs ?-? ?2? ?(?:tile |scene |frame )?(?P<p>\d{1,3}) ?(?:/|-) ?(?P<r>\d{1,3})(?!\w)")),
    *(
        (f"wrs_{one}", regex(
            rf"\b(?:wrs ?-? ?2? ?)?{one}s:? {_NUM}(?P<v>\d{{1,3}})(?!\w)(?! ?(?:to|-|–|through) ?\d)"
            r"(?P<more>(?: ?(?:,|and|or|/|&|, and|, or) ?\d{1,3}(?!\w| ?%))*)"))
        for one in ("path", "row")
    ),
    ("wrs_path", regex(rf"\b(?:wrs ?-? ?2? ?)?path:? {_NUM}(?P<v>\d{{1,4}})(?!\w)")),
    ("wrs_row", regex(rf"\b(?:wrs ?-? ?2? ?)?row:? {_NUM}(?P<v>\d{{1,4}})(?!\w)")),
    ("relative_orbit", regex(
        rf"\b(?:relative orbits?|rel\.? ?orbits?|tracks?|relorb|ron):? {_NUM}(?P<v>\d{{1,4}})(?!\w)"
        r"(?P<more>(?: ?(?:,|and|or|/|&|, and|, or) ?\d{1,3}(?!\w))*)")),
    ("relative_orbit", regex(r"\b(?:relative )?(?:orbits?|tracks?)(?: number)?:? r(?P<v>\d{1,3})(?!\w)")),
    ("relative_orbit", regex(r"(?<!\w)r(?P<v>0\d\d|1[0-7]\d)(?!\w)")),
    ("cloud_cover", regex(r"(?<!\w)(?:cc|clc|ccp)(?= ?[<>=≤≥:]| (?:below|under|less|max|at most|up to)\b)")),
    ("raw", regex(r"(?<!\w)raw(?!\w)")),
    ("absolute_orbit", regex(rf"\b(?:absolute orbit|abs\.? ?orbit|orbit):? {_NUM}(?P<v>\d{{1,6}})(?!\w)")),
    ("version", regex(r"\b(?:version|release) ?(?P<v>\d+(?:\.\d+)*)\b|\bv(?P<v2>\d+\.\d+)\b")),
    ("collection", regex(
        r"\b(?:landsat )?collection[ -]?(?P<v>[12])\b(?! level)|\bcollection[ -]?(?P<v2>[12])(?= level)")),
    ("polarisation", regex(
        r"(?<!\w)(?P<v>(?:vv|vh|hh|hv)(?: ?(?:\+|/|&|,|and|-|or|plus) ?(?:vv|vh|hh|hv)| (?:vv|vh|hh"
        r"|hv))*)(?!\w)(?: ?-? ?pol\b| polarisations?| polarizations?| polarised| polarized| channels?)?")),
    ("polarisation", regex(
        r"(?<!\w)(?P<v>(?:vertical|horizontal)(?: ?[-/,+]? ?(?:transmit )?(?:and )?(?:vertical|horizontal)){1,3})(?: "
        r"receive)?"
        r" polari[sz]ations?(?!\w)")),
    ("bandcode", regex(
        r"(?<!\w)(?P<v>b(?:0?[1-9]|1[0-2]|8a)(?: ?(?:\+|/|&|,|and|,? and) ?b(?:0?[1-9]|1[0-2]|8a))*)(?!\w)")),
    ("quality_level", regex(
        r"\bquality(?: level| score| grade)?(?: of)?(?P<op> at least| over| above| >=| ≥| minimum)? "
        r"(?P<v>[0-3])(?![\w.])(?P<up> (?:or|and) (?:higher|above|better|more|up))?")),
]  # fmt: skip
_LIMITS = {"wrs_path": (233, "WRS-2 paths go from 1 to 233"), "wrs_row": (248, "WRS-2 rows go from 1 to 248")}


def read_codes(reading: Reading) -> None:
    """Mark codes with their property (`info["property"]`)."""
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(reading.norm):
            start, end = reading.span_of(match)
            if reading.is_free(start, end):
                _MAKERS.get(name, _plain)(reading, name, match, start, end)


def _plain(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    groups = match.groupdict()
    text = groups.get("v") or groups.get("v2") or reading.words(start, end)
    value: str | int = text
    if name in ("relative_orbit", "absolute_orbit", "wrs_path", "wrs_row", "quality_level"):
        value = int(text)
        if name == "absolute_orbit" and value <= RELATIVE_ORBITS["Sentinel-1"] and "abs" not in match[0]:
            # missions count absolute orbits from launch: a small number is one of the repeat cycle
            name = "relative_orbit"
            reading.draft.assume(
                f"orbit {value} is the relative one: absolute numbers that small are of the first days"
            )
        _check(reading, name, value)
        if groups.get("more"):
            end = reading.token_at(match.start("v")) + 1
            for number in re.finditer(r"\d+", match["more"]):
                at = reading.token_at(match.start("more") + number.start())
                reading.mark(at, at + 1, "identifier", int(number[0]), property=name)
        if groups.get("op") or groups.get("up"):
            strict = (groups.get("op") or "").strip() in ("over", "above")
            reading.mark(start, end, "identifier", value, property=name, op=">" if strict else ">=")
            return
    elif name == "tile_id":
        value = text.upper()
        if not 1 <= int(value[:2]) <= 60:
            reading.draft.refuse(f"There is no MGRS tile {value}: the zones go from 01 to 60.")
    elif name == "crs":
        value = f"EPSG:{text}"
    elif name == "collection":
        value = f"Landsat Collection {text}"
    elif name in ("product_id", "doi"):
        value = reading.words(start, end)
    reading.mark(start, end, "identifier", value, property=name)


def _path_row(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    mark = reading.mark(start, end, "identifier", int(match["p"]), property="wrs_path")
    mark.info["also"] = ("wrs_row", int(match["r"]))
    _check(reading, "wrs_path", int(match["p"]))
    _check(reading, "wrs_row", int(match["r"]))


def _polarisation(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    letters = "".join(one[0] for one in re.findall("vertical|horizontal", match["v"]))
    codes = [letters[at : at + 2] for at in range(0, len(letters) - 1, 2)] or re.findall("vv|vh|hh|hv", match["v"])
    found = list(dict.fromkeys(codes))
    either = " or " in match["v"]
    reading.mark(
        start, end, "polarisation", "+".join(found).upper(), either=either, channels=[one.upper() for one in found]
    )


def _projection(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    """`UTM zone 33N`, `WGS 84`, `web Mercator` as EPSG codes."""
    if name == "utm":
        south = (match["h"] or "n").startswith("s")
        code = f"EPSG:{(32700 if south else 32600) + int(match['v'])}"
        reading.draft.assume(f"UTM zone {match['v']}{'S' if south else 'N'} = {code}")
    else:
        code = "EPSG:3857" if "mercator" in match[0] else "EPSG:4326"
    reading.mark(start, end, "identifier", code, property="crs")


def _bands(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    codes = [one.upper() for one in re.findall(r"b(?:1[0-2]|8a|0?[1-9])", match["v"])]
    codes = [f"B0{one[1:]}" if len(one) == 2 else one for one in codes]
    reading.mark(start, end, "band", codes[0], codes=codes)


def _check(reading: Reading, name: str, value: int) -> None:
    limit = _LIMITS.get(name)
    if limit and not 1 <= value <= limit[0]:
        reading.draft.refuse(f"There is no {name.replace('_', ' ').replace('wrs', 'WRS')} {value}: {limit[1]}.")


def _noun(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    """A short form of a property: `cc < 20`."""
    entry = Entry("attr", name, match[0])
    reading.mark(start, end, "attr", name, entries=[entry], entry=entry)


def _raw(reading: Reading, name: str, match: re.Match[str], start: int, end: int) -> None:
    """Of Sentinel-1, RAW is a product type; elsewhere raw data are of level 0."""
    if re.search(r"sentinel[ -]?1|\bs[ -]?1[a-d]?\b", reading.norm):
        entry = Entry("product_type", "RAW", "RAW")
        reading.mark(start, end, "product_type", "RAW", entries=[entry], entry=entry)


_MAKERS: dict[str, Callable[[Reading, str, re.Match[str], int, int], None]] = {
    "pathrow": _path_row,
    "polarisation": _polarisation,
    "bandcode": _bands,
    "cloud_cover": _noun,
    "raw": _raw,
    "utm": _projection,
    "projection": _projection,
}
