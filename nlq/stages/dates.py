"""Calendar atoms: every way to write a day, month, quarter, half, season, year or decade, as marks `date`.

An atom may lack its year (`27 April` in `from 27 April up to 1 June 2018`); `periods` joins atoms to intervals.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from nlq.sheet.patterns import regex
from nlq.sheet.reading import Reading
from nlq.stages.date_parts import NUMBER_WORDS, part_before, part_days
from nlq.stages.numbers import ORDINALS

MONTHS = {
    name: n
    for n, names in enumerate(
        [
            "january jan",
            "february feb febr",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ],
        1,
    )
    for name in names.split()
}
SEASONS = {
    "spring": (3, 4, 5),
    "summer": (6, 7, 8),
    "autumn": (9, 10, 11),
    "fall": (9, 10, 11),
    "winter": (12, 1, 2),
    "springtime": (3, 4, 5),
    "summertime": (6, 7, 8),
    "wintertime": (12, 1, 2),
}


@dataclass(frozen=True, slots=True)
class Atom:
    """A calendar unit.

    Attributes:
        unit: day, month, year, quarter, half, season, decade, span (any two days).
        year, month, day: what is known; `end_day`, `end_month` close a range inside one expression (`2 to 9 April`).
        number: which quarter or half.
        season: name; its months depend on the hemisphere.
        southern: True where the word says so (austral).
        part: early, mid, late, or a share of it (`date_parts`).
        next_year: the season runs into this year (winter 2018/19).
        span: the days of an atom that needs no reckoning.
        fault: why the date cannot exist.
    """

    unit: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    end_day: int | None = None
    end_month: int | None = None
    number: int | None = None
    season: str = ""
    southern: bool | None = None
    part: str = ""
    next_year: int | None = None
    span: tuple[date, date] | None = None
    fault: str = ""

    def months(self, southern: bool = False) -> tuple[int, ...]:
        """The months of a unit without year."""
        if self.season:
            return season_months(self.season, southern if self.southern is None else self.southern)
        if self.month:
            last = self.end_month or self.month
            return tuple((self.month - 1 + n) % 12 + 1 for n in range((last - self.month) % 12 + 1))
        if self.unit == "quarter" and self.number:
            return tuple(range(3 * self.number - 2, 3 * self.number + 1))
        if self.unit == "half" and self.number:
            return tuple(range(6 * self.number - 5, 6 * self.number + 1))
        return ()

    def days(self, southern: bool = False) -> tuple[date, date]:
        """First and last day of a unit whose year is known. Raises ValueError where there is no such day."""
        if self.span is not None:
            return self.span
        if self.year is None:
            raise ValueError("no year")
        start, end = self._unit_days(southern)
        if self.part:
            return part_days(self.part, self.unit, start, end)
        return start, end

    def _unit_days(self, southern: bool) -> tuple[date, date]:
        year = self.year or 0
        if self.unit == "day" and self.month and self.day:
            first = date(year, self.month, self.day)
            return first, date(year, self.end_month or self.month, self.end_day or self.day)
        if self.season:
            months = self.months(southern)
            if months[0] > months[-1]:
                if self.next_year is not None:
                    year = self.next_year - 1
                return date(year, months[0], 1), _month_end(year + 1, months[-1])
            return date(year, months[0], 1), _month_end(year, months[-1])
        if self.unit == "decade":
            return date(year, 1, 1), date(year + 9, 12, 31)
        months = self.months()
        if months:
            last = year + 1 if months[-1] < months[0] else year
            return date(year, months[0], 1), _month_end(last, months[-1])
        return date(year, 1, 1), date(year, 12, 31)


def season_months(season: str, southern: bool) -> tuple[int, ...]:
    """Months of a meteorological season."""
    months = SEASONS[season]
    return tuple((month + 5) % 12 + 1 for month in months) if southern else months


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_SEASON = "|".join(SEASONS)
_Y = r"(?:1[89]\d\d|20\d\d|21\d\d)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_ANYDAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TO = r" ?(?:-|to|until|till|through|thru|and|up to|/) ?"
_ORD = "|".join(ORDINALS)
_N = r"\d{1,4}|" + "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_PATTERNS: list[tuple[str, re.Pattern[str]]] = [
    (name, regex(rf"(?<!\w)(?<!\d\.)(?:{pattern})(?![\w])"))
    for name, pattern in (
        ("iso", r"(?P<y>\d{4,6})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?:t[\d:.]+z?)?"),
        ("compact", r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)"),
        ("numeric", r"(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})"),
        (
            "ym",
            r"(?<!summer )(?<!winter )(?<!season )(?<!winter of )(?<!summer of )(?<!winter in )"
            r"(?P<y>(?:19|20)\d\d)[-/](?P<m>0[1-9]|1[0-2])(?! (?:winter|summer|season))",
        ),
        ("my", r"(?<![-/.])(?P<m>0?[1-9]|1[0-2])[/.-](?P<y>(?:19|20)\d\d)"),
        (
            "dayrange",
            rf"(?:the )?(?P<d>{_ANYDAY})\.?(?: of)?{_TO}(?:the )?(?P<e>{_ANYDAY})\.? (?:of "
            rf")?(?P<mn>{_MONTH})\.?,?(?: (?:of )?(?P<y>{_Y}))?",
        ),
        (
            "mdayrange",
            rf"(?P<mn>{_MONTH})\.? (?:the )?(?P<d>{_DAY}) ?(?:-|to|until|till|through) "
            rf"?(?P<e>{_DAY})(?![\d])(?! (?:{_MONTH}))(?:,? (?:of )?(?P<y>{_Y}))?",
        ),
        ("dmy", rf"(?:the )?(?P<d>{_ANYDAY})\.?[ -]?(?:of )?(?P<mn>{_MONTH})\.?,?[ -]?(?:of )?(?P<y>\d{{4,6}})?"),
        ("mdy", rf"(?P<mn>{_MONTH})\.? (?:the )?(?P<d>{_DAY})(?![\d])(?:,? (?:of )?(?P<y>{_Y}))?"),
        (
            "mmy",
            rf"(?P<mn>{_MONTH})\.? ?(?:-|to|through|until|till) ?(?P<mn2>{_MONTH})\.?,? (?:of )?(?P<y>{_Y})"
            r"(?:[/-](?P<y2>\d\d)(?!\d))?",
        ),
        ("my2", rf"(?P<mn>{_MONTH})\.?,? ?(?:of |in |- ?|' ?)?(?P<y>{_Y}|(?<=')\d\d)"),
        ("ymn", rf"(?P<y>{_Y})[ -](?P<mn>{_MONTH})"),
        ("quarter", rf"q ?(?P<n>[1-4])(?:[ /-]|,? of |, )?(?P<y>{_Y})?|(?P<y2>{_Y})[ -]?q ?(?P<n2>[1-4])"),
        ("half", rf"h(?P<n>[12])[ /-]?(?P<y>{_Y})|(?P<y2>{_Y})[ -]?h(?P<n2>[12])"),
        (
            "last",
            r"(?P<w>last|this|next|current|previous|past|the last|the past|the previous|the current|the "
            rf"coming|coming) (?P<u>week|month|year|decade|quarter|day|{_SEASON}|{_MONTH})(?!,? (?:of |in )?\d)",
        ),
        (
            "nth",
            r"(?:the )?(?P<o>first|second|third|fourth|1st|2nd|3rd|4th|last|latter|final) (?P<u>quarter"
            rf"|half)(?: (?:of|in))?(?: the year)?(?: (?:the )?(?P<dec>(?:1[89]|20)\d0) ?(?:'? ?)s\b| (?P<y>{_Y}))?",
        ),
        (
            "decade",
            r"(?:the )?(?P<y>(?:1[89]|20)\d0) ?(?:'? ?)s|(?:the )?(?P<w>(?:nineteen |twenty )?(?:twenties"
            r"|thirties|sixties|seventies|eighties|nineties))|(?:the )?'? ?(?P<y2>[2-9]0)s",
        ),
        ("noughties", r"(?:the )?(?:noughties|two-thousands)"),
        (
            "yseason",
            rf"(?P<y>{_Y})(?: ?[/-] ?(?P<y2>\d\d(?:\d\d)?))? "
            rf"(?:(?P<hemi>austral|boreal|southern|northern) )?(?P<s>{_SEASON})",
        ),
        (
            "season",
            r"(?:the )?(?P<hemi>(?:austral|boreal|southern(?: hemisphere)?|northern(?: hemisphere)?) "
            rf")?(?:(?P<meteo>meteorological ) ?)?(?P<s>{_SEASON})s?(?: (?:of|in))?(?: the)?(?: "
            rf"?'?(?P<y>{_Y}|(?<=')\d\d)(?: ?[/-] ?(?P<y2>\d\d(?:\d\d)?))?)?",
        ),
        ("yesterday", r"(?P<w>the day before yesterday|yesterday|today|tonight|tomorrow|right now)"),
        ("ago", rf"(?P<n>{_N}) (?P<u>day|week|month|year)s? ago"),
        ("fortnight", r"(?:the )?(?:last|past) fortnight"),
        (
            "lastn",
            rf"(?:the )?(?:last|past|previous|preceding|most recent) (?P<n>{_N}) ?(?:calendar )?(?P<u>day"
            r"|week|month|year|hour|decade)s?",
        ),
        ("month", rf"(?P<mn>{_MONTH})s?"),
        ("year", rf"(?:the year )?(?P<y>{_Y})"),
        ("farYear", r"(?<=year )(?P<y>\d{1,6})"),
    )
]
_INSIDE = regex(rf" (?:of|in) (?:the )?(?:month of )?(?:{_MONTH}|{_SEASON}|{_Y})\b")
_TALK = 6  # words of a brief follow-up: `for march too`
_NOT_MONTH = regex(r"(?:^| )(?:may|mar|march|sep|dec|jan|nov|oct)$")
_COUNTED = regex(
    r" ?(?:x\b|samples|images|patches|classes|scenes|labels|chips|tiles|m\b|km\b|px|pixels?|points|gb"
    r"|mb|datasets|models|%|bands|objects|instances|pictures|parcels|polygons|parameters|meters|metres"
    r"|buildings|inhabitants|people|or so images|labell?ed)"
)
_COUNT_BEFORE = regex(r"(?:path|row|orbit|track|tile|epsg ?:|number|than|least|most|top|size|wrs|[<>]=?|[<>] ?=) ?$")


def read_dates(reading: Reading) -> None:
    """Mark calendar atoms."""
    for name, pattern in _PATTERNS:
        at = 0
        while match := pattern.search(reading.norm, at):
            at = max(match.end(), match.start() + 1)
            start, end = reading.span_of(match)
            if not reading.is_free(start, end) or reading.norm[match.start() : match.end()].strip() == "":
                continue
            atom = _read(name, match, reading)
            if atom is None:
                continue
            if atom.unit in ("month", "year", "quarter", "season", "decade", "half"):
                found = part_before(reading.norm[: match.start()], atom.unit)
                if found:
                    first = reading.token_at(found[1])
                    if reading.is_free(first, start):
                        atom, start = replace(atom, part=found[0]), first
            reading.mark(start, end, "date", atom)


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    value = int(text)
    return value + (2000 if value < 50 else 1900) if value < 100 else value


def _day(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _checked(atom: Atom, reading: Reading, match: re.Match[str]) -> Atom:
    """The atom, with its fault where no calendar has it."""
    year = atom.year
    words = reading.words(*reading.span_of(match))
    if year is not None and not 1800 <= year <= 2200:
        return replace(atom, fault=f"There is no satellite imagery of the year {year}.")
    if atom.month is None or not 1 <= atom.month <= 12:
        return replace(atom, fault=f"The date {words} does not exist: a year has 12 months.")
    for month, day in ((atom.month, atom.day), (atom.end_month or atom.month, atom.end_day)):
        if day is None:
            continue
        length = calendar.monthrange(year or 2000, month)[1]
        if not 1 <= day <= length:
            text = f"{calendar.month_name[month]}{f' {year}' if year and month == 2 else ''} has {length} days"
            return replace(atom, fault=f"The date {words} does not exist: {text}.")
    return atom


def _read(name: str, match: re.Match[str], reading: Reading) -> Atom | None:
    group = match.groupdict()
    today = reading.today
    if name in ("iso", "compact"):
        return _checked(Atom("day", int(group["y"]), int(group["m"]), int(group["d"])), reading, match)
    if name == "numeric":
        a, b, year = int(group["a"]), int(group["b"]), int(group["y"])
        day, month = (b, a) if b > 12 >= a else (a, b)
        if a <= 12 and b <= 12 and a != b and group["sep"] == "/":
            reading.draft.assume(f"{match[0]} is read as day/month/year")
        return _checked(Atom("day", year, month, day), reading, match)
    if name in ("ym", "my"):
        return Atom("month", int(group["y"]), int(group["m"]))
    if name in ("dayrange", "mdayrange", "dmy", "mdy"):
        known = int(group["y"]) if group["y"] else None
        end_day = _day(group["e"]) if group.get("e") else None
        return _checked(Atom("day", known, MONTHS[group["mn"]], _day(group["d"]), end_day), reading, match)
    if name == "mmy":
        first, last, year = MONTHS[group["mn"]], MONTHS[group["mn2"]], int(group["y"])
        return Atom("month", year - 1 if first > last and not group["y2"] else year, first, end_month=last)
    if name in ("my2", "ymn"):
        return Atom("month", _year(group["y"]), MONTHS[group["mn"]])
    if name in ("quarter", "half"):
        number, year_text = group["n"] or group["n2"], group["y"] or group["y2"]
        return Atom(name, _year(year_text), number=int(number))
    if name in ("nth", "last", "lastn") and group["u"] != "year" and _INSIDE.match(reading.norm, match.end()):
        return None  # a part of the unit that follows
    if name == "nth":
        word, unit = group["o"], group["u"]
        number = ORDINALS.get(word, 4 if unit == "quarter" else 2)
        if number > (4 if unit == "quarter" else 2):
            return None
        if group["dec"]:  # "the first half of the 2010s"
            first = int(group["dec"]) + (5 * (number - 1) if unit == "half" else 0)
            return Atom("span", span=(date(first, 1, 1), date(first + 4, 12, 31))) if unit == "half" else None
        return Atom(unit, _year(group["y"]), number=number)
    if name == "decade":
        if group["w"]:
            tens = {"twent": 20, "thirt": 30, "sixti": 60, "sevent": 70, "eighti": 80, "nineti": 90, "seven": 70}
            word = group["w"].split()[-1]
            number = next(value for start, value in tens.items() if word.startswith(start[:5]))
            return Atom("decade", (2000 if number < 40 else 1900) + number)
        if group["y2"]:
            return Atom("decade", (2000 if int(group["y2"]) < 40 else 1900) + int(group["y2"]))
        return Atom("decade", int(group["y"]))
    if name == "noughties":
        return Atom("decade", 2000)
    if name in ("season", "yseason"):
        return _season(group)
    if name in ("month",):
        word = match[0]
        if _NOT_MONTH.search(" " + word) and not _looks_like_month(reading, match):
            return None
        return Atom("month", None, MONTHS[group["mn"]])
    if name == "year":
        year = int(group["y"])
        if _COUNTED.match(reading.norm, match.end()) or (
            _COUNT_BEFORE.search(reading.norm[: match.start()])
            and (not re.search(r"(?:newer|older|later|earlier) than $", reading.norm[: match.start()]))
        ):
            return None
        return Atom("year", year)
    if name == "farYear":
        year = int(group["y"])
        return Atom("year", year, fault=f"There is no satellite imagery of the year {year}.")
    return _relative(name, group, today)


def _season(group: dict[str, str | None]) -> Atom | None:
    hemi = group.get("hemi") or ""
    southern = True if hemi.startswith(("austral", "southern")) else False if hemi else None
    year = _year(group["y"])
    next_year = _year(group["y2"]) if group["y2"] else None
    season = (group["s"] or "").removesuffix("time")
    return Atom("season", year, season=season, southern=southern, next_year=next_year)


def _looks_like_month(reading: Reading, match: re.Match[str]) -> bool:
    """`may` and `march` are also verbs: a capital, a neighbouring date word or a list of months says month."""
    start, _ = reading.span_of(match)
    if (reading.tokens[start].is_capital and start > 0) or (reading.has_context and len(reading.tokens) < _TALK):
        return True
    around = (
        reading.norm[max(0, match.start() - 14) : match.start()] + "|" + reading.norm[match.end() : match.end() + 14]
    )
    return bool(
        re.search(
            r"\b(?:in|every|each|since|until|from|to|and|of|during|until|early|late|mid|this|last)[ "
            rf"-]?\||\|[ -]*(?:{_MONTH})\b|\b(?:{_MONTH})[ ,-]*\|",
            around,
        )
    )


def _relative(name: str, group: dict[str, str | None], today: date) -> Atom | None:
    unit = group.get("u") or ""
    if name == "yesterday":
        offset = {"yesterday": 1, "the day before yesterday": 2, "tomorrow": -1}.get(group["w"] or "", 0)
        return _span(today - timedelta(offset), today - timedelta(offset))
    if name == "fortnight":
        return _span(today - timedelta(14), today)
    if name in ("ago", "lastn"):
        text = group["n"] or "1"
        number = NUMBER_WORDS.get(text) or (int(text) if text.isdigit() else 1)
        if unit == "hour":
            return _span(today - timedelta(-(-number // 24)), today)
        try:
            start = back(today, number * (10 if unit == "decade" else 1), "year" if unit == "decade" else unit)
        except (ValueError, OverflowError):
            return Atom("span", fault=f"{number} {unit}s ago lies before any calendar.")
        if name == "lastn":
            return _span(start, today)
        if unit == "year":
            return Atom("year", start.year)
        if unit == "month":
            return Atom("month", start.year, start.month)
        return _span(start, start)
    word = (group.get("w") or "").removeprefix("the ")
    step = {"this": 0, "current": 0, "next": 1, "coming": 1}.get(word, -1)
    if unit == "day":
        return _span(today + timedelta(step), today + timedelta(step))
    if unit == "week":
        monday = today - timedelta(today.weekday()) + timedelta(7 * step)
        if word == "past":
            return _span(today - timedelta(7), today)
        return _span(monday, monday + timedelta(6))
    if unit == "month":
        index = today.year * 12 + today.month - 1 + step
        return Atom("month", index // 12, index % 12 + 1)
    if unit == "year":
        return Atom("year", today.year + step)
    if unit == "quarter":
        index = today.year * 4 + (today.month - 1) // 3 + step
        return Atom("quarter", index // 4, number=index % 4 + 1)
    if unit == "decade":
        return Atom("decade", today.year // 10 * 10 + 10 * step) if step >= 0 else _span(back(today, 10, "year"), today)
    if unit in MONTHS:
        month = MONTHS[unit]
        year = today.year + (0 if step >= 0 or month < today.month else -1)
        return Atom("month", year, month)
    return _relative_season(unit, step, today)


def _relative_season(season: str, step: int, today: date) -> Atom:
    """Last summer is the last one that has ended (the hemisphere is settled later)."""
    atom = Atom("season", today.year, season=season)
    if step < 0:
        while atom.days()[1] >= today:
            atom = replace(atom, year=(atom.year or today.year) - 1)
    return atom


def back(day: date, number: int, unit: str) -> date:
    """The day a number of units earlier."""
    if unit == "day":
        return day - timedelta(number)
    if unit == "week":
        return day - timedelta(7 * number)
    index = day.year * 12 + day.month - 1 - (number * 12 if unit == "year" else number)
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _span(start: date, end: date) -> Atom:
    return Atom("span", span=(start, end))
