"""Columns of a lock as they are stored, and checks of plain values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ontology.errors import RecordError

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Coded(Sequence[Any]):
    """A column of few different values: a code for each row."""

    def __init__(self, values: list[Any], codes: Sequence[int]) -> None:
        self.values = values
        self._codes = codes

    def __len__(self) -> int:
        return len(self._codes)

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401
        return self.values[self._codes[index]]

    def __iter__(self) -> Iterator[Any]:
        values = self.values
        return (values[code] for code in self._codes)


class _Same(Sequence[int]):
    """So many zeros, without keeping them."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return 0

    def __iter__(self) -> Iterator[int]:
        return iter([0] * self._count)


def expand(stored: Any, name: str, count: int) -> Sequence[Any]:  # noqa: ANN401
    """A stored column: a list, `{"all": value}` or `{"values": [...], "codes": [...]}`.

    Raises:
        RecordError: it is none of these, or has not `count` rows.
    """
    match stored:
        case list() if len(stored) == count:
            return stored
        case {"all": value} if len(stored) == 1:
            return Coded([value], _Same(count))
        case {"values": list() as values, "codes": list() as codes} if len(stored) == 2 and len(codes) == count:
            if not set(map(type, codes)) - {int} and (not codes or 0 <= min(codes) <= max(codes) < len(values)):
                return Coded(values, codes)
    raise RecordError(f"The lock's `items.{name}` is no column of {count:,} rows.", "Make the lock anew.")


def text_problem(text: str, longest: int) -> bool:
    """Whether a text from outside is too long or holds control characters."""
    return len(text) > longest or _UNSAFE.search(text) is not None


def canonical(value: Any) -> bytes:  # noqa: ANN401
    """The one way to write a JSON value: keys sorted, no spaces, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
    ).encode("utf-8", "surrogatepass")


def number(value: Any, name: str, low: float, high: float) -> float:  # noqa: ANN401
    """A finite number between two bounds.

    Raises:
        RecordError: it is none.
    """
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise RecordError(f"The lock's `{name}` is {str(value)[:40]!r}.", f"It lies between {low:g} and {high:g}.")
    return float(value)


def installed_version() -> str:
    """The version of earthdex; empty where it runs without being installed."""
    try:
        return version("earthdex")
    except PackageNotFoundError:
        return ""
