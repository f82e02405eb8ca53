"""Looks at SPARQL text before a parser sees it: size, depth, and words that are not allowed.

A real tokenizer, since `SERVICE` in a string, a comment, an IRI or a prefixed name is only text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kg.limits import DEFAULT_LIMITS, Limits
from ontology.errors import QueryNotAllowed, QuerySyntaxError, QueryTooLarge

# Order matters: long strings before short ones, IRIs before `<`, names before keywords. The terminals are those of
# SPARQL 1.1, section 19.8, with codepoint escapes already resolved.
_TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]+)
      | (?P<comment>\#[^\n\r]*)
      | (?P<string>\"{3}(?:[^"\\]|\\.|\"{1,2}(?!\"))*+\"{3} | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*+'{3}
            | \"(?:[^"\\\n\r]|\\.)*+\" | '(?:[^'\\\n\r]|\\.)*+')
      | (?P<iri><[^<>"{}|^`\\\x00-\x20]*+>)
      | (?P<variable>[?$]\w+)
      | (?P<blank>_:[\w][\w.\-]*)
      | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<name>(?:[^\W\d_][\w.\-]*)?:(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
      | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++ | [0-9]*+\.[0-9]++ | [0-9]++)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>\^\^|&&|\|\||!=|<=|>=|<<\(|\)>>|<<|>>|\{\||\|\}|[{}()\[\],;.*+\-/=<>!|^?&~])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"})
_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_LONGEST_KEPT = 100_000
_OPEN, _CLOSE = frozenset({"(", "{", "[", "<<", "<<(", "{|"}), frozenset({")", "}", "]", ">>", ")>>", "|}"})


@dataclass(frozen=True, slots=True)
class Token:
    """A token: kind (a group of the grammar above), text, and place in the query (0-based offset)."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What the tokens of a query say.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        iris: IRIs written in full.
        names: prefixed names.
        words: bare words in capitals.
    """

    form: str
    iris: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]


def place(text: str, offset: int) -> str:
    """`line L, column C` of an offset, both from 1."""
    return f"line {text.count(chr(10), 0, offset) + 1}, column {offset - text.rfind(chr(10), 0, offset)}"


def unescape(text: str) -> str:
    r"""Resolves codepoint escapes, which SPARQL allows anywhere: `SERV\u0049CE` is a keyword too."""

    def char(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        # Escaped quotes and backslashes stay escaped, so that strings end where the parser ends them.
        return match[0] if code > 0x10FFFF or chr(code) in "\"'\\\n\r" else chr(code)

    return _ESCAPE.sub(char, text) if "\\" in text else text


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query without spaces and comments.

    Raises:
        QuerySyntaxError: a character that begins no token.
    """
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise QuerySyntaxError(
                f"The query does not parse at {place(text, position)}: {text[position : position + 20]!r}.",
                "Check quotes, brackets and characters there.",
            )
        kind = match.lastgroup or ""
        if kind not in ("space", "comment"):
            yield Token(kind, match[0], position)
        position = match.end()


@lru_cache(maxsize=256)
def _found_right(query: str) -> None:
    inspect(query)


def inspect_once(query: str) -> None:
    """`inspect`, for text that comes again and again: what was found right is not looked at once more."""
    if len(query) <= _LONGEST_KEPT:
        _found_right(query)
    else:
        inspect(query)


def inspect(query: str, limits: Limits = DEFAULT_LIMITS) -> Outline:
    """Checks text from outside that is to be run as a reading query.

    Raises:
        QueryTooLarge: too long, too deep, too many tokens or UNIONs.
        QueryNotAllowed: an update, LOAD or SERVICE.
        QuerySyntaxError: no query form, or text that is not SPARQL.
    """
    found = _inspected(query, limits, update=False)
    if not found.form:
        raise QuerySyntaxError(
            "The text is no SPARQL query.", "Begin with SELECT, ASK, CONSTRUCT or DESCRIBE (after any PREFIX lines)."
        )
    return found


UPDATE_LIMITS = Limits(length=64_000_000, tokens=5_000_000)
"""Bounds of an update: it may bring its data along."""


def inspect_update(update: str, limits: Limits = UPDATE_LIMITS) -> Outline:
    """Checks text from outside that is to be run as an update.

    Raises:
        QueryTooLarge: too long, too deep, too many tokens or UNIONs.
        QueryNotAllowed: LOAD, SERVICE, or scenes, which updates neither see nor change.
        QuerySyntaxError: text that is not SPARQL.
    """
    found = _inspected(update, limits, update=True)
    if "ed:Scene" in found.names or any(one.endswith("/earthdex/ns#Scene") for one in found.iris):
        raise QueryNotAllowed(
            "Updates neither see nor change scenes: they are kept in tables, not as statements.",
            "Use `earthdex add` and `earthdex remove`.",
        )
    return found


def _inspected(query: str, limits: Limits, *, update: bool) -> Outline:
    if len(query) > limits.length:
        raise QueryTooLarge(
            f"The query has {len(query):,} characters; at most {limits.length:,} are read.", "Shorten its VALUES."
        )
    text = unescape(query)
    depth = unions = 0
    form = ""
    iris, names, words = set[str](), set[str](), set[str]()
    for count, token in enumerate(tokens(text), 1):
        if count > limits.tokens:
            raise QueryTooLarge(f"The query has more than {limits.tokens:,} tokens.", "Shorten its VALUES.")
        if token.kind == "mark":
            depth += (token.text in _OPEN) - (token.text in _CLOSE)
            if depth > limits.depth:
                raise QueryTooLarge(
                    f"The query nests more than {limits.depth} brackets at {place(text, token.start)}.", "Flatten it."
                )
        elif token.kind == "iri":
            iris.add(token.text[1:-1])
        elif token.kind == "name":
            names.add(token.text)
        elif token.kind == "word":
            word = token.text.upper()
            words.add(word)
            unions += word == "UNION"
            if unions > limits.unions:
                raise QueryTooLarge(f"The query has more than {limits.unions} UNIONs.", "Use VALUES instead.")
            _forbid(word, text, token.start, update=update)
            form = form or (word if word in _FORMS else "")
    return Outline(form, frozenset(iris), frozenset(names), frozenset(words))


def _forbid(word: str, text: str, start: int, *, update: bool) -> None:
    if update and word == "LOAD":
        raise QueryNotAllowed(
            f"LOAD at {place(text, start)} would fetch from the network.",
            "Send the data itself: PUT or POST it to /store?graph=<iri>.",
        )
    if word in _UPDATES and not update:
        raise QueryNotAllowed(
            f"Only reading queries are allowed here; {word} at {place(text, start)} would change the catalogue.",
            "Use `earthdex add` to add records.",
        )
    if word == "SERVICE":
        raise QueryNotAllowed(
            f"SERVICE at {place(text, start)} would send the query to another server.", "Query that server itself."
        )
