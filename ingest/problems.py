"""What is wrong with a record, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding in one file.

    Attributes:
        path: file that holds the finding.
        line, column: where it starts, counted from 1; line 0 means the file as a whole.
        message: what is wrong, in one sentence.
        remedy: what to do about it, in one sentence.
        code: kind of finding: file, yaml, key, value, concept, class, place, licence, reference, circle, duplicate,
            source, time, checksum, shape.
    """

    path: str
    line: int
    column: int
    message: str
    remedy: str = ""
    code: str = "value"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.message} {self.remedy}".rstrip()

    def to_dict(self) -> dict[str, str | int | None]:
        """The stable JSON form of `earthdex check --json`."""
        return {
            "path": self.path,
            "line": self.line or None,
            "column": self.column or None,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
        }


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`Did you mean 'x' or 'y'?` for the known words closest to `word`, else the other advice."""
    spellings = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), spellings, n=3, cutoff=0.6)
    return one_of([spellings[name] for name in close], otherwise)


def one_of(names: Iterable[str], otherwise: str = "") -> str:
    """`Did you mean 'x' or 'y'?`, or the other advice where there is no name."""
    quoted = " or ".join(repr(name) for name in names)
    return f"Did you mean {quoted}?" if quoted else otherwise
