"""Writing SPARQL that people can read: literals, names, and a body of commented patterns.

Everything that comes from a question passes through `quote` or `term`: nothing of it is ever read as SPARQL.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from nlq.sheet.patterns import regex
from ontology.errors import QueryError
from ontology.namespaces import shorten, sparql_prologue

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_BAD_IRI = regex(r'[<>"{}|^`\\\x00-\x20]')
_LIGHT = regex(r"[^0-9a-z+]+")


def quote(text: str) -> str:
    """A SPARQL string literal. Control characters and lone surrogates, which no catalogue holds, are dropped."""
    kept = (c for c in text if c in _ESCAPES or unicodedata.category(c) not in ("Cc", "Cs"))
    return '"' + "".join(_ESCAPES.get(c, c) for c in kept) + '"'


def term(iri: str) -> str:
    """An IRI as `prefix:name` or in angle brackets.

    Raises:
        QueryError: not an IRI that SPARQL can hold.
    """
    if not iri or _BAD_IRI.search(iri):
        raise QueryError(f"{iri[:80]!r} is not an IRI.", "Name the thing instead.")
    return shorten(iri)


def wkt(text: str) -> str:
    """A WKT literal in CRS84."""
    return f"{quote(text)}^^geo:wktLiteral"


def number(value: int | float) -> str:
    """A number without exponent: SPARQL reads it as xsd:integer or xsd:decimal."""
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise QueryError(f"{value} is not a number.", "Give a finite number.")
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0") if text.endswith(".0") else text


def day(text: str) -> str:
    """A day as xsd:date."""
    return f'"{text}"^^xsd:date'


def key(text: str) -> str:
    """Text for comparison: without case, accents, spaces and hyphens; `+` stays (LEVIR-CD+ is not LEVIR-CD)."""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    return _LIGHT.sub("", plain) or "".join(plain.split())


def step(path: str, then: str = "") -> str:
    """A property path followed by another; alternatives are bracketed."""
    return f"({path}){then}" if then and "|" in path else f"{path}{then}"


def comment(text: str, width: int = 110) -> str:
    """A text as one comment line."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"# {flat if len(flat) <= width else flat[: width - 3] + '...'}"


def oneof(variable: str, terms: Iterable[str]) -> str:
    """`VALUES ?x { a b }`: the variable is one of the terms."""
    return f"VALUES {variable} {{ {' '.join(terms)} }}"


def block(opening: str, lines: Iterable[str]) -> list[str]:
    """A group graph pattern with its lines indented: `OPTIONAL {` ... `}`."""
    return [f"{opening} {{", *(f"  {line}" for line in lines), "}"]


def negated(lines: list[str]) -> list[str]:
    """The lines as a FILTER NOT EXISTS."""
    return block("FILTER NOT EXISTS", lines)


def union(groups: list[list[str]]) -> list[str]:
    """Any of the groups."""
    if len(groups) == 1:
        return groups[0]
    lines: list[str] = []
    for group in groups:
        inner = block("", group)
        inner[0] = "{" if not lines else "UNION {"
        if lines:
            lines.pop()
            inner[0] = "} UNION {"
        lines += inner
    return lines


@dataclass(slots=True)
class Body:
    """The WHERE part of a query while it is being written: commented patterns about one subject.

    Attributes:
        subject: variable of the found thing, with its question mark.
        lines: patterns and comments.
    """

    subject: str
    lines: list[str] = field(default_factory=list)
    _taken: dict[str, int] = field(default_factory=dict)

    def fresh(self, stem: str) -> str:
        """A variable that no other pattern uses: `?area`, `?area2`, ..."""
        count = self._taken[stem] = self._taken.get(stem, 0) + 1
        return f"?{stem}" if count == 1 else f"?{stem}{count}"

    def say(self, about: str, lines: Iterable[str]) -> None:
        """Adds patterns under a comment that says what they are for."""
        found = list(lines)
        if found:
            self.lines += [comment(about), *found] if about else found


def query(form: str, lines: Iterable[str], tail: Iterable[str] = (), title: str = "") -> str:
    """A whole query: comment, prefixes, form, WHERE and what follows it."""
    body = "\n".join([f"{form} WHERE {{".replace("ASK WHERE", "ASK"), *(f"  {line}" for line in lines), "}", *tail])
    head = f"{comment(title)}\n" if title else ""
    return f"{head}{sparql_prologue(body)}{body}\n"
