"""The dataset of a query, replaced by the one that its request names (SPARQL 1.1 Protocol, section 2.1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.guard import Token, tokens, unescape
from ontology.errors import QueryError

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]*")
_FORMS = ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK")
_AFTER = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def absolute(name: str) -> str:
    """An IRI of a graph from a request.

    Raises:
        QueryError: it is none, or relative.
    """
    if not _IRI.fullmatch(name):
        raise QueryError(f"{name[:200]!r} is not an absolute IRI of a graph.", "Give it in full, percent-encoded.")
    return name


def with_dataset(text: str, default: Sequence[str], named: Sequence[str]) -> str:
    """A query over other graphs; its own FROM clauses go. Line numbers stay.

    Args:
        text: the query.
        default: IRIs of the graphs that make its default graph.
        named: IRIs of the graphs that GRAPH sees.

    Returns:
        The query unchanged where both are empty.

    Raises:
        QueryError: no absolute IRI.
        QuerySyntaxError: text that is no SPARQL.
    """
    if not default and not named:
        return text
    clauses = "".join(f" FROM <{absolute(one)}>" for one in default)
    clauses += "".join(f" FROM NAMED <{absolute(one)}>" for one in named)
    plain = unescape(text)
    items = list(tokens(plain))
    cuts, place = _places(items, len(plain))
    out, at = [], 0
    for start, end in cuts:
        out.append(plain[at:start] + "\n" * plain.count("\n", start, end))
        at = end
    head = "".join(out) + plain[at:place]
    if place == len(plain):
        clauses = "\n" + clauses  # a comment may end the text
    return f"{head.rstrip(' ')}{clauses} {plain[place:]}"


def _places(items: list[Token], end: int) -> tuple[list[tuple[int, int]], int]:
    """Where FROM clauses stand, and where new ones go: before the pattern."""
    cuts: list[tuple[int, int]] = []
    walk = _outside(items)
    form = ""
    for at, token in walk:
        word = token.text.upper() if token.kind == "word" else ""
        if not form:
            form = word if word in _FORMS else ""
        elif word == "FROM":
            name = at + 2 if at + 1 < len(items) and items[at + 1].text.upper() == "NAMED" else at + 1
            if name < len(items):
                cuts.append((token.start, items[name].start + len(items[name].text)))
        elif word in _AFTER or (token.text == "{" and (form != "CONSTRUCT" or _is_pattern(items, at, cuts))):
            return cuts, token.start
    return cuts, end


def _outside(items: list[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens outside of all brackets, those that open and close them among them."""
    depth = 0
    for at, token in enumerate(items):
        if token.kind == "mark" and token.text in ("}", ")"):
            depth -= 1
        if depth <= 0:
            yield at, token
        if token.kind == "mark" and token.text in ("{", "("):
            depth += 1


def _is_pattern(items: list[Token], at: int, cuts: list[tuple[int, int]]) -> bool:
    """Whether a brace of CONSTRUCT opens the pattern: its template stands right behind the word."""
    return bool(cuts) or items[at - 1].text.upper() != "CONSTRUCT"
