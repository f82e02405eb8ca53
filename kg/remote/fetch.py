"""Reads the triples of a server that match one pattern: the only questions that every server answers alike.

Three shapes: all triples with a predicate (and a value), those of some subjects, those with some values. Terms go in
batches of VALUES, long answers come in pages, and their number is checked, since a server may cut them silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Lock
from typing import TypeVar

from kg.remote.answers import SELECT_TYPES, read_answer, with_columns
from kg.remote.client import Client
from kg.remote.dialect import Dialect
from kg.remote.settings import shown
from kg.solutions import Solutions
from ontology.errors import QueryTooLarge, StoreError
from ontology.terms import IRI, BNode, Literal, Term, Triple

_PAGE = 10_000
_AT_ONCE = 4
_T = TypeVar("_T")
_COLUMN = re.compile(r"\?(\w+)(?=[ )])")

Predicates = tuple[IRI, ...] | None


class Fetcher:
    """Asks one server for triples. Safe for threads."""

    def __init__(self, client: Client, dialect: Dialect) -> None:
        self.client, self.dialect = client, dialect
        self.where = shown(client.settings.endpoint)
        self.requests = 0
        self._page = dialect.page or _PAGE
        self._pool: ThreadPoolExecutor | None = None
        self._lock = Lock()

    # --- what is asked -------------------------------------------------------------------------------------------

    def count(self, graph: IRI | None, predicate: IRI | None, value: Term | None = None) -> int:
        """How many triples match; an upper bound where the value cannot be named."""
        spelled = self.dialect.constants(value) if value is not None else None
        pattern = f"?s {'?p' if predicate is None else f'<{predicate}>'} {spelled[0] if spelled else '?o'}"
        rows = self.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {self._in(graph, pattern)} }}").rows
        return _number(rows[0][0]) if rows else 0

    def counts(self, graph: IRI | None) -> dict[IRI, int]:
        """How many triples each predicate has."""
        found = self.select(
            f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ {self._in(graph, '?s ?p ?o')} }} GROUP BY ?p", seconds=15.0
        )
        return {name: _number(number) for name, number in found.rows if isinstance(name, IRI)}

    def graphs(self) -> tuple[IRI, ...]:
        """Named graphs that hold triples."""
        found = self.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", paged=True).rows
        return tuple(row[0] for row in found if isinstance(row[0], IRI))

    def whole(self, graph: IRI | None, predicate: IRI | None, value: Term | None = None) -> Iterator[Triple]:
        """All triples with a predicate and value, page by page; a superset where the value cannot be named."""
        spelled = self.dialect.constants(value) if value is not None else None
        held = f"VALUES ?o {{ {' '.join(spelled)} }} " if spelled else ""
        step = "?p" if predicate is None else f"<{predicate}>"
        columns = "?s ?o" if predicate is not None else "?s ?p ?o"
        body = held + self._in(graph, f"?s {step} ?o")
        yield from self._pages(columns, body, predicate)

    def of_subjects(self, graph: IRI | None, subjects: Sequence[Term], predicates: Predicates) -> Iterator[Triple]:
        """All triples of some subjects, in batches that run side by side."""
        named, rest = self._named(subjects)
        yield from self._batches(graph, "?s", named, predicates)
        if rest:
            yield from self._nodes(graph, predicates, set(rest), 0)

    def of_values(self, graph: IRI | None, values: Sequence[Term], predicates: Predicates) -> Iterator[Triple]:
        """All triples with some values; a superset where a value cannot be named."""
        named, rest = self._named(values)
        yield from self._batches(graph, "?o", named, predicates)
        for predicate in (predicates or (None,)) if rest else ():
            yield from self.whole(graph, predicate)

    # --- how it is asked -----------------------------------------------------------------------------------------

    def _named(self, terms: Iterable[Term]) -> tuple[list[str], list[Term]]:
        named: list[str] = []
        rest: list[Term] = []
        for one in terms:
            spelled = self.dialect.constants(one)
            if spelled is None:
                rest.append(one)
            else:
                named += spelled
        return named, rest

    def _nodes(self, graph: IRI | None, predicates: Predicates, wanted: set[Term], at: int) -> Iterator[Triple]:
        """Triples of blank nodes that no pattern can name: all of blank nodes, of which those are chosen."""
        if not self.dialect.stable_nodes:
            raise StoreError(
                f"{self.where} holds blank nodes, which mean something else in each of its answers.",
                "Load the graph with `earthdex store push`, which gives them names.",
            )
        for predicate in predicates or (None,):
            step = "?p" if predicate is None else f"<{predicate}>"
            body = self._in(graph, f"?s {step} ?o . FILTER(isBlank(?s))")
            for triple in self._pages("?s ?o" if predicate is not None else "?s ?p ?o", body, predicate):
                if triple[at] in wanted:
                    yield triple

    def _batches(self, graph: IRI | None, name: str, named: list[str], predicates: Predicates) -> Iterator[Triple]:
        parts = [list(one) for one in _lots(named, self.dialect.values)]
        if len(parts) < 2:
            yield from chain.from_iterable(self._batch(graph, name, one, predicates) for one in parts)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="earthdex-store")
        for lot in _lots(parts, _AT_ONCE):
            for found in self._pool.map(lambda one: list(self._batch(graph, name, one, predicates)), lot):
                yield from found

    def _batch(self, graph: IRI | None, name: str, named: list[str], predicates: Predicates) -> Iterator[Triple]:
        values = f"VALUES {name} {{ {' '.join(named)} }} "
        if predicates is None:
            body, columns, only = self._in(graph, "?s ?p ?o"), "?s ?p ?o", None
        elif len(predicates) == 1:
            body, columns, only = self._in(graph, f"?s <{predicates[0]}> ?o"), "?s ?o", predicates[0]
        else:
            either = " UNION ".join(f"{{ ?s <{one}> ?o BIND(<{one}> AS ?p) }}" for one in predicates)
            body, columns, only = self._in(graph, either), "?s ?p ?o", None
        try:
            yield from list(self._pages(columns, values + body, only))
        except QueryTooLarge:
            if len(named) < 2:
                raise
            middle = len(named) // 2
            yield from self._batch(graph, name, named[:middle], predicates)
            yield from self._batch(graph, name, named[middle:], predicates)

    def _pages(self, columns: str, body: str, predicate: IRI | None) -> Iterator[Triple]:
        """The rows of a pattern as triples. Where a page is full, the next is asked, and the total is checked."""
        rows, full = self._page_of(f"SELECT {columns} WHERE {{ {body} }}", 0)
        if full:
            wanted = self.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {body} }}").rows
            total = _number(wanted[0][0])
            plain = f"SELECT {columns} WHERE {{ {body} }}"
            ordered = f"SELECT {columns} WHERE {{ {{ {plain} ORDER BY {columns} }} }}"
            rows = self._counted(plain, rows, total) or self._counted(ordered, [], total)
            if not rows:
                raise StoreError(f"{self.where} gave other triples on each page.", "Try again when nobody writes.")
        for row in rows:
            s, p, o = (row[0], predicate, row[1]) if predicate is not None else row
            if isinstance(s, (IRI, BNode)) and isinstance(p, IRI) and o is not None:
                yield s, p, o

    def _counted(self, query: str, rows: list[tuple[Term | None, ...]], total: int) -> list[tuple[Term | None, ...]]:
        """All pages of a query; nothing where they do not add up to the total of different rows."""
        found = dict.fromkeys(rows)
        offset = len(rows)
        while offset < total:
            more, _ = self._page_of(query, offset)
            if not more:
                break
            offset += len(more)
            found |= dict.fromkeys(more)
        return list(found) if len(found) == total else []

    def _page_of(self, query: str, offset: int) -> tuple[list[tuple[Term | None, ...]], bool]:
        size = self._page
        while True:
            tail = f" LIMIT {size}" + (f" OFFSET {offset}" if offset else "")
            found, most, cut = self._ask(query + tail)
            if not cut:
                break
            if size <= 100:
                raise QueryTooLarge(f"Triples of {self.where} are too large to be read.", "Ask for fewer of them.")
            size //= 8
        if most and most < self._page:
            self._page = most
        return list(found.rows), len(found.rows) >= size or bool(most)

    def select(self, query: str, *, paged: bool = False, seconds: float | None = None) -> Solutions:
        """The solutions of a query that has few.

        Raises:
            EarthdexError: as `kg.remote.client.Client.query`.
        """
        found, most, cut = self._ask(query, seconds)
        if cut or (most and not paged):
            raise QueryTooLarge(f"The answer of {self.where} is too large.", "Add conditions or a LIMIT.")
        return found

    def _ask(self, query: str, seconds: float | None = None) -> tuple[Solutions, int, bool]:
        """(solutions, rows at which the server says it cut them or 0, whether the answer was too large)."""
        with self._lock:
            self.requests += 1
        limit = self.client.settings.timeout if seconds is None else seconds
        reply = self.client.query(query, SELECT_TYPES, self.dialect.parameters(limit), seconds, may_cut=True)
        if state := self.dialect.flaw(reply.headers):
            raise QueryTooLarge(f"{self.where} stopped early ({state[:40]}).", "Add conditions, or give it more time.")
        if reply.cut:
            return Solutions((), ()), 0, True
        answer = read_answer(reply.body, self.where, self.dialect.own_label, self.dialect.normal)
        found = with_columns(answer, _COLUMN.findall(query.partition("WHERE")[0]), self.where)
        said = reply.headers.get("x-sparql-maxrows", "")
        return found, int(said) if said.isdigit() else 0, False

    def _in(self, graph: IRI | None, pattern: str) -> str:
        name = self.dialect.graph if graph is None else graph
        return f"{{ {pattern} }}" if name is None else f"GRAPH <{name}> {{ {pattern} }}"

    def close(self) -> None:
        """Ends threads and connections."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self.client.close()


def _lots(things: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (things[start : start + size] for start in range(0, len(things), size))


def _number(term: Term | None) -> int:
    value = term.to_python() if isinstance(term, Literal) else 0
    return int(value) if isinstance(value, (int, float)) else 0
