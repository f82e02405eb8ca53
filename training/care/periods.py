"""Years, months, days and spans of them as days."""

from __future__ import annotations

import calendar
import re
from datetime import date

from ontology.errors import EarthdexError

_EPOCH = 719_163
_PART = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
FAR = 10**7  # days; no image is older or younger


def days_of_period(text: str) -> tuple[int, int]:
    """First and last day (since 1970-01-01) of `2018`, `2018-03`, `2018-03-14` or `from/to`, with `..` for open ends.

    Raises:
        EarthdexError: it is none of these, or ends before it begins.
    """
    start, slash, end = (part.strip() for part in text.partition("/"))
    first = -FAR if slash and start in ("", "..") else _span(start, text)[0]
    last = FAR if slash and end in ("", "..") else _span(end if slash else start, text)[1]
    if last < first:
        raise EarthdexError(f"The period {text!r} ends before it begins.", "Write from/to, the earlier day first.")
    return first, last


def _span(part: str, whole: str) -> tuple[int, int]:
    found = _PART.fullmatch(part.split("T")[0])
    try:
        if found is None:
            raise ValueError(part)
        year, month, day = (int(one) if one else None for one in found.groups())
        if year is None:
            raise ValueError(part)
        first = date(year, month or 1, day or 1)
        last_month = month or 12
        last = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except (ValueError, calendar.IllegalMonthError) as error:
        raise EarthdexError(f"{whole!r} is no period.", "Write 2018, 2018-03, 2018-03-14 or from/to.") from error
    return first.toordinal() - _EPOCH, last.toordinal() - _EPOCH
