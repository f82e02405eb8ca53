"""Regular expressions that are compiled when they are first used, and kept compiled beside a version.

The reader has a thousand of them, and compiling those that one question needs takes half a second: Python's compiler
of patterns is written in Python. Its outcome is a list of numbers, which is kept (`keep_patterns`) and handed to the
engine of `re` again in some microseconds. That engine checks the numbers itself, and a file made by another Python is
not read. Where this Python has no such door (`_sre`, `re._compiler`), everything is compiled as ever.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from array import array
from pathlib import Path
from typing import Any, TypeAlias, cast

try:
    import _sre  # type: ignore[import-not-found]
    from re import _compiler, _parser  # type: ignore[attr-defined]

    _MADE_BY = f"{sys.implementation.cache_tag} {sys.version} {_sre.MAGIC} {_sre.CODESIZE}"
except ImportError:  # pragma: no cover - a Python with another `re`
    _MADE_BY = ""

# what is kept of a pattern: flags, number of groups, names of groups, groups by number, and its code
_Row: TypeAlias = tuple[int, int, dict[str, int], tuple[str | None, ...], list[int]]
_kept: dict[tuple[str, int], tuple[list[Any], bytes]] = {}
_new: dict[tuple[str, int], _Row] = {}
_ENOUGH = 24  # compiled anew before a file is written again


def compiled(text: str, flags: int = 0) -> re.Pattern[str]:
    """A compiled pattern: as it was kept, or compiled now."""
    key = (text, int(flags))
    if key in _kept:
        (all_flags, groups, names, by_number), code = _kept[key]
        try:
            return cast(re.Pattern[str], _sre.compile(text, all_flags, _numbers(code), groups, names, tuple(by_number)))
        except (TypeError, ValueError, RuntimeError, OverflowError):
            del _kept[key]
    if not _MADE_BY:
        return re.compile(text, flags)
    try:
        row = _compile(text, int(flags))
        found = _sre.compile(text, row[0], row[4], *row[1:4])
    except (AttributeError, TypeError):
        return re.compile(text, flags)
    _new[key] = row
    return cast(re.Pattern[str], found)


def _compile(text: str, flags: int) -> _Row:
    """What `re._compiler.compile` hands to the engine."""
    parsed = _parser.parse(text, flags)
    code = _compiler._code(parsed, flags)
    names = parsed.state.groupdict
    by_number: list[str | None] = [None] * parsed.state.groups
    for name, number in names.items():
        by_number[number] = name
    return flags | parsed.state.flags, parsed.state.groups - 1, names, tuple(by_number), code


def _numbers(code: bytes) -> list[int]:
    numbers = array("I")
    numbers.frombytes(code)
    return numbers.tolist()


class Regex:
    """A regular expression that is compiled when it is first used; made by `regex`."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - an attribute of `re.Pattern`
        """Reached once for each name: `search`, `sub` and the others are then attributes of their own."""
        found = getattr(compiled(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found


def regex(text: str, flags: int | re.RegexFlag = 0) -> re.Pattern[str]:
    """A regular expression over text, compiled when it is first used.

    Args:
        text: as for `re.compile`; an error in it is raised at the first use.
        flags: as for `re.compile`.
    """
    return cast(re.Pattern[str], Regex(text, int(flags)))


def recall_patterns(file: Path) -> None:
    """Take the compiled patterns of a file, once in a process.

    Nothing is taken where it is missing, damaged or made by another Python.
    """
    if _kept:
        return
    try:
        with file.open("rb") as handle:
            head = json.loads(handle.readline())
            codes = handle.read()
        if not _MADE_BY or head["made_by"] != _MADE_BY or head["bytes"] != len(codes):
            return
        for text, given, start, end, *row in head["patterns"]:
            _kept.setdefault((str(text), int(given)), (row, codes[start:end]))
    except (OSError, ValueError, KeyError, TypeError):
        return


def keep_patterns(file: Path) -> None:
    """Write the compiled patterns that are known, where enough were compiled anew; where it cannot be written, not."""
    if len(_new) < _ENOUGH:
        return
    for key in list(_new):  # other threads may compile meanwhile
        flags, groups, names, by_number, numbers = _new.pop(key)
        _kept[key] = [flags, groups, names, by_number], array("I", numbers).tobytes()
    rows, codes, at = [], [], 0
    for (text, given), (row, code) in sorted(_kept.items(), key=lambda one: one[0]):
        rows.append([text, given, at, at + len(code), *row])
        codes.append(code)
        at += len(code)
    head = {"made_by": _MADE_BY, "bytes": at, "patterns": rows}
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix="patterns-", suffix=".partial")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(json.dumps(head, separators=(",", ":")).encode() + b"\n")
            out.writelines(codes)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
