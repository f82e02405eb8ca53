"""Numbers: digits, words, multipliers, units and comparisons, as marks `number` and `bound`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Found, Mark, Reading, rule

_ONES = {
    word: n
    for n, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_BIG = {
    "hundred": 100,
    "thousand": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "billion": 1e9,
    "billions": 1e9,
    "k": 1e3,
    "m": 1e6,
    "mio": 1e6,
    "mn": 1e6,
    "bn": 1e9,
    "b": 1e9,
    "dozen": 12,
    "thousands": 1e3,
    "hundreds": 100,
    "mln": 1e6,
}
ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
} | {f"{n}th": n for n in range(4, 32)}

_WORD = "|".join([*_ONES, *_TENS])
NUMBER_WORDS = tuple(word for word in (*_ONES, *_TENS, *_BIG, *ORDINALS) if word.isalpha())
_NUMBER = regex(
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?![\d])|\d+(?:\.\d+)?|\.\d+)"
    r"(?:(?P<e>e[+-]?\d{1,3})(?!\w)|\s?(?P<multi>k|million|millions|mio|mn|mln|billion|billions|bn"
    r"|thousand|hundred|dozen)\b"
    r"|(?P<tight>[mb](?=\s(?:param|weight|trainable|sample|image|label|instance|patch|pixel|chip|parcel|picture|object"
    r"|inhabitant|people))))?(?![\d]|(?:st|nd|rd|th)\b)"
    r"|\b(?P<half>half an? (?:million|billion|thousand|dozen|(?=(?:kilo|centi)?met(?:re|er)|tera|giga|mega|mile|gi?g"
    r"|tb\b|mb\b|meg|km\b)))"
    rf"|\b(?P<words>(?:(?:{_WORD})(?:[ -](?:{_WORD}))?|an?(?= (?:hundred|thousand|million|billion|dozen|met(?:re|er)"
    r"|gigabyte|terabyte)\b))"
    r"(?:(?: (?:hundred|thousand|million|billion|dozen))+(?:(?: and)? (?:"
    + _WORD
    + r")(?:[ -](?:"
    + _WORD
    + r"))?)?)?)\b"
)

# unit word -> (kind of quantity, factor to its base unit)
UNITS: dict[str, tuple[str, float]] = {}
for _kind, _factor, _words in (
    ("percent", 1, "% percent pct percentage"),
    ("length", 1, "m metre meter metres meters"),
    ("length", 0.01, "cm centimetre centimeter centimetres centimeters"),
    ("length", 0.001, "mm millimetres millimeters"),
    ("length", 1000, "km kms kilometre kilometer kilometres kilometers"),
    ("length", 1609.344, "mile miles mi"),
    ("length", 1852, "nm nmi"),
    ("length", 0.3048, "ft foot feet"),
    ("length", 0.0254, "inch inches"),
    ("bytes", 1, "gb gigabyte gigabytes gig gigs gib"),
    ("bytes", 0.001, "mb megabyte megabytes mib meg megs"),
    ("bytes", 1000, "tb terabyte terabytes tib tera teras"),
    ("bytes", 0.000001, "kb kilobyte kilobytes"),
    ("pixels", 1, "px pixel pixels"),
    ("people", 1, "inhabitants people residents souls"),
    ("area", 1, "km2 km² sqkm"),
    ("area", 0.01, "ha hectare hectares"),
    ("angle", 1, "° deg degree degrees"),
    ("days", 1, "day days"),
    ("classes", 1, "class classes category categories"),
):
    for _one in _words.split():
        UNITS[_one] = (_kind, _factor)
_AREA = regex(
    r"\s?-?\s?(?:(?P<km>square (?:km|kilomet(?:re|er)s?)|sq\.? ?km|km(?:2|²|\^2))|(?P<mi>square miles?"
    r"|sq\.? ?mi(?:les)?)"
    r"|(?P<nautical>nautical miles?|nmi))(?![\w])"
)
_UNIT = regex(r"\s?-?\s?(" + "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True)) + r")(?![\w²])")
_SIZE = regex(r"(?<!\w)(\d{1,5})\s?(?:px|pixels?)?\s?(?:x|by|\*)\s?(\d{1,5})(?:\s?(?:px|pixels?))?(?!\w)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the kind of its unit (empty: a bare number); lengths in m, sizes in GB, areas in km2."""

    value: float
    kind: str = ""
    unit: str = ""


def _spoken(text: str) -> float:
    total, current = 0.0, 0.0
    for word in re.split(r"[ -]", text):
        if word in _ONES:
            current += _ONES[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in ("a", "an"):
            current = 1
        elif word in _BIG:
            if word in ("hundred", "dozen"):
                current = (current or 1) * _BIG[word]
            else:
                total, current = total + (current or 1) * _BIG[word], 0.0
    return total + current


def _value(match: re.Match[str]) -> float | None:
    if match["words"]:
        return _spoken(match["words"])
    if match["half"]:
        return _BIG.get(match["half"].split()[-1], 1) / 2
    digits = re.sub(r"[ ,]", "", match["digits"])
    if len(digits) > 15:
        return None
    return round(float(digits + (match["e"] or "")) * _BIG.get(match["multi"] or match["tight"] or "", 1), 6)


_SHARES = {
    "half": 50.0, "third": 33.3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0, "two thirds": 66.7,
    "three quarters": 75.0,
}  # fmt: skip
_SHARE = regex(
    r"\b(?:an? |one )?(half|third|quarter|fifth|tenth|two thirds|three quarters)(?= (?:of )?(?:the |its )?"
    r"(?:scene |image |area |tile )?(?:is )?(?:cloud|clouds|cloudy|clouded|cloud cover|covered|snow|water|vegetation"
    r"|vegetated|bare|nodata|no-data)\b)"
)


def read_numbers(reading: Reading) -> None:
    """Mark numbers (with their unit) that no other stage has taken."""
    for match in _SHARE.finditer(reading.norm):
        start, end = reading.span_of(match)
        if reading.is_free(start, end):
            reading.mark(start, end, "number", Quantity(_SHARES[match[1]], "percent", "%"))
    for match in _SIZE.finditer(reading.norm):
        start, end = reading.span_of(match)
        if reading.is_free(start, end):
            reading.mark(start, end, "number", Quantity(max(float(match[1]), float(match[2])), "pixels", "px"))
    at = 0
    while found_number := _NUMBER.search(reading.norm, at):
        at = found_number.end()
        start, end = reading.span_of(found_number)
        if not reading.is_free(start, end):
            continue
        if found_number["words"] in ("one", "a", "an") and not _UNIT.match(reading.norm, at):
            continue
        try:
            value = _value(found_number)
        except OverflowError:
            value = None
        if value is None or value > 1e15:
            reading.mark(start, end, "huge")
            reading.draft.refuse(
                f"The number {reading.words(start, end)[:20]}... is far beyond anything a catalogue holds."
            )
            continue
        kind, unit, factor = "", "", 1.0
        if area := _AREA.match(reading.norm, found_number.end()):
            kind, unit, factor, at = "area", "km²", 1.0, area.end()
            if area["mi"]:
                factor = 2.589988
            if area["nautical"]:
                kind, unit, factor = "length", "nautical miles", 1852.0
        elif found := _UNIT.match(reading.norm, found_number.end()):
            unit = found[1]
            kind, factor = UNITS[unit]
            # "class" and "people" are nouns that other rules read as well: they stay outside of the mark
            if kind in ("classes", "people", "days"):
                kind, factor = "", 1.0
            else:
                at = found.end()
        end = max(end, reading.token_at(max(found_number.start(), at - 1)) + 1)
        if not reading.is_free(start, end):
            end, kind, factor = reading.span_of(found_number)[1], "", 1.0
        if kind == "pixels" and reading.norm[at : at + 2] == "x ":
            continue
        number = round(value * factor, 9)
        reading.mark(start, end, "number", Quantity(number, kind, unit))


_N = r"\{number\}"
_FILL = r"(?:a |an |the |just |roughly |about )?"
_MORE = (
    r"(?:more than|greater than|larger than|bigger than|higher than|longer than|over|above|exceeding"
    r"|exceeds?|in excess of|upwards? of|beyond|> (?!=)|better than|stronger than|deeper than|wider than"
    r"|heavier than|taller than|older than|greater|>)"
)
_LESS = (
    r"(?:less than|lower than|smaller than|fewer than|shorter than|below|under|beneath|< (?!=)|not reaching"
    r"|lighter than|not as much as|finer than|short of|less|<)"
)
_MIN = (
    r"(?:at least|no less than|not less than|no fewer than|not fewer than|no smaller than|not below|not "
    r"under|no lower than|a minimum of|minimum of|minimum|min \.|min|> =|≥|from|starting at|starting from|> "
    r"= =|> or =)"
)
_MAX = (
    r"(?:at most|at the most|no more than|not more than|no greater than|no larger than|no bigger than|not larger than"
    r"|not bigger than|not greater than|not higher than|not longer than|not heavier than|not "
    r"over|not above|up to|a maximum of|maximum of|maximum|max \.|max|not exceeding|< =|≤|no coarser than"
    r"|nothing coarser than|not coarser than|no higher than|no longer than|within|not exceed|never more "
    r"than|no heavier than|does not exceed|do not exceed|doesn ' t exceed|don ' t exceed)"
)
_UP = (
    r"(?:or more|or larger|or bigger|or greater|or above|or over|or higher|and more|and above|and up|and "
    r"over|upwards?|plus|\+|at the least|at least|at the very least|minimum|min|or upwards?|or longer|or "
    r"wider|or beyond|at minimum)"
)
_DOWN = (
    r"(?:or less|or fewer|or smaller|or below|or under|or lower|and less|and below|at most|at the most|tops"
    r"|max|maximum|or better|or finer|or shorter|and under|and finer|and better|or sharper|at the very most"
    r"|at maximum)"
)
_BOUNDS = [
    (
        rule(
            r"(?:between|from|in the range of|in the range|ranging from|range from|somewhere between|anywhere "
            rf"between)? ?({_N}) (?:to|and|-|through|until|up to) ({_N})"
        ),
        "between",
    ),
    (rule(rf"(?:anything |something |nothing )?({_MAX}) {_FILL}({_N})"), "<="),
    (
        rule(
            rf"({_MIN}) {_FILL}({_N}) (?:on|up|upwards?|onwards?)",
            r"(at least|no less than|not less than|no fewer than|not fewer than|no smaller than|not below|not "
            r"under|no lower than|a minimum of|minimum of|minimum|min \.|min|> =|≥|starting at|starting from) "
            rf"{_FILL}({_N})",
        ),
        ">=",
    ),
    (rule(rf"({_MORE}) {_FILL}({_N})"), ">"),
    (rule(rf"({_LESS}) {_FILL}({_N})"), "<"),
    (rule(rf"({_N}) ({_UP})"), ">="),
    (rule(rf"({_N}) ({_DOWN})"), "<="),
    (rule(rf"((?:no|not|nothing|none|never) (?:cloudier|snowier) than) {_FILL}({_N})"), "<="),
    (rule(rf"((?:coarser|cloudier|snowier) than) {_FILL}({_N})"), ">"),
    (rule(rf"(?:exactly|precisely|equal to|equals?|= =|=) ({_N})"), "="),
]


_MULTIPLES = regex(r"\d ?(k|thousand|million|millions|mio|mn|mln|billion|billions|bn)$")


def _shared_multiple(reading: Reading, numbers: list[Mark], values: list[Quantity]) -> Quantity:
    """The first number of `between 50 and 150 million`, in the multiple of the second."""
    low, high = values[0], values[-1]
    texts = [reading.words(one.start, one.end).casefold() for one in numbers]
    multiple = _MULTIPLES.search(texts[-1])
    if multiple is None or not texts[0].replace(".", "").isdigit() or low.kind or high.kind:
        return low
    scaled = low.value * _BIG.get(multiple[1], 1)
    return Quantity(scaled, low.kind, low.unit) if scaled < high.value else low


def read_bounds(reading: Reading) -> None:
    """Join comparisons and numbers to marks `bound` with `op` and one or two quantities."""
    for pattern, op in _BOUNDS:
        at = 0
        while found := reading.find(pattern, at):
            at = found.match.end() - 1
            numbers = found.marks(0, "number")
            start, end = found.span()
            if not numbers or (op == "between" and not _can_range(reading, found, numbers)):
                continue
            words_ = found.text(0).split("{")[0].strip()
            values = [one.value for one in numbers]
            if op == "between":
                values[0] = _shared_multiple(reading, numbers, values)
            for one in numbers:
                reading.unmark(one)
            if op == "between":
                low, high = values[0], values[-1]
                if not low.kind and high.kind:
                    low = Quantity(low.value * UNITS.get(high.unit, ("", 1.0))[1], high.kind, high.unit)
                    if high.kind == "area":
                        low = Quantity(values[0].value, "area", high.unit)
                elif low.kind and not high.kind:
                    high = Quantity(high.value * UNITS.get(low.unit, ("", 1.0))[1], low.kind, low.unit)
                pair = sorted((low, high), key=lambda one: one.value)
                reading.mark(start, end, "bound", tuple(pair), op="between", words="between")
            else:
                reading.mark(start, end, "bound", (values[-1],), op=op, words=words_ or found.text(0))
            at = 0
    _bounds_around(reading)
    _either(reading)
    for mark in list(reading.of_kind("number")):
        approx = reading.tokens[mark.start - 1].norm if mark.start else ""
        info = {
            "op": "=",
            "words": "",
            "about": approx in ("about", "approximately", "roughly", "around", "circa", "~"),
        }
        mark.kind, mark.info, mark.value = "bound", info, (mark.value,)
    reading._version += 1


_EITHER = rule(rf"({_N}) or ({_N})(?= \{{(?:counted|attr)\}}| input| spectral| bands| channels)")


def _either(reading: Reading) -> None:
    """`12 or 13 bands`: any of both."""
    for found in reading.find_all(_EITHER):
        numbers = found.marks(0, "number")
        if len(numbers) != 2 or numbers[0].value.kind not in ("", numbers[1].value.kind):
            continue
        last = numbers[1].value
        factor = UNITS.get(last.unit, ("", 1.0))[1] if not numbers[0].value.kind else 1.0
        first = Quantity(numbers[0].value.value * factor, last.kind, last.unit)
        start, end = found.span()
        for one in numbers:
            reading.unmark(one)
        reading.mark(start, end, "bound", (first, last), op="in", words="")


_THING = (
    r"(?:\{(?:counted|product|attr|dataset|model|topic|task|sensor|modality|split|band|temporal"
    r"|annotation_type|class)\} |pixels? )+"
)
_AROUND = [
    (rule(rf"({_N}) {_THING}(?!\+ ?[\d{{])(?:{_UP})"), ">="),
    (rule(rf"({_N}) {_THING}(?:{_DOWN})"), "<="),
    (rule(rf"(?:less|fewer|lower) {_THING}than ({_N})"), "<"),
    (rule(rf"(?:max|max \.|maximum|maximal) {_THING}(?:: |= |of |at |is )?({_N})"), "<="),
    (rule(rf"(?:min|min \.|minimum|minimal) {_THING}(?:: |= |of |at |is )?({_N})"), ">="),
    (rule(rf"(?:more|higher|greater) {_THING}than ({_N})"), ">"),
]


def _bounds_around(reading: Reading) -> None:
    """`a million images or more`: the comparison comes after the things that are counted."""
    for pattern, op in _AROUND:
        while (found := reading.find(pattern)) is not None:
            number = found.marks(1, "number")[0]
            number.kind, number.info, number.value = "bound", {"op": op, "words": ""}, (number.value,)
            start, end = found.span()
            if number.start > start:
                reading.use(start, start + 1, "value")
                if reading.is_free(start, start + 1) and reading.tokens[start].norm.startswith(("max", "min")):
                    reading.mark(start, start + 1, "comparison").used = True  # no superlative
            else:
                reading.use(max(number.end, found.marks(0)[-1].end), end, "value")
            reading._version += 1


def _can_range(reading: Reading, found: Found, numbers: list[Mark]) -> bool:
    """`1 to 5 m` and `between 20 and 30 classes` are ranges; `path 190 and 30` or `2 images and 3 m` are not."""
    first, last = numbers[0].value, numbers[-1].value
    text = found.text(0)
    if first.kind and last.kind and first.kind != last.kind:
        return False
    if " and " in text and not text.startswith(("between", "somewhere", "anywhere", "in the range", "rang")):
        return False
    return bool(first.value <= last.value or last.kind)
