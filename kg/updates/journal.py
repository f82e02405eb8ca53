"""The journal of updates: what they added to the graph and took from it, beside what sources say.

Each publication writes one segment, a file of lines that is never changed: `+` or `-`, then a quad in N-Quads, or
`GRAPH <iri>` for a named graph that may be empty. The last line about a quad counts: the graph of a version is all that
its sources say, without what the journal removed, with what it added. So the built-in catalogue may be replaced, a
source added or the graph built again: what was updated stays as it was left. Segments are merged as they grow many,
smaller ones before larger ones, so that each line is written a few times at most.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kg.layout import sync_folder
from ontology.errors import StoreCorrupt
from ontology.terms import IRI

SUFFIX = ".changes"
GRAPH = b"GRAPH "
_MOST_SEGMENTS = 24
_LEAST_MERGED = 12


@dataclass(slots=True)
class Changes:
    """Lines in the order in which they came; a later one about the same takes the place of an earlier one."""

    lines: dict[bytes, bool] = field(default_factory=dict)

    def note(self, line: bytes, *, added: bool) -> None:
        """Notes one line, with its line feed."""
        self.lines.pop(line, None)
        self.lines[line] = added

    def extend(self, added: Iterable[bytes], removed: Iterable[bytes]) -> None:
        """Notes quads that were removed, then those that were added."""
        for one in removed:
            self.note(one, added=False)
        for one in added:
            self.note(one, added=True)

    def quads(self, *, added: bool) -> bytes:
        """The quads that were added, or removed, at last."""
        return b"".join(line for line, new in self.lines.items() if new is added and not line.startswith(GRAPH))

    def graphs(self) -> Iterator[tuple[IRI, bool]]:
        """Named graphs that were made (True) or dropped."""
        for line, new in self.lines.items():
            if line.startswith(GRAPH):
                yield IRI(line[len(GRAPH) + 1 : -2].decode()), new

    def to_bytes(self) -> bytes:
        """As a segment holds it."""
        return b"".join((b"+" if new else b"-") + line for line, new in self.lines.items())


def graph_line(graph: IRI) -> bytes:
    """The line of a named graph."""
    return GRAPH + f"<{graph}>\n".encode()


def read(folder: Path, names: Sequence[str]) -> Changes:
    """What segments hold together.

    Raises:
        StoreCorrupt: one is missing or damaged.
    """
    found = Changes()
    for name in names:
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            raise StoreCorrupt(
                f"A part of what was updated is missing: {name}.", "Restore a backup with `earthdex restore`."
            ) from error
        if hashlib.sha256(data).hexdigest()[:16] != Path(name).stem.rpartition("-")[2]:
            raise StoreCorrupt(f"A part of what was updated is damaged: {name}.", "Restore a backup.")
        for line in data.splitlines(keepends=True):
            found.note(line[1:], added=line[:1] == b"+")
    return found


def append(folder: Path, names: Sequence[str], made: Changes) -> tuple[str, ...]:
    """Writes a segment, durably, and merges old ones where there are many; returns the names of all that count."""
    kept = list(names)
    kept.append(_write(folder, made.to_bytes()))
    if len(kept) > _MOST_SEGMENTS:
        begin, size = len(kept), 0
        while begin and (len(kept) - begin < _LEAST_MERGED or _size(folder, kept[begin - 1]) <= 2 * size):
            begin -= 1
            size += _size(folder, kept[begin])
        kept[begin:] = [_write(folder, read(folder, kept[begin:]).to_bytes())]
    return tuple(kept)


def _size(folder: Path, name: str) -> int:
    with suppress(OSError):
        return (folder / name).stat().st_size
    return 0


def _write(folder: Path, data: bytes) -> str:
    handle, draft = tempfile.mkstemp(suffix=".draft", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    token = os.urandom(6).hex()
    name = f"{token}-{hashlib.sha256(data).hexdigest()[:16]}{SUFFIX}"
    os.replace(draft, folder / name)
    sync_folder(folder)
    return name
