"""Lists that name a sensor by its last letter or number only: `Landsat 8 and 9`, `Sentinel-2A/B`, `Landsat 4 to 7`."""

from __future__ import annotations

import re

from nlq.lexis.lexicon import Entry, Lexicon
from nlq.sheet.patterns import regex
from nlq.sheet.reading import Mark, Reading, rule
from nlq.sheet.tokens import key
from nlq.stages.dates import MONTHS

_NUMBERED = regex(r"(?P<base>.*?[a-z -])(?P<number>\d{1,2})(?P<letter>[a-dp])?$", re.IGNORECASE)
_NEXT = regex(r"(?P<number>\d{1,2})?(?P<letter>[a-dp])?$")
_JOINS = frozenset((",", "and", "or", "/", "&", "+", "nor"))
_RANGES = frozenset(("-", "to", "through", "until"))
# what a number counts or measures belongs to no sensor
_COUNTED = frozenset(
    ("%", "percent", "m", "km", "metre", "metres", "meter", "meters", "days", "weeks", "months", "years", "gb", "bands",
     "classes", "st", "nd", "rd", "th", ".", "of", *MONTHS)
)  # fmt: skip


def read_sensor_lists(reading: Reading, lexicon: Lexicon) -> None:
    """Mark the sensors of a list that leave out what the first one says."""
    _not_both(reading)
    for mark in list(reading.of_kind("sensor")):
        last = mark
        while (found := _next(reading, last, mark, lexicon)) is not None:
            last = found


_NOT_BOTH = rule(
    r"(?:not|n ' t|never|instead of|rather than)(?: (?:[a-z]+|\{product\}|\{dataset\})){0,3}? both "
    r"(?:from )?(\{sensor\}) and (?:from )?(\{sensor\})"
)


def _not_both(reading: Reading) -> None:
    """`do not use both A and B, just A`: the sensor that stands outside is the one that is meant."""
    found = reading.find(_NOT_BOTH)
    if found is None:
        return
    pair = found.marks(0, "sensor")
    if any(one not in pair for one in reading.of_kind("sensor")):
        for mark in pair:
            mark.used = mark.info["taken"] = True
        found.use("talk")


def _next(reading: Reading, last: Mark, first: Mark, lexicon: Lexicon) -> Mark | None:
    """Mark the sensor after a joining word."""
    phrase = reading.words(first.start, first.end)
    named = _NUMBERED.match(phrase)
    tokens = reading.tokens
    at = last.end
    if at < len(tokens) and tokens[at].norm == "," and at + 1 < len(tokens) and tokens[at + 1].norm in _JOINS:
        at += 1
    if named is None or at + 1 >= len(tokens) or not reading.is_free(at, at + 1):
        return None
    word = tokens[at].norm
    begin = at + 1
    if word in _JOINS and tokens[begin].norm == "-" and begin + 1 < len(tokens):
        begin += 1  # `Landsat-8 and -9`
    if not reading.is_free(begin, begin + 1) or (found := _NEXT.fullmatch(tokens[begin].norm)) is None:
        return None
    if not found[0] or (begin + 1 < len(tokens) and tokens[begin + 1].norm in _COUNTED):
        return None
    if found["number"] is None and not (
        named["letter"] and (word == "/" or tokens[begin].is_capital or tokens[begin].norm != "a")
    ):
        return None  # `Sentinel-2 and a DEM`
    if word == "," and not _list_goes_on(reading, begin + 1):
        return None
    if word not in _JOINS and not (word in _RANGES and found["number"] and not found["letter"]):
        return None
    number = found["number"] or named["number"]
    entry = _sensor(lexicon, f"{named['base']}{number}{found['letter'] or ''}")
    if entry is None:
        return None
    if word in _RANGES:
        between = range(int(named["number"]) + 1, int(number))
        inner = [_sensor(lexicon, f"{named['base']}{one}") for one in between]
        if int(number) <= int(named["number"]) or None in inner:
            return None
        if inner:
            made = reading.mark(at, at + 1, "sensor", inner[0].value, entries=[inner[0]], entry=inner[0])  # type: ignore[union-attr]
            made.info["values"] = [one.value for one in inner if one is not None]
        else:
            reading.use(at, at + 1, "mission")
    return reading.mark(at + 1, begin + 1, "sensor", entry.value, entries=[entry], entry=entry)


def _list_goes_on(reading: Reading, at: int) -> bool:
    """Whether an `and` or `or` with one more number follows."""
    tokens = reading.tokens
    return (
        at + 1 < len(tokens)
        and tokens[at].norm in ("and", "or", ",", "&")
        and bool(_NEXT.fullmatch(tokens[at + 1].norm) or tokens[at + 1].norm in ("and", "or", "-"))
    )


def _sensor(lexicon: Lexicon, name: str) -> Entry | None:
    return next((one for one in lexicon.exactly(key(name)) if one.kind == "sensor"), None)
