"""Checks that need several records: identifiers and names that stand twice, references that go round in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ingest.names import Names
from ingest.problems import Problem
from ingest.reader import Record
from ontology.namespaces import slug

CHAINS = {"dataset": ("derived_from",), "model": ("initialised_from",)}


def check_duplicates(checked: Iterable[Record], others: Iterable[Record]) -> Iterator[Problem]:
    """Ids and names that another record has too.

    Args:
        checked: records that are reported.
        others: records they are compared with; the same file may be among them.
    """
    checked = list(checked)
    ids: dict[tuple[str, str], Record] = {}
    titles: dict[tuple[str, str], Record] = {}
    for record in [*others, *checked]:
        ids.setdefault((record.kind, record.id), record)
        titles.setdefault((record.kind, slug(record.text("name"))), record)
    for record in checked:
        found = ids[record.kind, record.id]
        if not _same_file(found, record):
            line, column = record.keys.get("id", (1, 1))
            message = f"The id '{record.id}' belongs to {_where(found)} already."
            remedy = "Choose another id; or, to correct that record, edit its file."
            yield Problem(record.origin, line, column, message, remedy, "duplicate")
            continue
        name = record.text("name")
        found = titles[record.kind, slug(name)]
        if not _same_file(found, record) and found.id != record.id:
            line, column = record.keys.get("name", (1, 1))
            message = f"The name '{name[:80]}' belongs to the record '{found.id}' already ({_where(found)})."
            remedy = "If it is the same thing, edit that record; else make the name more precise."
            yield Problem(record.origin, line, column, message, remedy, "duplicate")


def check_circles(checked: Iterable[Record], others: Iterable[Record], names: Names) -> Iterator[Problem]:
    """Records that derive from themselves by way of others; each circle is reported once."""
    checked = list(checked)
    records: dict[str, Record] = {str(one.iri): one for one in (*others, *checked)}
    links = {iri: _targets(record, names) for iri, record in records.items()}
    reported: set[frozenset[str]] = set()
    for record in checked:
        circle = _circle(str(record.iri), links)
        if len(circle) > 1 and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            key = CHAINS[record.kind][0]
            line, column = record.keys.get(key, (1, 1))
            path = " -> ".join(records[iri].id for iri in (*circle, circle[0]))
            remedy = "Keep the links that go from the later record to the earlier one."
            yield Problem(record.origin, line, column, f"'{key}' goes round in a circle: {path}.", remedy, "circle")


def _targets(record: Record, names: Names) -> tuple[str, ...]:
    found = []
    for key in CHAINS[record.kind]:
        for fact in record.all(key):
            value = fact.value
            target = names.record(record.kind, str(value["name"] if isinstance(value, Mapping) else value))
            if target is not None and target != record.iri:
                found.append(str(target))
    return tuple(found)


def _circle(start: str, links: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A way from a record back to itself, without walking any record twice; empty where there is none."""
    came_from: dict[str, str] = {}
    todo = [start]
    while todo:
        here = todo.pop()
        for target in links.get(here, ()):
            if target == start:
                way = [here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if target not in came_from:
                came_from[target] = here
                todo.append(target)
    return []


def _same_file(one: Record, other: Record) -> bool:
    return one is other or _file(one.origin) == _file(other.origin)


def _file(origin: str) -> str:
    return str(Path(origin).resolve())


def _where(record: Record) -> str:
    return Path(record.origin).name
