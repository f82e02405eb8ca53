"""ORDER BY over values of several types, in an order that is one.

SPARQL leaves open how a number and a text compare (section 15.1). pyoxigraph compares their spelling, while it compares
numbers by value: `10 < "2" < 9` with `9 < 10` is no order, its sorting notices, and ends the process. So each term of
ORDER BY is preceded by the type of its value: numbers first, then the other types by their names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.guard import Token, tokens, unescape

_WORD = re.compile(r"\border\b", re.IGNORECASE)
_OF_ONE_TYPE = frozenset(
    {"COUNT", "SUM", "AVG", "STR", "STRLEN", "LCASE", "UCASE", "CONCAT", "LANG", "BOUND", "YEAR", "MONTH", "DAY"}
)
# NaN compares with nothing, and a moment without a zone with few
_TYPED = 'IF(isNumeric({0}) && {0} = {0}, "", CONCAT(STR(DATATYPE({0})), COALESCE(IF(TZ({0}) = "", "", "+"), "")))'


def with_types(text: str) -> str:
    """A query whose ORDER BY terms are ordered by type first; any other as it is.

    Raises:
        QuerySyntaxError: text that is no SPARQL.
    """
    if not _WORD.search(text):
        return text
    text = unescape(text)
    found = list(tokens(text))
    parts: list[str] = []
    done = 0
    for number, token in enumerate(found[:-1]):
        if token.kind == "word" and token.text.upper() == "ORDER" and found[number + 1].text.upper() == "BY":
            at = number + 2
            while (end := _term_end(found, at)) > at:
                start = found[at].start
                written = _typed(text[start : _stop(found[end - 1])], found[at:end])
                if start >= done and written:
                    parts += [text[done:start], written]
                    done = start
                at = end
    return "".join([*parts, text[done:]])


def _stop(token: Token) -> int:
    return token.start + len(token.text)


def _term_end(found: Sequence[Token], at: int) -> int:
    """Index after the ordering term that begins at an index; the index itself where none does."""
    if at >= len(found):
        return at
    token, following = found[at], found[at + 1] if at + 1 < len(found) else Token("end", "", 0)
    if token.kind == "variable":
        return at + 1
    if token.text == "(":
        return _closed(found, at)
    word = token.text.upper() if token.kind == "word" else ""
    if word == "NOT":
        return _closed(found, at + 2)
    if token.kind in ("word", "name", "iri") and (
        following.text == "(" or (word == "EXISTS" and following.text == "{")
    ):
        return _closed(found, at + 1)
    return at


def _closed(found: Sequence[Token], at: int) -> int:
    """Index after the bracket that closes the one at an index."""
    depth = 0
    for number in range(at, len(found)):
        depth += (found[number].text in ("(", "{")) - (found[number].text in (")", "}"))
        if depth == 0:
            return number + 1
    return len(found)


def _typed(text: str, term: Sequence[Token]) -> str:
    """What precedes an ordering term; an empty text where its values are of one type."""
    way, inner = "ASC", text
    if term[0].kind == "word" and term[0].text.upper() in ("ASC", "DESC"):
        way, inner, term = term[0].text, text[len(term[0].text) :], term[1:]
    words = {one.text.upper() for one in term if one.kind == "word"}
    first = next((one.text.upper() for one in term if one.text != "("), "")
    typed = first in _OF_ONE_TYPE or first.startswith(("GEOF:", "XSD:"))
    if "EXISTS" in words or (typed and _closed(term, 1 + (term[0].text == "(")) >= len(term) - (term[0].text == "(")):
        return ""
    return f"{way}({_TYPED.format('(' + inner + ')')}) "
