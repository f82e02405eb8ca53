"""Times that are more than one calendar atom: lists of days, weeks by number, days of the year, feasts, ages.

Run before `dates`, which would read their pieces one by one.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from nlq.stages.date_parts import NUMBER_WORDS
from nlq.stages.dates import MONTHS, Atom, back
from nlq.stages.periods import Period

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_Y = r"(?:19|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\d)"
_ITEM = rf"{_DAY}(?: ?(?:-|to|until|till|through) ?(?:the )?{_DAY})?"
_COMMA = r" ?, ?(?:(?:from|on|between) )?(?:the )?"
_AND = r",? (?:and|or|as well as)(?: again)? (?:(?:from|on|between) )?(?:the )?| ?& ?"
_LIST = rf"(?P<items>{_ITEM}(?:{_COMMA}{_ITEM})*(?:{_AND}){_ITEM})"
_NUMBER = rf"\d{{1,3}}|{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))}"
_UNIT = r"(?P<u>day|week|fortnight|month|year)s?"
_FEASTS = {
    "christmas eve": (12, 24), "christmas": (12, 25), "christmas day": (12, 25), "xmas": (12, 25),
    "boxing day": (12, 26), "new year": (1, 1), "new years day": (1, 1), "new year day": (1, 1),
    "new years eve": (12, 31), "new year eve": (12, 31), "new years": (1, 1),
    "summer solstice": (6, 21), "winter solstice": (12, 21), "spring equinox": (3, 20), "autumn equinox": (9, 22),
    "vernal equinox": (3, 20), "autumnal equinox": (9, 22),
}  # fmt: skip
_FROM_EASTER = {
    "good friday": -2, "easter": 0, "easter sunday": 0, "easter monday": 1, "ascension day": 39, "pentecost": 49,
    "whit sunday": 49,
}  # fmt: skip


def _whole(pattern: str) -> re.Pattern[str]:
    return regex(rf"(?<![\w.-])(?:{pattern})(?!\w)")


def _day_number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _count(text: str) -> int:
    return int(text) if text.isdigit() else NUMBER_WORDS[text]


def read_calendar_forms(reading: Reading) -> None:
    """Mark the times that are lists, numbers of weeks and days, feasts and ages."""
    for pattern, reader in _READERS:
        for match in list(pattern.finditer(reading.norm)):
            if reading.is_free(*reading.span_of(match)):
                for first, last, kind, value in reader(match, reading):
                    reading.mark(reading.token_at(first), reading.token_at(last - 1) + 1, kind, value)


_Marks = Iterator[tuple[int, int, str, "Atom | Period"]]


def _day_list(match: re.Match[str], reading: Reading) -> _Marks:
    """`6, 8 and 20 to 22 February 2023`: each item is an atom; the month belongs to the nearest one."""
    if reading.norm[: match.start()].rstrip().endswith(("between", "between the")) and "," not in match["items"]:
        return
    month, year = MONTHS[match["mn"]], int(match["y"]) if match["y"] else None
    start, items = match.start("items"), list(re.finditer(_ITEM, match["items"]))
    for number, item in enumerate(items):
        days = [_day_number(one) for one in re.findall(_DAY, item[0])]
        first, last = start + item.start(), start + item.end()
        if number == 0:
            first = match.start()
        if number == len(items) - 1:
            last = match.end()
        length = calendar.monthrange(year or 2000, month)[1]
        over = next((one for one in days if one > length), None)
        fault = f"The date {over} {calendar.month_name[month]} does not exist: the month has {length} days."
        yield (
            first,
            last,
            "date",
            Atom("day", year, month, days[0], days[1] if len(days) > 1 else None, fault=fault if over else ""),
        )


def _to_the_end(match: re.Match[str], _reading: Reading) -> _Marks:
    """`from 5 to the end of May 2020`."""
    month, year = MONTHS[match["mn"]], int(match["y"]) if match["y"] else None
    end = calendar.monthrange(year or 2001, month)[1]
    yield match.start(), match.end(), "date", Atom("day", year, month, _day_number(match["d"]), end)


def _weeks(match: re.Match[str], _reading: Reading) -> _Marks:
    """ISO weeks by number, Monday to Sunday."""
    year, first = int(match["y"]), int(match["w"])
    last = int(match["w2"]) if match["w2"] else first
    most = date(year, 12, 28).isocalendar().week
    if not 1 <= first <= last <= most:
        yield match.start(), match.end(), "date", Atom("span", fault=f"The year {year} has {most} calendar weeks.")
        return
    span = date.fromisocalendar(year, first, 1), date.fromisocalendar(year, last, 7)
    yield match.start(), match.end(), "date", Atom("span", span=span)


def _days_of_year(match: re.Match[str], _reading: Reading) -> _Marks:
    year, first = int(match["y"]), int(match["d"])
    last = int(match["d2"]) if match["d2"] else first
    length = 366 if calendar.isleap(year) else 365
    if not 1 <= first <= last <= length:
        yield match.start(), match.end(), "date", Atom("span", fault=f"The year {year} has {length} days.")
        return
    start = date(year, 1, 1)
    yield (
        match.start(),
        match.end(),
        "date",
        Atom("span", span=(start + timedelta(first - 1), start + timedelta(last - 1))),
    )


def _feast(match: re.Match[str], _reading: Reading) -> _Marks:
    month, day = _FEASTS[re.sub(r" ?'? ?s\b", "s", match["f"])]
    yield match.start(), match.end(), "date", Atom("day", int(match["y"]) if match["y"] else None, month, day)


def _easter_feast(match: re.Match[str], reading: Reading) -> _Marks:
    year = int(match["y"]) if match["y"] else _next_year(match, reading)
    day = easter(year) + timedelta(_FROM_EASTER[match["f"]])
    yield match.start(), match.end(), "date", Atom("day", year, day.month, day.day)


def _next_year(match: re.Match[str], reading: Reading) -> int:
    """The year that the text names after a feast (`between Easter and June 2019`); else that of the last one."""
    named = re.search(_Y, match.string[match.end() :])
    if named:
        return int(named[0])
    today = reading.today
    return today.year if easter(today.year) <= today else today.year - 1


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, 1991, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _years(match: re.Match[str], _reading: Reading) -> _Marks:
    """`2015-18`: two digits that are no month."""
    first, short = int(match["y"]), int(match["y2"])
    last = first // 100 * 100 + short
    if short > 12 and last > first:
        yield match.start(), match.end(), "date", Atom("span", span=(date(first, 1, 1), date(last, 12, 31)))


def _open_years(match: re.Match[str], _reading: Reading) -> _Marks:
    """`2022-`, `2022+`: from that year on."""
    yield match.start(), match.end(), "time", Period("from", Atom("year", int(match["y"])))


def _before_last(match: re.Match[str], reading: Reading) -> _Marks:
    today, unit = reading.today, match["u"]
    if unit == "year":
        yield match.start(), match.end(), "date", Atom("year", today.year - 2)
    elif unit == "month":
        index = today.year * 12 + today.month - 3
        yield match.start(), match.end(), "date", Atom("month", index // 12, index % 12 + 1)
    else:
        monday = today - timedelta(today.weekday() + 14)
        yield match.start(), match.end(), "date", Atom("span", span=(monday, monday + timedelta(6)))


def _weekend(match: re.Match[str], reading: Reading) -> _Marks:
    step = 0 if match["w"] == "this" else -7
    saturday = reading.today - timedelta(reading.today.weekday() - 5 - step)
    yield match.start(), match.end(), "date", Atom("span", span=(saturday, saturday + timedelta(1)))


def _age(match: re.Match[str], reading: Reading) -> _Marks:
    """`more than ten years ago`, `not older than three months`, `less than a year old`."""
    words = match["c"]
    number, unit = _count(match["n"]), match["u"]
    try:
        day = back(
            reading.today, number * 2 if unit == "fortnight" else number, "week" if unit == "fortnight" else unit
        )
    except (ValueError, OverflowError):
        yield match.start(), match.end(), "date", Atom("span", fault="So long ago lies before any calendar.")
        return
    atom = Atom("span", span=(day, day))
    young = re.search(r"\b(?:less|fewer|younger|newer|up to|at most|within)\b", words) is not None
    old = re.search(r"\b(?:more|older|over)\b", words) is not None
    if re.search(r"\b(?:no|not|nothing|never)\b", words):
        young, old = old, young
        strict = False
    else:
        strict = "than" in words or "over" in words
    op = ("after" if strict and "newer" in words else "from") if young else "before" if strict and old else "until"
    yield match.start(), match.end(), "time", Period(op, atom)


_READERS: list[tuple[re.Pattern[str], Callable[[re.Match[str], Reading], _Marks]]] = [
    (_whole(rf"{_LIST}\.? (?:of )?(?P<mn>{_MONTH})\.?,?(?: (?:of )?(?P<y>{_Y}))?"), _day_list),
    (_whole(rf"(?P<mn>{_MONTH})\.? (?:the )?{_LIST},? (?:of )?(?P<y>{_Y})"), _day_list),
    (
        _whole(
            rf"(?:the )?(?P<d>{_DAY}) ?(?:-|to|until|till|through) ?(?:the )?end of (?P<mn>{_MONTH})\.?,?"
            rf"(?: (?:of )?(?P<y>{_Y}))?"
        ),
        _to_the_end,
    ),
    (
        _whole(
            r"(?:(?:calendar|iso) )?(?:weeks?|wk|cw|kw) ?(?:no\.? ?|number )?(?P<w>\d{1,2})"
            rf"(?: ?(?:-|to|through|and) ?(?P<w2>\d{{1,2}}))?,? ?(?:of |in |/ ?)?(?P<y>{_Y})"
        ),
        _weeks,
    ),
    (_whole(rf"(?P<y>{_Y}) ?-?(?:cw|kw|w|week) ?(?P<w>\d\d)(?P<w2>)"), _weeks),
    (
        _whole(
            r"(?:days? of (?:the )?year|doy|julian days?|day) ?(?P<d>\d{1,3})(?: ?(?:-|to|through) ?(?P<d2>\d{1,3}))?"
            rf",? ?(?:of |in |/ ?)?(?:the year )?(?P<y>{_Y})"
        ),
        _days_of_year,
    ),
    (
        _whole(
            r"(?P<f>christmas eve|christmas day|christmas|xmas|boxing day|new years? ?'? ?s? eve|new year ?' ?s day"
            rf"|new years day|new year day|new year(?: ?' ?s)?"
            rf"|(?:summer|winter) solstice|(?:spring|vernal|autumn|autumnal) equinox)(?:,? (?:of |in )?(?P<y>{_Y}))?"
        ),
        _feast,
    ),
    (
        _whole(
            r"(?P<f>good friday|easter(?: sunday| monday)?|ascension day|pentecost|whit sunday)(?! island)"
            rf"(?:,? (?:of |in )?(?P<y>{_Y}))?"
        ),
        _easter_feast,
    ),
    (
        regex(
            r"(?<![\w.-])(?<!winter )(?<!winter of )(?<!summer )(?<!season )(?<!in winter )"
            rf"(?P<y>{_Y}) ?- ?(?P<y2>\d\d)(?![\w-])(?! (?:winter|summer|season))"
        ),
        _years,
    ),
    (regex(rf"(?<![\w.-])(?<!- )(?P<y>{_Y}) ?(?:(?:-|\u2013|->|\u2192)(?= ?(?:$|[,;?.)]))|\+(?! ?\d))"), _open_years),
    (_whole(r"(?:the )?(?P<u>year|month|week) before last"), _before_last),
    (_whole(r"(?:the )?(?P<w>last|past|this|previous) weekend"), _weekend),
    (
        _whole(
            r"(?P<c>(?:(?:not|no|nothing|never) )?(?:older|more|less|younger|newer|fewer) than|at least|at most|over"
            rf"|up to|within) (?:the last )?(?P<n>{_NUMBER}) {_UNIT} (?:old|ago|back|of age)"
        ),
        _age,
    ),
    (
        _whole(
            r"(?P<c>(?:(?:not|no|nothing|never) )?(?:older|younger|newer|more recent) than)"
            rf" (?P<n>{_NUMBER}) {_UNIT}"
        ),
        _age,
    ),
]  # fmt: skip
