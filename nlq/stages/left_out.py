"""Times that a question leaves out: `except July`, `2020 but not in August`, `outside the winter months`."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from nlq.question import Interval
from nlq.sheet.reading import Reading, rule

LEFT_OUT = rule(
    r"(?:but |and |though |any(?: ?time| month| season| date) )?"
    r"(?:not (?:taken |acquired |recorded )?(?:in|during|from|for)|never in"
    r"|except(?:ing)?(?: for| in| from| during| those| the ones)*|excluding|exclude|outside(?: of)?"
    r"|other than(?: in| from)?|without(?: those| the ones)?(?: in| from)?|leaving out|leave out|apart from"
    r"|skip(?:ping)?|omitting|omit|avoiding|all but) (?:the )?(?:months? (?:of )?|period |years? |season )?"
    r"(\{date\}(?:(?: ,| and| or|,? and|,? or| -| to| through)+ \{date\})*)(?: months?| seasons?| ones)?",
)


def without_months(times: list[Interval], months: list[int], excluded: set[int]) -> tuple[list[Interval], list[int]]:
    """Times and months that are left when months are taken away.

    Months of one year are plain intervals; otherwise the months that stay repeat in every year.

    Args:
        times: intervals, ISO days; empty for any time.
        months: months asked for; empty for all.
        excluded: months to leave out.
    """
    left = [one for one in months or range(1, 13) if one not in excluded]
    if not left or len(times) != 1 or months:
        return times, left
    start, end = times[0]
    if start is None or end is None or start[:4] != end[:4]:
        return times, left
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    parts: list[Interval] = []
    for month in left:
        begin = max(first, date(first.year, month, 1))
        close = min(last, date(first.year, month, calendar.monthrange(first.year, month)[1]))
        if begin > close:
            continue
        if parts and parts[-1][1] == (begin - timedelta(1)).isoformat():
            parts[-1] = (parts[-1][0], close.isoformat())
        else:
            parts.append((begin.isoformat(), close.isoformat()))
    return parts or times, []


def without_interval(times: list[Interval], start: date | None, end: date | None) -> list[Interval]:
    """Times that are left when an interval is taken away.

    Args:
        times: intervals, ISO days; empty for any time.
        start: first day to leave out; None is an open end.
        end: the last such day.
    """
    rest: list[Interval] = []
    for low, high in times or [(None, None)]:
        if (start and high and high < start.isoformat()) or (end and low and low > end.isoformat()):
            rest.append((low, high))
            continue
        if start and (low is None or low < start.isoformat()):
            rest.append((low, (start - timedelta(1)).isoformat()))
        if end and (high is None or high > end.isoformat()):
            rest.append(((end + timedelta(1)).isoformat(), high))
    return rest


def use_words(reading: Reading) -> None:
    """Say that the words of leaving out are used."""
    for found in reading.find_all(_LEFT_OUT_TIME):
        found.use("time")


_LEFT_OUT_TIME = rule(
    r"(?:not|never|except(?:ing)?(?: for)?|excluding|exclude|outside(?: of)?|other than|without|leaving out|leave out"
    r"|apart from|skip(?:ping)?|omitting|omit|avoiding|all but)(?: in| during| from| for| those| the ones)*"
    r"(?: the)?(?: months?)?(?: of)? \{time\}"
)
