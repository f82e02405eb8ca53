"""Editions of a record by number: `SpaceNet version 2`, `version 2 of BigEarthNet`, where each is a record."""

from __future__ import annotations

import re

from nlq.lexis.lexicon import Entry, Lexicon
from nlq.sheet.reading import Mark, Reading
from nlq.sheet.tokens import key

_BETWEEN = frozenset((",", "(", "in", "the", "its", "-", "dataset", "challenge", "data", "model"))
_OF = frozenset(("of", "the", "from"))


def read_editions(reading: Reading, lexicon: Lexicon) -> None:
    """Join a name and a version to the name of that edition; what names no record stays a version."""
    for mark in list(reading.of_kind("record", "family")):
        version = _version_after(reading, mark) or _version_before(reading, mark)
        if version is None and (short := _short(reading, mark)) is not None:
            version = reading.mark(mark.end, mark.end + 1, "identifier", short, property="version")
        if version is None:
            continue
        entry = _edition(lexicon, reading.words(mark.start, mark.end), str(version.value))
        if entry is None:
            continue
        start, end = min(mark.start, version.start), max(mark.end, version.end)
        reading.unmark(mark)
        reading.unmark(version)
        if reading.is_free(start, end):
            reading.mark(start, end, entry.kind, entry.value, entry=entry, entries=(entry,))

    for version in [one for one in reading.of_kind("identifier") if _version(one) is not None]:
        for count in (3, 2, 1):  # `Clay version 1`: alone an everyday word
            start = version.start - count
            if start < 0 or not reading.is_free(start, version.start):
                continue
            entry = _edition(lexicon, reading.words(start, version.start), str(version.value))
            if entry is not None:
                reading.unmark(version)
                reading.mark(start, version.end, entry.kind, entry.value, entry=entry, entries=(entry,))
                break


def _version_after(reading: Reading, mark: Mark) -> Mark | None:
    at = mark.end
    while at < len(reading.tokens) and reading.owner(at) is None and reading.tokens[at].norm in _BETWEEN:
        at += 1
    return _version(reading.owner(at))


def _short(reading: Reading, mark: Mark) -> str | None:
    """`SpaceNet v7`."""
    if mark.end >= len(reading.tokens) or reading.owner(mark.end) is not None:
        return None
    found = re.fullmatch(r"v(\d+(?:\.\d+)*)", reading.tokens[mark.end].norm)
    return found[1] if found else None


def _version_before(reading: Reading, mark: Mark) -> Mark | None:
    at = mark.start - 1
    while at >= 0 and reading.owner(at) is None and reading.tokens[at].norm in _OF:
        at -= 1
    return _version(reading.owner(at)) if at < mark.start - 1 else None


def _version(owner: Mark | None) -> Mark | None:
    return owner if owner is not None and owner.info.get("property") == "version" and not owner.used else None


def _edition(lexicon: Lexicon, name: str, version: str) -> Entry | None:
    """The record that is called so: `SpaceNet 2`, `BigEarthNet v2`, `Prithvi-EO-2.0`."""
    for form in (f"{name} {version}", f"{name} v{version}", f"{name} {version}.0", f"{name} v{version}.0"):
        for entry in lexicon.exactly(key(form)):
            if entry.kind in ("record", "family"):
                return entry
    return None
