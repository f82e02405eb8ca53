"""Dates joined to periods: ranges, open ends, windows, repeated months, publication years."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from nlq.question import Interval
from nlq.sheet.reading import Draft, Found, Mark, Reading, Rule, rule
from nlq.stages.dates import Atom, back
from nlq.stages.left_out import LEFT_OUT, use_words, without_interval, without_months

_D = r"\{date\}"
_OPENING = r"(?:taken |acquired |recorded |sensed |captured |shot |dated |made |collected |obtained )?"


@dataclass(frozen=True, slots=True)
class Period:
    """A time as the question says it; `days` settles it once the hemisphere is known.

    Attributes:
        op: in, from (open end), until (open start), after, before, range, around, next (n days after), last (before).
        first, last: its atoms.
        reach: days, for around, next and last.
        repeated: every year.
    """

    op: str
    first: Atom
    last: Atom | None = None
    reach: int = 0
    repeated: bool = False

    @property
    def fault(self) -> str:
        """Why it cannot exist; empty if it can."""
        return self.first.fault or (self.last.fault if self.last else "")

    @property
    def is_yearless(self) -> bool:
        """Whether it names months only."""
        return self.first.year is None and self.first.span is None and (self.last is None or self.last.year is None)

    def months(self, southern: bool) -> tuple[int, ...]:
        """The months it names (for months that repeat)."""
        first = self.first.months(southern)
        if self.last is None:
            return first
        last = self.last.months(southern)
        if not first or not last:
            return first or last
        return tuple((first[0] - 1 + n) % 12 + 1 for n in range((last[-1] - first[0]) % 12 + 1))

    def days(self, southern: bool) -> tuple[date | None, date | None]:
        """First and last day. Raises ValueError where it lacks a year."""
        start, end = self.first.days(southern)
        if self.op == "range" and self.last is not None:
            return start, self.last.days(southern)[1]
        match self.op:
            case "from":
                return start, None
            case "until":
                return None, end
            case "after":
                return end + timedelta(1), None
            case "before":
                return None, start - timedelta(1)
            case "around":
                return start - timedelta(self.reach), end + timedelta(self.reach)
            case "next":
                return end + timedelta(1), end + timedelta(self.reach)
            case "run":
                return start, start + timedelta(self.reach - 1)
            case "upto":
                return end - timedelta(self.reach - 1), end
            case "last":
                return start - timedelta(self.reach), start - timedelta(1)
            case "ends":
                return None, end
        return start, end


_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
_COUNT = r"(\{number\}|\{bound\}|a|one|two|three|four|five|six|seven|ten|couple of|few|\d+)"
_RULES: list[tuple[str, Rule]] = [
    ("from", rule(rf"(?:> ?=|≥|at or after|on or after) ({_D})")),
    ("until", rule(rf"(?:< ?=|≤|at or before|on or before) ({_D})")),
    ("after", rule(rf"> ({_D})")),
    ("before", rule(rf"< ({_D})")),
    ("upto", rule(
        rf"(?:in |during |within |over |for )?(?:the )?(?:last )?{_COUNT} (day|week|month|year)s? (?:up to|until|till"
        rf"|ending(?: on| in| with)?|leading up to and including) ({_D})",
        rf"(?:in |during )?(?:the )?()(week|month|fortnight) ending(?: on| in| with)? ({_D})")),
    ("run", rule(
        rf"(?:in |during |within |over |for )?(?:the |a )?{_COUNT}(?: ?- ?| )(day|week|month|year)s?(?: ?- ?long)?"
        rf"(?: period| window| span)? (?:starting|beginning)(?: on| in| with| from)? ({_D})",
        rf"(?:in |during )?(?:the )?()(week|month|fortnight) (?:starting|beginning)(?: on| in| with)? ({_D})",
        rf"(?:from |starting (?:on |in |from )?|beginning (?:on |in )?)({_D}) (?:for|lasting|over|and for)(?: the next"
        rf"| the following)? {_COUNT} (day|week|month|year)s?")),
    ("around", rule(rf"(?:within|inside) (?:a|{_COUNT}) (day|week|month)s? of ({_D})")),
    ("around", rule(
        rf"(?:within )?(?:\+ / - |\+ - |± )?{_COUNT} (day|week|month)s? (?:either side of|around|before and "
        rf"after|\{{temporal\}}|before or after|on either side of) (?:the )?({_D})",
                    rf"({_D}) (?:\+ / -|\+ -|±|plus or minus|give or take) {_COUNT} (day|week|month)s?")),
    ("next", rule(
        rf"(?:within |in |during |for |up to |no more than )?(?:the )?(?:first |next )?{_COUNT} (day|week"
        rf"|month|year)s? (?:after|following|from) ({_D})",
                  rf"(?:in |during |within )?(?:the )?()(day|week|month|fortnight) (?:after|following) ({_D})")),
    ("last", rule(
        rf"(?:within |in |during |for |up to )?(?:the )?(?:last )?{_COUNT} (day|week|month|year)s? (?:before"
        rf"|preceding|prior to|leading up to) ({_D})",
                  r"(?:in |during |within )?(?:the )?()(day|week|month|fortnight) (?:before|preceding"
                  rf"|prior to|leading up to) ({_D})")),
    ("weekof", rule(rf"(?:in |during |on |over )?(?:the )?week(?:end)? (?:of|around) ({_D})")),
    ("range", rule(rf"(?:after|past) ({_D}) ,? ?(?:but|and|yet) (?:before|prior to|until) ({_D})", )),
    ("range", rule(
        r"(?:between|from|starting|starting from|starting in|beginning in|in the period|over the period|the "
        r"period|in the years|during the years|the years|over the years|during|in|of|since|spanning"
        r"|covering|for|dated|anywhere from|anywhere between|any time between|any time from|sometime "
        rf"between|at any time between)? ?({_D}) ,? ?(?:to|and|-|until|till|til|through|thru|up to|up until"
        rf"|/|\. ?\.|through to|to the end of|till the end of|until the end of|up to and including) ({_D})")),
    ("around", rule(
        r"(?:around|about|circa|near|close to|roughly|approximately|on or around|on or about|somewhere "
        rf"around|in the days around|right around|c \.) (?:the )?({_D})")),
    ("from", rule(
        r"(?:not before|no earlier than|not earlier than|never before|not older than|no older than|nothing "
        rf"older than|nothing before) ({_D})",
                  r"(?:ever since|since|starting from|starting in|starting on|starting at|starting with"
                  r"|starting|beginning in|beginning with|beginning|as of|as from|from the start of"
                  rf"|from) ({_D})(?: (?:on|onwards?|and later|or later|and after|forward|on wards|to "
                  r"now|until now|to today|up to now|to the present|until today|to date|till now|to "
                  r"present|and newer|or newer|and up|and onwards?))",
                  r"(?:ever since|since|starting from|starting in|starting on|starting with|starting"
                  rf"|beginning in|beginning with|beginning on|as of|as from) ({_D})",
                  rf"(?:in |from )?({_D}) (?:onwards?|or later|and later|or after(?! (?:the )?\{{date\}})|or newer"
                  rf"|and newer|and "
                  rf"onwards?|and after(?! (?:the )?\{{date\}})|or more recent|and beyond|or more recently|and up"
                  rf"|or younger|- "
                  r"present|to now|to the present|to present|to date|until now|until today)")),
    ("until", rule(
        r"(?:not later than|no later than|not after|no newer than|nothing newer than|nothing after|nothing "
        r"later than|not newer than|(?:not|without|no|nothing) (?:a single |any |single )?(?:\{product\}"
        r"|image|images|scene|picture|one|data|imagery|\{dataset\})?(?: that is| taken| acquired| "
        r"recorded)* ?(?:newer|later|younger|more recent|after)(?: than)?|at the latest|up to and including"
        r"|up until|up to|until|till|til|by the end of|by|through|to the end of|ending in|ending|ends in|as "
        rf"late as|not past|no more recent than) (?:the end of )?({_D})",
                   rf"(?:in )?({_D}) (?:or earlier|and earlier|(?:or|and) before(?! (?:the )?\{{date\}})|or older"
                   rf"|and older"
                   r"|at the latest|at latest)")),
    ("after", rule(
        r"(?:later than|newer than|after the end of|after|more recent than|younger than|past|following|post "
        rf"-|post|beyond|subsequent to) (?:the )?({_D})")),
    ("before", rule(
        r"(?:earlier than|older than|before|prior to|preceding|ahead of|pre -|pre|predating|predates?|up to "
        rf"but not including) (?:the )?({_D})")),
]  # fmt: skip
_REPEATED = rule(
    r"((?:in |during |for |from |over |of |on )?(?:every|each|all|any|in all) (?:single )?(?:year ' s "
    rf")?({_D})(?:(?: ,| and| or|,? and| -| to| through)+ {_D})*)( of (?:every|each|any) year)?",
    rf"((?:in |during |of )?(?:the )?(?:months? of )?({_D})(?:(?: ,| and| or|,? and| -| to| "
    rf"through)+ {_D})*)( (?:of|in) (?:every|each|any|all) years?| every year| each year| "
    r"of any year| , (?:every|each|any) year| in any year| year after year| annually)",
)
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "": 1,
            "couple of": 2, "few": 3}  # fmt: skip


def read_periods(reading: Reading) -> None:
    """Join `date` marks to `time` marks."""
    _leave_out(reading)
    _repeats(reading)
    for name, pattern in _RULES:
        at = 0
        while found := reading.find(pattern, at):
            at = found.match.end() - 1
            period = _period(name, found)
            if period is None:
                continue
            _replace(reading, found, period)
            at = 0
    _spread_years(reading)
    for mark in list(reading.of_kind("date")):
        mark.kind, mark.value = "time", Period("in", mark.value)
    reading._version += 1


def _repeats(reading: Reading) -> None:
    at = 0
    while found := reading.find(_REPEATED, at):
        at = found.match.end() - 1
        dates = found.marks(0, "date")
        if len(dates) == 2 and _months_of_years(reading, found, dates):
            at = 0
            continue
        if not dates or any(one.value.span or one.value.unit in ("year", "decade") for one in dates):
            continue
        if len(dates) == 1 and dates[0].value.unit == "day":
            continue
        text = found.text(0)
        joined = re.search(r"\{date\}(?: -| to| through) \{date\}", text) is not None
        first = dates[0].value
        if joined and len(dates) == 2:
            period = Period("range", replace(first, year=None), replace(dates[1].value, year=None), repeated=True)
            years = dates[1].value.year
            _replace(reading, found, period)
        else:
            years = next((one.value.year for one in dates if one.value.year), None)
            start, end = found.span()
            for one in dates:
                reading.unmark(one)
            period = Period("list", replace(first, year=None), repeated=True)
            mark = reading.mark(start, end, "time", period)
            mark.info["more"] = [replace(one.value, year=None) for one in dates[1:]]
        if years:
            reading.draft.assume("the year after the repeated months is read as their year")
        at = 0


def _months_of_years(reading: Reading, found: Found, dates: list[Mark]) -> bool:
    """`every June 1999-2004`: the month repeats from its year to the other."""
    first, last = dates[0].value, dates[1].value
    if last.unit != "year" or not first.year or first.unit not in ("month", "season", "quarter"):
        return False
    if not re.search(r"\{date\}(?: -| to| through| until) \{date\}", found.text(0)) or last.year < first.year:
        return False
    start, end = found.span()
    for one in dates:
        reading.unmark(one)
    years = Atom("span", span=(date(first.year, 1, 1), date(last.year, 12, 31)))
    reading.mark(start, dates[0].end, "time", Period("in", replace(first, year=None), repeated=True))
    reading.mark(dates[1].start, end, "time", Period("in", years))
    return True


def _leave_out(reading: Reading) -> None:
    """`except July`: times that are asked not to be (`settle` takes them away)."""
    at = 0
    while found := reading.find(LEFT_OUT, at):
        at = found.match.end() - 1
        dates = found.marks(1, "date")
        last = dates[-1].value
        for one in dates[:-1]:
            # `January and February 2020`: months of the same year
            if one.value.unit == last.unit == "month" and one.value.year is None and last.year is not None:
                one.value = replace(one.value, year=last.year)
        alike = [one for one in dates if _yearless(one.value) == _yearless(dates[0].value)]
        dates = alike if alike == dates[: len(alike)] else dates[:1]  # `not in winter, 2018 to 2020`
        start, end = dates[0].start, dates[-1].end
        values = [one.value for one in dates]
        joined = len(values) == 2 and any(word in f" {found.text(1)} " for word in (" - ", " to ", " through "))
        for one in dates:
            reading.unmark(one)
        if joined:
            values[0] = _fill(values[0], values[1])[0]
        period = Period("range", *values) if joined else Period("in" if len(values) == 1 else "list", values[0])
        mark = reading.mark(start, end, "time", period, left_out=True)
        if not joined:
            mark.info["more"] = values[1:]
        at = 0


def _yearless(atom: Atom) -> bool:
    return atom.year is None and atom.span is None


def _replace(reading: Reading, found: Found, period: Period) -> Mark:
    start, end = found.span()
    for one in found.marks(0):
        reading.unmark(one)
    return reading.mark(start, end, "time", period)


def _reach(found: Found, text: str, unit: str) -> int:
    numbers = found.marks(0, "number", "bound")
    if numbers:
        value = numbers[0].value
        number = int((value[0] if isinstance(value, tuple) else value).value)
    else:
        number = int(text) if text.isdigit() else _NUMBERS.get(text, 1)
    return min(number, 100_000) * _UNIT_DAYS[unit]


def _calendar_reach(name: str, atom: Atom, number: int, unit: str) -> int | None:
    """Days of whole months or years after (next), from (run) or up to (upto) a day."""
    try:
        start, end = atom.days()
        if name == "run":
            return (back(start, -number, unit) - start).days
        if name == "upto":
            first_after = end + timedelta(1)
            return (first_after - back(first_after, number, unit)).days
        return (back(end, -number, unit) - end).days
    except ValueError:
        return None


def _period(name: str, found: Found) -> Period | None:
    dates = found.marks(0, "date")
    if not dates:
        return None
    atom: Atom = dates[0].value
    if name in ("next", "last", "run", "upto") or (name == "around" and found.match.re.groups > 1):
        groups = [one or "" for one in found.match.groups()]
        unit = next((one for one in groups if one in _UNIT_DAYS), "day")
        count = next((one for one in groups if one and one != unit and "{" not in one), "")
        reach = _reach(found, count, unit)
        if name != "last" and unit in ("month", "year") and (atom.year or atom.span):
            reach = _calendar_reach(name, atom, reach // _UNIT_DAYS[unit], unit) or reach
        return Period(name, atom, reach=reach)
    if name == "weekof":
        try:
            day = atom.days()[0]
        except ValueError:
            return None
        monday = day - timedelta(day.weekday())
        first = monday + timedelta(5 if "weekend" in found.text(0) else 0)
        return Period("in", Atom("span", span=(first, monday + timedelta(6))))
    if name == "range":
        last: Atom = dates[1].value
        text = found.text(0)
        words = text.split("{date}")
        exclusive = words[0].startswith(("after", "past"))
        if not _is_range(words[0], words[1], atom, last):
            return None
        atom, last = _fill(atom, last)
        if exclusive:
            try:
                ends = (atom.days()[1] + timedelta(1), last.days()[0] - timedelta(1))
            except ValueError:
                return None
            return Period("in", Atom("span", span=ends))
        return Period("range", atom, last)
    if name == "around":
        reach = 7 if atom.unit in ("day", "span") else 0
        if atom.unit == "month":
            reach = 15
        return Period("around", atom, reach=reach)
    return Period(name, atom)


def _is_range(before: str, between: str, first: Atom, last: Atom) -> bool:
    """`between A and B`, `A to B`; `in A and B` or `A and B` are two periods."""
    if " and " in f" {between} " or between.strip() in ("", ","):
        before = before.strip()
        return before.endswith("between") or (before.startswith(("after", "past")) and "before" in between)
    return not (between.strip() == "/" and first.unit != last.unit)


def _fill(first: Atom, last: Atom) -> tuple[Atom, Atom]:
    """`27 April to 1 June 2018`: the first takes the year (or month) of the last."""
    if first.year is None and first.span is None and last.year is not None:
        year = last.year
        months, ends = first.months(), last.months()
        if months and ends and months[0] > ends[-1]:
            year -= 1
        return replace(first, year=year), last
    if last.year is None and last.span is None and first.year is not None:
        months, ends = first.months(), last.months()
        year = first.year + (1 if months and ends and months[0] > ends[-1] else 0)
        return first, replace(last, year=year)
    return first, last


def _spread_years(reading: Reading) -> None:
    """`June and August 2019`, `June 2018 and 2019`: neighbours in a list share what one of them leaves out."""
    dates = list(reading.of_kind("date"))
    for left, right in reversed(list(pairwise(dates))):
        between = " ".join(one.norm for one in reading.tokens[left.end : right.start])
        if between not in ("and", "or", ",", ", and", ", or", "&", "/", "and in", "or in", "as well as", "and from"):
            continue
        a, b = left.value, right.value
        if (
            a.year is None
            and a.span is None
            and b.year is not None
            and b.unit in ("month", "day", "season", "quarter", "half")
        ):
            left.value = replace(a, year=b.year)
    for left, right in pairwise(dates):
        between = " ".join(one.norm for one in reading.tokens[left.end : right.start])
        if between not in ("and", "or", ",", ", and", ", or", "&", "and in", "or in"):
            continue
        a, b = left.value, right.value
        if b.unit == "year" and a.year is not None and a.unit in ("month", "season", "quarter", "half", "day"):
            right.value = replace(a, year=b.year)
        elif b.year is None and b.span is None and a.year is not None and b.unit == a.unit:
            right.value = replace(b, year=a.year)


def settle(reading: Reading, southern: Callable[[], bool], marks: list[Mark]) -> None:
    """Fill the time slots of the draft from `time` marks."""
    draft = reading.draft
    faults = [one.value.fault for one in marks if one.value.fault]
    for fault in faults:
        draft.refuse(fault)
    if faults:
        return
    seasonal = any(_seasonal(one) for one in marks)
    south = southern() if seasonal else False
    if seasonal and any(one.value.first.southern is None for one in marks if one.value.first.season):
        draft.assume("seasons are meteorological, of the " + ("southern" if south else "northern") + " hemisphere")
    left_out = [one for one in marks if one.info.get("left_out")] if draft.target == "product" else []
    marks = [one for one in marks if one not in left_out]
    yearless = [one for one in marks if one.value.is_yearless]
    dated = [one for one in marks if not one.value.is_yearless]
    months: set[int] = set()
    for mark in yearless:
        if mark.value.first.unit == "day":
            draft.assume("a day without a year is read as its month in any year")
        months |= set(mark.value.months(south))
        for atom in mark.info.get("more", ()):
            months |= set(atom.months(south))
        reading.take(mark, "months")
    draft.months = sorted(months)
    draft.times = []
    for mark in dated:
        try:
            start, end = mark.value.days(south)
        except (ValueError, OverflowError):
            draft.refuse(f"The date {reading.words(mark.start, mark.end)} does not exist.")
            continue
        if start and end and start > end:
            draft.refuse(f"The period {reading.words(mark.start, mark.end)} ends before it begins.")
        interval: Interval = (start.isoformat() if start else None, end.isoformat() if end else None)
        if interval not in draft.times:
            draft.times.append(interval)
        reading.take(mark, "time")
    _merge_open_ends(draft.times)
    _join_neighbours(draft.times)
    if len(yearless) == len(dated) == 1 and not yearless[0].value.repeated and not yearless[0].info.get("more"):
        _months_of_the_year(draft, dated[0].value)
    for mark in left_out:
        _take_away(draft, mark, south)
        reading.take(mark, "time")
    if left_out:
        use_words(reading)


def _take_away(draft: Draft, mark: Mark, south: bool) -> None:
    period: Period = mark.value
    excluded: set[int] = set()
    for part in (period, *(Period("in", atom) for atom in mark.info.get("more", ()))):
        if part.is_yearless:
            excluded |= set(part.months(south))
            continue
        try:
            draft.times = without_interval(draft.times, *part.days(south))
        except (ValueError, OverflowError):
            draft.refuse("The time to leave out does not exist.")
    if excluded:
        draft.times, draft.months = without_months(draft.times, draft.months, excluded)


def _months_of_the_year(draft: Draft, year: Period) -> None:
    """`in 2020, from May through September`: months of one named year are a plain interval."""
    if year.op != "in" or year.first.unit != "year" or year.first.part or year.first.year is None or not draft.months:
        return
    first, last = draft.months[0], draft.months[-1]
    if draft.months == list(range(first, last + 1)):
        span = Atom("month", year.first.year, first, end_month=last).days()
        draft.times, draft.months = [(span[0].isoformat(), span[1].isoformat())], []


def _merge_open_ends(times: list[Interval]) -> None:
    """`since 2018 but before 2021` is one interval."""
    if len(times) != 2:
        return
    (a, b), (c, d) = times
    if b is None and c is None and a and d and a <= d:
        times[:] = [(a, d)]
    elif a is None and d is None and b and c and c <= b:
        times[:] = [(c, b)]


def _join_neighbours(times: list[Interval]) -> None:
    """`July and August 2020` is one period: only separate ones are a list."""
    if len(times) < 2 or any(None in one for one in times):
        return
    joined: list[tuple[str, str]] = []
    for start, end in sorted((str(one[0]), str(one[1])) for one in times):
        if joined and date.fromisoformat(start) == date.fromisoformat(joined[-1][1]) + timedelta(1):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    if len(joined) < len(times):
        times[:] = joined


def _seasonal(mark: Mark) -> bool:
    period: Period = mark.value
    return bool(period.first.season or (period.last and period.last.season))
