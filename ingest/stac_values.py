"""Single values of STAC records, read with distrust: one of the wrong type or out of range is unknown, no error.

The functions take what stands in the record and a list of repairs, to which they add what they dropped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Repairs = list[str]

_MAX_TEXT = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_YEAR = re.compile(r"\d{4}$")
_MONTH = re.compile(r"\d{4}-\d\d$")
_DAY = re.compile(r"\d{4}-?\d\d-?\d\d$")


def text_of(value: Any, limit: int = _MAX_TEXT) -> str | None:  # noqa: ANN401
    """A text without control characters and outer space; None for anything else and for the empty text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        value = str(value)
    if not isinstance(value, str):
        return None
    return _CONTROL.sub("", value[:limit]).strip() or None


def texts_of(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """The texts of a list, or of a single text; others are left out, order is kept, repetitions are dropped."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)):
        return ()
    found = (text_of(one) for one in value)
    return tuple(dict.fromkeys(one for one in found if one))


def number_of(value: Any) -> float | None:  # noqa: ANN401
    """A finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        if len(value) > 40:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def integer_of(value: Any, low: int = 1, high: int = 2_000_000_000) -> int | None:  # noqa: ANN401
    """A whole number within bounds, also one written as text such as `"047"`."""
    number = number_of(value)
    if number is None or number != int(number) or not low <= number <= high:
        return None
    return int(number)


def ranged(name: str, value: Any, low: float, high: float, repairs: Repairs) -> float | None:  # noqa: ANN401
    """A number within bounds; outside of them it is dropped and noted (`-1` and `-9999` stand for unknown)."""
    if value is None:
        return None
    number = number_of(value)
    if number is None or not low <= number <= high:
        repairs.append(f"{name}: dropped a value out of range")
        return None
    return number


def percent(name: str, value: Any, repairs: Repairs) -> float | None:  # noqa: ANN401
    """A share in percent."""
    return ranged(name, value, 0.0, 100.0, repairs)


def moment_of(value: Any, repairs: Repairs, *, last: bool = False) -> datetime | None:  # noqa: ANN401
    """A moment in UTC.

    Args:
        value: RFC 3339 text (also with a space, without a zone, or only a day, month or year), or a datetime.
        repairs: takes what was assumed.
        last: whether a day, month or year stands for its last second, not its first.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = text_of(value, 64)
    if text is None or text in ("..", "null", "None", "NaT"):
        return None
    try:
        if _YEAR.match(text) or _MONTH.match(text) or _DAY.match(text):
            repairs.append("time: read a day as all of it")
            return _whole(text, last=last)
        # leap seconds exist, but not in Python
        found = datetime.fromisoformat(re.sub(r":60(?=\.|Z|[+-]|$)", ":59", text.upper().replace("Z", "+00:00")))
        if found.tzinfo is None:
            repairs.append("time: read a time without a zone as UTC")
            return found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        repairs.append("time: dropped a time that cannot be read")
        return None


def _whole(text: str, *, last: bool) -> datetime:
    digits = text.replace("-", "")
    year, month, day = int(digits[:4]), int(digits[4:6] or 1), int(digits[6:8] or 1)
    first = datetime(year, month, day, tzinfo=UTC)
    if not last:
        return first
    if len(digits) == 8:
        after = first + timedelta(days=1)
    elif len(digits) == 6:
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    else:
        after = datetime(year + 1, 1, 1, tzinfo=UTC)
    return after - timedelta(seconds=1)


def mapping_of(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings_of(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """The objects in a list; of an object with objects in it (STAC before 0.8), its values."""
    if isinstance(value, Mapping):
        value = list(value.values())
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, (list, tuple)) else []


def first(properties: Mapping[str, Any], *names: str) -> Any:  # noqa: ANN401
    """The first value that is there and not null."""
    return next((properties[name] for name in names if properties.get(name) is not None), None)


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values in order, each once."""
    return tuple(dict.fromkeys(values))
