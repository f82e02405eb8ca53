"""The tokens of a query, one after the other, and the terms that they spell."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import urljoin

from kg.guard import Token, place, tokens, unescape
from kg.sparql.syntax import Node, Var
from ontology.errors import QuerySyntaxError
from ontology.namespaces import BASE, PREFIXES
from ontology.terms import IRI, RDF_LANG_STRING, XSD, Literal

RDF = PREFIXES["rdf"]
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CHARS = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_CODE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NUMBER = re.compile(r"[0-9]+")


class Cursor:
    """A place in the tokens of a query."""

    def __init__(self, text: str) -> None:
        """Reads the tokens. Raises QuerySyntaxError for text that is none."""
        self.text = unescape(text)
        self.items = list(_split(self.text))
        self.at = 0
        self.prefixes: dict[str, str] = dict(PREFIXES)  # declared ones replace them
        self.base = BASE  # what relative IRIs begin with, as in the store
        self._fresh = 0

    # --- moving ------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        """The token here or further on; one of kind `end` after the last."""
        index = self.at + ahead
        return self.items[index] if index < len(self.items) else Token("end", "", len(self.text))

    def next(self) -> Token:
        """The token here, and a step on."""
        token = self.peek()
        self.at += 1
        return token

    def word(self, *words: str) -> str:
        """The keyword here in capitals if it is one of the words (and a step on), else an empty text."""
        token = self.peek()
        upper = token.text.upper()
        if token.kind == "word" and upper in words:
            self.at += 1
            return upper
        return ""

    def is_word(self, *words: str) -> bool:
        """Whether one of the keywords is here."""
        token = self.peek()
        return token.kind == "word" and token.text.upper() in words

    def mark(self, *marks: str) -> str:
        """The sign here if it is one of the marks (and a step on), else an empty text."""
        token = self.peek()
        if token.kind == "mark" and token.text in marks:
            self.at += 1
            return token.text
        return ""

    def is_mark(self, *marks: str) -> bool:
        """Whether one of the signs is here."""
        token = self.peek()
        return token.kind == "mark" and token.text in marks

    def expect(self, mark: str) -> None:
        """A step over a sign. Raises QuerySyntaxError where it is not here."""
        if not self.mark(mark):
            self.fail(f"expected `{mark}`")

    def expect_word(self, word: str) -> None:
        """A step over a keyword. Raises QuerySyntaxError where it is not here."""
        if not self.word(word):
            self.fail(f"expected {word}")

    def fail(self, why: str) -> NoReturn:
        """Raises QuerySyntaxError with the place."""
        token = self.peek()
        found = f"`{token.text[:30]}`" if token.text else "the end"
        raise QuerySyntaxError(
            f"The query does not parse at {place(self.text, token.start)}: {why}, found {found}.", "Correct it there."
        )

    @property
    def start(self) -> int:
        """Offset in the text of the token here."""
        return self.peek().start

    @property
    def end(self) -> int:
        """Offset in the text after the token before."""
        if self.at == 0:
            return 0
        token = self.items[self.at - 1]
        return token.start + len(token.text)

    # --- terms -------------------------------------------------------------------------------------------------

    def fresh(self) -> Var:
        """A variable for a blank node without a label."""
        self._fresh += 1
        return Var(f"_:{self._fresh}")

    def is_variable(self) -> bool:
        """Whether a variable is here."""
        return self.peek().kind == "variable"

    def variable(self) -> Var:
        """The variable here. Raises QuerySyntaxError where none is."""
        if not self.is_variable():
            self.fail("expected a variable")
        return Var(self.next().text[1:])

    def is_iri(self) -> bool:
        """Whether an IRI, in full or by prefix, is here."""
        return self.peek().kind in ("iri", "name")

    def iri(self) -> IRI:
        """The IRI here, in full. Raises QuerySyntaxError where none is."""
        token = self.peek()
        if token.kind == "iri":
            self.at += 1
            text = self._resolved(token.text[1:-1])
            if _ABSOLUTE.match(text):
                return IRI(text)
            return IRI(urljoin(self.base, text) + "#" * text.endswith("#"))  # which `urljoin` drops
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix not in self.prefixes:
                self.fail(f"the prefix `{prefix}:` is not declared")
            self.at += 1
            return IRI(self.prefixes[prefix] + _ESCAPE.sub(r"\1", local))
        self.fail("expected an IRI")

    def _resolved(self, text: str) -> str:
        """A text with its codepoint escapes resolved."""
        try:
            return _CODE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)
        except (ValueError, OverflowError):
            self.at -= 1
            self.fail("an escape names no character")

    def number(self) -> Literal:
        """The number here, with its sign."""
        sign = self.mark("-", "+")
        token = self.next()
        if token.kind != "number":
            self.at -= 1
            self.fail("expected a number")
        text = ("-" if sign == "-" else "") + token.text
        kind = "integer" if _NUMBER.fullmatch(token.text) else "double" if "e" in text.lower() else "decimal"
        return Literal(text, XSD + kind)

    def literal(self) -> Literal | None:
        """The string, number or truth value here; None where there is none."""
        token = self.peek()
        if token.kind == "string":
            self.at += 1
            value = _string(self._resolved(token.text))
            if self.peek().kind == "language":
                return Literal(value, RDF_LANG_STRING, self.next().text[1:])
            return Literal(value, self.iri()) if self.mark("^^") else Literal(value)
        if token.kind == "number" or (token.text in ("-", "+") and self.peek(1).kind == "number"):
            return self.number()
        if token.kind == "word" and token.text in ("true", "false"):
            self.at += 1
            return Literal(token.text, XSD + "boolean")
        return None

    def term(self) -> Node | None:
        """The variable, IRI, literal or labelled blank node here; None where there is none."""
        if self.is_variable():
            return self.variable()
        if self.is_iri():
            return self.iri()
        if self.peek().kind == "blank":
            return Var(self.next().text)
        return self.literal()


def _string(token: str) -> str:
    quotes = 3 if token[:3] in ('"""', "'''") and len(token) >= 6 else 1
    body = token[quotes:-quotes]
    if "\\" not in body:
        return body
    return _ESCAPE.sub(lambda m: _CHARS.get(m[1], m[1]), body)


def _split(text: str) -> list[Token]:
    """The tokens, with the full stops that end a statement taken off names."""
    found = []
    for token in tokens(text):
        stem = token.text.rstrip(".") if token.kind in ("name", "blank") else token.text
        # a name cannot end with a full stop, unless it is escaped
        if stem != token.text and not stem.endswith("\\"):
            found.append(Token(token.kind, stem, token.start))
            dots = len(token.text) - len(stem)
            found += [Token("mark", ".", token.start + len(stem) + number) for number in range(dots)]
        else:
            found.append(token)
    return found
