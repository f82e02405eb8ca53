"""CQL2 text into tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ontology.errors import QueryError

MOST_TEXT = 20_000
"""Characters of a filter."""

# no part of it can be matched in two ways: reading takes linear time, whatever is sent
_TOKEN = re.compile(
    r"""\s*+(?:
      (?P<number>(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?)
    | '(?P<text>(?:\\'|''|[^'])*+)'
    | "(?P<quoted>[^"]*+)"
    | (?P<name>[^\W\d][\w.:]*+)
    | (?P<sign><=|>=|<>|!=|[-+*/%^=<>(),])
    )""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A token: number, text, quoted (a name), name, sign or end; its text; where it begins."""

    kind: str
    text: str
    at: int


def words_of(text: str) -> list[Word]:
    """The tokens of a filter; a last one of kind `end`.

    Raises:
        QueryError: it is too long, or a character has no place in a filter.
    """
    if len(text) > MOST_TEXT:
        raise QueryError(f"The filter is longer than {MOST_TEXT:,} characters.", "Send a shorter one.")
    found: list[Word] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise wrong(text, start, "an open quote" if text[start] in "'\"" else "what has no place there")
        kind = str(match.lastgroup)
        value = match[kind]
        if kind == "text":
            value = value.replace("''", "'").replace("\\'", "'")
        found.append(Word(kind, value, match.start(kind)))
        at = match.end()
    found.append(Word("end", "", len(text)))
    return found


def wrong(text: str, at: int, what: str) -> QueryError:
    """The error of a place in a filter."""
    return QueryError(
        f"The filter is no CQL2: {what} at character {at + 1}: {text[at : at + 30]!r}.",
        "Write such as: \"eo:cloud_cover\" < 10 AND platform = 'sentinel-2a'.",
    )
