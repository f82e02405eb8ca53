"""CQL2 text as CQL2 JSON: a parser by recursive descent over the grammar of OGC 21-065r2, annex B.

It never goes back over what it read, but for one token, and bounds its depth: time is linear and memory bounded
whatever is sent, which grammars that backtrack do not give.
"""

from __future__ import annotations

from typing import Any

from api.stac.cql2.words import Word, words_of, wrong

DEPTH = 60
"""How deep a filter may be nested."""

_COMPARES = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_LITERALS = ("TIMESTAMP", "DATE")
_WKT = ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
_NAMES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}
_DEPTHS = {"POINT": 0, "LINESTRING": 1, "POLYGON": 2, "MULTIPOINT": 1, "MULTILINESTRING": 2, "MULTIPOLYGON": 3}
# the names of functions as CQL2 JSON writes them
_FUNCTIONS = {
    f"{letter}_{name.upper()}": f"{letter.lower()}_{name}"
    for letter, names in {
        "S": ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains"),
        "T": ("after", "before", "contains", "disjoint", "during", "equals", "finishedBy", "finishes", "intersects",
              "meets", "metBy", "overlappedBy", "overlaps", "startedBy", "starts"),
        "A": ("contains", "containedBy", "equals", "overlaps"),
    }.items()
    for name in names
}  # fmt: skip


def parse_text(text: str) -> Any:  # noqa: ANN401 - CQL2 JSON
    """The CQL2 JSON of CQL2 text.

    Raises:
        QueryError: it is no CQL2, or too long or deep; with the place.
    """
    reader = _Reader(text)
    found = reader.any_of()
    if reader.word.kind != "end":
        raise reader.wrong("expected AND, OR or the end")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._words = words_of(text)
        self._place = 0
        self._depth = 0

    # --- tokens ------------------------------------------------------------------------------------------------

    @property
    def word(self) -> Word:
        return self._words[self._place]

    def wrong(self, what: str) -> Exception:
        return wrong(self._text, self.word.at, what)

    def _next(self) -> Word:
        word = self.word
        if word.kind != "end":
            self._place += 1
        return word

    def _is_sign(self, *signs: str) -> bool:
        return self.word.kind == "sign" and self.word.text in signs

    def _is_name(self, *names: str) -> bool:
        return self.word.kind == "name" and self.word.text.upper() in names

    def _take(self, sign: str) -> bool:
        if self._is_sign(sign):
            self._next()
            return True
        return False

    def _take_name(self, *names: str) -> bool:
        if self._is_name(*names):
            self._next()
            return True
        return False

    def _demand(self, sign: str) -> None:
        if not self._take(sign):
            raise self.wrong(f"expected {sign!r}")

    def _before_open(self) -> bool:
        after = self._words[min(self._place + 1, len(self._words) - 1)]
        return after.kind == "sign" and after.text == "("

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise self.wrong(f"nested deeper than {DEPTH}")

    # --- logic -------------------------------------------------------------------------------------------------

    def any_of(self) -> Any:  # noqa: ANN401
        parts = [self._all_of()]
        while self._take_name("OR"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else {"op": "or", "args": parts}

    def _all_of(self) -> Any:  # noqa: ANN401
        parts = [self._factor()]
        while self._take_name("AND"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else {"op": "and", "args": parts}

    def _factor(self) -> Any:  # noqa: ANN401
        self._deeper()
        try:
            if self._take_name("NOT"):
                return {"op": "not", "args": [self._factor()]}
            return self._predicate()
        finally:
            self._depth -= 1

    def _predicate(self) -> Any:  # noqa: ANN401
        left = self._scalar()
        if self.word.kind == "sign" and self.word.text in _COMPARES:
            op = _COMPARES[self._next().text]
            return {"op": op, "args": [left, self._scalar()]}
        if self._take_name("IS"):
            negated = self._take_name("NOT")
            if not self._take_name("NULL"):
                raise self.wrong("expected NULL")
            return _negated({"op": "isNull", "args": [left]}, negated)
        negated = self._is_name("NOT")
        if negated:
            self._next()
        if self._take_name("LIKE"):
            return _negated({"op": "like", "args": [left, self._scalar()]}, negated)
        if self._take_name("BETWEEN"):
            low = self._scalar()
            if not self._take_name("AND"):
                raise self.wrong("expected AND")
            return _negated({"op": "between", "args": [left, low, self._scalar()]}, negated)
        if self._take_name("IN"):
            self._demand("(")
            return _negated({"op": "in", "args": [left, self._list()]}, negated)
        if negated:
            raise self.wrong("expected LIKE, BETWEEN or IN")
        return left

    def _list(self) -> list[Any]:
        """Scalars up to the closing parenthesis; the opening one is read."""
        found: list[Any] = []
        if self._take(")"):
            return found
        while True:
            found.append(self._scalar())
            if self._take(")"):
                return found
            self._demand(",")

    # --- scalars -----------------------------------------------------------------------------------------------

    def _scalar(self) -> Any:  # noqa: ANN401
        found = self._term()
        while self._is_sign("+", "-"):
            op = self._next().text
            found = {"op": op, "args": [found, self._term()]}
        return found

    def _term(self) -> Any:  # noqa: ANN401
        found = self._power()
        while self._is_sign("*", "/", "%") or self._is_name("DIV"):
            op = self._next().text.lower()
            found = {"op": op, "args": [found, self._power()]}
        return found

    def _power(self) -> Any:  # noqa: ANN401
        found = self._atom()
        if self._take("^"):
            return {"op": "^", "args": [found, self._atom()]}
        return found

    def _atom(self) -> Any:  # noqa: ANN401
        self._deeper()
        try:
            return self._one()
        finally:
            self._depth -= 1

    def _one(self) -> Any:  # noqa: ANN401
        word = self.word
        if word.kind == "number":
            return _number(self._next().text)
        if word.kind == "text":
            return self._next().text
        if word.kind == "quoted":
            return {"property": self._next().text}
        if self._take("-"):
            return self._minus()
        if self._take("("):
            return self._in_parentheses()
        if word.kind != "name":
            raise self.wrong("expected a property, a value or a parenthesis")
        name = word.text.upper()
        if name in ("TRUE", "FALSE"):
            return self._next().text.upper() == "TRUE"
        if name in _WKT:
            return self._wkt()
        if self._before_open():
            self._next(), self._next()
            return self._call(word, name)
        if name in ("AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL"):
            raise self.wrong("expected a property or a value")
        return {"property": self._next().text}

    def _minus(self) -> Any:  # noqa: ANN401
        value = self._atom()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return -value
        return {"op": "*", "args": [-1, value]}

    def _in_parentheses(self) -> Any:  # noqa: ANN401
        """A filter, a scalar, or an array of several values."""
        if self._take(")"):
            return []
        found = self.any_of()
        if self._is_sign(","):
            self._next()
            return [found, *self._list()]
        self._demand(")")
        return found

    def _call(self, word: Word, name: str) -> Any:  # noqa: ANN401
        if name in _LITERALS:
            if self.word.kind != "text":
                raise self.wrong("expected a text")
            value = self._next().text
            self._demand(")")
            return {name.lower(): value}
        if name == "INTERVAL":
            ends = self._list()
            return {"interval": ends}
        if name == "BBOX":
            return {"bbox": self._list()}
        arguments = self._list()
        if name.startswith("A_"):  # ('a') is an array of one value there
            arguments = [one if isinstance(one, (list, dict)) else [one] for one in arguments]
        return {"op": _FUNCTIONS.get(name, word.text.lower()), "args": arguments}

    # --- geometries --------------------------------------------------------------------------------------------

    def _wkt(self) -> dict[str, Any]:
        self._deeper()
        name = self._next().text.upper()
        if self.word.kind == "name" and self.word.text.upper() == "Z":
            self._next()
        self._demand("(")
        if name != "GEOMETRYCOLLECTION":
            found = {"type": _NAMES[name], "coordinates": self._positions(_DEPTHS[name])}
        else:
            members: list[Any] = []
            while True:
                if not self._is_name(*_WKT):
                    raise self.wrong("expected a geometry")
                members.append(self._wkt())
                if self._take(")"):
                    break
                self._demand(",")
            found = {"type": "GeometryCollection", "geometries": members}
        self._depth -= 1
        return found

    def _positions(self, depth: int) -> list[Any]:
        """Positions in so many lists, up to the closing parenthesis; the opening one is read."""
        if depth == 0:
            found = self._position()
            self._demand(")")
            return found
        parts: list[Any] = []
        while True:
            if depth > 1:
                self._demand("(")
                parts.append(self._positions(depth - 1))
            elif self._take("("):  # MULTIPOINT((0 0), (1 1))
                parts.append(self._positions(0))
            else:
                parts.append(self._position())
            if self._take(")"):
                return parts
            self._demand(",")

    def _position(self) -> list[float]:
        found: list[float] = []
        while self.word.kind == "number" or self._is_sign("-"):
            sign = -1 if self._take("-") else 1
            if self.word.kind != "number":
                raise self.wrong("expected a number")
            found.append(sign * _number(self._next().text))
        if not 2 <= len(found) <= 4:
            raise self.wrong("expected a position of 2 or 3 numbers")
        return found


def _negated(node: dict[str, Any], negated: bool) -> dict[str, Any]:
    return {"op": "not", "args": [node]} if negated else node


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() and len(text) < 19 else float(text)
