"""Whole queries over the mixed world: all forms with their modifiers, in any spelling."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.kg.sparql_expressions import PROLOGUE, Asked, Draw, Names
from tests.kg.sparql_patterns import Writer, whole_order

_WORDS = re.compile(r"\b(?:SELECT|WHERE|FILTER|OPTIONAL|UNION|MINUS|EXISTS|NOT|BIND|VALUES|GRAPH|DISTINCT|ORDER|BY)\b")


@st.composite
def queries(draw: Draw) -> Asked:
    """A query with what is needed to judge its result."""
    return write(Writer(draw))


def write(writer: Writer) -> Asked:
    """A query with the choices of a writer."""
    names = Names()
    body = writer.group(names, 0)
    form = writer.pick("SELECT", "SELECT", "SELECT", "GROUP", "GROUP", "ASK", "CONSTRUCT", "DESCRIBE")
    held = [one for one in names.of() if one.startswith("?")] or ["?s"]
    asked = getattr(_Forms(writer, names, held, body), form.lower())()
    style = writer.pick("plain", "plain", "comments", "tight", "lower")
    return Asked(
        PROLOGUE + _styled(asked.text, style),
        asked.keys,
        PROLOGUE + asked.unlimited if asked.unlimited else "",
        asked.reduced,
        asked.total,
    )


class _Forms:
    """The forms of a query over one pattern."""

    def __init__(self, writer: Writer, names: Names, held: list[str], body: str) -> None:
        self.writer, self.names, self.held, self.body = writer, names, held, body

    def select(self) -> Asked:
        """SELECT without aggregates."""
        pick, often = self.writer.pick, self.writer.often
        kept = self.held if often(50) else self.held[: self.writer.count(1, len(self.held))]
        columns = "*" if often(20) else " ".join(kept)
        if columns != "*" and often(25):
            columns += f" ({self.writer.anything(self.names, 2)} AS ?expr)"
        word = pick("", "", "DISTINCT ", "REDUCED ")
        head = f"SELECT {word}{columns} WHERE {{\n{self.body}\n}}"
        return self._ordered(head, kept if columns != "*" else self.held, word == "REDUCED ")

    def _ordered(self, head: str, kept: list[str], reduced: bool = False) -> Asked:
        pick, often = self.writer.pick, self.writer.often
        kind = pick("none", "none", "keys", "hidden", "whole")
        keys: list[str] = []
        order = ""
        if kind == "keys":
            keys = list(dict.fromkeys(pick(*kept) for _ in range(self.writer.count(1, 2))))
            order = " ORDER BY " + " ".join(pick(one, f"DESC({one})", f"ASC({one})") for one in keys)
        elif kind == "hidden" and not reduced and "DISTINCT" not in head and "GROUP" not in head:
            order = f" ORDER BY {pick('', 'DESC')}({self.writer.number(self.names, 1)}) {pick(*self.held)}"
        elif kind == "whole" and not reduced:
            order = " " + whole_order(kept)
        limit = ""
        if not reduced and often(40):
            limit = f" LIMIT {self.writer.count(0, 12)}" + (f" OFFSET {self.writer.count(0, 5)}" if often(30) else "")
            if often(10):
                limit = f" OFFSET {self.writer.count(0, 5)}"
        tail = ""
        if often(6):
            value = pick("<sensor/sentinel-2a>", "<scene/one/twin>", '"L1C"')
            tail = f" VALUES {pick('?m', '?s', '?t')} {{ {value} UNDEF }}"
            keys = []
        total = kind == "whole" and "*" not in head.split("WHERE")[0] and "?expr" not in head
        return Asked(head + order + limit + tail, tuple(keys), head + order + tail if limit else "", reduced, total)

    def group(self) -> Asked:
        """SELECT with aggregates."""
        pick, often = self.writer.pick, self.writer.often
        figures = [self.writer.figure(self.names, self.held) for _ in range(self.writer.count(1, 2))]
        columns = [f"({one} AS ?agg{number})" for number, one in enumerate(figures)]
        kept = [f"?agg{number}" for number in range(len(figures))]
        keys: list[str] = []
        by: list[str] = []
        if often(70):
            for number in range(self.writer.count(1, 2)):
                if often(25):
                    by.append(f"({self.writer.number(self.names, 1)} AS ?key{number})")
                    keys.append(f"?key{number}")
                else:
                    name = str(pick(*self.held))
                    if name not in keys:
                        by.append(name)
                        keys.append(name)
        shown = keys if often(85) else []
        having = ""
        if often(20):
            figure = self.writer.figure(self.names, self.held)
            having = f" HAVING({figure} {pick('>', '<', '=', '!=')} {self.writer.count(0, 6)})"
        grouped = f" GROUP BY {' '.join(by)}" if by else ""
        head = f"SELECT {' '.join([*shown, *columns])} WHERE {{\n{self.body}\n}}{grouped}{having}"
        if "GROUP_CONCAT" in head:  # the order of its parts is anyone's
            return Asked(head)
        return self._ordered(head, [*shown, *kept])

    def ask(self) -> Asked:
        """ASK."""
        return Asked(f"ASK {{\n{self.body}\n}}")

    def construct(self) -> Asked:
        """CONSTRUCT, with a template or its pattern as one."""
        pick = self.writer.pick
        templates = [
            f"{pick(*self.held)} {pick('<urn:a>', 'dct:title', *self.names.of('predicate'))} {pick(*self.held)} ."
        ]
        if self.writer.often(20):
            templates.append(f"[] <urn:b> {pick(*self.held)} .")
        if self.writer.often(15) and not re.search(r"[{}(|/^!*+?]", re.sub(r"\?\w+", "", self.body)):
            return Asked(f"CONSTRUCT WHERE {{\n{self.body}\n}}")
        return Asked(f"CONSTRUCT {{ {' '.join(templates)} }} WHERE {{\n{self.body}\n}}")

    def describe(self) -> Asked:
        """DESCRIBE of variables, of all, of an IRI."""
        what = self.writer.pick("one", "iri", "both", "all")
        if what == "iri":
            return Asked(f"DESCRIBE {self.writer.pick('<scene/odd/odd-1>', '<dataset/gamma>', '<scene/one/unknown>')}")
        named = {"one": self.held[0], "both": f"{self.held[0]} <dataset/gamma>", "all": "*"}[what]
        return Asked(f"DESCRIBE {named} WHERE {{\n{self.body}\n}}")


def _styled(text: str, style: str) -> str:
    """The query in another spelling that means the same."""
    if style == "comments":
        return text.replace("\n", ' # FILTER(?x = "}") {\n\t')
    if style == "tight":
        return text.replace(" .\n", ".\n").replace(" ;", ";").replace("{\n  ", "{").replace(" {", "{")
    if style == "lower":
        return _WORDS.sub(lambda word: word[0].lower(), text).replace("?s2", "$s2").replace("\n", "\r\n")
    return text
