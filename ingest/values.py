"""Checks of single values as they are written in records."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from ingest.yamltext import Node, Scalars, Sequence

MAX_TEXT = 5000
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$")
_DOI = re.compile(r"10\.\d{4,9}/\S+$")
_SCHEMES = {"http", "https", "s3", "gs", "ftp"}
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


class Refused(Exception):
    """A value that does not fit its key: `message` goes on after the key's name."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def _text(node: Node) -> str:
    if not isinstance(node, Scalars) or node.value is None or not node.text.strip():
        raise Refused("must be a text.", "Write it in quotes where it holds ': ' or starts with a sign.")
    if len(node.text) > MAX_TEXT:
        raise Refused(f"is longer than {MAX_TEXT} characters.", "Shorten it.")
    return node.text.strip()


def _integer(node: Node) -> int:
    value = node.value if isinstance(node, Scalars) else None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refused("must be a whole number of at least 0.", "Write digits only, without separators or units.")
    return value


def _number(node: Node) -> float | int:
    value = node.value if isinstance(node, Scalars) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused("must be a number.", "Write digits with a point, without unit.")
    return value


def _numbers(node: Node) -> tuple[float | int, ...]:
    if not isinstance(node, Sequence) or len(node.items) not in (2, 4):
        raise Refused("must be a list of 2 or 4 numbers.", "Write [longitude, latitude] or [west, south, east, north].")
    numbers = tuple(_number(item) for item in node.items)
    if any(abs(n) > (180 if i % 2 == 0 else 90) for i, n in enumerate(numbers)):
        raise Refused("has a coordinate out of range.", "Longitude comes first, from -180 to 180, then latitude.")
    if len(numbers) == 4 and numbers[1] > numbers[3]:
        raise Refused("has its south above its north.", "Write [west, south, east, north].")
    return numbers


def _date(node: Node) -> str:
    text = _text(node)
    match = _DATE.match(text)
    if not match:
        raise Refused(f"is not a date: '{text}'.", "Write 2018-05-31, or 2018-05, or 2018.")
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, day)
    except ValueError as error:
        raise Refused(f"is not a date of the calendar: '{text}'.", "Write an existing day.") from error
    return text


def _link(node: Node) -> str:
    text = _text(node)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in _SCHEMES or not parts.netloc or _NOT_IN_IRI.search(text):
        raise Refused(f"is not a link: '{text[:80]}'.", "Write it whole, starting with https:// (s3:// for a bucket).")
    return text


def _doi(node: Node) -> str:
    text = _text(node)
    if not _DOI.match(text):
        raise Refused(f"is not a DOI: '{text[:80]}'.", "Write it bare, as 10.1234/abc, without https://doi.org/.")
    return text


def _mapping(node: Node) -> str:
    raise Refused("must be a mapping.", "For example {on: eurosat, metric: overall accuracy, value: 98.6}.")


VALUE_CHECKS: dict[str, Callable[[Node], str | int | float | tuple[float | int, ...]]] = {
    "text": _text,
    "concept": _text,
    "sensor": _text,
    "band": _text,
    "licence": _text,
    "place": _text,
    "dataset": _text,
    "model": _text,
    "agent": _text,
    "class": _text,
    "split": _text,
    "format": _text,
    "evaluation": _mapping,
    "distribution": _link,
    "link": _link,
    "doi": _doi,
    "integer": _integer,
    "number": _number,
    "numbers": _numbers,
    "date": _date,
}
"""Shape or kind of a part -> check that returns the plain value or raises `Refused`."""
