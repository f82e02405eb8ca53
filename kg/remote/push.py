"""Uploads to a server: triples in updates of a size that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.oxigraph import Quad
from kg.remote.dialect import Dialect
from kg.remote.terms import text_of

_MOST_BYTES = 2 * 2**20


def batches_of(quads: Iterable[Quad], dialect: Dialect) -> Iterator[str]:
    """Quads as INSERT DATA updates, each of one graph and of a size that the server takes.

    Raises:
        RecordError: a term that is none.
    """
    name: object = batches_of
    lines: list[str] = []
    size = 0
    for s, p, o, graph in quads:
        if lines and (graph != name or len(lines) >= dialect.insert or size > _MOST_BYTES):
            yield _insert(lines, name, dialect)
            lines, size = [], 0
        name = graph
        lines.append(f"{text_of(s)} {text_of(p)} {text_of(o, dialect.encode)} .")
        size += len(lines[-1])
    if lines:
        yield _insert(lines, name, dialect)


def _insert(lines: list[str], graph: object, dialect: Dialect) -> str:
    where = dialect.graph if graph is None else graph
    body = "\n".join(lines)
    return f"INSERT DATA {{ {body} }}" if where is None else f"INSERT DATA {{ GRAPH <{where}> {{ {body} }} }}"
