"""Expressions of generated queries: arithmetic, texts, times, geometry, aggregates, conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from ontology.namespaces import PREFIXES
from tests.kg.sparql_terms import CONSTANTS, SHAPES, VARIABLES

PROLOGUE = (
    "".join(f"PREFIX {name}: <{stem}>\n" for name, stem in PREFIXES.items()) + "BASE <https://w3id.org/earthdex/>\n"
)
Draw = Callable[[st.SearchStrategy[Any]], Any]
COMPARES = ("<", "=", ">=", "!=", ">", "<=")
SIMPLE = ("Intersects", "Within", "Contains", "Disjoint", "Overlaps", "Touches", "Equals", "Crosses")
EGENHOFER = ("Equals", "Disjoint", "Meet", "Overlap", "Covers", "CoveredBy", "Inside", "Contains")
RCC8 = ("eq", "dc", "ec", "po", "tppi", "tpp", "ntpp", "ntppi")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the oracle.

    Attributes:
        text: the query with its prologue.
        keys: projected variables that it is ordered by, as far as they are projected.
        unlimited: the same without LIMIT and OFFSET; "" where it has none.
        reduced: whether it is a SELECT REDUCED.
        total: whether the order leaves no choice.
    """

    text: str
    keys: tuple[str, ...] = ()
    unlimited: str = ""
    reduced: bool = False
    total: bool = False


@dataclass(slots=True)
class Names:
    """Variables that are in scope, by sort, in order of appearance."""

    seen: dict[str, str] = field(default_factory=dict)
    fresh: int = 0

    def of(self, *sorts: str) -> list[str]:
        """Names of some sorts."""
        return [name for name, sort in self.seen.items() if not sorts or sort in sorts]

    def any(self) -> list[str]:
        """All names, at least one."""
        return list(self.seen) or ["?s"]

    def copy(self) -> Names:
        """The same, to be filled apart."""
        return Names(dict(self.seen), self.fresh)

    def new(self) -> str:
        """A name that is nowhere else."""
        self.fresh += 1
        return f"?new{self.fresh}"


class Choices:
    """The choices of a strategy, and the variables that they take."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.wild = 0
        self.serial = 0

    # --- choices -----------------------------------------------------------------------------------------------

    def pick(self, *items: Any) -> Any:
        """One of the items; the first is the simplest."""
        return self.draw(st.sampled_from(items))

    def often(self, percent: int) -> bool:
        """True in about so many cases; False is the simplest."""
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)

    def count(self, low: int, high: int) -> int:
        """A number, small ones are the simplest."""
        return int(self.draw(st.integers(low, high)))

    def variable(self, names: Names, sort: str, *, known: bool = False) -> str:
        """A variable of a sort: one in scope, most of all if `known`, or another."""
        held = names.of(sort)
        if held and (known or not self.often(20)):
            return str(self.pick(*held))
        name = str(self.pick(*VARIABLES[sort]))
        if names.seen.get(name, sort) != sort:
            name = names.new()
        names.seen[name] = sort
        return name

    def node(self, names: Names, sort: str) -> str:
        """A variable or a constant of a sort."""
        if sort in CONSTANTS and self.often(25):
            return str(self.pick(*CONSTANTS[sort]))
        return self.variable(names, sort)


class Expressions(Choices):
    """Writes expressions."""

    def figure(self, names: Names, held: list[str]) -> str:
        """An aggregate."""
        numbers = names.of("number") or held
        distinct = self.pick("", "DISTINCT ")
        match self.pick("count", "all", "min", "max", "sum", "avg", "concat"):
            case "count":
                return f"COUNT({distinct}{self.pick(*held)})"
            case "all":
                return f"COUNT({distinct}*)"
            case "min":
                return f"MIN({self.pick(*held)})"
            case "max":
                return f"MAX({self.pick(*held)})"
            case "sum":
                return f"SUM({distinct}{self.pick(*numbers)})"
            case "avg":
                return f"AVG({distinct}{self.pick(*numbers)})"
        return f'GROUP_CONCAT({distinct}STR({self.pick(*held)}) ; SEPARATOR="‖")'

    def number(self, names: Names, depth: int) -> str:
        """A numeric expression."""
        held = names.of("number")
        kind = self.pick("variable", "constant", "calendar", "arithmetic", "length", "if", "coalesce", "round")
        if kind == "variable" and held:
            return str(self.pick(*held))
        if kind == "calendar" and names.of("time"):
            return f"{self.pick('YEAR', 'MONTH', 'DAY', 'HOURS', 'MINUTES', 'SECONDS')}({self.pick(*names.of('time'))})"
        if kind == "length" and names.of("text"):
            return f"STRLEN({self.pick(*names.of('text'))})"
        if kind == "round" and held:
            return f"{self.pick('ROUND', 'ABS', 'CEIL', 'FLOOR', '-', 'xsd:integer', 'xsd:double')}({self.pick(*held)})"
        if depth and kind == "arithmetic":
            return f"({self.number(names, depth - 1)} {self.pick('+', '-', '*', '/')} {self.number(names, depth - 1)})"
        if depth and kind == "if":
            return (
                f"IF({self.test(names, depth - 1)}, {self.number(names, depth - 1)}, {self.number(names, depth - 1)})"
            )
        if depth and kind == "coalesce":
            return f"COALESCE({self.number(names, depth - 1)}, {self.number(names, depth - 1)})"
        return str(self.pick(*CONSTANTS["number"]))

    def text(self, names: Names, depth: int) -> str:
        """An expression that is a text."""
        held = names.of("text")
        inner = str(self.pick(*held)) if held else f"STR({self.pick(*names.any())})"
        if not depth:
            return inner
        match self.pick("plain", "case", "str", "concat", "substr", "if", "constant", "tags", "replace"):
            case "case":
                return f"{self.pick('LCASE', 'UCASE')}({self.text(names, depth - 1)})"
            case "str":
                return f"STR({self.pick(*names.any())})"
            case "concat":
                return f"CONCAT({self.text(names, depth - 1)}, {self.pick(*CONSTANTS['text'])})"
            case "substr":
                return f"SUBSTR({self.text(names, depth - 1)}, {self.count(1, 3)}, {self.count(0, 4)})"
            case "if":
                return f"IF({self.test(names, depth - 1)}, {self.text(names, 0)}, {self.pick(*CONSTANTS['text'])})"
            case "constant":
                return str(self.pick(*CONSTANTS["text"]))
            case "tags":
                return f"{self.pick('LANG', 'DATATYPE', 'STRAFTER', 'ENCODE_FOR_URI', 'MD5')}({inner}{{}})".replace(
                    "STRAFTER(" + inner + "{}", f'STRAFTER({inner}, "1"'
                ).replace("{}", "")
            case "replace":
                return f'REPLACE(STR({inner}), "[0-9]", "#")'
        return inner

    def anything(self, names: Names, depth: int) -> str:
        """An expression of any kind."""
        held = names.any()
        match self.pick("variable", "if", "coalesce", "iri", "geometry", "time"):
            case "if":
                return f"IF({self.test(names, depth - 1)}, {self.pick(*held)}, {self.number(names, depth - 1)})"
            case "coalesce":
                return f"COALESCE({self.pick(*held)}, {self.text(names, depth - 1)})"
            case "iri":
                return f'IRI(CONCAT(STR({self.pick(*held)}), ""))'
            case "geometry" if names.of("wkt"):
                return (
                    f"geof:{self.pick('envelope', 'convexHull', 'boundary', 'centroid')}({self.pick(*names.of('wkt'))})"
                )
            case "time" if names.of("time"):
                return f"STR({self.pick(*names.of('time'))})"
        return str(self.pick(*held))

    def test(self, names: Names, depth: int) -> str:
        """A condition."""
        if depth and self.often(20):
            return f"({self.test(names, depth - 1)} {self.pick('&&', '||')} {self.test(names, depth - 1)})"
        if depth and self.often(8):
            return f"!({self.test(names, depth - 1)})"
        sorts = [one for one in ("number", "text", "time", "scene", "sensor", "wkt", "any") if names.of(one)] or [
            "scene"
        ]
        sort = str(self.pick(*sorts))
        op = str(self.pick(*COMPARES))
        if self.often(8):
            held = names.any()
            return str(
                self.pick(
                    f"BOUND({self.pick(*held)})" if held else "true",
                    f"isLiteral({self.pick(*held)})" if held else "false",
                    f"isIRI({self.pick(*held)})" if held else "1 = 1",
                    f"isBlank({self.pick(*held)})" if held else "1 < 0",
                    f"isNumeric({self.pick(*held)})" if held else '""',
                    f"sameTerm({self.pick(*held)}, {self.pick(*held)})" if held else "0",
                    f"{self.pick(*held)} = {self.pick(*held)}" if held else "true",
                    f"{self.pick(*held)}" if held else "true",
                )
            )
        match sort:
            case "number":
                if self.often(25):
                    items = ", ".join(self.number(names, 0) for _ in range(self.count(0, 3)))
                    return f"{self.number(names, 1)} {self.pick('IN', 'NOT IN')} ({items})"
                return f"{self.number(names, 1)} {op} {self.number(names, 1)}"
            case "text":
                kind = self.pick("compare", "contains", "regex", "in", "lang")
                if kind == "contains":
                    function = self.pick("CONTAINS", "STRSTARTS", "STRENDS")
                    return f"{function}({self.text(names, 1)}, {self.pick(*CONSTANTS['text'])})"
                if kind == "regex":
                    return f'REGEX({self.text(names, 1)}, "{self.pick("^l", "[0-9]$")}", "i")'
                if kind == "in":
                    items = ", ".join(str(self.pick(*CONSTANTS["text"])) for _ in range(self.count(1, 3)))
                    return f"{self.text(names, 1)} {self.pick('IN', 'NOT IN')} ({items})"
                if kind == "lang":
                    return f'LANGMATCHES(LANG({self.pick(*names.of("text"))}), "{self.pick("*", "en")}")'
                return f"{self.text(names, 1)} {op} {self.text(names, 1)}"
            case "time":
                name = self.pick(*names.of("time"))
                if self.often(20):
                    return f"{self.pick(*CONSTANTS['time'])} {op} {name}"
                return f"{name} {op} {self.pick(*CONSTANTS['time'], *names.of('time'))}"
            case "wkt":
                return self.spatial(str(self.pick(*names.of("wkt"))), str(self.pick(*SHAPES, *names.of("wkt"))))
        name = self.pick(*(names.of(sort) or ["?s"]))
        if sort == "any":
            return f"{name} {op} {self.pick(*CONSTANTS['number'], *CONSTANTS['text'], *CONSTANTS['scene'])}"
        if self.often(30):
            items = ", ".join(str(self.pick(*CONSTANTS[sort])) for _ in range(self.count(1, 3)))
            return f"{name} {self.pick('IN', 'NOT IN')} ({items})"
        if self.often(20):
            return f"CONTAINS(STR({name}), {self.pick(*CONSTANTS['text'])})"
        return f"{name} {self.pick('=', '!=')} {self.pick(*CONSTANTS[sort], *names.of(sort))}"

    def spatial(self, one: str, other: str) -> str:
        """A spatial condition."""
        kind = self.pick("relation", "relation", "distance", "nested", "family")
        kind = "relation" if kind == "distance" and not other.startswith('"PO') else kind  # others take too long
        if self.often(25):
            one, other = other, one
        if kind == "distance":
            limit = self.pick("100000", "1.0e6", "500", "0")
            call = str(
                self.pick(
                    f"geof:distance({one}, {other}, uom:metre) {self.pick('<=', '<', '>', '=')} {limit}",
                    f"geof:distance({one}, {other}, uom:kilometre) {self.pick('<', '<=')} 400",
                    f"geof:metricDistance({one}, {other}) {self.pick('<', '>=')} {limit}",
                    f"{limit} {self.pick('>', '>=')} geof:distance({one}, {other}, uom:metre)",
                )
            )
            return call
        relation = f"geof:sf{self.pick(*SIMPLE)}"
        if kind == "nested":
            inner = self.pick(
                f"geof:envelope({one})",
                f"geof:convexHull({one})",
                'geof:buffer("POINT(5 5)"^^geo:wktLiteral, 50000, uom:metre)',
            )
            return f"{relation}({inner}, {other})"
        if kind == "family":
            relation = self.pick(f"geof:eh{self.pick(*EGENHOFER)}", f"geof:rcc8{self.pick(*RCC8)}")
        return f"{relation}({one}, {other})"
