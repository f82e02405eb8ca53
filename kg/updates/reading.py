"""Updates as operations that write what they would change into graphs of their own.

The store tells nobody what an update changed, and comparing all before with all after would take as long as the graph
is large. So each operation is written anew: what it would delete from graph G is inserted into `REMOVED` + G, and what
it would insert into `ADDED` + G. Solutions, blank nodes and terms that make no triple stay the store's own business.
What lies in those graphs afterwards is the change: it is then carried out, kept and undone as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal as OneOf

from kg.sparql.cursor import Cursor
from ontology.errors import QueryError, QueryNotAllowed
from ontology.terms import IRI

SIDE = "urn:x-earthdex:"
ADDED, REMOVED = SIDE + "added:", SIDE + "removed:"

Action = OneOf["write", "clear", "drop", "create", "add", "copy", "move"]
Where = IRI | None | OneOf["NAMED", "ALL"]
_MANAGEMENT: dict[str, Action] = {
    "CLEAR": "clear",
    "DROP": "drop",
    "CREATE": "create",
    "ADD": "add",
    "COPY": "copy",
    "MOVE": "move",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an update.

    Attributes:
        action: `write` runs `text`; the others are about whole graphs.
        text: SPARQL that writes into the side graphs.
        source, target: graphs; None is the default graph.
        silent: whether a graph that is missing, or there already, is no error.
    """

    action: Action
    text: str = ""
    source: Where = None
    target: Where = None
    silent: bool = False


@dataclass(slots=True)
class _Block:
    """Triples of a template that go to one graph: an IRI, None for the default graph, or a variable's name."""

    graph: IRI | None
    variable: str
    text: str


@dataclass(slots=True)
class _Modify:
    removed: list[_Block] = field(default_factory=list)
    added: list[_Block] = field(default_factory=list)
    binds: dict[tuple[str, str], str] = field(default_factory=dict)


def read_update(
    text: str, using: Sequence[str] = (), named: Sequence[str] = (), graph: IRI | None = None
) -> list[Operation]:
    """The operations of an update that parses.

    Args:
        text: the update.
        using: graphs that the request names for its patterns, in place of USING.
        named: likewise, in place of USING NAMED.
        graph: the one graph that all of it is about; its default graph, then.

    Raises:
        QueryNotAllowed: LOAD, or a name that begins as those of the side graphs.
        QueryError: graphs are named both by the request and by the update; or another graph than `graph`.
    """
    return _Reader(text, tuple(using), tuple(named), graph).operations()


class _Reader:
    def __init__(self, text: str, using: tuple[str, ...], named: tuple[str, ...], graph: IRI | None) -> None:
        self.cursor = Cursor(text)
        if SIDE in self.cursor.text:
            raise QueryNotAllowed(f"Names that begin with {SIDE} are earthdex's own.", "Use another IRI.")
        self.using = "".join(f" USING <{one}>" for one in using) + "".join(f" USING NAMED <{one}>" for one in named)
        self.graph = graph
        self.prologue = ""

    def operations(self) -> list[Operation]:
        found: list[Operation] = []
        cursor = self.cursor
        while True:
            self._read_prologue()
            if cursor.peek().kind == "end":
                return found
            found.append(self._operation())
            if not cursor.mark(";") and cursor.peek().kind != "end":
                cursor.fail("expected `;` or the end of the update")

    def _read_prologue(self) -> None:
        cursor, start = self.cursor, self.cursor.start
        while word := cursor.word("PREFIX", "BASE"):
            if word == "BASE":
                cursor.base = cursor.iri()
            else:
                name = cursor.next().text[:-1]
                cursor.prefixes[name] = cursor.iri()
        if cursor.start > start and cursor.end > start:
            self.prologue += cursor.text[start : cursor.end] + "\n"

    def _operation(self) -> Operation:
        cursor = self.cursor
        if cursor.is_word("LOAD"):
            raise QueryNotAllowed(
                "LOAD would fetch from the network.", "Send the data itself: PUT or POST it to /store?graph=<iri>."
            )
        if cursor.is_word(*_MANAGEMENT):
            return self._management()
        graph = cursor.iri() if cursor.word("WITH") else None
        first = cursor.word("INSERT", "DELETE")
        if not first:
            cursor.fail("expected an operation of an update")
        if cursor.word("DATA"):
            blocks = self._quads()
            made = _Modify(added=blocks) if first == "INSERT" else _Modify(removed=blocks)
            return Operation("write", f"{self.prologue}INSERT DATA {{ {self._template(made, None)} }}")
        if first == "DELETE" and cursor.word("WHERE"):
            start = cursor.start
            made = _Modify(removed=self._quads())
            return self._modify(made, None, "", cursor.text[start : cursor.end])
        made = _Modify()
        if first == "DELETE":
            made.removed = self._quads()
            if cursor.word("INSERT"):
                made.added = self._quads()
        else:
            made.added = self._quads()
        using = ""
        while cursor.is_word("USING"):
            start = cursor.start
            cursor.next()
            cursor.word("NAMED")
            cursor.iri()
            using += " " + cursor.text[start : cursor.end]
        cursor.expect_word("WHERE")
        return self._modify(made, graph, using, self._group())

    def _modify(self, made: _Modify, graph: IRI | None, using: str, where: str) -> Operation:
        if self.using:
            if using or graph is not None:
                raise QueryError(
                    "Both the request and the update name the graphs to read (USING or WITH).", "Leave out one of them."
                )
            using = self.using
        graph = graph if graph is not None else self.graph
        head = f"WITH <{graph}> " if graph is not None and not using else ""
        template = self._template(made, graph)
        binds = "".join(
            f' BIND(IF(isIRI(?{name}), IRI(CONCAT("{stem}", STR(?{name}))), ?_unbound) AS ?{side})'
            for (stem, name), side in made.binds.items()
        )
        body = f"{{ {where}{binds} }}" if binds else where
        return Operation("write", f"{self.prologue}{head}INSERT {{ {template} }}{using} WHERE {body}")

    def _template(self, made: _Modify, default: IRI | None) -> str:
        parts = []
        for stem, blocks in ((REMOVED, made.removed), (ADDED, made.added)):
            for block in blocks:
                if block.variable:
                    side = made.binds.setdefault((stem, block.variable), f"_side{len(made.binds)}_{block.variable}")
                    where = f"?{side}"
                else:
                    where = f"<{stem}{block.graph or default or self.graph or ''}>"
                parts.append(f"GRAPH {where} {{ {block.text} }}")
        return " ".join(parts)

    def _quads(self) -> list[_Block]:
        """A template `{ triples GRAPH g { triples } ... }`, by graph."""
        cursor = self.cursor
        cursor.expect("{")
        found: list[_Block] = []
        start = cursor.start
        while not cursor.is_mark("}"):
            if cursor.is_word("GRAPH"):
                self._plain(found, start)
                cursor.next()
                if self.graph is not None:
                    raise QueryError("The update names a graph, but goes to one already.", "Leave GRAPH out.")
                variable = cursor.variable().name if cursor.is_variable() else ""
                graph = None if variable else cursor.iri()
                text = self._group()
                found.append(_Block(graph, variable, text[1:-1]))
                cursor.mark(".")
                start = cursor.start
            elif cursor.next().kind == "end":
                cursor.fail("expected `}`")
        self._plain(found, start)
        cursor.expect("}")
        return found

    def _plain(self, found: list[_Block], start: int) -> None:
        text = self.cursor.text[start : self.cursor.end]
        if self.cursor.end > start and text.strip():
            found.append(_Block(None, "", text))

    def _group(self) -> str:
        """The text of a group, from brace to brace."""
        cursor, depth, start = self.cursor, 0, self.cursor.start
        while True:
            token = cursor.next()
            depth += (token.text == "{" and token.kind == "mark") - (token.text == "}" and token.kind == "mark")
            if depth == 0:
                return cursor.text[start : cursor.end]
            if token.kind == "end":
                cursor.fail("expected `}`")

    def _management(self) -> Operation:
        cursor = self.cursor
        if self.graph is not None:
            cursor.fail("expected INSERT or DELETE: the update goes to one graph")
        action = _MANAGEMENT[cursor.next().text.upper()]
        silent = bool(cursor.word("SILENT"))
        if action == "create":
            cursor.expect_word("GRAPH")
            return Operation(action, target=cursor.iri(), silent=silent)
        if action in ("clear", "drop"):
            return Operation(action, target=self._graph(every=True), silent=silent)
        source = self._graph(every=False)
        cursor.expect_word("TO")
        return Operation(action, source=source, target=self._graph(every=False), silent=silent)

    def _graph(self, *, every: bool) -> Where:
        cursor = self.cursor
        if cursor.word("DEFAULT"):
            return None
        if every and cursor.word("NAMED"):
            return "NAMED"
        if every and cursor.word("ALL"):
            return "ALL"
        cursor.word("GRAPH")
        return cursor.iri()
