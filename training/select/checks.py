"""Checks of whole columns at once: a lock from elsewhere is hostile until each of its values was looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ontology.errors import RecordError
from training.select.values import Coded, expand

# finds a bad value among several and tells it as text; None where all are good
Check = Callable[[Sequence[Any]], str | None]

# what no path below a root holds: absolute, climbing, a home folder, a drive or another scheme; breaks are around lines
_BAD_IN_PATH = (
    ":",
    "\\",
    "//",
    "\n/",
    "\n~",
    "/./",
    "/../",
    "/.\n",
    "/..\n",
    "\n./",
    "\n../",
    "\n.\n",
    "\n..\n",
    "\n\n",
)
_URL = re.compile(r"(?:https?|s3)://[^/\s\\\x00-\x1f]+/[^\\\x00-\x1f]*")
_SUM = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|sha1:[0-9a-f]{40}|md5:[0-9a-f]{32}|etag:[ -~]{1,200}|)")
_TIME = re.compile(r"(?:\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?)?")
_BAD_TEXT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def checked(stored: Any, name: str, count: int, bad: Check) -> Sequence[Any]:  # noqa: ANN401
    """A column of `count` good rows.

    Args:
        stored: the column as it is stored.
        name: named in errors.
        count: its rows.
        bad: finds a bad value among several; None where there is none.

    Raises:
        RecordError: it is no such column.
    """
    column = expand(stored, name, count)
    values = column.values if isinstance(column, Coded) else column
    found = bad(values)
    if found is not None:
        raise RecordError(f"The lock's `items.{name}` holds {found[:80]}, which it may not.", "Make it anew.")
    return column


def _bad_text(values: Sequence[Any], longest: int) -> tuple[str | None, str]:
    """The first value that is no plain text; and all texts in one, a line each, between line breaks."""
    if not values:
        return None, ""
    try:
        whole = "\n".join(values)
    except TypeError:
        return repr(next(one for one in values if not isinstance(one, str))), ""
    if whole.count("\n") != len(values) - 1:
        return repr(next(one for one in values if "\n" in one)), ""
    if len(whole) > longest and max(map(len, values)) > longest:
        return repr(max(values, key=len)), ""
    if not whole.replace("\n", "").isprintable() and _BAD_TEXT.search(whole):
        return repr(next(one for one in values if _BAD_TEXT.search(one))), ""
    return None, f"\n{whole}\n"


def bad_href(values: Sequence[Any]) -> str | None:
    """The first that is neither a path below a root nor an http(s) or s3 URL."""
    bad, whole = _bad_text(values, 4096)
    if bad is not None or not any(sign in whole for sign in _BAD_IN_PATH):
        return bad
    # something looks wrong, perhaps because there are URLs: each is looked at
    for one in values:
        if "://" in one:
            if not _URL.fullmatch(one) or "/../" in one or one.endswith("/.."):
                return repr(one)
        elif not one or any(sign in f"\n{one}\n" for sign in _BAD_IN_PATH):
            return repr(one)
    return None


def bad_checksum(values: Sequence[Any]) -> str | None:
    """The first that is no checksum, ETag or nothing."""
    return _unmatched(values, _SUM)


def bad_time(values: Sequence[Any]) -> str | None:
    """The first that is no ISO 8601 day, instant or nothing."""
    return _unmatched(values, _TIME)


def _unmatched(values: Sequence[Any], pattern: re.Pattern[str]) -> str | None:
    if set(map(type, values)) - {str}:
        return repr(next(one for one in values if type(one) is not str))
    if all(map(pattern.fullmatch, values)):
        return None
    return repr(next(one for one in values if not pattern.fullmatch(one)))


def bad_text(values: Sequence[Any]) -> str | None:
    """The first that is no plain text."""
    return _bad_text(values, 4096)[0]


def integers(low: int, high: int, *, or_none: bool = False) -> Check:
    """A check of whole numbers from `low` below `high`."""

    def bad(values: Sequence[Any]) -> str | None:
        if or_none:
            values = [one for one in values if one is not None]
        if set(map(type, values)) - {int}:
            return repr(next(one for one in values if type(one) is not int))
        if values and (min(values) < low or max(values) >= high):
            return repr(next(one for one in values if not low <= one < high))
        return None

    return bad


def bad_number(values: Sequence[Any]) -> str | None:
    """The first that is neither a finite number nor None."""
    kinds = set(map(type, values))
    if kinds - {int, float, type(None)}:
        return repr(next(one for one in values if type(one) not in (int, float, type(None))))
    present = [one for one in values if one is not None] if type(None) in kinds else values
    if not present:
        return None
    try:
        good = np.abs(np.array(present, np.float64)) < 1e12
    except OverflowError:
        return repr(max(present, key=abs))
    return None if good.all() else repr(present[int(np.argmin(good))])


def bad_crs(values: Sequence[Any]) -> str | None:
    """The first that is no text a CRS could be."""
    return next((repr(one) for one in values if type(one) is not str or len(one) > 20_000), None)


def storable(href: str) -> bool:
    """Whether a lock may name a file so: a path below a root, `archive!/member`, or an http(s) or s3 URL."""
    return bad_href([href]) is None
