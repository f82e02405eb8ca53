"""Text -> `Query`: a recursive reader of SPARQL 1.1, a few milliseconds where a general parser takes dozens.

The store parses every query itself; what this reader does not know ends in a syntax error that says so, never in
another meaning. `kg.guard.inspect` bounds the depth first.
"""

from __future__ import annotations

from dataclasses import replace

from kg.sparql.cursor import RDF, Cursor
from kg.sparql.expressions import Expressions
from kg.sparql.paths import read_path
from kg.sparql.syntax import (
    Bind,
    Column,
    Element,
    Expr,
    Filter,
    GraphGroup,
    Group,
    LateralGroup,
    MinusGroup,
    Node,
    OptionalGroup,
    Order,
    Query,
    Select,
    SubSelect,
    Triple,
    UnionGroups,
    Values,
    Var,
)
from ontology.terms import IRI

_NIL, _FIRST, _REST = IRI(RDF + "nil"), IRI(RDF + "first"), IRI(RDF + "rest")


def read_query(text: str) -> Query:
    """Reads a query.

    Raises:
        QuerySyntaxError: with line and column.
    """
    return _Reader(Cursor(text)).query()


class _Reader:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.expressions = Expressions(cursor, lambda _: self._group())

    # --- forms -------------------------------------------------------------------------------------------------

    def query(self) -> Query:
        cursor = self.cursor
        self._prologue()
        prologue = cursor.text[: cursor.start]
        form = cursor.word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
        template: tuple[Triple, ...] = ()
        described: tuple[Node, ...] = ()
        if form == "SELECT":
            select, dataset = self._select()
        elif form == "ASK":
            dataset = self._dataset()
            select = self._modifiers(Select(None, self._where()))
        elif form == "CONSTRUCT":
            template, select, dataset = self._construct()
        elif form == "DESCRIBE":
            described, select, dataset = self._describe()
        else:
            cursor.fail("expected SELECT, ASK, CONSTRUCT or DESCRIBE")
        if cursor.peek().kind != "end":
            cursor.fail("expected the end of the query")
        return Query(form, select, cursor.text, prologue, dataset, template, described)

    def _prologue(self) -> None:
        cursor = self.cursor
        while word := cursor.word("PREFIX", "BASE"):
            if word == "BASE":
                cursor.base = cursor.iri()
                continue
            token = cursor.next()
            if token.kind != "name" or not token.text.endswith(":"):
                cursor.at -= 1
                cursor.fail("expected a prefix such as `ed:`")
            cursor.prefixes[token.text[:-1]] = cursor.iri()

    def _dataset(self) -> bool:
        found = False
        while self.cursor.word("FROM"):
            self.cursor.word("NAMED")
            self.cursor.iri()
            found = True
        return found

    def _select(self) -> tuple[Select, bool]:
        cursor = self.cursor
        distinct = bool(cursor.word("DISTINCT", "REDUCED"))
        columns: list[Column] | None = []
        if cursor.mark("*"):
            columns = None
        while columns is not None and (cursor.is_variable() or cursor.is_mark("(")):
            if cursor.mark("("):
                expr = self.expressions.expression()
                cursor.expect_word("AS")
                columns.append(Column(cursor.variable(), expr))
                cursor.expect(")")
            else:
                columns.append(Column(cursor.variable()))
        if columns == []:
            cursor.fail("expected variables or `*`")
        dataset = self._dataset()
        select = Select(None if columns is None else tuple(columns), self._where(), distinct)
        return self._modifiers(select), dataset

    def _construct(self) -> tuple[tuple[Triple, ...], Select, bool]:
        cursor = self.cursor
        if cursor.is_mark("{"):
            template = self._group()
            dataset = self._dataset()
            return tuple(template.triples()), self._modifiers(Select(None, self._where())), dataset
        dataset = self._dataset()
        where = self._where()
        return tuple(where.triples()), self._modifiers(Select(None, where)), dataset

    def _describe(self) -> tuple[tuple[Node, ...], Select, bool]:
        cursor = self.cursor
        described: list[Node] = []
        everything = bool(cursor.mark("*"))
        while not everything and (cursor.is_variable() or cursor.is_iri()):
            described.append(cursor.variable() if cursor.is_variable() else cursor.iri())
        dataset = self._dataset()
        where = self._where() if cursor.is_mark("{") or cursor.is_word("WHERE") else Group(())
        return tuple(described), self._modifiers(Select(None, where)), dataset

    def _where(self) -> Group:
        self.cursor.word("WHERE")
        return self._group()

    def _modifiers(self, select: Select) -> Select:
        cursor = self.cursor
        if cursor.word("GROUP"):
            cursor.expect_word("BY")
            select = replace(select, group_by=self._group_by())
        if cursor.word("HAVING"):
            having = [self.expressions.constraint()]
            while cursor.is_mark("(") or (cursor.peek().kind == "word" and cursor.peek(1).text == "("):
                having.append(self.expressions.constraint())
            select = replace(select, having=tuple(having))
        if cursor.word("ORDER"):
            cursor.expect_word("BY")
            select = replace(select, order=self._order())
        while word := cursor.word("LIMIT", "OFFSET"):
            count = int(cursor.number().value)
            select = replace(select, limit=count) if word == "LIMIT" else replace(select, offset=count)
        if cursor.word("VALUES"):
            select = replace(select, values=self._values())
        return select

    def _group_by(self) -> tuple[tuple[Expr, Var | None], ...]:
        cursor = self.cursor
        found: list[tuple[Expr, Var | None]] = []
        while True:
            if cursor.is_variable():
                found.append((cursor.variable(), None))
            elif cursor.mark("("):
                expr = self.expressions.expression()
                found.append((expr, cursor.variable() if cursor.word("AS") else None))
                cursor.expect(")")
            elif cursor.is_iri() or (cursor.peek().kind == "word" and cursor.peek(1).text == "("
                                     and not cursor.is_word("HAVING")):  # fmt: skip
                found.append((self.expressions.constraint(), None))
            else:
                break
        if not found:
            cursor.fail("expected what to group by")
        return tuple(found)

    def _order(self) -> tuple[Order, ...]:
        cursor = self.cursor
        found: list[Order] = []
        while True:
            if way := cursor.word("ASC", "DESC"):
                found.append(Order(self.expressions.constraint(), way == "DESC"))
            elif cursor.is_variable():
                found.append(Order(cursor.variable()))
            elif cursor.is_mark("(") or cursor.is_iri() or (cursor.peek().kind == "word"
                                                            and cursor.peek(1).text == "("):  # fmt: skip
                found.append(Order(self.expressions.constraint()))
            else:
                break
        if not found:
            cursor.fail("expected what to order by")
        return tuple(found)

    # --- groups ------------------------------------------------------------------------------------------------

    def _group(self) -> Group:
        cursor = self.cursor
        start = cursor.start
        cursor.expect("{")
        if cursor.word("SELECT"):
            select, _ = self._select()
            cursor.expect("}")
            return Group((SubSelect(select),), start, cursor.end)
        elements: list[Element] = []
        while not cursor.mark("}"):
            if cursor.mark("."):
                continue
            if cursor.peek().kind == "end":
                cursor.fail("expected `}`")
            elements += self._element()
        return Group(tuple(elements), start, cursor.end)

    def _element(self) -> list[Element]:
        cursor = self.cursor
        start = cursor.start
        if cursor.is_mark("{"):
            groups = [self._group()]
            while cursor.word("UNION"):
                groups.append(self._group())
            return [UnionGroups(tuple(groups))]
        match cursor.word("OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES", "LATERAL"):
            case "OPTIONAL":
                return [OptionalGroup(self._group())]
            case "MINUS":
                return [MinusGroup(self._group())]
            case "LATERAL":
                return [LateralGroup(self._group())]
            case "GRAPH":
                name = cursor.variable() if cursor.is_variable() else cursor.iri()
                return [GraphGroup(name, self._group())]
            case "FILTER":
                expr = self.expressions.constraint()
                return [Filter(expr, start, cursor.end)]
            case "BIND":
                cursor.expect("(")
                expr = self.expressions.expression()
                cursor.expect_word("AS")
                var = cursor.variable()
                cursor.expect(")")
                return [Bind(expr, var, start, cursor.end)]
            case "VALUES":
                return [self._values()]
        return list(self._triples())

    def _values(self) -> Values:
        cursor = self.cursor
        if cursor.is_variable():
            variable = cursor.variable()
            cursor.expect("{")
            rows = []
            while not cursor.mark("}"):
                rows.append((self._data(),))
            return Values((variable,), tuple(rows))
        cursor.expect("(")
        variables = []
        while not cursor.mark(")"):
            variables.append(cursor.variable())
        cursor.expect("{")
        found: list[tuple[Node | None, ...]] = []
        while not cursor.mark("}"):
            cursor.expect("(")
            row: list[Node | None] = []
            while not cursor.mark(")"):
                row.append(self._data())
            if len(row) != len(variables):
                cursor.fail("a row of VALUES with another number of values")
            found.append(tuple(row))
        return Values(tuple(variables), tuple(found))

    def _data(self) -> Node | None:
        if self.cursor.word("UNDEF"):
            return None
        found = self.cursor.iri() if self.cursor.is_iri() else self.cursor.literal()
        if found is None:
            self.cursor.fail("expected a value")
        return found

    # --- triples -----------------------------------------------------------------------------------------------

    def _triples(self) -> list[Triple]:
        out: list[Triple] = []
        node_first = self.cursor.is_mark("[", "(")
        subject = self._node(out)
        if node_first and self.cursor.is_mark(".", "}"):
            return out
        self._property_list(subject, out)
        return out

    def _property_list(self, subject: Node, out: list[Triple]) -> None:
        cursor = self.cursor
        while True:
            path = cursor.variable() if cursor.is_variable() else read_path(cursor)
            while True:
                value = self._node(out)
                out.append(Triple(subject, path, value))
                if not cursor.mark(","):
                    break
            if not cursor.mark(";"):
                return
            while cursor.mark(";"):
                pass
            if cursor.is_mark(".", "}", "]") or not (
                cursor.is_variable() or cursor.is_iri() or cursor.is_mark("^", "!", "(") or cursor.peek().text == "a"
            ):
                return

    def _node(self, out: list[Triple]) -> Node:
        cursor = self.cursor
        if cursor.mark("["):
            node = cursor.fresh()
            if not cursor.mark("]"):
                self._property_list(node, out)
                cursor.expect("]")
            return node
        if cursor.mark("("):
            return self._collection(out)
        found = cursor.term()
        if found is None:
            cursor.fail("expected a variable, IRI or literal")
        return found

    def _collection(self, out: list[Triple]) -> Node:
        items = []
        while not self.cursor.mark(")"):
            items.append(self._node(out))
        rest: Node = _NIL
        for item in reversed(items):
            node = self.cursor.fresh()
            out += [Triple(node, _FIRST, item), Triple(node, _REST, rest)]
            rest = node
        return rest
