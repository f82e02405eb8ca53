"""Parts of a calendar unit: early May, the first half of October, the last ten days of 2020, the second weekend."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from nlq.sheet.patterns import regex

_ORDER = {
    "first": 1, "1st": 1, "opening": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "last": -1, "final": -1, "closing": -1,
}  # fmt: skip
NUMBER_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3, "fifteen": 15,
    "twenty": 20, "thirty": 30, "fourteen": 14, "eighteen": 18,
}  # fmt: skip
_LOOSE = {"middle": "mid", "beginning": "early", "start": "early", "end": "late", "first days": "early",
          "last days": "late"}  # fmt: skip
_SOON = regex(
    r"(?:the )?(?P<p>early|mid|middle|late|beginning|start|end|first days|last days)(?: ?-)?(?: (?:in"
    r"|of|part of))?(?: the)?(?: year)? ?$"
)
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_PIECE = regex(
    rf"(?:the )?(?P<o>{'|'.join(_ORDER)})(?: ?-?(?P<n>\d{{1,3}}|{_WORDS}))?[ -]"
    r"(?P<u>half|third|week|fortnight|day|weekend|month|year)s?(?: (?:of|in))?(?: the)?"
    r"(?: (?:month|year|season|decade)(?: of)?)? ?$"
)
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
# months on from the first: which of its thirds (of ten, ten and the rest) a loose word means
_TENS = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
_YEAR = {"early": (1, 4), "mid": (5, 8), "late": (9, 12)}
_DECADE = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}


def part_before(text: str, unit: str) -> tuple[str, int] | None:
    """The part of a unit that the words before it name.

    Args:
        text: the normalised words before the unit.
        unit: month, year, quarter, half, season or decade.

    Returns:
        The part, in the notation of `part_days`, and the character at which its words begin.
    """
    if found := _SOON.search(text):
        return _LOOSE.get(found["p"], found["p"]), found.start()
    if (found := _PIECE.search(text)) is None or (found["u"] == "year" and unit != "decade"):
        return None
    if found["u"] == "month" and unit == "month":
        return None
    number = found["n"] or "1"
    count = int(number) if number.isdigit() else NUMBER_WORDS[number]
    return f"{_ORDER[found['o']]}:{count}:{found['u']}", found.start()


def part_days(part: str, unit: str, start: date, end: date) -> tuple[date, date]:
    """First and last day of a part of a unit.

    Args:
        part: early, mid or late, or `which:count:unit`, where which is 1 for the first and -1 for the last.
        unit: the unit that it is a part of.
        start: first day of that unit.
        end: its last day.

    Raises:
        ValueError: the unit has no such part.
    """
    if ":" not in part:
        return _loosely(part, unit, start, end)
    which_text, count_text, piece = part.split(":")
    which, count = int(which_text), int(count_text)
    length = (end - start).days + 1
    if piece in _DAYS:
        size = _DAYS[piece] * count
        first = end - timedelta(size - 1) if which < 0 else start + timedelta(size * (which - 1))
        last = first + timedelta(size - 1)
    elif piece == "weekend":
        saturdays = [start + timedelta(n) for n in range(length) if (start + timedelta(n)).weekday() == 5]
        first = saturdays[which if which < 0 else which - 1]
        last = first + timedelta(1)
    elif piece in ("half", "third"):
        first, last = _share(piece, which, unit, start, end)
    else:
        months = count * (12 if piece == "year" else 1)
        if which < 0:
            first, last = _shifted(end + timedelta(1), -months), end
        else:
            first = _shifted(start, months * (which - 1))
            last = _shifted(first, months) - timedelta(1)
    if first < start or (last > end and piece != "weekend"):
        raise ValueError("no such part")
    return first, last


def _loosely(part: str, unit: str, start: date, end: date) -> tuple[date, date]:
    if unit == "month":
        first_day, last_day = _TENS[part]
        return start.replace(day=first_day), start.replace(day=min(last_day, end.day)) if part != "late" else end
    if unit == "year":
        first, last = _YEAR[part]
        return date(start.year, first, 1), date(start.year, last, calendar.monthrange(start.year, last)[1])
    if unit == "decade":
        first, last = _DECADE[part]
        return date(start.year + first, 1, 1), date(start.year + last, 12, 31)
    return _share("third", {"early": 1, "mid": 2, "late": 3}[part], unit, start, end)


def _share(piece: str, which: int, unit: str, start: date, end: date) -> tuple[date, date]:
    """Halves and thirds: of a month at its 15th, or its 10th and 20th; else of its months or days."""
    pieces = 2 if piece == "half" else 3
    which = pieces if which < 0 else which
    if which > pieces:
        raise ValueError("no such part")
    if unit == "month":
        cuts = (0, 15, end.day) if pieces == 2 else (0, 10, 20, end.day)
        return start.replace(day=cuts[which - 1] + 1), start.replace(day=cuts[which])
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if months % pieces == 0:
        size = months // pieces
        return _shifted(start, size * (which - 1)), _shifted(start, size * which) - timedelta(1)
    length = (end - start).days + 1
    cut = [round(length * n / pieces) for n in range(pieces + 1)]
    return start + timedelta(cut[which - 1]), start + timedelta(cut[which] - 1)


def _shifted(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
