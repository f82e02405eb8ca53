"""Expressions of FILTER, BIND, SELECT and ORDER BY."""

from __future__ import annotations

from collections.abc import Callable

from kg.sparql.cursor import Cursor
from kg.sparql.syntax import Aggregate, Call, Exists, Expr, Group

_AGGREGATES = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"})
_COMPARES = ("=", "!=", "<", ">", "<=", ">=")

ReadGroup = Callable[[Cursor], Group]


class Expressions:
    """Reads expressions; `group` reads the patterns of EXISTS."""

    def __init__(self, cursor: Cursor, group: ReadGroup) -> None:
        self.cursor = cursor
        self._group = group

    def expression(self) -> Expr:
        """`a || b`."""
        parts = [self._and()]
        while self.cursor.mark("||"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Call("||", tuple(parts))

    def constraint(self) -> Expr:
        """What may follow FILTER, HAVING or ORDER BY: brackets, a built-in call or a function call."""
        if self.cursor.is_mark("("):
            return self._bracketed()
        return self._primary()

    def _bracketed(self) -> Expr:
        self.cursor.expect("(")
        found = self.expression()
        self.cursor.expect(")")
        return found

    def _and(self) -> Expr:
        parts = [self._relation()]
        while self.cursor.mark("&&"):
            parts.append(self._relation())
        return parts[0] if len(parts) == 1 else Call("&&", tuple(parts))

    def _relation(self) -> Expr:
        left = self._sum()
        if op := self.cursor.mark(*_COMPARES):
            return Call(op, (left, self._sum()))
        negated = self.cursor.is_word("NOT") and self.cursor.peek(1).text.upper() == "IN"
        if negated:
            self.cursor.next()
        if self.cursor.word("IN"):
            return Call("not in" if negated else "in", (left, *self._list()))
        return left

    def _list(self) -> tuple[Expr, ...]:
        self.cursor.expect("(")
        if self.cursor.mark(")"):
            return ()
        found = [self.expression()]
        while self.cursor.mark(","):
            found.append(self.expression())
        self.cursor.expect(")")
        return tuple(found)

    def _sum(self) -> Expr:
        left = self._product()
        while op := self.cursor.mark("+", "-"):
            left = Call(op, (left, self._product()))
        return left

    def _product(self) -> Expr:
        left = self._unary()
        while op := self.cursor.mark("*", "/"):
            left = Call(op, (left, self._unary()))
        return left

    def _unary(self) -> Expr:
        if self.cursor.mark("!"):
            return Call("!", (self._unary(),))
        if self.cursor.is_mark("-", "+") and self.cursor.peek(1).kind != "number":
            sign = self.cursor.next().text
            found = self._unary()
            return Call("neg", (found,)) if sign == "-" else found
        return self._primary()

    def _primary(self) -> Expr:
        cursor = self.cursor
        if cursor.is_mark("("):
            return self._bracketed()
        if cursor.is_iri():
            name = cursor.iri()
            return Call(name, self._arguments()) if cursor.is_mark("(") else name
        found = cursor.term()
        if found is not None:
            return found
        if cursor.peek().kind != "word":
            cursor.fail("expected an expression")
        word = cursor.next().text.upper()
        if word == "NOT" and cursor.word("EXISTS"):
            return Exists(self._group(cursor), True)
        if word == "EXISTS":
            return Exists(self._group(cursor), False)
        if word in _AGGREGATES:
            return self._aggregate(word)
        if not cursor.is_mark("("):
            cursor.at -= 1
            cursor.fail("expected an expression")
        return Call(word, self._arguments())

    def _arguments(self) -> tuple[Expr, ...]:
        if self.cursor.peek(1).text.upper() == "DISTINCT":
            self.cursor.fail("DISTINCT in a function call is not supported")
        return self._list()

    def _aggregate(self, name: str) -> Expr:
        cursor = self.cursor
        cursor.expect("(")
        distinct = bool(cursor.word("DISTINCT"))
        arg = None if cursor.mark("*") else self.expression()
        if cursor.mark(";"):
            cursor.expect_word("SEPARATOR")
            cursor.expect("=")
            cursor.literal()
        cursor.expect(")")
        return Aggregate(name, arg, distinct)
