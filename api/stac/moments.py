"""Moments and intervals as STAC and CQL2 write them (RFC 3339, section 5.6)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from kg.virtual import moment_text
from ontology.errors import QueryError

Span = tuple[int | None, int | None]
"""First and last moment, both included, in microseconds since 1970 (UTC); None: open."""

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d{1,30}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEDY = "Write 2020-07-23T00:00:00Z, or two such moments with a slash between them; .. leaves an end open."
DAY = 86_400_000_000
"""Microseconds of a day."""


def micros_of(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 moment; digits beyond microseconds are dropped, a leap second is the last.

    Raises:
        QueryError: it is none.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise QueryError(f"{text[:60]!r} is no moment of RFC 3339.", _REMEDY)
    day, clock, second, fraction, _, sign, hours, minutes = found.groups()
    try:
        leap = second == "60"
        at = datetime.fromisoformat(f"{day}T{clock}:{'59' if leap else second}+00:00")
        aside = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        if int(hours or 0) > 23 or int(minutes or 0) > 59:
            raise ValueError
        delta = at - _EPOCH - (aside if sign == "+" else -aside)
    except (ValueError, OverflowError):
        raise QueryError(f"{text[:60]!r} is no moment of RFC 3339.", _REMEDY) from None
    whole = (delta.days * 86_400 + delta.seconds) * 1_000_000
    return whole + int((fraction or "0")[:6].ljust(6, "0"))


def day_of(text: str) -> int:
    """Microseconds since 1970 of the first moment of a day, `2020-07-23`.

    Raises:
        QueryError: it is no day.
    """
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return (date.fromisoformat(text) - _EPOCH.date()).days * DAY
    except ValueError:
        raise QueryError(f"{text[:60]!r} is no day.", "Write 2020-07-23.") from None


def span_of(text: str) -> Span:
    """The interval that the parameter `datetime` names.

    Raises:
        QueryError: it is no moment and no interval, open at both ends, or ends before it begins.
    """
    parts = text.split("/")
    if len(parts) == 1:
        at = micros_of(text)
        return at, at
    if len(parts) != 2:
        raise QueryError(f"{text[:80]!r} is no interval.", _REMEDY)
    first, last = (None if one in ("", "..") else micros_of(one) for one in parts)
    if first is None and last is None:
        raise QueryError("The interval is open at both ends.", "Leave `datetime` out, or give one end.")
    if first is not None and last is not None and first > last:
        raise QueryError("The interval ends before it begins.", "Give the earlier moment first.")
    return first, last


def written(micros: int) -> str:
    """Microseconds since 1970 as RFC 3339, UTC."""
    return moment_text(micros)
