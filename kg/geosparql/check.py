"""Looks at the `geof:` calls of a query before it runs: a bad constant would otherwise only lose rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from kg.geosparql.registry import AGGREGATES, GEOF, TAKES, Function, names
from kg.guard import Token, place, tokens, unescape
from ontology.errors import GeometryError, QueryError
from ontology.namespaces import PREFIXES
from ontology.terms import Literal

_LONGEST_KEPT = 100_000


@dataclass(slots=True)
class _Call:
    """An open bracket, and the function that it belongs to ("" for none)."""

    name: str
    start: int
    args: list[list[Token]] = field(default_factory=lambda: [[]])


def check_functions(query: str) -> None:
    """Checks names, numbers of arguments and constant arguments of the `geof:` functions in a query.

    Args:
        query: text that `kg.guard.inspect` let pass.

    Raises:
        QueryError: an unknown function (with the nearest known one), a wrong number of arguments, a geometry literal
            that does not parse, or an unknown CRS or unit; with line and column.
    """
    if "geosparql/" in query or "geof:" in query:
        if len(query) <= _LONGEST_KEPT:
            _found_right(query)
        else:
            _check(query)


@lru_cache(maxsize=256)
def _found_right(query: str) -> None:
    _check(query)


def _check(query: str) -> None:
    text = unescape(query)
    prefixes: dict[str, str] = dict(PREFIXES)
    before: list[Token] = []
    calls: list[_Call] = []
    for token in tokens(text):
        if token.kind == "iri" and len(before) == 2 and before[0].text.upper() == "PREFIX":
            prefixes[before[1].text[:-1]] = token.text[1:-1]
        if token.text == "(":
            name = _iri(before[-1], prefixes) if before else ""
            known = name.startswith(GEOF) and not (len(before) > 1 and before[-2].text == "^^")
            calls.append(_Call(name.removeprefix(GEOF) if known else "", before[-1].start if known else token.start))
            if known:
                _check_name(calls[-1], text)
        elif token.text == ")" and calls:
            _check_call(calls.pop(), text, prefixes)
            if calls:
                calls[-1].args[-1].append(token)
        elif token.text == "," and calls:
            calls[-1].args.append([])
        elif calls:
            calls[-1].args[-1].append(token)
        before = [*before[-1:], token]


def _iri(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    if token.kind != "name":
        return ""
    prefix, _, rest = token.text.partition(":")
    return prefixes.get(prefix, "") + rest


def _check_name(call: _Call, text: str) -> None:
    if call.name in TAKES or call.name in AGGREGATES:
        return
    by_letters = {name.lower(): name for name in names()}
    close = get_close_matches(call.name.lower(), by_letters, 1, 0.5)
    hint = f"Did you mean geof:{by_letters[close[0]]}?" if close else "docs/reference/geosparql.md lists them."
    raise QueryError(f"geof:{call.name[:60]} at {place(text, call.start)} is no function of GeoSPARQL.", hint)


def _check_call(call: _Call, text: str, prefixes: dict[str, str]) -> None:
    if not call.name:
        return
    function = Function(call.name, TAKES.get(call.name, "g"), lambda: Literal(""))
    count = len(call.args) if len(call.args) > 1 or call.args[0] else 0
    if not function.least <= count <= function.most:
        wanted = f"{function.least} or {function.most}" if function.least < function.most else str(function.most)
        wanted += " argument" if wanted == "1" else " arguments"
        raise QueryError(
            f"geof:{call.name} at {place(text, call.start)} takes {wanted}, not {count}.",
            "docs/reference/geosparql.md lists the arguments.",
        )
    for kind, arg in zip(function.takes.replace("|", ""), call.args, strict=False):
        try:
            _check_constant(kind, arg, prefixes)
        except GeometryError as error:
            where = place(text, arg[0].start)
            raise QueryError(
                f"geof:{call.name} has a bad argument at {where}: {error.message}", error.remedy
            ) from error


def _check_constant(kind: str, arg: list[Token], prefixes: dict[str, str]) -> None:
    """Reads an argument that is a literal or an IRI; others are only known when the query runs."""
    first = arg[0] if arg else None
    if first is None or len(arg) not in (1, 3):
        return
    typed = len(arg) == 3 and arg[1].text == "^^"
    if first.kind == "string" and (typed or len(arg) == 1):
        value, datatype = _unquoted(first.text), _iri(arg[2], prefixes) if typed else Literal("").datatype
    elif first.kind in ("iri", "name") and len(arg) == 1 and kind in "us":
        value, datatype = _iri(first, prefixes), ""
    else:
        return
    if kind == "g":
        from kg.geosparql.shape import shape_of

        shape_of(Literal(value, datatype))
    elif kind == "u":
        from kg.geosparql.units import unit_of

        unit_of(value)
    elif kind == "s":
        from kg.geosparql.crs import crs_of

        crs_of(value)
    elif kind == "p":
        from kg.geosparql.relations import check_pattern

        check_pattern(value)


_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def _unquoted(text: str) -> str:
    size = 3 if text[:3] in ('"""', "'''") else 1
    parts = text[size:-size].split("\\\\")
    for number, part in enumerate(parts):
        pieces = part.split("\\")
        parts[number] = pieces[0] + "".join(_ESCAPES.get(one[:1], one[:1]) + one[1:] for one in pieces[1:])
    return "\\".join(parts)
